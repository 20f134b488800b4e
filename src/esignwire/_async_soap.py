"""Carries the operations of a SOAP service, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TypeVar, cast

from esignwire._async_http import AsyncHttp
from esignwire._bundled import schema_folder
from esignwire._call import Call
from esignwire._http import HttpRequest
from esignwire._messages import read_response, write_request
from esignwire._soap import SoapService
from esignwire._xml import XmlLimits
from esignwire._zeep import Exchange, Reply, bind, envelope_bytes
from esignwire_generated._values import Element, Operation

__all__ = ["AsyncSoap"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class _AsyncPost:
    """zeep's transport for one call."""

    def __init__(
        self, http: AsyncHttp, service: SoapService, exchange: Exchange, timeout: float | None
    ) -> None:
        self._http = http
        self._service = service
        self._exchange = exchange
        self._timeout = timeout

    async def post_xml(self, address: str, envelope: Element, headers: Mapping[str, str]) -> Reply:
        request = HttpRequest(
            method="POST", url=address, headers=headers, content=envelope_bytes(envelope)
        )
        response = await self._http.send(request, self._exchange.call, timeout=self._timeout)
        return Reply(exchange=self._exchange, response=response)


class AsyncSoap:
    """Carries the operations of one SOAP service.

    Args:
        http: What sends the requests.
        service: The service.
    """

    def __init__(self, http: AsyncHttp, service: SoapService) -> None:
        self._http = http
        self._service = service
        self._folder: Path = schema_folder(service.folder)

    async def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        reference: str | None = None,
    ) -> _Response:
        """Performs one call.

        Args:
            operation: The operation.
            request: The message.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.
            reference: What to look the outcome up by when it is unknown.

        Returns:
            The answer.

        Raises:
            InvalidRequest: The request does not satisfy the schema; nothing was sent.
            TransportError: No complete answer came.
            OutcomeUnknown: No complete answer came and the vendor may have acted.
            ResponseError: The answer cannot be used.
            SoapFault: The vendor answered with a fault.
        """
        service = self._service
        call = Call(
            vendor=service.vendor,
            operation=operation.name,
            is_safe=operation.is_safe,
            reference=reference,
            sensitive=service.sensitive,
        )
        _, element = write_request(operation, request, call, service.folder)

        def write() -> Element:
            return element

        def read(body: Element, http_status: int) -> _Response:
            return read_response(operation, body, call, service.namespaces, http_status)

        exchange = Exchange(
            call=call,
            write=write,
            read=read,
            limits=XmlLimits(
                max_bytes=service.max_response_bytes, allow_large_text=operation.has_large_text
            ),
            sent=request,
        )
        contract = service.contract(operation.contract)
        bound = bind(contract, self._folder)
        post = _AsyncPost(self._http, service, exchange, timeout)
        answer = await bound.binding.send_async(
            bound.client(post, service.plugins),
            {"address": f"{service.url}/{contract.address_path}"},
            operation.name,
            (exchange,),
            {},
        )
        return cast("_Response", answer)
