"""Received documents: what came down, in memory or in a temporary file."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from esignwire._forks import Lock
from esignwire.errors import InvalidRequest

__all__ = [
    "CHUNK",
    "DocumentStore",
    "ReceivedDocument",
    "discard_documents",
    "new_token",
    "path_of",
]

# A token is valid base64, so that a message with it can be validated against its schema.
_TOKEN_BYTES = 24

# Three bytes make four characters: a multiple of three needs no padding between chunks. A chunk
# fits a cache and, encoded and escaped, is still below 128 KiB: larger pieces of memory come from
# the system each time, page by page, which costs more than all that is done with them.
CHUNK = 3 * 28 * 1024

# A smaller document stays in memory, since a file costs a handle.
_IN_MEMORY = 1024 * 1024

# Whether bytes can be read and written at a place that the call names. Windows cannot.
_HAS_PLACES = hasattr(os, "pread")


def path_of(given: object, argument: str, vendor: str | None = None) -> Path:
    """Takes a path.

    Args:
        given: What the caller gave.
        argument: The argument, for the error.
        vendor: The vendor, for the error.

    Returns:
        The path.

    Raises:
        InvalidRequest: It is none, or no file can have such a name.
    """
    came = "None" if given is None else f"an object of type {type(given).__name__}"
    if isinstance(given, str | bytes | os.PathLike):
        try:
            name = os.fsdecode(os.fsencode(cast("str", given)))
        except (TypeError, ValueError):
            name = ""
        if name and "\0" not in name:
            return Path(name)
        came = "a name that no file can have"
    raise InvalidRequest(
        f"{argument} must be a path, and {came} came", path=argument, rule="a path", vendor=vendor
    )


def new_token() -> str:
    """Makes a random text that stands for a document, so that an answer cannot forge it."""
    return os.urandom(_TOKEN_BYTES).hex()


class _Bytes:
    """Where documents lie, one after the other: in memory first, then in a temporary file.

    The file has no name and goes away with the last document in it. It is held by its number:
    Python's own file objects complain where they are not closed.

    A reader says at which place it reads, and takes no lock: a forked process would share the
    place of the file itself, and would find a lock held.
    """

    __slots__ = ("_descriptor", "_lock", "_memory", "size")

    def __init__(self, content: bytes = b"") -> None:
        self._lock = Lock()
        # Bytes that were given whole are never copied.
        self._memory: bytes | bytearray = content
        self._descriptor: int | None = None
        self.size = len(content)

    def append(self, content: bytes) -> None:
        with self._lock.held:
            if self._descriptor is not None:
                self._write(self._descriptor, content, self.size)
            else:
                if isinstance(self._memory, bytes):
                    self._memory = bytearray(self._memory)
                self._memory += content
                if len(self._memory) > _IN_MEMORY:
                    self._move_to_file()
            self.size += len(content)

    def _move_to_file(self) -> None:
        with tempfile.TemporaryFile(buffering=0) as file:
            descriptor = os.dup(file.fileno())
        try:
            self._write(descriptor, self._memory, 0)
        except BaseException:
            os.close(descriptor)
            raise
        # In this order, so that other threads find the bytes in one place or the other.
        self._descriptor = descriptor
        self._memory = b""

    @staticmethod
    def _write(descriptor: int, content: bytes | bytearray, start: int) -> None:
        left = memoryview(content)
        if not _HAS_PLACES:
            # A reader of an earlier document moves the place too.
            os.lseek(descriptor, start, os.SEEK_SET)
        while left:
            if _HAS_PLACES:
                written = os.pwrite(descriptor, left, start)
            else:
                written = os.write(descriptor, left)
            start += written
            left = left[written:]

    def read(self, start: int, size: int) -> bytes:
        # In this order; see above.
        memory, descriptor = self._memory, self._descriptor
        if descriptor is None:
            return bytes(memory[start : start + size])
        if _HAS_PLACES:
            return self._read(descriptor, start, size)
        with self._lock.held:
            os.lseek(descriptor, start, os.SEEK_SET)
            return self._read(descriptor, start, size)

    @staticmethod
    def _read(descriptor: int, start: int, size: int) -> bytes:
        pieces: list[bytes] = []
        while size:
            piece = os.pread(descriptor, size, start) if _HAS_PLACES else os.read(descriptor, size)
            if not piece:
                raise OSError("the temporary file of a document was cut short")
            pieces.append(piece)
            start += len(piece)
            size -= len(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def close(self) -> None:
        with self._lock.held:
            descriptor, self._descriptor = self._descriptor, None
            self._memory = b""
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        # Where the constructor failed, the attributes are missing.
        if getattr(self, "_descriptor", None) is not None:
            self.close()


class DocumentStore:
    """Takes the documents of one answer, so that they share one temporary file."""

    __slots__ = ("_bytes", "_start")

    def __init__(self) -> None:
        self._bytes = _Bytes()
        self._start = 0

    def write(self, content: bytes) -> None:
        """Adds to the document at hand.

        Raises:
            OSError: The temporary file cannot be made or written.
        """
        self._bytes.append(content)

    def complete(self) -> ReceivedDocument:
        """Ends the document at hand; what is written from now on belongs to the next one."""
        start, self._start = self._start, self._bytes.size
        return _Stored(self._bytes, start, self._start - start)

    def discard(self) -> None:
        """Drops everything, the documents that were completed included."""
        self._bytes.close()


class ReceivedDocument:
    """The bytes of a document that came from a vendor.

    Small ones are held in memory. Larger ones lie in a temporary file without a name, in the folder
    that ``tempfile`` chooses (``TMPDIR``), and go away with the object. It never changes, and
    any number of threads may read it. Its representation shows its size alone.

    Two documents are equal where their bytes are; one equals ``bytes`` of the same content too. To
    pickle or hash one reads it into memory.

    Args:
        content: The bytes.
    """

    __slots__ = ("_bytes", "_size", "_start")

    def __init__(self, content: bytes = b"") -> None:
        self._bytes = _Bytes(bytes(content))
        self._start = 0
        self._size = len(content)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self._size

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        # An empty document is true, unlike None.
        return True

    def read(self) -> bytes:
        """Returns all bytes. For large documents prefer ``save`` or ``chunks``."""
        return self._bytes.read(self._start, self._size)

    def __bytes__(self) -> bytes:
        return self.read()

    def chunks(self, size: int = CHUNK) -> Iterator[bytes]:
        """Yields the bytes piece by piece.

        Args:
            size: How many bytes a piece has at most; 1 or more.

        Returns:
            The pieces. Only the last one may be shorter.

        Raises:
            ValueError: The size is no whole number of 1 or more.
        """
        if type(size) is not int or size < 1:
            raise ValueError("size must be a whole number, 1 or more")
        return self._pieces(size)

    def _pieces(self, size: int) -> Iterator[bytes]:
        for start in range(0, self._size, size):
            yield self._bytes.read(self._start + start, min(size, self._size - start))

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the document to a file, which appears under its name only when it is complete.

        It waits for the disk: in asyncio call it as ``await asyncio.to_thread(document.save,
        path)``.

        Args:
            path: The file. One of that name is replaced, and its permissions are kept; until it is
                complete, only its owner may read it. A symbolic link is replaced too: the file that
                it names stays as it is. A device or a pipe is written to.

        Returns:
            The path.

        Raises:
            InvalidRequest: ``path`` is no path.
            OSError: The file cannot be written. What was there before is still there, and nothing
                else.
        """
        target = path_of("." if path == "" else path, "path")
        if not target.name:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
        if _is_special(target):
            with target.open("wb") as file:
                for chunk in self.chunks():
                    file.write(chunk)
            return target
        # In the same folder: within one file system a file is renamed as a whole or not at all.
        partial = _beside(target)
        try:
            with _new_file(partial, 0o600) as file:
                for chunk in self.chunks():
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
                mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            wanted = _mode_of(target)
            # Some file systems have one mode for all files, and refuse to be asked for another.
            if wanted != mode:
                partial.chmod(wanted)
            partial.replace(target)
        except BaseException:
            partial.unlink(missing_ok=True)
            raise
        return target

    def sha256(self) -> str:
        """Returns the SHA-256 of the bytes in hexadecimal digits."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, ReceivedDocument):
            return self._size == other._size and all(
                one == two for one, two in zip(self.chunks(), other.chunks(), strict=True)
            )
        if isinstance(other, bytes | bytearray):
            start = 0
            if self._size != len(other):
                return False
            for chunk in self.chunks():
                if other[start : start + len(chunk)] != chunk:
                    return False
                start += len(chunk)
            return True
        return NotImplemented

    def __hash__(self) -> int:
        # A document equals bytes, so it has the hash of its bytes.
        return hash(self.read())

    def __repr__(self) -> str:
        return f"ReceivedDocument({self._size} bytes)"

    def __reduce__(self) -> tuple[type[ReceivedDocument], tuple[bytes]]:
        return ReceivedDocument, (self.read(),)

    def __copy__(self) -> ReceivedDocument:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> ReceivedDocument:
        return self


def _beside(target: Path) -> Path:
    return target.with_name(f".{os.urandom(8).hex()}.part")


def _new_file(path: Path, mode: int) -> BinaryIO:
    # Path.open takes no opener.
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))


def _is_special(target: Path) -> bool:
    """Whether a name is that of a device or a pipe, which is written to and never replaced."""
    try:
        mode = target.stat().st_mode
    except OSError:
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _mode_of(target: Path) -> int:
    """The permissions of a file that is there, or those that a new one gets."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    # A new, empty file tells: the mask of the process can only be read by changing it, for all of
    # its threads.
    probe = _beside(target)
    try:
        with _new_file(probe, 0o666) as file:
            return stat.S_IMODE(os.fstat(file.fileno()).st_mode)
    finally:
        probe.unlink(missing_ok=True)


class _Stored(ReceivedDocument):
    """A document that shares its place with others."""

    __slots__ = ()

    def __init__(self, held: _Bytes, start: int, size: int) -> None:
        self._bytes = held
        self._start = start
        self._size = size


def discard_documents(documents: Iterable[ReceivedDocument]) -> None:
    """Drops documents that will not be handed out, without waiting for the garbage collector."""
    for document in documents:
        # No public method: callers would close a file that other documents share.
        held = document._bytes  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        held.close()
