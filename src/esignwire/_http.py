"""HTTP as the clients see it: settings, requests and responses, and the rules for addresses.

Nothing here does I/O. Sending is in :mod:`esignwire._async_http` and in its generated sync twin.
"""

from __future__ import annotations

import ipaddress
import math
import re
import ssl
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from esignwire._call import Call
from esignwire.errors import ConfigurationError, InvalidRequest
from esignwire_generated._documents import Progress, ReceivedDocument, discard_documents

__all__ = [
    "HttpRequest",
    "HttpResponse",
    "HttpSettings",
    "Receiver",
    "ReceiverFactory",
    "StreamedBody",
    "call_timeout",
    "check_request",
    "check_url",
    "proxy_for",
    "received_headers",
    "sent_headers",
]

# RFC 3986: everything else must be percent-encoded. A strict set also keeps every parser of the
# address, ours and the HTTP library's, of one mind about where the host ends.
_URL_CHARACTERS = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]+")
_HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+\-.^_`|~]+")
_HEADER_VALUE = re.compile(r"(?:[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?)?")
_METHODS_WITHOUT_BODY = frozenset({"GET", "HEAD", "DELETE", "OPTIONS"})
_METHOD = re.compile(r"[A-Z]+")


def _require_seconds(name: str, value: float) -> None:
    if not (math.isfinite(value) and value > 0):
        raise ConfigurationError(
            f"{name} must be a positive, finite number of seconds; nothing here waits for ever"
        )


def _require_count(name: str, value: int, least: int) -> None:
    if value < least:
        raise ConfigurationError(f"{name} must be at least {least}")


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How to reach a vendor, the same for the async and the sync client.

    Args:
        connect_timeout: Seconds for one connection, TLS included.
        total_timeout: Seconds for one call as a whole: waiting for a connection, all attempts, the
            pauses between them and the last byte of the answer.
        max_response_bytes: The largest answer that is read, in bytes, before and after
            decompression. What is cut out of it as a document does not count.
        max_document_bytes: The largest answer in bytes where it may hold documents, base64 and all.
            Beyond 1 MiB documents are kept in temporary files, not in memory.
        max_connections: How many connections may be open at once.
        keepalive_expiry: Seconds after which an idle connection is dropped.
        attempts: How many times a call is tried at most, the first included.
        ssl_context: A TLS context, for example with a private certificate authority or a client
            certificate. It must verify the server. ``None`` uses the certificate authorities of
            certifi.
        proxy: The address of an ``http`` or ``https`` proxy. ``None`` leaves the choice to
            ``trust_env``. A loopback address is never reached through a proxy.
        trust_env: Whether ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY`` are followed.

    Raises:
        ConfigurationError: A value is out of its range, or the TLS context does not verify.
    """

    connect_timeout: float = 5.0
    total_timeout: float = 60.0
    max_response_bytes: int = 64 * 1024 * 1024
    max_document_bytes: int = 1024 * 1024 * 1024
    max_connections: int = 100
    keepalive_expiry: float = 5.0
    attempts: int = 3
    ssl_context: ssl.SSLContext | None = field(default=None, repr=False)
    proxy: str | None = field(default=None, repr=False)
    trust_env: bool = True

    def __post_init__(self) -> None:
        _require_seconds("connect_timeout", self.connect_timeout)
        _require_seconds("total_timeout", self.total_timeout)
        _require_seconds("keepalive_expiry", self.keepalive_expiry)
        _require_count("max_response_bytes", self.max_response_bytes, 1)
        _require_count("max_document_bytes", self.max_document_bytes, 1)
        _require_count("max_connections", self.max_connections, 1)
        _require_count("attempts", self.attempts, 1)
        context = self.ssl_context
        if context is not None and not (
            context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname
        ):
            raise ConfigurationError(
                "ssl_context must verify the server: verify_mode CERT_REQUIRED and check_hostname;"
                " to trust a private certificate authority, load it into the context"
            )
        if self.proxy is not None:
            _check_proxy(self.proxy)


class StreamedBody(Protocol):
    """A body that is read while it is sent."""

    progress: Progress | None
    """Is told how far it has gone."""

    @property
    def is_in_memory(self) -> bool:
        """Whether no file has to be read for it."""
        ...

    def measure(self) -> int:
        """How many bytes it has; it is sent ahead as ``Content-Length``.

        The first time may take a while, since a file may have to be read for it.
        """
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yields the bytes, from the beginning each time."""
        ...


class Receiver(Protocol):
    """What takes an answer's body piece by piece, so that documents need no memory."""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes, decompressed."""
        ...

    def discard(self) -> None:
        """Drops what was taken so far: the rest will not come."""
        ...

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        """Ends the body and returns what is left of it, and the documents that were in it."""
        ...


ReceiverFactory = Callable[[int, Mapping[str, str]], Receiver]
"""Makes a receiver for an answer, given its HTTP status and its headers."""


@dataclass(slots=True, kw_only=True)
class HttpRequest:
    """One request. Its representation shows the method alone: all else may hold secrets.

    Args:
        method: The HTTP method in upper case.
        url: The whole address, percent-encoded.
        headers: The headers; names are sent as they are spelled here.
        content: The body.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    content: bytes | StreamedBody = field(default=b"", repr=False)


@dataclass(slots=True, kw_only=True)
class HttpResponse:
    """One answer, read to its end.

    Args:
        status: The HTTP status.
        headers: The headers under lower-case names; repeated ones are joined by a comma.
        content: The body, decompressed.
        documents: What was cut out of the body, by the tokens that stand for it there.
        is_unpacked: Whether a receiver took the body in.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    content: bytes = field(repr=False)
    documents: Mapping[str, ReceivedDocument] = field(
        default_factory=dict[str, ReceivedDocument], repr=False
    )
    is_unpacked: bool = False

    def discard(self) -> None:
        """Drops the documents: the error that an answer leads to holds it, and may live long."""
        discard_documents(self.documents.values())


def _is_loopback(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _is_resolvable(host: str) -> bool:
    """Whether each label is as long as the domain name system allows; else Python cannot ask it."""
    return all(0 < len(label) < 64 for label in host.removesuffix(".").split("."))


def check_url(url: str, *, vendor: str | None = None, operation: str | None = None) -> str:
    """Refuses an address that cannot be used or that would send secrets in the clear.

    Args:
        url: The address.
        vendor: The vendor, for the error.
        operation: The operation, for the error.

    Returns:
        The same address.

    Raises:
        ConfigurationError: Not an absolute ``https`` address (``http`` is for loopback alone), a
            user name or password in it, a fragment, or a character that must be percent-encoded.
            The message does not repeat the address, because its path may hold a secret.
    """

    def refused(why: str) -> ConfigurationError:
        return ConfigurationError(why, vendor=vendor, operation=operation)

    if not _URL_CHARACTERS.fullmatch(url):
        raise refused("the URL is empty or holds a character that must be percent-encoded")
    try:
        parts = urllib.parse.urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        # The library's words may quote the address.
        raise refused("the URL's host or port cannot be read") from type(error)()
    if parts.scheme not in {"http", "https"} or not host:
        raise refused("the URL must begin with https:// and name a host")
    if not _is_resolvable(host):
        raise refused("each part of the URL's host must have 1 to 63 characters")
    if "@" in parts.netloc:
        raise refused("the URL must not hold a user name or a password")
    if "#" in url:
        raise refused("the URL must not hold a fragment (#)")
    if parts.scheme == "http" and not _is_loopback(host):
        raise refused(
            f"the URL of host {host} must begin with https://; http:// is for loopback alone"
        )
    return url


def check_request(request: HttpRequest, call: Call) -> None:
    """Refuses a method or headers that HTTP cannot carry, before anything is sent.

    Args:
        request: The request.
        call: The call, for the error.

    Raises:
        InvalidRequest: The method or a header holds a character that HTTP does not allow, such as
            a line break.
    """
    if not _METHOD.fullmatch(request.method):
        raise InvalidRequest(
            "the HTTP method must be upper-case letters",
            path="method",
            rule="upper-case letters",
            vendor=call.vendor,
            operation=call.operation,
        )
    for name, value in request.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_VALUE.fullmatch(value):
            raise InvalidRequest(
                "a header may hold printable ASCII characters only, with no blank at either end",
                path=f"headers/{name}" if _HEADER_NAME.fullmatch(name) else "headers",
                rule="printable ASCII",
                vendor=call.vendor,
                operation=call.operation,
            )


def sent_headers(request: HttpRequest, defaults: Mapping[str, str], host: str) -> dict[str, str]:
    """All headers of a request.

    Args:
        request: The request.
        defaults: What is sent where the request does not say otherwise, in whatever case.
        host: The host and, where it is not the scheme's own, the port.

    Returns:
        The headers. The body's length is always the true one.
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
    """The headers of an answer.

    Args:
        raw: The headers off the wire.

    Returns:
        Them, under lower-case names; repeated ones are joined by a comma.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in raw:
        name = raw_name.decode("latin-1").lower()
        value = raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def call_timeout(timeout: float | None, settings: HttpSettings) -> float:
    """How long one call may take in all.

    Args:
        timeout: Seconds for this call; ``None`` takes the settings' ``total_timeout``.
        settings: The settings.

    Returns:
        Seconds.

    Raises:
        ConfigurationError: The time is not positive and finite.
    """
    if timeout is None:
        return settings.total_timeout
    _require_seconds("timeout", timeout)
    return timeout


def _check_proxy(proxy: str) -> str:
    # "proxy.example:3128" is how the variables are often set.
    address = proxy if "://" in proxy else f"http://{proxy}"
    try:
        parts = urllib.parse.urlsplit(address)
        usable = parts.scheme in {"http", "https"} and _is_resolvable(parts.hostname or "")
        _ = parts.port
    except ValueError as error:
        raise ConfigurationError("the proxy's address cannot be read") from type(error)()
    if not usable:
        raise ConfigurationError(
            "the proxy's address must begin with http:// or https:// and name a host"
        )
    return address


def proxy_for(url: str, settings: HttpSettings) -> str | None:
    """The proxy through which an address is reached.

    Args:
        url: The address, checked by :func:`check_url`.
        settings: The settings.

    Returns:
        The proxy's address, or ``None`` to connect directly.

    Raises:
        ConfigurationError: The proxy that the environment names cannot be used.
    """
    parts = urllib.parse.urlsplit(url)
    host = parts.hostname or ""
    if _is_loopback(host):
        return None
    if settings.proxy is not None:
        return _check_proxy(settings.proxy)
    if not settings.trust_env:
        return None
    proxies = urllib.request.getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or urllib.request.proxy_bypass(parts.netloc):
        return None
    return _check_proxy(proxy)
