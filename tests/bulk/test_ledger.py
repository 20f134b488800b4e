"""The ledger: which items are called, and what the checkpoint is told."""

from __future__ import annotations

import gc
from typing import Any

import pytest

from esignwire.bulk import (
    Done,
    Failed,
    ItemState,
)
from esignwire.errors import (
    AssureSignError,
    ConfigurationError,
    ConnectionFailed,
    ConnectionLost,
    Constellation1Error,
    EsignWireError,
    HttpStatusError,
    InvalidRequest,
    MalformedResponse,
    OutcomeUnknown,
    SignixError,
    SoapFault,
    TokenRefused,
    WaitTimeout,
)
from tests.support.bulk import Crash, Kind, Memory, each_kind, run


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


def named(error: Exception) -> str:
    facts = [getattr(error, name, None) for name in ("vendor_code", "http_status", "session_id")]
    return " ".join([type(error).__name__, *(str(fact) for fact in facts if fact is not None)])


HARMLESS: list[EsignWireError] = [
    InvalidRequest("wrong"),
    ConfigurationError("wrong"),
    ConnectionFailed("no connection", is_retry_safe=True),
    SoapFault("no", fault_code="Client", http_status=500),
    SoapFault("no", fault_code="Client.Authentication", http_status=500),
    SoapFault("no", fault_code="ActionNotSupported", http_status=500),
    AssureSignError("no", exceptions=(("Error", "no such template"),)),
    SignixError("no", vendor_code="101", http_status=200),
    SignixError("a command failed and nothing was saved", vendor_code="2"),
    Constellation1Error("no"),
    Constellation1Error("no", http_status=200),
    Constellation1Error("no", http_status=404),
    TokenRefused("no", http_status=401, is_retry_safe=True),
    HttpStatusError("no", http_status=403),
    HttpStatusError("no", http_status=429),
]
UNKNOWN: list[Exception] = [
    OutcomeUnknown("perhaps"),
    SoapFault("no", fault_code="Server", http_status=500),
    SoapFault("no", fault_code="InternalServiceFault", http_status=500),
    SoapFault("no"),
    AssureSignError("no", session_id="but begun"),
    SignixError("no", vendor_code="5", http_status=200),
    SignixError("no", vendor_code="-1", http_status=200),
    SignixError("no", http_status=200),
    Constellation1Error("no", session_id="but made"),
    Constellation1Error("no", http_status=500),
    Constellation1Error("no", http_status=409),
    HttpStatusError("no", http_status=502),
    HttpStatusError("no", http_status=408),
    HttpStatusError("no", http_status=409),
    HttpStatusError("no", http_status=302),
    HttpStatusError("no"),
    MalformedResponse("not XML"),
    ConnectionLost("gone"),
    # Its own call reads; the submission that it waits for was made before.
    WaitTimeout("not yet", session_id="begun"),
    RuntimeError("anything"),
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
@pytest.mark.parametrize("error", UNKNOWN, ids=named)
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
@pytest.mark.parametrize("error", HARMLESS, ids=named)
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
