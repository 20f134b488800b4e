"""What the tests of the Constellation1 client share: a server with replies written by hand."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Literal
from urllib.parse import unquote

from esignwire.constellation1 import AsyncConstellation1, Constellation1

API_KEY = "k+y/with %2F, blanks and ümläut?#"
USER_NAME = "owner@example.com"
SESSION_ID = "7f1c2d3e-4a5b-4c6d-8e7f-901122334455"
RETURN_URL = "https://host.example/done?a=1&b=two words".replace(" ", "+")
Kind = Literal["async", "sync"]


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    headers: dict[str, list[str]]
    content: bytes

    @property
    def last(self) -> str:
        return self.path.rpartition("/rest/v1/")[2]


@dataclass(frozen=True)
class Canned:
    """One reply. ``action`` is done instead of it."""

    body: object = None
    status: int = 200
    content: bytes | None = None
    media_type: str = "application/json; charset=utf-8"
    headers: dict[str, str] = field(default_factory=dict[str, str])
    action: Literal["drop", "hang"] | None = None

    def bytes(self) -> bytes:
        return json.dumps(self.body).encode() if self.content is None else self.content


class Vendor:
    """Hands out tokens by itself; what else it answers is written in the test."""

    def __init__(self) -> None:
        self.seen: list[Seen] = []
        self.replies: list[Canned] = []
        self.encrypt_replies: list[Canned] = []
        self.token_replies: list[Canned] = []
        self.stopped = threading.Event()
        self.url = ""
        self._tokens = 0

    @property
    def calls(self) -> list[Seen]:
        """The requests without the token dance."""
        return [seen for seen in self.seen if not seen.last.startswith(("encrypt/", "gettoken/"))]

    def reply(self, seen: Seen) -> Canned:
        self.seen.append(seen)
        if seen.last.startswith("encrypt/"):
            if self.encrypt_replies:
                return self.encrypt_replies.pop(0)
            # Bound to the salt, so that the exchange below can tell whether it is the same.
            return Canned({"ReturnValue": f"enc:{seen.last.split('/')[2]}", "Details": None})
        if seen.last.startswith("gettoken/"):
            if self.token_replies:
                return self.token_replies.pop(0)
            salt = seen.last.split("/")[1]
            if seen.headers["authorization"] != [f"enc:{salt}"]:
                return Canned({"ReturnValue": None, "Details": "Error: Invalid API key"})
            self._tokens += 1
            return Canned({"ReturnValue": f"token-{self._tokens}"})
        return self.replies.pop(0)


@contextmanager
def serving(vendor: Vendor) -> Iterator[Vendor]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Else each body would wait 40 ms for the acknowledgement of its headers.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            names = {name.lower() for name in self.headers}
            canned = vendor.reply(
                Seen(
                    method=self.command,
                    path=self.path,
                    headers={name: self.headers.get_all(name, []) for name in names},
                    content=self.rfile.read(length),
                )
            )
            if canned.action is not None:
                if canned.action == "hang":
                    vendor.stopped.wait()
                self.close_connection = True
                return
            content = canned.bytes()
            self.send_response(canned.status)
            self.send_header("Content-Type", canned.media_type)
            self.send_header("Content-Length", str(len(content)))
            for name, value in canned.headers.items():
                self.send_header(name, value)
            # A client that has seen enough hangs up.
            with suppress(ConnectionError):
                self.end_headers()
                self.wfile.write(content)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815 - as the library calls them

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    vendor.url = f"http://127.0.0.1:{server.server_port}"
    try:
        yield vendor
    finally:
        vendor.stopped.set()
        server.shutdown()
        thread.join()
        server.server_close()


def run(
    kind: Kind,
    url: str,
    action: Callable[..., object],
    *more: Callable[..., object],
    **options: object,
) -> object:
    """Does something with a client; the result of the last action is returned."""
    arguments = {"api_key": API_KEY, "user_name": USER_NAME, "url": url, **options}
    if kind == "sync":
        with Constellation1(**arguments) as client:  # type: ignore[arg-type]  # the test says what
            result: object = None
            for one in (action, *more):
                result = one(client)
            return result

    async def main() -> object:
        async with AsyncConstellation1(**arguments) as client:  # type: ignore[arg-type]  # the same
            result: object = None
            for one in (action, *more):
                result = await one(client)  # type: ignore[misc]  # of the async client
            return result

    return asyncio.run(main())


def decoded(seen: Seen) -> list[str]:
    return [unquote(part) for part in seen.last.partition("?")[0].split("/")]
