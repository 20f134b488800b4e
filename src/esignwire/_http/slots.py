"""Bounds how many connections are in use at once.

The pool of the HTTP library can bound that too, but when it is full it closes connections that
look idle, and one that was just promised to another thread or task looks idle. So its own bounds
are left open and this one, in front of it, holds.
"""

from __future__ import annotations

import queue
import weakref
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncSlots", "Slot", "Slots"]


class Slot:
    """One of them. Whoever holds it may use a connection."""

    __slots__ = ("__weakref__",)


_ANY = Slot()


class AsyncSlots:
    """A number of slots for the tasks of one event loop.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        self._count = count
        self._semaphore: asyncio.Semaphore | None = None

    async def acquire(self, seconds: float) -> Slot | None:
        """Waits for a slot.

        Args:
            seconds: How long at most.

        Returns:
            The slot; ``None`` where the time ran out.
        """
        import asyncio

        semaphore = self._semaphore
        if semaphore is None:
            # Not before: importing asyncio is work, and making a client does none.
            semaphore = self._semaphore = asyncio.Semaphore(self._count)
        if not semaphore.locked():
            await semaphore.acquire()
            return _ANY
        try:
            async with asyncio.timeout(seconds):
                await semaphore.acquire()
        except TimeoutError:
            return None
        return _ANY

    def release(self, _slot: Slot) -> None:
        """Gives a slot back."""
        if self._semaphore is not None:
            self._semaphore.release()


class Slots:
    """A number of slots for any threads.

    An interrupt may come between any two steps, so that nobody gives a slot back: it comes back by
    itself as soon as nobody holds it.

    Args:
        count: How many there are.
    """

    def __init__(self, count: int) -> None:
        # What is made when it is first needed: there may be more than will ever be. No lock, which
        # an interrupt could leave locked.
        self._unmade = iter(range(count))
        # A queue does what a semaphore does. That of the standard library is written in Python.
        self._free: queue.SimpleQueue[Slot] = queue.SimpleQueue()
        self._watched: set[weakref.ref[Slot]] = set()

    def acquire(self, seconds: float) -> Slot | None:
        """Waits for a slot.

        Args:
            seconds: How long at most.

        Returns:
            The slot; ``None`` where the time ran out.
        """
        try:
            return self._free.get_nowait()
        except queue.Empty:
            return self._make() or self._wait(seconds)

    def _make(self) -> Slot | None:
        return None if next(self._unmade, None) is None else self._another()

    def _another(self) -> Slot:
        slot = Slot()
        self._watched.add(weakref.ref(slot, self._lost))
        return slot

    def _lost(self, reference: weakref.ref[Slot]) -> None:
        self._watched.discard(reference)
        self._free.put(self._another())

    def _wait(self, seconds: float) -> Slot | None:
        try:
            return self._free.get(timeout=seconds)
        except queue.Empty:
            return None

    def release(self, slot: Slot) -> None:
        """Gives a slot back."""
        self._free.put(slot)
