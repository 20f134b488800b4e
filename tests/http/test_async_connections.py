"""One client, many calls: no call gets another's answer, and none is sent twice."""

from __future__ import annotations

import asyncio
import gc
import itertools
import os
import random
import signal
import socket
import ssl
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, Protocol, cast

import httpcore
import pytest
from lxml import etree

from esignwire import Signix, _forks
from esignwire._call import Call
from esignwire._documents import (
    Progress,
    ReceivedDocument,
    SplicedBody,
    splice_base64,
    upload_of,
)
from esignwire._http import (
    AsyncHttp,
    AsyncSlots,
    Http,
    HttpRequest,
    HttpResponse,
    HttpSettings,
    Slots,
)
from esignwire._http import async_connections as _async_connections
from esignwire._soap import document_receiver
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    OutcomeUnknown,
    RequestTimeout,
)
from esignwire_generated._http import sync_connections as _sync_connections
from esignwire_generated.signix.types.common import CustInfoType
from tests.support.hostile import Behaviour, Connection, HostileServer, answer, hostile

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
UNSAFE = Call(vendor="AssureSign", operation="AsyncSubmit", is_safe=False, reference="order 4711")
LARGE = 100_000
TOKEN = "TOKEN"
Certificate = tuple[Path, Path]


def request(url: str, content: bytes | SplicedBody) -> HttpRequest:
    return HttpRequest(method="POST", url=url, content=content)


def streamed(
    before: bytes, size: int = LARGE, progress: Progress | None = None
) -> bytes | SplicedBody:
    uploads = {TOKEN: upload_of(b"d" * size or ReceivedDocument())}
    return splice_base64(before + b"<a>TOKEN</a>", uploads, UNSAFE, progress)


class Halves(SplicedBody):
    """A document; between its halves something happens."""

    def __init__(self, between: Callable[[], bool]) -> None:
        super().__init__((), None)
        self._between = between

    @property
    def is_in_memory(self) -> bool:
        return False

    def measure(self) -> int:
        return 2 * LARGE

    def chunks(self) -> Iterator[bytes]:
        yield b"a" * LARGE
        assert self._between()
        yield b"b" * LARGE


def reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Client(Protocol):
    """A client that stays for several calls."""

    def send(
        self, request: HttpRequest, call: Call = ..., *, timeout: float = ..., **more: Any
    ) -> HttpResponse: ...

    def close(self) -> None: ...


class SyncClient:
    def __init__(self, settings: HttpSettings) -> None:
        self.http = Http(settings)

    def send(
        self,
        request: HttpRequest,
        call: Call = UNSAFE,
        *,
        timeout: float = 10.0,
        **more: Any,
    ) -> HttpResponse:
        return self.http.send(request, call, timeout=timeout, **more)

    def close(self) -> None:
        self.http.close()


class AsyncClient:
    """The async client, its calls made one by one."""

    def __init__(self, settings: HttpSettings) -> None:
        self.http = AsyncHttp(settings)
        self._runner = asyncio.Runner()

    def send(
        self,
        request: HttpRequest,
        call: Call = UNSAFE,
        *,
        timeout: float = 10.0,
        **more: Any,
    ) -> HttpResponse:
        return self._runner.run(self.http.send(request, call, timeout=timeout, **more))

    def pause(self) -> None:
        """Lets asyncio see what has come."""
        self._runner.run(asyncio.sleep(0))
        self._runner.run(asyncio.sleep(0))

    def close(self) -> None:
        self._runner.run(self.http.aclose())
        self._runner.close()


Connect = Callable[..., Client]
_made: list[Client] = []


@pytest.fixture(params=[AsyncClient, SyncClient], ids=["async", "sync"])
def connect(request: pytest.FixtureRequest) -> Connect:
    def connect(**settings: Any) -> Client:
        client: Client = request.param(HttpSettings(**{"attempts": 1, **settings}))
        _made.append(client)
        return client

    return connect


@contextmanager
def serving(
    behaviour: Behaviour, certificate: Certificate | None = None
) -> Iterator[HostileServer]:
    """A server, which ends when all clients have gone."""
    with hostile(behaviour, certificate) as server:
        try:
            yield server
        finally:
            while _made:
                _made.pop().close()


def echo(connection: Connection) -> None:
    while (received := connection.receive()) is not None:
        connection.send(reply(b"answer to " + received.body[:10]))


def with_leftover(leftover: bytes, *, is_apart: bool = False) -> Behaviour:
    """Answers, and says something more in the same packet."""

    def behave(connection: Connection) -> None:
        while (received := connection.receive()) is not None:
            due = reply(b"answer to " + received.body[:10])
            # Within TLS each piece is a record of its own.
            connection.send_together(*((due, leftover) if is_apart else (due + leftover,)))

    return behave


def tunnel(certificate: Certificate, behaviour: Behaviour) -> Behaviour:
    """A proxy that leads to a vendor of its own."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)

    def behave(connection: Connection) -> None:
        connection.receive()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        with connection.secured(tls) as secured:
            behaviour(secured)

    return behave


def nested_tunnel(certificate: Certificate, behaviour: Behaviour) -> Behaviour:
    """The same where the proxy is reached by https."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate)

    def behave(connection: Connection) -> None:
        connection.receive()
        connection.send(b"HTTP/1.1 200 OK\r\n\r\n")
        behaviour(connection.secured_twice(tls))

    return behave


def trusting(certificate: Certificate) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificate[0])


LEFTOVERS = {
    "a second answer": reply(b"SURPLUS"),
    "a line break": b"\r\n",
    "junk": b"junk",
    "half an answer": b"HTTP/1.1 200 OK\r\nContent-Le",
    "a continuation": b"HTTP/1.1 100 Continue\r\n\r\n",
}


def bodies_of(server: HostileServer) -> list[bytes]:
    return [received.body[:10] for received in server.received]


class TestLeftovers:
    @pytest.mark.parametrize("size", [0, LARGE])
    @pytest.mark.parametrize("leftover", LEFTOVERS.values(), ids=LEFTOVERS)
    def test_answer_no_other_call(self, connect: Connect, leftover: bytes, size: int) -> None:
        client = connect()
        with serving(with_leftover(leftover)) as server:
            for body in (b"call 00001", b"call 00002", b"call 00003"):
                sent = request(server.url, body + b"x" * size)
                assert client.send(sent).content == b"answer to " + body
        assert bodies_of(server) == [b"call 00001", b"call 00002", b"call 00003"]

    @pytest.mark.parametrize("leftover", LEFTOVERS.values(), ids=LEFTOVERS)
    def test_answer_no_document(self, connect: Connect, leftover: bytes) -> None:
        client = connect()
        with serving(with_leftover(leftover)) as server:
            for body in (b"call 00001", b"call 00002"):
                sent = request(server.url, streamed(body))
                assert client.send(sent).content == b"answer to " + body
        assert bodies_of(server) == [b"call 00001", b"call 00002"]

    @pytest.mark.parametrize("is_apart", [False, True], ids=["one record", "two records"])
    @pytest.mark.parametrize("leftover", LEFTOVERS.values(), ids=LEFTOVERS)
    def test_within_tls(
        self, connect: Connect, certificate: Certificate, leftover: bytes, is_apart: bool
    ) -> None:
        client = connect(ssl_context=trusting(certificate))
        with serving(with_leftover(leftover, is_apart=is_apart), certificate) as server:
            url = f"https://localhost:{server.port}/"
            for number in range(10):
                body = b"call %05d" % number
                assert client.send(request(url, body)).content == b"answer to " + body

    def test_behind_a_proxy(self, connect: Connect, certificate: Certificate) -> None:
        behaviour = tunnel(certificate, with_leftover(reply(b"SURPLUS")))
        with serving(behaviour) as server:
            client = connect(
                ssl_context=trusting(certificate), proxy=f"http://127.0.0.1:{server.port}"
            )
            for body in (b"call 00001", b"call 00002"):
                sent = request("https://vendor.example/", body)
                assert client.send(sent).content == b"answer to " + body

    def test_that_were_fetched_beyond_what_was_asked_for(self, connect: Connect) -> None:
        """asyncio fetches more at once than the HTTP library takes."""
        due = reply(b"")
        due = reply(b"a" * (64 * 1024 - len(due) - 4))
        assert len(due) == 64 * 1024

        def behave(connection: Connection) -> None:
            while (received := connection.receive()) is not None:
                connection.send(
                    (due if received.body == b"long" else reply(b"short")) + reply(b"SURPLUS")
                )

        client = connect()
        with serving(behave) as server:
            for _ in range(5):
                assert len(client.send(request(server.url, b"long")).content) > 60_000
                assert client.send(request(server.url, b"short")).content == b"short"

    def test_that_come_later(self, connect: Connect) -> None:
        """Not behind the answer, but before the next call."""
        has_come = threading.Event()

        def behave(connection: Connection) -> None:
            while (received := connection.receive()) is not None:
                connection.send(reply(b"answer to " + received.body))
                connection.send(reply(b"SURPLUS"))
                has_come.set()

        client = connect()
        with serving(behave) as server:
            for number in range(10):
                body = b"%d" % number
                has_come.clear()
                assert client.send(request(server.url, body)).content == b"answer to " + body
                assert has_come.wait(10)

    def test_at_random(self, connect: Connect) -> None:
        """Hundreds of calls, with a server that keeps to no rule."""
        chance = random.Random(4711)
        has_come = threading.Event()

        def behave(connection: Connection) -> None:
            while (received := connection.receive()) is not None:
                due = reply(b"answer to " + received.body[:10])
                leftover = chance.choice([b"", b"", *LEFTOVERS.values()])
                leftover = leftover[: chance.randint(0, len(leftover))]
                if chance.random() < 0.5:
                    connection.send(due + leftover)
                else:
                    connection.send(due)
                    connection.send(leftover)
                has_come.set()
                if chance.random() < 0.1:
                    return

        client = connect()
        ends: Counter[str] = Counter()
        with serving(behave) as server:
            for number in range(500):
                body = b"call %05d" % number
                size = chance.choice([0, 20_000, LARGE])
                has_come.clear()
                content = streamed(body, size) if number % 2 else body + b"x" * size
                try:
                    got = client.send(request(server.url, content))
                except OutcomeUnknown:  # the server had hung up unseen
                    ends["unknown"] += 1
                else:
                    ends["right" if got.content == b"answer to " + body else "wrong"] += 1
                has_come.wait(1)
        assert ends["wrong"] == 0
        assert ends["right"] > 400
        assert max(Counter(bodies_of(server)).values()) == 1

    @pytest.mark.parametrize("size", [0, LARGE], ids=["small", "large"])
    def test_that_are_overlooked_make_no_success(
        self, connect: Connect, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for connection in (_async_connections._AsyncConnection, _sync_connections._Connection):
            monkeypatch.setattr(connection, "has_leftover", lambda _: False)
        client = connect(attempts=3)
        with serving(with_leftover(reply(b"SURPLUS"))) as server:
            client.send(request(server.url, b"call 00001"))
            with pytest.raises(OutcomeUnknown, match="rules of HTTP"):
                client.send(request(server.url, streamed(b"call 00002", size)))
        assert server.connections == 1

    @pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
    @pytest.mark.parametrize("pieces", [1, 3])
    def test_that_come_while_the_next_call_is_sent(
        self, connect: Connect, certificate: Certificate, is_secure: bool, pieces: int
    ) -> None:
        """Too late to be seen before, too early to be the answer."""
        has_come = threading.Event()
        surplus = reply(b"SURPLUS")
        step = -(-len(surplus) // pieces)

        def behave(connection: Connection) -> None:
            connection.receive()
            connection.send(reply(b"first"))
            connection.receive_some()
            for start in range(0, len(surplus), step):
                connection.send(surplus[start : start + step])
            has_come.set()
            connection.hold()

        client = connect(ssl_context=trusting(certificate))
        with serving(behave, certificate if is_secure else None) as server:
            url = f"https://localhost:{server.port}/" if is_secure else server.url
            assert client.send(request(url, b"call")).content == b"first"
            with pytest.raises(OutcomeUnknown, match="before the request had been sent"):
                client.send(request(url, Halves(lambda: has_come.wait(10))))

    def test_within_tls_within_tls(
        self, connect: Connect, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As behind a proxy that is itself reached by https."""
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        behaviour = nested_tunnel(certificate, with_leftover(reply(b"SURPLUS"), is_apart=True))
        with serving(behaviour, certificate) as server:
            client = connect(
                ssl_context=trusting(certificate), proxy=f"https://localhost:{server.port}"
            )
            for number in range(5):
                body = b"call %05d" % number
                sent = request("https://vendor.example/", body)
                assert client.send(sent).content == b"answer to " + body


@pytest.mark.parametrize("body", [b"", b"call"], ids=["no body", "a body"])
def test_a_small_request_leaves_in_one_piece(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    pieces: list[bytes] = []

    class Watched(socket.socket):
        def send(self, data: Any, *flags: Any) -> int:
            pieces.append(bytes(data))
            return super().send(data, *flags)

    client = connect()
    with serving(echo) as server:
        monkeypatch.setattr(socket, "socket", Watched)
        assert client.send(request(server.url, body)).content == b"answer to " + body
        monkeypatch.undo()
    (piece,) = [one for one in pieces if one.startswith(b"POST")]
    assert piece.partition(b"\r\n\r\n")[2] == body


class TestEarlyAnswers:
    """A server may refuse before it has read the request. It cannot have done what it says."""

    @staticmethod
    def early(status: str, *, is_cut: bool) -> Behaviour:
        def behave(connection: Connection) -> None:
            for _ in range(3):
                connection.receive_some()
            connection.send(b"HTTP/1.1 %s\r\nContent-Length: 3\r\n\r\nyes" % status.encode())
            if not is_cut:
                with suppress(TimeoutError):
                    connection.hold()

        return behave

    @pytest.mark.parametrize("is_cut", [True, False], ids=["cut", "read on"])
    def test_no_success(self, connect: Connect, is_cut: bool) -> None:
        client = connect()
        behaviour = self.early("200 OK", is_cut=is_cut)
        # Where the server is gone, its answer may be lost.
        why = "broke|had been sent" if is_cut else "had been sent"
        with serving(behaviour) as server, pytest.raises(OutcomeUnknown, match=why):
            client.send(request(server.url, streamed(b"call", 20_000_000)))
        assert server.connections == 1

    def test_a_refusal_is_read(self, connect: Connect) -> None:
        client = connect()
        with serving(self.early("413 Too Large", is_cut=False)) as server:
            answered = client.send(request(server.url, streamed(b"call", 20_000_000)))
        assert (answered.status, answered.content) == (413, b"yes")

    def test_an_interim_answer_is_none(self, connect: Connect) -> None:
        """Some servers send "100 Continue" though it was not asked for."""
        has_come = threading.Event()

        def behave(connection: Connection) -> None:
            connection.receive_head()
            connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
            has_come.set()
            connection.receive_rest(2 * LARGE)
            connection.send(reply(b"done"))

        client = connect()
        with serving(behave) as server:
            assert (
                client.send(request(server.url, Halves(lambda: has_come.wait(10)))).content
                == b"done"
            )


class TestTls:
    """It lies in memory, in sync code too."""

    @pytest.mark.parametrize(
        "version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"]
    )
    def test_large_messages(
        self, connect: Connect, certificate: Certificate, version: ssl.TLSVersion
    ) -> None:
        def behave(connection: Connection) -> None:
            while (received := connection.receive()) is not None:
                connection.send(reply(received.body * 2))

        context = trusting(certificate)
        context.minimum_version = context.maximum_version = version
        client = connect(ssl_context=context)
        body = random.Random(4711).randbytes(3_000_000)
        with serving(behave, certificate) as server:
            for _ in range(2):
                sent = request(f"https://localhost:{server.port}/", body)
                assert client.send(sent).content == body * 2
            assert server.connections == 1

    def test_an_early_success_behind_a_continuation(
        self, connect: Connect, certificate: Certificate
    ) -> None:
        """Each is a record of its own, and both are there before the end of the request."""
        has_come = threading.Event()

        def behave(connection: Connection) -> None:
            connection.receive_head()
            connection.send_together(b"HTTP/1.1 100 Continue\r\n\r\n", reply(b"done"))
            has_come.set()
            connection.hold()

        client = connect(ssl_context=trusting(certificate))
        why = "before the request had been sent"
        with serving(behave, certificate) as server, pytest.raises(OutcomeUnknown, match=why):
            client.send(
                request(f"https://localhost:{server.port}/", Halves(lambda: has_come.wait(10)))
            )


class TestReuse:
    """What is private to httpcore is still there: else each call has its own connection."""

    def test_plain(self, connect: Connect) -> None:
        client = connect()
        with serving(echo) as server:
            for _ in range(3):
                client.send(request(server.url, b"call"))
            assert server.connections == 1

    def test_within_tls(self, connect: Connect, certificate: Certificate) -> None:
        client = connect(ssl_context=trusting(certificate))
        with serving(echo, certificate) as server:
            for _ in range(3):
                client.send(request(f"https://localhost:{server.port}/", b"call"))
            assert server.connections == 1

    def test_behind_a_proxy(self, connect: Connect, certificate: Certificate) -> None:
        with serving(tunnel(certificate, echo)) as server:
            client = connect(
                ssl_context=trusting(certificate), proxy=f"http://127.0.0.1:{server.port}"
            )
            for _ in range(3):
                client.send(request("https://vendor.example/", b"call"))
            assert server.connections == 1

    def test_within_tls_within_tls(
        self, connect: Connect, certificate: Certificate, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
        with serving(nested_tunnel(certificate, echo), certificate) as server:
            client = connect(
                ssl_context=trusting(certificate), proxy=f"https://localhost:{server.port}"
            )
            for _ in range(3):
                sent = request("https://vendor.example/", streamed(b"call"))
                assert client.send(sent).content == b"answer to call<a>ZGR"
            assert server.connections == 1

    def test_what_cannot_be_asked_is_not_used_again(self) -> None:
        for kind in (_async_connections._AsyncConnection, _sync_connections._Connection):
            unknown: Any = SimpleNamespace(_connection=SimpleNamespace())
            assert kind(
                place=cast("Any", None), http=unknown, network=cast("Any", None)
            ).has_leftover()

    def test_idle_connections_to_other_hosts_make_room(self, connect: Connect) -> None:
        client = connect(max_connections=1)
        has_ended = threading.Event()

        def until_closed(connection: Connection) -> None:
            echo(connection)
            has_ended.set()

        with serving(until_closed) as one, hostile(echo) as other:
            client.send(request(one.url, b"call"))
            assert not has_ended.is_set()
            client.send(request(other.url, b"call"))
            assert has_ended.wait(10)
            while _made:
                _made.pop().close()

    def test_a_server_that_goes_is_no_news_to_the_log(
        self, connect: Connect, certificate: Certificate, caplog: pytest.LogCaptureFixture
    ) -> None:
        def once(connection: Connection) -> None:
            connection.receive()
            connection.send(reply(b"once"))

        client = connect(ssl_context=trusting(certificate))
        with serving(once, certificate) as server:
            for _ in range(3):
                client.send(request(f"https://localhost:{server.port}/", b"call"))
                (stack,) = client.http._connections._idle.values()
                while not stack[-1].http.has_expired():
                    if isinstance(client, AsyncClient):
                        client.pause()
                if isinstance(client, AsyncClient):
                    client.pause()  # asyncio learns of the end
        assert [found for found in caplog.records if found.levelname != "DEBUG"] == []

    def test_what_has_been_idle_for_too_long_is_closed(self, connect: Connect) -> None:
        client = connect(keepalive_expiry=1e-6)
        with serving(echo) as server:
            for _ in range(2):
                client.send(request(server.url, b"call"))
            assert server.connections == 2

    def test_what_no_call_needs_any_more_is_closed(self) -> None:
        """After many calls at once there are few: the rest does not stay open for ever."""
        calls = 4
        are_there = threading.Barrier(calls)
        ends = threading.Semaphore(0)

        def behave(connection: Connection) -> None:
            connection.receive()
            are_there.wait(10)
            connection.send(reply(b"together"))
            echo(connection)
            ends.release()

        http = Http(HttpSettings(attempts=1, max_connections=calls, keepalive_expiry=60))
        with serving(behave) as server, ThreadPoolExecutor(calls) as pool:
            sent = request(server.url, b"call")
            for answered in pool.map(lambda _: http.send(sent, UNSAFE), range(calls)):
                assert answered.content == b"together"
            (stack,) = http._connections._idle.values()
            stack[:] = [stack[0]._replace(idle_since=0.0), *stack[1:]]
            assert http.send(sent, UNSAFE).content == b"answer to call"
            assert ends.acquire(timeout=10)
            assert len(stack) == calls - 1
            http.close()

    def test_what_broke_unseen_while_idle_costs_no_call(
        self, connect: Connect, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Nothing of the call had left, so that the next attempt has another connection."""
        has_ended = threading.Event()

        def once(connection: Connection) -> None:
            connection.receive()
            connection.send(reply(b"once"))
            connection.reset()
            has_ended.set()

        for kind in (httpcore.AsyncHTTPConnection, httpcore.HTTPConnection):
            monkeypatch.setattr(kind, "has_expired", lambda _: False)
        client = connect(attempts=2)
        with serving(once) as server:
            for _ in range(3):
                assert client.send(request(server.url, b"call")).content == b"once"
                assert has_ended.wait(10)
                has_ended.clear()
                if isinstance(client, AsyncClient):
                    client.pause()  # asyncio learns of the end
        assert server.connections == 3


class TestCallbacks:
    @pytest.mark.parametrize("call", [SAFE, UNSAFE], ids=["safe", "unsafe"])
    @pytest.mark.parametrize("kind", [ConnectionFailed, ConnectionLost, RequestTimeout, OSError])
    def test_what_they_raise_while_sending_ends_the_call(
        self, connect: Connect, kind: type[Exception], call: Call
    ) -> None:
        own = kind("another service is down")

        def progress(done: int, total: int | None) -> None:
            if done == total:
                raise own

        client = connect(attempts=3)
        with serving(echo) as server:
            with pytest.raises(kind) as caught:
                client.send(request(server.url, streamed(b"call", progress=progress)), call)
            assert caught.value is own
            assert server.connections == 1

    @pytest.mark.parametrize("call", [SAFE, UNSAFE], ids=["safe", "unsafe"])
    def test_what_they_raise_while_receiving_ends_the_call(
        self, connect: Connect, call: Call
    ) -> None:
        own = ConnectionFailed("another service is down", is_retry_safe=True)

        def progress(_done: int, _total: int | None) -> None:
            raise own

        client = connect(attempts=3)
        receiver = document_receiver(call, max_kept_bytes=1000)
        with serving(answer(b"<a/>")) as server:
            with pytest.raises(ConnectionFailed) as caught:
                client.send(
                    request(server.url, b"call"), call, receiver=receiver, progress=progress
                )
            assert caught.value is own
        assert len(server.received) == 1

    def test_the_same_in_a_later_attempt(self, connect: Connect) -> None:
        attempts = itertools.count()
        own = ConnectionLost("another service is down", is_retry_safe=True)

        def break_once(connection: Connection) -> None:
            if next(attempts):
                echo(connection)
            else:
                connection.receive()

        seen: list[int] = []

        def progress(done: int, total: int | None) -> None:
            seen.append(done)
            if done == total and seen.count(done) == 2:
                raise own

        client = connect(attempts=3)
        with serving(break_once) as server:
            with pytest.raises(ConnectionLost) as caught:
                client.send(request(server.url, streamed(b"call", progress=progress)), SAFE)
            assert caught.value is own
            assert server.connections == 2

    def test_a_source_whose_own_connection_fails_does_not_repeat_the_call(
        self, connect: Connect
    ) -> None:
        class Remote(SplicedBody):
            def measure(self) -> int:
                return 10 * LARGE

            def chunks(self) -> Iterator[bytes]:
                yield b"a" * LARGE
                raise ConnectionFailed("the archive is down", is_retry_safe=True)

        client = connect(attempts=3)
        with serving(echo) as server:
            with pytest.raises(ConnectionFailed, match="archive"):
                client.send(request(server.url, Remote((), None)))
            assert server.connections == 1


def in_a_child(action: Callable[[], object]) -> str:
    """Runs something in a forked process and returns what it says."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # That threads and forks do not mix is what is tested.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        signal.alarm(30)
        try:
            said = repr(action())
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = repr(error)
        os.write(writing, said.encode())
        os._exit(0)
    os.close(writing)
    told = b"".join(iter(lambda: os.read(reading, 65536), b""))
    os.close(reading)
    os.waitpid(child, 0)
    return told.decode()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="processes cannot be forked here")
class TestForks:
    @pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
    def test_a_child_has_connections_of_its_own(
        self, certificate: Certificate, is_secure: bool
    ) -> None:
        client = SyncClient(HttpSettings(attempts=1, ssl_context=trusting(certificate)))
        with serving(echo, certificate if is_secure else None) as server:
            url = f"https://localhost:{server.port}/" if is_secure else server.url
            client.send(request(url, b"warm"))

            def call_and_close() -> list[bytes]:
                found = [client.send(request(url, b"child %d" % n)).content for n in range(2)]
                client.close()
                return found

            assert in_a_child(call_and_close) == "[b'answer to child 0', b'answer to child 1']"
            assert server.connections == 2
            # The parent's goes on; the child has not said farewell in its name.
            assert client.send(request(url, b"parent")).content == b"answer to parent"
            assert server.connections == 2
            client.close()

    def test_a_child_closes_what_it_does_not_use(self) -> None:
        client = SyncClient(HttpSettings(attempts=1))
        has_ended, is_forked, may_end = threading.Event(), os.pipe(), os.pipe()

        def until_closed(connection: Connection) -> None:
            echo(connection)
            has_ended.set()

        def wait() -> bytes:
            os.write(is_forked[1], b"x")
            return os.read(may_end[0], 1)

        with serving(until_closed) as server, ThreadPoolExecutor(1) as pool:
            client.send(request(server.url, b"warm"))
            child = pool.submit(in_a_child, wait)
            try:
                assert os.read(is_forked[0], 1) == b"x"
                client.close()
                assert has_ended.wait(10)
            finally:
                os.write(may_end[1], b"x")
            assert child.result(20) == "b'x'"
        for descriptor in (*is_forked, *may_end):
            os.close(descriptor)

    def test_the_slots_of_other_threads_do_not_count(self) -> None:
        client = SyncClient(HttpSettings(attempts=1, max_connections=1))
        is_held, may_go_on = threading.Event(), threading.Event()

        def hold_the_first(connection: Connection) -> None:
            if not is_held.is_set() and connection.receive() is not None:
                is_held.set()
                may_go_on.wait(20)
                connection.send(reply(b"late"))
            echo(connection)

        with serving(hold_the_first) as server, ThreadPoolExecutor(1) as pool:
            first = pool.submit(client.send, request(server.url, b"first"))
            assert is_held.wait(10)
            sent = request(server.url, b"child")
            said = in_a_child(lambda: client.send(sent, timeout=5).content)
            may_go_on.set()
            assert said == "b'answer to child'"
            assert first.result(10).content == b"late"
            client.close()

    def test_locks_that_other_threads_held_are_free(self) -> None:
        """As those of validation: a call of a parent's thread may hold them at the fork."""
        answered = (
            f'<SubmitAjaxRs xmlns="{CustInfoType.Meta.namespace}"><Status>'.encode()
            + b"<StatusCode>0</StatusCode><StatusDesc>success</StatusDesc></Status>"
            b"<Data><Response>{}</Response></Data></SubmitAjaxRs>"
        )
        are_held, may_go_on = threading.Event(), threading.Event()

        def hold_all() -> None:
            with ExitStack() as stack:
                for lock in list(_forks._known):
                    if isinstance(lock, _forks.Lock):
                        stack.enter_context(lock.held)
                are_held.set()
                may_go_on.wait(20)

        with (
            serving(answer(answered)) as server,
            Signix(
                sponsor="s", client="c", user_id="u", password="p", workgroup="w", url=server.url
            ) as client,
            ThreadPoolExecutor(1) as pool,
        ):
            transaction = client.transaction(document_set_id="1557cd4a2e9")
            transaction.suspend()
            holding = pool.submit(hold_all)
            try:
                assert are_held.wait(10)
                said = in_a_child(lambda: transaction.suspend() and None)
            finally:
                may_go_on.set()
            holding.result(10)
            assert said == "None"
            assert server.connections == 2

    def test_no_module_keeps_a_lock_that_a_fork_could_leave_locked(self) -> None:
        # A fork waits for the checkpoints' own lock, so that no file is copied in mid-write.
        renewed = {"esignwire.bulk.checkpoint_file._sqlite"}
        locks = (type(threading.Lock()), type(threading.RLock()), threading.Semaphore, etree.XPath)
        assert [
            f"{name}.{key}"
            for name, module in list(sys.modules.items())
            if name.startswith("esignwire") and not name.startswith("esignwire.emulator")
            for key, value in vars(module).items()
            if isinstance(value, locks) and f"{name}.{key}" not in renewed
        ] == []

    def test_with_asyncio(self) -> None:
        client = AsyncClient(HttpSettings(attempts=1))
        with serving(echo) as server:
            client.send(request(server.url, b"warm"))

            def call() -> bytes:
                sent = request(server.url, b"child")
                return asyncio.run(client.http.send(sent, UNSAFE, timeout=5)).content

            assert in_a_child(call) == "b'answer to child'"
            assert server.connections == 2
            assert client.send(request(server.url, b"parent")).content == b"answer to parent"
            assert server.connections == 2
            client.close()


class TestClosing:
    def test_a_call_that_waits_is_not_sent(self, monkeypatch: pytest.MonkeyPatch) -> None:
        is_received, is_waiting, is_closed = (threading.Event() for _ in range(3))

        def hold(connection: Connection) -> None:
            while connection.receive() is not None:
                is_received.set()
                is_closed.wait(10)
                connection.send(reply(b"late"))

        acquire = Slots.acquire

        def acquire_and_tell(self: Slots, seconds: float) -> Any:
            if not self.free:
                is_waiting.set()
            return acquire(self, seconds)

        monkeypatch.setattr(Slots, "acquire", acquire_and_tell)
        http = Http(HttpSettings(max_connections=1, attempts=1))
        with serving(hold) as server, ThreadPoolExecutor(2) as pool:
            first = pool.submit(http.send, request(server.url, b"1"), UNSAFE, timeout=10)
            assert is_received.wait(10)
            second = pool.submit(http.send, request(server.url, b"2"), UNSAFE, timeout=10)
            assert is_waiting.wait(10)
            http.close()
            # It is not the server that ends it.
            with pytest.raises(OutcomeUnknown):
                first.result(10)
            with pytest.raises(ConfigurationError, match="closed"):
                second.result(10)
            is_closed.set()
            assert server.connections == 1
        assert bodies_of(server) == [b"1"]

    def test_the_same_with_asyncio(self) -> None:
        is_received = threading.Event()

        def hold(connection: Connection) -> None:
            if connection.receive() is not None:
                is_received.set()
                connection.hold()

        async def main(url: str) -> None:
            http = AsyncHttp(HttpSettings(max_connections=1, attempts=1))
            first = asyncio.create_task(http.send(request(url, b"1"), UNSAFE, timeout=10))
            await asyncio.to_thread(is_received.wait, 10)
            second = asyncio.create_task(http.send(request(url, b"2"), UNSAFE, timeout=10))
            await asyncio.sleep(0)
            await http.aclose()
            with pytest.raises(OutcomeUnknown):
                await first
            with pytest.raises(ConfigurationError, match="closed"):
                await second

        with serving(hold) as server:
            asyncio.run(main(server.url))
            assert server.connections == 1
        assert bodies_of(server) == [b"1"]

    @pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
    def test_the_rest_of_a_document_is_not_sent(
        self, certificate: Certificate, is_secure: bool
    ) -> None:
        """Another thread closes the client between two pieces."""
        http = Http(HttpSettings(attempts=1, ssl_context=trusting(certificate)))
        has_ended = threading.Event()

        def behave(connection: Connection) -> None:
            try:
                connection.receive()
            finally:
                has_ended.set()

        def close() -> bool:
            with ThreadPoolExecutor(1) as other:
                other.submit(http.close).result(10)
            return True

        with serving(behave, certificate if is_secure else None) as server:
            url = f"https://localhost:{server.port}/" if is_secure else server.url
            with pytest.raises(OutcomeUnknown):
                http.send(request(url, Halves(close)), UNSAFE, timeout=10)
            assert has_ended.wait(10)
        assert server.received == []

    def test_while_the_name_is_resolved(self, monkeypatch: pytest.MonkeyPatch) -> None:
        http = Http(HttpSettings(attempts=1))
        resolve = socket.getaddrinfo

        def close_meanwhile(*arguments: Any, **named: Any) -> Any:
            http.close()
            return resolve(*arguments, **named)

        monkeypatch.setattr(socket, "getaddrinfo", close_meanwhile)
        with serving(echo) as server:
            url = f"http://localhost:{server.port}/"
            with pytest.raises(ConfigurationError, match="closed"):
                http.send(request(url, b"call"), UNSAFE, timeout=10)
        assert server.received == []

    def test_what_is_closed_during_a_call_is_not_kept(self, connect: Connect) -> None:
        has_ended = threading.Event()

        def until_closed(connection: Connection) -> None:
            echo(connection)
            has_ended.set()

        client = connect()

        def mark_closed(done: int, total: int | None) -> None:
            cast("Any", client).http._connections._register.is_closed = True

        with serving(until_closed) as server:
            client.send(request(server.url, streamed(b"call", progress=mark_closed)))
            if isinstance(client, AsyncClient):
                client.pause()  # asyncio closes the socket
            assert has_ended.wait(10)

    def test_after_its_event_loop(self) -> None:
        http = AsyncHttp(HttpSettings(attempts=1))
        has_ended = threading.Event()

        def until_closed(connection: Connection) -> None:
            echo(connection)
            has_ended.set()

        with serving(until_closed) as server, warnings.catch_warnings():
            # asyncio complains that the caller closed the loop first.
            warnings.simplefilter("ignore", ResourceWarning)
            asyncio.run(http.send(request(server.url, b"call"), SAFE))
            asyncio.run(http.aclose())
            assert has_ended.wait(10)
            gc.collect()


class TestNames:
    """Of hosts, which the system's resolver finds, and it cannot be hurried."""

    @pytest.fixture
    def may_end(self) -> Iterator[threading.Event]:
        """What the resolver waits for."""
        may_end = threading.Event()
        yield may_end
        may_end.set()

    @pytest.fixture
    def stuck(self, may_end: threading.Event, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        """A resolver that does not answer in time; the hosts that threads ask it for."""
        asked: list[str] = []
        resolve = socket.getaddrinfo

        def getaddrinfo(host: str, *arguments: Any, **named: Any) -> Any:
            if threading.current_thread() is not threading.main_thread():
                asked.append(host)
            if host == "127.0.0.1":
                return resolve(host, *arguments, **named)
            may_end.wait(20)
            raise socket.gaierror(socket.EAI_AGAIN, "try again")

        monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
        return asked

    def test_that_take_too_long(
        self, connect: Connect, stuck: list[str], may_end: threading.Event
    ) -> None:
        client = connect(connect_timeout=0.2)
        with pytest.raises(ConnectionFailed, match="nothing was sent"):
            client.send(request("https://vendor.example/", b"call"))
        assert "vendor.example" in stuck
        may_end.set()  # asyncio waits for its threads
        _made.pop().close()

    def test_threads_that_wait_for_them_are_few(self, stuck: list[str]) -> None:
        with Http(HttpSettings(attempts=1, connect_timeout=0.2)) as http:
            for _ in range(12):
                with pytest.raises(ConnectionFailed):
                    http.send(request("https://vendor.example/", b"call"), UNSAFE)
        assert len(stuck) <= 8

    def test_numbers_need_none(self, connect: Connect, stuck: list[str]) -> None:
        client = connect()
        with serving(echo) as server:
            assert client.send(request(server.url, b"call")).content == b"answer to call"
        assert "127.0.0.1" not in stuck

    @pytest.mark.skipif(sys.platform != "linux", reason="other kernels answer all the same")
    @pytest.mark.parametrize("kind", ["refuses", "is silent"])
    def test_a_first_address_that_leads_nowhere(
        self, connect: Connect, kind: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        client = connect(connect_timeout=1.0)
        with serving(echo) as server, ExitStack() as stack:
            if kind == "is silent":
                # The kernel drops what a full queue cannot take.
                full = stack.enter_context(socket.socket(socket.AF_INET6))
                full.bind(("::1", server.port))
                full.listen(0)
                for _ in range(3):
                    waiting = stack.enter_context(socket.socket(socket.AF_INET6))
                    waiting.setblocking(False)
                    waiting.connect_ex(("::1", server.port))
            resolve = socket.getaddrinfo

            def getaddrinfo(host: str, port: int, *arguments: Any, **named: Any) -> Any:
                if host != "localhost":
                    return resolve(host, port, *arguments, **named)
                return [
                    (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", port, 0, 0)),
                    (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port)),
                ]

            monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
            url = f"http://localhost:{server.port}/"
            assert client.send(request(url, b"call")).content == b"answer to call"


class TestDeadlines:
    """Each step of a connection has what is left of the call's time, and no more."""

    def test_that_passes_while_a_document_is_read(self) -> None:
        class Late(Halves):
            def chunks(self) -> Iterator[bytes]:
                threading.Event().wait(0.1)
                return super().chunks()

        http = Http(HttpSettings(attempts=1))
        with serving(echo) as server:
            with pytest.raises(ConnectionFailed, match="ran out before the request left for"):
                http.send(request(server.url, Late(lambda: True)), UNSAFE, timeout=0.05)
            http.close()
        assert server.received == []

    def test_of_a_handshake_that_drips(self, connect: Connect, certificate: Certificate) -> None:
        def behave(connection: Connection) -> None:
            connection.receive_some()
            connection.drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 10_000, 0.02)

        client = connect(ssl_context=trusting(certificate))
        with serving(behave) as server:
            with pytest.raises(ConnectionFailed, match="in the time allowed"):
                client.send(request(f"https://localhost:{server.port}/", b"call"), timeout=0.3)
            assert server.sent < 1000

    def test_of_a_proxy_that_drips(self, connect: Connect) -> None:
        def behave(connection: Connection) -> None:
            connection.receive()
            connection.drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10_000, 0.02)

        with serving(behave) as server:
            client = connect(proxy=f"http://127.0.0.1:{server.port}")
            with pytest.raises(ConnectionFailed, match="nothing was sent"):
                client.send(request("https://vendor.example/", b"call"), timeout=0.3)
            assert server.sent < 1000


class TestThreadsOfAsyncio:
    """All of them may be busy with work of the program's own."""

    @staticmethod
    def send(url: str, source: object, timeout: float) -> HttpResponse:
        may_end = threading.Event()

        async def main() -> HttpResponse:
            loop = asyncio.get_running_loop()
            loop.set_default_executor(ThreadPoolExecutor(1))
            busy = loop.run_in_executor(None, may_end.wait, 20)
            body = splice_base64(b"<a>TOKEN</a>", {TOKEN: upload_of(source)}, UNSAFE)
            try:
                async with AsyncHttp(HttpSettings(attempts=1)) as http:
                    return await http.send(request(url, body), UNSAFE, timeout=timeout)
            finally:
                may_end.set()
                await busy

        return asyncio.run(main())

    def test_an_async_client_needs_asyncio(self) -> None:
        http = AsyncHttp(HttpSettings())
        sending = http.send(request("https://vendor.example/", b"call"), SAFE)
        with pytest.raises(ConfigurationError, match="needs asyncio"):
            sending.send(None)

    def test_bytes_need_none(self) -> None:
        with serving(echo) as server:
            assert self.send(server.url, b"d" * LARGE, 10.0).status == 200

    def test_a_file_waits_no_longer_than_the_call_may_take(self, tmp_path: Path) -> None:
        path = tmp_path / "lease.pdf"
        path.write_bytes(b"d" * LARGE)
        with serving(echo) as server:
            with pytest.raises(RequestTimeout, match="nothing was sent") as caught:
                self.send(server.url, path, 0.2)
            assert caught.value.is_retry_safe
            assert server.connections == 0


class Interrupt(BaseException):
    """As from a signal."""


def interrupted_at(step: int) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that raises at one step of our code and httpcore's."""
    left = itertools.count(step, -1)

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "esignwire" not in name and "httpcore" not in name:
            return None
        if event == "line" and next(left) == 0:
            raise Interrupt
        return trace

    return trace


# A socket that an interrupt left without an owner is closed by Python, with a complaint.
@pytest.mark.filterwarnings("ignore::ResourceWarning")
# An interrupt may leave a lock of a tracer locked, such as coverage's own.
@pytest.mark.skipif(sys.gettrace() is not None, reason="the code is traced")
class TestInterrupts:
    def test_at_any_step_nothing_is_lost(self) -> None:
        http = Http(HttpSettings(max_connections=1, attempts=1, keepalive_expiry=60))
        ends: Counter[str] = Counter()
        before = sys.gettrace()
        with serving(echo) as server:
            http.send(request(server.url, b"warm"), UNSAFE)
            for step in itertools.count():
                try:
                    sys.settrace(interrupted_at(step))
                    try:
                        http.send(request(server.url, b"%d" % step), UNSAFE, timeout=5)
                    finally:
                        sys.settrace(before)
                except Interrupt:
                    ends["interrupted"] += 1
                else:
                    break
                # It has the only slot, and gets its own answer.
                sent = request(server.url, b"then %d" % step)
                assert http.send(sent, UNSAFE, timeout=5).content == b"answer to then %d" % step
            gc.collect()
            connections = http._connections
            assert connections._slots.free == 1
            assert sum(map(len, connections._idle.values())) == 1
            assert len(connections._register._sockets) == 1
            http.close()
        assert ends["interrupted"] > 100

    @pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="no such signals here")
    def test_by_signals(self) -> None:
        chance = random.Random(4711)
        http = Http(HttpSettings(max_connections=1, attempts=1))
        ends: Counter[str] = Counter()

        def interrupt(*_: object) -> None:
            raise Interrupt

        before = signal.signal(signal.SIGALRM, interrupt)
        # Hypothesis measures the collector in a callback, which would swallow the interrupt.
        gc.disable()
        try:
            with serving(echo) as server:
                for number in range(300):
                    body = b"call %05d" % number
                    try:
                        signal.setitimer(signal.ITIMER_REAL, chance.uniform(1e-5, 1e-3))
                        try:
                            got = http.send(request(server.url, body), UNSAFE, timeout=5)
                        finally:
                            signal.setitimer(signal.ITIMER_REAL, 0)
                    except Interrupt:
                        ends["interrupted"] += 1
                    else:
                        assert got.content == b"answer to " + body
                    then = http.send(request(server.url, b"then"), UNSAFE, timeout=5)
                    assert then.content == b"answer to then"
                http.close()
            gc.collect()
        finally:
            gc.enable()
            signal.signal(signal.SIGALRM, before)
        assert ends["interrupted"] > 10

    @pytest.mark.parametrize("is_secure", [False, True], ids=["plain", "TLS"])
    def test_a_task_that_is_cancelled_at_any_step_loses_nothing(
        self, certificate: Certificate, is_secure: bool
    ) -> None:
        ends: Counter[str] = Counter()

        async def main(url: str) -> None:
            settings = HttpSettings(
                max_connections=1, attempts=1, ssl_context=trusting(certificate)
            )
            async with AsyncHttp(settings) as http:
                # How many a call has depends on when the server's thread runs.
                for step in range(100):
                    body = b"%d" % step
                    task = asyncio.create_task(http.send(request(url, body), UNSAFE, timeout=10))
                    for _ in range(step % 20):
                        await asyncio.sleep(0)
                    task.cancel()
                    try:
                        await task
                    except asyncio.CancelledError:
                        ends["cancelled"] += 1
                    then = await http.send(request(url, b"then"), UNSAFE, timeout=10)
                    assert then.content == b"answer to then"
                    if step % 3:  # else the next one takes a connection that is there
                        (stack,) = http._connections._idle.values()
                        await stack.pop().http.aclose()
                assert http._connections._slots.free == 1

        with serving(echo, certificate if is_secure else None) as server:
            url = f"https://localhost:{server.port}/" if is_secure else server.url
            asyncio.run(main(url))
        assert ends["cancelled"] > 3

    def test_a_slot_comes_back_by_itself(self) -> None:
        slots = Slots(2)
        first, second = slots.acquire(0), slots.acquire(0)
        with pytest.raises(httpcore.PoolTimeout):
            slots.acquire(0)
        del second
        third = slots.acquire(0)
        with pytest.raises(httpcore.PoolTimeout):
            slots.acquire(0)
        first.release()
        first.release()
        assert slots.free == 1
        third.release()
        assert slots.free == 2

    def test_slots_of_asyncio(self) -> None:
        async def main() -> None:
            slots = AsyncSlots(1)
            slot = await slots.acquire(0)
            waiting = asyncio.create_task(slots.acquire(0))
            await asyncio.sleep(0)
            assert not waiting.done()
            slot.release()
            slot.release()
            (await waiting).release()
            assert slots.free == 1

        asyncio.run(main())
