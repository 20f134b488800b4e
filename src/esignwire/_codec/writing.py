"""Values into XML text: writers refuse what has the wrong type or cannot be carried by XML."""

from __future__ import annotations

import datetime as dt
import decimal
import math
import re
import uuid
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import (
    NamedTuple,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from lxml import etree

from esignwire._documents import Upload, new_token, upload_of

__all__ = [
    "NIL",
    "Message",
    "Unwritable",
    "base64_text",
    "boolean_text",
    "date_or_date_time_text",
    "date_text",
    "date_time_text",
    "decimal_text",
    "document",
    "enumeration_text",
    "float_text",
    "hex_text",
    "integer_text",
    "items",
    "string_attribute",
    "string_text",
    "uuid_text",
    "write_message",
    "wrong_type",
    "xml_text",
    "yes_no_text",
]

NIL = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'

# What is compiled here every message needs. A pattern that is text is compiled by its first use,
# for which a program that never comes there need not wait.
_AWKWARD_TEXT = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f]")

_AWKWARD_ATTRIBUTE = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f]')

_UNCARRIABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"

_MINUTE = dt.timedelta(minutes=1)

_WIDEST_ZONE = dt.timedelta(hours=14)

# Python itself refuses to print or read more than 4,300.
_MOST_DIGITS = 4000

_BEYOND_DIGITS = 10**_MOST_DIGITS

_T = TypeVar("_T")
_Request = TypeVar("_Request")

# Shorter documents stand in the XML as they are: a place to splice costs more.
_INLINE = 48 * 1024


# The classes here and in the package above that no code compares are named tuples: to declare a
# frozen dataclass takes ten times as long, at the start of every program.
class Message(NamedTuple):
    """A message that was written.

    Attributes:
        text: The XML, without a declaration. A token stands for each document.
        uploads: The documents by their tokens, in the order of the message.
    """

    text: str
    uploads: Mapping[str, Upload]


class Unwritable(ValueError):
    """A value that cannot be written: the very object of the message, and what it must be."""

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.value = value
        self.path = ""
        # Until it is known where the value stands, it may be a secret.
        self.is_secret = True


def _escape_text(match: re.Match[str]) -> str:
    character = match.group()
    known = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
    return known.get(character, "")


def _escape_attribute(match: re.Match[str]) -> str:
    character = match.group()
    known = {
        "&": "&amp;",
        "<": "&lt;",
        ">": "&gt;",
        '"': "&quot;",
        "\t": "&#9;",
        "\n": "&#10;",
        "\r": "&#13;",
    }
    return known.get(character, "")


def _plain(value: object) -> str:
    """The text of a string whose class is derived from ``str`` and may print itself otherwise."""
    if not isinstance(value, str):
        raise Unwritable("a str", value)
    return str.__str__(value)


def _check_carriable(text: str, value: object) -> None:
    match = re.search(_UNCARRIABLE, text)
    if match is not None:
        raise Unwritable(
            f"text without U+{ord(match.group()):04X} (at position {match.start()}), "
            "which XML cannot carry",
            value,
        )


def string_text(value: object) -> str:
    """Writes a string as the content of an element."""
    text = value if type(value) is str else _plain(value)
    if not text.isascii():
        _check_carriable(text, value)
    if _AWKWARD_TEXT.search(text) is None:
        return text
    _check_carriable(text, value)
    return _AWKWARD_TEXT.sub(_escape_text, text)


def string_attribute(value: object) -> str:
    """Writes a string as the value of an attribute."""
    text = value if type(value) is str else _plain(value)
    if not text.isascii():
        _check_carriable(text, value)
    if _AWKWARD_ATTRIBUTE.search(text) is None:
        return text
    _check_carriable(text, value)
    return _AWKWARD_ATTRIBUTE.sub(_escape_attribute, text)


def boolean_text(value: object) -> str:
    """Writes ``true`` or ``false``."""
    if value is True:
        return "true"
    if value is False:
        return "false"
    raise Unwritable("a bool", value)


def yes_no_text(value: object) -> str:
    """Writes ``yes`` or ``no``."""
    if value is True:
        return "yes"
    if value is False:
        return "no"
    raise Unwritable("a bool", value)


def integer_text(value: object) -> str:
    """Writes a whole number of at most 4,000 digits."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise Unwritable("an int", value)
    if not -_BEYOND_DIGITS < value < _BEYOND_DIGITS:
        raise Unwritable(f"a whole number of at most {_MOST_DIGITS:,} digits", value)
    return int.__repr__(value)


def float_text(value: object) -> str:
    """Writes a floating-point number."""
    if isinstance(value, bool) or not isinstance(value, float | int):
        raise Unwritable("a float", value)
    try:
        number = float(value)
    except OverflowError:
        raise Unwritable("a float, which ends at about 1.8e308", value) from None
    if math.isfinite(number):
        return repr(number)
    return "NaN" if math.isnan(number) else ("INF" if number > 0 else "-INF")


def decimal_text(value: object) -> str:
    """Writes a decimal number, never in exponential form."""
    if not isinstance(value, decimal.Decimal) or not value.is_finite():
        raise Unwritable("a finite Decimal", value)
    if value and not -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS:
        raise Unwritable(f"a Decimal of at most {_MOST_DIGITS:,} digits", value)
    return f"{value:f}"


def date_text(value: object) -> str:
    """Writes a calendar date."""
    if isinstance(value, dt.datetime) or not isinstance(value, dt.date):
        raise Unwritable("a date", value)
    return dt.date.isoformat(value)


def date_time_text(value: object) -> str:
    """Writes a point in time; one without a time zone is refused, since it names no point."""
    if not isinstance(value, dt.datetime):
        raise Unwritable("a datetime", value)
    offset = value.utcoffset()
    if offset is None:
        raise Unwritable("a datetime with a time zone, such as datetime.now(UTC)", value)
    # XML Schema knows zones of whole minutes, up to 14 hours from UTC.
    if offset % _MINUTE or not -_WIDEST_ZONE <= offset <= _WIDEST_ZONE:
        try:
            value = value.astimezone(dt.UTC)
        except OverflowError:
            raise Unwritable("a datetime whose year in UTC is 1 to 9999", value) from None
    return dt.datetime.isoformat(value)


def date_or_date_time_text(value: object) -> str:
    """Writes a calendar date or a point in time."""
    if isinstance(value, dt.datetime):
        return date_time_text(value)
    return date_text(value)


def base64_text(value: object) -> str:
    """Writes bytes in base64, on one line."""
    if not isinstance(value, bytes | bytearray):
        raise Unwritable("bytes", value)
    return b64encode(value).decode("ascii")


def document(value: object) -> str | Upload:
    """Prepares a document: a short one is written in base64, any other is read when it is sent."""
    try:
        upload = upload_of(value)
    except ValueError as error:
        raise Unwritable(str(error), value) from None
    except OSError as error:
        raise Unwritable(_readable(error), value) from error
    if upload.size > _INLINE:
        return upload
    try:
        return b64encode(b"".join(upload.chunks())).decode("ascii")
    except OSError as error:
        raise Unwritable(_readable(error), value) from error


def _readable(error: OSError) -> str:
    # Other words than the system's may quote the file.
    return "a file that can be read" + (f" ({error.strerror})" if error.strerror else "")


def hex_text(value: object) -> str:
    """Writes bytes in hexadecimal digits."""
    if not isinstance(value, bytes | bytearray):
        raise Unwritable("bytes", value)
    return bytes(value).hex().upper()


def uuid_text(value: object) -> str:
    """Writes an identifier in its hyphenated form."""
    if not isinstance(value, uuid.UUID):
        raise Unwritable("a UUID", value)
    # As str() writes it, at two thirds of the cost: the first and the last hyphen in one go.
    digits = value.int.to_bytes(16, "big").hex("-", 6)
    return f"{digits[:13]}-{digits[13:17]}-{digits[17:]}"


def enumeration_text(value: object, kind: type[Enum]) -> str:
    """Writes a value of an enumeration, or a text that a newer service may know."""
    if isinstance(value, kind):
        return string_attribute(str(value.value))
    if isinstance(value, str) and not isinstance(value, Enum):
        return string_attribute(value)
    raise Unwritable(f"a {kind.__name__}", value)


def xml_text(value: object) -> str:
    """Writes an element that is given as text, once it is known to be one element and no more."""
    if not isinstance(value, str):
        raise Unwritable("the text of one XML element", value)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=False)
    try:
        root = etree.fromstring(value, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unwritable("the text of one well-formed XML element", value) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unwritable("the text of one XML element without a DTD", value)
    text = etree.tostring(root, encoding="unicode")
    if None in root.nsmap or all(str(one.tag).startswith("{") for one in root.iter("*")):
        return text
    # What is in no namespace must not slip into that of the element around it.
    name = f"<{root.prefix}:" if root.prefix else "<"
    name += etree.QName(root).localname
    return f'{name} xmlns=""{text.removeprefix(name)}'


def items(value: list[_T]) -> list[_T]:
    """Checks that a list was given: a lone ``str`` would go out letter by letter."""
    given = cast("object", value)
    if not isinstance(given, list | tuple):
        raise Unwritable("a list", given)
    return value


def wrong_type(value: object, kind: type) -> Unwritable:
    """Makes the error for a value that is not of the declared type, a derived one included."""
    return Unwritable(f"a {kind.__name__}", value)


def write_message(
    encode: Callable[[str, str, _Request, Callable[[str | Upload], object]], None],
    tag: str,
    namespace: str,
    value: _Request,
) -> Message:
    """Writes a whole message with the encoder of its root's type.

    Raises:
        Unwritable: A value has the wrong type or cannot be carried; ``path`` tells where.
    """
    parts: list[str | Upload] = []
    try:
        encode(tag, f' xmlns="{string_attribute(namespace)}"', value, parts.append)
    except Unwritable as error:
        place, error.is_secret = _search(value, error.value)
        error.path = "/".join([tag, *place])
        raise
    uploads: dict[str, Upload] = {}
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
        else:
            token = new_token()
            uploads[token] = part
            texts.append(token)
    return Message("".join(texts), uploads)


def _search(holder: object, target: object) -> tuple[list[str], bool]:
    """Finds the members that lead to a value, and whether it is a secret.

    The same object may stand in several places, such as ``1`` for a number and, wrongly, for a
    Boolean: then the first place counts whose declared type it does not fit. It is a secret where
    it stands in one place that is, or in none that is known.
    """
    places = list(_places(holder, target))
    if not places:
        return [], True
    path = next((one.path for one in places if not one.fits), places[0].path)
    return path, any(one.is_secret for one in places)


class _Place(NamedTuple):
    """Where a value stands in a message."""

    path: list[str]
    fits: bool
    is_secret: bool

    def below(self, step: str, *, is_secret: bool) -> _Place:
        return _Place([step, *self.path], self.fits, self.is_secret or is_secret)


def _places(holder: object, target: object) -> Iterator[_Place]:
    if not is_dataclass(holder) or isinstance(holder, type):
        return
    hints = get_type_hints(type(holder))
    for one in fields(holder):
        held: object = getattr(holder, one.name, None)
        mark = "@" if one.metadata.get("type") == "Attribute" else ""
        name = mark + str(one.metadata.get("name", one.name))
        hint: object = hints[one.name]
        # What is sensitive leaves the representation.
        is_secret = not one.repr
        if held is target:
            yield _Place([name], _fits(held, hint), is_secret)
        if not isinstance(held, list | tuple):
            for place in _places(held, target):
                yield place.below(name, is_secret=is_secret)
            continue
        inner: tuple[object, ...] = get_args(hint)
        listed = list(cast("Iterable[object]", held))
        for index, item in enumerate(listed):
            step = f"{name}[{index + 1}]" if len(listed) > 1 else name
            if item is target:
                yield _Place([step], any(_fits(item, kind) for kind in inner), is_secret)
            for place in _places(item, target):
                yield place.below(step, is_secret=is_secret)


def _fits(value: object, hint: object) -> bool:
    """Whether a value is of a declared type, as strictly as the writers see it."""
    if isinstance(hint, UnionType):
        return any(_fits(value, one) for one in get_args(hint))
    if get_origin(hint) is list:
        return isinstance(value, list | tuple)
    if not isinstance(hint, type) or not isinstance(value, hint):
        return False
    if is_dataclass(hint):
        return type(value) is hint
    if isinstance(value, bool):
        return hint is bool
    if isinstance(value, dt.datetime):
        return hint is dt.datetime and value.tzinfo is not None
    return True
