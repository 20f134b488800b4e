"""Every flow of the demonstration, replayed from a cassette by the sync and the async client."""

from __future__ import annotations

import pytest

from esignwire.demo.clients import (
    clients_of_environment,
    template_of_environment,
    vendors_of_environment,
)
from esignwire.demo.flows import Flow, all_flows
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
        flow,
        id=f"{cassette_name(flow)}-{'async' if flow.is_async else 'sync'}",
        marks=pytest.mark.default_cassette(cassette_name(flow)),
    )
    for flow in all_flows(clients_for_replay())
]


@pytest.mark.vcr
@pytest.mark.usefixtures("esignwire_cassette", "esignwire_strict")
@pytest.mark.parametrize("flow", FLOWS)
def test_flow(flow: Flow, record_mode: str, disable_recording: bool) -> None:
    steps: list[Step] = []
    if disable_recording:
        play_live(flow, steps)
    elif record_mode == "none":
        try:
            flow.run(scene_of_cassette(flow, steps, None))
        except Exception as error:
            error.add_note("Where the messages were meant to change, record them anew: make record")
            raise
    else:
        with playing_emulator(flow) as (emulated, emulator):
            emulated.run(scene_of_cassette(flow, steps, emulator))
    assert steps


def play_live(flow: Flow, steps: list[Step]) -> None:
    try:
        vendors = vendors_of_environment()
    except ConfigurationError as error:
        pytest.skip(str(error))
    if flow.vendor not in vendors:
        pytest.skip(f"no variable names {flow.vendor}")
    is_template_due = flow.vendor == "assuresign"
    scene = Scene(
        on_step=steps.append,
        is_emulated=False,
        template_id=template_of_environment() if is_template_due else DEMO_TEMPLATE_ID,
    )
    find(clients_of_environment(), flow).run(scene)
