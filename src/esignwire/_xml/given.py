"""XML that a caller gives, read as strictly as a vendor's, and elements as text."""

from __future__ import annotations

from lxml import etree

from esignwire._xml.elements import Element

__all__ = ["parse_given", "to_text"]


def parse_given(text: str) -> Element:
    """Reads the XML of a caller. Nothing is repaired and nothing is fetched.

    It is one element, with or without an XML declaration, whose encoding does not count. Comments
    and processing instructions are left out.

    Raises:
        ValueError: The text is not well-formed or has a document type declaration; the words say
            what it must be, and do not quote it.
    """
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        huge_tree=True,  # a text in it may be as long as the caller likes
    )
    try:
        root = etree.fromstring(text.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line, column = error.position
        rule = f"must be well-formed, and is not at line {line}, column {column}"
    except UnicodeEncodeError:
        rule = "must be text that XML can carry"
    else:
        if root.getroottree().docinfo.internalDTD is None:
            return root
        rule = "must have no document type declaration"
    # Outside of the handlers: their errors quote the text.
    raise ValueError(rule)


def to_text(element: Element) -> str:
    """Writes an element, without an XML declaration."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
