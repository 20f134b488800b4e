"""The model: what the schemas say, resolved, from which all writers work."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import NamedTuple

from lxml import etree


class Place(NamedTuple):
    """Where something is declared, for messages."""

    file: Path
    line: int | None


class Scalar(StrEnum):
    """The simple values that a member can hold, named by how they are written."""

    STRING = "string"
    BOOLEAN = "boolean"
    YES_NO = "yes_no"
    INTEGER = "integer"
    FLOAT = "float"
    DECIMAL = "decimal"
    DATE = "date"
    DATE_TIME = "date_time"
    DATE_OR_DATE_TIME = "date_or_date_time"
    BASE64 = "base64"
    HEX = "hex"
    UUID = "uuid"
    XML = "xml"


class Kind(StrEnum):
    """What a member is in the XML."""

    ATTRIBUTE = "attribute"
    ELEMENT = "element"
    TEXT = "text"
    WILDCARD = "wildcard"
    CHOICE = "choice"


@dataclass(slots=True, kw_only=True)
class Marks:
    """What a declaration says about the methods of a vendor's client; see docs/schemas.md."""

    account: str | None = None
    credential: str | None = None
    reference: str | None = None
    token: str | None = None
    key: tuple[str, ...] = ()
    lookup: int | None = None
    is_exceptions: bool = False
    is_success: bool = False
    is_result: bool = False

    @property
    def given(self) -> list[str]:
        """The names of the annotations that were given."""
        return [
            name
            for name, value in (
                ("account", self.account),
                ("credential", self.credential),
                ("reference", self.reference),
                ("token", self.token),
                ("key", self.key),
                ("lookup", self.lookup),
                ("exceptions", self.is_exceptions),
                ("success", self.is_success),
                ("result", self.is_result),
            )
            if value
        ]


@dataclass(slots=True, kw_only=True, eq=False)
class Enumeration:
    """A closed list of values in the schema; open when read."""

    python_name: str
    xml_name: str
    module: str
    documentation: str
    basis: str | None
    values: list[EnumerationValue]
    place: Place


@dataclass(slots=True, kw_only=True)
class EnumerationValue:
    """One value of an enumeration."""

    value: str
    python_name: str
    documentation: str
    basis: str | None


@dataclass(slots=True, kw_only=True, eq=False)
class SimpleType:
    """A simple type: which Python value stands for its texts, and which texts it allows.

    Attributes:
        value: The Python value.
        is_open: Whether any other text may stand where an enumeration's value may.
        primitive: The built-in type from which it is derived, without its prefix.
        whitespace: What XML Schema does with blanks: ``preserve``, ``replace`` or ``collapse``.
        facets: The facets by name, the nearest ones where a type narrows another.
        sample: A text that the schema itself gives as an example.
        declaration: The ``xs:simpleType``; a built-in type has none.
    """

    value: Scalar | Enumeration
    primitive: str
    whitespace: str
    is_open: bool = False
    facets: dict[str, tuple[str, ...]] = field(default_factory=dict)
    sample: str | None = None
    declaration: etree._Element | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """One attribute, element or text of a complex type."""

    kind: Kind
    xml_name: str
    namespace: str | None
    python_name: str
    value: Scalar | Enumeration | ComplexType | None
    documentation: str
    basis: str | None
    place: Place
    is_required: bool
    is_list: bool = False
    is_nillable: bool = False
    writes_nil: bool = False
    is_sensitive: bool = False
    is_hidden: bool = False
    also: tuple[str, ...] = ()
    default: str | None = None
    is_fixed: bool = False
    simple: SimpleType | None = None
    least: int = 1
    most: int | None = 1
    wildcard: str = "##any"
    is_strict: bool = False
    alternatives: list[Member] = field(default_factory=list)
    marks: Marks = field(default_factory=Marks)
    is_wrapped_list: bool = False

    @property
    def is_secret(self) -> bool:
        """Whether it leaves the representation."""
        return self.is_sensitive or self.is_hidden

    @property
    def tag(self) -> str:
        """The name as lxml spells it."""
        return f"{{{self.namespace}}}{self.xml_name}" if self.namespace else self.xml_name

    @property
    def takes_any_text(self) -> bool:
        """Whether the schema has text beside the values of the member's enumeration."""
        return self.simple is not None and self.simple.is_open


@dataclass(slots=True, kw_only=True, eq=False)
class Particle:
    """Where a member stands: what XML Schema demands of the members together.

    Attributes:
        member: The member, or ``None`` for a group.
        children: The particles of a group.
        is_choice: Whether one of the children stands for all.
        is_optional: Whether it may be left out.
    """

    member: Member | None = None
    children: list[Particle] = field(default_factory=list)
    is_choice: bool = False
    is_optional: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class ComplexType:
    """A complex type, or a global element with a type of its own."""

    python_name: str
    xml_name: str
    namespace: str
    module: str
    documentation: str
    basis: str | None
    place: Place
    base: ComplexType | None = None
    own_members: list[Member] = field(default_factory=list)
    content: Particle = field(default_factory=Particle)
    has_alternatives: bool = False
    is_abstract: bool = False
    is_global: bool = False
    is_root: bool = False
    is_request: bool = False
    is_response: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the vendor may send it, so that what the schema does not know is kept."""
        return self.is_response or not self.is_request

    @property
    def members(self) -> list[Member]:
        """All members, those of the base first, as XML Schema orders them."""
        return [*(self.base.members if self.base else []), *self.own_members]


@dataclass(slots=True, kw_only=True)
class Module:
    """The types of one schema file, in an order in which Python can define them."""

    name: str
    file: Path
    documentation: str
    enumerations: list[Enumeration] = field(default_factory=list)
    types: list[ComplexType] = field(default_factory=list)


@dataclass(slots=True, kw_only=True, eq=False)
class Root:
    """A global element: the name of a message and its type."""

    qname: str
    module: str
    type: ComplexType
    documentation: str
    basis: str | None
    place: Place
    declaration: etree._Element

    @property
    def namespace(self) -> str:
        """The namespace of the element."""
        return self.qname[1:].partition("}")[0]

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return self.qname.rpartition("}")[2]


@dataclass(slots=True, kw_only=True)
class Operation:
    """One operation of a port type, or one web method."""

    name: str
    python_name: str
    documentation: str
    basis: str | None
    is_safe: bool
    request: Root
    response: Root
    schema_file: str
    place: Place
    soap_action: str | None = None
    by_hand: str | None = None
    result: str | None = None
    lookup_items: str = ""
    lookup: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Contract:
    """One WSDL port with its operations; for a vendor without WSDL, all its web methods."""

    name: str
    python_name: str
    documentation: str
    operations: list[Operation]
    source_file: str
    place: Place
    binding_place: Place
    wsdl_file: str | None = None
    binding: str | None = None
    address_path: str | None = None
    mtom_path: str | None = None


@dataclass(slots=True, kw_only=True)
class Vendor:
    """Everything that one folder of schemas/ says."""

    name: str
    namespaces: list[str]
    modules: list[Module]
    roots: dict[str, Root]
    contracts: list[Contract]
    files: list[Path]
    service_address: str | None = None

    @property
    def types(self) -> list[ComplexType]:
        """The complex types of all modules."""
        return [one for module in self.modules for one in module.types]

    @property
    def sensitive_names(self) -> list[str]:
        """The names of all members that are marked as sensitive, with those they also go by."""
        names = {
            name
            for one in self.types
            for member in one.own_members
            for member in (member, *member.alternatives)
            if member.is_sensitive and member.xml_name
            for name in (member.xml_name, *member.also)
        }
        return sorted(names)

    @property
    def exception_names(self) -> list[str]:
        """The names of all members that hold what the vendor says of a refusal."""
        return sorted(
            {
                member.xml_name
                for one in self.types
                for member in one.own_members
                if member.marks.is_exceptions and member.xml_name
            }
        )
