"""Stands short tokens for documents, so that no document ever lies in an XML tree.

A token is base64 text itself, so that a message with tokens is as valid as one with the documents.
Each is random: nobody can send a text that passes for one.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from esignwire.emulator.blob import Blob
from esignwire.emulator.markup import Element

__all__ = ["Base64Text", "Tokens"]

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
