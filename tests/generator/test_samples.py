"""Sample values: each fits its type, and what cannot be made is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.schemas import compiled, message, refused

# A base and its facets, of which some value must be found.
_FACETS: list[tuple[str, list[tuple[str, str]]]] = [
    ("string", [("pattern", r"[A-Z]{2}-\d{4}(/[a-z]+)?")]),
    ("string", [("pattern", r"\p{Lu}\p{Ll}*|[^a-z]{3}")]),
    ("string", [("pattern", r"[\i-[:]][\c-[:]]*")]),
    ("string", [("pattern", "a{3,5}"), ("minLength", "4")]),
    ("string", [("length", "7")]),
    ("string", [("minLength", "3"), ("maxLength", "3")]),
    ("string", [("maxLength", "0")]),
    ("token", [("pattern", r"\S+(\s\S+)*"), ("maxLength", "5")]),
    ("int", [("minInclusive", "100"), ("maxInclusive", "101")]),
    ("int", [("pattern", "[0-9]{5}")]),
    ("unsignedByte", [("maxExclusive", "1")]),
    ("integer", [("totalDigits", "3")]),
    ("decimal", [("fractionDigits", "2"), ("totalDigits", "4"), ("minExclusive", "10")]),
    ("decimal", [("minExclusive", "0"), ("maxExclusive", "0.001")]),
    ("float", [("minInclusive", "1e10")]),
    ("boolean", [("pattern", "true")]),
    ("date", [("minInclusive", "2050-01-01")]),
    ("dateTime", [("minExclusive", "2050-01-01T00:00:00Z")]),
    ("gYear", [("minInclusive", "2050")]),
    ("duration", [("minInclusive", "P2Y")]),
    ("time", [("minInclusive", "20:00:00")]),
    ("hexBinary", [("length", "3")]),
    ("base64Binary", [("minLength", "10")]),
]


def _type(number: int, base: str, facets: list[tuple[str, str]], more: str = "") -> str:
    listed = "".join(f'<xs:{name} value="{value}"/>' for name, value in facets)
    return (
        f'<xs:simpleType name="S{number}" {more}><xs:restriction base="xs:{base}">{listed}'
        "</xs:restriction></xs:simpleType>"
    )


def test_a_value_is_found_for_each_facet(tmp_path: Path) -> None:
    types = "".join(_type(number, *one) for number, one in enumerate(_FACETS))
    content = "".join(
        f'<xs:attribute name="a{number}" type="t:S{number}" use="required"/>'
        for number in range(len(_FACETS))
    )
    with compiled(tmp_path, message(content, types)) as made:
        assert made.types.AskRq is not None


def test_an_example_of_the_schema_helps_where_none_is_found(tmp_path: Path) -> None:
    content = '<xs:attribute name="a" type="t:S1"/>'
    facets = [("pattern", r"(ab|cd){20}e+"), ("minLength", "44")]
    problem = refused(tmp_path, message(content, _type(1, "string", facets)))
    assert 'give an example as esw:sample="…"' in problem.message
    example = f'esw:sample="{"ab" * 20}eeee"'
    (tmp_path / "vendor" / "main.xsd").unlink()
    (tmp_path / "vendor").rmdir()
    with compiled(tmp_path, message(content, _type(1, "string", facets, example))) as made:
        assert made.types.AskRq is not None


@pytest.mark.parametrize(("base", "pattern"), [("boolean", "0|1"), ("dateTime", ".*Z")])
def test_a_type_that_allows_nothing_that_python_writes_is_refused(
    tmp_path: Path, base: str, pattern: str
) -> None:
    text = message('<xs:attribute name="a" type="t:S1"/>', _type(1, base, [("pattern", pattern)]))
    assert "no value was found" in refused(tmp_path, text).message
