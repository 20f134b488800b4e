"""The caller of a SOAP service's operations, async. The sync twin is derived from this file."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from esignwire._call import Call
from esignwire._codec import Answered, Operation, read_response, reference_of, write_request
from esignwire._documents import (
    Progress,
    SplicedBody,
    check_progress,
    splice_base64,
    splice_mtom,
)
from esignwire._http import AsyncHttp, HttpRequest
from esignwire._soap.binding import SoapService, bind
from esignwire._soap.envelope import (
    content_of,
    envelope_around,
    envelope_bytes,
    mask_exceptions,
    open_envelope,
)
from esignwire._xml import schema_folder
from esignwire.errors import VendorError

__all__ = ["AsyncSoap"]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")


class AsyncSoap:
    """Carries the operations of one SOAP service."""

    def __init__(self, http: AsyncHttp, service: SoapService) -> None:
        self._http = http
        self._service = service
        self._folder: Path = schema_folder(service.folder)

    @property
    def vendor(self) -> str:
        """The vendor, for errors."""
        return self._service.vendor

    async def call(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call.

        Raises:
            InvalidRequest: The request does not satisfy the schema; nothing was sent.
            TransportError: No complete answer came.
            OutcomeUnknown: No complete answer came and the vendor may have acted.
            ResponseError: The answer cannot be used.
            SoapFault: The vendor answered with a fault.
            VendorError: The answer has one result, and that is a refusal.
        """
        return await self._perform(operation, request, timeout, progress, is_judged=True)

    async def exchange(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        *,
        progress: Progress | None = None,
    ) -> Answered[_Response]:
        """Performs one call, whatever the results in its answer say: ``refusal`` judges them."""
        return await self._perform(operation, request, timeout, progress, is_judged=False)

    def refusal(self, answered: Answered[object], result: object) -> VendorError | None:
        """The error for a result that says that the vendor did not do what was asked."""
        return self._service.refusal(answered, result)

    async def _perform(
        self,
        operation: Operation[_Request, _Response],
        request: _Request,
        timeout: float | None,
        progress: Progress | None,
        *,
        is_judged: bool,
    ) -> Answered[_Response]:
        service = self._service
        call = Call(
            vendor=service.vendor,
            operation=operation.name,
            is_safe=operation.is_safe,
            reference=reference_of(operation.lookup, request),
            sensitive=service.sensitive,
        )
        check_progress(progress, call)
        contract = service.contract(operation.contract)
        mtom_path = contract.mtom_path if service.uses_mtom else None
        address = f"{service.url}/{mtom_path or contract.address_path}"
        message, element = write_request(operation, request, call, service.folder)
        plugged = bind(contract, self._folder, operation.name, service.plugins)
        headers = {
            "SOAPAction": f'"{operation.soap_action}"',
            "Content-Type": "text/xml; charset=utf-8",
        }
        envelope, headers, address = plugged.egress(envelope_around(element), headers, address)
        text = envelope_bytes(envelope)
        content: bytes | SplicedBody
        # The progress of a call that fetches documents is that of its answer alone.
        outgoing = progress if message.uploads or not operation.documents else None
        if mtom_path is None:
            content = splice_base64(text, message.uploads, call, outgoing)
        else:
            content_type, content = splice_mtom(text, message.uploads, call, outgoing)
            headers = {**headers, "Content-Type": content_type}
        receiver = None
        if operation.documents or mtom_path is not None:
            # Imported by the first answer that may hold documents.
            from esignwire._soap.mtom import document_receiver

            receiver = document_receiver(
                call,
                max_kept_bytes=service.max_response_bytes,
                documents=operation.documents,
                namespaces=service.namespaces,
            )
        response = await self._http.send(
            HttpRequest(method="POST", url=address, headers=headers, content=content),
            call,
            timeout=timeout,
            receiver=receiver,
            progress=progress if operation.documents else None,
        )
        with response:
            received = open_envelope(response, call, service.max_response_bytes)
            envelope = plugged.ingress(received.root, dict(response.headers))
            body = content_of(envelope, response, call, request)
            mask_exceptions(body, service.exceptions, request)
            answer = read_response(
                operation, body, call, service.namespaces, response.status, received.documents
            )
            answered = Answered(answer, call, response.status, request)
            if is_judged and operation.result is not None:
                error = self.refusal(answered, getattr(answer, operation.result))
                if error is not None:
                    raise error
        return answered
