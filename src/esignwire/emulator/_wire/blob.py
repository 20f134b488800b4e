"""Blobs: bytes of any number outside of memory, which are bodies, documents or parts of either.

What is small stays in memory, the rest lies in a temporary file without a name, which goes away
with the last blob that shows a part of it.
"""

from __future__ import annotations

import hashlib
import tempfile
import threading
import weakref
from collections.abc import Iterator
from typing import IO, cast

__all__ = ["PIECE", "Blob", "BlobWriter"]

PIECE = 1024 * 1024
_IN_MEMORY = 1024 * 1024


class _Storage:
    """A temporary file that several readers share."""

    def __init__(self) -> None:
        # Python warns of a file that is not closed: the finalizer closes it with its last owner.
        self._file = cast(
            "IO[bytes]",
            tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY),  # noqa: SIM115  # see above
        )
        self._lock = threading.Lock()
        weakref.finalize(self, self._file.close)

    def write(self, data: bytes) -> None:
        with self._lock:
            self._file.write(data)

    def read(self, place: int, size: int) -> bytes:
        with self._lock:
            self._file.seek(place)
            return self._file.read(size)


class Blob:
    """A run of bytes that does not change. Copies of it are itself.

    Args:
        storage: Where the bytes lie; made by ``BlobWriter``.
        start: Where they begin.
        size: How many there are.
    """

    def __init__(self, storage: _Storage, start: int, size: int) -> None:
        self._storage = storage
        self._start = start
        self.size = size

    @classmethod
    def of(cls, data: bytes) -> Blob:
        """Make a blob of bytes at hand."""
        writer = BlobWriter()
        writer.append(data)
        return writer.sealed()

    def slice(self, start: int, end: int) -> Blob:
        """Show a part. Nothing is copied."""
        start = min(max(start, 0), self.size)
        return Blob(self._storage, self._start + start, max(min(end, self.size) - start, 0))

    def chunks(self, most: int = PIECE) -> Iterator[bytes]:
        """Go through the bytes in pieces of ``most`` bytes at most."""
        place, end = self._start, self._start + self.size
        while place < end:
            piece = self._storage.read(place, min(most, end - place))
            place += len(piece)
            yield piece

    def read(self) -> bytes:
        """Read all bytes into memory."""
        return b"".join(self.chunks())

    def digest(self) -> bytes:
        """Compute the SHA-256 of the bytes."""
        digest = hashlib.sha256()
        for piece in self.chunks():
            digest.update(piece)
        return digest.digest()

    def begins_with(self, other: Blob) -> bool:
        """Tell whether the bytes begin with those of another blob, or are the same."""
        start = self.slice(0, other.size)
        return start.size == other.size and all(
            mine == its for mine, its in zip(start.chunks(), other.chunks(), strict=True)
        )

    def __copy__(self) -> Blob:
        return self

    def __deepcopy__(self, memo: object) -> Blob:
        return self

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {self.size} bytes>"


class BlobWriter:
    """Gathers the bytes of a blob."""

    def __init__(self) -> None:
        self._storage = _Storage()
        self.size = 0

    def append(self, data: bytes) -> None:
        """Add bytes at the end."""
        self._storage.write(data)
        self.size += len(data)

    def sealed(self) -> Blob:
        """End the writing, and give all that was written."""
        return Blob(self._storage, 0, self.size)
