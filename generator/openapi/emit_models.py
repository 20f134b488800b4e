"""The writer of models: enumerations, what is sent, what comes, and the arguments of the calls."""

from __future__ import annotations

import re
from pathlib import Path

from generator.names import class_name, constant_case
from generator.openapi.model import (
    Document,
    Enumeration,
    Found,
    Member,
    Object,
    Operation,
    Type,
)
from generator.problems import SchemaProblem
from generator.text import Lines, basis_note, header

_FORMS = {"not-blank": "NOT_BLANK", "email": "EMAIL", "uri": "URL", "base64": "BASE64"}
_PLAIN = {
    "text": "str",
    "integer": "int",
    "boolean": "bool",
    "bytes": "bytes",
    "properties": "Mapping[str, str]",
    "mapping": "Mapping[str, str]",
}


def sent_type(found: Type, *, is_checked: bool = False) -> str:
    """How a type of what is sent is written in Python; with the checks of its codes, if wanted."""
    match found.kind:
        case "guid":
            return "uuid.UUID | str"
        case "date-time":
            return "AwareDatetime"
        case "enumeration" if is_checked:
            return f"Annotated[{found.name}, BeforeValidator(Code({found.name}))]"
        case "enumeration" | "object":
            return found.name
        case "list":
            return f"Sequence[{sent_type(found.members[0], is_checked=is_checked)}]"
        case "union":
            return " | ".join(sent_type(one, is_checked=is_checked) for one in found.members)
        case _:
            return _PLAIN[found.kind]


def default_of(member: Member, document: Document) -> str:
    """How the default of a member is written in Python."""
    value = member.default
    if member.type.kind == "enumeration":
        values = next(one for one in document.enumerations if one.name == member.type.name).values
        name = next(one.name for one in values if one.const == value)
        return f"{member.type.name}.{constant_case(name)}"
    if value == []:
        return "()"
    if value == {}:
        return "Field(default_factory=dict[str, str])"
    return repr(value)


def note(member: Member, basis: str | None = None) -> str:
    """What is said of a member: its description, unit, limits and basis."""
    parts = [member.description.rstrip(".") + "."] if member.description else []
    found = member.type
    low, high, unit = found.minimum, found.maximum, f" {member.unit}" if member.unit else ""
    if low is not None and high is not None:
        parts.append(f"From {low} to {high}{unit}.")
    elif low is not None:
        parts.append(f"At least {low}{unit}.")
    elif high is not None:
        parts.append(f"At most {high}{unit}.")
    elif unit:
        parts.append(f"In{unit}.")
    if member.beyond:
        parts.append(f"Beyond that {member.beyond}, so that it is refused here.")
    if found.most is not None:
        parts.append(f"At most {found.most} {'items' if found.kind == 'list' else 'characters'}.")
    if member.days_ahead is not None:
        parts.append(f"In the future, at most {member.days_ahead} days ahead.")
    if member.most_bytes is not None:
        parts.append(f"At most {member.most_bytes // 1024**2} MB together.")
    if member.is_required and not member.has_default:
        parts.append("Required.")
    if member.is_sensitive:
        parts.append("Secret.")
    if member.basis is not None and member.basis != basis:
        parts.append(basis_note(member.basis))
    return " ".join(parts)


def _checks(member: Member) -> list[str]:
    """What is checked of what is sent, in the annotation."""
    found = member.type
    checks: list[str] = []
    if found.form:
        checks.append(_FORMS[found.form])
    if found.pattern is not None:
        checks.append(f"AfterValidator(Matches({found.pattern!r}))")
    if found.minimum is not None or found.maximum is not None:
        limits = f"minimum={found.minimum}, maximum={found.maximum}, beyond={member.beyond!r}"
        checks.append(f"AfterValidator(Limits({limits}))")
    if (found.least or found.most is not None) and found.form != "base64":
        checks.append(f"AfterValidator(Count({found.least or 0}, {found.most}))")
    match found.kind:
        case "guid":
            checks.append("GUID")
        case "bytes":
            checks.append("FILE")
        case "date-time":
            checks.append("DATE")
        case "list":
            checks.append("TUPLE")
        case "properties":
            checks.append("AS_PROPERTIES")
        case "mapping":
            checks.append("AS_MAPPING")
        case _:
            pass
    if member.days_ahead is not None:
        checks.append(f"DaysAhead({member.days_ahead})")
    return checks


def _sent_member(lines: Lines, member: Member, document: Document) -> None:
    hidden = ", repr=False" if member.is_secret else ""
    annotation = sent_type(member.type, is_checked=True)
    default = ""
    if member.has_default:
        default = f" = {default_of(member, document)}"
    elif not member.is_required:
        annotation += " | None"
        default = " = None"
    parts = [annotation, *_checks(member), f"Field(alias={member.wire!r}{hidden})"]
    lines.add(f"{member.python}: Annotated[{', '.join(parts)}]{default}")


def _received_member(lines: Lines, member: Member) -> None:
    found = member.type
    hidden = ", repr=False" if member.is_secret else ""
    default = "None"
    parts: list[str] = []
    match found.kind:
        case "details":
            annotation, parts, default = "tuple[str, ...]", ["DETAILS"], "()"
        case "list":
            item = found.members[0]
            is_text = any(one.kind == "text" for one in item.members)
            name = next(one.name for one in [item, *item.members] if one.kind == "object")
            annotation = f"tuple[{name}, ...]"
            parts, default = ["OBJECTS_OR_TEXTS" if is_text else "OBJECTS"], "()"
        case "guid":
            annotation, parts = "uuid.UUID | None", ["RECEIVED_GUID"]
        case "date-time":
            annotation, parts = "dt.datetime | None", ["DATE"]
        case "union":
            kinds = {one.kind for one in found.members}
            names = {"text": "StrictStr", "boolean": "StrictBool"} if "boolean" in kinds else {}
            inner = [names.get(one.kind) or sent_type(one) for one in found.members]
            annotation = " | ".join([*inner, "None"])
            hidden += ', union_mode="left_to_right"'
        case _:
            annotation = f"{sent_type(found)} | None"
    parts = [annotation, *parts, f"Field(alias={member.wire!r}{hidden})"]
    lines.add(f"{member.python}: Annotated[{', '.join(parts)}] = {default}")


def found_type(found: Found, holder: Object, document: Document) -> str:
    """How the type of a value that may stand at several places is written in Python."""
    if found.is_word:
        return "str"
    types: list[str] = []
    for path in found.paths:
        within, kind = holder, ""
        for step in path:
            if step == "*":
                continue
            member = next(one for one in within.members if one.python == step)
            inner = [member.type, *member.type.members]
            name = next((one.name for one in inner if one.kind == "object"), None)
            if name is not None:
                within, kind = document.object(name), name
            elif member.type.kind == "guid":
                kind = "uuid.UUID"
            else:
                kind = sent_type(member.type)
        types += [one for one in kind.split(" | ") if one not in types]
    return " | ".join([*types, "None"])


def _path_expression(path: list[str]) -> tuple[str, list[str]]:
    """An expression for a value that may be nowhere, and what must hold for it."""
    expression, conditions = "self", list[str]()
    for index, step in enumerate(path):
        if step == "*":
            conditions.append(f"len({expression}) == 1")
            expression += "[0]"
        else:
            expression += f".{step}"
            if index < len(path) - 1 and path[index + 1] != "*":
                conditions.append(f"{expression} is not None")
    return expression, conditions


def _found_property(lines: Lines, found: Found, holder: Object, document: Document) -> None:
    lines.add("", "@property")
    lines.add(f"def {found.python}(self) -> {found_type(found, holder, document)}:")
    with lines.indented():
        lines.docstring(found.description)
        for path in found.paths:
            expression, conditions = _path_expression(path)
            if path[-1] != "*":
                conditions.append(f"{expression} is not None")
            lines.add(f"if {' and '.join(conditions)}:")
            lines.add(f"    return {f'word_of({expression})' if found.is_word else expression}")
        lines.add('return ""' if found.is_word else "return None")


def _bases(lines: Lines, basis: str, members: list[Member]) -> None:
    """How surely an object is known, and those of its members that are known otherwise."""
    others = {one.python: one.basis for one in members if one.basis not in {None, basis}}
    lines.add(f"BASES: ClassVar[Mapping[str, str]] = { ({'': basis} | others)!r}")


def _class_variables(lines: Lines, found: Object, file: Path) -> None:
    python = {one.wire: one.python for one in found.members}
    _bases(lines, found.basis, found.members)
    if found.is_sensitive:
        lines.add("IS_SENSITIVE: ClassVar[bool] = True")
    if found.any_of:
        lines.add(f"ANY_OF: ClassVar[tuple[str, ...]] = {tuple(found.any_of)!r}")
    if found.needs:
        lines.add(f"NEEDS: ClassVar[Mapping[str, str]] = {found.needs!r}")
    encrypted = tuple(one.python for one in found.members if one.is_encrypted)
    if encrypted:
        lines.add(f"ENCRYPTED: ClassVar[tuple[str, ...]] = {encrypted!r}")
    for one in found.members:
        if one.file_types or one.file_name:
            if one.file_name not in python or not one.file_types:
                raise SchemaProblem(
                    f"{found.name}/{one.wire} needs x-esw-file-types, and x-esw-file-name must"
                    " name a member",
                    file,
                    one.line,
                )
            value = (one.python, python[one.file_name], tuple(one.file_types))
            lines.add(f"FILE_TYPES: ClassVar[tuple[str, str, tuple[str, ...]] | None] = {value!r}")
    most = {one.python: one.most_bytes for one in found.members if one.most_bytes is not None}
    if most:
        lines.add(f"MOST_BYTES: ClassVar[Mapping[str, int]] = {most!r}")
    if found.text is not None:
        lines.add(f"TEXT: ClassVar[str | None] = {found.text!r}")
    sole = next((one.wire for one in found.members if one.is_sole_list), None)
    if sole is not None:
        lines.add(f"SOLE_LIST: ClassVar[str | None] = {sole!r}")


def _from_file(lines: Lines, found: Object, document: Document) -> None:
    file = next((one for one in found.members if one.file_name), None)
    if file is None:
        return
    name = next(one for one in found.members if one.wire == file.file_name)
    others = [one for one in found.members if one is not file and one is not name]
    lines.add("", "@classmethod", "def from_file(")
    lines.add("    cls,", "    source: str | os.PathLike[str],", "    *,")
    lines.add(f"    {name.python}: str | None = None,")
    for one in others:
        default = default_of(one, document) if one.has_default else "None"
        kind = sent_type(one.type) + ("" if one.has_default else " | None")
        lines.add(f"    {one.python}: {kind} = {default},")
    lines.add(") -> Self:")
    with lines.indented():
        lines.docstring(
            "Reads a file.",
            "Args:\n    source: The path of the file.\n"
            f"    {name.python}: The name that the vendor shall know it by; by default its own.\n"
            + "\n".join(f"    {one.python}: {note(one, found.basis)}" for one in others),
            "Returns:\n    The object with the file.",
            "Raises:\n    InvalidRequest: The file cannot be read, or is not of a type that the"
            " vendor takes.",
        )
        lines.add("path = cls._source_path(source)", "return cls(")
        lines.add(f"    {name.python}=path.name if {name.python} is None else {name.python},")
        # The validator of the member reads the file, and names the member where it cannot.
        lines.add(f"    {file.python}=cast('bytes', path),")
        for one in others:
            lines.add(f"    {one.python}={one.python},")
        lines.add(")")


def _docstring(lines: Lines, found: Object) -> None:
    section = "Attributes" if found.direction == "received" else "Args"
    members = "\n".join(f"    {one.python}: {note(one, found.basis)}" for one in found.members)
    lines.docstring(
        found.description,
        basis_note(found.basis),
        f"{section}:\n{members}" if members else "",
    )


def _object(lines: Lines, found: Object, document: Document, file: Path) -> None:
    base = {"sent": "_Sent", "received": "Answer" if found.is_answer else "Received"}
    lines.add("", "", f"class {found.name}({base[found.direction]}):")
    with lines.indented():
        _docstring(lines, found)
        lines.add("")
        if found.is_open and found.direction == "sent":
            lines.add('model_config: ClassVar[ConfigDict] = ConfigDict(extra="allow")')
        _class_variables(lines, found, file)
        lines.add("")
        ordered = sorted(found.members, key=lambda one: not one.is_required or one.has_default)
        for member in ordered if found.direction == "sent" else found.members:
            if found.direction == "sent":
                _sent_member(lines, member, document)
            else:
                _received_member(lines, member)
        for one in found.found:
            _found_property(lines, one, found, document)
        _from_file(lines, found, document)


def _enumeration(lines: Lines, found: Enumeration) -> None:
    lines.add("", "", f"class {found.name}({'StrEnum' if found.is_text else 'IntEnum'}):")
    with lines.indented():
        lines.docstring(found.description, basis_note(found.basis))
        lines.add("")
        for one in found.values:
            lines.add(f"{constant_case(one.name)} = {one.const!r}")
            if one.description:
                lines.docstring(one.description)


def arguments_name(operation: Operation) -> str:
    """The name of the model of an operation's arguments."""
    return f"{class_name(operation.name)}Arguments"


def _arguments(lines: Lines, operation: Operation, document: Document) -> None:
    lines.add("", "", f"class {arguments_name(operation)}(_Arguments):")
    with lines.indented():
        lines.docstring(f"The arguments of {operation.name}.")
        lines.add("", f"OPERATION: ClassVar[str | None] = {operation.name!r}")
        _bases(lines, operation.basis, operation.arguments)
        lines.add("")
        ordered = sorted(
            operation.arguments, key=lambda one: not one.is_required or one.has_default
        )
        for one in ordered:
            _sent_member(lines, one, document)


def _in_order(document: Document) -> list[Object]:
    """The objects, each after those that it holds."""
    done: list[Object] = []

    def visit(found: Object) -> None:
        if found in done:
            return
        for member in found.members:
            for one in [member.type, *member.type.members, *_below(member.type)]:
                if one.kind == "object":
                    visit(document.object(one.name))
        done.append(found)

    for found in document.objects:
        if not found.is_base:
            visit(found)
    return done


def _below(found: Type) -> list[Type]:
    return [inner for one in found.members for inner in one.members]


_IMPORTS = """
from __future__ import annotations

import datetime as dt
import os
import uuid
from collections.abc import Mapping, Sequence
from enum import IntEnum, StrEnum
from typing import Annotated, ClassVar, Self, cast

from pydantic import (
    AfterValidator, AwareDatetime, BeforeValidator, ConfigDict, Field, StrictBool, StrictStr,
)

from esignwire._json import (
    AS_MAPPING, AS_PROPERTIES, BASE64, DATE, DETAILS, EMAIL, FILE, GUID, NOT_BLANK, OBJECTS,
    OBJECTS_OR_TEXTS, RECEIVED_GUID, TUPLE, URL, Answer, Arguments, Code, Count,
    DaysAhead, Limits, Matches, Received, Sent, word_of,
)
"""
# The names that no schema may have: what the modules import, and what they add of their own.
IMPORTED = frozenset(re.findall(r"[A-Za-z_]+", _IMPORTS)) | {
    "AsyncCaller",
    "AsyncCalls",
    "AsyncIterator",
    "Caller",
    "Calls",
    "Iterator",
    "OPERATIONS",
    "Operation",
    "Pages",
    "_Arguments",
    "_Sent",
}


def emit_models(document: Document, file: Path) -> str:
    """Writes the module of the models."""
    lines = Lines()
    lines.docstring("The vendor's enumerations and objects, and the arguments of its calls.")
    lines.add(*_IMPORTS.splitlines())
    public = [one.name for one in document.enumerations]
    public += [one.name for one in document.objects if not one.is_base]
    lines.add("", "__all__ = [", *(f"    {name!r}," for name in sorted(public)), "]")
    for base in ("Sent", "Arguments"):
        lines.add("", "", f"class _{base}({base}):")
        lines.add(f"    VENDOR: ClassVar[str] = {document.vendor!r}")
    for one in document.enumerations:
        _enumeration(lines, one)
    for found in _in_order(document):
        _object(lines, found, document, file)
    for operation in document.operations:
        _arguments(lines, operation, document)
    return header(f"schemas/{file.parent.name}/{file.name}") + lines.text()
