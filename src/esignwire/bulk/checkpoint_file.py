"""``FileCheckpoint``: a checkpoint in an SQLite database of one table."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NoReturn, Self

from esignwire.bulk.checkpoint import LONGEST_KEY, ItemState, Mark
from esignwire.errors import ConfigurationError, InvalidRequest

__all__ = ["FileCheckpoint"]

# SQLite keeps these words in the file, so that they tell our files from others.
_TABLE = (
    "CREATE TABLE esignwire_checkpoint (key TEXT PRIMARY KEY, state TEXT NOT NULL) WITHOUT ROWID"
)
# The casts pass over the check of UTF-8, which refuses half a surrogate pair in a key.
_READ = "SELECT CAST(key AS BLOB), state FROM esignwire_checkpoint"
_WRITE = "REPLACE INTO esignwire_checkpoint VALUES (CAST(? AS TEXT), ?)"
# How files began that held one JSON object a line.
_OLD_FORMAT = b'{"esignwire":"checkpoint"'

_BUSY = "is in use by another run: let that one end, or name another file"
_DAMAGED = "is damaged: bring back a copy, or look up at the vendor what was done and begin another"
_FOREIGN = "is no checkpoint of esignwire; name another file"
_OLD = (
    "has the older format, one JSON object a line: docs/bulk.md shows how to convert it; a run that"
    " begins another file instead calls its items again"
)

# SQLite runs under this lock alone, and a fork waits for it. So no child inherits a transaction
# that is under way, which it would roll back in the parent's file when it closes its copy.
_sqlite = threading.RLock()
if sys.platform != "win32":
    os.register_at_fork(
        before=_sqlite.acquire, after_in_parent=_sqlite.release, after_in_child=_sqlite.release
    )


class FileCheckpoint:
    """Remembers the items of one bulk run in a file. Make it with ``open``.

    The file is an SQLite database. Each record is one transaction, on the disk before the run goes
    on. SQLite takes back a record that a crash interrupted, by a file beside it whose name ends in
    ``-journal``: where you move one after a crash, move both. Keep one file a run. It holds keys
    and states in plain text and no results; a key must not be a secret. All keys are held in
    memory, about 150 bytes each.

    It belongs to the process that opened it, and no other run can open it meanwhile. That process
    must not read the file by other means: POSIX drops all locks that a process has on a file when
    it closes any descriptor of it. A forked child can only close its copy, which leaves the
    parent's as it is.
    """

    def __init__(
        self, path: Path, connection: sqlite3.Connection, states: dict[str, ItemState]
    ) -> None:
        self._path = path
        self._connection: sqlite3.Connection | None = connection
        self._states = states
        self._process = os.getpid()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Opens a checkpoint, or begins one where there is no file yet.

        Args:
            path: The file. It is locked, so that two runs cannot share it by mistake.

        Returns:
            The checkpoint; use it as a context manager, or close it.

        Raises:
            ConfigurationError: The file cannot be opened, is in use, is no checkpoint, has the
                older format, or is damaged. It is left as it was.
        """
        place = Path(path)
        with _sqlite:
            connection: sqlite3.Connection | None = None
            try:
                with suppress(FileExistsError):
                    # SQLite would let the owner's group and others read it.
                    os.close(os.open(place, os.O_CREAT | os.O_EXCL, 0o600))
                # A run waits 0.2 seconds for another one that ends or begins at this moment. Its
                # threads take turns under the lock.
                connection = sqlite3.connect(place.absolute(), timeout=0.2, check_same_thread=False)
                return cls(place, connection, _load(connection, place))
            except BaseException as error:
                if connection is not None:
                    connection.close()
                if isinstance(error, OSError | sqlite3.Error):
                    raise _unusable(place, _reason(error, place)) from error
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"FileCheckpoint({str(self._path)!r})"

    def __reduce__(self) -> NoReturn:
        raise ConfigurationError(
            "a checkpoint cannot be pickled or copied: keep it where the items are handed out"
        )

    def close(self) -> None:
        """Closes the file. Closing twice does no harm."""
        with _sqlite:
            connection, self._connection = self._connection, None
            if connection is None:
                return
            if os.getpid() == self._process:
                with suppress(sqlite3.Error):
                    # Removes the journal. It is the parent's, so that a child leaves it.
                    connection.execute("PRAGMA locking_mode=NORMAL")
                    connection.execute("PRAGMA journal_mode=DELETE")
            connection.close()

    def state(self, key: str) -> ItemState | None:
        """Tells how far an item has come.

        Args:
            key: The item's key.

        Returns:
            The last state that was recorded; ``None`` for an item that is not known.
        """
        return self._states.get(key)

    def record(self, marks: Sequence[Mark]) -> None:
        """Writes to the file and forces it to the disk: all of the marks or, after a crash, none.

        Args:
            marks: What to remember, in order.

        Raises:
            InvalidRequest: A key is empty or longer than 1,024 characters.
            ConfigurationError: The file cannot be written or is closed, or this is another process
                than the one that opened it. A failed write closes the checkpoint: open it anew.
        """
        if not marks:
            return
        if os.getpid() != self._process:
            raise _unusable(
                self._path,
                "was opened by another process: two of them would call the same items; open it in"
                " the process that runs",
            )
        rows = [(_encoded(mark.key), mark.state.value) for mark in marks]
        with _sqlite:
            if self._connection is None:
                raise _unusable(self._path, "is closed; open it anew")
            try:
                with self._connection:
                    self._connection.executemany(_WRITE, rows)
            except sqlite3.Error as error:
                self.close()
                why = f"cannot be written: {error}; mend that, then open it anew"
                raise _unusable(self._path, why) from error
            self._states.update({mark.key: mark.state for mark in marks})


def _unusable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"the checkpoint {path} {why}")


def _encoded(key: str) -> bytes:
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidRequest(
            f"a key must have 1 to {LONGEST_KEY} characters", path="key", rule="its length"
        )
    return key.encode("utf-8", "surrogatepass")


def _load(connection: sqlite3.Connection, path: Path) -> dict[str, ItemState]:
    """Locks the file until it is closed, begins it where it is empty, and reads it."""
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN EXCLUSIVE")
    # Not before: of two runs that begin at once, each would keep the other from going on.
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    tables = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    # SQLite takes a file of one byte for an empty one.
    if not tables and path.stat().st_size != 1:
        connection.execute(_TABLE)
    elif tables != [(_TABLE,)]:
        raise _unusable(path, _FOREIGN)
    connection.commit()
    # Else SQLite removes the journal when a child closes its copy, and the parent needs it.
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
        raise _unusable(path, _DAMAGED)
    try:
        return {
            key.decode("utf-8", "surrogatepass"): ItemState(state)
            for key, state in connection.execute(_READ)
        }
    except ValueError as error:
        raise _unusable(path, _DAMAGED) from error


def _reason(error: OSError | sqlite3.Error, path: Path) -> str:
    if isinstance(error, OSError):
        return f"cannot be opened: {error.strerror}"
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY:
            return _BUSY
        case sqlite3.SQLITE_CORRUPT:
            return _DAMAGED
        case sqlite3.SQLITE_NOTADB:
            with path.open("rb") as file:
                return _OLD if file.read(len(_OLD_FORMAT)) == _OLD_FORMAT else _FOREIGN
        case _:
            return f"cannot be opened: {error}"
