"""Finds the schemas that are bundled with the generated package."""

from __future__ import annotations

from importlib import resources
from pathlib import Path

__all__ = ["schema_folder"]


def schema_folder(vendor: str) -> Path:
    """Returns the folder of a vendor's bundled schemas.

    Args:
        vendor: The folder's name, such as ``assuresign``.

    Returns:
        The folder. The package must be unpacked on disk, as pip leaves it.
    """
    return Path(str(resources.files("esignwire_generated"))) / "schemas" / vendor
