"""What the tests of the AssureSign client share: a client of either kind, and answers by hand."""

from __future__ import annotations

import asyncio
import inspect
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from types import TracebackType
from typing import Any, Literal, Self

from lxml import etree

from esignwire._http import HttpSettings
from esignwire.assuresign import AssureSign, AsyncAssureSign, WaitPolicy
from tests.support.hostile import Connection, HostileServer, Received, hostile

SCHEMAS = Path(__file__).parent.parent.parent / "schemas" / "assuresign"
SERVICES = "https://www.assuresign.net/Services/DocumentNOW"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
ACCOUNT = "06c4a84f-693c-46cb-8df2-40a8215aa056"
TOKEN = "8cc9a84b-693c-46cc-4342-40a8215ad76a"
DOCUMENT = "2ce11ef1-8938-dd11-8735-00065b8ce99b"
OTHER_DOCUMENT = "3df22f02-9a49-ee22-9846-11176c9df0ac"
ENVELOPE = "2ceb1ef1-8938-dd11-8735-00065b8ce99b"
SESSION = "96059412-2f90-48d5-ba66-8f798f3cbd8d"
TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
USER = "owner@example.com"

Kind = Literal["sync", "async"]
KINDS: tuple[Kind, ...] = ("sync", "async")


class Driver:
    """A client of either kind, called in the same way."""

    def __init__(self, kind: Kind, url: str, **arguments: Any) -> None:
        self.kind = kind
        values: dict[str, Any] = {
            "context_identifier": ACCOUNT,
            "user_name": USER,
            "url": url,
            **arguments,
        }
        self._runner = asyncio.Runner() if kind == "async" else None
        self.client: Any = (
            AssureSign(**values) if self._runner is None else AsyncAssureSign(**values)
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._runner is None:
            self.client.close()
        else:
            self._runner.run(self.client.aclose())
            self._runner.close()

    def finish(self, result: Any) -> Any:
        """What a method returned, awaited where it must be."""
        if self._runner is None:
            assert not inspect.isawaitable(result)
            return result
        return self._runner.run(result)

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self.client, name)
        return lambda *arguments, **options: self.finish(method(*arguments, **options))

    def service(self, contract: str, operation: str, request: object, **options: Any) -> Any:
        """Calls a generated method, such as ``check_status`` of ``check_status``."""
        return self.finish(
            getattr(getattr(self.client.services, contract), operation)(request, **options)
        )


Reply = bytes | Callable[[Received], bytes]


def http(
    body: bytes, status: str = "200 OK", content_type: str = "text/xml; charset=utf-8"
) -> bytes:
    """A whole HTTP answer."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {content_type}\r\nContent-Length: {len(body)}"
    return f"{head}\r\n\r\n".encode("latin-1") + body


def envelope(content: str, prefix: str = "s") -> bytes:
    """A SOAP 1.1 envelope around an element, as WCF lays it out."""
    return (
        f'<{prefix}:Envelope xmlns:{prefix}="{SOAP}"><{prefix}:Body>'
        f"{content}</{prefix}:Body></{prefix}:Envelope>"
    ).encode()


def soap(content: str) -> bytes:
    """A whole HTTP answer with an element in a SOAP envelope."""
    return http(envelope(content))


class Script:
    """Answers the requests one after the other; the last answer goes on for ever."""

    def __init__(self, *replies: Reply) -> None:
        self._replies = list(replies)
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        while (received := connection.receive()) is not None:
            with self._lock:
                reply = self._replies.pop(0) if len(self._replies) > 1 else self._replies[0]
            connection.send(reply if isinstance(reply, bytes) else reply(received))


def address(server: HostileServer) -> str:
    return f"http://127.0.0.1:{server.port}/DocumentNOW.svc"


@contextmanager
def scripted(
    kind: Kind,
    *replies: Reply,
    http_settings: HttpSettings | None = None,
    wait_policy: WaitPolicy | None = None,
    plugins: tuple[object, ...] = (),
) -> Iterator[tuple[Driver, HostileServer]]:
    """A client, and the server that answers it."""
    with (
        hostile(Script(*replies)) as server,
        Driver(
            kind, address(server), settings=http_settings, wait_policy=wait_policy, plugins=plugins
        ) as client,
    ):
        yield client, server


def header(received: Received, name: str) -> str | None:
    for line in received.head.decode("latin-1").split("\r\n")[1:]:
        key, _, value = line.partition(":")
        if key.lower() == name.lower():
            return value.strip()
    return None


def path(received: Received) -> str:
    return received.head.decode("latin-1").split(" ", 2)[1]


def message(received: Received) -> etree._Element:
    """The one element in the SOAP body that came."""
    root = etree.fromstring(received.body)
    assert root.tag == f"{{{SOAP}}}Envelope"
    body = root.find(f"{{{SOAP}}}Body")
    assert body is not None
    assert len(body) == 1
    return body[0]


@cache
def xsd(contract: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(str(SCHEMAS / f"{contract}.xsd")))


def judged(received: Received) -> etree._Element:
    """The message that came, once libxml2 finds nothing wrong with it."""
    element = message(received)
    contract = (etree.QName(element).namespace or "").rpartition("/")[2]
    xsd(contract).assertValid(element)
    return element


def async_submitted(session: str = SESSION, exceptions: str | None = None) -> bytes:
    inner = "" if exceptions is None else f"<Exceptions>{exceptions}</Exceptions>"
    return soap(
        f'<AsyncSubmitResponse xmlns="{SERVICES}/Submit">'
        f'<AsyncSubmitResult SessionId="{session}">{inner}</AsyncSubmitResult>'
        "</AsyncSubmitResponse>"
    )


def looked_up(content: str, session: str = SESSION) -> bytes:
    """An answer of LookupSession; ``content`` stands in the namespace of LookupSession."""
    return soap(
        f'<LookupSessionResponse xmlns="{SERVICES}/LookupSession"><SessionLookupResults>'
        f'<SessionLookupResult SessionId="{session}">{content}</SessionLookupResult>'
        "</SessionLookupResults></LookupSessionResponse>"
    )


def statuses(*results: str) -> bytes:
    return soap(
        f'<CheckStatusResponse xmlns="{SERVICES}/CheckStatus"><DocumentStatusCheckResults>'
        f"{''.join(results)}</DocumentStatusCheckResults></CheckStatusResponse>"
    )


def status(document: str = DOCUMENT, kind: str = "Completed", content: str = "") -> str:
    return (
        f'<DocumentStatusCheckResult Id="{document}" StatusType="{kind}"'
        f' StatusDate="2008-03-19T11:24:08.5231954-04:00">{content}</DocumentStatusCheckResult>'
    )


LOST = b"this is no HTTP\r\n\r\n"
"""What leaves the outcome of a call open."""


class EnvelopeBlock:
    """The block of ``client.envelope`` of either kind, entered and left in the same way."""

    def __init__(self, driver: Driver, *arguments: Any, **options: Any) -> None:
        self._driver = driver
        self.envelope: Any = driver.client.envelope(*arguments, **options)

    def __enter__(self) -> Self:
        if self._driver.kind == "sync":
            self.envelope.__enter__()
        else:
            self._driver.finish(self.envelope.__aenter__())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._driver.kind == "sync":
            self.envelope.__exit__(kind, error, traceback)
        else:
            self._driver.finish(self.envelope.__aexit__(kind, error, traceback))

    def submit(self, *arguments: Any, **options: Any) -> Any:
        return self._driver.finish(self.envelope.submit(*arguments, **options))

    def submit_all(self, *arguments: Any, **options: Any) -> Any:
        return self._driver.finish(self.envelope.submit_all(*arguments, **options))


def submitted(operation: str, *results: str) -> bytes:
    """An answer of Submit, SubmitWithFile or SubmitWithFileRetrieval."""
    wrapper = "DocumentResults" if operation == "Submit" else f"{operation}Result"
    return soap(
        f'<{operation}Response xmlns="{SERVICES}/Submit"><{wrapper}>{"".join(results)}</{wrapper}>'
        f"</{operation}Response>"
    )
