"""ASGI application of the emulator: three vendors and the control addresses on one port."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable
from urllib.parse import quote

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from esignwire.emulator._wire import BlobWriter, WireAnswer, WireRequest, plain_answer
from esignwire.emulator.assuresign import AssureSign
from esignwire.emulator.constellation1 import Constellation1
from esignwire.emulator.control import Control
from esignwire.emulator.notifications import Courier, Telling
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Identifiers
from esignwire.emulator.signix import Signix
from esignwire.emulator.state import State

__all__ = ["create_application"]

_Endpoint = Callable[[Request], Awaitable[Response]]

_LOGGER = logging.getLogger("esignwire.emulator")
_METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
# A host name, an IPv4 address or an IPv6 address in brackets, and perhaps a port.
_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::[0-9]{1,5})?", re.ASCII)


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
        ConfigurationError: The schema files are missing.
    """
    settings = settings or EmulatorSettings()
    state = state or State(identifiers=Identifiers(settings.seed))
    schemas = Schemas(settings.schemas)
    assuresign = AssureSign(state.assuresign, state, settings, schemas)
    signix = Signix(state.signix, state, settings, schemas)
    constellation1 = Constellation1(state.constellation1, state, settings, schemas)
    control = Control(state, settings)

    def played(name: str, play: Callable[[WireRequest], WireAnswer]) -> _Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                asked = await _read(request, settings)
            except ClientDisconnect:
                # The caller is gone and reads no answer.
                return Response(status_code=400)
            if isinstance(asked, WireAnswer):
                answer = asked
            else:
                answer = await run_in_threadpool(play, asked)
            _LOGGER.debug(
                "%s %s answered %d with %d bytes",
                name,
                answer.operation,
                answer.status,
                answer.size,
            )
            headers = {**answer.headers, "Content-Type": answer.media_type}
            if isinstance(answer.content, bytes):
                return Response(answer.content, status_code=answer.status, headers=headers)
            headers["Content-Length"] = str(answer.size)
            return StreamingResponse(
                answer.content.chunks(), status_code=answer.status, headers=headers
            )

        return endpoint

    routes = [
        Route(path, played(name, play), methods=_METHODS)
        for path, name, play in (
            ("/assuresign/{rest:path}", "AssureSign", assuresign.answer),
            ("/signix/sdd/b2b/sdddc_ns.jsp", "SIGNiX", signix.answer),
            ("/constellation1/{rest:path}", "Constellation1", constellation1.answer),
            ("/_esignwire/{rest:path}", "Emulator", control.answer),
            ("/{rest:path}", "Emulator", _nothing),
        )
    ]
    application = Starlette(routes=routes)
    application.state.emulator = state
    application.state.courier = Courier(state, settings)
    application.add_middleware(Telling, courier=application.state.courier)
    return application


def _nothing(request: WireRequest) -> WireAnswer:  # noqa: ARG001  # the same for each
    return plain_answer(
        404,
        "This is esignwire's emulator. The vendors are at /assuresign/Services/DocumentNOW/v2/"
        "DocumentNOW.svc, /signix/sdd/b2b/sdddc_ns.jsp and /constellation1/rest/v1.",
    )


async def _read(request: Request, settings: EmulatorSettings) -> WireRequest | WireAnswer:
    most = settings.max_request_bytes
    announced = request.headers.get("content-length", "0")
    if announced.isascii() and announced.isdigit() and int(announced) > most:
        return plain_answer(413, f"The request has more than {most} bytes.", Connection="close")
    content = BlobWriter()
    try:
        async with asyncio.timeout(settings.read_seconds):
            async for chunk in request.stream():
                content.append(chunk)
                if content.size > most:
                    return plain_answer(
                        413, f"The request has more than {most} bytes.", Connection="close"
                    )
    except TimeoutError:
        return plain_answer(408, "The request took too long to arrive.", Connection="close")
    raw_path: object = request.scope.get("raw_path")
    path = raw_path.decode("latin-1") if isinstance(raw_path, bytes) else quote(request.url.path)
    return WireRequest(
        method=request.method,
        path=path,
        query=request.scope["query_string"].decode("latin-1"),
        headers={name.lower(): value for name, value in request.headers.items()},
        content=content.sealed(),
        base_url=_base_url(request),
        caller=request.client.host if request.client else None,
    )


def _base_url(request: Request) -> str:
    host = request.headers.get("host", "")
    if not _HOST.fullmatch(host):
        # What a caller sends as its Host goes into addresses that are handed out.
        address: tuple[str, int | None] = request.scope.get("server") or ("127.0.0.1", None)
        name = f"[{address[0]}]" if ":" in address[0] else address[0]
        host = name if address[1] is None else f"{name}:{address[1]}"
    return f"{request.scope['scheme']}://{host}"
