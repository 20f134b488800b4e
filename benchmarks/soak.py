"""Load for minutes: sync clients in threads, then async ones, through a network that breaks.

``make soak MINUTES=10`` runs it. The emulator and a proxy that breaks one exchange in fifty share a
process; each kind of client has a process of its own. Shown are calls a second, memory, descriptors
and outcomes; at the end, whether each change was carried out as often as its outcome says.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import multiprocessing
import os
import random
import sys
import threading
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Generator, Iterable
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.parse import urlsplit

from esignwire import (
    AssureSign,
    AsyncAssureSign,
    AsyncConstellation1,
    AsyncSignix,
    Constellation1,
    HttpSettings,
    Signix,
)
from esignwire.assuresign import FileDocument
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import EmulatorServer, State
from esignwire.errors import EsignWireError
from esignwire.signix import Field, Form, Party

_SHARE = 0.02
# By how often each is chosen. A silence lasts until the caller's time is up.
_BROKEN = {
    "reset": 2,
    "request cut": 2,
    "answer lost": 2,
    "answer cut": 2,
    "busy": 2,
    "silence": 1,
}
_BUSY = b"HTTP/1.1 503 Busy\r\nContent-Length: 4\r\nRetry-After: 0\r\nConnection: close\r\n\r\nbusy"
_PIECE = 64 * 1024
_THREADS = 16
_IN_FLIGHT = 200
_ROWS = 10
_KINDS = ("AssureSign", "SIGNiX", "Constellation1")
_SETTINGS = HttpSettings(total_timeout=5, max_connections=_IN_FLIGHT)
_PDF = b"%PDF-1.4\n" + b"% " + b"x" * 2000 + b"\n%%EOF\n"
_TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
_BEGIN, _END = "<!-- soak: begin -->\n", "<!-- soak: end -->\n"


class Proxy:
    """Connections to the emulator, on which a share of the exchanges breaks."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._random = random.Random(17)
        self.broken: Counter[str] = Counter()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serves one connection of a client's."""
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self._port)
        exchange = Exchange(self)
        tasks = [
            asyncio.create_task(exchange.send(reader, up_writer, writer)),
            asyncio.create_task(exchange.answer(up_reader, writer)),
        ]
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        for one in (writer, up_writer):
            one.transport.abort()

    def choose(self) -> str:
        """How an exchange breaks; empty where it does not."""
        if self._random.random() >= _SHARE:
            return ""
        (kind,) = self._random.choices([*_BROKEN], [*_BROKEN.values()])
        self.broken[kind] += 1
        return kind


class Exchange:
    """The request and the answer that are under way on one connection."""

    def __init__(self, proxy: Proxy) -> None:
        self._proxy = proxy
        self._is_answered = True
        self._fault = ""

    async def send(
        self,
        reader: asyncio.StreamReader,
        up: asyncio.StreamWriter,
        down: asyncio.StreamWriter,
    ) -> None:
        """Carries requests, and breaks them."""
        while data := await reader.read(_PIECE):
            if self._is_answered:
                self._is_answered, self._fault = False, self._proxy.choose()
            match self._fault:
                case "reset":
                    return
                case "request cut":
                    up.write(data[: len(data) // 2])
                    await up.drain()
                    return
                case "busy":
                    down.write(_BUSY)
                    await down.drain()
                    down.close()
                    await down.wait_closed()
                    return
                case "silence":
                    await reader.read(-1)
                    return
                case _:
                    up.write(data)
                    await up.drain()

    async def answer(self, up: asyncio.StreamReader, down: asyncio.StreamWriter) -> None:
        """Carries answers, and breaks them."""
        while data := await up.read(_PIECE):
            self._is_answered = True
            if self._fault == "answer lost":
                return
            down.write(data[: len(data) // 2] if self._fault == "answer cut" else data)
            await down.drain()
            if self._fault == "answer cut":
                down.close()
                await down.wait_closed()
                return


async def _serve(pipe: Connection) -> None:
    state = State()
    with EmulatorServer(state=state) as emulator:
        port = urlsplit(emulator.url).port
        assert port is not None
        proxy = Proxy(port)
        server = await asyncio.start_server(proxy, "127.0.0.1", 0, backlog=1024)
        url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        pipe.send(
            {k: v.replace(emulator.url, url) for k, v in dict(emulator.environment()).items()}
        )
        while await asyncio.to_thread(pipe.recv):
            pipe.send((dict(proxy.broken), dict(executed(state))))
            proxy.broken.clear()
            state.reset()
        server.close()


def executed(state: State) -> Counter[str | None]:
    """How often each change was carried out, by the name that its caller gave it."""
    with state.lock:
        names = [one.order_number for one in state.assuresign.documents.values()]
        names += [one.transaction_id for one in state.signix.transactions.values()]
        names += [
            str(one.information.get("Title")) for one in state.constellation1.sessions.values()
        ]
    return Counter(names)


def serve(pipe: Connection) -> None:
    """The process of the emulator: sends the variables that name it, then answers questions."""
    asyncio.run(_serve(pipe))


@dataclass(frozen=True, slots=True)
class Step:
    """One call.

    Args:
        name: The operation.
        call: Makes it.
        change: The name that a change bears; empty where nothing is changed.
    """

    name: str
    call: Callable[[], object]
    change: str = ""


@dataclass(slots=True)
class Clients:
    """A client of each vendor; sync ones, or async ones."""

    assuresign: AssureSign | AsyncAssureSign
    signix: Signix | AsyncSignix
    constellation1: Constellation1 | AsyncConstellation1


def name_of(kind: str, number: str) -> str:
    """The name of a change. SIGNiX takes 36 characters, no more and no fewer."""
    return f"{kind}-{number}".ljust(36, "_")


def job(clients: Clients, number: str) -> Generator[Step, object, None]:
    """The calls of one round; each gets the result of the last, or ``None`` where it failed."""
    assuresign, signix, constellation1 = (
        clients.assuresign,
        clients.signix,
        clients.constellation1,
    )
    order, transaction_id, title = (name_of(kind, number) for kind in _KINDS)
    lease = FileDocument(_PDF, template_id=_TEMPLATE, order_number=order)
    document = yield Step("submit", lambda: assuresign.submit(lease), order)
    if document is not None:
        for _ in range(3):
            yield Step("check_status", lambda: assuresign.check_status(document))
        yield Step("download", lambda: assuresign.download(document, "original"))
    transaction = yield Step(
        "submit",
        lambda: signix.submit(
            "Agreement",
            parties=[Party("tenant", "Pat", "Example", "pat@example.com")],
            forms=[Form(_PDF, fields=[Field.signature("tenant", at="Sign here:")])],
            submitter_email="owner@example.com",
            transaction_id=transaction_id,
        ),
        transaction_id,
    )
    if transaction is not None:
        yield Step("signing_link", lambda: transaction.signing_link("tenant"))
    offer = Session(
        session_info=SessionInfo(title=title),
        documents=[Document(file_name="offer.pdf", file_bytes=_PDF)],
        signers=[Signer(last_name="Example", signer_role="Buyer", email_address="p@example.com")],
    )
    session = yield Step("create_session", lambda: constellation1.create_session(offer), title)
    if session is not None:
        for _ in range(3):
            yield Step("get_session", lambda: constellation1.get_session(session.session_id))


@dataclass
class Record:
    """What happened, and a row of it now and then."""

    pipe: Connection
    seconds: float
    outcomes: Counter[str] = field(default_factory=Counter)
    foreign: Counter[str] = field(default_factory=Counter)
    # Changes that failed, and whether their error says that they may be repeated.
    failed: dict[str, bool] = field(default_factory=dict)
    rounds: Counter[int] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._begin = self._last = time.monotonic()
        self._counted = 0
        self.end = self._begin + self.seconds

    def note(self, step: Step, error: Exception | None) -> None:
        """Keeps the outcome of a call."""
        with self._lock:
            self.outcomes["done" if error is None else type(error).__name__] += 1
            if error is not None and not isinstance(error, EsignWireError):
                self.foreign[repr(error)] += 1
            if error is not None and step.change:
                self.failed[step.change] = getattr(error, "is_retry_safe", False)

    def round_of(self, worker: int) -> str:
        """The number of the next round of a worker; empty when time is up."""
        if time.monotonic() >= self.end:
            return ""
        with self._lock:
            self.rounds[worker] += 1
            return f"{worker}-{self.rounds[worker]}"

    def row(self) -> None:
        """Sends a row."""
        now, calls = time.monotonic(), self.outcomes.total()
        rate = (calls - self._counted) / (now - self._last)
        self._last, self._counted = now, calls
        self.pipe.send((now - self._begin, rate, memory(), descriptors()))

    def rows(self) -> None:
        """Sends rows until time is up."""
        for number in range(1, _ROWS + 1):
            due = self._begin + self.seconds * number / _ROWS
            time.sleep(max(0.0, due - time.monotonic()))
            self.row()

    def finish(self) -> None:
        """Sends what was kept, with the descriptors that stayed open."""
        gc.collect()
        self.pipe.send(None)
        self.pipe.send((self.outcomes, self.foreign, self.failed, dict(self.rounds), descriptors()))


def memory() -> float:
    """The memory of this process in MiB (Linux)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def descriptors() -> int:
    """How many descriptors are open (Linux)."""
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def in_threads(pipe: Connection, variables: dict[str, str], seconds: float) -> None:
    """The process of the sync clients."""
    os.environ.update(variables)
    with ExitStack() as stack:
        clients = Clients(
            stack.enter_context(AssureSign.from_environment(settings=_SETTINGS)),
            stack.enter_context(Signix.from_environment(settings=_SETTINGS)),
            stack.enter_context(Constellation1.from_environment(settings=_SETTINGS)),
        )
        record = Record(pipe, seconds)

        def work(worker: int) -> None:
            while number := record.round_of(worker):
                steps, result = job(clients, number), None
                while step := _next(steps, result):
                    result, error = None, None
                    try:
                        result = step.call()
                    except Exception as failure:  # noqa: BLE001 - foreign ones are counted
                        error = failure
                    record.note(step, error)

        threads = [threading.Thread(target=work, args=(one,)) for one in range(_THREADS)]
        for thread in threads:
            thread.start()
        record.rows()
        for thread in threads:
            thread.join()
    record.finish()


def _next(steps: Generator[Step, object, None], result: object) -> Step | None:
    try:
        return steps.send(result)
    except StopIteration:
        return None


async def _in_flight(pipe: Connection, seconds: float) -> Record:
    async with AsyncExitStack() as stack:
        clients = Clients(
            await stack.enter_async_context(AsyncAssureSign.from_environment(settings=_SETTINGS)),
            await stack.enter_async_context(AsyncSignix.from_environment(settings=_SETTINGS)),
            await stack.enter_async_context(
                AsyncConstellation1.from_environment(settings=_SETTINGS)
            ),
        )
        record = Record(pipe, seconds)

        async def work(worker: int) -> None:
            while number := record.round_of(worker):
                steps, result = job(clients, number), None
                while step := _next(steps, result):
                    result, error = None, None
                    try:
                        waiting = step.call()
                        assert isinstance(waiting, Awaitable)
                        result = await waiting
                    except Exception as failure:  # noqa: BLE001 - foreign ones are counted
                        error = failure
                    record.note(step, error)

        async with asyncio.TaskGroup() as group:
            for worker in range(_IN_FLIGHT):
                group.create_task(work(worker))
            await asyncio.to_thread(record.rows)
    return record


def in_flight(pipe: Connection, variables: dict[str, str], seconds: float) -> None:
    """The process of the async clients."""
    os.environ.update(variables)
    asyncio.run(_in_flight(pipe, seconds)).finish()


def wrong(failed: dict[str, bool], rounds: dict[int, int], done: dict[str, int]) -> Counter[str]:
    """Changes whose outcome was told wrongly.

    Args:
        failed: Those that failed, and whether their errors say that they may be repeated.
        rounds: How many rounds each worker made.
        done: How often each was carried out.
    """
    found: Counter[str] = Counter(
        {"carried out twice": 0, "claimed": 0, "carried out, and called repeatable": 0}
    )
    for worker, count in rounds.items():
        numbers = (f"{worker}-{n + 1}" for n in range(count))
        for name in (name_of(kind, number) for number in numbers for kind in _KINDS):
            times = done.get(name, 0)
            found["carried out twice"] += times > 1
            found["claimed"] += name not in failed and times == 0
            found["carried out, and called repeatable"] += failed.get(name, False) and times > 0
    return found


def soak(minutes: float, show: Callable[[str], None]) -> int:
    """Runs both kinds, each for half of the time.

    Args:
        minutes: How long in all.
        show: Takes each line of the report, in Markdown.

    Returns:
        How many outcomes were wrong.
    """
    context = multiprocessing.get_context("spawn")
    pipe, end = context.Pipe()
    server = context.Process(target=serve, args=(end,), daemon=True)
    server.start()
    variables = pipe.recv()
    faults = 0
    for title, work in (
        (f"{_THREADS} threads, sync clients", in_threads),
        (f"{_IN_FLIGHT} calls in flight, async clients", in_flight),
    ):
        rows, rows_end = context.Pipe()
        process = context.Process(target=work, args=(rows_end, variables, minutes * 30))
        process.start()
        rows_end.close()
        for line in (
            "",
            f"{title}:",
            "",
            "| after (s) | calls a second | memory (MiB) | descriptors |",
            "| ---: | ---: | ---: | ---: |",
        ):
            show(line)
        while row := rows.recv():
            seconds, rate, mebibytes, opened = row
            show(f"| {seconds:.0f} | {rate:.0f} | {mebibytes:.1f} | {opened} |")
        outcomes, foreign, failed, rounds, opened = rows.recv()
        process.join()
        pipe.send("what happened")
        broken, done = pipe.recv()
        found = wrong(failed, rounds, done)
        faults += found.total() + foreign.total()
        show("")
        show(
            f"{outcomes.total():,} calls, {sum(broken.values()):,} broken exchanges "
            f"({_listed(broken.items())}). Outcomes: {_listed(outcomes.most_common())}. "
            f"Of {3 * sum(rounds.values()):,} changes: {_listed(found.items())}. Exceptions that "
            f"are no EsignWireError: {_listed(foreign.items()) or 0}. Descriptors after closing: "
            f"{opened}."
        )
    pipe.send(None)
    server.join()
    return faults


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak", description="Load, with faults.")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--write", type=Path, metavar="PAGE", help="put the tables into this page")
    arguments = parser.parse_args()
    lines: list[str] = []

    def show(line: str) -> None:
        lines.append(line)
        print(line, flush=True)

    facts = f"Python {sys.version.split()[0]}, {os.cpu_count()} cores"
    show(f"`make soak MINUTES={arguments.minutes:g}`, {facts}, load {os.getloadavg()[0]:.1f}.")
    faults = soak(arguments.minutes, show)
    if arguments.write:
        page = arguments.write.read_text("utf-8")
        head, _, rest = page.partition(_BEGIN)
        report = "\n".join([*lines, ""])
        _, _, tail = rest.partition(_END)
        arguments.write.write_text(f"{head}{_BEGIN}{report}{_END}{tail}", "utf-8")
    return min(faults, 1)


if __name__ == "__main__":
    sys.exit(main())
