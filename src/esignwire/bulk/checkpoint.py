"""The checkpoint of a bulk run, by which a later run goes on where it stopped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

__all__ = ["LONGEST_KEY", "Checkpoint", "ItemState", "Mark"]

LONGEST_KEY = 1024
"""How many characters a key may have."""


class ItemState(StrEnum):
    """How far an item has come.

    Attributes:
        BEGUN: A call that changes something is about to be made. Where no other state follows, the
            process ended meanwhile, so that the outcome is unknown.
        DONE: The call succeeded, and its result was handed over.
        FAILED: The call failed, and changed nothing: it may be made again.
        UNKNOWN: The call failed, and the vendor may have acted.
    """

    BEGUN = "begun"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing to remember.

    Attributes:
        key: The item's key.
        state: How far it has come.
    """

    key: str
    state: ItemState


class Checkpoint(Protocol):
    """Where a run remembers its items; ``FileCheckpoint`` is one.

    The methods may be called from any thread, but never two at once by the same run.
    """

    def state(self, key: str) -> ItemState | None:
        """Tells how far an item has come.

        Args:
            key: The item's key.

        Returns:
            The last state that was recorded; ``None`` for an item that is not known.
        """
        ...

    def record(self, marks: Sequence[Mark]) -> None:
        """Remembers; when it returns, no crash can make it forget.

        Args:
            marks: What to remember, in order. A later mark of a key replaces an earlier one.
        """
        ...
