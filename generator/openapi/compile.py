"""Compilation of the OpenAPI document of a vendor's folder."""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel

from generator.loading import loaded
from generator.openapi.document import read_document
from generator.openapi.emit_calls import constant, emit_calls, emit_names
from generator.openapi.emit_models import IMPORTED, arguments_name, emit_models
from generator.openapi.model import Document
from generator.output import PACKAGE
from generator.problems import SchemaProblem

FILE_NAME = "openapi.yaml"


def compile_openapi(
    folder: Path, by_hand: frozenset[str] = frozenset()
) -> tuple[Document, dict[str, str]]:
    """Compiles the document of one folder, such as ``schemas/constellation1``.

    ``by_hand`` is what the handwritten client defines itself.

    Raises:
        SchemaProblem: It cannot be compiled.
    """
    for path in sorted(folder.iterdir()):
        if path.name != FILE_NAME:
            raise SchemaProblem(f"only {FILE_NAME} belongs into this folder", path, 1)
    file = folder / FILE_NAME
    document = read_document(file)
    _refuse_clashes(document, by_hand, file)
    base = f"{PACKAGE}/{folder.name}"
    return document, {
        f"{base}/models.py": emit_models(document, file),
        f"{base}/calls.py": emit_calls(document, file, base.replace("/", ".")),
        f"{base}/names.py": emit_names(document, file),
        f"{PACKAGE}/schemas/{folder.name}/{FILE_NAME}": file.read_bytes().decode("utf-8"),
    }


def _refuse_clashes(document: Document, by_hand: frozenset[str], file: Path) -> None:
    """Refuses names that would stand for two things in a module or in the client."""
    seen = dict.fromkeys(IMPORTED, "what the module imports")
    named = [(one.name, one.line) for one in document.objects]
    named += [(one.name, one.line) for one in document.enumerations]
    for operation in document.operations:
        named += [
            (arguments_name(operation), operation.line),
            (constant(operation), operation.line),
        ]
        if (operation.python in by_hand) is not operation.is_handwritten and by_hand:
            raise SchemaProblem(
                f"{operation.name}: x-esw-method says handwritten where the client has the method "
                f"{operation.python}, and there only",
                file,
                operation.line,
            )
    for name, line in named:
        if name in seen:
            raise SchemaProblem(f"{name} is also the name of {seen[name]}: rename it", file, line)
        seen[name] = f"what stands in line {line}"


def check_models(documents: Mapping[Path, Document], files: Mapping[str, str]) -> None:
    """Imports what was made of documents, and lets pydantic build each model.

    Raises:
        SchemaProblem: They make no Python.
    """
    with loaded(files) as package, warnings.catch_warnings():
        # pydantic warns of names that hide its own.
        warnings.simplefilter("error")
        for file in documents:
            try:
                for module in ("models", "names", "calls"):
                    made = importlib.import_module(f"{package}.{file.parent.name}.{module}")
                    for one in vars(made).values():
                        if isinstance(one, type) and issubclass(one, BaseModel):
                            one.model_rebuild()
            # What the modules do when they are imported raises errors of any kind.
            except Exception as error:
                raise SchemaProblem(
                    f"its names make no Python module ({type(error).__name__}: {error}): rename "
                    "what is odd in it",
                    file,
                    1,
                ) from error
