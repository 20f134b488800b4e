"""The pytest plugin. It is loaded wherever esignwire is installed, so it imports next to nothing.

================================ ================================================================
``esignwire_emulator``           an emulator of the vendors on a free port of loopback, for the
                                 session; the fixtures below make it forget earlier tests
``esignwire_assuresign``         a client of it; so are ``esignwire_signix`` and
                                 ``esignwire_constellation1``
``esignwire_async_assuresign``   an async client of it, to be entered with ``async with``; so are
                                 ``esignwire_async_signix`` and
                                 ``esignwire_async_constellation1``
``esignwire_environment``        the variables that ``from_environment`` reads name it
``esignwire_events``             the calls that the clients of this test make
``esignwire_strict``             what the schemas do not know is an error, in this test
``esignwire_no_pauses``          pauses and retries take no time, in this test
``esignwire_vcr_config``         settings for cassettes that are readable and hold no secret:
                                 return it from your fixture ``vcr_config``
``esignwire_cassette``           the cassette of this test; what of it was not played is an error
================================ ================================================================

With ``esignwire_strict_reading = true`` in pytest's settings, every test is strict.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import pytest

if TYPE_CHECKING:
    from esignwire import (
        AssureSign,
        AsyncAssureSign,
        AsyncConstellation1,
        AsyncSignix,
        Constellation1,
        Signix,
    )
    from esignwire._client import SkippedPauses
    from esignwire.emulator import EmulatorServer, Environment
    from esignwire.testing import EventRecorder

__all__: list[str] = []

_STRICT = "esignwire_strict_reading"


class _Cassette(Protocol):
    """vcrpy's cassette, as far as it is needed here."""

    play_counts: dict[int, int]
    requests: list[object]

    @property
    def all_played(self) -> bool: ...

    @property
    def write_protected(self) -> bool: ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """Adds the setting ``esignwire_strict_reading``."""
    parser.addini(
        _STRICT,
        "esignwire: fail where an answer holds what the schemas do not know",
        type="bool",
        default=False,
    )


def pytest_itemcollected(item: pytest.Item) -> None:
    """Makes every test strict where the setting says so."""
    # A marker would come too late: pytest has already collected the fixtures of the item.
    if isinstance(item, pytest.Function) and item.config.getini(_STRICT):
        item.fixturenames.insert(0, "esignwire_strict")


@pytest.hookimpl(optionalhook=True)
def pytest_recording_configure(vcr: object) -> None:
    """Makes esignwire's cassettes known, where pytest-recording is installed."""
    from esignwire.testing.cassettes import register_cassettes

    register_cassettes(vcr)  # type: ignore[arg-type]  # vcrpy comes without types


@pytest.fixture(scope="session")
def esignwire_emulator() -> Iterator[EmulatorServer]:
    """An emulator of the vendors, on a free port of loopback, until the session ends.

    Its ``state.reset()`` forgets what earlier tests did.
    """
    from esignwire.emulator import EmulatorServer

    with EmulatorServer() as emulator:
        yield emulator


@pytest.fixture
def _esignwire_fresh_emulator(esignwire_emulator: EmulatorServer) -> EmulatorServer:
    """The emulator, which forgets what earlier tests did; once in a test."""
    esignwire_emulator.state.reset()
    return esignwire_emulator


@pytest.fixture
def esignwire_environment(_esignwire_fresh_emulator: EmulatorServer) -> Iterator[Environment]:
    """In this test the variables that ``from_environment`` reads name the emulator.

    The value is a mapping of the variables.
    """
    with _esignwire_fresh_emulator.environment() as variables:
        yield variables


@pytest.fixture
def esignwire_assuresign(_esignwire_fresh_emulator: EmulatorServer) -> Iterator[AssureSign]:
    """A client of AssureSign in the emulator, with any account."""
    from esignwire import AssureSign

    with _esignwire_fresh_emulator.environment():
        made = AssureSign.from_environment()
    with made as client:
        yield client


@pytest.fixture
def esignwire_signix(_esignwire_fresh_emulator: EmulatorServer) -> Iterator[Signix]:
    """A client of SIGNiX in the emulator, with any account."""
    from esignwire import Signix

    with _esignwire_fresh_emulator.environment():
        made = Signix.from_environment()
    with made as client:
        yield client


@pytest.fixture
def esignwire_constellation1(_esignwire_fresh_emulator: EmulatorServer) -> Iterator[Constellation1]:
    """A client of Constellation1 in the emulator, with any account."""
    from esignwire import Constellation1

    with _esignwire_fresh_emulator.environment():
        made = Constellation1.from_environment()
    with made as client:
        yield client


@pytest.fixture
def esignwire_async_assuresign(_esignwire_fresh_emulator: EmulatorServer) -> AsyncAssureSign:
    """An async client of AssureSign in the emulator: enter it with ``async with``."""
    from esignwire import AsyncAssureSign

    with _esignwire_fresh_emulator.environment():
        return AsyncAssureSign.from_environment()


@pytest.fixture
def esignwire_async_signix(_esignwire_fresh_emulator: EmulatorServer) -> AsyncSignix:
    """An async client of SIGNiX in the emulator: enter it with ``async with``."""
    from esignwire import AsyncSignix

    with _esignwire_fresh_emulator.environment():
        return AsyncSignix.from_environment()


@pytest.fixture
def esignwire_async_constellation1(
    _esignwire_fresh_emulator: EmulatorServer,
) -> AsyncConstellation1:
    """An async client of Constellation1 in the emulator: enter it with ``async with``."""
    from esignwire import AsyncConstellation1

    with _esignwire_fresh_emulator.environment():
        return AsyncConstellation1.from_environment()


@pytest.fixture
def esignwire_events() -> Iterator[EventRecorder]:
    """Records the calls that the clients of this test make, with an emulator or a cassette."""
    from esignwire.testing import EventRecorder

    with EventRecorder() as events:
        yield events


@pytest.fixture
def esignwire_strict() -> Iterator[None]:
    """In this test an answer that holds what the schemas do not know is an error.

    It holds for the test's own thread and the tasks that it starts.
    """
    from esignwire._codec import StrictReading

    with StrictReading():
        yield


@pytest.fixture
def esignwire_no_pauses() -> Iterator[SkippedPauses]:
    """In this test pauses take no time, and failed attempts are repeated at once.

    The value tells which pauses were asked for, but for those between HTTP attempts.
    """
    import stamina

    from esignwire._client import SkippedPauses

    # The cap is larger than any setting, so that all attempts are made, without pauses.
    with stamina.set_testing(True, attempts=1_000, cap=True), SkippedPauses() as skipped:
        yield skipped


@pytest.fixture
def esignwire_vcr_config() -> dict[str, object]:
    """Settings for pytest-recording: return them from your fixture ``vcr_config``."""
    from esignwire.testing.cassettes import cassette_settings

    return cassette_settings()


@pytest.fixture
def esignwire_cassette(request: pytest.FixtureRequest) -> Iterator[_Cassette | None]:
    """The cassette of this test. Where it was replayed and not to its end, the test fails."""
    from esignwire._extras import needs

    with needs("testing", "pytest_recording"):
        pass
    # Asked for here, since pytest knows no such fixture without pytest-recording.
    vcr: _Cassette | None = request.getfixturevalue("vcr")
    yield vcr
    if vcr is not None and vcr.write_protected and not vcr.all_played:
        left = [
            str(request)
            for number, request in enumerate(vcr.requests)
            if not vcr.play_counts.get(number)
        ]
        pytest.fail(f"the cassette was not played to its end; these are left: {', '.join(left)}")
