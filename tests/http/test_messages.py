"""What an answer says beside its body."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from esignwire._http import HttpResponse
from esignwire.errors import HttpStatusError

NOW = datetime(2031, 5, 1, 12, 0, 0, tzinfo=UTC)
LATER = format_datetime(NOW + timedelta(seconds=90), usegmt=True)


def waits(**headers: str) -> float | None:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return HttpResponse(status=503, headers=named, content=b"").retry_after


def test_seconds() -> None:
    assert waits(retry_after=" 37 ") == 37.0
    assert waits(retry_after="0") == 0.0
    assert waits() is None
    for text in ("soon", "-1", "1.5", "9" * 400, "٣", ""):
        assert waits(retry_after=text) is None


def test_a_moment_is_counted_by_the_clock_of_the_vendor() -> None:
    assert waits(retry_after=LATER, date=format_datetime(NOW, usegmt=True)) == 90.0
    # The vendor's clock is years ahead of ours.
    assert waits(retry_after=LATER, date=format_datetime(NOW + timedelta(hours=1))) == 0.0


@pytest.mark.parametrize("date", [None, "yesterday", ""])
def test_without_a_clock_of_the_vendor_ours_counts(date: str | None) -> None:
    headers = {} if date is None else {"date": date}
    soon = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    found = waits(retry_after=soon, **headers)
    assert found is not None
    assert 3_000 < found <= 3_600


def test_an_error_that_an_answer_leads_to_says_how_long_to_wait() -> None:
    answer = HttpResponse(status=429, headers={"retry-after": "37"}, content=b"")
    with pytest.raises(HttpStatusError) as caught, answer:
        raise HttpStatusError("busy", http_status=429) from ValueError("SECRET")
    assert caught.value.retry_after == 37.0
    assert str(caught.value) == "busy (HTTP 429, retry after 37 s)"
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None
