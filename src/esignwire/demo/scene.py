"""The scene of a flow: it takes the steps that the flow tells, and checks what it expects."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar, cast
from urllib.request import ProxyHandler, build_opener

__all__ = ["DEMO_TEMPLATE_ID", "Scene", "Step", "Surprise", "read_emulator_state"]

_T = TypeVar("_T")

DEMO_TEMPLATE_ID = uuid.UUID("dcb79445-4d39-dd11-8735-00065b8ce99b")
"""The template that the emulator is asked for; it takes any."""

_STATE_SECONDS = 10.0


class Surprise(Exception):
    """Something differs from what a flow expects; the message says what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One call and what came of it.

    Args:
        operation: The operation as the vendor spells it.
        result: What came of it, in a few words.
    """

    operation: str
    result: str


def read_emulator_state(url: str) -> dict[str, object]:
    """Asks an emulator what it remembers: one member a vendor."""
    # The emulator is on this machine, whatever proxy the environment names.
    opener = build_opener(ProxyHandler({}))
    with opener.open(f"{url}/_esignwire/state", timeout=_STATE_SECONDS) as answer:
        return cast("dict[str, object]", json.load(answer))


def _random_name(purpose: str) -> str:  # noqa: ARG001 - a predictable one depends on it
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What a flow tells its steps to, and checks its expectations with.

    Args:
        on_step: Called with each step.
        is_emulated: Whether the emulator answers, or answers of its are replayed. What is not
            documented is expected of the emulator only.
        template_id: AssureSign: the template to start documents from.
        state: Tells what the emulator remembers, by its control address; ``None`` where there is
            no emulator to ask.
        new_name: Makes an identifier of 36 characters for a purpose. Random, unless a recording
            needs the same one again.
    """

    on_step: Callable[[Step], None]
    is_emulated: bool
    template_id: uuid.UUID = DEMO_TEMPLATE_ID
    state: Callable[[], Mapping[str, object]] | None = None
    new_name: Callable[[str], str] = field(default=_random_name)

    def tell(self, operation: str, result: str) -> None:
        """Tells of a call.

        Args:
            operation: The operation as the vendor spells it.
            result: What came of it.
        """
        self.on_step(Step(operation=operation, result=result))

    def expect(self, is_so: bool, what: str) -> None:
        """Requires that something is so.

        Args:
            is_so: Whether it is.
            what: What should be so.

        Raises:
            Surprise: It is not.
        """
        if not is_so:
            raise Surprise(f"expected: {what}")

    def expect_kind(self, outcome: object, kind: type[_T]) -> _T:
        """Requires an outcome of a certain type.

        Args:
            outcome: What came.
            kind: The type that was due.

        Returns:
            The outcome.

        Raises:
            Surprise: It is of another type.
        """
        if not isinstance(outcome, kind):
            raise Surprise(f"expected {kind.__name__}, and this came: {outcome!r}")
        return outcome

    def expect_remembered(
        self,
        vendor: str,
        collection: str,
        identifier: str,
        expected: Mapping[str, object],
    ) -> None:
        """Requires that the emulator remembers something as it should; without one, nothing.

        Args:
            vendor: The vendor's name in the state, such as ``signix``.
            collection: The collection, such as ``transactions``.
            identifier: The thing's identifier; any member of it may hold it.
            expected: The members that it must have.

        Raises:
            Surprise: The emulator does not know it, or remembers it otherwise.
        """
        if self.state is None:
            return
        remembered = cast("Mapping[str, list[Mapping[str, object]]]", self.state()[vendor])
        found = [one for one in remembered[collection] if identifier in one.values()]
        self.expect(len(found) == 1, f"the emulator remembers {identifier} once")
        for name, value in expected.items():
            self.expect(
                found[0].get(name) == value,
                f"the emulator remembers {name} = {value!r}, not {found[0].get(name)!r}",
            )
