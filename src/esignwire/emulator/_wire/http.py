"""HTTP requests and answers, free of any web framework, and media types."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import parse_qsl

from esignwire.emulator._wire.blob import Blob
from esignwire.emulator.faults import Fault

__all__ = [
    "MediaType",
    "Piece",
    "Stream",
    "WireAnswer",
    "WireRequest",
    "plain_answer",
    "read_media_type",
]

_MOST_QUERY_FIELDS = 100
_TOKEN = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"  # noqa: S105  # the word is RFC 9110's
_TYPE = re.compile(rf"\s*({_TOKEN}/{_TOKEN})\s*", re.ASCII)
_PARAMETER = re.compile(rf';\s*(?:({_TOKEN})=(?:({_TOKEN})|"((?:[^"\\]|\\.)*+)")\s*)?', re.ASCII)


@dataclass(frozen=True, slots=True)
class MediaType:
    """A media type in lower case, empty where the header cannot be read, with its parameters."""

    name: str
    parameters: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request, read whole and within the size limit.

    Args:
        method: The HTTP method in capitals.
        path: The path as it was sent, percent-encoding kept.
        query: The query string as it was sent, without the question mark.
        headers: The headers; names in lower case.
        content: The body.
        base_url: Scheme, host and port by which the caller reached the emulator.
        caller: The address of the caller, where it is known.
        fault: The fault that was ordered for this call and that the vendor plays.
    """

    method: str
    path: str = field(repr=False)
    query: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    content: Blob = field(repr=False)
    base_url: str
    caller: str | None = None
    fault: Fault | None = None

    @property
    def content_type(self) -> MediaType:
        """What the Content-Type header says."""
        return read_media_type(self.headers.get("content-type", ""))

    @property
    def media_type(self) -> str:
        """The media type of the body in lower case, without its parameters."""
        return self.content_type.name

    @property
    def charset(self) -> str | None:
        """The character encoding that the Content-Type header names, if it names one."""
        return self.content_type.parameters.get("charset", "").lower() or None

    def query_fields(self) -> list[tuple[str, str]]:
        """Decode the query string.

        Raises:
            ValueError: Too many fields, or bytes that are no UTF-8.
        """
        return parse_qsl(
            self.query, keep_blank_values=True, errors="strict", max_num_fields=_MOST_QUERY_FIELDS
        )


class Piece(Protocol):
    """A part of an answer that is made while it is sent."""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        ...

    def chunks(self) -> Iterator[bytes]:
        """Make its bytes."""
        ...


@dataclass(frozen=True, slots=True)
class Stream:
    """A body that is not held in memory, piece by piece."""

    pieces: tuple[bytes | Piece, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return sum(len(p) if isinstance(p, bytes) else p.size for p in self.pieces)

    def chunks(self) -> Iterator[bytes]:
        """Make the body in pieces."""
        for piece in self.pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                yield from piece.chunks()

    def shortened(self) -> bytes | Stream:
        """Give the body as bytes where nothing would have to be made first; itself otherwise."""
        if all(isinstance(piece, bytes) for piece in self.pieces):
            return b"".join(self.chunks())
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """One HTTP answer.

    Args:
        status: The HTTP status.
        media_type: The whole value of the Content-Type header.
        content: The body.
        operation: What was played, for the log; never anything that the caller chose freely.
        outcome: How it ended, for the log: a word or a code, never anything of the message.
        headers: Further headers.
    """

    status: int = 200
    media_type: str
    content: bytes | Stream = field(repr=False)
    operation: str = "-"
    outcome: str = "done"
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def size(self) -> int:
        """How many bytes the body has."""
        return len(self.content) if isinstance(self.content, bytes) else self.content.size


def plain_answer(status: int, text: str, **headers: str) -> WireAnswer:
    """Answer in plain text, as a web server does where no message of a vendor's is due.

    In the names of headers, underscores stand for hyphens.
    """
    return WireAnswer(
        status=status,
        media_type="text/plain; charset=utf-8",
        content=text.encode(),
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    )


def read_media_type(header: str) -> MediaType:
    """Read the value of a Content-Type header; a malformed one says nothing."""
    kind = _TYPE.match(header)
    if kind is None:
        return MediaType("", {})
    parameters: dict[str, str] = {}
    place = kind.end()
    while place < len(header):
        found = _PARAMETER.match(header, place)
        if found is None:
            return MediaType("", {})
        if found[1] is not None:
            quoted = found[3]
            value = found[2] if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
            parameters.setdefault(found[1].lower(), value)
        place = found.end()
    return MediaType(kind[1].lower(), parameters)
