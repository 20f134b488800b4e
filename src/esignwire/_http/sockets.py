"""TCP sockets: the few steps that take asyncio and threads different ways.

Nothing is read ahead: what has come stays in the kernel until it is asked for.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
import weakref
from concurrent.futures import Future
from contextlib import suppress
from typing import NamedTuple

from esignwire._forks import Renewed
from esignwire._http.deadline import remaining
from esignwire._http.failures import Attempt, Unusable

__all__ = ["Address", "AsyncSocket", "Register", "Socket"]

# How much is received at once.
_PIECE = 64 * 1024
# The system's resolver cannot be hurried: so many threads may wait for it.
_resolving = Renewed(lambda: threading.Semaphore(8))


class Address(NamedTuple):
    """An address of a host, as ``getaddrinfo`` gives it."""

    family: int
    kind: int
    protocol: int
    name: str
    address: tuple[str, int] | tuple[str, int, int, int] | tuple[int, bytes]


class Register:
    """The open sockets of one client, so that closing the client ends them all."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.is_closed = False

    def add(self, opened: socket.socket) -> None:
        """Takes a socket in; ``Unusable`` says that the client was closed in the meantime."""
        self._sockets.add(opened)
        # In this order: the thread that closes the client sees the socket, or this one sees that.
        if self.is_closed:
            opened.close()
        self.check()

    def check(self) -> None:
        """Refuses what comes after the end with ``Unusable``."""
        if self.is_closed:
            raise Unusable("the client is closed; make a new one")

    def close(self) -> None:
        """Ends all connections. The calls that use them learn of it, and close their sockets."""
        self.is_closed = True
        with suppress(KeyError):
            while True:
                _shut(self._sockets.pop())

    def forget(self) -> None:
        """Lets go of all sockets in a forked child: the parent goes on with the connections."""
        with suppress(KeyError):
            while True:
                self._sockets.pop().close()


def _shut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


class _Socket:
    """What both kinds of sockets do alike."""

    def __init__(self, opened: socket.socket, register: Register) -> None:
        self._socket = opened
        register.add(opened)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def fetch(self) -> bytes:
        """Receives what has come; ``BlockingIOError`` says that nothing has."""
        self._socket.setblocking(False)
        return self._socket.recv(_PIECE)

    def close(self) -> None:
        # The server learns of it even where a forked child has the descriptor too.
        _shut(self._socket)
        self._socket.close()


class AsyncSocket(_Socket):
    """A socket of asyncio's. Cancellation is its deadline."""

    @staticmethod
    async def resolve(host: str, port: int, _deadline: float) -> list[Address]:
        """Finds the addresses of a host."""
        import asyncio

        if _is_numeric(host):
            return _addresses(host, port)
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        return [Address(*entry) for entry in found]

    @classmethod
    async def connect(cls, to: Address, register: Register, _deadline: float) -> AsyncSocket:
        """Opens a connection."""
        import asyncio

        opened = socket.socket(to.family, to.kind, to.protocol)
        try:
            opened.setblocking(False)
            await asyncio.get_running_loop().sock_connect(opened, to.address)
            return cls(opened, register)
        except BaseException:
            opened.close()
            raise

    async def receive(self, _deadline: float) -> bytes:
        """Waits for bytes; none are the end."""
        import asyncio

        return await asyncio.get_running_loop().sock_recv(self._socket, _PIECE)

    async def send(self, data: memoryview, attempt: Attempt, _deadline: float) -> None:
        """Sends it all, and notes when the first byte may have left."""
        import asyncio

        sent = 0
        with suppress(BlockingIOError):
            sent = self._socket.send(data)
        attempt.is_sent = True
        if sent < len(data):
            await asyncio.get_running_loop().sock_sendall(self._socket, data[sent:])


class Socket(_Socket):
    """A socket for threads. Each step is told the deadline."""

    @staticmethod
    def resolve(host: str, port: int, deadline: float) -> list[Address]:
        """Finds the addresses of a host."""
        if _is_numeric(host):
            return _addresses(host, port)
        found: Future[list[Address]] = Future()
        task = (found, host, port, deadline)
        try:
            threading.Thread(
                target=_resolve, args=task, name="esignwire-resolver", daemon=True
            ).start()
        except RuntimeError:  # there are too many threads, or the interpreter is ending
            _resolve(*task)
        return found.result(remaining(deadline))

    @classmethod
    def connect(cls, to: Address, register: Register, deadline: float) -> Socket:
        """Opens a connection."""
        opened = socket.socket(to.family, to.kind, to.protocol)
        try:
            _bound(opened, deadline)
            opened.connect(to.address)
            return cls(opened, register)
        except BaseException:
            opened.close()
            raise

    def receive(self, deadline: float) -> bytes:
        """Waits for bytes; none are the end."""
        _bound(self._socket, deadline)
        return self._socket.recv(_PIECE)

    def send(self, data: memoryview, attempt: Attempt, deadline: float) -> None:
        """Sends it all, and notes when the first byte may have left."""
        _bound(self._socket, deadline)
        sent = self._socket.send(data)
        attempt.is_sent = True
        if sent < len(data):
            _bound(self._socket, deadline)
            self._socket.sendall(data[sent:])


def _bound(opened: socket.socket, deadline: float) -> None:
    left = remaining(deadline)
    if left <= 0:
        raise TimeoutError
    opened.settimeout(left)


def _is_numeric(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _addresses(host: str, port: int) -> list[Address]:
    return [Address(*entry) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def _resolve(found: Future[list[Address]], host: str, port: int, deadline: float) -> None:
    turns = _resolving.held
    if turns.acquire(timeout=remaining(deadline)):
        try:
            found.set_result(_addresses(host, port))
        except (OSError, UnicodeError) as error:  # the latter where it cannot even be asked for
            found.set_exception(error)
        finally:
            turns.release()
