"""Faults at every byte of a call that changes something: it is carried out at most once, and what
is told of it is true.
"""

from __future__ import annotations

import asyncio
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from esignwire._call import Call
from esignwire._http import AsyncHttp, Http, HttpRequest, HttpSettings
from esignwire.errors import ConnectionFailed, EsignWireError, OutcomeUnknown
from tests.support.hostile import Connection, hostile

CHANGE = Call(vendor="SIGNiX", operation="SubmitDocument", is_safe=False, reference="T-1")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: 4\r\n\r\n<a/>"
# The body alone has as many bytes, so that each place lies within the request.
REQUEST = 160
AT_ONCE = 8

Run = Callable[[str, list[bytes]], dict[bytes, EsignWireError | None]]


class Faults:
    """A server that breaks every second call, each at another place."""

    def __init__(self) -> None:
        places = [("request", place) for place in range(REQUEST)]
        places += [("answer", place) for place in range(len(ANSWER))]
        self.all = [(*place, is_reset) for place in places for is_reset in (False, True)]
        self._left: Iterator[tuple[str, int, bool] | None] = iter(
            [one for fault in self.all for one in (None, fault)]
        )
        self._lock = threading.Lock()
        self.executed: Counter[bytes] = Counter()

    def __call__(self, connection: Connection) -> None:
        # A fault is taken when a request comes, so that a connection that is idle takes none.
        while connection._socket.recv(1, socket.MSG_PEEK):
            with self._lock:
                kind, place, is_reset = next(self._left, None) or ("none", 0, False)
            if kind == "request":
                while place and (come := connection._socket.recv(place)):
                    place -= len(come)
            else:
                received = connection.receive()
                if received is None:
                    return
                with self._lock:
                    self.executed[received.body] += 1
                connection.send(ANSWER[:place] if kind == "answer" else ANSWER)
            if kind != "none":
                if is_reset:
                    connection.reset()
                return


def request(url: str, body: bytes) -> HttpRequest:
    return HttpRequest(method="POST", url=url, content=body)


def in_turn(url: str, bodies: list[bytes]) -> dict[bytes, EsignWireError | None]:
    with Http(HttpSettings()) as http:
        return {body: _outcome(http, url, body) for body in bodies}


def in_threads(url: str, bodies: list[bytes]) -> dict[bytes, EsignWireError | None]:
    with Http(HttpSettings()) as http, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda body: _outcome(http, url, body), bodies)
        return dict(zip(bodies, outcomes, strict=True))


def _outcome(http: Http, url: str, body: bytes) -> EsignWireError | None:
    try:
        assert http.send(request(url, body), CHANGE).content == b"<a/>"
    except EsignWireError as error:
        return error
    return None


def in_tasks(url: str, bodies: list[bytes]) -> dict[bytes, EsignWireError | None]:
    async def main() -> dict[bytes, EsignWireError | None]:
        outcomes: dict[bytes, EsignWireError | None] = {}
        left = iter(bodies)

        async def work(http: AsyncHttp) -> None:
            for body in left:
                try:
                    answered = await http.send(request(url, body), CHANGE)
                    assert answered.content == b"<a/>"
                    outcomes[body] = None
                except EsignWireError as error:
                    outcomes[body] = error

        async with AsyncHttp(HttpSettings()) as http:
            await asyncio.gather(*(work(http) for _ in range(AT_ONCE)))
        return outcomes

    return asyncio.run(main())


@pytest.mark.parametrize("run", [in_turn, in_threads, in_tasks])
def test_nothing_is_done_twice_and_nothing_is_claimed(run: Run) -> None:
    faults = Faults()
    bodies = [b"%0*d" % (REQUEST, number) for number in range(2 * len(faults.all) + AT_ONCE)]
    with hostile(faults) as server:
        outcomes = run(server.url, bodies)
    assert set(outcomes) == set(bodies)
    for body, error in outcomes.items():
        executed = faults.executed[body]
        if error is None:
            assert executed == 1
        elif isinstance(error, ConnectionFailed):
            assert executed == 0
        else:
            assert isinstance(error, OutcomeUnknown)
            assert error.reference == "T-1"
            assert executed <= 1
    told = Counter(type(error) for error in outcomes.values())
    # Only the faults that strike before the first byte leave no outcome open.
    assert told[OutcomeUnknown] > len(faults.all) / 2
    assert set(faults.executed) <= set(bodies)
