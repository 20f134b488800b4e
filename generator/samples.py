"""Sample values of simple types, made from their facets and tried by libxml2."""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
import uuid
from collections.abc import Callable, Iterator
from functools import cached_property
from typing import Any

from esignwire._codec import (
    Unwritable,
    base64_text,
    boolean_text,
    date_or_date_time_text,
    date_text,
    date_time_text,
    decimal_text,
    float_text,
    hex_text,
    integer_text,
    string_text,
    uuid_text,
    yes_no_text,
)
from generator.model import Enumeration, Scalar, SimpleType
from generator.patterns import examples

_WRITERS: dict[Scalar, Callable[[object], str]] = {
    Scalar.STRING: string_text,
    Scalar.BOOLEAN: boolean_text,
    Scalar.YES_NO: yes_no_text,
    Scalar.INTEGER: integer_text,
    Scalar.FLOAT: float_text,
    Scalar.DECIMAL: decimal_text,
    Scalar.DATE: date_text,
    Scalar.DATE_TIME: date_time_text,
    Scalar.DATE_OR_DATE_TIME: date_or_date_time_text,
    Scalar.BASE64: base64_text,
    Scalar.HEX: hex_text,
    Scalar.UUID: uuid_text,
}
_TEXTS = {
    "ID": ["id1", "id2"],
    "IDREF": ["id1"],
    "NCName": ["a1", "b2"],
    "NMTOKEN": ["a1", "b2"],
    "Name": ["a1", "b2"],
    "anyURI": ["urn:a", "http://example.com/?a=1&b=2"],
    "duration": ["P1D", "PT2H"],
    "gDay": ["---12", "---13"],
    "gMonth": ["--05", "--06"],
    "gMonthDay": ["--05-12", "--05-13"],
    "gYear": ["2031", "2032"],
    "gYearMonth": ["2031-05", "2031-06"],
    "language": ["en", "de-CH"],
    "time": ["12:30:00", "01:02:03.5Z"],
}
_BOUNDS = ("minInclusive", "maxInclusive", "minExclusive", "maxExclusive")
_LENGTHS = {"length", "minLength", "maxLength"}
_MOMENT = dt.datetime(2031, 5, 12, 10, 11, 12, 123456, tzinfo=dt.UTC)
_LONGEST = 20_000


class SampleValues:
    """The values with which a simple type is tried.

    Args:
        simple: The type.
        is_valid: Whether the schema allows a text for it; ``None`` where all made here fit.
    """

    def __init__(self, simple: SimpleType, is_valid: Callable[[str], bool] | None) -> None:
        self._simple = simple
        self._is_valid = is_valid

    @cached_property
    def candidates(self) -> list[object]:
        """The values that Python may hold, whether or not the schema allows them."""
        found: list[object] = []
        for value in self._made():
            if not any(type(value) is type(one) and value == one for one in found):
                found.append(value)
        return found

    @cached_property
    def values(self) -> list[object]:
        """The values that the schema allows."""
        return [value for value in self.candidates if self._fits(value)]

    def value(self, turn: int) -> object:
        """Gives a value; another number gives another one, where there are several."""
        simple = self._simple
        if not simple.facets and simple.sample is None:
            # So many items may be told apart by a key of the schema.
            if simple.primitive in {"string", "token"} and simple.value is Scalar.STRING:
                return f"{turn} & <more>"
            if simple.primitive in {"ID", "NCName"} and simple.value is Scalar.STRING:
                return f"id{turn}"
        return self.values[turn % len(self.values)]

    def _fits(self, value: object) -> bool:
        kind = self._simple.value
        writer = string_text if isinstance(kind, Enumeration) else _WRITERS[kind]
        if self._is_valid is None:
            return True
        try:
            return self._is_valid(writer(value))
        except Unwritable:
            return False

    def _made(self) -> Iterator[object]:
        simple = self._simple
        kind = simple.value
        if isinstance(kind, Enumeration):
            # An empty text is the likeliest to be lost.
            yield from sorted((one.value for one in kind.values), key=bool)
        elif kind is Scalar.STRING:
            yield from self._texts()
        elif kind in {Scalar.BOOLEAN, Scalar.YES_NO}:
            yield from (True, False)
        elif kind in {Scalar.BASE64, Scalar.HEX}:
            yield from (bytes(range(1, length + 1)) for length in self._lengths(255, (6, 1)))
        elif kind is Scalar.UUID:
            yield from (uuid.UUID(int=0x2CE11EF1 << 96 | 0xDD1187), uuid.UUID(int=2**128 - 1))
            for text in self._given():
                with contextlib.suppress(ValueError):
                    yield uuid.UUID(text)
        else:
            yield from self._in_order(kind)

    def _given(self) -> list[str]:
        """Texts that the schema itself gives, by an example, a pattern or a list."""
        simple = self._simple
        return [
            *([simple.sample] if simple.sample is not None else []),
            *simple.facets.get("enumeration", ()),
            *(text for one in simple.facets.get("pattern", ()) for text in examples(one)),
        ]

    def _texts(self) -> Iterator[str]:
        simple = self._simple
        yield from self._given()
        yield from (simple.facets[name][0] for name in _BOUNDS if name in simple.facets)
        yield from _TEXTS.get(simple.primitive, ["a & b <c>", "x y", "x"])
        if simple.primitive in _TEXTS and not _LENGTHS & simple.facets.keys():
            return
        for length in self._lengths(_LONGEST, ()):
            yield ("a & b <c> " * (length // 10 + 1))[:length].rstrip().ljust(length, "x")
            yield "xyz"[:length].ljust(length, "1")

    def _lengths(self, longest: int, usual: tuple[int, ...]) -> list[int]:
        facets = self._simple.facets
        exact = facets.get("length")
        if exact:
            return [int(exact[0])] if int(exact[0]) <= longest else []
        least = int(facets.get("minLength", ("0",))[0])
        most = int(facets.get("maxLength", (str(max(longest, least)),))[0])
        wanted = [*usual, least, least + 1, min(most, least + 7)]
        return [one for one in wanted if least <= one <= min(most, longest)]

    def _in_order(self, kind: Scalar) -> Iterator[object]:
        """Makes numbers and dates: usual ones, and those at the bounds and beside them."""
        simple = self._simple
        read, usual, steps = _ORDERED[kind]
        is_negative = simple.primitive in {"negativeInteger", "nonPositiveInteger"}
        yield from ((-7, -1) if is_negative else usual)
        facets = simple.facets
        bounds = [facets[name][0] for name in _BOUNDS if name in facets]
        for text in [*bounds, *self._given()]:
            with contextlib.suppress(ValueError, ArithmeticError):
                value = read(text.strip())
                yield value
                for step in steps:
                    yield value + step
                    yield value - step
        if kind is Scalar.INTEGER and "totalDigits" in facets:
            yield 10 ** (int(facets["totalDigits"][0]) - 1)
        if kind is Scalar.DECIMAL and len(bounds) > 1:
            yield sum(map(decimal.Decimal, bounds)) / len(bounds)


def _date_time(text: str) -> dt.datetime:
    value = dt.datetime.fromisoformat(text)
    return value if value.tzinfo else value.replace(tzinfo=dt.UTC)


def _date(text: str) -> dt.date:
    return dt.date.fromisoformat(text[:10])


# How a text is read, values that usually fit, and steps from one value to the next.
_ORDERED: dict[Scalar, tuple[Callable[[str], Any], tuple[object, ...], tuple[Any, ...]]] = {
    Scalar.INTEGER: (int, (7, 1), (1,)),
    Scalar.FLOAT: (float, (0.25, 1.5, -2.0), (0.5, 1.0)),
    Scalar.DECIMAL: (
        decimal.Decimal,
        (decimal.Decimal("1.50"), decimal.Decimal(2), decimal.Decimal("-0.25")),
        (decimal.Decimal("0.01"), decimal.Decimal(1)),
    ),
    Scalar.DATE: (_date, (_MOMENT.date(), dt.date(2030, 1, 1)), (dt.timedelta(days=1),)),
    Scalar.DATE_TIME: (
        _date_time,
        (_MOMENT, _MOMENT.replace(microsecond=0)),
        (dt.timedelta(seconds=1),),
    ),
    Scalar.DATE_OR_DATE_TIME: (_date_time, (_MOMENT.date(), _MOMENT), ()),
}
