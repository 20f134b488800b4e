"""The build: from the folders of schemas/ to every file of generated/."""

from __future__ import annotations

import keyword
from collections.abc import Callable
from pathlib import Path

from generator.contracts import read_contracts
from generator.emit_codecs import ambient_namespaces, emit_codecs
from generator.emit_operations import emit_arguments, emit_calls, emit_operations
from generator.emit_services import emit_names, emit_service, emit_services
from generator.emit_types import check_no_cycles, emit_types, emit_types_package
from generator.model import Vendor
from generator.openapi.compile import FILE_NAME, check_models, compile_openapi
from generator.openapi.model import Document
from generator.operations import Plan, methods_by_hand, plan_operations
from generator.output import PACKAGE
from generator.problems import SchemaProblem
from generator.resolve import Resolver, refuse_bases
from generator.self_check import check_vendor
from generator.source import Sources, read_sources
from generator.sync_twins import emit_twins
from generator.text import Lines, header
from generator.zeep_binding import bind_contracts


def read_vendor(folder: Path) -> tuple[Vendor, Sources]:
    """Reads and resolves one folder of schemas, such as ``schemas/signix``.

    Raises:
        SchemaProblem: The schemas cannot be compiled.
    """
    if not folder.name.isidentifier() or keyword.iskeyword(folder.name):
        raise SchemaProblem(
            "the name of a vendor's folder becomes a Python package: letters, digits and "
            "underscores only",
            folder,
        )
    sources = read_sources(folder)
    if not sources.schemas:
        raise SchemaProblem("there is no .xsd in this folder", folder)
    modules, roots = Resolver(sources).resolve()
    contracts, address = read_contracts(sources, roots)
    refuse_bases([one for module in modules for one in module.types], roots.values())
    sources.refuse_what_is_left()
    vendor = Vendor(
        name=folder.name,
        namespaces=sorted(set(sources.namespaces.values())),
        modules=modules,
        roots=roots,
        contracts=contracts,
        files=sorted([*sources.schemas, *sources.wsdls]),
        service_address=address,
    )
    check_no_cycles(vendor)
    return vendor, sources


def _package(docstring: str) -> str:
    lines = Lines()
    lines.docstring(docstring)
    return header("schemas/") + lines.text()


def _vendor_files(vendor: Vendor, plan: Plan) -> dict[str, str]:
    base = f"{PACKAGE}/{vendor.name}"
    files = {
        f"{base}/__init__.py": _package(f"What schemas/{vendor.name} says, in Python."),
        f"{base}/names.py": emit_names(vendor),
        f"{base}/types/__init__.py": emit_types_package(vendor),
        f"{base}/codecs/__init__.py": _package("Encoders and decoders, one module a schema file."),
        f"{base}/services/__init__.py": emit_services(vendor),
        f"{base}/arguments.py": emit_arguments(vendor, plan),
        f"{base}/async_operations.py": emit_operations(vendor, plan, is_async=True),
        f"{base}/sync_operations.py": emit_operations(vendor, plan, is_async=False),
        f"{base}/calls/__init__.py": _package(
            "The messages of the methods, one module a contract."
        ),
    }
    ambient = ambient_namespaces(vendor)
    for module in vendor.modules:
        files[f"{base}/types/{module.name}.py"] = emit_types(vendor, module)
        files[f"{base}/codecs/{module.name}.py"] = emit_codecs(vendor, module, ambient)
    for contract in vendor.contracts:
        files[f"{base}/services/{contract.python_name}.py"] = emit_service(vendor, contract)
        files[f"{base}/calls/{contract.python_name}.py"] = emit_calls(vendor, contract, plan)
    for path in vendor.files:
        # Byte by byte: reading as text would change the ends of lines.
        files[f"{PACKAGE}/schemas/{vendor.name}/{path.name}"] = path.read_bytes().decode("utf-8")
    return files


def build(
    schemas: Path, source_root: Path, report: Callable[[str], None]
) -> tuple[dict[str, str], list[Vendor], dict[str, Document]]:
    """Builds every generated file in memory, not laid out yet; nothing is written.

    Raises:
        SchemaProblem: A schema cannot be compiled.
    """
    files = {
        f"{PACKAGE}/__init__.py": _package(
            "What codegen.py makes of schemas/. Private: import from esignwire instead."
        ),
        f"{PACKAGE}/py.typed": "",
    }
    read: list[tuple[Vendor, Sources]] = []
    documents: dict[str, Document] = {}
    try:
        folders = sorted(
            path for path in schemas.iterdir() if path.is_dir() and not path.name.startswith(".")
        )
    except OSError as error:
        raise SchemaProblem(f"cannot be read: {error.strerror}", schemas) from error
    if not folders:
        raise SchemaProblem("there is no folder of a vendor in it", schemas)
    for folder in folders:
        report(f"compiling schemas/{folder.name}")
        if (folder / FILE_NAME).exists():
            by_hand = methods_by_hand(source_root, folder.name)
            documents[folder.name], compiled = compile_openapi(folder, by_hand)
            package = f"{PACKAGE}/{folder.name}/__init__.py"
            files[package] = _package(f"What schemas/{folder.name} says, in Python.")
            files.update(compiled)
            continue
        vendor, sources = read_vendor(folder)
        read.append((vendor, sources))
        plan = plan_operations(vendor, source_root)
        files.update(_vendor_files(vendor, plan))
    for vendor, sources in read:
        report(f"trying what was made of schemas/{vendor.name}")
        check_vendor(vendor, sources, files)
        bind_contracts(vendor, sources.folder)
    check_models({schemas / name / FILE_NAME: one for name, one in documents.items()}, files)
    report("deriving the sync twins")
    for name, text in emit_twins(source_root).items():
        files[f"{PACKAGE}/{name}"] = text
        # A vendor without schemas has no package yet.
        package = f"{PACKAGE}/{name.rpartition('/')[0]}/__init__.py".replace("//", "/")
        if package not in files:
            files[package] = _package("The sync twins of the handwritten async modules.")
    return files, [vendor for vendor, _ in read], documents
