"""Comparison of the bundled contracts of AssureSign with a description of the service."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from esignwire._xml import Element, schema_folder
from esignwire.cli._contract import Contract, Fact, Stated, basis_bearer, basis_of
from esignwire.cli._documents import Description, read_description

__all__ = ["Comparison", "Declaration", "Difference", "compare_with"]

_ENTRY = "DocumentNOW.wsdl"
# A comment, or a tag with its attributes.
_TAG = re.compile(r"""<!--.*?-->|<(?:[^<>"']|"[^"]*"|'[^']*')*>""", re.DOTALL)
_INFERRED = re.compile(r"""(?<=[\s:])basis\s*=\s*["'](inferred)["']""")


class Declaration(NamedTuple):
    """A declaration, such as ``type JotBlock/SigningStep``; an operation has no namespace."""

    namespace: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A difference.

    Args:
        kind: ``only ours``, ``only theirs`` or ``different``.
        namespace: The namespace of the declaration; of an operation, none.
        what: The declaration.
        aspect: What of it; empty where all of it is meant.
        ours: What the bundled schemas say; ``None`` where they say nothing.
        theirs: What the description says; ``None`` where it says nothing.
    """

    kind: str
    namespace: str
    what: str
    aspect: str
    ours: str | None
    theirs: str | None


@dataclass(slots=True, kw_only=True)
class Comparison:
    """What came of a comparison.

    Attributes:
        facts: How many facts the bundled schemas state.
        differences: Where the two differ.
        confirmed: The declarations whose basis is ``inferred`` and that the description confirms.
        left_out: The locations in the description that were not followed.
        patch: The confirmed declarations with the basis ``wsdl``, as a patch of ``schemas``.
    """

    facts: int
    differences: list[Difference] = field(default_factory=list[Difference])
    confirmed: list[Declaration] = field(default_factory=list[Declaration])
    left_out: list[str] = field(default_factory=list[str])
    patch: str = ""


def compare_with(start: str) -> Comparison:
    """Compares the bundled contracts with a WSDL and what it imports, by its address or its path.

    Raises:
        EsignWireError: The WSDL cannot be read.
    """
    description = read_description(start)
    bundled = read_description(str(schema_folder("assuresign") / _ENTRY))
    ours, theirs = Contract(bundled).facts(), Contract(description).facts()
    confirmed = _confirmed(ours, theirs)
    return Comparison(
        facts=len(ours),
        differences=_differences(ours, theirs),
        confirmed=[Declaration(one.namespace, one.path) for one in confirmed.values()],
        left_out=sorted(description.left_out),
        patch=_patch(bundled, confirmed),
    )


def _differences(ours: dict[Fact, Stated], theirs: dict[Fact, Stated]) -> list[Difference]:
    declared_here, declared_there = _places(ours), _places(theirs)
    found: dict[tuple[str, str, str], Difference] = {}
    for fact in {**ours, **theirs}:
        own, other = ours.get(fact), theirs.get(fact)
        if own is not None and other is not None and own.value == other.value:
            continue
        what, aspect, kind = fact.path, fact.aspect, "different"
        if own is None or other is None:
            kind = "only theirs" if own is None else "only ours"
            declared = declared_here if own is None else declared_there
            for place in _around(fact):
                if (fact.namespace, place) not in declared:
                    # The whole declaration is missing: its facts are one difference.
                    what, aspect = place or "the namespace", ""
                    break
        is_whole = not aspect
        found.setdefault(
            (fact.namespace, what, aspect),
            Difference(
                kind=kind,
                namespace=fact.namespace,
                what=what,
                aspect=aspect,
                ours=None if own is None or is_whole else own.value,
                theirs=None if other is None or is_whole else other.value,
            ),
        )
    return list(found.values())


def _around(fact: Fact) -> list[str]:
    """The declarations that a fact stands in, the widest first: all, the type, the member."""
    separator = "." if fact.path.startswith("contract ") else "/"
    parts = fact.path.split(separator)
    return ["", *(separator.join(parts[: number + 1]) for number in range(len(parts)))]


def _places(facts: dict[Fact, Stated]) -> set[tuple[str, str]]:
    return {(fact.namespace, place) for fact in facts for place in _around(fact)}


# --- what is confirmed ---


def _confirmed(ours: dict[Fact, Stated], theirs: dict[Fact, Stated]) -> dict[Element, Fact]:
    """The annotations that say ``inferred`` and all of whose facts the description has.

    Each stands with the first of its facts.
    """
    found: dict[Element, list[Fact]] = {}
    for fact, stated in ours.items():
        bearer = basis_bearer(stated.node)
        if bearer is not None and basis_of(bearer) == "inferred":
            found.setdefault(bearer, []).append(fact)

    return {
        node: facts[0]
        for node, facts in found.items()
        if all(one in theirs and theirs[one].value == ours[one].value for one in facts)
    }


def _patch(bundled: Description, confirmed: dict[Element, Fact]) -> str:
    """Makes a patch that raises the basis of declarations."""
    lines: list[str] = []
    for address, root in bundled.roots.items():
        # The tree does not know the columns of attributes: the text has them in the same order.
        text = Path(address).read_bytes().decode("utf-8")
        spans = [
            (tag.start() + found.start(1), tag.start() + found.end(1))
            for tag in _TAG.finditer(text)
            if not tag[0].startswith("<!--") and (found := _INFERRED.search(tag[0]))
        ]
        nodes = [node for node in root.iter("*") if basis_of(node) == "inferred"]
        raised = text
        for node, (start, end) in reversed(list(zip(nodes, spans, strict=True))):
            if node in confirmed:
                raised = f"{raised[:start]}wsdl{raised[end:]}"
        name = f"schemas/assuresign/{Path(address).name}"
        lines += difflib.unified_diff(
            text.splitlines(keepends=True),
            raised.splitlines(keepends=True),
            f"a/{name}",
            f"b/{name}",
        )
    return "".join(lines)
