"""AssureSign: files of documents and envelopes.

What was uploaded comes down as it went up, signed or not: the emulator writes into no file. A
completion report is a page that says so.
"""

from __future__ import annotations

import hmac
from datetime import timedelta

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_state import (
    Document,
    DocumentStatus,
    DownloadSession,
    Envelope,
    EnvelopeStatus,
)
from esignwire.emulator.blob import Blob
from esignwire.emulator.markup import Element, boolean, timestamp
from esignwire.emulator.refusal import NotPossible
from esignwire.emulator.stand_in import pdf

__all__ = ["authenticate_download", "download", "download_envelope_documents"]

# The vendor gives no figure.
_SESSION_LASTS = timedelta(minutes=15)


def authenticate_download(desk: Desk, request: Element) -> Element:
    """Play AuthenticateDownload."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        document = desk.document(question, "DocumentId")
        _check_password(document.password, question.get("Password"))
    except NotPossible as refusal:
        result = desk.words.element(
            "AuthenticateDownloadResult",
            *desk.exceptions("DownloadAuthenticationException", [str(refusal)]),
            attributes={"DocumentId": str(desk.guid(question, "DocumentId"))},
        )
        return desk.response(result)
    session = DownloadSession(
        id=desk.state.identifiers.guid(),
        document_id=document.id,
        expiration_date=desk.now + _SESSION_LASTS,
    )
    desk.records.download_sessions[session.id] = session
    return desk.response(
        desk.words.element(
            "AuthenticateDownloadResult",
            attributes={
                "SessionId": str(session.id),
                "DocumentId": str(document.id),
                "ExpirationDate": timestamp(session.expiration_date),
            },
        )
    )


def download(desk: Desk, request: Element) -> Element:
    """Play Download."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    kind = question.get("DownloadType", "Completed")
    try:
        document = desk.document(question, "DocumentId")
        _check_leave(desk, document, question)
        content = [desk.file("FileData", _file(document, kind))]
        if kind == "Completed":
            report = pdf(f"Completion report of document {document.id}")
            content.append(desk.file("CompletionReportData", report))
    except NotPossible as refusal:
        content = desk.exceptions("DownloadException", [str(refusal)])
    return desk.response(
        desk.words.element(
            "DownloadResult",
            *content,
            attributes={
                "DocumentId": str(desk.guid(question, "DocumentId")),
                "DownloadType": kind,
            },
        )
    )


def download_envelope_documents(desk: Desk, request: Element) -> Element:
    """Play DownloadEnvelopeDocuments.

    The merger of several documents is a page that names them: the emulator puts no PDFs together.
    """
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        envelope = desk.envelope(question)
        _check_password(envelope.password, question.get("EnvelopePassword"))
        content = _files(desk, envelope, is_merged=boolean(question.get("MergeCompletedDocuments")))
    except NotPossible as refusal:
        content = desk.exceptions("EnvelopeException", [str(refusal)])
    return desk.response(
        desk.words.element(
            "DownloadEnvelopeDocumentsResult",
            *content,
            attributes={"EnvelopeId": str(desk.guid(question, "EnvelopeId"))},
        )
    )


def _file(document: Document, kind: str) -> Blob:
    status = document.status
    if kind == "Completed" and status is not DocumentStatus.COMPLETED:
        raise NotPossible(f"There is no completed file: the document is {status}.")
    if kind == "Interim" and status is not DocumentStatus.SIGNING_STEP_IN_PROGRESS:
        raise NotPossible(f"There is no interim file: the document is {status}.")
    return document.content


def _files(desk: Desk, envelope: Envelope, *, is_merged: bool) -> list[Element]:
    if envelope.status is not EnvelopeStatus.COMPLETED:
        raise NotPossible(f"Nothing can be downloaded: the envelope is {envelope.status}.")
    completed = [d for d in envelope.documents if d.status is DocumentStatus.COMPLETED]
    report = desk.words.element(
        "CompletionReport", desk.file("Data", pdf(f"Completion report of envelope {envelope.id}"))
    )
    if is_merged:
        merged = (
            completed[0].content
            if len(completed) == 1
            else pdf(f"Stand-in for {len(completed)} documents merged into one")
        )
        return [desk.words.element("MergedDocument", desk.file("Data", merged)), report]
    files = [
        desk.words.element(
            "EnvelopeDocument",
            desk.words.element("CompletedDocument", desk.file("Data", document.content)),
            attributes={
                "DocumentId": str(document.id),
                "AuthToken": str(document.auth_token),
                "Name": document.name,
                "OrderId": document.order_number,
            },
        )
        for document in completed
    ]
    return [report, desk.words.element("Documents", *files)]


def _check_leave(desk: Desk, document: Document, question: Element) -> None:
    session = desk.records.download_sessions.get(desk.guid(question, "DownloadSessionId"))
    if (
        session is not None
        and session.document_id == document.id
        and desk.now < session.expiration_date
    ):
        return
    _check_password(document.password, question.get("Password"))


def _check_password(password: str | None, sent: str | None) -> None:
    if password is not None and not hmac.compare_digest(password.encode(), (sent or "").encode()):
        raise NotPossible("The password is wrong.")
