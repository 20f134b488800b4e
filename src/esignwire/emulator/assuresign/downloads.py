"""Operations of AssureSign that download files of documents and envelopes.

What was uploaded comes down as it went up, signed or not: the emulator writes into no file. A
completion report is a page that says so.
"""

from __future__ import annotations

from datetime import timedelta

from esignwire.emulator._wire import Blob, Element, boolean, one_page_pdf, timestamp
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, One, Operation
from esignwire.emulator.assuresign.state import (
    Document,
    DocumentStatus,
    DownloadSession,
    Envelope,
    EnvelopeStatus,
)
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]

# The vendor gives no figure.
_SESSION_LASTS = timedelta(minutes=15)


def _id(context: Context, question: Element) -> Attributes:
    return {"DocumentId": str(context.guid(question, "DocumentId"))}


def _id_and_type(context: Context, question: Element) -> Attributes:
    return {**_id(context, question), "DownloadType": question.get("DownloadType", "Completed")}


def _envelope_id(context: Context, question: Element) -> Attributes:
    return {"EnvelopeId": str(context.guid(question, "EnvelopeId"))}


def _authenticated(context: Context, question: Element) -> Answer:
    document = context.document(question, "DocumentId")
    _check_password(document.password, question.get("Password"))
    session = DownloadSession(
        id=context.shared.identifiers.guid(),
        document_id=document.id,
        expiration_date=context.now + _SESSION_LASTS,
    )
    context.records.download_sessions[session.id] = session
    expires = timestamp(session.expiration_date)
    return Answer(attributes={"SessionId": str(session.id), "ExpirationDate": expires})


def _downloaded(context: Context, question: Element) -> Answer:
    kind = question.get("DownloadType", "Completed")
    document = context.document(question, "DocumentId")
    _check_leave(context, document, question)
    content = [context.file("FileData", _file(document, kind))]
    if kind == "Completed":
        report = one_page_pdf(f"Completion report of document {document.id}")
        content.append(context.file("CompletionReportData", report))
    return Answer(content)


def _downloaded_envelope(context: Context, question: Element) -> Answer:
    envelope = context.envelope(question)
    _check_password(envelope.password, question.get("EnvelopePassword"))
    is_merged = boolean(question.get("MergeCompletedDocuments"))
    return Answer(_files(context, envelope, is_merged=is_merged))


def _file(document: Document, kind: str) -> Blob:
    status = document.status
    if kind == "Completed" and status is not DocumentStatus.COMPLETED:
        raise NotPossible(f"There is no completed file: the document is {status}.")
    if kind == "Interim" and status is not DocumentStatus.SIGNING_STEP_IN_PROGRESS:
        raise NotPossible(f"There is no interim file: the document is {status}.")
    return document.content


def _files(context: Context, envelope: Envelope, *, is_merged: bool) -> list[Element]:
    if envelope.status is not EnvelopeStatus.COMPLETED:
        raise NotPossible(f"Nothing can be downloaded: the envelope is {envelope.status}.")
    completed = [d for d in envelope.documents if d.status is DocumentStatus.COMPLETED]
    report = context.words.element(
        "CompletionReport",
        context.file("Data", one_page_pdf(f"Completion report of envelope {envelope.id}")),
    )
    if is_merged:
        merged = (
            completed[0].content
            if len(completed) == 1
            else one_page_pdf(f"Placeholder of {len(completed)} documents merged into one")
        )
        return [context.words.element("MergedDocument", context.file("Data", merged)), report]
    files = [
        context.words.element(
            "EnvelopeDocument",
            context.words.element("CompletedDocument", context.file("Data", document.content)),
            attributes={
                "DocumentId": str(document.id),
                "AuthToken": str(document.auth_token),
                "Name": document.name,
                "OrderId": document.order_number,
            },
        )
        for document in completed
    ]
    return [report, context.words.element("Documents", *files)]


def _check_leave(context: Context, document: Document, question: Element) -> None:
    session = context.records.download_sessions.get(context.guid(question, "DownloadSessionId"))
    if (
        session is not None
        and session.document_id == document.id
        and context.now < session.expiration_date
    ):
        return
    _check_password(document.password, question.get("Password"))


def _check_password(password: str | None, sent: str | None) -> None:
    if password is not None and password != sent:
        raise NotPossible("The password is wrong.")


OPERATIONS: dict[str, Operation] = {
    "AuthenticateDownload": One(
        "Request",
        "AuthenticateDownloadResult",
        "DownloadAuthenticationException",
        _authenticated,
        echo=_id,
    ),
    "Download": One(
        "Request", "DownloadResult", "DownloadException", _downloaded, echo=_id_and_type
    ),
    # The merger of several documents is a page that names them: the emulator puts no PDFs together.
    "DownloadEnvelopeDocuments": One(
        "Request",
        "DownloadEnvelopeDocumentsResult",
        "EnvelopeException",
        _downloaded_envelope,
        echo=_envelope_id,
    ),
}
