"""The page docs/coverage.md: it is what the sources say, and names all that was compiled."""

from __future__ import annotations

import re

import pytest

from docs.website import coverage
from esignwire.signix import PushAction
from tests.support.played import BY_NAME

pytestmark = pytest.mark.one_python

ROWS = coverage.rows()


def test_the_page_is_what_the_sources_say() -> None:
    assert coverage.PAGE.read_text("utf-8") == coverage.page(), "run make codegen"


def test_everything_that_was_compiled_has_a_row() -> None:
    assert {f"{row.kind}-{row.name}" for row in ROWS if " " not in row.kind} == set(BY_NAME)
    assert {row.name for row in ROWS if row.kind == "signix action"} == set(PushAction)
    assert {row.kind for row in ROWS} >= {"signix command", "constellation1 webhook"}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.kind}-{row.name}".replace(" ", "-"))
def test_no_cell_is_empty_and_what_is_missing_is_explained(row: coverage.Row) -> None:
    head = coverage.page().partition("\n## ")[0]
    columns = ("schema", "basis", "method", "emulator", "golden", "cassette", "example")
    for column, cell in zip(("name", *columns), row.cells(), strict=True):
        assert cell.strip()
        if cell == coverage.NONE:
            explained = re.search(rf"^\| {column} \|(.*)$", head, re.MULTILINE)
            assert explained
            assert "none " in explained[1], (row.name, column)


def test_what_the_emulator_plays_has_a_cassette_and_nothing_else_has() -> None:
    for row in ROWS:
        is_called = row.kind not in {"signix action", "constellation1 webhook"}
        assert (row.cassette != coverage.NONE) == (is_called and row.emulator == "played"), row.name
