"""HTTP server of the emulator: in a thread for tests and demonstrations, or alone."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import threading
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Self, cast

import uvicorn
from starlette.applications import Starlette
from uvicorn.protocols.http.h11_impl import H11Protocol

from esignwire.emulator.application import TRANSPORT, create_application
from esignwire.emulator.control import change_handled
from esignwire.emulator.environment import (
    ASSURESIGN_PATH,
    CONSTELLATION1_PATH,
    SIGNIX_PATH,
    Environment,
    environment_of,
)
from esignwire.emulator.faults import Fault, Vendor
from esignwire.emulator.notifications import Courier, Delivery
from esignwire.emulator.settings import EmulatorSettings
from esignwire.emulator.shared import Identifiers
from esignwire.emulator.state import State
from esignwire.errors import ConfigurationError

if TYPE_CHECKING:
    from uvicorn._types import (
        ASGI3Application,
        ASGIReceiveCallable,
        ASGISendCallable,
        Scope,
    )

__all__ = ["EmulatorServer", "serve"]

_STOP_SECONDS = 10
# How long calls under way may take once the server is to stop, so that it ends within a second.
_GRACE_SECONDS = 0.5


class _Server(uvicorn.Server):
    """A server that says when it answers, and that ends quietly when a signal stops it."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None]) -> None:
        super().__init__(config)
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        # uvicorn raises the signal again when it has stopped, which would make a normal stop look
        # like a crash. Python sets signal handlers in the main thread alone.
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


class _Protocol(H11Protocol):
    """HTTP on one connection, whose transport a request can close where a fault says so."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # asyncio declares the base class, uvicorn what it gets of TCP.
        stream = cast("asyncio.Transport", transport)
        super().connection_made(stream)
        self.app = _WithTransport(self.app, stream)


class _WithTransport:
    """An application that finds the transport of its connection in the scope."""

    def __init__(self, application: ASGI3Application, transport: asyncio.Transport) -> None:
        self._application = application
        self._transport = transport

    async def __call__(
        self, scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable
    ) -> None:
        await self._application(cast("Scope", {**scope, TRANSPORT: self._transport}), receive, send)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's algorithm off only where the protocol is named; with it on, each answer
    # would wait 40 ms for the acknowledgement of its headers.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except (OSError, OverflowError) as error:
        listener.close()
        reason = error.strerror if isinstance(error, OSError) else "there is no such port"
        raise ConfigurationError(
            f"The emulator cannot listen on {host} port {port}: {reason}."
        ) from error
    return listener


def _url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _server(settings: EmulatorSettings, state: State, on_ready: Callable[[], None]) -> _Server:
    config = uvicorn.Config(
        create_application(settings, state),
        # An access log would show the API keys that Constellation1 has in its paths.
        access_log=False,
        log_config=None,
        loop="asyncio",
        http=_Protocol,
        ws="none",
        lifespan="off",
        server_header=False,
        # X-Forwarded-For would let any caller pass for one on this machine.
        proxy_headers=False,
        timeout_graceful_shutdown=cast("int", _GRACE_SECONDS),  # asyncio takes any number
    )
    return _Server(config, on_ready)


class EmulatorServer:
    """The emulator in a thread of its own; use it as a context manager.

    Each entry serves anew, on the same state::

        with EmulatorServer() as emulator:
            httpx.post(f"{emulator.url}/signix/sdd/b2b/sdddc_ns.jsp", data=...)

    Args:
        settings: How the emulator behaves.
        host: The address to listen on.
        port: The port; 0 for any that is free.
        state: What it remembers; by default it begins with nothing.
    """

    def __init__(
        self,
        settings: EmulatorSettings | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        state: State | None = None,
    ) -> None:
        self._settings = settings or EmulatorSettings()
        self._host = host
        self._port = port
        self._url: str | None = None
        self._server: _Server | None = None
        self._thread: threading.Thread | None = None
        self._courier: Courier | None = None
        self.state: State = state or State(identifiers=Identifiers(self._settings.seed))

    @property
    def url(self) -> str:
        """Scheme, host and port, such as ``http://127.0.0.1:8765``.

        Raises:
            ConfigurationError: The emulator does not run.
        """
        if self._url is None:
            raise ConfigurationError("The emulator does not run: enter its context first.")
        return self._url

    @property
    def assuresign_url(self) -> str:
        """The address of AssureSign's service file."""
        return self.url + ASSURESIGN_PATH

    @property
    def signix_url(self) -> str:
        """The address of SIGNiX's one page."""
        return self.url + SIGNIX_PATH

    @property
    def constellation1_url(self) -> str:
        """The address below which Constellation1's calls stand, ending in ``/rest``."""
        return self.url + CONSTELLATION1_PATH

    def environment(self) -> Environment:
        """The variables by which the clients' ``from_environment`` find this emulator.

        ::

            with EmulatorServer() as emulator, emulator.environment():
                client = AssureSign.from_environment()

        Returns:
            The variables as a mapping, and as a context manager that sets them in ``os.environ``
            and restores what was there. The credentials are those of the first account of each
            vendor, or made-up ones where any is taken.

        Raises:
            ConfigurationError: The emulator does not run.
        """
        return environment_of(self._settings.accounts, self.url)

    def sign(self, handle: object) -> None:
        """Let the next signer sign a document or transaction; the last one completes it.

        Args:
            handle: What a client returned: a document of AssureSign or a transaction of SIGNiX.

        Raises:
            InvalidRequest: The emulator does not know it, or it cannot be signed now.
        """
        self._change(handle, "sign")

    def complete(self, handle: object) -> None:
        """Let all sign who have not signed yet.

        Args:
            handle: What a client returned: a document or an envelope of AssureSign, a transaction
                of SIGNiX or a session of Constellation1.

        Raises:
            InvalidRequest: The emulator does not know it, or it cannot be completed now.
        """
        self._change(handle, "complete")

    def decline(self, handle: object) -> None:
        """Let a signer decline a document of AssureSign.

        Args:
            handle: What a client returned.

        Raises:
            InvalidRequest: The emulator does not know it, or it cannot be declined now.
        """
        self._change(handle, "decline")

    def expire(self, handle: object) -> None:
        """Let the last day for signing pass.

        Args:
            handle: What a client returned; see ``complete``.

        Raises:
            InvalidRequest: The emulator does not know it, or it cannot expire now.
        """
        self._change(handle, "expire")

    def notifications(self) -> tuple[Delivery, ...]:
        """Waits until all notifications have been sent, or given up.

        Returns:
            The last ones, the oldest first, each with how often it was sent and whether it was
            received.
        """
        if self._courier is None:
            return ()
        self._courier.tell()
        self._courier.wait()
        return self._courier.sent

    def repeat(self, *deliveries: Delivery) -> None:
        """Sends notifications again, as if their receipt had been lost.

        Args:
            *deliveries: Some of ``notifications()``; all of them where there is none.
        """
        for one in deliveries or self.notifications():
            if self._courier is not None:
                self._courier.send(one)

    def _change(self, handle: object, action: str) -> None:
        change_handled(self.state, handle, action)
        if self._courier is not None:
            self._courier.tell()

    def stale(self, handle: object) -> None:
        """Let the day pass by which an envelope of AssureSign should have been closed.

        Args:
            handle: What a client returned.

        Raises:
            InvalidRequest: The emulator does not know it, or it is closed already.
        """
        self._change(handle, "stale")

    def fail_authentication(self, handle: object) -> None:
        """Let a signer of a document of AssureSign fail to prove who they are.

        Args:
            handle: What a client returned.

        Raises:
            InvalidRequest: The emulator does not know it, or no signer has it now.
        """
        self._change(handle, "fail-authentication")

    def next(self, vendor: Vendor, operation: str = "*", *, fault: Fault, times: int = 1) -> None:
        """Order a fault for the next calls of an operation.

        ::

            emulator.next("assuresign", "Submit", fault=ConnectionClosed(when="after"))

        Args:
            vendor: ``assuresign``, ``signix`` or ``constellation1``.
            operation: The operation as the vendor spells it, or ``*`` for any.
            fault: The fault, such as ``Refusal`` or ``Latency``.
            times: How many calls it befalls, 1 to 1000. Several orders are taken in their order.

        Raises:
            ConfigurationError: There is no such vendor or operation, or it has no such fault.
        """
        self.state.faults.add(vendor, operation, fault, times)

    def start(self) -> None:
        """Begin to serve; returns when it answers.

        Raises:
            ConfigurationError: It cannot listen there, runs already, or the schemas are missing.
        """
        if self._thread is not None:
            raise ConfigurationError("The emulator runs already.")
        is_up = threading.Event()
        listener = _listen(self._host, self._port)
        try:
            server = _server(self._settings, self.state, is_up.set)
        except BaseException:
            listener.close()
            raise
        failures: list[BaseException] = []

        def work() -> None:
            try:
                server.run(sockets=[listener])
            except BaseException as failure:  # noqa: BLE001  # it is raised in the other thread
                failures.append(failure)
            finally:
                listener.close()
                is_up.set()

        thread = threading.Thread(target=work, name="esignwire emulator", daemon=True)
        thread.start()
        is_up.wait()
        if not server.started:
            thread.join(_STOP_SECONDS)
            raise ConfigurationError("The emulator did not start.") from next(iter(failures), None)
        self._server, self._thread = server, thread
        self._courier = cast("Starlette", server.config.app).state.courier
        self._url = _url(listener)

    def stop(self) -> None:
        """Stop serving; returns when the port is free. Does nothing if it does not run."""
        server, thread = self._server, self._thread
        self._server = self._thread = self._url = None
        if self._courier is not None:
            self._courier.close()
        if server is not None and thread is not None:
            server.should_exit = True
            thread.join(_STOP_SECONDS)
            self.state.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


async def serve(
    host: str = "127.0.0.1",
    port: int = 8765,
    settings: EmulatorSettings | None = None,
    *,
    state: State | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve the emulator in the running event loop until it is cancelled or a signal comes.

    Args:
        host: The address to listen on.
        port: The port; 0 for any that is free.
        settings: How the emulator behaves.
        state: What it remembers; by default it begins with nothing.
        on_ready: Called with the URL as soon as the emulator answers.

    Raises:
        ConfigurationError: It cannot listen there, or the schemas are missing.
    """
    settings = settings or EmulatorSettings()
    state = state or State(identifiers=Identifiers(settings.seed))
    listener: socket.socket | None = None

    def ready() -> None:
        if on_ready is not None and listener is not None:
            on_ready(_url(listener))

    listener = _listen(host, port)
    with contextlib.closing(listener), contextlib.closing(state):
        await _server(settings, state, ready).serve(sockets=[listener])
