from __future__ import annotations

import asyncio
import gzip
import logging
import ssl
import threading
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
import stamina
import vcr

from esignwire._call import Call
from esignwire._http import (
    AsyncHttp,
    Http,
    HttpRequest,
    HttpResponse,
    HttpSettings,
    check_url,
    proxy_for,
)
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    EncodingError,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTooLarge,
    TruncatedResponse,
)
from tests.support.hostile import (
    Behaviour,
    Connection,
    HostileServer,
    answer,
    chunked_without_end,
    close_at_once,
    closed_port,
    drip_body,
    drip_head,
    flood,
    hostile,
    long_body,
    never_answer,
    never_read,
    raw,
    reset_at_once,
)

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
UNSAFE = Call(vendor="AssureSign", operation="AsyncSubmit", is_safe=False, reference="order 4711")
GIGABYTE = 1024**3
MEGABYTE = 1024**2

Send = Callable[..., HttpResponse]


def send_async(
    url: str,
    call: Call = SAFE,
    settings: HttpSettings | None = None,
    timeout: float | None = 10.0,
    **request: Any,
) -> HttpResponse:
    async def main() -> HttpResponse:
        async with AsyncHttp(settings or HttpSettings()) as http:
            return await http.send(
                HttpRequest(**{"method": "POST", "url": url, "content": b"SECRETBODY", **request}),
                call,
                timeout=timeout,
            )

    return asyncio.run(main())


def send_sync(
    url: str,
    call: Call = SAFE,
    settings: HttpSettings | None = None,
    timeout: float | None = 10.0,
    **request: Any,
) -> HttpResponse:
    with Http(settings or HttpSettings()) as http:
        return http.send(
            HttpRequest(**{"method": "POST", "url": url, "content": b"SECRETBODY", **request}),
            call,
            timeout=timeout,
        )


@pytest.fixture(params=[send_async, send_sync], ids=["async", "sync"])
def send(request: pytest.FixtureRequest) -> Send:
    function: Send = request.param
    return function


@pytest.fixture(autouse=True)
def _one_attempt() -> Iterator[None]:
    stamina.set_active(False)
    yield
    stamina.set_active(True)


def chain(error: BaseException) -> list[BaseException]:
    found: list[BaseException] = []
    current: BaseException | None = error
    while current is not None:
        found.append(current)
        current = current.__cause__ or (
            None if current.__suppress_context__ else current.__context__
        )
    return found


def assert_tells_no_secret(error: BaseException) -> None:
    for link in chain(error):
        assert "SECRET" not in f"{link!s} {link!r} {link.args!r}"


class TestAnswers:
    def test_a_plain_call(self, send: Send) -> None:
        with hostile(answer(b"<a/>", headers=("Content-Type: text/xml", "X-A: 1", "x-a: 2"))) as s:
            response = send(s.url, headers={"SOAPAction": '"urn:x"', "user-agent": "mine"})
        assert response == HttpResponse(
            status=200,
            headers={"content-length": "4", "content-type": "text/xml", "x-a": "1, 2"},
            content=b"<a/>",
        )
        (received,) = s.received
        assert received.body == b"SECRETBODY"
        head = received.head.split(b"\r\n")
        assert head[0] == b"POST /path-with-SECRETPATH HTTP/1.1"
        assert b'SOAPAction: "urn:x"' in head
        assert b"Accept-Encoding: identity" in head
        assert [line for line in head if line.lower().startswith(b"user-agent")] == [
            b"user-agent: mine"
        ]

    @pytest.mark.parametrize("status", ["204 No Content", "400 Bad", "404 No", "500 Oops"])
    def test_every_status_is_returned(self, send: Send, status: str) -> None:
        with hostile(answer(b"", status=status)) as server:
            assert send(server.url).status == int(status[:3])

    def test_a_redirect_is_not_followed(self, send: Send) -> None:
        with hostile(answer(b"", status="302 Found", headers=("Location: /other",))) as server:
            assert send(server.url).status == 302
        assert len(server.received) == 1

    def test_no_cookie_is_kept(self) -> None:
        with (
            hostile(answer(b"", headers=("Set-Cookie: a=1",))) as server,
            Http(HttpSettings()) as http,
        ):
            for _ in range(2):
                http.send(HttpRequest(method="GET", url=server.url), SAFE)
        assert len(server.received) == 2
        assert b"cookie" not in server.received[1].head.lower()

    @pytest.mark.parametrize(
        ("coding", "body"),
        [
            ("gzip", gzip.compress(b"<a/>" * 1000, mtime=0)),
            (
                "x-gzip",
                gzip.compress(b"<a/>" * 500, mtime=0) + gzip.compress(b"<a/>" * 500, mtime=0),
            ),
            ("deflate", zlib.compress(b"<a/>" * 1000)),
            ("identity", b"<a/>" * 1000),
        ],
    )
    def test_compression_is_understood(self, send: Send, coding: str, body: bytes) -> None:
        with hostile(answer(body, headers=(f"Content-Encoding: {coding}",))) as server:
            assert send(server.url).content == b"<a/>" * 1000

    def test_an_empty_body_needs_no_compression(self, send: Send) -> None:
        with hostile(answer(b"", headers=("Content-Encoding: gzip",))) as server:
            assert send(server.url).content == b""

    def test_exactly_as_much_as_allowed(self, send: Send) -> None:
        settings = HttpSettings(max_response_bytes=1000)
        packed = gzip.compress(b"a" * 1000, mtime=0)
        with hostile(answer(b"a" * 1000)) as server:
            assert len(send(server.url, settings=settings).content) == 1000
        with hostile(answer(packed, headers=("Content-Encoding: gzip",))) as server:
            assert len(send(server.url, settings=settings).content) == 1000


def truncated_chunks(connection: Connection) -> None:
    raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab")(connection)


BROKEN: dict[str, Behaviour] = {
    "closed before the answer": close_at_once,
    "reset before the answer": reset_at_once,
    "closed within the head": raw(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "closed within the body": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"),
    "closed within a chunk": truncated_chunks,
}
NOT_HTTP: dict[str, Behaviour] = {
    "bad chunking": raw(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"),
    "no HTTP at all": raw(b"SSH-2.0-OpenSSH_9.6\r\n\r\n"),
    "two lengths": raw(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "a negative length": raw(b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\nab"),
}
SILENT: dict[str, Behaviour] = {
    "never answers": never_answer,
    "drips its head": drip_head,
    "drips its body": drip_body,
}


class TestBrokenConnections:
    @pytest.mark.parametrize("behaviour", BROKEN.values(), ids=BROKEN)
    def test_of_a_call_that_reads(self, send: Send, behaviour: Behaviour) -> None:
        with hostile(behaviour) as server, pytest.raises(ConnectionLost) as caught:
            send(server.url)
        assert caught.value.is_retry_safe
        assert caught.value.operation == "CheckStatus"
        assert "the connection broke" in str(caught.value)
        assert isinstance(caught.value.__cause__, httpx.HTTPError)
        assert_tells_no_secret(caught.value)

    @pytest.mark.parametrize("behaviour", NOT_HTTP.values(), ids=NOT_HTTP)
    def test_answers_that_are_not_http(self, send: Send, behaviour: Behaviour) -> None:
        with hostile(behaviour) as server, pytest.raises(ConnectionLost) as caught:
            send(server.url)
        assert "the answer broke the rules of HTTP" in str(caught.value)

    @pytest.mark.parametrize(
        "behaviour", [*BROKEN.values(), *NOT_HTTP.values()], ids=[*BROKEN, *NOT_HTTP]
    )
    def test_of_a_call_that_changes(self, send: Send, behaviour: Behaviour) -> None:
        with hostile(behaviour) as server, pytest.raises(OutcomeUnknown) as caught:
            send(server.url, UNSAFE)
        assert caught.value.reference == "order 4711"
        assert "order 4711" in str(caught.value)
        assert not caught.value.is_retry_safe
        assert isinstance(caught.value.__cause__, ConnectionLost)
        assert isinstance(caught.value.__cause__.__cause__, httpx.HTTPError)
        assert_tells_no_secret(caught.value)
        assert len(server.received) == 1

    def test_the_connection_is_usable_after_a_failure(self) -> None:
        lock, count = threading.Lock(), [0]

        def fail_once(connection: Connection) -> None:
            with lock:
                count[0] += 1
                first = count[0] == 1
            (close_at_once if first else answer(b"ok"))(connection)

        with hostile(fail_once) as server, Http(HttpSettings()) as http:
            request = HttpRequest(method="GET", url=server.url)
            with pytest.raises(ConnectionLost):
                http.send(request, SAFE)
            assert http.send(request, SAFE).content == b"ok"


class TestTimeouts:
    @pytest.mark.parametrize("behaviour", SILENT.values(), ids=SILENT)
    def test_of_a_call_that_reads(self, send: Send, behaviour: Behaviour) -> None:
        with hostile(behaviour) as server, pytest.raises(RequestTimeout) as caught:
            send(server.url, timeout=0.3)
        assert caught.value.is_retry_safe
        assert isinstance(caught.value.__cause__, httpx.TimeoutException | TimeoutError)
        assert_tells_no_secret(caught.value)

    @pytest.mark.parametrize("behaviour", SILENT.values(), ids=SILENT)
    def test_of_a_call_that_changes(self, send: Send, behaviour: Behaviour) -> None:
        with hostile(behaviour) as server, pytest.raises(OutcomeUnknown) as caught:
            send(server.url, UNSAFE, timeout=0.3)
        assert isinstance(caught.value.__cause__, RequestTimeout)
        assert caught.value.reference == "order 4711"

    def test_by_the_settings(self, send: Send) -> None:
        with hostile(never_answer) as server, pytest.raises(RequestTimeout):
            send(server.url, settings=HttpSettings(total_timeout=0.3), timeout=None)

    def test_a_server_that_does_not_read(self, send: Send) -> None:
        with hostile(never_read) as server, pytest.raises(OutcomeUnknown) as caught:
            send(server.url, UNSAFE, timeout=0.3, content=b"a" * (32 * MEGABYTE))
        assert isinstance(caught.value.__cause__, RequestTimeout)

    def test_waiting_for_a_connection_sends_nothing(self) -> None:
        is_held = threading.Event()

        def hold(connection: Connection) -> None:
            connection.receive()
            is_held.set()
            connection.hold()

        settings = HttpSettings(max_connections=1)
        with hostile(hold) as server, Http(settings) as http, ThreadPoolExecutor(1) as pool:
            request = HttpRequest(method="POST", url=server.url)
            first = pool.submit(http.send, request, UNSAFE, timeout=1.5)
            assert is_held.wait(10)
            with pytest.raises(ConnectionFailed):
                http.send(request, UNSAFE, timeout=0.2)
            with pytest.raises(OutcomeUnknown):
                first.result()
        assert len(server.received) == 1

    def test_waiting_for_a_connection_sends_nothing_async(self) -> None:
        async def main(url: str) -> list[BaseException | HttpResponse]:
            async with AsyncHttp(HttpSettings(max_connections=1)) as http:
                request = HttpRequest(method="POST", url=url)
                return await asyncio.gather(
                    http.send(request, UNSAFE, timeout=1.5),
                    http.send(request, UNSAFE, timeout=0.2),
                    return_exceptions=True,
                )

        with hostile(never_answer) as server:
            first, second = asyncio.run(main(server.url))
        assert isinstance(first, OutcomeUnknown)
        assert isinstance(second, ConnectionFailed)

    @pytest.mark.parametrize("timeout", [0.0, -1.0, float("inf"), float("nan")])
    def test_no_time_without_end(self, send: Send, timeout: float) -> None:
        with pytest.raises(ConfigurationError, match="timeout"):
            send("http://127.0.0.1:9/", timeout=timeout)


@cache
def bomb() -> bytes:
    """200 MB of zeros in some 200 KB."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 16 + zlib.MAX_WBITS)
    zeros = bytes(MEGABYTE)
    return b"".join(packer.compress(zeros) for _ in range(200)) + packer.flush()


def peak_of(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


class TestSizes:
    @pytest.mark.parametrize(
        "behaviour",
        [
            chunked_without_end(GIGABYTE, b"a" * 65536),
            long_body(GIGABYTE, b"a" * 65536),
            raw(b"HTTP/1.1 200 OK\r\n\r\n" + b"a" * (2 * MEGABYTE)),
        ],
        ids=["chunked", "with a length", "until closed"],
    )
    @pytest.mark.parametrize("call", [SAFE, UNSAFE], ids=["safe", "unsafe"])
    def test_a_gigabyte_is_cut_short(self, send: Send, behaviour: Behaviour, call: Call) -> None:
        def action() -> None:
            with pytest.raises(ResponseTooLarge, match="1,048,576") as caught:
                send(server.url, call, HttpSettings(max_response_bytes=MEGABYTE))
            assert caught.value.is_retry_safe is call.is_safe
            assert ("look the outcome up" in str(caught.value)) is not call.is_safe

        with hostile(behaviour) as server:
            peak = peak_of(action)
        assert peak < 16 * MEGABYTE
        assert server.sent < 64 * MEGABYTE

    def test_an_announced_gigabyte_is_not_read(self, send: Send) -> None:
        with (
            hostile(raw(f"HTTP/1.1 200 OK\r\nContent-Length: {GIGABYTE}\r\n\r\n".encode())) as s,
            pytest.raises(ResponseTooLarge),
        ):
            send(s.url)

    def test_a_gzip_bomb(self, send: Send) -> None:
        def action() -> None:
            with pytest.raises(ResponseTooLarge):
                send(server.url, settings=HttpSettings(max_response_bytes=MEGABYTE))

        packed = bomb()
        assert len(packed) < MEGABYTE
        with hostile(answer(packed, headers=("Content-Encoding: gzip",))) as server:
            assert peak_of(action) < 16 * MEGABYTE

    @pytest.mark.parametrize("call", [SAFE, UNSAFE], ids=["safe", "unsafe"])
    @pytest.mark.parametrize(
        "head",
        [b"X-Long: " + b"a" * 500_000, b"\r\n".join(b"X-%d: 1" % i for i in range(50_000))],
        ids=["one long", "many"],
    )
    def test_headers_without_end(self, send: Send, head: bytes, call: Call) -> None:
        with (
            hostile(raw(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n")) as server,
            pytest.raises(ResponseTooLarge, match="headers") as caught,
        ):
            send(server.url, call)
        assert caught.value.is_retry_safe is call.is_safe
        assert ("may have acted" in str(caught.value)) is not call.is_safe

    @pytest.mark.parametrize("call", [SAFE, UNSAFE], ids=["safe", "unsafe"])
    def test_interim_answers_without_end(self, send: Send, call: Call) -> None:
        with (
            hostile(flood) as server,
            pytest.raises(ResponseTooLarge, match="headers") as caught,
        ):
            send(server.url, call)
        assert caught.value.is_retry_safe is call.is_safe
        assert len(server.received) == 1

    @pytest.mark.parametrize(
        ("coding", "body", "kind"),
        [
            ("gzip", gzip.compress(b"<a/>" * 1000, mtime=0)[:-20], TruncatedResponse),
            ("gzip", b"<a/>", EncodingError),
            ("gzip", gzip.compress(b"<a/>", mtime=0) + b"rest", EncodingError),
            ("deflate", gzip.compress(b"<a/>", mtime=0), EncodingError),
            ("br", b"<a/>", EncodingError),
            ("gzip, gzip", b"<a/>", EncodingError),
        ],
    )
    def test_damaged_compression(
        self, send: Send, coding: str, body: bytes, kind: type[EsignWireError]
    ) -> None:
        with (
            hostile(answer(body, headers=(f"Content-Encoding: {coding}",))) as server,
            pytest.raises(kind) as caught,
        ):
            send(server.url)
        assert type(caught.value) is kind
        assert caught.value.http_status == 200


class Turns:
    """Behaves differently from request to request, on whatever connection it comes."""

    def __init__(self, *turns: Behaviour) -> None:
        self._turns = list(turns)
        self._lock = threading.Lock()

    def __call__(self, connection: Connection) -> None:
        with self._lock:
            turn = self._turns.pop(0) if len(self._turns) > 1 else self._turns[0]
        turn(connection)


def closing(body: bytes, status: str = "200 OK", *headers: str) -> Behaviour:
    lines = [f"HTTP/1.1 {status}", "Connection: close", f"Content-Length: {len(body)}", *headers]
    return raw("\r\n".join(lines).encode() + b"\r\n\r\n" + body)


STRANGE_TIMES = (
    *("0", "soon", "", "Mon, 01 Jan 2001 00:00:00 -0000", "1, 2", "31 Feb", ", , ,", "9" * 5000),
    "Mon, 01 Jan 99999999999999999999 00:00:00 GMT",
    "Mon, 01 Jan 99999999999 00:00:00 GMT",
    "Mon, 01 Jan 2001 99999999999999999999:00:00 GMT",
    "Mon, 01 Jan 2001 00:00:00 +99999999999999999999",
    "Mon, 01 Jan 0001 00:00:00 +2359",
)


class TestRetries:
    @pytest.fixture(autouse=True)
    def _three_attempts(self, _one_attempt: None) -> None:
        stamina.set_active(True)

    @pytest.mark.parametrize("status", ["429 A", "502 B", "503 C", "504 D"])
    def test_a_busy_vendor_is_asked_again(self, send: Send, status: str) -> None:
        with hostile(Turns(closing(b"", status), closing(b"ok"))) as server:
            assert send(server.url).content == b"ok"
        assert len(server.received) == 2

    def test_the_last_answer_is_returned(self, send: Send) -> None:
        with hostile(closing(b"busy", "503 Busy")) as server:
            response = send(server.url)
        assert (response.status, response.content) == (503, b"busy")
        assert len(server.received) == 3

    def test_the_settings_say_how_often(self, send: Send) -> None:
        with hostile(closing(b"", "503 Busy")) as server:
            send(server.url, settings=HttpSettings(attempts=2))
        assert len(server.received) == 2

    @pytest.mark.parametrize("status", ["500 A", "400 B", "404 C", "501 D"])
    def test_other_statuses_are_final(self, send: Send, status: str) -> None:
        with hostile(closing(b"", status)) as server:
            send(server.url)
        assert len(server.received) == 1

    def test_a_broken_connection_is_tried_again(self, send: Send) -> None:
        with hostile(Turns(close_at_once, reset_at_once, closing(b"ok"))) as server:
            assert send(server.url).content == b"ok"
        assert len(server.received) == 3

    def test_in_the_end_the_failure_is_raised(self, send: Send) -> None:
        with hostile(close_at_once) as server, pytest.raises(ConnectionLost):
            send(server.url)
        assert len(server.received) == 3

    @pytest.mark.parametrize("behaviour", [close_at_once, closing(b"", "503 Busy")])
    def test_what_changes_something_is_never_repeated(
        self, send: Send, behaviour: Behaviour
    ) -> None:
        with hostile(behaviour) as server:
            if behaviour is close_at_once:
                with pytest.raises(OutcomeUnknown):
                    send(server.url, UNSAFE)
            else:
                assert send(server.url, UNSAFE).status == 503
        assert len(server.received) == 1

    def test_what_was_never_sent_is_repeated(
        self, send: Send, caplog: pytest.LogCaptureFixture
    ) -> None:
        port = closed_port()
        with caplog.at_level(logging.WARNING), pytest.raises(ConnectionFailed):
            send(f"http://127.0.0.1:{port}/SECRETPATH", UNSAFE)
        assert {record.name for record in caplog.records} == {"esignwire"}
        assert [record.getMessage().partition("; nothing")[0] for record in caplog.records] == [
            f"AssureSign AsyncSubmit: attempt {number} of 3 failed, the next follows in 0.0 s:"
            f" ConnectionFailed: 127.0.0.1:{port} refused the connection: check host and port, or"
            " wait until it is up"
            for number in (1, 2)
        ]

    @pytest.mark.parametrize(
        "header",
        ["9999", format_datetime(datetime.now(UTC) + timedelta(hours=1))],
        ids=["seconds", "date"],
    )
    def test_no_waiting_beyond_the_time_allowed(self, send: Send, header: str) -> None:
        with hostile(closing(b"", "503 Busy", f"Retry-After: {header}")) as server:
            assert send(server.url).status == 503
        assert len(server.received) == 1

    @pytest.mark.parametrize("header", STRANGE_TIMES)
    def test_a_short_or_unreadable_wish_is_no_obstacle(self, send: Send, header: str) -> None:
        turns = Turns(closing(b"", "503 Busy", f"Retry-After: {header}"), closing(b"ok"))
        with hostile(turns) as server:
            assert send(server.url).content == b"ok"

    def test_what_is_too_large_is_not_asked_for_again(self, send: Send) -> None:
        with hostile(closing(b"a" * 100)) as server, pytest.raises(ResponseTooLarge):
            send(server.url, settings=HttpSettings(max_response_bytes=10))
        assert len(server.received) == 1


class TestAddresses:
    @pytest.mark.parametrize(
        "url",
        [
            "https://www.assuresign.net/Services/DocumentNOW/v2/DocumentNOW.svc",
            "https://example.com:8443/a?b=c%2Fd",
            "http://localhost:8765/",
            "http://127.0.0.1:8765/",
            "http://127.9.9.9/",
            "http://[::1]:8765/",
            "https://example.com./",
            f"https://{'a' * 63}.example/",
        ],
    )
    def test_allowed(self, url: str) -> None:
        assert check_url(url) == url

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "SECRET",
            "//example.com/SECRET",
            "http://example.com/SECRET",
            "http://10.0.0.1/SECRET",
            "http://localhost.example.com/SECRET",
            "http://127.0.0.1.example.com/SECRET",
            "http://[::2]/SECRET",
            "http://0.0.0.0/SECRET",
            "ftp://example.com/SECRET",
            "https:///SECRET",
            "https://user:SECRET@example.com/",
            "https://SECRET@example.com/",
            "http://localhost\\@example.com/SECRET",
            "https://example.com/SECRET with blank",
            "https://example.com/SECRET\r\nX: 1",
            "https://example.com/SECRET\0",
            "https://example.com:SECRET/",
            "https://example.com:99999/SECRET",
            "https://[SECRET/",
            "https://exämple.com/SECRET",
            "https://example.com/SECRET#part",
            "https://SECRET..example/",
            "https://.SECRET.example/",
            "https://example.com../SECRET",
            f"https://{'SECRET' * 11}.example/",
        ],
    )
    def test_refused_and_not_repeated(self, send: Send, url: str) -> None:
        with pytest.raises(ConfigurationError) as caught:
            send(url)
        assert caught.value.vendor == "AssureSign"
        assert_tells_no_secret(caught.value)

    @pytest.mark.parametrize(
        "headers",
        [
            {"X": "a\r\nY: SECRET"},
            {"X": "a\nSECRET"},
            {"X\r\nY": "SECRET"},
            {"X": "SECRETä"},
            {"X": "SECRET "},
            {"X": "\tSECRET"},
        ],
    )
    def test_headers_that_would_break_out(self, send: Send, headers: dict[str, str]) -> None:
        with hostile(answer(b"")) as server, pytest.raises(InvalidRequest) as caught:
            send(server.url, headers=headers)
        assert server.received == []
        assert_tells_no_secret(caught.value)

    def test_what_http_cannot_carry_is_not_sent_nor_repeated(self, send: Send) -> None:
        with (
            hostile(answer(b"")) as server,
            pytest.raises(InvalidRequest, match="plugins") as caught,
        ):
            send(server.url, UNSAFE, headers={"Transfer-Encoding": "SECRET"})
        assert server.received == []
        assert server.connections == 1
        assert caught.value.operation == "AsyncSubmit"

    def test_a_method_must_be_one(self, send: Send) -> None:
        with hostile(answer(b"")) as server, pytest.raises(InvalidRequest):
            send(server.url, method="GET / HTTP/1.1\r\nX: 1")
        assert server.received == []


class TestSecrecy:
    def test_logs(self, send: Send, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG), hostile(answer(b"SECRETANSWER")) as server:
            send(server.url, headers={"X-Key": "SECRETHEADER"})
        assert "SECRET" not in caplog.text
        assert [r.getMessage()[:42] for r in caplog.records if r.name == "esignwire"] == [
            "AssureSign CheckStatus: HTTP 200, 12 bytes"
        ]

    def test_logs_of_failures(self, send: Send, caplog: pytest.LogCaptureFixture) -> None:
        with (
            caplog.at_level(logging.DEBUG),
            hostile(close_at_once) as server,
            pytest.raises(OutcomeUnknown),
        ):
            send(server.url, UNSAFE)
        assert "SECRET" not in caplog.text
        (line,) = [r.getMessage() for r in caplog.records if r.name == "esignwire"]
        assert line.startswith("AssureSign AsyncSubmit: OutcomeUnknown after ")

    def test_representations(self) -> None:
        request = HttpRequest(
            method="POST", url="https://x/SECRET", headers={"A": "SECRET"}, content=b"SECRET"
        )
        response = HttpResponse(status=200, headers={"a": "SECRET"}, content=b"SECRET")
        settings = HttpSettings(proxy="http://user:SECRET@proxy.example:3128")
        assert "SECRET" not in repr((request, response, settings))


class TestClients:
    def test_an_async_client_keeps_to_its_event_loop(self) -> None:
        with hostile(answer(b"ok")) as server:
            http = AsyncHttp(HttpSettings())
            request = HttpRequest(method="GET", url=server.url)

            async def once() -> bytes:
                answered = await http.send(request, SAFE)
                await asyncio.sleep(0)
                return answered.content

            async def once_and_close() -> bytes:
                try:
                    return await once()
                finally:
                    await http.aclose()

            assert asyncio.run(once_and_close()) == b"ok"
            with pytest.raises(ConfigurationError, match="event loop"):
                asyncio.run(once())

    def test_a_closed_client_is_refused(self) -> None:
        request = HttpRequest(method="GET", url="https://example.invalid/")
        http = Http(HttpSettings())
        http.close()
        http.close()
        with pytest.raises(ConfigurationError, match="closed"):
            http.send(request, SAFE)

        async def main() -> None:
            async_http = AsyncHttp(HttpSettings())
            await async_http.aclose()
            with pytest.raises(ConfigurationError, match="closed"):
                await async_http.send(request, SAFE)

        asyncio.run(main())

    def test_threads_share_one_client(self) -> None:
        def echo(connection: Connection) -> None:
            while (received := connection.receive()) is not None:
                body = received.body
                connection.send(
                    f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
                )

        with hostile(echo) as server, Http(HttpSettings(max_connections=4)) as http:

            def call(number: int) -> bytes:
                body = str(number).encode()
                request = HttpRequest(method="POST", url=server.url, content=body)
                return http.send(request, SAFE).content

            with ThreadPoolExecutor(8) as pool:
                assert list(pool.map(call, range(200))) == [str(n).encode() for n in range(200)]
        assert server.connections <= 4

    def test_tasks_share_one_client(self) -> None:
        async def main(url: str) -> list[int]:
            async with AsyncHttp(HttpSettings(max_connections=4)) as http:
                request = HttpRequest(method="POST", url=url)
                answers = await asyncio.gather(*(http.send(request, SAFE) for _ in range(100)))
                return [item.status for item in answers]

        with hostile(answer(b"ok")) as server:
            assert asyncio.run(main(server.url)) == [200] * 100
        assert server.connections <= 4

    def test_cancelling_goes_through(self) -> None:
        is_received = threading.Event()

        def hold_once(connection: Connection) -> None:
            connection.receive()
            is_received.set()
            connection.hold()

        async def main(server: HostileServer) -> bytes:
            async with AsyncHttp(HttpSettings(max_connections=1)) as http:
                request = HttpRequest(method="POST", url=server.url)
                task = asyncio.create_task(http.send(request, UNSAFE))
                await asyncio.to_thread(is_received.wait, 10)
                task.cancel()
                with pytest.raises(asyncio.CancelledError):
                    await task
                # The only connection is free again.
                return (await http.send(request, SAFE)).content

        with hostile(Turns(hold_once, answer(b"ok"))) as server:
            assert asyncio.run(main(server)) == b"ok"

    @pytest.mark.parametrize(
        "value",
        [
            {"total_timeout": 0},
            {"total_timeout": float("inf")},
            {"connect_timeout": float("nan")},
            {"connect_timeout": -1},
            {"keepalive_expiry": 0},
            {"max_response_bytes": 0},
            {"max_connections": 0},
            {"max_document_bytes": 0},
            {"attempts": 0},
            {"proxy": "socks5://localhost:1"},
            {"proxy": "http://[x"},
            {"proxy": "http://a..example"},
        ],
    )
    def test_settings_have_bounds(self, value: dict[str, Any]) -> None:
        with pytest.raises(ConfigurationError):
            HttpSettings(**value)

    def test_tls_is_always_verified(self) -> None:
        context = ssl.create_default_context()
        assert HttpSettings(ssl_context=context).ssl_context is context
        context.check_hostname = False
        with pytest.raises(ConfigurationError, match="verify"):
            HttpSettings(ssl_context=context)
        context.verify_mode = ssl.CERT_NONE
        with pytest.raises(ConfigurationError, match="verify"):
            HttpSettings(ssl_context=context)


class TestTls:
    def test_a_deadline_holds_within_tls(self, send: Send, certificate: tuple[Path, Path]) -> None:
        settings = HttpSettings(ssl_context=ssl.create_default_context(cafile=certificate[0]))
        with hostile(drip_body, certificate) as server, pytest.raises(RequestTimeout):
            send(f"https://localhost:{server.port}/", SAFE, settings, 0.5)


class TestProxies:
    @pytest.fixture(autouse=True)
    def _no_proxies(self, monkeypatch: pytest.MonkeyPatch) -> None:
        for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
            monkeypatch.delenv(name, raising=False)
            monkeypatch.delenv(name.upper(), raising=False)

    def test_from_the_environment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        settings = HttpSettings()
        assert (
            proxy_for("https://example.com/", settings.proxy, trust_env=settings.trust_env) is None
        )
        monkeypatch.setenv("HTTPS_PROXY", "proxy.example:3128")
        monkeypatch.setenv("NO_PROXY", "inside.example,10.0.0.1")
        assert (
            proxy_for("https://example.com/", settings.proxy, trust_env=settings.trust_env)
            == "http://proxy.example:3128"
        )
        assert (
            proxy_for("https://a.inside.example/", settings.proxy, trust_env=settings.trust_env)
            is None
        )
        assert (
            proxy_for("http://localhost:1/", settings.proxy, trust_env=settings.trust_env) is None
        )
        assert proxy_for("https://example.com/", None, trust_env=False) is None
        monkeypatch.setenv("HTTPS_PROXY", "socks5://proxy.example")
        with pytest.raises(ConfigurationError):
            proxy_for("https://example.com/", settings.proxy, trust_env=settings.trust_env)

    def test_all_proxy(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ALL_PROXY", "http://proxy.example")
        assert proxy_for("https://example.com/", None, trust_env=True) == "http://proxy.example"

    @pytest.mark.parametrize(
        "behaviour", [closing(b"", "407 Who"), never_answer, close_at_once], ids=["407", "-", "x"]
    )
    def test_a_proxy_that_does_not_connect(self, send: Send, behaviour: Behaviour) -> None:
        """The tunnel's own request is not ours: nothing reached the vendor."""
        with hostile(behaviour) as server:
            settings = HttpSettings(proxy=f"http://user:SECRET@127.0.0.1:{server.port}")
            with pytest.raises(ConnectionFailed) as caught:
                send("https://vendor.invalid/SECRETPATH", UNSAFE, settings, 0.5)
        (received,) = server.received
        assert received.head.startswith(b"CONNECT vendor.invalid:443 HTTP/1.1")
        assert b"Proxy-Authorization: Basic " in received.head
        assert_tells_no_secret(caught.value)


def test_cassettes_are_recorded_and_replayed(send: Send, tmp_path: Path) -> None:
    recorder = vcr.VCR(cassette_library_dir=str(tmp_path), match_on=["method", "path", "body"])
    with hostile(answer(b"recorded")) as server:
        with recorder.use_cassette("a.yaml", record_mode="once"):
            assert send(server.url).content == b"recorded"
        with recorder.use_cassette("a.yaml", record_mode="none") as cassette:
            assert send(server.url).content == b"recorded"
            assert cassette.play_count == 1
        with recorder.use_cassette("a.yaml", record_mode="none"), pytest.raises(ResponseTooLarge):
            send(server.url, settings=HttpSettings(max_response_bytes=3))
    assert len(server.received) == 1
