"""Examples of patterns: each matches, as far as one is made at all."""

from __future__ import annotations

import pytest
from lxml import etree

from generator.patterns import examples

_SCHEMA = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"><xs:element name="a"><xs:simpleType>'
    '<xs:restriction base="xs:string"><xs:pattern value="{}"/></xs:restriction></xs:simpleType>'
    "</xs:element></xs:schema>"
)


@pytest.mark.parametrize(
    "pattern",
    [
        "abc",
        "a|bc|d?",
        "[0-9]{9}",
        "[0-9]{2}/[0-9]{2}/[0-9]{4}",
        "[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}",
        r"[+\-]?\d+(\.\d{1,2})?",
        r"\w+@\w+\.[a-z]{2,}",
        r"[^\s,]+(,[^\s,]+)*",
        r"\p{Lu}{3}\P{Lu}",
        r"\S{4}|\D",
        "[a-z-[aeiou]]{3}",
        "((a|b)(c|d)){2}",
        ".{5}",
        r"\[\]\{\}\\",
        "",
    ],
)
def test_examples_match(pattern: str) -> None:
    schema = etree.XMLSchema(etree.fromstring(_SCHEMA.format(pattern)))
    found = examples(pattern)
    assert found
    for text in found:
        element = etree.Element("a")
        element.text = text
        assert schema.validate(element), text


@pytest.mark.parametrize("pattern", ["[", "(a", "a{x}", "\\", "[]"])
def test_what_is_no_pattern_has_no_examples(pattern: str) -> None:
    assert examples(pattern) == []
