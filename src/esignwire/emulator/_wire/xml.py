"""Reads XML that may be hostile: no DTD, no entity, no network, bounded in every direction.

Nothing is repaired. A document type declaration can stand only before the first element, so that
part is looked through before libxml2 sees anything.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from lxml import etree

from esignwire.emulator._wire.markup import Element

__all__ = ["XmlLimits", "XmlRefused", "checked", "parse", "transcode"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii"})
_DECLARATION = re.compile(r"<\?xml\s[^<>]{0,200}?\?>")
_DECLARED_ENCODING = re.compile(rb"<\?xml\s[^<>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """How much XML is too much.

    Args:
        depth: The most levels of elements within each other.
        markup: The most tags and attributes together, counted by ``<`` and ``=``.
        attributes: The most attributes of one element. libxml2 looks each attribute up among the
            others, so that the time grows with the square of their number.
    """

    depth: int = 100
    markup: int = 200_000
    attributes: int = 500


class XmlRefused(ValueError):
    """A text that is no acceptable XML; the message says why without repeating the text."""


def transcode(chunks: Iterable[bytes], charset: str | None = None) -> Iterator[bytes]:
    """Turn the bytes of an XML document into UTF-8.

    Args:
        chunks: The bytes; the first piece holds the XML declaration.
        charset: What the transport says of the encoding. It wins over the document's own word, and
            a byte order mark wins over both.

    Yields:
        The text in UTF-8, without a byte order mark.

    Raises:
        XmlRefused: The encoding is not UTF-8, UTF-16 or ASCII, or the bytes are none of it.
    """
    rest = iter(chunks)
    first = next(rest, b"")
    encoding, skipped = charset, 0
    for mark, name in _BYTE_ORDER_MARKS:
        if first.startswith(mark):
            encoding, skipped = name, len(mark)
            break
    else:
        if encoding is None:
            declared = _DECLARED_ENCODING.match(first)
            encoding = declared[1].decode("ascii").lower() if declared else "utf-8"
        if encoding not in _ENCODINGS:
            raise XmlRefused("The encoding is not accepted: send UTF-8.")
    return _transcoded(chain([first[skipped:]], rest), encoding, skipped)


def checked(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Pass UTF-8 on.

    Args:
        chunks: The bytes.

    Yields:
        The same bytes.

    Raises:
        XmlRefused: They are no UTF-8.
    """
    return _transcoded(chunks, "utf-8", 0)


def _transcoded(chunks: Iterable[bytes], encoding: str, place: int) -> Iterator[bytes]:
    decoder = codecs.getincrementaldecoder(encoding)()
    is_utf_8 = encoding.startswith("utf") and encoding.endswith("8")
    for chunk, is_last in _marked(chunks):
        waiting = len(decoder.getstate()[0])
        try:
            text = decoder.decode(chunk, is_last)
        except UnicodeDecodeError as error:
            wrong = place - waiting + error.start
            raise XmlRefused(f"Byte {wrong} does not belong to the encoding.") from None
        place += len(chunk)
        yield chunk if is_utf_8 else text.encode("utf-8")


def _marked(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Go through pieces and say last that there are no more."""
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def parse(text: str, limits: XmlLimits) -> Element:
    """Read an XML document.

    Args:
        text: The document. What its XML declaration says of an encoding is passed over, since the
            text is decoded already.
        limits: How much is too much.

    Returns:
        The root element. Comments and processing instructions are gone.

    Raises:
        XmlRefused: The text is empty, not well-formed, too deep or too large, or has a document
            type declaration.
    """
    text = text.strip("\ufeff \t\r\n")
    declaration = _DECLARATION.match(text)
    if declaration:
        text = text[declaration.end() :]
    if not text:
        raise XmlRefused("There is no XML document.")
    if text.count("<") + text.count("=") > limits.markup:
        raise XmlRefused("The XML document has too many elements and attributes.")
    _refuse_document_type(text)
    # A parser serves one document: lxml's parsers are not made for several threads at once.
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        recover=False,
        # What is left of a message when its large documents are cut out may still pass libxml2's
        # usual limits; the text as a whole is bounded before it comes here.
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except (etree.XMLSyntaxError, UnicodeEncodeError, ValueError) as error:
        raise XmlRefused(f"The XML is not well-formed{_position(error)}.") from None
    _refuse_shape(root, limits)
    return root


def _position(error: Exception) -> str:
    if isinstance(error, etree.XMLSyntaxError) and error.lineno is not None:
        return f" at line {error.lineno}, column {error.offset}"
    return ""


def _refuse_document_type(text: str) -> None:
    place = 0
    while True:
        place = text.find("<", place)
        if place < 0:
            return
        if text.startswith("<!--", place):
            end, mark = text.find("-->", place + 4), 3
        elif text.startswith("<?", place):
            end, mark = text.find("?>", place + 2), 2
        elif text.startswith("<!", place):
            raise XmlRefused("The XML has a document type declaration, which is forbidden.")
        else:
            return
        if end < 0:
            return
        place = end + mark


def _refuse_shape(root: Element, limits: XmlLimits) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > limits.depth:
            raise XmlRefused(f"The XML has more than {limits.depth} levels of elements.")
        if event == "start" and len(element.attrib) > limits.attributes:
            raise XmlRefused(
                f"The XML has an element with more than {limits.attributes} attributes."
            )
