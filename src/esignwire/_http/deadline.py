"""Deadlines of calls, on the clock of ``time.monotonic``: with asyncio, and for threads."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

__all__ = ["async_until", "remaining", "time_left", "until"]


def remaining(deadline: float) -> float:
    """How many seconds are left until a deadline; zero once it has passed."""
    return max(0.0, deadline - time.monotonic())


def time_left(deadline: float) -> float:
    """The same; ``TimeoutError`` once it has passed."""
    left = remaining(deadline)
    if left <= 0:
        raise TimeoutError
    return left


def async_until(deadline: float) -> asyncio.Timeout:
    """An async context that is cancelled at a deadline and ends with ``TimeoutError``."""
    import asyncio

    return asyncio.timeout(time_left(deadline))


def until(deadline: float) -> AbstractContextManager[None]:
    """The same for threads, which nothing cancels: their sockets are told the deadline too."""
    time_left(deadline)
    return nullcontext()
