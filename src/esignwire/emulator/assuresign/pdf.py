"""Looks at a PDF as far as it takes to tell whether it is one, and whole.

The beginning and the end, the cross-reference tables, the trailer, the catalogue and the tree of
pages, strictly as ISO 32000 has them. Nothing is drawn, so that what a page shows may be damaged
unnoticed. The file is read in pieces, whatever its size, and a file that takes more time, reads or
bytes than any ordinary one is taken for damaged.

pypdf reads it. Importing that takes a while, so this module is imported where it is first needed.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import cast

from pypdf import PdfReader, apply_configuration
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    IndirectObject,
    NullObject,
    NumberObject,
    PdfObject,
    StreamObject,
    TextStringObject,
    read_object,
)

from esignwire.emulator._wire import Blob

__all__ = ["Allowance", "NotPdf", "PdfDamaged", "PdfFacts", "look_at_pdf"]

# Readers look for the header and for the end within so many bytes of either end of the file.
_NEAR = 1024
_LONGEST_SECONDS = 20.0
# Far above what objects take, far below what keeps pypdf busy for minutes. What pypdf makes of a
# file grows with the reads and the bytes, so that they bound the memory too.
_MOST_INFLATED = 8 * 1024 * 1024
_MOST_BYTES = 8 * _MOST_INFLATED
_MOST_READS = 2_000_000
_MOST_OBJECTS = 1_000_000
_MOST_OBJECTS_OF_A_STREAM = 100_000
_MOST_ENTRIES_OF_PAGES = 500_000

_HEADER = b"%PDF-"
_END = re.compile(rb"[\r\n]startxref\s{1,16}\d{1,20}\s{1,16}%%EOF")
_BLANKS = (b"\0", b"\t", b"\n", b"\f", b"\r", b" ")
_STRINGS = (ByteStringObject, TextStringObject)

_quietly = threading.Lock()


class NotPdf(Exception):
    """The bytes are no PDF; the message says why."""


class PdfDamaged(Exception):
    """The bytes begin as a PDF, but are not a whole one; the message says why."""


@dataclass(frozen=True, slots=True)
class PdfFacts:
    """What there is to know of a PDF here.

    Args:
        is_encrypted: Whether it is encrypted, with or without a password to open it.
        permanent_id: The part of its file identifier that stays when the file is changed; ``None``
            where it has none.
    """

    is_encrypted: bool
    permanent_id: bytes | None


class Allowance:
    """The time that looking at files may take for one request, waiting for others left out.

    Args:
        clock: Tells the time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left = _LONGEST_SECONDS
        self._latest = 0.0

    @property
    def is_spent(self) -> bool:
        """Whether no time is left."""
        return self._left < 0

    @contextmanager
    def running(self) -> Generator[None]:
        """Let the time run."""
        self._latest = self._clock() + self._left
        try:
            yield
        finally:
            self._left = self._latest - self._clock()

    def check(self) -> None:
        """Stop what runs for too long.

        Raises:
            ValueError: The time is over.
        """
        if self._clock() > self._latest:
            raise ValueError("Reading takes too long.")


class _Work:
    """What is done for one file."""

    def __init__(self, allowance: Allowance) -> None:
        self._allowance = allowance
        self._reads = 0
        self._bytes = 0

    def add(self, size: int, reads: int = 0) -> None:
        self._allowance.check()
        self._reads += reads
        self._bytes += size
        if self._reads > _MOST_READS or self._bytes > _MOST_BYTES:
            raise ValueError("There is too much to read.")


class _Pieces(io.BufferedReader):
    """What pypdf reads from: pieces only, and not for ever."""

    def __init__(self, stream: io.RawIOBase, work: _Work) -> None:
        super().__init__(stream)
        self.work = work

    def read(self, size: int | None = -1, /) -> bytes:
        # pypdf reads all only to search it for what is not where the file says it is, and again
        # for each such object: a damaged file need not be repaired, and may be large.
        if size is None or size < 0:
            raise ValueError("A file is read in pieces.")
        self.work.add(0, reads=1)
        data = super().read(size)
        self.work.add(len(data))
        return data


class _Headed(io.RawIOBase):
    """A file whose first bytes are a header, whatever they were. Nothing is copied."""

    def __init__(self, file: Blob) -> None:
        self._stream = file.stream()

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        return self._stream.seek(offset, whence)

    def readinto(self, buffer: object, /) -> int:
        view = memoryview(cast("bytearray", buffer)).cast("B")
        place = self._stream.tell()
        data = self._stream.read(len(view)) or b""
        if place < len(_HEADER):
            data = (_HEADER[place:] + data[len(_HEADER) - place :])[: len(data)]
        view[: len(data)] = data
        return len(data)


class _ObjectStream:
    """A stream of objects: where each begins, and its bytes, in which nothing is parsed yet."""

    def __init__(self, stream: PdfObject | None, work: _Work) -> None:
        if not isinstance(stream, StreamObject) or cast("object", stream["/Type"]) != "/ObjStm":
            raise ValueError("There is no stream of objects.")
        count, first = stream["/N"], stream["/First"]
        if not isinstance(count, NumberObject) or not isinstance(first, NumberObject):
            raise TypeError("The stream does not say where its objects are.")
        data = stream.get_data()
        work.add(len(data))
        if not (0 <= count <= _MOST_OBJECTS_OF_A_STREAM and 0 <= first <= len(data)):
            raise ValueError("The stream has too many objects, or they begin nowhere.")
        # A null byte is a blank in PDF, though not in Python.
        words = data[:first].replace(b"\0", b" ").split(maxsplit=2 * count)[: 2 * count]
        if len(words) < 2 * count or not all(map(bytes.isdigit, words)):
            raise ValueError("The stream does not say where its objects are.")
        numbers = list(map(int, words[::2]))
        places = [first + int(place) for place in words[1::2]]
        if places != sorted(set(places)):
            raise ValueError("The objects of the stream are out of order.")
        self._places = dict(zip(reversed(numbers), reversed(places), strict=True))
        self._pieces = _Pieces(cast("io.RawIOBase", io.BytesIO(data)), work)

    def read(self, number: int, reader: PdfReader) -> PdfObject:
        self._pieces.seek(self._places[number])
        # Blanks may stand before an object, and are not expected there.
        while self._pieces.read(1) in _BLANKS:
            pass
        self._pieces.seek(-1, io.SEEK_CUR)
        return read_object(self._pieces, reader)


class _Reader(PdfReader):
    """pypdf's reader, kept from what takes for ever.

    Where pypdf parses every object of a stream for the first one that is asked for, and from a
    copy of its own, only what is asked for is parsed here, and from pieces.
    """

    def __init__(self, stream: _Pieces) -> None:
        self._work = stream.work
        # None while the stream is opened.
        self._object_streams: dict[int, _ObjectStream | None] = {}
        super().__init__(
            stream,
            strict=True,
            # No limit but zero keeps pypdf from looking for another catalogue.
            root_object_recovery_limit=0,
            xref_stream_maximum_entries=_MOST_OBJECTS,
        )

    @property
    def is_encrypted(self) -> bool:
        """Whether to decrypt: never, as pypdf would fail without the packages for it."""
        return False

    def get_object(self, indirect_reference: int | IndirectObject) -> PdfObject | None:
        """Find an object."""
        if isinstance(indirect_reference, int):
            indirect_reference = IndirectObject(indirect_reference, 0, self)
        number, generation = indirect_reference.idnum, indirect_reference.generation
        if (
            generation
            or number not in self.xref_objStm
            or (generation, number) in self.resolved_objects
        ):
            return super().get_object(indirect_reference)
        self._work.add(0)
        return self.cache_indirect_object(0, number, self._object_of_a_stream(number))

    def _object_of_a_stream(self, number: int) -> PdfObject:
        place: int = self.xref_objStm[number][0]
        if place not in self._object_streams:
            self._object_streams[place] = None
            opened = _ObjectStream(self.get_object(place), self._work)
            self._object_streams[place] = opened
        found = self._object_streams[place]
        if found is None:
            raise ValueError("A stream of objects holds what must be known to read it.")
        return found.read(number, self)


def look_at_pdf(file: Blob, allowance: Allowance | None = None) -> PdfFacts:
    """Look at a PDF.

    Args:
        file: The bytes.
        allowance: How much time there is; by default the most.

    Returns:
        What there is to know.

    Raises:
        NotPdf: They are no PDF.
        PdfDamaged: They are not a whole PDF, or looking at it takes too much.
    """
    allowance = allowance or Allowance()
    with _bounded(), allowance.running():
        reader = _opened(file, _Work(allowance))
        is_encrypted = "/Encrypt" in reader.trailer
        # The streams of an encrypted file cannot be looked into.
        if not is_encrypted:
            with _damage("Its pages cannot be read."):
                count = len(reader.pages)
            if not count:
                raise PdfDamaged("It has no page.")
        return PdfFacts(is_encrypted=is_encrypted, permanent_id=_permanent_id(reader))


def _permanent_id(reader: PdfReader) -> bytes | None:
    with _damage("Its identifier cannot be read."):
        identifiers = reader.trailer.get("/ID", NullObject()).get_object()
    if not isinstance(identifiers, ArrayObject) or not identifiers:
        return None
    first = identifiers[0]
    return first.original_bytes if isinstance(first, _STRINGS) else None


def _opened(file: Blob, work: _Work) -> PdfReader:
    """Read the cross-reference tables and the trailer."""
    header = file.slice(0, _NEAR).read().find(_HEADER)
    if header < 0:
        raise NotPdf("It does not begin as a PDF does.")
    start = max(file.size - 2 * _NEAR, 0)
    end = max(
        (start + found.end() for found in _END.finditer(file.slice(start, file.size).read())),
        default=0,
    )
    if not end or file.size - end > _NEAR:
        raise PdfDamaged("It has no end.")
    # Where something stands before the header, some programs count from the header on, ...
    try:
        return _reader(file.slice(header, end).stream(), work)
    except PdfDamaged:
        if not header:
            raise
    # ... others from the first byte.
    return _reader(_Headed(file.slice(0, end)), work)


def _reader(stream: io.RawIOBase, work: _Work) -> PdfReader:
    with _damage("Its cross-reference table or its trailer cannot be read."):
        reader = _Reader(_Pieces(stream, work))
    if "/Root" not in reader.trailer:
        raise PdfDamaged("Its trailer names no catalogue.")
    return reader


@contextmanager
def _bounded() -> Generator[None]:
    """Keep pypdf within bounds, and from writing what it thinks of a file into logs."""
    log = logging.getLogger("pypdf")
    with (
        _quietly,
        apply_configuration(
            zlib_maximum_output_length=_MOST_INFLATED,
            zlib_maximum_recovery_input_length=0,  # none: what cannot be inflated is damaged
            lzw_maximum_output_length=_MOST_INFLATED,
            run_length_maximum_output_length=_MOST_INFLATED,
            stream_decoding_work_maximum_length=2 * _MOST_INFLATED,
            maximum_declared_stream_length=_MOST_INFLATED,
            page_tree_maximum_page_entries=_MOST_ENTRIES_OF_PAGES,
        ),
    ):
        level = log.level
        log.setLevel(logging.CRITICAL + 1)
        try:
            yield
        finally:
            log.setLevel(level)


@contextmanager
def _damage(reason: str) -> Generator[None]:
    """Take what pypdf raises for damage. Its words quote the file, and are left out."""
    try:
        yield
    except (OSError, MemoryError):  # what ails this machine is not the file's fault
        raise
    except Exception:  # noqa: BLE001  # pypdf: broken files "might cause other Exceptions"
        raise PdfDamaged(reason) from None
