"""Environment variables that name the emulator, for the clients' ``from_environment``."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator, Mapping
from typing import Literal, Self, TypeVar, get_args
from uuid import UUID

from esignwire.emulator.accounts import (
    Accounts,
    AssureSignAccount,
    Constellation1Account,
    SignixAccount,
)
from esignwire.errors import ConfigurationError

__all__ = [
    "ASSURESIGN_PATH",
    "CONSTELLATION1_PATH",
    "SIGNIX_PATH",
    "Environment",
    "Shell",
    "environment_of",
]

Shell = Literal["sh", "powershell", "dotenv"]

# Where the vendors stand at an emulator.
ASSURESIGN_PATH = "/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc"
SIGNIX_PATH = "/signix/sdd/b2b/sdddc_ns.jsp"
CONSTELLATION1_PATH = "/constellation1/rest"

_Account = TypeVar("_Account")

# Where the settings name no account, the emulator takes any.
_OWNER = "owner@example.com"
_ASSURESIGN = AssureSignAccount(context_identifier=UUID("06c4a84f-693c-46cb-8df2-40a8215aa056"))
_SIGNIX = SignixAccount(
    sponsor="demo",
    client="democlient",
    user_id="demouser",
    password="any",  # noqa: S106 - no secret
)
_CONSTELLATION1 = Constellation1Account(api_key="any")


class Environment(Mapping[str, str]):
    """Environment variables, as a mapping, and as a context manager that sets and restores them.

    It can be entered any number of times, one entry within the other too. The values may be
    credentials, so they are never shown.

    Args:
        variables: The variables.
    """

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = dict(variables)
        self._before: list[dict[str, str | None]] = []

    def __getitem__(self, name: str) -> str:
        return self._variables[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._variables)

    def __len__(self) -> int:
        return len(self._variables)

    def __repr__(self) -> str:
        return f"Environment({', '.join(self._variables)})"

    def text(self, shell: Shell) -> str:
        """Write the variables for a shell, with their values.

        Args:
            shell: ``sh`` for POSIX shells, ``powershell``, or ``dotenv`` for a file ``.env``.

        Returns:
            One line a variable.

        Raises:
            ConfigurationError: There is no such form.
        """
        match shell:
            case "sh":
                lines = [f"export {name}={shlex.quote(value)}" for name, value in self.items()]
            case "powershell":
                lines = [
                    "$env:{} = '{}'".format(name, value.replace("'", "''"))
                    for name, value in self.items()
                ]
            case "dotenv":
                lines = [
                    "{}='{}'".format(name, value.replace("\\", "\\\\").replace("'", "\\'"))
                    for name, value in self.items()
                ]
            case _:  # pyright: ignore[reportUnnecessaryComparison] - the command line brings any
                known = ", ".join(get_args(Shell))
                raise ConfigurationError(f"Variables can be printed for {known}.")
        return "\n".join(lines)

    def __enter__(self) -> Self:
        self._before.append({name: os.environ.get(name) for name in self._variables})
        os.environ.update(self._variables)
        return self

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.pop().items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def environment_of(accounts: Accounts, url: str) -> Environment:
    """Makes the variables of an emulator.

    Args:
        accounts: The accounts that may use it. The first of each vendor is taken, with its first
            user; a vendor without any account gets no variables.
        url: Scheme, host and port of the emulator.

    Returns:
        The variables.
    """
    found: dict[str, dict[str, str]] = {}
    for assuresign in _first(accounts.assuresign, _ASSURESIGN):
        users = [*(assuresign.user_names or ()), *(one.user_name for one in assuresign.users or ())]
        found["assuresign"] = {
            "url": url + ASSURESIGN_PATH,
            "context_identifier": str(assuresign.context_identifier),
            "user_name": min(users, default=_OWNER),
        }
    for signix in _first(accounts.signix, _SIGNIX):
        found["signix"] = {
            "url": url + SIGNIX_PATH,
            "sponsor": signix.sponsor,
            "client": signix.client,
            "user_id": signix.user_id,
            "password": signix.password,
            "workgroup": min(signix.workgroups or (), default="SDD"),
        }
    for constellation1 in _first(accounts.constellation1, _CONSTELLATION1):
        found["constellation1"] = {
            "url": url + CONSTELLATION1_PATH,
            "api_key": constellation1.api_key,
            "user_name": min(constellation1.user_names or (), default=_OWNER),
        }
    return Environment(
        {
            f"ESIGNWIRE_{vendor}_{name}".upper(): value
            for vendor, values in found.items()
            for name, value in values.items()
        }
    )


def _first(accounts: tuple[_Account, ...] | None, any_account: _Account) -> tuple[_Account, ...]:
    return (any_account,) if accounts is None else accounts[:1]
