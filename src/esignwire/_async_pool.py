"""Keeps connections open between calls. The sync twin is derived from this file.

The HTTP library's own pool goes through all its connections for each of them, twice a call: with
two hundred calls in flight that takes longer than the calls. Here a call takes the connection that
was given back last, or opens one. How many there may be is bounded before a call comes here.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Protocol, Self, cast

import httpcore

__all__ = ["AsyncPool"]


class _AsyncStream(Protocol):
    """What the library's answers bring their bodies in."""

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...


class _AsyncBody:
    """The body of an answer; when it is closed, its connection goes back."""

    def __init__(self, stream: _AsyncStream, give_back: Callable[[], None]) -> None:
        self._stream = stream
        self._give_back = give_back
        self._is_closed = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        if not self._is_closed:
            self._is_closed = True
            try:
                await self._stream.aclose()
            finally:
                self._give_back()


class AsyncPool:
    """Connections that speak HTTP/1.1, by where they lead.

    Args:
        connect: Makes a connection, which opens when it is first used.
        keepalive_expiry: Seconds after which an idle connection is dropped.
    """

    def __init__(
        self,
        connect: Callable[[httpcore.Origin], httpcore.AsyncHTTPConnection],
        keepalive_expiry: float,
    ) -> None:
        self._connect = connect
        self._keepalive_expiry = keepalive_expiry
        self._all: set[httpcore.AsyncHTTPConnection] = set()
        # The last in is the first out, so that those which nobody needs grow old at the bottom.
        self._idle: deque[tuple[httpcore.Origin, httpcore.AsyncHTTPConnection]] = deque()
        self._next_sweep = 0.0

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
        """
        origin = request.url.origin
        connection = await self._take(origin)
        try:
            response = await connection.handle_async_request(request)
        except BaseException:
            await self._drop(connection)
            raise

        def give_back() -> None:
            if connection.is_idle():
                self._idle.append((origin, connection))
            else:  # the server, or a broken answer, closed it
                self._all.discard(connection)

        response.stream = _AsyncBody(cast("_AsyncStream", response.stream), give_back)
        return response

    async def aclose(self) -> None:
        """Closes all connections, those in use too."""
        self._idle.clear()
        while self._all:
            await self._all.pop().aclose()

    async def _take(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        await self._sweep()
        others: list[tuple[httpcore.Origin, httpcore.AsyncHTTPConnection]] = []
        try:
            while True:
                try:
                    entry = self._idle.pop()
                except IndexError:
                    break
                if entry[0] != origin:
                    others.append(entry)
                elif entry[1].has_expired():
                    await self._drop(entry[1])
                else:
                    return entry[1]
        finally:
            self._idle.extend(reversed(others))
        connection = self._connect(origin)
        self._all.add(connection)
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
                await self._drop(entry[1])
            else:
                self._idle.append(entry)

    async def _drop(self, connection: httpcore.AsyncHTTPConnection) -> None:
        self._all.discard(connection)
        await connection.aclose()
