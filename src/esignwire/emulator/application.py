"""ASGI application of the emulator: three vendors and the control addresses on one port."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from esignwire.emulator._wire import BlobWriter, WireAnswer, WireRequest, plain_answer
from esignwire.emulator.assuresign import AssureSign
from esignwire.emulator.constellation1 import PLAYERS, Constellation1
from esignwire.emulator.control import Control
from esignwire.emulator.faults import (
    ConnectionClosed,
    Fault,
    HttpStatus,
    Latency,
    Truncated,
    Vendor,
    WrongContentType,
    check_fits,
    read_fault,
)
from esignwire.emulator.notifications import Courier, Telling
from esignwire.emulator.pages import Pages
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Identifiers
from esignwire.emulator.signix import Signix
from esignwire.emulator.state import State
from esignwire.errors import ConfigurationError

__all__ = ["TRANSPORT", "create_application"]

_Play = Callable[[WireRequest], WireAnswer]
_Endpoint = Callable[[Request], Awaitable[Response]]

# Where the server leaves the transport of the connection in the scope of a request.
TRANSPORT = "esignwire.transport"

_LOGGER = logging.getLogger("esignwire.emulator")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
_FAULT_HEADER = "x-esignwire-fault"
# A host name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)
_CONSTELLATION1 = "/constellation1/rest/"
# SIGNiX names the method in a field of its form, before or behind the field with the message.
_SIGNIX_METHOD = re.compile(rb"(?:^|&)method=([A-Za-z0-9]{1,64})(?:&|$)")
_GLANCE = 64 * 1024


class _Closed(Exception):
    """The connection is to be closed without an answer."""


def create_application(
    settings: EmulatorSettings | None = None, state: State | None = None
) -> Starlette:
    """Make the application.

    Args:
        settings: How the emulator behaves.
        state: What it remembers; by default it begins with nothing. Bring your own to look into
            it or to set its clock.

    Returns:
        The application; its ``state.emulator`` is the state, and ``state.courier`` sends
        notifications.

    Raises:
        ConfigurationError: The schema files are missing, or the state file cannot be used.
    """
    settings = settings or EmulatorSettings()
    state = state or State(identifiers=Identifiers(settings.seed))
    schemas = Schemas(settings.schemas)
    if settings.state_file is not None:
        state.open(settings.state_file)
    assuresign = AssureSign(state.assuresign, state, settings, schemas)
    signix = Signix(state.signix, state, settings, schemas)
    constellation1 = Constellation1(state.constellation1, state, settings, schemas)
    control = Control(state, settings)
    state.faults.know("assuresign", schemas.assuresign_names)
    state.faults.know("signix", schemas.signix_methods)
    state.faults.know("constellation1", PLAYERS)

    vendors: tuple[tuple[str, Vendor, _Play], ...] = (
        ("/assuresign/{rest:path}", "assuresign", assuresign.answer),
        ("/signix/sdd/b2b/sdddc_ns.jsp", "signix", signix.answer),
        ("/constellation1/{rest:path}", "constellation1", constellation1.answer),
    )
    routes = [
        Route(path, _Played(vendor, play, settings, schemas, state).answer, methods=_METHODS)
        for path, vendor, play in vendors
    ]
    for path, answer in (
        ("/_esignwire/{rest:path}", control.answer),
        ("/{rest:path}", Pages(state, settings, schemas).answer),
    ):
        routes.append(Route(path, _Own(answer, settings, state).answer, methods=_METHODS))
    application = Starlette(routes=routes)
    application.state.emulator = state
    application.state.courier = Courier(state, settings)
    application.add_middleware(Telling, courier=application.state.courier)
    return application


class _Own:
    """The emulator's own addresses: control and pages.

    Args:
        play: Answers a request, or says that nothing is there.
        settings: How the emulator behaves.
        state: What is kept after the request.
    """

    def __init__(
        self,
        play: Callable[[WireRequest], WireAnswer | None],
        settings: EmulatorSettings,
        state: State,
    ) -> None:
        self._play = play
        self._settings = settings
        self._state = state

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        try:
            asked = await _Reader(request, self._settings).whole()
        except ClientDisconnect:
            return Response(status_code=400)
        if isinstance(asked, WireAnswer):
            return _response(asked)
        return _response(await run_in_threadpool(_kept, self._found, asked, self._state))

    def _found(self, asked: WireRequest) -> WireAnswer:
        return self._play(asked) or plain_answer(
            404,
            "This is esignwire's emulator. The vendors are at /assuresign/Services/DocumentNOW/v2/"
            "DocumentNOW.svc, /signix/sdd/b2b/sdddc_ns.jsp and /constellation1/rest/v1.",
        )


class _Played:
    """One vendor behind HTTP: its requests with the faults that are ordered for them.

    Args:
        vendor: The vendor.
        play: Answers a request.
        settings: How the emulator behaves.
        schemas: They name the operations.
        state: It holds the ordered faults.
    """

    def __init__(
        self,
        vendor: Vendor,
        play: _Play,
        settings: EmulatorSettings,
        schemas: Schemas,
        state: State,
    ) -> None:
        self._vendor: Vendor = vendor
        self._play = play
        self._settings = settings
        self._schemas = schemas
        self._state = state

    async def answer(self, request: Request) -> Response:
        """Answer one request."""
        began = time.monotonic()
        reader = _Reader(request, self._settings)
        try:
            fault = await self._fault(reader)
            await _check_open(reader, fault)
            asked = await reader.whole()
            if isinstance(asked, WireAnswer):
                answer = asked
            else:
                answer = await self._played(reader, asked, fault)
        except ConfigurationError as error:
            answer, fault = plain_answer(400, f"{_FAULT_HEADER}: {error}"), None
        except (ClientDisconnect, _Closed) as ended:
            if isinstance(ended, _Closed):
                _LOGGER.info("%s connection closed, as ordered", self._vendor)
                _close(request)
            # The caller reads no answer.
            return Response(status_code=400)
        note = f", {type(fault).__name__} as ordered" if fault is not None else ""
        _LOGGER.info(
            "%s %s %s: HTTP %d with %d bytes in %d ms%s",
            self._vendor,
            answer.operation,
            answer.outcome if answer.status < 400 or answer.outcome != "done" else "refused",
            answer.status,
            answer.size,
            round(1000 * (time.monotonic() - began)),
            note,
        )
        if isinstance(fault, Truncated):
            return _TruncatedResponse(answer, fault.size)
        return _response(answer)

    async def _played(self, reader: _Reader, asked: WireRequest, fault: Fault | None) -> WireAnswer:
        if isinstance(fault, HttpStatus) and not fault.is_played:
            return _page(fault)
        if fault is not None and fault.is_of_vendor:
            asked = replace(asked, fault=fault)
        answer = await run_in_threadpool(_kept, self._play, asked, self._state)
        self._state.exchanges.add(
            self._state.now(), self._vendor, asked, answer, type(fault).__name__ if fault else None
        )
        match fault:
            case HttpStatus():
                return _page(fault)
            case Latency():
                await reader.wait(fault.seconds)
            case ConnectionClosed():
                raise _Closed
            case WrongContentType():
                return replace(answer, media_type=fault.media_type)
            case _:
                pass
        return answer

    async def _fault(self, reader: _Reader) -> Fault | None:
        """Find the fault that a header orders for this request, or that waits for it."""
        header = reader.headers.get(_FAULT_HEADER)
        waiting = self._state.faults
        if header is None and not waiting.waits(self._vendor):
            return None
        operation = await self._operation(reader)
        if header is None:
            return waiting.take(self._vendor, operation)
        fault = read_fault(header)
        check_fits(fault, self._vendor, operation)
        return fault

    async def _operation(self, reader: _Reader) -> str | None:
        match self._vendor:
            case "assuresign":
                action = reader.headers.get("soapaction", "").strip(' "')
                return action.rpartition("/")[2]
            case "signix":
                found = _SIGNIX_METHOD.search(await reader.glance())
                found = found or _SIGNIX_METHOD.search(await reader.tail())
                return found[1].decode("ascii") if found else None
            case "constellation1":
                segments = reader.path[len(_CONSTELLATION1) :].split("/")
                operation = self._schemas.constellation1.find(segments).get(reader.method)
                return operation.name if operation else None


class _Reader:
    """The body of a request as it arrives."""

    def __init__(self, request: Request, settings: EmulatorSettings) -> None:
        self._request = request
        self._settings = settings
        self._chunks = request.stream()
        self._content = BlobWriter()
        self._beginning = b""
        self._refusal: WireAnswer | None = None
        self._is_whole = False
        raw_path: object = request.scope.get("raw_path")
        self.method = request.method
        self.path = (
            raw_path.decode("latin-1") if isinstance(raw_path, bytes) else quote(request.url.path)
        )
        self.headers: Mapping[str, str] = {
            name.lower(): value for name, value in request.headers.items()
        }

    async def glance(self) -> bytes:
        """Read the first piece of the body."""
        if not self._content.size:
            await self._read(to_end=False)
        return self._beginning

    async def tail(self) -> bytes:
        """Read the whole body for its last bytes."""
        asked = await self.whole()
        if isinstance(asked, WireAnswer):
            return b""
        return asked.content.slice(asked.content.size - _GLANCE, asked.content.size).read()

    async def whole(self) -> WireRequest | WireAnswer:
        """Read the request; what is too large or too slow gets an answer at once."""
        await self._read(to_end=True)
        if self._refusal is not None:
            return self._refusal
        request = self._request
        return WireRequest(
            method=self.method,
            path=self.path,
            query=request.scope["query_string"].decode("latin-1"),
            headers=self.headers,
            content=self._content.sealed(),
            base_url=_base_url(request),
            caller=request.client.host if request.client else None,
        )

    async def wait(self, seconds: float) -> None:
        """Wait before the answer, until the caller is gone at the latest."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                while (await self._request.receive())["type"] != "http.disconnect":
                    pass

    async def _read(self, *, to_end: bool) -> None:
        if self._is_whole or self._refusal is not None:
            return
        most = self._settings.max_request_bytes
        announced = self.headers.get("content-length", "0")
        if announced.isascii() and announced.isdigit() and int(announced) > most:
            self._refuse(413, f"The request has more than {most} bytes.")
            return
        try:
            async with asyncio.timeout(self._settings.read_seconds):
                async for chunk in self._chunks:
                    self._content.append(chunk)
                    if len(self._beginning) < _GLANCE:
                        self._beginning += chunk
                    if self._content.size > most:
                        self._refuse(413, f"The request has more than {most} bytes.")
                        return
                    if chunk and not to_end:
                        return
        except TimeoutError:
            self._refuse(408, "The request took too long to arrive.")
            return
        self._is_whole = True

    def _refuse(self, status: int, text: str) -> None:
        self._refusal = plain_answer(status, text, Connection="close")


class _TruncatedResponse(Response):
    """An answer that ends before its Content-Length says: after so many bytes, or the half."""

    def __init__(self, answer: WireAnswer, size: int | None) -> None:
        content = answer.content
        whole = content if isinstance(content, bytes) else b"".join(content.chunks())
        self._sent = whole[: len(whole) // 2 if size is None else size]
        super().__init__(whole, answer.status, dict(answer.headers), answer.media_type)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send the head and some bytes, and close the connection."""
        head = {"type": "http.response.start", "status": self.status_code}
        await send({**head, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": self._sent, "more_body": True})
        _transport(scope).close()
        while (await receive())["type"] != "http.disconnect":
            pass


def _kept(play: _Play, asked: WireRequest, state: State) -> WireAnswer:
    """Answer a request, and keep what it changed before the answer is sent."""
    answer = play(asked)
    try:
        state.save()
    except ConfigurationError as error:
        _LOGGER.error("%s", error)  # noqa: TRY400  # the error says it all
        return plain_answer(500, str(error))
    return answer


async def _check_open(reader: _Reader, fault: Fault | None) -> None:
    """Close the connection before or while the request is read, where that was ordered."""
    if not isinstance(fault, ConnectionClosed) or fault.when == "after":
        return
    if fault.when == "while":
        await reader.glance()
    raise _Closed


def _page(fault: HttpStatus) -> WireAnswer:
    headers = {} if fault.retry_after is None else {"Retry-After": str(fault.retry_after)}
    return WireAnswer(
        status=fault.status,
        media_type="text/html; charset=utf-8",
        content=fault.text.encode("utf-8", "replace"),
        headers=headers,
        outcome="refused",
    )


def _response(answer: WireAnswer) -> Response:
    headers = {**answer.headers, "Content-Type": answer.media_type}
    if isinstance(answer.content, bytes):
        return Response(answer.content, status_code=answer.status, headers=headers)
    headers["Content-Length"] = str(answer.size)
    return StreamingResponse(answer.content.chunks(), status_code=answer.status, headers=headers)


def _close(request: Request) -> None:
    """Close the connection at once; what waits to be sent is thrown away."""
    _transport(request.scope).abort()


def _transport(scope: Scope) -> asyncio.Transport:
    transport: object = scope.get(TRANSPORT)
    if not isinstance(transport, asyncio.Transport):
        # Another ASGI server does not hand its connections out; its caller sees this error.
        raise ConnectionResetError("The connection is closed, as ordered.")
    return transport


def _base_url(request: Request) -> str:
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        # What a caller sends as its Host goes into addresses that are handed out.
        address: tuple[str, int | None] = request.scope.get("server") or ("127.0.0.1", None)
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        host = name if address[1] is None else f"{name}:{address[1]}"
    return f"{request.scope['scheme']}://{host}"
