"""Turns what the HTTP library raises into our own errors."""

from __future__ import annotations

import httpx

from esignwire._call import Call
from esignwire.errors import (
    ConnectionFailed,
    ConnectionLost,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTooLarge,
)

__all__ = ["HTTP_FAILURES", "Attempt", "Unusable", "translate"]

# All that httpx, httpcore and the sockets below them raise while a request is under way.
HTTP_FAILURES: tuple[type[Exception], ...] = (
    httpx.HTTPError,
    httpx.InvalidURL,
    httpx.StreamError,
    OSError,
)


class Unusable(Exception):
    """The client cannot be used, as its words say; nothing of the call was sent."""


class Attempt:
    """One attempt, and how far it has come. The streams of connections keep it up to date.

    Attributes:
        deadline: When it must be over, on the clock of ``time.monotonic``.
        is_sent: Whether a byte of the request may have left.
        is_cut: Whether the rest of the request could not be sent.
        is_early: Whether something came before the request had been sent to its end.
        is_answered: Whether anything was read since a byte of the request left.
        http_status: The HTTP status, once the answer has begun.
    """

    __slots__ = ("deadline", "http_status", "is_answered", "is_cut", "is_early", "is_sent")

    def __init__(self, deadline: float = 0.0) -> None:
        self.deadline = deadline
        self.is_sent = False
        self.is_cut = False
        self.is_early = False
        self.is_answered = False
        self.http_status: int | None = None


def _headers_too_large(error: BaseException) -> bool:
    # The parser's own exception stands below httpx's and httpcore's.
    cause: BaseException | None = error
    while cause is not None:
        if getattr(cause, "error_status_hint", None) == 431:
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def translate(error: Exception, call: Call, attempt: Attempt) -> EsignWireError:
    """Our error for a failed attempt, its cause set.

    Args:
        error: What was raised.
        call: The call.
        attempt: How far it had come.

    Returns:
        :class:`ConnectionFailed` where nothing was sent. Otherwise :class:`ConnectionLost` or
        :class:`RequestTimeout` for a call that only reads, and :class:`OutcomeUnknown`, caused by
        one of these, for any other. :class:`ResponseTooLarge` where the answer's headers have no
        end.
    """
    vendor, operation, status = call.vendor, call.operation, attempt.http_status
    is_timeout = isinstance(error, httpx.TimeoutException | TimeoutError)
    failure: EsignWireError
    if isinstance(error, httpx.LocalProtocolError) and not attempt.is_sent:
        failure = InvalidRequest(
            "HTTP cannot carry the request; nothing was sent: see what plugins add to its headers",
            vendor=vendor,
            operation=operation,
        )
        failure.__cause__ = error
        return failure
    # What the error is says nothing: a document may come over a connection that fails too.
    if not attempt.is_sent:
        why = "no connection in the time allowed" if is_timeout else "no connection"
        if isinstance(error, httpx.ProxyError):
            why = "the proxy did not connect"
        failure = ConnectionFailed(
            f"{why}; nothing was sent, so the call may be repeated",
            vendor=vendor,
            operation=operation,
            is_retry_safe=True,
        )
        failure.__cause__ = error
        return failure
    if _headers_too_large(error):
        failure = ResponseTooLarge(
            "the answer's headers are larger than allowed",
            vendor=vendor,
            operation=operation,
            http_status=status,
            is_retry_safe=call.is_safe,
        )
        failure.__cause__ = error
        return failure
    if is_timeout:
        failure = RequestTimeout(
            "the time allowed ran out before the answer was complete",
            vendor=vendor,
            operation=operation,
            http_status=status,
            is_retry_safe=call.is_safe,
        )
    else:
        why = "the connection broke before the answer was complete"
        if isinstance(error, httpx.RemoteProtocolError) and not _is_closed_early(error):
            why = "the answer broke the rules of HTTP"
            if attempt.is_cut or attempt.is_early:
                why = "the answer came before the request had been sent to its end"
        failure = ConnectionLost(
            why,
            vendor=vendor,
            operation=operation,
            http_status=status,
            is_retry_safe=call.is_safe,
        )
    failure.__cause__ = error
    if call.is_safe:
        return failure
    how = (
        f"look it up by {call.reference!r}"
        if call.reference is not None
        else "look it up at the vendor"
    )
    unknown = OutcomeUnknown(
        f"the call was sent, but {failure.message}: the vendor may or may not have acted; {how}"
        " before you repeat the call",
        reference=call.reference,
        vendor=vendor,
        operation=operation,
        http_status=status,
    )
    unknown.__cause__ = failure
    return unknown


def _is_closed_early(error: httpx.RemoteProtocolError) -> bool:
    # The library tells these two apart from broken HTTP by their words alone.
    text = str(error)
    return text.startswith(("Server disconnected", "peer closed connection"))
