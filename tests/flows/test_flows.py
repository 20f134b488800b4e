"""Every flow of the demonstration, replayed from a cassette by the sync and the async client."""

from __future__ import annotations

import pytest

from esignwire.demo.clients import (
    clients_of_environment,
    template_of_environment,
    vendors_of_environment,
)
from esignwire.demo.performances import Performance, performances
from esignwire.demo.scene import DEMO_TEMPLATE_ID, Scene, Step
from esignwire.errors import ConfigurationError
from tests.flows.stages import (
    cassette_name,
    clients_for_replay,
    find,
    playing_emulator,
    scene_of_cassette,
)

FLOWS = [
    pytest.param(
        performance,
        id=f"{cassette_name(performance)}-{'async' if performance.is_async else 'sync'}",
        marks=pytest.mark.default_cassette(cassette_name(performance)),
    )
    for performance in performances(clients_for_replay())
]


@pytest.mark.vcr
@pytest.mark.usefixtures("esignwire_cassette", "esignwire_strict")
@pytest.mark.parametrize("performance", FLOWS)
def test_flow(performance: Performance, record_mode: str, disable_recording: bool) -> None:
    steps: list[Step] = []
    if disable_recording:
        play_live(performance, steps)
    elif record_mode == "none":
        performance.play(scene_of_cassette(performance, steps, None))
    else:
        with playing_emulator(performance) as (emulated, emulator):
            emulated.play(scene_of_cassette(performance, steps, emulator))
    assert steps


def play_live(performance: Performance, steps: list[Step]) -> None:
    try:
        vendors = vendors_of_environment()
    except ConfigurationError as error:
        pytest.skip(str(error))
    if performance.vendor not in vendors:
        pytest.skip(f"no variable names {performance.vendor}")
    is_template_due = performance.vendor == "assuresign"
    scene = Scene(
        on_step=steps.append,
        is_emulated=False,
        template_id=template_of_environment() if is_template_due else DEMO_TEMPLATE_ID,
    )
    find(clients_of_environment(), performance).play(scene)
