"""Arrows run one way: who may import whom, read from the sources themselves."""

from __future__ import annotations

import ast
import sys
from collections import defaultdict
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parent.parent
VENDORS = ("assuresign", "signix", "constellation1")

# The lowest first. Whatever a part imports stands below it, or is the part itself.
LAYERS = (
    {"generated"},
    {"transport"},
    set(VENDORS),
    {"bulk", "emulator"},
    {"demo", "testing"},
    {"command"},
)
RANKS = {part: rank for rank, layer in enumerate(LAYERS) for part in layer}
COMMAND = {"__main__", "_command_line", "cli"}

# Every other package that run-time code imports, and the only parts that may.
OTHERS = {
    "httpcore": {"transport"},
    "httpx": {"transport"},
    "lxml": {"generated", "transport", "emulator", "testing"},
    "pybase64": {"transport"},
    "pydantic": {"signix", "constellation1", "emulator"},
    "pydantic_core": {"signix", "emulator"},
    "pytest": {"testing"},
    "rich": {"command"},
    "stamina": {"transport", "testing"},
    "starlette": {"emulator"},
    "typer": {"command"},
    "uvicorn": {"emulator"},
    "yaml": {"testing"},
    "zeep": {"transport"},
}


class Import(NamedTuple):
    """One import of one module."""

    importer: str
    imported: str
    is_at_start: bool
    """Whether it happens as soon as the importer is imported."""


def handwritten(module: str) -> str:
    """The module whose rules hold: a sync twin follows those of the module it is derived from."""
    package, _, name = module.rpartition(".")
    for prefix, twin in (("sync_", "async_"), ("_sync_", "_async_")):
        if package.startswith("esignwire_generated") and name.startswith(prefix):
            place = package.removeprefix("esignwire_generated")
            return f"esignwire{place}.{twin}{name.removeprefix(prefix)}"
    return module


def part_of(module: str) -> str:
    """The part that a module of ours belongs to; that of the package itself is empty."""
    first, *others = handwritten(module).split(".")
    if first == "esignwire_generated":
        return "generated"
    if not others:
        return ""
    if others[0] in COMMAND:
        return "command"
    return others[0] if others[0] in RANKS else "transport"


def modules() -> dict[str, Path]:
    """All modules of both packages."""
    found: dict[str, Path] = {}
    for root in (ROOT / "src", ROOT / "generated"):
        for path in root.rglob("*.py"):
            parts = path.relative_to(root).with_suffix("").parts
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


MODULES = modules()


def is_for_checkers(node: ast.If) -> bool:
    return isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def statements(node: ast.AST, *, is_at_start: bool = True) -> Iterator[tuple[ast.AST, bool]]:
    """All import statements below a node, and whether each is reached when it is imported."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, is_at_start
        is_later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
            isinstance(child, ast.If) and is_for_checkers(child)
        )
        yield from statements(child, is_at_start=is_at_start and not is_later)


def imports_of(module: str, path: Path) -> Iterator[Import]:
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node, is_at_start in statements(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(module, alias.name, is_at_start)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base]).rstrip(".")
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield Import(module, name if name in MODULES else base, is_at_start)


IMPORTS = [found for module, path in MODULES.items() for found in imports_of(module, path)]
OURS = [one for one in IMPORTS if one.imported in MODULES]


def shown(imports: list[Import]) -> list[str]:
    return sorted({f"{one.importer} imports {one.imported}" for one in imports})


def test_the_sources_were_read() -> None:
    assert Import("esignwire.cli", "esignwire._command_line", is_at_start=False) in OURS
    assert Import("esignwire._zeep", "zeep", is_at_start=True) in IMPORTS
    assert {part_of(one) for one in MODULES} == {"", *RANKS}
    assert {part_of(one.importer) for one in OURS} == {"", *RANKS}


def test_arrows_run_down() -> None:
    # The package itself only says where its names are; those who read them may stand anywhere else.
    wrong = [
        one
        for one in OURS
        if (importer := part_of(one.importer))
        and importer != (imported := part_of(one.imported))
        and (RANKS[imported] if imported else RANKS["bulk"]) >= RANKS[importer]
    ]
    assert shown(wrong) == []


def test_one_vendor_knows_nothing_of_another() -> None:
    wrong = [
        one
        for one in OURS
        if (importer := part_of(one.importer)) in VENDORS
        and (folder := one.imported.split(".")[1:2])
        and folder[0] in VENDORS
        and folder[0] != importer
    ]
    assert shown(wrong) == []


def test_what_carries_the_calls_knows_no_vendor() -> None:
    wrong = [
        one
        for one in OURS
        if part_of(one.importer) == "transport"
        and (folder := one.imported.split(".")[1:2])
        and folder[0] in VENDORS
    ]
    assert shown(wrong) == []


def test_the_emulator_imports_no_client_and_no_codec() -> None:
    allowed = {"esignwire.errors"}
    wrong = [
        one
        for one in OURS
        if part_of(one.importer) == "emulator"
        and part_of(one.imported) != "emulator"
        and one.imported not in allowed
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
        and part_of(one.importer) != part_of(one.imported)
    ]
    assert shown(wrong) == []


def test_private_names_stay_in_their_module() -> None:
    wrong = [
        f"{module} imports {alias.name} of {node.module}"
        for module, path in MODULES.items()
        for node, _ in statements(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module != "__future__"
        for alias in node.names
        if alias.name.startswith("_")
        and not alias.name.startswith("__")
        and f"{node.module}.{alias.name}" not in MODULES
    ]
    assert wrong == []


def test_no_module_imports_itself_by_way_of_others() -> None:
    graph: dict[str, set[str]] = defaultdict(set)
    for one in OURS:
        if one.is_at_start and one.imported != one.importer:
            graph[one.importer].add(one.imported)
    list(TopologicalSorter(graph).static_order())


@pytest.mark.parametrize("package", sorted(OTHERS))
def test_other_packages_stay_where_they_belong(package: str) -> None:
    users = {part_of(one.importer) for one in IMPORTS if one.imported.partition(".")[0] == package}
    assert users == OTHERS[package]


def test_every_other_package_is_known() -> None:
    found = {one.imported.partition(".")[0] for one in IMPORTS}
    ours = {"esignwire", "esignwire_generated"}
    assert found - ours - set(OTHERS) - set(sys.stdlib_module_names) == set()
