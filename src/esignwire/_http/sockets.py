"""Sockets: the few steps that asyncio and threads take in different ways.

Nothing is read ahead: what has come stays in the kernel until it is asked for.
"""

from __future__ import annotations

import socket
import threading
import weakref
from concurrent.futures import Future
from contextlib import suppress

from esignwire._forks import Renewed
from esignwire._http.deadline import remaining, time_left
from esignwire._http.failures import Attempt, Unusable

__all__ = ["AsyncSocket", "Register", "Socket"]

# How much is received at once.
_PIECE = 64 * 1024
# After so many bytes other tasks have their turn.
_TURN = 256 * 1024
# The resolver of the system has no deadline: so many threads may wait for it.
_resolving = Renewed(lambda: threading.Semaphore(8))


class Register:
    """The open sockets of one client, so that closing the client ends them all."""

    def __init__(self) -> None:
        self._sockets: weakref.WeakSet[socket.socket] = weakref.WeakSet()
        self.is_closed = False

    def add(self, opened: socket.socket) -> None:
        """Takes a socket in; ``Unusable`` says that the client was closed in the meantime."""
        self._sockets.add(opened)
        # In this order: the thread that closes the client finds the socket, or this thread finds
        # that the client is closed.
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
    # A socket that a forked child holds too is not ended by close().
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)


class _Socket:
    """What both kinds of sockets do alike."""

    def __init__(self, address: str, register: Register) -> None:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._socket = socket.socket(family, socket.SOCK_STREAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        register.add(self._socket)

    def fetch(self) -> bytes:
        """Receives what has come; ``BlockingIOError`` says that nothing has."""
        self._socket.setblocking(False)
        return self._socket.recv(_PIECE)

    def close(self) -> None:
        _shut(self._socket)
        self._socket.close()


class AsyncSocket(_Socket):
    """A socket of asyncio's. Cancellation is its deadline."""

    def __init__(self, address: str, register: Register) -> None:
        import asyncio

        self._loop = asyncio.get_running_loop()
        self._moved = 0
        super().__init__(address, register)

    @staticmethod
    async def resolve(host: str, _deadline: float) -> list[str]:
        """Finds the addresses of a host."""
        import asyncio

        found = await asyncio.get_running_loop().getaddrinfo(host, 0, type=socket.SOCK_STREAM)
        return [str(entry[4][0]) for entry in found]

    async def connect(self, address: str, port: int, _deadline: float) -> None:
        await self._loop.sock_connect(self._socket, (address, port))

    async def receive(self, _attempt: Attempt) -> bytes:
        """Waits for bytes; none are the end."""
        data = await self._loop.sock_recv(self._socket, _PIECE)
        self._moved += len(data)
        if self._moved > _TURN:
            await self._pause()
        return data

    async def send(self, data: memoryview, attempt: Attempt) -> None:
        """Sends it all, and notes when the first byte may have left."""
        sent = 0
        with suppress(BlockingIOError):
            sent = self._socket.send(data)
        attempt.is_sent = True
        if sent < len(data):
            await self._loop.sock_sendall(self._socket, data[sent:])
        self._moved += len(data)
        if self._moved > _TURN:
            await self._pause()

    async def _pause(self) -> None:
        """Lets other tasks run, and deadlines pass.

        asyncio does not wait where a socket is ready: a peer that is quick enough, such as with a
        flood of interim answers, would hold the event loop for ever.
        """
        import asyncio

        self._moved = 0
        await asyncio.sleep(0)


class Socket(_Socket):
    """A socket for threads. Each step is told the deadline."""

    @staticmethod
    def resolve(host: str, deadline: float) -> list[str]:
        """Finds the addresses of a host."""
        found: Future[list[str]] = Future()
        task = (host, deadline, found)
        thread = threading.Thread(
            target=_resolve, args=task, name="esignwire-resolver", daemon=True
        )
        try:
            thread.start()
        except RuntimeError:  # there are too many threads, or the interpreter is ending
            _resolve(*task)
        return found.result(remaining(deadline))

    def connect(self, address: str, port: int, deadline: float) -> None:
        self._within(deadline).connect((address, port))

    def receive(self, attempt: Attempt) -> bytes:
        """Waits for bytes; none are the end."""
        return self._within(attempt.deadline).recv(_PIECE)

    def send(self, data: memoryview, attempt: Attempt) -> None:
        """Sends it all, and notes when the first byte may have left."""
        sent = self._within(attempt.deadline).send(data)
        attempt.is_sent = True
        if sent < len(data):
            self._within(attempt.deadline).sendall(data[sent:])

    def _within(self, deadline: float) -> socket.socket:
        self._socket.settimeout(time_left(deadline))
        return self._socket


def _resolve(host: str, deadline: float, found: Future[list[str]]) -> None:
    turns = _resolving.held
    if turns.acquire(timeout=remaining(deadline)):
        try:
            entries = socket.getaddrinfo(host, 0, type=socket.SOCK_STREAM)
            found.set_result([str(entry[4][0]) for entry in entries])
        except (OSError, UnicodeError) as error:  # the latter where it cannot even be asked for
            found.set_exception(error)
        finally:
            turns.release()
