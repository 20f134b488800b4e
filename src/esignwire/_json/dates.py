"""Dates in JSON, as .NET has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from typing import Literal

__all__ = ["read_date", "write_date"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_MILLISECONDS = re.compile(r"\\?/Date\((-?\d{1,18})(?:([+-])(\d{2})(\d{2}))?\)\\?/")

_FRACTION = re.compile(r"(\.\d{6})\d+")


def read_date(text: str) -> datetime:
    """Reads ``/Date(1416614400000-0800)/`` or ISO 8601, to the microsecond.

    The number counts milliseconds from 1970 in UTC; the zone behind it only says how the vendor
    would show it. A moment has no zone where an ISO text has none: which zone the vendor means then
    is not documented.

    Raises:
        ValueError: The text is neither, or beyond what a ``datetime`` can hold.
    """
    found = _MILLISECONDS.fullmatch(text.strip())
    if found is None:
        # .NET writes seven digits of a second.
        return datetime.fromisoformat(_FRACTION.sub(r"\1", text.strip()))
    number, sign, hours, minutes = found.groups()
    try:
        moment = _EPOCH + timedelta(milliseconds=int(number))
        if sign is None:
            return moment
        offset = timedelta(hours=int(hours), minutes=int(minutes))
        return moment.astimezone(timezone(-offset if sign == "-" else offset))
    except OverflowError:
        raise ValueError("beyond the years 1 to 9999") from None


def write_date(moment: datetime, form: Literal["milliseconds", "iso8601"]) -> str:
    """Writes a moment with its zone, in UTC, cut to milliseconds."""
    milliseconds = (moment - _EPOCH) // timedelta(milliseconds=1)
    if form == "milliseconds":
        return f"/Date({milliseconds})/"
    utc = _EPOCH + timedelta(milliseconds=milliseconds)
    return utc.isoformat(timespec="milliseconds").replace("+00:00", "Z")
