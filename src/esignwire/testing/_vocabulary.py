"""Vocabularies of the vendors: the names that their schemas know, and those that hold secrets."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Literal, TypeAlias, get_type_hints
from urllib.parse import urlsplit

from lxml import etree
from pydantic import BaseModel

from esignwire import assuresign, constellation1, signix
from esignwire.signix import commands
from esignwire_generated.assuresign import names as assuresign_names
from esignwire_generated.constellation1 import calls, models
from esignwire_generated.constellation1 import names as constellation1_names
from esignwire_generated.signix import names as signix_names

__all__ = ["Call", "Form", "Vocabulary", "calls_of", "path_literals", "vocabulary_of"]

Form: TypeAlias = Literal["text", "guid", "base64", "link"]
"""What the mask of a value must look like, so that a client can read it. A text that begins as a
link does is one."""

_XSD = "{http://www.w3.org/2001/XMLSchema}"
_NAMED = (f"{_XSD}element", f"{_XSD}attribute")
# SOAP 1.1 and XOP; a fault's detail is not among the names, so that what it holds is masked.
_SOAP = {"Envelope", "Header", "Body", "Fault", "faultcode", "faultstring", "detail", "Include"}
# What the emulator and the vendor's page have in answers to commands, beside the commands' members.
_STATUS = {"statusCode", "statusMessage", "responseCode", "objectType"}
# SIGNiX's keys are the RefIDs of the parties.
_SIGNIX_MAPS = {"emailAddressTable"}
# A map may also be written as a list of pairs.
_PAIR = {"Key", "Value", "key", "value"}
_PLACES = (
    "constellation1/rest/v2",
    "assuresign/Services/DocumentNOW/v2/DocumentNOW.svc/text/mtom",
    "signix/sdddc",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """The names of a vendor.

    Args:
        known: Every name of an element, an attribute or a JSON member.
        sensitive: Those that the schemas mark as sensitive.
        forms: What the masks of sensitive values look like; text where a name is not listed.
        maps: JSON members whose own members have names of the caller's choice.
        masks_objects: Whether a JSON object of a sensitive name is a secret as a whole. SIGNiX
            calls the whole of a message ``Data``, and the bytes of a document too.
    """

    known: frozenset[str] = frozenset()
    sensitive: frozenset[str] = frozenset()
    forms: dict[str, Form] = dataclasses.field(default_factory=dict[str, Form])
    maps: frozenset[str] = frozenset()
    masks_objects: bool = False


@cache
def vocabulary_of(vendor: str) -> Vocabulary:
    """Reads a vendor's names from the schemas and what was compiled of them."""
    match vendor:
        case "assuresign":
            sensitive = assuresign_names.SENSITIVE
            return Vocabulary(
                known=_declared(vendor) | _SOAP, sensitive=sensitive, forms=_forms(vendor)
            )
        case "signix":
            parts = _members(commands)
            return Vocabulary(
                known=_declared(vendor) | parts.keys() | _STATUS | _SIGNIX_MAPS,
                sensitive=signix_names.SENSITIVE,
                forms=_forms(vendor),
                maps=frozenset(_SIGNIX_MAPS),
            )
        case "constellation1":
            parts = _members(models)
            return Vocabulary(
                known=frozenset(parts) | _PAIR,
                sensitive=constellation1_names.SENSITIVE,
                forms={
                    name: "base64"
                    for name, hint in parts.items()
                    if "bytes" in hint or "Base64" in name
                },
                maps=frozenset(name for name, hint in parts.items() if "Mapping" in hint),
                masks_objects=True,
            )
        case _:
            return Vocabulary()


def _declared(vendor: str) -> frozenset[str]:
    folder = resources.files("esignwire_generated") / "schemas" / vendor
    return frozenset(
        str(node.get("name"))
        for file in folder.iterdir()
        if file.name.endswith(".xsd")
        for node in etree.fromstring(file.read_bytes()).iter(*_NAMED)
    )


def _forms(vendor: str) -> dict[str, Form]:
    forms: dict[str, Form] = {}
    for field in _fields(vendor):
        name = str(field.metadata.get("name", ""))
        # Where a name has several types, the mask of a GUID wins over that of base64.
        if "UUID" in str(field.type):
            forms[name] = "guid"
        elif field.metadata.get("format") == "base64":
            forms.setdefault(name, "base64")
    return forms


def _fields(vendor: str) -> Iterator[dataclasses.Field[object]]:
    """Each member of each message."""
    package = importlib.import_module(f"esignwire_generated.{vendor}.types")
    for module_info in pkgutil.iter_modules(package.__path__):
        module = importlib.import_module(f"{package.__name__}.{module_info.name}")
        for kind in vars(module).values():
            if isinstance(kind, type) and dataclasses.is_dataclass(kind):
                yield from dataclasses.fields(kind)


def _members(module: object) -> dict[str, str]:
    """The JSON members of the models in a module, with their types as text."""
    members: dict[str, str] = {}
    for kind in vars(module).values():
        if isinstance(kind, type) and issubclass(kind, BaseModel) and kind is not BaseModel:
            # Models that are built at their first use have no aliases before.
            kind.model_rebuild()
            hints = get_type_hints(kind)
            for name, field in kind.model_fields.items():
                alias = field.serialization_alias or field.alias or name
                members[alias] = f"{members.get(alias, '')} {hints.get(name)}"
    return members


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A call of Constellation1, as far as its address tells.

    Args:
        segments: The path's segments in lower case; an argument is the member of the address that
            it is, in braces.
        secrets: The arguments that are secret.
        query: The arguments in the query by the vendor's names in lower case, and whether they are
            secret.
        is_secret: Whether the answer is a secret.
    """

    segments: tuple[str, ...]
    secrets: frozenset[str]
    query: dict[str, bool]
    is_secret: bool


@cache
def calls_of() -> tuple[Call, ...]:
    """The calls of Constellation1, those with the longest paths first."""
    return tuple(
        sorted(
            (
                Call(
                    segments=tuple(one.path.strip("/").lower().split("/")),
                    secrets=frozenset(
                        f"{{{name}}}".lower()
                        for name, field in one.arguments.model_fields.items()
                        if not field.repr
                    ),
                    query={
                        (field.alias or name).lower(): not field.repr
                        for name, field in one.arguments.model_fields.items()
                        if name in one.query
                    },
                    is_secret=one.reading == "secret",
                )
                for one in calls.OPERATIONS
            ),
            # A literal segment says more than an argument.
            key=lambda call: (-len(call.segments), sum("{" in one for one in call.segments)),
        )
    )


@cache
def path_literals() -> frozenset[str]:
    """The segments of addresses that are the vendors' own words, in lower case."""
    addresses = (
        assuresign.PRODUCTION_URL,
        signix.PRODUCTION_URL,
        constellation1.PRODUCTION_URL,
        *(f"https://host/{place}" for place in _PLACES),
    )
    contracts = {name.rpartition("/")[2] for name in assuresign_names.NAMESPACES}
    literals = {segment for one in addresses for segment in urlsplit(one).path.split("/")}
    literals |= contracts
    literals |= {one for call in calls_of() for one in call.segments if "{" not in one}
    return frozenset(one.lower() for one in literals)
