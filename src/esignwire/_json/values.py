"""Values of JSON members: the checks of what is sent, and the tolerant reading of what comes.

Each constant stands in the annotations of the models that schemas are compiled to.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Sized
from dataclasses import dataclass
from enum import Enum
from types import UnionType
from typing import Literal, cast
from urllib.parse import urlsplit
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, PlainValidator

from esignwire._documents import upload_of
from esignwire._json.dates import read_date

__all__ = [
    "AS_MAPPING",
    "AS_PROPERTIES",
    "BASE64",
    "DATE",
    "DETAILS",
    "EMAIL",
    "FILE",
    "GUID",
    "NOT_BLANK",
    "OBJECTS",
    "OBJECTS_OR_TEXTS",
    "RECEIVED_GUID",
    "TUPLE",
    "URL",
    "Code",
    "Count",
    "DaysAhead",
    "Limits",
    "MapForm",
    "Matches",
    "is_text",
    "read_file",
    "word_of",
]


@dataclass(frozen=True, slots=True)
class MapForm:
    """Marks a mapping, whose form in JSON the caller chooses by one of two choices."""

    kind: Literal["properties", "mapping"]


AS_PROPERTIES = MapForm("properties")
AS_MAPPING = MapForm("mapping")


@dataclass(frozen=True, slots=True)
class DaysAhead:
    """Bounds a moment when it is sent: in the future, and at most so many days ahead."""

    days: int


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds a whole number.

    Args:
        minimum: The lowest; ``None`` for no bound.
        maximum: The highest; ``None`` for no bound.
        beyond: What the vendor would do with one beyond the limits.
    """

    minimum: int | None = None
    maximum: int | None = None
    beyond: str = ""

    def __call__(self, value: int | None) -> int | None:
        """Checks a value; ``None`` stands for a member that is left out."""
        note = f"; {self.beyond}" if self.beyond else ""
        if value is not None and self.minimum is not None and value < self.minimum:
            raise ValueError(f"must be at least {self.minimum}{note}")
        if value is not None and self.maximum is not None and value > self.maximum:
            raise ValueError(f"must be at most {self.maximum}{note}")
        return value


@dataclass(frozen=True, slots=True)
class Code:
    """Takes a code of an enumeration for its member."""

    kind: type[Enum]

    def __call__(self, value: object) -> object:
        """Finds the member; what is no code by its type is left as it is, to be refused."""
        # True equals 1, and so does the first member of another enumeration.
        if not isinstance(value, str | int) or isinstance(value, bool | Enum):
            return value
        for member in self.kind:
            if member.value == value:
                return member
        *others, last = (repr(member.value) for member in self.kind)
        raise ValueError(f"must be {', '.join(others)} or {last}")


@dataclass(frozen=True, slots=True)
class Count:
    """Bounds the length of a text or a list; ``None`` is no bound."""

    minimum: int = 0
    maximum: int | None = None

    def __call__(self, value: Sized | None) -> Sized | None:
        """Checks a value; ``None`` stands for a member that is left out."""
        if value is not None and len(value) < self.minimum:
            raise ValueError(
                "must not be empty" if self.minimum == 1 else f"must have at least {self.minimum}"
            )
        if value is not None and self.maximum is not None and len(value) > self.maximum:
            raise ValueError(f"must have at most {self.maximum}")
        return value


@dataclass(frozen=True, slots=True)
class Matches:
    """Bounds a text by a pattern, which the whole text must match."""

    pattern: str

    def __call__(self, value: str | None) -> str | None:
        """Checks a value; ``None`` stands for a member that is left out."""
        if value is not None and re.fullmatch(self.pattern, value) is None:
            raise ValueError(f"must match {self.pattern}")
        return value


def read_file(source: object) -> bytes:
    """Reads a file that is to be sent.

    It is bytes, a path, an open binary file or a document that came before.

    Raises:
        ValueError: It is none of these, or cannot be read. The text says what is wrong.
    """
    if isinstance(source, memoryview):
        return source.tobytes()
    if isinstance(source, str):
        raise ValueError(  # noqa: TRY004 - pydantic takes no other error
            "must be the bytes of the file; a text is neither they nor a path: read a file with"
            " from_file(path)"
        )
    try:
        return b"".join(upload_of(source).chunks())
    except ValueError as error:
        raise ValueError(f"must be {error}") from None
    except OSError as error:
        raise ValueError(f"cannot be read: {error.strerror or error}") from None


def is_text(value: str) -> bool:
    """Whether a text can be written: it holds no lone surrogate."""
    return value.isascii() or not any("\ud800" <= character <= "\udfff" for character in value)


def word_of(value: object) -> str:
    """The vendor's word for a code, such as ``InSent``.

    A code without a word is given as text, and ``None`` as nothing.
    """
    if isinstance(value, Enum):
        return "".join(part.capitalize() for part in value.name.split("_"))
    return "" if value is None else str(value)


def _not_blank(value: str | None) -> str | None:
    if value is not None and not value.strip():
        raise ValueError("must not be blank")
    return value


def _email(value: str | None) -> str | None:
    if value is not None:
        name, at, host = value.strip().rpartition("@")
        if not (name and at and host) or any(character.isspace() for character in value):
            raise ValueError("must be an e-mail address")
    return value


def _url(value: str | None) -> str | None:
    if value is None:
        return None
    try:
        parts = urlsplit(value)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        is_usable = False
    if not is_usable or any(character.isspace() for character in value) or not value.isprintable():
        raise ValueError("must be the URL of your host, with http:// or https://")
    return value


def _base64(value: str | None) -> str | None:
    if value is not None:
        try:
            is_empty = not base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise ValueError("must be base64") from None
        if is_empty:
            raise ValueError("must not be empty")
    return value


def _guid(value: object) -> UUID | None:
    if value is None:
        return None
    try:
        guid = value if isinstance(value, UUID) else UUID(cast("str", value).strip())
    except (AttributeError, TypeError, ValueError):
        raise ValueError("must be a GUID, such as CreateSession returns") from None
    if guid.int == 0:
        raise ValueError("must not be all zeros")
    return guid


def _file(value: object) -> object:
    return value if value is None or isinstance(value, bytes) else read_file(value)


def _tuple(value: object) -> object:
    return tuple(cast("list[object]", value)) if isinstance(value, list) else value


def _date(value: object) -> object:
    if not isinstance(value, str):
        return value
    try:
        return read_date(value)
    except ValueError:
        raise ValueError("must be a datetime with its zone, or one as a text (ISO 8601)") from None


NOT_BLANK = AfterValidator(_not_blank)
EMAIL = AfterValidator(_email)
URL = AfterValidator(_url)
BASE64 = AfterValidator(_base64)
DATE = BeforeValidator(_date)
GUID = PlainValidator(_guid)
FILE = BeforeValidator(_file)
TUPLE = AfterValidator(_tuple)


def _received_guid(value: object) -> object:
    """.NET writes a GUID that was never set as zeros."""
    if isinstance(value, str):
        guid = UUID(value.strip())
        return None if guid.int == 0 else guid
    return value


def _details(value: object) -> object:
    if value is None:
        return ()
    if isinstance(value, str):
        return (value,) if value.strip() else ()
    if isinstance(value, list):
        items = cast("list[object]", value)
        return tuple(item if isinstance(item, str) else json.dumps(item) for item in items if item)
    return value


def _objects(value: object) -> object:
    """One item that is no object must not hide the others."""
    return _only(value, dict)


def _objects_or_texts(value: object) -> object:
    return _only(value, dict | str)


def _only(value: object, kind: type | UnionType) -> object:
    if value is None:
        return ()
    if isinstance(value, list):
        return [item for item in cast("list[object]", value) if isinstance(item, kind)]
    return value


RECEIVED_GUID = BeforeValidator(_received_guid)
DETAILS = BeforeValidator(_details)
OBJECTS = BeforeValidator(_objects)
OBJECTS_OR_TEXTS = BeforeValidator(_objects_or_texts)
