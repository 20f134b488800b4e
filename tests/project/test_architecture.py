"""The arrows of the house: which room may import which, read from the sources themselves."""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent.parent
VENDORS = ("assuresign", "signix", "constellation1")

# The rooms, the lowest floor first. What a room imports stands below it, or is the room itself.
FLOORS = (
    {"_forks", "_lazy", "_version", "errors"},
    {"_extras"},
    {"_call"},
    {"_documents"},
    {"_secrets"},
    {"_http", "_xml"},
    {"_client", "_codec", "_json"},
    {"_soap", "generated"},
    set(VENDORS),
    {"bulk", "emulator", "notifications", "telemetry"},
    {"demo", "testing"},
    {"cli"},
    {"__main__"},
)
FLOOR_OF = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}
PRIVATE = {"_documents", "_secrets", "_http", "_xml", "_client", "_codec", "_json", "_soap"}

# The emulator's rooms by their own rule: it judges requests by the schemas, never by our codecs.
EMULATOR_FLOORS = (
    {"faults"},
    {"_wire", "shared", "accounts"},
    {"exchanges", "schemas", "settings", "store"},
    set(VENDORS),
    {"state"},
    {"control", "environment", "notifications"},
    {"pages"},
    {"application"},
    {"server"},
)
EMULATOR_FLOOR_OF = {room: floor for floor, rooms in enumerate(EMULATOR_FLOORS) for room in rooms}

# Every other package that run-time code imports, and the rooms that may.
OTHERS = {
    "certifi": {"_http"},
    "httpcore": {"_http"},
    "httpx": {"_http", "cli"},
    "jsonschema": {"emulator"},
    "opentelemetry": {"telemetry"},
    "lxml": {"_codec", "_soap", "_xml", "cli", "emulator", "testing"},
    "pybase64": {"_documents", "_xml", "emulator"},
    "pydantic": {"cli", "_json", "constellation1", "emulator", "generated", "signix", "testing"},
    "pydantic_core": {"signix", "emulator"},
    "pytest": {"testing"},
    "rich": {"cli"},
    "stamina": {"_http", "testing"},
    "starlette": {"emulator"},
    "typer": {"cli"},
    "uvicorn": {"emulator"},
    "yaml": {"emulator", "testing"},
    "zeep": {"_soap"},
}


class Import(NamedTuple):
    """One import of one module."""

    importer: str
    imported: str
    name: str
    """What is taken from the module; empty where the module itself is meant."""


def handwritten(module: str) -> str:
    """The module whose rules hold: a sync twin follows those of the module it is derived from."""
    package, _, name = module.rpartition(".")
    if package.startswith("esignwire_generated") and name.startswith("sync_"):
        place = package.removeprefix("esignwire_generated")
        return f"esignwire{place}.async_{name.removeprefix('sync_')}"
    return module


def room_of(module: str) -> str:
    """The room that a module of ours belongs to; that of the package itself is empty."""
    first, *others = handwritten(module).split(".")
    if first == "esignwire_generated":
        # The package of a room's twins: nothing but a name.
        return others[0] if others and others[0] in {*PRIVATE, "demo"} else "generated"
    return others[0] if others else ""


def modules() -> dict[str, Path]:
    """All modules of both packages."""
    found: dict[str, Path] = {}
    for root in (ROOT / "src", ROOT / "generated"):
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()
TREES = {module: ast.parse(path.read_text("utf-8")) for module, path in MODULES.items()}


def imports_of(module: str, tree: ast.Module) -> Iterator[Import]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{module} imports by a relative path"
            base = node.module or ""
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                if inner in MODULES:
                    yield Import(module, inner, "")
                else:
                    yield Import(module, base, alias.name)


IMPORTS = [found for module, tree in TREES.items() for found in imports_of(module, tree)]
OURS = [one for one in IMPORTS if one.imported in MODULES]


def is_offer(one: Import) -> bool:
    """Whether a package offers a name of its own modules: a signpost, not an arrow."""
    return MODULES[one.importer].name == "__init__.py" and (
        handwritten(one.imported).startswith(f"{one.importer}.") or one.importer == "esignwire"
    )


def shown(imports: list[Import]) -> list[str]:
    return sorted({f"{one.importer} imports {one.imported}" for one in imports})


def test_the_sources_were_read() -> None:
    assert Import("esignwire._soap.binding", "zeep.wsdl", "Document") in IMPORTS
    assert Import("esignwire._soap.async_caller", "esignwire._codec", "write_request") in OURS
    assert {room_of(one) for one in MODULES} == {"", *FLOOR_OF}


def test_at_most_twelve_files_lie_at_the_top() -> None:
    assert len(list((ROOT / "src" / "esignwire").glob("*.py"))) <= 12


def test_arrows_run_down() -> None:
    wrong = [
        one
        for one in OURS
        if not is_offer(one)
        and (importer := room_of(one.importer))
        and importer != (imported := room_of(one.imported))
        # What the package itself offers may be taken by what stands above the vendors.
        and FLOOR_OF.get(imported, FLOOR_OF["bulk"] - 1) >= FLOOR_OF[importer]
    ]
    assert shown(wrong) == []


def test_the_generated_package_stands_on_documents_and_codecs() -> None:
    allowed = {"generated", "errors", "_lazy", "_codec", "_json", "_documents"}
    wrong = [
        one
        for one in OURS
        if room_of(one.importer) == "generated"
        and room_of(one.imported) not in allowed
        # `from esignwire import _documents` names the package on the way.
        and one.imported != "esignwire"
    ]
    assert shown(wrong) == []


def test_one_vendor_knows_nothing_of_another() -> None:
    def vendor_of(module: str) -> str | None:
        return next((part for part in module.split(".")[1:2] if part in VENDORS), None)

    wrong = [
        one
        for one in OURS
        if (importer := vendor_of(one.importer))
        and (imported := vendor_of(one.imported))
        and importer != imported
    ]
    assert shown(wrong) == []


def test_the_emulator_stands_on_the_errors_and_the_extras_alone() -> None:
    wrong = [
        one
        for one in OURS
        if room_of(one.importer) == "emulator"
        and room_of(one.imported) != "emulator"
        and one.imported not in {"esignwire.errors", "esignwire._extras"}
    ]
    assert shown(wrong) == []


def test_a_private_package_is_imported_by_its_name() -> None:
    wrong = [
        one
        for one in OURS
        if (imported := handwritten(one.imported).split(".")[1:2])
        and imported[0] in PRIVATE
        and handwritten(one.imported).count(".") > 1
        and room_of(one.importer) != imported[0]
    ]
    assert shown(wrong) == []


def test_private_modules_stay_in_their_folder() -> None:
    def is_private(module: str) -> bool:
        return module.rpartition(".")[2].startswith("_")

    wrong = [
        one
        for one in OURS
        if is_private(one.imported)
        and one.imported.count(".") > 1
        and room_of(one.importer) != room_of(one.imported)
    ]
    assert shown(wrong) == []


def test_private_names_stay_in_their_module() -> None:
    wrong = [
        f"{one.importer} takes {one.name} of {one.imported}"
        for one in IMPORTS
        if one.name.startswith("_") and not one.name.startswith("__")
    ]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    # Those that only checkers follow count too: who reads the sources follows them as well.
    graph: dict[str, set[str]] = defaultdict(set)
    for one in OURS:
        if not is_offer(one) and one.imported != one.importer:
            graph[one.importer].add(one.imported)
    list(TopologicalSorter(graph).static_order())


def test_the_arrows_of_the_emulator_run_down() -> None:
    def inner(module: str) -> str:
        return [*module.split("."), ""][2]

    ours = [
        one
        for one in OURS
        if room_of(one.importer) == "emulator" and room_of(one.imported) == "emulator"
    ]
    rooms = {inner(one.importer) for one in ours} - {""}
    assert rooms <= set(EMULATOR_FLOOR_OF)
    wrong = [
        one
        for one in ours
        if (importer := inner(one.importer))
        and importer != (imported := inner(one.imported))
        and EMULATOR_FLOOR_OF[imported] >= EMULATOR_FLOOR_OF[importer]
    ]
    assert shown(wrong) == []


@pytest.mark.parametrize("package", sorted(OTHERS))
def test_other_packages_stay_where_they_belong(package: str) -> None:
    users = {room_of(one.importer) for one in IMPORTS if one.imported.partition(".")[0] == package}
    assert users <= OTHERS[package]
    assert users


def test_every_other_package_is_known() -> None:
    found = {one.imported.partition(".")[0] for one in IMPORTS}
    ours = {"esignwire", "esignwire_generated"}
    assert found - ours - set(OTHERS) - set(sys.stdlib_module_names) == set()


# A private name of httpcore's, wherever it is written: as an attribute or in a text that names one.
_PRIVATE_OF_HTTPCORE = re.compile(
    r"\b_h11_state\b|\b_network_stream\b|\._connection\._|\._protocol\b"
)


def test_at_most_one_place_reads_a_private_name_of_httpcore() -> None:
    places = [
        (module, number)
        for module, path in MODULES.items()
        if room_of(module) == "_http" and not module.startswith("esignwire_generated")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if _PRIVATE_OF_HTTPCORE.search(line)
    ]
    assert len(places) <= 1, places
