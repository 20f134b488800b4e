"""Threads: what holds for them alone."""

from __future__ import annotations

import contextvars
import gc
import itertools
import threading
from contextlib import closing

from esignwire.bulk import (
    for_each,
)
from tests.support.bulk import Gate, counted


def test_an_endless_iterable_is_no_trouble() -> None:
    taken: list[int] = []
    with closing(for_each(counted(itertools.count(), taken), str, concurrency=4)) as outcomes:
        seen = [next(outcomes) for _ in range(100)]
    assert len({one.key for one in seen}) == 100
    assert len(taken) <= 104


def test_threads_run_side_by_side_and_no_more_than_asked_for() -> None:
    gate = Gate(7)

    def act(_item: int) -> None:
        gate.enter()
        gate.wait()
        gate.leave()

    assert len(list(for_each(range(30), act, concurrency=7))) == 30
    assert gate.most == 7


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


def test_threads_see_the_context_of_the_caller() -> None:
    name: contextvars.ContextVar[str] = contextvars.ContextVar("name")
    name.set("Ann")
    assert [one.result for one in for_each([0], lambda _: name.get())] == ["Ann"]  # type: ignore[union-attr]  # it is Done
