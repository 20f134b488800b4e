"""A checkpoint in a file: one JSON object a line, only ever appended to."""

from __future__ import annotations

import json
import os
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

from esignwire.bulk.checkpoint import LONGEST_KEY, ItemState, Mark
from esignwire.errors import ConfigurationError, InvalidRequest

if sys.platform != "win32":
    import fcntl

__all__ = ["FileCheckpoint"]

# It tells our files from others, whose last line must not be touched.
_HEADER = b'{"esignwire":"checkpoint","version":1}\n'
_STATES = frozenset(state.value for state in ItemState)
# A key of that length, every character of it escaped as a surrogate pair, and what stands around.
_LONGEST_LINE = 12 * LONGEST_KEY + 64


class FileCheckpoint:
    """Remembers the items of one bulk run in a file. Make it with :meth:`open`.

    Each record is written and forced to the disk before the run goes on. A line that a crash cut
    off at the end of the file is dropped when the file is opened again: what it said had not been
    relied on yet. Keep one file a run. It holds keys and states in plain text and no results;
    a key must not be a secret. All keys are held in memory, about 150 bytes each.

    It belongs to the process that opened it. A child that was forked can only close its copy, which
    leaves the parent's as it is.
    """

    def __init__(self, path: Path, descriptor: int, states: dict[str, ItemState]) -> None:
        self._path = path
        self._descriptor: int | None = descriptor
        self._states = states
        self._is_broken = False
        self._lock = threading.Lock()
        self._process = os.getpid()

    @classmethod
    def open(cls, path: str | os.PathLike[str]) -> Self:
        """Opens a checkpoint, or begins one where there is no file yet.

        Args:
            path: The file. Where the system can do it (anywhere but on Windows), the file is
                locked, so that two runs cannot share it by mistake.

        Returns:
            The checkpoint; use it as a context manager, or close it.

        Raises:
            ConfigurationError: The file cannot be opened, is in use, is no checkpoint, or has a
                damaged line that is complete. It is left as it was.
        """
        place = Path(path)
        try:
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        except OSError as error:
            raise _unusable(place, f"cannot be opened: {error.strerror}") from error
        try:
            _lock(descriptor, place)
            states = _load(descriptor, place)
        except OSError as error:
            os.close(descriptor)
            raise _unusable(place, f"cannot be read or mended: {error.strerror}") from error
        except BaseException:
            os.close(descriptor)
            raise
        return cls(place, descriptor, states)

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
        if self._is_foreign:
            # Somebody may have held the lock of the thread at the fork, and the lock of the file
            # is the parent's.
            descriptor, self._descriptor = self._descriptor, None
        else:
            with self._lock:
                descriptor, self._descriptor = self._descriptor, None
                if descriptor is not None:
                    # Closing alone would leave it locked while a forked child lives.
                    _unlock(descriptor)
        if descriptor is not None:
            os.close(descriptor)

    @property
    def _is_foreign(self) -> bool:
        return os.getpid() != self._process

    def state(self, key: str) -> ItemState | None:
        """Tells how far an item has come.

        Args:
            key: The item's key.

        Returns:
            The last state that was recorded; ``None`` for an item that is not known.
        """
        return self._states.get(key)

    def record(self, marks: Sequence[Mark]) -> None:
        """Appends to the file and forces it to the disk.

        Args:
            marks: What to remember, in order.

        Raises:
            InvalidRequest: A key is empty or longer than 1,024 characters.
            ConfigurationError: The file cannot be written or is closed, or this is another process
                than the one that opened it. After a failed write the checkpoint takes no more: open
                it anew.
        """
        if not marks:
            return
        if self._is_foreign:
            raise _unusable(
                self._path,
                "was opened by another process: two of them would call the same items; open it in"
                " the process that runs",
            )
        lines = b"".join(_line(mark) for mark in marks)
        with self._lock:
            if self._descriptor is None:
                raise _unusable(self._path, "is closed")
            if self._is_broken:
                raise _unusable(self._path, "could not be written before; open it anew")
            try:
                _write(self._descriptor, lines)
            except OSError as error:
                # Half a line may stand there now, which only opening the file mends.
                self._is_broken = True
                raise _unusable(self._path, f"cannot be written: {error.strerror}") from error
            for mark in marks:
                self._states[mark.key] = mark.state


def _unusable(path: Path, why: str) -> ConfigurationError:
    return ConfigurationError(f"the checkpoint {path} {why}")


def _lock(descriptor: int, path: Path) -> None:
    if sys.platform != "win32":
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise _unusable(path, "is in use by another run") from error


def _unlock(descriptor: int) -> None:
    if sys.platform != "win32":
        with suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_UN)


def _write(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
    os.fsync(descriptor)


def _line(mark: Mark) -> bytes:
    if not 0 < len(mark.key) <= LONGEST_KEY:
        raise InvalidRequest(
            f"a key must have 1 to {LONGEST_KEY} characters", path="key", rule="its length"
        )
    text = json.dumps({"key": mark.key, "state": mark.state.value}, separators=(",", ":"))
    return text.encode("ascii") + b"\n"


def _mark(line: bytes) -> Mark | None:
    """What a line says; ``None`` where it is damaged."""
    try:
        found: object = json.loads(line)
    except (ValueError, RecursionError):
        return None
    match found:
        case {"key": str(key), "state": str(state)} if state in _STATES:
            return Mark(key, ItemState(state))
        case _:
            return None


def _load(descriptor: int, path: Path) -> dict[str, ItemState]:
    states: dict[str, ItemState] = {}
    with os.fdopen(os.dup(descriptor), "rb") as file:
        header = file.readline(len(_HEADER))
        if header != _HEADER:
            if not _HEADER.startswith(header) or file.read(1):
                raise _unusable(path, "is no checkpoint of esignwire; name another file")
            # New, or the very first write was cut off.
            os.ftruncate(descriptor, 0)
            _write(descriptor, _HEADER)
            _keep_name(path)
            return states
        good = len(_HEADER)
        number = 1
        while line := file.readline(_LONGEST_LINE):
            number += 1
            if not line.endswith(b"\n") and not file.read(1):
                # Cut off by a crash. A line that is complete was relied on, whatever it says now.
                os.ftruncate(descriptor, good)
                os.fsync(descriptor)
                break
            mark = _mark(line)
            if mark is None or not line.endswith(b"\n"):
                raise _unusable(path, f"is damaged in line {number}; mend or remove that line")
            states[mark.key] = mark.state
            good += len(line)
    return states


def _keep_name(path: Path) -> None:
    """Forces the folder to the disk, so that a new file is still there after a power failure."""
    if sys.platform != "win32":
        folder = os.open(path.resolve().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
