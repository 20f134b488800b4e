"""Messages between dataclasses and the wire: what goes out is validated, what comes in is typed.

This is the one place where the generated codecs, the schemas and the error tree meet; SOAP and the
FlexAPI form differ only in what they wrap around it.
"""

from __future__ import annotations

import logging
import os
import re
import threading
from collections.abc import Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar, Token
from typing import TypeVar

from lxml import etree

from esignwire._call import Call, unexpected
from esignwire._codec.arguments import name_of_kind
from esignwire._codec.operations import Operation
from esignwire._codec.reading import Reader, Unreadable, mentions_nil
from esignwire._codec.writing import Message, Unwritable
from esignwire._documents import ReceivedDocument
from esignwire._forks import Lock
from esignwire._xml import Element, schema, validate
from esignwire.errors import InvalidRequest

__all__ = ["StrictReading", "read_response", "write_request"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")

_logger = logging.getLogger("esignwire")
_is_strict: ContextVar[bool] = ContextVar("is_strict", default=False)
_told: set[tuple[str, str]] = set()
_told_lock = Lock()
_TOLD_LIMIT = 10_000
_MOST_BITS = 128
# Longer messages get a parser of their own: libxml2's tables grow with what they see.
_LONGEST_KEPT = 256 * 1024
# A path begins with the message, whatever is wrapped around it.
_AROUND_MESSAGE = "Envelope/Body/"


def _own_parser() -> etree.XMLParser:
    # A text in what we wrote ourselves may be as long as the user likes.
    return etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)


class _Own(threading.local):
    """The parser of short messages, one for each thread: to make it takes a while."""

    def __init__(self) -> None:
        self.parser = _own_parser()


_own = _Own()


class StrictReading(AbstractContextManager[None]):
    """A context in which what the schema does not know, or cannot be read, is an error.

    In production a name that the schema does not know is logged once and left aside, and so is an
    optional value that cannot be read: a vendor's addition breaks no program. Tests want to hear
    of it.
    """

    def __init__(self) -> None:
        self._token: Token[bool] | None = None

    def __enter__(self) -> None:
        self._token = _is_strict.set(True)

    def __exit__(self, *_: object) -> None:
        if self._token is not None:
            _is_strict.reset(self._token)


def write_request(
    operation: Operation[_Request, _Response], request: _Request, call: Call, vendor: str
) -> tuple[Message, Element]:
    """Writes a request, validates it against its schema, and returns its text as an element too.

    A token stands for each document in both. ``vendor`` is the folder of schemas.

    Raises:
        InvalidRequest: A value has the wrong type, cannot be carried by XML, or breaks a rule of
            the schema.
    """
    message = _encoded(operation, request, call)
    if isinstance(message, InvalidRequest):
        raise message
    is_short = len(message.text) <= _LONGEST_KEPT
    element = etree.fromstring(message.text, _own.parser if is_short else _own_parser())
    validate(element, schema(f"{vendor}/{operation.schema}"), call)
    return message, element


def _encoded(
    operation: Operation[_Request, _Response], request: _Request, call: Call
) -> Message | InvalidRequest:
    """The message, or the error for it, which has no context: that would hold the value."""
    try:
        return operation.encode(request)
    except Unwritable as error:
        name = error.path.rpartition("/")[2].partition("[")[0].removeprefix("@")
        is_octets = isinstance(error.value, bytes | bytearray)
        is_secret = error.is_secret or is_octets or name in call.sensitive
        value = None if is_secret else _shown(error.value)
        given = "" if value is None else f"; {value} was given"
        if value is None and not isinstance(error.value, str | bytes | bytearray | os.PathLike):
            given = f"; {name_of_kind(error.value)} was given"
        return InvalidRequest(
            f"{error.path or operation.name} must be {error.rule}{given}: correct it and call"
            " again; nothing was sent",
            path=error.path or None,
            value=value,
            rule=f"must be {error.rule}",
            **call.where,
        )


def _shown(value: object) -> str:
    """Shows a refused value without what it may hold: a message must not print a whole document."""
    if value is None or isinstance(value, float) or _is_short(value):
        return repr(value)
    if isinstance(value, str):
        # A class derived from str may print itself otherwise.
        text = str.__str__(value)
        return ascii(text if len(text) <= 60 else text[:57] + "...")
    return f"a {type(value).__name__}"


def _is_short(value: object) -> bool:
    # Python refuses to write a number of thousands of digits.
    return isinstance(value, int) and value.bit_length() <= _MOST_BITS


def read_response(
    operation: Operation[_Request, _Response],
    root: Element,
    call: Call,
    namespaces: frozenset[str],
    http_status: int | None,
    documents: Mapping[str, ReceivedDocument] | None = None,
) -> _Response:
    """Reads an answer, whose documents stand in it as tokens, into its dataclass.

    Raises:
        UnexpectedResponse: Another message than was due, or one that does not fit its type.
    """
    if root.tag != operation.response_tag:
        _require_ours(root.tag, operation.response_tag, call, namespaces, http_status)
    reader = Reader(namespaces, documents, has_nil=mentions_nil(root))
    try:
        response = operation.decode(root, reader)
    except Unreadable as error:
        path = error.path.removeprefix(_AROUND_MESSAGE)
        what = f"{path}: {error.rule}; the answer does not fit the schema"
        raise unexpected(what, path, call, http_status) from error
    if reader.unknown:
        unknown = [path.removeprefix(_AROUND_MESSAGE) for path in reader.unknown]
        _tell(unknown, call, http_status)
    return response


def _require_ours(
    tag: str, response_tag: str, call: Call, namespaces: frozenset[str], http_status: int | None
) -> None:
    """Refuses an answer that is not the one that was due, in any namespace of the vendor's."""
    due = etree.QName(response_tag)
    found = etree.QName(tag)
    is_ours = not found.namespace or found.namespace in namespaces
    if found.localname != due.localname or not is_ours:
        raise unexpected(
            f"the answer is a {found.localname}, where a {due.localname} of {due.namespace} was"
            " due: check that the URL is that of the vendor's service",
            found.localname,
            call,
            http_status,
        )


def _tell(unknown: list[str], call: Call, http_status: int | None) -> None:
    if _is_strict.get():
        what = f"the answer holds {', '.join(unknown)}, which does not fit the schema"
        raise unexpected(what, unknown[0], call, http_status)
    for path in unknown:
        # Once for each name, whichever item of a list it came with.
        key = (call.operation, re.sub(r"\[\d+\]", "", path))
        with _told_lock.held:
            if key in _told or len(_told) >= _TOLD_LIMIT:
                continue
            _told.add(key)
        _logger.warning(
            "%s %s: the answer holds %s, which does not fit the schema; it was left aside",
            call.vendor,
            call.operation,
            path,
        )
