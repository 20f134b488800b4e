"""The receiver of notifications, behind a real server."""

from __future__ import annotations

import asyncio
import json
import logging
import queue
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from esignwire import constellation1, signix
from esignwire.assuresign import documenttrak
from esignwire.errors import ConfigurationError
from esignwire.notifications import Event, Receiver, Seen
from esignwire.notifications import receiver as receiver_module
from tests.support.asgi import served

SECRET = secrets.token_urlsafe(32)
DESIGN = documenttrak.template(["Envelope ID"], event="Envelope_Complete")
SESSION = "2ce11ef1-8938-4d11-8735-00065b8ce99b"


def webhook(**members: object) -> bytes:
    return json.dumps({"Data": {"SigningSessionId": SESSION, **members}}).encode()


WEBHOOK = webhook(Type="SessionStatus", Status=3)


class Recorder:
    """Keeps events, and has the handler wait or fail where a test wants it."""

    def __init__(self) -> None:
        self.events: queue.Queue[Event] = queue.Queue()
        self.may_go = threading.Event()
        self.may_go.set()
        self.failures: list[Exception] = []

    async def handle(self, event: Event) -> None:
        self.events.put(event)
        await asyncio.to_thread(self.may_go.wait, 30)
        if self.failures:
            raise self.failures.pop()

    def next(self) -> Event:
        return self.events.get(timeout=30)


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    recorder = Recorder()
    yield recorder
    recorder.may_go.set()


def test_each_vendor_has_an_address(recorder: Recorder) -> None:
    receiver = Receiver(recorder.handle, secret=SECRET, designs={"done": DESIGN})
    with served(receiver) as url, httpx.Client(base_url=f"{url}/{SECRET}/") as client:
        answers = [
            client.get("signix?action=complete&id=1"),
            client.get("signix/", params={"action": "Send", "id": "1"}),
            client.post("constellation1", content=WEBHOOK),
            client.post("assuresign/done", content=DESIGN.body.replace("[Envelope ID]", "E1")),
        ]
        assert [(one.status_code, one.text) for one in answers] == [(200, "OK")] * 4
        events = [recorder.next() for _ in answers]
    kinds = {type(event) for event in events}
    assert kinds == {
        signix.Notification,
        constellation1.SessionStatusChanged,
        documenttrak.Notification,
    }


def test_other_addresses_all_answer_alike(recorder: Recorder) -> None:
    receiver = Receiver(recorder.handle, secret=SECRET, designs={"done": DESIGN})
    paths = [
        "/",
        "/signix",
        "/wrong/signix",
        f"/{SECRET}",
        f"/{SECRET}x/signix",
        f"/{SECRET[:-1]}/signix",
        f"/{SECRET}/other",
        f"/{SECRET}/assuresign",
        f"/{SECRET}/assuresign/other",
        f"/{SECRET}/signix/more",
        f"/x/{SECRET}/signix",
        f"/{SECRET.swapcase()}/signix",
        "/%ff%00/signix",
        "/\N{LATIN SMALL LETTER E WITH ACUTE}/signix",
    ]
    with served(receiver) as url, httpx.Client(base_url=url) as client:
        answers = [client.get(path, params={"action": "Send", "id": "1"}) for path in paths]
    told = {(one.status_code, one.text, str(sorted(one.headers))) for one in answers}
    assert [one[:2] for one in told] == [(404, "There is nothing here.")]
    assert recorder.events.empty()


def test_other_methods_are_refused(recorder: Recorder) -> None:
    with served(Receiver(recorder.handle, secret=SECRET)) as url:
        answer = httpx.post(f"{url}/{SECRET}/signix")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
        answer = httpx.get(f"{url}/{SECRET}/constellation1")
        assert (answer.status_code, answer.headers["allow"]) == (405, "POST")


def test_what_is_no_notification_is_refused_and_quoted_nowhere(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    receiver = Receiver(recorder.handle, secret=SECRET, most_bytes=1000)
    with served(receiver) as url, httpx.Client(base_url=f"{url}/{SECRET}/") as client:
        answers = [
            client.get("signix?action=opensesame"),
            client.post("constellation1", content=b'{"opensesame": 1}'),
            client.post("constellation1", content=webhook(Title="opensesame" * 200)),
        ]
    assert [one.status_code for one in answers] == [400] * 3
    assert recorder.events.empty()
    said = caplog.text + "".join(one.text for one in answers)
    assert "opensesame" not in said
    assert SECRET not in said
    assert "more than 1,000 bytes" in said


@pytest.mark.parametrize("place", ["memory", "file"])
def test_a_notification_is_handed_on_once(recorder: Recorder, tmp_path: Path, place: str) -> None:
    path = tmp_path / "seen.sqlite" if place == "file" else None
    seen = Seen(path)
    with served(Receiver(recorder.handle, secret=SECRET, seen=seen)) as url:

        def send(_: int) -> tuple[int, str]:
            answer = httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK, timeout=30)
            return answer.status_code, answer.text

        with ThreadPoolExecutor(8) as threads:
            assert set(threads.map(send, range(40))) == {(200, "OK")}
    # The server has ended, and with it all that was being handled.
    assert recorder.events.qsize() == 1
    seen.close()
    with served(Receiver(recorder.handle, secret=SECRET, seen=Seen(path))) as url:
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
    assert recorder.events.qsize() == (1 if path else 2)


def test_it_answers_before_the_event_is_handled(recorder: Recorder) -> None:
    recorder.may_go.clear()
    with served(Receiver(recorder.handle, secret=SECRET)) as url:
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
        assert recorder.next()
        recorder.may_go.set()


def test_a_flood_is_turned_away_and_may_come_again(recorder: Recorder) -> None:
    recorder.may_go.clear()
    receiver = Receiver(recorder.handle, secret=SECRET, most_waiting=3, at_once=1)
    handled: list[Event] = []
    with served(receiver) as url, httpx.Client(base_url=f"{url}/{SECRET}/") as client:
        numbers = range(20)
        statuses = [client.get(f"signix?action=Send&id={one}").status_code for one in numbers]
        assert statuses == [200] * 3 + [503] * 17
        recorder.may_go.set()
        for number in numbers[3:]:
            while client.get(f"signix?action=Send&id={number}").status_code == 503:
                # One more is being handled.
                handled.append(recorder.next())
    handled += [recorder.next() for _ in range(20 - len(handled))]
    assert len(set(handled)) == 20
    assert recorder.events.empty()


def test_at_once_bounds_how_many_are_handled() -> None:
    busy: list[int] = []
    most: list[int] = []

    async def handle(event: Event) -> None:
        busy.append(1)
        most.append(len(busy))
        for _ in range(5):
            await asyncio.sleep(0)
        busy.pop()

    with (
        served(Receiver(handle, secret=SECRET, at_once=2)) as url,
        httpx.Client(base_url=f"{url}/{SECRET}/") as client,
    ):
        for number in range(20):
            client.get(f"signix?action=Send&id={number}")
    assert len(most) == 20
    assert max(most) <= 2


def test_a_failed_event_is_logged_and_taken_again(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    recorder.failures.append(RuntimeError("the database is away"))
    seen = Seen()
    with served(Receiver(recorder.handle, secret=SECRET, seen=seen)) as url:
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
    assert "the database is away" in caplog.text
    with served(Receiver(recorder.handle, secret=SECRET, seen=seen)) as url:
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
    assert recorder.events.qsize() == 2


def test_a_handler_that_takes_too_long_is_cancelled(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(event: Event) -> None:
        await asyncio.Event().wait()

    seen = Seen()
    receiver = Receiver(handle, secret=SECRET, handle_seconds=0.01, seen=seen)
    with served(receiver) as url:
        httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK)
    assert "the handler failed" in caplog.text
    assert seen.add(constellation1.webhook(WEBHOOK).key)


def test_a_store_that_cannot_be_written_makes_the_vendor_send_again(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    seen = Seen()
    seen.close()
    with served(Receiver(recorder.handle, secret=SECRET, seen=seen)) as url:
        answer = httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK)
    assert answer.status_code == 503
    assert recorder.events.empty()


def test_two_designs_may_bring_the_same_values(recorder: Recorder) -> None:
    designs = {name: documenttrak.declare("json", {"Id": "id"}) for name in ("done", "gone")}
    with (
        served(Receiver(recorder.handle, secret=SECRET, designs=designs)) as url,
        httpx.Client(base_url=f"{url}/{SECRET}/assuresign/") as client,
    ):
        for name in ("done", "gone", "done"):
            assert client.post(name, content=b'{"id": "E1"}').text == "OK"
    assert recorder.events.qsize() == 2


class StuckSeen(Seen):
    """A store whose file does not answer for a while."""

    def __init__(self, may_go: threading.Event) -> None:
        super().__init__()
        self.may_go = may_go

    def add(self, key: str) -> bool:
        self.may_go.wait(30)
        return super().add(key)


def test_a_store_that_does_not_answer_keeps_no_caller_waiting(
    recorder: Recorder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(receiver_module, "_NOTE_SECONDS", 0.01)
    may_go = threading.Event()
    with served(Receiver(recorder.handle, secret=SECRET, seen=StuckSeen(may_go))) as url:
        answer = httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK)
        assert answer.status_code == 503
        may_go.set()
        assert recorder.next()
        monkeypatch.setattr(receiver_module, "_NOTE_SECONDS", 30)
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
    assert recorder.events.empty()


@pytest.mark.parametrize("failure", [OSError("away"), TypeError("no key")])
def test_a_store_that_breaks_in_its_own_way_turns_notifications_away(
    recorder: Recorder,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
) -> None:
    seen = Seen()

    def add(key: str) -> bool:
        raise failure

    monkeypatch.setattr(seen, "add", add)
    with served(Receiver(recorder.handle, secret=SECRET, seen=seen)) as url:
        answer = httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK)
    assert answer.status_code == 503
    assert "turned away" in caplog.text
    assert recorder.events.empty()


def test_an_event_whose_handling_is_cancelled_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    async def handle(event: Event) -> None:
        raise asyncio.CancelledError

    seen = Seen()
    with served(Receiver(handle, secret=SECRET, seen=seen)) as url:
        assert httpx.post(f"{url}/{SECRET}/constellation1", content=WEBHOOK).text == "OK"
    assert "the handler failed at SessionStatusChanged" in caplog.text
    assert seen.add(constellation1.webhook(WEBHOOK).key)


def _raw(url: str, content: bytes) -> socket.socket:
    parts = urlsplit(url)
    connection = socket.create_connection((parts.hostname or "", parts.port or 0), timeout=30)
    connection.sendall(content)
    return connection


def test_a_body_that_never_ends_takes_no_more_than_its_time(recorder: Recorder) -> None:
    receiver = Receiver(recorder.handle, secret=SECRET, body_seconds=0.05)
    with served(receiver) as url:
        head = f"POST /{SECRET}/constellation1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
        with _raw(url, head.encode()) as connection:
            assert connection.recv(1000).startswith(b"HTTP/1.1 408 ")


def test_a_caller_that_goes_away_leaves_nothing_behind(
    recorder: Recorder, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING, "esignwire.notifications")
    receiver = Receiver(recorder.handle, secret=SECRET, most_waiting=1)
    head = f"POST /{SECRET}/constellation1 HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{{"
    with served(receiver) as url:
        for _ in range(5):
            _raw(url, head.encode()).close()
        while httpx.get(f"{url}/{SECRET}/signix?action=Send&id=1").status_code == 503:
            pass
    assert recorder.events.qsize() == 1


def test_it_stands_below_another_application(recorder: Recorder) -> None:
    from starlette.applications import Starlette
    from starlette.routing import Mount

    receiver = Receiver(recorder.handle, secret=SECRET)
    with served(Starlette(routes=[Mount("/hooks", app=receiver)])) as url:
        path = f"{SECRET}/signix?action=Send&id=1"
        assert httpx.get(f"{url}/hooks/{path}").text == "OK"
        assert httpx.get(f"{url}/{path}").status_code == 404
        assert recorder.next()


@pytest.mark.parametrize(
    "change",
    [
        {"secret": ""},
        {"secret": "short"},
        {"secret": "x" * 21},
        {"secret": SECRET + "/"},
        {"secret": SECRET + "\n"},
        {"secret": None},
        {"most_waiting": 0},
        {"at_once": 0},
        {"most_bytes": -1},
        {"body_seconds": 0},
        {"handle_seconds": float("nan")},
    ],
)
def test_what_cannot_be_used_is_refused(recorder: Recorder, change: dict[str, object]) -> None:
    make: Callable[..., Receiver] = Receiver
    with pytest.raises(ConfigurationError) as caught:
        make(recorder.handle, **{"secret": SECRET, **change})
    assert SECRET not in str(caught.value)


def test_it_shows_no_secret(recorder: Recorder) -> None:
    assert SECRET not in repr(Receiver(recorder.handle, secret=SECRET))
