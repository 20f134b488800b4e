"""The runner of all flows, against its own emulator or the vendors' test environments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from esignwire.demo.clients import (
    Clients,
    clients_of_addresses,
    clients_of_environment,
    template_of_environment,
    vendors_of_environment,
)
from esignwire.demo.flows import Flow, all_flows
from esignwire.demo.scene import DEMO_TEMPLATE_ID, Scene, Step, Surprise, read_emulator_state
from esignwire.errors import EsignWireError

__all__ = ["FlowResult", "Listener", "run_against_emulator", "run_against_vendors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowResult:
    """How a flow went: what it told, and what differed from its expectations, if anything did."""

    flow: Flow
    steps: tuple[Step, ...]
    failure: str | None


class Listener:
    """Hears how the flows go, while they do. Nothing is done with it here."""

    def begin(self, flow: Flow) -> None:
        """A flow begins."""

    def step(self, flow: Flow, step: Step) -> None:
        """A call was made."""

    def end(self, result: FlowResult) -> None:
        """A flow has ended."""


def run_against_emulator(listener: Listener) -> tuple[FlowResult, ...]:
    """Runs all flows against an emulator on a free port of loopback.

    Raises:
        ConfigurationError: The emulator cannot be started.
        ImportError: The extra ``emulator`` is not installed.
    """
    from esignwire.emulator import EmulatorServer

    with EmulatorServer() as emulator:
        clients = clients_of_addresses(
            emulator.assuresign_url, emulator.signix_url, emulator.constellation1_url
        )

        def new_scene(on_step: Callable[[Step], None]) -> Scene:
            return Scene(
                on_step=on_step,
                is_emulated=True,
                template_id=DEMO_TEMPLATE_ID,
                state=lambda: read_emulator_state(emulator.url),
            )

        return _run(all_flows(clients), new_scene, listener)


def run_against_vendors(listener: Listener) -> tuple[FlowResult, ...]:
    """Runs the flows of each vendor that the environment names, against that vendor.

    Raises:
        ConfigurationError: No vendor is named, a variable is missing, or an address is that of a
            vendor's production.
    """
    vendors = vendors_of_environment()
    clients = clients_of_environment()
    template_id = template_of_environment() if "assuresign" in vendors else DEMO_TEMPLATE_ID
    _require_settings(clients, vendors)

    def new_scene(on_step: Callable[[Step], None]) -> Scene:
        return Scene(on_step=on_step, is_emulated=False, template_id=template_id)

    chosen = [one for one in all_flows(clients) if one.vendor in vendors]
    return _run(chosen, new_scene, listener)


def _require_settings(clients: Clients, vendors: Sequence[str]) -> None:
    # A missing variable is told before the first flow, not in the middle of one.
    for vendor, make in (
        ("assuresign", clients.assuresign),
        ("signix", clients.signix),
        ("constellation1", clients.constellation1),
    ):
        if vendor in vendors:
            make().close()


def _run(
    chosen: Sequence[Flow],
    new_scene: Callable[[Callable[[Step], None]], Scene],
    listener: Listener,
) -> tuple[FlowResult, ...]:
    results: list[FlowResult] = []
    for flow in chosen:
        steps: list[Step] = []

        def hear(step: Step, heard: list[Step] = steps, whose: Flow = flow) -> None:
            heard.append(step)
            listener.step(whose, step)

        listener.begin(flow)
        failure: str | None = None
        try:
            flow.run(new_scene(hear))
        except Surprise as surprise:
            failure = str(surprise)
        except EsignWireError as error:
            failure = f"{type(error).__name__}: {error}"
        result = FlowResult(flow=flow, steps=tuple(steps), failure=failure)
        results.append(result)
        listener.end(result)
    return tuple(results)
