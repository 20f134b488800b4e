"""SOAP answers: the envelope and its body, told apart from all that is not SOAP."""

from __future__ import annotations

from lxml import etree

from esignwire._call import Call, status_error, unexpected, unusable
from esignwire._http import HttpResponse
from esignwire._xml import Element, ReceivedXml, XmlLimits, local_name, parse
from esignwire.errors import (
    HttpStatusError,
    MalformedResponse,
    ResponseError,
    UnexpectedContent,
)

__all__ = [
    "ENVELOPE_NAMESPACES",
    "content_of",
    "envelope_around",
    "envelope_bytes",
    "mask_exceptions",
    "open_envelope",
]

_SOAP_11 = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
_XOP_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
ENVELOPE_NAMESPACES = frozenset({_SOAP_11, _SOAP_12})
# The tag of the body in an envelope of either version.
_BODIES = {f"{{{namespace}}}Envelope": f"{{{namespace}}}Body" for namespace in (_SOAP_11, _SOAP_12)}
_FAULTS = frozenset({f"{{{_SOAP_11}}}Fault", f"{{{_SOAP_12}}}Fault"})


def envelope_around(content: Element) -> Element:
    """Puts a message into the body of a SOAP 1.1 envelope."""
    envelope = etree.Element(f"{{{_SOAP_11}}}Envelope", nsmap={"soap": _SOAP_11})
    etree.SubElement(envelope, f"{{{_SOAP_11}}}Body").append(content)
    return envelope


def envelope_bytes(envelope: Element) -> bytes:
    """Writes an envelope as it goes over the wire."""
    return etree.tostring(envelope, xml_declaration=True, encoding="utf-8")


def open_envelope(response: HttpResponse, call: Call, max_bytes: int) -> ReceivedXml:
    """Opens the envelope of an answer, which has a body, and takes its documents.

    Raises:
        HttpStatusError: The HTTP status means failure, and there is no envelope.
        ResponseError: The answer is not SOAP, or not to be read.
    """
    try:
        received = _received(response, call, XmlLimits(max_bytes=max_bytes))
        _body(received.root, call, response.status)
    except ResponseError as error:
        if _is_success(response):
            raise
        # What came with an HTTP error is no message of the vendor's: the status is what counts.
        raise _status_error(response, call) from error
    is_package = _media_type(response).startswith("multipart/")
    if not is_package and next(received.root.iter(_XOP_INCLUDE), None) is not None:
        what = "the envelope refers to a part that is not there"
        raise unusable(MalformedResponse, what, call, response.status)
    return received


def _received(response: HttpResponse, call: Call, limits: XmlLimits) -> ReceivedXml:
    if isinstance(response.received, ReceivedXml):
        return response.received
    media_type = _media_type(response)
    if media_type.startswith("multipart/"):
        what = f"a {media_type} message came where text/xml was due"
        raise unusable(UnexpectedContent, what, call, response.status)
    root = parse(
        response.content,
        call,
        limits=limits,
        http_status=response.status,
        content_type=response.headers.get("content-type", ""),
    )
    return ReceivedXml(root=root)


def _media_type(response: HttpResponse) -> str:
    return response.headers.get("content-type", "").partition(";")[0].strip().lower()


def content_of(envelope: Element, response: HttpResponse, call: Call, sent: object) -> Element:
    """Takes the one element out of the body of an envelope.

    ``sent`` is the message that was sent, whose secrets a fault may quote.

    Raises:
        SoapFault: The body holds a fault, whatever the HTTP status.
        HttpStatusError: The HTTP status means failure, and there is no fault.
        UnexpectedResponse: The body does not hold one element.
    """
    body = _body(envelope, call, response.status)
    for child in body:
        if child.tag in _FAULTS:
            # Imported by the first fault: what masks secrets takes a while to load.
            from esignwire._soap.fault import read_fault

            raise read_fault(child, call, response.status, sent)
    if not _is_success(response):
        raise _status_error(response, call)
    # A plugin's envelope may hold comments, which say nothing.
    content = list(body.iterchildren("*"))
    if len(content) != 1:
        what = f"the SOAP body holds {len(content)} elements where one was due"
        raise unexpected(what, "Envelope/Body", call, response.status)
    return content[0]


def mask_exceptions(body: Element, names: frozenset[str], sent: object) -> None:
    """Masks the secrets of a message where the vendor says why it refused, or warns.

    ``names`` are the elements in which it says so.
    """
    said = [
        node for name in names for holder in body.iter(f"{{*}}{name}") for node in holder.iter("*")
    ]
    if not said:
        return
    # Imported by the first exception: what masks secrets takes a while to load.
    from esignwire._secrets import QuotedSecrets

    secrets = QuotedSecrets.of(sent)
    for node in said:
        if node.text:
            node.text = secrets.mask(node.text)
        for name, value in node.items():
            node.set(name, secrets.mask(str(value)))


def _is_success(response: HttpResponse) -> bool:
    return 200 <= response.status < 300


def _status_error(response: HttpResponse, call: Call) -> HttpStatusError:
    return status_error(response.status, call, "SOAP fault")


def _body(envelope: Element, call: Call, http_status: int) -> Element:
    tag = envelope.tag
    if tag in _BODIES:
        body = envelope.find(_BODIES[tag])
        if body is not None:
            return body
        problem = "the SOAP envelope has no body"
    else:
        problem = f"a {local_name(tag)} came where a SOAP envelope was due"
    what = f"{problem}: check that the URL is that of the vendor's service"
    raise unexpected(what, local_name(tag), call, http_status)
