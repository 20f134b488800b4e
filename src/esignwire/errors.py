"""Errors: every failure that esignwire raises, in one tree.

::

    EsignWireError
    ├── ConfigurationError          a setting is missing or cannot be used
    ├── InvalidRequest              refused before anything was sent
    ├── TransportError              no complete answer came
    │   ├── ConnectionFailed        the vendor was never reached; nothing was sent
    │   ├── ConnectionLost          the connection broke after bytes were sent
    │   └── RequestTimeout          the time allowed ran out
    ├── OutcomeUnknown              the vendor may or may not have acted: look before you repeat
    ├── ResponseError               an answer came and cannot be used
    │   ├── HttpStatusError         an HTTP error without a message of the vendor's protocol
    │   ├── EmptyResponse           nothing where a message was due
    │   ├── UnexpectedContent       another kind of content, such as an HTML page
    │   ├── MalformedResponse       not well-formed
    │   │   ├── TruncatedResponse   ends before it is complete
    │   │   └── EncodingError       bytes that are not the text they claim to be
    │   ├── ForbiddenMarkup         a DTD or an entity, which no vendor has reason to send
    │   ├── ResponseTooLarge        more bytes than allowed
    │   ├── ResponseTooDeep         more nesting than allowed
    │   └── UnexpectedResponse      well-formed, and not the message that was due
    ├── InvalidNotification         what came in as a vendor's notification cannot be used
    ├── VendorError                 the vendor understood the call and said no
    │   ├── SoapFault               AssureSign: a SOAP fault
    │   ├── AssureSignError         AssureSign: exceptions in the answer
    │   ├── SignixError             SIGNiX: a status that means failure
    │   └── Constellation1Error     Constellation1: an error message
    │       ├── TokenRefused        the token expired or is invalid
    │       ├── AccountRefused      the API key or the user's credentials are not accepted
    │       ├── UserNotFound        no user has this e-mail address
    │       ├── SessionNotFound     no session has this id
    │       ├── DocumentRefused     a document could not be processed
    │       ├── SignersRefused      a signer lacks a last name or an e-mail address
    │       └── SessionNotStarted   StartSession went on answering False
    └── WaitTimeout                 a session did not finish by the deadline

An error says what happened, where, and what to do. None carries a secret: what the schemas mark as
sensitive never enters a message. Each prints, copies and pickles. An exception of another package
is never raised as it is; it is the ``__cause__``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TypedDict, TypeVar, Unpack

__all__ = [
    "AccountRefused",
    "AssureSignError",
    "ConfigurationError",
    "ConnectionFailed",
    "ConnectionLost",
    "Constellation1Error",
    "DocumentRefused",
    "EmptyResponse",
    "EncodingError",
    "EsignWireError",
    "ForbiddenMarkup",
    "HttpStatusError",
    "InvalidNotification",
    "InvalidRequest",
    "MalformedResponse",
    "OutcomeUnknown",
    "RequestTimeout",
    "ResponseError",
    "ResponseTooDeep",
    "ResponseTooLarge",
    "SessionNotFound",
    "SessionNotStarted",
    "SignersRefused",
    "SignixError",
    "SoapFault",
    "TokenRefused",
    "TransportError",
    "TruncatedResponse",
    "UnexpectedContent",
    "UnexpectedResponse",
    "UserNotFound",
    "VendorError",
    "WaitTimeout",
]

_Error = TypeVar("_Error", bound="EsignWireError")

# A message goes into logs and onto terminals, and a vendor's text may be as long as an answer.
_LONGEST = 4_000

# A vendor's words could steer a terminal, or forge a line of a log: all controls but tab and line
# feed, and what turns the direction of writing. A lone surrogate cannot be written at all.
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)


class _Answered(TypedDict, total=False):
    """Which call failed, and the status of its answer."""

    vendor: str | None
    operation: str | None
    http_status: int | None


class _Facts(_Answered, total=False):
    """All that any error may say; ``EsignWireError`` describes each."""

    vendor_code: str | None
    vendor_text: str | None
    is_retry_safe: bool
    retry_after: float | None


def _restore(kind: type[_Error], args: tuple[object, ...], state: Mapping[str, object]) -> _Error:
    error = kind.__new__(kind)
    error.args = args
    error.__dict__.update(state)
    return error


class EsignWireError(Exception):
    """The root of all failures of esignwire.

    Args:
        message: What happened and what to do about it, without secrets. What is longer than 4,000
            characters is cut in the middle, and what a terminal would obey is replaced;
            ``vendor_text`` keeps the vendor's words as they came.
        vendor: The vendor: ``AssureSign``, ``SIGNiX`` or ``Constellation1``.
        operation: The operation as the vendor spells it, such as ``CheckStatus``.
        http_status: The HTTP status of the answer, where there was one.
        vendor_code: The vendor's own code, where it gave one.
        vendor_text: The vendor's own words, where it gave any.
        is_retry_safe: Whether the same call may be repeated without harm.
        retry_after: The seconds that the answer asks to wait before the next call
            (``Retry-After``), counted from when it came; ``None`` where it does not ask.
    """

    def __init__(
        self,
        message: str,
        *,
        vendor: str | None = None,
        operation: str | None = None,
        http_status: int | None = None,
        vendor_code: str | None = None,
        vendor_text: str | None = None,
        is_retry_safe: bool = False,
        retry_after: float | None = None,
    ) -> None:
        if len(message) > _LONGEST:
            half = _LONGEST // 2
            left = len(message) - 2 * half
            message = f"{message[:half]} ... {left} characters more ... {message[-half:]}"
        message = _UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", message.replace("\r\n", "\n"))
        super().__init__(message)
        self.message = message
        self.vendor = vendor
        self.operation = operation
        self.http_status = http_status
        self.vendor_code = vendor_code
        self.vendor_text = vendor_text
        self.is_retry_safe = is_retry_safe
        self.retry_after = retry_after

    def __str__(self) -> str:
        where = " ".join(part for part in (self.vendor, self.operation) if part)
        facts: list[str] = []
        if self.http_status is not None:
            facts.append(f"HTTP {self.http_status}")
        if self.vendor_code:
            facts.append(f"code {self.vendor_code}")
        if self.retry_after is not None:
            facts.append(f"retry after {self.retry_after:.0f} s")
        text = f"{where}: {self.message}" if where else self.message
        return f"{text} ({', '.join(facts)})" if facts else text

    def __reduce__(self) -> tuple[object, ...]:
        return _restore, (type(self), self.args, dict(self.__dict__))


class ConfigurationError(EsignWireError):
    """A setting is missing or cannot be used; the message names it."""


class InvalidRequest(EsignWireError):
    """A request was refused before anything was sent.

    Args:
        message: What is wrong and what to do.
        path: Where in the message, such as ``SubmitAjaxRq/Data/TransactionID``.
        value: The refused value; ``None`` where it is secret or where there is none.
        rule: The rule that it breaks.
        **where: The vendor and the operation; see ``EsignWireError``.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        value: str | None = None,
        rule: str | None = None,
        **where: Unpack[_Answered],
    ) -> None:
        super().__init__(message, **where)
        self.path = path
        self.value = value
        self.rule = rule


class TransportError(EsignWireError):
    """No complete answer came."""


class ConnectionFailed(TransportError):
    """The vendor was never reached, so nothing was sent; the message says why.

    ``is_retry_safe`` is false where waiting will not help: a certificate that is not trusted, a
    proxy that wants credentials, a name that was not found twice.
    """


class ConnectionLost(TransportError):
    """The connection broke before the answer was complete."""


class RequestTimeout(TransportError):
    """The time allowed ran out before the answer was complete."""


class OutcomeUnknown(EsignWireError):
    """A call that changes something was sent, and no complete answer came back.

    The vendor may or may not have acted. Look the outcome up by ``reference`` before repeating the
    call: a repeated submission sends a second document to the signers. The failure itself is the
    ``__cause__``. (An answer that did come, and cannot be read, raises a ``ResponseError``
    that says the same and whose ``is_retry_safe`` is false.)

    Args:
        message: What happened and how to find out.
        reference: What to look the outcome up by, where the call carries such a thing.
        **where: The vendor, the operation, and the HTTP status where an answer had begun; see
            ``EsignWireError``.
    """

    def __init__(
        self, message: str, *, reference: str | None = None, **where: Unpack[_Answered]
    ) -> None:
        super().__init__(message, **where)
        self.reference = reference


class ResponseError(EsignWireError):
    """An answer came and cannot be used."""


class HttpStatusError(ResponseError):
    """An HTTP status that means failure, without a message of the vendor's protocol."""


class EmptyResponse(ResponseError):
    """An answer without content where a message was due."""


class UnexpectedContent(ResponseError):
    """Another kind of content than was due, such as an HTML page."""


class MalformedResponse(ResponseError):
    """XML or JSON that is not well-formed."""


class TruncatedResponse(MalformedResponse):
    """XML or JSON that ends before it is complete."""


class EncodingError(MalformedResponse):
    """Bytes that are not the text that they claim to be."""


class ForbiddenMarkup(ResponseError):
    """A document type declaration or an entity, which no vendor has reason to send."""


class ResponseTooLarge(ResponseError):
    """More bytes than the limit allows; what had come was dropped."""


class ResponseTooDeep(ResponseError):
    """Elements nested more deeply than the limit allows."""


class UnexpectedResponse(ResponseError):
    """A well-formed message that is not the one that was due.

    Args:
        message: What is wrong with it.
        path: Where in the message, such as ``CheckStatusResponse/DocumentStatusCheckResults``.
        **facts: What else is known; see ``EsignWireError``.
    """

    def __init__(self, message: str, *, path: str | None = None, **facts: Unpack[_Facts]) -> None:
        super().__init__(message, **facts)
        self.path = path


class InvalidNotification(EsignWireError):
    """What came in as a notification of a vendor's cannot be used: it may come from elsewhere.

    Args:
        message: What is wrong with it.
        path: Where in it, such as ``Data/SigningSessionId``; ``None`` for the whole of it.
        **where: The vendor, and the kind of notification as the operation; see
            ``EsignWireError``.
    """

    def __init__(
        self, message: str, *, path: str | None = None, **where: Unpack[_Answered]
    ) -> None:
        super().__init__(message, **where)
        self.path = path


class VendorError(EsignWireError):
    """The vendor understood the call and said no."""


class SoapFault(VendorError):
    """A SOAP fault.

    Args:
        message: What happened.
        fault_code: The local part of the fault code, such as ``ActionNotSupported`` or ``Client``.
        fault_string: The vendor's words.
        fault_actor: Who failed, where the fault says so.
        detail: The fault's detail as XML text with sensitive values masked, where it has one.
        **where: The vendor, the operation and the HTTP status; see ``EsignWireError``.
    """

    def __init__(
        self,
        message: str,
        *,
        fault_code: str | None = None,
        fault_string: str | None = None,
        fault_actor: str | None = None,
        detail: str | None = None,
        **where: Unpack[_Answered],
    ) -> None:
        super().__init__(message, vendor_code=fault_code, vendor_text=fault_string, **where)
        self.fault_code = fault_code
        self.fault_string = fault_string
        self.fault_actor = fault_actor
        self.detail = detail


class _Kept:
    """A value that no representation shows."""

    __slots__ = ("value",)

    def __init__(self, value: object) -> None:
        self.value = value


class AssureSignError(VendorError):
    """An answer of AssureSign's that carries exceptions of severity Error or Fatal.

    ``result`` is the refused result itself, where the call has one: it may say more, such as where
    a user replaces an expired password. It may hold secrets, so that no representation shows it
    and a copied or pickled error leaves it behind.

    Args:
        message: What happened.
        exceptions: Each exception as a pair of severity and text, in the vendor's order.
        session_id: The session to look up, where one was begun all the same.
        **where: The vendor, the operation and the HTTP status; see ``EsignWireError``.
    """

    def __init__(
        self,
        message: str,
        *,
        exceptions: tuple[tuple[str, str], ...] = (),
        session_id: str | None = None,
        **where: Unpack[_Answered],
    ) -> None:
        # Most of the vendor's texts are sentences.
        words = " ".join(f"{text};" if text[-1:].isalnum() else text for _, text in exceptions)
        super().__init__(message, vendor_text=words.rstrip(";") or None, **where)
        self.exceptions = exceptions
        self.session_id = session_id

    @property
    def result(self) -> object:
        """The refused result; ``None`` where the call has none, and in a copy."""
        kept: _Kept | None = self.__dict__.get("_result")
        return None if kept is None else kept.value

    @result.setter
    def result(self, value: object) -> None:
        self._result = _Kept(value)

    def __reduce__(self) -> tuple[object, ...]:
        facts = {name: value for name, value in self.__dict__.items() if name != "_result"}
        return _restore, (type(self), self.args, facts)


class SignixError(VendorError):
    """A status of SIGNiX's that means failure; ``vendor_code`` holds it as text."""


class Constellation1Error(VendorError):
    """An error message of Constellation1's.

    Args:
        message: What happened.
        session_id: The session that the answer names beside its error, where the call did not: it
            may be there all the same.
        **facts: What else is known; see ``EsignWireError``.
    """

    def __init__(
        self, message: str, *, session_id: str | None = None, **facts: Unpack[_Facts]
    ) -> None:
        super().__init__(message, **facts)
        self.session_id = session_id


class TokenRefused(Constellation1Error):
    """The token expired or is invalid."""


class AccountRefused(Constellation1Error):
    """The API key or the user's credentials are not accepted."""


class UserNotFound(Constellation1Error):
    """No user has this e-mail address."""


class SessionNotFound(Constellation1Error):
    """No session has this id. The words by which it is known are inferred."""


class DocumentRefused(Constellation1Error):
    """A document could not be processed; the vendor's text names the file."""


class SignersRefused(Constellation1Error):
    """A signer lacks a last name or a valid e-mail address."""


class SessionNotStarted(Constellation1Error):
    """StartSession went on answering False: the vendor's message says what to fix."""


class WaitTimeout(EsignWireError):
    """An asynchronous session did not finish by the deadline; it may still finish later.

    Args:
        message: What happened and what to do.
        session_id: The session to look up later.
        **where: The vendor and the operation; see ``EsignWireError``.
    """

    def __init__(
        self, message: str, *, session_id: str | None = None, **where: Unpack[_Answered]
    ) -> None:
        super().__init__(message, is_retry_safe=True, **where)
        self.session_id = session_id
