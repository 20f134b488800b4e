"""The writer of dataclasses and enumerations, for one schema file."""

from __future__ import annotations

from collections.abc import Iterable

from generator.model import (
    ComplexType,
    Enumeration,
    Kind,
    Member,
    Module,
    Place,
    Root,
    Scalar,
    Vendor,
)
from generator.operations import is_array
from generator.problems import SchemaProblem
from generator.text import Lines, basis_note, header

PYTHON_TYPES = {
    Scalar.STRING: "str",
    Scalar.BOOLEAN: "bool",
    Scalar.YES_NO: "bool",
    Scalar.INTEGER: "int",
    Scalar.FLOAT: "float",
    Scalar.DECIMAL: "_decimal.Decimal",
    Scalar.DATE: "_dt.date",
    Scalar.DATE_TIME: "_dt.datetime",
    Scalar.DATE_OR_DATE_TIME: "_dt.date | _dt.datetime",
    Scalar.BASE64: "bytes",
    Scalar.HEX: "bytes",
    Scalar.UUID: "_uuid.UUID",
    Scalar.XML: "str",
}
_XSDATA_KINDS = {
    Kind.ATTRIBUTE: "Attribute",
    Kind.ELEMENT: "Element",
    Kind.TEXT: "Text",
    Kind.WILDCARD: "Wildcard",
    Kind.CHOICE: "Elements",
}
_XSDATA_FORMATS = {Scalar.BASE64: "base64", Scalar.HEX: "base16", Scalar.YES_NO: "yes-no"}


def reference(value: ComplexType | Enumeration, module: Module) -> str:
    """How a module names a type: bare where it is its own, else behind the other module."""
    if value.module == module.name:
        return value.python_name
    return f"_{value.module}_types.{value.python_name}"


def value_type(member: Member, owner: ComplexType, module: Module) -> str:
    """The Python type of one value of a member, without list and None."""
    if member.kind is Kind.CHOICE:
        kinds: list[str] = []
        for one in member.alternatives:
            kind = value_type(one, owner, module)
            if kind not in kinds:
                kinds.append(kind)
        return " | ".join(kinds)
    value = member.value
    if isinstance(value, ComplexType):
        return reference(value, module)
    if isinstance(value, Enumeration):
        name = reference(value, module)
        return f"{name} | str" if owner.is_open or member.takes_any_text else name
    if value is None:
        raise TypeError(f"{owner.xml_name}: {member.python_name} has no type")
    if is_document(member):
        is_received = owner.is_response and not owner.is_request
        return "_documents.ReceivedDocument" if is_received else "_documents.DocumentSource"
    return PYTHON_TYPES[value]


def is_document(member: Member) -> bool:
    """Whether a member holds a document, which is kept beside the XML."""
    return member.value is Scalar.BASE64 and member.kind is not Kind.ATTRIBUTE


def is_optional(member: Member) -> bool:
    """Whether a member may be ``None``."""
    if (
        member.is_list
        or member.kind is Kind.TEXT
        or member.default is not None
        or member.is_wrapped_list
    ):
        return False
    return not member.is_required or member.is_nillable


def imported_modules(
    module: Module, roots: Iterable[Root] = (), *, with_inherited: bool = False
) -> dict[str, Place]:
    """The other modules that a module refers to, and where it does.

    The global elements and the inherited members of the module count where that is asked for.
    """
    found: dict[str, Place] = {}
    for one in module.types:
        if one.base is not None:
            found.setdefault(one.base.module, one.place)
        for member in one.members if with_inherited else one.own_members:
            for part in (member, *member.alternatives):
                if isinstance(part.value, ComplexType | Enumeration):
                    found.setdefault(part.value.module, part.place)
    for root in roots:
        if root.module == module.name:
            found.setdefault(root.type.module, root.place)
    found.pop(module.name, None)
    return dict(sorted(found.items()))


def check_no_cycles(vendor: Vendor) -> None:
    """Refuses schema files that need each other, since Python modules cannot."""
    roots = list(vendor.roots.values())
    needs = {module.name: imported_modules(module, roots) for module in vendor.modules}

    def visit(name: str, trail: list[str]) -> None:
        for other, place in needs[name].items():
            if other in trail:
                circle = " -> ".join([*trail[trail.index(other) :], other])
                raise SchemaProblem(
                    f"schema files need each other in a circle ({circle}): move the shared types "
                    "into a file of their own",
                    *place,
                )
            visit(other, [*trail, other])

    for name in needs:
        visit(name, [name])


def _metadata(member: Member, module: Module) -> str:
    parts: list[str] = []
    if member.kind in {Kind.ATTRIBUTE, Kind.ELEMENT}:
        parts.append(f'"name": {member.xml_name!r}')
    parts.append(f'"type": "{_XSDATA_KINDS[member.kind]}"')
    if member.kind is Kind.ELEMENT:
        parts.append(f'"namespace": {member.namespace or ""!r}')
    if member.kind is Kind.WILDCARD:
        parts.append('"namespace": "##any"')
    if member.is_required:
        parts.append('"required": True')
    if member.is_nillable and not member.is_list:
        # The items of a list are never None: readers leave nil ones out, and so cannot write them.
        parts.append('"nillable": True')
    if member.marks.is_exceptions or member.marks.is_success:
        parts.append(f'"role": "{"exceptions" if member.marks.is_exceptions else "is_done"}"')
    elif member.marks.lookup is not None:
        parts.append('"role": "lookup"')
    if isinstance(member.value, Scalar) and member.value in _XSDATA_FORMATS:
        parts.append(f'"format": "{_XSDATA_FORMATS[member.value]}"')
    if member.kind is Kind.CHOICE:
        choices: list[str] = []
        for one in member.alternatives:
            value = one.value
            if isinstance(value, ComplexType | Enumeration):
                kind = f'_ForwardRef("{reference(value, module)}")'
            else:
                kind = PYTHON_TYPES[value] if value is not None else "str"
            choices.append(
                f'{{"name": {one.xml_name!r}, "type": {kind}, '
                f'"namespace": {one.namespace or ""!r}}}'
            )
        parts.append(f'"choices": ({", ".join(choices)},)')
    return "{" + ", ".join(parts) + "}"


def field_default(member: Member, owner: ComplexType, module: Module) -> str:
    """The default of a member's dataclass field; empty where a caller must give the member."""
    if member.is_list:
        if member.is_required:
            return ""
        kind = value_type(member, owner, module)
        return f'default_factory=list["{kind}"], '
    if member.is_wrapped_list and isinstance(member.value, ComplexType):
        return f"default_factory=lambda: {reference(member.value, module)}(), "
    if member.kind is Kind.TEXT and member.value is Scalar.STRING:
        return 'default="", '
    if member.default is not None:
        return f"default={default_literal(member, module)}, "
    if is_optional(member):
        return "default=None, "
    return ""


def default_literal(member: Member, module: Module) -> str:
    """The schema's default for a member, as Python source."""
    text = member.default or ""
    value = member.value
    if isinstance(value, Enumeration):
        for one in value.values:
            if one.value == text:
                return f"{reference(value, module)}.{one.python_name}"
        return repr(text)
    if value in {Scalar.BOOLEAN, Scalar.YES_NO}:
        return "True" if text in {"true", "1", "yes"} else "False"
    if value is Scalar.INTEGER:
        return str(int(text))
    if value is Scalar.STRING:
        return repr(text)
    raise SchemaProblem(f'a default ("{text}") is supported for texts, numbers and Booleans only')


def annotation(member: Member, owner: ComplexType, module: Module) -> str:
    """The type of a member, as its dataclass field declares it."""
    kind = value_type(member, owner, module)
    if member.is_list:
        return f"list[{kind}]"
    if is_optional(member):
        return f"{kind} | None"
    return kind


def _emit_enumeration(lines: Lines, enumeration: Enumeration) -> None:
    lines.add(f"class {enumeration.python_name}(_StrEnum):")
    with lines.indented():
        noted = (
            f"{one.python_name}: {_noted(one.documentation, one.basis, enumeration.basis)}"
            for one in enumeration.values
        )
        listed = "\n".join(f"    {one}".rstrip(": ") for one in noted)
        lines.docstring(
            enumeration.documentation,
            basis_note(enumeration.basis),
            f"Attributes:\n{listed}",
        )
        lines.add("")
        for one in enumeration.values:
            lines.add(f"{one.python_name} = {one.value!r}")
    lines.add("", "")


def _noted(documentation: str, basis: str | None, around: str | None) -> str:
    """Adds how a fact is known, where that is not what is said of all around it."""
    text = " ".join(documentation.split())
    return f"{text} {basis_note(basis)}".strip() if basis not in {None, around} else text


def _emit_type(lines: Lines, one: ComplexType, module: Module) -> None:
    base = f"({reference(one.base, module)})" if one.base is not None else ""
    lines.add("@_dataclass(slots=True, kw_only=True)")
    lines.add(f"class {one.python_name}{base}:")
    with lines.indented():
        described: list[str] = []
        for member in one.members:
            note = _noted(member.documentation, member.basis, one.basis)
            described.append(f"    {member.python_name}: {note}".rstrip(": "))
        attributes = "Attributes:\n" + "\n".join(described) if described else ""
        lines.docstring(one.documentation, basis_note(one.basis), attributes)
        meta_base = f"({reference(one.base, module)}.Meta)" if one.base is not None else ""
        lines.add("", f"class Meta{meta_base}:")
        with lines.indented():
            lines.add(f"name = {one.xml_name!r}", f"namespace = {one.namespace!r}")
        if one.own_members:
            lines.add("")
        for member in one.own_members:
            hidden = "repr=False, " if member.is_secret else ""
            lines.add(
                f"{member.python_name}: {annotation(member, one, module)} = _field("
                f"{field_default(member, one, module)}{hidden}metadata={_metadata(member, module)})"
            )
        if is_array(one):
            _emit_sequence(lines, one, module)
        _emit_handle(lines, one)
    lines.add("", "")


def _emit_sequence(lines: Lines, one: ComplexType, module: Module) -> None:
    """Lets an array be read like the list that it holds."""
    (member,) = one.own_members
    kind = value_type(member, one, module)
    lines.add("", f"def __iter__(self) -> _Iterator[{kind}]:")
    lines.add(f"    return iter(self.{member.python_name})")
    lines.add("", "def __len__(self) -> int:", f"    return len(self.{member.python_name})")
    lines.add("", f"def __getitem__(self, index: int) -> {kind}:")
    lines.add(f"    return self.{member.python_name}[index]")


def _emit_handle(lines: Lines, one: ComplexType) -> None:
    """Lets what was created or listed serve as the handle of later calls."""
    identifiers = [member for member in one.own_members if member.marks.reference]
    names = {member.python_name for member in one.members}
    if not one.is_response or one.is_request or len(identifiers) != 1 or "id" in names:
        return
    (identifier,) = identifiers
    lines.add("", "@property", "def id(self) -> _uuid.UUID:")
    lines.add(f'    """The same as ``{identifier.python_name}``."""')
    lines.add(f"    return self.{identifier.python_name}")


def emit_types(vendor: Vendor, module: Module) -> str:
    """Writes one module of dataclasses."""
    lines = Lines()
    lines.docstring(
        module.documentation or f"The types of {module.file.name}, as the schema describes them."
    )
    body = Lines()
    for enumeration in module.enumerations:
        _emit_enumeration(body, enumeration)
    for one in module.types:
        _emit_type(body, one, module)
    text = body.text()
    lines.add("", "from __future__ import annotations", "")
    for name, alias in (("datetime", "_dt"), ("decimal", "_decimal"), ("uuid", "_uuid")):
        if f"{alias}." in text:
            lines.add(f"import {name} as {alias}")
    if "_Iterator[" in text:
        lines.add("from collections.abc import Iterator as _Iterator")
    if module.types:
        lines.add("from dataclasses import dataclass as _dataclass, field as _field")
    if module.enumerations:
        lines.add("from enum import StrEnum as _StrEnum")
    if "_ForwardRef(" in text:
        lines.add("from typing import ForwardRef as _ForwardRef")
    lines.add("")
    if "_documents." in text:
        lines.add("from esignwire import _documents")
    for other in imported_modules(module):
        lines.add(f"from esignwire_generated.{vendor.name}.types import {other} as _{other}_types")
    names = sorted(
        [one.python_name for one in module.enumerations] + [one.python_name for one in module.types]
    )
    lines.add("", "__all__ = [", *(f'    "{name}",' for name in names), "]", "", "")
    source = header(f"schemas/{vendor.name}/{module.file.name}")
    return source + lines.text() + text


def _of_the_first_version(vendor: Vendor) -> frozenset[str]:
    """The modules of the first version of a schema, which another beside it must not disturb."""
    first = vendor.contracts[0]
    if first.wsdl_file is not None:
        return frozenset()
    namespaces = {operation.request.type.namespace for operation in first.operations}
    return frozenset(
        module.name
        for module in vendor.modules
        if any(one.namespace in namespaces for one in module.types)
    )


def emit_types_package(vendor: Vendor) -> str:
    """Writes the package of all types of a vendor: its modules, and names of one alone."""
    package = f"esignwire_generated.{vendor.name}.types"
    modules = sorted(module.name for module in vendor.modules)
    homes: dict[str, list[str]] = {}
    for module in vendor.modules:
        names = [one.python_name for one in module.enumerations]
        for name in [*names, *(one.python_name for one in module.types)]:
            homes.setdefault(name, []).append(module.name)
    alone: dict[str, list[str]] = {name: [] for name in modules}
    preferred = _of_the_first_version(vendor)
    for name, several in sorted(homes.items()):
        found = [one for one in several if one in preferred] if len(several) > 1 else several
        if len(found) == 1 and name not in modules:
            alone[found[0]].append(name)
    lines = Lines()
    lines.docstring(
        "The message types, one module a schema file.",
        "Each type is here too, unless several modules have one of its name.",
    )
    lines.add("", "from __future__ import annotations", "")
    lines.add("from typing import TYPE_CHECKING", "")
    lines.add("from esignwire._lazy import later as _later", "", "if TYPE_CHECKING:")
    for module_name in modules:
        lines.add(f"    from {package} import {module_name}")
    for module_name, names in alone.items():
        if names:
            lines.add(f"    from {package}.{module_name} import {', '.join(names)}")
    everything = sorted([*modules, *(name for names in alone.values() for name in names)])
    lines.add("", "__all__ = [", *(f'    "{name}",' for name in everything), "]", "")
    lines.add("if not TYPE_CHECKING:")
    with lines.indented():
        lines.add("__getattr__ = _later(", "    __name__,", "    {")
        for module_name, names in alone.items():
            lines.add(f'        "{package}.{module_name}": "{" ".join([module_name, *names])}",')
        lines.add("    },", ")", "")
        lines.add("def __dir__() -> list[str]:", "    return sorted({*globals(), *__all__})")
    return header(f"schemas/{vendor.name}/") + lines.text()
