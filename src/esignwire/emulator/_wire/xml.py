"""Reader of XML that may be hostile: no DTD, no entity, no network, bounded in every direction.

The tree is built while the text arrives, and stays small: a document is the base64 text of an
element that the schema types so, and where it is long, its bytes go into a blob and a token takes
its place. Nothing is repaired.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Protocol, cast

from lxml import etree

from esignwire.emulator._wire.documents import LONGEST_INLINE, DocumentReader, Tokens
from esignwire.emulator._wire.markup import Element

__all__ = ["XmlLimits", "XmlRefused", "checked", "read_xml", "transcode"]

_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_ENCODINGS = frozenset({"utf-8", "utf8", "utf-16", "utf-16le", "utf-16be", "us-ascii"})
_DECLARATION = re.compile(rb"<\?xml\s[^<>]{0,200}?\?>")
_LONGEST_DECLARATION = 300
_DECLARED_ENCODING = re.compile(rb"<\?xml\s[^<>]{0,200}?\bencoding\s*=\s*[\"']([A-Za-z0-9._-]+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class XmlLimits:
    """How much XML is too much.

    Args:
        depth: The most levels of elements within each other.
        markup: The most tags and attributes together.
        attributes: The most attributes and namespaces of one element. libxml2 looks each up among
            the others, so that the time grows with the square of their number.
    """

    depth: int = 100
    markup: int = 200_000
    attributes: int = 500


class XmlRefused(ValueError):
    """A text that is no acceptable XML; the message says why without repeating the text."""


def transcode(chunks: Iterable[bytes], charset: str | None = None) -> Iterator[bytes]:
    """Turn the bytes of an XML document into UTF-8, without a byte order mark.

    The first piece holds the XML declaration. The transport's word on the encoding wins over the
    document's own, and a byte order mark wins over both.

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
        except UnicodeError as error:
            # Python 3.12 and older raise no UnicodeDecodeError here.
            if not isinstance(error, UnicodeDecodeError) or "BOM" in error.reason:
                raise XmlRefused("UTF-16 needs a byte order mark.") from None
            wrong = place - waiting + error.start
            raise XmlRefused(f"Byte {wrong} does not belong to the encoding.") from None
        place += len(chunk)
        yield chunk if is_utf_8 else text.encode("utf-8")


def _marked(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Go through pieces and say last that there are no more."""
    for chunk in chunks:
        yield chunk, False
    yield b"", True


def read_xml(
    chunks: Iterable[bytes], names: frozenset[str], limits: XmlLimits, most: int
) -> tuple[Element, Tokens]:
    """Read an XML message in UTF-8: the root element, and the long documents.

    Comments and processing instructions are left out. ``names`` are those of the elements that hold
    documents; ``most`` counts the bytes besides these.

    Raises:
        XmlRefused: The message is empty, not well-formed, too deep or too large, or has a document
            type declaration.
    """
    target = _Target(names, limits)
    # What is left of a message without its long documents may still pass libxml2's usual limits.
    parser = etree.XMLParser(
        target=cast("etree.ParserTarget", target),
        encoding="utf-8",
        no_network=True,
        huge_tree=True,
    )
    size = 0
    try:
        for chunk in _without_declaration(chunks):
            size += len(chunk)
            parser.feed(chunk)
            # libxml2 holds back the end of a text until it has seen what follows.
            if size - target.document_size > most + len(chunk):
                break
        if size - target.document_size > most:
            raise XmlRefused(f"The XML has more than {most} bytes besides its documents.")
        if not size:
            raise XmlRefused("There is no XML document.")
        parser.close()
    except etree.XMLSyntaxError as error:
        raise XmlRefused(f"The XML is not well-formed{_position(error)}.") from None
    if len(parser.feed_error_log.filter_from_errors()):
        # libxml2 goes on where a prefix is not declared, and leaves it out.
        raise XmlRefused("The XML is not well-formed: its namespaces are wrong.")
    return target.root(), target.tokens


def _without_declaration(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Leave out the byte order mark and the XML declaration: the text is UTF-8 anyway."""
    start: bytes | None = b""
    for chunk in filter(None, chunks):
        if start is None:
            yield chunk
            continue
        start = (start + chunk).removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")
        if b">" in start or len(start) > _LONGEST_DECLARATION:
            yield start[found.end() :] if (found := _DECLARATION.match(start)) else start
            start = None
    if start:
        yield start


class _Builder(Protocol):
    """A tree builder of lxml's, whose stubs leave out the prefixes."""

    def start(
        self, tag: str, attributes: Mapping[str, str], prefixes: Mapping[str | None, str], /
    ) -> object: ...
    def data(self, text: str, /) -> object: ...
    def end(self, tag: str, /) -> object: ...
    def close(self) -> Element: ...


class _Target:
    """What libxml2 reports goes into a tree, and the texts of documents elsewhere."""

    def __init__(self, names: frozenset[str], limits: XmlLimits) -> None:
        self.tokens = Tokens()
        self.document_size = 0
        self._names = names
        self._limits = limits
        self._builder = cast("_Builder", etree.TreeBuilder())
        self._document: DocumentReader | None = None
        self._depth = 0
        self._markup = 0

    def start(self, tag: str, attributes: Mapping[str, str], prefixes: Mapping[str, str]) -> None:
        limits = self._limits
        self._depth += 1
        count = len(attributes) + len(prefixes)
        self._markup += 2 + count
        if self._depth > limits.depth:
            raise XmlRefused(f"The XML has more than {limits.depth} levels of elements.")
        if count > limits.attributes:
            raise XmlRefused(
                f"The XML has an element with more than {limits.attributes} attributes."
            )
        if self._markup > limits.markup:
            raise XmlRefused("The XML document has too many elements and attributes.")
        if self._document is not None:
            if self._document.is_long:
                raise XmlRefused(
                    f"A document of more than {LONGEST_INLINE} characters must be one text,"
                    " without markup inside."
                )
            self._builder.data(self._document.plain())
        # lxml calls the default namespace by an empty prefix here, and by None there.
        named = {prefix or None: namespace for prefix, namespace in prefixes.items()}
        try:
            self._builder.start(tag, attributes, named)
        except ValueError:
            raise XmlRefused("The XML has a name or a namespace that cannot be used.") from None
        is_document = tag.rpartition("}")[2] in self._names
        self._document = DocumentReader() if is_document else None

    def data(self, text: str) -> None:
        if self._document is None:
            self._builder.data(text)
        else:
            self.document_size += len(text)
            self._document.feed(text)

    def end(self, tag: str) -> None:
        self._depth -= 1
        if self._document is not None:
            self._builder.data(self._document.end(self.tokens))
            self._document = None
        self._builder.end(tag)

    def doctype(self, *_: object) -> None:
        raise XmlRefused("The XML has a document type declaration, which is forbidden.")

    def close(self) -> None:
        # lxml calls this also when it gives up, and what is raised here would hide the reason.
        pass

    def root(self) -> Element:
        return self._builder.close()


def _position(error: etree.XMLSyntaxError) -> str:
    return "" if error.lineno is None else f" at line {error.lineno}, column {error.offset}"
