"""Hypothesis strategies for every generated dataclass, and the codecs that belong to each.

The strategies follow the type hints of the dataclass fields alone: they know nothing of the
schemas' facets, so that they reach values which a schema would refuse and a codec must still carry.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import decimal
import functools
import importlib
import os
import pkgutil
import types
import typing
import uuid
from collections.abc import Callable, Iterator
from enum import Enum
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from lxml import etree

from esignwire._codec import Message, Reader, write_message
from esignwire._documents import ReceivedDocument, Upload

VENDORS = ("assuresign", "signix")

_CHECKS = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]


def modest(examples: int) -> settings:
    """Settings for a test that runs over hundreds of types."""
    return settings(max_examples=examples, suppress_health_check=_CHECKS)


# --- the generated modules ---


@dataclasses.dataclass(frozen=True, slots=True)
class Codec:
    """A generated type with its encoder and decoder, and how a root of it may be called."""

    vendor: str
    kind: type[Any]
    encode: Callable[[str, str, Any, Callable[[str | Upload], object]], None]
    decode: Callable[[etree._Element, Reader], Any]
    namespaces: frozenset[str]

    @property
    def name(self) -> str:
        """The name in the list of tests."""
        module = self.kind.__module__.rpartition(".")[2]
        return f"{self.vendor}-{module}-{self.kind.__name__}"

    def write(self, value: object) -> str:
        """Writes a value as the element that its ``Meta`` names."""
        meta = self.kind.Meta
        written = write_message(self.encode, meta.name, meta.namespace, value)
        assert not written.uploads
        return written.text

    def read(self, text: str) -> tuple[Any, Reader]:
        """Reads a value; the reader tells what was not known."""
        reader = Reader(self.namespaces)
        return self.decode(parse(text), reader), reader


def parse(text: str) -> etree._Element:
    """Parses as the run-time core does: strictly, without comments, with texts of any length."""
    parser = etree.XMLParser(
        encoding="utf-8",
        recover=False,
        resolve_entities=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(text.encode("utf-8"), parser)


def canonical(text: str) -> str:
    """The canonical form (C14N 2.0), with prefixes of its own, since those mean nothing."""
    result = etree.canonicalize(text, rewrite_prefixes=True)
    assert isinstance(result, str)
    return result


def _modules(vendor: str, folder: str) -> Iterator[types.ModuleType]:
    package = importlib.import_module(f"esignwire_generated.{vendor}.{folder}")
    for found in pkgutil.iter_modules(package.__path__):
        yield importlib.import_module(f"{package.__name__}.{found.name}")


def namespaces(vendor: str) -> frozenset[str]:
    """All namespaces of a vendor."""
    found = importlib.import_module(f"esignwire_generated.{vendor}.names").NAMESPACES
    assert isinstance(found, frozenset)
    return found


@functools.cache
def codecs(vendor: str) -> tuple[Codec, ...]:
    """Every generated codec of a vendor, found by what its functions declare."""
    found: list[Codec] = []
    for module in _modules(vendor, "codecs"):
        for name, function in vars(module).items():
            if not name.startswith("encode_") or function.__module__ != module.__name__:
                continue
            kind = typing.get_type_hints(function)["value"]
            decode = getattr(module, name.replace("encode_", "decode_", 1))
            assert typing.get_type_hints(decode)["return"] is kind
            found.append(Codec(vendor, kind, function, decode, namespaces(vendor)))
    return tuple(found)


def writers(vendor: str) -> Iterator[tuple[str, type[Any], Callable[[Any], Message]]]:
    """Every message of a vendor: the stem of its schema's file, its type and its writer."""
    for module in _modules(vendor, "codecs"):
        stem = module.__name__.rpartition(".")[2]
        for name, function in vars(module).items():
            if name.startswith("write_") and function.__module__ == module.__name__:
                yield stem, typing.get_type_hints(function)["value"], function


ALL_CODECS = tuple(codec for vendor in VENDORS for codec in codecs(vendor))


def codec_of(kind: type[Any]) -> Codec:
    """The codec of one type."""
    return next(codec for codec in ALL_CODECS if codec.kind is kind)


# --- simple values ---

AWKWARD_TEXTS = (
    "",
    " ",
    "\t",
    "\r",
    "\n",
    "\r\n",
    " leading",
    "trailing ",
    "two  blanks",
    "a\tb\nc\rd\r\ne",
    "]]>",
    "<![CDATA[x]]>",
    "&<>\"'",
    "&amp;&#13;&lt;",
    "<!-- no comment -->",
    "<?pi?>",
    "\N{NEXT LINE}between\N{NEXT LINE}",
    "\N{LINE SEPARATOR}between\N{PARAGRAPH SEPARATOR}",
    "\N{NO-BREAK SPACE}\N{ZERO WIDTH NO-BREAK SPACE}",
    "\N{REPLACEMENT CHARACTER}",
    "\N{GRINNING FACE}\N{MUSICAL SYMBOL G CLEF}",
    "\U0010ffff\U00010000",
    "e\N{COMBINING ACUTE ACCENT} \N{RIGHT-TO-LEFT OVERRIDE}abc",
    "\x7f\x80\x9f",
    "\ud7ff\ue000\ufffd",
    "None",
    "true",
    "0001-01-01T00:00:00",
)
# What XML 1.0 can carry: the production Char.
_CHARACTERS = st.one_of(
    st.sampled_from("\t\n\r &<>\"']"),
    st.characters(min_codepoint=0x20, max_codepoint=0xD7FF),
    st.characters(min_codepoint=0xE000, max_codepoint=0xFFFD),
    st.characters(min_codepoint=0x10000, max_codepoint=0x10FFFF),
)
TEXTS = st.one_of(st.sampled_from(AWKWARD_TEXTS), st.text(_CHARACTERS, max_size=12))

_OFFSETS = st.one_of(
    st.just(dt.timedelta()),
    st.sampled_from(
        [
            dt.timedelta(hours=14),
            dt.timedelta(hours=-14),
            dt.timedelta(hours=5, minutes=45),
            dt.timedelta(hours=-3, minutes=-30),
            # Python allows these; XML Schema does not, so they go out in UTC.
            dt.timedelta(hours=23, minutes=59),
            dt.timedelta(minutes=-1, seconds=-30),
            dt.timedelta(hours=1, microseconds=1),
        ]
    ),
)
MOMENTS = st.datetimes(
    # A day from either end of the calendar, where no offset leads beyond it.
    min_value=dt.datetime(1, 1, 3),
    max_value=dt.datetime(9999, 12, 30),
    timezones=_OFFSETS.map(dt.timezone),
)
FLOATS = st.one_of(
    st.sampled_from([0.0, -0.0, 5e-324, 1.7976931348623157e308, 0.1, 1e16, 1e-7, -2.5]),
    st.floats(allow_nan=False, allow_infinity=False),
)
INTEGERS = st.one_of(
    st.integers(),
    st.sampled_from([0, -1, 2**31, -(2**63) - 1, 2**64, 10**60]),
)
DECIMALS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30)
# Spelled as a reader spells them, which declares the namespaces in scope even where none is used.
FRAGMENTS = st.one_of(
    st.sampled_from(
        [
            '<a xmlns="urn:x"/>',
            '<p:a xmlns:p="urn:x" xmlns="" p:q="1">text</p:a>',
            '<a xmlns="urn:x"><b xmlns="">in none</b></a>',
            '<plain xmlns=""/>',
            '<plain xmlns=""><child q="&lt;&quot;">a&#13;b</child></plain>',
        ]
    ),
    st.deferred(lambda: TEXTS.map(_fragment)),
)


def _fragment(text: str) -> str:
    element = etree.Element("{urn:x}note", {"kind": text}, nsmap={None: "urn:x"})
    element.text = text
    # As a reader gives it back: libxml2 writes an empty text as no text.
    return etree.tostring(parse(etree.tostring(element, encoding="unicode")), encoding="unicode")


SCALARS: dict[object, st.SearchStrategy[Any]] = {
    str: TEXTS,
    bool: st.booleans(),
    int: INTEGERS,
    float: FLOATS,
    decimal.Decimal: DECIMALS,
    dt.date: st.dates(),
    dt.datetime: MOMENTS,
    bytes: st.binary(min_size=1, max_size=40),
    bytearray: st.binary(min_size=1, max_size=40).map(bytearray),
    ReceivedDocument: st.binary(max_size=40).map(ReceivedDocument),
    uuid.UUID: st.uuids(),
    type(None): st.none(),
}


def _unknown_values(kind: type[Enum]) -> st.SearchStrategy[str]:
    known = {str(one.value) for one in kind}
    # Blanks around a known value are the vendor's slip, and an empty text says nothing at all:
    # readers forgive both, so that neither comes back as it went.
    return TEXTS.filter(lambda text: bool(text.strip()) and text.strip() not in known)


_FILES = {os.PathLike[str], typing.BinaryIO}


def _parts(hint: Any) -> tuple[Any, ...]:
    """The kinds of value that a hint allows; of documents those that compare with one read back."""
    if typing.get_origin(hint) in {typing.Union, types.UnionType}:
        return tuple(one for one in typing.get_args(hint) if one not in _FILES)
    return (hint,)


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    parts = _parts(hint)
    enumeration = next((one for one in parts if _is_enumeration(one)), None)
    found: list[st.SearchStrategy[Any]] = []
    for one in parts:
        if typing.get_origin(one) is list:
            found.append(st.lists(_strategy(typing.get_args(one)[0]), max_size=2))
        elif one is str and enumeration is not None:
            found.append(_unknown_values(enumeration))
        elif _is_enumeration(one):
            found.append(st.sampled_from(one))
        elif dataclasses.is_dataclass(one):
            # Each type has a test of its own: inside of others a few samples of it will do.
            found.append(st.sampled_from(samples(one)))
        else:
            found.append(SCALARS[one])
    return st.one_of(*found)


def _is_enumeration(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Enum)


@functools.cache
def instances(kind: type[Any]) -> st.SearchStrategy[Any]:
    """A strategy for the instances of one generated dataclass."""
    hints = typing.get_type_hints(kind)
    arguments: dict[str, st.SearchStrategy[Any]] = {}
    for one in dataclasses.fields(kind):
        if one.metadata["type"] == "Wildcard":
            arguments[one.name] = st.lists(FRAGMENTS, max_size=2)
        elif one.metadata.get("required") and typing.get_origin(hints[one.name]) is list:
            (item,) = typing.get_args(hints[one.name])
            arguments[one.name] = st.lists(_strategy(item), min_size=1, max_size=2)
        else:
            arguments[one.name] = _strategy(hints[one.name])
    return st.builds(kind, **arguments)


# --- samples ---

_SAMPLES: dict[object, tuple[Any, ...]] = {
    str: ("a & b", " <x>\r\n", "\t\N{GRINNING FACE}]]>"),
    bool: (True, False, True),
    int: (0, 7, 2**70),
    float: (0.5, -1e-7, 1e16),
    decimal.Decimal: (decimal.Decimal("1.50"), decimal.Decimal(-3), decimal.Decimal(0)),
    dt.date: (dt.date(2024, 2, 29), dt.date.min, dt.date.max),
    dt.datetime: (
        dt.datetime(2024, 2, 29, 23, 59, 59, 123456, tzinfo=dt.UTC),
        dt.datetime(1999, 1, 1, tzinfo=dt.timezone(dt.timedelta(hours=5, minutes=45))),
        dt.datetime(2030, 6, 1, tzinfo=dt.timezone(dt.timedelta(hours=-14))),
    ),
    bytes: (b"%PDF-", b"\0", b"\0\xff\n"),
    ReceivedDocument: tuple(ReceivedDocument(one) for one in (b"%PDF-", b"", b"\0\xff\n")),
    uuid.UUID: (uuid.UUID(int=0), uuid.UUID(int=2**128 - 1), uuid.UUID(int=0xABCDEF)),
}


def _sample(hint: Any, turn: int) -> Any:
    parts = _parts(hint)
    if turn == 0 and type(None) in parts:
        return None
    one = [part for part in parts if part is not type(None)][0 if turn < 2 else -1]
    if typing.get_origin(one) is list:
        (item,) = typing.get_args(one)
        return [_sample(item, turn) for _ in range(turn)]
    if _is_enumeration(one):
        return list(one)[turn % len(one)]
    if dataclasses.is_dataclass(one):
        return samples(one)[turn]
    return _SAMPLES[one][turn]


@functools.cache
def samples(kind: Any) -> tuple[Any, Any, Any]:
    """Three instances of a generated dataclass: one with as little as may be, two with all."""
    hints = typing.get_type_hints(kind)
    made: list[Any] = []
    for turn in range(3):
        arguments: dict[str, Any] = {}
        for one in dataclasses.fields(kind):
            if one.metadata["type"] == "Wildcard":
                arguments[one.name] = [f'<n xmlns="urn:{turn}"/>'] * turn
            elif one.metadata.get("required") and typing.get_origin(hints[one.name]) is list:
                (item,) = typing.get_args(hints[one.name])
                arguments[one.name] = [_sample(item, turn)] * max(1, turn)
            else:
                arguments[one.name] = _sample(hints[one.name], turn)
        made.append(kind(**arguments))
    return made[0], made[1], made[2]
