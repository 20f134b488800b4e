"""Environment variables that name the emulator, for the clients' ``from_environment``."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self, TypeVar
from uuid import UUID

from esignwire.emulator.accounts import (
    Accounts,
    AssureSignAccount,
    Constellation1Account,
    SignixAccount,
)

__all__ = ["Environment", "environment_of"]

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

    def __enter__(self) -> Self:
        self._before.append({name: os.environ.get(name) for name in self._variables})
        os.environ.update(self._variables)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for name, value in self._before.pop().items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def environment_of(
    accounts: Accounts, assuresign_url: str, signix_url: str, constellation1_url: str
) -> Environment:
    """Makes the variables of an emulator.

    Args:
        accounts: The accounts that may use it. The first of each vendor is taken, with its first
            user; a vendor without any account gets no variables.
        assuresign_url: The address of AssureSign's service file.
        signix_url: The address of SIGNiX's page.
        constellation1_url: The address below which Constellation1's calls stand.

    Returns:
        The variables.
    """
    found: dict[str, dict[str, str]] = {}
    for assuresign in _first(accounts.assuresign, _ASSURESIGN):
        users = [*(assuresign.user_names or ()), *(one.user_name for one in assuresign.users or ())]
        found["assuresign"] = {
            "url": assuresign_url,
            "context_identifier": str(assuresign.context_identifier),
            "user_name": min(users, default=_OWNER),
        }
    for signix in _first(accounts.signix, _SIGNIX):
        found["signix"] = {
            "url": signix_url,
            "sponsor": signix.sponsor,
            "client": signix.client,
            "user_id": signix.user_id,
            "password": signix.password,
            "workgroup": min(signix.workgroups or (), default="SDD"),
        }
    for constellation1 in _first(accounts.constellation1, _CONSTELLATION1):
        found["constellation1"] = {
            "url": constellation1_url,
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
