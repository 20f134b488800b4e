"""One client, many calls: no call gets another's answer, and none is sent twice."""

from __future__ import annotations

import asyncio
import gc
import itertools
import operator
import os
import random
import signal
import ssl
import sys
import threading
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from types import FrameType, SimpleNamespace
from typing import Any, Protocol, cast

import httpcore
import pytest
import stamina

from esignwire._call import Call
from esignwire._documents import Progress, splice_base64, upload_of
from esignwire._http import (
    AsyncHttp,
    AsyncPool,
    AsyncSlots,
    ClientClosed,
    Http,
    HttpRequest,
    HttpResponse,
    HttpSettings,
    Pool,
    Slots,
    StreamedBody,
)
from esignwire._http import async_pool as _async_pool
from esignwire._http import inside as _inside
from esignwire._soap import document_receiver
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    OutcomeUnknown,
    RequestTimeout,
)
from esignwire_generated import _sync_pool
from tests.support.hostile import Behaviour, Connection, HostileServer, answer, hostile

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
UNSAFE = Call(vendor="AssureSign", operation="AsyncSubmit", is_safe=False, reference="order 4711")
LARGE = 100_000
TOKEN = "TOKEN"
Certificate = tuple[Path, Path]


def request(url: str, content: bytes | StreamedBody) -> HttpRequest:
    return HttpRequest(method="POST", url=url, content=content)


def streamed(
    before: bytes, size: int = LARGE, progress: Progress | None = None
) -> bytes | StreamedBody:
    uploads = {TOKEN: upload_of(b"d" * size)}
    return splice_base64(before + b"<a>TOKEN</a>", uploads, UNSAFE, progress)


def reply(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body


class Client(Protocol):
    """A client that stays for several calls."""

    def send(
        self, request: HttpRequest, call: Call = ..., *, timeout: float = ..., receiver: Any = ...
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
        receiver: Any = None,
    ) -> HttpResponse:
        return self.http.send(request, call, timeout=timeout, receiver=receiver)

    def close(self) -> None:
        self.http.close()


class AsyncClient:
    def __init__(self, settings: HttpSettings) -> None:
        self.http = AsyncHttp(settings)
        self._runner = asyncio.Runner()

    def send(
        self,
        request: HttpRequest,
        call: Call = UNSAFE,
        *,
        timeout: float = 10.0,
        receiver: Any = None,
    ) -> HttpResponse:
        return self._runner.run(self.http.send(request, call, timeout=timeout, receiver=receiver))

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


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    with stamina.set_testing(True, attempts=3, cap=True):
        yield


def echo(connection: Connection) -> None:
    while (received := connection.receive()) is not None:
        connection.send(reply(b"answer to " + received.body[:10]))


def with_leftover(leftover: bytes, *, is_apart: bool = False) -> Behaviour:
    """Answers, and says something more that nobody asked for, in one packet."""

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

    @pytest.mark.parametrize("size", [0, LARGE], ids=["unsent", "sent in part"])
    def test_that_get_past_the_pool(
        self, connect: Connect, size: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Then it depends on whether anything had left; nothing is sent twice."""
        for pool in (_async_pool, _sync_pool):
            monkeypatch.setattr(pool, "holds_unread", lambda _: False)
        client = connect(attempts=3)
        with serving(with_leftover(reply(b"SURPLUS"))) as server:
            client.send(request(server.url, b"call 00001"))
            second = request(server.url, streamed(b"call 00002", size))
            if size:
                with pytest.raises(OutcomeUnknown, match="rules of HTTP"):
                    client.send(second)
            else:
                assert client.send(second).content == b"answer to call 00002"
        assert server.connections == (1 if size else 2)


class TestReuse:
    """What is private to the HTTP library is still there: else each call has its own connection."""

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

    @pytest.mark.parametrize("name", ["_parsed", "_stream", "_queue"])
    def test_what_cannot_be_asked_is_not_used_again(
        self, connect: Connect, name: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(_inside, name, operator.attrgetter("gone"))
        client = connect()
        is_unknown = name == "_parsed" or isinstance(client, AsyncClient)
        with serving(echo) as server:
            for _ in range(2):
                assert client.send(request(server.url, b"call")).content == b"answer to call"
            assert server.connections == (2 if is_unknown else 1)

    def test_a_stream_that_is_none_of_ours_is_not_known(self) -> None:
        assert _inside.holds_unread(SimpleNamespace())
        assert _inside.holds_unread_below(SimpleNamespace())
        assert _inside.network_of(SimpleNamespace()) is None


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
        receiver = document_receiver(call, max_kept_bytes=1000, progress=progress)
        with serving(answer(b"<a/>")) as server:
            with pytest.raises(ConnectionFailed) as caught:
                client.send(request(server.url, b"call"), call, receiver=receiver)
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
        class Remote:
            progress = None

            def measure(self) -> int:
                return 10 * LARGE

            def chunks(self) -> Iterator[bytes]:
                yield b"a" * LARGE
                raise ConnectionFailed("the archive is down", is_retry_safe=True)

        client = connect(attempts=3)
        with serving(echo) as server:
            with pytest.raises(ConnectionFailed, match="archive"):
                client.send(request(server.url, Remote()))
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

        wait = Slots._wait

        def wait_and_tell(self: Slots, seconds: float) -> Any:
            is_waiting.set()
            return wait(self, seconds)

        monkeypatch.setattr(Slots, "_wait", wait_and_tell)
        http = Http(HttpSettings(max_connections=1, attempts=1))
        with serving(hold) as server, ThreadPoolExecutor(2) as pool:
            first = pool.submit(http.send, request(server.url, b"1"), UNSAFE, timeout=10)
            assert is_received.wait(10)
            second = pool.submit(http.send, request(server.url, b"2"), UNSAFE, timeout=10)
            assert is_waiting.wait(10)
            http.close()
            is_closed.set()
            with pytest.raises(OutcomeUnknown):
                first.result(10)
            with pytest.raises(ConfigurationError, match="closed"):
                second.result(10)
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

    def test_a_pool_that_is_closed_opens_nothing(self) -> None:
        def connect(origin: httpcore.Origin) -> httpcore.ConnectionInterface:
            raise AssertionError

        def connect_async(origin: httpcore.Origin) -> httpcore.AsyncConnectionInterface:
            raise AssertionError

        pool = Pool(connect, 1.0)
        pool.close()
        with pytest.raises(ClientClosed):
            pool.handle_request(httpcore.Request("GET", "http://127.0.0.1/"))

        async def main() -> None:
            pool = AsyncPool(connect_async, 1.0)
            await pool.aclose()
            with pytest.raises(ClientClosed):
                await pool.handle_async_request(httpcore.Request("GET", "http://127.0.0.1/"))

        asyncio.run(main())

    def test_what_is_closed_during_a_call_is_not_kept(self) -> None:
        """The pool is closed after the call has taken a connection, which opens only then."""
        http = Http(HttpSettings(attempts=1))

        def close(done: int, total: int | None) -> None:
            transport = cast("Any", http)._transports[None]
            transport.connections._is_closed = True

        with serving(echo) as server:
            http.send(request(server.url, streamed(b"call", progress=close)), UNSAFE)
            (transport,) = http._transports.values()
            assert not transport.connections._idle
            gc.collect()
            assert not transport.connections._known

    def test_a_connection_that_another_thread_has_closed(self, connect: Connect) -> None:
        client = connect()
        with serving(echo) as server:
            client.send(request(server.url, b"1"))
            pool = cast("Any", client).http._transports[None].connections
            ((_, connection),) = pool._idle
            # As close() does, between the moment when it is taken and the one when it is used.
            connection.has_expired = lambda: False
            if isinstance(client, AsyncClient):
                client._runner.run(connection.aclose())
            else:
                connection.close()
            assert client.send(request(server.url, b"2")).content == b"answer to 2"
        assert bodies_of(server) == [b"1", b"2"]

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


class Interrupt(BaseException):
    """As from a signal."""


def interrupted_at(step: int) -> Callable[[FrameType, str, Any], Any]:
    """A trace function that raises at one step of our code and the HTTP library's."""
    left = itertools.count(step, -1)

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        name = frame.f_code.co_filename
        if "esignwire" not in name and "httpcore" not in name:
            return None
        if event == "line" and next(left) == 0:
            raise Interrupt
        return trace

    return trace


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
            (transport,) = http._transports.values()
            gc.collect()
            assert len(transport.connections._known) == 1
            assert len(transport.connections._idle) == 1
            http.close()
        assert ends["interrupted"] > 100

    def test_a_slot_comes_back_by_itself(self) -> None:
        slots = Slots(2)
        first, second = slots.acquire(0), slots.acquire(0)
        assert first is not None
        assert second is not None
        assert slots.acquire(0) is None
        del second
        third = slots.acquire(0)
        assert third is not None
        assert slots.acquire(0) is None
        slots.release(first)
        assert slots.acquire(0) is first

    def test_slots_of_asyncio(self) -> None:
        async def main() -> None:
            slots = AsyncSlots(1)
            slot = await slots.acquire(0)
            assert slot is not None
            assert await slots.acquire(0) is None
            slots.release(slot)
            assert await slots.acquire(0) is not None

        asyncio.run(main())
