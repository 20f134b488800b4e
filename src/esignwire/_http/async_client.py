"""Sends HTTP requests, async. The sync twin is derived from this file by exchanging names.

The transport is used without ``httpx.AsyncClient`` on purpose: that client logs whole addresses,
follows ``.netrc``, keeps cookies and decompresses without limit. None of it is wanted here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator
from functools import cache
from ssl import SSLContext
from types import TracebackType
from typing import NamedTuple, Self, cast

import httpcore
import httpx

from esignwire._call import Call
from esignwire._http.addresses import check_url, proxy_for
from esignwire._http.async_pool import AsyncPool
from esignwire._http.body import BodyReader
from esignwire._http.deadline import AsyncDeadline, async_network_backend, remaining
from esignwire._http.event_loop import AsyncLoopGuard
from esignwire._http.failures import HTTP_FAILURES, Attempt, ClientClosed, translate
from esignwire._http.forking import forget_when_forked
from esignwire._http.gather import has_left, is_unasked
from esignwire._http.messages import (
    HttpRequest,
    HttpResponse,
    ReceiverFactory,
    StreamedBody,
    check_request,
    received_headers,
    sent_headers,
)
from esignwire._http.progress import ProgressFailed
from esignwire._http.retries import Retries, VendorBusy
from esignwire._http.settings import HttpSettings, call_timeout
from esignwire._http.slots import AsyncSlots, Slot
from esignwire._http.uploading import async_chunks, async_measure
from esignwire.errors import ConfigurationError, ConnectionFailed, EsignWireError

__all__ = ["AsyncHttp"]

_logger = logging.getLogger("esignwire")

# Identity: a body that is not compressed cannot unfold.
_DEFAULT_HEADERS = {"Accept-Encoding": "identity", "User-Agent": "esignwire"}


# Most clients know a handful; addresses that hold an identifier of their own would add up.
_MOST_ADDRESSES = 64


class _Address(NamedTuple):
    """An address that was checked, and the proxy through which it is reached."""

    url: httpx.URL
    host: str
    proxy: str | None


@cache
def _default_ssl_context() -> SSLContext:
    # Reading the certificate authorities takes tens of milliseconds: once a process is enough.
    return httpx.create_ssl_context()


def _ssl_context(settings: HttpSettings) -> SSLContext:
    return settings.ssl_context or _default_ssl_context()


class _AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over a connection pool of our making.

    It remains a subclass, because recorders of cassettes hook in there. The pool is our own,
    because httpx offers no other way to hand it a network.
    """

    def __init__(self, settings: HttpSettings, proxy: str | None) -> None:
        backend = async_network_backend()

        def connect(origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
            is_secure = origin.scheme == b"https"
            return httpcore.AsyncHTTPConnection(
                origin,
                ssl_context=_ssl_context(settings) if is_secure else None,
                keepalive_expiry=settings.keepalive_expiry,
                network_backend=backend,
            )

        if proxy is None:
            self.connections = AsyncPool(connect, settings.keepalive_expiry)
        else:
            address = httpx.Proxy(proxy)
            # It makes the tunnels; the pool that it is, too, stays empty.
            tunnels = httpcore.AsyncHTTPProxy(
                proxy_url=str(address.url),
                proxy_auth=address.raw_auth,
                ssl_context=_ssl_context(settings),
                keepalive_expiry=settings.keepalive_expiry,
                network_backend=backend,
            )
            self.connections = AsyncPool(tunnels.create_connection, settings.keepalive_expiry)
        self._pool = cast(httpcore.AsyncConnectionPool, self.connections)


class _AsyncOutgoing(httpx.AsyncByteStream):
    """The body of a request; whoever asks for it is about to send, or has begun to."""

    def __init__(self, content: bytes | StreamedBody, call: Call, attempt: Attempt) -> None:
        self._content = content
        self._call = call
        self._attempt = attempt

    async def __aiter__(self) -> AsyncIterator[bytes]:
        # The head waits for the body (see _gather.py), so that not a byte has left before. The
        # library could tell of its steps too, but that costs a call for each of ten.
        self._attempt.is_sent = True
        if isinstance(self._content, bytes):
            yield self._content
        else:
            async for chunk in async_chunks(self._content, self._call):
                yield chunk


class AsyncHttp:
    """Sends requests within bounds of time and size, and retries where that does no harm.

    One client belongs to one event loop, that of its first call; any number of tasks there may
    share it. Making one does no I/O.

    Args:
        settings: How to reach the vendor.
    """

    def __init__(self, settings: HttpSettings) -> None:
        self._settings = settings
        self._guard = AsyncLoopGuard()
        self._addresses: dict[str, _Address] = {}
        # One for each way to the vendor: directly (None) or through a proxy.
        self._transports: dict[str | None, _AsyncTransport] = {}
        self._slots = AsyncSlots(settings.max_connections)
        self._is_closed = False
        forget_when_forked(self)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections. Closing twice does no harm.

        A later call is refused, and so is one that waits for a connection.
        """
        # Before the rest: whoever adds a transport looks at it afterwards.
        self._is_closed = True
        transports, self._transports = self._transports, {}
        for transport in list(transports.values()):
            if self._guard.is_over:
                transport.connections.forget()
            else:
                await transport.aclose()

    def forget(self) -> None:
        """Begins anew in a forked process, with no connection; the parent goes on with its own."""
        transports, self._transports = self._transports, {}
        self._guard = AsyncLoopGuard()
        self._slots = AsyncSlots(self._settings.max_connections)
        for transport in transports.values():
            transport.connections.forget()

    async def send(
        self,
        request: HttpRequest,
        call: Call,
        *,
        timeout: float | None = None,
        receiver: ReceiverFactory | None = None,
    ) -> HttpResponse:
        """Sends a request and reads the answer to its end. Redirects are not followed.

        Args:
            request: The request.
            call: What it is for.
            timeout: Seconds for the call as a whole, all attempts included; ``None`` takes the
                settings' ``total_timeout``.
            receiver: Makes what takes the body of an answer; ``None`` collects it.

        Returns:
            The answer, whatever its HTTP status.

        Raises:
            ConfigurationError: The address is refused, the client is closed, or it belongs to
                another event loop.
            InvalidRequest: HTTP cannot carry the request, or a document in it cannot be read.
            TransportError: A document changed while it was sent; the vendor cannot have acted.
            ConnectionFailed: The vendor was not reached; nothing was sent.
            ConnectionLost: The connection of a call that only reads broke.
            RequestTimeout: The time of a call that only reads ran out.
            OutcomeUnknown: The same for a call that changes something.
            ResponseTooLarge: The answer is larger than the settings allow.
            EncodingError: The answer's compression cannot be read.
            Exception: What the caller's progress function raised.
        """
        self._guard.check(call)
        address = self._address(request.url, call)
        check_request(request, call)
        started = time.monotonic()
        deadline = started + call_timeout(timeout, self._settings)
        try:
            if not isinstance(request.content, bytes):
                await async_measure(request.content, call)
            answer = await self._send(request, address, call, deadline, receiver)
        except ProgressFailed as failed:
            # The caller's own, whatever it is: it reaches the caller as it is, and no retry.
            raise failed.error from None
        except EsignWireError as error:
            _logger.debug(
                "%s %s: %s after %.3f s",
                call.vendor,
                call.operation,
                type(error).__name__,
                time.monotonic() - started,
            )
            raise
        _logger.debug(
            "%s %s: HTTP %d, %d bytes in %.3f s",
            call.vendor,
            call.operation,
            answer.status,
            answer.size,
            time.monotonic() - started,
        )
        return answer

    async def _send(
        self,
        request: HttpRequest,
        address: _Address,
        call: Call,
        deadline: float,
        receiver: ReceiverFactory | None,
    ) -> HttpResponse:
        retries = Retries(call, attempts=self._settings.attempts, deadline=deadline)
        failures: list[Exception] = []
        try:
            answer = await self._attempt(request, address, call, deadline, receiver)
            retries.require_ready(answer)
        except (EsignWireError, VendorBusy) as failure:
            failures.append(failure)
        else:
            return answer
        try:
            async for attempt in retries.attempts():
                with attempt:
                    if failures:  # the first attempt was made above
                        raise failures.pop()
                    answer = await self._attempt(request, address, call, deadline, receiver)
                    retries.require_ready(answer)
                    return answer
        except VendorBusy as busy:
            return busy.answer
        raise AssertionError("there is always a first attempt")

    async def _attempt(
        self,
        request: HttpRequest,
        address: _Address,
        call: Call,
        deadline: float,
        receiver: ReceiverFactory | None,
    ) -> HttpResponse:
        attempt = Attempt()
        # A process that is forked meanwhile has others.
        slots = self._slots
        slot: Slot | None = None

        try:
            slot = await slots.acquire(remaining(deadline))
            # Not before: the client may have been closed in the meantime.
            transport = self._transport(address.proxy)
            left = remaining(deadline)
            if slot is None or left <= 0:
                raise httpx.PoolTimeout("no connection became free in time")
            outgoing = httpx.Request(
                request.method,
                address.url,
                headers=sent_headers(request, _DEFAULT_HEADERS, address.host),
                # A stream is taken as it is; the headers say all there is to say about it.
                stream=_AsyncOutgoing(request.content, call, attempt),
                extensions={
                    "timeout": {
                        "connect": min(self._settings.connect_timeout, left),
                        "pool": left,
                        "read": left,
                        "write": left,
                    },
                },
            )
            async with AsyncDeadline(deadline):
                response = await transport.handle_async_request(outgoing)
                try:
                    network = response.extensions.get("network_stream")
                    if is_unasked(network):
                        attempt.is_sent = has_left(network)
                        raise httpx.RemoteProtocolError("an answer that nobody asked for")
                    return await self._read(response, call, attempt, receiver)
                finally:
                    await response.aclose()
        except ClientClosed:
            raise ConfigurationError(
                "the client is closed; make a new one",
                vendor=call.vendor,
                operation=call.operation,
            ) from None
        except ConnectionFailed as failed:
            # Of another client, over which a document comes: it says nothing of this call.
            raise ProgressFailed(failed) from None
        except HTTP_FAILURES as error:
            failure = translate(error, call, attempt)
            raise failure from failure.__cause__
        finally:
            if slot is not None:
                slots.release(slot)

    async def _read(
        self,
        response: httpx.Response,
        call: Call,
        attempt: Attempt,
        receiver: ReceiverFactory | None,
    ) -> HttpResponse:
        attempt.is_sent = True
        attempt.http_status = response.status_code
        headers = received_headers(response.headers.raw)
        settings = self._settings
        # Only a successful answer holds documents; an error is small, or not worth reading.
        taking = None if receiver is None else receiver(response.status_code, headers)
        may_be_large = taking is not None and response.is_success
        body = BodyReader(
            headers,
            limit=settings.max_document_bytes if may_be_large else settings.max_response_bytes,
            limit_name="max_document_bytes" if may_be_large else "max_response_bytes",
            call=call,
            http_status=response.status_code,
            receiver=taking,
        )
        try:
            async for chunk in response.aiter_raw():
                body.feed(chunk)
            content, received = body.finish()
        except BaseException:
            # Not left to the garbage collector: an error may live long.
            body.discard()
            raise
        return HttpResponse(
            status=response.status_code,
            headers=headers,
            content=content,
            received=received,
            size=body.produced,
        )

    def _address(self, url: str, call: Call) -> _Address:
        """Checks an address and parses it, once for all calls to it."""
        found = self._addresses.get(url)
        if found is None:
            check_url(url, vendor=call.vendor, operation=call.operation)
            try:
                parsed = httpx.URL(url)
            except httpx.InvalidURL:
                # The library's words may quote the address.
                raise ConfigurationError(
                    "the URL's host or port cannot be read",
                    vendor=call.vendor,
                    operation=call.operation,
                ) from None
            host = parsed.netloc.decode("ascii")
            found = _Address(
                parsed,
                host,
                proxy_for(url, self._settings.proxy, trust_env=self._settings.trust_env),
            )
            if len(self._addresses) >= _MOST_ADDRESSES:
                self._addresses.clear()
            self._addresses[url] = found
        return found

    def _transport(self, proxy: str | None) -> _AsyncTransport:
        # Without a lock, which takes time in each call, and which an interrupt could leave locked.
        transport = self._transports.get(proxy)
        if transport is None:
            transport = self._transports.setdefault(proxy, _AsyncTransport(self._settings, proxy))
        if self._is_closed:
            raise ClientClosed
        return transport
