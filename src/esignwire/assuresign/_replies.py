"""Replies of AssureSign, read into outcomes, for the async client and its sync twin."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from enum import StrEnum

from esignwire._call import Call, unexpected
from esignwire._client import Resolution
from esignwire._codec import Answered, result_of
from esignwire._documents import ReceivedDocument
from esignwire.assuresign._refusals import exceptions_of
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
    answered: Answered[object], result: types.submit.AsyncSubmissionResult | None
) -> SubmissionSession:
    """Reads the answer to a submission that goes on in a session.

    Args:
        answered: The answer.
        result: The result in it.

    Returns:
        The session.

    Raises:
        UnexpectedResponse: There is no result, or no session.
    """
    return SubmissionSession(id=_session_of(answered, result), warnings=exceptions_of(result))


def closing_taken_on(
    answered: Answered[types.envelopes.AsyncCloseEnvelopeResponse],
) -> ClosingSession:
    """Reads the answer to AsyncCloseEnvelope.

    Args:
        answered: The answer.

    Returns:
        The session.

    Raises:
        UnexpectedResponse: There is no result, or no session.
    """
    result = answered.message.async_close_envelope_result
    return ClosingSession(id=_session_of(answered, result), warnings=exceptions_of(result))


def envelope_closed(answered: Answered[types.envelopes.CloseEnvelopeResponse]) -> EnvelopeClosed:
    """Reads the answer to CloseEnvelope.

    Args:
        answered: The answer.

    Returns:
        The closed envelope. A refused one has raised before.

    Raises:
        UnexpectedResponse: The answer holds no result.
    """
    result = result_of(answered, answered.message.close_envelope_result)
    if not result.envelope_id.int:
        raise _missing("EnvelopeId that is no zeros", answered)
    return _closed(result, None)


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
    results = answered.message.session_lookup_results
    listed = results.session_lookup_result if results else ()
    result = next((one for one in listed if one.session_id == session_id), None)
    if result is None:
        raise _missing("SessionLookupResult for the session that was asked about", answered)
    exceptions = exceptions_of(result)
    documents = result.document_results
    if documents.document_result:
        # Warnings and errors of the session must not hide the keys of its documents.
        return SubmissionCompleted(
            session_id=session_id,
            outcomes=tuple(_document_outcome(one) for one in documents.document_result),
            warnings=exceptions + exceptions_of(result.close_envelope_result),
        )
    _require_success(exceptions, f"session {session_id} cannot be looked up", answered)
    if result.close_envelope_result is not None:
        closed = _closed(result.close_envelope_result, session_id)
        what = f"envelope {closed.envelope_id} was not closed"
        _require_success(closed.warnings, what, answered, "AsyncCloseEnvelope")
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
        raise _lacking(what, "LookupSession")
    return outcome


def status_outcomes(
    answer: types.check_status.CheckStatusResponse, document_ids: Sequence[uuid.UUID]
) -> tuple[StatusOutcome, ...]:
    """Reads the answer to CheckStatus.

    Args:
        answer: The answer.
        document_ids: The documents that were asked about.

    Returns:
        One outcome a document, in the same order.

    Raises:
        UnexpectedResponse: The answer holds none of the documents.
    """
    results = answer.document_status_check_results
    found: dict[uuid.UUID, StatusOutcome] = {}
    for result in results.document_status_check_result if results else ():
        outcome = _status_outcome(result)
        # Of two results for a document, a refusal counts.
        if not isinstance(found.get(result.id), StatusRejected):
            found[result.id] = outcome
    if not any(one in found for one in document_ids):
        raise _lacking("DocumentStatusCheckResult for what was asked about", "CheckStatus")
    return tuple(found.get(one, StatusRejected(id=one, exceptions=())) for one in document_ids)


def document_outcomes(
    answered: Answered[object],
    results: types.submit.ArrayOfDocumentResult | None,
    documents: Sequence[NewDocument],
) -> tuple[DocumentOutcome, ...]:
    """Reads the answer to a submission.

    Args:
        answered: The answer.
        results: The results in it.
        documents: The documents that were submitted.

    Returns:
        One outcome a document, in the order of the documents.

    Raises:
        UnexpectedResponse: There are no results.
    """
    listed = list(results.document_result) if results else []
    if not listed:
        raise _missing("DocumentResult", answered)
    return tuple(
        RejectedDocument(exceptions=()) if one is None else _document_outcome(one)
        for one in _in_order(listed, documents)
    )


def submitted_document(answered: Answered[object], outcome: DocumentOutcome) -> SubmittedDocument:
    """Takes the document of an outcome.

    Args:
        answered: The answer, for errors.
        outcome: The outcome of the one document that was submitted.

    Returns:
        The document.

    Raises:
        AssureSignError: The vendor refused the document.
        UnexpectedResponse: The vendor gave neither the document's keys nor a reason.
    """
    if isinstance(outcome, SubmittedDocument):
        return outcome
    named = "" if outcome.id is None else f" (the vendor names document {outcome.id} all the same)"
    _require_success(outcome.exceptions, f"the document was not created{named}", answered)
    raise _missing("Id and AuthToken of the document", answered)


def envelope_created(
    answered: Answered[types.envelopes.CreateEnvelopeResponse],
) -> types.envelopes.CreateEnvelopeResult:
    """Reads the answer to CreateEnvelope.

    Args:
        answered: The answer.

    Returns:
        The result.

    Raises:
        UnexpectedResponse: The answer names no envelope.
    """
    result = answered.message.create_envelope_result
    if result is None or not result.envelope_id.int:
        raise _missing("EnvelopeId", answered)
    return result


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
            raise _lacking("Url of a link", "GetSigningLinks", is_safe=False)
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
        raise _lacking("DownloadResult", "Download")
    is_report = kind == "completion report"
    file = result.completion_report_data if is_report else result.file_data
    if not isinstance(file, ReceivedDocument):
        raise _lacking("CompletionReportData" if is_report else "FileData", "Download")
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


def _missing(what: str, answered: Answered[object]) -> UnexpectedResponse:
    call = answered.call
    path = f"{call.operation}Response"
    return unexpected(f"the answer holds no {what}", path, call, answered.http_status)


def _lacking(what: str, operation: str, *, is_safe: bool = True) -> UnexpectedResponse:
    call = Call(vendor=VENDOR, operation=operation, is_safe=is_safe)
    return unexpected(f"the answer holds no {what}", f"{operation}Response", call, None)


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
    answered: Answered[object],
    operation: str | None = None,
) -> None:
    """Raises where the vendor said more than warnings; ``what`` was not done then."""
    if all(one.is_warning for one in exceptions):
        return
    said = "; ".join(f"{one.severity}: {one.text}" for one in exceptions)
    raise AssureSignError(
        f"{what}: {said}",
        exceptions=tuple((str(one.severity), one.text) for one in exceptions),
        vendor=VENDOR,
        operation=operation or answered.call.operation,
        http_status=answered.http_status,
    )


def _session_of(
    answered: Answered[object],
    result: types.submit.AsyncSubmissionResult | types.envelopes.AsyncCloseEnvelopeResult | None,
) -> uuid.UUID:
    """The session of a call that goes on in one; a refused call has raised before."""
    if result is None:
        raise _missing(f"{answered.call.operation}Result", answered)
    # The schema requires a session: the vendor writes zeros where it began none.
    if not result.session_id.int:
        raise _missing("session, since its SessionId is all zeros", answered)
    return result.session_id


def _closed(
    result: types.envelopes.CloseEnvelopeResult, session_id: uuid.UUID | None
) -> EnvelopeClosed:
    return EnvelopeClosed(
        envelope_id=result.envelope_id,
        session_id=session_id,
        warnings=exceptions_of(result),
    )


def _document_outcome(result: types.submit.DocumentResult) -> DocumentOutcome:
    exceptions = exceptions_of(result)
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


def _status_outcome(result: types.check_status.DocumentStatusCheckResult) -> StatusOutcome:
    exceptions = exceptions_of(result)
    if not all(one.is_warning for one in exceptions):
        return StatusRejected(id=result.id, exceptions=exceptions)
    return DocumentStatus(
        id=result.id,
        status_type=result.status_type,
        status_date=result.status_date,
        status_details=result.status_details,
        warnings=exceptions,
    )
