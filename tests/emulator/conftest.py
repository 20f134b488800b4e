"""The emulator that the tests of its rooms share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from esignwire.emulator import EmulatorServer, EmulatorSettings
from tests.support.emulator import SCHEMAS


@pytest.fixture(scope="session")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS)) as running:
        yield running


@pytest.fixture
def emulator(server: EmulatorServer) -> EmulatorServer:
    """An emulator that remembers nothing."""
    server.state.reset()
    return server
