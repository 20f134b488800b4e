"""AssureSign: operations on envelopes."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from esignwire.emulator.assuresign_desk import NO_GUID, Desk
from esignwire.emulator.assuresign_state import (
    ClosingOutcome,
    Document,
    DocumentStatus,
    Envelope,
    Event,
)
from esignwire.emulator.assuresign_submit import closing_result, open_session
from esignwire.emulator.markup import Element, timestamp
from esignwire.emulator.refusal import NotPossible

__all__ = [
    "async_close_envelope",
    "cancel_envelope",
    "check_envelope_status",
    "close_envelope",
    "create_envelope",
    "delete_envelope",
    "list_envelope_documents",
    "list_envelope_templates",
]

_EXCEPTION = "EnvelopeException"
# The vendor gives no figures for either.
_EXPIRES_AFTER = timedelta(days=30)
_STALES_AFTER = timedelta(days=7)


def create_envelope(desk: Desk, request: Element) -> Element:
    """Play CreateEnvelope."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        account = desk.owner(question, question.get("UserName"))
    except NotPossible as refusal:
        return desk.response(
            desk.words.element(
                "CreateEnvelopeResult",
                *desk.exceptions(_EXCEPTION, [str(refusal)]),
                attributes={
                    "EnvelopeId": str(NO_GUID),
                    "AuthToken": str(NO_GUID),
                    "ExpirationDate": "0001-01-01T00:00:00",
                    "StaleDate": "0001-01-01T00:00:00",
                },
            )
        )
    envelope = Envelope(
        id=desk.state.identifiers.guid(),
        auth_token=desk.state.identifiers.guid(),
        context_identifier=account.context_identifier,
        # What is left out falls to the first value of its enumeration.
        is_parallel=question.get("WorkflowType") == "Parallel",
        declines_all=question.get("DeclineBehavior", "DeclineAll") == "DeclineAll",
        expiration_date=desk.now + _EXPIRES_AFTER,
        stale_date=desk.now + _STALES_AFTER,
        password=question.get("EnvelopePassword") or None,
        template_id=_template_id(desk, question),
        history=[Event(desk.now, "The envelope was created.")],
    )
    desk.records.envelopes[envelope.id] = envelope
    return desk.response(
        desk.words.element(
            "CreateEnvelopeResult",
            attributes={
                "EnvelopeId": str(envelope.id),
                "AuthToken": str(envelope.auth_token),
                "ExpirationDate": timestamp(envelope.expiration_date),
                "StaleDate": timestamp(envelope.stale_date),
            },
        )
    )


def close_envelope(desk: Desk, request: Element) -> Element:
    """Play CloseEnvelope."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        outcome = _closed(desk, desk.envelope(question))
    except NotPossible as refusal:
        outcome = ClosingOutcome(
            envelope_id=desk.guid(question, "EnvelopeId"), errors=(str(refusal),)
        )
    return desk.response(closing_result(desk, outcome))


def async_close_envelope(desk: Desk, request: Element) -> Element:
    """Play AsyncCloseEnvelope.

    An unknown envelope is refused at once; whether an envelope can be closed shows in the session.
    """
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        envelope = desk.envelope(question)
    except NotPossible as refusal:
        return desk.response(
            desk.words.element(
                "AsyncCloseEnvelopeResult",
                *desk.exceptions(_EXCEPTION, [str(refusal)]),
                attributes={"SessionId": str(NO_GUID)},
            )
        )
    session = open_session(desk, envelope.context_identifier, _closed(desk, envelope))
    return desk.response(
        desk.words.element("AsyncCloseEnvelopeResult", attributes={"SessionId": str(session.id)})
    )


def cancel_envelope(desk: Desk, request: Element) -> Element:
    """Play CancelEnvelope."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    content: list[Element] = []
    try:
        desk.envelope(question).cancel(desk.now, question.get("Remarks"))
    except NotPossible as refusal:
        content = desk.exceptions(_EXCEPTION, [str(refusal)])
    return desk.response(
        desk.words.element("CancelEnvelopeResult", *content, attributes=_echo(desk, question))
    )


def check_envelope_status(desk: Desk, request: Element) -> Element:
    """Play CheckEnvelopeStatus."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        envelope = desk.envelope(question)
    except NotPossible as refusal:
        # Status is a value that the vendor's serializer always writes: it falls to the first one.
        return desk.response(
            desk.words.element(
                "CheckEnvelopeStatusResult",
                *desk.exceptions(_EXCEPTION, [str(refusal)]),
                attributes={**_echo(desk, question), "Status": "Created"},
            )
        )
    documents = [_document(desk, document, in_full=True) for document in envelope.documents]
    return desk.response(
        desk.words.element(
            "CheckEnvelopeStatusResult",
            desk.history("History", "EnvelopeHistoryEvent", envelope.history),
            desk.words.element("Documents", *documents),
            attributes={**_echo(desk, question), "Status": envelope.status},
        )
    )


def list_envelope_documents(desk: Desk, request: Element) -> Element:
    """Play ListEnvelopeDocuments."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        documents = desk.envelope(question).documents
        content = [
            desk.words.element(
                "Documents",
                *(_document(desk, document, in_full=False) for document in documents),
            )
        ]
    except NotPossible as refusal:
        content = desk.exceptions(_EXCEPTION, [str(refusal)])
    return desk.response(
        desk.words.element(
            "ListEnvelopeDocumentsResult", *content, attributes=_echo(desk, question)
        )
    )


def list_envelope_templates(desk: Desk, request: Element) -> Element:
    """Play ListEnvelopeTemplates: those that the account's envelopes were created with."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        account = desk.owner(question, question.get("UserName"))
    except NotPossible as refusal:
        content = desk.exceptions(_EXCEPTION, [str(refusal)])
    else:
        first_use = {
            envelope.template_id: envelope.history[0].date
            for envelope in reversed(desk.records.envelopes.values())
            if envelope.context_identifier == account.context_identifier
        }
        templates = [
            desk.words.element(
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
        content = [desk.words.element("Templates", *templates)]
    return desk.response(desk.words.element("ListEnvelopeTemplatesResult", *content))


def delete_envelope(desk: Desk, request: Element) -> Element:
    """Play DeleteEnvelope: envelopes with all that is in them, or documents that stand alone."""

    def result(question: Element) -> Element:
        content: list[Element] = []
        try:
            _delete(desk, question)
        except NotPossible as refusal:
            content = desk.exceptions(_EXCEPTION, [str(refusal)])
        return desk.words.element(
            "DeleteEnvelopeResult",
            *content,
            attributes={name: question.get(name) for name in ("DocumentId", "EnvelopeId")},
        )

    questions = desk.words.children(request, "Requests/DeleteEnvelopeRequest")
    return desk.response(desk.words.element("DeleteEnvelopeResult", *map(result, questions)))


def _delete(desk: Desk, question: Element) -> None:
    documents = desk.documents_of(question, "DocumentId", "DocumentAuthToken", "EnvelopeAuthToken")
    envelope: Envelope | None
    if question.get("DocumentId") is None:
        envelope = desk.envelope(question, "EnvelopeAuthToken")
    else:
        envelope = documents[0].envelope
        if envelope is not None and len(envelope.documents) > 1:
            raise NotPossible("The envelope holds further documents: name it by EnvelopeId.")
    for document in documents:
        desk.records.forget(document)
    if envelope is not None:
        del desk.records.envelopes[envelope.id]


def _template_id(desk: Desk, question: Element) -> UUID | None:
    # What means none is not known: to leave it out, or to send the empty GUID.
    template_id = desk.guid(question, "EnvelopeTemplateId")
    return None if template_id == NO_GUID else template_id


def _closed(desk: Desk, envelope: Envelope) -> ClosingOutcome:
    try:
        envelope.close(desk.now)
    except NotPossible as refusal:
        return ClosingOutcome(envelope_id=envelope.id, errors=(str(refusal),))
    # Nothing is known of what the vendor says to an empty envelope: the emulator closes it, and
    # lets the caller know.
    warnings = () if envelope.documents else ("The envelope holds no documents.",)
    return ClosingOutcome(envelope_id=envelope.id, warnings=warnings)


def _document(desk: Desk, document: Document, *, in_full: bool) -> Element:
    content: list[Element] = []
    if in_full:
        content = [
            desk.words.element(
                "Status",
                attributes={
                    "StatusDate": timestamp(document.status_date),
                    "StatusType": DocumentStatus(document.status),
                    "StatusDetails": document.status_details,
                },
            ),
            desk.history("History", "EnvelopeDocumentHistoryEvent", document.history),
        ]
    return desk.words.element(
        "EnvelopeDocument",
        *content,
        attributes={
            "DocumentId": str(document.id),
            "AuthToken": str(document.auth_token),
            "Name": document.name,
            "OrderId": document.order_number,
        },
    )


def _echo(desk: Desk, question: Element) -> dict[str, str]:
    return {"EnvelopeId": str(desk.guid(question, "EnvelopeId"))}
