"""Encodings of answers: by mark, header or declaration (RFC 7303), and decoded piece by piece.

UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15, Windows-1252 and UTF-16 are read.
"""

from __future__ import annotations

import codecs
import functools
import re

from esignwire._xml.beginnings import place

__all__ = ["Decoder", "Undecodable", "charset_of"]

_ENCODINGS = {
    "utf-8": "utf-8",
    "utf8": "utf-8",
    "us-ascii": "ascii",
    "ascii": "ascii",
    "iso-8859-1": "latin-1",
    "iso_8859-1": "latin-1",
    "latin1": "latin-1",
    "iso-8859-15": "iso8859-15",
    "windows-1252": "cp1252",
    "cp1252": "cp1252",
    "utf-16": "utf-16",
    "utf-16le": "utf-16",
    "utf-16be": "utf-16",
}
_DECLARED = re.compile(
    rb"""<\?xml[ \t\r\n][^>]{0,200}?[ \t\r\n]encoding[ \t\r\n]*=[ \t\r\n]*["']([^"'>]{0,60})["']"""
)
_WIDE = {
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    b"<\0": "utf-16-le",
    b"\0<": "utf-16-be",
}

_TRUNCATED = {"unexpected end of data", "truncated data"}


class Undecodable(ValueError):
    """Bytes that are no text, of which its words quote nothing, and the text before them.

    They may be the beginning of a character.
    """

    def __init__(self, words: str, before: str = "", *, is_cut: bool = False) -> None:
        super().__init__(words)
        self.before = before
        self.is_cut = is_cut


class Decoder:
    """Decodes an answer piece by piece.

    Args:
        beginning: The first bytes of the answer, with its declaration.
        charset: The encoding that the Content-Type header names.

    Raises:
        Undecodable: The encoding is not read, or is not what the bytes show.
    """

    def __init__(self, beginning: bytes, charset: str | None) -> None:
        self._name, *self._others = _claimed(beginning, charset)
        self._decoder = codecs.getincrementaldecoder(self._name)()
        self._decoded = 0
        self._is_ascii = True

    @property
    def is_utf_8(self) -> bool:
        """Whether the bytes are the text in UTF-8, without a mark before it."""
        return self._name in {"utf-8", "ascii"}

    def decode(self, content: bytes, *, is_last: bool) -> str:
        """Decodes the next bytes; the beginning of a character waits for its end.

        Raises:
            Undecodable: The bytes are not the text that they claim to be.
        """
        try:
            text = self._decoder.decode(content, is_last)
        except UnicodeDecodeError as error:
            content, start, is_end = error.object, error.start, error.end >= len(error.object)
            is_cut = is_end and error.reason in _TRUNCATED
        else:
            self._decoded += len(content)
            self._is_ascii = self._is_ascii and text.isascii()
            return text
        before = content[:start].decode(self._name)
        if self._others and self._is_ascii and before.isascii():
            # The first character beyond ASCII tells which encoding of the two it is.
            self._name = self._others.pop()
            self._decoder = codecs.getincrementaldecoder(self._name)()
            return self.decode(content, is_last=is_last)
        if is_cut:
            raise Undecodable("the answer ends in the middle of a character", before, is_cut=True)
        is_exact = not self._decoded and not self._name.startswith("utf-16")
        where = place(content, start) if is_exact else f"byte {self._decoded + start}"
        raise Undecodable(f"the bytes at {where} are not the text that they claim to be", before)


@functools.lru_cache(maxsize=64)
def charset_of(content_type: str) -> str | None:
    """Finds the encoding that a Content-Type header names, in lower case.

    It is ``None`` where the header names none, or is of several parts.
    """
    kind, *parameters = content_type.lower().split(";")
    if kind.strip().startswith("multipart/"):
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip().strip("\"'").strip() or None
    return None


def _claimed(beginning: bytes, charset: str | None) -> tuple[str, ...]:
    """Finds the encodings that an answer may be in, by mark, header or declaration (RFC 7303).

    They have Python's names, the surest first. Two come where header and declaration contradict
    each other.

    Raises:
        Undecodable: The encoding is not read, or is not what the bytes show.
    """
    if beginning.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        raise Undecodable("UTF-32 is not read; UTF-8 was due")
    wide = _WIDE.get(beginning[:2])
    if wide is not None:
        if _declared(beginning.decode(wide, "replace").encode("utf-8")) not in {None, "utf-16"}:
            raise Undecodable("the answer is in UTF-16 and declares another encoding")
        return (wide,)
    document = beginning.removeprefix(codecs.BOM_UTF8)
    has_mark = document is not beginning
    # Header fields come before the declaration. US-ASCII was once their default, and an answer that
    # does not look like UTF-16 is none, whatever they say.
    by_header = _ENCODINGS.get(charset or "")
    if by_header in {"ascii", "utf-16"}:
        by_header = None
    if has_mark and by_header == "utf-8":
        return ("utf-8-sig",)
    declared = _declared(document, is_needed=by_header is None)
    if declared == "utf-16" and by_header is not None:
        # .NET declares the encoding of its strings, and sends another.
        declared = None
    if declared == "utf-16" or (has_mark and declared not in {None, "utf-8"}):
        raise Undecodable("the answer is not in the encoding that it declares")
    if has_mark:
        return ("utf-8-sig",)
    if by_header is None or declared is None or by_header == declared:
        return (by_header or declared or "utf-8",)
    # A text that fits UTF-8 is hardly ever another. So where the two contradict each other, and one
    # of them says UTF-8, UTF-8 is tried first.
    return (declared, by_header) if declared == "utf-8" else (by_header, declared)


def _declared(document: bytes, *, is_needed: bool = True) -> str | None:
    found = _DECLARED.match(document)
    if found is None:
        return None
    encoding = _ENCODINGS.get(found[1].decode("latin-1").lower())
    if encoding is None and is_needed:
        raise Undecodable("the answer declares an encoding that is not read; UTF-8 was due")
    return encoding
