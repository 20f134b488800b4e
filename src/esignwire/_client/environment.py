"""Reads settings from environment variables."""

from __future__ import annotations

import os

from esignwire.errors import ConfigurationError

__all__ = ["optional", "required"]


def required(*names: str, vendor: str | None = None) -> dict[str, str]:
    """Reads variables that must be set.

    Args:
        names: The variables' names.
        vendor: The vendor, for the error.

    Returns:
        Each variable's value under its name. Blanks around a value are part of it.

    Raises:
        ConfigurationError: Variables are missing or blank. The message names every one of them and
            no value.
    """
    missing = [name for name in names if not os.environ.get(name, "").strip()]
    if missing:
        word = "variable" if len(missing) == 1 else "variables"
        raise ConfigurationError(f"set the environment {word} {', '.join(missing)}", vendor=vendor)
    return {name: os.environ[name] for name in names}


def optional(name: str, default: str | None = None) -> str | None:
    """Reads a variable that may be missing.

    Args:
        name: The variable's name.
        default: What stands in for a missing or blank one.

    Returns:
        The value, or the default.
    """
    value = os.environ.get(name, "")
    return value if value.strip() else default
