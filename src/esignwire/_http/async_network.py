"""Networks of one connection each, as httpcore asks for them. The sync twin is derived from here.

Their streams note how far the attempt that uses them has come: whether a byte has left, whether the
rest could not be sent, whether something came too early. TLS lies in memory, between the stream
and the socket, so that every connection can be asked, without waiting, what has come.
"""

from __future__ import annotations

import ipaddress
import re
import ssl
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

import httpcore

from esignwire._http.deadline import async_until, remaining
from esignwire._http.failures import HEADERS_TOO_LARGE, Attempt
from esignwire._http.sockets import AsyncSocket, Register

__all__ = ["AsyncNetwork"]

_T = TypeVar("_T")
# So much is sent before the stream looks whether an answer is there already, and so much of that
# answer is kept.
_PIECE = 64 * 1024
# httpcore bounds each head, and reads any number of interim answers before the answer.
_MOST_HEAD_BYTES = 4 * _PIECE
# Some servers send "100 Continue" for each request with a body, asked for or not.
_INTERIM = re.compile(rb"(?:HTTP/1\.1 1\d\d[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n)+")
# How many seconds one address of a host is tried while there are others.
_LONGEST_TRY = 1.0


class AsyncNetwork(httpcore.AsyncNetworkBackend):
    """Opens one connection, and knows the attempt that uses it and its deadline."""

    def __init__(self, register: Register) -> None:
        self._register = register
        self._socket: AsyncSocket | None = None
        self.attempt = Attempt()

    def close(self) -> None:
        """Closes the connection, however far it has come."""
        if self._socket is not None:
            self._socket.close()

    def end_of(self, timeout: float | None) -> float:
        """The deadline of one step before the request."""
        return min(time.monotonic() + (timeout or 0.0), self.attempt.deadline)

    async def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, *_: object, **__: object
    ) -> httpcore.AsyncNetworkStream:
        """Connects to the first address of a host that answers."""
        end = self.end_of(timeout)
        with _raising(httpcore.ConnectTimeout, httpcore.ConnectError):
            async with async_until(end):
                return _AsyncStream(self, await self._connected(host, port, end))

    async def _connected(self, host: str, port: int, end: float) -> AsyncSocket:
        """Tries the addresses of a host in turn. They share the time."""
        failure = OSError("the host has no address")
        addresses = [host] if _is_numeric(host) else await AsyncSocket.resolve(host, end)
        for behind, address in zip(range(len(addresses))[::-1], addresses, strict=True):
            left = remaining(end)
            own_end = end - (left - min(left / 2, _LONGEST_TRY) if behind else 0.0)
            self._socket = AsyncSocket(address, self._register)
            try:
                async with async_until(own_end):
                    await self._socket.connect(address, port, own_end)
            except OSError as error:
                self._socket.close()
                failure = error
            else:
                return self._socket
        raise failure


@contextmanager
def _raising(timeout: type[Exception], failure: type[Exception]) -> Generator[None]:
    """Turns what sockets and TLS raise into what httpcore raises."""
    try:
        yield
    except TimeoutError as error:
        raise timeout(str(error)) from error
    except (OSError, UnicodeError) as error:  # the latter where a name cannot even be asked for
        raise failure(str(error)) from error


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


class _AsyncTls:
    """TLS upon a socket, or upon TLS, as to a proxy.

    It lies in memory: what has come is read without waiting, with asyncio and for threads alike.
    """

    def __init__(
        self, below: AsyncSocket | _AsyncTls, context: ssl.SSLContext, host: str | None
    ) -> None:
        self._below = below
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.ssl = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def shake_hands(self, end: float) -> None:
        await self._step(self.ssl.do_handshake, Attempt(end))

    async def receive(self, attempt: Attempt) -> bytes:
        try:
            return await self._step(partial(self.ssl.read, _PIECE), attempt)
        except ssl.SSLEOFError:  # many servers end TLS by closing the socket
            return b""

    async def send(self, data: memoryview, attempt: Attempt) -> None:
        while data:
            data = data[await self._step(partial(self.ssl.write, data), attempt) :]

    def fetch(self) -> bytes:
        """Receives what has come; ``BlockingIOError`` says that nothing has."""
        while True:
            try:
                return self.ssl.read(_PIECE)
            except ssl.SSLWantReadError:
                self._feed(self._below.fetch())

    async def _step(self, step: Callable[[], _T], attempt: Attempt) -> _T:
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                pass
            finally:
                if self._outgoing.pending:
                    await self._below.send(memoryview(self._outgoing.read()), attempt)
            self._feed(await self._below.receive(attempt))

    def _feed(self, data: bytes) -> None:
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()


class _AsyncStream(httpcore.AsyncNetworkStream):
    """The stream that httpcore reads and writes.

    It tells whether a byte has left, on which rests whether a call may be repeated.
    """

    def __init__(self, network: AsyncNetwork, channel: AsyncSocket | _AsyncTls) -> None:
        self._network = network
        self._channel = channel
        self._come = b""
        self._head = b""

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the attempt says it
        attempt = self._network.attempt
        attempt.is_answered = attempt.is_sent
        # All of it: httpcore's parser says in the end what is left over.
        come, self._come = self._come, b""
        with _raising(httpcore.ReadTimeout, httpcore.ReadError):
            come = come or await self._channel.receive(attempt)
        if attempt.http_status is None:
            attempt.head_bytes += len(come)
            if attempt.head_bytes > _MOST_HEAD_BYTES:
                raise httpcore.RemoteProtocolError(HEADERS_TOO_LARGE)
        return come

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - as above
        attempt = self._network.attempt
        if self._head:
            buffer, self._head = self._head + buffer, b""
            # So far nothing has left, though the body may have been asked for.
            attempt.is_sent = False
        elif not attempt.is_sent:
            if buffer.startswith(b"CONNECT "):  # to a proxy: it is no part of the attempt
                attempt = Attempt(attempt.deadline)
            else:
                # The head leaves with what follows it, in one packet. After a request without a
                # body httpcore writes no bytes.
                self._head = buffer
                return
        left = memoryview(buffer)
        try:
            while left:
                if attempt.is_sent:
                    self._look()
                    attempt.is_early = bool(self._come) and not _INTERIM.fullmatch(self._come)
                await self._channel.send(left[:_PIECE], attempt)
                left = left[_PIECE:]
        except TimeoutError as error:
            raise httpcore.WriteTimeout from error
        except OSError as error:
            if not attempt.is_sent:
                # An alert of TLS that has come says why, as where a client certificate is missing.
                try:
                    self._channel.fetch()
                except ssl.SSLError as alert:
                    raise httpcore.ConnectError(str(alert)) from alert
                except OSError:
                    pass
                # httpcore would take a WriteError for an early refusal and read on.
                raise httpcore.ConnectError("the connection broke while it was idle") from error
            attempt.is_early = True
            raise httpcore.WriteError(str(error)) from error

    def _look(self) -> bool:
        """Takes what has come, without waiting, and says whether anything has, be it the end."""
        try:
            while len(self._come) < _PIECE:
                data = self._channel.fetch()
                if not data:
                    return True
                self._come += data
        except BlockingIOError:
            return bool(self._come)
        except OSError:  # it comes again with the next step
            pass
        return True

    async def aclose(self) -> None:
        self._network.close()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.AsyncNetworkStream:
        end = self._network.end_of(timeout)
        with _raising(httpcore.ConnectTimeout, httpcore.ConnectError):
            channel = _AsyncTls(self._channel, ssl_context, server_hostname)
            async with async_until(end):
                await channel.shake_hands(end)
            return _AsyncStream(self._network, channel)

    def get_extra_info(self, info: str) -> object:
        if info == "is_readable":
            return self._look()
        return getattr(self._channel, "ssl", None) if info == "ssl_object" else None
