"""What the tests of bulk work share: one way to call the async and the sync helper."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from typing import Any, Literal

import pytest

from esignwire.bulk import ItemState, Mark, async_for_each, for_each

Kind = Literal["async", "sync"]
KINDS: tuple[Kind, ...] = ("async", "sync")
each_kind = pytest.mark.parametrize("kind", KINDS)


class Crash(BaseException):
    """The process ends."""


class Memory:
    """A checkpoint in memory that notes each batch it was given."""

    def __init__(self, states: dict[str, ItemState] | None = None) -> None:
        self.states: dict[str, ItemState] = dict(states or {})
        self.batches: list[tuple[Mark, ...]] = []

    def state(self, key: str) -> ItemState | None:
        return self.states.get(key)

    def record(self, marks: Iterable[Mark]) -> None:
        batch = tuple(marks)
        self.batches.append(batch)
        self.states.update({mark.key: mark.state for mark in batch})


class Gate:
    """Counts the calls that are inside, and lets none out before it has held enough of them."""

    def __init__(self, size: int) -> None:
        self.most = 0
        self._inside = 0
        self._size = size
        self._lock = threading.Lock()
        self._is_full = threading.Event()

    def enter(self) -> None:
        with self._lock:
            self._inside += 1
            self.most = max(self.most, self._inside)
            if self._inside >= self._size:
                self._is_full.set()

    def leave(self) -> None:
        with self._lock:
            self._inside -= 1

    def wait(self) -> None:
        assert self._is_full.wait(20)

    async def async_wait(self) -> None:
        await asyncio.to_thread(self.wait)


def run(
    kind: Kind,
    items: Iterable[Any],
    act: Callable[[Any], Any],
    *,
    see: Callable[[Any], None] | None = None,
    is_async_source: bool = False,
    **options: Any,
) -> list[Any]:
    """Runs to the end. ``act`` is a plain function; ``see`` is called with each outcome."""
    outcomes: list[Any] = []

    def take(outcome: Any) -> None:
        outcomes.append(outcome)
        if see is not None:
            see(outcome)

    if kind == "sync":
        for outcome in for_each(items, act, **options):
            take(outcome)
        return outcomes

    async def main() -> None:
        async def act_later(item: Any) -> Any:
            await asyncio.sleep(0)
            return act(item)

        source = _later(items) if is_async_source else items
        async for outcome in async_for_each(source, act_later, **options):
            take(outcome)
        assert asyncio.all_tasks() == {asyncio.current_task()}

    asyncio.run(main())
    return outcomes


async def _later(items: Iterable[Any]) -> AsyncIterator[Any]:
    for item in items:
        await asyncio.sleep(0)
        yield item


def counted(items: Iterable[Any], taken: list[Any]) -> Iterator[Any]:
    for item in items:
        taken.append(item)
        yield item
