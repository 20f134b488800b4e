"""Looks at a PDF as far as it takes to tell whether it is one, and whole.

The beginning and the end, the cross-reference tables, the trailer, the catalogue and the tree of
pages, strictly as ISO 32000 has them. Nothing is drawn, so that what a page shows may be damaged
unnoticed. The file is read in pieces, whatever its size.

pypdf reads it. Importing that takes a while, so this module is imported where it is first needed.
"""

from __future__ import annotations

import io
import logging
import re
import threading
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import chain

from pypdf import PdfReader, apply_configuration
from pypdf.generic import ArrayObject, ByteStringObject, NullObject, TextStringObject

from esignwire.emulator.blob import Blob

__all__ = ["NotPdf", "PdfDamaged", "PdfFacts", "look_at_pdf", "permanent_id"]

# Readers look for the header and for the end within so many bytes of either end of the file.
_NEAR = 1024
_LONGEST_SECONDS = 20.0
# Far above what objects take, far below what keeps pypdf busy for minutes.
_MOST_INFLATED = 16 * 1024 * 1024

_HEADER = b"%PDF-"
_END = re.compile(rb"[\r\n]startxref\s{1,16}\d{1,20}\s{1,16}%%EOF")
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


class _Reader(PdfReader):
    @property
    def is_encrypted(self) -> bool:
        """Whether to decrypt: never, as pypdf would fail without the packages for it."""
        return False


class _Pieces(io.BufferedReader):
    """What pypdf reads from: pieces only, and not for ever."""

    def __init__(self, file: Blob) -> None:
        super().__init__(file.stream())
        self._latest = time.monotonic() + _LONGEST_SECONDS

    def read(self, size: int | None = -1, /) -> bytes:
        # pypdf reads all only to search it for what is not where the file says it is, and again
        # for each such object: a damaged file need not be repaired, and may be large.
        if size is None or size < 0:
            raise ValueError("A file is read in pieces.")
        if time.monotonic() > self._latest:
            raise ValueError("Reading takes too long.")
        return super().read(size)


def look_at_pdf(file: Blob) -> PdfFacts:
    """Look at a PDF.

    Args:
        file: The bytes.

    Returns:
        What there is to know.

    Raises:
        NotPdf: They are no PDF.
        PdfDamaged: They are not a whole PDF.
    """
    with _bounded():
        reader = _opened(file)
        is_encrypted = "/Encrypt" in reader.trailer
        # The streams of an encrypted file cannot be looked into.
        if not is_encrypted:
            with _damage("Its pages cannot be read."):
                count = len(reader.pages)
            if not count:
                raise PdfDamaged("It has no page.")
        return PdfFacts(is_encrypted=is_encrypted, permanent_id=_permanent_id(reader))


def permanent_id(file: Blob) -> bytes | None:
    """Read the permanent identifier alone, which takes little of the file.

    Args:
        file: The bytes.

    Returns:
        The identifier; ``None`` where there is none, or no trailer that could hold it.
    """
    try:
        with _bounded():
            return _permanent_id(_opened(file))
    except (NotPdf, PdfDamaged):
        return None


def _permanent_id(reader: PdfReader) -> bytes | None:
    with _damage("Its identifier cannot be read."):
        identifiers = reader.trailer.get("/ID", NullObject()).get_object()
    if not isinstance(identifiers, ArrayObject) or not identifiers:
        return None
    first = identifiers[0]
    return first.original_bytes if isinstance(first, _STRINGS) else None


def _opened(file: Blob) -> PdfReader:
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
        return _reader(file.slice(header, end))
    except PdfDamaged:
        if not header:
            raise
    # ... others from the first byte.
    return _reader(Blob.gathered(chain([_HEADER], file.slice(len(_HEADER), end).chunks())))


def _reader(file: Blob) -> PdfReader:
    with _damage("Its cross-reference table or its trailer cannot be read."):
        # No limit but zero keeps pypdf from looking for another catalogue.
        reader = _Reader(_Pieces(file), strict=True, root_object_recovery_limit=0)
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
            stream_decoding_work_maximum_length=4 * _MOST_INFLATED,
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
