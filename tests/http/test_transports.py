"""Other transports than our own: what holds with them all the same."""

from __future__ import annotations

import asyncio
import pickle
import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
from httpx_aiohttp import AiohttpTransport

from esignwire import AssureSign, AsyncAssureSign
from esignwire._call import Call
from esignwire._http import AsyncHttp, Http, HttpRequest, HttpResponse, HttpSettings
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    EsignWireError,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTooLarge,
    TransportError,
)
from tests.support.assuresign import ACCOUNT, USER
from tests.support.hostile import (
    Behaviour,
    Connection,
    answer,
    close_at_once,
    closed_port,
    drip_body,
    hostile,
    never_answer,
    raw,
    reset_at_once,
)

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
UNSAFE = Call(vendor="AssureSign", operation="Submit", is_safe=False, reference="order 4711")

Send = Callable[..., HttpResponse]


def through_aiohttp(
    url: str, call: Call = SAFE, *, limit: int = 10**6, seconds: float = 10.0, **request: Any
) -> HttpResponse:
    async def main() -> HttpResponse:
        async with AiohttpTransport() as transport:
            return await sent_async(transport, url, call, limit, seconds, request)

    return asyncio.run(main())


def through_httpx_async(
    url: str, call: Call = SAFE, *, limit: int = 10**6, seconds: float = 10.0, **request: Any
) -> HttpResponse:
    async def main() -> HttpResponse:
        async with httpx.AsyncHTTPTransport() as transport:
            return await sent_async(transport, url, call, limit, seconds, request)

    return asyncio.run(main())


async def sent_async(
    transport: httpx.AsyncBaseTransport,
    url: str,
    call: Call,
    limit: int,
    seconds: float,
    request: dict[str, Any],
) -> HttpResponse:
    settings = HttpSettings(async_transport=transport, max_response_bytes=limit)
    async with AsyncHttp(settings) as http:
        return await http.send(made(url, request), call, timeout=seconds)


def through_httpx(
    url: str, call: Call = SAFE, *, limit: int = 10**6, seconds: float = 10.0, **request: Any
) -> HttpResponse:
    with httpx.HTTPTransport() as transport:
        settings = HttpSettings(transport=transport, max_response_bytes=limit)
        with Http(settings) as http:
            return http.send(made(url, request), call, timeout=seconds)


def made(url: str, request: dict[str, Any]) -> HttpRequest:
    return HttpRequest(**{"method": "POST", "url": url, "content": b"SECRETBODY", **request})


@pytest.fixture(params=[through_aiohttp, through_httpx_async, through_httpx])
def send(request: pytest.FixtureRequest) -> Send:
    function: Send = request.param
    return function


@pytest.fixture(autouse=True)
def _one_attempt() -> Iterator[None]:
    stamina.set_active(False)
    yield
    stamina.set_active(True)


class ChangedBody:
    """A body whose file changes while it is sent."""

    progress = None
    is_in_memory = True
    text = b"beginning"

    def measure(self) -> int:
        return 100_000

    def chunks(self) -> Iterator[bytes]:
        yield self.text
        raise OSError("a document changed while it was sent")


def test_a_call_goes_its_way(send: Send) -> None:
    with hostile(answer(b"<a/>", headers=("Content-Type: text/xml", "Set-Cookie: a=1"))) as server:
        response = send(server.url, UNSAFE, headers={"SOAPAction": '"urn:x"'})
    assert (response.status, response.content) == (200, b"<a/>")
    (received,) = server.received
    assert received.body == b"SECRETBODY"
    assert received.head.startswith(b"POST /path-with-SECRETPATH HTTP/1.1\r\n")
    # httpx-aiohttp writes the names in lower case.
    head = received.head.lower().split(b"\r\n")
    assert b'soapaction: "urn:x"' in head
    assert b"content-length: 10" in head
    assert b"accept-encoding: identity" in head
    assert b"transfer-encoding" not in received.head.lower()


@pytest.mark.parametrize("method", ["DELETE", "GET", "POST", "PUT"])
def test_a_call_without_a_body(send: Send, method: str) -> None:
    with hostile(answer(b"{}", status="404 Not Found")) as server:
        assert send(server.url, method=method, content=b"").status == 404
    (received,) = server.received
    assert received.body == b""
    assert b"transfer-encoding" not in received.head.lower()


def test_a_redirect_is_not_followed(send: Send) -> None:
    with hostile(answer(b"", status="302 Found", headers=("Location: /other",))) as server:
        assert send(server.url).status == 302
    assert len(server.received) == 1


@pytest.mark.parametrize(
    "behaviour",
    [
        close_at_once,
        reset_at_once,
        raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
        raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
        raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    ],
)
def test_what_broke_is_open_for_a_change_alone(send: Send, behaviour: Behaviour) -> None:
    with hostile(behaviour) as server, pytest.raises(OutcomeUnknown) as unknown:
        send(server.url, UNSAFE)
    assert unknown.value.reference == "order 4711"
    assert isinstance(unknown.value.__cause__, ConnectionLost)
    assert "SECRET" not in str(unknown.value)
    with hostile(behaviour) as server, pytest.raises(ConnectionLost) as lost:
        send(server.url, SAFE)
    assert lost.value.is_retry_safe


@pytest.mark.parametrize("behaviour", [never_answer, drip_body])
def test_the_time_is_bounded(send: Send, behaviour: Behaviour) -> None:
    with hostile(behaviour) as server, pytest.raises(OutcomeUnknown) as unknown:
        send(server.url, UNSAFE, seconds=0.5)
    assert isinstance(unknown.value.__cause__, RequestTimeout)


def test_the_size_is_bounded(send: Send) -> None:
    with hostile(answer(b"a" * 200_000)) as server, pytest.raises(ResponseTooLarge):
        send(server.url, limit=100_000)


def test_a_refused_connection_took_nothing(send: Send) -> None:
    url = f"http://127.0.0.1:{closed_port()}/"
    with pytest.raises(ConnectionFailed, match="refused the connection"):
        send(url, UNSAFE)
    with pytest.raises(ConnectionFailed, match="refused the connection"):
        send(url, UNSAFE, method="POST", content=b"")
    # A transport may have sent these once before and met the refusal when it repeated them.
    with pytest.raises(OutcomeUnknown):
        send(url, UNSAFE, method="DELETE", content=b"")


def test_a_certificate_that_is_not_trusted(send: Send, certificate: tuple[Path, Path]) -> None:
    with hostile(answer(b"<a/>"), certificate) as server, pytest.raises(ConnectionFailed) as failed:
        send(server.url.replace("http://127.0.0.1", "https://localhost"), UNSAFE)
    assert "is not trusted" in str(failed.value)
    assert not failed.value.is_retry_safe
    assert server.received == []


def test_a_document_that_changes_is_told_as_such(send: Send) -> None:
    def behave(connection: Connection) -> None:
        connection.receive()

    with hostile(behave) as server, pytest.raises(TransportError, match="changed meanwhile") as cut:
        send(server.url, UNSAFE, content=ChangedBody())
    assert type(cut.value) is TransportError
    assert cut.value.is_retry_safe
    assert server.received == []


def test_a_success_before_the_end_of_the_request_is_none() -> None:
    class Early(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert isinstance(request.stream, httpx.SyncByteStream)
            next(iter(request.stream))
            return httpx.Response(200, content=b"<a/>")

    with pytest.raises(OutcomeUnknown, match="before the request had been sent to its end"):
        Http(HttpSettings(transport=Early())).send(made("http://localhost/", {}), UNSAFE)


def test_a_body_goes_out_once() -> None:
    class Repeating(httpx.BaseTransport):
        def handle_request(self, request: httpx.Request) -> httpx.Response:
            assert isinstance(request.stream, httpx.SyncByteStream)
            list(request.stream)
            return httpx.Response(200, content=b"".join(request.stream))

    with pytest.raises(OutcomeUnknown):
        Http(HttpSettings(transport=Repeating())).send(made("http://localhost/", {}), UNSAFE)


def test_foreign_exceptions_do_not_leave() -> None:
    class Strange(Exception):
        pass

    def fail(request: httpx.Request) -> httpx.Response:
        raise Strange(request.content)

    settings = HttpSettings(transport=httpx.MockTransport(fail))
    with pytest.raises(EsignWireError) as unknown:
        Http(settings).send(made("http://localhost/", {}), UNSAFE)
    assert type(unknown.value) is OutcomeUnknown
    shown = repr(unknown.value.__cause__) + repr(unknown.value.__cause__.__cause__)  # type: ignore[union-attr]  # as it is made
    assert "SECRET" not in shown
    assert "Strange" not in shown


def test_the_transport_stays_open_for_other_clients() -> None:
    class Counting(httpx.MockTransport):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    transport = Counting(lambda _: httpx.Response(200, content=b"<a/>"))
    settings = HttpSettings(transport=transport)
    for _ in range(2):
        with Http(settings) as http:
            assert http.send(made("http://localhost/", {}), SAFE).status == 200
    assert transport.closed == 0
    with pytest.raises(ConfigurationError, match="closed"):
        http.send(made("http://localhost/", {}), SAFE)


def test_the_transport_of_the_other_kind_is_not_used() -> None:
    never = httpx.MockTransport(lambda _: httpx.Response(500))
    with hostile(answer(b"<a/>")) as server:
        with Http(HttpSettings(async_transport=never)) as http:
            assert http.send(made(server.url, {}), SAFE).status == 200

        async def main() -> int:
            async with AsyncHttp(HttpSettings(transport=never)) as other:
                return (await other.send(made(server.url, {}), SAFE)).status

        assert asyncio.run(main()) == 200


def test_what_is_no_transport_is_refused() -> None:
    with httpx.Client() as client:
        with pytest.raises(ConfigurationError, match=r"async_transport must be .*async_request"):
            HttpSettings(async_transport=client)  # type: ignore[arg-type]  # the point of the test
        with pytest.raises(ConfigurationError, match=r"transport must be .* handle_request"):
            HttpSettings(transport=client)  # type: ignore[arg-type]  # the point of the test


@pytest.mark.parametrize(
    "own", [{"ssl_context": ssl.create_default_context()}, {"proxy": "http://proxy.example:3128"}]
)
def test_what_is_the_transports_own_matter_is_given_to_it(own: dict[str, Any]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    with pytest.raises(ConfigurationError, match="give them to the transport"):
        HttpSettings(transport=transport, **own)


@pytest.mark.parametrize("kind", [AssureSign, AsyncAssureSign])
def test_a_client_with_a_transport_is_not_pickled(kind: type[AssureSign | AsyncAssureSign]) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200))
    client = kind(
        context_identifier=ACCOUNT,
        user_name=USER,
        settings=HttpSettings(transport=transport, async_transport=transport),
    )
    with pytest.raises(ConfigurationError, match="transport of its own cannot be pickled"):
        pickle.dumps(client)
