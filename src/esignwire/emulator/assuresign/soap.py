"""SOAP 1.1 as a WCF service with a basicHttpBinding speaks it: envelopes, faults, dispatch.

The SOAPAction decides which operation is meant, and the body must hold that operation's element.
Whatever is wrong with a message is answered with a fault and HTTP 500, as SOAP 1.1 has it.
Names and namespaces of the fault codes are those of WCF; the texts are the emulator's own.

At the addresses ``/text`` documents stand in the XML as base64, at ``/mtom`` beside it. An MTOM
address takes a text request too, as WCF does, and answers with a package; anything else is
answered with 415.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from esignwire.emulator._wire import (
    Element,
    MultipartRefused,
    Stream,
    Tokens,
    Vocabulary,
    WireAnswer,
    WireRequest,
    XmlRefused,
    detached,
    elements,
    plain_answer,
    read_xml,
    transcode,
)
from esignwire.emulator.assuresign.mtom import (
    Package,
    extract_parts,
    is_package,
    read_package,
    resolve_includes,
    write_package,
)
from esignwire.emulator.schemas import Schemas, SoapOperation
from esignwire.emulator.settings import EmulatorSettings

__all__ = ["Call", "Fault", "fault_answer", "message_answer", "read_message"]

ENVELOPE = Vocabulary("http://schemas.xmlsoap.org/soap/envelope/")
_ENVELOPE_12 = Vocabulary("http://www.w3.org/2003/05/soap-envelope")
_ADDRESSING = "http://schemas.microsoft.com/ws/2005/05/addressing/none"
_DISPATCHER = "http://schemas.microsoft.com/net/2005/12/windowscommunicationfoundation/dispatcher"
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_MEDIA_TYPE = "text/xml; charset=utf-8"


class Fault(Exception):
    """A SOAP fault.

    Args:
        code: The local part of the fault code.
        text: The fault string.
        namespace: The namespace of the fault code; by default that of the envelope.
    """

    def __init__(self, code: str, text: str, namespace: str = ENVELOPE.namespace) -> None:
        super().__init__(text)
        self.code = code
        self.text = text
        self.namespace = namespace

    @classmethod
    def action_not_supported(cls, text: str) -> Fault:
        """Make the fault for an action that the address does not serve."""
        return cls("ActionNotSupported", text, _ADDRESSING)

    @classmethod
    def deserialization_failed(cls, text: str) -> Fault:
        """Make the fault for a message that cannot be read."""
        return cls("DeserializationFailed", text, _DISPATCHER)

    @classmethod
    def internal(cls, text: str, code: str = "InternalServiceFault") -> Fault:
        """Make the fault for a failure inside the service."""
        return cls(code, text, _DISPATCHER)


@dataclass(frozen=True, slots=True)
class Call:
    """A message that the schema has accepted, and the documents whose tokens stand in it."""

    operation: SoapOperation
    message: Element
    documents: Tokens


def read_message(
    request: WireRequest,
    operations: Mapping[str, SoapOperation],
    schemas: Schemas,
    settings: EmulatorSettings,
    *,
    is_mtom: bool,
) -> Call | WireAnswer:
    """Read a SOAP request and judge it; an answer comes where HTTP itself refuses.

    The operations of the address are known by their SOAPActions.

    Raises:
        Fault: The message is refused.
    """
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return plain_answer(415, "This address takes no compressed requests.")
    # WCF and JAX-WS take a plain text request at an MTOM address too.
    is_text = request.media_type == "text/xml"
    if is_mtom and not is_text and not is_package(request.content_type):
        return plain_answer(
            415,
            'This address takes SOAP 1.1 as MTOM: multipart/related; type="application/xop+xml";'
            ' start-info="text/xml"; or as text/xml.',
        )
    if not is_mtom and not is_text:
        return plain_answer(415, "This address takes SOAP 1.1: text/xml; charset=utf-8.")
    operation = _operation(request.headers.get("soapaction", ""), operations)
    try:
        if not is_text:
            package = read_package(request.content_type, request.content)
        else:
            package = Package(request.content, request.charset, {})
        envelope, documents = _opened(package, schemas.assuresign_documents, settings)
    except MultipartRefused as refused:
        return plain_answer(400, str(refused))
    except XmlRefused as refused:
        raise Fault.deserialization_failed(str(refused)) from None
    body = _body(envelope)
    contents = list(elements(body))
    if len(contents) != 1:
        raise Fault.deserialization_failed(
            f"The SOAP body must hold one element; it holds {len(contents)}."
        )
    message = detached(contents[0])
    if message.tag != operation.request:
        raise Fault.deserialization_failed(
            f"The SOAPAction calls for the body element {operation.request}."
        )
    violation = schemas.judge_assuresign(operation.contract, message)
    if violation is not None:
        raise Fault.deserialization_failed(str(violation))
    return Call(operation, message, documents)


def message_answer(
    message: Element, documents: Tokens, operation: str, *, is_mtom: bool = False
) -> WireAnswer:
    """Send a message."""
    return _answer(200, message, documents, operation, is_mtom=is_mtom)


def fault_answer(fault: Fault, operation: str = "-", *, is_mtom: bool = False) -> WireAnswer:
    """Send a fault."""
    is_standard = fault.namespace == ENVELOPE.namespace
    prefixes: dict[str, str] = {} if is_standard else {"a": fault.namespace}
    code = etree.Element("faultcode", nsmap=prefixes)
    code.text = f"{'s' if is_standard else 'a'}:{fault.code}"
    words = etree.Element("faultstring", attrib={_LANGUAGE: "en-US"})
    words.text = fault.text
    element = etree.Element(ENVELOPE.name("Fault"), nsmap={"s": ENVELOPE.namespace})
    element.extend([code, words])
    return _answer(500, element, Tokens(), operation, is_mtom=is_mtom)


def _answer(
    status: int, content: Element, documents: Tokens, operation: str, *, is_mtom: bool
) -> WireAnswer:
    if is_mtom:
        parts = extract_parts(content, documents)
        media_type, stream = write_package(_envelope(content), parts)
    else:
        media_type, stream = _MEDIA_TYPE, Stream(documents.pieces(_envelope(content)))
    return WireAnswer(
        status=status,
        media_type=media_type,
        content=stream.shortened(),
        operation=operation,
        outcome="done" if status == 200 else "fault",
    )


def _opened(
    package: Package, names: frozenset[str], settings: EmulatorSettings
) -> tuple[Element, Tokens]:
    """Read an envelope whose documents may stand in it or beside it."""
    text = transcode(package.root.chunks(), package.charset)
    envelope, documents = read_xml(text, names, settings.xml_limits, settings.max_message_bytes)
    resolve_includes(envelope, package.parts, documents, names)
    return envelope, documents


def _operation(header: str, operations: Mapping[str, SoapOperation]) -> SoapOperation:
    action = header.strip()
    if len(action) >= 2 and action[0] == action[-1] == '"':
        action = action[1:-1]
    operation = operations.get(action)
    if operation is None:
        known = ", ".join(sorted(operations))
        raise Fault.action_not_supported(
            f"The SOAPAction is none of those that this address serves: {known}."
        )
    return operation


def _body(envelope: Element) -> Element:
    if envelope.tag == _ENVELOPE_12.name("Envelope"):
        raise Fault("VersionMismatch", "This address takes SOAP 1.1 envelopes.")
    if envelope.tag != ENVELOPE.name("Envelope"):
        raise Fault.deserialization_failed("The message is no SOAP envelope.")
    for header in elements(envelope):
        if header.tag == ENVELOPE.name("Header"):
            for block in elements(header):
                if block.get(ENVELOPE.name("mustUnderstand")) in {"1", "true"}:
                    raise Fault("MustUnderstand", "A header that must be understood is unknown.")
    body = ENVELOPE.child(envelope, "Body")
    if body is None:
        raise Fault.deserialization_failed("The SOAP envelope has no body.")
    return body


def _envelope(content: Element) -> bytes:
    body = etree.Element(ENVELOPE.name("Body"), nsmap={"s": ENVELOPE.namespace})
    body.append(content)
    envelope = etree.Element(ENVELOPE.name("Envelope"), nsmap={"s": ENVELOPE.namespace})
    envelope.append(body)
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")
