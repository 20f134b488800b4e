"""Reads MTOM answers while they arrive: the envelope is kept, each part goes into a document."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Mapping
from enum import Enum, auto

from esignwire._call import Call, unusable
from esignwire._documents import DocumentStore, Progress, ReceivedDocument, new_token
from esignwire._http import Receiver, ReceiverFactory, tell
from esignwire._xml import DocumentCutter, Element
from esignwire.errors import MalformedResponse, TruncatedResponse

__all__ = ["MtomReader", "document_receiver", "media_type", "resolve_includes"]

_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"

# Documents of parts wait under their address; no token begins so.
_PART = "cid:"

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
    """Takes a Content-Type header apart.

    Args:
        content_type: The header's value.

    Returns:
        The media type in lower case, and its parameters by their names in lower case.
    """
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
        max_kept_bytes: How large the envelope may be once documents are cut out.
        http_status: The HTTP status, for errors.

    Raises:
        MalformedResponse: The Content-Type names no boundary.
    """

    def __init__(
        self, call: Call, parameters: dict[str, str], *, max_kept_bytes: int, http_status: int
    ) -> None:
        self._call = call
        self._http_status = http_status
        boundary = parameters.get("boundary", "")
        if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
            raise self._malformed("its Content-Type names no boundary")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._start = _identifier(parameters.get("start", ""))
        self._cutter = DocumentCutter(call, max_kept_bytes=max_kept_bytes, http_status=http_status)
        self._store = DocumentStore()
        self._documents: dict[str, ReceivedDocument] = {}
        self._state = _State.PREAMBLE
        # As if a line ended before the first delimiter, which may stand at the very beginning.
        self._buffer = b"\r\n"
        self._parts = 0
        self._has_root = False
        # Where the part at hand goes: to the envelope, into a document, or nowhere.
        self._is_root = False
        self._identifier = ""
        # How much of a part is still no content: the line end between its headers and its body.
        self._skip = 0

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Args:
            chunk: The bytes.

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
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise self._malformed(f"it has more than {_MOST_PARTS:,} parts")
        coding = fields.get("content-transfer-encoding", "binary").lower()
        if coding not in {"binary", "8bit", "7bit"}:
            raise self._malformed(f"a part is encoded as {coding[:40]!a}")
        self._identifier = _identifier(fields.get("content-id", ""))
        self._is_root = self._identifier == self._start if self._start else self._parts == 1
        self._skip = len(b"\r\n")
        if self._is_root:
            if self._has_root:
                raise self._malformed("it has two envelopes")
            self._has_root = True
        elif _PART + self._identifier in self._documents:
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
            self._cutter.feed(content)
        elif self._identifier:
            self._store.write(content)

    def _end_part(self) -> None:
        if self._state is _State.BODY and not self._is_root and self._identifier:
            self._documents[_PART + self._identifier] = self._store.complete()

    def discard(self) -> None:
        """Drops what was stored so far: the answer broke off."""
        self._documents.clear()
        self._store.discard()
        self._cutter.discard()

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        """Ends the message.

        Returns:
            The envelope and the documents: :func:`resolve_includes` brings the two together.

        Raises:
            TruncatedResponse: The message ends before its last delimiter.
            MalformedResponse: It has no envelope.
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
        kept, documents = self._cutter.finish()
        return kept, {**self._documents, **documents}

    def _malformed(self, why: str) -> MalformedResponse:
        return unusable(
            MalformedResponse,
            f"the multipart answer cannot be read: {why}",
            self._call,
            self._http_status,
        )


def resolve_includes(
    root: Element, documents: dict[str, ReceivedDocument], call: Call, http_status: int
) -> None:
    """Exchanges each ``xop:Include`` for a token, as if its document had stood there in base64.

    Args:
        root: The envelope.
        documents: The documents; those of parts move under a token where they are referred to, and
            leave where they are not.
        call: The call, for errors.
        http_status: The HTTP status, for errors.

    Raises:
        MalformedResponse: A part is missing, or a reference does not stand alone.
    """
    for include in list(root.iter(_INCLUDE)):
        scheme, _, reference = (include.get("href") or "").partition(":")
        document = None
        if scheme.lower() == "cid":
            # As it should be written, and as some write it.
            document = documents.get(_PART + urllib.parse.unquote(reference)) or documents.get(
                _PART + reference
            )
        holder = include.getparent()
        if document is None or holder is None:
            raise unusable(
                MalformedResponse,
                "the envelope refers to a part that is not there",
                call,
                http_status,
            )
        if len(holder) != 1 or (holder.text or "").strip() or (include.tail or "").strip():
            raise unusable(
                MalformedResponse,
                "the envelope refers to a part where other content stands too",
                call,
                http_status,
            )
        holder.remove(include)
        token = new_token()
        documents[token] = document
        holder.text = token
    for name in [name for name in documents if name.startswith(_PART)]:
        del documents[name]


class _Watched:
    """Tells how far an answer has come."""

    def __init__(self, receiver: Receiver, progress: Progress, total: int | None) -> None:
        self._receiver = receiver
        self._progress = progress
        self._total = total
        self._come = 0

    def feed(self, chunk: bytes) -> None:
        self._receiver.feed(chunk)
        self._come += len(chunk)
        tell(self._progress, self._come, self._total)

    def discard(self) -> None:
        self._receiver.discard()

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        return self._receiver.finish()


def document_receiver(
    call: Call, *, max_kept_bytes: int, progress: Progress | None
) -> ReceiverFactory:
    """Makes what takes in the answers to one call.

    Args:
        call: The call.
        max_kept_bytes: How large an answer may be beside its documents.
        progress: Is told how far an answer has come.

    Returns:
        The factory. MTOM answers are taken apart, documents are cut out of XML.
    """

    def make(http_status: int, headers: Mapping[str, str]) -> Receiver:
        receiver: Receiver
        content_type = headers.get("content-type", "")
        kind, parameters = media_type(content_type) if content_type else ("", {})
        if kind == "multipart/related":
            receiver = MtomReader(
                call, parameters, max_kept_bytes=max_kept_bytes, http_status=http_status
            )
        else:
            receiver = DocumentCutter(call, max_kept_bytes=max_kept_bytes, http_status=http_status)
        if progress is None:
            return receiver
        length = headers.get("content-length", "")
        # The length of a compressed answer says nothing about what is in it.
        is_known = length.isascii() and length.isdecimal() and "content-encoding" not in headers
        total = int(length) if is_known else None
        return _Watched(receiver, progress, total)

    return make
