"""Connections that stay open between calls. The sync twin is derived from this file.

httpcore's own pool goes through all its connections for each of them, twice a call: with two
hundred calls in flight that takes longer than the calls. Here a call takes the connection that was
given back last, or opens one.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, NamedTuple, cast

import httpcore
import httpx

from esignwire._forks import renew_in_children
from esignwire._http.async_network import AsyncNetwork
from esignwire._http.deadline import remaining
from esignwire._http.failures import Attempt, unquoted
from esignwire._http.settings import HttpSettings
from esignwire._http.slots import AsyncSlot, AsyncSlots
from esignwire._http.sockets import Register
from esignwire._http.tls import tls_context

__all__ = ["AsyncConnections"]


# Where connections lead, and the proxy through which they do: scheme, host, port, proxy.
_Place = tuple[bytes, bytes, int, str | None]


class _AsyncConnection(NamedTuple):
    """One connection. It opens when it is first used."""

    place: _Place
    http: httpcore.AsyncConnectionInterface
    network: AsyncNetwork
    idle_since: float = 0.0

    def has_leftover(self) -> bool:
        """Whether httpcore's parser holds bytes behind an answer.

        They would be taken for the beginning of the next answer. The one private name of httpcore:
        without it no connection is used twice.
        """
        try:
            return bool(cast("Any", self.http)._connection._h11_state.trailing_data[0])  # noqa: SLF001 - see above
        except AttributeError:
            return True


class _AsyncBody:
    """The body of an answer. Its end gives the slot back, and the connection, unless that broke.

    So a call that is cancelled or interrupted while it reads loses no slot.
    """

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
            self._owner.give_back(connection)
        except BaseException:
            connection.network.close()
            raise
        finally:
            self._slot.release()


class AsyncConnections:
    """The connections of one client, in the shape of httpcore's pool."""

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._register = Register()
        self.renew()
        renew_in_children(self)

    def renew(self) -> None:
        """Begins anew in a forked child; the parent goes on with what is open."""
        self._register.forget()
        self._slots = AsyncSlots(self._settings.max_connections)
        # The newest is taken first, so that those which no call needs grow old and are closed.
        self._idle: dict[_Place, list[_AsyncConnection]] = {}

    def close(self) -> None:
        """Closes all connections, those in use too. Nothing is sent any more, by no thread."""
        self._register.close()
        for stack in list(self._idle.values()):
            while (connection := _popped(stack)) is not None:
                connection.network.close()

    def check(self) -> None:
        """Refuses with ``Unusable`` to work when closed, or in another event loop."""
        self._slots.check()
        self._register.check()

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Sends a request and reads the head of its answer. ``Unusable``: nothing was sent.

        The connection of the answer is in use until the answer's stream is closed.
        """
        # "attempt" is kept up to date, "proxy" is the address of the proxy to go through, "path" is
        # what the request asks for: its own address may be one without secrets, for hooks to see.
        told = cast("dict[str, Any]", request.extensions)  # pyright: ignore[reportUnknownMemberType] - httpcore says "dict"
        attempt: Attempt = told["attempt"]
        request.url.target = told["path"]
        origin = request.url.origin
        place = (origin.scheme, origin.host, origin.port, told["proxy"])
        slot = await self._slots.acquire(remaining(attempt.deadline))
        connection = None
        try:
            connection = self._take(place)
            connection.network.attempt = attempt
            response = await connection.http.handle_async_request(request)
            _require_own(response, attempt)
            # From here on the body arrives, which has bounds of its own.
            attempt.http_status = response.status
            response.stream = _AsyncBody(
                cast("httpx.AsyncByteStream", response.stream), self, connection, slot
            )
        except BaseException as error:
            if connection is not None:
                connection.network.close()
            slot.release()
            failure = unquoted(error)
            if failure is None:
                raise
        else:
            return response
        # Not within the handler: what httpcore raised, its context then, may quote the request.
        raise failure

    def give_back(self, connection: _AsyncConnection) -> None:
        """Takes a connection back from a call that is over."""
        # What has more to read, is broken, or belongs to a closed client is not used again.
        if (
            connection.http.is_idle()
            and not connection.has_leftover()
            and not self._register.is_closed
        ):
            stack = self._idle.setdefault(connection.place, [])
            now = time.monotonic()
            with suppress(IndexError):  # another thread was quicker
                # Asked first: an interrupt within a handler would keep the exception for good.
                if stack and now - stack[0].idle_since > self._settings.keepalive_expiry:
                    stack.pop(0).network.close()
            stack.append(connection._replace(idle_since=now))
        else:
            connection.network.close()

    def _take(self, place: _Place) -> _AsyncConnection:
        self._register.check()
        stack = self._idle.get(place, [])
        while (connection := _popped(stack)) is not None:
            if not connection.http.has_expired():
                return connection
            connection.network.close()
        # Idle connections to other places count too.
        others = [idle for other, idle in list(self._idle.items()) if other != place]
        for idle in others:
            while sum(map(len, others)) > self._slots.free and (oldest := _popped(idle, 0)):
                oldest.network.close()
        return self._open(place)

    def _open(self, place: _Place) -> _AsyncConnection:
        scheme, host, port, proxy = place
        origin = httpcore.Origin(scheme, host, port)
        expiry = self._settings.keepalive_expiry
        network = AsyncNetwork(self._register)
        context = tls_context(self._settings) if scheme == b"https" else None
        http: httpcore.AsyncConnectionInterface
        if proxy is None:
            http = httpcore.AsyncHTTPConnection(
                origin, context, keepalive_expiry=expiry, network_backend=network
            )
        else:
            address = httpx.Proxy(proxy)
            # It makes the tunnel; the pool that it is, too, stays empty.
            http = httpcore.AsyncHTTPProxy(
                proxy_url=str(address.url),
                proxy_auth=address.raw_auth,
                ssl_context=context,
                proxy_ssl_context=context if address.url.scheme == "https" else None,
                keepalive_expiry=expiry,
                network_backend=network,
            ).create_connection(origin)
        return _AsyncConnection(place, http, network)


def _popped(stack: list[_AsyncConnection], index: int = -1) -> _AsyncConnection | None:
    try:
        return stack.pop(index)
    except IndexError:  # another thread was quicker
        return None


def _require_own(response: httpcore.Response, attempt: Attempt) -> None:
    """Refuses an answer that cannot be the one to this request, or says too much for it."""
    if not attempt.is_answered:
        raise httpcore.RemoteProtocolError("the answer was there before the request")
    if 200 <= response.status < 300 and attempt.is_early:
        # A refusal may come early. But what was not sent to its end cannot have succeeded.
        raise httpcore.RemoteProtocolError("a success came before the request was complete")
