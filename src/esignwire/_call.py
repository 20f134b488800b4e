"""The call: what is known of it for errors, retries and logs, and the errors made from that."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple, TypedDict, TypeVar

from esignwire.errors import EsignWireError, HttpStatusError, ResponseError, UnexpectedResponse

__all__ = [
    "Call",
    "Where",
    "look_up",
    "status_error",
    "unexpected",
    "unusable",
    "without_quotations",
]


class Where(TypedDict):
    """The keyword arguments of an error that say which call failed."""

    vendor: str
    operation: str


class Call(NamedTuple):
    """One call to a vendor, without anything that it carries.

    Args:
        vendor: The vendor: ``AssureSign``, ``SIGNiX`` or ``Constellation1``.
        operation: The operation as the vendor spells it, such as ``CheckStatus``.
        is_safe: Whether the call only reads, so that it may be repeated after bytes were sent.
            The schemas say it (``esw:safe``).
        reference: What to look the outcome up by when no complete answer came; ``None`` where the
            call carries nothing of the kind.
        sensitive: The names whose values must not show in an error; the schemas say it
            (``esw:sensitive``).
    """

    vendor: str
    operation: str
    is_safe: bool
    reference: str | None = None
    sensitive: frozenset[str] = frozenset()

    @property
    def where(self) -> Where:
        """The vendor and the operation, for ``**`` in the constructor of an error."""
        return {"vendor": self.vendor, "operation": self.operation}


_Error = TypeVar("_Error", bound=ResponseError)

_HINTS = {
    401: "check the credentials that a proxy or gateway wants",
    403: "check that the vendor admits the address that you call from",
    404: "check the URL",
    407: "check the credentials that a proxy wants",
    408: "the server waited in vain for the end of the request; see that the network keeps up",
    409: "another call has changed the same thing, this one too if it was carried out before",
    413: "the request is larger than the server takes",
    415: "check the URL, for this endpoint does not take such messages",
    425: "wait before the next call",
    429: "there were too many calls; wait before the next one, and make fewer at once",
}

# After these, a call that changes something may have been carried out all the same.
_OPEN = frozenset({408, 409, 425, 429})


def without_quotations(error: EsignWireError) -> None:
    """Cuts off what stands behind an error that an answer led to, and may quote the answer.

    Other packages' exceptions go, but for those of the operating system, and so does each context:
    programs print causes and contexts, and collect them.
    """
    behind: BaseException | None = error
    while behind is not None:
        cause = behind.__cause__
        is_ours = type(cause).__module__.startswith("esignwire") or isinstance(cause, OSError)
        behind.__cause__ = cause if is_ours else None
        behind.__context__ = None
        behind = behind.__cause__


def look_up(call: Call) -> str:
    """The advice to look the outcome up, for the end of a message; none where a call only reads."""
    if call.is_safe:
        return ""
    by = "" if call.reference is None else f" by {call.reference!r}"
    return f"; the vendor may have acted, so look the outcome up{by} before you repeat the call"


def unusable(kind: type[_Error], what: str, call: Call, http_status: int | None) -> _Error:
    """Makes the error for an answer that cannot be read; repeating is as safe as the call is."""
    return kind(
        what + look_up(call),
        **call.where,
        http_status=http_status,
        is_retry_safe=call.is_safe,
    )


def unexpected(
    what: str, path: str | None, call: Call, http_status: int | None
) -> UnexpectedResponse:
    """Makes the error for an answer that can be read, and is not what was due.

    ``path`` is the place in the answer; ``None`` stands for the whole of it. Repeating is as safe
    as the call is.
    """
    return UnexpectedResponse(
        what + look_up(call),
        path=path,
        **call.where,
        http_status=http_status,
        is_retry_safe=call.is_safe,
    )


def status_error(
    http_status: int, call: Call, lacks: str, hints: Mapping[int, str] | None = None
) -> HttpStatusError:
    """Makes the error for an HTTP status that means failure; repeating is as safe as the call is.

    ``lacks`` is what the answer does not hold, such as ``SOAP fault``; ``hints`` say what to do
    about single statuses, where the vendor's protocol knows better.
    """
    if http_status >= 500:
        advice = look_up(call).removeprefix("; ") or "the vendor is in trouble; try later"
    elif http_status < 400:
        # A service of .NET may redirect to an error page after it has acted.
        advice = f"redirections are not followed; check the URL{look_up(call)}"
    else:
        advice = {**_HINTS, **(hints or {})}.get(http_status, "check the URL")
        if http_status in _OPEN:
            advice += look_up(call)
    return HttpStatusError(
        f"the server answered with an HTTP error and no {lacks}: {advice}",
        **call.where,
        http_status=http_status,
        is_retry_safe=call.is_safe,
    )
