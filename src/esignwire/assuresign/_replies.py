"""Reads the vendor's answers into outcomes, the same for the async client and its sync twin."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from esignwire._quoted_secrets import QuotedSecrets
from esignwire.assuresign.outcomes import (
    DocumentOutcome,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    Session,
    SessionOutcome,
    SessionPending,
    Severity,
    StatusOutcome,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    VendorException,
)
from esignwire.assuresign.settings import VENDOR
from esignwire.assuresign.submissions import identifier
from esignwire.errors import AssureSignError, UnexpectedResponse

if TYPE_CHECKING:
    from esignwire_generated.assuresign.types import check_status, envelopes, lookup_session, submit

__all__ = [
    "closing_taken_on",
    "envelope_closed",
    "session_identifier",
    "session_outcome",
    "status_outcomes",
    "submission_taken_on",
]


def session_identifier(session: Session | uuid.UUID | str) -> uuid.UUID:
    """The identifier of a session.

    Args:
        session: The session, or its identifier.

    Returns:
        The identifier.

    Raises:
        InvalidRequest: The identifier is no GUID.
    """
    if isinstance(session, Session):
        return session.id
    return identifier(session, "session", "LookupSession")


def submission_taken_on(answer: submit.AsyncSubmitResponse, sent: object) -> Session:
    """Reads the answer to AsyncSubmit.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session.

    Raises:
        AssureSignError: The vendor did not take the submission on.
        UnexpectedResponse: The answer holds no result.
    """
    result = answer.async_submit_result
    if result is None:
        raise _missing("AsyncSubmitResult", "AsyncSubmit")
    items = result.exceptions.document_exception if result.exceptions else None
    what = "the submission was refused"
    return _taken_on(result.session_id, items, what, "AsyncSubmit", _Words(sent))


def closing_taken_on(answer: envelopes.AsyncCloseEnvelopeResponse, sent: object) -> Session:
    """Reads the answer to AsyncCloseEnvelope.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session.

    Raises:
        AssureSignError: The vendor did not take the call on.
        UnexpectedResponse: The answer holds no result.
    """
    result = answer.async_close_envelope_result
    if result is None:
        raise _missing("AsyncCloseEnvelopeResult", "AsyncCloseEnvelope")
    items = result.exceptions.envelope_exception if result.exceptions else None
    what = "the envelope was not closed"
    return _taken_on(result.session_id, items, what, "AsyncCloseEnvelope", _Words(sent))


def envelope_closed(answer: envelopes.CloseEnvelopeResponse, sent: object) -> EnvelopeClosed:
    """Reads the answer to CloseEnvelope.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The closed envelope.

    Raises:
        AssureSignError: The envelope was not closed.
        UnexpectedResponse: The answer holds no result.
    """
    operation = "CloseEnvelope"
    if answer.close_envelope_result is None:
        raise _missing("CloseEnvelopeResult", operation)
    return _closed(answer.close_envelope_result, operation, None, _Words(sent))


def session_outcome(
    answer: lookup_session.LookupSessionResponse, session_id: uuid.UUID, sent: object
) -> SessionOutcome:
    """Reads the answer to LookupSession.

    Args:
        answer: The answer.
        session_id: The session that was asked about.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        What became of the session.

    Raises:
        AssureSignError: The session is not known, or closing the envelope failed.
        UnexpectedResponse: The answer says nothing about the session.
    """
    operation = "LookupSession"
    words = _Words(sent)
    results = answer.session_lookup_results
    listed = results.session_lookup_result if results else ()
    result = next((one for one in listed if one.session_id == session_id), None)
    if result is None:
        raise _missing("SessionLookupResult for the session that was asked about", operation)
    exceptions = words.exceptions(
        result.exceptions.session_lookup_exception if result.exceptions else None
    )
    documents = result.document_results
    if documents is not None and documents.document_result:
        # Whatever else was said: without these keys nobody can do anything with the documents.
        return SubmissionCompleted(
            session_id=session_id,
            outcomes=tuple(_document_outcome(one, words) for one in documents.document_result),
            warnings=exceptions,
        )
    _require_success(exceptions, f"session {session_id} cannot be looked up", operation)
    if result.close_envelope_result is not None:
        return _closed(result.close_envelope_result, "AsyncCloseEnvelope", session_id, words)
    return SessionPending(session_id=session_id, warnings=exceptions)


def status_outcomes(
    answer: check_status.CheckStatusResponse, document_ids: Sequence[uuid.UUID], sent: object
) -> tuple[StatusOutcome, ...]:
    """Reads the answer to CheckStatus.

    Args:
        answer: The answer.
        document_ids: The documents that were asked about.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        One outcome a document, in the same order.

    Raises:
        UnexpectedResponse: The answer holds none of the documents.
    """
    results = answer.document_status_check_results
    listed = results.document_status_check_result if results else ()
    found = {result.id: result for result in listed}
    if not any(one in found for one in document_ids):
        raise _missing("DocumentStatusCheckResult for what was asked about", "CheckStatus")
    words = _Words(sent)
    return tuple(_status_outcome(one, found.get(one), words) for one in document_ids)


def _missing(what: str, operation: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"the answer holds no {what}",
        path=f"{operation}Response",
        vendor=VENDOR,
        operation=operation,
    )


def _require_success(
    exceptions: tuple[VendorException, ...],
    what: str,
    operation: str,
    session_id: uuid.UUID | None = None,
) -> None:
    """Raises where the vendor said more than warnings; ``what`` was not done then."""
    if all(one.is_warning for one in exceptions):
        return
    said = "; ".join(f"{one.severity}: {one.text}" for one in exceptions)
    advice = "" if session_id is None else f"; look session {session_id} up for what was done"
    raise AssureSignError(
        f"{what}: {said}{advice}",
        exceptions=tuple((str(one.severity), one.text) for one in exceptions),
        session_id=None if session_id is None else str(session_id),
        vendor=VENDOR,
        operation=operation,
    )


class _Item(Protocol):
    """One exception of any contract: each declares its own type of the same shape."""

    @property
    def value(self) -> str: ...

    @property
    def severity(self) -> str: ...


class _Words:
    """Reads what the vendor says in exceptions, and masks the secrets that were sent.

    Args:
        sent: The message that was sent.
    """

    def __init__(self, sent: object) -> None:
        self._sent = sent
        self._found: QuotedSecrets | None = None

    @property
    def _secrets(self) -> QuotedSecrets:
        # Once an answer: most have no exception, and some have one in each item. Not
        # cached_property: Python 3.11's has a lock, which a fork could leave locked.
        if self._found is None:
            self._found = QuotedSecrets.of(self._sent)
        return self._found

    def exceptions(self, items: Iterable[_Item] | None) -> tuple[VendorException, ...]:
        """Turns the exceptions of any contract into one type, in the vendor's order."""
        known = {one.value: one for one in Severity}
        return tuple(
            VendorException(
                severity=known.get(str(item.severity), str(item.severity)),
                text=self._secrets.mask(item.value.strip()),
            )
            for item in items or ()
        )


def _taken_on(
    session_id: uuid.UUID, items: Iterable[_Item] | None, what: str, operation: str, words: _Words
) -> Session:
    exceptions = words.exceptions(items)
    # An answer must hold a session, so that one of zeros stands there where none was begun.
    _require_success(exceptions, what, operation, session_id if session_id.int else None)
    return Session(id=session_id, warnings=exceptions)


def _closed(
    result: envelopes.CloseEnvelopeResult,
    operation: str,
    session_id: uuid.UUID | None,
    words: _Words,
) -> EnvelopeClosed:
    exceptions = words.exceptions(
        result.exceptions.envelope_exception if result.exceptions else None
    )
    _require_success(exceptions, f"envelope {result.envelope_id} was not closed", operation)
    return EnvelopeClosed(
        envelope_id=result.envelope_id, session_id=session_id, warnings=exceptions
    )


def _document_outcome(result: submit.DocumentResult, words: _Words) -> DocumentOutcome:
    exceptions = words.exceptions(
        result.exceptions.document_exception if result.exceptions else None
    )
    is_usable = all(one.is_warning for one in exceptions)
    if is_usable and result.id is not None and result.auth_token is not None:
        return SubmittedDocument(
            id=result.id,
            auth_token=result.auth_token,
            metadata=result.metadata,
            warnings=exceptions,
        )
    # Without its keys nobody can do anything with a document. The others must not suffer for it.
    return RejectedDocument(
        exceptions=exceptions,
        metadata=result.metadata,
        id=result.id,
        auth_token=result.auth_token,
    )


def _status_outcome(
    document_id: uuid.UUID, result: check_status.DocumentStatusCheckResult | None, words: _Words
) -> StatusOutcome:
    if result is None:
        return StatusRejected(id=document_id, exceptions=())
    exceptions = words.exceptions(
        result.exceptions.status_check_exception if result.exceptions else None
    )
    if not all(one.is_warning for one in exceptions):
        return StatusRejected(id=result.id, exceptions=exceptions)
    return DocumentStatus(
        id=result.id,
        status_type=result.status_type,
        status_date=result.status_date,
        status_details=result.status_details,
        warnings=exceptions,
    )
