"""Replies to SubmitAjax, read into outcomes that claim no more than the reply says.

Nothing of the JSON is documented. In the single form it alone tells whether the command succeeded,
so an error is known by evident marks only:

- at the top, or in an item of a list at the top: a true, full member ``error``, ``errors``,
  ``exception``, ``fault``, ``failure``, ``failed``, or one such as ``errorMessage``; ``success`` or
  ``ok`` that is false or 0; ``status`` or ``result`` that is false or a text such as ``error``; a
  ``statusCode`` or ``responseCode`` that is neither 0 nor 1, the vendor's own scale; an
  ``objectType`` that begins or ends with ``Error`` or ``Exception``;
- ``false`` alone;
- a text that begins with ``error``, ``failed``, ``failure`` or the name of an exception, as JSON,
  as an element or by itself, and a page of HTML;
- broken JSON in which such a member stands.

In the multi form each answer has a code too, and is a success where code and JSON agree.

Names count in any case, and each of two members of one name counts. An empty reply tells nothing,
so that nothing is claimed of it. Everything else is the success that the status says it is; the
text stays with the outcome, whose ``is_json`` says whether it could be read.

A warning is known by the sentences that the vendor prints, wherever in a reply they stand.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import pydantic_core
from pydantic import JsonValue

from esignwire._secrets import QuotedSecrets
from esignwire.errors import UnexpectedResponse
from esignwire.signix.commands import Command
from esignwire.signix.outcomes import (
    Failed,
    NotRun,
    Outcome,
    Reply,
    RolledBack,
    SingleOutcome,
    Succeeded,
    TransactionWarning,
)
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.types.submit_ajax import (
    ResponseType,
    SubmitAjaxRq,
    SubmitAjaxRs,
)

__all__ = ["read_batch", "read_single"]

_SUCCESS = 0

_WARNING = 1

_PARTIAL_SUCCESS = 2

_SUCCESS_CODES = frozenset({_SUCCESS, _WARNING})

_ERROR_TEXT = re.compile(
    r"[\s\ufeff\"'\[]*(?:<?(?!no_?error)[\w.$]{0,200}?(?:error|exception)\b|fail(?:ed|ure)?\b"
    r"|<(?:!doctype\s+)?html\b)",
    re.IGNORECASE,
)

_ERROR_TYPE = re.compile(r"(?:Error|Exception).*|.*(?:Error|Exception)|error|exception", re.DOTALL)

_ERROR_MEMBERS = frozenset(
    {
        "error",
        "errors",
        "exception",
        "fault",
        "failure",
        "failed",
        "haserror",
        "haserrors",
        "iserror",
        *(f"error{what}" for what in ("code", "count", "description", "message", "msg", "text")),
    }
)

_NO_ERROR = frozenset({"", "0", "false", "no", "none", "null"})

_SUCCESS_MEMBERS = frozenset({"success", "ok"})

_STATUS_MEMBERS = frozenset({"status", "result"})

_CODE_MEMBERS = frozenset({"statuscode", "responsecode"})

_TYPE_MEMBER = "objecttype"

_ERROR_STATUSES = frozenset({"error", "exception", "fail", "failed", "failure", "false"})

_FALSE = frozenset({"false", "0", "0.0", "no"})

_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?", re.ASCII)

# One member of broken JSON: its name and its value as far as it goes.
_MEMBER = re.compile(
    r"""(?<![A-Za-z0-9_])(?P<name>[A-Za-z]{1,40})["']?\s{0,9}:\s{0,9}"""
    r"""(?:"(?P<double>[^"]*)|'(?P<single>[^']*)|(?P<opened>[\[{]\s{0,9}[^\s\]}])"""
    r"""|(?P<bare>[^\s"',\[\]{}]+))"""
)

_DESCRIBES_NOTHING = frozenset({"", "success"})

# Members that are known, or likely, to hold words.
_WORDS = re.compile(r".*(?:message|msg|text|desc|description|reason|detail|details)", re.IGNORECASE)

_LONGEST_TEXT = 1000

# Printed: "has already been suspended", "has already been completed", "has expired" and, with a
# word missing, "has cancelled". The corrected sentence is matched too.
_WARNING_TEXT = re.compile(
    r"this\s+transaction\s+(?:has|is|was)\s+(?:already\s+)?(?:been\s+)?"
    r"(?P<state>suspended|completed?|expired|cancell?ed)\s+and\s+cannot\s+be\s+"
    r"(?:suspended|resumed|cancell?ed)",
    re.IGNORECASE,
)

_KINDS = {
    "suspended": TransactionWarning.ALREADY_SUSPENDED,
    "complete": TransactionWarning.ALREADY_COMPLETED,
    "completed": TransactionWarning.ALREADY_COMPLETED,
    "expired": TransactionWarning.EXPIRED,
    "cancelled": TransactionWarning.ALREADY_CANCELLED,
    "canceled": TransactionWarning.ALREADY_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class _Warned:
    """A warning and the whole text in which it stands."""

    kind: TransactionWarning
    text: str


def read_single(answer: SubmitAjaxRs, command: Command, sent: SubmitAjaxRq) -> SingleOutcome:
    """Reads the answer to a single command.

    Args:
        answer: The answer; its status is 0, 1 or 2.
        command: The command.
        sent: The message that was sent, whose secrets the vendor may quote.

    Returns:
        How it ended. A status of 2 is a failure, with the JSON or without it.

    Raises:
        UnexpectedResponse: The answer is in another form, or a status of success came alone or
            with an empty reply.
    """
    code, text = answer.status.status_code, answer.status.status_desc
    data = answer.data
    if data is not None and data.responses is not None:
        raise _unexpected(
            answer, "one command was sent, and several answers came", "SubmitAjaxRs/Data/Responses"
        )
    reply = None if data is None or data.response is None else _read_reply(data.response)
    secrets = QuotedSecrets.of(sent)
    warned = _find_warning([text, *_texts_of(reply)])
    if code not in _SUCCESS_CODES:
        return _failed(command, reply, code, text, warned, secrets)
    if code == _SUCCESS and (reply is None or not reply.raw.strip("\ufeff \t\r\n")):
        is_missing = "missing" if reply is None else "empty"
        raise _unexpected(
            answer, f"the answer to the command is {is_missing}", "SubmitAjaxRs/Data/Response"
        )
    # A warning that the vendor words outweighs the marks of an error in the JSON.
    is_plain_warning = code == _WARNING and warned is not None
    if reply is not None and _tells_of_error(reply) and not is_plain_warning:
        return _failed(command, reply, code, text, warned, secrets)
    if warned is None and code == _WARNING:
        warned = _Warned(TransactionWarning.OTHER, text or "")
    return _succeeded(command, reply, warned, secrets)


def read_batch(
    answer: SubmitAjaxRs, commands: Sequence[Command], sent: SubmitAjaxRq
) -> tuple[Outcome, ...]:
    """Reads the answer to several commands.

    Args:
        answer: The answer; its status is 0, 1 or 2.
        commands: The commands, in the order in which they were sent.
        sent: The message that was sent, whose secrets the vendor may quote.

    Returns:
        How each ended, in the same order. A warning that only the status as a whole carries
        stands with every command.

    Raises:
        UnexpectedResponse: The answers do not fit the commands, or contradict the status.
    """
    data = answer.data
    if data is None or data.responses is None or data.response is not None:
        raise _unexpected(
            answer,
            f"{len(commands)} commands were sent, and no list of answers came",
            "SubmitAjaxRs/Data/Responses",
        )
    responses = data.responses.response
    _check_count(answer, len(commands), len(responses))
    secrets = QuotedSecrets.of(sent)
    if answer.status.status_code == _PARTIAL_SUCCESS:
        return _read_rolled_back(answer, commands, responses, secrets)
    for number, response in enumerate(responses, start=1):
        if response.response_code not in _SUCCESS_CODES:
            raise _contradiction(answer, number, response)
    return _read_succeeded(answer, commands, responses, secrets)


def _read_reply(text: str) -> Reply:
    """Reads the text of a ``Response``, and its value where it is JSON."""
    try:
        # Bounded in depth, and without the numbers that JSON does not have.
        value: JsonValue = pydantic_core.from_json(text.lstrip("\ufeff"), allow_inf_nan=False)
    except ValueError:
        return Reply(raw=text, is_json=False, json=None)
    return Reply(raw=text, is_json=True, json=value)


def _find_warning(texts: Iterable[str | None]) -> _Warned | None:
    """Finds the first warning of the vendor's; the likeliest text comes first."""
    for text in texts:
        found = _WARNING_TEXT.search(text) if text else None
        if text and found is not None:
            return _Warned(_KINDS[found["state"].lower()], text)
    return None


def _texts_of(reply: Reply | None) -> Iterator[str]:
    """Yields every text in the JSON of a reply, or the whole of a reply that is not JSON."""
    if reply is None:
        return
    if not reply.is_json:
        yield reply.raw
        return
    waiting: list[JsonValue] = [reply.json]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))


class _Members(list[tuple[str, object]]):
    """The members of a JSON object, in which a name may stand twice."""


_EVERY_MEMBER = json.JSONDecoder(object_pairs_hook=_Members)


def _value_of(reply: Reply) -> object:
    """The JSON with every member, or the text where it is none.

    Python's reader takes what pydantic's refuses, such as half a character.
    """
    try:
        return _EVERY_MEMBER.decode(reply.raw.lstrip("\ufeff"))
    except (ValueError, RecursionError):
        return reply.raw


def _tells_of_error(reply: Reply) -> bool:
    value = _value_of(reply)
    if value is reply.raw:
        # Neither can read it, so that each of its members is looked at by itself.
        members = _broken_members(reply.raw) if "{" in reply.raw else ()
        return _ERROR_TEXT.match(reply.raw) is not None or any(
            _marks_error(name, member) for name, member in members
        )
    if isinstance(value, list) and not isinstance(value, _Members):
        return any(map(_is_error, cast("list[object]", value)))
    return _is_error(value)


def _broken_members(text: str) -> Iterator[tuple[str, object]]:
    for found in _MEMBER.finditer(text):
        # Of a list or an object that begins, no more is known than that it holds something.
        value = found["double"] or found["single"] or found["bare"] or bool(found["opened"])
        yield found["name"], value


def _is_error(value: object) -> bool:
    if isinstance(value, str):
        return _ERROR_TEXT.match(value) is not None
    if isinstance(value, _Members):
        return any(_marks_error(name, member) for name, member in value)
    return value is False


def _marks_error(name: str, member: object) -> bool:
    name = name.lower().replace("_", "").replace("-", "")
    if name == _TYPE_MEMBER:
        return isinstance(member, str) and _ERROR_TYPE.fullmatch(member) is not None
    is_scalar = isinstance(member, str | int | float)
    text = str(member).strip().lower() if is_scalar else ""
    if name in _CODE_MEMBERS:
        code = float(text) if _NUMBER.fullmatch(text) else member
        return isinstance(code, int | float) and code not in _SUCCESS_CODES
    if name in _SUCCESS_MEMBERS:
        return text in _FALSE
    if name in _STATUS_MEMBERS:
        return text in _ERROR_STATUSES
    if name in _ERROR_MEMBERS:
        return text not in _NO_ERROR if is_scalar else bool(member)
    return False


def _words_of(reply: Reply | None) -> str | None:
    """What the reply to a command that failed says in words, or the whole of it without any."""
    if reply is None:
        return None
    value = _value_of(reply)
    waiting: list[tuple[str, object]] = [("", value)]
    if value is reply.raw and "{" in reply.raw:
        waiting = [*_broken_members(reply.raw)][::-1]
    found: dict[str, None] = {}
    while waiting:
        name, member = waiting.pop()
        is_words = not name or name.lower() in _ERROR_MEMBERS or _WORDS.fullmatch(name)
        if isinstance(member, str) and is_words and member.strip():
            found[member.strip()] = None
        elif isinstance(member, _Members):
            waiting.extend(reversed(member))
        elif isinstance(member, list):
            items = cast("list[object]", member)
            waiting.extend((name, item) for item in reversed(items))
    return "; ".join(found) or None


def _unexpected(answer: SubmitAjaxRs, what: str, path: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"{what}, with the status {answer.status.status_code}: nothing can be said about what was"
        " done, so look the transaction up before you repeat the call",
        path=path,
        vendor=VENDOR,
        operation="SubmitAjax",
    )


def _failed(
    command: Command,
    reply: Reply | None,
    code: int,
    described: str | None,
    warned: _Warned | None,
    secrets: QuotedSecrets,
) -> Failed:
    words = _words_of(reply)
    text = described
    if words is not None and words not in (described or ""):
        is_plain = (described or "").strip().lower() in _DESCRIBES_NOTHING
        text = words if is_plain else f"{described}: {words}"
    elif words is None and reply is not None and (described or "") in _DESCRIBES_NOTHING:
        text = reply.raw.strip() or described
    if text is not None:
        # Half a character could not be printed.
        text = text.encode("utf-8", "backslashreplace").decode()
        text = secrets.mask(text, _LONGEST_TEXT)
    return Failed(
        command=command,
        reply=reply and _masked(reply, secrets),
        code=code,
        text=text,
        warning=warned.kind if warned else None,
    )


def _succeeded(
    command: Command, reply: Reply | None, warned: _Warned | None, secrets: QuotedSecrets
) -> Succeeded:
    reply = reply and _masked(reply, secrets)
    if warned is None:
        return Succeeded(command=command, reply=reply)
    return Succeeded(
        command=command,
        reply=reply,
        warning=warned.kind,
        warning_text=secrets.mask(warned.text),
    )


def _masked(reply: Reply, secrets: QuotedSecrets) -> Reply:
    """The reply without the secrets that it quotes, once what it says was read."""
    raw = secrets.mask(reply.raw)
    return reply if raw == reply.raw else _read_reply(raw)


def _check_count(answer: SubmitAjaxRs, sent: int, answered: int) -> None:
    is_partial = answer.status.status_code == _PARTIAL_SUCCESS
    # SIGNiX neither runs nor answers the commands behind one that failed.
    if answered == sent or (is_partial and 0 < answered < sent):
        return
    raise _unexpected(
        answer,
        f"{sent} commands were sent and {answered} answered",
        "SubmitAjaxRs/Data/Responses",
    )


def _contradiction(answer: SubmitAjaxRs, number: int, response: ResponseType) -> UnexpectedResponse:
    return _unexpected(
        answer,
        f"answer {number} has the responseCode {response.response_code}",
        f"SubmitAjaxRs/Data/Responses/Response[{number}]/@responseCode",
    )


def _read_rolled_back(
    answer: SubmitAjaxRs,
    commands: Sequence[Command],
    responses: Sequence[ResponseType],
    secrets: QuotedSecrets,
) -> tuple[Outcome, ...]:
    last = len(responses)
    for number, response in enumerate(responses, start=1):
        if (response.response_code in _SUCCESS_CODES) is (number == last):
            raise _contradiction(answer, number, response)
    outcomes: list[Outcome] = [
        RolledBack(command=command, reply=_masked(_read_reply(response.value), secrets))
        for command, response in zip(commands, responses[:-1], strict=False)
    ]
    response = responses[-1]
    reply = _read_reply(response.value)
    warned = _find_warning([response.response_desc, *_texts_of(reply)])
    code, text = response.response_code, response.response_desc
    outcomes.append(_failed(commands[last - 1], reply, code, text, warned, secrets))
    outcomes.extend(NotRun(command=command) for command in commands[last:])
    return tuple(outcomes)


def _read_succeeded(
    answer: SubmitAjaxRs,
    commands: Sequence[Command],
    responses: Sequence[ResponseType],
    secrets: QuotedSecrets,
) -> tuple[Outcome, ...]:
    replies = [_read_reply(response.value) for response in responses]
    warnings: list[_Warned | None] = []
    for response, reply in zip(responses, replies, strict=True):
        warned = _find_warning([response.response_desc, *_texts_of(reply)])
        if warned is None and response.response_code == _WARNING:
            warned = _Warned(TransactionWarning.OTHER, response.response_desc or "")
        warnings.append(warned)
    if not any(warnings):
        # It does not say which command it is about, so it stands with each.
        text = answer.status.status_desc
        common = _find_warning([text])
        if common is None and answer.status.status_code == _WARNING:
            common = _Warned(TransactionWarning.OTHER, text or "")
        warnings = [common] * len(replies)
    return tuple(
        _failed(command, reply, response.response_code, response.response_desc, warned, secrets)
        if warned is None and _tells_of_error(reply)
        else _succeeded(command, reply, warned, secrets)
        for command, response, reply, warned in zip(
            commands, responses, replies, warnings, strict=True
        )
    )
