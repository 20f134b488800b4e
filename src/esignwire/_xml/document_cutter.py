"""Cuts documents out of XML while it arrives, so that neither bytes nor a tree ever hold one.

A text of base64 alone that grows beyond a threshold is decoded into a document of its own, and a
random token takes its place. What is left is small, and goes through the same strict parser as
every other answer.

The parser joins a text across comments, processing instructions and the borders of CDATA, and so
does this module: a text ends at a tag.
"""

from __future__ import annotations

import binascii
import re
from enum import Enum, auto
from typing import NamedTuple

from esignwire._call import Call, unusable
from esignwire._documents import DocumentStore, ReceivedDocument, new_token
from esignwire.errors import MalformedResponse, ResponseTooLarge

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
# Here ">" alone ends nothing. What follows a "]" within CDATA counts as markup until its end. The
# number is that of the shortest.
_LONGER_MARKUP = ((b"<!--", b"-->", 7), (b"<?", b"?>", 4), (b"]", b"]]>", 3))
_CDATA_END = b"]]>"
# What follows "<" in CDATA, and where a chunk ends.
_MAYBE_CDATA = {b"!", b""}
_NO_TAG = (b"<!", b"<?", b"]")
_COMPLETE_VALUES = re.compile(rb"""(?:[^"']++|"[^"]*+"|'[^']*+')*+""")
_ENCODING_MARK = 4


class _Piece(NamedTuple):
    """A part of a text that is kept so far, by its place there."""

    start: int
    end: int
    is_cdata: bool


class _State(Enum):
    START = auto()
    MARKUP = auto()
    TEXT = auto()
    CUTTING = auto()
    LONG_TEXT = auto()
    WHOLE = auto()


def _is_base64(text: bytes, *, is_cdata: bool) -> bool:
    pattern = _BASE64 if is_cdata else _BASE64_AND_REFERENCES
    return pattern.fullmatch(text) is not None


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
        # Up to where attributes are complete, and the quote that an open one waits for: within it
        # ">" ends nothing.
        self._complete = 0
        self._quote = b""
        # What the text was before the markup at hand, which may interrupt it only.
        self._interrupted = _State.TEXT
        self._run_start = 0
        self._run = bytearray()
        # What the text had before it was interrupted, as long as it is short.
        self._pieces: list[_Piece] = []
        self._pieces_size = 0
        # What ends the text at hand; within CDATA it is "]", and there are no references.
        self._end = b"<"
        self._rest = b""
        self._token = ""

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
            self._decode(piece, is_cdata=self._end == b"]")
        elif self._state is _State.LONG_TEXT:
            self._kept += piece
        else:
            self._run += piece
            if len(self._run) + self._pieces_size > _THRESHOLD:
                self._grow()
        if stop < 0:
            return len(chunk)
        self._finish_run()
        self._interrupted = self._state
        self._state = _State.MARKUP
        self._markup_start = self._complete = len(self._kept)
        return stop

    def _markup(self, chunk: bytes, position: int) -> int:
        if self._quote:
            return self._value(chunk, position)
        # Whether this is CDATA shows only after nine bytes, but for tags, which are most of all.
        wanted = len(_CDATA) - (len(self._kept) - self._markup_start)
        if wanted == len(_CDATA) and chunk[position + 1 : position + 2] not in _MAYBE_CDATA:
            wanted = 0
        end = len(chunk) if wanted <= 0 else min(len(chunk), position + wanted)
        stop = chunk.find(b">", position, end)
        if stop >= 0:
            end = stop + 1
        self._kept += chunk[position:end]
        if stop >= 0:
            if not self._kept.startswith(_NO_TAG, self._markup_start):
                self._end_tag()
            elif self._is_closed():
                self._resume(b"<")
        elif wanted > 0 and self._kept.startswith(_CDATA, self._markup_start):
            self._resume(b"]")
        return end

    def _value(self, chunk: bytes, position: int) -> int:
        """Handles the rest of an attribute's value in which there was a ">"."""
        stop = chunk.find(self._quote, position)
        end = len(chunk) if stop < 0 else stop + 1
        self._kept += chunk[position:end]
        if stop >= 0:
            self._quote = b""
            self._complete = len(self._kept)
        return end

    def _is_closed(self) -> bool:
        """Whether the ">" that was just kept ends the markup at hand, which is no tag."""
        for opening, closing, shortest in _LONGER_MARKUP:
            if self._kept.startswith(opening, self._markup_start):
                is_whole = len(self._kept) >= self._markup_start + shortest
                return is_whole and self._kept.endswith(closing)
        return True

    def _end_tag(self) -> None:
        """Ends a tag, and the text before it, unless the ">" belongs to an attribute's value."""
        found = _COMPLETE_VALUES.match(self._kept, self._complete)
        complete = found.end() if found else self._complete
        if complete < len(self._kept):
            self._quote = bytes(self._kept[complete : complete + 1])
            return
        if self._interrupted is _State.CUTTING:
            self._write(self._rest)
            self._rest = b""
            self._documents[self._token] = self._store.complete()
            self._token = ""
        if self._pieces:
            self._pieces.clear()
            self._pieces_size = 0
        self._state = _State.TEXT
        self._end = b"<"

    def _resume(self, end: bytes) -> None:
        """Goes on with a text that was interrupted; ``end`` is what ends it now."""
        is_cdata = self._end == b"]"
        if is_cdata and len(self._kept) - self._markup_start > len(_CDATA_END):
            # A "]" was part of the text, so that it is no base64.
            if self._interrupted is _State.CUTTING:
                raise self._damaged()
            self._interrupted = _State.LONG_TEXT
        self._state = self._interrupted
        if self._state is _State.TEXT and self._run_start < self._markup_start:
            self._pieces.append(_Piece(self._run_start, self._markup_start, is_cdata))
            self._pieces_size += self._markup_start - self._run_start
        self._end = end

    def _grow(self) -> None:
        """Decides what a long text is."""
        texts = [(bytes(self._kept[one.start : one.end]), one.is_cdata) for one in self._pieces]
        texts.append((bytes(self._run), self._end == b"]"))
        joined = b"".join(text for text, _ in texts)
        words = len(joined.split())
        # Plain words would pass for base64 too, but for their length.
        is_plain = not words or len(joined) < words * _SHORTEST_LINE
        if is_plain or not all(_is_base64(text, is_cdata=is_cdata) for text, is_cdata in texts):
            self._kept += self._run
            self._run.clear()
            self._state = _State.LONG_TEXT
            return
        self._state = _State.CUTTING
        self._run.clear()
        self._take_back()
        for text, is_cdata in texts:
            self._check_reference()
            self._decode(text, is_cdata=is_cdata)

    def _take_back(self) -> None:
        """Removes from what is kept the pieces that turned out to be the document's."""
        if not self._pieces:
            return
        first = position = self._pieces[0].start
        between = bytearray()
        for piece in self._pieces:
            between += self._kept[position : piece.start]
            position = piece.end
        between += self._kept[position:]
        self._kept[first:] = between
        self._pieces.clear()
        self._pieces_size = 0

    def _decode(self, piece: bytes, *, is_cdata: bool) -> None:
        text = self._rest + piece
        waiting = b""
        if b"&" in text and not is_cdata:
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

    def _check_reference(self) -> None:
        """Refuses half a reference, which no markup may interrupt."""
        if b"&" in self._rest:
            raise self._damaged()

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
        """Keeps what stands for the text up to the markup that follows."""
        if self._state is _State.CUTTING:
            self._check_reference()
            if not self._token:
                self._token = new_token()
                self._kept += self._token.encode("ascii")
        else:
            self._run_start = len(self._kept)
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
