"""Cuts documents out of XML while it arrives, so that neither bytes nor a tree ever hold one.

A text of base64 alone that grows beyond a threshold is decoded into a document of its own, and a
random token takes its place. What is left is small, and goes through the same strict parser as
every other answer.
"""

from __future__ import annotations

import binascii
import re
from enum import Enum, auto

from esignwire._call import Call
from esignwire._unusable import unusable
from esignwire.errors import MalformedResponse, ResponseTooLarge
from esignwire_generated._documents import DocumentStore, ReceivedDocument, new_token

__all__ = ["DocumentCutter"]

# Shorter texts stay where they are; no name, message or JSON that a vendor sends is longer.
_THRESHOLD = 64 * 1024
_BLANKS = b" \t\r\n"
_SHORTEST_LINE = 16
_BASE64 = re.compile(rb"[A-Za-z0-9+/= \t\r\n]*+")
# Some writers send the line ends of base64 as character references. The last one may have come in
# part.
_BASE64_AND_REFERENCES = re.compile(
    rb"(?:[A-Za-z0-9+/= \t\r\n]++|&#(?:[0-9]{1,7}|x[0-9A-Fa-f]{1,6});)*+(?:&[#x0-9A-Fa-f]{0,8})?"
)
_REFERENCE = re.compile(rb"&#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}));")
_LONGEST_REFERENCE = 10
_CDATA = b"<![CDATA["
# Here ">" alone ends nothing. What follows a "]" within CDATA counts as markup until its end.
_LONGER_MARKUP = ((b"<!--", b"-->"), (b"<?", b"?>"), (b"]", b"]>"))
_ENCODING_MARK = 4


class _State(Enum):
    START = auto()
    MARKUP = auto()
    TEXT = auto()
    CUTTING = auto()
    LONG_TEXT = auto()
    WHOLE = auto()


def _resolved(found: re.Match[bytes]) -> bytes:
    code = int(found[1]) if found[1] else int(found[2], 16)
    # Nothing beyond ASCII is base64: it stays as it is, and is refused.
    return bytes([code]) if code < 128 else found[0]


class DocumentCutter:
    """Takes an XML document chunk by chunk.

    It looks for texts between markup and leaves everything else as it is; whether that is
    well-formed is for the parser to say.

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
        self._store = DocumentStore()
        self._documents: dict[str, ReceivedDocument] = {}
        self._state = _State.START
        self._markup_start = 0
        self._run = bytearray()
        # What ends the text at hand; within CDATA it is "]", and there are no references.
        self._end = b"<"
        self._rest = b""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Args:
            chunk: The bytes.

        Raises:
            ResponseTooLarge: More is left than allowed, once the documents are cut out.
            MalformedResponse: A long text that began as base64 does not stay it.
            OSError: A document cannot be stored.
        """
        if self._state is _State.START:
            self._run += chunk
            if len(self._run) < _ENCODING_MARK:
                return
            chunk = bytes(self._run)
            self._run.clear()
            # UTF-16 has a null beside each ASCII character: it is kept as it is, within bounds.
            is_wide = chunk[:2] in {b"\xff\xfe", b"\xfe\xff"} or b"\0" in chunk[:_ENCODING_MARK]
            self._state = _State.WHOLE if is_wide else _State.TEXT
        position = 0
        while position < len(chunk):
            position = self._step(chunk, position)
        # The text at hand is bounded by itself, and may still turn out to be a document.
        if len(self._kept) > self._max_kept:
            raise unusable(
                ResponseTooLarge,
                f"the answer holds more than {self._max_kept:,} bytes beside its documents; raise"
                " max_response_bytes if that is expected",
                self._call,
                self._http_status,
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
        # Whether this is CDATA shows only after nine bytes.
        wanted = len(_CDATA) - (len(self._kept) - self._markup_start)
        end = len(chunk) if wanted <= 0 else min(len(chunk), position + wanted)
        stop = chunk.find(b">", position, end)
        if stop >= 0:
            end = stop + 1
        self._kept += chunk[position:end]
        if stop >= 0:
            if self._is_closed():
                self._text(b"<")
        elif wanted > 0 and self._kept.startswith(_CDATA, self._markup_start):
            self._text(b"]")
        return end

    def _is_closed(self) -> bool:
        """Whether the ">" that was just kept ends the markup at hand."""
        for opening, closing in _LONGER_MARKUP:
            if self._kept.startswith(opening, self._markup_start):
                shortest = self._markup_start + len(opening) + len(closing)
                return len(self._kept) >= shortest and self._kept.endswith(closing)
        return True

    def _text(self, end: bytes) -> None:
        self._state = _State.TEXT
        self._end = end

    def _grow(self) -> None:
        """Decides what a long text is."""
        base64 = _BASE64_AND_REFERENCES if self._end == b"<" else _BASE64
        words = len(self._run.split())
        # Plain words would pass for base64 too, but for their length.
        is_plain = not words or len(self._run) < words * _SHORTEST_LINE
        if is_plain or base64.fullmatch(self._run) is None:
            self._kept += self._run
            self._run.clear()
            self._state = _State.LONG_TEXT
            return
        self._state = _State.CUTTING
        piece = bytes(self._run)
        self._run.clear()
        self._decode(piece)

    def _decode(self, piece: bytes) -> None:
        text = self._rest + piece
        waiting = b""
        if b"&" in text and self._end == b"<":
            last = text.rfind(b"&")
            if b";" not in text[last:] and len(text) - last < _LONGEST_REFERENCE:
                text, waiting = text[:last], text[last:]
            text = _REFERENCE.sub(_resolved, text)
        text = text.translate(None, _BLANKS)
        # The last four characters wait: only they may be padded.
        whole = max(0, (len(text) - 1) // 4 * 4)
        self._rest = text[whole:] + waiting
        if text.endswith(b"=", 0, whole):
            # Each piece is decoded by itself, so that padding at its end would pass.
            raise self._damaged()
        self._write(text[:whole])

    def _write(self, text: bytes) -> None:
        if not text:
            return
        # Imported by the first long document. The standard library's takes forty times as long.
        from pybase64 import b64decode

        try:
            content = b64decode(text, validate=True)
        except binascii.Error:
            raise self._damaged() from None
        self._store.write(content)

    def _damaged(self) -> MalformedResponse:
        return unusable(
            MalformedResponse,
            "a document in the answer is not base64 to its end",
            self._call,
            self._http_status,
        )

    def _finish_run(self) -> None:
        if self._state is _State.CUTTING:
            self._write(self._rest)
            self._rest = b""
            token = new_token()
            self._documents[token] = self._store.complete()
            self._kept += token.encode("ascii")
        else:
            self._kept += self._run
            self._run.clear()

    def discard(self) -> None:
        """Drops what was stored so far: the answer broke off."""
        self._documents.clear()
        self._store.discard()

    def finish(self) -> tuple[bytes, dict[str, ReceivedDocument]]:
        """Ends the document.

        Returns:
            What is left of the XML, and the documents by the tokens that stand for them. XML that
            broke off within a document is no longer well-formed, which its parser says.
        """
        self._kept += self._run
        self._run.clear()
        return bytes(self._kept), self._documents
