"""Values out of XML text: what services send is read, and the rest refused without being quoted."""

from __future__ import annotations

import datetime as dt
import math
import uuid
from collections.abc import Callable
from decimal import Decimal
from enum import Enum

import pytest
from lxml import etree

from esignwire._codec import (
    Unreadable,
    read_base64,
    read_boolean,
    read_closed_enumeration,
    read_date,
    read_date_time,
    read_decimal,
    read_enumeration,
    read_float,
    read_hex,
    read_integer,
    read_optional_date_time,
    read_uuid,
    read_yes_no,
)

ELEMENT = etree.fromstring("<a><b/></a>")[0]
GUID = uuid.UUID("2ce11ef1-8938-dd11-8735-00065b8ce99b")
EAST = dt.timezone(dt.timedelta(hours=5, minutes=30))


class Colour(Enum):
    RED = "red"


COLOURS = {"red": Colour.RED}


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (read_boolean, " TRUE ", True),
        (read_yes_no, "No", False),
        (read_integer, "+7", 7),
        (read_float, "-INF", -math.inf),
        (read_float, "1.5E3", 1500.0),
        (read_decimal, ".50", Decimal("0.50")),
        (read_date, "2026-02-28Z", dt.date(2026, 2, 28)),
        (
            read_date_time,
            "2026-01-02T03:04:05.1234567Z",
            dt.datetime(2026, 1, 2, 3, 4, 5, 123456, dt.UTC),
        ),
        (read_date_time, " 2026-01-02T03:04:05 ", dt.datetime(2026, 1, 2, 3, 4, 5)),
        (read_date_time, "2026-12-31T24:00:00Z", dt.datetime(2027, 1, 1, tzinfo=dt.UTC)),
        (read_date_time, "2026-12-31T24:00:00+05:30", dt.datetime(2027, 1, 1, tzinfo=EAST)),
        (read_optional_date_time, "0001-01-01T00:00:00", None),
        (read_base64, "aG\r\nk=", b"hi"),
        (read_hex, " 0aFF ", b"\n\xff"),
        (read_uuid, f" {{{GUID}}} ", GUID),
    ],
)
def test_what_services_send(
    read: Callable[[str, etree._Element, str], object], text: str, value: object
) -> None:
    assert read(text, ELEMENT, "") == value


def test_no_number() -> None:
    assert math.isnan(read_float("NaN", ELEMENT, ""))


@pytest.mark.parametrize(
    ("read", "text"),
    [
        (read_boolean, "wahr"),
        (read_yes_no, "2"),
        (read_integer, "7.0"),
        (read_integer, "9" * 4001),
        (read_integer, "٣"),
        (read_float, "inf"),
        (read_decimal, "1e3"),
        (read_date, "2026-02-30"),
        (read_date_time, "2026-02-30T00:00:00Z"),
        (read_date_time, "9999-12-31T24:00:00Z"),
        (read_date_time, "2026-01-02"),
        (read_base64, "aGk"),
        (read_base64, "aGk=="),
        (read_hex, "0g"),
        (read_uuid, "2ce11ef1 8938 dd11 8735 00065b8ce99"),
    ],
)
def test_what_is_refused(read: Callable[[str, etree._Element, str], object], text: str) -> None:
    with pytest.raises(Unreadable) as caught:
        read(text, ELEMENT, "@c")
    assert caught.value.path == "a/b/@c"
    assert text not in str(caught.value)


def test_an_open_enumeration_keeps_a_new_word() -> None:
    assert read_enumeration(" red ", COLOURS) is Colour.RED
    assert read_enumeration("green", COLOURS) == "green"


def test_a_closed_enumeration_refuses_it() -> None:
    assert read_closed_enumeration("red", COLOURS, ELEMENT, "") is Colour.RED
    with pytest.raises(Unreadable):
        read_closed_enumeration("green", COLOURS, ELEMENT, "")
