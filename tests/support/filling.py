"""Messages for any operation: made from the types that were compiled, and from a few values.

A member whose name stands among the values gets that value. A member that is required, or that
holds other members, is made by its type; all else is left out.
"""

from __future__ import annotations

import dataclasses
import types
import typing
import uuid
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any

from pydantic import BaseModel

# What no message needs: alternatives to other members, and refinements.
LEFT_OUT = {
    "Attachments",
    "ClientPreference",
    "DocumentTransmission",
    "FormStructure",
    "JotBlocks",
    "MergeFieldMapping",
    "PostSignatureImageLink",
    "Requests",
    "SignerAttachments",
    "SmsNotification",
    "TermsAndConditions",
    "View",
    "WebNotification",
    "items",
}

Values = Mapping[str, object]


def filled(hint: Any, values: Values, name: str = "") -> Any:
    """Makes a value of a type.

    Args:
        hint: The type.
        values: The values by the vendor's names.
        name: The name of the member that is to hold it.
    """
    if name in values and not holds_members(hint):
        return values[name]
    kinds = [kind for kind in alternatives(hint) if kind is not type(None)]
    kind = kinds[0]
    origin = typing.get_origin(kind)
    if origin is not None and issubclass(origin, Sequence):
        return [filled(typing.get_args(kind)[0], values)]
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        return _dataclass(kind, values)
    if not isinstance(kind, type):
        raise NotImplementedError(f"{name}: {kind}")
    if issubclass(kind, BaseModel):
        return _model(kind, values)
    if issubclass(kind, Enum):
        return next(iter(kind))
    simple: dict[type[Any], object] = {
        bool: True,
        bytes: b"%PDF-1.4 a document\n%%EOF",
        int: 1,
        str: "any",
        uuid.UUID: uuid.UUID(int=1),
    }
    return simple[kind]


def alternatives(hint: Any) -> list[Any]:
    """The types of a union, without what annotates them."""
    if typing.get_origin(hint) is typing.Annotated:
        return alternatives(typing.get_args(hint)[0])
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return [one for each in typing.get_args(hint) for one in alternatives(each)]
    return [hint]


def holds_members(hint: Any) -> bool:
    for kind in alternatives(hint):
        origin = typing.get_origin(kind)
        if origin is not None and issubclass(origin, Sequence):
            return holds_members(typing.get_args(kind)[0])
        if dataclasses.is_dataclass(kind) or (
            isinstance(kind, type) and issubclass(kind, BaseModel)
        ):
            return True
    return False


def _dataclass(kind: type[Any], values: Values) -> Any:
    hints = typing.get_type_hints(kind)
    arguments: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        name = str(field.metadata.get("name", field.name))
        is_required = (
            field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        )
        if is_required or (
            name not in LEFT_OUT and (name in values or holds_members(hints[field.name]))
        ):
            arguments[field.name] = filled(hints[field.name], values, name)
    return kind(**arguments)


def _model(kind: type[BaseModel], values: Values) -> BaseModel:
    hints = typing.get_type_hints(kind)
    arguments: dict[str, Any] = {}
    for python_name, field in kind.model_fields.items():
        name = field.alias or python_name
        hint = hints[python_name]
        if name not in LEFT_OUT and (field.is_required() or name in values or holds_members(hint)):
            arguments[python_name] = filled(hint, values, name)
    return kind(**arguments)


def told(answer: Any) -> dict[str, Any]:
    """The values of an answer by the vendor's names; the first of a name counts."""
    values: dict[str, Any] = {}
    if isinstance(answer, list | tuple):
        for one in answer:
            values = told(one) | values
    elif dataclasses.is_dataclass(answer):
        for field in dataclasses.fields(answer):
            held = getattr(answer, field.name)
            values = {str(field.metadata.get("name", field.name)): held} | told(held) | values
    elif isinstance(answer, BaseModel):
        for name, field in type(answer).model_fields.items():
            held = getattr(answer, name)
            values = {field.alias or name: held} | told(held) | values
    return {name: value for name, value in values.items() if value is not None}
