"""Documents of a message, and the tokens that stand for them in its XML.

A token is base64 text itself, so that a message with tokens is as valid as one with the documents.
Each is random, so that no caller can send a text that passes for one.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from esignwire.emulator._wire.blob import Blob, BlobWriter
from esignwire.emulator._wire.markup import Element

__all__ = ["LONGEST_INLINE", "Base64Text", "DocumentReader", "Tokens"]

# A document whose base64 is longer lies outside of the XML tree.
LONGEST_INLINE = 64 * 1024
# A multiple of three, so that pieces can be encoded one by one.
_PIECE = 768 * 1024
_TOKEN_BYTES = 24
# libxml2 counts the letters: thirteen are no groups of four.
_DAMAGED = "*damaged base64*"
_SPACES = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Base64Text:
    """A document as base64 in one line, written while it is sent."""

    blob: Blob

    @property
    def size(self) -> int:
        """How many characters the text has."""
        return (self.blob.size + 2) // 3 * 4

    def chunks(self) -> Iterator[bytes]:
        """Write the text in pieces of ASCII."""
        for piece in self.blob.chunks(_PIECE):
            yield binascii.b2a_base64(piece, newline=False)


class Tokens:
    """The documents of one message, by the tokens that stand for them."""

    def __init__(self) -> None:
        self._blobs: dict[str, Blob] = {}

    def token(self, blob: Blob) -> str:
        """Keep a document, and give the token that stands for it."""
        token = base64.b64encode(secrets.token_bytes(_TOKEN_BYTES)).decode("ascii")
        self._blobs[token] = blob
        return token

    def find(self, element: Element) -> Blob | None:
        """Find the document that an element's token stands for, if its text is a token."""
        return self._blobs.get((element.text or "").strip())

    def document(self, element: Element) -> Blob:
        """Read the document of an element, out of a message that the schema has accepted."""
        return self.find(element) or Blob.of(base64.b64decode(element.text or ""))

    def pieces(self, message: bytes) -> tuple[bytes | Base64Text, ...]:
        """Put the documents in place of their tokens, as pieces of the message in order."""
        if not self._blobs:
            return (message,)
        pattern = "|".join(re.escape(token) for token in self._blobs)
        parts = re.split(f"({pattern})".encode("ascii"), message)
        return tuple(
            Base64Text(self._blobs[part.decode("ascii")]) if number % 2 else part
            for number, part in enumerate(parts)
        )


class DocumentReader:
    """The text of an element that holds a document, as it comes.

    The rules of xs:base64Binary hold for texts of every length: white space anywhere, groups of
    four, no other characters, and no stray bits before the padding. libxml2 alone would pass over
    characters that are no base64.
    """

    def __init__(self) -> None:
        self._text: list[str] = []
        self._length = 0
        self._writer: BlobWriter | None = None
        self._rest = b""
        self._is_ended = False
        self._is_damaged = False

    @property
    def is_long(self) -> bool:
        """Whether the text is too long for the XML tree."""
        return self._length > LONGEST_INLINE

    def feed(self, text: str) -> None:
        """Take the next piece of the text."""
        self._length += len(text)
        self._text.append(text)
        if self.is_long:
            self._decode("".join(self._text))
            self._text.clear()

    def plain(self) -> str:
        """Give a text that is not long as it came."""
        return "".join(self._text)

    def end(self, tokens: Tokens) -> str:
        """End the text, and return what stands for it in the XML tree.

        It is the same text, a token for a long document, or a text that breaks the schema where the
        base64 is damaged.
        """
        text = self.plain()
        if not self.is_long:
            self._decode(text)
        if self._is_damaged or self._rest:
            return _DAMAGED
        if self._writer is None or not self.is_long:
            return text
        return tokens.token(self._writer.sealed())

    def _decode(self, text: str) -> None:
        if self._is_damaged:
            return
        try:
            piece = self._rest + text.encode("ascii").translate(None, _SPACES)
            usable = len(piece) - len(piece) % 4
            self._rest, piece = piece[usable:], piece[:usable]
            data = binascii.a2b_base64(piece, strict_mode=True)
        except (UnicodeEncodeError, binascii.Error):
            self._is_damaged = True
            return
        if not piece:
            return
        # Nothing may follow the padding, and bits that belong to no byte must be zero.
        last = data[len(data) - (len(data) % 3 or 3) :]
        if self._is_ended or binascii.b2a_base64(last, newline=False) != piece[-4:]:
            self._is_damaged = True
            return
        self._is_ended = piece.endswith(b"=")
        self._writer = self._writer or BlobWriter()
        self._writer.append(data)
