"""Small schemas for the tests of the compiler, and what comes of them, imported from memory."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from esignwire._codec import Reader, mentions_nil
from generator.build import build
from generator.loading import loaded
from generator.names import snake_case
from generator.problems import SchemaProblem

NAMESPACE = "urn:of:the:test"
_HEAD = (
    '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:esw="urn:esignwire:schema" '
    'xmlns:t="{ns}" targetNamespace="{ns}" elementFormDefault="qualified">'
)
# Where the first line of what a test hands in stands.
FIRST_LINE = 2


def schema(body: str, namespace: str = NAMESPACE) -> str:
    """A schema with some declarations, which begin in line 2."""
    return f"{_HEAD.format(ns=namespace)}\n{body}\n</xs:schema>\n"


def message(content: str, more: str = "", answer: str = "", namespace: str = NAMESPACE) -> str:
    """A schema with one web method, Ask, whose request has the given content."""
    return schema(
        f'<xs:element name="AskRq"><xs:complexType>\n{content}\n</xs:complexType></xs:element>\n'
        f'<xs:element name="AskRs"><xs:complexType>{answer}</xs:complexType></xs:element>\n{more}',
        namespace,
    )


def sequence(*particles: str, occurs: str = "") -> str:
    """A sequence, each part on a line of its own."""
    return "\n".join([f"<xs:sequence {occurs}>", *particles, "</xs:sequence>"])


def choice(*particles: str, occurs: str = "") -> str:
    """A choice, each part on a line of its own."""
    return "\n".join([f"<xs:choice {occurs}>", *particles, "</xs:choice>"])


def element(name: str, kind: str = "xs:string", more: str = "") -> str:
    """An element."""
    return f'<xs:element name="{name}" type="{kind}" {more}/>'


def restriction(base: str, *facets: str) -> str:
    """A restriction; a facet is written ``name=value``, and begins a line."""
    listed = "".join(
        f'\n<xs:{name} value="{value}"/>'
        for name, _, value in (one.partition("=") for one in facets)
    )
    return f'<xs:restriction base="{base}">{listed}\n</xs:restriction>'


def wsdl(contract: str = "Ask", namespace: str = NAMESPACE, **parts: str) -> str:
    """A WSDL with one operation, whose parts may be replaced; each part begins a line."""
    default = {
        "types": (
            f'<wsdl:types><xs:schema><xs:import namespace="{namespace}" '
            'schemaLocation="main.xsd"/></xs:schema></wsdl:types>'
        ),
        "messages": "".join(
            f'<wsdl:message name="{one}"><wsdl:part name="p" element="t:{one}"/></wsdl:message>'
            for one in ("AskRq", "AskRs")
        ),
        "port_type": (
            '<wsdl:portType name="IAsk"><wsdl:operation name="Ask"><wsdl:input '
            'message="t:AskRq"/><wsdl:output message="t:AskRs"/></wsdl:operation></wsdl:portType>'
        ),
        "style": '<soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>',
        "input": '<wsdl:input><soap:body use="literal"/></wsdl:input>',
        "output": '<wsdl:output><soap:body use="literal"/></wsdl:output>',
        "more": "",
        "ports": (
            '<wsdl:port name="Ask" binding="t:Ask"><soap:address '
            f'location="https://localhost/Service.svc/{contract}/text"/></wsdl:port>'
        ),
    }
    part = {**default, **parts}
    return (
        '<wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" '
        'xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:esw="urn:esignwire:schema" '
        f'xmlns:t="{namespace}" targetNamespace="{namespace}">\n'
        f"{part['types']}\n{part['messages']}\n{part['port_type']}\n"
        f'<wsdl:binding name="Ask" type="t:IAsk">\n{part["style"]}\n'
        '<wsdl:operation name="Ask"><soap:operation soapAction="urn:ask"/>\n'
        f"{part['input']}\n{part['output']}\n</wsdl:operation></wsdl:binding>\n{part['more']}\n"
        f'<wsdl:service name="Service">\n{part["ports"]}\n</wsdl:service>\n'
        "</wsdl:definitions>\n"
    )


class Made:
    """What was made of a vendor's schemas, imported.

    Args:
        package: The package meanwhile.
        folder: The folder of the schemas.
    """

    def __init__(self, package: str, folder: Path) -> None:
        self._package = f"{package}.vendor"
        self._folder = folder

    def module(self, name: str) -> Any:
        """A module, such as ``types.main``."""
        return importlib.import_module(f"{self._package}.{name}")

    @property
    def types(self) -> Any:
        """The types of main.xsd."""
        return self.module("types.main")

    @property
    def sensitive(self) -> frozenset[str]:
        """The names of what is secret."""
        found = self.module("names").SENSITIVE
        assert isinstance(found, frozenset)
        return found

    def write(self, value: Any, root: str = "AskRq", file: str = "main") -> str:
        """Writes a message."""
        writer = getattr(self.module(f"codecs.{file}"), f"write_{snake_case(root)}")
        text = writer(value).text
        assert isinstance(text, str)
        return text

    def read(self, text: str, kind: str = "AskRq", file: str = "main") -> tuple[Any, list[str]]:
        """Reads a message; the second result is what would be noted."""
        root = etree.fromstring(text)
        namespaces = self.module("names").NAMESPACES
        reader = Reader(namespaces, has_nil=mentions_nil(root))
        decoder = getattr(self.module(f"codecs.{file}"), f"decode_{snake_case(kind)}")
        return decoder(root, reader), reader.unknown

    def parse(self, text: str) -> etree._Element:
        """Parses a message."""
        return etree.fromstring(text)

    def is_valid(self, text: str, file: str = "main.xsd") -> bool:
        """Whether a message satisfies the schema."""
        compiled = etree.XMLSchema(etree.parse(str(self._folder / "vendor" / file)))
        return compiled.validate(etree.fromstring(text))


def _build(folder: Path, files: dict[str, str] | str) -> dict[str, str]:
    vendor = folder / "vendor"
    vendor.mkdir()
    for name, text in ({"main.xsd": files} if isinstance(files, str) else files).items():
        (vendor / name).write_text(text, encoding="utf-8")
    made, _, _ = build(folder, folder / "no async modules", lambda _: None)
    return made


@contextmanager
def compiled(folder: Path, files: dict[str, str] | str) -> Iterator[Made]:
    """Compiles schemas, which must succeed, and imports what was made while a block runs."""
    with loaded(_build(folder, files)) as package:
        yield Made(package, folder)


def refused(folder: Path, files: dict[str, str] | str) -> SchemaProblem:
    """Compiles schemas, which must be refused with a file and a line, in one line of text."""
    with pytest.raises(SchemaProblem) as caught:
        _build(folder, files)
    problem = caught.value
    assert problem.file is not None
    assert problem.file.suffix in {".xsd", ".wsdl"}
    assert problem.line
    assert "\n" not in str(problem)
    return problem
