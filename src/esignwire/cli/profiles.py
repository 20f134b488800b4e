"""Profiles: settings of the three accounts from flags, the environment, ``.env`` and TOML."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import MISSING, fields
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from esignwire.errors import ConfigurationError

if TYPE_CHECKING:
    from esignwire import AssureSign, Constellation1, HttpSettings, Signix

__all__ = [
    "SETTINGS",
    "Profile",
    "Setting",
    "Timeout",
    "Url",
    "UserName",
    "account_of",
    "assuresign",
    "config_path",
    "constellation1",
    "settings_of",
    "signix",
    "take_flags",
    "take_user_flags",
]

SETTINGS = {
    "assuresign": "AssureSignSettings",
    "signix": "SignixSettings",
    "constellation1": "Constellation1Settings",
}
"""The dataclass that holds the settings of each vendor; its fields are the settings."""

Profile = Annotated[
    str | None,
    typer.Option(
        "--profile",
        envvar="ESIGNWIRE_PROFILE",
        help="The profile of ~/.config/esignwire/config.toml; default where none is named.",
        show_default=False,
    ),
]

Url = Annotated[
    str | None, typer.Option("--url", help="The address of the service, in place of the setting.")
]
UserName = Annotated[
    str | None, typer.Option("--user-name", help="The owner's e-mail address, likewise.")
]
Timeout = Annotated[
    float | None,
    typer.Option("--timeout", help="Seconds for a call as a whole; 60 where none are given."),
]

_TIMEOUT: ContextVar[float | None] = ContextVar("timeout", default=None)
_FLAGS: ContextVar[dict[str, str] | None] = ContextVar("flags", default=None)

_LINE = re.compile(r"(?:export\s+)?(?P<name>[A-Za-z_][A-Za-z0-9_]*)\s*=\s*(?P<value>.*)")
_QUOTED = re.compile(
    r"""(?:'(?P<single>(?:[^'\\]|\\.)*)'|"(?P<double>(?:[^"\\]|\\.)*)")\s*(?:\#.*)?"""
)
_ESCAPED = re.compile(r"""\\(["'\\])""")


def _variable(vendor: str, name: str) -> str:
    return f"ESIGNWIRE_{vendor}_{name}".upper()


class Setting:
    """A setting of an account, and where it was found.

    Attributes:
        name: Its name, such as ``user_name``.
        variable: The environment variable that sets it.
        is_secret: Whether it must not be shown.
        is_required: Whether a call needs it.
        value: The value; ``None`` where it is not set.
        source: Where it was found: ``flag``, ``environment``, ``.env`` or the profile; empty where
            it is not set.
    """

    def __init__(self, vendor: str, name: str, *, is_secret: bool, is_required: bool) -> None:
        self.name = name
        self.variable: str = _variable(vendor, name)
        self.is_secret = is_secret
        self.is_required = is_required
        self.value: str | None = None
        self.source = ""


def config_path() -> Path:
    """The file with the profiles, below ``XDG_CONFIG_HOME`` or else below ``~/.config``."""
    base = os.environ.get("XDG_CONFIG_HOME") or ""
    # Path would raise where a user has no home.
    home = os.path.expanduser("~/.config")  # noqa: PTH111
    folder = Path(base if Path(base).is_absolute() else home)
    return folder / "esignwire" / "config.toml"


def take_flags(timeout: float | None = None, **values: str | None) -> None:
    """Takes the settings that flags give, which count before all others in this run.

    ``None`` is a flag that was not given.

    Raises:
        ConfigurationError: A value is blank: another setting in its place could be that of another
            account.
    """
    given = {name: value for name, value in values.items() if value is not None}
    for name, value in given.items():
        if not value.strip():
            raise ConfigurationError(f"--{name.replace('_', '-')} must not be blank")
    _TIMEOUT.set(timeout)
    _FLAGS.set(given)


def take_user_flags(url: Url = None, user_name: UserName = None, timeout: Timeout = None) -> None:
    """Takes the flags of a vendor whose account has an owner; see ``take_flags``."""
    take_flags(timeout, url=url, user_name=user_name)


def _http() -> HttpSettings:
    from esignwire import HttpSettings

    timeout = _TIMEOUT.get()
    return HttpSettings() if timeout is None else HttpSettings(total_timeout=timeout)


def settings_of(vendor: str, profile: str | None) -> list[Setting]:
    """Finds the settings of an account: flags, the environment, ``.env``, then the profile.

    Those without a value are there too. ``None`` takes the profile ``default``, which need not
    exist.

    Raises:
        ConfigurationError: A file cannot be read, or there is no such profile.
    """
    kind = getattr(import_module(f"esignwire.{vendor}.settings"), SETTINGS[vendor])
    flags = {_variable(vendor, name): value for name, value in (_FLAGS.get() or {}).items()}
    sources: list[tuple[str, Mapping[str, str]]] = [
        ("flag", flags),
        ("environment", os.environ),
        (".env", _dotenv(Path(".env"))),
        (f"profile {profile or 'default'}", _profile(vendor, profile)),
    ]
    found: list[Setting] = []
    for field in fields(kind):
        setting = Setting(
            vendor,
            field.name,
            is_secret=not field.repr,
            is_required=field.default is MISSING,
        )
        for source, values in sources:
            value = values.get(setting.variable) or ""
            if value.strip():
                setting.value, setting.source = value, source
                break
        found.append(setting)
    return found


def account_of(vendor: str, profile: str | None) -> dict[str, str]:
    """The arguments of a client, by their names.

    Raises:
        ConfigurationError: Settings are missing, each of which is named, or cannot be read.
    """
    found = settings_of(vendor, profile)
    missing = [one.variable for one in found if one.is_required and one.value is None]
    if missing:
        raise ConfigurationError(
            f"{', '.join(missing)} not set: set what is missing in the environment, in .env or in"
            f" a profile of {config_path()}; esignwire doctor shows what is there",
            vendor=vendor,
        )
    return {one.name: one.value.strip() for one in found if one.value is not None}


def _arguments(vendor: str, profile: str | None) -> dict[str, Any]:
    return {**account_of(vendor, profile), "settings": _http()}


def assuresign(profile: str | None) -> AssureSign:
    """Makes the client of AssureSign; see ``account_of``."""
    from esignwire import AssureSign

    return AssureSign(**_arguments("assuresign", profile))


def signix(profile: str | None) -> Signix:
    """Makes the client of SIGNiX; see ``account_of``."""
    from esignwire import Signix

    return Signix(**_arguments("signix", profile))


def constellation1(profile: str | None) -> Constellation1:
    """Makes the client of Constellation1; see ``account_of``."""
    from esignwire import Constellation1

    return Constellation1(**_arguments("constellation1", profile))


def _dotenv(path: Path) -> dict[str, str]:
    """The variables of a ``.env`` file; none where there is no such file."""
    try:
        text = path.read_text("utf-8-sig") if path.is_file() else ""
    except (OSError, UnicodeDecodeError):
        raise ConfigurationError(f"{path} cannot be read: see that it is text in UTF-8") from None
    found: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        stripped = line.strip()
        if not stripped or stripped.startswith("#"):
            continue
        parts = _LINE.fullmatch(stripped)
        if parts is None:
            # Another program may need what is not for esignwire; its lines may hold secrets.
            if "ESIGNWIRE_" in stripped:
                raise ConfigurationError(f"{path} line {number} must be NAME=VALUE")
            continue
        value = parts["value"]
        quoted = _QUOTED.fullmatch(value)
        if quoted is not None:
            value = _ESCAPED.sub(r"\1", quoted["single"] or quoted["double"] or "")
        elif value.startswith(("'", '"')) and parts["name"].startswith("ESIGNWIRE_"):
            raise ConfigurationError(f"{path} line {number}: the quotation mark is not closed")
        else:
            value = value.partition(" #")[0].strip()
        found[parts["name"]] = value
    return found


def _profile(vendor: str, profile: str | None) -> dict[str, str]:
    """The variables that a profile sets for a vendor."""
    path = config_path()
    failure: str | None = None
    document: dict[str, object] = {}
    try:
        document = tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except tomllib.TOMLDecodeError as error:
        # Its message names line and column. The line itself may hold a secret.
        place = re.search(r"\(at [^()]*\)", str(error))
        failure = f"{path} is no TOML {place[0] if place else ''}".rstrip()
    except (OSError, UnicodeDecodeError):
        failure = f"{path} cannot be read"
    if failure is not None:
        raise ConfigurationError(f"{failure}: correct it")
    name = "default" if profile is None else profile
    chosen = document.get(name)
    if chosen is None and profile is not None:
        known = ", ".join(document) or "none"
        raise ConfigurationError(f"{path} has no profile {profile!r}; it has: {known}")
    section = _table(chosen, path, name).get(vendor)
    values = _table(section, path, f"{name}.{vendor}")
    for member, value in values.items():
        if not isinstance(value, str):
            raise ConfigurationError(f"{path}: {name}.{vendor}.{member} must be a text")
    return {_variable(vendor, member): str(value) for member, value in values.items()}


def _table(value: object, path: Path, name: str) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ConfigurationError(f"{path}: {name} must be a table")
    return cast("dict[str, object]", value)
