"""Values between Python and XML text, and the small types that the generated modules share.

Everything here is independent of any schema. Writers are strict: a value of the wrong type, or one
that XML cannot carry, is refused with :class:`Unwritable`. Readers accept what .NET and Java
services really send and refuse the rest with :class:`Unreadable`.
"""

from __future__ import annotations

import binascii
import datetime as dt
import decimal
import math
import re
import threading
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import (
    Generic,
    NamedTuple,
    Protocol,
    TypeVar,
    cast,
    get_args,
    get_origin,
    get_type_hints,
)

from lxml import etree

from esignwire_generated._documents import Progress, ReceivedDocument, Upload, new_token, upload_of

# lxml has no public name for the type of its elements.
Element = etree._Element  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - see above

XSI_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
NIL = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/>'

# What is compiled here every message needs. A pattern that is text is compiled by its first use,
# for which a program that never comes there need not wait.
_AWKWARD_TEXT = re.compile("[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f]")
_AWKWARD_ATTRIBUTE = re.compile('[&<>"\t\n\r\x00-\x08\x0b\x0c\x0e-\x1f]')
_UNCARRIABLE = "[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]"
_DATE_TIME = r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(Z|[+-]\d\d:\d\d)?"
# The same without groups: what fits it is read by the standard library, which is quicker.
_is_usual_date_time = re.compile(
    r"[0-9]{4}-[0-9][0-9]-[0-9][0-9]T[0-9][0-9]:[0-9][0-9]:[0-9][0-9](?:\.[0-9]+)?"
    r"(?:Z|[+-][0-9][0-9]:[0-9][0-9])?"
).fullmatch
_from_isoformat = dt.datetime.fromisoformat
_DATE = r"(\d{4})-(\d\d)-(\d\d)(?:Z|[+-]\d\d:\d\d)?"
_INTEGER = r"[+-]?\d{1,4000}"
_DECIMAL = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)"
_FLOAT = r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?"
_MINUTE = dt.timedelta(minutes=1)
_WIDEST_ZONE = dt.timedelta(hours=14)
# Python itself refuses to print or read more than 4,300.
_MOST_DIGITS = 4000
_BEYOND_DIGITS = 10**_MOST_DIGITS
_BOOLEANS = {"true": True, "1": True, "false": False, "0": False}
_YES_NO = {"yes": True, "no": False, **_BOOLEANS}
# Microsoft's serializers write this for a date that was never set, with or without a zone.
_NEVER_SET = "0001-01-01T00:00:00"

# All attributes of an element with their names, which lxml's stubs believe may be bytes.
attributes_of = cast("Callable[[Element], list[tuple[str, str]]]", Element.items)

# UUID forbids assignment; its slots are filled through their descriptors.
_Uuid = uuid.UUID
_new_uuid: Callable[[type[uuid.UUID]], uuid.UUID] = object.__new__
_set_uuid_int: Callable[[uuid.UUID, int], None] = vars(uuid.UUID)["int"].__set__
_set_uuid_is_safe: Callable[[uuid.UUID, uuid.SafeUUID], None] = vars(uuid.UUID)["is_safe"].__set__
# Asking an enumeration for a member takes longer than all the rest of reading a UUID.
_SAFETY_UNKNOWN = uuid.SafeUUID.unknown

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")
_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


# Shorter documents stand in the XML as they are: a place to splice costs more.
_INLINE = 48 * 1024


# The classes here and in the package above that nobody compares are named tuples: to declare a
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
    """A value that cannot be written.

    Args:
        rule: What the value must be.
        value: The value, the very object that the message holds.
    """

    def __init__(self, rule: str, value: object) -> None:
        super().__init__(rule)
        self.rule = rule
        self.value = value
        self.path = ""
        # Until it is known where the value stands, it may be a secret.
        self.is_secret = True


class Unreadable(ValueError):
    """An answer that does not fit its type.

    Args:
        path: Where, such as ``CheckStatusResponse/DocumentStatusCheckResults``.
        rule: What was due there. It never holds the value.
    """

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path}: {rule}")
        self.path = path
        self.rule = rule


# More names than this in one answer tell nobody anything more.
_MOST_UNKNOWN = 100


class Reader:
    """What one reading needs and finds beside the values.

    Args:
        namespaces: The vendor's namespaces. A known name in any of them is accepted, since the
            vendors' own pages print some messages in a neighbour's namespace.
        documents: The documents that were cut out of the XML, by the tokens that stand for them.
            Each is taken out when it is read: what is left was not due.
        has_nil: Whether an element may say ``xsi:nil``. Asking each one costs more than asking
            the whole message once, see :func:`mentions_nil`.
    """

    __slots__ = ("_noted", "documents", "has_nil", "left_aside", "namespaces", "unknown")

    def __init__(
        self,
        namespaces: frozenset[str],
        documents: Mapping[str, ReceivedDocument] | None = None,
        *,
        has_nil: bool = True,
    ) -> None:
        self.namespaces = namespaces
        self.has_nil = has_nil
        self.documents = dict(documents or {})
        # Where each unknown name came first. A list of a thousand items tells of one name once.
        self.unknown: list[str] = []
        self._noted: set[str] = set()
        # Elements that nobody reads, for whoever looks for a document that was not due. Unlike the
        # names they are all there, but only while there is a document to look for.
        self.left_aside: set[Element] = set()

    def adopt(self, element: Element, known: Mapping[str, str]) -> str | None:
        """Finds the canonical tag of an element that is not spelled as the schema spells it.

        Args:
            element: The element.
            known: The canonical tags by local name.

        Returns:
            The canonical tag, or ``None`` for an element that the schema does not know.
        """
        tag = cast("object", element.tag)
        if not isinstance(tag, str):
            return None  # a comment or a processing instruction
        canonical = self._find(tag, known)
        if canonical is None:
            self._leave_aside(element)
            self._note(element)
        return canonical

    def adopt_or_keep(
        self, element: Element, known: Mapping[str, str], kept: list[str]
    ) -> str | None:
        """Does the same where the schema leaves room for any element: what is unknown is kept.

        Args:
            element: The element.
            known: The canonical tags by local name.
            kept: Takes the text of an element that the schema does not know.

        Returns:
            The canonical tag, or ``None`` for an element that the schema does not know.
        """
        tag = cast("object", element.tag)
        if not isinstance(tag, str):
            return None  # a comment or a processing instruction
        canonical = self._find(tag, known)
        if canonical is None:
            kept.append(read_xml(element))
        return canonical

    def _find(self, tag: str, known: Mapping[str, str]) -> str | None:
        namespace, _, local = tag.rpartition("}")
        if not namespace or namespace[1:] in self.namespaces:
            return known.get(local)
        return None

    def unknown_attribute(self, element: Element, name: str) -> None:
        """Notes an attribute that the schema does not know."""
        if not name.startswith("{http://www.w3.org/2001/XMLSchema-instance}"):
            self._note(element, f"/@{name}")

    def unknown_content(self, element: Element) -> None:
        """Notes what stands in an element that holds a value, beside the value."""
        for name, _ in attributes_of(element):
            self.unknown_attribute(element, name)
        for child in element.iterchildren("*"):
            self._leave_aside(child)
            self._note(child)

    def repeated(self, element: Element) -> None:
        """Notes an element that may stand once and came again; the first one counts."""
        self._leave_aside(element)
        self._note(element, " (repeated)")

    def _leave_aside(self, element: Element) -> None:
        if self.documents:
            self.left_aside.add(element)

    def _note(self, element: Element, what: str = "") -> None:
        # To find a path takes time that grows with the siblings: an answer full of unknown names
        # must not take a time that grows with their square.
        if len(self.unknown) >= _MOST_UNKNOWN:
            return
        names = [local_name(one.tag) for one in element.iterancestors("*")]
        key = "/".join([*reversed(names), local_name(element.tag) + what])
        if key not in self._noted:
            self._noted.add(key)
            self.unknown.append(path_of(element) + what)


def local_name(tag: str) -> str:
    """Returns what a tag, ``{namespace}name``, is without its namespace."""
    return tag.rpartition("}")[2]


def path_of(element: Element) -> str:
    """Returns the local names from the root to an element, with a place among namesakes."""
    parts: list[str] = []
    node: Element | None = element
    while node is not None:
        parent = node.getparent()
        name = local_name(node.tag)
        if parent is not None:
            tag = node.tag
            before = sum(1 for _ in node.itersiblings(tag, preceding=True))
            if before or next(node.itersiblings(tag), None) is not None:
                name = f"{name}[{before + 1}]"
        parts.append(name)
        node = parent
    return "/".join(reversed(parts))


def unreadable(element: Element, member: str, rule: str) -> Unreadable:
    """Makes the error for a member of an element; ``member`` is empty for the element's text."""
    path = path_of(element)
    return Unreadable(f"{path}/{member}" if member else path, rule)


# --- writing -----------------------------------------------------------------------------------
#
# What comes here was declared by a type, which callers without a type checker may have ignored:
# so each writer takes any object and says what it needed.


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
    if root.tag.startswith("{"):
        return text
    # It is in no namespace, and must not slip into that of the element around it.
    name = f"<{root.tag}"
    return text if root.nsmap.get(None) == "" else f'{name} xmlns=""{text.removeprefix(name)}'


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
    """Writes a whole message.

    Args:
        encode: The encoder of the root's type.
        tag: The local name of the root element.
        namespace: Its namespace.
        value: The message.

    Returns:
        The message.

    Raises:
        Unwritable: A value has the wrong type or cannot be carried; ``path`` tells where.
    """
    parts: list[str | Upload] = []
    try:
        encode(tag, f' xmlns="{namespace}"', value, parts.append)
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
    """Finds the members that lead to a value, and whether it is a secret; slow, never in a hurry.

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


# --- reading -----------------------------------------------------------------------------------


def read_boolean(text: str, element: Element, member: str) -> bool:
    """Reads ``true``, ``false``, ``1`` or ``0``, in any case."""
    value = _BOOLEANS.get(text.strip().lower())
    if value is None:
        raise unreadable(element, member, "a Boolean was due")
    return value


def read_yes_no(text: str, element: Element, member: str) -> bool:
    """Reads ``yes``, ``no``, ``true`` or ``false``, in any case."""
    value = _YES_NO.get(text.strip().lower())
    if value is None:
        raise unreadable(element, member, "yes or no was due")
    return value


def read_integer(text: str, element: Element, member: str) -> int:
    """Reads a whole number of at most 4,000 digits."""
    stripped = text.strip()
    if re.fullmatch(_INTEGER, stripped, re.ASCII) is None:
        raise unreadable(element, member, "a whole number was due")
    return int(stripped)


def read_float(text: str, element: Element, member: str) -> float:
    """Reads a floating-point number."""
    stripped = text.strip()
    if re.fullmatch(_FLOAT, stripped, re.ASCII) is not None:
        return float(stripped)
    special = {"INF": math.inf, "+INF": math.inf, "-INF": -math.inf, "NaN": math.nan}.get(stripped)
    if special is None:
        raise unreadable(element, member, "a number was due")
    return special


def read_decimal(text: str, element: Element, member: str) -> decimal.Decimal:
    """Reads a decimal number."""
    stripped = text.strip()
    if re.fullmatch(_DECIMAL, stripped, re.ASCII) is None:
        raise unreadable(element, member, "a decimal number was due")
    return decimal.Decimal(stripped)


def read_date(text: str, element: Element, member: str) -> dt.date:
    """Reads a calendar date; a time zone behind it is dropped."""
    match = re.fullmatch(_DATE, text.strip(), re.ASCII)
    if match is not None:
        try:
            return dt.date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            pass
    raise unreadable(element, member, "a date was due")


def read_date_time(text: str, element: Element, member: str) -> dt.datetime:
    """Reads a point in time.

    .NET sends seven fraction digits; Python keeps six, the rest is cut off. A value without a time
    zone stays without one, since the vendor does not say which it means.
    """
    if _is_usual_date_time(text) is not None:
        try:
            return _from_isoformat(text)
        except ValueError:
            pass  # 24:00:00, or no point in time at all: told apart below
    match = re.fullmatch(_DATE_TIME, text.strip(), re.ASCII)
    if match is not None:
        year, month, day, hour, minute, second, fraction, zone = match.groups()
        microsecond = int((fraction or "")[:6].ljust(6, "0"))
        end_of_day = hour == "24" and minute == second == "00" and microsecond == 0
        try:
            value = dt.datetime(
                int(year),
                int(month),
                int(day),
                0 if end_of_day else int(hour),
                int(minute),
                int(second),
                microsecond,
                tzinfo=_zone(zone),
            )
            return value + dt.timedelta(days=1) if end_of_day else value
        except (ValueError, OverflowError):
            pass
    raise unreadable(element, member, "a date with time was due")


def _zone(text: str | None) -> dt.tzinfo | None:
    if text is None:
        return None
    if text == "Z":
        return dt.UTC
    offset = dt.timedelta(hours=int(text[1:3]), minutes=int(text[4:6]))
    return dt.timezone(-offset if text[0] == "-" else offset)


def read_optional_date_time(text: str, element: Element, member: str) -> dt.datetime | None:
    """Reads a point in time; .NET's 0001-01-01T00:00:00 means that none was set."""
    # What nearly every text looks like is read without another call. A year that begins with zero
    # does not.
    if _is_usual_date_time(text) is not None and text[0] != "0":
        try:
            return _from_isoformat(text)
        except ValueError:
            pass
    if text.strip().startswith(_NEVER_SET):
        return None
    return read_date_time(text, element, member)


def read_date_or_date_time(text: str, element: Element, member: str) -> dt.date | dt.datetime:
    """Reads a calendar date or a point in time, whichever was sent."""
    if "T" in text:
        return read_date_time(text, element, member)
    return read_date(text, element, member)


def read_optional_date_or_date_time(
    text: str, element: Element, member: str
) -> dt.date | dt.datetime | None:
    """Reads a calendar date or a point in time; 0001-01-01T00:00:00 means that none was set."""
    if text.strip().startswith(_NEVER_SET):
        return None
    return read_date_or_date_time(text, element, member)


def read_base64(text: str, element: Element, member: str) -> bytes:
    """Reads base64; line breaks and blanks are dropped, anything else foreign is refused."""
    digits = "".join(text.split())
    try:
        content = b64decode(digits, validate=True)
    except (binascii.Error, ValueError):
        raise unreadable(element, member, "base64 was due") from None
    # The standard library overlooks a "=" too many; Python knows blanks that XML does not.
    if len(digits) != (len(content) + 2) // 3 * 4 or not text.isascii():
        raise unreadable(element, member, "base64 was due")
    return content


def read_document(text: str, element: Element, member: str, reader: Reader) -> ReceivedDocument:
    """Reads a document: one that was cut out of the XML before, or a short one in base64."""
    if not member and len(element):
        # Its text would end where the first child begins.
        raise unreadable(element, member, "base64 and no other element was due")
    found = reader.documents.pop(text.strip(), None) if reader.documents else None
    if found is not None:
        return found
    return ReceivedDocument(read_base64(text, element, member))


def read_hex(text: str, element: Element, member: str) -> bytes:
    """Reads hexadecimal digits."""
    try:
        return binascii.unhexlify(text.strip())
    except (binascii.Error, ValueError):
        raise unreadable(element, member, "hexadecimal digits were due") from None


def read_uuid(text: str, element: Element, member: str) -> uuid.UUID:
    """Reads an identifier."""
    digits = text.replace("-", "")
    if len(digits) == 32:
        try:
            octets = bytes.fromhex(digits)
        except ValueError:
            octets = b""
        if len(octets) == 16:  # fewer where blanks stand among the digits
            # UUID's own constructor weighs six kinds of arguments, which costs more than all this.
            value = _new_uuid(_Uuid)
            _set_uuid_int(value, int.from_bytes(octets, "big"))
            _set_uuid_is_safe(value, _SAFETY_UNKNOWN)
            return value
    try:
        return uuid.UUID(text.strip())
    except ValueError:
        raise unreadable(element, member, "an identifier (GUID) was due") from None


def read_enumeration(text: str, kind: Mapping[str, _E]) -> _E | str:
    """Reads a value of an enumeration; one that the schema does not know stays a ``str``."""
    return kind.get(text) or kind.get(text.strip()) or text


def read_closed_enumeration(text: str, kind: Mapping[str, _E], element: Element, member: str) -> _E:
    """Reads a value of an enumeration that only requests use."""
    value = kind.get(text) or kind.get(text.strip())
    if value is None:
        raise unreadable(element, member, "a value of the enumeration was due")
    return value


class _AnyNil(threading.local):
    """An expression for each thread: lxml's hold a lock, which a fork could leave locked."""

    def __init__(self) -> None:
        self.is_found = etree.XPath(
            "boolean(//@xsi:nil)",
            namespaces={"xsi": "http://www.w3.org/2001/XMLSchema-instance"},
        )


_any_nil = _AnyNil()


def mentions_nil(root: Element) -> bool:
    """Returns whether any element of a message says ``xsi:nil``, one way or the other."""
    return bool(_any_nil.is_found(root))


def is_nil(element: Element) -> bool:
    """Returns whether an element says ``xsi:nil``."""
    return element.get(XSI_NIL) in {"true", "1"}


def read_xml(element: Element) -> str:
    """Reads an element that the schema leaves open as the text of one XML element."""
    return etree.tostring(element, encoding="unicode", with_tail=False)


# --- calling -----------------------------------------------------------------------------------


class Operation(NamedTuple, Generic[_Request, _Response]):
    """One operation as the schemas describe it.

    Attributes:
        name: The name, as the vendor spells it.
        contract: The WSDL port or the schema that it belongs to, as the vendor spells it.
        request_tag: The root element of the request, as ``{namespace}name``.
        response_tag: The root element of the answer, as ``{namespace}name``.
        is_safe: Whether the call may be repeated without harm.
        has_documents: Whether the answer can hold documents.
        schema: The file name of the schema that the request must satisfy.
        encode: Writes the request.
        decode: Reads the answer.
        soap_action: The SOAPAction header, for SOAP.
    """

    name: str
    contract: str
    request_tag: str
    response_tag: str
    is_safe: bool
    has_documents: bool
    schema: str
    encode: Callable[[_Request], Message]
    decode: Callable[[Element, Reader], _Response]
    soap_action: str | None = None


class Contract(NamedTuple):
    """One WSDL port, for those who bind it.

    Attributes:
        name: The name, as the vendor spells it.
        wsdl: The file name of its WSDL.
        binding: The binding, as ``{namespace}name``.
        address_path: Where it is, relative to the service.
        mtom_path: Where it takes MTOM messages, relative to the service, if it does.
        soap_actions: The SOAPAction of each operation, by the operation's name.
    """

    name: str
    wsdl: str
    binding: str
    address_path: str
    mtom_path: str | None
    soap_actions: Mapping[str, str]


class AsyncCaller(Protocol):
    """What carries an operation to the vendor and the answer back."""

    async def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> _Response:
        """Performs one call."""
        ...


class Caller(Protocol):
    """What carries an operation to the vendor and the answer back, without asyncio."""

    def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> _Response:
        """Performs one call."""
        ...
