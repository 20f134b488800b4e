"""Reads XML from the outside: strictly, and within bounds.

Nothing is repaired, no document type declaration and no entity is allowed, nothing is fetched. The
bytes are judged before the parser sees them wherever the parser could be harmed by them.

The parser's own exceptions are not kept as causes: their words, and the bytes that a decoding error
holds, quote the document, which may carry secrets. The errors name the place and the rule instead.
"""

from __future__ import annotations

import codecs
import contextlib
import functools
import re
import threading
from dataclasses import dataclass
from typing import NoReturn, TypeVar

from lxml import etree

from esignwire._call import Call, unusable
from esignwire._xml.elements import Element
from esignwire.errors import (
    ConfigurationError,
    EmptyResponse,
    EncodingError,
    ForbiddenMarkup,
    MalformedResponse,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
    TruncatedResponse,
    UnexpectedContent,
)

__all__ = ["XmlLimits", "parse"]

_Kind = TypeVar("_Kind", bound=ResponseError)

# libxml2 has a limit of its own at 256 levels; ours must be the one that speaks.
_DEEPEST = 250
_LONGEST_TITLE = 80
# Up to here it takes less time to count the tags than to search the tree.
_SHORT = 16 * 1024
_LONGEST_KEPT = 256 * 1024

_BLANK = b" \t\r\n"
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
_USUAL_BEGINNING = re.compile(
    rb"(?:<\?xml[ \t\r\n][^<>]{0,200}\?>)?[ \t\r\n]*<(?!(?:html|head|body)[\s>])[A-Za-z_]",
    re.IGNORECASE,
)
_TITLE = re.compile(rb"<title[^>]{0,200}>([^<]{0,1000})", re.IGNORECASE)
_HTML = re.compile(rb"<(!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_BINARY = {
    b"%PDF-": "a PDF document",
    b"PK\x03\x04": "a ZIP archive",
    b"\x1f\x8b": "compressed data",
    b"\x89PNG": "a PNG image",
}
# libxml2's error codes (xmlerror.h).
_RESOURCE_LIMIT = 114
_UNKNOWN_ENTITY = {26, 27}
# An ampersand: a parser that is fed piecemeal waits for its semicolon to the end of the document.
_BAD_REFERENCE = {23, 68}
_UNFINISHED = re.compile(rb"[&<][^;<>&\s]*\Z")
_LONGEST_NAME = 1000
_RULES = {
    5: "content after the root element",
    9: "a character that XML does not allow",
    23: "an ampersand that begins no entity",
    38: "< in an attribute's value",
    39: "an attribute's value without quotes",
    41: "an attribute without a value",
    42: "the same attribute twice",
    64: "an XML declaration that is not at the very beginning",
    65: "a blank is missing",
    68: "a name was due",
    73: "a tag without an end",
    76: "the closing tag is not that of the element",
    201: "a prefix without a namespace",
}
_TRUNCATED_BYTES = {"unexpected end of data", "truncated data"}


@dataclass(slots=True, kw_only=True)
class XmlLimits:
    """How much XML is read.

    Args:
        max_bytes: The largest document in bytes.
        max_depth: The deepest nesting of elements, 1 to 250.
        max_markup: The most tags and attributes. Each becomes an object of about a hundred bytes,
            so that a small document of nothing but tags would fill the memory.

    Raises:
        ConfigurationError: A limit is out of its range.
    """

    max_bytes: int = 64 * 1024 * 1024
    max_depth: int = 100
    max_markup: int = 2_000_000

    def __post_init__(self) -> None:
        if self.max_bytes < 1 or self.max_markup < 1:
            raise ConfigurationError("max_bytes and max_markup must be at least 1")
        if not 1 <= self.max_depth <= _DEEPEST:
            raise ConfigurationError(f"max_depth must be between 1 and {_DEEPEST}")


def _strict_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8",
        recover=False,
        resolve_entities=False,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )


class _Usual(threading.local):
    """One parser for each thread: to make one takes as long as to read a small answer."""

    def __init__(self) -> None:
        self.parser = _strict_parser()


_usual = _Usual()


class _Reading:
    """One document on its way in."""

    def __init__(
        self, call: Call, limits: XmlLimits, http_status: int | None, charset: str | None
    ) -> None:
        self._call = call
        self._limits = limits
        self._http_status = http_status
        self._charset = charset

    def parse(self, content: bytes) -> Element:
        if not content.strip(_BLANK):
            raise self._error(EmptyResponse, "the answer is empty")
        if len(content) > self._limits.max_bytes:
            raise self._error(
                ResponseTooLarge, f"the answer is larger than {self._limits.max_bytes:,} bytes"
            )
        # Nearly every answer begins as XML does, with nothing before its root to look into.
        is_usual = _USUAL_BEGINNING.match(content) is not None
        if not is_usual:
            self._refuse_other_content(content)
        document = self._to_utf_8(content)
        if document is not content:
            if not document.strip(_BLANK):
                raise self._error(EmptyResponse, "the answer is empty")
            self._refuse_other_content(document)
        null = document.find(b"\0")
        if null >= 0:
            raise self._error(MalformedResponse, f"a null character at {_place(document, null)}")
        if not is_usual:
            self._check_prolog(document)
        # Counting takes time. A document with fewer bytes than allowed tags needs none.
        most = self._limits.max_markup
        if len(document) > most and document.count(b"<") + document.count(b"=") > most:
            raise self._error(
                ResponseTooLarge,
                f"the answer has more than {self._limits.max_markup:,} tags and attributes",
            )
        root = self._build(document)
        # Fewer tags than levels cannot be too deep, which spares short answers the search.
        deepest = self._limits.max_depth
        is_suspect = len(document) > _SHORT or document.count(b"<") > deepest
        if is_suspect and _deeper_than(deepest)(root):
            self._refuse_depth()
        return root

    def _error(self, kind: type[_Kind], what: str) -> _Kind:
        return unusable(kind, what, self._call, self._http_status)

    def _refuse_depth(self) -> NoReturn:
        raise self._error(
            ResponseTooDeep,
            f"the answer nests elements more than {self._limits.max_depth} levels deep",
        )

    def _refuse_other_content(self, content: bytes) -> None:
        """Names what came instead, before anything is said about its encoding."""
        for beginning, name in _BINARY.items():
            if content.startswith(beginning):
                raise self._error(UnexpectedContent, f"XML was due, and {name} came")
        text = content.removeprefix(codecs.BOM_UTF8).lstrip(_BLANK)
        # What comes before the root says nothing yet: comments stand before HTML as well.
        begin = _skip_prolog(text)
        if _HTML.match(text, begin):
            found = _TITLE.search(text[: 64 * 1024])
            title = " ".join(found[1].decode("utf-8", "replace").split()) if found else ""
            title = "".join(character for character in title if character.isprintable())
            if len(title) > _LONGEST_TITLE:
                title = title[:_LONGEST_TITLE] + "..."
            hint = f" with the title {title!r}" if title else ""
            raise self._error(UnexpectedContent, f"XML was due, and an HTML page{hint} came")
        if text[:1] in {b"{", b"["}:
            raise self._error(UnexpectedContent, "XML was due, and JSON came")
        # UTF-16 begins with such a character too; its null characters tell it apart.
        if (text[:1].isalnum() or text[:1] in {b'"', b"'"}) and b"\0" not in text[:4]:
            raise self._error(UnexpectedContent, "XML was due, and plain text came")

    def _to_utf_8(self, content: bytes) -> bytes:
        """The same document in UTF-8, each byte of it accounted for."""
        if content.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
            raise self._error(EncodingError, "UTF-32 is not read; UTF-8 was due")
        if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return self._from_utf_16(content, "utf-16")
        if content.startswith(b"<\0"):
            return self._from_utf_16(content, "utf-16-le")
        if content.startswith(b"\0<"):
            return self._from_utf_16(content, "utf-16-be")
        document = content.removeprefix(codecs.BOM_UTF8)
        encoding, *others = self._claimed(document, has_mark=document is not content)
        if others:
            with contextlib.suppress(UnicodeDecodeError):
                return document.decode(encoding).encode("utf-8")
            encoding = others[0]
        text = self._decode(document, encoding)
        return document if encoding in {"utf-8", "ascii"} else text.encode("utf-8")

    def _claimed(self, document: bytes, *, has_mark: bool) -> tuple[str, ...]:
        """The encodings that a document may be in, the surest first."""
        # Header fields come before the declaration (RFC 7303). US-ASCII was once their default, and
        # what is no UTF-16 is none, whatever they say.
        by_header = None if self._charset is None else _ENCODINGS.get(self._charset)
        if by_header in {"ascii", "utf-16"}:
            by_header = None
        if has_mark and by_header == "utf-8":
            return ("utf-8",)
        declared = self._declared(document, is_needed=by_header is None)
        if declared == "utf-16" and by_header is not None:
            # .NET declares the encoding of its strings, and sends another.
            declared = None
        if declared == "utf-16" or (has_mark and declared not in {None, "utf-8"}):
            raise self._error(EncodingError, "the answer is not in the encoding that it declares")
        if has_mark:
            return ("utf-8",)
        if by_header is None or declared is None or by_header == declared:
            return (by_header or declared or "utf-8",)
        # A text that fits UTF-8 is hardly ever another. So where the two contradict each other, and
        # one of them says so, it is tried first.
        return (declared, by_header) if declared == "utf-8" else (by_header, declared)

    def _from_utf_16(self, content: bytes, encoding: str) -> bytes:
        document = self._decode(content, encoding).encode("utf-8")
        declared = self._declared(document)
        if declared not in {None, "utf-16"}:
            raise self._error(
                EncodingError, "the answer is in UTF-16 and declares another encoding"
            )
        return document

    def _declared(self, document: bytes, *, is_needed: bool = True) -> str | None:
        found = _DECLARED.match(document)
        if found is None:
            return None
        encoding = _ENCODINGS.get(found[1].decode("latin-1").lower())
        if encoding is None and is_needed:
            raise self._error(
                EncodingError, "the answer declares an encoding that is not read; UTF-8 was due"
            )
        return encoding

    def _decode(self, content: bytes, encoding: str) -> str:
        failure: ResponseError
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            if error.end >= len(content) and error.reason in _TRUNCATED_BYTES:
                failure = self._error(
                    TruncatedResponse, "the answer ends in the middle of a character"
                )
            else:
                place = (
                    f"byte {error.start}"
                    if encoding.startswith("utf-16")
                    else _place(content, error.start)
                )
                failure = self._error(
                    EncodingError, f"the bytes at {place} are not the text that they claim to be"
                )
        # Outside the handler: the decoding error holds all of the content.
        raise failure

    def _check_prolog(self, document: bytes) -> None:
        """Refuses a document type declaration, which can stand nowhere but before the root."""
        begin = _skip_prolog(document)
        # Any case: only upper case is well-formed, and the intent is the same.
        if document[begin : begin + 9].upper() == b"<!DOCTYPE":
            raise self._error(
                ForbiddenMarkup,
                f"a document type declaration at {_place(document, begin)}, which is never read",
            )
        if begin < len(document) and document[begin : begin + 1] != b"<":
            raise self._error(
                UnexpectedContent,
                f"XML was due, and other content came at {_place(document, begin)}",
            )

    def _build(self, document: bytes) -> Element:
        failure: ResponseError
        try:
            # A parser's own tables grow with what they see and never shrink, so that only short
            # answers get the one that is kept. Beside a long one it costs nothing to make one. (The
            # table of names is another: libxml2 has one for all parsers of a thread.)
            is_short = len(document) <= _LONGEST_KEPT
            return etree.fromstring(document, _usual.parser if is_short else _strict_parser())
        except etree.XMLSyntaxError as error:
            failure = self._explain(error, document)
        raise failure

    def _explain(self, error: etree.XMLSyntaxError, document: bytes) -> ResponseError:
        code: int = getattr(error, "code", 0)
        line, column = error.position
        place = f"line {line}, column {column}"
        if code == _RESOURCE_LIMIT:
            # One code for all limits: the words alone tell which.
            if "depth" in (error.msg or ""):
                return self._error(
                    ResponseTooDeep,
                    f"the answer nests elements more than {self._limits.max_depth} levels deep",
                )
            return self._error(
                ResponseTooLarge,
                f"one text is longer than 10,000,000 characters, at {place}",
            )
        if code in _UNKNOWN_ENTITY:
            return self._error(ForbiddenMarkup, f"an entity at {place}, which is never read")
        is_cut = code not in _BAD_REFERENCE or _UNFINISHED.search(document[-_LONGEST_NAME:])
        if is_cut and self._is_beginning(document):
            return self._error(TruncatedResponse, f"the answer ends too early, at {place}")
        return self._error(
            MalformedResponse, f"the answer is not well-formed at {place} ({_rule(code)})"
        )

    def _is_beginning(self, document: bytes) -> bool:
        """Whether nothing is wrong with the document but that it ends.

        A parser that is fed piecemeal waits for more, where one that has all complains.
        """
        parser = _strict_parser()
        try:
            parser.feed(document)
        except etree.XMLSyntaxError:
            return False
        # Not every complaint is raised at once; some are only noted.
        is_flawless = not list(getattr(parser, "feed_error_log", ()))
        try:
            parser.close()
        except etree.XMLSyntaxError:
            return is_flawless
        return False


@functools.cache
def _deeper_than(depth: int) -> etree.XPath:
    return etree.XPath(f"boolean({'/*' * (depth + 1)})")


def _rule(code: int) -> str:
    return _RULES.get(code, f"rule {code} of libxml2")


def _place(document: bytes, offset: int) -> str:
    line = document.count(b"\n", 0, offset) + 1
    column = offset - document.rfind(b"\n", 0, offset)
    return f"line {line}, column {column}"


def _skip_prolog(document: bytes) -> int:
    """Where the first thing stands that is no blank, comment or processing instruction.

    Args:
        document: A document in an encoding that contains ASCII.

    Returns:
        Its offset; the document's length where it ends before.
    """
    position = 0
    while position < len(document):
        if document[position : position + 1] in {b" ", b"\t", b"\r", b"\n"}:
            position += 1
            continue
        if document.startswith(b"<!--", position):
            end, length = document.find(b"-->", position + 4), 3
        elif document.startswith(b"<?", position):
            end, length = document.find(b"?>", position + 2), 2
        else:
            return position
        if end < 0:
            return len(document)
        position = end + length
    return len(document)


@functools.lru_cache(maxsize=64)
def charset_of(content_type: str) -> str | None:
    """Finds the encoding that a Content-Type header names.

    Args:
        content_type: The header's value.

    Returns:
        The ``charset`` in lower case; ``None`` where it names none, or is of several parts.
    """
    kind, *parameters = content_type.lower().split(";")
    if kind.strip().startswith("multipart/"):
        return None
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip() == "charset":
            return value.strip().strip("\"'").strip() or None
    return None


def parse(
    content: bytes,
    call: Call,
    *,
    limits: XmlLimits,
    http_status: int | None,
    content_type: str = "",
) -> Element:
    """Reads an answer that is due to be XML.

    UTF-8, US-ASCII, ISO-8859-1, ISO-8859-15, Windows-1252 and UTF-16 are read, by byte order mark,
    header or declaration, the surest first (RFC 7303). Comments and processing instructions are
    left out of the tree.

    Args:
        content: The answer's body.
        call: The call that it answers.
        limits: How much is read.
        http_status: The answer's HTTP status, for errors; ``None`` where there is none.
        content_type: The answer's Content-Type header.

    Returns:
        The root element.

    Raises:
        EmptyResponse: Nothing came, or blanks alone.
        UnexpectedContent: HTML, JSON, plain text or a binary file.
        TruncatedResponse: The document is well-formed as far as it goes, and ends too early.
        MalformedResponse: The document is not well-formed.
        EncodingError: The bytes are not the text that they claim to be, or they claim an encoding
            that is not read.
        ForbiddenMarkup: A document type declaration or an entity other than XML's own five.
        ResponseTooLarge: More bytes, tags or text than allowed.
        ResponseTooDeep: More nesting than allowed.
    """
    return _Reading(call, limits, http_status, charset_of(content_type)).parse(content)
