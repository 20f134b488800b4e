"""Waits between two attempts of ours, and the clock that such waiting is measured by.

Everything in esignwire that waits for a vendor to get on with something waits here, so that a test
can let the time pass without spending it: see :class:`SkippedPauses`. Pauses between HTTP attempts
are stamina's, and have stamina's own switch for tests.
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

from esignwire._forks import Lock

__all__ = ["SkippedPauses", "async_pause", "now", "pause"]


class SkippedPauses:
    """A context in which pauses take no time, while the clock moves on as if they had.

    It holds for the whole process, whichever thread or task pauses::

        with SkippedPauses() as skipped:
            client.start_session(session_id, return_url)
        assert skipped.pauses == (2.0, 2.0)

    Attributes:
        pauses: The pauses that were asked for, in seconds, in their order.
    """

    def __init__(self) -> None:
        self.pauses: tuple[float, ...] = ()
        self._before: SkippedPauses | None = None

    def __enter__(self) -> Self:
        global _skipped
        with _lock.held:
            self._before, _skipped = _skipped, self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        global _skipped  # noqa: PLW0603 - threads that run already must see it too
        with _lock.held:
            _skipped = self._before


_lock = Lock()
_skipped: SkippedPauses | None = None


def now() -> float:
    """The clock that deadlines are measured by.

    Returns:
        Seconds since a moment that has no meaning of its own; it never goes backwards outside
        tests.
    """
    with _lock.held:
        ahead = sum(_skipped.pauses) if _skipped is not None else 0.0
    return time.monotonic() + ahead


def _is_skipped(seconds: float) -> bool:
    with _lock.held:
        if _skipped is None:
            return False
        _skipped.pauses += (seconds,)
        return True


async def async_pause(seconds: float) -> None:
    """Waits, and lets other tasks run meanwhile.

    Args:
        seconds: How long; zero lets others have their turn.
    """
    # A test that skips the pause still lets the others run, as any real pause would.
    import asyncio

    await asyncio.sleep(0 if _is_skipped(seconds) else seconds)


def pause(seconds: float) -> None:
    """Waits.

    Args:
        seconds: How long.
    """
    if not _is_skipped(seconds):
        time.sleep(seconds)
