"""Where the flows are played: by an emulator whose every answer is predictable, or by cassettes."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from esignwire.demo.clients import Clients, clients_of_addresses
from esignwire.demo.flows import Flow, all_flows
from esignwire.demo.scene import Scene, Step
from esignwire.emulator import EmulatorServer, EmulatorSettings, Identifiers, State

CASSETTES = Path(__file__).parent / "cassettes" / "test_flows"
SUFFIX = ".wire.yaml"

_NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)


def emulator_for_recording() -> EmulatorServer:
    """An emulator that answers the same whenever it is asked the same."""
    state = State(clock=lambda: _NOON, identifiers=Identifiers("cassettes"))
    return EmulatorServer(EmulatorSettings(), state=state)


def clients_of(emulator: EmulatorServer) -> Clients:
    return clients_of_addresses(
        emulator.assuresign_url, emulator.signix_url, emulator.constellation1_url
    )


def clients_for_replay() -> Clients:
    """Clients of addresses that cannot be reached: what they get comes from a cassette."""
    return clients_of_addresses(
        "https://replay.invalid/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc",
        "https://replay.invalid/signix/sdd/b2b/sdddc_ns.jsp",
        "https://replay.invalid/constellation1/rest",
    )


def cassette_name(flow: Flow) -> str:
    """The sync and the async client send the same, so they share a cassette."""
    return f"{flow.vendor}-{flow.name}"


def find(clients: Clients, like: Flow) -> Flow:
    """The same flow, played by other clients."""
    (found,) = (
        one
        for one in all_flows(clients)
        if (one.vendor, one.name, one.is_async) == (like.vendor, like.name, like.is_async)
    )
    return found


def scene_of_cassette(flow: Flow, steps: list[Step], emulator: EmulatorServer | None) -> Scene:
    """A scene whose identifiers are the same at each recording and replay."""

    def new_name(purpose: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{cassette_name(flow)}: {purpose}"))

    return Scene(
        on_step=steps.append,
        is_emulated=True,
        # Asked without HTTP, which the cassette would record as well.
        state=emulator.state.summary if emulator else None,
        new_name=new_name,
    )


@contextmanager
def playing_emulator(flow: Flow) -> Iterator[tuple[Flow, EmulatorServer]]:
    """The same flow, played by clients of an emulator of its own."""
    with emulator_for_recording() as emulator:
        yield find(clients_of(emulator), flow), emulator
