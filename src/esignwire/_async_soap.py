"""Carries the operations of a SOAP service, async. The sync twin is derived from this file."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar, cast

from esignwire._async_http import AsyncHttp
from esignwire._bundled import schema_folder
from esignwire._call import Call
from esignwire._http import HttpRequest, ReceiverFactory, StreamedBody
from esignwire._messages import read_response, write_request
from esignwire._soap import SoapService
from esignwire._splice import splice_base64, splice_mtom
from esignwire._xml import XmlLimits
from esignwire._zeep import Exchange, Reply, bind, envelope_bytes
from esignwire_generated._documents import Progress, ReceivedDocument
from esignwire_generated._values import Element, Operation

__all__ = ["AsyncSoap"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class _AsyncPost:
    """zeep's transport for one call."""

    def __init__(
        self,
        http: AsyncHttp,
        exchange: Exchange,
        timeout: float | None,
        receiver: ReceiverFactory | None,
        dress: Callable[[bytes], tuple[str | None, bytes | StreamedBody]],
    ) -> None:
        self._http = http
        self._exchange = exchange
        self._timeout = timeout
        self._receiver = receiver
        self._dress = dress

    async def post_xml(self, address: str, envelope: Element, headers: Mapping[str, str]) -> Reply:
        content_type, content = self._dress(envelope_bytes(envelope))
        if content_type is not None:
            headers = {**headers, "Content-Type": content_type}
        request = HttpRequest(method="POST", url=address, headers=headers, content=content)
        response = await self._http.send(
            request, self._exchange.call, timeout=self._timeout, receiver=self._receiver
        )
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
        progress: Progress | None = None,
        reference: str | None = None,
    ) -> _Response:
        """Performs one call.

        Args:
            operation: The operation.
            request: The message.
            timeout: Seconds for the whole call; ``None`` takes the client's setting.
            progress: Is told how much of a message with documents has gone or come.
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
        message, element = write_request(operation, request, call, service.folder)
        contract = service.contract(operation.contract)
        mtom_path = contract.mtom_path if service.uses_mtom else None

        def write() -> Element:
            return element

        def read(
            body: Element, http_status: int, documents: Mapping[str, ReceivedDocument]
        ) -> _Response:
            return read_response(operation, body, call, service.namespaces, http_status, documents)

        # A request without a document is no news to whoever waits for one to come.
        watches_request = bool(message.uploads) or not operation.has_documents
        outgoing = progress if watches_request else None

        def dress(envelope: bytes) -> tuple[str | None, bytes | StreamedBody]:
            if mtom_path is not None:
                return splice_mtom(envelope, message.uploads, call, outgoing)
            return None, splice_base64(envelope, message.uploads, call, outgoing)

        exchange = Exchange(
            call=call,
            write=write,
            read=read,
            limits=XmlLimits(max_bytes=service.max_response_bytes),
            sent=request,
        )
        receiver = None
        if operation.has_documents or mtom_path is not None:
            # Imported by the first answer that may hold documents.
            from esignwire._receiving import document_receiver

            receiver = document_receiver(
                call,
                max_kept_bytes=service.max_response_bytes,
                progress=progress if operation.has_documents else None,
            )
        bound = bind(contract, self._folder)
        post = _AsyncPost(self._http, exchange, timeout, receiver, dress)
        answer = await bound.binding.send_async(
            bound.client(post, service.plugins),
            {"address": f"{service.url}/{mtom_path or contract.address_path}"},
            operation.name,
            (exchange,),
            {},
        )
        return cast("_Response", answer)
