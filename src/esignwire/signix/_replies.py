"""Replies to SubmitAjax, read into outcomes that claim no more than the reply says.

Nothing of the JSON is documented. In the single form it alone tells whether the command succeeded,
so an error is known by evident marks only:

- at the top, or in an item of a list at the top: a true, full member ``error``, ``errors`` or
  ``exception``; ``success`` that is false; ``status`` that is a text such as ``error``;
  a ``statusCode`` or ``responseCode`` of 2 or more, the vendor's own scale; an ``objectType`` that
  begins or ends with ``Error`` or ``Exception``;
- a text that begins with ``error`` or ``exception``, as JSON or without it.

Names count in any case. Everything else is the success that the status says it is; the text stays
with the outcome.

A warning is known by the sentences that the vendor prints, wherever in a reply they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pydantic_core
from pydantic import JsonValue

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
from esignwire_generated.signix.types.submit_ajax import ResponseType, SubmitAjaxRs

__all__ = ["read_batch", "read_single"]

_SUCCESS = 0

_WARNING = 1

_PARTIAL_SUCCESS = 2

_SUCCESS_CODES = frozenset({_SUCCESS, _WARNING})

_ERROR_TEXT = re.compile(r"\s*(?:error|exception)\b", re.IGNORECASE)

_ERROR_TYPE = re.compile(r"(?:Error|Exception).*|.*(?:Error|Exception)", re.DOTALL)

_ERROR_MEMBERS = frozenset({"error", "errors", "exception"})

_NO_ERROR = frozenset({"", "0", "false", "no", "none", "null"})

_CODE_MEMBERS = frozenset({"statuscode", "responsecode"})

_ERROR_STATUSES = frozenset({"error", "exception", "fail", "failed", "failure"})

_NUMBER = re.compile(r"\d{1,9}", re.ASCII)

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


def read_single(answer: SubmitAjaxRs, command: Command) -> SingleOutcome:
    """Reads the answer to a single command.

    Args:
        answer: The answer; its status is 0, 1 or 2.
        command: The command.

    Returns:
        How it ended. A status of 2 is a failure, with the JSON or without it.

    Raises:
        UnexpectedResponse: The answer is in another form, or a status of success came alone.
    """
    code, text = answer.status.status_code, answer.status.status_desc
    data = answer.data
    if data is not None and data.responses is not None:
        raise _unexpected(
            answer, "one command was sent, and several answers came", "SubmitAjaxRs/Data/Responses"
        )
    reply = None if data is None or data.response is None else _read_reply(data.response)
    warned = _find_warning([text, *_texts_of(reply)])
    if code not in _SUCCESS_CODES:
        return _failed(command, reply, code, text, warned)
    if reply is None and code == _SUCCESS:
        raise _unexpected(
            answer, "the answer to the command is missing", "SubmitAjaxRs/Data/Response"
        )
    # A warning that the vendor words outweighs the marks of an error in the JSON.
    is_plain_warning = code == _WARNING and warned is not None
    if reply is not None and _tells_of_error(reply) and not is_plain_warning:
        return _failed(command, reply, code, text, warned)
    if warned is None and code == _WARNING:
        warned = _Warned(TransactionWarning.OTHER, text or "")
    return _succeeded(command, reply, warned)


def read_batch(answer: SubmitAjaxRs, commands: Sequence[Command]) -> tuple[Outcome, ...]:
    """Reads the answer to several commands.

    Args:
        answer: The answer; its status is 0, 1 or 2.
        commands: The commands, in the order in which they were sent.

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
    if answer.status.status_code == _PARTIAL_SUCCESS:
        return _read_rolled_back(answer, commands, responses)
    for number, response in enumerate(responses, start=1):
        if response.response_code not in _SUCCESS_CODES:
            raise _contradiction(answer, number, response)
    return _read_succeeded(answer, commands, responses)


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


def _number(value: JsonValue) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and _NUMBER.fullmatch(value.strip()):
        return int(value)
    return 0


def _is_error(value: JsonValue) -> bool:
    if isinstance(value, str):
        return _ERROR_TEXT.match(value) is not None
    if not isinstance(value, dict):
        return False
    kind = value.get("objectType")
    if isinstance(kind, str) and _ERROR_TYPE.fullmatch(kind):
        return True
    return any(_marks_error(key.lower(), member) for key, member in value.items())


def _marks_error(name: str, member: JsonValue) -> bool:
    if name in _ERROR_MEMBERS:
        return bool(member) and str(member).strip().lower() not in _NO_ERROR
    if name == "success":
        return member is False or (isinstance(member, str) and member.lower() == "false")
    if name == "status":
        return isinstance(member, str) and member.strip().lower() in _ERROR_STATUSES
    return name in _CODE_MEMBERS and _number(member) > _WARNING


def _tells_of_error(reply: Reply) -> bool:
    if not reply.is_json:
        return _ERROR_TEXT.match(reply.raw) is not None
    if isinstance(reply.json, list):
        return any(_is_error(item) for item in reply.json)
    return _is_error(reply.json)


def _unexpected(answer: SubmitAjaxRs, what: str, path: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"{what}, with the status {answer.status.status_code}: nothing can be said about what was"
        " done, so look the transaction up before you repeat the call",
        path=path,
        vendor=VENDOR,
        operation="SubmitAjax",
    )


def _failed(
    command: Command, reply: Reply | None, code: int, text: str | None, warned: _Warned | None
) -> Failed:
    return Failed(
        command=command,
        reply=reply,
        code=code,
        text=text,
        warning=warned.kind if warned else None,
    )


def _succeeded(command: Command, reply: Reply | None, warned: _Warned | None) -> Succeeded:
    if warned is None:
        return Succeeded(command=command, reply=reply)
    return Succeeded(command=command, reply=reply, warning=warned.kind, warning_text=warned.text)


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
    answer: SubmitAjaxRs, commands: Sequence[Command], responses: Sequence[ResponseType]
) -> tuple[Outcome, ...]:
    last = len(responses)
    for number, response in enumerate(responses, start=1):
        if (response.response_code in _SUCCESS_CODES) is (number == last):
            raise _contradiction(answer, number, response)
    outcomes: list[Outcome] = [
        RolledBack(command=command, reply=_read_reply(response.value))
        for command, response in zip(commands, responses[:-1], strict=False)
    ]
    response = responses[-1]
    reply = _read_reply(response.value)
    warned = _find_warning([response.response_desc, *_texts_of(reply)])
    code, text = response.response_code, response.response_desc
    outcomes.append(_failed(commands[last - 1], reply, code, text, warned))
    outcomes.extend(NotRun(command=command) for command in commands[last:])
    return tuple(outcomes)


def _read_succeeded(
    answer: SubmitAjaxRs, commands: Sequence[Command], responses: Sequence[ResponseType]
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
        _succeeded(command, reply, warned)
        for command, reply, warned in zip(commands, replies, warnings, strict=True)
    )
