"""Messages of HTTP: requests, answers and their headers."""

from __future__ import annotations

import email.utils
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import TracebackType
from typing import Protocol, Self

from esignwire._call import Call, without_quotations
from esignwire._documents import SplicedBody
from esignwire.errors import EsignWireError, InvalidRequest

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "Received",
    "Receiver",
    "ReceiverFactory",
    "check_request",
    "is_header",
    "received_headers",
    "sent_headers",
]

_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")

_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")

_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})

_METHOD = re.compile(r"[A-Z]+")


class Received(Protocol):
    """What a receiver makes of a body."""

    def discard(self) -> None:
        """Drops what holds memory or files."""
        ...


class Receiver(Protocol):
    """What takes the body of an answer piece by piece, so that documents need no memory."""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes, decompressed."""
        ...

    def discard(self) -> None:
        """Drops what was taken so far: the rest will not come."""
        ...

    def finish(self) -> Received:
        """Ends the body and returns what was made of it."""
        ...


ReceiverFactory = Callable[[int, Mapping[str, str]], Receiver | None]
"""Makes a receiver for an answer of that HTTP status and those headers. ``None`` has the body
collected, as that of an answer without documents."""


@dataclass(slots=True, kw_only=True)
class HttpRequest:
    """One request. Its representation shows the method alone: all else may hold secrets.

    Args:
        method: The HTTP method in upper case.
        url: The whole address, percent-encoded.
        headers: The headers; names are sent as they are spelled here.
        shown_url: The address without its secrets, which is what hooks in httpx's transport see;
            ``None`` where the address holds none.
        content: The body.
        secrets: What else must not show, because the server knows it from other requests.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    shown_url: str | None = field(default=None, repr=False)
    content: bytes | SplicedBody = field(default=b"", repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)


@dataclass(slots=True, kw_only=True)
class HttpResponse:
    """One answer, read to its end.

    Args:
        status: The HTTP status.
        headers: The headers under lower-case names; repeated ones are joined by a comma.
        content: The body, decompressed; empty where a receiver took it.
        received: What the receiver made of the body; ``None`` where it was collected.
        size: How many bytes the body had, decompressed.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    received: Received | None = field(default=None, repr=False)
    size: int = field(default=0, compare=False)

    @property
    def retry_after(self) -> float | None:
        """The seconds that the vendor asks to wait in ``Retry-After``; ``None`` where it does not.

        Where it names a point in time, its own clock (``Date``) tells how far away that is.
        """
        text = self.headers.get("retry-after", "").strip()
        if text.isascii() and text.isdecimal() and len(text) <= 9:
            return float(text)
        moment = _moment(text)
        if moment is None:
            return None
        now = _moment(self.headers.get("date", "")) or datetime.now(UTC)
        return max(0.0, (moment - now).total_seconds())

    def __enter__(self) -> Self:
        """Begins a context in which the answer is read.

        Where that ends in an error, what was received is dropped, and the error tells how long the
        vendor asks to wait.
        """
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if error is not None:
            self.discard()
        if isinstance(error, EsignWireError):
            error.retry_after = self.retry_after
            without_quotations(error)

    def discard(self) -> None:
        """Drops what was received: an error that the answer leads to may live long."""
        if self.received is not None:
            self.received.discard()


def _moment(text: str) -> datetime | None:
    try:
        moment = email.utils.parsedate_to_datetime(text)
        # Without a time zone it is in GMT, as HTTP demands.
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # The standard library raises several kinds for a date that it cannot read.
        return None


def is_header(name: str, value: str) -> bool:
    """Whether HTTP can carry a header."""
    return bool(_HEADER_NAME.fullmatch(name) and _HEADER_VALUE.fullmatch(value))


def check_request(request: HttpRequest, call: Call) -> None:
    """Refuses a method or headers that HTTP cannot carry, before anything is sent.

    Raises:
        InvalidRequest: The method or a header holds a character that HTTP does not allow, such as
            a line break.
    """
    if not _METHOD.fullmatch(request.method):
        raise InvalidRequest(
            "the HTTP method must be upper-case letters",
            path="method",
            rule="upper-case letters",
            **call.where,
        )
    for name, value in request.headers.items():
        if not is_header(name, value):
            raise InvalidRequest(
                "a header may hold printable ASCII characters only, with no blank at either end",
                path=f"headers/{name}" if _HEADER_NAME.fullmatch(name) else "headers",
                rule="printable ASCII",
                **call.where,
            )


def sent_headers(request: HttpRequest, defaults: Mapping[str, str], host: str) -> dict[str, str]:
    """All headers of a request, with the true length of its body.

    ``defaults`` are sent where the request does not say otherwise, in whatever case; ``host`` bears
    the port where it is not the scheme's own.
    """
    content = request.content
    own = {name.lower() for name in request.headers}
    headers = {} if "host" in own else {"Host": host}
    headers.update((name, value) for name, value in defaults.items() if name.lower() not in own)
    headers.update(
        (name, value) for name, value in request.headers.items() if name.lower() != "content-length"
    )
    length = len(content) if isinstance(content, bytes) else content.measure()
    if length or request.method not in _METHODS_WITHOUT_BODY:
        headers["Content-Length"] = str(length)
    return headers


def received_headers(raw: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """The headers of an answer under lower-case names; repeated ones are joined by a comma."""
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
