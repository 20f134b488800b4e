"""Vendor names to Python names: the vendor's words, in Python's case."""

from __future__ import annotations

import builtins
import keyword
import re

_WORD_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NOT_IDENTIFIER = re.compile(r"[^0-9A-Za-z]+")
# All that a generated module imports begins with an underscore, which no name made here does. What
# is left are Python's own names: those that a class of messages uses itself, which a member may not
# hide, and those that mean something in a module or class.
_BUILTINS_IN_USE = frozenset({"bool", "bytes", "float", "int", "list", "property", "str"})
_CLASSES_IN_USE = frozenset({"Meta", "TYPE_CHECKING", "annotations"})


def _words(name: str) -> str:
    return _NOT_IDENTIFIER.sub("_", _WORD_BOUNDARY.sub("_", name)).strip("_")


def _legal(name: str) -> str:
    if not name or name[0].isdigit():
        name = f"value_{name}"
    return name


def snake_case(name: str) -> str:
    """``DocumentSetID`` becomes ``document_set_id``; Python's own words get an underscore."""
    result = _legal(_words(name).lower())
    if keyword.iskeyword(result) or result in _BUILTINS_IN_USE:
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
    if keyword.iskeyword(result) or hasattr(builtins, result) or result in _CLASSES_IN_USE:
        result += "_"
    return result
