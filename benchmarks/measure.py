"""Measures two things side by side."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Work = Callable[[], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What was measured.

    Attributes:
        ours: The median of our times for one call, in seconds.
        other: The same of the other's.
        ratio: The median of the ratios of all pairs.
        spread: The middle half of these ratios.
        pairs: How many there were.
    """

    ours: float
    other: float
    ratio: float
    spread: tuple[float, float] = field(default=(0.0, 0.0))
    pairs: int


def _times(work: Work, number: int) -> float:
    begin = time.perf_counter()
    for _ in range(number):
        work()
    return (time.perf_counter() - begin) / number


def summary(ours: list[float], other: list[float]) -> Comparison:
    """Sums pairs of times up.

    Args:
        ours: Our times in seconds.
        other: The other's, in the same order.

    Returns:
        The comparison.
    """
    ratios = [one / two for one, two in zip(ours, other, strict=True)]
    quarters = statistics.quantiles(ratios, n=4) if len(ratios) > 1 else [ratios[0]] * 3
    return Comparison(
        ours=statistics.median(ours),
        other=statistics.median(other),
        ratio=statistics.median(ratios),
        spread=(quarters[0], quarters[2]),
        pairs=len(ratios),
    )


def compare(
    ours: Work, other: Work, *, seconds: float, batch: float = 0.005, least: int = 5
) -> Comparison:
    """Runs two things in turn, each first in every second pair.

    Args:
        ours: Ours.
        other: The other.
        seconds: How long in all, about.
        batch: How long one sample takes at least, in seconds: calls are repeated until then.
        least: The fewest pairs.

    Returns:
        The medians.
    """
    for work in (ours, other):  # what happens once only
        work()
        work()
    numbers = [max(1, round(batch / max(_times(work, 2), 1e-7))) for work in (ours, other)]
    gc.collect()
    gc.freeze()  # what the peers' imports left behind is no part of what is measured
    our_times: list[float] = []
    other_times: list[float] = []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end or len(our_times) < least:
        if len(our_times) % 2:
            other_times.append(_times(other, numbers[1]))
            our_times.append(_times(ours, numbers[0]))
        else:
            our_times.append(_times(ours, numbers[0]))
            other_times.append(_times(other, numbers[1]))
    gc.unfreeze()
    return summary(our_times, other_times)
