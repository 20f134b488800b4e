"""Tree of an answer, built within bounds while it arrives, and its documents beside it."""

from __future__ import annotations

import binascii
from dataclasses import dataclass, field
from typing import Protocol, TypeVar, cast

from lxml import etree

from esignwire._call import Call, unusable
from esignwire._documents import DocumentStore, ReceivedDocument, discard_documents, new_token
from esignwire._xml.elements import Element
from esignwire.errors import (
    ConfigurationError,
    MalformedResponse,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
)

__all__ = ["ReceivedXml", "Tree", "XmlLimits"]

_Kind = TypeVar("_Kind", bound=ResponseError)

# libxml2 has a limit of its own at 256 levels; ours must be the one that speaks.
_DEEPEST = 250
_BLANKS = b" \t\r\n"
_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"

# Attributes and namespaces of one element, and what may come together of their squares: a second.
_MANY = 500
_MOST_COMPARISONS = 100_000_000


@dataclass(slots=True, kw_only=True)
class XmlLimits:
    """How much XML is read.

    Args:
        max_bytes: The largest answer in bytes; where documents are due, what it may hold beside
            them.
        max_depth: The deepest nesting of elements, 1 to 250.
        max_markup: The most tags and attributes. Each becomes an object of about a hundred bytes,
            so that a small answer of nothing but tags would fill the memory.

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


@dataclass(slots=True, kw_only=True)
class ReceivedXml:
    """An answer that was read.

    Args:
        root: The root element.
        documents: The documents, by the tokens that are the text of their elements.
        includes: The references to parts of an MTOM message, where documents are due.
    """

    root: Element
    documents: dict[str, ReceivedDocument] = field(default_factory=dict[str, ReceivedDocument])
    includes: list[Element] = field(default_factory=list[Element])

    def discard(self) -> None:
        """Drops the documents: an error that the answer leads to may live long."""
        discard_documents(self.documents.values())


class _Builder(Protocol):
    """lxml's TreeBuilder, of whose prefixes and results its stubs do not know."""

    def start(
        self, tag: str, attributes: dict[str, str], prefixes: dict[str | None, str]
    ) -> Element: ...

    def data(self, text: str) -> None: ...

    def end(self, tag: str) -> object: ...


class Tree:
    """The target of lxml's parser: builds elements, and writes documents to a store.

    Args:
        call: The call, for errors.
        limits: How much is kept.
        http_status: The HTTP status of the answer, for errors.
        documents: Where documents are due, as paths of local names from the root.
        namespaces: The namespaces whose elements these paths mean, besides none.
    """

    def __init__(
        self,
        call: Call,
        limits: XmlLimits,
        http_status: int | None,
        documents: frozenset[str],
        namespaces: frozenset[str],
    ) -> None:
        self._call = call
        self._limits = limits
        self._http_status = http_status
        self._due = documents
        self._namespaces = namespaces | {""}
        self._root: Element | None = None
        self._documents: dict[str, ReceivedDocument] = {}
        self._includes: list[Element] = []
        self._builder = cast("_Builder", etree.TreeBuilder())
        self._store = DocumentStore()
        # The path of each open element; that of a foreign element begins as no path does.
        self._paths: list[str] = []
        self._kept = 0
        self._markup = 0
        self._events = 0
        # libxml2 brings a text in pieces, one a line where lines end in CR and LF.
        self._pieces: list[str] = []
        self.data = self._pieces.append
        self._is_document = False
        self._size = 0
        self._comparisons = 0
        # The last characters of a document, of which alone some may be padding.
        self._rest = b""

    def start(self, tag: str, attributes: dict[str, str], prefixes: dict[str, str]) -> None:
        """Begins an element; lxml calls it."""
        self._end_text()
        namespace, _, local = tag.rpartition("}")
        outer = self._paths[-1] if self._paths else ""
        path = f"{outer}/{local}" if outer else local
        if namespace[1:] not in self._namespaces:
            path = "/"
        self._paths.append(path)
        if len(self._paths) > self._limits.max_depth:
            what = f"the answer nests elements more than {self._limits.max_depth} levels deep"
            raise self._error(ResponseTooDeep, what)
        length = sum(len(name) + len(value) for name, value in attributes.items())
        count = len(attributes) + len(prefixes)
        self.keep(len(local) + length, 1 + count)
        if count > _MANY:
            # libxml2 looks each name up among the others of its element.
            self._comparisons += count * count
            if self._comparisons > _MOST_COMPARISONS:
                what = "the answer has elements with too many attributes and namespaces"
                raise self._error(ResponseTooLarge, what)
        # The parser calls the default namespace "", the builder None.
        known = {prefix or None: namespace for prefix, namespace in prefixes.items()}
        element = self._builder.start(tag, attributes, known)
        if self._root is None:
            self._root = element
        if tag == _INCLUDE and outer in self._due:
            self._includes.append(element)
        self._is_document = path in self._due

    def end(self, tag: str) -> None:
        """Ends an element; lxml calls it."""
        self._end_text()
        self._paths.pop()
        self._builder.end(tag)

    def close(self) -> None:
        """Ends the answer, or what came of it; lxml calls it."""

    def keep(self, size: int, markup: int) -> None:
        """Counts the characters, and the tags and attributes, that are held in memory.

        Raises:
            ResponseTooLarge: It is more than allowed.
        """
        self._kept += size
        self._markup += markup
        if self._kept > self._limits.max_bytes:
            raise self._error(
                ResponseTooLarge,
                f"the answer holds more than {self._limits.max_bytes:,} bytes beside its"
                " documents; raise max_response_bytes if that is expected",
            )
        if self._markup > self._limits.max_markup:
            what = f"the answer has more than {self._limits.max_markup:,} tags and attributes"
            raise self._error(ResponseTooLarge, what)

    def flush(self) -> bool:
        """Keeps or stores the text that came so far; returns whether anything came since."""
        if self._pieces:
            text = "".join(self._pieces)
            self._pieces.clear()
            self._events += 1
            if self._is_document:
                self._decode(text)
            else:
                self.keep(len(text), 0)
                self._builder.data(text)
        events, self._events = self._events, 0
        return events > 0

    def take(self) -> ReceivedXml | None:
        """Hands the answer over; ``None`` where no element came."""
        documents, self._documents = self._documents, {}
        # lxml's parser and its target live until the garbage collector finds them.
        self._store = DocumentStore()
        if self._root is None:
            return None
        return ReceivedXml(root=self._root, documents=documents, includes=self._includes)

    def discard(self) -> None:
        """Drops the documents."""
        self._store.discard()

    def _end_text(self) -> None:
        """Ends the text before a tag; that of a document is over, and a token stands for it."""
        if self._pieces:
            self.flush()
        self._events += 1
        if not self._is_document:
            return
        self._is_document = False
        self._write(self._rest)
        self._rest = b""
        # An element without a text may hold a reference, or say that it is nil.
        if self._size:
            token = new_token()
            self._documents[token] = self._store.complete()
            self._builder.data(token)
            self._size = 0

    def _decode(self, text: str) -> None:
        if not text.isascii():
            raise self._damaged()
        content = text.encode("ascii")
        # To look for blanks takes less time than to copy all else.
        if any(blank in content for blank in _BLANKS):
            content = content.translate(None, _BLANKS)
        content = self._rest + content
        whole = max(0, (len(content) - 1) // 4 * 4)
        self._rest = content[whole:]
        if content.endswith(b"=", 0, whole):
            # Each piece is decoded by itself, so that padding at its end would pass.
            raise self._damaged()
        self._write(content[:whole])

    def _write(self, text: bytes) -> None:
        if not text:
            return
        # The standard library's takes forty times as long.
        from pybase64 import b64decode

        try:
            content = b64decode(text, validate=True)
        except binascii.Error:
            raise self._damaged() from None
        self._size += len(content)
        self._store.write(content)

    def _damaged(self) -> MalformedResponse:
        what = "a document in the answer is not base64 to its end"
        return self._error(MalformedResponse, what)

    def _error(self, kind: type[_Kind], what: str) -> _Kind:
        return unusable(kind, what, self._call, self._http_status)
