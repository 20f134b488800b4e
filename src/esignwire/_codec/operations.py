"""Operations and contracts of a vendor, and what carries an operation out."""

from __future__ import annotations

from collections.abc import Callable
from typing import (
    Generic,
    NamedTuple,
    Protocol,
    TypeVar,
    cast,
)
from uuid import UUID

from esignwire._call import Call
from esignwire._codec.reading import Reader
from esignwire._codec.writing import Message
from esignwire._documents import Progress
from esignwire._xml import Element
from esignwire.errors import VendorError

__all__ = [
    "Answered",
    "AsyncCaller",
    "AsyncListCaller",
    "Caller",
    "Contract",
    "ListCaller",
    "Lookup",
    "Operation",
    "Refusing",
    "reference_of",
]

_Request = TypeVar("_Request")

_Response = TypeVar("_Response")

_Response_co = TypeVar("_Response_co", covariant=True)


class Lookup(NamedTuple):
    """What the outcome of a call is looked up by.

    Attributes:
        items: Where the list of things stands in the message that the call is about; empty where
            it is about one.
        places: Where in one of them: the first place that has a value counts.
    """

    items: str
    places: tuple[str, ...]


class Operation(NamedTuple, Generic[_Request, _Response]):
    """One operation as the schemas describe it.

    Attributes:
        name: The name, as the vendor spells it.
        contract: The WSDL port or the schema that it belongs to, as the vendor spells it.
        request_tag: The root element of the request, as ``{namespace}name``.
        response_tag: The root element of the answer, as ``{namespace}name``.
        is_safe: Whether the call may be repeated without harm.
        documents: Where the answer can hold documents, as paths of local names from its root, such
            as ``DownloadResponse/DownloadResult/FileData``.
        schema: The file name of the schema that the request must satisfy.
        encode: Writes the request.
        decode: Reads the answer.
        soap_action: The SOAPAction header, for SOAP.
        result: The member of the answer that holds its one result; ``None`` where it holds a list
            of them, or is the result itself.
        lookup: What to look the outcome up by; ``None`` where the message holds nothing of the
            kind.
    """

    name: str
    contract: str
    request_tag: str
    response_tag: str
    is_safe: bool
    documents: frozenset[str]
    schema: str
    encode: Callable[[_Request], Message]
    decode: Callable[[Element, Reader], _Response]
    soap_action: str | None = None
    result: str | None = None
    lookup: Lookup | None = None


class Answered(NamedTuple, Generic[_Response_co]):
    """An answer, and the call that it answers.

    Attributes:
        message: The answer.
        call: The call.
        http_status: The HTTP status of the answer.
        request: The message that was sent. A secret of it that the vendor quotes is masked.
    """

    message: _Response_co
    call: Call
    http_status: int
    request: object


class Contract(NamedTuple):
    """One WSDL port, for those who bind it.

    Attributes:
        name: The name, as the vendor spells it.
        wsdl: The file name of its WSDL.
        binding: The binding, as ``{namespace}name``.
        address_path: Where it is, relative to the service.
        mtom_path: Where it takes MTOM messages, relative to the service, if it does.
    """

    name: str
    wsdl: str
    binding: str
    address_path: str
    mtom_path: str | None


class Refusing(Protocol):
    """What tells a refusal from a result."""

    def refusal(self, answered: Answered[object], result: object) -> VendorError | None:
        """The error for a result that says that the vendor did not do what was asked."""
        ...


class AsyncCaller(Protocol):
    """What carries an operation to the vendor and the answer back."""

    @property
    def vendor(self) -> str:
        """The vendor, for errors."""
        ...

    async def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call; a refused result raises."""
        ...


class AsyncListCaller(AsyncCaller, Refusing, Protocol):
    """What carries operations that take lists too, whose results are judged one by one."""

    async def exchange(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call, whatever the results in its answer say."""
        ...


class Caller(Protocol):
    """What carries an operation to the vendor and the answer back, without asyncio."""

    @property
    def vendor(self) -> str:
        """The vendor, for errors."""
        ...

    def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call; a refused result raises."""
        ...


class ListCaller(Caller, Refusing, Protocol):
    """What carries operations that take lists too, without asyncio."""

    def exchange(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call, whatever the results in its answer say."""
        ...


_HUGE = 10**40


def reference_of(lookup: Lookup | None, request: object) -> str | None:
    """What to look the outcome of a call up by: the first value of each thing that it is about."""
    if lookup is None:
        return None
    things = _at(request, lookup.items) if lookup.items else request
    found: list[str] = []
    for thing in cast("list[object]", things) if isinstance(things, list) else [things]:
        value = _first(thing, lookup.places)
        # What is none of these, or a huge number, is refused when it is written.
        if isinstance(value, str | UUID) or (isinstance(value, int) and abs(value) < _HUGE):
            found.append(str(value))
    return ", ".join(found) or None


def _first(thing: object, places: tuple[str, ...]) -> object:
    for place in places:
        value = _at(thing, place)
        if value is not None and value != "":
            return value
    return None


def _at(value: object, place: str) -> object:
    for name in place.split("."):
        value = getattr(value, name, None)
    return value
