"""Settings: how a vendor is reached, and within which bounds."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from numbers import Integral, Real
from typing import TYPE_CHECKING, TypeVar, cast

from esignwire._http.addresses import check_proxy
from esignwire._http.hooks import Hook, RequestEvent, ResponseEvent, RetryEvent
from esignwire._http.messages import is_header
from esignwire.errors import ConfigurationError

if TYPE_CHECKING:
    import httpx

__all__ = ["HttpSettings", "call_timeout", "verifies"]

_Event = TypeVar("_Event")

# What esignwire and HTTP itself say of a request, and what would change the answer's form.
_OWN_HEADERS = frozenset(
    [
        "accept-encoding",
        "authorization",
        "connection",
        "content-encoding",
        "content-length",
        "content-type",
        "expect",
        "host",
        "http2-settings",
        "keep-alive",
        "mime-version",
        "proxy-authorization",
        "proxy-connection",
        "range",
        "soapaction",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ]
)


def verifies(context: ssl.SSLContext) -> bool:
    """Whether a TLS context verifies the server and its name."""
    # What an untyped program gives may be a path or a Boolean, as elsewhere.
    if not isinstance(context, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance] - see above
        return False
    return context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname


def _require_seconds(name: str, value: float) -> None:
    # No lock can wait for longer than TIMEOUT_MAX. NaN lies in no range.
    if not (isinstance(cast("object", value), Real) and 0 < value <= threading.TIMEOUT_MAX):
        raise ConfigurationError(
            f"{name} must be a positive, finite number of seconds; nothing here waits for ever"
        )


def _require_count(name: str, value: int) -> None:
    if not (isinstance(cast("object", value), Integral) and value >= 1):
        raise ConfigurationError(f"{name} must be a whole number, at least 1")


def _checked_headers(headers: Mapping[str, str]) -> dict[str, str]:
    given = cast("object", headers)
    if not isinstance(given, Mapping) or not all(
        isinstance(text, str)
        for item in cast("Mapping[object, object]", given).items()
        for text in item
    ):
        raise ConfigurationError(
            "headers must be a mapping of texts, such as {'X-Request-Id': '7'}"
        )
    names = [name.lower() for name in headers]
    for name, value in headers.items():
        if name.lower() in _OWN_HEADERS:
            raise ConfigurationError(
                f"headers must not hold {name}: esignwire says itself what stands there"
            )
        if not is_header(name, value):
            raise ConfigurationError(
                "headers may hold printable ASCII characters only, with no blank at either end of"
                " a value, and names without blanks"
            )
        if names.count(name.lower()) > 1:
            raise ConfigurationError(f"headers hold {name} twice")
    return dict(headers)


def _all_of(name: str, hooks: Hook[_Event] | Sequence[Hook[_Event]]) -> tuple[Hook[_Event], ...]:
    """Several hooks, where one may be given as it is."""
    given: object = hooks
    several = cast("Sequence[object]", given) if isinstance(given, Sequence) else (given,)
    if not all(callable(hook) for hook in several):
        raise ConfigurationError(f"{name} must be a function or a sequence of functions")
    return cast("tuple[Hook[_Event], ...]", tuple(several))


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """How to reach a vendor, the same for the async and the sync client.

    Args:
        connect_timeout: Seconds for one connection, TLS included.
        total_timeout: Seconds for one call as a whole: waiting for a connection, all attempts, the
            pauses between them and the last byte of the answer.
        max_response_bytes: The largest answer that is read, in bytes, before and after
            decompression. The documents in it do not count.
        max_document_bytes: The largest answer in bytes where it may hold documents, base64 and all.
            Beyond 1 MiB documents are kept in temporary files, not in memory.
        max_connections: How many connections may be open at once.
        keepalive_expiry: Seconds after which an idle connection is dropped.
        attempts: How many times a call is tried at most, the first included.
        ssl_context: A TLS context, for example with a private certificate authority or a client
            certificate. It must verify the server. ``None`` uses the certificate authorities that
            ``SSL_CERT_FILE`` or ``SSL_CERT_DIR`` names, else those of certifi.
        proxy: The address of an ``http`` or ``https`` proxy. ``None`` leaves the choice to
            ``trust_env``. A loopback address is never reached through a proxy.
        trust_env: Whether ``HTTPS_PROXY``, ``ALL_PROXY``, ``NO_PROXY``, ``SSL_CERT_FILE``,
            ``SSL_CERT_DIR`` and ``SSLKEYLOGFILE`` are followed.
        transport: What carries the requests of sync clients in place of esignwire's own
            connections: any transport of httpx's. TLS, proxy and connections are its own matter
            then. The caller closes it, because several clients may share it.
        async_transport: The same for async clients.
        headers: Extra headers of each request, such as a correlation id. What HTTP and the vendor's
            protocol say themselves cannot be replaced. They are no place for secrets.
        on_request: Is told before each attempt; a function, or several. What a hook raises is
            logged, and the call goes on. Hooks must not block.
        on_response: Is told after each attempt, whether an answer came or not.
        on_retry: Is told before the pause that precedes another attempt.

    Raises:
        ConfigurationError: A value is out of its range, the TLS context does not verify, a header
            cannot be sent, or a transport is none or is given along with what is its own matter.
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
    transport: httpx.BaseTransport | None = field(default=None, repr=False)
    async_transport: httpx.AsyncBaseTransport | None = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict[str, str], repr=False, hash=False)
    on_request: Hook[RequestEvent] | Sequence[Hook[RequestEvent]] = field(default=(), repr=False)
    on_response: Hook[ResponseEvent] | Sequence[Hook[ResponseEvent]] = field(default=(), repr=False)
    on_retry: Hook[RetryEvent] | Sequence[Hook[RetryEvent]] = field(default=(), repr=False)

    def __post_init__(self) -> None:
        for name in ("connect_timeout", "total_timeout", "keepalive_expiry"):
            _require_seconds(name, getattr(self, name))
        for name in ("max_response_bytes", "max_document_bytes", "max_connections", "attempts"):
            _require_count(name, getattr(self, name))
        if self.ssl_context is not None and not verifies(self.ssl_context):
            raise ConfigurationError(
                "ssl_context must be an ssl.SSLContext that verifies the server (verify_mode"
                " CERT_REQUIRED and check_hostname);"
                " to trust a private certificate authority, load it into the context"
            )
        if self.proxy is not None:
            if not isinstance(cast("object", self.proxy), str):
                raise ConfigurationError("proxy must be the address of a proxy, a text")
            check_proxy(self.proxy)
        for name, method in (
            ("transport", "handle_request"),
            ("async_transport", "handle_async_request"),
        ):
            given: object = getattr(self, name)
            if given is None:
                continue
            if not callable(getattr(given, method, None)):
                raise ConfigurationError(f"{name} must be a transport of httpx's, with {method}()")
            if self.ssl_context is not None or self.proxy is not None:
                raise ConfigurationError(
                    f"with {name}, ssl_context and proxy have no effect: give them to the transport"
                )
        # Copied, since the caller's own may change.
        object.__setattr__(self, "headers", _checked_headers(self.headers))
        for name in ("on_request", "on_response", "on_retry"):
            object.__setattr__(self, name, _all_of(name, getattr(self, name)))

    def with_options(
        self,
        *,
        timeout: float | None = None,
        attempts: int | None = None,
        headers: Mapping[str, str] | None = None,
        on_request: Hook[RequestEvent] | Sequence[Hook[RequestEvent]] = (),
        on_response: Hook[ResponseEvent] | Sequence[Hook[ResponseEvent]] = (),
        on_retry: Hook[RetryEvent] | Sequence[Hook[RetryEvent]] = (),
    ) -> HttpSettings:
        """The same settings with other options.

        Args:
            timeout: Seconds for one call as a whole, in place of ``total_timeout``.
            attempts: How many times a call is tried at most, the first included.
            headers: Extra headers besides those there are; the same name replaces one.
            on_request: Hooks besides those there are.
            on_response: The same.
            on_retry: The same.

        Returns:
            New settings.

        Raises:
            ConfigurationError: As for the settings themselves.
        """
        added = {} if headers is None else _checked_headers(headers)
        names = {name.lower() for name in added}
        kept = {name: value for name, value in self.headers.items() if name.lower() not in names}
        return replace(
            self,
            total_timeout=self.total_timeout if timeout is None else timeout,
            attempts=self.attempts if attempts is None else attempts,
            headers={**kept, **added},
            on_request=(
                *_all_of("on_request", self.on_request),
                *_all_of("on_request", on_request),
            ),
            on_response=(
                *_all_of("on_response", self.on_response),
                *_all_of("on_response", on_response),
            ),
            on_retry=(*_all_of("on_retry", self.on_retry), *_all_of("on_retry", on_retry)),
        )


def call_timeout(timeout: float | None, settings: HttpSettings) -> float:
    """How many seconds one call may take in all; ``None`` takes the settings' ``total_timeout``.

    Raises:
        ConfigurationError: The time is not positive and finite.
    """
    if timeout is None:
        return settings.total_timeout
    _require_seconds("timeout", timeout)
    return timeout
