"""Settings: how a vendor is reached, and within which bounds."""

from __future__ import annotations

import math
import ssl
from dataclasses import dataclass, field

from esignwire._http.addresses import check_proxy
from esignwire.errors import ConfigurationError

__all__ = ["HttpSettings", "call_timeout", "verifies"]


def verifies(context: ssl.SSLContext) -> bool:
    """Whether a TLS context verifies the server and its name."""
    # What an untyped program gives may be a path or a Boolean, as elsewhere.
    if not isinstance(context, ssl.SSLContext):  # pyright: ignore[reportUnnecessaryIsInstance] - see above
        return False
    return context.verify_mode == ssl.CERT_REQUIRED and context.check_hostname


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
        if self.ssl_context is not None and not verifies(self.ssl_context):
            raise ConfigurationError(
                "ssl_context must be an ssl.SSLContext that verifies the server (verify_mode"
                " CERT_REQUIRED and check_hostname);"
                " to trust a private certificate authority, load it into the context"
            )
        if self.proxy is not None:
            check_proxy(self.proxy)


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
