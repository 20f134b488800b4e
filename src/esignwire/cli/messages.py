"""Messages of the command line: JSON of a file to the dataclasses and models of the schemas."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import datetime as dt
import decimal
import enum
import functools
import json
import types
import typing
import uuid
from collections.abc import Mapping
from contextlib import suppress
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn, cast

from lxml import etree

from esignwire._codec import Operation
from esignwire._json import Operation as JsonOperation
from esignwire.cli._documents import schemas_of
from esignwire.cli.files import text_of
from esignwire.errors import InvalidRequest

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo

__all__ = ["arguments_of", "message_of", "normal", "read_json", "with_bytes"]

_MARKS = ("{urn:esignwire:schema}account", "{urn:esignwire:schema}credential")


def read_json(path: Path) -> object:
    """Reads a JSON document.

    Raises:
        InvalidRequest: It is no JSON in UTF-8, or names a member twice.
    """
    failure: str
    try:
        return json.loads(
            text_of(path),
            object_pairs_hook=_object,
            parse_constant=_no_constant,
        )
    except json.JSONDecodeError as error:
        failure = f"line {error.lineno}, column {error.colno}: {error.msg}"
    except (ValueError, RecursionError) as error:
        failure = str(error) if isinstance(error, ValueError) else "it is too deep"
    # Outside of the clause: the parser's error holds the whole text.
    raise InvalidRequest(f"{path} is no JSON: {failure}; nothing was sent", path=str(path))


def _object(members: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"it names the member {name!r} twice")
        found[name] = value
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"it holds {text}, which JSON does not know")


def message_of(
    vendor: str,
    operation: Operation[typing.Any, typing.Any],
    kind: type,
    value: object,
    account: Mapping[str, str],
) -> object:
    """Makes a message of AssureSign or SIGNiX from JSON.

    Members have their Python names or the vendor's, in any case. The settings of the account fill
    in what the schema says they fill in.

    Raises:
        InvalidRequest: A member is missing, not known or of another kind; the path says which.
    """
    return _Reader(vendor, operation.name, account).read(kind, value, "")


def normal(name: str) -> str:
    """A name without underscores and case, in which Python's and the vendor's spelling agree."""
    return name.replace("_", "").casefold()


@functools.cache
def _filled(vendor: str) -> dict[tuple[str, str], str]:
    """Which setting fills in which member of which type, as the schemas say."""
    found: dict[tuple[str, str], str] = {}
    for _, root in schemas_of(vendor):
        for element in root.iter(etree.Element):
            setting = element.get(_MARKS[0]) or element.get(_MARKS[1])
            owner = next(
                (one.get("name") for one in element.iterancestors() if one.get("name")), None
            )
            if setting and owner:
                found[normal(owner), normal(element.get("name") or "")] = setting
    return found


class _Reader:
    """Reads one message."""

    def __init__(self, vendor: str, operation: str, account: Mapping[str, str]) -> None:
        self._operation = operation
        self._account = account
        self._filled = _filled(vendor)

    def read(self, kind: object, value: object, path: str) -> object:
        """Reads a value of a type."""
        origin = typing.get_origin(kind)
        if origin in {typing.Union, types.UnionType}:
            return self._one_of(typing.get_args(kind), value, path)
        if origin is list:
            if not isinstance(value, list):
                self._refuse(path, "must be a list")
            (item,) = typing.get_args(kind)
            return [
                self.read(item, one, f"{path}[{place}]")
                for place, one in enumerate(cast("list[object]", value), start=1)
            ]
        if dataclasses.is_dataclass(kind) and isinstance(kind, type):
            return self._object(kind, value, path)
        return self._simple(kind, value, path)

    def _one_of(self, kinds: tuple[object, ...], value: object, path: str) -> object:
        if value is None and type(None) in kinds:
            return None
        if bytes in kinds or PathLike[str] in kinds:
            return document_of(value, path, self._operation)
        kinds = tuple(one for one in kinds if one is not type(None))
        if set(kinds) == {dt.date, dt.datetime}:
            has_time = isinstance(value, str) and "T" in value
            return self._simple(dt.datetime if has_time else dt.date, value, path)
        failure: InvalidRequest | None = None
        # The longest way into a message is that of the kind which was meant.
        for kind in kinds:
            try:
                return self.read(kind, value, path)
            except InvalidRequest as error:
                if failure is None or len(error.path or "") > len(failure.path or ""):
                    failure = error
        if failure is None:
            self._refuse(path, "cannot be given")
        raise failure

    def _object(self, kind: type, value: object, path: str) -> object:
        if not isinstance(value, dict):
            self._refuse(path, "must be an object")
        given = cast("dict[str, object]", value)
        hints = typing.get_type_hints(kind)
        members = {one.name: one for one in dataclasses.fields(kind) if one.init}
        by_name = {normal(name): name for name in members}
        by_name |= {
            normal(str(one.metadata["name"])): name
            for name, one in members.items()
            if "name" in one.metadata
        }
        values: dict[str, object] = {}
        for spelled, held in given.items():
            name = by_name.get(normal(spelled))
            inner = f"{path}/{spelled}" if path else spelled
            if name is None:
                self._refuse(inner, f"is not known; known are {', '.join(members)}")
            if name in values:
                self._refuse(inner, "is given twice")
            values[name] = self.read(hints[name], held, inner)
        for name, one in members.items():
            if name in values:
                continue
            inner = f"{path}/{name}" if path else name
            filled = self._account_value(kind, one)
            if filled is not None:
                values[name] = self.read(hints[name], filled, inner)
            elif one.default is dataclasses.MISSING and one.default_factory is dataclasses.MISSING:
                # Whatever holds nothing but the account is made from it.
                if not dataclasses.is_dataclass(hints[name]):
                    self._refuse(inner, "is missing")
                values[name] = self.read(hints[name], {}, inner)
        return kind(**values)

    def _account_value(self, kind: type, member: dataclasses.Field[object]) -> str | None:
        spelled = normal(str(member.metadata.get("name", member.name)))
        meta = getattr(kind, "Meta", None)
        owners = {normal(kind.__name__), normal(str(getattr(meta, "name", "")))}
        for owner in owners:
            setting = self._filled.get((owner, spelled))
            if setting is not None:
                return self._account.get(setting)
        return None

    def _simple(self, kind: object, value: object, path: str) -> object:
        if kind is bool:
            if not isinstance(value, bool):
                self._refuse(path, "must be true or false")
            return value
        if kind is str:
            if not isinstance(value, str):
                self._refuse(path, "must be a text")
            return value
        if kind is int or kind is float:
            wanted = (int,) if kind is int else (int, float)
            if isinstance(value, bool) or not isinstance(value, wanted):
                self._refuse(path, f"must be {'a whole number' if kind is int else 'a number'}")
            return value if kind is int else float(cast("float", value))
        if not isinstance(value, str):
            self._refuse(path, "must be a text")
        with suppress(ValueError, ArithmeticError):
            return _of_text(kind, value)
        return self._refuse(path, f"must be {_rule(kind)}")

    def _refuse(self, path: str, rule: str) -> NoReturn:
        where = path or "the message"
        raise InvalidRequest(
            f"{where} {rule}; nothing was sent",
            path=path,
            rule=rule,
            operation=self._operation,
        )


def _of_text(kind: object, value: str) -> object:
    if kind is uuid.UUID:
        return uuid.UUID(value)
    if kind is dt.datetime:
        return dt.datetime.fromisoformat(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if kind is decimal.Decimal:
        return decimal.Decimal(value)
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return kind(value)
    raise ValueError


def _rule(kind: object) -> str:
    if isinstance(kind, type) and issubclass(kind, enum.Enum):
        return f"one of {', '.join(str(one.value) for one in kind)}"
    return {
        uuid.UUID: "a GUID",
        dt.datetime: "a date with a time, such as 2026-12-31T12:00:00Z",
        dt.date: "a date, such as 2026-12-31",
        decimal.Decimal: "a number in a text",
    }.get(cast("type", kind), "something that JSON cannot carry: use the library")


def document_of(value: object, path: str, operation: str) -> Path | bytes:
    """A document: ``{"file": "agreement.pdf"}``, or its bytes in base64.

    Raises:
        InvalidRequest: It is neither, or there is no such file.
    """
    rule = 'must be base64, or {"file": "PATH"}'
    if isinstance(value, dict):
        members = cast("dict[str, object]", value)
        name = members.get("file")
        if len(members) == 1 and isinstance(name, str):
            if Path(name).is_file():
                return Path(name)
            rule = f"names the file {name}, which is not there"
    elif isinstance(value, str):
        with suppress(binascii.Error, ValueError):
            return base64.b64decode(value, validate=True)
    raise InvalidRequest(
        f"{path} {rule}; nothing was sent", path=path, rule=rule, operation=operation
    )


def arguments_of(
    operation: JsonOperation, value: object, account: Mapping[str, str]
) -> dict[str, object]:
    """Makes the arguments of a call of Constellation1 from JSON, and checks them.

    They have their Python names or the vendor's.

    Raises:
        InvalidRequest: An argument is missing, not known or cannot be sent.
    """
    if not isinstance(value, dict):
        raise InvalidRequest(
            "the message must be an object: the arguments by their names; nothing was sent",
            operation=operation.name,
        )
    model = operation.arguments
    names = {normal(name): name for name in model.model_fields}
    names |= {
        normal(field.alias): name for name, field in model.model_fields.items() if field.alias
    }
    given = {
        names.get(normal(name), name): held
        for name, held in cast("dict[str, object]", value).items()
    }
    prepared = {
        name: with_bytes(
            model.model_fields[name].annotation if name in model.model_fields else None,
            held,
            name,
            operation.name,
        )
        for name, held in given.items()
    }
    filled = {
        # The client makes a salt of its own for each call.
        name: "salt" if what == "salt" else account.get("user_name", "")
        for name, what in operation.account.items()
        if name not in prepared
    }
    # What needs nothing of its own may be left out, as in the client's methods.
    empty = {
        name: dict[str, object]()
        for name, field in model.model_fields.items()
        if name not in prepared and _needs_nothing(field)
    }
    taken = model.of({**empty, **prepared, **filled})
    return {name: held for name, held in taken if held is not None and name not in filled}


def _needs_nothing(field: FieldInfo) -> bool:
    """Whether an argument is required, and none of its own members is."""
    from pydantic import BaseModel

    kind = field.annotation
    return (
        field.is_required()
        and isinstance(kind, type)
        and issubclass(kind, BaseModel)
        and not any(one.is_required() for one in kind.model_fields.values())
    )


def with_bytes(kind: object, value: object, path: str, operation: str) -> object:
    """The JSON of a model with its documents decoded; ``kind`` is the type that the model states.

    Raises:
        InvalidRequest: A document is neither base64 nor ``{"file": "PATH"}``.
    """
    from pydantic import BaseModel

    if isinstance(kind, type) and issubclass(kind, BaseModel) and isinstance(value, dict):
        hints = {
            spelling: field.annotation
            for name, field in kind.model_fields.items()
            for spelling in (name, field.alias or name)
        }
        return {
            name: with_bytes(hints.get(name), held, f"{path}/{name}", operation)
            for name, held in cast("dict[str, object]", value).items()
        }
    kinds = typing.get_args(kind)
    if value == [] and typing.get_origin(kind) is Mapping:
        # A map without members, in the form of .NET.
        return {}
    if isinstance(value, list):
        item = next((one for one in kinds if one is not type(None) and one is not Ellipsis), None)
        inner = typing.get_args(item)[0] if typing.get_origin(item) is tuple else item
        return [
            with_bytes(inner, one, f"{path}/{place}", operation)
            for place, one in enumerate(cast("list[object]", value))
        ]
    if value is not None and (kind is bytes or bytes in kinds):
        return document_of(value, path, operation)
    for one in kinds:
        if isinstance(one, type) and issubclass(one, BaseModel):
            return with_bytes(one, value, path, operation)
    return value
