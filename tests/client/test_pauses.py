"""Waiting, and letting the time pass in tests."""

from __future__ import annotations

import asyncio
import threading

import pytest

from esignwire._client import SkippedPauses, async_pause, now, pause


def test_skipped_pauses_move_the_clock() -> None:
    before = now()
    with SkippedPauses() as skipped:
        pause(3_600)
        asyncio.run(async_pause(1_800))
        assert now() - before >= 5_400
    assert skipped.pauses == (3_600, 1_800)
    assert now() - before < 5_400


def test_other_threads_skip_too() -> None:
    with SkippedPauses() as skipped:
        thread = threading.Thread(target=pause, args=(3_600,))
        thread.start()
        thread.join()
    assert skipped.pauses == (3_600,)


def test_the_inner_context_ends_first() -> None:
    with SkippedPauses() as outer:
        with SkippedPauses() as inner:
            pause(10)
        pause(20)
    assert (outer.pauses, inner.pauses) == ((20,), (10,))


def test_a_pause_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def async_sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("time.sleep", slept.append)
    monkeypatch.setattr("asyncio.sleep", async_sleep)
    pause(3)
    asyncio.run(async_pause(4))
    assert slept == [3, 4]


def test_a_skipped_pause_lets_others_run() -> None:
    ran: list[str] = []

    async def other() -> None:
        ran.append("other")

    async def main() -> None:
        task = asyncio.create_task(other())
        await async_pause(3_600)
        ran.append("main")
        await task

    with SkippedPauses():
        asyncio.run(main())
    assert ran == ["other", "main"]
