"""OpenAPI documents: their operations, and the judgement of requests by their schemas.

jsonschema judges. OpenAPI 3.1 takes the schemas of JSON Schema 2020-12 as they are.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property, partial
from pathlib import Path
from typing import Protocol, cast
from urllib.parse import urlsplit
from uuid import UUID

__all__ = ["Breach", "OpenApi", "OpenApiOperation"]

_Node = dict[str, object]
_PARAMETER = re.compile(r"\{(\w+)\}")
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_ADDRESS = re.compile(r"[^\s@]+@[^\s@]+")


@dataclass(frozen=True, slots=True)
class Breach:
    """The first rule of a schema that a request breaks.

    Args:
        path: The place, by the names and numbers that lead there; a missing member is its last.
        rule: The keyword of the schema, such as ``required``.
        bound: What stands behind the keyword.
    """

    path: tuple[str | int, ...]
    rule: str
    bound: object


class _Error(Protocol):
    """An error of jsonschema's, which comes without types."""

    validator: str
    validator_value: object
    instance: object
    schema: object
    absolute_path: Sequence[str | int]


class _Validator(Protocol):
    """A validator of jsonschema's."""

    def iter_errors(self, instance: object) -> Iterator[_Error]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenApiOperation:
    """An operation of a document.

    Args:
        name: Its ``operationId``.
        method: The HTTP method in capitals.
        segments: The segments of its path; a parameter stands in braces.
        security: What the header holds, by the names of the document.
        answer: The names of the members of its answer.
        parameters: The names of its parameters, each with its place and its type.
        body: What judges the body; ``None`` where there is none.
        judge_of_parameters: What judges the parameters.
    """

    name: str
    method: str
    segments: tuple[str, ...]
    security: tuple[str, ...]
    answer: tuple[str, ...]
    parameters: tuple[tuple[str, str, object], ...]
    body: _Validator | None = field(repr=False)
    judge_of_parameters: _Validator = field(repr=False)

    def fits(self, segments: Sequence[str]) -> bool:
        """Tell whether a path is this operation's, in any case."""
        return len(segments) == len(self.segments) and all(
            _PARAMETER.fullmatch(known) or known.lower() == given.lower()
            for known, given in zip(self.segments, segments, strict=True)
        )

    def arguments(
        self, segments: Sequence[str], query: Mapping[str, str]
    ) -> tuple[_Node, Breach | None]:
        """Take the parameters out of the decoded segments of a path, and out of a query.

        They come by their names, with the types of the document, and with the first rule that they
        break.
        """
        in_path = {
            known[1:-1]: given
            for known, given in zip(self.segments, segments, strict=True)
            if _PARAMETER.fullmatch(known)
        }
        found: _Node = {}
        for name, place, kind in self.parameters:
            text = in_path.get(name) if place == "path" else query.get(name.lower())
            if text is not None:
                found[name] = _typed(text, kind)
        return found, _first(self.judge_of_parameters, found)

    def judge(self, body: object) -> Breach | None:
        """Judge a body; ``None`` says that it breaks no rule.

        Where the document says that the vendor takes the highest number instead of one beyond it
        (``x-esw-beyond``), that number takes its place.
        """
        return None if self.body is None else _first(self.body, body)


class OpenApi:
    """A document, read from a file in YAML."""

    def __init__(self, path: Path) -> None:
        import yaml

        self._document = cast("_Node", yaml.safe_load(path.read_text("utf-8")))
        validator = _validator()
        # Where two paths fit, the one with the words is meant, as OpenAPI says.
        self._operations = sorted(
            (
                self._operation(method, path, operation, validator)
                for path, item in cast(
                    "dict[str, dict[str, _Node]]", self._document["paths"]
                ).items()
                for method, operation in item.items()
            ),
            key=lambda one: [bool(_PARAMETER.fullmatch(segment)) for segment in one.segments],
        )

    @cached_property
    def sensitive(self) -> frozenset[str]:
        """The names of the members that hold secrets (``x-esw-sensitive``)."""
        components = cast("dict[str, dict[str, _Node]]", self._document["components"])
        return frozenset(
            name
            for schema in components["schemas"].values()
            for name, member in cast("dict[str, _Node]", schema.get("properties", {})).items()
            if {**self._resolved(member), **member}.get("x-esw-sensitive")
        )

    def find(self, segments: Sequence[str]) -> dict[str, OpenApiOperation]:
        """Find the operations of a path's decoded segments, by their HTTP methods."""
        fitting = [one for one in self._operations if one.fits(segments)]
        return {one.method: one for one in fitting if one.segments == fitting[0].segments}

    def member(self, schema: str, name: str) -> Mapping[str, object]:
        """Find the schema of a member, as the document states it."""
        properties = self._resolved({"$ref": f"#/components/schemas/{schema}"})
        return cast("_Node", cast("_Node", properties["properties"])[name])

    def _operation(
        self,
        method: str,
        path: str,
        operation: _Node,
        validator: Callable[[object], _Validator],
    ) -> OpenApiOperation:
        parameters = [
            self._resolved(one) for one in cast("list[_Node]", operation.get("parameters", []))
        ]
        schemas = {str(one["name"]): one["schema"] for one in parameters}
        required = [str(one["name"]) for one in parameters if one.get("required")]
        of_parameters: _Node = {"properties": schemas, "required": required}
        body = operation.get("requestBody")
        security = cast("list[_Node]", operation.get("security", self._document["security"]))
        responses = cast("dict[str, _Node]", operation["responses"])
        answer = self._resolved(self._content(self._resolved(responses["200"])))
        return OpenApiOperation(
            name=str(operation["operationId"]),
            method=method.upper(),
            segments=tuple(path.split("/")[1:]),
            security=tuple(name for one in security for name in one),
            answer=tuple(cast("_Node", answer["properties"])),
            parameters=tuple(
                (
                    str(one["name"]),
                    str(one["in"]),
                    self._resolved(cast("_Node", one["schema"])).get("type"),
                )
                for one in parameters
            ),
            body=None if body is None else validator(self._whole(self._content(body))),
            judge_of_parameters=validator(self._whole(of_parameters)),
        )

    def _content(self, node: object) -> _Node:
        content = cast("dict[str, dict[str, dict[str, _Node]]]", node)["content"]
        return content["application/json"]["schema"]

    def _whole(self, schema: _Node) -> _Node:
        return {**schema, "components": self._document["components"]}

    def _resolved(self, node: _Node) -> _Node:
        if "$ref" not in node:
            return node
        components = cast("dict[str, dict[str, _Node]]", self._document["components"])
        section, name = str(node["$ref"]).removeprefix("#/components/").split("/")
        return self._resolved(components[section][name])


def _typed(text: str, kind: object) -> object:
    """Read a parameter as the type that it has; a text that is none stays a text."""
    if kind == "integer" and _WHOLE.fullmatch(text):
        return int(text)
    if kind == "boolean" and text.lower() in {"true", "false"}:
        return text.lower() == "true"
    return text


def _first(validator: _Validator, value: object) -> Breach | None:
    for error in validator.iter_errors(value):
        path = tuple(error.absolute_path)
        schema = cast("_Node", error.schema)
        if error.validator == "maximum" and "x-esw-beyond" in schema:
            _set(value, path, error.validator_value)
            continue
        if error.validator == "required":
            given = cast("_Node", error.instance)
            names = cast("list[str]", error.validator_value)
            path = (*path, next(name for name in names if name not in given))
        elif error.validator == "additionalProperties":
            known = cast("_Node", schema["properties"])
            path = (
                *path,
                next(name for name in cast("_Node", error.instance) if name not in known),
            )
        return Breach(path, error.validator, error.validator_value)
    return None


def _set(value: object, path: Sequence[str | int], new: object) -> None:
    for part in path[:-1]:
        value = cast("dict[str | int, object]", value)[part]
    cast("dict[str | int, object]", value)[path[-1]] = new


def _validator() -> Callable[[object], _Validator]:
    """Make jsonschema's validator of OpenAPI 3.1: it checks formats, and base64 is base64."""
    import jsonschema
    from jsonschema import validators

    formats = jsonschema.FormatChecker(formats=())
    for name, check in _FORMATS.items():
        formats.checks(name, raises=ValueError)(check)
    extend = cast(
        "Callable[..., Callable[..., _Validator]]",
        validators.extend,  # pyright: ignore[reportUnknownMemberType]  # its stubs leave types out
    )
    checking = extend(jsonschema.Draft202012Validator, {"contentEncoding": _content_encoding})
    return partial(checking, format_checker=formats)


def _content_encoding(
    _validator: object, encoding: object, value: object, _schema: object
) -> Iterator[Exception]:
    import jsonschema

    if encoding == "base64" and isinstance(value, str):
        try:
            base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            yield jsonschema.ValidationError("not base64")


def _is_guid(value: object) -> bool:
    return not isinstance(value, str) or bool(UUID(value))


def _is_email(value: object) -> bool:
    return not isinstance(value, str) or _ADDRESS.fullmatch(value) is not None


def _is_url(value: object) -> bool:
    if not isinstance(value, str):
        return True
    parts = urlsplit(value)
    return bool(parts.scheme and parts.netloc) and not any(one.isspace() for one in value)


def _is_moment(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


_FORMATS: dict[str, Callable[[object], bool]] = {
    "uuid": _is_guid,
    "email": _is_email,
    "uri": _is_url,
    "date-time": _is_moment,
}
