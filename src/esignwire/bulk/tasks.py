"""``async_for_each``: any call for any items, as tasks of one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from esignwire.bulk.checkpoint import Checkpoint
from esignwire.bulk.ledger import Admitted, Ledger, cancelled, check_count
from esignwire.bulk.outcomes import Done, Failed, Outcome
from esignwire.bulk.source import Source

__all__ = ["async_for_each"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def async_for_each(
    items: Iterable[_Item] | AsyncIterable[_Item],
    act: Callable[[_Item], Awaitable[_Result]],
    *,
    concurrency: int = 32,
    key: Callable[[_Item], str] | None = None,
    is_safe: bool = False,
    checkpoint: Checkpoint | None = None,
    repeat_unknown: bool = False,
) -> AsyncGenerator[Outcome[_Item, _Result]]:
    """Does what ``for_each`` does, with tasks of one event loop instead of threads.

    No call begins while you do not ask for the next outcome, and a failure ends neither the other
    calls nor the run. An outcome that is ready does not wait for the next item.

    Leave the loop early inside ``contextlib.aclosing``, which ends every call under way before it
    returns; cancelling the task does the same. A call that changes something then has an unknown
    outcome. To stop without that, let ``items`` end: the calls under way are finished.

    Args:
        items: The items. An iterable that blocks keeps the event loop waiting; make it async.
        act: One call, such as ``client.async_submit``; as for ``for_each``.
        concurrency: How many calls are under way at most; as for ``for_each``.
        key: Makes an item's key; as for ``for_each``.
        is_safe: Whether the call only reads; as for ``for_each``.
        checkpoint: Where to remember what is done; as for ``for_each``.
        repeat_unknown: Whether to repeat calls that may have had an effect; as for ``for_each``.

    Returns:
        The outcomes, as of ``for_each``. Items that end with a ``CancelledError`` of their own
        raise an ``EsignWireError``.

    Raises:
        ConfigurationError: ``concurrency`` is less than 1, or there is a checkpoint and no key.
    """
    check_count("concurrency", concurrency)
    ledger = Ledger[_Item](
        key=key, is_safe=is_safe, checkpoint=checkpoint, repeat_unknown=repeat_unknown
    )
    return _outcomes(items, act, concurrency, ledger)


async def _outcomes(
    items: Iterable[_Item] | AsyncIterable[_Item],
    act: Callable[[_Item], Awaitable[_Result]],
    concurrency: int,
    ledger: Ledger[_Item],
) -> AsyncGenerator[Outcome[_Item, _Result]]:
    run = _Run(items, act, concurrency, ledger)
    try:
        while (ended := await run.next()) is not None:
            outcome, was_called = ended
            yield outcome
            if was_called:
                ledger.settle(outcome)
            await run.flush_if_due()
    finally:
        try:
            await run.end()
        finally:
            ledger.finish()
    if run.failure is not None:
        raise run.failure


class _Run(Generic[_Item, _Result]):
    """One run: its calls under way, and what has ended.

    A call takes one of ``concurrency`` places when it is begun, and gives it back when its outcome
    is handed over. So no call begins while the caller does not ask, however many have ended.
    """

    def __init__(
        self,
        items: Iterable[_Item] | AsyncIterable[_Item],
        act: Callable[[_Item], Awaitable[_Result]],
        concurrency: int,
        ledger: Ledger[_Item],
    ) -> None:
        self.failure: Exception | None = None
        self._act = act
        self._room = concurrency
        self._ledger = ledger
        self._news = asyncio.Event()
        self._asked = asyncio.Event()
        self._writing = asyncio.Lock()
        self._calls: dict[asyncio.Task[Outcome[_Item, _Result]], Admitted[_Item]] = {}
        # Each outcome with whether a call was made for it.
        self._ended: deque[tuple[Outcome[_Item, _Result], bool]] = deque()
        self._broken: BaseException | None = None
        self._source = Source(items, self._news.set)

    async def next(self) -> tuple[Outcome[_Item, _Result], bool] | None:
        """Begins what there is room for, and waits for an outcome; ``None`` is the end.

        The outcome comes with whether a call was made for it.
        """
        self._asked.set()
        try:
            while True:
                self._news.clear()
                await self._fill()
                if self._broken is not None:
                    raise self._broken
                if self._ended:
                    self._room += 1
                    return self._ended.popleft()
                if not self._calls and (self.failure is not None or self._source.is_over):
                    return None
                await self._news.wait()
        finally:
            self._asked.clear()
            self._source.want(0)

    async def flush_if_due(self) -> None:
        """Writes the marks where many of them wait."""
        if self._ledger.is_due and self.failure is None:
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001 - raised after the outcomes of the others
                self.failure = error

    async def end(self) -> None:
        """Ends all tasks, and returns when they have ended."""
        self._source.stop()
        for call in self._calls:
            call.cancel()
        # Being cancelled once more while waiting must not leave any of them behind.
        is_cancelled: asyncio.CancelledError | None = None
        while left := [one for one in (self._source.task, *self._calls) if not one.done()]:
            try:
                await asyncio.wait(left)
            except asyncio.CancelledError as error:
                is_cancelled = error
        if is_cancelled is not None:
            raise is_cancelled

    async def _fill(self) -> None:
        while self._room and self.failure is None:
            self._source.want(self._room)
            # Items that are ready at once come before outcomes that are: else fewer and fewer calls
            # would be under way.
            await asyncio.sleep(0)
            if not self._source.is_ready:
                if self._source.is_over and self._source.error is not None:
                    self._note(self._source.error)
                return
            self._begin_ready()
        # The calls make their first step before the outcome is handed over.
        await asyncio.sleep(0)

    def _begin_ready(self) -> None:
        while self._room and self._source.is_ready:
            try:
                found = self._ledger.admit(self._source.take())
            except Exception as error:  # noqa: BLE001 - raised after the outcomes of the others
                self.failure = error
                return
            if found is None:
                continue
            self._room -= 1
            if isinstance(found, Failed):
                self._ended.append((found, False))
                continue
            call = asyncio.create_task(self._call(found))
            self._calls[call] = found
            # asyncio calls it however the task ends, so that the run does not wait in vain.
            call.add_done_callback(self._note_end)

    async def _call(self, found: Admitted[_Item]) -> Outcome[_Item, _Result]:
        if self._ledger.writes_first:
            await self._flush()
        await self._asked.wait()
        return await _attempt(found, self._act)

    async def _flush(self) -> None:
        # A call that waits here finds its mark written by one before it: one write for many.
        noted = self._ledger.noted
        async with self._writing:
            if self._ledger.written < noted:
                await asyncio.to_thread(self._ledger.flush)

    def _note_end(self, call: asyncio.Task[Outcome[_Item, _Result]]) -> None:
        found = self._calls.pop(call)
        self._news.set()
        if call.cancelled():
            self._ended.append((cancelled(found), True))
        elif (error := call.exception()) is not None:
            # The call was not made, since "begun" could not be written; or the error ends the run.
            self._room += 1
            self._note(error)
        else:
            self._ended.append((call.result(), True))

    def _note(self, error: BaseException) -> None:
        if not isinstance(error, Exception):
            self._broken = error
        elif self.failure is None:
            self.failure = error


async def _attempt(
    found: Admitted[_Item], act: Callable[[_Item], Awaitable[_Result]]
) -> Outcome[_Item, _Result]:
    try:
        return Done(found.key, found.item, await act(found.item))
    except asyncio.CancelledError as error:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        # Something inside the call was cancelled, and not this task.
        failure = cancelled(found)
        failure.error.__cause__ = error
        return failure
    except Exception as error:  # noqa: BLE001 - it belongs to this item alone
        return Failed(found.key, found.item, error)
