"""Any call for any items, as tasks of one event loop."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import Generic, TypeVar

from esignwire.bulk.checkpoint import Checkpoint
from esignwire.bulk.feed import Feed
from esignwire.bulk.ledger import Admitted, Ledger, cancelled, check_count
from esignwire.bulk.outcomes import Done, Failed, Outcome

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
    """Makes a call for each item, some at a time, and hands the outcomes over as they come.

    The items are taken one by one when there is room, and no call begins while you do not ask for
    the next outcome: any number of items needs the same memory, but for the keys of those that were
    called with a checkpoint. The order of the outcomes is not that of the items. A failure ends
    neither the other calls nor the run.

    Leave the loop early inside :func:`contextlib.aclosing`, which ends every call under way before
    it returns; cancelling the task does the same. A call that changes something then has an unknown
    outcome. To stop without that, let ``items`` end: the calls under way are finished.

    Args:
        items: The items. One that blocks keeps the event loop waiting; make it async.
        act: The call, such as ``lambda one: client.check_status(one)``. It may be made again by a
            later run only where ``is_safe`` says so or where it failed without effect.
        concurrency: How many calls are under way at most. More than the client's
            ``HttpSettings.max_connections`` only makes calls wait, on their own time-outs.
        key: Makes an item's key, 1 to 1,024 characters, the same in every run and no secret;
            ``None`` numbers the items from 0.
        is_safe: Whether the call may be repeated without harm, because it only reads.
        checkpoint: Where to remember what is done, so that a later run passes over it. An item is
            done when its result was handed over and the next was asked for. With a checkpoint a
            key is called once in a run, whatever came of it: a second item of that key is
            ``Failed`` with an ``InvalidRequest``.
        repeat_unknown: Whether to repeat, in a later run, calls that may have had an effect. Else
            each such item is handed over as ``Failed`` with an ``OutcomeUnknown``.

    Returns:
        The outcomes. After those of the calls under way, it raises what ``items`` or ``key``
        raised, or why the checkpoint could not be written. Items that end with a
        ``CancelledError`` of their own raise an ``EsignWireError``.

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
    is handed over: so no call begins while nobody asks, however many have ended.
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
        self._feed = Feed(items, self._news.set)

    async def next(self) -> tuple[Outcome[_Item, _Result], bool] | None:
        """Begins what there is room for, and waits for an outcome.

        Returns:
            The outcome with whether a call was made for it; ``None`` at the end.
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
                if not self._calls and (self.failure is not None or self._feed.is_over):
                    return None
                await self._news.wait()
        finally:
            self._asked.clear()
            self._feed.want(0)

    async def flush_if_due(self) -> None:
        """Writes the marks where many of them wait."""
        if self._ledger.is_due and self.failure is None:
            try:
                await self._flush()
            except Exception as error:  # noqa: BLE001 - raised after the outcomes of the others
                self.failure = error

    async def end(self) -> None:
        """Ends all tasks, and returns when they have ended."""
        self._feed.stop()
        for call in self._calls:
            call.cancel()
        # Being cancelled once more while waiting must not leave any of them behind.
        is_cancelled: asyncio.CancelledError | None = None
        while left := [one for one in (self._feed.task, *self._calls) if not one.done()]:
            try:
                await asyncio.wait(left)
            except asyncio.CancelledError as error:
                is_cancelled = error
        if is_cancelled is not None:
            raise is_cancelled

    async def _fill(self) -> None:
        while self._room and self.failure is None:
            self._feed.want(self._room)
            # Items that are there at once come before outcomes that are: else the calls would
            # become fewer and fewer.
            await asyncio.sleep(0)
            if not self._feed.has_come:
                if self._feed.is_over and self._feed.error is not None:
                    self._note(self._feed.error)
                return
            self._begin_those_that_came()
        # The calls make their first step before the outcome is handed over.
        await asyncio.sleep(0)

    def _begin_those_that_came(self) -> None:
        while self._room and self._feed.has_come:
            try:
                found = self._ledger.admit(self._feed.take())
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
            # Called whatever becomes of the task, so that nobody waits for it in vain.
            call.add_done_callback(self._note_end)

    async def _call(self, found: Admitted[_Item]) -> Outcome[_Item, _Result]:
        if self._ledger.writes_first:
            await self._flush()
        await self._asked.wait()
        return await _attempt(found, self._act)

    async def _flush(self) -> None:
        # Those who wait here find their marks written by one before them: one write for many.
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
            # The call was not made: "begun" could not be written. Or it is no failure of an item.
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
        # Something inside the call was cancelled, not we.
        failure = cancelled(found)
        failure.error.__cause__ = error
        return failure
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this item alone
        return Failed(found.key, found.item, error)
