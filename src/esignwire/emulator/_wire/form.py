"""Forms (application/x-www-form-urlencoded) of any size, read field by field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes

from esignwire.emulator._wire.blob import PIECE, Blob

__all__ = ["FormField", "FormRefused", "read_form"]

_MOST_FIELDS = 10
_LONGEST_NAME = 1000


class FormRefused(ValueError):
    """A body that is no form; the message says why."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One field, with its value as it was sent."""

    name: str
    encoded: Blob

    def chunks(self) -> Iterator[bytes]:
        """Decode the value, in pieces."""
        rest = b""
        for piece in self.encoded.chunks():
            text = rest + piece
            # An escape may go on in the next piece.
            last = text.rfind(b"%", -2)
            text, rest = (text[:last], text[last:]) if last >= 0 else (text, b"")
            yield _decoded(text)
        yield rest

    def text(self, most: int) -> str:
        """Decode a value of at most ``most`` encoded bytes.

        Raises:
            FormRefused: It is longer, or no UTF-8.
        """
        if self.encoded.size > most:
            raise FormRefused(f"The field {self.name} is too long.")
        try:
            return b"".join(self.chunks()).decode("utf-8")
        except UnicodeDecodeError:
            raise FormRefused(f"The field {self.name} is no UTF-8.") from None


def read_form(body: Blob) -> list[FormField]:
    """Find the fields of a form; their values are not decoded yet.

    Raises:
        FormRefused: There are too many fields, or bytes that no form has.
    """
    ends: list[int] = []
    place = 0
    for piece in body.chunks(PIECE):
        if not piece.isascii():
            raise FormRefused("The form is not percent-encoded.")
        found = piece.find(b"&")
        while found >= 0:
            ends.append(place + found)
            if len(ends) >= _MOST_FIELDS:
                raise FormRefused("The form has too many fields.")
            found = piece.find(b"&", found + 1)
        place += len(piece)
    ends.append(place)
    fields: list[FormField] = []
    start = 0
    for end in ends:
        if end > start:
            fields.append(_field(body.slice(start, end)))
        start = end + 1
    return fields


def _field(pair: Blob) -> FormField:
    name, _, _ = pair.slice(0, _LONGEST_NAME).read().partition(b"=")
    try:
        return FormField(_decoded(name).decode("utf-8"), pair.slice(len(name) + 1, pair.size))
    except UnicodeDecodeError:
        raise FormRefused("The name of a field is no UTF-8.") from None


def _decoded(text: bytes) -> bytes:
    # These three are all that base64 needs; to replace them at once is a hundred times faster than
    # to go from escape to escape. None of them makes a percent sign, so that nothing is decoded
    # twice.
    text = text.replace(b"+", b" ").replace(b"%2B", b"+").replace(b"%2F", b"/")
    text = text.replace(b"%3D", b"=")
    return unquote_to_bytes(text) if b"%" in text else text
