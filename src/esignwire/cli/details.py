"""Details of an operation: its messages, member by member, as the schemas describe them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import get_args, get_type_hints

from esignwire._json import Operation, Received, Sent
from esignwire._xml import Element, schema_folder
from esignwire.cli._contract import Contract, Member, basis_bearer, basis_of, content_of
from esignwire.cli._documents import read_description
from esignwire.cli.catalogue import DescribedOperation, described_operations
from esignwire.constellation1 import Constellation1
from esignwire_generated.constellation1 import calls

__all__ = ["DescribedMember", "OperationDetails", "operation_details"]

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_SENSITIVE = "{urn:esignwire:schema}sensitive"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedMember:
    """A member of a message.

    Args:
        name: Its name on the wire; that of an attribute begins with ``@``.
        type: Its type, as the schema calls it; empty where it has no name. Of Constellation1 it is
            that of Python.
        occurs: How often it may stand there, such as ``0..1``.
        basis: How surely it is known; ``None`` where nothing says that.
        is_secret: Whether it is masked.
        values: The values of an enumeration.
        members: The members in it. A type inside of itself is not told again.
    """

    name: str
    type: str
    occurs: str
    basis: str | None
    is_secret: bool
    values: tuple[str, ...] = ()
    members: tuple[DescribedMember, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationDetails:
    """An operation with its messages."""

    operation: DescribedOperation
    request: DescribedMember
    answer: DescribedMember


def operation_details(name: str) -> tuple[OperationDetails, ...]:
    """Describes the operations of a name, of whichever vendor.

    The name is spelled as the vendor spells it or as the client's method is called; capital and
    small letters are the same.
    """
    wanted = name.replace("_", "").lower()
    return tuple(
        _constellation1(one) if one.vendor == "constellation1" else _xml(one)
        for one in described_operations()
        if one.operation.lower() == wanted
    )


# --- AssureSign and SIGNiX ---


def _xml(operation: DescribedOperation) -> OperationDetails:
    folder = schema_folder(operation.vendor)
    suffix = "wsdl" if operation.vendor == "assuresign" else "xsd"
    contract = Contract(read_description(str(folder / f"{operation.contract}.{suffix}")))
    if suffix == "wsdl":
        facts = contract.facts()
        request, answer = (
            next(
                stated.value
                for fact, stated in facts.items()
                if fact.path.endswith(f".{operation.operation}") and fact.aspect == aspect
            )
            for aspect in ("input", "output")
        )
    else:
        request, answer = (
            next(
                qname
                for kind, qname in contract.declared
                if kind == "element" and qname.endswith(f"}}{operation.operation}{end}")
            )
            for end in ("Rq", "Rs")
        )
    return OperationDetails(
        operation=operation,
        request=_element(contract, request),
        answer=_element(contract, answer),
    )


def _element(contract: Contract, qname: str) -> DescribedMember:
    node = contract.declared["element", qname]
    named = node.get("type")
    return _member(
        contract,
        Member(
            name=_local(qname),
            type=contract.qualified(node, named) if named else "",
            occurs="1",
            node=node,
            declared=node,
        ),
        (),
    )


def _member(contract: Contract, member: Member, trail: tuple[Element, ...]) -> DescribedMember:
    own = [one for one in member.declared if str(one.tag).endswith("Type")]
    node = own[0] if own else contract.declared.get(("type", member.type))
    bearer = basis_bearer(member.node)
    is_complex = node is not None and node.tag == f"{_XSD}complexType"
    return DescribedMember(
        name=member.name,
        type=_local(member.type),
        occurs=member.occurs,
        basis=None if bearer is None else basis_of(bearer),
        is_secret="true" in {member.node.get(_SENSITIVE), member.declared.get(_SENSITIVE)},
        values=() if node is None or is_complex else _values(node),
        members=_members(contract, node, trail) if node is not None and is_complex else (),
    )


def _members(
    contract: Contract, node: Element, trail: tuple[Element, ...]
) -> tuple[DescribedMember, ...]:
    if node in trail:
        return ()
    content, inner = content_of(node), (*trail, node)
    base = content.get("base")
    found: tuple[DescribedMember, ...] = ()
    if base is not None:
        qname = contract.qualified(content, base)
        inherited = contract.declared.get(("type", qname))
        if inherited is not None and inherited.tag == node.tag:
            found = _members(contract, inherited, inner)
        else:
            text = Member(name="text", type=qname, occurs="1", node=content, declared=content)
            found = (_member(contract, text, inner),)
    return (*found, *(_member(contract, one, inner) for one in contract.members(node)))


def _values(node: Element) -> tuple[str, ...]:
    return tuple(one.get("value") or "" for one in node.iter(f"{_XSD}enumeration"))


def _local(qname: str) -> str:
    return qname.rpartition("}")[2]


# --- Constellation1 ---


def _constellation1(described: DescribedOperation) -> OperationDetails:
    constant, operation = next(
        (name, one)
        for name, one in vars(calls).items()
        if isinstance(one, Operation) and one.name == described.operation
    )
    # The methods are called as the constants are, in small letters.
    method: object = getattr(Constellation1, constant.lower())
    return OperationDetails(
        operation=described,
        request=_value(described.operation, operation.arguments, "1", (), operation.basis),
        answer=_value("answer", get_type_hints(method)["return"], "1", (), operation.basis),
    )


def _value(
    name: str,
    kind: object,
    occurs: str,
    trail: tuple[type, ...],
    basis: str,
    *,
    is_secret: bool = False,
) -> DescribedMember:
    within = [one for one in _classes_in(kind) if one not in trail]
    return DescribedMember(
        name=name,
        type=_in_words(kind),
        occurs=occurs,
        basis=basis,
        is_secret=is_secret,
        values=tuple(str(value.value) for one in within if issubclass(one, Enum) for value in one),
        members=tuple(
            _value(
                field.alias or name,
                field.annotation,
                "1" if field.is_required() else "0..1",
                (*trail, one),
                one.BASES.get(name, one.BASES[""]),
                is_secret=not field.repr,
            )
            for one in within
            if issubclass(one, Sent | Received)
            for name, field in one.model_fields.items()
        ),
    )


def _classes_in(kind: object) -> list[type]:
    if isinstance(kind, type) and not get_args(kind):
        return [kind]
    return [one for inner in get_args(kind) for one in _classes_in(inner)]


def _in_words(kind: object) -> str:
    text = kind.__name__ if isinstance(kind, type) and not get_args(kind) else str(kind)
    return re.sub(r"(?:\w+\.)+(\w+)", r"\1", text).removesuffix(" | None")
