"""Source text: what is written as a literal is read as what it was."""

from __future__ import annotations

import ast

import pytest

from generator.text import literal

_TEXTS = ["plain", "a 'b' \"c\"", "{x} }{", "back\\slash\n", "\N{EURO SIGN}\N{LINE SEPARATOR}", ""]


@pytest.mark.parametrize("text", _TEXTS)
@pytest.mark.parametrize("other", _TEXTS)
def test_a_literal_holds_its_texts_and_values(text: str, other: str) -> None:
    source = literal(text, "value", other)
    # An f-string is more than a literal; the source is our own.
    assert eval(source, {"value": "<{}>"}) == f"{text}<{{}}>{other}"  # noqa: S307


@pytest.mark.parametrize("text", _TEXTS)
def test_a_literal_without_values_is_a_string(text: str) -> None:
    assert ast.literal_eval(literal(text)) == text
