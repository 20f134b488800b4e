"""The HTTP client that sends requests, async. The sync twin is derived from this file.

The transport is used without ``httpx.AsyncClient`` on purpose: that client logs whole addresses,
follows ``.netrc``, keeps cookies and decompresses without limit. None of it is wanted here.
"""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator, Mapping
from dataclasses import asdict
from functools import cached_property
from typing import NamedTuple, Self, cast

import httpcore
import httpx

from esignwire._call import Call
from esignwire._documents import Progress, SplicedBody
from esignwire._http.addresses import check_url, place_of, proxy_for
from esignwire._http.async_connections import AsyncConnections
from esignwire._http.body import BodyReader
from esignwire._http.deadline import async_until, remaining, time_left
from esignwire._http.failures import (
    HTTP_FAILURES,
    Attempt,
    Target,
    Unusable,
    may_have_left,
    translate,
)
from esignwire._http.hooks import RequestEvent, ResponseEvent, call_hooks, shown_headers
from esignwire._http.logs import follow_environment, quiet
from esignwire._http.messages import (
    HttpRequest,
    HttpResponse,
    ReceiverFactory,
    check_request,
    received_headers,
    sent_headers,
)
from esignwire._http.progress import ProgressFailed
from esignwire._http.retries import Retries, async_pause
from esignwire._http.settings import HttpSettings, call_timeout
from esignwire._http.uploading import async_chunks, async_measure
from esignwire._version import __version__
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    EsignWireError,
    RequestTimeout,
    TransportError,
)

__all__ = ["AsyncHttp"]

_logger = logging.getLogger("esignwire")
# Identity: a body that is not compressed cannot unfold.
_DEFAULT_HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"esignwire/{__version__}"}

# Most clients know a handful; addresses that hold an identifier of their own would add up.
_MOST_ADDRESSES = 64


class _Address(NamedTuple):
    """An address that was checked, and the proxy through which it is reached."""

    url: httpx.URL
    host: str
    place: str
    proxy: str | None
    proxy_place: str | None


class _Sending(NamedTuple):
    """One call on its way: what is sent, where to, until when, and what takes the answer."""

    request: HttpRequest
    call: Call
    address: _Address
    target: Target
    deadline: float
    receiver: ReceiverFactory | None
    progress: Progress | None


class _AsyncTransport(httpx.AsyncHTTPTransport):
    """httpx's transport over connections of ours.

    It is a subclass, because recorders of cassettes hook in there.
    """

    def __init__(self, connections: AsyncConnections) -> None:
        self._pool = cast("httpcore.AsyncConnectionPool", connections)


class _AsyncOutgoing(httpx.AsyncByteStream):
    """The body of a request. It goes out once."""

    def __init__(self, content: bytes | SplicedBody, call: Call, attempt: Attempt) -> None:
        self._content = content
        self._call = call
        self._attempt = attempt
        self._is_begun = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._is_begun:
            # A transport that repeats requests by itself may be about to do so.
            raise httpx.StreamConsumed
        self._is_begun = self._attempt.is_sent = True
        try:
            if isinstance(self._content, bytes):
                yield self._content
            else:
                async for chunk in async_chunks(self._content, self._call):
                    yield chunk
        except Exception as error:
            # Noted, since a transport may raise another exception in its place.
            self._attempt.failure = error
            raise
        self._attempt.is_whole = True


class AsyncHttp:
    """Sends requests within bounds of time and size, and retries where that does no harm.

    One client belongs to one event loop, that of its first call; any number of tasks there may
    share it. Making one does no I/O.

    Args:
        settings: How to reach the vendor.
    """

    def __init__(self, settings: HttpSettings) -> None:
        follow_environment()
        self._settings = settings
        self._addresses: dict[str, _Address] = {}
        self._connections = AsyncConnections(settings)
        given = settings.async_transport
        self._is_own = given is None
        self._transport = _AsyncTransport(self._connections) if given is None else given
        # The exceptions of other transports are not known.
        self._failures = HTTP_FAILURES if given is None else (Exception,)

    @cached_property
    def _headers(self) -> Mapping[str, str]:
        """What is sent where a request does not say otherwise."""
        extra = self._settings.headers
        names = {name.lower() for name in extra}
        kept = {
            name: value for name, value in _DEFAULT_HEADERS.items() if name.lower() not in names
        }
        return {**kept, **extra}

    def share(self, other: AsyncHttp) -> None:
        """Uses the connections of another client from now on; closing one closes both."""
        self._connections = other._connections
        self._transport = other._transport

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Closes all connections. Closing twice does no harm.

        A later call is refused, and so is one that waits for a connection. A transport of the
        caller's stays open.
        """
        self._connections.close()

    async def send(
        self,
        request: HttpRequest,
        call: Call,
        *,
        timeout: float | None = None,
        receiver: ReceiverFactory | None = None,
        progress: Progress | None = None,
    ) -> HttpResponse:
        """Sends a request and reads the answer to its end. Redirects are not followed.

        Args:
            request: The request.
            call: What it is for.
            timeout: Seconds for the call as a whole, all attempts included; ``None`` takes the
                settings' ``total_timeout``.
            receiver: Makes what takes the body of an answer; ``None`` collects it.
            progress: Is told how much such a receiver has taken.

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
        try:
            self._connections.check()
        except Unusable as unusable:
            raise _refusal(unusable, call) from None
        address = self._address(request.url, call)
        check_request(request, call)
        started = time.monotonic()
        seconds = call_timeout(timeout, self._settings)
        deadline = started + seconds
        target = Target(
            place=address.place,
            is_tls=address.url.scheme == "https",
            proxy=address.proxy_place,
            seconds=seconds,
            connect_timeout=self._settings.connect_timeout,
            max_connections=self._settings.max_connections if self._is_own else None,
        )
        try:
            if not isinstance(request.content, bytes):
                async with async_until(deadline):
                    await async_measure(request.content, call)
            answer = await self._send(
                _Sending(request, call, address, target, deadline, receiver, progress)
            )
        except TimeoutError:
            raise RequestTimeout(
                f"the time allowed ({seconds:g} s) ran out while documents were read; nothing was"
                " sent, so the call may be repeated",
                **call.where,
                is_retry_safe=True,
            ) from None
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

    async def _send(self, sending: _Sending) -> HttpResponse:
        settings = self._settings
        retries = Retries(
            sending.call,
            attempts=settings.attempts,
            deadline=sending.deadline,
            hooks=settings.on_retry,
        )
        number = 0
        while True:
            number += 1
            try:
                if not (settings.on_request or settings.on_response):
                    answer = await self._attempt(sending)
                else:
                    answer = await self._told_attempt(sending, number)
            except TransportError as failure:
                seconds = retries.pause_after(failure)
                if seconds is None:
                    raise
            else:
                seconds = retries.pause_after(answer)
                if seconds is None:
                    return answer
                answer.discard()
            await async_pause(seconds)

    async def _told_attempt(self, sending: _Sending, number: int) -> HttpResponse:
        """Makes an attempt, and tells the hooks of its beginning and of its end."""
        url = sending.address.url
        event = RequestEvent(
            **sending.call.where,
            attempt=number,
            method=sending.request.method,
            scheme=url.scheme,
            host=url.host,
            port=url.port or (443 if url.scheme == "https" else 80),
        )
        call_hooks(self._settings.on_request, event)
        started = time.monotonic()
        try:
            answer = await self._attempt(sending)
        except BaseException as failure:
            error = failure.error if isinstance(failure, ProgressFailed) else failure
            ended = ResponseEvent(
                **asdict(event),
                status=error.http_status if isinstance(error, EsignWireError) else None,
                seconds=time.monotonic() - started,
                error=type(error).__name__,
            )
            call_hooks(self._settings.on_response, ended)
            raise
        ended = ResponseEvent(
            **asdict(event),
            status=answer.status,
            bytes=answer.size,
            seconds=time.monotonic() - started,
            headers=shown_headers(answer.headers, sending.request, self._settings.headers),
        )
        call_hooks(self._settings.on_response, ended)
        return answer

    async def _attempt(self, sending: _Sending) -> HttpResponse:
        request, call, address = sending.request, sending.call, sending.address
        attempt = Attempt(sending.deadline)
        left = remaining(sending.deadline)
        connect = min(self._settings.connect_timeout, left)
        outgoing = httpx.Request(
            request.method,
            (self._is_own and request.shown_url) or address.url,
            headers=sent_headers(request, self._headers, address.host),
            # A stream is taken as it is; the headers say all there is to say about it.
            stream=_AsyncOutgoing(request.content, call, attempt)
            if request.content
            else httpx.ByteStream(b""),
            extensions={
                "timeout": {"connect": connect, "read": left, "write": left, "pool": left},
            },
        )
        if not request.content:
            attempt.is_whole = True
            # Other transports would announce a body of unknown length.
            outgoing.read()
        if self._is_own:
            outgoing.extensions |= {
                "attempt": attempt,
                # What is sent, whatever address is shown.
                "path": address.url.raw_path,
                "proxy": address.proxy,
            }
        try:
            with quiet(attempt):
                async with async_until(sending.deadline):
                    response = await self._transport.handle_async_request(outgoing)
                    try:
                        return await self._read(response, attempt, sending)
                    finally:
                        await response.aclose()
        except Unusable as unusable:
            raise _refusal(unusable, call) from None
        except ConnectionFailed as failed:
            # Of another client, over which a document comes: it says nothing of this call.
            raise ProgressFailed(failed) from None
        except (EsignWireError, ProgressFailed):
            raise
        except self._failures as error:
            if not (self._is_own or request.content or attempt.is_sent):
                attempt.is_sent = may_have_left(error, request.method)
            failure = attempt.failure or translate(error, call, attempt, sending.target)
        if isinstance(failure, ConnectionFailed) and attempt.failure is failure:
            failure = ProgressFailed(failure)  # as above
        # Not within the handler: what httpx raised, its context then, may quote the answer.
        raise failure

    async def _read(
        self, response: httpx.Response, attempt: Attempt, sending: _Sending
    ) -> HttpResponse:
        if response.is_success and attempt.is_sent and not (attempt.is_whole or self._is_own):
            attempt.is_early = True
            raise httpx.RemoteProtocolError("a success came before the request was complete")
        attempt.is_sent = True
        attempt.http_status = response.status_code
        headers = received_headers(response.headers.raw)
        settings = self._settings
        # Only a successful answer holds documents; an error is small, or not worth reading.
        receiver = sending.receiver
        taking = None if receiver is None else receiver(response.status_code, headers)
        may_be_large = taking is not None and response.is_success
        body = BodyReader(
            headers,
            limit=settings.max_document_bytes if may_be_large else settings.max_response_bytes,
            limit_name="max_document_bytes" if may_be_large else "max_response_bytes",
            call=sending.call,
            http_status=response.status_code,
            receiver=taking,
            progress=sending.progress if taking is not None else None,
        )
        try:
            # Not aiter_raw(), which refuses what a transport has read to its end already.
            async for chunk in cast("httpx.AsyncByteStream", response.stream):
                time_left(attempt.deadline)  # other transports may not know it
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
            check_url(url, **call.where)
            try:
                parsed = httpx.URL(url)
            except httpx.InvalidURL:
                # The words of httpx may quote the address.
                raise ConfigurationError(
                    "the URL's host or port cannot be read",
                    **call.where,
                ) from None
            proxy = proxy_for(url, self._settings.proxy, trust_env=self._settings.trust_env)
            found = _Address(
                parsed,
                parsed.netloc.decode("ascii"),
                place_of(url),
                proxy,
                place_of(proxy) if proxy else None,
            )
            if len(self._addresses) >= _MOST_ADDRESSES:
                self._addresses.clear()
            self._addresses[url] = found
        return found


def _refusal(unusable: Unusable, call: Call) -> ConfigurationError:
    return ConfigurationError(str(unusable), **call.where)
