"""Connections that stay open between calls. The sync twin is derived from this file.

httpcore's own pool goes through all its connections for each of them, twice a call: with two
hundred calls in flight that takes longer than the calls. Here a call takes the connection that was
given back last, or opens one.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from functools import cache
from ssl import SSLContext
from typing import NamedTuple, TypedDict, cast

import httpcore
import httpx

from esignwire._forks import renew_in_children
from esignwire._http.deadline import AsyncSlot, AsyncSlots
from esignwire._http.failures import Attempt
from esignwire._http.network import AsyncNetwork, Register, Way
from esignwire._http.settings import HttpSettings

__all__ = ["AsyncConnections"]


@cache
def _default_ssl_context() -> SSLContext:
    # Reading the certificate authorities takes tens of milliseconds: once a process is enough.
    return httpx.create_ssl_context()


class _Place(NamedTuple):
    """Where connections lead, and the proxy through which they do."""

    scheme: bytes
    host: bytes
    port: int
    proxy: str | None


class _Extensions(TypedDict):
    """What a request brings along."""

    attempt: Attempt
    proxy: str | None
    timeout: dict[str, float]


class _AsyncConnection(NamedTuple):
    """One connection."""

    place: _Place
    http: httpcore.AsyncConnectionInterface
    way: Way

    def has_leftover(self) -> bool:
        """Whether httpcore's parser holds bytes behind an answer.

        They would be taken for the beginning of the next answer. The one private name of httpcore:
        without it no connection is used twice.
        """
        try:
            parser = self.http._connection._h11_state  # type: ignore[attr-defined]  # noqa: SLF001  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType, reportUnknownVariableType] - see above
            return bool(parser.trailing_data[0])  # pyright: ignore[reportUnknownArgumentType, reportUnknownMemberType] - see above
        except AttributeError:
            return True


class _AsyncBody:
    """The body of an answer; when it is closed, its connection and its slot go back."""

    def __init__(
        self,
        stream: httpx.AsyncByteStream,
        owner: AsyncConnections,
        connection: _AsyncConnection,
        slot: AsyncSlot,
    ) -> None:
        self._stream = stream
        self._owner = owner
        self._connection: _AsyncConnection | None = connection
        self._slot = slot

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._stream:
            yield chunk

    async def aclose(self) -> None:
        connection, self._connection = self._connection, None
        if connection is None:
            return
        try:
            await self._stream.aclose()
            await self._owner.give_back(connection)
        except BaseException:
            # An interrupt leaves httpcore's locks locked: the next call would wait for them.
            await connection.http.aclose()
            raise
        finally:
            self._slot.release()


class AsyncConnections:
    """The connections of one client, in the shape of httpcore's pool.

    Args:
        settings: How many there may be, and how to reach the vendor.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._register = Register()
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Begins anew in a forked child; the parent goes on with what is open."""
        self._register.forget()
        self._slots = AsyncSlots(self._settings.max_connections)
        # The last in is the first out, so that those which no call needs grow old at the bottom.
        self._idle: dict[_Place, list[_AsyncConnection]] = {}
        self._next_sweep = 0.0

    async def aclose(self) -> None:
        """Closes all connections, those in use too. Nothing is sent any more, by no thread."""
        self._register.close()
        for stack in list(self._idle.values()):
            while stack:
                await stack.pop().http.aclose()

    def check(self) -> None:
        """Refuses to work where that is impossible.

        Raises:
            Unusable: They are closed, or belong to another event loop.
        """
        self._slots.check()
        self._register.check()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends a request and reads the head of its answer.

        Args:
            request: The request. Its extension ``attempt`` is kept up to date; ``proxy`` is the
                address of the proxy that it goes through.

        Returns:
            The answer. Its connection is in use until its stream is closed.

        Raises:
            Unusable: They are closed; nothing was sent.
        """
        told = cast("_Extensions", request.extensions)  # pyright: ignore[reportUnknownMemberType] - httpcore says "dict"
        attempt, origin = told["attempt"], request.url.origin
        place = _Place(origin.scheme, origin.host, origin.port, told["proxy"])
        slot = await self._slots.acquire(told["timeout"]["pool"])
        try:
            while True:
                connection = await self._take(place)
                connection.way.begin(attempt)
                try:
                    response = await connection.http.handle_async_request(request)
                    _require_own(response, attempt)
                except BaseException as error:
                    await connection.http.aclose()
                    is_stale = connection.way.is_reused and not attempt.is_sent
                    if not (is_stale and isinstance(error, httpcore.NetworkError)):
                        raise
                else:
                    break
            response.stream = _AsyncBody(
                cast("httpx.AsyncByteStream", response.stream), self, connection, slot
            )
        except BaseException:
            slot.release()
            raise
        return response

    async def give_back(self, connection: _AsyncConnection) -> None:
        """Takes a connection back from a call that is over.

        Args:
            connection: The connection.
        """
        # What else the server said, and what broke or outlived the client, is of no further use.
        if (
            connection.http.is_idle()
            and not connection.has_leftover()
            and not self._register.is_closed
        ):
            self._idle.setdefault(connection.place, []).append(connection)
        else:
            await connection.http.aclose()

    async def _take(self, place: _Place) -> _AsyncConnection:
        self._register.check()
        await self._sweep()
        stack = self._idle.get(place, [])
        while (connection := _popped(stack)) is not None:
            if not connection.http.has_expired():
                return connection
            await connection.http.aclose()
        # Idle connections to other places count too.
        for other in list(self._idle.values()):
            while sum(map(len, self._idle.values())) > self._slots.free:
                if (oldest := _popped(other, 0)) is None:
                    break
                await oldest.http.aclose()
        return self._open(place)

    async def _sweep(self) -> None:
        """Closes what has been idle for too long, now and then."""
        now = time.monotonic()
        if now < self._next_sweep:
            return
        self._next_sweep = now + self._settings.keepalive_expiry
        for stack in list(self._idle.values()):
            for _ in range(len(stack)):
                if (connection := _popped(stack, 0)) is None:
                    break
                if connection.http.has_expired():
                    await connection.http.aclose()
                else:
                    stack.append(connection)

    def _open(self, place: _Place) -> _AsyncConnection:
        """Makes a connection, which opens when it is first used."""
        origin = httpcore.Origin(place.scheme, place.host, place.port)
        expiry = self._settings.keepalive_expiry
        is_secure = place.scheme == b"https"
        context = None
        if is_secure:
            context = self._settings.ssl_context or _default_ssl_context()
        http: httpcore.AsyncConnectionInterface
        if place.proxy is None:
            way = Way(self._register, 1 if is_secure else 0)
            http = httpcore.AsyncHTTPConnection(
                origin,
                ssl_context=context,
                keepalive_expiry=expiry,
                network_backend=AsyncNetwork(way),
            )
        else:
            address = httpx.Proxy(place.proxy)
            way = Way(self._register, 2 if address.url.scheme == "https" else 1)
            # It makes the tunnel; the pool that it is, too, stays empty.
            http = httpcore.AsyncHTTPProxy(
                proxy_url=str(address.url),
                proxy_auth=address.raw_auth,
                ssl_context=context,
                keepalive_expiry=expiry,
                network_backend=AsyncNetwork(way),
            ).create_connection(origin)
        return _AsyncConnection(place, http, way)


def _popped(stack: list[_AsyncConnection], index: int = -1) -> _AsyncConnection | None:
    try:
        return stack.pop(index)
    except IndexError:  # another thread was quicker
        return None


def _require_own(response: httpcore.Response, attempt: Attempt) -> None:
    """Refuses an answer that cannot be the one to this request, or says too much for it."""
    if not attempt.is_answered:
        raise httpcore.RemoteProtocolError("the answer was there before the request")
    if 200 <= response.status < 300 and (attempt.is_cut or attempt.is_early):
        # A refusal may come early. But what was not sent to its end cannot have succeeded.
        raise httpcore.RemoteProtocolError("a success came before the request was complete")
