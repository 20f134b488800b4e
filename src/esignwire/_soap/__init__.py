"""SOAP: bindings, envelopes, faults, MTOM, and the caller that carries an operation."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._soap.async_caller import AsyncSoap as AsyncSoap
    from esignwire._soap.binding import SoapService as SoapService
    from esignwire._soap.envelope import content_of as content_of
    from esignwire._soap.envelope import open_envelope as open_envelope
    from esignwire._soap.mtom import MtomReader as MtomReader
    from esignwire._soap.mtom import document_receiver as document_receiver
    from esignwire._soap.mtom import media_type as media_type
    from esignwire_generated._soap.sync_caller import Soap as Soap
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._soap.async_caller": "AsyncSoap",
            "esignwire._soap.binding": "SoapService",
            "esignwire._soap.envelope": "content_of open_envelope",
            "esignwire._soap.mtom": "MtomReader document_receiver media_type",
            "esignwire_generated._soap.sync_caller": "Soap",
        },
    )
