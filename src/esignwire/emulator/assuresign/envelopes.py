"""Operations of AssureSign on envelopes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from esignwire.emulator._wire import Element, timestamp
from esignwire.emulator.assuresign.context import NO_GUID, Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, Each, One, Operation
from esignwire.emulator.assuresign.state import (
    ClosingOutcome,
    Document,
    DocumentStatus,
    Envelope,
    Event,
)
from esignwire.emulator.assuresign.submit import closing_result, open_session
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]

_EXCEPTION = "EnvelopeException"
# The vendor gives no figures for either.
_EXPIRES_AFTER = timedelta(days=30)
_STALES_AFTER = timedelta(days=7)


def _close_envelope(context: Context, request: Element) -> Element:
    """Play CloseEnvelope."""
    question = context.words.child(request, "Request")
    if question is None:
        return context.response()
    try:
        outcome = _closed(context, context.envelope(question))
    except NotPossible as refusal:
        outcome = ClosingOutcome(
            envelope_id=context.guid(question, "EnvelopeId"), errors=(str(refusal),)
        )
    return context.response(closing_result(context, outcome))


def _id(context: Context, question: Element) -> Attributes:
    return {"EnvelopeId": str(context.guid(question, "EnvelopeId"))}


def _ids(context: Context, question: Element) -> Attributes:  # noqa: ARG001  # an echo
    return {name: question.get(name) for name in ("DocumentId", "EnvelopeId")}


def _created(context: Context, question: Element) -> Answer:
    account = context.owner(question, question.get("UserName"))
    envelope = Envelope(
        id=context.shared.identifiers.guid(),
        auth_token=context.shared.identifiers.guid(),
        context_identifier=account.context_identifier,
        # What is left out falls to the first value of its enumeration.
        is_parallel=question.get("WorkflowType") == "Parallel",
        declines_all=question.get("DeclineBehavior", "DeclineAll") == "DeclineAll",
        expiration_date=context.now + _EXPIRES_AFTER,
        stale_date=context.now + _STALES_AFTER,
        password=question.get("EnvelopePassword") or None,
        template_id=_template_id(context, question),
        history=[Event(context.now, "The envelope was created.")],
    )
    context.records.envelopes[envelope.id] = envelope
    return Answer(
        attributes={
            "EnvelopeId": str(envelope.id),
            "AuthToken": str(envelope.auth_token),
            "ExpirationDate": timestamp(envelope.expiration_date),
            "StaleDate": timestamp(envelope.stale_date),
        }
    )


def _closed_later(context: Context, question: Element) -> Answer:
    envelope = context.envelope(question)
    session = open_session(context, envelope.context_identifier, _closed(context, envelope))
    return Answer(attributes={"SessionId": str(session.id)})


def _cancelled(context: Context, question: Element) -> Answer:
    context.envelope(question).cancel(context.now, question.get("Remarks"))
    return Answer()


def _status(context: Context, question: Element) -> Answer:
    envelope = context.envelope(question)
    documents = [_document(context, document, in_full=True) for document in envelope.documents]
    content = [
        context.history("History", "EnvelopeHistoryEvent", envelope.history),
        context.words.element("Documents", *documents),
    ]
    return Answer(content, {"Status": envelope.status})


def _listed(context: Context, question: Element) -> Answer:
    documents = [
        _document(context, document, in_full=False)
        for document in context.envelope(question).documents
    ]
    return Answer([context.words.element("Documents", *documents)])


def _listed_templates(context: Context, question: Element) -> Answer:
    account = context.owner(question, question.get("UserName"))
    first_use = {
        envelope.template_id: envelope.history[0].date
        for envelope in reversed(list(context.records.envelopes.values()))
        if envelope.context_identifier == account.context_identifier
    }
    templates = [
        context.words.element(
            "EnvelopeTemplate",
            attributes={
                "EnvelopeTemplateId": str(template_id),
                "CreatedDate": timestamp(date),
                "ModifiedDate": timestamp(date),
                "Name": f"Envelope template {template_id}",
            },
        )
        for template_id, date in reversed(first_use.items())
        if template_id is not None
    ]
    return Answer([context.words.element("Templates", *templates)])


def _deleted(context: Context, question: Element) -> Answer:
    documents = context.documents_of(
        question, "DocumentId", "DocumentAuthToken", "EnvelopeAuthToken"
    )
    envelope: Envelope | None
    if question.get("DocumentId") is None:
        envelope = context.envelope(question, "EnvelopeAuthToken")
    else:
        envelope = documents[0].envelope
        if envelope is not None and len(envelope.documents) > 1:
            raise NotPossible("The envelope holds further documents: name it by EnvelopeId.")
    for document in documents:
        context.records.forget(document)
    if envelope is not None:
        del context.records.envelopes[envelope.id]
    return Answer()


def _template_id(context: Context, question: Element) -> UUID | None:
    # What means none is not known: to leave it out, or to send the empty GUID.
    template_id = context.guid(question, "EnvelopeTemplateId")
    return None if template_id == NO_GUID else template_id


def _closed(context: Context, envelope: Envelope) -> ClosingOutcome:
    try:
        context.check_ordered_later()
        envelope.close(context.now)
    except NotPossible as refusal:
        return ClosingOutcome(envelope_id=envelope.id, errors=(str(refusal),))
    # Nothing is known of what the vendor says to an empty envelope: the emulator closes it, and
    # lets the caller know.
    warnings = () if envelope.documents else ("The envelope holds no documents.",)
    return ClosingOutcome(envelope_id=envelope.id, warnings=(*warnings, *context.warnings))


def _document(context: Context, document: Document, *, in_full: bool) -> Element:
    content: list[Element] = []
    if in_full:
        content = [
            context.words.element(
                "Status",
                attributes={
                    "StatusDate": timestamp(document.status_date),
                    "StatusType": DocumentStatus(document.status),
                    "StatusDetails": document.status_details,
                },
            ),
            context.history("History", "EnvelopeDocumentHistoryEvent", document.history),
        ]
    return context.words.element(
        "EnvelopeDocument",
        *content,
        attributes={
            "DocumentId": str(document.id),
            "AuthToken": str(document.auth_token),
            "Name": document.name,
            "OrderId": document.order_number,
        },
    )


OPERATIONS: dict[str, Operation] = {
    # An unknown envelope is refused at once; whether it can be closed shows in the session.
    "AsyncCloseEnvelope": One(
        "Request",
        "AsyncCloseEnvelopeResult",
        _EXCEPTION,
        _closed_later,
        refused={"SessionId": str(NO_GUID)},
    ),
    "CancelEnvelope": One("Request", "CancelEnvelopeResult", _EXCEPTION, _cancelled, echo=_id),
    # The vendor's serializer always writes Status, which falls to the first value in a refusal.
    "CheckEnvelopeStatus": One(
        "Request",
        "CheckEnvelopeStatusResult",
        _EXCEPTION,
        _status,
        echo=_id,
        refused={"Status": "Created"},
    ),
    "CloseEnvelope": _close_envelope,
    "CreateEnvelope": One(
        "Request",
        "CreateEnvelopeResult",
        _EXCEPTION,
        _created,
        refused={
            "EnvelopeId": str(NO_GUID),
            "AuthToken": str(NO_GUID),
            "ExpirationDate": "0001-01-01T00:00:00",
            "StaleDate": "0001-01-01T00:00:00",
        },
    ),
    # Envelopes with all that is in them, or documents that stand alone.
    "DeleteEnvelope": Each(
        "Requests",
        "DeleteEnvelopeResult",
        One("DeleteEnvelopeRequest", "DeleteEnvelopeResult", _EXCEPTION, _deleted, echo=_ids),
    ),
    "ListEnvelopeDocuments": One(
        "Request", "ListEnvelopeDocumentsResult", _EXCEPTION, _listed, echo=_id
    ),
    # Those that the account's envelopes were created with.
    "ListEnvelopeTemplates": One(
        "Request", "ListEnvelopeTemplatesResult", _EXCEPTION, _listed_templates
    ),
}
