"""Documents beside the XML: what goes up is read when it is sent, what comes down lies in a file.

A document in base64 is a third larger than its bytes, and a tree of it several times that. So a
message never holds one: a random token stands in its place, and the bytes are spliced in while the
message is sent, or cut out while it arrives.
"""

from __future__ import annotations

import errno
import hashlib
import io
import os
import secrets
import stat
import tempfile
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO, Protocol, cast

__all__ = [
    "DocumentSource",
    "DocumentStore",
    "Progress",
    "ReceivedDocument",
    "Upload",
    "discard_documents",
    "new_token",
    "upload_of",
]

# A token is valid base64, so that a message with it can be validated against its schema.
_TOKEN_BYTES = 24
# Three bytes make four characters: a multiple of three needs no padding between chunks. A chunk
# fits a cache and, encoded and escaped, is still below 128 KiB: larger pieces of memory come from
# the system each time, page by page, which costs more than all that is done with them.
_CHUNK = 3 * 28 * 1024
# Below this a file is not worth its handle.
_IN_MEMORY = 1024 * 1024
# Whether bytes can be read and written at a place that the call names. Windows cannot.
_HAS_PLACES = hasattr(os, "pread")


def new_token() -> str:
    """Makes a text that stands for a document; nobody can guess it, so nobody can forge it."""
    return secrets.token_hex(_TOKEN_BYTES)


class _Bytes:
    """Where documents lie, one after the other: in memory first, then in a temporary file.

    The file has no name and goes away with the last document in it. It is held by its number:
    Python's own file objects complain where nobody closes them, and nobody needs to here.

    Whoever reads says where and takes no lock. The place of the file itself and a lock that is held
    would both be shared with a forked process.
    """

    __slots__ = ("_descriptor", "_lock", "_memory", "size")

    def __init__(self, content: bytes = b"") -> None:
        self._lock = threading.Lock()
        # Bytes that were given whole are never copied.
        self._memory: bytes | bytearray = content
        self._descriptor: int | None = None
        self.size = len(content)

    def append(self, content: bytes) -> None:
        with self._lock:
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
        # In this order, so that whoever reads meanwhile finds the bytes in one place or the other.
        self._descriptor = descriptor
        self._memory = b""

    @staticmethod
    def _write(descriptor: int, content: bytes | bytearray, start: int) -> None:
        left = memoryview(content)
        if not _HAS_PLACES:
            # Whoever reads an earlier document moves the place too.
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
        with self._lock:
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
        with self._lock:
            descriptor, self._descriptor = self._descriptor, None
            self._memory = b""
        if descriptor is not None:
            os.close(descriptor)

    def __del__(self) -> None:
        # Nothing is there yet where the constructor failed.
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

        Args:
            content: The next bytes.

        Raises:
            OSError: The temporary file cannot be made or written.
        """
        self._bytes.append(content)

    def complete(self) -> ReceivedDocument:
        """Ends the document at hand; what is written from now on belongs to the next one.

        Returns:
            The document.
        """
        start, self._start = self._start, self._bytes.size
        return _Stored(self._bytes, start, self._start - start)

    def discard(self) -> None:
        """Drops everything, the documents that were completed included."""
        self._bytes.close()


class ReceivedDocument:
    """The bytes of a document that came from a vendor.

    Small ones are held in memory. Larger ones lie in a temporary file without a name, in the folder
    that :mod:`tempfile` chooses (``TMPDIR``), and go away with the object. It never changes, and
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
        # An empty document is one, unlike None.
        return True

    def read(self) -> bytes:
        """Returns all bytes. For large documents prefer :meth:`save` or :meth:`chunks`."""
        return self._bytes.read(self._start, self._size)

    def __bytes__(self) -> bytes:
        return self.read()

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """Yields the bytes piece by piece.

        Args:
            size: How many bytes a piece has at most; 1 or more.

        Returns:
            The pieces. Only the last one may be shorter.

        Raises:
            ValueError: The size is less than 1.
        """
        if size < 1:
            raise ValueError("size must be 1 or more")
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
                it names stays as it is.

        Returns:
            The path.

        Raises:
            OSError: The file cannot be written. What was there before is still there, and nothing
                else.
        """
        target = Path(path)
        if not target.name:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
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
        # What is equal has the same hash, and bytes have theirs.
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
    return target.with_name(f".{secrets.token_hex(8)}.part")


def _new_file(path: Path, mode: int) -> BinaryIO:
    # Path.open takes no opener.
    return open(path, "xb", opener=lambda name, flags: os.open(name, flags, mode))


def _mode_of(target: Path) -> int:
    """The permissions of a file that is there, or those that a new one gets."""
    with suppress(FileNotFoundError):
        return stat.S_IMODE(target.stat().st_mode)
    # Only a new file tells: the mask of the process can be read by changing it alone, for all of
    # its threads. It never holds a byte.
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
    """Drops documents that nobody will get, without waiting for the garbage collector.

    Args:
        documents: The documents, with whatever shares their place.
    """
    for document in documents:
        # No method of the class: callers would close what others hold.
        held = document._bytes  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above
        held.close()


DocumentSource = bytes | bytearray | os.PathLike[str] | BinaryIO | ReceivedDocument
"""What can be sent as a document.

Bytes, a path (:class:`pathlib.Path`; a ``str`` is refused, since it might be the content), a binary
file that was opened for reading, or a document that came before. A file is read when it is sent and
must stay as it is until the call ends. An open file is sent from where it stands, which only one
call at a time can do; it must be able to seek and is left where the reading ended.
"""


Progress = Callable[[int, int | None], None]
"""Is told how many bytes of a message have gone or come, and how many there are if that is known.

The bytes are those of the message as it travels, base64 and all. The count begins again with each
attempt, and for the answer where both the request and the answer can hold documents. What it raises
ends the call and reaches the caller as it is.
"""


class Upload(Protocol):
    """A document on its way out. It can be read any number of times, as a retry must."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yields its bytes in pieces whose lengths are multiples of three, but for the last.

        Raises:
            OSError: It cannot be read to its end, or is no longer what it was.
        """
        ...


class _Held:
    is_in_memory = True

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)

    def chunks(self) -> Iterator[bytes]:
        view = memoryview(self._content)
        for start in range(0, len(view), _CHUNK):
            yield bytes(view[start : start + _CHUNK])


class _File:
    """A file by its path: opened when it is read, and anew for each attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A pipe would wait for ever, and a folder has a size too.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _Unusable("the path of a regular file")
        with path.open("rb") as file:
            self._identity = _identity(file)
            self.size = file.seek(0, io.SEEK_END)

    def chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            self._check(file)
            yield from _read(file, self.size)
            # A document that changed half-way is neither the old one nor the new one. It is cut
            # off here, for the message goes on behind it.
            self._check(file)

    def _check(self, file: BinaryIO) -> None:
        if _identity(file) != self._identity:
            raise OSError("the file changed after the message was made")


def _identity(file: BinaryIO) -> tuple[int, int, int, int]:
    found = os.fstat(file.fileno())
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


class _Open:
    """An open file: read from where it stands, and from there again by each attempt."""

    def __init__(self, file: BinaryIO) -> None:
        try:
            # A text file reads text, whatever its annotation says.
            nothing = cast("object", file.read(0))
            usable = file.readable() and isinstance(nothing, bytes)
        except (AttributeError, OSError, TypeError, ValueError):
            usable = False
        if not usable:
            raise _Unusable('a file that is open for reading in binary mode ("rb")')
        if not file.seekable():
            raise _Unusable("an open file that can seek, since its length is sent ahead")
        self._file = file
        self._start = file.tell()
        self.size = max(0, file.seek(0, io.SEEK_END) - self._start)
        file.seek(self._start)

    def chunks(self) -> Iterator[bytes]:
        file = self._file
        with _os_errors_only():
            position = file.seek(self._start)
            for chunk in _read(file, self.size):
                position += len(chunk)
                yield chunk
                if file.tell() != position:
                    raise OSError("something else moved the open file while it was sent")
            if file.read(1):
                raise OSError("the file grew while it was sent")


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Reads exactly what was announced."""
    left = size
    while left:
        chunk = b""
        wanted = min(_CHUNK, left)
        while len(chunk) < wanted:
            more = file.read(wanted - len(chunk))
            if not more:
                raise OSError("the file became shorter while it was sent")
            chunk += more
        if len(chunk) > wanted:
            raise OSError("the open file gave more bytes than it was asked for")
        left -= len(chunk)
        yield chunk


class _Unusable(ValueError):
    """What was given is no document. The words are ours, so that they may be shown."""


@contextmanager
def _os_errors_only() -> Generator[None]:
    """An open file may be anybody's, and raise whatever it likes: gzip alone has three kinds."""
    try:
        yield
    except (OSError, _Unusable):
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"it raised {type(error).__name__}") from error


def upload_of(source: object) -> Upload:
    """Prepares a document for sending; nothing but its size is read.

    Args:
        source: Bytes, a path, an open binary file that can seek, or a document that came before.

    Returns:
        The upload.

    Raises:
        OSError: The file is not there or cannot be read; the cause is what an open file raised.
        ValueError: It is none of these; the text says what it must be.
    """
    with _os_errors_only():
        return _upload_of(source)


def _upload_of(source: object) -> Upload:
    if isinstance(source, bytes | bytearray):
        return _Held(bytes(source))
    if isinstance(source, ReceivedDocument):
        return source
    if isinstance(source, os.PathLike):
        return _File(Path(os.fsdecode(cast("os.PathLike[str]", source))))
    if hasattr(source, "read") and hasattr(source, "seekable"):
        return _Open(cast("BinaryIO", source))
    raise _Unusable("bytes, a pathlib.Path or an open binary file")
