"""Cuts documents out of XML while it arrives, so that neither bytes nor a tree ever hold one.

A text of base64 alphabet alone that grows beyond a threshold is decoded into a document of its
own, and a random token takes its place. What is left is small, and goes through the same strict
parser as every other answer.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from enum import Enum, auto
from typing import BinaryIO

from esignwire._call import Call
from esignwire.errors import MalformedResponse, ResponseError, ResponseTooLarge
from esignwire_generated._documents import ReceivedDocument, new_token

__all__ = ["DocumentCutter"]

# Shorter texts stay where they are; no name, message or JSON that a vendor sends is longer.
_THRESHOLD = 64 * 1024
_BLANKS = b" \t\r\n"
_BASE64 = re.compile(rb"[A-Za-z0-9+/=\s]*", re.ASCII)
_CDATA = b"<![CDATA["


class _State(Enum):
    MARKUP = auto()
    TEXT = auto()
    CUTTING = auto()
    LONG_TEXT = auto()
    WHOLE = auto()


class DocumentCutter:
    """Takes an XML document chunk by chunk.

    Args:
        call: The call, for errors.
        max_kept_bytes: How much may be left once the documents are cut out.
        http_status: The HTTP status, for errors.
    """

    def __init__(self, call: Call, *, max_kept_bytes: int, http_status: int) -> None:
        self._call = call
        self._max_kept = max_kept_bytes
        self._http_status = http_status
        self._kept = bytearray()
        self._documents: dict[str, ReceivedDocument] = {}
        self._state: _State | None = None
        self._markup_start = 0
        self._run = bytearray()
        self._end = b"<"
        self._rest = b""
        self._file: BinaryIO | None = None
        self._document: ReceivedDocument | None = None

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Args:
            chunk: The bytes.

        Raises:
            ResponseTooLarge: More is left than allowed, once the documents are cut out.
            MalformedResponse: A long text that began as base64 does not stay it.
        """
        if self._state is None:
            # UTF-16 has a null beside each ASCII character: it is kept as it is, within bounds.
            is_wide = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in chunk[:4]
            self._state = _State.WHOLE if is_wide else _State.TEXT
        position = 0
        while position < len(chunk):
            position = self._step(chunk, position)
        if len(self._kept) + len(self._run) > self._max_kept:
            raise self._error(
                ResponseTooLarge,
                f"the answer holds more than {self._max_kept:,} bytes beside its documents",
            )

    def _step(self, chunk: bytes, position: int) -> int:
        """Handles what follows up to the next change of state, and returns where that is."""
        if self._state is _State.WHOLE:
            self._kept += chunk
            return len(chunk)
        if self._state is _State.MARKUP:
            return self._markup(chunk, position)
        stop = chunk.find(self._end, position)
        piece = chunk[position:] if stop < 0 else chunk[position:stop]
        if self._state is _State.CUTTING:
            self._decode(piece)
        elif self._state is _State.LONG_TEXT:
            self._kept += piece
        else:
            self._run += piece
            if len(self._run) > _THRESHOLD:
                self._grow()
        if stop < 0:
            return len(chunk)
        self._finish_run()
        self._state = _State.MARKUP
        self._markup_start = len(self._kept)
        return stop

    def _markup(self, chunk: bytes, position: int) -> int:
        # One byte at first: whether this is CDATA shows only after nine.
        begun = len(self._kept) - self._markup_start
        if begun < len(_CDATA):
            wanted = len(_CDATA) - begun
            stop = chunk.find(b">", position, position + wanted)
            end = stop + 1 if stop >= 0 else min(len(chunk), position + wanted)
            self._kept += chunk[position:end]
            if stop >= 0:
                self._text(b"<")
            elif self._kept.endswith(_CDATA):
                self._text(b"]")
            return end
        stop = chunk.find(b">", position)
        end = len(chunk) if stop < 0 else stop + 1
        self._kept += chunk[position:end]
        if stop >= 0:
            self._text(b"<")
        return end

    def _text(self, end: bytes) -> None:
        self._state = _State.TEXT
        self._end = end

    def _grow(self) -> None:
        """Decides what a long text is."""
        if _BASE64.fullmatch(self._run) is None or not self._run.strip(_BLANKS):
            self._kept += self._run
            self._run.clear()
            self._state = _State.LONG_TEXT
            return
        self._document, self._file = ReceivedDocument.spooled()
        self._state = _State.CUTTING
        piece = bytes(self._run)
        self._run.clear()
        self._decode(piece)

    def _decode(self, piece: bytes) -> None:
        text = self._rest + piece.translate(None, _BLANKS)
        # The last four characters wait: only they may be padded.
        whole = max(0, (len(text) - 1) // 4 * 4)
        self._rest = text[whole:]
        self._write(text[:whole])

    def _write(self, text: bytes) -> None:
        if self._file is None or not text:
            return
        try:
            self._file.write(b64decode(text, validate=True))
        except binascii.Error:
            raise self._error(
                MalformedResponse, "a document in the answer is not base64 to its end"
            ) from None

    def _finish_run(self) -> None:
        if self._state is _State.CUTTING and self._document is not None:
            self._write(self._rest)
            self._rest = b""
            self._document.complete()
            token = new_token()
            self._documents[token] = self._document
            self._kept += token.encode("ascii")
            self._document = self._file = None
        else:
            self._kept += self._run
            self._run.clear()

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        """Ends the document.

        Returns:
            What is left of the XML, and the documents by the tokens that stand for them.
        """
        if self._state is _State.CUTTING:
            # It broke off within the document: what is left is no longer well-formed, which the
            # parser says.
            self._document = self._file = None
        self._kept += self._run
        self._run.clear()
        return bytes(self._kept), self._documents

    def _error(self, kind: type[ResponseError], what: str) -> ResponseError:
        if not self._call.is_safe:
            what += "; the vendor may have acted, so look the outcome up before you repeat the call"
        return kind(
            what,
            vendor=self._call.vendor,
            operation=self._call.operation,
            http_status=self._http_status,
            is_retry_safe=self._call.is_safe,
        )
