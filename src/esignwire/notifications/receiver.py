"""ASGI application that takes notifications, answers at once, and hands them on."""

from __future__ import annotations

import asyncio
import contextlib
import hmac
import logging
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import NamedTuple, TypeAlias, cast

from esignwire import constellation1, signix
from esignwire.assuresign import documenttrak
from esignwire.errors import ConfigurationError, InvalidNotification
from esignwire.notifications.seen import Seen

__all__ = ["Event", "Receiver"]

Event: TypeAlias = signix.Notification | constellation1.Webhook | documenttrak.Notification
_Message: TypeAlias = MutableMapping[str, object]
_Receive: TypeAlias = Callable[[], Awaitable[_Message]]
_Send: TypeAlias = Callable[[_Message], Awaitable[None]]
_Parse: TypeAlias = Callable[[bytes], Event]

_LOGGER = logging.getLogger("esignwire.notifications")
_SECRET = re.compile(r"[A-Za-z0-9_-]{22,200}")
# A caller waits no longer for its key to be written. A key that is written later counts all the
# same: the event is handed on then, and what the vendor sends again is known.
_NOTE_SECONDS = 5.0


class _Answer(NamedTuple):
    status: int
    text: bytes
    allow: bytes = b""


_OK = _Answer(200, b"OK")
# The same for a wrong secret and a wrong path behind the right one.
_NOT_FOUND = _Answer(404, b"There is nothing here.")
_BUSY = _Answer(503, b"Too much is waiting; send it again later.")


class Receiver:
    """An ASGI application for the notifications of all three vendors.

    Below the address where it stands, ``/SECRET/signix`` takes SIGNiX's notifications,
    ``/SECRET/constellation1`` takes Constellation1's, and ``/SECRET/assuresign/NAME`` takes those
    of the DocumentTRAK design of that name. None of the vendors signs, so that the secret in the
    path is all that tells them from others: read the state again by a call of a client before you
    act on an event.

    A notification is answered with ``OK`` before it is handled. One that was seen before is
    answered alike and not handed on again. Where too many wait, the answer is 503, and the vendor
    may send again. Events may come in another order than they happened. It needs asyncio.

    Args:
        handle: A coroutine function that is called with each event. What it raises is logged, and
            the event's key forgotten, so that it is taken again if the vendor sends it again.
        secret: A segment of the path that cannot be guessed, such as
            ``secrets.token_urlsafe(32)``: 22 to 200 letters, digits, ``-`` and ``_``.
        designs: The designs of DocumentTRAK by the names in their addresses.
        seen: Where the keys of notifications are kept; by default in memory.
        most_waiting: The most notifications that are being read, wait, or are being handled.
        at_once: How many are handled at the same time.
        most_bytes: The most bytes of a body.
        body_seconds: How many seconds a body may take to arrive.
        handle_seconds: How many seconds ``handle`` may take; it is cancelled then.

    Raises:
        ConfigurationError: An argument cannot be used.
    """

    def __init__(
        self,
        handle: Callable[[Event], Awaitable[None]],
        *,
        secret: str,
        designs: Mapping[str, documenttrak.Design] | None = None,
        seen: Seen | None = None,
        most_waiting: int = 500,
        at_once: int = 10,
        most_bytes: int = 1024 * 1024,
        body_seconds: float = 10.0,
        handle_seconds: float = 300.0,
    ) -> None:
        if not isinstance(cast("object", secret), str) or not _SECRET.fullmatch(secret):
            raise ConfigurationError(
                "the secret of a Receiver must have 22 to 200 letters, digits, - and _: make one"
                " with secrets.token_urlsafe(32)"
            )
        for name, value in {
            "most_waiting": most_waiting,
            "at_once": at_once,
            "most_bytes": most_bytes,
            "body_seconds": body_seconds,
            "handle_seconds": handle_seconds,
        }.items():
            if not value > 0:
                raise ConfigurationError(f"{name} of a Receiver must be more than 0")
        self._handle = handle
        self._secret = secret.encode("ascii")
        self._seen = seen or Seen()
        self._most_waiting = most_waiting
        self._most_bytes = most_bytes
        self._body_seconds = body_seconds
        self._handle_seconds = handle_seconds
        self._turn = asyncio.Semaphore(at_once)
        self._reading = 0
        self._tasks: set[asyncio.Task[None]] = set()
        self._routes: dict[tuple[str, ...], tuple[str, _Parse]] = {
            ("signix",): ("GET", signix.notification),
            ("constellation1",): ("POST", constellation1.webhook),
        }
        for name, design in (designs or {}).items():
            self._routes["assuresign", name] = "POST", design.parse

    def __repr__(self) -> str:
        return f"Receiver({len(self._tasks)} waiting)"

    async def __call__(
        self, scope: MutableMapping[str, object], receive: _Receive, send: _Send
    ) -> None:
        """Answers a request, as ASGI has it.

        Args:
            scope: What is asked.
            receive: Gives the body.
            send: Takes the answer.
        """
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close"})
        else:
            answer = await self._answer(scope, receive)
            headers = [
                (b"content-type", b"text/plain; charset=utf-8"),
                (b"content-length", str(len(answer.text)).encode("ascii")),
                (b"cache-control", b"no-store"),
            ]
            if answer.allow:
                headers.append((b"allow", answer.allow))
            await send({"type": "http.response.start", "status": answer.status, "headers": headers})
            await send({"type": "http.response.body", "body": answer.text})

    async def drain(self) -> None:
        """Waits until all that came has been handled.

        An ASGI server has it done when it ends, unless the Receiver stands within another
        application: then that one calls it.
        """
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def _live(self, receive: _Receive, send: _Send) -> None:
        while (await receive())["type"] != "lifespan.shutdown":
            await send({"type": "lifespan.startup.complete"})
        await self.drain()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: MutableMapping[str, object], receive: _Receive) -> _Answer:
        path = cast("str", scope["path"]).removeprefix(cast("str", scope.get("root_path") or ""))
        secret, *names = path.strip("/").split("/")
        route = self._routes.get(tuple(names))
        is_known = hmac.compare_digest(secret.encode("utf-8", "surrogatepass"), self._secret)
        if not is_known or route is None:
            return _NOT_FOUND
        method, parse = route
        if scope["method"] != method:
            return _Answer(405, b"This address takes another method.", method.encode("ascii"))
        if self._reading + len(self._tasks) >= self._most_waiting:
            _LOGGER.warning("a notification was turned away: %d wait", self._most_waiting)
            return _BUSY
        self._reading += 1
        try:
            if method == "GET":
                content = cast("bytes", scope.get("query_string", b""))
            else:
                async with asyncio.timeout(self._body_seconds):
                    content = await self._body(receive)
            event = parse(content)
        except TimeoutError:
            return _Answer(408, b"The body took too long to arrive.")
        except InvalidNotification as error:
            _LOGGER.warning("a notification was refused: %s", error)
            return _Answer(400, b"This is no notification of the vendor's.")
        finally:
            self._reading -= 1
        # Two designs may be filled with the same values.
        return await self._take(event, "/".join([*names[1:], event.key]))

    async def _body(self, receive: _Receive) -> bytes:
        content = bytearray()
        is_more = True
        while is_more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise InvalidNotification("the connection ended before the body was complete")
            content += cast("bytes", message.get("body", b""))
            if len(content) > self._most_bytes:
                raise InvalidNotification(f"the body has more than {self._most_bytes:,} bytes")
            is_more = bool(message.get("more_body"))
        return bytes(content)

    async def _take(self, event: Event, key: str) -> _Answer:
        noted: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        # A task of its own: it goes on where the server cancels the request.
        task = asyncio.create_task(self._note_and_hand_on(event, key, noted))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        await asyncio.wait([noted], timeout=_NOTE_SECONDS)
        return _OK if noted.done() and noted.result() else _BUSY

    async def _note_and_hand_on(self, event: Event, key: str, noted: asyncio.Future[bool]) -> None:
        is_new: bool | None = None
        try:
            is_new = await asyncio.to_thread(self._seen.add, key)
        except Exception:
            _LOGGER.exception("a notification was turned away: its key cannot be written")
        finally:
            if not noted.done():
                noted.set_result(is_new is not None)
        if not is_new:
            return
        try:
            async with self._turn, asyncio.timeout(self._handle_seconds):
                await self._handle(event)
        except BaseException as error:
            _LOGGER.exception("the handler failed at %r", event)
            with contextlib.suppress(sqlite3.Error):
                # Not in the loop: another process may hold the file for a while.
                await asyncio.to_thread(self._seen.discard, key)
            if not isinstance(error, Exception):
                raise
