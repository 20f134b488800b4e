"""Ends a call at its deadline, whatever the server does.

A time-out for each read is not enough: a server that sends one byte at a time never lets it run
out. Async code is cancelled at the deadline. Sync code cannot be, so there the socket itself knows
the deadline: each read and write may take only what is left of it.

The async half and the sync half have the same shape, so that the sync client can be derived from
the async one by exchanging names.
"""

from __future__ import annotations

import contextvars
import socket
import ssl
import time
from collections.abc import Iterable
from types import TracebackType
from typing import TYPE_CHECKING, cast

import httpcore

from esignwire._http.gather import AsyncGatheringStream, GatheringStream

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "AsyncDeadline",
    "Deadline",
    "async_network_backend",
    "network_backend",
    "remaining",
]

# Under this size one call of send() is one step of the kernel's; see DeadlineStream.write.
_SLICE = 16 * 1024

_current: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


def remaining(deadline: float) -> float:
    """What is left until a deadline.

    Args:
        deadline: The deadline on the clock of :func:`time.monotonic`.

    Returns:
        Seconds; zero once it has passed.
    """
    return max(0.0, deadline - time.monotonic())


class AsyncDeadline:
    """An async context that ends at a deadline with :class:`TimeoutError`.

    Args:
        deadline: The deadline on the clock of :func:`time.monotonic`.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._timeout: asyncio.Timeout | None = None

    async def __aenter__(self) -> None:
        import asyncio

        self._timeout = asyncio.timeout(remaining(self._deadline))
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timeout is not None:
            await self._timeout.__aexit__(kind, error, traceback)


class Deadline:
    """A context in which the sockets of :func:`network_backend` keep to a deadline.

    Args:
        deadline: The deadline on the clock of :func:`time.monotonic`.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._token: contextvars.Token[float | None] | None = None

    def __enter__(self) -> None:
        self._token = _current.set(self._deadline)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)


def _allowed(timeout: float | None, expired: type[Exception]) -> float | None:
    deadline = _current.get()
    if deadline is None:
        return timeout
    left = remaining(deadline)
    if left <= 0:
        raise expired
    return left if timeout is None else min(timeout, left)


class _DeadlineStream(httpcore.NetworkStream):
    """A connection whose every step is bounded by the deadline of the call that uses it."""

    def __init__(self, stream: httpcore.NetworkStream, *, is_nested: bool = False) -> None:
        self._stream = stream
        found: object = None if is_nested else stream.get_extra_info("socket")
        self._socket = found if isinstance(found, socket.socket) else None

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _allowed(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        # The stream below repeats send() until all is gone and starts its clock anew each time, so
        # a server that hardly reads could hold a long body for ever. Here each send() has no more
        # than what is left.
        view = memoryview(buffer)
        if self._socket is not None:
            while view:
                allowed = _allowed(timeout, httpcore.WriteTimeout)
                try:
                    self._socket.settimeout(allowed)
                    sent = self._socket.send(view)
                except TimeoutError as error:
                    raise httpcore.WriteTimeout(str(error)) from error
                except OSError as error:
                    raise httpcore.WriteError(str(error)) from error
                view = view[sent:]
            return
        # TLS within TLS, to a proxy, has no socket of its own. Slices bound it.
        for start in range(0, len(view), _SLICE):
            self._stream.write(
                bytes(view[start : start + _SLICE]), _allowed(timeout, httpcore.WriteTimeout)
            )

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        allowed = _allowed(timeout, httpcore.ConnectTimeout)
        is_nested = self._stream.get_extra_info("ssl_object") is not None
        return _DeadlineStream(
            self._stream.start_tls(ssl_context, server_hostname, allowed), is_nested=is_nested
        )

    def get_extra_info(self, info: str) -> object:
        return self._stream.get_extra_info(info)


class _DeadlineBackend(httpcore.NetworkBackend):
    """Opens connections that keep to the deadline of the call that uses them."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        # A host may have many addresses. The library gives each the whole time; here they share
        # it. Resolving the name itself is bounded by the system's resolver, not by us.
        end = None if timeout is None else time.monotonic() + timeout
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:  # the latter where it cannot even be asked for
            raise httpcore.ConnectError(str(error)) from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        options = None if socket_options is None else list(socket_options)
        failure: Exception = httpcore.ConnectError("the host has no address")
        for address in addresses:
            left = None if end is None else remaining(end)
            if left == 0.0:
                raise httpcore.ConnectTimeout("timed out")
            allowed = _allowed(left, httpcore.ConnectTimeout)
            try:
                stream = self._backend.connect_tcp(address, port, allowed, local_address, options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return GatheringStream(_DeadlineStream(stream))
        raise failure


class _AsyncBackend(httpcore.AsyncNetworkBackend):
    """Opens connections of the library's own, for asyncio."""

    def __init__(self) -> None:
        # The library declares this class twice, the second time without methods.
        self._backend = cast("httpcore.AsyncNetworkBackend", httpcore.AnyIOBackend())

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        return AsyncGatheringStream(
            await self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        )


def async_network_backend() -> httpcore.AsyncNetworkBackend:
    """The network of the async client: cancellation is its deadline.

    Returns:
        A backend.
    """
    return _AsyncBackend()


def network_backend() -> httpcore.NetworkBackend:
    """The network of the sync client: its sockets keep to the deadline of :class:`Deadline`.

    Returns:
        A backend.
    """
    return _DeadlineBackend()
