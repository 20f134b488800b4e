"""Deadlines of calls, and the bound on how many calls use a connection at once.

Each comes in two versions of the same shape, with asyncio and for threads, since the standard
library offers these things in different ways.
"""

from __future__ import annotations

import contextvars
import functools
import queue
import time
from types import TracebackType
from typing import TYPE_CHECKING

import httpcore

from esignwire._http.failures import Unusable

if TYPE_CHECKING:
    import asyncio

__all__ = [
    "AsyncDeadline",
    "AsyncSlot",
    "AsyncSlots",
    "Deadline",
    "Slot",
    "Slots",
    "bounded",
    "remaining",
]

_current: contextvars.ContextVar[float | None] = contextvars.ContextVar("deadline", default=None)


def remaining(deadline: float) -> float:
    """What is left until a deadline.

    Args:
        deadline: The deadline on the clock of ``time.monotonic``.

    Returns:
        Seconds; zero once it has passed.
    """
    return max(0.0, deadline - time.monotonic())


def _left(deadline: float) -> float:
    left = remaining(deadline)
    if left <= 0:
        raise TimeoutError
    return left


class AsyncDeadline:
    """An async context that is cancelled at a deadline and ends with ``TimeoutError``.

    Args:
        deadline: The deadline on the clock of ``time.monotonic``.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._timeout: asyncio.Timeout | None = None

    async def __aenter__(self) -> None:
        import asyncio

        self._timeout = asyncio.timeout(_left(self._deadline))
        await self._timeout.__aenter__()

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._timeout is not None:
            await self._timeout.__aexit__(kind, error, traceback)


class Deadline:
    """A context in which sockets keep to a deadline: each of their steps asks ``bounded``.

    Args:
        deadline: The deadline on the clock of ``time.monotonic``.
    """

    def __init__(self, deadline: float) -> None:
        self._deadline = deadline
        self._token: contextvars.Token[float | None] | None = None

    def __enter__(self) -> None:
        _left(self._deadline)
        self._token = _current.set(self._deadline)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._token is not None:
            _current.reset(self._token)


def bounded(timeout: float | None, expired: type[Exception]) -> float | None:
    """Bounds one step of a socket by the deadline of the call that it is part of.

    Args:
        timeout: Seconds that the step may take.
        expired: What to raise where the deadline has passed.

    Returns:
        Seconds; ``None`` where nothing bounds the step.
    """
    deadline = _current.get()
    if deadline is None:
        return timeout
    left = remaining(deadline)
    if left <= 0:
        raise expired
    return left if timeout is None else min(timeout, left)


class AsyncSlot:
    """The right of one call to use a connection.

    Args:
        slots: Where it comes from.
    """

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

    Args:
        count: How many.
    """

    semaphore: asyncio.Semaphore

    def __init__(self, count: int) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self.free = count
        """How many nothing holds."""

    def check(self) -> None:
        """Refuses an event loop other than that of the first call: connections belong to it.

        Raises:
            Unusable: It is another loop, or none of asyncio.
        """
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
    """The right of one call to use a connection.

    Args:
        guard: Whose end gives it back.
    """

    def __init__(self, guard: object) -> None:
        self._guard: object = guard

    def release(self) -> None:
        """Gives it back. Doing so twice does no harm."""
        self._guard = None


class Slots:
    """The same for threads.

    An interrupt may come between any two steps of Python, so that a slot that only its user gives
    back can be lost. Here the end of an object gives it back, however the object comes to its end.

    Args:
        count: How many.
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
        """How many nothing holds."""
        return self._free.qsize()

    def check(self) -> None:
        """Refuses nothing: any thread may use a sync client."""

    def acquire(self, seconds: float) -> Slot:
        """Waits for a slot.

        Args:
            seconds: How long at most.

        Returns:
            The slot.

        Raises:
            httpcore.PoolTimeout: None became free in time.
        """
        take = functools.partial(self._free.get, timeout=seconds)
        try:
            # One step of C takes it and puts it under guard.
            return Slot(next(map(self._guard, iter(take, self))))
        except queue.Empty:
            raise httpcore.PoolTimeout("no connection became free in time") from None
