"""``for_each``: any call for any items, in a pool of threads."""

from __future__ import annotations

import asyncio
import queue
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from esignwire.bulk.checkpoint import Checkpoint
from esignwire.bulk.ledger import Admitted, Ledger, cancelled, check_count
from esignwire.bulk.outcomes import Done, Failed, Outcome

__all__ = ["for_each"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def for_each(
    items: Iterable[_Item],
    act: Callable[[_Item], _Result],
    *,
    concurrency: int = 16,
    key: Callable[[_Item], str] | None = None,
    is_safe: bool = False,
    checkpoint: Checkpoint | None = None,
    repeat_unknown: bool = False,
) -> Generator[Outcome[_Item, _Result]]:
    """Makes a call for each item, some at a time, and hands the outcomes over as they come.

    The items are taken one by one when there is room, in the thread that asks for outcomes, and no
    call begins while you do not ask for the next: any number of them needs the same memory, but for
    the keys of those that were called with a checkpoint. The order of the outcomes is not that of
    the items. A failure ends neither the other calls nor the run.

    Leaving the loop early waits for the calls under way, since a thread cannot be stopped; their
    outcomes are not handed over, so that a later run takes those that change something for
    unknown. To stop without that, let ``items`` end.

    Args:
        items: The items. While one is waited for, outcomes that are ready wait too.
        act: One call, such as ``client.async_submit``. All sync clients may be shared by threads. A
            later run makes it again where ``is_safe`` says so or its error says that the vendor did
            nothing. Where it makes several calls, let it raise an ``OutcomeUnknown`` once the first
            has changed something.
        concurrency: How many threads call at once. More than the client's
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
        raised, or why the checkpoint could not be written.

    Raises:
        ConfigurationError: ``concurrency`` is less than 1, or there is a checkpoint and no key.
    """
    check_count("concurrency", concurrency)
    ledger = Ledger[_Item](
        key=key, is_safe=is_safe, checkpoint=checkpoint, repeat_unknown=repeat_unknown
    )
    return _outcomes(items, act, concurrency, ledger)


def _outcomes(
    items: Iterable[_Item],
    act: Callable[[_Item], _Result],
    concurrency: int,
    ledger: Ledger[_Item],
) -> Generator[Outcome[_Item, _Result]]:
    # Each outcome with whether a call was made for it; or an error that ends the run.
    ended: queue.SimpleQueue[tuple[Outcome[_Item, _Result], bool] | BaseException] = (
        queue.SimpleQueue()
    )

    def call(found: Admitted[_Item]) -> None:
        try:
            ended.put((_attempt(found, act), True))
        except BaseException as error:  # noqa: BLE001 - raised below, in the caller's thread
            ended.put(error)

    pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="esignwire bulk")
    failure: Exception | None = None
    has_more = True
    under_way = 0
    try:
        source = iter(items)
        while True:
            while has_more and under_way < concurrency:
                try:
                    for item in source:
                        found = ledger.admit(item)
                        if found is not None:
                            break
                    else:
                        has_more = False
                        continue
                    if ledger.writes_first and isinstance(found, Admitted):
                        ledger.flush()
                except Exception as error:  # noqa: BLE001 - raised below, after the outcomes
                    failure, has_more = error, False
                    continue
                under_way += 1
                if isinstance(found, Failed):
                    ended.put((found, False))
                else:
                    pool.submit(copy_context().run, call, found)
            if not under_way:
                break
            one = ended.get()
            under_way -= 1
            if isinstance(one, BaseException):
                raise one
            outcome, was_called = one
            yield outcome
            if was_called:
                ledger.settle(outcome)
            if ledger.is_due and failure is None:
                try:
                    ledger.flush()
                except Exception as error:  # noqa: BLE001 - as above
                    failure, has_more = error, False
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        ledger.finish()
    if failure is not None:
        raise failure


def _attempt(found: Admitted[_Item], act: Callable[[_Item], _Result]) -> Outcome[_Item, _Result]:
    try:
        return Done(found.key, found.item, act(found.item))
    except asyncio.CancelledError as error:
        # A task of an event loop inside the call was cancelled: threads cannot be.
        failure = cancelled(found)
        failure.error.__cause__ = error
        return failure
    except Exception as error:  # noqa: BLE001 - it belongs to this item alone
        return Failed(found.key, found.item, error)
