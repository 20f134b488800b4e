"""What errors say of a call that failed on the way, and what stands behind them."""

from __future__ import annotations

import asyncio
import errno
import logging
import os
import socket
import ssl
import traceback
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from esignwire._call import Call
from esignwire._http import AsyncHttp, Http, HttpRequest, HttpResponse, HttpSettings
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    EsignWireError,
    OutcomeUnknown,
    RequestTimeout,
    ResponseError,
)
from tests.support.hostile import (
    Behaviour,
    Connection,
    answer,
    close_at_once,
    closed_port,
    drip_body,
    hostile,
    never_answer,
    never_read,
    raw,
)

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
CHANGE = Call(vendor="AssureSign", operation="AsyncSubmit", is_safe=False, reference="order 4711")
MEGABYTE = 1024**2

Send = Callable[..., HttpResponse]


def send_async(
    url: str, call: Call = SAFE, *, timeout: float = 10.0, content: bytes = b"x", **settings: object
) -> HttpResponse:
    async def main() -> HttpResponse:
        async with AsyncHttp(HttpSettings(**settings)) as http:  # type: ignore[arg-type]
            request = HttpRequest(method="POST", url=url, content=content)
            return await http.send(request, call, timeout=timeout)

    return asyncio.run(main())


def send_sync(
    url: str, call: Call = SAFE, *, timeout: float = 10.0, content: bytes = b"x", **settings: object
) -> HttpResponse:
    with Http(HttpSettings(**settings)) as http:  # type: ignore[arg-type]
        request = HttpRequest(method="POST", url=url, content=content)
        return http.send(request, call, timeout=timeout)


@pytest.fixture(params=[send_async, send_sync], ids=["async", "sync"])
def send(request: pytest.FixtureRequest) -> Send:
    function: Send = request.param
    return function


def behind(error: BaseException) -> list[BaseException]:
    """All that stands behind an error, whether it is printed or not."""
    found: list[BaseException] = []
    waiting = [error.__cause__, error.__context__]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__]
    return found


def unreached(send: Send, url: str, *said: str, **settings: object) -> ConnectionFailed:
    with pytest.raises(ConnectionFailed) as caught:
        send(url, CHANGE, **settings)
    for words in (*said, "nothing was sent"):
        assert words in str(caught.value)
    assert ("may be repeated" in str(caught.value)) is caught.value.is_retry_safe
    assert all("SECRET" not in repr(vars(one)) + str(one) for one in behind(caught.value))
    assert "SECRET" not in str(caught.value)
    return caught.value


def attempts_of(caplog: pytest.LogCaptureFixture) -> int:
    return 1 + sum("the next follows" in record.getMessage() for record in caplog.records)


def finding(monkeypatch: pytest.MonkeyPatch, *answers: OSError | str) -> None:
    """Lets the resolver answer so, the last again and again."""
    left = list(answers)

    def look_up(host: object, port: object, *_: object, **__: object) -> object:
        found = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(found, OSError):
            raise found
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (found, port))]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


UNKNOWN = socket.gaierror(socket.EAI_NONAME, "Name or service not known")
NO_ANSWER = socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")


class TestWhyNoConnection:
    def test_refused(self, send: Send) -> None:
        port = closed_port()
        error = unreached(send, f"http://127.0.0.1:{port}/SECRET", f"127.0.0.1:{port} refused")
        assert error.is_retry_safe
        assert isinstance(error.__cause__, httpx.ConnectError)
        assert isinstance(error.__cause__.__cause__, ConnectionRefusedError)

    def test_a_name_is_asked_for_twice(
        self, send: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        finding(monkeypatch, UNKNOWN)
        error = unreached(
            send, "https://vendor.example/SECRET", "the name of vendor.example:443 was not found"
        )
        assert not error.is_retry_safe
        assert attempts_of(caplog) == 2

    def test_a_name_may_be_found_the_second_time(
        self, send: Send, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finding(monkeypatch, UNKNOWN, "127.0.0.1")
        with hostile(answer(b"ok")) as server:
            assert send(f"http://localhost:{server.port}/", CHANGE).content == b"ok"

    def test_a_name_server_may_answer_later(
        self, send: Send, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        finding(monkeypatch, NO_ANSWER)
        error = unreached(send, "https://vendor.example/", "the name server did not say where")
        assert error.is_retry_safe
        assert attempts_of(caplog) == 3

    def test_a_certificate_is_not_trusted(
        self, send: Send, certificate: tuple[Path, Path], caplog: pytest.LogCaptureFixture
    ) -> None:
        with hostile(answer(b"ok"), certificate) as server:
            error = unreached(
                send,
                f"https://localhost:{server.port}/SECRET",
                f"the certificate of localhost:{server.port} is not trusted (self",
                "load it into ssl_context or name its file in SSL_CERT_FILE",
            )
        assert not error.is_retry_safe
        assert attempts_of(caplog) == 1
        assert any(isinstance(one, ssl.SSLCertVerificationError) for one in behind(error))
        assert server.received == []

    def test_a_certificate_is_for_another_name(
        self, send: Send, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        finding(monkeypatch, "127.0.0.1")
        context = ssl.create_default_context(cafile=certificate[0])
        with hostile(answer(b"ok"), certificate) as server:
            url = f"https://other.example:{server.port}/"
            error = unreached(send, url, "it is for another name", ssl_context=context)
        assert not error.is_retry_safe

    def test_no_tls(self, send: Send, caplog: pytest.LogCaptureFixture) -> None:
        def speak_http(connection: Connection) -> None:
            connection.receive_some()
            connection.send(b"HTTP/1.1 400 SECRET\r\n\r\n")

        with hostile(speak_http) as server:
            url = f"https://localhost:{server.port}/"
            error = unreached(send, url, f"TLS with localhost:{server.port} failed", "protocol")
        assert not error.is_retry_safe
        assert attempts_of(caplog) == 1

    def test_no_common_version(self, send: Send, certificate: tuple[Path, Path]) -> None:
        context = ssl.create_default_context(cafile=certificate[0])
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(*certificate)
        theirs.minimum_version = ssl.TLSVersion.TLSv1_3

        def modern(connection: Connection) -> None:
            with connection.secured(theirs):
                pass

        with hostile(modern) as server:
            unreached(send, f"https://localhost:{server.port}/", "protocol", ssl_context=context)

    @pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
    def test_a_client_certificate_is_wanted(
        self, send: Send, certificate: tuple[Path, Path], version: ssl.TLSVersion
    ) -> None:
        context = ssl.create_default_context(cafile=certificate[0])
        theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        theirs.load_cert_chain(*certificate)
        theirs.load_verify_locations(certificate[0])
        theirs.verify_mode = ssl.CERT_REQUIRED
        theirs.minimum_version = theirs.maximum_version = version

        def strict(connection: Connection) -> None:
            with connection.secured(theirs) as secured:
                answer(b"ok")(secured)

        with hostile(strict) as server, pytest.raises(EsignWireError) as caught:
            send(f"https://localhost:{server.port}/", CHANGE, ssl_context=context)
        # With TLS 1.3 the client learns of it when its first bytes may have left.
        assert isinstance(caught.value, ConnectionFailed | OutcomeUnknown)
        assert server.received == []

    def test_the_time_for_a_connection(self, send: Send) -> None:
        with hostile(never_read) as server:
            url = f"https://127.0.0.1:{server.port}/"
            error = unreached(
                send,
                url,
                f"no connection to 127.0.0.1:{server.port} in the time allowed (0.2 s, connect",
                connect_timeout=0.2,
                attempts=1,
            )
        assert error.is_retry_safe

    def test_too_many_open_files(self, send: Send, monkeypatch: pytest.MonkeyPatch) -> None:
        class Exhausted(socket.socket):
            def connect(self, *_: object) -> None:
                raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))

        with hostile(answer(b"ok")) as server:
            url = f"http://127.0.0.1:{server.port}/"
            with monkeypatch.context() as patched:
                patched.setattr(socket, "socket", Exhausted)
                if send is send_async:
                    patched.setattr(asyncio.SelectorEventLoop, "sock_connect", _exhausted)
                error = unreached(send, url, "too many files are open", "ulimit -n", attempts=1)
        assert error.is_retry_safe

    @pytest.mark.parametrize(
        ("behaviour", "said", "is_lasting"),
        [
            (raw(b"HTTP/1.1 407 SECRET\r\nContent-Length: 0\r\n\r\n"), "HTTP 407; put", True),
            (raw(b"HTTP/1.1 403 SECRET\r\nContent-Length: 0\r\n\r\n"), "HTTP 403", True),
            (raw(b"HTTP/1.1 503 SECRET\r\nContent-Length: 0\r\n\r\n"), "HTTP 503", False),
            (raw(b"SECRET\r\n\r\n"), "did not connect to vendor.invalid:443", False),
            (close_at_once, "did not connect to vendor.invalid:443", False),
        ],
        ids=["407", "403", "503", "no HTTP", "closed"],
    )
    def test_a_proxy(
        self,
        send: Send,
        caplog: pytest.LogCaptureFixture,
        behaviour: Behaviour,
        said: str,
        is_lasting: bool,
    ) -> None:
        with hostile(behaviour) as server:
            error = unreached(
                send,
                "https://vendor.invalid/SECRET",
                f"the proxy 127.0.0.1:{server.port} did not connect to vendor.invalid:443",
                said,
                proxy=f"http://user:SECRET@127.0.0.1:{server.port}",
            )
        assert error.is_retry_safe is not is_lasting
        assert attempts_of(caplog) == (1 if is_lasting else 3)
        assert "SECRET" not in caplog.text

    def test_no_proxy(self, send: Send) -> None:
        port = closed_port()
        unreached(
            send,
            "https://vendor.invalid/",
            f"the proxy 127.0.0.1:{port} refused",
            proxy=f"http://127.0.0.1:{port}",
        )


async def _exhausted(*_: object) -> None:
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


class TestWhen:
    @pytest.mark.parametrize(
        ("behaviour", "content", "phase"),
        [
            (never_read, b"x" * (32 * MEGABYTE), "while the request was sent"),
            (never_answer, b"x", "while its beginning was awaited"),
            (drip_body, b"x", "while it was read"),
        ],
        ids=["sending", "waiting", "reading"],
    )
    def test_the_time_ran_out(
        self, send: Send, behaviour: Behaviour, content: bytes, phase: str
    ) -> None:
        with hostile(behaviour) as server, pytest.raises(RequestTimeout) as caught:
            send(server.url, content=content, timeout=0.25, attempts=1)
        assert "the time allowed (0.25 s) ran out" in str(caught.value)
        assert phase in str(caught.value)


# What a server may send back of what it was sent.
ECHOES: dict[str, bytes] = {
    "status line": b"SECRET",
    "header": b"HTTP/1.1 200 OK\r\nSECRET\r\n\r\n",
    "chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nSECRET\r\n",
    "damaged chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naSECRET\r\n",
    "length": b"HTTP/1.1 200 OK\r\nContent-Length: SECRET\r\n\r\n",
    "encoding": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: SECRET\r\n\r\n",
    "cut": b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nSECRET",
    "gzip": b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 6\r\n\r\nSECRET",
    "end of headers": b"HTTP/1.1 200 OK\r\n" + b"SECRET: SECRET\r\n" * 10_000,
}


class TestQuotations:
    @pytest.mark.parametrize("call", [SAFE, CHANGE], ids=["safe", "change"])
    @pytest.mark.parametrize("echo", ECHOES.values(), ids=ECHOES)
    def test_nothing_behind_an_error_quotes_the_answer(
        self, send: Send, caplog: pytest.LogCaptureFixture, echo: bytes, call: Call
    ) -> None:
        with (
            caplog.at_level(logging.DEBUG),
            hostile(raw(echo)) as server,
            pytest.raises((ConnectionLost, OutcomeUnknown, ResponseError)) as caught,
        ):
            send(f"http://127.0.0.1:{server.port}/", call, attempts=1)
        for error in (caught.value, *behind(caught.value)):
            assert "SECRET" not in str(error) + repr(error) + repr(vars(error))
        printed = traceback.format_exception(caught.value)
        assert not [line for part in printed for line in part.splitlines() if "SECRET" in line]
        assert "SECRET" not in caplog.text

    @pytest.mark.parametrize("echo", [b"SECRET", b"HTTP/1.1 200 OK\r\nSECRET\r\n\r\n"])
    @pytest.mark.parametrize("is_proxied", [False, True])
    def test_what_traces_the_transport_sees_no_words_of_the_peer(
        self, send: Send, monkeypatch: pytest.MonkeyPatch, echo: bytes, is_proxied: bool
    ) -> None:
        seen: list[str] = []
        sent = httpx.HTTPTransport.handle_request
        sent_async = httpx.AsyncHTTPTransport.handle_async_request

        def traced(self: httpx.HTTPTransport, request: httpx.Request) -> httpx.Response:
            try:
                return sent(self, request)
            except httpx.HTTPError as error:
                seen.extend(traceback.format_exception(error))
                raise

        async def traced_async(
            self: httpx.AsyncHTTPTransport, request: httpx.Request
        ) -> httpx.Response:
            try:
                return await sent_async(self, request)
            except httpx.HTTPError as error:
                seen.extend(traceback.format_exception(error))
                raise

        # As OpenTelemetry's instrumentation of httpx does.
        monkeypatch.setattr(httpx.HTTPTransport, "handle_request", traced)
        monkeypatch.setattr(httpx.AsyncHTTPTransport, "handle_async_request", traced_async)
        with hostile(raw(echo)) as server:
            url, proxy = (
                ("https://vendor.invalid/", server.url) if is_proxied else (server.url, None)
            )
            with pytest.raises(EsignWireError):
                send(url, proxy=proxy, attempts=1)
        assert f"{httpx.__name__}." in "".join(seen)
        assert "SECRET" not in "".join(seen)

    def test_httpcore_logs_no_headers_of_ours(
        self, send: Send, caplog: pytest.LogCaptureFixture
    ) -> None:
        moved = raw(b"HTTP/1.1 301 Moved\r\nLocation: /SECRET\r\nContent-Length: 0\r\n\r\n")
        with caplog.at_level(logging.DEBUG), hostile(moved) as server:
            assert send(server.url).status == 301
            assert "SECRET" not in caplog.text
            # What else uses httpcore is logged as ever.
            httpx.get(server.url)
        assert "Location" in caplog.text


def test_trio_is_refused_in_words() -> None:
    async def main() -> None:
        async with AsyncHttp(HttpSettings()) as http:
            await http.send(HttpRequest(method="GET", url="https://vendor.example/"), SAFE)

    # As in any event loop but that of asyncio: the coroutine runs, and asyncio knows of no loop.
    with pytest.raises(ConfigurationError, match="needs asyncio; use the sync client"):
        main().send(None)
