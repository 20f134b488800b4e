"""Simple types: one Python value for their texts, or a refusal that says why not."""

from __future__ import annotations

import datetime as dt
import typing
import uuid
from pathlib import Path
from typing import Any

import pytest

from generator.simple_types import TEXTS, normalize
from tests.support.schemas import (
    NAMESPACE,
    compiled,
    element,
    message,
    refused,
    restriction,
    sequence,
)

_XMLNS = f'xmlns="{NAMESPACE}"'
_MAPPED = 'esw:maps-to="uuid"'
_ID = "2ce11ef1-8938-dd11-8735-00065b8ce99b"


def _enumeration(name: str, *values: str, base: str = "xs:string") -> str:
    return _simple(name, restriction(base, *(f"enumeration={value}" for value in values)))


def _simple(name: str, content: str, more: str = "") -> str:
    return f'<xs:simpleType name="{name}" {more}>\n{content}\n</xs:simpleType>'


def _attribute(name: str, kind: str, more: str = "") -> str:
    return f'<xs:attribute name="{name}" type="{kind}" {more}/>'


def _holding(content: str) -> str:
    return f'<xs:element name="Id">{content}</xs:element>'


_GUID = _simple("guid", restriction("xs:string"), _MAPPED)

_BUILT_IN: dict[str, object] = {
    **dict.fromkeys(sorted(TEXTS), str),
    "boolean": bool,
    "unsignedByte": int,
    "negativeInteger": int,
    "double": float,
    "date": dt.date,
    "dateTime": dt.datetime,
}


def test_built_in_types(tmp_path: Path) -> None:
    members = [element(f"m{index}", f"xs:{name}") for index, name in enumerate(_BUILT_IN)]
    with compiled(tmp_path, message(sequence(*members))) as made:
        hints = typing.get_type_hints(made.types.AskRq)
        assert list(hints.values()) == list(_BUILT_IN.values())


@pytest.mark.parametrize("name", ["QName", "NOTATION", "NMTOKENS", "ENTITY", "IDREFS", "anyType"])
def test_built_in_types_that_no_value_stands_for(tmp_path: Path, name: str) -> None:
    problem = refused(tmp_path, message(sequence(element("A", f"xs:{name}"))))
    assert f"xs:{name}" in problem.message
    assert problem.line == 4


@pytest.mark.parametrize(
    "declared",
    [
        element("Id", "t:guid"),
        _holding(f"<xs:simpleType {_MAPPED}>{restriction('xs:string')}</xs:simpleType>"),
        _holding(f"<xs:simpleType>{restriction('t:guid')}</xs:simpleType>"),
        _holding(
            "<xs:complexType><xs:simpleContent><xs:extension base='t:guid'/></xs:simpleContent>"
            "</xs:complexType>"
        ),
    ],
    ids=["named", "anonymous", "restricted", "content"],
)
def test_a_mapping_counts_wherever_the_type_is_used(tmp_path: Path, declared: str) -> None:
    content = sequence(declared, element("Other", "t:guid"))
    with compiled(tmp_path, message(content, _GUID)) as made:
        text = f"<AskRq {_XMLNS}><Id>{_ID}</Id><Other>{_ID}</Other></AskRq>"
        asked, _ = made.read(text)
        held: Any = getattr(asked.id, "value", asked.id)
        assert held == uuid.UUID(_ID)
        assert made.write(asked) == text


def test_a_default_is_a_value(tmp_path: Path) -> None:
    content = "".join(
        [
            _attribute("Mode", "t:Mode", 'default="plain"'),
            _attribute("Flag", "xs:boolean", 'default=" true "'),
            _attribute("Count", "xs:int", 'default=" 07 "'),
            _attribute("Text", "xs:string", 'default=" x "'),
            _attribute("Token", "xs:token", 'default=" x  y "'),
            _attribute("Version", "xs:string", 'fixed="2"'),
        ]
    )
    with compiled(tmp_path, message(content, _enumeration("Mode", "plain", "rich"))) as made:
        types = made.types
        asked = types.AskRq()
        assert asked == types.AskRq(
            mode=types.Mode.PLAIN, flag=True, count=7, text=" x ", token="x y", version="2"
        )
        assert made.is_valid(made.write(asked))
        assert made.read(f"<AskRq {_XMLNS}/>") == (asked, [])
        # A default stands where the value cannot be read.
        unreadable = made.read(f'<AskRq {_XMLNS} Flag="perhaps" Count=""/>')
        assert unreadable == (asked, ["AskRq/@Flag (a Boolean was due)",
                                      "AskRq/@Count (a whole number was due)"])  # fmt: skip


def test_an_enumeration_or_any_other_text(tmp_path: Path) -> None:
    more = _enumeration("Known", "a") + _simple("U", '<xs:union memberTypes="t:Known xs:string"/>')
    with compiled(tmp_path, message(sequence(element("A", "t:U")), more)) as made:
        types = made.types
        assert made.types.AskRq.__annotations__["a"] == "Known | str"
        for value, text in ((types.Known.A, "a"), ("b", "b")):
            written = f"<AskRq {_XMLNS}><A>{text}</A></AskRq>"
            assert made.write(types.AskRq(a=value)) == written
            assert made.read(written)[0].a == value


def test_an_empty_text_may_be_a_value(tmp_path: Path) -> None:
    content = sequence(element("A", "t:E", 'minOccurs="0"'), element("B", "t:U", 'minOccurs="0"'))
    more = _enumeration("E", "x", "") + _simple("U", '<xs:union memberTypes="t:E xs:string"/>')
    with compiled(tmp_path, message(content + _attribute("C", "t:E"), more)) as made:
        empty = made.types.E.VALUE_
        asked, _ = made.read(f'<AskRq {_XMLNS} C=""><A/><B/></AskRq>')
        assert (asked.a, asked.b, asked.c) == (empty, empty, empty)
        assert made.read(f"<AskRq {_XMLNS}/>")[0] == made.types.AskRq()


def test_anonymous_enumerations_of_one_name_are_two(tmp_path: Path) -> None:
    def status(value: str) -> str:
        return (
            '<xs:attribute name="Status"><xs:simpleType><xs:restriction base="xs:string">'
            f'<xs:enumeration value="{value}"/></xs:restriction></xs:simpleType></xs:attribute>'
        )

    more = "".join(
        f'<xs:complexType name="{name}">{status(value)}</xs:complexType>'
        for name, value in (("A", "on"), ("B", "off"))
    )
    content = sequence(element("X", "t:A"), element("Y", "t:B"))
    with compiled(tmp_path, message(content, more)) as made:
        assert [one.value for one in made.types.A_Status] == ["on"]
        assert [one.value for one in made.types.B_Status] == ["off"]


def test_enumerations_of_two_files_are_read_apart(tmp_path: Path) -> None:
    text = message(
        _attribute("A", "t:MoreStatus") + _attribute("B", "t:Status"),
        _enumeration("MoreStatus", "own"),
    ).replace('<xs:element name="AskRq"', '<xs:include schemaLocation="more.xsd"/>'
              '<xs:element name="AskRq"')  # fmt: skip
    more = message("", _enumeration("Status", "other")).replace("Ask", "Other")
    with compiled(tmp_path, {"main.xsd": text, "more.xsd": more}) as made:
        asked, _ = made.read(f'<AskRq {_XMLNS} A="own" B="other"/>')
        assert asked.a is made.types.MoreStatus.OWN
        assert asked.b is made.module("types.more").Status.OTHER


_REFUSED = {
    "numbers and flags": ('<xs:union memberTypes="xs:int xs:boolean"/>', "", "the union of xs:int"),
    "two enumerations": (
        '<xs:union memberTypes="t:E t:F"/>',
        _enumeration("E", "a") + _enumeration("F", "b"),
        "the union of E, F",
    ),
    "list": ('<xs:list itemType="xs:int"/>', "", "xs:list is not supported"),
    "values of no text": (
        restriction("xs:decimal", "enumeration=1.0"),
        "",
        'the value "1.0" of S is not supported',
    ),
    "numbers that are written otherwise": (
        restriction("xs:int", "enumeration=01"),
        "",
        'the value "01" of S is not supported',
    ),
    "names": (
        restriction("xs:QName", "enumeration=t:a"),
        "",
        "xs:QName is not supported",
    ),
    "two values alike": (
        restriction("xs:string", "enumeration=a b", "enumeration=A-B"),
        "",
        "would get one Python name, A_B",
    ),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_what_no_value_stands_for_is_refused(tmp_path: Path, name: str) -> None:
    content, more, expected = _REFUSED[name]
    text = message(_attribute("A", "t:S"), _simple("S", content) + more)
    assert expected in refused(tmp_path, text).message


_UNFIT = {
    "identifiers of numbers": ("uuid", restriction("xs:int"), "needs a type of text"),
    "short identifiers": (
        "uuid",
        restriction("xs:string", "maxLength=10"),
        "needs a type that allows identifiers",
    ),
    "identifiers in capitals": (
        "uuid",
        restriction("xs:string", r"pattern=[0-9A-F\-]{36}"),
        "needs a type that allows identifiers",
    ),
    "other words": (
        "yes-no",
        restriction("xs:string", "enumeration=yes", "enumeration=nay"),
        'needs a type that allows both "yes" and "no"',
    ),
}


@pytest.mark.parametrize("name", _UNFIT)
def test_a_mapping_that_can_never_satisfy_the_type_is_refused(tmp_path: Path, name: str) -> None:
    mapping, content, expected = _UNFIT[name]
    text = message(_attribute("A", "t:S"), _simple("S", content, f'esw:maps-to="{mapping}"'))
    assert expected in refused(tmp_path, text).message


def test_blanks_are_treated_as_a_type_does() -> None:
    text = " a\t b\n\N{NO-BREAK SPACE}"
    assert normalize(text, "preserve") == text
    assert normalize(text, "replace") == " a  b \N{NO-BREAK SPACE}"
    assert normalize(text, "collapse") == "a b \N{NO-BREAK SPACE}"


@pytest.mark.parametrize("members", ["t:Known t:Free", "t:Free t:Known"])
def test_a_union_that_takes_any_text_somewhere_takes_any_text(tmp_path: Path, members: str) -> None:
    more = (
        _enumeration("Known", "a")
        + _simple("Free", '<xs:union memberTypes="t:Known xs:string"/>')
        + _simple("U", f'<xs:union memberTypes="{members}"/>')
    )
    files = {"main.xsd": message(sequence(element("A", "t:U")), more)}
    with compiled(tmp_path, files) as made:
        read, _ = made.read(f"<AskRq {_XMLNS}><A>new</A></AskRq>")
        assert read.a == "new"
        assert "new" in made.write(read)
