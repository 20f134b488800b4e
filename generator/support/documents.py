"""Documents beside the XML: what goes up is read when it is sent, what comes down is kept in a file.

A document in base64 is a third larger than its bytes, and a tree of it several times that. So a
message never holds one: a random token stands in its place, and the bytes are spliced in while the
message is sent, or cut out while it arrives.
"""

from __future__ import annotations

import hashlib
import io
import os
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO, Protocol, cast

__all__ = [
    "DocumentSource",
    "Progress",
    "ReceivedDocument",
    "Upload",
    "new_token",
    "upload_of",
]

# A token is valid base64, so that a message with it can be validated against its schema.
_TOKEN_BYTES = 24
# Three bytes make four characters: a multiple of three needs no padding between chunks.
_CHUNK = 3 * 64 * 1024
# Below this a file is not worth its handle.
_IN_MEMORY = 1024 * 1024


def new_token() -> str:
    """Makes a text that stands for a document; nobody can guess it, so nobody can forge it."""
    return secrets.token_hex(_TOKEN_BYTES)


class ReceivedDocument:
    """The bytes of a document that came from a vendor.

    Small ones are held in memory, larger ones in a temporary file that goes away with the object.
    Two documents are equal where their bytes are; one equals a ``bytes`` of the same content too.

    Args:
        content: The bytes.
    """

    __slots__ = ("_file", "_size")

    def __init__(self, content: bytes = b"") -> None:
        self._file: BinaryIO = io.BytesIO(content)
        self._size = len(content)

    @classmethod
    def spooled(cls) -> tuple[ReceivedDocument, BinaryIO]:
        """Makes an empty document together with the file that its writer fills.

        The writer calls :meth:`complete` when all bytes are there.

        Returns:
            The document and its file.
        """
        document = cls.__new__(cls)
        # The file lives as long as the document.
        file = cast("BinaryIO", tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY))  # noqa: SIM115
        document._file = file
        document._size = 0
        return document, file

    def complete(self) -> None:
        """Notes that all bytes were written."""
        self._size = self._file.seek(0, io.SEEK_END)

    @property
    def size(self) -> int:
        """How many bytes there are."""
        return self._size

    def __len__(self) -> int:
        return self._size

    def __bool__(self) -> bool:
        return True

    def read(self) -> bytes:
        """Returns all bytes. For large documents prefer :meth:`save` or :meth:`chunks`."""
        self._file.seek(0)
        return self._file.read()

    def __bytes__(self) -> bytes:
        return self.read()

    def chunks(self, size: int = _CHUNK) -> Iterator[bytes]:
        """Yields the bytes piece by piece.

        Args:
            size: How many bytes a piece has at most.

        Yields:
            The pieces.
        """
        position = 0
        while position < self._size:
            self._file.seek(position)
            chunk = self._file.read(size)
            if not chunk:
                return
            position += len(chunk)
            yield chunk

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Writes the document to a file, which appears under its name only when it is complete.

        Args:
            path: The file. One of that name is replaced.

        Returns:
            The path.

        Raises:
            OSError: The file cannot be written.
        """
        target = Path(path)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        try:
            with os.fdopen(descriptor, "wb") as file:
                self._file.seek(0)
                shutil.copyfileobj(self._file, file, _CHUNK)
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(target)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return target

    def sha256(self) -> str:
        """Returns the SHA-256 of the bytes in hexadecimal digits."""
        digest = hashlib.sha256()
        for chunk in self.chunks():
            digest.update(chunk)
        return digest.hexdigest()

    def __eq__(self, other: object) -> bool:
        if isinstance(other, bytes | bytearray):
            return self._size == len(other) and self.read() == other
        if isinstance(other, ReceivedDocument):
            return self._size == other._size and self.sha256() == other.sha256()
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self.sha256())

    def __repr__(self) -> str:
        return f"ReceivedDocument({self._size} bytes)"

    def __reduce__(self) -> tuple[type[ReceivedDocument], tuple[bytes]]:
        return type(self), (self.read(),)

    def __copy__(self) -> ReceivedDocument:
        return self

    def __deepcopy__(self, memo: dict[int, object]) -> ReceivedDocument:
        return self


DocumentSource = bytes | os.PathLike[str] | BinaryIO | ReceivedDocument
"""What can be sent: bytes, a path, an open binary file, or a document that came before."""


Progress = Callable[[int, int | None], None]
"""Is told how many bytes have gone or come so far, and how many there are where that is known."""


class Upload(Protocol):
    """A document on its way out."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        ...

    @property
    def is_repeatable(self) -> bool:
        """Whether it can be read once more, as a retry must."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Yields its bytes in pieces whose lengths are multiples of three, but for the last."""
        ...


class _Bytes:
    def __init__(self, content: bytes) -> None:
        self._content = content
        self.size = len(content)
        self.is_repeatable = True

    def chunks(self) -> Iterator[bytes]:
        view = memoryview(self._content)
        for start in range(0, len(view), _CHUNK):
            yield bytes(view[start : start + _CHUNK])


class _File:
    """A file by its path: opened when it is read, and anew for each attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.size = path.stat().st_size
        self.is_repeatable = True

    def chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            yield from _read(file, self.size)


class _Open:
    """An open file: read from where it stands, and from there again where it can seek."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        if not file.seekable():
            raise ValueError("an open file must be seekable, since its length is sent ahead")
        self._start = file.tell()
        self.size = file.seek(0, io.SEEK_END) - self._start
        file.seek(self._start)
        self.is_repeatable = True

    def chunks(self) -> Iterator[bytes]:
        self._file.seek(self._start)
        yield from _read(self._file, self.size)


class _Received:
    def __init__(self, document: ReceivedDocument) -> None:
        self._document = document
        self.size = document.size
        self.is_repeatable = True

    def chunks(self) -> Iterator[bytes]:
        return self._document.chunks(_CHUNK)


def _read(file: BinaryIO, size: int) -> Iterator[bytes]:
    """Reads exactly what was announced: a file that changes meanwhile would break the message."""
    left = size
    while left:
        chunk = b""
        wanted = min(_CHUNK, left)
        while len(chunk) < wanted:
            more = file.read(wanted - len(chunk))
            if not more:
                raise OSError("the file became shorter while it was sent")
            chunk += more
        left -= len(chunk)
        yield chunk


def upload_of(source: object) -> Upload:
    """Prepares a document for sending; nothing but its size is read.

    Args:
        source: Bytes, a path, an open binary file that can seek, or a document that came before.

    Returns:
        The upload.

    Raises:
        OSError: The file is not there or cannot be read.
        ValueError: An open file cannot seek, or the source is of another kind.
    """
    if isinstance(source, bytes | bytearray):
        return _Bytes(bytes(source))
    if isinstance(source, ReceivedDocument):
        return _Received(source)
    if isinstance(source, os.PathLike):
        return _File(Path(os.fspath(cast("os.PathLike[str]", source))))
    if hasattr(source, "read") and hasattr(source, "seekable"):
        return _Open(cast("BinaryIO", source))
    raise ValueError("bytes, a path or an open binary file")
