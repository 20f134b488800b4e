"""Networks of one connection each, with asyncio and for threads, as httpcore asks for them.

Their streams note how far the attempt that uses them has come: whether a byte has left, whether the
rest could not be sent, whether something came too early.
"""

from __future__ import annotations

import ipaddress
import queue
import re
import select
import socket
import ssl
import sys
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Protocol, cast

import httpcore

from esignwire._forks import renew_in_children
from esignwire._http.deadline import bounded, remaining
from esignwire._http.failures import Attempt, Unusable

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncNetwork", "Network", "Register", "Way"]

# Where TLS lies within TLS, so much is sent at once: it has a time-out of its own for each piece.
_SLICE = 16 * 1024
# Some servers send "100 Continue" for each request with a body, asked for or not.
_INTERIM = re.compile(rb"(?:HTTP/1\.1 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)+")
_UNRESOLVED = "the host's name was not resolved"
# How much of an answer asyncio fetches ahead.
_AHEAD = 256 * 1024
# How many seconds one address of a host is tried while there are others.
_LONGEST_TRY = 1.0


class _Cuttable(Protocol):
    def cut(self) -> None:
        """Ends the stream from any thread: nothing can be sent on it any more."""
        ...

    def let_go(self) -> None:
        """Closes the descriptor alone: in a forked child, the parent goes on with the stream."""
        ...


class Register:
    """The open streams of one client, so that closing the client ends them all."""

    def __init__(self) -> None:
        self._streams: weakref.WeakSet[_Cuttable] = weakref.WeakSet()
        self.is_closed = False

    def add(self, stream: _Cuttable) -> None:
        """Takes a stream in; ``Unusable`` says that the client was closed in the meantime."""
        self._streams.add(stream)
        # In this order: the thread that closes the client sees the stream, or this one sees that.
        if self.is_closed:
            stream.cut()
            stream.let_go()
        self.check()

    def check(self) -> None:
        """Refuses what comes after the end with ``Unusable``."""
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


class Way:
    """What the streams of one connection share: one for TCP, and one more for each TLS upon it.

    Args:
        register: The open streams of the client.
        depth: How many times TLS is begun before the first request: 0 to 2.
    """

    def __init__(self, register: Register, depth: int) -> None:
        self.register = register
        self.depth = depth
        self.attempt = self._before = Attempt()
        self.is_open = False
        self.is_reused = False

    def begin(self, attempt: Attempt) -> None:
        """Begins an attempt, which is kept up to date."""
        self.attempt = attempt
        self.is_reused = self.is_open

    def read(self, come: bytearray, max_bytes: int, depth: int) -> bytes:
        """Takes the first bytes of what has come already."""
        self.attempt_at(depth).is_answered = True
        data = bytes(come[:max_bytes])
        del come[:max_bytes]
        return data

    def attempt_at(self, depth: int) -> Attempt:
        """What a stream keeps up to date: nothing yet, where it asks a proxy for a tunnel."""
        return self.attempt if depth == self.depth else self._before


class Network(httpcore.NetworkBackend):
    """Opens one connection that keeps to the deadline of the call that uses it."""

    def __init__(self, way: Way) -> None:
        self._way = way

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connects to the first address of a host that answers. The addresses share the time."""
        end = time.monotonic() + (bounded(timeout, httpcore.ConnectTimeout) or 0.0)
        failure: Exception = httpcore.ConnectTimeout("no address of the host was tried in time")
        for address, seconds in _tries(_addresses(host, port, end), end):
            try:
                stream = httpcore.SyncBackend().connect_tcp(
                    address, port, seconds, local_address, socket_options or ()
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
            else:
                return _Stream(self._way, stream)
        raise failure


def _tries(addresses: list[str], end: float) -> Iterator[tuple[str, float]]:
    """The addresses of a host, and how long each may be tried."""
    for behind, address in zip(range(len(addresses))[::-1], addresses, strict=True):
        left = remaining(end)
        if left > 0:
            yield address, min(left / 2, _LONGEST_TRY) if behind else left


class _Resolving:
    """How many threads may wait for the system's resolver, which cannot be hurried."""

    def __init__(self) -> None:
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        self.turns = threading.Semaphore(8)


_resolving = _Resolving()


def _addresses(host: str, port: int, end: float) -> list[str]:
    """Finds the addresses of a host until ``end`` on the clock of ``time.monotonic``."""
    if _is_numeric(host):
        return [host]
    turns = _resolving.turns
    answers: queue.SimpleQueue[list[str] | Exception] = queue.SimpleQueue()

    def resolve() -> None:
        if not turns.acquire(timeout=remaining(end)):
            return
        try:
            answers.put(_distinct(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)))
        except (OSError, UnicodeError) as error:  # the latter where it cannot even be asked for
            answers.put(error)
        finally:
            turns.release()

    try:
        threading.Thread(target=resolve, name="esignwire-resolver", daemon=True).start()
    except RuntimeError:  # there are too many threads, or the interpreter is ending
        resolve()
    try:
        answer = answers.get(timeout=remaining(end))
    except queue.Empty:
        raise httpcore.ConnectTimeout(_UNRESOLVED) from None
    if isinstance(answer, Exception):
        raise httpcore.ConnectError(f"{_UNRESOLVED}: {answer}") from answer
    return answer


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _distinct(entries: list[Any]) -> list[str]:
    return list(dict.fromkeys(str(entry[4][0]) for entry in entries))


class _Stream(httpcore.NetworkStream):
    """A stream whose every step is bounded by the deadline of the call."""

    def __init__(
        self, way: Way, stream: httpcore.NetworkStream, below: _Stream | None = None
    ) -> None:
        self._stream = stream
        self._way = way
        self._below = below  # which TLS within TLS goes on using
        self.depth: int = 0 if below is None else below.depth + 1
        self._socket = cast("socket.socket", stream.get_extra_info("socket"))
        self._come = bytearray()
        way.is_open = self.depth == way.depth
        way.register.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        if data := self._way.read(self._come, max_bytes, self.depth):
            return data
        return self._stream.read(max_bytes, bounded(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        attempt = self._way.attempt_at(self.depth)
        if buffer and attempt.is_sent:
            self._look(attempt)
        try:
            self._send(memoryview(buffer), timeout, attempt)
        except httpcore.WriteError as error:
            if not attempt.is_sent:
                # httpcore would take a WriteError for an early refusal and read on.
                raise httpcore.ConnectError("the connection broke while it was idle") from error
            attempt.is_cut = True
            raise

    def _look(self, attempt: Attempt) -> None:
        """Fetches what comes while a request is sent."""
        if len(self._come) >= _AHEAD or not self._stream.get_extra_info("is_readable"):
            return
        if self.depth > 1:
            attempt.is_early |= self._way.is_reused
            return
        # What fails here fails again when it is read. And TLS has things of its own to read.
        with suppress(OSError):
            self._socket.settimeout(0)
            self._come += self._socket.recv(_AHEAD)
            attempt.is_early |= bool(self._come) and not _INTERIM.fullmatch(self._come)

    def _send(self, left: memoryview, timeout: float | None, attempt: Attempt) -> None:
        # httpcore's own stream repeats send() until all is gone and starts its clock anew each
        # time, so that a server that hardly reads could hold a long body for ever.
        while left:
            allowed = bounded(timeout, httpcore.WriteTimeout)
            if self.depth > 1:
                attempt.is_sent = True
                self._stream.write(bytes(left[:_SLICE]), allowed)
                left = left[_SLICE:]
                continue
            try:
                self._socket.settimeout(allowed)
                sent = self._socket.send(left)
            except TimeoutError as error:
                attempt.is_sent = True
                raise httpcore.WriteTimeout(str(error)) from error
            except OSError as error:
                raise httpcore.WriteError(str(error)) from error
            attempt.is_sent = True
            left = left[sent:]

    def close(self) -> None:
        self.cut()
        self._stream.close()

    def cut(self) -> None:
        # Not close(): another thread that uses it would find a socket without TLS. And the server
        # learns of it even where a forked child has the descriptor too.
        with suppress(OSError):
            socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def let_go(self) -> None:
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        allowed = bounded(timeout, httpcore.ConnectTimeout)
        secured = self._stream.start_tls(ssl_context, server_hostname, allowed)
        return _Stream(self._way, secured, self)

    def get_extra_info(self, info: str) -> object:
        return self._is_readable() if info == "is_readable" else self._stream.get_extra_info(info)

    def _is_readable(self) -> bool:
        # TLS may have fetched more than was read from it.
        inner: object = self._stream.get_extra_info("ssl_object")
        if isinstance(inner, ssl.SSLObject):
            try:
                inner.read(1)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return True
            else:
                return True
        if isinstance(self._socket, ssl.SSLSocket) and self._socket.pending():
            return True
        return bool(self._come) or bool(self._stream.get_extra_info("is_readable"))


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    """Opens one connection of asyncio's. Cancellation is its deadline."""

    def __init__(self, way: Way) -> None:
        self._way = way

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
        end = time.monotonic() + (timeout or 0.0)
        addresses = [host]
        if not _is_numeric(host):
            try:
                async with asyncio.timeout(timeout):
                    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            except TimeoutError as error:
                raise httpcore.ConnectTimeout(_UNRESOLVED) from error
            except (OSError, UnicodeError) as error:
                raise httpcore.ConnectError(f"{_UNRESOLVED}: {error}") from error
            addresses = _distinct(found)
        failure: Exception = httpcore.ConnectTimeout("no address of the host was tried in time")
        for address, seconds in _tries(addresses, end):
            try:
                async with asyncio.timeout(seconds):
                    stream = await self._opened(address, port)
            except TimeoutError as error:
                failure = httpcore.ConnectTimeout(str(error))
            except OSError as error:
                failure = httpcore.ConnectError(str(error))
            else:
                self._way.register.add(stream)
                return stream
        raise failure

    async def _opened(self, address: str, port: int) -> _AsyncStream:
        import asyncio

        stream = _AsyncStream(self._way)
        protocol = cast("asyncio.Protocol", stream)
        await asyncio.get_running_loop().create_connection(lambda: protocol, address, port)
        return stream


class _AsyncStream(httpcore.AsyncNetworkStream):
    """A stream that is a protocol of asyncio's too, so that it sees all that comes, and when."""

    transport: asyncio.Transport

    def __init__(self, way: Way, below: _AsyncStream | None = None) -> None:
        self._way = way
        self.below = below
        self.depth: int = 0 if below is None else below.depth + 1
        self._come = bytearray()
        self._is_over = self._is_full = self._is_paused = False
        self._failure: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        way.is_open = self.depth == way.depth

    # What asyncio calls.

    def connection_made(self, transport: asyncio.Transport) -> None:
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self._come += data
        attempt = self._way.attempt_at(self.depth)
        if (attempt.unsent or self.is_unsent()) and not _INTERIM.fullmatch(self._come):
            attempt.is_early = True
        if len(self._come) >= _AHEAD and not self._is_paused:
            self._is_paused = True
            self.transport.pause_reading()
        self._wake()

    def eof_received(self) -> bool:
        self._is_over = True
        self._wake()
        # What is being sent may go on: the answer may be there already. TLS cannot do that.
        return self.depth == 0

    def connection_lost(self, failure: Exception | None) -> None:
        self._is_over, self._is_full, self._failure = True, False, failure
        self._wake()

    def pause_writing(self) -> None:
        self._is_full = True

    def resume_writing(self) -> None:
        self._is_full = False
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    async def _change(self) -> None:
        import asyncio

        self._waiter = asyncio.get_running_loop().create_future()
        await self._waiter

    def is_unsent(self) -> bool:
        return self.transport.get_write_buffer_size() > 0 or (
            self.below is not None and self.below.is_unsent()
        )

    # What httpcore calls.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline cancels it
        data = self._way.read(self._come, max_bytes, self.depth)
        while not data and not self._is_over:
            await self._change()
            data = self._way.read(self._come, max_bytes, self.depth)
        if not data and self._failure is not None:
            raise httpcore.ReadError(str(self._failure)) from self._failure
        if self._is_paused and len(self._come) < _AHEAD and not self.transport.is_closing():
            self._is_paused = False
            self.transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline cancels it
        attempt = self._way.attempt_at(self.depth)
        if buffer and attempt.is_sent and _is_readable(self.transport):
            # asyncio fetches it: in the first turn of its loop it learns of it.
            import asyncio

            await asyncio.sleep(0)
            await asyncio.sleep(0)
        if buffer and self.transport.is_closing():
            if not attempt.is_sent:
                # httpcore would take a WriteError for an early refusal and read on.
                raise httpcore.ConnectError("the connection broke while it was idle")
            attempt.is_cut = True
            raise httpcore.WriteError("the connection broke") from self._failure
        if buffer:
            attempt.is_sent = True
            self.transport.write(buffer)
        while self._is_full:
            await self._change()

    async def aclose(self) -> None:
        self.cut()

    def cut(self) -> None:
        try:
            self.transport.abort()
        except RuntimeError:  # the event loop is closed
            with suppress(OSError):
                self.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)

    def let_go(self) -> None:
        pass  # the selector of the parent's event loop, which the child shares, knows the socket

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        import asyncio

        secured = _AsyncStream(self._way, self)
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
        secured.transport = transport
        self._way.register.add(secured)
        return secured

    def get_extra_info(self, info: str) -> object:
        if info != "is_readable":
            return cast("object", self.transport.get_extra_info(info))
        # What asyncio has fetched, and what it has not come to.
        return bool(self._come) or self._is_over or _is_readable(self.transport)


def _is_readable(transport: asyncio.Transport) -> bool:
    number: int = transport.get_extra_info("socket").fileno()
    if number < 0:
        return True
    if sys.platform == "win32":
        return bool(select.select([number], [], [], 0)[0])
    poll = select.poll()
    poll.register(number, select.POLLIN)
    return bool(poll.poll(0))
