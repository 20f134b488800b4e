"""Coverage of the wires: docs/coverage.md, a row for each of what is sent and received.

``make codegen`` writes the page. All of it is read from the schemas, the compiled operations, the
clients, the emulator and the files of the tests, so that a new operation needs no edit here.
"""

from __future__ import annotations

import inspect
import re
import typing
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import httpx
from lxml import etree

from esignwire import AssureSign, Constellation1, Signix
from esignwire.cli.catalogue import DescribedOperation, described_operations
from esignwire.emulator import EmulatorServer
from esignwire.emulator import notifications as emulated_notifications
from esignwire.emulator.assuresign import service as emulated_assuresign
from esignwire.emulator.constellation1 import service as emulated_constellation1
from esignwire.emulator.signix import commands as emulated_commands
from esignwire.signix import PushAction, RawCommand, Transaction, commands

__all__ = ["PAGE", "Row", "page", "rows"]

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = ROOT / "docs" / "coverage.md"
NONE = "none"
_ESW = "{urn:esignwire:schema}"
_XSD = "{http://www.w3.org/2001/XMLSchema}"
_CLIENTS = {"assuresign": AssureSign, "constellation1": Constellation1, "signix": Signix}
_TITLES = {
    "assuresign": "AssureSign: operations",
    "constellation1": "Constellation1: calls",
    "constellation1 webhook": "Constellation1: webhook",
    "signix": "SIGNiX: web methods",
    "signix command": "SIGNiX: commands of SubmitAjax",
    "signix action": "SIGNiX: push actions",
}
# Pages that name every operation show none of them.
_LISTS = {"coverage.md", "migration.md"}
_HEAD = Path(__file__).with_name("coverage_head.txt")


@dataclass(frozen=True, slots=True)
class Row:
    """What is known of one operation; each cell is Markdown.

    Args:
        kind: The table that the row belongs to.
        name: The vendor's name.
        schema: What describes it.
        basis: How surely it is known.
        method: How a program uses it.
        emulator: Whether the emulator plays it.
        golden: How many golden messages it has.
        cassette: The cassette that holds it.
        example: What shows it.
    """

    kind: str
    name: str
    schema: str
    basis: str
    method: str
    emulator: str
    golden: str
    cassette: str
    example: str

    def cells(self) -> tuple[str, ...]:
        """The cells of the row in the order of the columns."""
        return (
            f"`{self.name}`",
            self.schema,
            self.basis,
            self.method,
            self.emulator,
            self.golden,
            self.cassette,
            self.example,
        )


def rows() -> list[Row]:
    """Reads the rows from the sources.

    Returns:
        The rows, those of one table together.
    """
    found = [
        *map(_operation, described_operations()),
        *map(_command, _command_models()),
        *map(_action, PushAction),
        _webhook(),
    ]
    return sorted(found, key=lambda row: list(_TITLES).index(row.kind))


def page() -> str:
    """Makes the page.

    Returns:
        The Markdown.
    """
    parts = [_HEAD.read_text("utf-8")]
    found = rows()
    for kind, title in _TITLES.items():
        of_kind = [row for row in found if row.kind == kind]
        parts += [
            f"\n## {title}\n",
            f"{len(of_kind)} in all.\n",
            "| name | schema | basis | method | emulator | golden | cassette | example |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |",
            *(f"| {' | '.join(row.cells())} |" for row in of_kind),
        ]
    return "\n".join(parts) + "\n"


# --- Operations, methods and calls ---


def _operation(one: DescribedOperation) -> Row:
    suffix = {"assuresign": ".wsdl", "constellation1": ".yaml", "signix": ".xsd"}[one.vendor]
    method = _method(one)
    is_played = one.operation in _played(one.vendor)
    cassette = ROOT / "tests/operations/cassettes" / f"{one.vendor}-{one.operation}.wire.yaml"
    golden = list((ROOT / "tests/generator/golden" / one.vendor).glob(f"{one.operation}.*"))
    return Row(
        kind=one.vendor,
        name=one.operation,
        schema=_link(ROOT / "schemas" / one.vendor / f"{one.contract}{suffix}"),
        basis=one.basis or NONE,
        method=f"`{method}()`",
        emulator="played" if is_played else NONE,
        golden=str(len(golden) or NONE),
        cassette=_link(cassette, "recorded") if cassette.exists() else NONE,
        example=_example(one.vendor, rf"\.{method}\(", method),
    )


def _method(one: DescribedOperation) -> str:
    """The client's method: the vendor's name in snake_case."""
    wanted = one.operation.lower()
    return next(name for name in dir(_CLIENTS[one.vendor]) if name.replace("_", "") == wanted)


@cache
def _played(vendor: str) -> frozenset[str]:
    if vendor == "signix":
        names = [one.operation for one in described_operations() if one.vendor == vendor]
        with EmulatorServer() as emulator, httpx.Client(trust_env=False) as client:
            return frozenset(
                name
                for name in names
                # The emulator names a method that it does not play, whatever the request is.
                if "does not play"
                not in client.post(
                    emulator.signix_url, data={"method": name, "request": "<Nothing/>"}
                ).text
            )
    players = {"assuresign": emulated_assuresign, "constellation1": emulated_constellation1}
    return frozenset(players[vendor].PLAYERS)


# --- SIGNiX's commands ---


def _command_models() -> Iterator[tuple[str, str]]:
    """The commands: the vendor's name of each, and its model."""
    for model in typing.get_args(commands.Command):
        if model is not RawCommand:
            yield model.model_fields["object_type"].default, model.__name__


def _command(command: tuple[str, str]) -> Row:
    name, model = command
    methods = [
        method
        for method, function in inspect.getmembers(Transaction, inspect.isfunction)
        if not method.startswith("_") and re.search(rf"\b{model}[.(]", inspect.getsource(function))
    ]
    flows = sorted((ROOT / "tests/flows/cassettes").rglob("signix-*.yaml"))
    recorded = [path for path in flows if f'"{name}"' in path.read_text("utf-8")]
    golden = [
        path
        for path in (ROOT / "tests/generator/golden/signix").glob("*.request.xml")
        if name in path.read_text("utf-8")
    ]
    return Row(
        kind="signix command",
        name=name,
        schema=f"`{model}`",
        basis="documented",
        method=", ".join(f"`.{method}()`" for method in methods),
        emulator="played" if name in emulated_commands.PLAYERS else NONE,
        golden=str(len(golden) or NONE),
        cassette=_link(recorded[0], "recorded") if recorded else NONE,
        example=_example("signix", rf"\.(?:{'|'.join(methods)})\(|\b{model}[.(]", methods[0]),
    )


# --- What comes in ---


def _action(action: PushAction) -> Row:
    path = ROOT / "schemas/signix/PushNotification.xsd"
    (declared,) = etree.parse(path).iterfind(f"{_XSD}simpleType[@name='PushAction']")
    (value,) = declared.iterfind(f".//{_XSD}enumeration[@value='{action.value}']")
    is_sent = f'"{action.value}"' in inspect.getsource(emulated_notifications)
    return Row(
        kind="signix action",
        name=action.value,
        schema=_link(path),
        basis=value.get(f"{_ESW}basis") or declared.get(f"{_ESW}basis") or NONE,
        method=f"`signix.notification`, `PushAction.{action.name}`",
        emulator="sent" if is_sent else NONE,
        golden=NONE,
        cassette=NONE,
        example=_example("signix", rf"\b(?:PushAction\.)?{action.name}\b", action.name),
    )


def _webhook() -> Row:
    path = ROOT / "schemas/constellation1/openapi.yaml"
    declared = path.read_text("utf-8").partition("\nwebhooks:\n")[2]
    basis = re.search(r"x-esw-basis: (\w+)", declared)
    is_sent = "constellation1_webhook_url" in inspect.getsource(emulated_notifications)
    return Row(
        kind="constellation1 webhook",
        name="status",
        schema=_link(path),
        basis=basis[1] if basis else NONE,
        method="`constellation1.webhook`",
        emulator="sent" if is_sent else NONE,
        golden=NONE,
        cassette=NONE,
        example=_example("constellation1", r"\bconstellation1\.webhook\(", "webhook"),
    )


# --- Links ---


def _link(path: Path, text: str | None = None) -> str:
    if path.parent == PAGE.parent:
        return f"[{text or path.stem}]({path.name})"
    return f"[{text or path.name}](../{path.relative_to(ROOT)})"


def _places(vendor: str, method: str) -> Iterator[tuple[Path, str]]:
    """Programs and pages about a vendor; those about all of them where no other has the method."""
    others = [one for one in _CLIENTS if one != vendor]
    is_shared = any(hasattr(_CLIENTS[one], method) for one in others) or (
        vendor == "assuresign" and hasattr(Transaction, method)
    )
    general: list[Path] = []
    for path in (*sorted((ROOT / "examples").glob("*.py")), *sorted(PAGE.parent.glob("*.md"))):
        if path.stem.startswith(vendor):
            yield path, path.read_text("utf-8")
        elif not path.stem.startswith(tuple(others)) and path.name not in _LISTS:
            general.append(path)
    if not is_shared:
        yield from ((path, path.read_text("utf-8")) for path in general)


def _example(vendor: str, call: str, name: str) -> str:
    """The first program or page with the call, else the first page that names the method."""
    places = list(_places(vendor, name))
    for pattern in (call, rf"`{re.escape(name)}(?:\(\))?`"):
        for path, text in places:
            if re.search(pattern, text):
                return _link(path)
    return "*docstring*"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
