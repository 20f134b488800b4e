"""Emulators with and without an account file, for the tests of users and accounts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esignwire.emulator import EmulatorServer, EmulatorSettings
from tests.support.directory import KNOWN
from tests.support.emulator import SCHEMAS


@pytest.fixture
def anybody(emulator: EmulatorServer) -> EmulatorServer:
    """An emulator without an account file."""
    return emulator


@pytest.fixture(scope="session")
def closed_server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=KNOWN)) as running:
        yield running


@pytest.fixture
def known(closed_server: EmulatorServer) -> EmulatorServer:
    """An emulator with the accounts and users of KNOWN."""
    closed_server.state.reset()
    return closed_server
