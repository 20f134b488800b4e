"""Checkpoints in files: what was recorded stays, whatever ends the process, and for one run."""

from __future__ import annotations

import asyncio
import copy
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire.bulk import (
    Done,
    FileCheckpoint,
    ItemState,
    Mark,
    async_for_each,
    for_each,
)
from esignwire.errors import ConfigurationError, InvalidRequest

ONE = Mark("one", ItemState.DONE)
# A whole file of the older format, and parts of one.
OLD = '{"esignwire":"checkpoint","version":1}\n'
OLD_MARKS = '{"key":"A-1","state":"done"}\n{"key":"A-2","state":"begun"}\n'
needs_signals = pytest.mark.skipif(sys.platform == "win32", reason="it has no SIGKILL")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.sqlite"


def states(path: Path, *keys: str) -> list[ItemState | None]:
    with FileCheckpoint.open(path) as checkpoint:
        return [checkpoint.state(key) for key in keys]


@contextmanager
def program(code: str, *arguments: str | Path) -> Iterator[Any]:
    """A process of its own, whose input and output are pipes; it is killed at the end."""
    with subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


# --- What it holds --------------------------------------------------------------------------------


def test_it_remembers(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        assert checkpoint.state("one") is None
        checkpoint.record([Mark("one", ItemState.BEGUN), Mark("zwö\n", ItemState.FAILED)])
        checkpoint.record([ONE])
        assert checkpoint.state("one") is ItemState.DONE
    assert states(path, "one", "zwö\n", "three") == [ItemState.DONE, ItemState.FAILED, None]


def test_people_can_read_and_mend_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([ONE, Mark("two", ItemState.BEGUN)])
    with closing(sqlite3.connect(path)) as database, database:
        rows = database.execute("SELECT * FROM esignwire_checkpoint ORDER BY key").fetchall()
        assert rows == [("one", "done"), ("two", "begun")]
        database.execute("UPDATE esignwire_checkpoint SET state = 'done' WHERE key = 'two'")
        database.execute("INSERT INTO esignwire_checkpoint VALUES ('three', 'failed')")
    assert states(path, "one", "two", "three") == [
        ItemState.DONE,
        ItemState.DONE,
        ItemState.FAILED,
    ]


def test_it_is_for_its_owner_alone_and_leaves_nothing_beside_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([ONE])
        if sys.platform != "win32":
            assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}
    assert [*path.parent.iterdir()] == [path]


def test_what_was_recorded_again_takes_no_more_room(path: Path) -> None:
    sizes: set[int] = set()
    for _ in range(3):
        with FileCheckpoint.open(path) as checkpoint:
            for state in ItemState:
                checkpoint.record([Mark(str(number), state) for number in range(300)])
        sizes.add(path.stat().st_size)
    assert len(sizes) == 1


@given(
    st.lists(
        st.builds(
            Mark,
            st.text(st.characters(exclude_categories=[]), min_size=1, max_size=1024),
            st.sampled_from(ItemState),
        )
    )
)
def test_any_key_comes_back(tmp_path_factory: pytest.TempPathFactory, marks: list[Mark]) -> None:
    path = tmp_path_factory.mktemp("any") / "run.sqlite"
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record(marks)
    expected = {mark.key: mark.state for mark in marks}
    assert states(path, *expected) == [*expected.values()]


@pytest.mark.parametrize("length", [1024, 1025])
@pytest.mark.parametrize("character", ["k", "\N{GRINNING FACE}", "\x00"])
def test_the_longest_key(path: Path, character: str, length: int) -> None:
    mark = Mark(character * length, ItemState.UNKNOWN)
    with FileCheckpoint.open(path) as checkpoint:
        if length > 1024:
            with pytest.raises(InvalidRequest):
                checkpoint.record([Mark("fine", ItemState.DONE), mark])
            assert checkpoint.state("fine") is None
            return
        checkpoint.record([mark])
    assert states(path, mark.key) == [ItemState.UNKNOWN]


def test_a_file_is_one_whatever_its_name_means_to_sqlite(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in (":memory:", "file:run.sqlite?mode=memory", "ümläut und Leerzeichen"):
        with FileCheckpoint.open(name) as checkpoint:
            checkpoint.record([ONE])
        assert states(tmp_path / name, "one") == [ItemState.DONE]


# --- Other files ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        b"id,auth_token\n",
        b"a letter without an end",
        b"\n",
        b"\x00" * 5000,
        b"SQLite format 3\x00",
        OLD[:10].encode(),
        b"x" + OLD.encode(),
        b"x" * 20_000,
    ],
    ids=lambda content: repr(content[:16]),
)
def test_another_file_is_refused_and_left(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"run\.sqlite is no checkpoint of esignwire"):
        FileCheckpoint.open(path)
    assert path.read_bytes() == content


def test_a_database_of_another_program_is_refused_and_left(path: Path) -> None:
    with closing(sqlite3.connect(path)) as database, database:
        database.execute("CREATE TABLE esignwire_checkpoint (key, state, note)")
        database.execute("INSERT INTO esignwire_checkpoint VALUES ('one', 'done', 'mine')")
    content = path.read_bytes()
    with pytest.raises(ConfigurationError, match=r"run\.sqlite is no checkpoint of esignwire"):
        FileCheckpoint.open(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize("marks", ["", OLD_MARKS, OLD_MARKS[:-5]], ids=len)
def test_a_file_of_the_older_format_is_named_and_left(path: Path, marks: str) -> None:
    path.write_text(OLD + marks, "ascii")
    with pytest.raises(ConfigurationError, match=r"run\.sqlite has the older format.*convert it"):
        FileCheckpoint.open(path)
    assert path.read_text("ascii") == OLD + marks


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"run\.sqlite cannot be opened") as caught:
        FileCheckpoint.open(tmp_path / "no folder" / "run.sqlite")
    assert isinstance(caught.value.__cause__, OSError)
    with pytest.raises(ConfigurationError, match="cannot be opened"):
        FileCheckpoint.open(tmp_path)


def test_a_cut_or_overwritten_file_is_named_and_left(path: Path) -> None:
    keys = [f"order {number}" for number in range(2000)]
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([Mark(key, ItemState.DONE) for key in keys])
    whole = path.read_bytes()
    assert len(whole) > 5 * 4096
    damaged = {
        whole[:-4096],
        whole[: len(whole) // 2],
        whole[: 4096 + 100],
        *(
            whole[: page * 4096] + bytes(4096) + whole[(page + 1) * 4096 :]
            for page in range(1, len(whole) // 4096)
        ),
        # A page stands twice, and the keys of another are gone.
        whole[: 3 * 4096] + whole[2 * 4096 : 3 * 4096] + whole[4 * 4096 :],
    }
    for content in damaged:
        path.write_bytes(content)
        with pytest.raises(ConfigurationError, match=r"run\.sqlite is damaged: bring back a copy"):
            FileCheckpoint.open(path)
        assert path.read_bytes() == content
    path.write_bytes(whole)
    assert states(path, *keys) == [ItemState.DONE] * 2000


@pytest.mark.parametrize("row", [("'one'", "'weird'"), ("X'FF'", "'done'"), ("'one'", "7")])
def test_a_row_that_means_nothing_is_damage(path: Path, row: tuple[str, str]) -> None:
    FileCheckpoint.open(path).close()
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(f"INSERT INTO esignwire_checkpoint VALUES ({row[0]}, {row[1]})")  # noqa: S608 - as above
    with pytest.raises(ConfigurationError, match=r"run\.sqlite is damaged"):
        FileCheckpoint.open(path)


# --- One run alone --------------------------------------------------------------------------------


def test_two_runs_of_one_process_cannot_share_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="in use by another run: let that one end"):
                FileCheckpoint.open(path)
        checkpoint.record([ONE])
    assert states(path, "one") == [ItemState.DONE]


HOLDER = """
import sys
from esignwire.bulk import FileCheckpoint
from esignwire.errors import ConfigurationError

for path in map(str.strip, sys.stdin):
    try:
        checkpoint = FileCheckpoint.open(path)
    except ConfigurationError as error:
        print(error, flush=True)
        sys.stdin.readline()
    else:
        print("opened", flush=True)
        sys.stdin.readline()
        checkpoint.close()
    print("closed", flush=True)
"""


def say(process: Any, line: object) -> None:
    process.stdin.write(f"{line}\n")
    process.stdin.flush()


def test_another_process_cannot_open_it(path: Path) -> None:
    with program(HOLDER) as process:
        say(process, path)
        assert process.stdout.readline() == "opened\n"
        with pytest.raises(ConfigurationError, match="is in use by another run"):
            FileCheckpoint.open(path)
        say(process, "close it")
        assert process.stdout.readline() == "closed\n"
        with FileCheckpoint.open(path):
            say(process, path)
            assert "is in use by another run" in process.stdout.readline()


def test_of_two_processes_that_open_it_at_once_one_may(tmp_path: Path) -> None:
    with program(HOLDER) as one, program(HOLDER) as other:
        for number in range(14):
            for process in (one, other):
                say(process, tmp_path / str(number // 2))
            said = [process.stdout.readline() for process in (one, other)]
            assert said.count("opened\n") == 1
            assert sum("is in use by another run" in line for line in said) == 1
            for process in (one, other):
                say(process, "close it")
                assert process.stdout.readline() == "closed\n"


WINDOWS = """
import asyncio, concurrent.futures, os, pathlib, sqlite3, sys, threading

# As far as it can be had here: what Windows has not is missing.
sys.platform = "win32"
sys.modules["fcntl"] = None
for name in ("fork", "register_at_fork", "O_SYNC", "O_DIRECTORY", "geteuid", "getuid"):
    if hasattr(os, name):
        delattr(os, name)
from esignwire.bulk import FileCheckpoint, ItemState, Mark
from esignwire.errors import ConfigurationError

with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    checkpoint.record([Mark("one", ItemState.DONE)])
    try:
        FileCheckpoint.open(sys.argv[1])
    except ConfigurationError as error:
        print(error)
with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    print(checkpoint.state("one"))
"""


def test_it_needs_nothing_that_windows_has_not(path: Path) -> None:
    with program(WINDOWS, path) as process:
        refused, state = process.stdout.read().splitlines()
    assert "run.sqlite is in use by another run" in refused
    assert state == "done"


# --- Forks ----------------------------------------------------------------------------------------


def in_a_child(work: Callable[[], None]) -> None:
    """Does it in a forked process; its failures are ours."""
    if not hasattr(os, "fork"):
        pytest.skip("this system has no fork")
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        # Threads of other tests may live on; the child needs none of them.
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
    if child == 0:
        # Ends it where it waits for ever.
        signal.alarm(60)
        said = "it did not end"
        try:
            work()
            said = ""
        except BaseException as error:  # noqa: BLE001 - told to the parent
            said = repr(error)
        finally:
            os.write(writing, said.encode())
            os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as told:
        said = told.read()
    assert os.waitpid(child, 0) == (child, 0)
    assert said == ""


def test_another_process_cannot_write_to_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        called: list[str] = []

        def work() -> None:
            with pytest.raises(ConfigurationError, match="opened by another process"):
                checkpoint.record([Mark("one", ItemState.DONE)])
            with pytest.raises(ConfigurationError, match="opened by another process"):
                list(for_each("ab", called.append, key=str, checkpoint=checkpoint))
            assert called == []

        in_a_child(work)
        checkpoint.record([Mark("two", ItemState.DONE)])
    assert states(path, "one", "a", "b", "two") == [None, None, None, ItemState.DONE]


def test_a_child_that_closes_it_leaves_file_journal_and_lock_to_the_parent(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint, program(HOLDER) as process:
        checkpoint.record([ONE])

        def close() -> None:
            before = {one.name: one.stat() for one in path.parent.iterdir()}
            checkpoint.close()
            after = {one.name: one.stat() for one in path.parent.iterdir()}
            assert [*after] == [*before]
            for name, found in after.items():
                was = before[name]
                assert (found.st_ino, found.st_size) == (was.st_ino, was.st_size)
                assert found.st_mtime_ns == was.st_mtime_ns

        in_a_child(close)
        # A process that inherited nothing is still refused.
        say(process, path)
        assert "is in use by another run" in process.stdout.readline()
        checkpoint.record([Mark("two", ItemState.DONE)])
    assert states(path, "one", "two") == [ItemState.DONE, ItemState.DONE]


def test_a_child_that_lives_on_does_not_keep_it_locked(path: Path) -> None:
    checkpoint = FileCheckpoint.open(path)
    with program(HOLDER) as process:
        reading, writing = os.pipe()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork() if hasattr(os, "fork") else pytest.skip("this system has no fork")
        if child == 0:
            os.close(writing)
            # Until the parent has looked.
            os.read(reading, 1)
            os._exit(0)
        try:
            checkpoint.close()
            say(process, path)
            assert process.stdout.readline() == "opened\n"
        finally:
            os.close(writing)
            os.close(reading)
            os.waitpid(child, 0)


def test_a_fork_waits_for_a_record_that_is_under_way(path: Path) -> None:
    """A child with half a transaction would take it back in the parent's file."""
    begun = threading.Event()
    fork_begins = threading.Event()
    if hasattr(os, "register_at_fork"):
        # Called before the hook of the library, since hooks run in the reverse order.
        os.register_at_fork(before=fork_begins.set)
    with FileCheckpoint.open(path) as checkpoint:

        def wait(statement: str) -> None:
            if statement.startswith("COMMIT"):
                begun.set()
                assert fork_begins.wait(60)

        assert checkpoint._connection is not None
        checkpoint._connection.set_trace_callback(wait)
        writer = threading.Thread(target=checkpoint.record, args=([ONE],))
        writer.start()
        assert begun.wait(60)

        def close() -> None:
            assert checkpoint._connection is not None
            assert not checkpoint._connection.in_transaction
            checkpoint.close()

        in_a_child(close)
        writer.join()
    assert states(path, "one") == [ItemState.DONE]


def test_it_does_not_travel(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        for travel in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(ConfigurationError, match="cannot be pickled or copied"):
                travel(checkpoint)


# --- Writing --------------------------------------------------------------------------------------


def test_closed_is_closed(path: Path) -> None:
    checkpoint = FileCheckpoint.open(path)
    checkpoint.close()
    checkpoint.close()
    checkpoint.record([])
    with pytest.raises(ConfigurationError, match="is closed"):
        checkpoint.record([ONE])


def test_a_failed_write_is_told_and_closes_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([ONE])
        assert checkpoint._connection is not None
        # The disk is full: there is room for no further page.
        (pages,) = checkpoint._connection.execute("PRAGMA page_count").fetchone()
        checkpoint._connection.execute(f"PRAGMA max_page_count={pages}")
        many = [Mark(f"{number} {'x' * 900}", ItemState.DONE) for number in range(20)]
        with pytest.raises(ConfigurationError, match=r"cannot be written: .*full.*open it anew"):
            checkpoint.record([Mark("two", ItemState.DONE), *many])
        assert checkpoint.state("two") is None
        with pytest.raises(ConfigurationError, match="is closed; open it anew"):
            checkpoint.record([Mark("three", ItemState.DONE)])
    assert states(path, "one", "two", "three") == [ItemState.DONE, None, None]


def test_threads_may_share_it(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:

        def work(name: int) -> None:
            for number in range(20):
                checkpoint.record([Mark(f"{name}.{number}", ItemState.DONE)])

        threads = [threading.Thread(target=work, args=(name,)) for name in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    keys = [f"{name}.{number}" for name in range(4) for number in range(20)]
    assert states(path, *keys) == [ItemState.DONE] * 80


def test_tasks_and_threads_of_runs_may_use_it(path: Path) -> None:
    """It is opened in one thread, written in others, and closed in a third."""

    async def act(item: int) -> int:
        return item

    async def main(checkpoint: FileCheckpoint) -> list[Any]:
        outcomes = async_for_each(range(40), act, key=str, checkpoint=checkpoint, concurrency=8)
        return [outcome async for outcome in outcomes]

    checkpoint = FileCheckpoint.open(path)
    assert len(asyncio.run(main(checkpoint))) == 40
    assert list(for_each(range(41), str, key=str, checkpoint=checkpoint)) == [Done("40", 40, "40")]
    closer = threading.Thread(target=checkpoint.close)
    closer.start()
    closer.join()
    assert states(path, *map(str, range(41))) == [ItemState.DONE] * 41


# --- Processes that are killed --------------------------------------------------------------------

WRITER = """
import sys
from esignwire.bulk import FileCheckpoint, ItemState, Mark

number = 0
with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    while True:
        first, second = f"{number} a", f"{number} b"
        checkpoint.record([Mark(first, ItemState.DONE), Mark(second, ItemState.DONE)])
        print(number, flush=True)
        number += 1
"""


@needs_signals
@pytest.mark.parametrize("records", range(12))
def test_what_was_recorded_outlives_a_kill_at_any_moment(path: Path, records: int) -> None:
    with program(WRITER, path) as process:
        # The process goes on to write while it is killed.
        reported = [int(process.stdout.readline()) for _ in range(records)]
        process.kill()
        reported += map(int, process.stdout.read().split())
        assert process.wait() == -signal.SIGKILL
    found = states(path, *(f"{number} a" for number in range(len(reported) + 2)))
    assert found[: len(reported)] == [ItemState.DONE] * len(reported)
    # A record that was not reported is there as a whole or not at all.
    assert found == states(path, *(f"{number} b" for number in range(len(reported) + 2)))
    assert found[-1] is None


HALF_WRITTEN = """
import sys
from esignwire.bulk import FileCheckpoint, ItemState, Mark

def wait(statement):
    if statement.startswith("COMMIT"):
        print("half", flush=True)
        sys.stdin.readline()

with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    checkpoint.record([Mark(f"before {number}", ItemState.DONE) for number in range(500)])
    # SQLite keeps so few pages that it writes most of them to the file before the end.
    checkpoint._connection.execute("PRAGMA cache_size=2")
    checkpoint._connection.set_trace_callback(wait)
    checkpoint.record(
        [Mark(f"before {number}", ItemState.FAILED) for number in range(500)]
        + [Mark(f"after {number} {'x' * 900}", ItemState.DONE) for number in range(500)]
    )
"""


@needs_signals
def test_a_record_that_a_kill_cut_in_half_is_taken_back(path: Path) -> None:
    with program(HALF_WRITTEN, path) as process:
        assert process.stdout.readline() == "half\n"
        half = path.stat().st_size
        process.kill()
        assert process.wait() == -signal.SIGKILL
    assert path.with_name("run.sqlite-journal").stat().st_size > 0
    assert half > 100_000
    keys = [f"before {number}" for number in range(500)]
    assert states(path, *keys, f"after 0 {'x' * 900}") == [ItemState.DONE] * 500 + [None]
    assert path.stat().st_size < half
    assert [*path.parent.iterdir()] == [path]


KILLED = """
import os, signal, sys
from esignwire.bulk import FileCheckpoint, for_each

def act(item):
    if item == 7:
        os.kill(os.getpid(), signal.SIGKILL)
    return item

with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    for outcome in for_each(range(10), act, key=str, checkpoint=checkpoint, concurrency=1):
        print(outcome.key, flush=True)
"""


@needs_signals
def test_a_killed_run_repeats_nothing(path: Path) -> None:
    with program(KILLED, path) as process:
        assert process.stdout.read().split() == [str(n) for n in range(7)]
        assert process.wait() == -signal.SIGKILL
    assert states(path, *(str(n) for n in range(10))) == (
        [ItemState.DONE] * 7 + [ItemState.BEGUN] + [None] * 2
    )


def test_each_record_is_forced_to_the_disk(path: Path) -> None:
    """With these settings SQLite syncs journal and file before a record returns."""
    with FileCheckpoint.open(path) as checkpoint:
        assert checkpoint._connection is not None
        for pragma, expected in (
            ("synchronous", 2),
            ("journal_mode", "truncate"),
            ("locking_mode", "exclusive"),
        ):
            assert checkpoint._connection.execute(f"PRAGMA {pragma}").fetchone() == (expected,)


def test_a_file_of_the_older_format_is_converted_by_the_lines_of_the_page(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = Path(__file__).parent.parent.parent / "docs" / "bulk.md"
    (block,) = [
        block
        for block in page.read_text("utf-8").split("```")
        if block.startswith("python") and "json.loads" in block
    ]
    monkeypatch.chdir(path.parent)
    last = '{"key":"A-3","st'
    Path("orders.jsonl").write_text(OLD + OLD_MARKS + last, "ascii")
    exec(compile(block.partition("\n")[2], str(page), "exec"), {})  # noqa: S102 - our own page
    assert states(Path("orders.sqlite"), "A-1", "A-2", "A-3") == [
        ItemState.DONE,
        ItemState.BEGUN,
        None,
    ]
