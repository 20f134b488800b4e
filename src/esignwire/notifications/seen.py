"""Keys of the notifications that were seen, in memory or in one SQLite file."""

from __future__ import annotations

import sqlite3
import threading
import time
import weakref
from pathlib import Path

from esignwire.errors import ConfigurationError

__all__ = ["Seen"]

# How long a process waits for others that write: when it begins, and for a key.
_BEGIN_SECONDS = 30.0
_BUSY_SECONDS = 2.0


class Seen:
    """A bounded store of keys. Threads, and processes with the same file, may share it.

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
        self._lock = threading.Lock()
        try:
            self._database = sqlite3.connect(
                ":memory:" if path is None else path,
                timeout=_BEGIN_SECONDS,
                check_same_thread=False,
            )
            # A receiver without keys of its caller's makes some, and is never closed.
            weakref.finalize(self, self._database.close)
            with self._database as database:
                database.execute(
                    "CREATE TABLE IF NOT EXISTS seen"
                    " (number INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE, at REAL NOT NULL)"
                )
            self._database.execute(f"PRAGMA busy_timeout = {round(1000 * _BUSY_SECONDS)}")
        except (sqlite3.Error, TypeError, ValueError) as error:
            raise ConfigurationError(
                f"the file of notifications seen cannot be used: {error}"
            ) from error

    def add(self, key: str) -> bool:
        """Remembers a key.

        Args:
            key: The key of a notification.

        Returns:
            Whether it is new.

        Raises:
            sqlite3.Error: The file cannot be written.
        """
        at = time.time()
        with self._lock, self._database as database:
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

    def discard(self, key: str) -> None:
        """Forgets a key, so that the notification is taken again.

        Args:
            key: The key.

        Raises:
            sqlite3.Error: The file cannot be written.
        """
        with self._lock, self._database as database:
            database.execute("DELETE FROM seen WHERE key = ?", (key,))

    def close(self) -> None:
        """Closes the file. Keys in memory are lost."""
        with self._lock:
            self._database.close()
