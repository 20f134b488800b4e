"""Keys of the notifications that were seen, in memory or in one SQLite file."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from esignwire._forks import Lock
from esignwire.errors import ConfigurationError

__all__ = ["Seen"]

# How long a process waits for others that write: when it begins, and for a key.
_BEGIN_SECONDS = 30.0
_BUSY_SECONDS = 2.0


class Seen:
    """A bounded store of keys. Threads, and processes with the same file, may share it.

    A process that is forked from another one goes on with the same file. In memory it knows what
    the other one knew, and nothing of what comes to that one later.

    Args:
        path: The SQLite file, which is made if it is not there; ``None`` keeps the keys in
            memory, where they end with the process.
        most: The most keys that are kept; the oldest make room.
        seconds: How many seconds a key is kept. A status that comes back later, as where a session
            is paused again, is taken for new.

    Raises:
        ConfigurationError: The file cannot be opened, or a bound is not positive.
    """

    def __init__(
        self, path: str | Path | None = None, *, most: int = 100_000, seconds: float = 3600.0
    ) -> None:
        if most < 1 or not seconds > 0:
            raise ConfigurationError("Seen needs room for a key, and more than 0 seconds")
        self._most = most
        self._seconds = seconds
        self._lock = Lock()
        self._keys: dict[str, float] = {}
        self._is_closed = False
        self._path: Path | None = None
        if path is None or path in {"", ":memory:"}:
            return
        try:
            # The program may change its folder.
            self._path = Path(path).absolute()
            with self._opened(_BEGIN_SECONDS):
                pass
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"the file of notifications seen cannot be used: {error}"
            ) from error

    @contextmanager
    def _opened(self, seconds: float = _BUSY_SECONDS) -> Generator[sqlite3.Connection]:
        """Opens the file for one transaction: no connection of SQLite's may go over a fork."""
        with (
            self._lock.held,
            closing(sqlite3.connect(str(self._path), timeout=seconds)) as database,
            database,
        ):
            database.execute(
                "CREATE TABLE IF NOT EXISTS seen"
                " (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at REAL NOT NULL)"
            )
            yield database

    def add(self, key: str) -> bool:
        """Remembers a key.

        Args:
            key: The key of a notification.

        Returns:
            Whether it is new.

        Raises:
            sqlite3.Error: The file cannot be written, or the store is closed.
        """
        self._check()
        at = time.time()
        if self._path is None:
            return self._add_in_memory(key, at)
        with self._opened() as database:
            # A clock that was put back must not keep keys for ever.
            database.execute(
                "DELETE FROM seen WHERE key = ? AND abs(? - at) > ?", (key, at, self._seconds)
            )
            added = database.execute(
                "INSERT OR IGNORE INTO seen (key, at) VALUES (?, ?)", (key, at)
            )
            database.execute(
                "DELETE FROM seen WHERE number <= (SELECT max(number) FROM seen) - ?",
                (self._most,),
            )
            return added.rowcount == 1

    def _add_in_memory(self, key: str, at: float) -> bool:
        with self._lock.held:
            if abs(at - self._keys.get(key, float("inf"))) <= self._seconds:
                return False
            self._keys.pop(key, None)
            self._keys[key] = at
            if len(self._keys) > self._most:
                del self._keys[next(iter(self._keys))]
            return True

    def discard(self, key: str) -> None:
        """Forgets a key, so that the notification is taken again.

        Args:
            key: The key.

        Raises:
            sqlite3.Error: The file cannot be written, or the store is closed.
        """
        self._check()
        self._keys.pop(key, None)
        if self._path is not None:
            with self._opened() as database:
                database.execute("DELETE FROM seen WHERE key = ?", (key,))

    def close(self) -> None:
        """Ends the store. Keys in memory are lost."""
        self._is_closed = True
        self._keys.clear()

    def _check(self) -> None:
        if self._is_closed:
            raise sqlite3.ProgrammingError("the store of notifications seen is closed")
