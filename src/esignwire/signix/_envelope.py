"""FlexAPI's envelope: an XML document in a form field asks, an XML document answers.

Nothing here does I/O, so that the async client and its sync twin share it.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from esignwire._call import Call, status_error, unexpected
from esignwire._codec import Operation, read_response, reference_of, write_request
from esignwire._documents import Progress, Upload, check_progress, splice_form
from esignwire._http import HttpRequest, HttpResponse, Receiver, ReceiverFactory
from esignwire._secrets import QuotedSecrets
from esignwire._xml import Element, ReceivedXml, XmlLimits, XmlReader, local_name, parse
from esignwire.errors import (
    EmptyResponse,
    ResponseError,
    SignixError,
)
from esignwire.signix.settings import VENDOR
from esignwire_generated.signix.names import NAMESPACES, SENSITIVE

if TYPE_CHECKING:
    from esignwire_generated.signix.types.submit_document import SubmitDocumentRq

__all__ = [
    "call_of",
    "child_of",
    "description_of",
    "form_request",
    "read_answer",
    "receiver_of",
    "text_of",
]

_Request = TypeVar("_Request")
_Response = TypeVar("_Response")

_FOLDER = "signix"
_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>'
_HEADERS = {
    "Accept": "text/xml, application/xml",
    "Content-Type": "application/x-www-form-urlencoded; charset=UTF-8",
}
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)

_SUCCESS = "success"
# The page on SubmitAjax calls it by the second name.
_DESCRIPTIONS = ("StatusDesc", "StatusMessage")
_DESCRIBED = ("{*}StatusDesc", "{*}StatusMessage", "{*}Response")
# As they stand before a name; an element may have none.
_NAMESPACES = frozenset({"", *(f"{{{namespace}" for namespace in NAMESPACES)})
# The codes 0 and 1 are success everywhere. SubmitAjax alone is documented to answer 2, whose
# meaning depends on what was sent.
_SUCCESS_CODES = frozenset({0, 1})
_PARTIAL_SUCCESS_METHODS = frozenset({"SubmitAjax"})
_SCHEMA_VIOLATION = 101

# Characters that nearly every message holds. "%" comes first, since the others are written with it.
_COMMON_BYTES = [
    (byte.encode("ascii"), b"+" if byte == " " else f"%{ord(byte):02X}".encode("ascii"))
    for byte in '%+ <>/"=:{},'
]
# All other bytes that a form must not hold as they are.
_OTHER_BYTES = re.compile(rb"[^A-Za-z0-9*\-._%+]")


def call_of(operation: Operation[_Request, _Response], request: _Request) -> Call:
    """Describes a call, with the transaction that it is about.

    Args:
        operation: The web method.
        request: The message.

    Returns:
        The call. Its reference is the DocumentSetID or the TransactionID of the message.
    """
    return Call(
        vendor=VENDOR,
        operation=operation.name,
        is_safe=operation.is_safe,
        reference=reference_of(operation.lookup, request),
        sensitive=SENSITIVE,
    )


def form_request(
    operation: Operation[_Request, _Response],
    request: _Request,
    call: Call,
    url: str,
    progress: Progress | None = None,
) -> HttpRequest:
    """Writes a message, validates it and puts it in its form.

    Args:
        operation: The web method.
        request: The message.
        call: The call, for errors.
        url: The address of FlexAPI.
        progress: Is told how much of a message with documents has gone.

    Returns:
        What to send.

    Raises:
        InvalidRequest: The message does not satisfy the schema, a signature is that of no party
            or names no field, or a form states another length than its document has.
    """
    check_progress(progress, call)
    if not operation.schema:
        message = operation.encode(request)  # a raw call
    else:
        message, element = write_request(operation, request, call, _FOLDER)
        if operation.name == "SubmitDocument":
            # The types of SubmitDocument take long to import, so only this call imports them.
            from esignwire.signix.forms import check_lengths, check_signatures

            submitted = cast("SubmitDocumentRq", request)
            check_signatures(submitted)
            # The written message tells the sizes, since reading an open file moves it.
            check_lengths(
                submitted,
                [
                    _size(form.findtext("{*}Data") or "", message.uploads)
                    for form in element.iterfind("{*}Data/{*}Form")
                ],
            )
    form = _beginning(operation.name) + _form_encoded(message.text)
    # The progress of a call that fetches documents is that of its answer alone.
    watches_request = bool(message.uploads) or not operation.documents
    content = splice_form(form, message.uploads, call, progress if watches_request else None)
    return HttpRequest(method="POST", url=url, headers=_HEADERS, content=content)


def _size(text: str, uploads: Mapping[str, Upload]) -> int:
    """The bytes of a document that stands in a message, as base64 or as a token."""
    return uploads[text].size if text in uploads else len(text) // 4 * 3 - text.count("=")


@functools.cache
def _beginning(method: str) -> bytes:
    """The form of a web method up to where its message begins."""
    return b"method=%b&request=%b" % (_form_encoded(method), _form_encoded(_DECLARATION))


def _form_encoded(text: str) -> bytes:
    # urllib.parse makes an object of each byte, which is slow for documents of some megabytes.
    content = text.encode("utf-8")
    for byte, encoded in _COMMON_BYTES:
        content = content.replace(byte, encoded)
    return _OTHER_BYTES.sub(lambda found: b"%%%02X" % found[0][0], content)


def receiver_of(
    operation: Operation[_Request, _Response],
    call: Call,
    max_bytes: int,
) -> ReceiverFactory | None:
    """Makes what takes in the answers to a call, where they may hold documents.

    Args:
        operation: The web method.
        call: The call.
        max_bytes: How large an answer may be beside its documents.

    Returns:
        The factory; ``None`` where no documents are due.
    """
    if not operation.documents:
        return None

    def make(http_status: int, headers: Mapping[str, str]) -> Receiver | None:
        if not 200 <= http_status < 300:
            return None
        return XmlReader(
            call,
            limits=XmlLimits(max_bytes=max_bytes),
            http_status=http_status,
            content_type=headers.get("content-type", ""),
            documents=operation.documents,
            namespaces=NAMESPACES,
        )

    return make


def read_answer(
    operation: Operation[_Request, _Response],
    response: HttpResponse,
    call: Call,
    sent: object,
    max_bytes: int,
) -> _Response:
    """Reads an answer: the HTTP status first, then the vendor's status, then the rest.

    Args:
        operation: The web method.
        response: The answer.
        call: The call.
        sent: The message that was sent, whose secrets the vendor may quote.
        max_bytes: The largest answer that is read.

    Returns:
        The answer, whose status is 0 or 1; for SubmitAjax also 2.

    Raises:
        HttpStatusError: An HTTP error, or a redirection, without a status of the vendor's.
        SignixError: The vendor's status means failure.
        ResponseError: The answer cannot be used.
    """
    limits = XmlLimits(max_bytes=max_bytes)
    if not 200 <= response.status < 300:
        raise _http_failure(operation, response, call, sent, limits)
    received = response.received
    if not isinstance(received, ReceivedXml):
        received = ReceivedXml(root=_root(response, call, limits))
    root = received.root
    if local_name(root.tag) == local_name(operation.response_tag):
        failure = _failure(operation, root, call, sent, response.status)
        if failure is not None:
            raise failure
        _mask_descriptions(root, sent)
    answer = read_response(operation, root, call, NAMESPACES, response.status, received.documents)
    # The answer to a raw call has no such member.
    data: object = getattr(answer, "data", answer)
    if data is None and (operation.result or operation.documents):
        raise unexpected(
            "the status says success, and the Data is missing",
            f"{local_name(root.tag)}/Data",
            call,
            response.status,
        )
    _check_filled(data, f"{local_name(root.tag)}/Data", call, response.status)
    return answer


def _check_filled(data: object, path: str, call: Call, http_status: int) -> None:
    """Refuses an identifier, a link or a token that is due and empty: it is no success."""
    kind: type = type(data)
    for member, name in _required(kind):
        value: object = getattr(data, member, None)
        if isinstance(value, str) and not value.strip():
            what = f"the status says success, and the {name} is empty"
            raise unexpected(what, f"{path}/{name}", call, http_status)


@functools.cache
def _required(kind: type) -> tuple[tuple[str, str], ...]:
    """The members that are always there in a message of this type, and their names in XML."""
    return tuple(
        (one.name, one.metadata["name"])
        for one in (fields(kind) if is_dataclass(kind) else ())
        if one.metadata.get("required")
    )


def _root(response: HttpResponse, call: Call, limits: XmlLimits) -> Element:
    return parse(
        response.content,
        call,
        limits=limits,
        http_status=response.status,
        content_type=response.headers.get("content-type", ""),
    )


def _failure(
    operation: Operation[_Request, _Response],
    root: Element,
    call: Call,
    sent: object,
    http_status: int,
) -> SignixError | None:
    """The vendor's refusal, read before anything else: nothing may hide it."""
    path = f"{local_name(root.tag)}/Status"
    statuses = _children(root, "Status")
    if not statuses:
        raise unexpected("the Status is missing", path, call, http_status)
    # Of several, the first that is no success counts.
    for status in statuses:
        codes: list[Element | None] = [*_children(status, "StatusCode")]
        for node in codes or [None]:
            text = text_of(node)
            if text is None or _INTEGER.fullmatch(text) is None:
                what = "the StatusCode is missing or no whole number"
                raise unexpected(what, f"{path}/StatusCode", call, http_status)
            code = int(text)
            if code in _SUCCESS_CODES or (code == 2 and operation.name in _PARTIAL_SUCCESS_METHODS):
                continue
            description = description_of(status)
            if description is not None:
                # The errors of the vendor's schema quote what they refuse.
                description = QuotedSecrets.of(sent).mask(description)
            return SignixError(
                _explanation(code, description),
                **call.where,
                http_status=http_status,
                vendor_code=str(code),
                vendor_text=description,
            )
    return None


def _mask_descriptions(root: Element, sent: object) -> None:
    """Masks secrets where the vendor describes a failure in an answer that is read all the same."""
    described: list[Element] = []
    for node in root.iter(*_DESCRIBED):
        said = node.text if local_name(node.tag) in _DESCRIPTIONS else node.get("responseDesc")
        if said is not None and said != _SUCCESS:
            described.append(node)
    if not described:
        return
    secrets = QuotedSecrets.of(sent)
    for node in described:
        if local_name(node.tag) in _DESCRIPTIONS:
            node.text = secrets.mask(node.text or "")
        else:
            node.set("responseDesc", secrets.mask(node.get("responseDesc") or ""))


def _explanation(code: int, description: str | None) -> str:
    said = f": {description.rstrip('.')}" if description else ", without a description"
    if code == _SCHEMA_VIOLATION:
        return (
            f"the message breaks the vendor's own schema, which is stricter than the one here"
            f"{said}; correct what it names. Nothing was done"
        )
    if code >= 100:
        return f"the vendor refused the call{said}. Nothing was done"
    return (
        f"the vendor answered with a status that means no success{said}; look the transaction up"
        " before you repeat the call"
    )


def _http_failure(
    operation: Operation[_Request, _Response],
    response: HttpResponse,
    call: Call,
    sent: object,
    limits: XmlLimits,
) -> ResponseError | SignixError:
    """The error for an HTTP status; the vendor's own words, where it gave any, tell more."""
    cause: ResponseError | None = None
    try:
        root = _root(response, call, limits)
        failure = _failure(operation, root, call, sent, response.status)
        if failure is not None:
            return failure
    except ResponseError as error:
        # The body is no message of the vendor's, so the HTTP status is reported.
        cause = None if isinstance(error, EmptyResponse) else error
    failed = status_error(response.status, call, "status of FlexAPI's")
    failed.__cause__ = cause
    return failed


def description_of(status: Element) -> str | None:
    """Reads what a Status says in words.

    Args:
        status: The element.

    Returns:
        The words; ``None`` where there are none.
    """
    described = (text_of(child_of(status, name)) for name in _DESCRIPTIONS)
    return next((text for text in described if text is not None), None)


def child_of(node: Element, name: str) -> Element | None:
    """Finds a child in the vendor's namespace, or in none.

    Args:
        node: The element.
        name: The local name of the child.

    Returns:
        The first such child; ``None`` where there is none.
    """
    return next(iter(_children(node, name)), None)


def _children(node: Element, name: str) -> list[Element]:
    found = node.iterchildren(f"{{*}}{name}")
    return [one for one in found if one.tag.rpartition("}")[0] in _NAMESPACES]


def text_of(node: Element | None) -> str | None:
    """Reads the text of an element, without the blanks around it.

    Args:
        node: The element.

    Returns:
        The text; ``None`` where it is empty or there is no element.
    """
    if node is None:
        return None
    text = "".join(str(part) for part in node.itertext()) if len(node) else node.text or ""
    return text.strip() or None
