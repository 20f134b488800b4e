"""Operations and contracts of a vendor, and what carries an operation out."""

from __future__ import annotations

from collections.abc import Callable
from typing import (
    Generic,
    NamedTuple,
    Protocol,
    TypeVar,
)

from esignwire._codec.reading import Reader
from esignwire._codec.writing import Message
from esignwire._documents import Progress
from esignwire._xml import Element

__all__ = ["AsyncCaller", "Caller", "Contract", "Operation"]

_Request = TypeVar("_Request")

_Response = TypeVar("_Response")


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
