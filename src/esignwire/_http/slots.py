"""Slots: the bound on how many calls use a connection at once, with asyncio and for threads."""

from __future__ import annotations

import functools
import queue
from typing import TYPE_CHECKING

import httpcore

from esignwire._http.failures import Unusable

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncSlot", "AsyncSlots", "Slot", "Slots"]


class AsyncSlot:
    """The right of one call to use a connection."""

    def __init__(self, slots: AsyncSlots) -> None:
        self._slots: AsyncSlots | None = slots

    def release(self) -> None:
        """Gives it back. Doing so twice does no harm."""
        slots, self._slots = self._slots, None
        if slots is not None:
            slots.free += 1
            slots.semaphore.release()


class AsyncSlots:
    """As many slots as connections may be used at once, for the tasks of one event loop.

    Another event loop is refused, since asyncio's semaphores belong to one.
    """

    semaphore: asyncio.Semaphore

    def __init__(self, count: int) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.free = count

    def check(self) -> None:
        """Refuses with ``Unusable`` an event loop other than that of the first call."""
        import asyncio

        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            raise Unusable("an async client needs asyncio; use the sync client") from None
        if self._loop is None:
            self._loop = loop
            self.semaphore = asyncio.Semaphore(self.free)
        elif self._loop is not loop:
            raise Unusable(
                "an async client belongs to the event loop of its first call; make one client for"
                " each event loop, or use the sync client"
            )

    async def acquire(self, _seconds: float) -> AsyncSlot:
        """Waits for a slot, until the deadline cancels the call."""
        self.check()
        await self.semaphore.acquire()
        self.free -= 1
        return AsyncSlot(self)


class Slot:
    """The right of one call to use a connection. The end of its guard gives it back."""

    def __init__(self, guard: object) -> None:
        self._guard: object = guard

    def release(self) -> None:
        """Gives it back. Doing so twice does no harm."""
        self._guard = None


class Slots:
    """The same for threads.

    An interrupt may come between any two steps of Python, so that a slot that only its user gives
    back can be lost. Here the end of an object gives it back, however the object comes to its end.
    """

    def __init__(self, count: int) -> None:
        self._free: queue.SimpleQueue[tuple[()]] = queue.SimpleQueue()
        for _ in range(count):
            self._free.put(())

        class Guard(tuple[()]):
            """Made, and ended, in C alone, where no interrupt comes in between."""

            __slots__ = ()
            __del__ = staticmethod(functools.partial(self._free.put, ()))

        self._guard = Guard

    @property
    def free(self) -> int:
        return self._free.qsize()

    def check(self) -> None:
        """Refuses nothing: any thread may use a sync client."""

    def acquire(self, seconds: float) -> Slot:
        """Waits for a slot; ``PoolTimeout`` says that none became free in time."""
        take = functools.partial(self._free.get, timeout=seconds)
        try:
            # One step of C takes it and puts it under guard.
            return Slot(next(map(self._guard, iter(take, self))))
        except queue.Empty:
            raise httpcore.PoolTimeout("no connection became free in time") from None
