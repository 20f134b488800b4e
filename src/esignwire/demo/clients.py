"""Clients of the flows: for the emulator, or for what the environment names."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from esignwire import assuresign, constellation1, signix
from esignwire.assuresign import AssureSign, AsyncAssureSign, WaitPolicy
from esignwire.constellation1 import AsyncConstellation1, Constellation1, StartPolicy
from esignwire.errors import ConfigurationError
from esignwire.signix import AsyncSignix, Signix

__all__ = [
    "DEMO_SECRETS",
    "VENDORS",
    "Clients",
    "clients_of_addresses",
    "clients_of_environment",
    "template_of_environment",
    "vendors_of_environment",
]

VENDORS = {"assuresign": "AssureSign", "signix": "SIGNiX", "constellation1": "Constellation1"}
"""The vendors: as packages spell them, and as they call themselves."""

# The emulator takes any credentials. These hold the characters that are awkward in XML, JSON,
# forms and addresses, so that a recording shows whether each is masked in each.
_CONTEXT_IDENTIFIER = "06c4a84f-693c-46cb-8df2-40a8215aa056"
_PASSWORD = 'demo & <pass>"word"/+%\''  # noqa: S105 - the emulator takes any
_API_KEY = "demo/api+key%&<one>=="

DEMO_SECRETS = (_CONTEXT_IDENTIFIER, _PASSWORD, _API_KEY)
"""What must be in no recording, no log and no output."""

_TEMPLATE = "ESIGNWIRE_ASSURESIGN_TEMPLATE_ID"
_PRODUCTION = {
    "assuresign": assuresign.PRODUCTION_URL,
    "signix": signix.PRODUCTION_URL,
    "constellation1": constellation1.PRODUCTION_URL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """How to make each client. Making one does no I/O."""

    assuresign: Callable[[], AssureSign]
    async_assuresign: Callable[[], AsyncAssureSign]
    signix: Callable[[], Signix]
    async_signix: Callable[[], AsyncSignix]
    constellation1: Callable[[], Constellation1]
    async_constellation1: Callable[[], AsyncConstellation1]


def clients_of_addresses(assuresign_url: str, signix_url: str, constellation1_url: str) -> Clients:
    """Makes clients with made-up credentials, and with pauses that suit an emulator."""
    wait = WaitPolicy(first_pause=0.01, deadline=30.0)
    start = StartPolicy(pause=0.01)
    owner = "owner@example.com"
    of_assuresign: dict[str, Any] = {
        "context_identifier": _CONTEXT_IDENTIFIER,
        "user_name": owner,
        "url": assuresign_url,
        "wait_policy": wait,
    }
    of_signix: dict[str, Any] = {
        "sponsor": "demo",
        "client": "democlient",
        "user_id": "demouser",
        "password": _PASSWORD,
        "workgroup": "SDD",
        "url": signix_url,
    }
    of_constellation1: dict[str, Any] = {
        "api_key": _API_KEY,
        "user_name": owner,
        "url": constellation1_url,
        "start_policy": start,
    }
    return Clients(
        assuresign=partial(AssureSign, **of_assuresign),
        async_assuresign=partial(AsyncAssureSign, **of_assuresign),
        signix=partial(Signix, **of_signix),
        async_signix=partial(AsyncSignix, **of_signix),
        constellation1=partial(Constellation1, **of_constellation1),
        async_constellation1=partial(AsyncConstellation1, **of_constellation1),
    )


def clients_of_environment() -> Clients:
    """Makes clients of what the environment variables ``ESIGNWIRE_*`` say.

    To make one of a vendor whose variables are missing raises ``ConfigurationError``, which names
    them.
    """
    return Clients(
        assuresign=AssureSign.from_environment,
        async_assuresign=AsyncAssureSign.from_environment,
        signix=Signix.from_environment,
        async_signix=AsyncSignix.from_environment,
        constellation1=Constellation1.from_environment,
        async_constellation1=AsyncConstellation1.from_environment,
    )


def vendors_of_environment() -> tuple[str, ...]:
    """Tells which vendors have a variable in the environment, and refuses to play with production.

    Raises:
        ConfigurationError: There is none; or an address is that of a vendor's production, where
            demonstrations would send real e-mails and cost real money.
    """
    named = tuple(
        vendor
        for vendor in VENDORS
        if any(
            name.startswith(f"ESIGNWIRE_{vendor.upper()}_") and value.strip()
            for name, value in os.environ.items()
        )
    )
    if not named:
        raise ConfigurationError(
            "no vendor is named: set ESIGNWIRE_ASSURESIGN_URL, ESIGNWIRE_SIGNIX_URL or"
            " ESIGNWIRE_CONSTELLATION1_URL, and the variables that belong to it"
        )
    for vendor in named:
        url = os.environ.get(f"ESIGNWIRE_{vendor.upper()}_URL", "")
        host = (urlsplit(url.strip()).hostname or "").removeprefix("www.")
        production = (urlsplit(_PRODUCTION[vendor]).hostname or "").removeprefix("www.")
        if host == production:
            raise ConfigurationError(
                f"ESIGNWIRE_{vendor.upper()}_URL names the vendor's production: give a test"
                " environment, since the flows send e-mails and use up documents",
                vendor=VENDORS[vendor],
            )
    return named


def template_of_environment() -> uuid.UUID:
    """Reads which template of an AssureSign account the flows may use.

    ``ESIGNWIRE_ASSURESIGN_TEMPLATE_ID`` says it.

    Raises:
        ConfigurationError: The variable is missing or no GUID.
    """
    text = os.environ.get(_TEMPLATE, "").strip()
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ConfigurationError(
            f"set the environment variable {_TEMPLATE} to the GUID of a template of the account"
            " that has one signatory",
            vendor=VENDORS["assuresign"],
        ) from None
