"""SOAP answers: the envelope and its body, told apart from all that is not SOAP."""

from __future__ import annotations

from esignwire._call import Call
from esignwire._http import HttpResponse
from esignwire._unusable import status_error, unexpected, unusable
from esignwire._xml import XmlLimits, parse
from esignwire.errors import (
    HttpStatusError,
    ResponseError,
    UnexpectedContent,
)
from esignwire_generated._values import Element, local_name

__all__ = ["SOAP_NAMESPACE", "XOP_INCLUDE", "content_of", "envelope_of"]

SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_12_NAMESPACE = "http://www.w3.org/2003/05/soap-envelope"
XOP_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
# The tag of the body in an envelope of either version.
_BODIES = {
    f"{{{namespace}}}Envelope": f"{{{namespace}}}Body"
    for namespace in (SOAP_NAMESPACE, _SOAP_12_NAMESPACE)
}
_FAULTS = frozenset({f"{{{SOAP_NAMESPACE}}}Fault", f"{{{_SOAP_12_NAMESPACE}}}Fault"})


def envelope_of(response: HttpResponse, call: Call, limits: XmlLimits) -> Element:
    """Opens the envelope of an answer.

    Args:
        response: The answer.
        call: The call that it answers.
        limits: How much XML is read.

    Returns:
        The envelope, which has a body.

    Raises:
        HttpStatusError: The HTTP status means failure, and there is no envelope.
        ResponseError: The answer is not SOAP, or not to be read.
    """
    try:
        content_type = response.headers.get("content-type", "")
        media_type = content_type.partition(";")[0].strip().lower()
        # An MTOM answer to a call that expects documents was taken apart while it came.
        if media_type.startswith("multipart/") and not response.is_unpacked:
            what = f"a {media_type} message came where text/xml was due"
            raise unusable(UnexpectedContent, what, call, response.status)
        envelope = parse(
            response.content,
            call,
            limits=limits,
            http_status=response.status,
            content_type=content_type,
        )
        _body(envelope, call, response.status)
    except ResponseError as error:
        if _is_success(response):
            raise
        # What came with an HTTP error is no message of the vendor's: the status is what counts.
        raise _status_error(response, call) from error
    return envelope


def content_of(envelope: Element, response: HttpResponse, call: Call, sent: object) -> Element:
    """Takes the message out of an envelope.

    Args:
        envelope: The envelope.
        response: The answer that it came in.
        call: The call that it answers.
        sent: The message that was sent, whose secrets a fault may quote.

    Returns:
        The one element in the body.

    Raises:
        SoapFault: The body holds a fault, whatever the HTTP status.
        HttpStatusError: The HTTP status means failure, and there is no fault.
        UnexpectedResponse: The body does not hold one element.
    """
    body = _body(envelope, call, response.status)
    for child in body:
        if child.tag in _FAULTS:
            # Imported by the first fault: what masks secrets takes a while to load.
            from esignwire._soap_fault import read_fault

            raise read_fault(child, call, response.status, sent)
    if not _is_success(response):
        raise _status_error(response, call)
    # A plugin's envelope may hold comments, which say nothing.
    content = list(body.iterchildren("*"))
    if len(content) != 1:
        what = f"the SOAP body holds {len(content)} elements where one was due"
        raise unexpected(what, "Envelope/Body", call, response.status)
    return content[0]


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
