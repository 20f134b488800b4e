"""Which attempts are made, and who is told of them."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
import stamina

from esignwire._call import Call
from esignwire._http import HttpResponse, Retries
from esignwire.errors import (
    ConnectionFailed,
    ConnectionLost,
    EsignWireError,
    OutcomeUnknown,
    RequestTimeout,
    TransportError,
)

READ = Call(vendor="SIGNiX", operation="GetAccessLink", is_safe=True)
CHANGE = Call(vendor="SIGNiX", operation="SubmitDocument", is_safe=False)
REFUSED = ConnectionFailed("refused", is_retry_safe=True)
UNTRUSTED = ConnectionFailed("the certificate is not trusted")


@pytest.fixture(autouse=True)
def _pauses() -> Iterator[None]:
    """The pauses are as in production; none of them is waited for."""
    with stamina.set_testing(False):
        yield


def busy(status: int, **headers: str) -> HttpResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=status, headers=named, content=b"")


def retries(call: Call, seconds: float = 60.0, attempts: int = 3) -> Retries:
    return Retries(call, attempts=attempts, deadline=time.monotonic() + seconds)


@pytest.mark.parametrize(
    ("outcome", "of_a_read", "of_a_change"),
    [
        (REFUSED, True, True),
        (UNTRUSTED, False, False),
        (ConnectionLost("lost", is_retry_safe=True), True, False),
        (RequestTimeout("late", is_retry_safe=True), True, False),
        (TransportError("a document changed", is_retry_safe=True), False, False),
        (OutcomeUnknown("open"), False, False),
        *((busy(status), True, False) for status in (429, 502, 503, 504)),
        *((busy(status), False, False) for status in (200, 404, 408, 409, 500, 501)),
    ],
)
def test_what_is_repeated(
    outcome: HttpResponse | EsignWireError, of_a_read: bool, of_a_change: bool
) -> None:
    assert (retries(READ).pause_after(outcome) is not None) is of_a_read
    assert (retries(CHANGE).pause_after(outcome) is not None) is of_a_change


def test_pauses_grow_within_their_bounds() -> None:
    made = retries(CHANGE, attempts=12)
    pauses = [made.pause_after(REFUSED) or -1.0 for _ in range(11)]
    assert all(
        min(0.1 * 2**number, 5.0) <= pause <= min(0.1 * 2**number + 1.0, 5.0)
        for number, pause in enumerate(pauses)
    )
    assert made.pause_after(REFUSED) is None


def test_a_vendor_may_ask_for_more_but_not_for_all() -> None:
    assert (retries(READ).pause_after(busy(503, retry_after="30")) or 0.0) >= 30.0
    assert retries(READ, seconds=10.0).pause_after(busy(503, retry_after="30")) is None


def test_the_switches_of_stamina_hold() -> None:
    with stamina.set_testing(True):
        assert retries(READ).pause_after(REFUSED) == 0.0
    stamina.set_active(False)
    try:
        assert retries(READ).pause_after(REFUSED) is None
    finally:
        stamina.set_active(True)


@pytest.fixture
def hooked() -> Iterator[list[object]]:
    found: list[object] = []
    stamina.instrumentation.set_on_retry_hooks([found.append])
    yield found
    stamina.instrumentation.set_on_retry_hooks(None)


def test_our_logger_alone_is_told(caplog: pytest.LogCaptureFixture, hooked: list[object]) -> None:
    with caplog.at_level(logging.DEBUG):
        retries(CHANGE).pause_after(REFUSED)
        retries(READ).pause_after(busy(503))
    first, second = caplog.records
    assert {first.name, second.name} == {"esignwire"}
    assert first.getMessage().startswith("SIGNiX SubmitDocument: attempt 1 of 3 failed, the next")
    assert first.getMessage().endswith(" s: ConnectionFailed: refused")
    assert second.getMessage().endswith(" s: HTTP 503")
    assert hooked == []


def test_a_program_without_logging_prints_nothing() -> None:
    program = """
import time
from esignwire._call import Call
from esignwire._http import Retries
from esignwire.errors import ConnectionFailed
call = Call(vendor="SIGNiX", operation="X", is_safe=True)
retries = Retries(call, attempts=3, deadline=time.monotonic() + 9)
assert retries.pause_after(ConnectionFailed("no", is_retry_safe=True)) is not None
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"")
