"""What the schemas say, resolved: the model from which every template writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path


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
    by_hand: str | None = None

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


@dataclass(slots=True, kw_only=True)
class Annotations:
    """The ``esw:`` attributes of one declaration, with where it stands."""

    marks: Marks = field(default_factory=Marks)

    basis: str | None = None
    is_sensitive: bool = False
    is_safe: bool = False
    also: tuple[str, ...] = ()
    maps_to: str | None = None
    name: str | None = None
    mtom: str | None = None
    file: Path | None = None
    line: int | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Enumeration:
    """A closed list of values in the schema; open when read."""

    qname: str
    python_name: str
    module: str
    documentation: str
    basis: str | None
    values: list[EnumerationValue]


@dataclass(slots=True, kw_only=True)
class EnumerationValue:
    """One value of an enumeration."""

    value: str
    python_name: str
    documentation: str


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
    is_required: bool
    is_list: bool = False
    is_nillable: bool = False
    is_sensitive: bool = False
    also: tuple[str, ...] = ()
    default: str | None = None
    alternatives: list[Member] = field(default_factory=list)
    declared: Annotations = field(default_factory=Annotations)
    is_wrapped_list: bool = False

    @property
    def marks(self) -> Marks:
        """What the declaration says about the methods of the client."""
        return self.declared.marks

    @property
    def tag(self) -> str:
        """The name as lxml spells it."""
        return f"{{{self.namespace}}}{self.xml_name}" if self.namespace else self.xml_name


@dataclass(slots=True, kw_only=True, eq=False)
class ComplexType:
    """A complex type, or a global element with a type of its own."""

    qname: str
    python_name: str
    module: str
    documentation: str
    basis: str | None
    base: ComplexType | None
    own_members: list[Member]
    is_abstract: bool = False
    is_root: bool = False
    is_request: bool = False
    is_response: bool = False

    @property
    def members(self) -> list[Member]:
        """All members, those of the base first, as XML Schema orders them."""
        return [*(self.base.members if self.base else []), *self.own_members]

    @property
    def namespace(self) -> str:
        """The namespace in which the type is declared."""
        return self.qname[1:].partition("}")[0]

    @property
    def local_name(self) -> str:
        """The name without its namespace."""
        return self.qname.rpartition("}")[2]


@dataclass(slots=True, kw_only=True)
class Module:
    """The types of one schema file, in an order in which Python can define them."""

    name: str
    file: Path
    documentation: str
    enumerations: list[Enumeration]
    types: list[ComplexType]


@dataclass(slots=True, kw_only=True)
class Root:
    """A global element: the name of a message and its type."""

    qname: str
    type: ComplexType


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
    soap_action: str | None = None
    declared: Annotations = field(default_factory=Annotations)
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
    schema_file: str
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
    contracts: list[Contract]
    files: list[Path]
    service_address: str | None = None

    @property
    def types(self) -> list[ComplexType]:
        """The complex types of all modules."""
        return [one for module in self.modules for one in module.types]

    @property
    def sensitive_names(self) -> list[str]:
        """The local names of all members that are marked as sensitive."""
        names = {
            member.xml_name
            for one in self.types
            for member in one.own_members
            for member in (member, *member.alternatives)
            if member.is_sensitive
        }
        return sorted(names)
