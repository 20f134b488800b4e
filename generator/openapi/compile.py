"""Compiles the OpenAPI document of a vendor's folder."""

from __future__ import annotations

from pathlib import Path

from generator.openapi.document import read_document
from generator.openapi.emit_calls import emit_calls, emit_names
from generator.openapi.emit_models import emit_models
from generator.openapi.model import Document
from generator.output import PACKAGE
from generator.problems import SchemaProblem

FILE_NAME = "openapi.yaml"


def compile_openapi(folder: Path) -> tuple[Document, dict[str, str]]:
    """Compiles the document of one folder.

    Args:
        folder: The folder, such as ``schemas/constellation1``.

    Returns:
        The document, and the files by path.

    Raises:
        SchemaProblem: It cannot be compiled.
    """
    for path in sorted(folder.iterdir()):
        if path.name != FILE_NAME:
            raise SchemaProblem(f"only {FILE_NAME} belongs into this folder", path)
    file = folder / FILE_NAME
    document = read_document(file)
    base = f"{PACKAGE}/{folder.name}"
    return document, {
        f"{base}/models.py": emit_models(document, file),
        f"{base}/calls.py": emit_calls(document, file, base.replace("/", ".")),
        f"{base}/names.py": emit_names(document, file),
        f"{PACKAGE}/schemas/{folder.name}/{FILE_NAME}": file.read_bytes().decode("utf-8"),
    }
