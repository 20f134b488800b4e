"""AssureSign's flows, async. The sync twin is derived from this file."""

from __future__ import annotations

import uuid

from esignwire.assuresign import (
    AsyncAssureSign,
    DocumentReference,
    DocumentStatus,
    EnvelopeClosed,
    SessionPending,
    StatusCheckStatusType,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    TemplateDocument,
)
from esignwire.demo.scene import Scene, Surprise
from esignwire.errors import AssureSignError, InvalidRequest
from esignwire_generated.assuresign.types import envelopes, submit

__all__ = ["FLOWS", "async_envelope", "check_many", "envelope", "submit_and_wait"]


def _document(scene: Scene, purpose: str) -> TemplateDocument:
    return TemplateDocument(
        template_id=scene.template_id,
        document_name=f"Demonstration: {purpose}",
        order_number=scene.new_name(purpose),
        parameters={
            "Signatory 1 Full Name": "Pat Example",
            "Signatory 1 Email Address": "pat@example.com",
        },
    )


def _described(status: DocumentStatus) -> str:
    details = f" ({status.status_details})" if status.status_details else ""
    return f"{status.id} is {status.status_type}{details}"


async def _submitted(
    client: AsyncAssureSign, scene: Scene, *documents: TemplateDocument
) -> tuple[SubmittedDocument, ...]:
    session = await client.async_submit(*documents)
    scene.tell("AsyncSubmit", f"{len(documents)} taken on, session {session.id}")
    pending = await client.lookup_session(session)
    if scene.is_emulated:
        scene.expect_kind(pending, SessionPending)
    scene.tell("LookupSession", f"{type(pending).__name__}")
    done = scene.expect_kind(await client.wait_for_session(session), SubmissionCompleted)
    scene.expect(not done.rejected, f"no document is rejected; {done.rejected!r}")
    scene.expect(len(done.documents) == len(documents), "there is one outcome a document")
    created = ", ".join(str(document.id) for document in done.documents)
    scene.tell("LookupSession", f"SubmissionCompleted, {created}")
    return done.documents


async def submit_and_wait(client: AsyncAssureSign, scene: Scene) -> None:
    """Starts a document from a template, waits for the session and asks for the status."""
    sent = _document(scene, "one document")
    (document,) = await _submitted(client, scene, sent)
    metadata = document.metadata
    scene.expect(
        metadata is not None and metadata.order_number == sent.order_number,
        "the order number comes back",
    )
    (outcome,) = await client.check_status(document)
    status = scene.expect_kind(outcome, DocumentStatus)
    scene.expect(
        status.status_type == StatusCheckStatusType.SIGNING_STEP_IN_PROGRESS
        or not scene.is_emulated,
        "the document waits for signatures",
    )
    scene.tell("CheckStatus", _described(status))
    scene.expect_remembered(
        "assuresign", "documents", str(document.id), {"status": str(status.status_type)}
    )


async def check_many(client: AsyncAssureSign, scene: Scene) -> None:
    """Asks for the status of several documents at once, one of which the vendor does not know."""
    first, second = await _submitted(
        client, scene, _document(scene, "the first of two"), _document(scene, "the second of two")
    )
    unknown = DocumentReference(
        id=uuid.UUID(scene.new_name("no document")), auth_token=uuid.UUID(int=1)
    )
    outcomes = await client.check_status(first, unknown, second)
    one, other, two = outcomes
    for document, status in ((first, one), (second, two)):
        scene.expect(
            scene.expect_kind(status, DocumentStatus).id == document.id,
            "each outcome stands in its document's place",
        )
    rejected = scene.expect_kind(other, StatusRejected)
    scene.tell(
        "CheckStatus",
        "; ".join(
            _described(outcome)
            if isinstance(outcome, DocumentStatus)
            else f"{rejected.id} is refused: {rejected.exceptions[0].text}"
            for outcome in outcomes
        ),
    )
    try:
        await client.check_status()
    except InvalidRequest as refusal:
        scene.tell("CheckStatus", f"InvalidRequest without any document: {refusal.message}")
    else:
        raise Surprise("expected InvalidRequest for a call without documents")


async def _create_envelope(
    client: AsyncAssureSign, scene: Scene, purpose: str
) -> envelopes.CreateEnvelopeResult:
    answer = await client.services.envelopes.create_envelope(
        envelopes.CreateEnvelope(
            request=envelopes.CreateEnvelopeRequest(
                context_identifier=client.context_identifier,
                user_name=client.user_name,
                envelope_name=f"Demonstration: {purpose}",
            )
        )
    )
    created = scene.expect_kind(answer.create_envelope_result, envelopes.CreateEnvelopeResult)
    scene.tell("CreateEnvelope", f"envelope {created.envelope_id}")
    return created


async def _submit_into(
    client: AsyncAssureSign, scene: Scene, envelope_id: uuid.UUID, purpose: str
) -> submit.DocumentResult:
    answer = await client.services.submit.submit(
        submit.Submit(
            documents=submit.ArrayOfDocument(
                document=[
                    submit.Document(
                        context_identifier=client.context_identifier,
                        metadata=submit.Metadata(
                            user_name=client.user_name,
                            document_name=f"Demonstration: {purpose}",
                            order_number=scene.new_name(purpose),
                            envelope_id=envelope_id,
                        ),
                        template=submit.Template(
                            id=scene.template_id,
                            parameters=submit.ArrayOfParameter(
                                parameter=[
                                    submit.Parameter(
                                        name="Signatory 1 Email Address", value="pat@example.com"
                                    )
                                ]
                            ),
                        ),
                    )
                ]
            )
        )
    )
    results = scene.expect_kind(answer.document_results, submit.ArrayOfDocumentResult)
    scene.expect(len(results.document_result) == 1, "there is one result")
    return results.document_result[0]


async def _fill(
    client: AsyncAssureSign, scene: Scene, created: envelopes.CreateEnvelopeResult, purpose: str
) -> DocumentReference:
    result = await _submit_into(client, scene, created.envelope_id, purpose)
    document_id = scene.expect_kind(result.id, uuid.UUID)
    auth_token = scene.expect_kind(result.auth_token, uuid.UUID)
    scene.tell("Submit", f"document {document_id} waits in the envelope")
    return DocumentReference(id=document_id, auth_token=auth_token)


async def async_envelope(client: AsyncAssureSign, scene: Scene) -> None:
    """Puts two documents into an envelope, closes it asynchronously and waits for the session."""
    created = await _create_envelope(client, scene, "an envelope closed asynchronously")
    first = await _fill(client, scene, created, "the first in the envelope")
    second = await _fill(client, scene, created, "the second in the envelope")
    session = await client.async_close_envelope(created.envelope_id, created.auth_token)
    scene.tell("AsyncCloseEnvelope", f"taken on, session {session.id}")
    pending = await client.lookup_session(session)
    if scene.is_emulated:
        scene.expect_kind(pending, SessionPending)
    scene.tell("LookupSession", f"{type(pending).__name__}")
    closed = scene.expect_kind(await client.wait_for_session(session), EnvelopeClosed)
    scene.expect(closed.envelope_id == created.envelope_id, "it is the envelope that was closed")
    scene.tell("LookupSession", f"EnvelopeClosed, envelope {closed.envelope_id}")
    scene.expect_remembered(
        "assuresign", "envelopes", str(closed.envelope_id), {"status": "InProgress"}
    )
    outcomes = await client.check_status(first, second)
    statuses = [scene.expect_kind(outcome, DocumentStatus) for outcome in outcomes]
    scene.tell("CheckStatus", "; ".join(_described(status) for status in statuses))


async def envelope(client: AsyncAssureSign, scene: Scene) -> None:
    """Closes an envelope at once; afterwards it takes no more documents and no second close."""
    created = await _create_envelope(client, scene, "an envelope closed at once")
    await _fill(client, scene, created, "the only one in the envelope")
    closed = await client.close_envelope(created.envelope_id, created.auth_token)
    scene.expect(closed.envelope_id == created.envelope_id, "it is the envelope that was closed")
    scene.tell("CloseEnvelope", f"EnvelopeClosed, envelope {closed.envelope_id}")
    late = await _submit_into(client, scene, created.envelope_id, "too late for the envelope")
    exceptions = late.exceptions.document_exception if late.exceptions else []
    scene.expect(late.id is None and bool(exceptions), "a closed envelope takes no document")
    scene.tell("Submit", f"refused: {exceptions[0].value}")
    try:
        await client.close_envelope(created.envelope_id, created.auth_token)
    except AssureSignError as refusal:
        scene.tell("CloseEnvelope", f"AssureSignError: {refusal.vendor_text}")
    else:
        raise Surprise("expected AssureSignError for a second close")


FLOWS = (submit_and_wait, check_many, async_envelope, envelope)
"""All flows, in the order in which they are shown."""
