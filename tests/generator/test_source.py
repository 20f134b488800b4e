"""The files of a folder: what they include, in which namespace they declare, and what is left."""

from __future__ import annotations

from pathlib import Path

import pytest

from generator.problems import SchemaProblem
from generator.source import read_sources
from tests.support.schemas import NAMESPACE, compiled, element, message, refused, schema, sequence

_T = f'<xs:complexType name="T">{sequence(element("A", "guid"))}</xs:complexType>'
_GUID = (
    '<xs:simpleType name="guid" esw:maps-to="uuid"><xs:restriction base="xs:string"/>'
    "</xs:simpleType>"
)


def _bare(body: str) -> str:
    """A schema without a namespace of its own."""
    return (
        schema(body)
        .replace(f' targetNamespace="{NAMESPACE}"', "")
        .replace(f' xmlns:t="{NAMESPACE}"', "")
    )


def _including(*names: str) -> str:
    return "".join(f'<xs:include schemaLocation="{name}"/>' for name in names)


def test_a_schema_without_a_namespace_takes_that_of_its_includer(tmp_path: Path) -> None:
    files = {
        "main.xsd": message(sequence(element("T", "t:T"))).replace(
            '<xs:element name="AskRq"', _including("middle.xsd") + '<xs:element name="AskRq"'
        ),
        "middle.xsd": _bare(_including("last.xsd") + _T),
        "last.xsd": _bare(_GUID),
    }
    with compiled(tmp_path, files) as made:
        assert made.module("types.middle").T.__annotations__["a"] == "_uuid.UUID"


_REFUSED: dict[str, tuple[dict[str, str], str]] = {
    "no namespace": (
        {"main.xsd": _bare("")},
        "it has no targetNamespace and no schema includes it",
    ),
    "two namespaces": (
        {
            "a.xsd": schema(_including("bare.xsd"), "urn:a"),
            "b.xsd": schema(_including("bare.xsd"), "urn:b"),
            "bare.xsd": _bare(""),
        },
        'is included into both "urn:a" and "urn:b"',
    ),
    "include of another namespace": (
        {"a.xsd": schema(_including("b.xsd"), "urn:a"), "b.xsd": schema("", "urn:b")},
        'b.xsd has the targetNamespace "urn:b": import it instead',
    ),
    "import of another namespace": (
        {
            "a.xsd": schema('<xs:import namespace="urn:c" schemaLocation="b.xsd"/>', "urn:a"),
            "b.xsd": schema("", "urn:b"),
        },
        'it names the namespace "urn:c", but b.xsd declares "urn:b"',
    ),
    "import without a location": (
        {"main.xsd": schema('<xs:import namespace="urn:c"/>')},
        "it names no schemaLocation",
    ),
    "include of a WSDL": (
        {"main.xsd": schema(_including("Main.wsdl")), "Main.wsdl": "<definitions/>"},
        "its root is not wsdl:definitions",
    ),
    "blank in a location": (
        {"main.xsd": schema(_including("my types.xsd")), "my types.xsd": schema("")},
        "write a blank in it as %20",
    ),
    "appinfo": (
        {"main.xsd": schema("<xs:annotation><xs:appinfo/></xs:annotation>")},
        "xs:appinfo is read by nothing",
    ),
    "basis of a schema": (
        {"main.xsd": schema("").replace("elementForm", 'esw:basis="wire" elementForm')},
        "esw:basis means nothing on this schema",
    ),
    "mark in an unused group": (
        {
            "main.xsd": message(
                "",
                '<xs:attributeGroup name="G"><xs:attribute name="a" esw:sensitive="true"/>'
                "</xs:attributeGroup>",
            )
        },
        "nothing uses xs:attributeGroup G",
    ),
    "mark of a misspelt namespace": (
        {
            "main.xsd": message(
                sequence(element("Pin", more='xmlns:z="urn:esignwire:schemas" z:sensitive="true"'))
            )
        },
        'nothing reads sensitive of namespace "urn:esignwire:schemas"',
    ),
    "blanks around a name": (
        {"main.xsd": message(sequence(element(" A ")))},
        "there are blanks around the value of name",
    ),
    "a fragment in a location": (
        {"main.xsd": schema(_including("b.xsd#part")), "b.xsd": schema("")},
        "names more than a file",
    ),
    "a query in a location": (
        {"main.xsd": schema(_including("b.xsd?x=1")), "b.xsd": schema("")},
        "names more than a file",
    ),
    "a letter beyond ASCII in a location": (
        {"main.xsd": schema(_including("\N{LATIN SMALL LETTER A WITH DIAERESIS}.xsd"))}
        | {"\N{LATIN SMALL LETTER A WITH DIAERESIS}.xsd": schema("")},
        "write letters beyond ASCII as",
    ),
    "a file that would hide a name": (
        {"annotations.xsd": schema("")},
        "would become the Python module annotations",
    ),
    "another declared encoding": (
        {"main.xsd": '<?xml version="1.0" encoding="ISO-8859-1"?>\n' + schema("")},
        "declare no other",
    ),
    "empty default": (
        {"main.xsd": message(sequence(element("A", more='default=""')))},
        "a default or fixed value of the element A is not supported",
    ),
    "abstract element": (
        {"main.xsd": message("", element("A", more='abstract="true"'))},
        "the abstract element A is not supported",
    ),
    "prohibited": (
        {"main.xsd": message('<xs:attribute name="a" use="prohibited"/>')},
        "what may not be there is not supported: remove a",
    ),
}


@pytest.mark.parametrize("name", _REFUSED)
def test_what_would_be_lost_is_refused(tmp_path: Path, name: str) -> None:
    files, expected = _REFUSED[name]
    assert expected in refused(tmp_path, files).message


def test_utf_16_without_a_mark_of_its_order_is_refused(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    declared = '<?xml version="1.0" encoding="UTF-16"?>' + schema("")
    (tmp_path / "vendor" / "main.xsd").write_bytes(declared.encode("utf-16-le"))
    with pytest.raises(SchemaProblem, match="not in UTF-8"):
        read_sources(tmp_path / "vendor")


def test_what_xml_itself_says_of_a_declaration_is_no_annotation(tmp_path: Path) -> None:
    mime = 'xmlns:m="http://www.w3.org/2005/05/xmlmime" m:expectedContentTypes="text/plain"'
    more = "<xs:annotation><xs:documentation xml:lang='en'>Text.</xs:documentation></xs:annotation>"
    body = sequence(f'<xs:element name="A" type="xs:string" {mime}>{more}</xs:element>')
    with compiled(tmp_path, {"main.xsd": message(body)}) as made:
        assert made.write(made.types.AskRq(a="x"))


def test_a_circle_over_files_of_one_namespace_is_refused(tmp_path: Path) -> None:
    """Neither includes the other, but each uses the other's types."""

    def one(own: str, other: str) -> str:
        return (
            f'<xs:complexType name="{own}"><xs:sequence>'
            f"{element('O', f't:{other}', 'minOccurs=' + chr(34) + '0' + chr(34))}"
            "</xs:sequence></xs:complexType>"
        )

    files = {
        "main.xsd": message(sequence(element("A", "t:A"))).replace(
            '<xs:element name="AskRq"', _including("a.xsd", "b.xsd") + '<xs:element name="AskRq"'
        ),
        "a.xsd": schema(one("A", "B")),
        "b.xsd": schema(one("B", "A")),
    }
    assert "in a circle (a -> b -> a)" in refused(tmp_path, files).message


def test_documentation_of_all_that_becomes_python_is_kept(tmp_path: Path) -> None:
    def said(text: str) -> str:
        return f"<xs:annotation><xs:documentation>{text}</xs:documentation></xs:annotation>"

    declared = (
        f'<xs:element name="A">{said("Of <b>A</b>.")}<xs:simpleType>'
        f'<xs:restriction base="xs:string"><xs:enumeration value="a" esw:basis="wire">'
        f"{said('Of a.')}</xs:enumeration></xs:restriction></xs:simpleType></xs:element>"
    )
    with compiled(tmp_path, message(said("Of the type.") + sequence(declared))) as made:
        types = made.types
        assert "Of the type." in types.AskRq.__doc__
        assert "Of A." in types.AskRq.__doc__
        assert "Of a. Basis: seen on the wire." in types.AskRq_A.__doc__
