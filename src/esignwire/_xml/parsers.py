"""Parsers of lxml, strict ones, and the flaws of XML that they tell."""

from __future__ import annotations

import re
import threading
from typing import NamedTuple, cast

from lxml import etree

from esignwire._xml.tree import Tree
from esignwire.errors import (
    ForbiddenMarkup,
    MalformedResponse,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
)

__all__ = ["NO_FLAW", "Flaw", "noted", "strict_parser", "usual"]

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
    64: "an XML declaration that is not at the very beginning",
    65: "a blank is missing",
    68: "a name was due",
    73: "a tag without an end",
    76: "the closing tag is not that of the element",
    201: "a prefix without a namespace",
}


def strict_parser(tree: Tree | None = None) -> etree.XMLParser:
    """Makes a parser that repairs and fetches nothing, and builds ``tree`` where one is given.

    It is fed text, or bytes in UTF-8.
    """
    return etree.XMLParser(
        # The stubs of lxml ask for methods that lxml can do without.
        target=cast("etree.ParserTarget | None", tree),
        encoding="utf-8",
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


class _Usual(threading.local):
    """A parser for each thread: to make one takes as long as to read a short answer."""

    def __init__(self) -> None:
        self.parser = strict_parser()


usual = _Usual()
"""The parser of the thread."""


class Flaw(NamedTuple):
    """One flaw, as libxml2 tells it. Its own words may quote the answer: no error shows them."""

    code: int
    place: tuple[int, int]
    words: str

    @classmethod
    def of(cls, error: etree.XMLSyntaxError) -> Flaw:
        """Takes a flaw out of the exception of lxml."""
        # The stubs of lxml do not know of the code.
        return cls(getattr(error, "code", 0), error.position, error.msg or "")

    @property
    def where(self) -> str:
        """The place in words."""
        line, column = self.place
        return f"line {line}, column {column}"

    def is_end(self, tail: str) -> bool:
        """Returns whether a flaw behind the last characters says that the rest is missing."""
        return self.code not in _BAD_REFERENCE or _UNFINISHED.search(tail) is not None

    def explained(self, deepest: int) -> tuple[type[ResponseError], str]:
        """Returns the kind of error that the flaw means, and what is wrong."""
        if self.code == _RESOURCE_LIMIT:
            # One code for all limits: the words alone tell which.
            if "depth" in self.words:
                return ResponseTooDeep, f"the answer nests elements more than {deepest} levels deep"
            what = f"one text is longer than 10,000,000 characters, at {self.where}"
            return ResponseTooLarge, what
        if self.code in _UNKNOWN_ENTITY:
            return ForbiddenMarkup, f"an entity at {self.where}, which is never read"
        rule = _RULES.get(self.code, f"rule {self.code} of libxml2")
        return MalformedResponse, f"the answer is not well-formed at {self.where} ({rule})"


NO_FLAW = Flaw(0, (1, 1), "")


def noted(parser: etree.XMLParser) -> list[Flaw]:
    """Returns the flaws of which libxml2 took note while it was fed, and went on."""
    errors = parser.feed_error_log.filter_from_errors()
    return [Flaw(one.type, (one.line, one.column), one.message) for one in errors]
