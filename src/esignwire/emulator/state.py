"""State of the emulator: what the three vendors remember, in memory and in a state file."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import fields, is_dataclass
from pathlib import Path

from esignwire.emulator.assuresign import AssureSignState
from esignwire.emulator.constellation1 import Constellation1State
from esignwire.emulator.exchanges import Exchanges
from esignwire.emulator.shared import Clock, Identifiers, Shared, utc_now
from esignwire.emulator.signix import SignixState
from esignwire.emulator.store import Store

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
        self.exchanges: Exchanges = Exchanges()
        self._store: Store | None = None

    def open(self, path: Path) -> None:
        """Go on with what a state file holds, and keep it up to date.

        Args:
            path: The file; it is made where it is missing.

        Raises:
            ConfigurationError: It cannot be used.
        """
        with self.lock:
            self._store = Store(path, self._holders())

    def reading(self) -> AbstractContextManager[None]:
        """Look at what is remembered without a change of it, so that nothing need be saved."""
        return nullcontext() if self._store is None else self._store.reading()

    def save(self) -> None:
        """Write to the state file, where there is one, what has changed.

        Raises:
            ConfigurationError: It cannot be written.
        """
        if self._store is not None:
            with self.lock:
                self._store.save()

    def close(self) -> None:
        """Close the state file, where there is one."""
        with self.lock:
            if self._store is not None:
                self._store.close()
                self._store = None

    def _holders(self) -> dict[str, tuple[Callable[[], object], tuple[str, ...]]]:
        return {
            "identifiers": (lambda: self.identifiers, ("position",)),
            "assuresign": (lambda: self.assuresign, _members(self.assuresign, "directory")),
            "directory": (
                lambda: self.assuresign.directory,
                _members(self.assuresign.directory),
            ),
            "signix": (lambda: self.signix, _members(self.signix)),
            "constellation1": (lambda: self.constellation1, _members(self.constellation1)),
        }

    def reset(self) -> None:
        """Forget everything, ordered faults too. With a seed, its identifiers begin again."""
        with self.lock:
            self.identifiers.restart()
            self.faults.clear()
            self.exchanges.clear()
            self.assuresign.clear()
            self.signix.clear()
            self.constellation1.clear()
            self.touched[:] = [self]

    def summary(self) -> dict[str, object]:
        """Describe what is remembered, without tokens, passwords, keys or documents.

        Returns:
            A structure that JSON can write, one member a vendor.
        """
        with self.lock, self.reading():
            return {
                "assuresign": self.assuresign.summary(),
                "signix": self.signix.summary(),
                "constellation1": self.constellation1.summary(),
            }


def _members(holder: object, but: str | None = None) -> tuple[str, ...]:
    """Name the members of an object, except one that is a holder itself."""
    names = [one.name for one in fields(holder)] if is_dataclass(holder) else vars(holder)
    return tuple(name for name in names if name != but)
