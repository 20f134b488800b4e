"""Sources of documents: what goes up, from memory, a path or an open file."""

from __future__ import annotations

import errno
import io
import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Protocol, cast

from esignwire._call import Call
from esignwire._documents.received import CHUNK, ReceivedDocument
from esignwire.errors import InvalidRequest

__all__ = ["DocumentSource", "Progress", "Upload", "check_progress", "upload_of"]

DocumentSource = bytes | bytearray | os.PathLike[str] | BinaryIO | ReceivedDocument
"""What can be sent as a document.

Bytes, a path (``pathlib.Path``; a ``str`` is refused, since it might be the content), a binary
file that was opened for reading, or a document that came before. A file is read when it is sent and
must stay as it is until the call ends. An open file is sent from where it stands, which only one
call at a time can do; it must be able to seek and is left where the reading ended. What is empty,
such as a file that stands at its end, is refused; ``ReceivedDocument(b"")`` is one on purpose.
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
        for start in range(0, len(view), CHUNK):
            yield bytes(view[start : start + CHUNK])


class _File:
    """A file by its path: opened when it is read, and anew for each attempt."""

    def __init__(self, path: Path) -> None:
        self._path = path
        # A pipe would block, and a folder has a size too, so only regular files are taken.
        if not stat.S_ISREG(path.stat().st_mode):
            raise _Unusable("the path of a regular file")
        with path.open("rb") as file:
            self._identity = _identity(file)
            self.size = file.seek(0, io.SEEK_END)

    def chunks(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            self._check(file)
            yield from _read(file, self.size)
            # A file that changed fails the call here, before the rest of the message leaves.
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
        wanted = min(CHUNK, left)
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
    """Turns errors of any kind into an ``OSError``: reading from gzip raises three other kinds."""
    try:
        yield
    except (OSError, _Unusable):
        raise
    except Exception as error:
        raise OSError(errno.EIO, f"it raised {type(error).__name__}") from error


def upload_of(source: object) -> Upload:
    """Prepares a document for sending; nothing but its size is read.

    It is bytes, a path, an open binary file that can seek, or a document that came before.

    Raises:
        OSError: The file is not there or cannot be read; the cause is what an open file raised.
        ValueError: It is none of these; the text says what it must be.
    """
    with _os_errors_only():
        upload = _upload_of(source)
    if not upload.size and not isinstance(source, ReceivedDocument):
        raise _Unusable(
            "a document that is not empty: an open file is sent from where it stands, so go back"
            " with seek(0); to send an empty one on purpose, give ReceivedDocument(b'')"
        )
    return upload


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


def check_progress(progress: Progress | None, call: Call) -> None:
    """Refuses what cannot be told how far a message has gone, before anything is sent.

    Raises:
        InvalidRequest: It is no function.
    """
    given: object = progress
    if given is not None and not callable(given):
        raise InvalidRequest(
            "progress must be a function that takes the bytes that have gone and their number in"
            f" all, or None; a {type(given).__name__} was given; nothing was sent",
            path="progress",
            rule="a function",
            **call.where,
        )
