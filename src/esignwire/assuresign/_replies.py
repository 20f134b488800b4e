"""Replies of AssureSign, read into outcomes, for the async client and its sync twin."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from enum import StrEnum

from esignwire._client import Resolution
from esignwire._codec import Answered
from esignwire._documents import ReceivedDocument
from esignwire.assuresign._refusals import Item, Words
from esignwire.assuresign.models import DownloadKind, NewDocument
from esignwire.assuresign.outcomes import (
    ClosingSession,
    DocumentOutcome,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    Session,
    SessionOutcome,
    SessionPending,
    Signatory,
    SigningLink,
    StatusOutcome,
    StatusRejected,
    SubmissionCompleted,
    SubmissionSession,
    SubmittedDocument,
    VendorException,
)
from esignwire.assuresign.settings import VENDOR
from esignwire.errors import AssureSignError, InvalidRequest, UnexpectedResponse
from esignwire_generated.assuresign import types

__all__ = [
    "as_promised",
    "closing_taken_on",
    "document_outcomes",
    "downloaded",
    "email_to_resend",
    "envelope_cancelled",
    "envelope_closed",
    "envelope_created",
    "resolution",
    "session_outcome",
    "signing_links",
    "status_outcomes",
    "submission_taken_on",
    "submitted_document",
]


def submission_taken_on(
    result: types.submit.AsyncSubmissionResult | None, operation: str, sent: object
) -> SubmissionSession:
    """Reads the result of a submission that goes on in a session.

    Args:
        result: The result.
        operation: The operation.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session.

    Raises:
        UnexpectedResponse: There is no result, or no session.
    """
    items = result.exceptions.document_exception if result and result.exceptions else None
    session_id, warnings = _taken_on(operation, result, items, sent)
    return SubmissionSession(id=session_id, warnings=warnings)


def closing_taken_on(
    answer: types.envelopes.AsyncCloseEnvelopeResponse, sent: object
) -> ClosingSession:
    """Reads the answer to AsyncCloseEnvelope.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session.

    Raises:
        UnexpectedResponse: There is no result, or no session.
    """
    result = answer.async_close_envelope_result
    items = result.exceptions.envelope_exception if result and result.exceptions else None
    session_id, warnings = _taken_on("AsyncCloseEnvelope", result, items, sent)
    return ClosingSession(id=session_id, warnings=warnings)


def envelope_closed(answer: types.envelopes.CloseEnvelopeResponse, sent: object) -> EnvelopeClosed:
    """Reads the answer to CloseEnvelope.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The closed envelope. A refused one has raised before.

    Raises:
        UnexpectedResponse: The answer holds no result.
    """
    operation = "CloseEnvelope"
    if answer.close_envelope_result is None:
        raise _missing("CloseEnvelopeResult", operation)
    return _closed(answer.close_envelope_result, None, Words(sent))


def session_outcome(
    answered: Answered[types.lookup_session.LookupSessionResponse], session_id: uuid.UUID
) -> SessionOutcome:
    """Reads the answer to LookupSession.

    Args:
        answered: The answer.
        session_id: The session that was asked about.

    Returns:
        What became of the session.

    Raises:
        AssureSignError: The session is not known, or closing the envelope failed.
        UnexpectedResponse: The answer says nothing about the session.
    """
    operation = "LookupSession"
    status = answered.http_status
    words = Words(answered.request)
    results = answered.message.session_lookup_results
    listed = results.session_lookup_result if results else ()
    result = next((one for one in listed if one.session_id == session_id), None)
    if result is None:
        what = "SessionLookupResult for the session that was asked about"
        raise _missing(what, operation, status)
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
    _require_success(exceptions, f"session {session_id} cannot be looked up", operation, status)
    if result.close_envelope_result is not None:
        closed = _closed(result.close_envelope_result, session_id, words)
        what = f"envelope {closed.envelope_id} was not closed"
        _require_success(closed.warnings, what, "AsyncCloseEnvelope", status)
        return closed
    return SessionPending(session_id=session_id, warnings=exceptions)


def as_promised(
    outcome: SubmissionCompleted | EnvelopeClosed, session: Session | uuid.UUID | str
) -> SubmissionCompleted | EnvelopeClosed:
    """Checks that a session ended in what its kind promises.

    Args:
        outcome: How it ended.
        session: The session, or its identifier alone, which promises nothing.

    Returns:
        The outcome.

    Raises:
        UnexpectedResponse: It ended in something else.
    """
    due: type[SubmissionCompleted | EnvelopeClosed] | None = None
    if isinstance(session, SubmissionSession):
        due = SubmissionCompleted
    elif isinstance(session, ClosingSession):
        due = EnvelopeClosed
    if due is not None and not isinstance(outcome, due):
        what = "DocumentResults" if due is SubmissionCompleted else "CloseEnvelopeResult"
        raise _missing(what, "LookupSession")
    return outcome


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
    words = Words(sent)
    return tuple(_status_outcome(one, found.get(one), words) for one in document_ids)


def document_outcomes(
    results: types.submit.ArrayOfDocumentResult | None,
    documents: Sequence[NewDocument],
    sent: object,
    operation: str,
) -> tuple[DocumentOutcome, ...]:
    """Reads the results of a submission.

    Args:
        results: The results.
        documents: The documents that were submitted.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.
        operation: The operation.

    Returns:
        One outcome a document, in the order of the documents.

    Raises:
        UnexpectedResponse: There are no results.
    """
    listed = list(results.document_result) if results else []
    if not listed:
        raise _missing("DocumentResult", operation)
    words = Words(sent)
    return tuple(
        RejectedDocument(exceptions=()) if one is None else _document_outcome(one, words)
        for one in _in_order(listed, documents)
    )


def submitted_document(
    outcome: DocumentOutcome, operation: str, http_status: int
) -> SubmittedDocument:
    """Takes the document of an outcome.

    Args:
        outcome: The outcome of the one document that was submitted.
        operation: The operation, for errors.
        http_status: The HTTP status of the answer, for errors.

    Returns:
        The document.

    Raises:
        AssureSignError: The vendor refused the document.
        UnexpectedResponse: The vendor gave neither the document's keys nor a reason.
    """
    if isinstance(outcome, SubmittedDocument):
        return outcome
    named = "" if outcome.id is None else f" (the vendor names document {outcome.id} all the same)"
    what = f"the document was not created{named}"
    _require_success(outcome.exceptions, what, operation, http_status)
    raise _missing("Id and AuthToken of the document", operation, http_status)


def envelope_created(
    answer: types.envelopes.CreateEnvelopeResponse, sent: object
) -> tuple[types.envelopes.CreateEnvelopeResult, tuple[VendorException, ...]]:
    """Reads the answer to CreateEnvelope.

    Args:
        answer: The answer.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The result, and what the vendor noted.

    Raises:
        UnexpectedResponse: The answer names no envelope.
    """
    result = answer.create_envelope_result
    exceptions = Words(sent).exceptions(
        result.exceptions.envelope_exception if result and result.exceptions else None
    )
    if result is None or not result.envelope_id.int:
        raise _missing("EnvelopeId", "CreateEnvelope")
    return result, exceptions


def envelope_cancelled(answer: types.envelopes.CancelEnvelopeResponse) -> None:
    """Reads the answer to CancelEnvelope.

    Args:
        answer: The answer.

    Raises:
        UnexpectedResponse: The answer holds no result.
    """
    result = answer.cancel_envelope_result
    if result is None:
        raise _missing("CancelEnvelopeResult", "CancelEnvelope")


def signing_links(
    links: types.links.GetSigningLinksResult,
    signatories: types.list_signatories.SignatoryListQueryResult,
) -> tuple[SigningLink, ...]:
    """Joins the results of GetSigningLinks and ListSignatories.

    Args:
        links: The result of GetSigningLinks.
        signatories: The result of ListSignatories.

    Returns:
        The links, in the vendor's order.

    Raises:
        UnexpectedResponse: A link has no address.
    """
    known = signatories.signatories.signatory_item
    made: list[SigningLink] = []
    for link in links.signing_links:
        if not link.url:
            raise _missing("Url of a link", "GetSigningLinks")
        made.append(
            SigningLink(
                signatory=_signatory_of(link, known),
                url=link.url,
                expiration_date=link.expiration_date,
            )
        )
    return tuple(made)


def downloaded(answer: types.download.DownloadResponse, kind: DownloadKind) -> ReceivedDocument:
    """Reads the answer to Download.

    Args:
        answer: The answer.
        kind: Which file was wanted.

    Returns:
        The file.

    Raises:
        UnexpectedResponse: The answer holds no file.
    """
    result = answer.download_result
    if result is None:
        raise _missing("DownloadResult", "Download")
    is_report = kind == "completion report"
    file = result.completion_report_data if is_report else result.file_data
    if not isinstance(file, ReceivedDocument):
        raise _missing("CompletionReportData" if is_report else "FileData", "Download")
    return file


def email_to_resend(
    result: types.list_notifications.NotificationListQueryResult, address: str
) -> types.resend_notification.EmailNotification:
    """Finds the e-mail that went to an address last.

    Args:
        result: The notifications of a document.
        address: The address, in any case.

    Returns:
        The e-mail with this one receiver, as the vendor spells the address.

    Raises:
        InvalidRequest: No e-mail about the document went there.
    """
    wanted = address.strip().casefold()
    found = [
        (email, receiver.email_address)
        for email in result.email_notifications
        for receiver in email.recipients or ()
        if receiver.email_address and receiver.email_address.casefold() == wanted
    ]
    if not found:
        raise InvalidRequest(
            "address must be one to which an e-mail about the document went; none went there",
            path="address",
            rule="an address to which an e-mail about the document went",
            vendor=VENDOR,
            operation="ResendNotification",
        )
    # A notification without a date has not been sent yet (inferred).
    never = dt.datetime.min.replace(tzinfo=dt.UTC)
    email, spelled = max(found, key=lambda one: one[0].notification_date or never)
    kinds = types.resend_notification
    return kinds.EmailNotification(
        notification_id=email.notification_id,
        recipients=kinds.ArrayOfEmailNotificationRecipient(
            email_notification_recipient=[kinds.EmailNotificationRecipient(email_address=spelled)]
        ),
    )


def _in_order(
    results: list[types.submit.DocumentResult], documents: Sequence[NewDocument]
) -> list[types.submit.DocumentResult | None]:
    """Gives each document its result; ``None`` where the answer leaves it out.

    The vendor says to match them by the facts that it repeats, not by their order. Facts that
    several documents share, or that a result lacks, leave the order alone to go by.
    """
    left = list(results)
    found: list[types.submit.DocumentResult | None] = []
    for document in documents:
        facts = (document.order_number, document.document_name)
        match = next(
            (
                one
                for one in left
                if one.metadata and (one.metadata.order_number, one.metadata.document_name) == facts
            ),
            None,
        )
        if match is not None:
            # By identity: two results may be equal.
            left = [one for one in left if one is not match]
        found.append(match)
    if len(results) == len(documents):
        found = [left.pop(0) if one is None else one for one in found]
    return found


def _signatory_of(
    link: types.links.SigningLink, known: Iterable[types.list_signatories.SignatoryItem]
) -> Signatory:
    for one in known:
        if (
            one.signatory_id == link.signatory_id
            if link.signatory_id is not None
            else (one.email_address, one.mobile_phone)
            == (link.signatory_email, link.signatory_mobile_phone)
        ):
            parts = " ".join(part for part in (one.first_name, one.last_name) if part)
            return Signatory(
                full_name=one.full_name or parts or one.email_address or one.mobile_phone or "",
                id=one.signatory_id,
                auth_token=one.signatory_auth_token,
                first_name=one.first_name,
                last_name=one.last_name,
                email_address=one.email_address,
                mobile_phone=one.mobile_phone,
            )
    return Signatory(
        full_name=link.signatory_email or link.signatory_mobile_phone or "",
        id=link.signatory_id,
        email_address=link.signatory_email,
        mobile_phone=link.signatory_mobile_phone,
    )


def _missing(what: str, operation: str, http_status: int | None = None) -> UnexpectedResponse:
    return UnexpectedResponse(
        f"the answer holds no {what}",
        path=f"{operation}Response",
        vendor=VENDOR,
        operation=operation,
        http_status=http_status,
    )


def resolution(operation: str | None, status: str | None) -> Resolution:
    """Tells from where a thing stands whether a call about it was carried out.

    Args:
        operation: The call: one that closes or cancels an envelope, or cancels or expires a
            document.
        status: Where the envelope or the document stands.

    Returns:
        Whether it was. A status that is not known leaves it open, and so does an envelope that was
        cancelled, where it was to be closed.
    """
    kind = types.envelopes.EnvelopeStatusType
    if operation in {"CloseEnvelope", "AsyncCloseEnvelope"}:
        # An envelope that is never closed goes stale (documented).
        not_done: set[str] = {kind.CREATED, kind.STALED}
        open_question: set[str] = {kind.CANCELLED}
        is_done = status not in not_done
    else:
        open_question = set()
        is_done = status == (kind.EXPIRED if operation == "Expire" else kind.CANCELLED)
    if status in open_question or not isinstance(status, StrEnum):
        return Resolution.CANNOT_BE_TOLD
    return Resolution.HAPPENED if is_done else Resolution.DID_NOT_HAPPEN


def _require_success(
    exceptions: tuple[VendorException, ...],
    what: str,
    operation: str,
    http_status: int,
) -> None:
    """Raises where the vendor said more than warnings; ``what`` was not done then."""
    if all(one.is_warning for one in exceptions):
        return
    said = "; ".join(f"{one.severity}: {one.text}" for one in exceptions)
    raise AssureSignError(
        f"{what}: {said}",
        exceptions=tuple((str(one.severity), one.text) for one in exceptions),
        vendor=VENDOR,
        operation=operation,
        http_status=http_status,
    )


def _taken_on(
    operation: str,
    result: types.submit.AsyncSubmissionResult | types.envelopes.AsyncCloseEnvelopeResult | None,
    items: Iterable[Item] | None,
    sent: object,
) -> tuple[uuid.UUID, tuple[VendorException, ...]]:
    """Reads the answer to a call that goes on in a session.

    Args:
        operation: The operation.
        result: Its result.
        items: The exceptions in the result: warnings alone, since a refused result has raised.
        sent: The message that was sent; a secret of it that the vendor quotes is masked.

    Returns:
        The session's identifier, and what the vendor noted.

    Raises:
        UnexpectedResponse: There is no result, or no session.
    """
    if result is None:
        raise _missing(f"{operation}Result", operation)
    # The schema requires a session: the vendor writes zeros where it began none.
    if not result.session_id.int:
        advice = "the vendor may have acted, so look the outcome up before you repeat the call"
        raise _missing(f"session, since its SessionId is all zeros; {advice}", operation)
    return result.session_id, Words(sent).exceptions(items)


def _closed(
    result: types.envelopes.CloseEnvelopeResult, session_id: uuid.UUID | None, words: Words
) -> EnvelopeClosed:
    return EnvelopeClosed(
        envelope_id=result.envelope_id,
        session_id=session_id,
        warnings=words.exceptions(
            result.exceptions.envelope_exception if result.exceptions else None
        ),
    )


def _document_outcome(result: types.submit.DocumentResult, words: Words) -> DocumentOutcome:
    exceptions = words.exceptions(
        result.exceptions.document_exception if result.exceptions else None
    )
    is_usable = all(one.is_warning for one in exceptions)
    # The keys of no document are zeros, where they are written at all.
    if is_usable and result.id and result.auth_token and result.id.int:
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
    words: Words,
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
