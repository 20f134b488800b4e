"""The catalogue of the bundled schemas: contracts, operations, and how surely each is known."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from esignwire._xml import Element
from esignwire.cli._documents import schemas_of
from esignwire_generated.constellation1.calls import OPERATIONS

__all__ = ["DescribedOperation", "described_operations"]

_WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_ANNOTATION = "{urn:esignwire:schema}"


@dataclass(frozen=True, slots=True, kw_only=True)
class DescribedOperation:
    """An operation as a schema describes it.

    Args:
        vendor: The vendor, as the folder of its schemas is called.
        contract: The contract: a WSDL port, or the schema file of a web method or of the calls.
        operation: The operation, as the vendor spells it.
        basis: How it is known: ``wsdl``, ``documented``, ``wire`` or ``inferred``; ``None`` where
            the schema does not say.
        is_safe: Whether it may be repeated without harm.
        summary: What it does, in one sentence.
    """

    vendor: str
    contract: str
    operation: str
    basis: str | None
    is_safe: bool
    summary: str


def described_operations() -> tuple[DescribedOperation, ...]:
    """Reads the schemas that come with the package: all operations, by vendor and contract."""
    return (*_assuresign(), *_constellation1(), *_signix())


def _summary(text: str | None) -> str:
    words = " ".join((text or "").split())
    return words.partition(". ")[0].rstrip(".")


def _operation(
    vendor: str, contract: str, name: str, element: Element, documentation: str | None
) -> DescribedOperation:
    # XML Schema allows foreign attributes, WSDL an element.
    inner = element.find(f"{_ANNOTATION}operation")
    said, prefix = (element, _ANNOTATION) if inner is None else (inner, "")
    return DescribedOperation(
        vendor=vendor,
        contract=contract,
        operation=name,
        basis=said.get(f"{prefix}basis"),
        is_safe=said.get(f"{prefix}safe") == "true",
        summary=_summary(documentation),
    )


def _assuresign() -> Iterator[DescribedOperation]:
    for path, root in schemas_of("assuresign", "*.wsdl"):
        for element in root.iterfind(f"{_WSDL}portType/{_WSDL}operation"):
            yield _operation(
                "assuresign",
                path.stem,
                element.get("name") or "",
                element,
                element.findtext(f"{_WSDL}documentation"),
            )


def _constellation1() -> Iterator[DescribedOperation]:
    for one in OPERATIONS:
        yield DescribedOperation(
            vendor="constellation1",
            contract="openapi",
            operation=one.name,
            basis=one.basis,
            is_safe=one.is_safe,
            summary=one.summary.rstrip("."),
        )


def _signix() -> Iterator[DescribedOperation]:
    for path, root in schemas_of("signix"):
        for element in root.iterfind(f"{_XSD}element"):
            name = element.get("name") or ""
            if name.endswith("Rq"):
                yield _operation(
                    "signix",
                    path.stem,
                    name.removesuffix("Rq"),
                    element,
                    element.findtext(f"{_XSD}annotation/{_XSD}documentation"),
                )
