"""What type checkers must infer and refuse about AssureSign. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import assert_type

import esignwire
from esignwire import AssureSign, AsyncAssureSign, HttpSettings, ReceivedDocument
from esignwire.assuresign import (
    Accepted,
    AsyncEnvelope,
    ClosingSession,
    DocumentReference,
    DocumentStatus,
    Envelope,
    EnvelopeClosed,
    EnvelopeReference,
    FileDocument,
    FileRetrievalDocument,
    JotBlock,
    Outcome,
    Refused,
    RejectedDocument,
    Session,
    SessionPending,
    Severity,
    SigningLink,
    StatusCheckStatusType,
    StatusRejected,
    SubmissionCompleted,
    SubmissionSession,
    SubmittedDocument,
    TemplateDocument,
    Unanswered,
    VendorException,
    WaitPolicy,
    exceptions_of,
    require_success,
)
from esignwire.errors import UnexpectedResponse, VendorError
from esignwire_generated.assuresign.services import AsyncServices, Services
from esignwire_generated.assuresign.types import (
    cancel,
    check_status,
    envelopes,
    list_templates,
    submit,
)


def constructed() -> None:
    assert_type(AssureSign.from_environment(), AssureSign)
    assert_type(AsyncAssureSign.from_environment(), AsyncAssureSign)
    assert_type(esignwire.AssureSign.from_environment(), AssureSign)
    assert_type(esignwire.__version__, str)
    AssureSign(context_identifier=uuid.uuid4(), user_name="a@example.com", settings=HttpSettings())
    AssureSign(context_identifier="a GUID", user_name="a@example.com", wait_policy=WaitPolicy())
    AssureSign(user_name="a@example.com")  # type: ignore[call-arg]
    AssureSign(uuid.uuid4(), "a@example.com")  # type: ignore[call-arg]
    AssureSign(context_identifier=1, user_name="a@example.com")  # type: ignore[arg-type]
    esignwire.Nothing  # type: ignore[attr-defined]  # noqa: B018


def sync_client(client: AssureSign, document: TemplateDocument) -> None:
    session = client.async_submit(document, document)
    assert_type(session, SubmissionSession)
    assert_type(session.id, uuid.UUID)
    assert_type(session.warnings, tuple[VendorException, ...])
    assert_type(
        client.lookup_session(session), SessionPending | SubmissionCompleted | EnvelopeClosed
    )
    assert_type(client.wait_for_session(session), SubmissionCompleted)
    closing = client.async_close_envelope(uuid.uuid4(), uuid.uuid4())
    assert_type(closing, ClosingSession)
    assert_type(client.wait_for_session(closing), EnvelopeClosed)
    one_of_both = Session(id=uuid.uuid4())
    assert_type(client.wait_for_session(one_of_both), SubmissionCompleted | EnvelopeClosed)
    done = client.wait_for_session(session.id)
    assert_type(done, SubmissionCompleted | EnvelopeClosed)
    if isinstance(done, SubmissionCompleted):
        assert_type(done.outcomes, tuple[SubmittedDocument | RejectedDocument, ...])
        assert_type(done.documents, tuple[SubmittedDocument, ...])
        for outcome in client.check_status(*done.documents):
            assert_type(outcome, DocumentStatus | StatusRejected)
            match outcome:
                case DocumentStatus():
                    assert_type(outcome.status_type, StatusCheckStatusType | str | None)
                    assert_type(outcome.status_date, dt.datetime | None)
                case StatusRejected():
                    assert_type(outcome.exceptions[0].severity, Severity | str)
    assert_type(client.close_envelope("a GUID", uuid.uuid4()), EnvelopeClosed)
    client.async_submit("a template")  # type: ignore[arg-type]
    client.check_status(uuid.uuid4())  # type: ignore[arg-type]
    client.lookup_session(1)  # type: ignore[arg-type]
    client.context_identifier = uuid.uuid4()  # type: ignore[misc]
    with client as entered:
        assert_type(entered, AssureSign)


async def async_client(client: AsyncAssureSign, document: TemplateDocument) -> None:
    session = await client.async_submit(document)
    assert_type(session, SubmissionSession)
    assert_type(await client.wait_for_session(session), SubmissionCompleted)
    async with client.envelope("Sale") as envelope:
        assert_type(envelope, AsyncEnvelope)
        assert_type(await envelope.submit(document), SubmittedDocument)
    assert_type(await client.wait_for_session(envelope.session), EnvelopeClosed)
    assert_type(await client.signing_links(envelope_document()), tuple[SigningLink, ...])
    reference = DocumentReference(id=uuid.uuid4(), auth_token="a GUID")
    assert_type(await client.check_status(reference), tuple[DocumentStatus | StatusRejected, ...])
    assert_type(client.services, AsyncServices)
    async with client as entered:
        assert_type(entered, AsyncAssureSign)
    client.check_status(reference).status_type  # type: ignore[attr-defined]  # noqa: B018


def envelope_document() -> DocumentReference:
    return DocumentReference(id="a GUID", auth_token="a GUID")


def submit_a_pdf(client: AssureSign, pdf: Path) -> DocumentReference:
    return client.submit(
        FileDocument(
            pdf,
            template_id="a GUID",
            jot_blocks=[
                JotBlock.signature("A", signatory_email="a", page=1, x=0, y=0.5, width=1, height=1),
                JotBlock.checkbox("B", page=1, x=0, y=0, width=1, height=1),
                JotBlock.fixed("C", "Text", page=1, x=0, y=0, width=1, height=1, required=True),
                JotBlock(name="D", position_x=0.5),
                submit.JotBlock(name="E"),
            ],
        )
    )


def invite(client: AssureSign, document: DocumentReference) -> dict[str, str]:
    links = client.signing_links(document, redirect_url="https://example.com/done")
    return {link.signatory.full_name: link.url for link in links}


def keep(client: AssureSign, document: DocumentReference, folder: Path) -> Path:
    return client.download(document).save(folder / "lease.pdf")


def jobs(client: AssureSign, document: TemplateDocument, pdf: Path) -> None:
    submitted = client.submit(document)
    assert_type(submitted, SubmittedDocument)
    assert_type(submitted.id, uuid.UUID)
    assert_type(submitted.auth_token, uuid.UUID)
    assert_type(client.submit_all([document]), tuple[SubmittedDocument | RejectedDocument, ...])
    files = [FileDocument(pdf, template_id="a GUID")]
    client.submit_all(files)
    client.submit(FileRetrievalDocument("https://example.com/lease.pdf", template_id="a GUID"))
    with client.envelope("Sale", order_number="1") as envelope:
        assert_type(envelope, Envelope)
        assert_type(envelope.submit(document), SubmittedDocument)
    assert_type(envelope.session, ClosingSession)
    assert_type(client.download(submitted, "original"), ReceivedDocument)
    client.check_status(submitted, EnvelopeReference(id="a GUID", auth_token="a GUID"))
    client.history(envelope)
    client.resend_email(submitted, "pat@example.com")
    client.template_parameters("a GUID")[0].name  # noqa: B018
    client.submit([document])  # type: ignore[arg-type]
    client.submit_all(document)  # type: ignore[arg-type]
    client.submit(None)  # type: ignore[arg-type]
    client.download(submitted, "signed")  # type: ignore[arg-type]
    client.history("a GUID")  # type: ignore[arg-type]
    FileDocument("lease.pdf", template_id="a GUID")  # type: ignore[arg-type]
    JotBlock.signature("A", page=1, x=0, y=0, width=1)  # type: ignore[call-arg]


def services(client: AssureSign, request: check_status.CheckStatus) -> None:
    assert_type(client.services, Services)
    answer = client.services.check_status.check_status(request, timeout=5.0)
    assert_type(answer, check_status.CheckStatusResponse)
    results = answer.document_status_check_results
    assert_type(results, check_status.ArrayOfDocumentStatusCheckResult | None)
    if results is None:
        return
    assert_type(results.document_status_check_result, list[check_status.DocumentStatusCheckResult])
    assert_type(results[0].id, uuid.UUID)
    for result in results:
        assert_type(result, check_status.DocumentStatusCheckResult)
    assert_type(
        client.services.envelopes.create_envelope(envelopes.CreateEnvelope()),
        envelopes.CreateEnvelopeResponse,
    )
    assert_type(
        client.services.list_templates.list_templates(list_templates.ListTemplates()),
        list_templates.ListTemplatesResponse,
    )
    client.services.check_status.check_status(answer)  # type: ignore[arg-type]
    client.services.nothing  # type: ignore[attr-defined]  # noqa: B018


def types() -> None:
    check_status.DocumentStatusCheck(
        context_identifier=uuid.uuid4(), id=uuid.uuid4(), auth_token=uuid.uuid4()
    )
    check_status.DocumentStatusCheck(
        context_identifier="a GUID",  # type: ignore[arg-type]
        id=uuid.uuid4(),
        auth_token=uuid.uuid4(),
    )
    check_status.DocumentStatusCheck(id=uuid.uuid4())  # type: ignore[call-arg]
    TemplateDocument(template_id=uuid.uuid4(), parameters={"Signatory 1 Full Name": "Pat"})
    TemplateDocument(template_id=uuid.uuid4(), parameters={"Number": 1})  # type: ignore[dict-item]
    TemplateDocument(template_id=uuid.uuid4()).order_number = "1"  # type: ignore[misc]


def operations(client: AssureSign, document: SubmittedDocument) -> None:
    cancelled = client.cancel(document, remarks="Typo", timeout=5.0)
    assert_type(cancelled, cancel.DocumentCancellationResult)
    assert_type(exceptions_of(cancelled), tuple[VendorException, ...])
    assert_type(require_success(cancelled), cancel.DocumentCancellationResult)
    reference = DocumentReference(id="a GUID", auth_token="a GUID")
    outcomes = client.cancel_all([document, {"document": reference, "remarks": "Typo"}])
    assert_type(outcomes, list[Outcome[cancel.DocumentCancellationResult]])
    for outcome in outcomes:
        match outcome:
            case Accepted(result):
                assert_type(result, cancel.DocumentCancellationResult)
            case Refused(error, result):
                assert_type(error, VendorError)
                assert_type(result, cancel.DocumentCancellationResult)
            case Unanswered(error):
                assert_type(error, UnexpectedResponse)
        assert_type(outcome.require(), cancel.DocumentCancellationResult)
    envelope = client.create_envelope(envelope_name="Sale", user_name="a@example.com")
    assert_type(envelope, envelopes.CreateEnvelopeResult)
    assert_type(len(client.list_envelope_documents(envelope).documents), int)
    client.cancel_envelope(EnvelopeReference(id=uuid.uuid4(), auth_token="a GUID"))
    for listed in client.list_envelope_documents(envelope).documents:
        assert_type(listed, envelopes.EnvelopeDocument)
        client.list_signatories(listed)
    client.cancel("a document")  # type: ignore[arg-type]
    client.cancel([document])  # type: ignore[arg-type]
    client.cancel(None)  # type: ignore[arg-type]
    client.cancel(document, remark="Typo")  # type: ignore[call-arg]
    client.cancel_all([{"document": document, "remark": "Typo"}])  # type: ignore[list-item]
    client.create_envelope(expiration_date="tomorrow")  # type: ignore[arg-type]


async def async_operations(client: AsyncAssureSign, document: DocumentReference) -> None:
    assert_type(await client.cancel(document), cancel.DocumentCancellationResult)
    assert_type(
        await client.cancel_all([document]), list[Outcome[cancel.DocumentCancellationResult]]
    )
    assert_type(await client.list_templates(), list_templates.TemplateListQueryResult)
