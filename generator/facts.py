"""Facts of a vendor's model, as callers and the wire see them: what two models are compared by."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, fields
from pathlib import Path

from generator.emit_operations import argument_type, result_type
from generator.emit_types import field_default, is_optional, value_type
from generator.model import ComplexType, Contract, Enumeration, Kind, Member, Module, Particle
from generator.model import Vendor as XmlVendor
from generator.names import constant_case
from generator.openapi import model as openapi
from generator.openapi.emit_models import found_type
from generator.operations import Argument, Method, Plan

# Of a member, what is no fact of the wire, or is told in its own words.
_TOLD = {
    "alternatives",
    "basis",
    "documentation",
    "is_hidden",
    "is_list",
    "is_required",
    "is_sensitive",
    "is_wrapped_list",
    "kind",
    "marks",
    "place",
    "python_name",
    "simple",
    "value",
}
_TOLD_OF_JSON = {
    "basis",
    "beyond",
    "description",
    "is_hidden",
    "is_required",
    "is_sensitive",
    "line",
    "python",
    "type",
    "unit",
}
# Every type stands behind the module that has it.
_NOWHERE = Module(name="", file=Path(), documentation="")


@dataclass(slots=True, kw_only=True)
class Fact:
    """A part of a model, with what callers and the wire see of it.

    Attributes:
        title: What it is called in a message.
        names: The names by which people know it, in Python and on the wire.
        python: What Python callers see, by what it is.
        wire: What is sent and validated, by what it is.
        is_secret: Whether it is masked in ``repr``.
        is_masked: Whether it is masked in errors, logs and cassettes too.
        is_demanded: Whether a caller must give it.
        may_be_none: Whether a caller who reads it must expect ``None``.
        by_place: The titles of those of its parts that callers give by their places, in order.
        parts: The facts inside of it.
        content: The elements in their order.
        stems_from: The titles of the type and the member of which this fact is a consequence.
    """

    title: str
    names: tuple[str, ...]
    python: dict[str, str] = field(default_factory=dict)
    wire: dict[str, str] = field(default_factory=dict)
    is_secret: bool = False
    is_masked: bool = False
    is_demanded: bool = False
    may_be_none: bool = False
    by_place: tuple[str, ...] = ()
    parts: dict[str, Fact] = field(default_factory=dict)
    content: Particle | None = None
    stems_from: tuple[str, str] | None = None


def facts_of_xml(vendor: XmlVendor, plan: Plan) -> Fact:
    """Lists the facts of a vendor whose wire is XML."""
    parts = [_enumeration(one) for module in vendor.modules for one in module.enumerations]
    parts += [_type(one) for one in vendor.types]
    parts += [_contract(one, plan.methods) for one in vendor.contracts]
    return Fact(
        title=vendor.name,
        names=(vendor.name,),
        wire={"address": str(vendor.service_address)},
        parts=_by_title(parts),
    )


def _by_title(parts: Iterable[Fact]) -> dict[str, Fact]:
    return {one.title: one for one in parts}


def _enumeration(one: Enumeration) -> Fact:
    values = [
        Fact(
            title=f"value {value.python_name}",
            names=(value.python_name, value.value),
            wire={"value": value.value},
        )
        for value in one.values
    ]
    return Fact(
        title=f"enumeration {one.module}.{one.python_name}",
        names=(one.python_name, one.xml_name),
        parts=_by_title(values),
    )


def _type_title(one: ComplexType) -> str:
    return f"type {one.module}.{one.python_name}"


def _type(one: ComplexType) -> Fact:
    return Fact(
        title=_type_title(one),
        names=(one.python_name, one.xml_name),
        python={"base": f"{one.base.module}.{one.base.python_name}" if one.base else "none"},
        wire={
            "name": one.xml_name,
            "namespace": one.namespace,
        },
        content=one.content,
        parts=_by_title(_members(one)),
    )


def _members(one: ComplexType) -> Iterator[Fact]:
    """The members, inherited ones too: one that moves into the base is still there."""
    if one.base is not None:
        for fact in _members(one.base):
            fact.stems_from = fact.stems_from or (_type_title(one.base), fact.title)
            yield fact
    for member in one.own_members:
        yield _member(member, one)


def _member(member: Member, owner: ComplexType) -> Fact:
    if member.kind is Kind.CHOICE:
        kind = "list"
    else:
        kind = value_type(member, owner, _NOWHERE)
        kind = f"list[{kind}]" if member.is_list else kind
    marks = member.marks
    # The type says which alternative of a choice an item is.
    alternatives = [_member(one, owner) for one in member.alternatives]
    for one in alternatives:
        one.title = f"alternative {one.python.pop('type')}"
        one.is_demanded = one.may_be_none = False
    return Fact(
        title=f"member {member.python_name}",
        names=(member.python_name, *([member.xml_name] if member.xml_name else [])),
        python={
            "type": _public(kind),
            "esw:exceptions": str(marks.is_exceptions),
            "esw:success": str(marks.is_success),
            "esw:result": str(marks.is_result),
        },
        wire={
            **_plain_fields(member, _TOLD),
            "kind": member.kind.value,
            "required": str(member.is_required),
            "namespace": "" if member.namespace == owner.namespace else str(member.namespace),
            "esw:key": " ".join(marks.key),
            "esw:lookup": str(marks.lookup),
            **_simple(member),
        },
        is_secret=member.is_secret,
        is_masked=member.is_sensitive,
        is_demanded=not field_default(member, owner, _NOWHERE),
        may_be_none=owner.is_response and is_optional(member),
        parts=_by_title(alternatives),
    )


def _simple(member: Member) -> dict[str, str]:
    simple = member.simple
    if simple is None:
        return {}
    facets = {
        name: " ".join(sorted(values))
        for name, values in simple.facets.items()
        # The values of an enumeration are facts of their own.
        if name != "enumeration" or not isinstance(simple.value, Enumeration)
    }
    return {"xs type": simple.primitive, "whiteSpace": simple.whitespace, **facets}


def _plain_fields(one: Member | openapi.Member | openapi.Type, told: set[str]) -> dict[str, str]:
    return {
        each.name.replace("_", " "): str(getattr(one, each.name))
        for each in fields(one)
        if each.name not in told
    }


def elements_in(particle: Particle) -> set[str]:
    """The names of the elements, and of the wildcards, in a content."""
    if particle.member is not None:
        return {_name_in_order(particle.member)}
    return {name for one in particle.children for name in elements_in(one)}


def order_of(particle: Particle, names: set[str]) -> str:
    """The order of the elements that count, and what binds them together."""
    if particle.member is not None:
        name = _name_in_order(particle.member)
        return name if name in names else ""
    inner = [text for one in particle.children if (text := order_of(one, names))]
    if len(inner) < 2:
        return "".join(inner)
    joined = (" | " if particle.is_choice else ", ").join(inner)
    return f"({joined}){'?' if particle.is_optional else ''}"


def _name_in_order(member: Member) -> str:
    return member.xml_name or member.python_name


def _public(kind: str) -> str:
    """A type of Python as users know it: modules are imported under names with underscores."""
    return re.sub(r"\b_(\w+?)(?:_types)?\.", r"\1.", kind)


def _contract(contract: Contract, methods: list[Method]) -> Fact:
    return Fact(
        title=f"contract {contract.python_name}",
        names=(contract.name, contract.python_name),
        wire={
            "name": contract.name,
            "path": str(contract.address_path),
            "MTOM path": str(contract.mtom_path),
        },
        parts=_by_title(_operation(one) for one in methods if one.contract is contract),
    )


def _operation(method: Method) -> Fact:
    operation = method.operation
    request, response = operation.request, operation.response
    python = {
        "request": f"{request.type.module}.{request.type.python_name}",
        "answer": f"{response.type.module}.{response.type.python_name}",
        "method": "compiled" if method.by_hand is None else "by hand",
    }
    if method.by_hand is None:
        python["result of the method"] = _public(result_type(method)[0])
        python["method for lists"] = str(method.many is not None)
    return Fact(
        title=f"operation {operation.python_name}",
        names=(operation.name, operation.python_name),
        python=python,
        wire={
            "request element": request.qname,
            "answer element": response.qname,
            "SOAPAction": str(operation.soap_action),
            "may be repeated": str(operation.is_safe),
        },
        by_place=(f"argument {method.leading.name}",) if method.leading is not None else (),
        parts=_by_title(_argument(one) for one in ([] if method.by_hand else method.arguments)),
    )


def _argument(argument: Argument) -> Fact:
    owner = argument.owner
    while owner.base is not None and argument.member not in owner.own_members:
        owner = owner.base
    return Fact(
        title=f"argument {argument.name}",
        names=(argument.name,),
        python={"type": _public(argument_type(argument))},
        is_demanded=argument.is_required,
        stems_from=(_type_title(owner), f"member {argument.member.python_name}"),
    )


def facts_of_json(document: openapi.Document, name: str) -> Fact:
    """Lists the facts of a vendor whose wire is JSON."""
    parts = [
        Fact(
            title=f"enumeration {one.name}",
            names=(one.name,),
            parts=_by_title(
                Fact(
                    title=f"value {constant_case(value.name)}",
                    names=(constant_case(value.name), value.name),
                    wire={"value": repr(value.const)},
                )
                for value in one.values
            ),
        )
        for one in document.enumerations
    ]
    parts += [
        Fact(title=f"address {key}", names=(key,), wire={"address": value})
        for key, value in document.servers.items()
    ]
    parts += [_object(one, document) for one in document.objects if not one.is_base]
    parts += [_call(one) for one in document.operations]
    return Fact(
        title=name,
        names=(name,),
        wire={
            "known errors": "; ".join(f"{one.pattern} -> {one.error}" for one in document.errors)
        },
        parts=_by_title(parts),
    )


def _object(one: openapi.Object, document: openapi.Document) -> Fact:
    found = [
        Fact(
            title=f"member {each.python}",
            names=(each.python,),
            python={"type": found_type(each, one, document)},
            wire={"found at": " ".join("/".join(path) for path in each.paths)},
            may_be_none=True,
        )
        for each in one.found
    ]
    return Fact(
        title=f"type {one.name}",
        names=(one.name,),
        wire={
            "any of": " ".join(one.any_of),
            "needs": str(one.needs),
            "text": str(one.text),
            "is open": str(one.is_open),
        },
        is_secret=one.is_sensitive,
        is_masked=one.is_sensitive,
        parts=_by_title(
            [*(_property(each, is_sent=one.direction == "sent") for each in one.members), *found]
        ),
    )


def _property(one: openapi.Member, *, is_sent: bool) -> Fact:
    return Fact(
        title=f"member {one.python}",
        names=(one.python, one.wire),
        python={"type": _json_type(one.type)},
        wire={**_plain_fields(one, _TOLD_OF_JSON), **_limits(one.type)},
        is_secret=one.is_secret,
        is_masked=one.is_sensitive,
        is_demanded=is_sent and one.is_required and not one.has_default and one.account is None,
        may_be_none=not is_sent and one.type.kind not in {"details", "list"},
    )


def _json_type(found: openapi.Type) -> str:
    inner = ", ".join(map(_json_type, found.members))
    return f"{found.name or found.kind}[{inner}]" if inner else found.name or found.kind


def _limits(found: openapi.Type) -> dict[str, str]:
    limits = _plain_fields(found, {"kind", "name", "members"})
    for one in found.members:
        limits |= {f"{key} of an item": value for key, value in _limits(one).items()}
    return limits


def _call(one: openapi.Operation) -> Fact:
    arguments = [_property(each, is_sent=True) for each in one.arguments]
    for each in arguments:
        each.title = each.title.replace("member", "argument", 1)
    return Fact(
        title=f"operation {one.python}",
        names=(one.name, one.python),
        python={
            "answer": "str" if one.reading in {"text", "secret"} else one.answer,
            "pages": str(one.pages is not None),
            "method": "by hand" if one.is_handwritten else "compiled",
        },
        wire={
            "HTTP method": one.method,
            "path": one.path,
            "authorization": one.authorization,
            "reading": one.reading,
            "may be repeated": str(one.is_safe),
            "makes something each time": str(one.is_once),
            "looked up by": " ".join("/".join(path) for path in one.reference),
        },
        by_place=tuple(each.title for each in arguments if each.is_demanded),
        parts=_by_title(arguments),
    )
