"""What the tests read in the OpenAPI document itself: operations, checks of requests, examples."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote

import yaml
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

FILE = Path(__file__).parents[2] / "schemas" / "constellation1" / "openapi.yaml"


@functools.cache
def document() -> dict[str, Any]:
    """The document, as any other tool loads it."""
    return yaml.safe_load(FILE.read_text("utf-8"))


@dataclass(frozen=True)
class Described:
    """One operation of the document."""

    name: str
    method: str
    path: str
    operation: dict[str, Any]

    @property
    def parameters(self) -> list[dict[str, Any]]:
        return [resolved(one) for one in self.operation.get("parameters", [])]

    @property
    def body(self) -> dict[str, Any] | None:
        body = self.operation.get("requestBody")
        return None if body is None else body["content"]["application/json"]["schema"]

    @property
    def answer(self) -> str:
        response = resolved(self.operation["responses"]["200"])
        return response["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]


@functools.cache
def operations() -> dict[str, Described]:
    return {
        one["operationId"]: Described(one["operationId"], method.upper(), path, one)
        for path, item in document()["paths"].items()
        for method, one in item.items()
    }


def resolved(node: dict[str, Any]) -> dict[str, Any]:
    """A node, or what it refers to."""
    while "$ref" in node:
        target: Any = document()
        for part in node["$ref"].removeprefix("#/").split("/"):
            target = target[part]
        node = target
    return node


def check(schema: dict[str, Any], value: object) -> None:
    """Holds a value against a schema of the document."""
    whole = {**schema, "components": document()["components"]}
    checker = OAS31Validator.FORMAT_CHECKER
    OAS31Validator(whole, format_checker=checker).validate(value)


def check_request(name: str, method: str, target: str, body: object) -> None:
    """Holds a request against its operation: method, path, query and body."""
    described = operations()[name]
    path, _, query = target.partition("?")
    pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(described.path))
    found = re.fullmatch(pattern, path.partition("/rest")[2])
    assert method == described.method
    assert found is not None, f"{path} is not {described.path}"
    values = {key: unquote(value) for key, value in found.groupdict().items()}
    given = dict(parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)))
    for parameter in described.parameters:
        place = values if parameter["in"] == "path" else given
        value = place.pop(parameter["name"], None)
        if value is None:
            assert not parameter.get("required"), parameter["name"]
            continue
        schema = parameter["schema"]
        kind = resolved(schema)["type"]
        typed: object = value
        if kind == "integer":
            typed = int(value)
        elif kind == "boolean":
            typed = {"true": True, "false": False}[value]
        check(schema, typed)
    assert values == given == {}
    if described.body is None:
        assert body is None
    else:
        check(described.body, body)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.sampled_from(
    [
        "/Date(1416614400000-0800)/",
        "/Date(-1)/",
        "2026-02-03T04:05:06Z",
        "2026-02-03T04:05:06+01:00",
    ]
)


def examples(schema: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Values that a schema of the document allows, as far as answers use its means."""
    schema = resolved(schema)
    if schema.get("x-esw-type") == "date-time":
        return MOMENTS
    if schema.get("format") == "uuid":
        return st.uuids().map(str)
    if "oneOf" in schema:
        return st.sampled_from([one["const"] for one in schema["oneOf"]])
    if "anyOf" in schema:
        return st.one_of([examples(one) for one in schema["anyOf"]])
    if "properties" in schema:
        known = {name: examples(one) for name, one in schema["properties"].items()}
        return st.fixed_dictionaries({}, optional=known)
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    plain: dict[str, st.SearchStrategy[Any]] = {
        "null": st.none(),
        "string": TEXTS,
        "integer": st.integers(-(2**53), 2**53),
        "boolean": st.booleans(),
    }
    return st.one_of(
        [
            st.lists(examples(schema.get("items", {"type": "string"})), max_size=3)
            if kind == "array"
            else plain[kind]
            for kind in kinds
        ]
    )
