"""``FileCheckpoint``: a checkpoint in an SQLite database of one table."""

from __future__ import annotations

import os
import sqlite3
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
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
    on; SQLite takes back a record that a crash interrupted, with the help of the file whose name
    ends in ``-journal``, which must stay beside it. Keep one file a run. It holds keys and states
    in plain text and no results; a key must not be a secret. All keys are held in memory, about 150
    bytes each.

    It belongs to the process that opened it, and no other run can open it meanwhile. That process
    must not read the file by other means, since POSIX gives up all its locks on a file when it
    closes any descriptor of it. A child that was forked can only close its copy, which leaves the
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
            ConfigurationError: The file cannot be opened, is in use, is no checkpoint, is one of
                the older format, or is damaged. It is left as it was.
        """
        place = Path(path)
        with _sqlite:
            try:
                connection = _connect(place.absolute())
            except (OSError, sqlite3.Error) as error:
                why = error.strerror if isinstance(error, OSError) else error
                raise _unusable(place, f"cannot be opened: {why}") from error
            try:
                return cls(place, connection, _load(connection, place))
            except BaseException as error:
                connection.close()
                if isinstance(error, sqlite3.Error):
                    raise _unusable(place, _reason(error, place)) from error
                raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
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
                    # Removes the journal, which is empty. A child must leave the parent's.
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
                raise _unusable(
                    self._path, f"cannot be written: {error}; mend that, then open it anew"
                ) from error
            for mark in marks:
                self._states[mark.key] = mark.state


def _unusable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"the checkpoint {path} {why}")


def _encoded(key: str) -> bytes:
    if not 0 < len(key) <= LONGEST_KEY:
        raise InvalidRequest(
            f"a key must have 1 to {LONGEST_KEY} characters", path="key", rule="its length"
        )
    return key.encode("utf-8", "surrogatepass")


def _connect(path: Path) -> sqlite3.Connection:
    with suppress(FileExistsError):
        # SQLite would let the owner's group and others read it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    # A run waits half a second for another one that ends or begins at this moment.
    return sqlite3.connect(path, timeout=0.5, check_same_thread=False)


def _load(connection: sqlite3.Connection, path: Path) -> dict[str, ItemState]:
    """Locks the file until it is closed, begins it where it is empty, and reads it."""
    if path.stat().st_size == 1:
        # SQLite takes such a file for an empty one.
        raise _unusable(path, "is no checkpoint of esignwire; name another file")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("BEGIN EXCLUSIVE")
    # Not before: of two runs that begin at once, each would keep the other from going on.
    connection.execute("PRAGMA locking_mode=EXCLUSIVE")
    tables = connection.execute("SELECT sql FROM sqlite_master").fetchall()
    if not tables:
        connection.execute(_TABLE)
    elif tables != [(_TABLE,)]:
        raise _unusable(path, "is no checkpoint of esignwire; name another file")
    connection.commit()
    # An empty journal stays beside the file, so that closing the copy of a child removes none.
    connection.execute("PRAGMA journal_mode=TRUNCATE")
    try:
        if connection.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            raise _unusable(path, _DAMAGED)
        return {
            key.decode("utf-8", "surrogatepass"): ItemState(state)
            for key, state in connection.execute(_READ)
        }
    except ValueError as error:
        raise _unusable(path, _DAMAGED) from error


_DAMAGED = (
    "is damaged: bring back a copy of it, or look up at the vendor what was done and begin another"
)


def _reason(error: sqlite3.Error, path: Path) -> str:
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY:
            return "is in use by another run: let that one end, or name another file"
        case sqlite3.SQLITE_CORRUPT:
            return _DAMAGED
        case sqlite3.SQLITE_NOTADB:
            with path.open("rb") as file:
                if file.read(len(_OLD_FORMAT)) == _OLD_FORMAT:
                    return (
                        "has the older format, one JSON object a line: docs/bulk.md shows how to"
                        " convert it; or let this run begin another file, and lose what it says"
                    )
            return "is no checkpoint of esignwire; name another file"
        case _:
            return f"cannot be opened: {error}"
