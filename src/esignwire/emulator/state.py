"""State of the emulator: what the three vendors remember, in memory, while the emulator runs."""

from __future__ import annotations

from esignwire.emulator.assuresign import AssureSignState
from esignwire.emulator.constellation1 import Constellation1State
from esignwire.emulator.shared import Clock, Identifiers, Shared, utc_now
from esignwire.emulator.signix import SignixState

__all__ = ["State"]


class State(Shared):
    """What the three vendors remember.

    Hold ``lock`` while you read or change anything: calls run in several threads.

    Args:
        clock: Tells the time; tests bring their own.
        identifiers: Makes identifiers.
    """

    def __init__(self, *, clock: Clock = utc_now, identifiers: Identifiers | None = None) -> None:
        super().__init__(clock=clock, identifiers=identifiers)
        self.assuresign: AssureSignState = AssureSignState()
        self.signix: SignixState = SignixState()
        self.constellation1: Constellation1State = Constellation1State()

    def reset(self) -> None:
        """Forget everything. Where there is a seed, its identifiers begin again."""
        with self.lock:
            self.identifiers.restart()
            self.assuresign.clear()
            self.signix.clear()
            self.constellation1.clear()
            self.touched[:] = [self]

    def summary(self) -> dict[str, object]:
        """Describe what is remembered, without tokens, passwords, keys or documents.

        Returns:
            A structure that JSON can write, one member a vendor.
        """
        with self.lock:
            return {
                "assuresign": self.assuresign.summary(),
                "signix": self.signix.summary(),
                "constellation1": self.constellation1.summary(),
            }
