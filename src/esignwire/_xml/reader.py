"""Reader of XML answers: strict, bounded, and with documents led past the tree.

Nothing is repaired, no document type declaration and no entity is allowed, nothing is fetched.
Where the schema says that an answer holds documents, libxml2 reads the answer as it arrives. Every
other answer is read in one go.

The exceptions of lxml and of the codecs are not kept as causes: their words, and the bytes that a
decoding error holds, quote the answer, which may carry secrets. Our errors name place and rule.
"""

from __future__ import annotations

from typing import TypeVar

from lxml import etree

from esignwire._call import Call, unusable
from esignwire._xml.beginnings import doctype, is_plain, is_usual, other_content
from esignwire._xml.elements import Element
from esignwire._xml.encodings import Decoder, Undecodable, charset_of
from esignwire._xml.parsers import NO_FLAW, Flaw, noted, strict_parser, usual
from esignwire._xml.tree import ReceivedXml, Tree, XmlLimits
from esignwire.errors import (
    EmptyResponse,
    EncodingError,
    ForbiddenMarkup,
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
        self._content: bytes | bytearray = b""
        self._decoder: Decoder | None = None
        self._parser: etree.XMLParser | None = None
        # The last characters tell whether the answer was cut.
        self._tail = ""

    def feed(self, chunk: bytes) -> None:
        """Takes the next bytes.

        Raises:
            ResponseError: As of ``finish``, as soon as it shows.
            OSError: A document cannot be stored.
        """
        if self._decoder is not None:
            self._push(*self._decode(self._decoder, chunk))
            return
        before = len(self._content)
        # One piece alone, as nearly always, is not copied.
        if isinstance(self._content, bytearray):
            self._content += chunk
        else:
            self._content = bytearray(self._content + chunk) if before else chunk
        if (
            self._tree is not None
            and before < _BEGINNING <= len(self._content)
            and is_usual(bytes(self._content[:_BEGINNING]))
        ):
            content, self._content = bytes(self._content), b""
            self._decoder = self._decoder_of(content)
            self._push(*self._decode(self._decoder, content))
        elif len(self._content) > self._limits.max_bytes:
            raise self._error(
                ResponseTooLarge,
                f"the answer is larger than {self._limits.max_bytes:,} bytes; raise"
                " max_response_bytes if that is expected",
            )

    def finish(self) -> ReceivedXml:
        """Ends the answer: the tree, and the documents.

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
            text, failure = self._decode(self._decoder, b"", is_last=True)
        else:
            content, self._content = bytes(self._content), b""
            is_known = is_usual(content[:_BEGINNING])
            if not is_known:
                self._refuse_others(content)
            decoder = self._decoder_of(content)
            text, failure = self._decode(decoder, content, is_last=True)
            if not is_known and (text or failure is None):
                # In another encoding it did not show before.
                self._refuse_others(text.encode("utf-8"))
            if self._tree is None and failure is None:
                root = self._at_once(text, content if decoder.is_utf_8 else text.encode("utf-8"))
                if root is not None:
                    return ReceivedXml(root=root)
        self._push(text, failure)
        return self._complete()

    def discard(self) -> None:
        """Drops what came so far: the rest will not come."""
        self._content = b""
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

    def _decode(
        self, decoder: Decoder, chunk: bytes, *, is_last: bool = False
    ) -> tuple[str, ResponseError | None]:
        """Returns the text of bytes, and the error about what follows it."""
        failure: ResponseError | None = None
        try:
            text = decoder.decode(chunk, is_last=is_last)
        except Undecodable as error:
            text = error.before
            kind = TruncatedResponse if error.is_cut else EncodingError
            failure = self._error(kind, str(error))
        most = self._limits.max_markup
        # Counting takes time. A text with fewer characters than allowed tags needs none.
        if len(text) > most and text.count("<") + text.count("=") > most:
            what = f"the answer has more than {most:,} tags and attributes"
            raise self._error(ResponseTooLarge, what)
        return text, failure

    def _at_once(self, text: str, content: bytes) -> Element | None:
        """Reads an answer without documents; ``None`` where it is not well-formed."""
        # The tables of a parser grow with what they see and never shrink.
        parser = usual.parser if len(text) <= _LONGEST_KEPT else strict_parser()
        try:
            root = etree.fromstring(content, parser)
        except etree.XMLSyntaxError:
            return None
        # Fewer tags than levels cannot be too deep, which spares short answers the search.
        deepest = self._limits.max_depth
        may_be_deep = len(text) > _SHORT or text.count("<") > deepest
        if may_be_deep and root.xpath(f"boolean({'/*' * (deepest + 1)})"):
            what = f"the answer nests elements more than {deepest} levels deep"
            raise self._error(ResponseTooDeep, what)
        return root

    def _push(self, text: str, failure: ResponseError | None) -> None:
        """Hands text to libxml2, and raises the error about what follows it."""
        tree = self._tree
        if self._parser is None:
            self._parser = strict_parser(tree)
        self._tail = (self._tail + text[-_LONGEST_NAME:])[-_LONGEST_NAME:]
        flaw: Flaw | None = None
        try:
            self._parser.feed(text)
        except etree.XMLSyntaxError as error:
            flaw = Flaw.of(error)
        except ValueError:
            # lxml makes no element of a name that libxml2 only takes note of.
            flaw = next(iter(noted(self._parser)), NO_FLAW)
        if flaw is not None:
            raise self._error(*flaw.explained(self._limits.max_depth))
        if tree is not None and text and not tree.flush():
            # libxml2 waits for the end of a tag, a comment or a CDATA section.
            tree.keep(len(text), text.count("="))
        if failure is not None:
            raise failure

    def _complete(self) -> ReceivedXml:
        parser = self._parser or strict_parser()
        flaws = noted(parser)
        flaw = NO_FLAW
        try:
            root = parser.close()
        except etree.XMLSyntaxError as error:
            flaw = Flaw.of(error)
        except ValueError:
            # As above, where the answer was cut within the name.
            flaw = next(iter(noted(parser)), NO_FLAW)
        else:
            received = ReceivedXml(root=root) if self._tree is None else self._tree.take()
            if received is not None and not flaws:
                return received
        # What libxml2 was fed without a complaint was cut, unless it waited in vain.
        if not flaws and flaw.is_end(self._tail):
            raise self._error(TruncatedResponse, f"the answer ends too early, at {flaw.where}")
        raise self._error(*[*flaws, flaw][0].explained(self._limits.max_depth))


def parse(
    content: bytes,
    call: Call,
    *,
    limits: XmlLimits,
    http_status: int | None,
    content_type: str = "",
) -> Element:
    """Reads an answer that holds no documents, and returns its root.

    Raises:
        ResponseError: As of ``XmlReader.finish``.
    """
    # Most answers are short and plain. The reader takes all others, and says what is wrong.
    most = min(_SHORT, limits.max_bytes, limits.max_markup)
    if len(content) <= most and is_plain(content) and content.count(b"<") <= limits.max_depth:
        try:
            return etree.fromstring(content, usual.parser)
        except etree.XMLSyntaxError:
            pass
    reader = XmlReader(call, limits=limits, http_status=http_status, content_type=content_type)
    reader.feed(content)
    return reader.finish().root
