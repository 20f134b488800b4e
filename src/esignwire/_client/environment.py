"""Environment variables that name an account, and checks of what makes a client."""

from __future__ import annotations

import os

from esignwire.errors import ConfigurationError

__all__ = ["read_account", "require_not_blank", "require_option"]


def read_account(vendor: str, *names: str, optional: tuple[str, ...] = ()) -> dict[str, str]:
    """Reads the variables of an account, such as ``ESIGNWIRE_SIGNIX_USER_ID`` for ``user_id``.

    Blanks around a value are part of it; an optional value that is missing or blank is left out.

    Raises:
        ConfigurationError: Variables are missing or blank. The message names every one of them and
            no value.
    """
    prefix = f"ESIGNWIRE_{vendor.upper()}_"
    values = {name: os.environ.get(prefix + name.upper(), "") for name in (*names, *optional)}
    missing = [prefix + name.upper() for name in names if not values[name].strip()]
    if missing:
        word = "variable" if len(missing) == 1 else "variables"
        raise ConfigurationError(f"set the environment {word} {', '.join(missing)}", vendor=vendor)
    return {name: value for name, value in values.items() if value.strip()}


def require_not_blank(
    vendor: str, advice: str = "", *, optional: tuple[str, ...] = (), **values: object
) -> None:
    """Checks the values that a caller gave, by their names; those in ``optional`` may be ``None``.

    ``advice`` says what to do, at the end of the message.

    Raises:
        ConfigurationError: Values are blank or no texts. The message names every one of them.
    """
    given = {
        name: value for name, value in values.items() if value is not None or name not in optional
    }
    others = [name for name, value in given.items() if not isinstance(value, str)]
    if others:
        raise ConfigurationError(f"{', '.join(others)} must be a text{advice}", vendor=vendor)
    blank = [name for name, value in given.items() if not str(value).strip()]
    if blank:
        raise ConfigurationError(f"{', '.join(blank)} must not be blank{advice}", vendor=vendor)


def require_option(vendor: str, kind: type, **values: object) -> None:
    """Checks objects that a caller gave, each of which may be left out.

    Args:
        vendor: The vendor, for the error.
        kind: What they must be.
        **values: The objects by their names.

    Raises:
        ConfigurationError: One is of another kind.
    """
    for name, value in values.items():
        if value is not None and not isinstance(value, kind):
            raise ConfigurationError(
                f"{name} must be a {kind.__name__}; a {type(value).__name__} was given",
                vendor=vendor,
            )
