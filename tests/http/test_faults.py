"""Faults at the bytes of calls that change something.

Each call is carried out at most once, what is told of it is true, and no secret is told.

``make faults`` strikes at each byte of the vendors' calls, and writes the table of docs/errors.md.
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from esignwire._call import Call
from esignwire._http import AsyncHttp, Http, HttpRequest, HttpSettings
from esignwire.assuresign import TemplateDocument
from esignwire.constellation1 import Document, Session, SessionInfo
from esignwire.errors import ConnectionFailed, EsignWireError, OutcomeUnknown
from tests.support.assuresign import TEMPLATE, async_submitted
from tests.support.hostile import Connection, hostile
from tests.support.played import ACCOUNT, API_KEY, CLIENTS, CREDENTIALS, PASSWORD
from tests.support.signix import message, submission

PAGE = os.environ.get("FAULTS_PAGE")
BEGIN, END = "<!-- faults: begin -->\n", "<!-- faults: end -->\n"
AT_ONCE = 8
TOKEN = b'HTTP/1.1 200 OK\r\nContent-Length: 30\r\n\r\n{"ReturnValue":"CANARY-token"}'
REFERENCE = re.compile(rb"order-\d{30}")


def answered(content: bytes, kind: bytes = b"text/xml; charset=utf-8") -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n"
    return head % (kind, len(content)) + content


@dataclass(frozen=True)
class Subject:
    """What makes the calls.

    Attributes:
        kinds: The sync and the async client.
        arguments: What they are made of, beside the address.
        ask: Makes one call, about one order.
        answer: The answer to it.
        secrets: What it sends, and must not tell.
        step: How many bytes lie between two faults.
    """

    name: str
    kinds: tuple[type[Any], type[Any]]
    arguments: dict[str, Any]
    ask: Callable[[Any, str, str], Any]
    answer: bytes
    secrets: tuple[str, ...]
    step: int = 1 if PAGE else 61

    def __str__(self) -> str:
        return self.name

    def client(self, url: str, *, is_async: bool) -> Any:
        arguments = self.arguments
        if self.name != "HTTP":
            arguments = {**arguments, "url": f"{url}/DocumentNOW.svc"}
        return self.kinds[is_async](**arguments)


def post(http: Any, url: str, order: str) -> Any:
    call = Call(vendor="SIGNiX", operation="SubmitDocument", is_safe=False, reference=order)
    content = f"{order} SECRETBODY".encode()
    return http.send(HttpRequest(method="POST", url=url, content=content), call)


def submit(client: Any, _: str, order: str) -> Any:
    document = TemplateDocument(template_id=TEMPLATE, order_number=order, password=PASSWORD)
    return client.async_submit(document)


def submit_document(client: Any, _: str, order: str) -> Any:
    return client.services.flex_api.submit_document(submission(client, transaction_id=order))


def create_session(client: Any, _: str, order: str) -> Any:
    info = SessionInfo(title="Lease", transaction_id=order, password=PASSWORD)
    file = Document(file_name="lease.txt", file_bytes=b"CANARY-file")
    return client.create_session(Session(session_info=info, documents=(file,)))


def vendor(name: str, *rest: Any) -> Subject:
    key = name.lower()
    return Subject(name, (CLIENTS[key, "sync"], CLIENTS[key, "async"]), CREDENTIALS[key], *rest)


SUBJECTS = [
    Subject(
        "HTTP",
        (Http, AsyncHttp),
        {"settings": HttpSettings()},
        post,
        answered(b"<a/>"),
        ("SECRETBODY",),
        1,
    ),
    vendor("AssureSign", submit, async_submitted(), (str(ACCOUNT), PASSWORD)),
    vendor(
        "SIGNiX",
        submit_document,
        answered(message("SubmitDocument", "<DocumentSetID>1:2</DocumentSetID>")),
        (PASSWORD, "910000000"),
    ),
    vendor(
        "Constellation1",
        create_session,
        answered(f'{{"SigningSessionId":"{ACCOUNT}"}}'.encode(), b"application/json"),
        (API_KEY, PASSWORD, "CANARY-token", "CANARY-file"),
    ),
]


class Faults:
    """A server that breaks every second call, each in another way: at so many bytes of the request
    or of the answer it closes the connection, resets it, or says back what it was sent.
    """

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.all: list[tuple[str, int, str]] = []
        self._left: Iterator[tuple[str, int, str] | None] = iter(())
        self._lock = threading.Lock()
        self.executed: Counter[str] = Counter()

    def strike(self, size: int) -> None:
        """Begins with the faults, in requests of this size."""
        sizes = {"request": size, "answer": len(self.subject.answer)}
        self.all = [
            (where, place, way)
            for where, end in sizes.items()
            for place in range(0, end, self.subject.step)
            for way in ("close", "reset", "echo")
        ]
        self._left = iter([one for fault in self.all for one in (None, fault)])

    def __call__(self, connection: Connection) -> None:
        # A fault is taken when a request comes, so that a connection that is idle takes none.
        while start := connection._socket.recv(4, socket.MSG_PEEK):
            if start == b"GET ":
                connection.receive()
                connection.send(TOKEN)
                continue
            with self._lock:
                where, place, way = next(self._left, None) or ("none", 0, "")
            if where == "request":
                come = b""
                while len(come) < place and (more := connection._socket.recv(place - len(come))):
                    come += more
            else:
                received = connection.receive()
                if received is None:
                    return
                (order,) = REFERENCE.findall(received.body)
                come = received.head + b"\r\n\r\n" + received.body
                with self._lock:
                    self.executed[order.decode()] += 1
                answer = self.subject.answer
                connection.send(answer[:place] if where == "answer" else answer)
            if way == "echo":
                connection.send(come)
                connection._socket.shutdown(socket.SHUT_WR)
                connection.hold()
            elif way == "reset":
                connection.reset()
            if way:
                return


Outcomes = dict[str, EsignWireError | None]
Run = Callable[[Subject, str, Sequence[str]], Outcomes]


def _outcome(subject: Subject, client: Any, url: str, order: str) -> EsignWireError | None:
    try:
        subject.ask(client, url, order)
    except EsignWireError as error:
        return error
    return None


def in_turn(subject: Subject, url: str, orders: Sequence[str]) -> Outcomes:
    with subject.client(url, is_async=False) as client:
        return {order: _outcome(subject, client, url, order) for order in orders}


def in_threads(subject: Subject, url: str, orders: Sequence[str]) -> Outcomes:
    with subject.client(url, is_async=False) as client, ThreadPoolExecutor(AT_ONCE) as pool:
        outcomes = pool.map(lambda order: _outcome(subject, client, url, order), orders)
        return dict(zip(orders, outcomes, strict=True))


def in_tasks(subject: Subject, url: str, orders: Sequence[str]) -> Outcomes:
    async def main() -> Outcomes:
        outcomes: Outcomes = {}
        left = iter(orders)

        async def work(client: Any) -> None:
            for order in left:
                try:
                    await subject.ask(client, url, order)
                    outcomes[order] = None
                except EsignWireError as error:
                    outcomes[order] = error

        async with subject.client(url, is_async=True) as client:
            await asyncio.gather(*(work(client) for _ in range(AT_ONCE)))
        return outcomes

    return asyncio.run(main())


class Leaks(logging.Handler):
    """Counts what quotes a secret: records of any logger, and errors with what they stem from."""

    def __init__(self, secrets: Iterable[str]) -> None:
        super().__init__()
        self._secrets = secrets
        self.found: list[str] = []

    def look(self, text: str) -> None:
        if any(secret in text for secret in self._secrets):
            self.found.append(text)

    def emit(self, record: logging.LogRecord) -> None:
        self.look(record.getMessage())

    def look_through(self, error: BaseException | None) -> None:
        while error is not None:
            self.look(f"{error} {error!r} {error.args} {vars(error)}")
            error = error.__cause__ or error.__context__

    @contextmanager
    def listening(self) -> Iterator[None]:
        root = logging.getLogger()
        level = root.level
        root.addHandler(self)
        root.setLevel(logging.DEBUG)
        try:
            yield
        finally:
            root.setLevel(level)
            root.removeHandler(self)


COLUMNS = (
    *("faults", "calls", "done", "not sent", "outcome unknown", "answer unusable"),
    *("executed twice", "claimed", "called repeatable", "leaks"),
)


Row = tuple[str, str, Counter[str]]


@pytest.fixture(scope="module")
def table() -> Iterator[list[Row]]:
    """The rows of the table, which go into the page where one is named."""
    rows: list[Row] = []
    yield rows
    if PAGE:
        together = sum((figures for _, _, figures in rows), Counter[str]())
        lines = [
            f"| calls made | client | {' | '.join(COLUMNS)} |",
            f"| --- | ---{' | ---:' * 10} |",
        ]
        lines += [
            f"| {how} | {client} | {' | '.join(f'{figures[one]:,}' for one in COLUMNS)} |"
            for how, client, figures in [*rows, ("together", "all", together)]
        ]
        page = Path(PAGE)
        head, _, rest = page.read_text("utf-8").partition(BEGIN)
        tail = rest.partition(END)[2]
        page.write_text("".join([head, BEGIN, *(f"{one}\n" for one in lines), END, tail]), "utf-8")


@pytest.mark.parametrize("run", [in_turn, in_threads, in_tasks])
@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_nothing_is_done_twice_nothing_is_claimed_and_nothing_is_told(
    subject: Subject, run: Run, table: list[Row]
) -> None:
    faults = Faults(subject)
    leaks = Leaks(("SECRETPATH", *subject.secrets))
    with hostile(faults) as server, leaks.listening():
        run(subject, server.url, [f"order-{0:030}"])
        first = server.received[-1]
        faults.strike(len(first.head) + 4 + len(first.body))
        orders = [f"order-{number:030}" for number in range(1, 2 * len(faults.all) + AT_ONCE)]
        outcomes = run(subject, server.url, orders)
    assert set(outcomes) == set(orders)
    figures = Counter({"faults": len(faults.all), "calls": len(orders)})
    for order, error in outcomes.items():
        executed = faults.executed[order]
        leaks.look_through(error)
        figures["executed twice"] += executed > 1
        if error is None:
            figures["done"] += 1
            figures["claimed"] += executed == 0
            continue
        figures["called repeatable"] += bool(error.is_retry_safe and executed)
        if isinstance(error, ConnectionFailed):
            figures["not sent"] += 1
        elif isinstance(error, OutcomeUnknown):
            figures["outcome unknown"] += 1
            assert error.reference == order
        else:
            figures["answer unusable"] += 1
    figures["leaks"] = len(leaks.found)
    table.append((run.__name__.replace("_", " "), str(subject), figures))
    assert [figures[one] for one in COLUMNS[-4:]] == [0, 0, 0, 0], leaks.found[:3]
    # Each second call meets no fault.
    assert figures["done"] >= len(faults.all)
    # Only the faults that strike before the first byte leave no outcome open.
    assert figures["outcome unknown"] > len(faults.all) / 2
    assert set(faults.executed) <= {*orders, f"order-{0:030}"}
