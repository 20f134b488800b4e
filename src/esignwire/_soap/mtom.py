"""MTOM answers, read while they arrive: the envelope is kept, each part goes into a document."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from enum import Enum, auto

from esignwire._call import Call, status_error, unusable
from esignwire._documents import DocumentStore, ReceivedDocument, new_token
from esignwire._http import Receiver, ReceiverFactory
from esignwire._soap.envelope import ENVELOPE_NAMESPACES
from esignwire._xml import ReceivedXml, XmlLimits, XmlReader
from esignwire.errors import MalformedResponse, ResponseError, TruncatedResponse

__all__ = ["MtomReader", "document_receiver", "media_type"]

_LONGEST_HEAD = 16 * 1024

_LONGEST_BOUNDARY = 200

_MOST_PARTS = 1_000

_PARAMETER = re.compile(
    r""";\s*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*+)"|([^\s;"]*))"""
)

_QUOTED_CHARACTER = re.compile(r"\\(.)")

_FOLDED = re.compile(r"\r\n[ \t]+")


class _State(Enum):
    PREAMBLE = auto()
    HEAD = auto()
    BODY = auto()
    END = auto()


def media_type(content_type: str) -> tuple[str, dict[str, str]]:
    """Takes a Content-Type header apart: the media type in lower case, and its parameters."""
    parameters: dict[str, str] = {}
    for name, quoted, plain in _PARAMETER.findall(content_type):
        parameters.setdefault(name.lower(), _QUOTED_CHARACTER.sub(r"\1", quoted) or plain)
    return content_type.partition(";")[0].strip().lower(), parameters


def _fields(head: bytes) -> dict[str, str]:
    """Reads the headers of a part; what is no header is none of ours."""
    fields: dict[str, str] = {}
    for line in _FOLDED.sub(" ", head.decode("utf-8", "replace")).split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            fields.setdefault(name.strip().lower(), value.strip())
    return fields


def _identifier(content_id: str) -> str:
    return content_id.strip().removeprefix("<").removesuffix(">")


class MtomReader:
    """Takes a multipart/related body chunk by chunk.

    Args:
        call: The call, for errors.
        parameters: The parameters of its Content-Type.
        envelope: Takes the part that holds the envelope.
        http_status: The HTTP status, for errors.

    Raises:
        MalformedResponse: The Content-Type names no boundary.
    """

    def __init__(
        self, call: Call, parameters: dict[str, str], *, envelope: XmlReader, http_status: int
    ) -> None:
        self._call = call
        self._http_status = http_status
        boundary = parameters.get("boundary", "")
        if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
            raise self._malformed("its Content-Type names no boundary")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._start = _identifier(parameters.get("start", ""))
        self._envelope = envelope
        self._store = DocumentStore()
        self._parts: dict[str, ReceivedDocument] = {}
        self._state = _State.PREAMBLE
        # As if a line ended before the first delimiter, which may stand at the very beginning.
        self._buffer = b"\r\n"
        self._count = 0
        self._has_root = False
        # Where the part at hand goes: to the envelope, into a document, or nowhere.
        self._is_root = False
        self._identifier = ""
        # How much of a part is still no content: the line end between its headers and its body.
        self._skip = 0

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            MalformedResponse: It is no multipart message of a kind that can be read.
            ResponseTooLarge: The envelope is larger than allowed.
            OSError: A document cannot be stored.
        """
        self._buffer += chunk
        while self._advance():
            pass

    def _advance(self) -> bool:
        """Makes one step; returns whether another may follow."""
        if self._state is _State.END:
            self._buffer = b""
            return False
        if self._state is _State.HEAD:
            return self._head()
        found = self._buffer.find(self._delimiter)
        # After a delimiter come two characters that tell whether it is the last one.
        if found < 0 or len(self._buffer) < found + len(self._delimiter) + 2:
            safe = len(self._buffer) - len(self._delimiter) if found < 0 else found
            if safe > 0:
                self._take(self._buffer[:safe])
                self._buffer = self._buffer[safe:]
            return False
        self._take(self._buffer[:found])
        self._end_part()
        after = found + len(self._delimiter)
        is_last = self._buffer[after : after + 2] == b"--"
        self._buffer = self._buffer[after:]
        self._state = _State.END if is_last else _State.HEAD
        return True

    def _head(self) -> bool:
        # What stands on the line of the delimiter, such as blanks, is part of no header.
        end = self._buffer.find(b"\r\n\r\n")
        if (end if end >= 0 else len(self._buffer)) > _LONGEST_HEAD:
            raise self._malformed("a part has endless headers")
        if end < 0:
            return False
        fields = _fields(self._buffer[:end].partition(b"\r\n")[2])
        # The line end that closes the headers also opens the delimiter of an empty part.
        self._buffer = self._buffer[end + 2 :]
        self._begin_part(fields)
        self._state = _State.BODY
        return True

    def _begin_part(self, fields: dict[str, str]) -> None:
        self._count += 1
        if self._count > _MOST_PARTS:
            raise self._malformed(f"it has more than {_MOST_PARTS:,} parts")
        coding = fields.get("content-transfer-encoding", "binary").lower()
        if coding not in {"binary", "8bit", "7bit"}:
            raise self._malformed(f"a part is encoded as {coding[:40]!a}")
        self._identifier = _identifier(fields.get("content-id", ""))
        self._is_root = self._identifier == self._start if self._start else self._count == 1
        self._skip = len(b"\r\n")
        if self._is_root:
            if self._has_root:
                raise self._malformed("it has two envelopes")
            self._has_root = True
        elif self._identifier in self._parts:
            raise self._malformed("two parts have the same Content-ID")

    def _take(self, content: bytes) -> None:
        if self._state is not _State.BODY:
            return
        skipped = min(self._skip, len(content))
        self._skip -= skipped
        content = content[skipped:]
        if not content:
            return
        if self._is_root:
            self._envelope.feed(content)
        elif self._identifier:
            self._store.write(content)

    def _end_part(self) -> None:
        if self._state is _State.BODY and not self._is_root and self._identifier:
            self._parts[self._identifier] = self._store.complete()

    def discard(self) -> None:
        """Drops what was stored so far: the answer broke off."""
        self._store.discard()
        self._envelope.discard()

    def finish(self) -> ReceivedXml:
        """Ends the message: the envelope, and the documents that it holds or refers to.

        Raises:
            TruncatedResponse: The message ends before its last delimiter.
            MalformedResponse: It has no envelope, or the envelope refers to a part that is missing.
            HttpStatusError: The HTTP status means failure, and the envelope cannot be read.
            ResponseError: The envelope cannot be read.
        """
        if self._state is not _State.END:
            raise unusable(
                TruncatedResponse,
                "the multipart answer ends before its last part is complete",
                self._call,
                self._http_status,
            )
        if not self._has_root:
            raise self._malformed("it has no envelope")
        try:
            received = self._envelope.finish()
        except ResponseError as error:
            if 200 <= self._http_status < 300:
                raise
            raise status_error(self._http_status, self._call, "SOAP fault") from error
        _resolve_includes(received, self._parts, self._call, self._http_status)
        return received

    def _malformed(self, why: str) -> MalformedResponse:
        return unusable(
            MalformedResponse,
            f"the multipart answer cannot be read: {why}",
            self._call,
            self._http_status,
        )


def _resolve_includes(
    received: ReceivedXml, parts: Mapping[str, ReceivedDocument], call: Call, http_status: int
) -> None:
    """Exchanges each reference to a part for a token, as if the document had stood there in base64.

    A reference where the schema knows no document stays in the envelope. ``parts`` are known by
    their Content-ID.

    Raises:
        MalformedResponse: A part is missing, or a reference does not stand alone.
    """
    for include in received.includes:
        scheme, _, reference = (include.get("href") or "").partition(":")
        # As it should be written, and as some write it.
        document = parts.get(urllib.parse.unquote(reference)) or parts.get(reference)
        holder = include.getparent()
        if document is None or holder is None or scheme.lower() != "cid":
            what = "the envelope refers to a part that is not there"
            raise unusable(MalformedResponse, what, call, http_status)
        if len(holder) != 1 or (holder.text or "").strip() or (include.tail or "").strip():
            what = "the envelope refers to a part where other content stands too"
            raise unusable(MalformedResponse, what, call, http_status)
        holder.remove(include)
        holder.text = new_token()
        received.documents[holder.text] = document
    received.includes.clear()


def document_receiver(
    call: Call,
    *,
    max_kept_bytes: int,
    documents: frozenset[str] = frozenset(),
    namespaces: frozenset[str] = frozenset(),
) -> ReceiverFactory:
    """Makes what takes in the answers to one call.

    Successful answers are read as they come, MTOM answers are taken apart. ``max_kept_bytes`` is
    how large an answer may be beside its documents.
    """
    due = frozenset(f"Envelope/Body/{place}" for place in documents)
    limits = XmlLimits(max_bytes=max_kept_bytes)

    def make(http_status: int, headers: Mapping[str, str]) -> Receiver | None:
        content_type = headers.get("content-type", "")
        kind, parameters = media_type(content_type) if content_type else ("", {})
        is_package = kind == "multipart/related"
        is_success = 200 <= http_status < 300
        if not is_success and not is_package:
            return None
        envelope = XmlReader(
            call,
            limits=limits,
            http_status=http_status,
            content_type=content_type,
            # An error holds none; what is wrong with its envelope shows at its end.
            documents=due if is_success else frozenset(),
            namespaces=namespaces | ENVELOPE_NAMESPACES,
        )
        if not is_package:
            return envelope
        return MtomReader(call, parameters, envelope=envelope, http_status=http_status)

    return make
