"""Multipart bodies (RFC 2046), taken apart without copying their parts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from esignwire.emulator._wire.blob import PIECE, Blob

__all__ = ["MultipartRefused", "Part", "read_parts"]

_LONGEST_BOUNDARY = 70
_LARGEST_HEAD = 16 * 1024
_MOST_PARTS = 1000


class MultipartRefused(ValueError):
    """A body that is no multipart body; the message says why."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part, with the names of its headers in lower case."""

    headers: dict[str, str]
    content: Blob


def read_parts(body: Blob, boundary: str) -> list[Part]:
    """Take a body apart.

    Raises:
        MultipartRefused: It is malformed or cut off.
    """
    if not 0 < len(boundary) <= _LONGEST_BOUNDARY or not boundary.isascii():
        raise MultipartRefused("The Content-Type names no boundary of 1 to 70 characters.")
    mark = b"--" + boundary.encode("ascii")
    parts: list[Part] = []
    start: int | None = None
    for place in _places(body, mark):
        if start is not None:
            # The line break before a boundary belongs to the boundary.
            parts.append(_part(body.slice(start, place - 2)))
        tail = body.slice(place + len(mark), place + len(mark) + 256).read()
        if tail.startswith(b"--"):
            return parts
        if len(parts) >= _MOST_PARTS:
            raise MultipartRefused(f"The body has more than {_MOST_PARTS} parts.")
        padding, line, _ = tail.partition(b"\r\n")
        if not line or padding.strip(b" \t"):
            raise MultipartRefused("A boundary is not followed by a line break.")
        start = place + len(mark) + len(padding) + 2
    raise MultipartRefused("The body ends before its closing boundary.")


def _places(body: Blob, mark: bytes) -> Iterator[int]:
    """Find where the boundary stands at the beginning of a line."""
    # Another boundary may begin with the same characters, so that one more tells them apart.
    delimiter = re.compile(re.escape(b"\r\n" + mark) + rb"(?=[-\r \t])")
    longest = len(mark) + 2
    # As if a line break stood before the body, for the boundary that opens it.
    buffer, place = b"\r\n", -2
    for piece in body.chunks(PIECE):
        buffer += piece
        for found in delimiter.finditer(buffer):
            yield place + found.start() + 2
        keep = min(longest, len(buffer))
        place += len(buffer) - keep
        buffer = buffer[len(buffer) - keep :]


def _part(part: Blob) -> Part:
    start = part.slice(0, _LARGEST_HEAD).read()
    if start.startswith(b"\r\n"):
        return Part({}, part.slice(2, part.size))
    head, blank, _ = start.partition(b"\r\n\r\n")
    if not blank:
        raise MultipartRefused("A part has no blank line after its headers.")
    headers: dict[str, str] = {}
    # A line that begins with white space goes on with the one before.
    lines = head.decode("latin-1").replace("\r\n ", " ").replace("\r\n\t", " ").split("\r\n")
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise MultipartRefused("A part has a malformed header.")
        if headers.setdefault(name.strip().lower(), value.strip()) != value.strip():
            raise MultipartRefused("A part has a header twice.")
    return Part(headers, part.slice(len(head) + 4, part.size))
