"""Operations of AssureSign on single documents, and Ping."""

from __future__ import annotations

from esignwire.emulator._wire import Element, timestamp
from esignwire.emulator.assuresign.context import Answer, Context
from esignwire.emulator.assuresign.state import DocumentStatus

__all__ = [
    "cancel",
    "check_status",
    "expire",
    "get_document_values",
    "ping",
    "view_history",
]


def check_status(context: Context, request: Element) -> Element:
    """Play CheckStatus."""
    return context.each(
        request,
        "DocumentStatusChecks/DocumentStatusCheck",
        "DocumentStatusCheckResults",
        "DocumentStatusCheckResult",
        "StatusCheckException",
        _status,
        echo=_id,
    )


def view_history(context: Context, request: Element) -> Element:
    """Play ViewHistory."""
    return context.each(
        request,
        "DocumentHistoryViews/DocumentHistoryView",
        "DocumentHistoryViewResults",
        "DocumentHistoryViewResult",
        "HistoryViewException",
        _history,
        echo=_id,
    )


def cancel(context: Context, request: Element) -> Element:
    """Play Cancel."""
    return context.each(
        request,
        "DocumentCancellations/DocumentCancellation",
        "DocumentCancellationResults",
        "DocumentCancellationResult",
        "CancellationException",
        _cancelled,
        echo=_id,
    )


def expire(context: Context, request: Element) -> Element:
    """Play Expire."""
    return context.each(
        request,
        "DocumentExpirations/DocumentExpiration",
        "DocumentExpirationResults",
        "DocumentExpirationResult",
        "ExpirationException",
        _expired,
        echo=_id,
    )


def get_document_values(context: Context, request: Element) -> Element:
    """Play GetDocumentValues: the values of the submission, since no signer fills anything in."""
    return context.one(
        request,
        "DocumentValuesQuery",
        "GetDocumentValuesResult",
        "DocumentValuesException",
        _values,
        echo=_id,
    )


def ping(context: Context, request: Element) -> Element:  # noqa: ARG001  # it asks for nothing
    """Play Ping."""
    return context.response(context.words.element("PingResult", attributes={"Success": "true"}))


def _id(context: Context, question: Element) -> dict[str, str | None]:
    return {"Id": str(context.guid(question, "Id"))}


def _status(context: Context, question: Element) -> Answer:
    document = context.document(question)
    return Answer(
        attributes={
            "StatusDate": timestamp(document.status_date),
            "StatusType": document.status,
            "StatusDetails": document.status_details,
        }
    )


def _history(context: Context, question: Element) -> Answer:
    events = context.document(question).history
    return Answer([context.history("Events", "DocumentEvent", events)])


def _cancelled(context: Context, question: Element) -> Answer:
    return _ended(context, question, DocumentStatus.CANCELLED, "The document was cancelled.")


def _expired(context: Context, question: Element) -> Answer:
    return _ended(context, question, DocumentStatus.EXPIRED, "The document expired.")


def _ended(context: Context, question: Element, status: DocumentStatus, details: str) -> Answer:
    remarks = question.get("Remarks")
    if remarks:
        details = f"{details} Remarks: {remarks}"
    context.document(question).end(status, context.now, details)
    return Answer()


def _values(context: Context, question: Element) -> Answer:
    document = context.document(question)
    blocks = [
        context.words.element("JotBlockInfo", attributes={"Name": name, "Value": value})
        for name, value in document.jot_blocks
    ]
    parameters = [
        context.words.element("ParameterInfo", attributes={"Name": name, "Value": value})
        for name, value in document.parameters
    ]
    values = context.words.element(
        "DocumentValues",
        context.words.element("JotBlocks", *blocks),
        context.words.element("Parameters", *parameters),
    )
    return Answer([values])
