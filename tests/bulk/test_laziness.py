"""No call begins before the caller asks for an outcome, and no run waits for ever."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Iterable
from contextlib import aclosing, closing
from typing import Any, TypeVar

import pytest

from esignwire.bulk import Done, Failed, Mark, async_for_each, for_each
from esignwire.errors import EsignWireError, OutcomeUnknown
from tests.support.bulk import Memory, counted

_Result = TypeVar("_Result")
# Long enough for a task that would go on unasked: each turn lets all tasks make a step.
TURNS = 200


async def let_others_run() -> None:
    for _ in range(TURNS):
        await asyncio.sleep(0)


async def in_time(work: Awaitable[_Result]) -> _Result:
    """Fails instead of waiting for ever; nothing is measured."""
    return await asyncio.wait_for(work, 60)


async def agen(items: Iterable[int]) -> AsyncIterator[int]:
    for item in items:
        yield item


@pytest.mark.parametrize("is_async_source", [False, True])
@pytest.mark.parametrize("concurrency", [1, 3])
def test_no_task_begins_a_call_unasked(concurrency: int, is_async_source: bool) -> None:
    async def main() -> None:
        begun: list[int] = []
        taken: list[int] = []

        async def act(item: int) -> None:
            begun.append(item)
            await asyncio.sleep(0)

        items = counted(range(50), taken)
        source = agen(items) if is_async_source else items
        handed_over = 0
        async with aclosing(async_for_each(source, act, concurrency=concurrency)) as outcomes:
            async for _ in outcomes:
                before = len(begun), len(taken)
                await let_others_run()
                assert (len(begun), len(taken)) == before
                handed_over += 1
                # As many as there is room for were begun while the outcome was waited for.
                assert len(begun) == min(50, handed_over + concurrency - 1)
        assert handed_over == 50

    asyncio.run(in_time(main()))


def test_no_thread_begins_a_call_unasked() -> None:
    taken: list[int] = []
    with closing(for_each(counted(range(50), taken), str, concurrency=3)) as outcomes:
        for handed_over, _ in enumerate(outcomes, 1):
            assert len(taken) == min(50, handed_over + 2)


def test_an_item_that_comes_unasked_waits() -> None:
    """The items may be slow; the one that was waited for is called when an outcome is wanted."""

    async def main() -> None:
        go_on = asyncio.Event()
        begun: list[int] = []

        async def items() -> AsyncIterator[int]:
            yield 1
            await go_on.wait()
            yield 2
            yield 3

        async def act(item: int) -> int:
            begun.append(item)
            return item

        async with aclosing(async_for_each(items(), act, concurrency=3)) as outcomes:
            assert await anext(outcomes) == Done("0", 1, 1)
            go_on.set()
            await let_others_run()
            assert begun == [1]
            assert {(await anext(outcomes)).item, (await anext(outcomes)).item} == {2, 3}

    asyncio.run(in_time(main()))


def test_a_call_whose_mark_was_written_unasked_waits() -> None:
    async def main() -> None:
        release = threading.Event()
        written = asyncio.Event()
        loop = asyncio.get_running_loop()
        begun: list[str] = []

        class Slow(Memory):
            def record(self, marks: Iterable[Mark]) -> None:
                batch = tuple(marks)
                if any(mark.key == "late" for mark in batch):
                    assert release.wait(60)
                    loop.call_soon_threadsafe(written.set)
                super().record(batch)

        first_is_begun = asyncio.Event()

        async def items() -> AsyncIterator[str]:
            yield "first"
            await first_is_begun.wait()
            yield "late"

        async def act(item: str) -> None:
            begun.append(item)
            first_is_begun.set()
            # Ends when the other item is on its way to the checkpoint.
            await let_others_run()

        outcomes = async_for_each(items(), act, key=str, checkpoint=Slow(), concurrency=2)
        async with aclosing(outcomes):
            assert (await anext(outcomes)).key == "first"
            release.set()
            await written.wait()
            await let_others_run()
            assert begun == ["first"]
            assert (await anext(outcomes)).key == "late"
            assert begun == ["first", "late"]

    asyncio.run(in_time(main()))


async def broken_within(first: int) -> AsyncIterator[int]:
    """Items whose own task is cancelled from outside of the run."""
    yield first
    task = asyncio.create_task(asyncio.Event().wait())
    asyncio.get_running_loop().call_soon(task.cancel)
    await task


@pytest.mark.parametrize("concurrency", [1, 3])
def test_items_that_are_cancelled_from_within_fail(concurrency: int) -> None:
    async def act(item: int) -> int:
        return item

    async def main() -> None:
        outcomes = async_for_each(broken_within(7), act, concurrency=concurrency)
        assert await anext(outcomes) == Done("0", 7, 7)
        with pytest.raises(EsignWireError, match="ended before their end") as caught:
            await anext(outcomes)
        assert isinstance(caught.value.__cause__, asyncio.CancelledError)

    asyncio.run(in_time(main()))


def test_items_that_crash_end_the_run() -> None:
    class Crash(BaseException):
        """An exception that no run catches."""

    async def items() -> AsyncIterator[int]:
        yield 1
        raise Crash

    async def act(item: int) -> int:
        return item

    async def main() -> None:
        async for _ in async_for_each(items(), act, concurrency=2):
            pass

    with pytest.raises(Crash):
        asyncio.run(in_time(main()))


def test_a_task_that_cancels_itself_is_a_failure_of_its_item() -> None:
    async def main() -> list[Any]:
        async def act(item: int) -> int:
            if item == 1:
                task = asyncio.current_task()
                assert task is not None
                task.cancel()
            await asyncio.sleep(0)
            return item

        return [one async for one in async_for_each(range(4), act, concurrency=2)]

    outcomes = asyncio.run(in_time(main()))
    assert sorted(one.item for one in outcomes) == [0, 1, 2, 3]
    (failed,) = [one for one in outcomes if isinstance(one, Failed)]
    assert failed.item == 1
    assert isinstance(failed.error, OutcomeUnknown)


def test_items_and_calls_that_swallow_the_cancellation_do_not_hold_up_the_end() -> None:
    async def main() -> None:
        both = asyncio.Event()

        async def items() -> AsyncIterator[int]:
            yield 1
            yield 2
            try:
                both.set()
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                pass
            yield 3

        called: list[int] = []

        async def act(item: int) -> None:
            called.append(item)
            if item == 2:
                try:
                    await asyncio.Event().wait()
                except asyncio.CancelledError:
                    return
            await both.wait()

        async with aclosing(async_for_each(items(), act, concurrency=3)) as outcomes:
            assert (await anext(outcomes)).item == 1
        assert asyncio.all_tasks() <= {asyncio.current_task(), *before}
        assert called == [1, 2]

    async def outer() -> None:
        before.update(asyncio.all_tasks())
        await in_time(main())

    before: set[Any] = set()
    asyncio.run(outer())


def test_items_are_taken_by_one_task() -> None:
    """An async generator with a time-out or a group around a yield needs that."""

    async def main() -> set[Any]:
        tasks: set[Any] = set()

        async def items() -> AsyncIterator[int]:
            async with asyncio.timeout(60):
                for number in range(20):
                    tasks.add(asyncio.current_task())
                    yield number
            tasks.add(asyncio.current_task())

        async def act(item: int) -> int:
            await asyncio.sleep(0)
            return item

        assert len([one async for one in async_for_each(items(), act, concurrency=4)]) == 20
        return tasks

    assert len(asyncio.run(in_time(main()))) == 1
