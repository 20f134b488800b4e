"""The compiler of OpenAPI documents: right, or refused with file and line."""

from __future__ import annotations

import copy
import importlib.util
import re
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generator.openapi.compile import check_models, compile_openapi
from generator.openapi.document import read_document
from generator.output import PACKAGE, format_sources
from generator.problems import SchemaProblem
from tests.support.strategies import IS_EXPLORING

ROOT = Path(__file__).resolve().parents[2]
FILE = ROOT / "schemas" / "constellation1" / "openapi.yaml"
TEXT = FILE.read_text("utf-8")
WHOLE: dict[str, Any] = yaml.safe_load(TEXT)

# A small document, which each test changes.
SMALL: dict[str, Any] = {
    "openapi": "3.1.1",
    "info": {"title": "Small", "version": "1"},
    "x-esw-vendor": "Constellation1",
    "servers": [{"url": "https://x.example", "x-esw-name": "TEST_URL"}],
    "security": [{"token": []}],
    "paths": {
        "/v1/things/{thingId}": {
            "put": {
                "operationId": "ChangeThing",
                "summary": "Changes a thing.",
                "x-esw-basis": "documented",
                "x-esw-answer": "object",
                "x-esw-reference": ["thing/Name", "thingId"],
                "parameters": [
                    {
                        "name": "thingId",
                        "in": "path",
                        "required": True,
                        "description": "The thing.",
                        "schema": {"type": "string", "pattern": r"\S"},
                    }
                ],
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "additionalProperties": False,
                                "required": ["thing"],
                                "properties": {"thing": {"$ref": "#/components/schemas/Thing"}},
                            }
                        }
                    },
                },
                "responses": {"200": {"$ref": "#/components/responses/Answer"}},
            }
        }
    },
    "components": {
        "securitySchemes": {
            "token": {"type": "apiKey", "in": "header", "name": "Authorization"},
        },
        "responses": {
            "Answer": {
                "description": "An answer.",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/Answered"}}
                },
            }
        },
        "schemas": {
            "Thing": {
                "description": "A thing.",
                "x-esw-basis": "documented",
                "type": "object",
                "additionalProperties": False,
                "required": ["Name"],
                "properties": {
                    "Name": {"type": "string", "description": "The name."},
                    "Weight": {
                        "type": "integer",
                        "minimum": 1,
                        "maximum": 9,
                        "description": "The weight.",
                        "x-esw-unit": "grams",
                    },
                },
            },
            "Answered": {
                "description": "An answer.",
                "x-esw-basis": "inferred",
                "type": "object",
                "properties": {
                    "Colour": {"type": ["string", "null"], "description": "The colour."},
                },
            },
        },
    },
}


def compiled(folder: Path, document: dict[str, Any] | str) -> dict[str, str]:
    text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False)
    place = folder / "small"
    place.mkdir(exist_ok=True)
    (place / "openapi.yaml").write_text(text, "utf-8")
    return compile_openapi(place)[1]


def loaded(folder: Path, document: dict[str, Any]) -> ModuleType:
    """The models of a document, imported."""
    files = format_sources(compiled(folder, document), ROOT / "pyproject.toml")
    path = folder / "models.py"
    path.write_text(files["esignwire_generated/small/models.py"], "utf-8")
    spec = importlib.util.spec_from_file_location(f"small_{folder.name.replace('-', '_')}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    # pydantic looks annotations up in the module.
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


def changed(change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    document = copy.deepcopy(SMALL)
    change(document)
    return document


def operation(document: dict[str, Any]) -> dict[str, Any]:
    return document["paths"]["/v1/things/{thingId}"]["put"]


def thing(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"]["Thing"]


def answer(document: dict[str, Any]) -> dict[str, Any]:
    return document["components"]["schemas"]["Answered"]


# --- what is understood ---


def test_a_small_document(tmp_path: Path) -> None:
    models = loaded(tmp_path, SMALL)
    made = models.Thing(name="n", weight=3)
    assert repr(made) == "Thing(name='n', weight=3)"
    assert "From 1 to 9 grams." in models.Thing.__doc__
    assert models.Answered.read({"colour": "red", "new": 1}).colour == "red"
    calls = compiled(tmp_path, SMALL)["esignwire_generated/small/calls.py"]
    assert "async def change_thing(" in calls
    assert "    def change_thing(" in calls
    assert "reference=(('thing', 'name'), ('thing_id',))" in calls


def test_a_member_that_becomes_secret_leaves_the_representation(tmp_path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        thing(document)["properties"]["Name"]["x-esw-sensitive"] = True

    document = changed(change)
    assert repr(loaded(tmp_path, document).Thing(name="n")) == "Thing(weight=None)"
    assert "'Name'" in compiled(tmp_path, document)["esignwire_generated/small/names.py"]


def test_a_new_operation_becomes_a_method(tmp_path: Path) -> None:
    def change(document: dict[str, Any]) -> None:
        other = copy.deepcopy(operation(document))
        other["operationId"] = "PaintThing"
        document["paths"]["/v1/paint/{thingId}"] = {"put": other}

    calls = compiled(tmp_path, changed(change))["esignwire_generated/small/calls.py"]
    assert calls.count("def paint_thing(") == 2


def test_two_runs_agree(tmp_path: Path) -> None:
    assert compiled(tmp_path, TEXT) == compiled(tmp_path, TEXT)


# --- what is refused ---


def a(path: str, value: object) -> Callable[[dict[str, Any]], None]:
    """Puts a value at a place; ``None`` takes away what stands there."""

    def change(document: dict[str, Any]) -> None:
        *folders, name = path.split("|")
        node: Any = document
        for one in folders:
            node = node[int(one)] if isinstance(node, list) else node[one]
        if value is None:
            del node[name]
        else:
            node[name] = value

    return change


PUT = "paths|/v1/things/{thingId}|put"
THING = "components|schemas|Thing"
NAME = f"{THING}|properties|Name"
WEIGHT = f"{THING}|properties|Weight"
ANSWERED = "components|schemas|Answered"
COLOUR = f"{ANSWERED}|properties|Colour"


def webhook(**members: object) -> Callable[[dict[str, Any]], None]:
    """Adds a webhook that is right but for these members."""
    body = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answered"}}},
    }
    post = {
        "operationId": "Told",
        "summary": "Tells.",
        "security": [],
        "x-esw-basis": "documented",
        "requestBody": body,
        "responses": {"200": {"description": "It came."}},
    }
    return a("webhooks", {"told": {"post": post | members}})


def kept(name: str, schema: dict[str, Any]) -> Callable[[dict[str, Any]], None]:
    """Adds a schema that the thing has a property of."""

    def change(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        schemas[name] = {"description": "d", "x-esw-basis": "wire", **schema}
        schemas["Thing"]["properties"]["Kept"] = {"$ref": f"#/components/schemas/{name}"}

    return change


def argument(**members: object) -> Callable[[dict[str, Any]], None]:
    """Adds an argument in the query."""

    def change(document: dict[str, Any]) -> None:
        more = {"name": "q", "in": "query", "description": "d", "schema": {"type": "string"}}
        operation(document)["parameters"].append(more | members)

    return change


REFUSED: list[tuple[Callable[[dict[str, Any]], None], str]] = [
    (a("openapi", "3.0.3"), "only OpenAPI 3.1"),
    (a("tags", []), '"tags" is not understood'),
    (a("webhooks", {"told": {"get": {}}}), '"get" is not understood'),
    (webhook(security=[{"token": []}]), "signed or authorized"),
    (webhook(parameters=[]), '"parameters" is not understood'),
    (webhook(responses={"204": {"description": "It came."}}), '"204" is not understood'),
    (webhook(requestBody={"required": False, "content": {}}), "may be missing"),
    (
        webhook(
            requestBody={
                "required": True,
                "content": {
                    "application/json": {"schema": {"$ref": f"#/{THING}".replace("|", "/")}}
                },
            }
        ),
        "sent and received",
    ),
    (a("info|title", None), '"title" is missing'),
    (a("x-esw-vendor", None), '"x-esw-vendor" is missing'),
    (a("servers|0|x-esw-name", "test url"), "the name of a constant"),
    (a("security", [{"token": []}, {"token": []}]), "one way to authorize"),
    (a("security", [{"key": []}]), "is none of components/securitySchemes"),
    (a("components|securitySchemes|other", {"type": "http"}), "is missing"),
    (a("components|securitySchemes|token|type", "http"), "must be one of apiKey"),
    (a(f"{PUT}|x-esw-basis", "guessed"), "must be one of documented"),
    (a(f"{PUT}|x-esw-basis", None), '"x-esw-basis" is missing'),
    (a(f"{PUT}|x-esw-answer", "maybe"), "must be one of flag"),
    (a(f"{PUT}|x-esw-safe", "yes"), "must be true or false"),
    (a(f"{PUT}|x-esw-once", 1), "must be true or false"),
    (a(f"{PUT}|callbacks", {}), '"callbacks" is not understood'),
    (a(f"{PUT}|x-esw-reference", ["thing/Nam"]), '"Nam" is no argument'),
    (a(f"{PUT}|x-esw-method", "mine"), "must be one of handwritten"),
    (a(f"{PUT}|x-esw-pages", {"number": "a", "size": "b", "items": "c"}), "names no argument"),
    (a(f"{PUT}|responses|404", {"description": "x"}), '"404" is not understood'),
    (a(f"{PUT}|responses|200", {"description": "x"}), '"$ref" is missing'),
    (a(f"{PUT}|parameters|0|in", "header"), "must be one of path, query"),
    (a(f"{PUT}|parameters|0|name", "other"), "do not agree"),
    (a(f"{PUT}|parameters|0|required", None), "is required"),
    (a(f"{PUT}|parameters|0|style", "simple"), '"style" is not understood'),
    (a(f"{PUT}|parameters|0|description", None), '"description" is missing'),
    (a(f"{PUT}|parameters|0|schema|description", "x"), "belongs to the parameter"),
    (a(f"{PUT}|requestBody|required", False), "may be missing"),
    (
        a(f"{PUT}|requestBody|content|text/plain", {"schema": {}}),
        '"text/plain" is not understood',
    ),
    (a(f"{THING}|x-esw-bases", "wire"), '"x-esw-bases" is not understood'),
    (a(f"{THING}|patternProperties", {}), '"patternProperties" is not understood'),
    (a(f"{THING}|additionalProperties", True), "must be closed"),
    (a(f"{THING}|required", ["Nam"]), "none of the properties"),
    (a(f"{THING}|anyOf", [{"required": ["Nam"]}]), "none of the properties"),
    (a(f"{THING}|dependentRequired", {"Name": ["Nam"]}), "none of the properties"),
    (a(f"{THING}|properties|name", {"type": "string"}), "same name in Python"),
    (a(f"{THING}|x-esw-text", "Name"), "for what comes"),
    (a(f"{NAME}|format", "date"), "must be one of email, uri"),
    (a(f"{NAME}|pattern", "^a|b$"), "only \\S and one class"),
    (a(f"{NAME}|type", ["string", "null"]), "must not be null"),
    (a(f"{NAME}|type", "number"), 'the type "number" is not understood'),
    (a(f"{NAME}|minimum", 1), "is not understood beside the type string"),
    (a(f"{NAME}|x-esw-sensitive", "true "), "must be true or false"),
    (a(f"{NAME}|x-esw-days-ahead", 3), "bounds a date-time only"),
    (a(f"{NAME}|x-esw-beyond", "no"), "there are no limits"),
    (a(f"{NAME}|x-esw-sole-list", True), "only a list"),
    (a(f"{NAME}|x-esw-account", "me"), "must be one of salt, user_name"),
    (a(f"{NAME}|x-esw-name", "Nick Name"), "a name as Python has them"),
    (a(f"{NAME}|$ref", "#/components/schemas/Thing"), "beside $ref"),
    (a(f"{NAME}|enum", ["a"]), '"enum" is not understood'),
    (a(f"{WEIGHT}|default", 3), "has a default, so it is required"),
    (a(f"{WEIGHT}|default", "3"), "no default that fits"),
    (a(f"{WEIGHT}|multipleOf", 2), '"multipleOf" is not understood'),
    (a(f"{WEIGHT}|x-esw-type", "guid"), "must have the form"),
    (a(f"{WEIGHT}", {"$ref": "#/components/schemas/Nothing"}), "names nothing below"),
    (a(f"{WEIGHT}", {"$ref": "other.yaml#/Thing"}), "names nothing below"),
    (a(f"{ANSWERED}|additionalProperties", False), "must be open"),
    (a(f"{ANSWERED}|required", ["Colour"]), "require nothing"),
    (a(f"{COLOUR}|type", "string"), "it may be null"),
    (
        a(f"{ANSWERED}|x-esw-found-at", {"x": {"paths": ["Shape"], "description": "d"}}),
        '"Shape" is no member',
    ),
    (
        a("components|schemas|Unused", {"type": "object", "description": "x"}),
        "nothing uses components/schemas/Unused",
    ),
    (
        a("x-esw-errors", [{"pattern": "(", "error": "TokenRefused", "x-esw-basis": "wire"}]),
        "no regular expression",
    ),
    (
        a("x-esw-errors", [{"pattern": "x", "error": "Nothing", "x-esw-basis": "wire"}]),
        "has no Nothing",
    ),
    (
        a(f"{THING}|properties|Answer", {"$ref": "#/components/schemas/Answered"}),
        "sent and received",
    ),
    # Names.
    (a("x-esw-vendor", "Acme"), "esignwire.errors has no AcmeError"),
    (a("servers|0|x-esw-name", "VENDOR"), "the name of a constant"),
    (a("servers", []), "one is needed"),
    (a(f"{PUT}|operationId", "close"), "another method of the client is called close"),
    (a(f"{PUT}|operationId", "Operations"), "OPERATIONS is also the name of"),
    (a(f"{NAME}|x-esw-name", "model_dump"), "model_dump is a name of each model's own"),
    (a(f"{NAME}|x-esw-name", "uuid"), "uuid is a name of each model's own"),
    (a(f"{PUT}|parameters|0|x-esw-name", "timeout"), "timeout is a name of each model's own"),
    (a(f"{ANSWERED}|properties|copy", {"type": ["string", "null"]}), "copy is a name of"),
    (
        a(f"{ANSWERED}|x-esw-found-at", {"class": {"paths": ["Colour"], "description": "d"}}),
        "class",
    ),
    (kept("Limits", {"type": "string", "oneOf": [{"const": "a", "title": "A"}]}), "Limits is also"),
    (kept("int", {"type": "string", "oneOf": [{"const": "a", "title": "A"}]}), "name of a class"),
    (
        kept(
            "E", {"type": "string", "oneOf": [{"const": "a", "title": x} for x in ("A-b", "A_b")]}
        ),
        "another value has the same name in Python",
    ),
    # Addresses.
    (a("servers|0|url", "https://x.example/{a}"), "host and path of HTTP"),
    (a("servers|0|url", "/relative"), "host and path of HTTP"),
    (a("paths|/v1/../x", {}), "must be of letters and digits"),
    (a("paths|/v1/x", {}), "there is no operation in it"),
    (a("paths|/v1/things/{other}", {"get": {}}), "is the path of another item too"),
    (a(f"{PUT}|parameters|0|schema", {"type": "string"}), "thingId may be empty"),
    (argument(schema={"type": "array", "items": {"type": "string"}}), "has no form in an address"),
    (argument(schema={"type": ["string", "null"]}), "has no form in an address"),
    (argument(name="a&b"), "must be of letters, digits"),
    (argument(**{"schema": {"type": "integer"}, "x-esw-default": 1}), "so it is required"),
    # Limits that nothing satisfies, or that nothing checks.
    (a(f"{WEIGHT}|minimum", 10), "nothing is at least 10 and at most 9"),
    (a(f"{NAME}|minLength", -1), "fewer than none"),
    (a(f"{WEIGHT}|default", 10), "no default that fits"),
    (a(f"{NAME}|pattern", "^[z-a]+$"), "is no regular expression"),
    (
        a(f"{NAME}", {"type": "string", "contentEncoding": "base64", "maxLength": 4}),
        "the length of base64 is not checked",
    ),
    (
        a(f"{WEIGHT}", {"anyOf": [{"type": "string", "minLength": 3}, {"type": "integer"}]}),
        "what limits one of several types is not checked",
    ),
    (a(f"{WEIGHT}", {"type": ["integer", "boolean"]}), "JSON does not tell apart"),
    (
        a(f"{WEIGHT}", {"type": "array", "items": {"type": "string", "format": "email"}}),
        "what limits an item is not checked",
    ),
    (
        a(f"{COLOUR}", {"type": ["array", "null"], "items": {"type": "string"}}),
        "one kind of object",
    ),
    (a(f"{COLOUR}|default", True), "no default that fits"),
    (a(f"{THING}|required", ["Name", "Name"]), "a text stands twice"),
    (a(f"{THING}|dependentRequired", {"Name": ["Weight", "Name"]}), "must be a list of one"),
    (a(f"{THING}|anyOf", []), "names nothing that is required"),
    # A schema in itself.
    (a(f"{WEIGHT}", {"$ref": "#/components/schemas/Thing"}), "Thing holds itself"),
    (
        a(f"{WEIGHT}", {"type": "array", "items": {"$ref": "#/components/schemas/Thing"}}),
        "Thing holds itself",
    ),
    # Marks where they mean nothing.
    (a(f"{NAME}|x-esw-unit", "grams"), "only a whole number has a unit"),
    (a(f"{NAME}|x-esw-account", "salt"), "the client fills in arguments only"),
    (
        a(f"{ANSWERED}|x-esw-found-at", {"x": {"paths": ["Colour/*"], "description": "d"}}),
        '"*" is no member there',
    ),
    (
        a("x-esw-errors", [{"pattern": "x", "error": "SignixError", "x-esw-basis": "wire"}]),
        "that is a Constellation1Error",
    ),
]


@pytest.mark.parametrize(("change", "message"), REFUSED)
def test_what_is_not_understood_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], None], message: str
) -> None:
    with pytest.raises(SchemaProblem, match=re.escape(message)) as caught:
        compiled(tmp_path, changed(change))
    assert caught.value.file == tmp_path / "small" / "openapi.yaml"
    assert caught.value.line


def _places(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    items: Any = node.items() if isinstance(node, dict) else enumerate(node)
    for name, one in items:
        yield (*way, name)
        if isinstance(one, dict | list):
            yield from _places(one, (*way, name))


# What stands elsewhere in documents, and what stands nowhere.
_ODD = [
    None, True, -1, 10**40, "", "x", "a b", "null", [], ["x"], {}, {"x": 1}, ["string", "null"],
    {"type": "string"}, "object", "#/components/schemas/Thing", "#/components/schemas/Answered",
]  # fmt: skip


@settings(max_examples=1_000 if IS_EXPLORING else 60, suppress_health_check=list(HealthCheck))
@given(place=st.sampled_from(list(_places(SMALL))), odd=st.sampled_from(_ODD))
def test_any_edit_is_compiled_or_refused_with_a_line(place: tuple[Any, ...], odd: object) -> None:
    document = copy.deepcopy(SMALL)
    *folders, name = place
    node: Any = document
    for one in folders:
        node = node[one]
    node[name] = odd
    line: int | None = 1
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "small" / "openapi.yaml"
        packages = dict.fromkeys([f"{PACKAGE}/__init__.py", f"{PACKAGE}/small/__init__.py"], "")
        try:
            files = compiled(Path(folder), document)
            check_models({file: read_document(file)}, {**files, **packages})
        except SchemaProblem as problem:
            line = problem.line
    assert line


def _mappings(node: object, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    if isinstance(node, dict):
        yield path
        for name, one in node.items():
            yield from _mappings(one, (*path, name))
    elif isinstance(node, list):
        for index, one in enumerate(node):
            yield from _mappings(one, (*path, index))


def _kinds() -> list[tuple[Any, ...]]:
    """One place of each kind: names of things do not make another."""
    free = {"paths", "parameters", "responses", "schemas", "securitySchemes", "properties"}
    kinds: dict[tuple[Any, ...], tuple[Any, ...]] = {}
    for path in _mappings(WHOLE):
        kind = tuple(
            "*" if isinstance(part, int) or (index and path[index - 1] in free) else part
            for index, part in enumerate(path)
        )
        kinds.setdefault(kind, path)
    return list(kinds.values())


@pytest.mark.parametrize("path", _kinds(), ids=lambda path: ".".join(map(str, path)) or "root")
def test_an_unknown_member_is_refused_wherever_it_stands(
    tmp_path: Path, path: tuple[Any, ...]
) -> None:
    document = copy.deepcopy(WHOLE)
    node: Any = document
    for part in path:
        node = node[part]
    node["x-unknown"] = "x"
    with pytest.raises(SchemaProblem) as caught:
        compiled(tmp_path, document)
    assert caught.value.line
    lines = (tmp_path / "small" / "openapi.yaml").read_text("utf-8").splitlines()
    # At the member itself, or at the node that has another form with it.
    near = lines[max(0, caught.value.line - 25) : caught.value.line + 25]
    assert "x-unknown" in "\n".join(near)


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("openapi: [", "not well-formed YAML", 1),
        ("", "is empty", None),
        ("openapi: 3.1.1\nopenapi: 3.1.1\n", '"openapi" stands twice', 2),
        ("info: &a {title: x}\nother: *a\n", "anchors and aliases", 1),
        ("openapi: 2020-01-01\n", "put it into quotes", 1),
        ("deprecated: yes\n", "true or false, or stand in quotes", 1),
        ("on: x\n", "must stand in quotes", 1),
        ("a: 0x10\n", "decimal number", 1),
        ("a: 010\n", "decimal number", 1),
        ('a: "\\u0007"\n', "holds a character that nothing shows", 1),
        ("a: !!set {b}\n", "is of a type that is not used here", 1),
        ("\n\0", "special characters are not allowed", 2),
        ("a: " + "[" * 600 + "]" * 600, "nested too deeply", 1),
        ("- a\n", "must be a mapping", 1),
    ],
)
def test_yaml_that_people_read_otherwise_is_refused(
    tmp_path: Path, text: str, message: str, line: int | None
) -> None:
    with pytest.raises(SchemaProblem, match=message) as caught:
        compiled(tmp_path, text)
    assert caught.value.line == line


def test_a_file_that_does_not_belong_there_is_refused(tmp_path: Path) -> None:
    (tmp_path / "small").mkdir()
    (tmp_path / "small" / "notes.txt").write_text("x")
    with pytest.raises(SchemaProblem, match=r"only openapi\.yaml") as caught:
        compiled(tmp_path, SMALL)
    assert caught.value.file == tmp_path / "small" / "notes.txt"
