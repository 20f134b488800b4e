"""The OpenAPI document of Constellation1: valid for every tool, and whole."""

from __future__ import annotations

import inspect
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from esignwire import AsyncConstellation1, Constellation1
from esignwire._json import Answer, word_of
from esignwire_generated.constellation1 import calls, models
from esignwire_generated.constellation1.names import SENSITIVE
from generator.names import snake_case
from tests.support.openapi import check, document, examples, operations, resolved

NAMES = sorted(operations())


def test_it_is_a_valid_document() -> None:
    assert list(OpenAPIV31SpecValidator(document()).iter_errors()) == []


def test_all_calls_of_the_vendors_pages_are_there() -> None:
    assert {one.name for one in calls.OPERATIONS} == set(operations())


@pytest.mark.parametrize("name", NAMES)
def test_each_call_has_a_method_of_both_clients(name: str) -> None:
    for client in (Constellation1, AsyncConstellation1):
        method = getattr(client, snake_case(name))
        assert name in inspect.getdoc(method)
        assert snake_case(name) in dir(client)
        parameters = inspect.signature(method).parameters
        assert parameters["timeout"].kind is inspect.Parameter.KEYWORD_ONLY
        assert "salt" not in parameters or name == "EncryptString"


@pytest.mark.parametrize("name", NAMES)
def test_each_call_says_how_it_is_known_and_what_it_does(name: str) -> None:
    operation = operations()[name].operation
    assert operation["x-esw-basis"] in {"documented", "wire", "inferred"}
    is_get = operations()[name].method == "GET"
    assert operation.get("x-esw-safe", False) is is_get


def _schemas(node: object) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if isinstance(node, dict):
        found.append(node)
        for one in node.values():
            found += _schemas(one)
    elif isinstance(node, list):
        for one in node:
            found += _schemas(one)
    return found


def test_secrets_leave_every_representation() -> None:
    names = {
        name
        for schema in _schemas(document())
        for name, one in schema.get("properties", {}).items()
        if isinstance(one, dict) and (one.get("x-esw-sensitive") or _target(one))
    }
    assert names == SENSITIVE
    for kind in vars(models).values():
        if isinstance(kind, type) and hasattr(kind, "model_fields"):
            for name, field in kind.model_fields.items():
                if field.alias in SENSITIVE:
                    assert not field.repr, f"{kind.__name__}.{name}"


def _target(node: dict[str, Any]) -> bool:
    schema = resolved(node)
    # A schema of an object that is sensitive says it of its members, not of those that hold it.
    return bool(schema.get("x-esw-sensitive")) and "properties" not in schema


ANSWERS = sorted({one.answer for one in operations().values()})


@pytest.mark.parametrize("name", ANSWERS)
@given(data=st.data())
def test_what_the_document_allows_is_read(name: str, data: st.DataObject) -> None:
    schema = document()["components"]["schemas"][name]
    members = data.draw(examples(schema))
    check(schema, members)
    kind: type[Answer] = getattr(models, name)
    answer = kind.read(members)
    assert answer.raw is members
    for wire, value in members.items():
        python = next(one for one, field in kind.model_fields.items() if field.alias == wire)
        read = getattr(answer, python)
        if isinstance(value, list) and wire != "Details":
            # A text stands for a session of which no more than the id is known; nothing is lost.
            assert len(read) == len(value)
        elif wire in {"TotalCount", "ReturnValue"}:
            assert read == value


def test_codes_have_the_vendors_words() -> None:
    statuses = document()["components"]["schemas"]["SessionStatus"]["oneOf"]
    for one in statuses:
        assert word_of(models.SessionStatus(one["const"])) == one["title"]
    assert word_of(None) == ""
    assert word_of(77) == "77"
