"""SOAP 1.1 as a WCF service with a basicHttpBinding speaks it: envelopes, faults, dispatch.

The SOAPAction decides which operation is meant, and the body must hold that operation's element.
Whatever is wrong with a message is answered with a fault and HTTP 500, as SOAP 1.1 has it.
Names and namespaces of the fault codes are those of WCF; the texts are the emulator's own.
"""

from __future__ import annotations

from collections.abc import Mapping

from lxml import etree

from .markup import Element, Vocabulary, detached, elements
from .schemas import Schemas, SoapOperation
from .strict_xml import XmlLimits, XmlRefused, decode, parse
from .wire import WireAnswer, WireRequest, plain_answer

__all__ = ["Fault", "fault_answer", "message_answer", "read_message"]

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
    def internal(cls, text: str) -> Fault:
        """Make the fault for a failure inside the service."""
        return cls("InternalServiceFault", text, _DISPATCHER)


def read_message(
    request: WireRequest,
    operations: Mapping[str, SoapOperation],
    schemas: Schemas,
    limits: XmlLimits,
) -> tuple[SoapOperation, Element] | WireAnswer:
    """Read a SOAP request and judge it.

    Args:
        request: The HTTP request.
        operations: The operations of the address, by SOAPAction.
        schemas: What the body is judged by.
        limits: How much XML is too much.

    Returns:
        The operation that is meant and its element; or an answer, where HTTP itself refuses.

    Raises:
        Fault: The message is refused.
    """
    if request.media_type != "text/xml":
        return plain_answer(415, "This address takes SOAP 1.1: text/xml; charset=utf-8.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        return plain_answer(415, "This address takes no compressed requests.")
    operation = _operation(request.headers.get("soapaction", ""), operations)
    try:
        envelope = parse(decode(request.content, request.charset), limits)
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
    return operation, message


def message_answer(message: Element, operation: str) -> WireAnswer:
    """Send a message.

    Args:
        message: The response element.
        operation: The operation, for the log.

    Returns:
        The answer.
    """
    return WireAnswer(media_type=_MEDIA_TYPE, content=_envelope(message), operation=operation)


def fault_answer(fault: Fault, operation: str = "-") -> WireAnswer:
    """Send a fault.

    Args:
        fault: The fault.
        operation: The operation, for the log.

    Returns:
        The answer, with HTTP status 500.
    """
    is_standard = fault.namespace == ENVELOPE.namespace
    prefixes: dict[str, str] = {} if is_standard else {"a": fault.namespace}
    code = etree.Element("faultcode", nsmap=prefixes)
    code.text = f"{'s' if is_standard else 'a'}:{fault.code}"
    words = etree.Element("faultstring", attrib={_LANGUAGE: "en-US"})
    words.text = fault.text
    element = etree.Element(ENVELOPE.name("Fault"), nsmap={"s": ENVELOPE.namespace})
    element.extend([code, words])
    return WireAnswer(
        status=500, media_type=_MEDIA_TYPE, content=_envelope(element), operation=operation
    )


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
