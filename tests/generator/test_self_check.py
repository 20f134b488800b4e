"""The compiler's check of itself: what it makes of random schemas, and what it finds out."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

import codegen
from generator import build
from generator.build import read_vendor
from generator.problems import SchemaProblem
from generator.self_check import check_vendor
from tests.support.random_schemas import schemas
from tests.support.schemas import (
    choice,
    compiled,
    element,
    message,
    refused,
    sequence,
)
from tests.support.strategies import canonical

_IS_EXPLORING = os.environ.get("HYPOTHESIS_PROFILE") == "explore"


@settings(max_examples=1_000 if _IS_EXPLORING else 40, suppress_health_check=list(HealthCheck))
@given(schemas())
def test_a_message_comes_back_as_it_was(drawn: tuple[dict[str, str], str]) -> None:
    """The message was made from the schema alone; the compiler's own samples ran before."""
    files, text = drawn
    with tempfile.TemporaryDirectory() as folder, compiled(Path(folder), files) as made:
        assert made.is_valid(text)
        found, unknown = made.read(text)
        assert unknown == []
        assert canonical(made.write(found)) == canonical(text)


_CONTENT = sequence(
    element("A"),
    element("B", "xs:int", 'minOccurs="0"'),
    choice(element("C"), element("D", "xs:date")),
    element("E", "t:T", 'maxOccurs="unbounded"'),
)
_T = '<xs:complexType name="T"><xs:attribute name="N" type="xs:int"/></xs:complexType>'

# What a defect of an emitter could make of its lines, and what is said of that.
_DEFECTS = {
    "element lost": (r"\n    write\(f'<A>.*", "", "is not valid"),
    "another element": ("'E', ''", "'C', ''", "is not valid"),
    "not read": ("name == 'N'", "name == 'M'", "/@N would be lost"),
    "value lost": ("n=n_value", "n=None", "n would not be read as it was written"),
    "no module": ("_codec import", "_codec import nothing,", "its names make no Python module"),
}


@pytest.mark.parametrize("name", _DEFECTS)
def test_a_defect_of_the_compiler_is_found_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before, after, expected = _DEFECTS[name]
    emit = build.emit_codecs

    def spoiled(*arguments: object) -> str:
        text, count = re.subn(before, after, emit(*arguments))  # type: ignore[arg-type]
        assert count
        return text

    monkeypatch.setattr(build, "emit_codecs", spoiled)
    problem = refused(tmp_path, message(_CONTENT, _T))
    assert re.search(expected, problem.message)


def test_check_looks_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    # The second alternative can never be sent.
    content = choice(
        sequence(element("B"), element("A")),
        sequence(element("C"), element("B")),
    )
    (tmp_path / "schemas" / "vendor").mkdir(parents=True)
    (tmp_path / "schemas" / "vendor" / "main.xsd").write_text(message(content), "utf-8")
    arguments = ["--check", "--schemas", str(tmp_path / "schemas"), "--output", str(tmp_path)]
    assert codegen.main(arguments) == 2
    assert "main.xsd:2: AskRq: what Python writes of it is not valid" in capsys.readouterr().err


def test_what_is_checked_leaves_no_module_behind(tmp_path: Path) -> None:
    (tmp_path / "vendor").mkdir()
    (tmp_path / "vendor" / "main.xsd").write_text(message(_CONTENT, _T), "utf-8")
    vendor, sources = read_vendor(tmp_path / "vendor")
    with pytest.raises(SchemaProblem, match="its names make no Python module"):
        check_vendor(vendor, sources, {})


def test_a_key_may_allow_fewer_items_than_there_could_be(tmp_path: Path) -> None:
    item = (
        '<xs:element name="I" maxOccurs="unbounded"><xs:complexType><xs:attribute name="N" '
        'use="required"><xs:simpleType><xs:restriction base="xs:string"><xs:enumeration value="a"/>'
        "</xs:restriction></xs:simpleType></xs:attribute></xs:complexType></xs:element>"
    )
    key = '<xs:unique name="k"><xs:selector xpath="t:I"/><xs:field xpath="@N"/></xs:unique>'
    text = message(sequence(item)).replace(
        '</xs:element>\n<xs:element name="AskRs">', f'{key}</xs:element><xs:element name="AskRs">'
    )
    with compiled(tmp_path, text) as made:
        assert [one.value for one in made.types.AskRq_I_N] == ["a"]


def test_a_key_is_satisfied_by_items_that_differ(tmp_path: Path) -> None:
    item = (
        '<xs:element name="I" maxOccurs="unbounded"><xs:complexType><xs:attribute name="N" '
        'use="required"/></xs:complexType></xs:element>'
    )
    key = '<xs:key name="k"><xs:selector xpath="t:I"/><xs:field xpath="@N"/></xs:key>'
    text = message(sequence(item)).replace(
        '</xs:element>\n<xs:element name="AskRs">', f'{key}</xs:element><xs:element name="AskRs">'
    )
    assert "xs:key" in text
    with compiled(tmp_path, text) as made:
        item_type = made.types.AskRqI
        assert made.is_valid(made.write(made.types.AskRq(i=[item_type(n="1"), item_type(n="2")])))
