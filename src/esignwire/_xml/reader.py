"""Reader of XML answers: strict, bounded, and with documents led past the tree.

Nothing is repaired, no document type declaration and no entity is allowed, nothing is fetched.
Where the schema says that an answer holds documents, libxml2 reads the answer as it arrives. Every
other answer is read in one go.

The exceptions of lxml and of the codecs are not kept as causes: their words, and the bytes that a
decoding error holds, quote the answer, which may carry secrets. Our errors name place and rule.
"""

from __future__ import annotations

import re
import threading
from typing import NamedTuple, TypeVar, cast

from lxml import etree

from esignwire._call import Call, unusable
from esignwire._xml.beginnings import doctype, is_usual, other_content
from esignwire._xml.elements import Element
from esignwire._xml.encodings import Decoder, Undecodable, charset_of
from esignwire._xml.tree import ReceivedXml, Tree, XmlLimits
from esignwire.errors import (
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

__all__ = ["XmlReader", "parse"]

_Kind = TypeVar("_Kind", bound=ResponseError)

# How many bytes tell what an answer is.
_BEGINNING = 4096
# Up to this length it takes less time to count the tags than to search the tree.
_SHORT = 16 * 1024
_LONGEST_KEPT = 256 * 1024
_LONGEST_NAME = 1000

# libxml2's error codes (xmlerror.h).
_RESOURCE_LIMIT = 114
_UNKNOWN_ENTITY = {26, 27}
# After an ampersand libxml2 waits for a semicolon, to the end of the answer.
_BAD_REFERENCE = {23, 68}
_UNFINISHED = re.compile(r"[&<][^;<>&\s]*\Z")
_RULES = {
    5: "content after the root element",
    9: "a character that XML does not allow",
    23: "an ampersand that begins no entity",
    38: "< in an attribute's value",
    39: "an attribute's value without quotes",
    41: "an attribute without a value",
    42: "the same attribute twice",
    65: "a blank is missing",
    68: "a name was due",
    73: "a tag without an end",
    76: "the closing tag is not that of the element",
    201: "a prefix without a namespace",
}


class _Flaw(NamedTuple):
    """What libxml2 says is wrong."""

    code: int
    line: int
    column: int
    words: str

    @classmethod
    def of(cls, error: etree.XMLSyntaxError) -> _Flaw:
        # The stubs of lxml do not know of the code.
        return cls(getattr(error, "code", 0), *error.position, error.msg or "")


def _noted(parser: etree.XMLParser) -> list[_Flaw]:
    """The flaws of which libxml2 has taken note, and gone on."""
    errors = parser.feed_error_log.filter_from_errors()
    return [_Flaw(one.type, one.line, one.column, one.message) for one in errors]


def _strict_parser(tree: Tree | None = None) -> etree.XMLParser:
    return etree.XMLParser(
        # The stubs of lxml ask for methods that lxml can do without.
        target=cast("etree.ParserTarget | None", tree),
        # A tree of ours has bounds of its own, and base64 in CDATA may be long.
        huge_tree=tree is not None,
        recover=False,
        # Otherwise libxml2 hands a target "&#38;" for "&amp;" in attributes. Other entities need a
        # document type, and none comes so far.
        resolve_entities=tree is not None,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )


class _Idle(threading.local):
    """Parsers of one thread that are not in use: to make one takes as long as a short answer."""

    def __init__(self) -> None:
        self.parsers: list[etree.XMLParser] = []


_idle = _Idle()


class XmlReader:
    """Takes an answer that is due to be XML, chunk by chunk.

    Comments and processing instructions are left out of the tree.

    Args:
        call: The call, for errors.
        limits: How much is read.
        http_status: The HTTP status of the answer, for errors; ``None`` where there is none.
        content_type: The Content-Type header of the answer.
        documents: Where documents are due, as paths of local names from the root, such as
            ``DownloadDocumentRs/Data/Form/Data``.
        namespaces: The namespaces whose elements these paths mean, besides none.
    """

    def __init__(
        self,
        call: Call,
        *,
        limits: XmlLimits,
        http_status: int | None,
        content_type: str = "",
        documents: frozenset[str] = frozenset(),
        namespaces: frozenset[str] = frozenset(),
    ) -> None:
        self._call = call
        self._limits = limits
        self._http_status = http_status
        self._charset = charset_of(content_type)
        self._tree = Tree(call, limits, http_status, documents, namespaces) if documents else None
        # What is read in one go: an answer without documents, or with an unusual beginning.
        self._content = bytearray()
        self._decoder: Decoder | None = None
        self._parser: etree.XMLParser | None = None
        # The last characters tell whether the answer was cut.
        self._tail = ""
        self._is_short = False
        self._may_be_deep = False

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Args:
            chunk: The bytes.

        Raises:
            ResponseError: As of ``finish``, as soon as it shows.
            OSError: A document cannot be stored.
        """
        if self._decoder is not None:
            self._push(self._decoder, chunk)
            return
        before = len(self._content)
        self._content += chunk
        if (
            self._tree is not None
            and before < _BEGINNING <= len(self._content)
            and is_usual(bytes(self._content[:_BEGINNING]))
        ):
            content, self._content = bytes(self._content), bytearray()
            self._decoder = self._decoder_of(content)
            self._push(self._decoder, content)
        elif len(self._content) > self._limits.max_bytes:
            what = f"the answer is larger than {self._limits.max_bytes:,} bytes"
            raise self._error(ResponseTooLarge, what)

    def finish(self) -> ReceivedXml:
        """Ends the answer.

        Returns:
            The tree, and the documents.

        Raises:
            EmptyResponse: Nothing came, or blanks alone.
            UnexpectedContent: HTML, JSON, plain text or a binary file.
            TruncatedResponse: The answer is well-formed as far as it goes, and ends too early.
            MalformedResponse: The answer is not well-formed, or a document is not base64.
            EncodingError: The bytes are not the text that they claim to be, or they claim an
                encoding that is not read.
            ForbiddenMarkup: A document type declaration or an entity other than XML's own five.
            ResponseTooLarge: More bytes, tags or text than allowed.
            ResponseTooDeep: More nesting than allowed.
        """
        if self._decoder is not None:
            self._push(self._decoder, b"", is_last=True)
        else:
            content, self._content = bytes(self._content), bytearray()
            is_known = is_usual(content[:_BEGINNING])
            if not is_known:
                self._refuse_others(content)
            self._push(self._decoder_of(content), content, is_last=True, is_known=is_known)
        return self._complete()

    def discard(self) -> None:
        """Drops what came so far: the rest will not come."""
        self._content.clear()
        if self._tree is not None:
            self._tree.discard()

    def _error(self, kind: type[_Kind], what: str) -> _Kind:
        return unusable(kind, what, self._call, self._http_status)

    def _refuse_others(self, content: bytes) -> None:
        """Refuses what is no XML, and a document type, which libxml2 must not see."""
        if not content.strip():
            raise self._error(EmptyResponse, "the answer is empty")
        found = other_content(content)
        if found is not None:
            raise self._error(UnexpectedContent, f"XML was due, and {found} came")
        where = doctype(content)
        if where is not None:
            what = f"a document type declaration at {where}, which is never read"
            raise self._error(ForbiddenMarkup, what)

    def _decoder_of(self, content: bytes) -> Decoder:
        try:
            return Decoder(content[:_BEGINNING], self._charset)
        except Undecodable as error:
            what = str(error)
        raise self._error(EncodingError, what)

    def _push(
        self, decoder: Decoder, chunk: bytes, *, is_last: bool = False, is_known: bool = True
    ) -> None:
        """Decodes bytes and hands their text to libxml2."""
        failure: ResponseError | None = None
        try:
            text = decoder.decode(chunk, is_last=is_last)
        except Undecodable as error:
            text = error.before
            kind = TruncatedResponse if error.is_cut else EncodingError
            failure = self._error(kind, str(error))
        if not is_known and (text or failure is None):
            # In another encoding it did not show before.
            self._refuse_others(text.encode("utf-8"))
        if text:
            self._parse(text)
        if failure is not None:
            raise failure

    def _parse(self, text: str) -> None:
        tree, most = self._tree, self._limits.max_markup
        # Counting takes time. A text with fewer characters than allowed tags needs none.
        if len(text) > most and text.count("<") + text.count("=") > most:
            raise self._error(
                ResponseTooLarge, f"the answer has more than {most:,} tags and attributes"
            )
        if self._parser is None:
            # The tables of a parser grow with what they see and never shrink.
            self._is_short = len(text) <= _LONGEST_KEPT
            is_kept = tree is None and self._is_short and _idle.parsers
            self._parser = _idle.parsers.pop() if is_kept else _strict_parser(tree)
            # Fewer tags than levels cannot be too deep, which spares short answers the search.
            deepest = self._limits.max_depth
            self._may_be_deep = len(text) > _SHORT or text.count("<") > deepest
        self._tail = (self._tail + text[-_LONGEST_NAME:])[-_LONGEST_NAME:]
        try:
            self._parser.feed(text)
        except etree.XMLSyntaxError as error:
            flaw = _Flaw.of(error)
        except ValueError:
            # lxml makes no element of a name that libxml2 only takes note of.
            flaw = _noted(self._parser)[0]
        else:
            if tree is not None and not tree.flush():
                # libxml2 waits for the end of a tag, a comment or a CDATA section.
                tree.keep(len(text), text.count("="))
            return
        raise self._explain(flaw)

    def _complete(self) -> ReceivedXml:
        tree, parser = self._tree, self._parser or _strict_parser()
        noted = _noted(parser)
        try:
            root = parser.close()
        except etree.XMLSyntaxError as error:
            flaw = _Flaw.of(error)
        else:
            received = self._whole(parser, root) if tree is None else tree.take()
            if received is not None and not noted:
                return received
            flaw = _Flaw(0, 1, 1, "")
        # What libxml2 was fed without a complaint was cut, unless it waited in vain.
        if not noted and (flaw.code not in _BAD_REFERENCE or _UNFINISHED.search(self._tail)):
            what = f"the answer ends too early, at line {flaw.line}, column {flaw.column}"
            raise self._error(TruncatedResponse, what)
        raise self._explain(noted[0] if noted else flaw)

    def _whole(self, parser: etree.XMLParser, root: Element) -> ReceivedXml:
        if self._is_short:
            _idle.parsers.append(parser)
        if self._may_be_deep and root.xpath(f"boolean({'/*' * (self._limits.max_depth + 1)})"):
            raise self._too_deep()
        return ReceivedXml(root=root)

    def _too_deep(self) -> ResponseTooDeep:
        deepest = self._limits.max_depth
        what = f"the answer nests elements more than {deepest} levels deep"
        return self._error(ResponseTooDeep, what)

    def _explain(self, flaw: _Flaw) -> ResponseError:
        where = f"line {flaw.line}, column {flaw.column}"
        if flaw.code == _RESOURCE_LIMIT:
            # One code for all limits: the words alone tell which.
            if "depth" in flaw.words:
                return self._too_deep()
            what = f"one text is longer than 10,000,000 characters, at {where}"
            return self._error(ResponseTooLarge, what)
        if flaw.code in _UNKNOWN_ENTITY:
            return self._error(ForbiddenMarkup, f"an entity at {where}, which is never read")
        rule = _RULES.get(flaw.code, f"rule {flaw.code} of libxml2")
        what = f"the answer is not well-formed at {where} ({rule})"
        return self._error(MalformedResponse, what)


def parse(
    content: bytes,
    call: Call,
    *,
    limits: XmlLimits,
    http_status: int | None,
    content_type: str = "",
) -> Element:
    """Reads an answer that holds no documents.

    Args:
        content: The body.
        call: The call that it answers.
        limits: How much is read.
        http_status: The HTTP status, for errors; ``None`` where there is none.
        content_type: The Content-Type header.

    Returns:
        The root element.

    Raises:
        ResponseError: As of ``XmlReader.finish``.
    """
    reader = XmlReader(call, limits=limits, http_status=http_status, content_type=content_type)
    reader.feed(content)
    return reader.finish().root
