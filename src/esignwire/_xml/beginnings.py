"""Beginnings of answers: whether they are XML, and what came where XML was due."""

from __future__ import annotations

import codecs
import re

__all__ = ["doctype", "is_plain", "is_usual", "other_content", "place"]

_LONGEST_TITLE = 80
_BLANK = b" \t\r\n"
_PROLOG = re.compile(rb"(?>(?:\xef\xbb\xbf)?(?:[ \t\r\n]|<!--.*?-->|<\?.*?\?>)*)", re.DOTALL)
_ROOT = re.compile(rb"<(?!(?:html|head|body)[\s>])[A-Za-z_]", re.IGNORECASE)
_PLAIN = re.compile(
    rb'(?:<\?xml version="1\.0" encoding="utf-8"(?: standalone="(?:yes|no)")?\?>[ \t\r\n]*)?'
    + _ROOT.pattern,
    re.IGNORECASE,
)
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_BINARY = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "compressed data",
    b"\x89PNG": "a PNG image",
}


def _end_of_prolog(content: bytes) -> int:
    found = _PROLOG.match(content)
    return found.end() if found else 0


def is_usual(beginning: bytes) -> bool:
    """Returns whether an answer begins as XML does: an element follows, and no document type."""
    return _ROOT.match(beginning, _end_of_prolog(beginning)) is not None


def is_plain(content: bytes) -> bool:
    """Returns whether an answer is as nearly all are: ASCII, and an element right at its beginning.

    It has no document type, and no encoding that must be found out.
    """
    return content.isascii() and _PLAIN.match(content) is not None


def other_content(content: bytes) -> str | None:
    """Names what came instead of XML; ``None`` where it may be XML in an encoding like ASCII."""
    for beginning, name in _BINARY.items():
        if content.startswith(beginning):
            return name
    # What comes before the root says nothing yet: comments stand before HTML as well.
    if _HTML.match(content, _end_of_prolog(content)):
        found = _TITLE.search(content[: 64 * 1024])
        title = " ".join(found[1].decode("utf-8", "replace").split()) if found else ""
        title = "".join(character for character in title if character.isprintable())
        if len(title) > _LONGEST_TITLE:
            title = title[:_LONGEST_TITLE] + "..."
        return f"an HTML page with the title {title!r}" if title else "an HTML page"
    text = content.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
    if text[:1] in {b"{", b"["}:
        return "JSON"
    # UTF-16 and UTF-32 have a mark or null characters, and are looked at again when decoded.
    if b"\0" in text[:4] or text.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None
    if text[:1].isalnum() or text[:1] in {b'"', b"'"}:
        return "plain text"
    begin = _end_of_prolog(content)
    if content[begin : begin + 1] not in {b"<", b""}:
        return f"other content, at {place(content, begin)},"
    return None


def doctype(content: bytes) -> str | None:
    """Finds the place of a document type, which can stand nowhere but before the root."""
    begin = _end_of_prolog(content)
    # Any case: only upper case is well-formed, and the intent is the same.
    return place(content, begin) if content[begin : begin + 9].upper() == b"<!DOCTYPE" else None


def place(content: bytes, offset: int) -> str:
    """Returns the line and the column of an offset."""
    line = content.count(b"\n", 0, offset) + 1
    column = offset - content.rfind(b"\n", 0, offset)
    return f"line {line}, column {column}"
