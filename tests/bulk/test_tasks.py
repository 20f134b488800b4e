"""Tasks of an event loop, and what threads do like them: any call for any items."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing
from typing import Any

import pytest

from esignwire.bulk import (
    Done,
    Failed,
    async_check_statuses,
    async_for_each,
    check_statuses,
    for_each,
)
from esignwire.errors import (
    ConfigurationError,
    OutcomeUnknown,
)
from tests.support.bulk import Crash, Gate, Kind, Memory, counted, each_kind, run


@each_kind
@pytest.mark.parametrize("concurrency", [1, 3, 64])
def test_each_item_has_one_outcome(kind: Kind, concurrency: int) -> None:
    outcomes = run(kind, range(40), lambda n: n * n, concurrency=concurrency)
    assert sorted(outcomes, key=lambda one: one.item) == [Done(str(n), n, n * n) for n in range(40)]


@each_kind
def test_no_items_no_outcomes(kind: Kind) -> None:
    assert run(kind, [], lambda n: n) == []


def test_an_async_iterable_is_taken_from() -> None:
    outcomes = run("async", range(9), str, is_async_source=True, concurrency=4)
    assert {(one.item, one.result) for one in outcomes} == {(n, str(n)) for n in range(9)}


@each_kind
def test_a_failure_is_that_of_its_item_alone(kind: Kind) -> None:
    wrong = ValueError("no fives")

    def act(number: int) -> int:
        if number == 5:
            raise wrong
        return number

    outcomes = run(kind, range(10), act, concurrency=3, key=lambda n: f"number {n}")
    assert {one.item for one in outcomes if isinstance(one, Done)} == {*range(10)} - {5}
    (failed,) = [one for one in outcomes if isinstance(one, Failed)]
    assert failed == Failed("number 5", 5, wrong)


@each_kind
def test_a_million_items_do_not_pile_up(kind: Kind) -> None:
    taken: list[int] = []
    given: list[int] = []
    most = 0

    def see(outcome: Any) -> None:
        nonlocal most
        given.append(outcome.item)
        most = max(most, len(taken) - len(given))

    run(kind, counted(range(500), taken), lambda n: n, see=see, concurrency=5)
    assert len(given) == 500
    assert most <= 5


def test_tasks_run_side_by_side_and_no_more_than_asked_for() -> None:
    gate = Gate(7)

    async def act(_item: int) -> None:
        gate.enter()
        await gate.async_wait()
        gate.leave()

    async def main() -> int:
        return len([one async for one in async_for_each(range(30), act, concurrency=7)])

    assert asyncio.run(main()) == 30
    assert gate.most == 7


def test_results_come_while_the_next_item_is_waited_for() -> None:
    async def main() -> list[int]:
        go_on = asyncio.Event()

        async def items() -> AsyncIterator[int]:
            yield 1
            await go_on.wait()
            yield 2

        async def act(item: int) -> int:
            return item

        seen: list[int] = []
        async for outcome in async_for_each(items(), act):
            seen.append(outcome.item)
            # The second is given only now: the first did not wait for it.
            go_on.set()
        return seen

    assert asyncio.run(main()) == [1, 2]


@each_kind
def test_what_the_items_raise_comes_after_the_outcomes(kind: Kind) -> None:
    def items() -> Iterator[int]:
        yield from range(5)
        raise LookupError("the table is gone")

    seen: list[int] = []
    with pytest.raises(LookupError, match="the table is gone"):
        run(kind, items(), lambda n: n, see=lambda one: seen.append(one.item), concurrency=3)
    assert sorted(seen) == [0, 1, 2, 3, 4]


@each_kind
def test_what_the_key_raises_comes_after_the_outcomes(kind: Kind) -> None:
    seen: list[int] = []
    with pytest.raises(ZeroDivisionError):
        run(
            kind,
            [1, 2, 0, 3],
            lambda n: n,
            key=lambda n: str(1 / n),
            see=lambda one: seen.append(one.item),
            concurrency=2,
        )
    assert sorted(seen) == [1, 2]


@each_kind
def test_settings_that_cannot_be_used_are_refused_at_once(kind: Kind) -> None:
    helper: Any = for_each if kind == "sync" else async_for_each
    statuses: Any = check_statuses if kind == "sync" else async_check_statuses
    with pytest.raises(ConfigurationError, match="concurrency must be at least 1"):
        helper([], str, concurrency=0)
    with pytest.raises(ConfigurationError, match="a checkpoint needs a key"):
        helper([], str, checkpoint=Memory())
    with pytest.raises(ConfigurationError, match="chunk_size must be at least 1"):
        statuses(None, [], chunk_size=0)
    with pytest.raises(ConfigurationError, match="concurrency must be at least 1"):
        statuses(None, [], concurrency=0)


class Held:
    """A call that ends only when it is cancelled."""

    def __init__(self) -> None:
        self.begun = 0
        self.ended = 0
        self.all_begun = asyncio.Event()

    async def __call__(self, item: int) -> int:
        self.begun += 1
        if self.begun == 4:
            self.all_begun.set()
        try:
            if item:
                await asyncio.Event().wait()
            await self.all_begun.wait()
        finally:
            self.ended += 1
        return item


def test_leaving_the_loop_leaves_no_task_behind() -> None:
    async def main() -> None:
        held = Held()
        async with aclosing(async_for_each(range(100), held, concurrency=4)) as outcomes:
            async for outcome in outcomes:
                assert outcome == Done("0", 0, 0)
                break
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert held.begun == held.ended
        assert held.begun <= 5

    asyncio.run(main())


def test_cancelling_leaves_no_task_behind() -> None:
    async def main() -> None:
        held = Held()

        async def consume() -> None:
            async for _ in async_for_each(range(1, 100), held, concurrency=4):
                raise AssertionError("none of them ends")

        consumer = asyncio.create_task(consume())
        await held.all_begun.wait()
        consumer.cancel()
        # Twice: impatience must not leave anything behind either.
        asyncio.get_running_loop().call_soon(consumer.cancel)
        with pytest.raises(asyncio.CancelledError):
            await consumer
        assert asyncio.all_tasks() == {asyncio.current_task()}
        assert (held.begun, held.ended) == (4, 4)

    asyncio.run(main())


@each_kind
def test_a_call_cancelled_from_within_is_a_failure_of_its_item(kind: Kind) -> None:
    def act(item: int) -> int:
        if item == 1:
            raise asyncio.CancelledError("a task of its own was cancelled")
        return item

    outcomes = sorted(run(kind, range(3), act, concurrency=2), key=lambda one: one.item)
    assert [type(one) for one in outcomes] == [Done, Failed, Done]
    assert isinstance(outcomes[1].error, OutcomeUnknown)
    assert isinstance(outcomes[1].error.__cause__, asyncio.CancelledError)


@each_kind
def test_what_is_no_failure_of_an_item_ends_the_run(kind: Kind) -> None:
    def act(item: int) -> int:
        if item == 3:
            raise Crash
        return item

    with pytest.raises(Crash):
        run(kind, range(10), act, concurrency=2)


def test_writes_of_many_tasks_go_together() -> None:
    checkpoint = Memory()
    release = threading.Event()
    begun: list[int] = []

    class Slow(Memory):
        def record(self, marks: Any) -> None:
            assert release.wait(20)
            checkpoint.record(marks)

    async def act(item: int) -> None:
        begun.append(item)

    async def items() -> AsyncIterator[int]:
        for number in range(50):
            yield number
        # All fifty are on their way to the first write by now.
        release.set()

    async def main() -> None:
        async for _ in async_for_each(items(), act, key=str, checkpoint=Slow(), concurrency=64):
            pass

    asyncio.run(main())
    assert len(begun) == 50
    assert len(checkpoint.batches) <= 4
