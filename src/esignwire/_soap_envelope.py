"""SOAP answers: the envelope, its body, and faults, told apart from all that is not SOAP."""

from __future__ import annotations

from lxml import etree

from esignwire._call import Call
from esignwire._http import HttpResponse
from esignwire._quoted_secrets import secrets_of, without_secrets
from esignwire._redaction import Redactor
from esignwire._unusable import status_error, unexpected, unusable
from esignwire._xml import XmlLimits, parse
from esignwire.errors import (
    HttpStatusError,
    ResponseError,
    SoapFault,
    UnexpectedContent,
)
from esignwire_generated._values import Element

__all__ = ["SOAP_NAMESPACE", "content_of", "envelope_of"]

SOAP_NAMESPACE = "http://schemas.xmlsoap.org/soap/envelope/"
_SOAP_12_NAMESPACE = "http://www.w3.org/2003/05/soap-envelope"
_LONGEST_DETAIL = 4_000
_LONGEST_TEXT = 2_000


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
        media_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        # An MTOM answer to a call that expects documents was taken apart while it came.
        if media_type.startswith("multipart/") and not response.is_unpacked:
            what = f"a {media_type} message came where text/xml was due"
            raise unusable(UnexpectedContent, what, call, response.status)
        envelope = parse(response.content, call, limits=limits, http_status=response.status)
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
    fault = _fault(body, call, response.status, sent)
    if fault is not None:
        raise fault
    if not _is_success(response):
        raise _status_error(response, call)
    content = list(body)
    if len(content) != 1:
        what = f"the SOAP body holds {len(content)} elements where one was due"
        raise unexpected(what, "Envelope/Body", call, response.status)
    return content[0]


def _is_success(response: HttpResponse) -> bool:
    return 200 <= response.status < 300


def _status_error(response: HttpResponse, call: Call) -> HttpStatusError:
    return status_error(response.status, call, "SOAP fault")


def _body(envelope: Element, call: Call, http_status: int) -> Element:
    name = etree.QName(envelope)
    if name.localname == "Envelope" and name.namespace in {SOAP_NAMESPACE, _SOAP_12_NAMESPACE}:
        body = envelope.find(f"{{{name.namespace}}}Body")
        if body is not None:
            return body
        problem = "the SOAP envelope has no body"
    else:
        problem = f"a {name.localname} came where a SOAP envelope was due"
    what = f"{problem}: check that the URL is that of the vendor's service"
    raise unexpected(what, name.localname, call, http_status)


def _text(node: Element | None, secrets: frozenset[str]) -> str | None:
    if node is None:
        return None
    text = "".join(str(part) for part in node.itertext()).strip()
    # Masked before it is cut, lest half a secret remain.
    return without_secrets(text, secrets)[:_LONGEST_TEXT] or None


def _child(node: Element, *names: str) -> Element | None:
    """Finds a child by local name: SOAP 1.1 has no namespace there, some servers add one."""
    for child in node:
        if etree.QName(child).localname in names:
            return child
    return None


def _fault(body: Element, call: Call, http_status: int, sent: object) -> SoapFault | None:
    fault = next(
        (
            child
            for child in body
            if child.tag in {f"{{{SOAP_NAMESPACE}}}Fault", f"{{{_SOAP_12_NAMESPACE}}}Fault"}
        ),
        None,
    )
    if fault is None:
        return None
    secrets = secrets_of(sent)
    code_node = _child(fault, "faultcode", "Code")
    if code_node is not None and len(code_node):
        # SOAP 1.2 nests the code, and the inner one says more.
        values = [node for node in code_node.iter() if etree.QName(node).localname == "Value"]
        code_node = values[-1] if values else code_node
    reason = _child(fault, "faultstring", "Reason")
    if reason is not None and len(reason):
        reason = _child(reason, "Text")
    code = _text(code_node, secrets)
    if code is not None:
        code = code.rpartition(":")[2]
    text = _text(reason, secrets)
    detail = _child(fault, "detail", "Detail")
    shown: str | None = None
    if detail is not None:
        content = etree.tostring(detail, encoding="utf-8", with_tail=False)
        masked = Redactor(call.sensitive).redact(content)
        shown = without_secrets(masked.decode("utf-8", "replace"), secrets)[:_LONGEST_DETAIL]
    return SoapFault(
        f"the vendor answered with a SOAP fault: {text or 'without a reason'}",
        fault_code=code,
        fault_string=text,
        fault_actor=_text(_child(fault, "faultactor", "Role"), secrets),
        detail=shown,
        vendor=call.vendor,
        operation=call.operation,
        http_status=http_status,
    )
