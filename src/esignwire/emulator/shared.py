"""Clock, identifiers, lock, ordered faults and refusal, which the three vendors share."""

from __future__ import annotations

import random
import string
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, cast
from uuid import UUID

from esignwire.emulator.faults import FaultOrders

__all__ = ["Clock", "Identifiers", "NotPossible", "Shared", "utc_now"]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time.

    Returns:
        The moment, in UTC.
    """
    return datetime.now(UTC)


class NotPossible(Exception):
    """A request that does not fit the state of what it is about; the message says why."""


class Identifiers:
    """A source of identifiers.

    Args:
        seed: Makes the sequence predictable; ``None`` for identifiers that cannot be guessed.
    """

    def __init__(self, seed: str | None = None) -> None:
        self._seed = seed
        self._source: random.Random = random.SystemRandom()
        self.restart()

    def restart(self) -> None:
        """Begin the sequence again, where there is a seed."""
        if self._seed is not None:
            self._source = random.Random(self._seed)  # noqa: S311  # predictable is what a seed asks for

    @property
    def position(self) -> object:
        """Where the sequence stands, for a state file; ``None`` where there is no seed."""
        return None if self._seed is None else self._source.getstate()

    @position.setter
    def position(self, position: object) -> None:
        if self._seed is not None and position is not None:
            self._source.setstate(cast("tuple[Any, ...]", position))

    def guid(self) -> UUID:
        """Make a random GUID.

        Returns:
            The GUID.
        """
        return UUID(int=self._source.getrandbits(128), version=4)

    def document_set(self) -> str:
        """Make a DocumentSetID of the look that SIGNiX's have.

        Returns:
            The identifier, which holds colons and a sign: it is not to be taken apart.
        """
        draw = self._source.getrandbits
        return f"{draw(44):011x}:-{draw(15):04x}:{draw(32):08x}:2x3f39"

    def token(self, length: int = 22) -> str:
        """Make a token of letters and digits.

        Args:
            length: How many characters it has.

        Returns:
            The token.
        """
        return "".join(self._source.choices(string.ascii_letters + string.digits, k=length))


class Shared:
    """The lock, the clock, the identifiers and the ordered faults of all vendors.

    Hold ``lock`` while you read or change the state of a vendor: calls run in several threads.

    Args:
        clock: Tells the time; tests bring their own.
        identifiers: Makes identifiers.
    """

    def __init__(self, *, clock: Clock = utc_now, identifiers: Identifiers | None = None) -> None:
        # What calls looked up or made, in order: it may have changed.
        self.touched: list[object] = []
        self.lock: threading.RLock = threading.RLock()
        self.identifiers: Identifiers = identifiers or Identifiers()
        self.faults: FaultOrders = FaultOrders()
        self._clock = clock

    def now(self) -> datetime:
        """Tell the time by this clock.

        Returns:
            The moment, with a time zone.
        """
        return self._clock()
