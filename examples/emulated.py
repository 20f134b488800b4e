"""Lets an example run as it is: where the environment names no account, the emulator stands in."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager

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

    with EmulatorServer() as emulator, emulator.environment():
        yield
