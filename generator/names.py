"""Vendor names to Python names: the vendor's words, in Python's case."""

from __future__ import annotations

import builtins
import keyword
import re

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_IDENTIFIER = re.compile(r"[^0-9A-Za-z]+")
# A member may not hide a name that the generated modules themselves use.
_TAKEN = frozenset(
    {"bool", "bytes", "dataclass", "decimal", "dt", "field", "float", "int", "list", "str", "uuid"}
)


def _words(name: str) -> str:
    return _NOT_IDENTIFIER.sub("_", _WORD_BOUNDARY.sub("_", name)).strip("_")


def _legal(name: str) -> str:
    if not name or name[0].isdigit():
        name = f"value_{name}"
    return name


def snake_case(name: str) -> str:
    """``DocumentSetID`` becomes ``document_set_id``; Python's own words get an underscore."""
    result = _legal(_words(name).lower())
    if keyword.iskeyword(result) or result in _TAKEN:
        result += "_"
    return result


def constant_case(name: str) -> str:
    """``SigningStepInProgress`` becomes ``SIGNING_STEP_IN_PROGRESS``."""
    return _legal(_words(name)).upper()


def class_name(name: str) -> str:
    """A type keeps the vendor's spelling; only what Python cannot spell is changed."""
    result = _NOT_IDENTIFIER.sub("_", name).strip("_") or "Type"
    if result[0].isdigit():
        result = f"Type{result}"
    if keyword.iskeyword(result) or hasattr(builtins, result):
        result += "_"
    return result
