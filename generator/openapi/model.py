"""The model of an OpenAPI document: all that the writers look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Kind = Literal[
    "text",
    "integer",
    "boolean",
    "guid",
    "date-time",
    "bytes",
    "properties",
    "mapping",
    "details",
    "enumeration",
    "object",
    "list",
    "union",
]
Basis = Literal["documented", "wire", "inferred"]
Direction = Literal["", "sent", "received"]
Form = Literal["", "not-blank", "email", "uri", "base64"]
Place = Literal["path", "query", "body", "header", ""]


@dataclass(slots=True, kw_only=True)
class Type:
    """The type of a value."""

    kind: Kind
    name: str = ""
    """Of an enumeration or an object, its name."""
    members: list[Type] = field(default_factory=list)
    """Of a list its items, of a union its alternatives."""
    is_nullable: bool = False
    form: Form = ""
    pattern: str | None = None
    minimum: int | None = None
    maximum: int | None = None
    least: int | None = None
    most: int | None = None


@dataclass(slots=True, kw_only=True)
class Member:
    """A member of an object, or an argument of an operation."""

    wire: str
    python: str
    type: Type
    description: str
    is_required: bool
    line: int
    basis: Basis | None = None
    default: object = None
    has_default: bool = False
    is_sensitive: bool = False
    is_hidden: bool = False
    unit: str = ""
    beyond: str = ""
    days_ahead: int | None = None
    file_name: str | None = None
    file_types: list[str] = field(default_factory=list)
    most_bytes: int | None = None
    is_sole_list: bool = False
    is_encrypted: bool = False
    account: str | None = None
    place: Place = ""

    @property
    def is_secret(self) -> bool:
        """Whether it leaves the representation."""
        return self.is_sensitive or self.is_hidden


@dataclass(slots=True, kw_only=True)
class Found:
    """A value that may stand at several places of an answer."""

    python: str
    paths: list[list[str]]
    description: str
    is_word: bool
    line: int


@dataclass(slots=True, kw_only=True)
class Object:
    """A schema of an object."""

    name: str
    description: str
    basis: Basis
    line: int
    members: list[Member]
    is_open: bool
    is_sensitive: bool = False
    any_of: list[str] = field(default_factory=list)
    needs: dict[str, str] = field(default_factory=dict)
    found: list[Found] = field(default_factory=list)
    text: str | None = None
    is_base: bool = False
    """Whether other schemas only take its members over."""
    direction: Direction = ""
    is_answer: bool = False


@dataclass(slots=True, kw_only=True)
class Value:
    """A member of an enumeration."""

    name: str
    const: int | str
    description: str


@dataclass(slots=True, kw_only=True)
class Enumeration:
    """A schema of an enumeration."""

    name: str
    description: str
    basis: Basis
    line: int
    values: list[Value]

    @property
    def is_text(self) -> bool:
        """Whether its values are texts."""
        return isinstance(self.values[0].const, str)


@dataclass(slots=True, kw_only=True)
class PagedList:
    """Which arguments and which member make the pages of a list."""

    number: Member
    size: Member
    items: Member
    item: str


@dataclass(slots=True, kw_only=True)
class Operation:
    """An operation."""

    name: str
    python: str
    method: str
    path: str
    summary: str
    description: str
    basis: Basis
    line: int
    arguments: list[Member]
    authorization: str
    reading: str
    answer: str
    """The schema of its answer."""
    is_safe: bool = False
    is_once: bool = False
    is_deprecated: bool = False
    is_handwritten: bool = False
    pages: PagedList | None = None
    reference: list[list[str]] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class KnownError:
    """A text by which an error is known."""

    pattern: str
    error: str


@dataclass(slots=True, kw_only=True)
class Document:
    """A document."""

    vendor: str
    servers: dict[str, str]
    errors: list[KnownError]
    enumerations: list[Enumeration]
    objects: list[Object]
    operations: list[Operation]

    def object(self, name: str) -> Object:
        """The schema of an object by its name."""
        return next(one for one in self.objects if one.name == name)
