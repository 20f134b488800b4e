"""Any call for any items, as tasks of one event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Iterable
from typing import TypeVar

from esignwire.bulk.checkpoint import Checkpoint
from esignwire.bulk.ledger import Admitted, Ledger, check_count
from esignwire.bulk.outcomes import Done, Failed, Outcome
from esignwire.errors import OutcomeUnknown

__all__ = ["async_for_each", "each"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

# Passing over many items that are done must not keep the other tasks waiting.
_SKIPPED_AT_ONCE = 256


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

    The items are taken one by one when there is room, and no call begins while outcomes wait to be
    taken: any number of items needs the same memory. The order of the outcomes is not that of the
    items. A failure ends neither the other calls nor the run.

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
            done when its result was handed over and the next was asked for.
        repeat_unknown: Whether to repeat, in a later run, calls that may have had an effect. Else
            each such item is handed over as ``Failed`` with an ``OutcomeUnknown``.

    Returns:
        The outcomes. After those of the calls under way, it raises what ``items`` or ``key``
        raised, or why the checkpoint could not be written.

    Raises:
        ConfigurationError: ``concurrency`` is less than 1, or there is a checkpoint and no key.
    """
    check_count("concurrency", concurrency)
    ledger = Ledger[_Item](
        key=key, is_safe=is_safe, checkpoint=checkpoint, repeat_unknown=repeat_unknown
    )
    return _outcomes(each(items), act, concurrency, ledger)


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


async def _outcomes(
    source: AsyncGenerator[_Item],
    act: Callable[[_Item], Awaitable[_Result]],
    concurrency: int,
    ledger: Ledger[_Item],
) -> AsyncGenerator[Outcome[_Item, _Result]]:
    # Each outcome with whether a call was made for it; None from each worker that has ended.
    ended: asyncio.Queue[tuple[Outcome[_Item, _Result], bool] | None] = asyncio.Queue(maxsize=1)
    turn = asyncio.Lock()
    writing = asyncio.Lock()
    failures: list[Exception] = []

    async def flush() -> None:
        # Those who wait here find their marks written by one before them: one write for many.
        noted = ledger.noted
        async with writing:
            if ledger.written < noted:
                await asyncio.to_thread(ledger.flush)

    async def take() -> Admitted[_Item] | Failed[_Item] | None:
        async with turn:
            skipped = 0
            while not failures:
                try:
                    item = await anext(source)
                except StopAsyncIteration:
                    break
                found = ledger.admit(item)
                if found is not None:
                    return found
                skipped += 1
                if skipped % _SKIPPED_AT_ONCE == 0:
                    await asyncio.sleep(0)
        return None

    async def work() -> None:
        try:
            while (found := await take()) is not None:
                if isinstance(found, Failed):
                    await ended.put((found, False))
                    continue
                if ledger.writes_first:
                    await flush()
                await ended.put((await _attempt(found, act), True))
        except Exception as error:  # noqa: BLE001 - raised below, after the outcomes of the others
            failures.append(error)
        await ended.put(None)

    workers = [asyncio.create_task(work()) for _ in range(concurrency)]
    working = concurrency
    try:
        while working:
            one = await ended.get()
            if one is None:
                working -= 1
                continue
            outcome, was_called = one
            yield outcome
            if was_called:
                ledger.settle(outcome)
            if ledger.is_due and not failures:
                try:
                    await flush()
                except Exception as error:  # noqa: BLE001 - as above
                    failures.append(error)
    finally:
        try:
            await _end(workers)
            await source.aclose()
        finally:
            ledger.finish()
    if failures:
        raise failures[0]


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
        failure = OutcomeUnknown(
            f"the call for {found.key!r} was cancelled from within, and may have had an effect",
            reference=found.key,
        )
        failure.__cause__ = error
        return Failed(found.key, found.item, failure)
    except Exception as error:  # noqa: BLE001 - whatever it is, it belongs to this item alone
        return Failed(found.key, found.item, error)


async def _end(workers: list[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.cancel()
    # Being cancelled once more while waiting must not leave any of them behind.
    is_cancelled: asyncio.CancelledError | None = None
    while not all(worker.done() for worker in workers):
        try:
            await asyncio.wait(workers)
        except asyncio.CancelledError as error:
            is_cancelled = error
    if is_cancelled is not None:
        raise is_cancelled
