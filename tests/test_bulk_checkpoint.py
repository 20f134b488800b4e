"""Checkpoints in files: what is written stays, and what a crash leaves can be gone on with."""

from __future__ import annotations

import copy
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire.bulk import FileCheckpoint, ItemState, Mark, for_each
from esignwire.errors import ConfigurationError, InvalidRequest

HEADER = '{"esignwire":"checkpoint","version":1}\n'
ONE = '{"key":"one","state":"done"}\n'


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "run.jsonl"


def states(path: Path, *keys: str) -> list[ItemState | None]:
    with FileCheckpoint.open(path) as checkpoint:
        return [checkpoint.state(key) for key in keys]


def test_it_remembers(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        assert checkpoint.state("one") is None
        checkpoint.record([Mark("one", ItemState.BEGUN), Mark("zwö\n", ItemState.FAILED)])
        checkpoint.record([Mark("one", ItemState.DONE)])
        assert checkpoint.state("one") is ItemState.DONE
    assert states(path, "one", "zwö\n", "three") == [ItemState.DONE, ItemState.FAILED, None]
    first, *lines = path.read_text("ascii").splitlines(keepends=True)
    assert first == HEADER
    assert [json.loads(line)["key"] for line in lines] == ["one", "zwö\n", "one"]


def test_it_is_for_its_owner_alone(path: Path) -> None:
    FileCheckpoint.open(path).close()
    assert path.stat().st_mode & 0o777 == 0o600


def test_it_is_only_appended_to(path: Path) -> None:
    contents: list[bytes] = []
    for number in range(3):
        with FileCheckpoint.open(path) as checkpoint:
            checkpoint.record([Mark(str(number), ItemState.DONE)])
        contents.append(path.read_bytes())
    assert contents[1].startswith(contents[0])
    assert contents[2].startswith(contents[1])


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
    path = tmp_path_factory.mktemp("any") / "run.jsonl"
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


def test_the_last_line_may_be_cut_off_anywhere(path: Path) -> None:
    last = '{"key":"two","state":"done"}\n'
    for length in range(len(last)):
        path.write_text(HEADER + ONE + last[:length], "ascii")
        assert states(path, "one", "two") == [ItemState.DONE, None]
        # What is written next stands on a line of its own.
        assert path.read_text("ascii") == HEADER + ONE
        with FileCheckpoint.open(path) as checkpoint:
            checkpoint.record([Mark("two", ItemState.BEGUN)])
        assert states(path, "one", "two") == [ItemState.DONE, ItemState.BEGUN]


def test_the_header_may_be_cut_off_anywhere(path: Path) -> None:
    for length in range(len(HEADER)):
        path.write_text(HEADER[:length], "ascii")
        with FileCheckpoint.open(path) as checkpoint:
            checkpoint.record([Mark("one", ItemState.DONE)])
        assert path.read_text("ascii") == HEADER + ONE


@pytest.mark.parametrize("last", [b"\x00" * 40, b"[", b"\xff", b"x" * 12_352], ids=len)
def test_a_last_line_that_was_cut_off_is_dropped(path: Path, last: bytes) -> None:
    path.write_bytes((HEADER + ONE).encode() + last)
    assert states(path, "one") == [ItemState.DONE]
    assert path.read_text("ascii") == HEADER + ONE


@pytest.mark.parametrize(
    "last",
    [
        b"\x00" * 40,
        b'{"key":1,"state":"done"}',
        b'{"key":"two","state":"begun"',
        b'{"key":"two","state":"weird"}',
        b"[]",
        b"\xff",
        b"",
        b"x" * 12_352,
    ],
    ids=repr,
)
def test_a_last_line_that_is_complete_is_never_dropped(path: Path, last: bytes) -> None:
    content = (HEADER + ONE).encode() + last + b"\n"
    path.write_bytes(content)
    with pytest.raises(ConfigurationError, match=r"run\.jsonl is damaged in line 3"):
        FileCheckpoint.open(path)
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    "line",
    ["{", '{"key":"x","state":"other"}', "", "x" * 20_000, "[" * 12_000],
    ids=["cut", "unknown state", "empty", "long", "deep"],
)
def test_damage_in_the_middle_is_named_and_left(path: Path, line: str) -> None:
    content = f"{HEADER}{ONE}{line}\n{ONE}"
    path.write_text(content, "ascii")
    with pytest.raises(ConfigurationError, match=r"run\.jsonl is damaged in line 3"):
        FileCheckpoint.open(path)
    assert path.read_text("ascii") == content


@pytest.mark.parametrize(
    "content",
    ["id,auth_token\n", "a letter without an end", HEADER.replace("1", "2"), "\n", f"x{HEADER}"],
)
def test_another_file_is_refused_and_left(path: Path, content: str) -> None:
    path.write_text(content, "ascii")
    with pytest.raises(ConfigurationError, match="is no checkpoint"):
        FileCheckpoint.open(path)
    assert path.read_text("ascii") == content


def test_a_file_that_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot be opened") as caught:
        FileCheckpoint.open(tmp_path / "no folder" / "run.jsonl")
    assert isinstance(caught.value.__cause__, OSError)


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")
def test_two_runs_cannot_share_it(path: Path) -> None:
    with (
        FileCheckpoint.open(path),
        pytest.raises(ConfigurationError, match="is in use by another run"),
    ):
        FileCheckpoint.open(path)
    FileCheckpoint.open(path).close()


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


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")
def test_a_child_that_closes_it_leaves_the_lock_to_the_parent(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        # As if a thread had been writing at the fork.
        with checkpoint._lock:
            in_a_child(checkpoint.close)
        with pytest.raises(ConfigurationError, match="is in use by another run"):
            FileCheckpoint.open(path)


@pytest.mark.skipif(sys.platform == "win32", reason="files are not locked there")
def test_a_child_that_lives_on_does_not_keep_it_locked(path: Path) -> None:
    checkpoint = FileCheckpoint.open(path)
    # What a child holds: the same open file under a number of its own.
    kept = os.dup(checkpoint._descriptor or 0)
    try:
        checkpoint.close()
        FileCheckpoint.open(path).close()
    finally:
        os.close(kept)


def test_it_does_not_travel(path: Path) -> None:
    with FileCheckpoint.open(path) as checkpoint:
        for travel in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(ConfigurationError, match="cannot be pickled or copied"):
                travel(checkpoint)


def test_closed_is_closed(path: Path) -> None:
    checkpoint = FileCheckpoint.open(path)
    checkpoint.close()
    checkpoint.close()
    checkpoint.record([])
    with pytest.raises(ConfigurationError, match="is closed"):
        checkpoint.record([Mark("one", ItemState.DONE)])


def test_each_record_is_forced_to_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    real = os.fsync

    def fsync(descriptor: int) -> None:
        real(descriptor)
        synced.append(path.stat().st_size)

    monkeypatch.setattr(os, "fsync", fsync)
    with FileCheckpoint.open(path) as checkpoint:
        # The header, and the folder that names the file.
        assert synced == [len(HEADER)] * 2
        checkpoint.record([Mark("one", ItemState.DONE), Mark("one", ItemState.DONE)])
        assert synced[2:] == [len(HEADER) + 2 * len(ONE)]


def test_after_a_failed_write_it_takes_no_more(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write

    def write(descriptor: int, data: bytes) -> int:
        # The disk is full after some bytes.
        real(descriptor, bytes(data)[:10])
        raise OSError(28, "No space left on device")

    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([Mark("one", ItemState.DONE)])
        with monkeypatch.context() as patch:
            patch.setattr(os, "write", write)
            with pytest.raises(ConfigurationError, match="No space left on device"):
                checkpoint.record([Mark("two", ItemState.DONE)])
        with pytest.raises(ConfigurationError, match="open it anew"):
            checkpoint.record([Mark("three", ItemState.DONE)])
        assert checkpoint.state("two") is None
    assert states(path, "one", "two", "three") == [ItemState.DONE, None, None]


def test_short_writes_are_gone_on_with(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda to, data: real(to, bytes(data)[:3]))
    with FileCheckpoint.open(path) as checkpoint:
        checkpoint.record([Mark("one", ItemState.DONE)])
    assert path.read_text("ascii") == HEADER + ONE


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


KILLED = """
import os, sys
from esignwire.bulk import FileCheckpoint, for_each

def act(item):
    if item == 7:
        os._exit(9)  # as a power failure would
    return item

with FileCheckpoint.open(sys.argv[1]) as checkpoint:
    for outcome in for_each(range(10), act, key=str, checkpoint=checkpoint, concurrency=1):
        print(outcome.key, flush=True)
"""


def test_a_killed_process_repeats_nothing(path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, str(path)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == 9, ended.stderr
    assert ended.stdout.split() == [str(n) for n in range(7)]
    assert states(path, *(str(n) for n in range(10))) == (
        [ItemState.DONE] * 7 + [ItemState.BEGUN] + [None] * 2
    )
