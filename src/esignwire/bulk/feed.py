"""Takes items in a task of its own, and only as many as somebody wants."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable
from contextlib import aclosing
from typing import Generic, TypeVar

from esignwire.errors import EsignWireError

__all__ = ["Feed", "each"]

_Item = TypeVar("_Item")


async def each(items: Iterable[_Item] | AsyncIterable[_Item]) -> AsyncGenerator[_Item]:
    """Iterates over either kind of iterable.

    Args:
        items: The items.

    Yields:
        Each item.
    """
    if isinstance(items, AsyncIterable):
        async for item in items:
            yield item
    else:
        for item in items:
            yield item


class Feed(Generic[_Item]):
    """Takes items while they are wanted. All of them in one task, as async generators need it.

    Args:
        items: The items.
        tell: Is called whenever an item has come, and at the end.

    Attributes:
        task: The task.
        error: Why the items ended early, once they have.
    """

    def __init__(
        self, items: Iterable[_Item] | AsyncIterable[_Item], tell: Callable[[], None]
    ) -> None:
        self._items = items
        self._tell = tell
        self._come: deque[_Item] = deque()
        self._wanted = 0
        self._wake = asyncio.Event()
        self._is_stopped = False
        self._has_ended = False
        self.error: BaseException | None = None
        self.task: asyncio.Task[None] = asyncio.create_task(self._run())
        # Called whatever becomes of the task, so that nobody waits for it in vain.
        self.task.add_done_callback(self._note_end)

    def want(self, count: int) -> None:
        """Says how many items may lie here; no further one is taken while there are as many.

        Args:
            count: How many; 0 to have none taken.
        """
        self._wanted = count
        if count > len(self._come):
            self._wake.set()

    def stop(self) -> None:
        """Ends the task."""
        # Items that swallow the cancellation must not bring another one.
        self._is_stopped = True
        self.task.cancel()

    def take(self) -> _Item:
        """Takes the next item out; ask :attr:`has_come` before."""
        return self._come.popleft()

    @property
    def has_come(self) -> bool:
        """Whether an item lies here."""
        return bool(self._come)

    @property
    def is_over(self) -> bool:
        """Whether no item lies here and none will come."""
        return self._has_ended and not self._come

    async def _run(self) -> None:
        try:
            async with aclosing(each(self._items)) as source:
                while not self._is_stopped:
                    while len(self._come) >= self._wanted:
                        self._wake.clear()
                        await self._wake.wait()
                    try:
                        item = await anext(source)
                    except StopAsyncIteration:
                        return
                    self._come.append(item)
                    self._tell()
        except asyncio.CancelledError as error:
            if self._is_stopped:
                raise
            raise _cut_short() from error

    def _note_end(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self.error = task.exception()
        elif not self._is_stopped:
            self.error = _cut_short()
        # Not the task's own word for it, which comes before the error is here.
        self._has_ended = True
        self._tell()


def _cut_short() -> EsignWireError:
    # A CancelledError as it is would end whoever reads the outcomes, and without a word.
    return EsignWireError(
        "what gives the items was cancelled, and not by this run: it ended before their end"
    )
