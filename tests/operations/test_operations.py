"""A cassette for each operation, method and call that the emulator plays, and no other.

What there is to call is read from what was compiled, and the emulator says what it plays.
``make record`` records the cassettes anew.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import vcr

from esignwire._codec import StrictReading
from esignwire.emulator import EmulatorServer, EmulatorSettings, Identifiers, State
from esignwire.testing import cassette_settings, register_cassettes
from tests.support.filling import told
from tests.support.leaks import leaks
from tests.support.played import ACCOUNT, API_KEY, BY_NAME, KINDS, PASSWORD, PDF, URLS, prepared

CASSETTES = Path(__file__).parent / "cassettes"
SUFFIX = ".wire.yaml"
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
# What the emulator answers where it does not play a call.
NOT_PLAYED = {404, 405, 501}


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    state = State(clock=lambda: NOON, identifiers=Identifiers("operations"))
    with EmulatorServer(EmulatorSettings(), state=state) as running:
        yield running


def tape(path: Path, mode: str) -> Any:
    recorder = vcr.VCR(record_mode=mode)
    register_cassettes(recorder)
    return recorder.use_cassette(str(path), **cassette_settings())


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_each_call_that_is_played_has_a_cassette(
    name: str, emulator: EmulatorServer, record_mode: str, tmp_path: Path
) -> None:
    called = BY_NAME[name]
    committed = CASSETTES / f"{name}{SUFFIX}"
    emulator.state.reset()
    values = prepared(called, emulator)
    url = getattr(emulator, f"{called.vendor}_url")
    fresh = tmp_path / committed.name
    with tape(fresh, "all") as cassette:
        outcome = called.outcome("sync", url, values)
    # The port is another one in each run.
    port = f":{urlsplit(url).port}/"
    text = fresh.read_text(encoding="utf-8").replace(port, "/")
    if cassette.responses[-1]["status"]["code"] in NOT_PLAYED or "does not play" in text:
        if record_mode == "rewrite":
            committed.unlink(missing_ok=True)
        assert not committed.exists()
        return
    if record_mode == "rewrite":
        committed.parent.mkdir(exist_ok=True)
        committed.write_text(text, encoding="utf-8")
    assert committed.exists(), "run make record"
    assert committed.read_text(encoding="utf-8") == text, "run make record, and look at it"
    secrets = {
        str(value)
        for known in (values, told(outcome))
        for key, value in known.items()
        if key.endswith("Token") and isinstance(value, str | uuid.UUID)
    }
    assert leaks(text, [str(ACCOUNT), API_KEY, PASSWORD, PDF, "910000000", *secrets]) == []
    for kind in KINDS:
        with StrictReading(), tape(committed, "none") as cassette:
            replayed = called.outcome(kind, URLS[called.vendor], values)
        assert type(replayed) is type(outcome), replayed
        assert cassette.all_played


def test_there_is_no_other_cassette() -> None:
    assert {path.name.removesuffix(SUFFIX) for path in CASSETTES.iterdir()} <= BY_NAME.keys()
