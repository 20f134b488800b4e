"""Keys of notifications that were seen: bounded, and shared by threads and processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from esignwire.errors import ConfigurationError
from esignwire.notifications import Seen, seen


@pytest.fixture(params=["memory", "file"])
def path(request: pytest.FixtureRequest, tmp_path: Path) -> Path | None:
    return tmp_path / "seen.sqlite" if request.param == "file" else None


def test_a_key_is_new_once(path: Path | None) -> None:
    keys = Seen(path)
    assert [keys.add("a"), keys.add("a"), keys.add("b"), keys.add("a")] == [
        True,
        False,
        True,
        False,
    ]
    keys.discard("a")
    keys.discard("never there")
    assert keys.add("a")
    keys.close()


def test_the_oldest_make_room(path: Path | None) -> None:
    keys = Seen(path, most=3)
    for key in "abcd":
        assert keys.add(key)
    assert not keys.add("b")
    assert keys.add("a")
    assert keys.add("b")
    keys.close()


def test_a_key_is_forgotten_in_time(path: Path | None, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(seen.time, "time", lambda: now[0])
    keys = Seen(path, seconds=60)
    assert keys.add("a")
    now[0] += 59
    assert not keys.add("a")
    now[0] += 2
    assert keys.add("a")
    # The clock was put back.
    now[0] = 0
    assert keys.add("a")
    keys.close()


def test_a_file_is_shared_by_processes(tmp_path: Path) -> None:
    path = tmp_path / "seen.sqlite"
    keys = Seen(path)
    assert keys.add("a")
    program = (
        "import sys; from esignwire.notifications import Seen; keys = Seen(sys.argv[1]);"
        "print(keys.add('a'), keys.add('b')); keys.close()"
    )
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["False", "True"]
    assert not keys.add("b")
    keys.close()
    assert [one.name for one in tmp_path.iterdir()] == ["seen.sqlite"]


def test_of_many_threads_one_finds_a_key_new(path: Path | None) -> None:
    keys = Seen(path)
    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(keys.add, ["a"] * 50)) == 1
    keys.close()


def test_what_cannot_be_used_is_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.sqlite"
    broken.write_bytes(b"this is no database, whatever its name says" * 100)
    for arguments in (
        {"path": tmp_path / "no" / "folder"},
        {"path": broken},
        {"path": "no\0file"},
        {"path": 5},
        {"most": 0},
        {"seconds": 0},
        {"seconds": float("nan")},
    ):
        with pytest.raises(ConfigurationError):
            Seen(**arguments)


def test_a_file_is_open_no_longer_than_a_key_is_written(tmp_path: Path) -> None:
    path = tmp_path / "seen.sqlite"
    keys = Seen(path)
    assert keys.add("a")
    path.unlink()
    assert keys.add("a")
    assert not Seen(path).add("a")


def test_a_relative_path_stays_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keys = Seen("seen.sqlite")
    assert keys.add("a")
    (tmp_path / "other").mkdir()
    monkeypatch.chdir(tmp_path / "other")
    assert not keys.add("a")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_goes_on(path: Path | None) -> None:
    keys = Seen(path)
    assert keys.add("before")
    # Another thread is at work in the parent.
    with keys._lock.held, warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            os._exit(keys.add("before") * 1 + keys.add("mine") * 2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert not keys.add("before")
    # Memory is each process's own.
    assert keys.add("mine") is (path is None)
