"""Replies of AssureSign, read into outcomes, for the async client and its sync twin."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence

from esignwire.assuresign._refusals import Item, read_exceptions
from esignwire.assuresign.outcomes import (
    DocumentOutcome,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    Session,
    SessionOutcome,
    SessionPending,
    StatusOutcome,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    VendorException,
)
from esignwire.assuresign.settings import VENDOR
from esignwire.errors import AssureSignError, UnexpectedResponse
from esignwire_generated.assuresign import types

__all__ = [
    "closing_taken_on",
    "envelope_closed",
    "session_outcome",
    "status_outcomes",
    "submission_taken_on",
]


def submission_taken_on(answer: types.submit.AsyncSubmitResponse, sent: object) -> Session:
    """Reads the answer to AsyncSubmit; see ``_taken_on`` for arguments, result and errors."""
    result = answer.async_submit_result
    items = result.exceptions.document_exception if result and result.exceptions else None
    return _taken_on("AsyncSubmit", result, items, "the submission was refused", sent)


def closing_taken_on(answer: types.envelopes.AsyncCloseEnvelopeResponse, sent: object) -> Session:
    """Reads the answer to AsyncCloseEnvelope; see ``_taken_on``."""
    result = answer.async_close_envelope_result
    items = result.exceptions.envelope_exception if result and result.exceptions else None
    return _taken_on("AsyncCloseEnvelope", result, items, "the envelope was not closed", sent)


def envelope_closed(answer: types.envelopes.CloseEnvelopeResponse, sent: object) -> EnvelopeClosed:
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
    answer: types.lookup_session.LookupSessionResponse, session_id: uuid.UUID, sent: object
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
    if documents.document_result:
        # Warnings and errors of the session must not hide the keys of its documents.
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
    answer: types.check_status.CheckStatusResponse, document_ids: Sequence[uuid.UUID], sent: object
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


class _Words:
    """Reads what the vendor says in exceptions, and masks the secrets that were sent.

    Args:
        sent: The message that was sent.
    """

    def __init__(self, sent: object) -> None:
        self._sent = sent

    def exceptions(self, items: Iterable[Item] | None) -> tuple[VendorException, ...]:
        """Turns the exceptions of any contract into one type, in the vendor's order."""
        return read_exceptions(items, self._sent)


def _taken_on(
    operation: str,
    result: types.submit.AsyncSubmissionResult | types.envelopes.AsyncCloseEnvelopeResult | None,
    items: Iterable[Item] | None,
    what: str,
    sent: object,
) -> Session:
    """Reads the answer to a call that goes on in a session.

    Args:
        operation: The operation.
        result: Its result.
        items: The exceptions in the result.
        what: What an exception means, for the error.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session.

    Raises:
        AssureSignError: The vendor did not take the call on.
        UnexpectedResponse: There is no result, or no session and no exception.
    """
    if result is None:
        raise _missing(f"{operation}Result", operation)
    exceptions = _Words(sent).exceptions(items)
    if not result.session_id.int and all(one.is_warning for one in exceptions):
        advice = "the vendor may have acted, so look the outcome up before you repeat the call"
        raise _missing(f"session, since its SessionId is all zeros; {advice}", operation)
    # The schema requires a session: the vendor writes zeros where it began none.
    session_id = result.session_id if result.session_id.int else None
    _require_success(exceptions, what, operation, session_id)
    return Session(id=result.session_id, warnings=exceptions)


def _closed(
    result: types.envelopes.CloseEnvelopeResult,
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


def _document_outcome(result: types.submit.DocumentResult, words: _Words) -> DocumentOutcome:
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
    # A document without its keys is of no use; it must not hide the others.
    return RejectedDocument(
        exceptions=exceptions,
        metadata=result.metadata,
        id=result.id,
        auth_token=result.auth_token,
    )


def _status_outcome(
    document_id: uuid.UUID,
    result: types.check_status.DocumentStatusCheckResult | None,
    words: _Words,
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
