"""Plays all flows, against an emulator of its own or against the vendors' test environments."""

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
from esignwire.demo.performances import Performance, performances
from esignwire.demo.scene import DEMO_TEMPLATE_ID, Scene, Step, Surprise, read_emulator_state
from esignwire.errors import EsignWireError

__all__ = ["Account", "Listener", "run_against_emulator", "run_against_vendors"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """How a flow went.

    Args:
        performance: The flow.
        steps: What it told.
        failure: What differed from its expectations; ``None`` where nothing did.
    """

    performance: Performance
    steps: tuple[Step, ...]
    failure: str | None


class Listener:
    """Hears how the flows go, while they do. Nothing is done with it here."""

    def begin(self, performance: Performance) -> None:
        """A flow begins."""

    def step(self, performance: Performance, step: Step) -> None:
        """A call was made."""

    def end(self, account: Account) -> None:
        """A flow has ended."""


def run_against_emulator(listener: Listener) -> tuple[Account, ...]:
    """Plays all flows against an emulator on a free port of loopback.

    Args:
        listener: Hears how they go.

    Returns:
        How they went.

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

        return _run(performances(clients), new_scene, listener)


def run_against_vendors(listener: Listener) -> tuple[Account, ...]:
    """Plays the flows of each vendor that the environment names, against that vendor.

    Args:
        listener: Hears how they go.

    Returns:
        How they went.

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

    chosen = [one for one in performances(clients) if one.vendor in vendors]
    return _run(chosen, new_scene, listener)


def _require_settings(clients: Clients, vendors: Sequence[str]) -> None:
    # Whatever is missing is better told before the first flow than in the middle of it.
    for vendor, make in (
        ("assuresign", clients.assuresign),
        ("signix", clients.signix),
        ("constellation1", clients.constellation1),
    ):
        if vendor in vendors:
            make().close()


def _run(
    chosen: Sequence[Performance],
    new_scene: Callable[[Callable[[Step], None]], Scene],
    listener: Listener,
) -> tuple[Account, ...]:
    accounts: list[Account] = []
    for performance in chosen:
        steps: list[Step] = []

        def hear(step: Step, heard: list[Step] = steps, whose: Performance = performance) -> None:
            heard.append(step)
            listener.step(whose, step)

        listener.begin(performance)
        failure: str | None = None
        try:
            performance.play(new_scene(hear))
        except Surprise as surprise:
            failure = str(surprise)
        except EsignWireError as error:
            failure = f"{type(error).__name__}: {error}"
        account = Account(performance=performance, steps=tuple(steps), failure=failure)
        accounts.append(account)
        listener.end(account)
    return tuple(accounts)
