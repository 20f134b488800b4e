"""Lets an example run as it is: where the environment names no account, the emulator stands in."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

# The emulator takes any account.
ACCOUNTS = {
    "assuresign": {
        "ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER": "06c4a84f-693c-46cb-8df2-40a8215aa056",
        "ESIGNWIRE_ASSURESIGN_USER_NAME": "owner@example.com",
    },
    "signix": {
        "ESIGNWIRE_SIGNIX_SPONSOR": "demo",
        "ESIGNWIRE_SIGNIX_CLIENT": "democlient",
        "ESIGNWIRE_SIGNIX_USER_ID": "demouser",
        "ESIGNWIRE_SIGNIX_PASSWORD": "any",
        "ESIGNWIRE_SIGNIX_WORKGROUP": "SDD",
    },
    "constellation1": {
        "ESIGNWIRE_CONSTELLATION1_API_KEY": "any",
        "ESIGNWIRE_CONSTELLATION1_USER_NAME": "owner@example.com",
    },
}

PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
"""A document that is good enough for the emulator. A vendor wants one with pages."""


def is_named(vendor: str) -> bool:
    """Whether the environment names an account of a vendor."""
    return any(name.startswith(f"ESIGNWIRE_{vendor.upper()}_") for name in os.environ)


@contextmanager
def account(vendor: str) -> Generator[None]:
    """An account in the environment: the one that it names, or one of an emulator."""
    if is_named(vendor):
        yield
        return
    from esignwire.emulator import EmulatorServer

    with EmulatorServer() as emulator:
        urls = {
            "assuresign": emulator.assuresign_url,
            "signix": emulator.signix_url,
            "constellation1": emulator.constellation1_url,
        }
        variables = {**ACCOUNTS[vendor], f"ESIGNWIRE_{vendor.upper()}_URL": urls[vendor]}
        os.environ.update(variables)
        try:
            yield
        finally:
            for name in variables:
                del os.environ[name]
