"""How long to wait for a session, and how often to look."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from esignwire.assuresign.settings import VENDOR
from esignwire.errors import ConfigurationError

__all__ = ["WaitPolicy"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitPolicy:
    """Growing pauses up to a deadline. The vendor gives no figures; these are ours.

    Attributes:
        deadline: Seconds after which waiting ends.
        first_pause: Seconds before the first look.
        growth: By what factor each pause is longer than the one before; at least 1.
        longest_pause: Seconds that a pause lasts at most.

    Raises:
        ConfigurationError: A value is not positive and finite.
    """

    deadline: float = 300.0
    first_pause: float = 1.0
    growth: float = 1.6
    longest_pause: float = 20.0

    def __post_init__(self) -> None:
        for name in ("deadline", "first_pause", "growth", "longest_pause"):
            value: float = getattr(self, name)
            if not math.isfinite(value) or value <= 0 or (name == "growth" and value < 1):
                raise ConfigurationError(
                    f"{name} must be a positive, finite number"
                    + (" of at least 1" if name == "growth" else " of seconds"),
                    vendor=VENDOR,
                )

    def pauses(self) -> Iterator[float]:
        """Yields the pauses in seconds; together they last no longer than the deadline."""
        left = self.deadline
        pause = self.first_pause
        while left > 0:
            taken = min(pause, left)
            yield taken
            left -= taken
            pause = min(pause * self.growth, self.longest_pause)
