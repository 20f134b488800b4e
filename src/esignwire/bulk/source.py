"""The source of a run's items: one task that takes them, and only as many as the run wants."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from contextlib import aclosing
from typing import Generic, TypeVar

from esignwire.errors import EsignWireError

__all__ = ["Source", "each"]

_Item = TypeVar("_Item")


async def each(items: Iterable[_Item] | AsyncIterable[_Item]) -> AsyncGenerator[_Item]:
    """Iterates over either kind of iterable."""
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


class Source(Generic[_Item]):
    """Takes items while the run wants them, all in one task, as async generators need it.

    Args:
        items: The items.
        notify: Is called whenever an item has come, and at the end.

    Attributes:
        task: The task.
        error: Why the items ended early, once they have.
    """

    def __init__(
        self, items: Iterable[_Item] | AsyncIterable[_Item], notify: Callable[[], None]
    ) -> None:
        self._items = items
        self._notify = notify
        self._ready: deque[_Item] = deque()
        self._wanted = 0
        self._wake = asyncio.Event()
        self._is_stopped = False
        self._has_ended = False
        self.error: BaseException | None = None
        self.task: asyncio.Task[None] = asyncio.create_task(self._run())
        # asyncio calls it however the task ends, so that the run does not wait in vain.
        self.task.add_done_callback(self._note_end)

    def want(self, count: int) -> None:
        """Says how many items may be ready; the task takes no more while there are as many."""
        self._wanted = count
        if count > len(self._ready):
            self._wake.set()

    def stop(self) -> None:
        """Ends the task."""
        # Items that swallow the cancellation must not give another one.
        self._is_stopped = True
        self.task.cancel()

    def take(self) -> _Item:
        """Hands over the next item; ask ``is_ready`` before."""
        return self._ready.popleft()

    @property
    def is_ready(self) -> bool:
        """Whether an item is ready."""
        return bool(self._ready)

    @property
    def is_over(self) -> bool:
        """Whether no item is ready and none will come."""
        return self._has_ended and not self._ready

    async def _run(self) -> None:
        try:
            async with aclosing(each(self._items)) as source:
                while not self._is_stopped:
                    while len(self._ready) >= self._wanted:
                        self._wake.clear()
                        await self._wake.wait()
                    try:
                        item = await anext(source)
                    except StopAsyncIteration:
                        return
                    self._ready.append(item)
                    self._notify()
        except asyncio.CancelledError as error:
            if self._is_stopped:
                raise
            raise _cut_short() from error

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.error = task.exception()
        elif not self._is_stopped:
            self.error = _cut_short()
        # Set here and not read from the task, which is done before its error is noted.
        self._has_ended = True
        self._notify()


def _cut_short() -> EsignWireError:
    # A CancelledError as it is would end the task that reads the outcomes, without a word.
    return EsignWireError(
        "the iterable of the items was cancelled, and not by this run: they ended before their end"
    )
