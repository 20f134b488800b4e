"""Any call for any items: bounded, lazily fed, and no failure hides the others."""

from __future__ import annotations

import asyncio
import contextvars
import gc
import itertools
import pickle
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing, closing
from typing import Any

import pytest

from esignwire.bulk import (
    Done,
    Failed,
    ItemState,
    async_check_statuses,
    async_for_each,
    check_statuses,
    for_each,
)
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    Constellation1Error,
    EsignWireError,
    HttpStatusError,
    InvalidRequest,
    MalformedResponse,
    OutcomeUnknown,
    SoapFault,
)
from tests.bulk_support import KINDS, Gate, Kind, Memory, counted, run

each_kind = pytest.mark.parametrize("kind", KINDS)


class Crash(BaseException):
    """The process ends."""


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


def test_an_endless_iterable_is_no_trouble() -> None:
    taken: list[int] = []
    with closing(for_each(counted(itertools.count(), taken), str, concurrency=4)) as outcomes:
        seen = [next(outcomes) for _ in range(100)]
    assert len({one.key for one in seen}) == 100
    assert len(taken) <= 104


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


def test_threads_run_side_by_side_and_no_more_than_asked_for() -> None:
    gate = Gate(7)

    def act(_item: int) -> None:
        gate.enter()
        gate.wait()
        gate.leave()

    assert len(list(for_each(range(30), act, concurrency=7))) == 30
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


# --- Ending early -----------------------------------------------------------------------------


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


def test_leaving_the_loop_waits_for_the_threads() -> None:
    before = threading.active_count()
    gate = Gate(4)

    def act(item: int) -> int:
        gate.enter()
        gate.wait()
        gate.leave()
        return item

    with closing(for_each(itertools.count(), act, concurrency=4)) as outcomes:
        next(outcomes)
    assert threading.active_count() == before


def test_a_loop_that_is_simply_left_ends_its_threads_too() -> None:
    before = threading.active_count()
    for _ in for_each(itertools.count(), str, concurrency=4):
        break
    gc.collect()
    assert threading.active_count() == before


@each_kind
def test_what_is_no_failure_of_an_item_ends_the_run(kind: Kind) -> None:
    def act(item: int) -> int:
        if item == 3:
            raise Crash
        return item

    with pytest.raises(Crash):
        run(kind, range(10), act, concurrency=2)


def test_threads_see_the_context_of_the_caller() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name")
    name.set("Ann")
    assert [one.result for one in for_each([0], lambda _: name.get())] == ["Ann"]  # type: ignore[union-attr]  # it is Done


# --- Checkpoints ------------------------------------------------------------------------------


@each_kind
def test_what_is_done_is_passed_over(kind: Kind) -> None:
    checkpoint = Memory()
    called: list[int] = []

    def act(number: int) -> int:
        called.append(number)
        if number % 2:
            raise ConnectionFailed("no connection", is_retry_safe=True)
        return number

    for _ in range(2):
        run(kind, range(6), act, key=str, checkpoint=checkpoint, concurrency=2)
    assert sorted(called) == [0, 1, 1, 2, 3, 3, 4, 5, 5]
    assert checkpoint.states == {
        str(n): ItemState.FAILED if n % 2 else ItemState.DONE for n in range(6)
    }


@each_kind
def test_many_done_items_are_passed_over(kind: Kind) -> None:
    checkpoint = Memory({str(n): ItemState.DONE for n in range(3000)})
    outcomes = run(kind, range(3001), str, key=str, checkpoint=checkpoint)
    assert outcomes == [Done("3000", 3000, "3000")]


@each_kind
def test_begun_is_written_before_the_call_is_made(kind: Kind) -> None:
    checkpoint = Memory()
    seen: list[ItemState | None] = []
    run(
        kind,
        range(20),
        lambda n: seen.append(checkpoint.state(str(n))),
        key=str,
        checkpoint=checkpoint,
        concurrency=4,
    )
    assert seen == [ItemState.BEGUN] * 20


@each_kind
def test_a_call_that_only_reads_needs_no_mark_before(kind: Kind) -> None:
    checkpoint = Memory()
    run(kind, range(200), str, key=str, checkpoint=checkpoint, is_safe=True)
    assert {mark.state for batch in checkpoint.batches for mark in batch} == {ItemState.DONE}
    assert len(checkpoint.states) == 200
    # Together, since each write waits for the disk; not only at the end, which may never come.
    assert 2 <= len(checkpoint.batches) <= 5


@each_kind
def test_an_item_is_done_only_when_its_result_was_taken(kind: Kind) -> None:
    checkpoint = Memory()

    def see(outcome: Any) -> None:
        if outcome.item == 3:
            raise Crash

    with pytest.raises(Crash):
        run(kind, range(4), str, key=str, checkpoint=checkpoint, concurrency=1, see=see)
    gc.collect()
    assert [checkpoint.state(str(n)) for n in range(4)] == [
        ItemState.DONE,
        ItemState.DONE,
        ItemState.DONE,
        ItemState.BEGUN,
    ]


HARMLESS: list[EsignWireError] = [
    InvalidRequest("wrong"),
    ConfigurationError("wrong"),
    ConnectionFailed("no connection", is_retry_safe=True),
    SoapFault("no", fault_code="Client"),
    Constellation1Error("no"),
    HttpStatusError("no", http_status=403),
]
UNKNOWN: list[Exception] = [
    OutcomeUnknown("who knows"),
    Constellation1Error("no", session_id="but made"),
    HttpStatusError("no", http_status=502),
    HttpStatusError("no"),
    MalformedResponse("not XML"),
    ConnectionLost("gone"),
    RuntimeError("anything"),
]


@each_kind
@pytest.mark.parametrize("error", UNKNOWN, ids=repr)
def test_a_call_that_may_have_had_an_effect_is_not_repeated(kind: Kind, error: Exception) -> None:
    checkpoint = Memory()
    called: list[str] = []

    def act(item: str) -> str:
        called.append(item)
        if len(called) == 1:
            raise error
        return item

    options: dict[str, Any] = {"key": str, "checkpoint": checkpoint}
    assert run(kind, ["x"], act, **options) == [Failed("x", "x", error)]
    assert checkpoint.states == {"x": ItemState.UNKNOWN}
    (failed,) = run(kind, ["x"], act, **options)
    assert isinstance(failed.error, OutcomeUnknown)
    assert failed.error.reference == "x"
    assert "look it up" in str(failed.error)
    assert called == ["x"]
    assert checkpoint.states == {"x": ItemState.UNKNOWN}
    assert run(kind, ["x"], act, repeat_unknown=True, **options) == [Done("x", "x", "x")]
    assert checkpoint.states == {"x": ItemState.DONE}


@each_kind
@pytest.mark.parametrize("error", HARMLESS, ids=repr)
def test_a_call_that_had_no_effect_is_repeated(kind: Kind, error: Exception) -> None:
    checkpoint = Memory()
    errors = [error]

    def act(item: str) -> str:
        if errors:
            raise errors.pop()
        return item

    run(kind, ["x"], act, key=str, checkpoint=checkpoint)
    assert checkpoint.states == {"x": ItemState.FAILED}
    assert run(kind, ["x"], act, key=str, checkpoint=checkpoint) == [Done("x", "x", "x")]


@each_kind
def test_a_call_that_a_crash_interrupted_is_not_repeated(kind: Kind) -> None:
    checkpoint = Memory({"x": ItemState.BEGUN})
    called: list[str] = []
    (failed,) = run(kind, ["x"], called.append, key=str, checkpoint=checkpoint)
    assert isinstance(failed.error, OutcomeUnknown)
    assert called == []
    assert checkpoint.states == {"x": ItemState.BEGUN}


@each_kind
@pytest.mark.parametrize("state", [ItemState.BEGUN, ItemState.UNKNOWN, ItemState.FAILED])
def test_what_only_reads_is_always_repeated(kind: Kind, state: ItemState) -> None:
    checkpoint = Memory({"x": state})
    outcomes = run(kind, ["x"], str.upper, key=str, checkpoint=checkpoint, is_safe=True)
    assert outcomes == [Done("x", "x", "X")]


ENDS: list[Exception | None] = [None, OutcomeUnknown("who knows"), InvalidRequest("wrong")]


@each_kind
@pytest.mark.parametrize("end", ENDS, ids=["done", "unknown", "failed"])
@pytest.mark.parametrize("concurrency", [1, 2, 8])
@pytest.mark.parametrize("options", [{}, {"repeat_unknown": True}, {"is_safe": True}], ids=str)
def test_a_key_that_comes_twice_is_called_once(
    kind: Kind, end: Exception | None, concurrency: int, options: dict[str, Any]
) -> None:
    called: list[str] = []

    def act(item: str) -> None:
        called.append(item)
        if end is not None and item == "a1":
            raise end

    checkpoint = Memory()
    outcomes = run(
        kind,
        # One at once, one after another call, and one after so many that all is written by then.
        ["a1", "a2", "b1", "a3", *map(chr, range(200, 300)), "a4"],
        act,
        key=lambda one: one[0],
        checkpoint=checkpoint,
        concurrency=concurrency,
        **options,
    )
    assert sorted(called) == ["a1", "b1", *map(chr, range(200, 300))]
    refused = {one.item: one.error for one in outcomes if one.item in {"a2", "a3", "a4"}}
    assert len(refused) == 3
    for error in refused.values():
        assert isinstance(error, InvalidRequest)
        assert "two items have one key" in str(error)
    # Their refusal says nothing about the one that was called.
    (first,) = [one for one in outcomes if one.item == "a1"]
    assert first == (Done("a", "a1", None) if end is None else Failed("a", "a1", end))
    state = {ENDS[0]: ItemState.DONE, ENDS[1]: ItemState.UNKNOWN}.get(end, ItemState.FAILED)
    if options.get("is_safe") and end is not None:
        state = ItemState.FAILED
    assert checkpoint.states["a"] is state


@each_kind
def test_an_unknown_item_that_comes_twice_is_repeated_once(kind: Kind) -> None:
    checkpoint = Memory({"x": ItemState.UNKNOWN})
    called: list[str] = []
    options: dict[str, Any] = {"key": str, "checkpoint": checkpoint, "concurrency": 1}
    without = run(kind, ["x", "x"], called.append, **options)
    assert [type(one.error) for one in without] == [OutcomeUnknown] * 2
    assert called == []
    run(kind, ["x", "x"], called.append, repeat_unknown=True, **options)
    assert called == ["x"]


@each_kind
def test_without_a_checkpoint_each_item_is_called(kind: Kind) -> None:
    called: list[str] = []
    run(kind, ["a1", "a2"], called.append, key=lambda one: one[0], concurrency=1)
    assert called == ["a1", "a2"]


@each_kind
@pytest.mark.parametrize("key", ["", "k" * 1025], ids=["empty", "long"])
def test_a_key_of_a_wrong_length_is_refused_for_its_item_alone(kind: Kind, key: str) -> None:
    checkpoint = Memory()
    outcomes = run(kind, [key, "fine"], str, key=str, checkpoint=checkpoint)
    assert {type(one) for one in outcomes} == {Done, Failed}
    assert checkpoint.states == {"fine": ItemState.DONE}


class Breaking(Memory):
    """A checkpoint whose disk is full after some writes."""

    def __init__(self, writes: int) -> None:
        super().__init__()
        self._left = writes

    def record(self, marks: Any) -> None:
        if not self._left:
            raise ConfigurationError("the checkpoint cannot be written")
        self._left -= 1
        super().record(marks)


@each_kind
@pytest.mark.parametrize("concurrency", [1, 8])
def test_nothing_is_called_that_could_not_be_written(kind: Kind, concurrency: int) -> None:
    checkpoint = Breaking(5)
    called: list[int] = []
    seen: list[int] = []
    with pytest.raises(ConfigurationError, match="cannot be written"):
        run(
            kind,
            range(100),
            called.append,
            key=str,
            checkpoint=checkpoint,
            concurrency=concurrency,
            see=lambda one: seen.append(one.item),
        )
    assert called
    assert {str(n) for n in called} <= set(checkpoint.states)
    # Whatever was called is handed over before the error comes.
    assert sorted(seen) == sorted(called)


@each_kind
def test_a_failed_write_of_reads_comes_after_the_outcomes(kind: Kind) -> None:
    seen: list[int] = []
    with pytest.raises(ConfigurationError, match="cannot be written"):
        run(
            kind,
            range(70),
            str,
            key=str,
            checkpoint=Breaking(0),
            is_safe=True,
            concurrency=2,
            see=lambda one: seen.append(one.item),
        )
    assert len(seen) >= 64


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


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_outcomes_pickle(protocol: int) -> None:
    for outcome in (Done("k", 1, "one"), Failed("k", 1, OutcomeUnknown("who knows"))):
        found = pickle.loads(pickle.dumps(outcome, protocol))  # noqa: S301 - our own pickle
        assert type(found) is type(outcome)
        assert repr(found) == repr(outcome)


def test_outcomes_may_be_made_with_their_types() -> None:
    error = OutcomeUnknown("who knows")
    assert Done[int, str]("k", 1, "one") == Done("k", 1, "one")
    assert Failed[int]("k", 1, error) == Failed("k", 1, error)


def test_outcomes_cannot_be_changed() -> None:
    outcome: Any = Done("k", 1, "one")
    for name in ("key", "other"):
        with pytest.raises(AttributeError):
            setattr(outcome, name, "x")
