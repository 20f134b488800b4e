"""Values out of XML text: readers accept what .NET and Java services send, and refuse the rest."""

from __future__ import annotations

import binascii
import datetime as dt
import decimal
import math
import re
import threading
import uuid
from base64 import b64decode
from collections.abc import Callable, Mapping
from enum import Enum
from typing import (
    TypeVar,
    cast,
)

from lxml import etree

from esignwire._documents import ReceivedDocument
from esignwire._xml import Element, local_name, path_of

__all__ = [
    "Reader",
    "Unreadable",
    "attributes_of",
    "is_nil",
    "mentions_nil",
    "read_base64",
    "read_boolean",
    "read_closed_enumeration",
    "read_date",
    "read_date_or_date_time",
    "read_date_time",
    "read_decimal",
    "read_document",
    "read_enumeration",
    "read_float",
    "read_hex",
    "read_integer",
    "read_optional_date_or_date_time",
    "read_optional_date_time",
    "read_uuid",
    "read_xml",
    "read_yes_no",
    "unreadable",
]


_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"

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

# Attributes of these namespaces tell of the text and of no other place: xsi:type, xml:space, and
# the media type of a document.
_SAYS_NO_PLACE = (
    "{http://www.w3.org/2001/XMLSchema-instance}",
    "{http://www.w3.org/XML/1998/namespace}",
    "{http://www.w3.org/2005/05/xmlmime}",
)

_E = TypeVar("_E", bound=Enum)
_T = TypeVar("_T")


def _namespace(tag: str) -> str:
    return tag.rpartition("}")[0]


class Unreadable(ValueError):
    """An answer that does not fit its type: where, and what was due there, without the value."""

    def __init__(self, path: str, rule: str) -> None:
        super().__init__(f"{path}: {rule}")
        self.path = path
        self.rule = rule


# More unknown names than this in one answer are not worth a log line.
_MOST_UNKNOWN = 100


class Reader:
    """What one reading needs and finds beside the values.

    Args:
        namespaces: The vendor's namespaces. A known name in any of them is accepted, since the
            vendors' own pages print some messages in a neighbour's namespace.
        documents: The documents of the message, by the tokens that stand for them in the XML.
        has_nil: Whether an element may say ``xsi:nil``. Asking each one costs more than asking
            the whole message once, see ``mentions_nil``.
    """

    __slots__ = ("_noted", "documents", "has_nil", "namespaces", "unknown")

    def __init__(
        self,
        namespaces: frozenset[str],
        documents: Mapping[str, ReceivedDocument] | None = None,
        *,
        has_nil: bool = True,
    ) -> None:
        self.namespaces = namespaces
        self.has_nil = has_nil
        self.documents = documents or {}
        # Where each unknown name came first: one entry a name, however many items have it.
        self.unknown: list[str] = []
        self._noted: set[str] = set()

    def adopt(self, element: Element, known: Mapping[str, str]) -> str | None:
        """Finds the canonical tag of an element that is not spelled as the schema spells it.

        ``known`` are the canonical tags by local name. An element that the schema does not know has
        none.
        """
        tag = cast("object", element.tag)
        if not isinstance(tag, str):
            return None  # a comment or a processing instruction
        canonical = self._find(tag, known)
        if canonical is None:
            self._note(element)
        return canonical

    def adopt_or_keep(
        self, element: Element, known: Mapping[str, str], kept: list[str]
    ) -> str | None:
        """Does the same where the schema leaves room for any element; ``kept`` takes it."""
        tag = cast("object", element.tag)
        if not isinstance(tag, str):
            return None  # a comment or a processing instruction
        parent = element.getparent()
        # A message in a neighbour's namespace is in it as a whole. An element in another namespace
        # than the one around it is one of those for which the schema leaves room.
        is_alike = parent is not None and _namespace(parent.tag) == _namespace(tag)
        canonical = self._find(tag, known) if is_alike else None
        if canonical is None:
            kept.append(read_xml(element))
        return canonical

    def _find(self, tag: str, known: Mapping[str, str]) -> str | None:
        namespace, _, local = tag.rpartition("}")
        if not namespace or namespace[1:] in self.namespaces:
            return known.get(local)
        return None

    def optional(
        self, read: Callable[[str, Element, str], _T], text: str, element: Element, member: str
    ) -> _T | None:
        """Reads a value that may be missing; one that cannot be read is noted and left out.

        ``member`` is the attribute, or an empty text for the element's own value.
        """
        try:
            return read(text, element, member)
        except Unreadable as error:
            self._note(element, f"{'/' if member else ''}{member} ({error.rule})")
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
            self._note(child)

    def repeated(self, element: Element, *, may_refuse: bool = False) -> None:
        """Notes an element that may stand once and came again; the first one counts.

        Where a refusal may stand in it, the first one must not hide that.

        Raises:
            Unreadable: A refusal may stand in it, and something does.
        """
        if may_refuse and (len(element) or len(element.attrib)):
            raise unreadable(element, "", "stands there twice")
        self._note(element, " (repeated)")

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


def unreadable(element: Element, member: str, rule: str) -> Unreadable:
    """Makes the error for a member of an element; ``member`` is empty for the element's text."""
    path = path_of(element)
    return Unreadable(f"{path}/{member}" if member else path, rule)


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


def read_document(
    text: str, element: Element, member: str, reader: Reader, declared: tuple[str, ...] = ()
) -> ReceivedDocument:
    """Reads a document: the one that a token stands for, or one in base64."""
    if not member and len(element):
        # Its text would end where the first child begins.
        raise unreadable(element, member, "base64 and no other element was due")
    found = reader.documents.get(text)
    document = ReceivedDocument(read_base64(text, element, member)) if found is None else found
    if not member and not document.size:
        # SOAP with Attachments names the part by an attribute: the document would pass for empty.
        for name, _ in attributes_of(element):
            if name not in declared and not name.startswith(_SAYS_NO_PLACE):
                rule = f"base64 was due, and it is empty beside the attribute {local_name(name)}"
                raise unreadable(element, member, rule)
    return document


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
    found = kind.get(text)
    if found is None:
        found = kind.get(text.strip())
    return text if found is None else found


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
    return element.get(_NIL) in {"true", "1"}


def read_xml(element: Element) -> str:
    """Reads an element that the schema leaves open as the text of one XML element."""
    return etree.tostring(element, encoding="unicode", with_tail=False)
