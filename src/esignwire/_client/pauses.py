"""Pauses of the clients, the clock that measures them, and the deadline of a call.

Every pause in which a client waits for the vendor is made here, so that a test can let the time
pass without spending it: see ``SkippedPauses``. stamina makes the pauses between HTTP attempts, and
has a switch of its own for tests.
"""

from __future__ import annotations

import time
from typing import Self

from esignwire._call import Call
from esignwire._forks import Lock
from esignwire.errors import RequestTimeout

__all__ = ["CallDeadline", "SkippedPauses", "async_pause", "now", "pause"]

# Taken in tests only, so that a process may be forked at any moment.
_lock = Lock()

# The innermost context that is open.
_skipped: SkippedPauses | None = None


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

    def __exit__(self, *_: object) -> None:
        global _skipped  # noqa: PLW0603 - threads that run already must see it too
        with _lock.held:
            _skipped = self._before


class CallDeadline:
    """When a call must end, so many seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._end = now() + seconds

    def left(self, call: Call) -> float:
        """The seconds for the next request, more than zero.

        Raises:
            RequestTimeout: None is left. The request was not sent, so that the call may be
                repeated.
        """
        left = self._end - now()
        if left <= 0:
            raise RequestTimeout(
                "the time allowed ran out before the request was sent",
                **call.where,
                is_retry_safe=True,
            )
        return left


def now() -> float:
    """The clock that deadlines are measured by, in seconds since some moment.

    It never goes backwards, except where a test leaves ``SkippedPauses``.
    """
    skipped = _skipped
    return time.monotonic() + (sum(skipped.pauses) if skipped is not None else 0.0)


async def async_pause(seconds: float) -> None:
    """Waits, and lets other tasks run meanwhile; zero seconds let others have their turn."""
    # A pause that is skipped still lets other tasks run, as a real one would.
    import asyncio

    await asyncio.sleep(0 if _is_skipped(seconds) else seconds)


def pause(seconds: float) -> None:
    """Waits."""
    if not _is_skipped(seconds):
        time.sleep(seconds)


def _is_skipped(seconds: float) -> bool:
    skipped = _skipped
    if skipped is None:
        return False
    with _lock.held:
        skipped.pauses += (seconds,)
    return True
