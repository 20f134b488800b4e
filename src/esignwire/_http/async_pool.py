"""Keeps connections open between calls. The sync twin is derived from this file.

The HTTP library's own pool goes through all its connections for each of them, twice a call: with
two hundred calls in flight that takes longer than the calls. Here a call takes the connection that
was given back last, or opens one. How many there may be is bounded before a call comes here.

A connection belongs to the call that uses it or to those that are idle. All others are known by
weak references: one that a call lost to an interrupt is closed as soon as nobody holds it.
"""

from __future__ import annotations

import time
import weakref
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Protocol, Self, cast

import httpcore

from esignwire._http.failures import ClientClosed
from esignwire._http.forking import close_descriptors
from esignwire._http.inside import holds_unread

__all__ = ["AsyncPool"]


class _AsyncStream(Protocol):
    """What the library's answers bring their bodies in."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class _GiveBack(Protocol):
    """Ends the use of a connection."""

    async def __call__(self, *, is_sound: bool) -> None: ...


class _AsyncBody:
    """The body of an answer; when it is closed, its connection goes back."""

    def __init__(self, stream: _AsyncStream, give_back: _GiveBack) -> None:
        self._stream = stream
        self._give_back = give_back
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            is_sound = False
            try:
                await self._stream.aclose()
                is_sound = True
            finally:
                # An interrupt leaves the library's locks locked: whoever came next would wait.
                await self._give_back(is_sound=is_sound)


class AsyncPool:
    """Connections that speak HTTP/1.1, by where they lead.

    Args:
        connect: Makes a connection, which opens when it is first used.
        keepalive_expiry: Seconds after which an idle connection is dropped.
    """

    def __init__(
        self,
        connect: Callable[[httpcore.Origin], httpcore.AsyncConnectionInterface],
        keepalive_expiry: float,
    ) -> None:
        self._connect = connect
        self._keepalive_expiry = keepalive_expiry
        self._known: set[weakref.ref[httpcore.AsyncConnectionInterface]] = set()
        # The last in is the first out, so that those which nobody needs grow old at the bottom.
        self._idle: deque[tuple[httpcore.Origin, httpcore.AsyncConnectionInterface]] = deque()
        self._next_sweep = 0.0
        self._is_closed = False

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None = None,
        error: BaseException | None = None,
        traceback: TracebackType | None = None,
    ) -> None:
        await self.aclose()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends a request and reads the head of its answer.

        Args:
            request: The request.

        Returns:
            The answer. Its connection is in use until its stream is closed.

        Raises:
            ClientClosed: The pool is closed; nothing was sent.
        """
        origin = request.url.origin
        while True:
            connection = await self._take(origin)
            try:
                response = await connection.handle_async_request(request)
            except httpcore.ConnectionNotAvailable:
                # Somebody closed it after it was taken. It says so before it does anything.
                await connection.aclose()
            except BaseException:
                await connection.aclose()
                raise
            else:
                break

        async def give_back(*, is_sound: bool) -> None:
            # What else the server said, and what broke or outlived the pool, is of no further use.
            if (
                is_sound
                and connection.is_idle()
                and not holds_unread(connection)
                and not self._is_closed
            ):
                self._idle.append((origin, connection))
            else:
                await connection.aclose()

        response.stream = _AsyncBody(cast("_AsyncStream", response.stream), give_back)
        return response

    async def aclose(self) -> None:
        """Closes all connections, those in use too. Nothing is sent any more."""
        self._is_closed = True
        while self._known:
            try:
                connection = self._known.pop()()
            except KeyError:  # the last one went away by itself
                break
            if connection is not None:
                await connection.aclose()
        self._idle.clear()

    def forget(self) -> None:
        """Closes the pool without a word to the servers: the connections are somebody else's."""
        self._is_closed = True
        known = [reference() for reference in list(self._known)]
        self._known.clear()
        close_descriptors(known)
        self._idle.clear()

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
        await self._sweep()
        others: list[tuple[httpcore.Origin, httpcore.AsyncConnectionInterface]] = []
        try:
            while True:
                try:
                    entry = self._idle.pop()
                except IndexError:
                    break
                if entry[0] != origin:
                    others.append(entry)
                elif entry[1].has_expired():
                    await entry[1].aclose()
                else:
                    return entry[1]
        finally:
            self._idle.extend(reversed(others))
        if self._is_closed:
            raise ClientClosed
        connection = self._connect(origin)
        self._known.add(weakref.ref(connection, self._known.discard))
        return connection

    async def _sweep(self) -> None:
        """Closes what has been idle for too long, now and then."""
        now = time.monotonic()
        if now < self._next_sweep:
            return
        self._next_sweep = now + self._keepalive_expiry
        for _ in range(len(self._idle)):
            try:
                entry = self._idle.popleft()
            except IndexError:
                return
            if entry[1].has_expired():
                await entry[1].aclose()
            else:
                self._idle.append(entry)
