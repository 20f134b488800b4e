"""Reader of an OpenAPI document: into the model, or refused where it is not understood.

Each member of each node is known here or refused, with file and line, so that nothing that the
document says is lost in silence. The meaning of the ``x-esw-`` members stands in docs/schemas.md.
"""

from __future__ import annotations

import keyword
import re
import warnings
from pathlib import Path
from typing import cast

from esignwire import errors
from esignwire._json import Answer, Arguments, AsyncCaller, Sent
from generator.names import class_name, constant_case, snake_case
from generator.openapi.model import (
    Basis,
    Direction,
    Document,
    Enumeration,
    Form,
    Found,
    Kind,
    KnownError,
    Member,
    Object,
    Operation,
    PagedList,
    Place,
    Type,
    Value,
)
from generator.openapi.nodes import Node, read_yaml
from generator.problems import SchemaProblem

_METHODS = {"get", "put", "post", "delete"}
# What every HTTP client sends as it stands.
_ADDRESS = re.compile(r"https?://[\w.-]+(:\d{1,5})?(/[\w~-][\w.~-]*)*", re.ASCII)
_PATH = re.compile(r"(/[\w~-][\w.~-]*)+", re.ASCII)
_IN_QUERY = re.compile(r"[\w.~-]+", re.ASCII)
# What has a form in an address, and what JSON's own types tell apart where several may stand.
_IN_ADDRESS = {"boolean", "enumeration", "guid", "integer", "text"}
_APART = {"boolean", "enumeration", "integer", "object", "text"}
# The names of the module of names, and the arguments of every method.
_CONSTANTS = {"ERRORS", "FILE_TYPES", "SECRET_ANSWERS", "SENSITIVE", "VENDOR"}
_ARGUMENTS = {"self", "timeout"}
# The modules that the annotations of models name.
_MODULES = {"dt", "uuid"}
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_SECURITY = {
    "apiKey": "api_key",
    "password": "password",
    "token": "token",
    "tokenAndPassword": "token_and_password",
}
_READINGS = ("flag", "list", "object", "report", "secret", "text")
_ACCOUNT = ("salt", "user_name")
_NOT_BLANK = r"\S"
_PAIRS: dict[str, object] = {
    "anyOf": [
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["Key", "Value"],
                "properties": {"Key": {"type": "string"}, "Value": {"type": "string"}},
            },
        },
        {"type": "object", "additionalProperties": {"type": "string"}},
    ]
}
# What a schema with x-esw-type must say, since no code is written for another form.
_FORMS: dict[str, dict[str, object]] = {
    "guid": {"type": "string", "format": "uuid"},
    "date-time": {
        "anyOf": [
            {"type": "string", "pattern": r"^/Date\(-?[0-9]{1,18}([+-][0-9]{4})?\)/$"},
            {"type": "string", "format": "date-time"},
        ]
    },
    "bytes": {
        "anyOf": [
            {"type": "array", "items": {"type": "integer", "minimum": 0, "maximum": 255}},
            {"type": "string", "contentEncoding": "base64"},
        ]
    },
    "properties": _PAIRS,
    "mapping": _PAIRS,
    "details": {"anyOf": [{"type": "string"}, {"type": "array"}, {"type": "null"}]},
}
_ABOUT_MEMBER = {
    "description",
    "default",
    "x-esw-account",
    "x-esw-basis",
    "x-esw-beyond",
    "x-esw-days-ahead",
    "x-esw-encrypted",
    "x-esw-file-name",
    "x-esw-file-types",
    "x-esw-hidden",
    "x-esw-most-bytes",
    "x-esw-name",
    "x-esw-sensitive",
    "x-esw-sole-list",
    "x-esw-unit",
}
_ABOUT_TYPE = {
    "$ref",
    "anyOf",
    "contentEncoding",
    "format",
    "items",
    "maximum",
    "maxItems",
    "maxLength",
    "minimum",
    "minItems",
    "minLength",
    "pattern",
    "type",
    "x-esw-type",
}
_ABOUT_OBJECT = {
    "additionalProperties",
    "allOf",
    "anyOf",
    "dependentRequired",
    "description",
    "properties",
    "required",
    "type",
    "unevaluatedProperties",
    "x-esw-basis",
    "x-esw-found-at",
    "x-esw-sensitive",
    "x-esw-text",
}


_OF_A_BASE = {"description", "properties", "type", "x-esw-basis"}


def read_document(path: Path) -> Document:
    """Reads a document.

    Raises:
        SchemaProblem: It cannot be read, or says something that is not understood.
    """
    return _Reader(read_yaml(path)).document()


class _Reader:
    def __init__(self, root: Node) -> None:
        self._root = root
        self._used: set[str] = set()
        self._open: list[str] = []
        self._objects: dict[str, Object] = {}
        self._enumerations: dict[str, Enumeration] = {}
        self._components = root.members(
            {
                "components",
                "info",
                "openapi",
                "paths",
                "security",
                "servers",
                "webhooks",
                "x-esw-errors",
            },
            ["openapi", "info", "servers", "security", "paths", "components", "x-esw-vendor"],
        )["components"].members({"parameters", "responses", "schemas", "securitySchemes"})

    def document(self) -> Document:
        members = self._root.mapping()
        if not re.fullmatch(r"3\.1\.\d+", members["openapi"].text()):
            members["openapi"].refuse("only OpenAPI 3.1 is understood")
        info = members["info"].members({"description", "title", "version"}, ["title", "version"])
        for node in info.values():
            node.text()
        self._security_schemes()
        default = self._authorization(members["security"])
        vendor = members["x-esw-vendor"].text()
        error_class = _error_class(f"{vendor}Error")
        if error_class is None:
            members["x-esw-vendor"].refuse(f"esignwire.errors has no {vendor}Error")
        servers = [self._server(node) for node in members["servers"].items()]
        if not servers or len(dict(servers)) < len(servers):
            members["servers"].refuse("each server has its own x-esw-name, and one is needed")
        operations = [
            self._operation(path, method, node, default)
            for path, item in members["paths"].mapping().items()
            for method, node in self._methods(path, item).items()
        ]
        self._check_names(operations)
        self._set_directions(operations)
        for item in (members["webhooks"].mapping() if "webhooks" in members else {}).values():
            for node in item.members({"post"}).values():
                self._webhook(node)
        self._check_used()
        order = list(self._section("schemas"))
        return Document(
            vendor=vendor,
            servers=dict(servers),
            errors=[self._error(node, error_class) for node in members["x-esw-errors"].items()]
            if "x-esw-errors" in members
            else [],
            enumerations=sorted(self._enumerations.values(), key=lambda one: order.index(one.name)),
            objects=sorted(self._objects.values(), key=lambda one: order.index(one.name)),
            operations=operations,
        )

    def _section(self, name: str) -> dict[str, Node]:
        return self._components[name].mapping() if name in self._components else {}

    def _server(self, node: Node) -> tuple[str, str]:
        members = node.members({"description"}, ["url", "x-esw-name"])
        name = members["x-esw-name"].text()
        if not re.fullmatch(r"[A-Z][A-Z0-9_]*", name) or name in _CONSTANTS:
            members["x-esw-name"].refuse("must be the name of a constant, such as STAGE_URL")
        url = members["url"].text()
        if not _ADDRESS.fullmatch(url):
            members["url"].refuse("must be host and path of HTTP, without a slash behind them")
        return name, url

    def _methods(self, path: str, item: Node) -> dict[str, Node]:
        """The operations of a path, which must be one that is sent as it stands."""
        if not _PATH.fullmatch(_PLACEHOLDER.sub("x", path)):
            item.refuse(f"the path {path} must be of letters and digits, and of names in braces")
        same = _PLACEHOLDER.sub("{}", path)
        paths = self._root.mapping()["paths"].mapping()
        if [_PLACEHOLDER.sub("{}", one) for one in paths].count(same) > 1:
            item.refuse(f"{path} is the path of another item too, but for names in braces")
        found = item.members(_METHODS)
        if not found:
            item.refuse("there is no operation in it")
        return found

    def _error(self, node: Node, base: type[errors.EsignWireError]) -> KnownError:
        members = node.members((), ["error", "pattern", "x-esw-basis"])
        _basis(members["x-esw-basis"])
        pattern = members["pattern"].text()
        try:
            re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            members["pattern"].refuse(f"is no regular expression: {error}")
        name = members["error"].text()
        found = _error_class(name)
        if found is None or not issubclass(found, base):
            members["error"].refuse(f"esignwire.errors has no {name} that is a {base.__name__}")
        return KnownError(pattern=pattern, error=name)

    # --- components ---

    def _resolve(self, node: Node, section: str) -> tuple[str, Node]:
        reference = node.members(_ABOUT_MEMBER, ["$ref"])["$ref"]
        prefix = f"#/components/{section}/"
        target = reference.text()
        name = target.removeprefix(prefix)
        found = self._section(section).get(name)
        if not target.startswith(prefix) or found is None:
            reference.refuse(f'"{target}" names nothing below {prefix}')
        self._used.add(f"{section}/{name}")
        return name, found

    def _security_schemes(self) -> None:
        for name, node in self._section("securitySchemes").items():
            members = node.members({"description"}, ["in", "name", "type"])
            if name not in _SECURITY:
                node.refuse(f"must be one of {', '.join(_SECURITY)}")
            members["type"].one_of("apiKey")
            members["in"].one_of("header")
            members["name"].one_of("Authorization")

    def _authorization(self, node: Node) -> str:
        items = node.items()
        if not items:
            return "none"
        if len(items) > 1:
            node.refuse("must be one way to authorize, or none")
        members = items[0].mapping()
        if len(members) != 1:
            node.refuse("must name one scheme")
        name, scopes = next(iter(members.items()))
        if name not in self._section("securitySchemes"):
            scopes.refuse(f'"{name}" is none of components/securitySchemes')
        if scopes.items():
            scopes.refuse("a key has no scopes")
        self._used.add(f"securitySchemes/{name}")
        return _SECURITY[name]

    def _check_used(self) -> None:
        for section, node in self._components.items():
            for name, one in node.mapping().items():
                if f"{section}/{name}" not in self._used:
                    one.refuse(f"nothing uses components/{section}/{name}")

    # --- operations ---

    def _operation(self, path: str, method: str, node: Node, default: str) -> Operation:
        members = node.members(
            {
                "deprecated",
                "description",
                "parameters",
                "requestBody",
                "security",
                "x-esw-method",
                "x-esw-once",
                "x-esw-pages",
                "x-esw-reference",
                "x-esw-safe",
            },
            ["operationId", "responses", "summary", "x-esw-answer", "x-esw-basis"],
        )
        name = members["operationId"].text()
        arguments = [
            self._parameter(one)
            for one in (members["parameters"].items() if "parameters" in members else [])
        ]
        if "requestBody" in members:
            arguments += self._body(members["requestBody"])
        placeholders = _PLACEHOLDER.findall(path)
        in_path = [one.wire for one in arguments if one.place == "path"]
        if sorted(placeholders) != sorted(in_path) or not path.startswith("/"):
            node.refuse(f"the path {path} and the parameters in the path do not agree")
        authorization = (
            self._authorization(members["security"]) if "security" in members else default
        )
        if "password" in authorization:
            arguments.append(_password(node))
        python = {one.wire: one.python for one in arguments if one.place == "path"}
        operation = Operation(
            name=name,
            python=snake_case(name),
            method=method.upper(),
            path=_PLACEHOLDER.sub(lambda match: f"{{{python[match[1]]}}}", path),
            summary=members["summary"].words(),
            description=members["description"].words() if "description" in members else "",
            basis=_basis(members["x-esw-basis"]),
            line=node.line,
            arguments=arguments,
            authorization=authorization,
            reading=members["x-esw-answer"].one_of(*_READINGS),
            answer=self._answer(members["responses"]),
            is_safe=_flag(members, "x-esw-safe"),
            is_once=_flag(members, "x-esw-once"),
            is_deprecated=_flag(members, "deprecated"),
            is_handwritten="x-esw-method" in members
            and bool(members["x-esw-method"].one_of("handwritten")),
        )
        if operation.is_safe and operation.is_once:
            members["x-esw-once"].refuse("a call that only reads makes nothing")
        if "requestBody" in members and method not in {"post", "put"}:
            members["requestBody"].refuse(f"{method.upper()} carries no body")
        by_name = {one.python: one for one in arguments}
        if len(by_name) < len(arguments):
            node.refuse("two arguments have the same name in Python: say x-esw-name")
        for one in arguments:
            _check_python_name(node, one.python, Arguments, _ARGUMENTS)
            if one.has_default and not one.is_required:
                node.refuse(f"{one.wire} has a default, so it is required")
            if one.is_encrypted or one.file_name or one.file_types or one.most_bytes is not None:
                node.refuse(f"{one.wire} is an argument: what is said of it is said of properties")
        if "x-esw-pages" in members:
            operation.pages = self._pages(members["x-esw-pages"], operation)
        if "x-esw-reference" in members:
            operation.reference = [
                self._reference(one, arguments) for one in members["x-esw-reference"].items()
            ]
        return operation

    def _parameter(self, node: Node) -> Member:
        if "$ref" in node.mapping():
            if len(node.mapping()) > 1:
                node.refuse("what stands beside a $ref to a parameter is not understood")
            _, node = self._resolve(node, "parameters")
        about = {
            "x-esw-account", "x-esw-default", "x-esw-name", "x-esw-sensitive",
        }  # fmt: skip
        members = node.members(about | {"required"}, ["description", "in", "name", "schema"])
        schema = members["schema"].mapping()
        for name in schema:
            if name in _ABOUT_MEMBER:
                schema[name].refuse("belongs to the parameter, not to its schema")
        wire = members["name"].text()
        member = self._member(wire, members["schema"], is_required=_flag(members, "required"))
        member.description = members["description"].words()
        member.place = cast("Place", members["in"].one_of("path", "query"))
        if member.place == "path" and not member.is_required:
            node.refuse("a parameter in the path is required")
        if member.type.kind not in _IN_ADDRESS or member.type.is_nullable:
            node.refuse(f"{wire} has no form in an address")
        if member.place == "path" and member.type.kind == "text" and not _is_something(member):
            node.refuse(f"{wire} may be empty, and the path then another one: say pattern: '\\S'")
        if not _IN_QUERY.fullmatch(wire):
            members["name"].refuse('must be of letters, digits, "_", "-" and "."')
        self._about(member, members)
        if "x-esw-default" in members:
            member.default, member.has_default = members["x-esw-default"].plain(), True
            self._check_default(member, members["x-esw-default"])
        return member

    def _body(self, node: Node) -> list[Member]:
        content = node.members((), ["content", "required"])
        if not content["required"].flag():
            content["required"].refuse("a body that may be missing is not understood")
        media = content["content"].members((), ["application/json"])["application/json"]
        schema = media.members((), ["schema"])["schema"]
        members = schema.members((), ["additionalProperties", "properties", "required", "type"])
        members["type"].one_of("object")
        if members["additionalProperties"].plain() is not False:
            members["additionalProperties"].refuse("must be false")
        properties = members["properties"].mapping()
        required = members["required"].texts()
        _check_required(members["required"], required, properties)
        found = [
            self._member(name, one, is_required=name in required)
            for name, one in properties.items()
        ]
        for member, one in zip(found, properties.values(), strict=True):
            member.place = "body"
            if not member.description:
                one.refuse("needs a description")
        return found

    def _answer(self, node: Node) -> str:
        _, response = self._resolve(node.members((), ["200"])["200"], "responses")
        members = response.members((), ["content", "description"])
        members["description"].text()
        return self._json_object(members["content"])

    def _webhook(self, node: Node) -> None:
        """What the vendor sends by itself: a body that is an object."""
        members = node.members(
            {"description", "security"},
            ["operationId", "requestBody", "responses", "summary", "x-esw-basis"],
        )
        for name in members.keys() & {"description", "operationId", "summary"}:
            members[name].text()
        if "security" not in members or self._authorization(members["security"]) != "none":
            node.refuse("a webhook that is signed or authorized is not understood")
        _basis(members["x-esw-basis"])
        body = members["requestBody"].members((), ["content", "required"])
        if not body["required"].flag():
            body["required"].refuse("a body that may be missing is not understood")
        response = members["responses"].members((), ["200"])["200"].members((), ["description"])
        response["description"].text()
        self._mark(self._json_object(body["content"]), "received")

    def _json_object(self, content: Node) -> str:
        """The name of the object that a content is."""
        media = content.members((), ["application/json"])["application/json"]
        schema = media.members((), ["schema"])["schema"]
        name, target = self._resolve(schema, "schemas")
        if self._schema(name, target).kind != "object":
            schema.refuse("must be an object")
        self._objects[name].is_answer = True
        return name

    def _pages(self, node: Node, operation: Operation) -> PagedList:
        members = node.members((), ["items", "number", "size"])
        by_wire = {one.wire: one for one in operation.arguments}
        for name in ("number", "size"):
            argument = by_wire.get(members[name].text())
            if argument is None or argument.type.kind != "integer":
                members[name].refuse("names no argument that is a whole number")
        answer = self._objects[operation.answer]
        wanted = members["items"].text()
        items = next((one for one in answer.members if one.wire == wanted), None)
        if items is None or items.type.kind != "list":
            members["items"].refuse(f"{answer.name} has no list {wanted}")
        if not any(one.wire == "TotalCount" for one in answer.members):
            node.refuse(f"{answer.name} has no TotalCount")
        if not operation.name.startswith("Get"):
            node.refuse("the name of an operation with pages must begin with Get")
        item = items.type.members[0]
        objects = [one.name for one in [item, *item.members] if one.kind == "object"]
        if not objects:
            members["items"].refuse(f"{wanted} is no list of objects")
        return PagedList(
            number=by_wire[members["number"].text()],
            size=by_wire[members["size"].text()],
            items=items,
            item=objects[0],
        )

    def _reference(self, node: Node, arguments: list[Member]) -> list[str]:
        members = arguments
        python: list[str] = []
        for name in node.text().split("/"):
            found = next((one for one in members if one.wire == name), None)
            if found is None:
                node.refuse(f'"{name}" is no argument, and no member of one')
            python.append(found.python)
            members = self._objects[found.type.name].members if found.type.kind == "object" else []
        return python

    # --- schemas ---

    def _schema(self, name: str, node: Node) -> Type:
        """The type of a schema of components/schemas."""
        if name in self._open:
            node.refuse(f"{name} holds itself, which has no form in Python here")
        self._open.append(name)
        found = self._read_schema(name, node)
        self._open.pop()
        return found

    def _read_schema(self, name: str, node: Node) -> Type:
        members = node.mapping()
        if "oneOf" in members:
            if name not in self._enumerations:
                self._enumerations[name] = self._enumeration(name, node)
            return Type(kind="enumeration", name=name)
        is_object = "type" in members and members["type"].value == "object"
        if is_object or {"properties", "allOf"} & members.keys():
            if name not in self._objects:
                self._objects[name] = self._object(name, node)
            return Type(kind="object", name=name)
        node.members(_ABOUT_MEMBER | _ABOUT_TYPE, ["description", "x-esw-basis"])
        _basis(members["x-esw-basis"])
        return self._type(node)

    def _enumeration(self, name: str, node: Node) -> Enumeration:
        members = node.members((), ["description", "oneOf", "type", "x-esw-basis"])
        is_text = members["type"].one_of("integer", "string") == "string"
        values: list[Value] = []
        for one in members["oneOf"].items():
            found = one.members({"description"}, ["const", "title"])
            const = found["const"].text() if is_text else found["const"].number()
            if constant_case(found["title"].text()) in {constant_case(one.name) for one in values}:
                found["title"].refuse("another value has the same name in Python")
            values.append(
                Value(
                    name=found["title"].text(),
                    const=const,
                    description=found["description"].words() if "description" in found else "",
                )
            )
            if [value.const for value in values].count(const) > 1:
                one.refuse(f"{const} stands twice")
        if not values:
            members["oneOf"].refuse("an enumeration needs values")
        _check_class_name(node, name)
        return Enumeration(
            name=name,
            line=node.line,
            description=members["description"].words(),
            basis=_basis(members["x-esw-basis"]),
            values=values,
        )

    def _object(self, name: str, node: Node) -> Object:
        members = node.members(_ABOUT_OBJECT, ["description", "type", "x-esw-basis"])
        members["type"].one_of("object")
        _check_class_name(node, name)
        closing, other = "additionalProperties", "unevaluatedProperties"
        if "allOf" in members:
            # additionalProperties would refuse the members that allOf takes over.
            closing, other = other, closing
        if other in members:
            members[other].refuse(f"here {closing} says what else may stand")
        inherited = self._inherited(members["allOf"]) if "allOf" in members else {}
        own = members["properties"].mapping() if "properties" in members else {}
        for one in own.keys() & inherited.keys():
            own[one].refuse(f"{one} stands in allOf too")
        properties = {**inherited, **own}
        required = members["required"].texts() if "required" in members else []
        if "required" in members:
            _check_required(members["required"], required, properties)
        found = Object(
            name=name,
            description=members["description"].words(),
            basis=_basis(members["x-esw-basis"]),
            line=node.line,
            members=[
                self._member(one, value, is_required=one in required)
                for one, value in properties.items()
            ],
            is_open=closing not in members or members[closing].flag(),
            is_sensitive=_flag(members, "x-esw-sensitive"),
        )
        by_wire = {one.wire: one for one in found.members}
        if len({one.python for one in found.members}) < len(by_wire):
            node.refuse("two members have the same name in Python: say x-esw-name")
        for member in found.members:
            for model in (Sent, Answer):
                _check_python_name(properties[member.wire], member.python, model, set())
            if member.account is not None:
                properties[member.wire].refuse("the client fills in arguments only")
        if "anyOf" in members:
            if not members["anyOf"].items():
                members["anyOf"].refuse("names nothing that is required")
            for choice in members["anyOf"].items():
                wire = choice.members((), ["required"])["required"].only()
                found.any_of.append(_known(choice, wire, by_wire).python)
        if "dependentRequired" in members:
            for wire, needed in members["dependentRequired"].mapping().items():
                found.needs[_known(needed, wire, by_wire).python] = _known(
                    needed, needed.only(), by_wire
                ).python
        if "x-esw-text" in members:
            wire = members["x-esw-text"].text()
            found.text = _known(members["x-esw-text"], wire, by_wire).wire
        if "x-esw-found-at" in members:
            for python, place in members["x-esw-found-at"].mapping().items():
                found.found.append(self._found(python, place, found))
        return found

    def _inherited(self, node: Node) -> dict[str, Node]:
        if len(node.items()) != 1:
            node.refuse("only one schema can be taken over")
        name, target = self._resolve(node.items()[0], "schemas")
        self._schema(name, target)
        if name not in self._objects or target.mapping().keys() - _OF_A_BASE:
            node.refuse(f"{name} must be an object that only says what its members are")
        self._objects[name].is_base = True
        return target.members(_OF_A_BASE, ["properties"])["properties"].mapping()

    def _found(self, python: str, node: Node, holder: Object) -> Found:
        members = node.members({"as"}, ["description", "paths"])
        if snake_case(python) != python or python in {one.python for one in holder.members}:
            node.refuse(f"{python} must be a name that no member has")
        _check_python_name(node, python, Answer, set())
        paths: list[list[str]] = []
        for one in members["paths"].items():
            parts = one.text().split("/")
            steps: list[str] = []
            within: Object | None = holder
            is_list = False
            for part in parts:
                if part == "*" and is_list:
                    steps.append("*")
                    is_list = False
                    continue
                found = (
                    next((m for m in within.members if m.wire == part), None) if within else None
                )
                if found is None:
                    one.refuse(f'"{part}" is no member there')
                steps.append(found.python)
                is_list = found.type.kind == "list"
                inner = [found.type, *found.type.members]
                name = next((t.name for t in inner if t.kind == "object"), None)
                within = self._objects[name] if name else None
            paths.append(steps)
        if not paths:
            node.refuse("names no path")
        return Found(
            python=python,
            paths=paths,
            description=members["description"].words(),
            is_word="as" in members and bool(members["as"].one_of("word")),
            line=node.line,
        )

    def _member(self, wire: str, node: Node, *, is_required: bool) -> Member:
        members = node.members(_ABOUT_MEMBER | _ABOUT_TYPE)
        member = Member(
            wire=wire,
            python=snake_case(wire),
            type=self._type(node),
            description="",
            is_required=is_required,
            line=node.line,
        )
        if "$ref" in members:
            _, target = self._resolve(node, "schemas")
            if "oneOf" not in target.mapping() and "properties" not in target.mapping():
                self._about(
                    member,
                    {name: one for name, one in target.mapping().items() if name != "x-esw-basis"},
                )
            elif "description" in target.mapping():
                member.description = target.mapping()["description"].words()
        self._about(member, members)
        return member

    def _about(self, member: Member, members: dict[str, Node]) -> None:
        """Takes over what is said of a member beside its type."""
        for name, node in members.items():
            match name:
                case "description":
                    member.description = node.words()
                case "default":
                    member.default, member.has_default = node.plain(), True
                    self._check_default(member, node)
                case "x-esw-basis":
                    member.basis = _basis(node)
                case "x-esw-name":
                    member.python = node.text()
                    if snake_case(member.python) != member.python:
                        node.refuse("must be a name as Python has them")
                case "x-esw-account":
                    member.account = node.one_of(*_ACCOUNT)
                case "x-esw-sensitive":
                    member.is_sensitive = node.flag()
                case "x-esw-hidden":
                    member.is_hidden = node.flag()
                case "x-esw-unit":
                    if member.type.kind != "integer":
                        node.refuse("only a whole number has a unit")
                    member.unit = node.text()
                case "x-esw-beyond":
                    if member.type.minimum is None and member.type.maximum is None:
                        node.refuse("there are no limits that it could explain")
                    member.beyond = node.words()
                case "x-esw-days-ahead":
                    if member.type.kind != "date-time":
                        node.refuse("bounds a date-time only")
                    member.days_ahead = node.number()
                case "x-esw-encrypted":
                    if member.type.kind != "text":
                        node.refuse("only a text can be encrypted")
                    member.is_encrypted = node.flag()
                case "x-esw-file-name":
                    if member.type.kind != "bytes":
                        node.refuse("only bytes are a file")
                    member.file_name = node.text()
                case "x-esw-file-types":
                    member.file_types = node.texts()
                case "x-esw-most-bytes":
                    if member.type.kind != "list":
                        node.refuse("bounds a list of objects with bytes only")
                    member.most_bytes = node.number()
                case "x-esw-sole-list":
                    if member.type.kind != "list":
                        node.refuse("only a list can be the only one")
                    member.is_sole_list = node.flag()
                case _:
                    pass

    def _check_default(self, member: Member, node: Node) -> None:
        value = member.default
        kind = member.type.kind
        fits = {
            "integer": isinstance(value, int) and not isinstance(value, bool),
            "boolean": isinstance(value, bool),
            "list": value == [],
            "properties": value == {},
            "mapping": value == {},
        }.get(kind, False)
        if kind == "enumeration":
            consts = [one.const for one in self._enumerations[member.type.name].values]
            fits = value in consts
        if isinstance(value, int) and kind == "integer":
            low, high = member.type.minimum, member.type.maximum
            fits = fits and (low is None or value >= low) and (high is None or value <= high)
        if not fits:
            node.refuse("is no default that fits the type")

    def _type(self, node: Node) -> Type:
        members = node.mapping()
        if "$ref" in members:
            for name in members.keys() & (_ABOUT_TYPE - {"$ref"}):
                members[name].refuse("beside $ref only what is said of a member is understood")
            name, target = self._resolve(node, "schemas")
            return self._schema(name, target)
        if "x-esw-type" in members:
            kind = members["x-esw-type"].one_of(*_FORMS)
            form = {name: one.plain() for name, one in members.items() if name not in _ABOUT_MEMBER}
            del form["x-esw-type"]
            if form != _FORMS[kind]:
                members["x-esw-type"].refuse(f"a {kind} must have the form {_FORMS[kind]}")
            return Type(kind=cast("Kind", kind))
        if "anyOf" in members:
            return self._union(members["anyOf"], members)
        if "type" not in members:
            node.refuse('"type" is missing here')
        return self._plain_type(node, members)

    def _union(self, node: Node, members: dict[str, Node]) -> Type:
        for name in members.keys() & (_ABOUT_TYPE - {"anyOf"}):
            members[name].refuse("is not understood beside anyOf")
        found: list[Type] = []
        is_nullable = False
        for one in node.items():
            if one.plain() == {"type": "null"}:
                is_nullable = True
                continue
            one.members(_ABOUT_TYPE)
            found.append(self._type(one))
        if not found:
            node.refuse("needs a type")
        return self._one_of(node, found, is_nullable=is_nullable)

    def _one_of(self, node: Node, found: list[Type], *, is_nullable: bool) -> Type:
        """The type of a value that may be of several, which what JSON has must tell apart."""
        if len(found) == 1:
            found[0].is_nullable = found[0].is_nullable or is_nullable
            return found[0]
        kinds = [one.kind for one in found]
        if (
            len(set(kinds)) < len(kinds)
            or {"boolean", "integer"} <= set(kinds)
            or set(kinds) - _APART
        ):
            node.refuse("JSON does not tell apart which of these types a value is of")
        if any(one.is_nullable or _is_bounded(one) for one in found):
            node.refuse("what limits one of several types is not checked: remove the limits")
        return Type(kind="union", members=found, is_nullable=is_nullable)

    def _plain_type(self, node: Node, members: dict[str, Node]) -> Type:
        types = members["type"]
        names = types.texts() if isinstance(types.value, list) else [types.text()]
        is_nullable = "null" in names
        names = [name for name in names if name != "null"]
        found = [self._single_type(node, name, members, len(names) > 1) for name in names]
        if not found:
            types.refuse("needs a type")
        return self._one_of(types, found, is_nullable=is_nullable)

    def _single_type(
        self, node: Node, name: str, members: dict[str, Node], is_one_of: bool
    ) -> Type:
        understood = {
            "string": {"contentEncoding", "format", "maxLength", "minLength", "pattern"},
            "integer": {"maximum", "minimum"},
            "boolean": set[str](),
            "array": {"items", "maxItems", "minItems"},
        }
        if name not in understood:
            members["type"].refuse(f'the type "{name}" is not understood here')
        for one in members.keys() & (_ABOUT_TYPE - {"type"}):
            if one not in understood[name] or is_one_of:
                members[one].refuse(f"is not understood beside the type {name}")
        found = Type(kind="text")
        match name:
            case "integer":
                found = Type(kind="integer")
                found.minimum = members["minimum"].number() if "minimum" in members else None
                found.maximum = members["maximum"].number() if "maximum" in members else None
            case "boolean":
                found = Type(kind="boolean")
            case "array":
                if "items" not in members:
                    node.refuse('"items" is missing here')
                members["items"].members(_ABOUT_TYPE)
                item = self._type(members["items"])
                if item.is_nullable or _is_bounded(item) or item.kind not in {*_APART, "union"}:
                    members["items"].refuse("what limits an item is not checked: list objects")
                found = Type(kind="list", members=[item])
                found.least = members["minItems"].number() if "minItems" in members else None
                found.most = members["maxItems"].number() if "maxItems" in members else None
            case _:
                self._text_type(found, members)
        _check_limits(members["type"], found.minimum, found.maximum)
        _check_limits(members["type"], found.least or 0, found.most)
        if found.least is not None and found.least < 0:
            members["type"].refuse("nothing has fewer than none")
        return found

    def _text_type(self, found: Type, members: dict[str, Node]) -> None:
        found.least = members["minLength"].number() if "minLength" in members else None
        found.most = members["maxLength"].number() if "maxLength" in members else None
        forms = members.keys() & {"contentEncoding", "format", "pattern"}
        if len(forms) > 1:
            members[min(forms)].refuse(f"{' and '.join(sorted(forms))} exclude each other")
        if "format" in members:
            found.form = cast("Form", members["format"].one_of("email", "uri"))
        if "contentEncoding" in members:
            members["contentEncoding"].one_of("base64")
            found.form = "base64"
            if (found.least or 0) > 1 or found.most is not None:
                node = members["minLength" if found.most is None else "maxLength"]
                node.refuse("the length of base64 is not checked, but that it is not empty")
        if "pattern" in members:
            pattern = members["pattern"].text()
            if pattern == _NOT_BLANK:
                found.form = "not-blank"
                return
            if not re.fullmatch(r"\^\[[A-Za-z0-9_-]+\][+*]\$", pattern):
                members["pattern"].refuse("only \\S and one class of characters are understood")
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("error")
                    re.compile(pattern)
            except (re.error, Warning) as error:
                members["pattern"].refuse(f"is no regular expression: {error}")
            found.pattern = pattern

    # --- the document as a whole ---

    def _check_names(self, operations: list[Operation]) -> None:
        names: set[str] = set()
        for one in operations:
            of_pages = [f"all_{one.python.removeprefix('get_')}"] if one.pages else []
            for name in (one.python, *of_pages):
                if name in names or hasattr(AsyncCaller, name) or name in {"aclose", "close"}:
                    raise SchemaProblem(
                        f"{one.name}: another method of the client is called {name}",
                        self._root.file,
                        one.line,
                    )
                names.add(name)

    def _set_directions(self, operations: list[Operation]) -> None:
        for operation in operations:
            self._mark(operation.answer, "received")
            for argument in operation.arguments:
                self._mark_type(argument.type, "sent")
        for one in self._objects.values():
            if one.is_base and one.direction:
                node = self._section("schemas")[one.name]
                node.refuse(f"{one.name} is only there for others to take its members over")

    def _mark_type(self, found: Type, direction: Direction) -> None:
        if found.kind == "object":
            self._mark(found.name, direction)
        for one in found.members:
            self._mark_type(one, direction)

    def _mark(self, name: str, direction: Direction) -> None:
        found = self._objects[name]
        node = self._section("schemas")[name]
        if found.direction == direction:
            return
        if found.direction:
            node.refuse(f"{name} is sent and received: write a schema for each")
        found.direction = direction
        if direction == "received":
            self._check_received(found, node)
        else:
            self._check_sent(found, node)
        for member in found.members:
            self._mark_type(member.type, direction)

    def _check_received(self, found: Object, node: Node) -> None:
        if not found.is_open or any(one.is_required for one in found.members):
            node.refuse(f"{found.name} is received, so it must be open and require nothing")
        for one in found.members:
            where = f"{found.name}/{one.wire}"
            if not one.type.is_nullable and one.type.kind != "details":
                node.refuse(f"{where} is received, so it may be null")
            if one.type.kind in {"bytes", "mapping", "properties"}:
                node.refuse(f"{where} is received, and {one.type.kind} are only sent")
            if one.type.kind == "list" and not self._is_readable(one.type.members[0]):
                node.refuse(
                    f"{where} is received, so it lists one kind of object, whose x-esw-text "
                    "tells what a text among them is"
                )
            if one.has_default or one.is_encrypted or one.file_types or one.most_bytes is not None:
                node.refuse(f"{where} is received: nothing can be asked of it")
            if one.days_ahead is not None:
                node.refuse(f"{where} is received: nothing can be asked of it")
        if found.any_of or found.needs:
            node.refuse(f"{found.name} is received, so nothing can be asked of it")

    def _is_readable(self, item: Type) -> bool:
        """Whether what an answer lists is objects, or objects and the texts that stand for them."""
        objects = [one.name for one in [item, *item.members] if one.kind == "object"]
        others = {one.kind for one in item.members if one.kind != "object"}
        if len(objects) != 1 or others - {"text"}:
            return False
        return not others or self._objects[objects[0]].text is not None

    def _check_sent(self, found: Object, node: Node) -> None:
        if found.is_open and not found.is_sensitive:
            node.refuse(f"{found.name} is sent, so it must be closed, or sensitive as a whole")
        for one in found.members:
            if one.type.is_nullable or one.type.kind == "details":
                node.refuse(f"{found.name}/{one.wire} is sent, so it must not be null")
            if one.is_sole_list:
                node.refuse(f"{found.name}/{one.wire} is sent, so its name is known")
            if one.has_default and not one.is_required:
                node.refuse(f"{found.name}/{one.wire} has a default, so it is required")
        if found.found or found.text:
            node.refuse(f"{found.name} is sent: x-esw-found-at and x-esw-text are for what comes")


def _error_class(name: str) -> type[errors.EsignWireError] | None:
    found: object = getattr(errors, name, None)
    is_error = isinstance(found, type) and issubclass(found, errors.EsignWireError)
    return cast("type[errors.EsignWireError]", found) if is_error else None


def _check_class_name(node: Node, name: str) -> None:
    if class_name(name) != name:
        node.refuse(f"{name} cannot be the name of a class")


def _check_python_name(node: Node, name: str, model: type, taken: set[str]) -> None:
    """Refuses a name that pydantic or the models themselves use."""
    is_pydantic = name.startswith(("model_dump", "model_validate"))
    if hasattr(model, name) or is_pydantic or name in taken | _MODULES or keyword.iskeyword(name):
        node.refuse(f"{name} is a name of each model's own: say x-esw-name")


def _check_limits(node: Node, low: int | None, high: int | None) -> None:
    if low is not None and high is not None and low > high:
        node.refuse(f"nothing is at least {low} and at most {high}")


def _is_bounded(found: Type) -> bool:
    limits = (found.pattern, found.minimum, found.maximum, found.least, found.most)
    return bool(found.form) or any(one is not None for one in limits)


def _is_something(member: Member) -> bool:
    found = member.type
    return bool(found.form or found.least or (found.pattern and "+" in found.pattern))


def _known(node: Node, wire: str, by_wire: dict[str, Member]) -> Member:
    found = by_wire.get(wire)
    if found is None:
        node.refuse(f'"{wire}" is none of the properties')
    return found


def _check_required(node: Node, required: list[str], properties: dict[str, Node]) -> None:
    for name in required:
        if name not in properties:
            node.refuse(f'"{name}" is required and none of the properties')


def _flag(members: dict[str, Node], name: str) -> bool:
    return name in members and members[name].flag()


def _basis(node: Node) -> Basis:
    return cast("Basis", node.one_of("documented", "inferred", "wire"))


def _password(node: Node) -> Member:
    return Member(
        wire="password",
        python="password",
        type=Type(kind="text", least=1),
        description="The user's password. The client has it encrypted before it is sent.",
        is_required=True,
        line=node.line,
        is_sensitive=True,
        place="header",
    )
