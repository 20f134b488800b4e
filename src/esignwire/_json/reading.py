"""Reading of JSON: strict, whole, and not too deep."""

from __future__ import annotations

import json
import re
from typing import NoReturn

from esignwire._call import Call, unusable
from esignwire.errors import (
    EmptyResponse,
    EncodingError,
    MalformedResponse,
    ResponseTooDeep,
    ResponseTooLarge,
    TruncatedResponse,
    UnexpectedContent,
)

__all__ = ["decode", "parse"]

_DEEPEST = 100
# Each takes fifty bytes and more, a model hundreds, whatever its length in the answer.
_MOST_TOKENS = 1_000_000

# Strings are skipped as a whole, so that a bracket in a text does not count. The bytes of a file as
# numbers count as one, since Python makes no objects of them.
_TOKEN = re.compile(
    r'"(?:[^"\\]++|\\.)*+(?P<end>"?)|(?P<open>[\[{])|(?P<close>[\]}])'
    r"|(?:\d\d?, ?|1\d\d, ?|2[0-4]\d, ?|25[0-5], ?)++|[-\d][\d.eE+-]*",
    re.DOTALL,
)

_LITERALS = ("true", "false", "null")

_LITERAL_START = re.compile(r"[a-z]+")


def decode(content: bytes, call: Call, http_status: int) -> str:
    """Decodes a body; its text has no blanks around it and no byte order mark, and is never empty.

    Raises:
        EncodingError: The bytes are not UTF-8.
        EmptyResponse: There is nothing but blanks.
    """
    failure: EncodingError | None = None
    text = ""
    try:
        text = content.decode("utf-8-sig").strip()
    except UnicodeDecodeError as error:
        what = f"the answer cannot be read: byte {error.start} is not UTF-8"
        failure = unusable(EncodingError, what, call, http_status)
    if failure is not None:
        # Raised in the clause above, it would keep the decoder's error as its context, and that
        # holds the whole answer.
        raise failure
    if not text:
        raise unusable(EmptyResponse, "the answer is empty where JSON was due", call, http_status)
    return text


def parse(text: str, call: Call, http_status: int) -> object:
    """Parses the JSON that ``decode`` returned.

    Raises:
        UnexpectedContent: Something else than JSON, such as an HTML page.
        ResponseTooDeep: Nested more than 100 deep.
        ResponseTooLarge: More texts, brackets and numbers than any list needs.
        TruncatedResponse: JSON that ends before it is complete.
        MalformedResponse: JSON that breaks the rules in another way, or an object whose member has
            two values.
    """
    if not _is_json_start(text):
        what = "an HTML or XML page" if text.startswith("<") else "a text"
        raise unusable(
            UnexpectedContent,
            f"the answer is {what}, where JSON was due: check that the URL is that of the"
            " vendor's service",
            call,
            http_status,
        )
    is_whole = _is_whole(text, call, http_status)
    try:
        value: object = json.loads(
            text, parse_constant=_refuse_constant, object_pairs_hook=_members
        )
    except (ValueError, RecursionError) as error:
        if is_whole:
            place = f" at line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
            what = f"the answer is not well-formed JSON{place}"
            failure = unusable(MalformedResponse, what, call, http_status)
        else:
            what = "the JSON ends before it is complete"
            failure = unusable(TruncatedResponse, what, call, http_status)
    else:
        return value
    # Raised outside of the clause, since the parser's error holds the whole answer.
    raise failure


def _is_json_start(text: str) -> bool:
    if text[0] in '{["-0123456789':
        return True
    word = _LITERAL_START.match(text)
    return word is not None and any(
        literal.startswith(word[0]) and word.end() in {len(text), len(literal)}
        for literal in _LITERALS
    )


def _is_whole(text: str, call: Call, http_status: int) -> bool:
    depth = 0
    for count, token in enumerate(_TOKEN.finditer(text)):
        if count >= _MOST_TOKENS:
            what = f"the answer has more than {_MOST_TOKENS:,} texts, brackets and numbers"
            raise unusable(ResponseTooLarge, what, call, http_status)
        if token["open"]:
            depth += 1
            if depth > _DEEPEST:
                raise unusable(
                    ResponseTooDeep,
                    f"the answer is nested more than {_DEEPEST} deep",
                    call,
                    http_status,
                )
        elif token["close"]:
            depth -= 1
        elif token["end"] == "":
            return False
    return depth <= 0 and not any(
        literal.startswith(text) and literal != text for literal in _LITERALS
    )


def _members(pairs: list[tuple[str, object]]) -> dict[str, object]:
    members = dict(pairs)
    if len(members) < len(pairs) and any(members[name] != value for name, value in pairs):
        raise ValueError("a member has two values")
    return members


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
