"""Hooks: functions of the program that are told of the attempts of a call.

A hook sees no body, no address beyond the host, and few headers of the answer.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from esignwire._http.messages import HttpRequest

__all__ = ["Hook", "RequestEvent", "ResponseEvent", "RetryEvent", "call_hooks", "shown_headers"]

_logger = logging.getLogger("esignwire")

_Event = TypeVar("_Event")

_DATE = r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT"
_COUNT = r"\d{1,12}(?=\s*([,;]|$))"
# Headers whose values are known by their form.
_FORMS = {
    "content-length": re.compile(_COUNT),
    "content-type": re.compile(
        r"(application/(json|octet-stream|pdf|soap\+xml|xml|zip)|text/(html|plain|xml)"
        r"|multipart/related)(?=\s*(;|$))"
    ),
    "date": re.compile(_DATE),
    "retry-after": re.compile(rf"{_COUNT}|{_DATE}"),
    **dict.fromkeys(
        (
            f"{prefix}ratelimit-{what}"
            for prefix in ("", "x-")
            for what in ("limit", "remaining", "reset")
        ),
        re.compile(_COUNT),
    ),
}
# Headers with free text: the numbers by which servers and networks know a request.
_FREE = re.compile(r"cf-ray|traceparent|(x-)?(amzn-|ms-)?(request|correlation|trace)-?id")
_FREE_FORM = re.compile(r"[\w .:,;=/+-]{1,128}", re.ASCII)
# A value that has so many letters and digits in a row in common with a request quotes it.
_TELLING = 5
_BETWEEN = re.compile(r"[\W_]+", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestEvent:
    """An attempt that is about to be sent.

    Args:
        vendor: The vendor: ``AssureSign``, ``SIGNiX`` or ``Constellation1``.
        operation: The operation as the vendor spells it, such as ``CheckStatus``.
        attempt: The number of the attempt of this call, from 1.
        method: The HTTP method.
        scheme: ``https``, or ``http`` to loopback.
        host: The host.
        port: The port.
    """

    vendor: str
    operation: str
    attempt: int
    method: str
    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ResponseEvent(RequestEvent):
    """An attempt that is over, with an answer or without one.

    Args:
        status: The HTTP status; ``None`` where no answer began.
        bytes: How many bytes the body of the answer had, decompressed; 0 where it is not complete.
        seconds: How long the attempt took.
        headers: Headers of the answer under lower-case names: type, length, date, ``retry-after``,
            limits on the rate of calls, and numbers of requests such as ``x-request-id``. Values
            that quote what was sent are left out; those of extra headers may come back.
        error: What the attempt failed with, such as ``ConnectionLost``; ``None`` where a complete
            answer came, whatever its status.
    """

    status: int | None = None
    bytes: int = 0
    seconds: float = 0.0
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    error: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryEvent:
    """An attempt that failed and is followed by another.

    Args:
        vendor: The vendor.
        operation: The operation as the vendor spells it.
        attempt: The number of the attempt that failed, from 1.
        attempts: How many there are at most.
        pause: The seconds until the next one.
        reason: Why it failed, without secrets.
    """

    vendor: str
    operation: str
    attempt: int
    attempts: int
    pause: float
    reason: str


Hook = Callable[[_Event], object]
"""A function of the program's own. It must not block, and what it returns is not looked at."""


def call_hooks(hooks: Hook[_Event] | Sequence[Hook[_Event]], event: _Event) -> None:
    """Calls hooks in turn. What one raises is logged, and stops neither the call nor the others.

    The vendor may have acted already: an exception in place of its answer would make a program
    repeat the call.
    """
    for hook in [hooks] if callable(hooks) else hooks:
        try:
            hook(event)
        except Exception:
            _logger.exception("%r raised an exception; the call goes on", hook)


def shown_headers(
    headers: Mapping[str, str], request: HttpRequest, extra: Mapping[str, str]
) -> dict[str, str]:
    """The headers of an answer that hooks may see: known ones that do not quote the request.

    The extra headers of the call hold no secret of the account's.
    """
    shown: dict[str, str] = {}
    for name, value in headers.items():
        if form := _FORMS.get(name):
            if match := form.match(value):
                shown[name] = match[0]
        elif (
            _FREE.fullmatch(name)
            and _FREE_FORM.fullmatch(value)
            and not _quotes(value, request, _plain(" ".join(extra.values())))
        ):
            shown[name] = value
    return shown


def _quotes(value: str, request: HttpRequest, known: str) -> bool:
    """Whether a value has something of a request in it: documents and what is known aside."""
    content = request.content
    text = (content if isinstance(content, bytes) else content.text).decode("latin-1")
    sent = _plain(" ".join((request.url, *request.secrets, *request.headers.values(), text)))
    plain = _plain(value)
    pieces = [plain[i : i + _TELLING] for i in range(max(1, len(plain) - _TELLING + 1))]
    return any(piece in sent and piece not in known for piece in pieces)


def _plain(text: str) -> str:
    """The letters and digits of a text, since a server may spell it in another way."""
    return _BETWEEN.sub("", text).casefold()
