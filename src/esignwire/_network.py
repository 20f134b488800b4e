"""Streams that connections send and receive on, with asyncio and for threads.

A stream notes how far the attempt that uses it has come: whether a byte has left, whether the rest
could not be sent, whether something came too early. All streams of a client stand in a register,
so that closing the client ends them from any thread.
"""

from __future__ import annotations

import ipaddress
import queue
import select
import socket
import ssl
import sys
import threading
import time
import weakref
from collections.abc import Iterable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

import httpcore

from esignwire._deadline import bounded, remaining
from esignwire._forks import renew_in_children
from esignwire._http_failures import Attempt, Unusable

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncNetwork", "Network", "Register"]

# Under this size one call of send() is one step of the kernel's; see Stream.write.
_SLICE = 16 * 1024
# How much of an answer asyncio fetches ahead.
_AHEAD = 256 * 1024
# RFC 8305: how long the first address of a host is tried alone.
_ALONE = 0.25


class _Ending(Protocol):
    """A stream, as the register knows it."""

    def cut(self) -> None:
        """Ends it from any thread: nothing can be sent on it any more."""
        ...

    def let_go(self) -> None:
        """Lets go of it in a forked child; the parent goes on with it."""
        ...


class Register:
    """The open streams of one client."""

    def __init__(self) -> None:
        self._streams: weakref.WeakSet[_Ending] = weakref.WeakSet()
        self.is_closed = False

    def add(self, stream: _Ending) -> None:
        """Takes a stream in.

        Args:
            stream: The stream.

        Raises:
            Unusable: The client was closed in the meantime; so is the stream.
        """
        self._streams.add(stream)
        # In this order: the thread that closes the client sees the stream, or this one sees that.
        if self.is_closed:
            stream.cut()
        self.check()

    def check(self) -> None:
        """Refuses what comes after the end.

        Raises:
            Unusable: The client is closed.
        """
        if self.is_closed:
            raise Unusable("the client is closed; make a new one")

    def close(self) -> None:
        """Ends all streams, those in use too."""
        self.is_closed = True
        with suppress(KeyError):
            while True:
                self._streams.pop().cut()

    def forget(self) -> None:
        """Lets go of all streams in a forked child."""
        with suppress(KeyError):
            while True:
                self._streams.pop().let_go()


class _Way:
    """What the streams of one connection have in common: one, and one more for each TLS on it.

    Args:
        register: The open streams of the client.
        depth: How many times TLS is begun before the first request: 0 to 2.
    """

    def __init__(self, register: Register, depth: int) -> None:
        self.register = register
        self.depth = depth
        self.is_reused = False
        self.attempt = Attempt()
        self._last: Stream | AsyncStream | None = None

    def begin(self, attempt: Attempt) -> None:
        """Begins a request.

        Args:
            attempt: Is kept up to date.
        """
        self.attempt = attempt
        self.is_reused = self._last is not None
        if self._last is not None:
            self._last.attempt = attempt

    def attempt_of(self, stream: Stream | AsyncStream, depth: int) -> Attempt:
        """What a new stream keeps up to date. A proxy may be asked for its tunnel before that."""
        if depth < self.depth:
            return Attempt()
        self._last = stream
        return self.attempt


class Network(_Way, httpcore.NetworkBackend):
    """Opens one connection that keeps to the deadline of the call that uses it."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first address of a host that answers. They share the time."""
        end = time.monotonic() + (bounded(timeout, httpcore.ConnectTimeout) or 0.0)
        addresses = _addresses(host, port, end)
        failure: Exception = httpcore.ConnectError("the host has no address")
        for place, address in enumerate(addresses):
            share = remaining(end) / (len(addresses) - place)
            if share <= 0:
                raise httpcore.ConnectTimeout("no address of the host answered in time")
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, share, local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return Stream(self, stream)
        raise failure


class _Resolving:
    """Threads that ask for the addresses of hosts: the system's resolver cannot be hurried."""

    def __init__(self) -> None:
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Begins anew in a forked child, which has none of these threads."""
        self.turns = threading.Semaphore(8)


_resolving = _Resolving()


def _addresses(host: str, port: int, end: float) -> list[str]:
    """Finds the addresses of a host until ``end`` on the clock of ``time.monotonic``."""
    with suppress(ValueError):
        return [str(ipaddress.ip_address(host))]
    turns = _resolving.turns
    found: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        try:
            if turns.acquire(timeout=remaining(end)):
                try:
                    entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
                finally:
                    turns.release()
                found.put(list(dict.fromkeys(str(entry[4][0]) for entry in entries)))
        except (OSError, UnicodeError) as error:  # the latter where it cannot even be asked for
            found.put(httpcore.ConnectError(f"the host's name was not resolved: {error}"))

    try:
        threading.Thread(target=resolve, name="esignwire-resolver", daemon=True).start()
    except RuntimeError:  # there are too many threads, or the interpreter is ending
        resolve()
    try:
        answer = found.get(timeout=remaining(end))
    except queue.Empty:
        raise httpcore.ConnectTimeout("the host's name was not resolved in time") from None
    if isinstance(answer, Exception):
        raise answer
    return answer


class Stream(httpcore.NetworkStream):
    """A stream whose every step is bounded by the deadline of the call.

    Args:
        way: The connection that it is part of.
        stream: What it stands on.
        below: The stream that TLS was begun on.
    """

    def __init__(
        self, way: Network, stream: httpcore.NetworkStream, below: Stream | None = None
    ) -> None:
        self._stream = stream
        self._way = way
        self.below = below
        self.depth: int = 0 if below is None else below.depth + 1
        found: object = stream.get_extra_info("socket")
        self._socket = cast("socket.socket", found)
        # TLS within TLS uses the socket of the TLS below.
        self._is_nested = below is not None and below.depth > 0
        self.attempt = way.attempt_of(self, self.depth)
        way.register.add(self)

    def __del__(self) -> None:
        # An interrupt may come between any two steps, so that nothing else closes it.
        with suppress(AttributeError):
            self._stream.close()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Reads."""
        try:
            data = self._stream.read(max_bytes, bounded(timeout, httpcore.ReadTimeout))
        except ValueError as error:  # another thread has closed it
            raise httpcore.ReadError(str(error)) from error
        self.attempt.note(data)
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Sends."""
        if not buffer:
            return
        attempt = self.attempt
        # A new connection of TLS 1.3 has things of its own to read.
        is_silent = self._way.is_reused or self.depth == 0
        if attempt.is_sent and is_silent and not attempt.is_early:
            attempt.is_early = self._is_readable()
        try:
            self._send(buffer, timeout)
        except httpcore.WriteError as error:
            if not attempt.is_sent:
                # httpcore would take a WriteError for an early refusal and read on.
                raise httpcore.ConnectError("the connection broke while it was idle") from error
            attempt.is_cut = True
            raise

    def _send(self, buffer: bytes, timeout: float | None) -> None:
        # httpcore's own stream repeats send() until all is gone and starts its clock anew each
        # time, so that a server that hardly reads could hold a long body for ever.
        view = memoryview(buffer)
        while view:
            allowed = bounded(timeout, httpcore.WriteTimeout)
            if self._is_nested:
                self.attempt.is_sent = True
                self._stream.write(bytes(view[:_SLICE]), allowed)
                view = view[_SLICE:]
                continue
            try:
                self._socket.settimeout(allowed)
                sent = self._socket.send(view)
            except TimeoutError as error:
                self.attempt.is_sent = True
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error
            self.attempt.is_sent = True
            view = view[sent:]

    def close(self) -> None:
        """Closes it."""
        self._stream.close()

    def cut(self) -> None:
        """Ends it from any thread."""
        # Not close(): the thread that uses it would find a socket without TLS, or another's.
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Closes the child's descriptor, of which the parent's server learns nothing."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Begins TLS."""
        allowed = bounded(timeout, httpcore.ConnectTimeout)
        return Stream(
            self._way, self._stream.start_tls(ssl_context, server_hostname, allowed), self
        )

    def get_extra_info(self, info: str) -> object:
        """Tells about the connection."""
        if info == "is_readable":
            return self._is_readable()
        return self._stream.get_extra_info(info)

    def _is_readable(self) -> bool:
        return _holds_decrypted(self._stream) or bool(self._stream.get_extra_info("is_readable"))


def _holds_decrypted(stream: httpcore.NetworkStream) -> bool:
    """Whether TLS has fetched more than was read from it."""
    found: object = stream.get_extra_info("ssl_object")
    if isinstance(found, ssl.SSLObject):
        try:
            found.read(1)
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError:
            return True
        else:
            return True
    found = stream.get_extra_info("socket")
    return isinstance(found, ssl.SSLSocket) and found.pending() > 0


class AsyncNetwork(_Way, httpcore.AsyncNetworkBackend):
    """Opens one connection of asyncio's. Cancellation is its deadline."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,  # noqa: ARG002 - httpcore gives it
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,  # noqa: ARG002 - as above
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first address of a host that answers."""
        import asyncio

        loop = asyncio.get_running_loop()
        stream = AsyncStream(self)
        # uvloop tries one address after the other and knows no such option.
        options: dict[str, Any] = (
            {"happy_eyeballs_delay": _ALONE} if isinstance(loop, asyncio.BaseEventLoop) else {}
        )
        try:
            async with asyncio.timeout(timeout):
                await loop.create_connection(
                    lambda: cast("asyncio.Protocol", stream), host, port, **options
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("no address of the host answered in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        self.register.add(stream)
        return stream


class AsyncStream(httpcore.AsyncNetworkStream):
    """A stream that is a protocol of asyncio's too, so that it sees all that comes, and when.

    Args:
        way: The connection that it is part of.
        below: The stream that TLS was begun on.
    """

    transport: asyncio.Transport

    def __init__(self, way: AsyncNetwork, below: AsyncStream | None = None) -> None:
        self._way = way
        self.below = below
        self.depth: int = 0 if below is None else below.depth + 1
        self._come = bytearray()
        self._is_over = False
        self._failure: Exception | None = None
        self._is_full = False
        self._is_paused = False
        self._is_reading = False
        self._waiter: asyncio.Future[None] | None = None
        self._attempt = way.attempt_of(self, self.depth)

    @property
    def attempt(self) -> Attempt:
        """What is kept up to date."""
        return self._attempt

    @attempt.setter
    def attempt(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._is_reading = False

    def connection_made(self, transport: asyncio.Transport) -> None:
        """Is told by asyncio."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Is told by asyncio."""
        if not self._is_reading or self._is_unsent():
            self._attempt.is_early = True
        self._come += data
        if len(self._come) >= _AHEAD and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        """Is told by asyncio."""
        self._is_over = True
        self._wake()
        return True  # what is being sent may go on: the answer may be there already

    def connection_lost(self, failure: Exception | None) -> None:
        """Is told by asyncio."""
        self._is_over = True
        self._is_full = False
        self._failure = failure
        self._wake()

    def pause_writing(self) -> None:
        """Is told by asyncio."""
        self._is_full = True

    def resume_writing(self) -> None:
        """Is told by asyncio."""
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _change(self) -> None:
        import asyncio

        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _is_unsent(self) -> bool:
        stream: AsyncStream | None = self
        while stream is not None:
            if stream.transport.get_write_buffer_size():
                return True
            stream = stream.below
        return False

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline cancels it
        """Reads."""
        self._is_reading = True
        while not self._come and not self._is_over:
            await self._change()
        if not self._come and self._failure is not None:
            raise httpcore.ReadError(str(self._failure)) from self._failure
        data = bytes(self._come[:max_bytes])
        del self._come[:max_bytes]
        self._attempt.note(data)
        if self._is_paused and len(self._come) < _AHEAD and not self.transport.is_closing():
            self._is_paused = False
            self.transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline cancels it
        """Sends."""
        if not buffer:
            return
        attempt = self._attempt
        if self.transport.is_closing():
            if not attempt.is_sent:
                # httpcore would take a WriteError for an early refusal and read on.
                raise httpcore.ConnectError("the connection broke while it was idle")
            attempt.is_cut = True
            raise httpcore.WriteError("the connection broke") from self._failure
        attempt.is_sent = True
        self.transport.write(buffer)
        while self._is_full:
            await self._change()

    async def aclose(self) -> None:
        """Closes it."""
        self.cut()

    def cut(self) -> None:
        """Ends it; what has not left yet is not sent."""
        try:
            self.transport.abort()
        except RuntimeError:  # the event loop is closed
            with suppress(OSError):
                self.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        """Does nothing: the selector of the parent's event loop knows the descriptor."""

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Begins TLS."""
        import asyncio

        secured = AsyncStream(self._way, self)
        try:
            async with asyncio.timeout(timeout):
                transport = await asyncio.get_running_loop().start_tls(
                    self.transport,
                    cast("asyncio.Protocol", secured),
                    ssl_context,
                    server_hostname=server_hostname,
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout("TLS was not ready in time") from error
        except OSError as error:
            raise httpcore.ConnectError(str(error)) from error
        if transport is None:
            raise httpcore.ConnectError("the connection broke while TLS began")
        secured.connection_made(transport)
        self._way.register.add(secured)
        return secured

    def get_extra_info(self, info: str) -> object:
        """Tells about the connection."""
        if info == "is_readable":
            return bool(self._come) or self._is_over or _is_readable(self.transport)
        return cast("object", self.transport.get_extra_info(info))


def _is_readable(transport: asyncio.Transport) -> bool:
    """Whether the kernel holds what asyncio has not fetched yet, or the socket is closed."""
    number: int = transport.get_extra_info("socket").fileno()
    if number < 0:
        return True
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
