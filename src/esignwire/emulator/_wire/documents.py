"""Cuts documents out of XML while it is read, so that its tree stays small.

A document is the base64 text of an element that the schema types so. Where it is longer than
64 KiB, its bytes go into a blob, and a token takes its place in the XML. What is shorter stays.
The rules of xs:base64Binary are the same on both sides of that border: white space anywhere,
groups of four, no other characters, and no stray bits before the padding. libxml2 alone would pass
over characters that are no base64. A text that breaks the rules leaves something in its place that
libxml2 refuses, so that the message breaks the schema.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from esignwire.emulator._wire.blob import Blob, BlobWriter
from esignwire.emulator._wire.markup import Element, local_name
from esignwire.emulator._wire.xml import XmlRefused

__all__ = ["LONGEST_INLINE", "Base64Text", "CutMessage", "Tokens", "cut", "spoil_damaged"]

LONGEST_INLINE = 64 * 1024
_LONGEST_TAG = 64 * 1024
# libxml2 counts the letters: thirteen are no groups of four.
_DAMAGED = "*damaged base64*"
_SPACES = b" \t\r\n"
_REFERENCE = re.compile(rb"&#(?:([0-9]{1,7})|x([0-9A-Fa-f]{1,6}));")
_LONGEST_REFERENCE = 10
_ENDS = {b"<!--": b"-->", b"<![CDATA[": b"]]>", b"<?": b"?>"}
# A multiple of three, so that pieces can be encoded one by one.
_PIECE = 768 * 1024
_TOKEN_BYTES = 24


@dataclass(frozen=True, slots=True)
class Base64Text:
    """A document as base64 in one line, written while it is sent.

    Args:
        blob: The document.
    """

    blob: Blob

    @property
    def size(self) -> int:
        """How many characters the text has."""
        return (self.blob.size + 2) // 3 * 4

    def chunks(self) -> Iterator[bytes]:
        """Write the text.

        Yields:
            Pieces in ASCII.
        """
        for piece in self.blob.chunks(_PIECE):
            yield binascii.b2a_base64(piece, newline=False)


class Tokens:
    """The documents of one message, by the tokens that stand for them."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}

    def token(self, blob: Blob) -> str:
        """Stand a token for a document.

        Args:
            blob: The document.

        Returns:
            The token, a base64 text.
        """
        token = base64.b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode("ascii")
        self._blobs[token] = blob
        return token

    def known(self, element: Element) -> Blob | None:
        """Find the document that an element's token stands for.

        Args:
            element: The element.

        Returns:
            The document; ``None`` where its text is no token.
        """
        return self._blobs.get((element.text or "").strip())

    def document(self, element: Element) -> Blob:
        """Read a document out of a message that the schema has accepted.

        Args:
            element: An element that holds base64 text, or a token for it.

        Returns:
            The document.
        """
        return self.known(element) or Blob.of(base64.b64decode(element.text or ""))

    def spread(self, message: bytes) -> tuple[bytes | Base64Text, ...]:
        """Put the documents back into a message as it is sent.

        Args:
            message: The message with tokens.

        Returns:
            The pieces of the message with the documents in base64, in order.
        """
        if not self._blobs:
            return (message,)
        pattern = "|".join(re.escape(token) for token in self._blobs)
        parts = re.split(f"({pattern})".encode("ascii"), message)
        return tuple(
            Base64Text(self._blobs[part.decode("ascii")]) if number % 2 else part
            for number, part in enumerate(parts)
        )


@dataclass(frozen=True, slots=True)
class CutMessage:
    """A message without its large documents.

    Args:
        text: The XML, with tokens.
        tokens: What they stand for.
    """

    text: str
    tokens: Tokens


def cut(chunks: Iterable[bytes], names: frozenset[str], most: int) -> CutMessage:
    """Cut the large documents out of an XML message.

    Args:
        chunks: The message in UTF-8.
        names: The local names of the elements that hold documents.
        most: The most bytes that may be left when the documents are out.

    Returns:
        The rest of the message and the documents.

    Raises:
        XmlRefused: More than ``most`` bytes are left, or a large document has markup inside.
    """
    cutter = _Cutter(names, most)
    for chunk in chunks:
        cutter.feed(chunk)
    return cutter.end()


def spoil_damaged(root: Element, names: frozenset[str]) -> None:
    """See to it that the schema refuses every document whose base64 is damaged.

    Args:
        root: The message, which is changed where there is such a document.
        names: The local names of the elements that hold documents.
    """
    for element in root.iter(etree.Element):
        if local_name(element) in names and not len(element) and not _is_base64(element.text or ""):
            element.text = _DAMAGED


def _is_base64(text: str) -> bool:
    try:
        raw = text.encode("ascii").translate(None, _SPACES)
        data = binascii.a2b_base64(raw, strict_mode=True)
    except (UnicodeEncodeError, binascii.Error):
        return False
    return binascii.b2a_base64(data, newline=False) == raw


class _Cutter:
    """Looks for documents in pieces of XML.

    It knows no more of XML than it needs: comments, processing instructions and CDATA sections are
    passed over, and of tags only those that open a document matter. Whether all of it is
    well-formed is for libxml2 to say.
    """

    def __init__(self, names: frozenset[str], most: int) -> None:
        local = b"|".join(re.escape(name).encode() for name in sorted(names)) or rb"(?!)"
        self._opening = re.compile(
            rb"<!--|<!\[CDATA\[|<\?|<(?:[^\s<>/:!?=\"']+:)?(?:"
            + local
            + rb")(?:\s++[^\s<>=\"'/]++\s*+=\s*+(?:\"[^\"<]*+\"|'[^'<]*+'))*+\s*+>"
        )
        self._most = most
        self._kept: list[bytes] = []
        self._kept_size = 0
        self._tokens = Tokens()
        # What is not dealt with yet: the buffer from this place on.
        self._buffer = b""
        self._place = 0
        # What ends the comment, instruction or section that is passed over.
        self._skipped_until: bytes | None = None
        self._document: _Base64 | None = None

    def feed(self, chunk: bytes) -> None:
        self._buffer = self._buffer[self._place :] + chunk
        self._place = 0
        while self._step():
            pass

    def end(self) -> CutMessage:
        if self._document is None:
            self._keep_to(len(self._buffer))
        # Otherwise the message ends within a document: the text that is left is not well-formed.
        return CutMessage(b"".join(self._kept).decode("utf-8"), self._tokens)

    def _step(self) -> bool:
        """Take one step; say whether another one may be possible with what has come so far."""
        if self._document is not None:
            return self._go_on(self._document)
        if self._skipped_until is not None:
            return self._skip(self._skipped_until)
        found = self._opening.search(self._buffer, self._place)
        if found is None:
            # The last tag may be incomplete: it waits for the rest, unless it is a monster.
            tag = self._buffer.rfind(b"<", self._place)
            is_waiting = tag >= 0 and len(self._buffer) - tag <= _LONGEST_TAG
            self._keep_to(tag if is_waiting else len(self._buffer))
            return False
        self._keep_to(found.end())
        self._skipped_until = _ENDS.get(found[0])
        if self._skipped_until is None:
            self._document = _Base64()
        return True

    def _skip(self, until: bytes) -> bool:
        found = self._buffer.find(until, self._place)
        if found < 0:
            self._keep_to(max(len(self._buffer) - len(until) + 1, self._place))
            return False
        self._keep_to(found + len(until))
        self._skipped_until = None
        return True

    def _go_on(self, document: _Base64) -> bool:
        tag = self._buffer.find(b"<", self._place)
        if tag < 0:
            document.feed(self._buffer[self._place :])
            self._place = len(self._buffer)
            return False
        if len(self._buffer) < tag + 2:
            return False
        document.feed(self._buffer[self._place : tag])
        self._place = tag
        self._document = None
        if document.is_short:
            self._keep(document.head)
        elif not self._buffer.startswith(b"</", tag):
            raise XmlRefused(
                f"A document of more than {LONGEST_INLINE} characters must be one text, without"
                " markup inside."
            )
        else:
            blob = document.end()
            text = _DAMAGED if blob is None else self._tokens.token(blob)
            self._keep(text.encode("ascii"))
        return True

    def _keep_to(self, end: int) -> None:
        self._keep(self._buffer[self._place : end])
        self._place = end

    def _keep(self, piece: bytes) -> None:
        self._kept_size += len(piece)
        if self._kept_size > self._most:
            raise XmlRefused(f"The XML has more than {self._most} bytes besides its documents.")
        self._kept.append(piece)


class _Base64:
    """A base64 text of unknown length, as it comes."""

    def __init__(self) -> None:
        self.head = b""
        self.is_short = True
        self._writer: BlobWriter | None = None
        self._reference: bytes = b""
        self._rest: bytes = b""
        self._is_ended: bool = False
        self._is_damaged: bool = False

    def feed(self, piece: bytes) -> None:
        if self.is_short:
            self.head += piece
            if len(self.head) <= LONGEST_INLINE:
                return
            self.is_short = False
            self._writer = BlobWriter()
            piece, self.head = self.head, b""
        if not self._is_damaged:
            self._decode(piece)

    def end(self) -> Blob | None:
        """End the text; give the document, or ``None`` where the text is no base64."""
        if self._is_damaged or self._rest or self._reference or self._writer is None:
            return None
        return self._writer.sealed()

    def _decode(self, piece: bytes) -> None:
        piece = self._without_references(self._reference + piece)
        piece = self._rest + piece.translate(None, _SPACES)
        usable = len(piece) - len(piece) % 4
        self._rest, piece = piece[usable:], piece[:usable]
        if not piece:
            return
        if self._is_ended:
            self._is_damaged = True
            return
        try:
            data = binascii.a2b_base64(piece, strict_mode=True)
        except binascii.Error:
            self._is_damaged = True
            return
        if piece.endswith(b"="):
            self._is_ended = True
            last = data[-(len(data) % 3) :]
            # Bits that belong to no byte must be zero.
            self._is_damaged = binascii.b2a_base64(last, newline=False) != piece[-4:]
        if self._writer is not None:
            self._writer.append(data)

    def _without_references(self, piece: bytes) -> bytes:
        """Resolve character references: some writers spell the end of a line as one."""
        self._reference = b""
        if b"&" not in piece:
            return piece
        last = piece.rfind(b"&")
        if b";" not in piece[last:]:
            piece, self._reference = piece[:last], piece[last:]
            self._is_damaged = self._is_damaged or len(self._reference) > _LONGEST_REFERENCE
        return _REFERENCE.sub(_character, piece)


def _character(reference: re.Match[bytes]) -> bytes:
    code = int(reference[1]) if reference[1] else int(reference[2], 16)
    # Anything else is no base64, and stays to be found out.
    return bytes([code]) if code < 128 else reference[0]
