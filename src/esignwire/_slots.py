"""Bounds how many connections are in use at once.

The pool of the HTTP library can bound that too, but when it is full it closes connections that
look idle, and one that was just promised to another thread or task looks idle. So its own bounds
are left open and this one, in front of it, holds.
"""

from __future__ import annotations

import queue
import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncSlots", "Slots"]


class AsyncSlots:
    """A number of slots for the tasks of one event loop.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._semaphore: asyncio.Semaphore | None = None

    async def acquire(self, seconds: float) -> bool:
        """Waits for a slot.

        Args:
            seconds: How long at most.

        Returns:
            Whether one was got.
        """
        import asyncio

        semaphore = self._semaphore
        if semaphore is None:
            # Not before: importing asyncio is work, and making a client does none.
            semaphore = self._semaphore = asyncio.Semaphore(self._count)
        if not semaphore.locked():
            await semaphore.acquire()
            return True
        try:
            async with asyncio.timeout(seconds):
                await semaphore.acquire()
        except TimeoutError:
            return False
        return True

    def release(self) -> None:
        """Gives a slot back."""
        if self._semaphore is not None:
            self._semaphore.release()


class Slots:
    """A number of slots for any threads.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        self._left = count
        self._lock = threading.Lock()
        # A queue does what a semaphore does. That of the standard library is written in Python.
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()

    def acquire(self, seconds: float) -> bool:
        """Waits for a slot.

        Args:
            seconds: How long at most.

        Returns:
            Whether one was got.
        """
        try:
            self._free.get_nowait()
        except queue.Empty:
            return self._make() or self._wait(seconds)
        return True

    def _make(self) -> bool:
        # Made when they are first needed: there may be more than will ever be.
        with self._lock:
            has_one = self._left > 0
            self._left -= has_one
            return has_one

    def _wait(self, seconds: float) -> bool:
        try:
            self._free.get(timeout=seconds)
        except queue.Empty:
            return False
        return True

    def release(self) -> None:
        """Gives a slot back."""
        self._free.put(None)
