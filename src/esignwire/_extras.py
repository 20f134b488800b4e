"""Extras: packages that one part of esignwire needs, told with the command that installs them."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from importlib.util import find_spec

from esignwire.errors import ConfigurationError

__all__ = ["MissingPackage", "needs"]

# The packages that the extras bring, by the modules that esignwire imports of them.
_PACKAGES = {
    "jsonschema": "jsonschema",
    "opentelemetry": "opentelemetry-api",
    "pytest": "pytest",
    "pytest_recording": "pytest-recording",
    "rich": "rich",
    "starlette": "starlette",
    "typer": "typer",
    "uvicorn": "uvicorn",
    "vcr": "vcrpy",
    "yaml": "PyYAML",
}


class MissingPackage(ConfigurationError, ModuleNotFoundError):
    """A package of an extra is not installed."""


def _requirements(extra: str) -> list[str]:
    # Imported where it is needed: that takes longer than the rest of a start.
    from importlib.metadata import PackageNotFoundError, requires

    try:
        declared = requires("esignwire") or []
    except PackageNotFoundError:  # its sources were put on the path
        return []
    found = (one.partition(";") for one in declared)
    return [need.strip() for need, _, marker in found if f"extra == '{extra}'" in marker]


@contextmanager
def needs(extra: str, *later: str) -> Generator[None]:
    """Says which command brings what is missing of an extra.

    The command names the packages, not ``esignwire[extra]``: it is right too where esignwire itself
    came from a checkout, from a file or from an index of the company's own. ``later`` are modules
    whose import takes long and waits for their first use.

    Raises:
        MissingPackage: One of them is not installed. It is a ``ConfigurationError`` and an
            ``ImportError``.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        package = _PACKAGES.get((error.name or "").partition(".")[0])
        if isinstance(error, MissingPackage) or package is None:
            raise
    else:
        package = next((_PACKAGES[one] for one in later if find_spec(one) is None), None)
        if package is None:
            return
    due = " ".join(f'"{one}"' for one in _requirements(extra) or [package])
    raise MissingPackage(
        f"{package} is not installed; the extra {extra} of esignwire needs it: pip install {due}"
    )
