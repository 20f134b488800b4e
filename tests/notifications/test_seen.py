"""Keys of notifications that were seen: bounded, and shared by threads and processes."""

from __future__ import annotations

import gc
import sqlite3
import subprocess
import sys
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


def test_what_is_not_closed_is_closed_at_its_end(path: Path | None) -> None:
    keys = Seen(path)
    vars(keys)["itself"] = keys  # so that the garbage collector finds it
    database = keys._database
    del keys
    gc.collect()
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        database.execute("SELECT 1")
