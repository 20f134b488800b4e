"""Complex types: each member is there, in its place and with its marks, or all is refused."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from esignwire._codec import Unwritable
from tests.support.schemas import (
    NAMESPACE,
    choice,
    compiled,
    element,
    message,
    refused,
    schema,
    sequence,
    wsdl,
)

_PIN = element("Pin", more='esw:sensitive="true"')
_MANY = 'maxOccurs="unbounded"'
_OPTIONAL = 'minOccurs="0"'
_XMLNS = f'xmlns="{NAMESPACE}"'
_NIL = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil="true"'


def _type(name: str, content: str, more: str = "") -> str:
    return f'<xs:complexType name="{name}" {more}>\n{content}\n</xs:complexType>'


def _extension(base: str, content: str, more: str = "") -> str:
    return (
        f'<xs:complexContent>\n<xs:extension base="{base}" {more}>\n{content}\n</xs:extension>'
        "\n</xs:complexContent>"
    )


# --- marks ---


@pytest.mark.parametrize(
    "files",
    [
        message('<xs:group ref="t:G"/>', f'<xs:group name="G">{sequence(_PIN)}</xs:group>'),
        message(
            '<xs:group ref="t:G"/>',
            f'<xs:group name="G">{sequence("<xs:group ref=" + chr(34) + "t:H" + chr(34) + "/>")}'
            f'</xs:group><xs:group name="H">{sequence(_PIN)}</xs:group>',
        ),
        message(sequence('<xs:element ref="t:Pin"/>'), _PIN),
        message(sequence('<xs:element ref="t:Pin" esw:sensitive="true"/>'), element("Pin")),
        message(
            '<xs:attributeGroup ref="t:G"/>',
            '<xs:attributeGroup name="G"><xs:attributeGroup ref="t:H"/></xs:attributeGroup>'
            '<xs:attributeGroup name="H"><xs:attribute name="Pin" use="required" '
            'esw:sensitive="true"/></xs:attributeGroup>',
        ),
        {
            "main.xsd": message(_extension("t:Base", "")).replace(
                '<xs:element name="AskRq"',
                '<xs:include schemaLocation="shared%20types.xsd"/><xs:element name="AskRq"',
            ),
            # It takes the namespace of the schema that includes it.
            "shared types.xsd": schema(_type("Base", sequence(_PIN)))
            .replace(f'targetNamespace="{NAMESPACE}"', "")
            .replace(f'xmlns:t="{NAMESPACE}"', ""),
        },
        {
            # As WCF writes it: the prefix is declared on the very extension.
            "main.xsd": message(_extension("q1:Base", "", 'xmlns:q1="urn:shared"')).replace(
                '<xs:element name="AskRq"',
                '<xs:import namespace="urn:shared" schemaLocation="shared.xsd"/>'
                '<xs:element name="AskRq"',
            ),
            "Main.wsdl": wsdl(),
            "shared.xsd": schema(_type("Base", sequence(_PIN)), "urn:shared"),
        },
    ],
    ids=["group", "group in group", "ref", "mark on ref", "attributes", "chameleon", "base"],
)
def test_a_secret_is_one_wherever_its_declaration_stands(
    tmp_path: Path, files: dict[str, str] | str
) -> None:
    with compiled(tmp_path, files) as made:
        asked = made.types.AskRq(pin="4711")
        assert "4711" not in repr(asked)
        assert made.sensitive == {"Pin"}
        assert made.read(made.write(asked)) == (asked, [])


def test_a_secret_alternative_hides_the_whole_list(tmp_path: Path) -> None:
    content = choice(_PIN, element("Count", "xs:int"), occurs=_MANY)
    with compiled(tmp_path, message(content)) as made:
        asked = made.types.AskRq(items=[3, "4711", 4])
        assert "4711" not in repr(asked)
        assert made.sensitive == {"Pin"}
        assert made.read(made.write(asked)) == (asked, [])


@pytest.mark.parametrize(
    ("content", "more", "value"),
    [
        (sequence(element("Pin", more='esw:hidden="true"')), "", "4711"),
        ('<xs:attribute name="Pin" type="xs:string" esw:hidden="true"/>', "", "4711"),
        (
            sequence('<xs:element ref="t:Pin"/>'),
            '<xs:element name="Pin" type="xs:string" esw:hidden="true"/>',
            "4711",
        ),
        (
            sequence(element("Pin", "t:Said")),
            (
                '<xs:complexType name="Said"><xs:simpleContent>'
                '<xs:extension base="xs:string" esw:hidden="true"/>'
                "</xs:simpleContent></xs:complexType>"
            ),
            ("Said", "4711"),
        ),
        (
            choice(element("Pin", more='esw:hidden="true"'), element("N", "xs:int"), occurs=_MANY),
            "",
            ["4711", 3],
        ),
    ],
    ids=["element", "attribute", "ref", "text", "alternative"],
)
def test_what_is_hidden_leaves_the_representation_and_masks_nothing(
    tmp_path: Path, content: str, more: str, value: object
) -> None:
    with compiled(tmp_path, message(content, more)) as made:
        if isinstance(value, tuple):
            value = made.types.Said(value=value[1])
        name = "items" if isinstance(value, list) else "pin"
        asked = made.types.AskRq(**{name: value})
        assert "4711" not in repr(asked)
        assert made.sensitive == set()
        assert made.read(made.write(asked)) == (asked, [])


def test_another_name_of_a_secret_is_secret_too(tmp_path: Path) -> None:
    content = sequence(element("Pin", more='esw:sensitive="true" esw:also="Code"'))
    with compiled(tmp_path, message(content)) as made:
        assert made.sensitive == {"Pin", "Code"}
        assert made.read(f"<AskRq {_XMLNS}><Code>1</Code></AskRq>")[0].pin == "1"


# --- what stands in an element ---


def test_members_of_a_base_stand_before_those_of_the_derived_type(tmp_path: Path) -> None:
    derived = _type("Derived", _extension("t:Base", sequence(element("B"))))
    base = _type("Base", sequence(element("A")))
    content = sequence(element("D", "t:Derived"))
    # The derived type may come first in the file.
    with compiled(tmp_path, message(content, f"{derived}\n{base}")) as made:
        types = made.types
        assert issubclass(types.Derived, types.Base)
        asked = types.AskRq(d=types.Derived(a="1", b="2"))
        text = made.write(asked)
        assert text == f"<AskRq {_XMLNS}><D><A>1</A><B>2</B></D></AskRq>"
        assert made.read(text) == (asked, [])


def test_a_message_may_add_nothing_to_its_base(tmp_path: Path) -> None:
    with compiled(
        tmp_path, message(_extension("t:Base", ""), _type("Base", sequence(element("A"))))
    ) as made:
        assert made.write(made.types.AskRq(a="1")) == f"<AskRq {_XMLNS}><A>1</A></AskRq>"


def test_a_type_written_in_full_is_the_same(tmp_path: Path) -> None:
    content = (
        "<xs:complexContent><xs:restriction base='xs:anyType'>"
        f"{sequence(element('A'))}</xs:restriction></xs:complexContent>"
    )
    with compiled(tmp_path, message(content)) as made:
        assert [one.name for one in dataclasses.fields(made.types.AskRq)] == ["a"]
        assert made.read(f"<AskRq {_XMLNS}><A>1</A><B/></AskRq>")[1] == ["AskRq/B"]


def test_two_messages_of_one_type(tmp_path: Path) -> None:
    files = schema(
        f"{element('AskRq', 't:T')}\n{element('AskRs', 't:T')}\n"
        + _type("T", sequence(element("A")))
    )
    with compiled(tmp_path, files) as made:
        value = made.types.T(a="1")
        assert made.write(value, "AskRq") == f"<AskRq {_XMLNS}><A>1</A></AskRq>"
        assert made.write(value, "AskRs") == f"<AskRs {_XMLNS}><A>1</A></AskRs>"


def test_an_element_in_two_alternatives_is_one_member(tmp_path: Path) -> None:
    content = choice(
        sequence(element("A"), element("B", more=_OPTIONAL)),
        sequence(element("B"), element("A", more='minOccurs="0" esw:sensitive="true"')),
    )
    with compiled(tmp_path, message(content)) as made:
        types = made.types
        for given in ({"a": "1"}, {"b": "2"}, {"a": "1", "b": "2"}):
            asked = types.AskRq(**given)
            text = made.write(asked)
            assert made.is_valid(text)
            assert made.read(text) == (asked, [])
        backwards = f"<AskRq {_XMLNS}><B>2</B><A>1</A></AskRq>"
        assert made.read(backwards) == (types.AskRq(a="1", b="2"), [])
        # What one of its places says holds for all.
        assert made.sensitive == {"A"}


def test_the_order_of_a_repeated_choice_is_kept(tmp_path: Path) -> None:
    content = choice(
        element("Text"),
        element("Count", "xs:int"),
        choice(element("Amount", "xs:decimal"), element("P", "t:P")),
        occurs=_MANY,
    )
    with compiled(tmp_path, message(content, _type("P", sequence(element("N"))))) as made:
        text = (
            f"<AskRq {_XMLNS}><Count>1</Count><Text>a</Text><P><N>n</N></P><Amount>1.5</Amount>"
            "<Count>2</Count></AskRq>"
        )
        asked, unknown = made.read(text)
        assert unknown == []
        assert made.write(asked) == text


_ALIKE = [
    ("xs:int", "xs:boolean"),
    ("xs:int", "xs:double"),
    ("xs:date", "xs:dateTime"),
    ("xs:string", "xs:anyURI"),
    ("xs:string", "t:Kind"),
    ("t:Kind", "t:Other"),
    ("xs:base64Binary", "xs:string"),
    ("xs:hexBinary", "xs:hexBinary"),
    ("t:P", "t:P"),
]


@pytest.mark.parametrize("kinds", _ALIKE, ids=" ".join)
def test_items_that_would_not_tell_their_element_are_refused(
    tmp_path: Path, kinds: tuple[str, str]
) -> None:
    one, other = kinds
    more = _type("P", sequence(element("N"))) + "".join(
        f'<xs:simpleType name="{name}"><xs:restriction base="xs:string"><xs:enumeration value="v"/>'
        "</xs:restriction></xs:simpleType>"
        for name in ("Kind", "Other")
    )
    content = choice(element("A", one), element("B", other), occurs=_MANY)
    problem = refused(tmp_path, message(content, more))
    assert "in a choice that repeats" in problem.message
    assert problem.line in {4, 5}


_RESTRICTION = (
    '<xs:complexContent><xs:restriction base="t:Base"><xs:sequence/></xs:restriction>'
    "</xs:complexContent>"
)
_LOST = {
    "group": (
        '<xs:group ref="t:G" maxOccurs="2"/>',
        f'<xs:group name="G">{sequence(element("A"), element("B"))}</xs:group>',
        "a repeated sequence is not supported",
    ),
    "choice in a repeated sequence": (
        sequence(element("A"), choice(element("B"), element("C", "xs:int")), occurs=_MANY),
        "",
        "a repeated sequence is not supported",
    ),
    "any in a repeated choice": (
        choice(element("A"), '<xs:any namespace="##other"/>', occurs=_MANY),
        "",
        "xs:any within what repeats",
    ),
    "two wildcards": (
        sequence('<xs:any namespace="urn:a"/>', '<xs:any namespace="urn:b"/>'),
        "",
        "xs:any twice",
    ),
    "element twice": (
        sequence(element("A"), element("B"), element("A")),
        "",
        "A stands in it twice",
    ),
    "element twice, left out": (
        sequence(element("A", more=_OPTIONAL), element("B"), element("A", more=_OPTIONAL)),
        "",
        "A stands in it twice",
    ),
    "two repeated choices": (
        sequence(
            choice(element("A"), element("B", "xs:int"), occurs=_MANY),
            element("M"),
            choice(element("C"), element("D", "xs:int"), occurs=_MANY),
        ),
        "",
        "two choices that repeat (here and in line 4)",
    ),
    "member of the base again": (
        _extension("t:Base", sequence(element("A"))),
        _type("Base", sequence(element("A"))),
        "A stands in it twice",
    ),
    "restriction": (
        _RESTRICTION,
        _type("Base", sequence(element("A", more=_OPTIONAL))),
        "the restriction of t:Base is not supported",
    ),
    "an order that cannot be written": (
        choice(sequence(element("B"), element("A")), sequence(element("C"), element("B"))),
        "",
        "what Python writes of it is not valid",
    ),
    "never ends": (
        sequence(element("T", "t:T", _OPTIONAL)),
        _type("T", sequence(element("T", "t:T"))),
        "no message of it ever ends",
    ),
    "also a sibling": (
        sequence(element("A", more='esw:also="B"'), element("B")),
        "",
        "B would be read both as A (line 4) and as B",
    ),
    "also no name": (sequence(element("A", more="esw:also='a\"b'")), "", "is no name of XML"),
    "nil means nothing": (
        sequence(element("A", more='esw:nil="written"')),
        "",
        "esw:nil means nothing on A",
    ),
    "qualified attribute": (
        '<xs:attribute name="a" form="qualified"/>',
        "",
        "a is a qualified attribute",
    ),
    "two Python names": (
        sequence(element("aB"), element("a_b")),
        "",
        "aB and a_b would get the one Python name a_b",
    ),
    "two classes": (
        sequence(element("A", "t:x.y"), element("B", "t:x_y")),
        f"{_type('x.y', '')}\n{_type('x_y', '')}",
        "would get the one Python name x_y",
    ),
    "two messages": (
        "",
        f"{element('askRq', 't:T')}{_type('T', '')}",
        "would get the one Python name write_ask_rq",
    ),
    "unused group": ("", f'<xs:group name="G">{sequence(element("A"))}</xs:group>', "xs:group G"),
    "unused element": ("", element("Lost"), "nothing uses xs:element Lost"),
    "unused simple type": (
        "",
        '<xs:simpleType name="Lost"><xs:restriction base="xs:string"/></xs:simpleType>',
        "nothing uses xs:simpleType Lost",
    ),
    "safe on a member": (
        sequence(element("A", more='esw:safe="true"')),
        "",
        "esw:safe means nothing on this element A",
    ),
}


@pytest.mark.parametrize("name", _LOST)
def test_what_would_be_lost_is_refused(tmp_path: Path, name: str) -> None:
    content, more, expected = _LOST[name]
    problem = refused(tmp_path, message(content, more))
    assert expected in problem.message


def test_a_message_that_is_marked_as_secret_is_refused(tmp_path: Path) -> None:
    text = message("").replace('name="AskRq"', 'name="AskRq" esw:sensitive="true"')
    assert "esw:sensitive means nothing on this element AskRq" in refused(tmp_path, text).message


def test_a_type_in_whose_place_an_answer_may_hold_another_is_refused(tmp_path: Path) -> None:
    types = _type("Base", sequence(element("A"))) + _type("D", _extension("t:Base", ""))
    problem = refused(tmp_path, message("", types, sequence(element("R", "t:Base"))))
    assert "R of AskRs has the type Base, from which D is derived" in problem.message


def test_a_request_is_written_by_the_very_type(tmp_path: Path) -> None:
    types = _type("Base", sequence(element("A"))) + _type("D", _extension("t:Base", ""))
    with (
        compiled(tmp_path, message(sequence(element("R", "t:Base")), types)) as made,
        pytest.raises(Unwritable, match="a Base"),
    ):
        made.write(made.types.AskRq(r=made.types.D(a="1")))


# --- wildcards ---


def test_what_a_wildcard_takes_is_kept_though_it_has_the_name_of_a_member(tmp_path: Path) -> None:
    wildcard = '<xs:any processContents="skip" minOccurs="0" maxOccurs="unbounded"/>'
    with compiled(tmp_path, message(sequence(element("Name"), wildcard))) as made:
        text = f'<AskRq {_XMLNS}><Name>a</Name><Name xmlns="">b</Name><Name>c</Name></AskRq>'
        asked, unknown = made.read(text)
        assert (asked.name, len(asked.other_elements), unknown) == ("a", 2, [])
        assert [one.text for one in made.parse(made.write(asked))] == ["a", "b", "c"]
        # In a message without any namespace a member is a member.
        assert made.read("<AskRq><Name>a</Name></AskRq>")[0].name == "a"


def test_a_kept_element_without_a_namespace_stays_so(tmp_path: Path) -> None:
    wildcard = '<xs:any namespace="##other" processContents="skip"/>'
    with compiled(tmp_path, message(sequence(wildcard))) as made:
        sent = f'<t:AskRq xmlns:t="{NAMESPACE}"><o:x xmlns:o="urn:o"><y>1</y></o:x></t:AskRq>'
        again = made.write(made.read(sent)[0])
        assert "{urn:of:the:test}y" not in [one.tag for one in made.parse(again).iter()]


# --- nil ---


def test_nil_is_none_and_none_is_left_out(tmp_path: Path) -> None:
    content = sequence(
        element("Must", more='nillable="true"'),
        element("May", more='nillable="true" minOccurs="0"'),
        element("Clears", more='nillable="true" minOccurs="0" esw:nil="written"'),
        element("P", "t:P", _OPTIONAL),
        element("Q", "t:P", 'minOccurs="0" maxOccurs="unbounded"'),
    )
    with compiled(tmp_path, message(content, _type("P", sequence(element("N"))))) as made:
        asked = made.types.AskRq(must=None)
        text = made.write(asked)
        assert [one.tag.rpartition("}")[2] for one in made.parse(text)] == ["Must", "Clears"]
        assert made.is_valid(text)
        nil = "".join(f"<{name} {_NIL}/>" for name in ("Must", "May", "Clears", "P", "Q", "Q"))
        assert made.read(f"<AskRq {_XMLNS}>{nil}</AskRq>") == (asked, [])


# --- names ---

_ODD = [
    *("field", "dataclass", "decimal", "dt", "uuid", "StrEnum", "Meta", "annotations"),
    *("Message", "Reader", "Element", "Upload", "items", "wrong_type", "later", "TYPE_CHECKING"),
    *("list", "str", "type", "class", "None", "self", "__init__", "x.y-z", "Größe"),
]


def test_no_name_of_a_schema_meets_one_that_a_module_imports(tmp_path: Path) -> None:
    types = "".join(
        _type(name, sequence(element("N", "xs:decimal"), element("D", "xs:dateTime")))
        for name in _ODD
    )
    members = [element(name, f"t:{name}", _OPTIONAL) for name in _ODD]
    with compiled(tmp_path, message(sequence(*members), types)) as made:
        # Each type was written and read while it was compiled.
        assert len(dataclasses.fields(made.types.AskRq)) == len(_ODD)


@pytest.mark.parametrize("namespace", ["http://localhost/?a=1&amp;b=2", "http://o'neill.test/x"])
def test_a_namespace_is_escaped_where_it_is_written(tmp_path: Path, namespace: str) -> None:
    content = sequence(element("A", "t:P", 'form="unqualified"'), element("B", "t:P"))
    text = message(content, _type("P", sequence(element("N"))), namespace=namespace)
    with compiled(tmp_path, text) as made:
        types = made.types
        asked = types.AskRq(a=types.P(n="1"), b=types.P(n="2"))
        assert made.is_valid(made.write(asked))
        assert made.read(made.write(asked)) == (asked, [])


def test_what_is_said_of_a_reference_and_of_its_element_is_kept(tmp_path: Path) -> None:
    def said(text: str) -> str:
        return f"<xs:annotation><xs:documentation>{text}</xs:documentation></xs:annotation>"

    content = sequence(f'<xs:element ref="t:A" esw:basis="inferred">{said("Here.")}</xs:element>')
    more = (
        f'<xs:element name="A" type="xs:string" esw:basis="wire">{said("Anywhere.")}</xs:element>'
    )
    with compiled(tmp_path, message(content, more)) as made:
        assert "a: Here. Anywhere. Basis: inferred" in made.types.AskRq.__doc__


def test_documentation_says_how_a_message_of_a_named_type_is_known(tmp_path: Path) -> None:
    text = schema(
        '<xs:element name="AskRq" type="t:T" esw:basis="wire"><xs:annotation><xs:documentation>'
        "Asks.</xs:documentation></xs:annotation></xs:element>"
        f"{element('AskRs', 't:T')}{_type('T', '')}"
    )
    with compiled(tmp_path, text) as made:
        said = made.module("codecs.main").write_ask_rq.__doc__
        assert "Asks." in said
        assert "seen on the wire" in said


@pytest.mark.parametrize("other", ["xs:string", "xs:boolean", "t:T"])
def test_one_name_with_two_types_in_two_alternatives_is_refused(tmp_path: Path, other: str) -> None:
    body = choice(
        sequence(element("B"), element("A", "xs:int")),
        sequence(element("A", other), element("C")),
    )
    problem = refused(tmp_path, {"main.xsd": message(body, _type("T", sequence(element("X"))))})
    assert "with two types" in problem.message
    assert problem.line
