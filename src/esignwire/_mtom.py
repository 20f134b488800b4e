"""Reads MTOM answers while they arrive: the envelope is kept, each part goes into a document."""

from __future__ import annotations

import urllib.parse
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from email.policy import HTTP
from enum import Enum, auto
from typing import BinaryIO

from esignwire._call import Call
from esignwire._document_cutter import DocumentCutter
from esignwire.errors import MalformedResponse, TruncatedResponse
from esignwire_generated._documents import ReceivedDocument, new_token
from esignwire_generated._values import Element

__all__ = ["MtomReader", "media_type", "resolve_includes"]

_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
_LONGEST_HEAD = 16 * 1024
_MOST_PARTS = 1_000


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
    message = EmailMessage()
    message["Content-Type"] = content_type.replace("\r", " ").replace("\n", " ")
    header = message["Content-Type"]
    parameters = {str(name).lower(): str(value) for name, value in header.params.items()}
    return str(header.content_type), parameters


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
        if not boundary or len(boundary) > 200 or not boundary.isascii():
            raise self._malformed("its Content-Type names no boundary")
        self._delimiter = b"\r\n--" + boundary.encode("ascii")
        self._start = parameters.get("start", "").strip("<> ")
        self._cutter = DocumentCutter(call, max_kept_bytes=max_kept_bytes, http_status=http_status)
        self._documents: dict[str, ReceivedDocument] = {}
        self._state = _State.PREAMBLE
        # As if a line ended before the first delimiter, which may stand at the very beginning.
        self._buffer = b"\r\n"
        self._parts = 0
        self._is_root = False
        self._has_root = False
        self._document: ReceivedDocument | None = None
        self._file: BinaryIO | None = None
        self._identifier = ""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Args:
            chunk: The bytes.

        Raises:
            MalformedResponse: It is no multipart message.
            ResponseTooLarge: The envelope is larger than allowed.
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
            safe = len(self._buffer) - len(self._delimiter) - 2 if found < 0 else found
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
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            if len(self._buffer) > _LONGEST_HEAD:
                raise self._malformed("a part has endless headers")
            return False
        head = BytesHeaderParser(policy=HTTP).parsebytes(self._buffer[:end].lstrip(b"\r\n \t"))
        self._buffer = self._buffer[end + 4 :]
        # The delimiter's own line end may be the one that closed an empty body.
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise self._malformed(f"it has more than {_MOST_PARTS} parts")
        self._identifier = str(head.get("Content-ID", "")).strip().strip("<>")
        coding = str(head.get("Content-Transfer-Encoding", "binary")).strip().lower()
        if coding not in {"binary", "8bit", "7bit"}:
            raise self._malformed(f"a part is encoded as {coding[:40]!r}")
        self._is_root = (
            self._identifier == self._start if self._start else self._parts == 1
        )
        if self._is_root:
            self._has_root = True
        else:
            self._document, self._file = ReceivedDocument.spooled()
        self._state = _State.BODY
        return True

    def _take(self, content: bytes) -> None:
        if self._state is not _State.BODY or not content:
            return
        if self._is_root:
            self._cutter.feed(content)
        elif self._file is not None:
            self._file.write(content)

    def _end_part(self) -> None:
        if self._state is _State.BODY and self._document is not None:
            self._document.complete()
            self._documents[self._identifier] = self._document
        self._document = self._file = None

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        """Ends the message.

        Returns:
            The envelope, and the documents: those of parts by their Content-ID, others by token.

        Raises:
            TruncatedResponse: The message ends before its last delimiter.
            MalformedResponse: It has no envelope.
        """
        if self._state is not _State.END:
            raise TruncatedResponse(
                "the multipart answer ends before its last part is complete",
                vendor=self._call.vendor,
                operation=self._call.operation,
                http_status=self._http_status,
                is_retry_safe=self._call.is_safe,
            )
        if not self._has_root:
            raise self._malformed("it has no envelope")
        kept, documents = self._cutter.finish()
        return kept, {**self._documents, **documents}

    def _malformed(self, why: str) -> MalformedResponse:
        return MalformedResponse(
            f"the multipart answer cannot be read: {why}",
            vendor=self._call.vendor,
            operation=self._call.operation,
            http_status=self._http_status,
            is_retry_safe=self._call.is_safe,
        )


def resolve_includes(root: Element, documents: dict[str, ReceivedDocument], call: Call) -> None:
    """Exchanges each ``xop:Include`` for a token, as if its document had stood there in base64.

    Args:
        root: The envelope.
        documents: The documents by Content-ID; those that are used move under a token.
        call: The call, for errors.

    Raises:
        MalformedResponse: A part is missing.
    """
    for include in list(root.iter(_INCLUDE)):
        reference = urllib.parse.unquote((include.get("href") or "").removeprefix("cid:"))
        document = documents.pop(reference, None)
        holder = include.getparent()
        if document is None or holder is None:
            raise MalformedResponse(
                "the envelope refers to a part that is not there",
                vendor=call.vendor,
                operation=call.operation,
                is_retry_safe=call.is_safe,
            )
        token = new_token()
        documents[token] = document
        for child in list(holder):
            holder.remove(child)
        holder.text = token


