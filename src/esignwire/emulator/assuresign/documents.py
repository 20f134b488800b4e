"""AssureSign: operations on single documents, and Ping."""

from __future__ import annotations

from collections.abc import Callable

from esignwire.emulator._wire import Element, timestamp
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.state import Document, DocumentStatus
from esignwire.emulator.shared import NotPossible

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

    def result(question: Element) -> Element:
        try:
            document = context.document(question)
        except NotPossible as refusal:
            return context.words.element(
                "DocumentStatusCheckResult",
                *context.exceptions("StatusCheckException", [str(refusal)]),
                attributes={"Id": str(context.guid(question, "Id"))},
            )
        return context.words.element(
            "DocumentStatusCheckResult",
            attributes={
                "Id": str(document.id),
                "StatusDate": timestamp(document.status_date),
                "StatusType": document.status,
                "StatusDetails": document.status_details,
            },
        )

    questions = context.words.children(request, "DocumentStatusChecks/DocumentStatusCheck")
    return context.response(
        context.words.element("DocumentStatusCheckResults", *map(result, questions)),
    )


def view_history(context: Context, request: Element) -> Element:
    """Play ViewHistory."""

    def result(question: Element) -> Element:
        try:
            content = [
                context.history("Events", "DocumentEvent", context.document(question).history),
            ]
        except NotPossible as refusal:
            content = context.exceptions("HistoryViewException", [str(refusal)])
        return context.words.element(
            "DocumentHistoryViewResult",
            *content,
            attributes={"Id": str(context.guid(question, "Id"))},
        )

    questions = context.words.children(request, "DocumentHistoryViews/DocumentHistoryView")
    return context.response(
        context.words.element("DocumentHistoryViewResults", *map(result, questions)),
    )


def cancel(context: Context, request: Element) -> Element:
    """Play Cancel."""

    def change(document: Document, remarks: str | None) -> None:
        details = "The document was cancelled."
        if remarks:
            details = f"{details} Remarks: {remarks}"
        document.end(DocumentStatus.CANCELLED, context.now, details)

    return _changed(context, request, "DocumentCancellation", "CancellationException", change)


def expire(context: Context, request: Element) -> Element:
    """Play Expire."""

    def change(document: Document, remarks: str | None) -> None:
        details = "The document expired."
        if remarks:
            details = f"{details} Remarks: {remarks}"
        document.end(DocumentStatus.EXPIRED, context.now, details)

    return _changed(context, request, "DocumentExpiration", "ExpirationException", change)


def get_document_values(context: Context, request: Element) -> Element:
    """Play GetDocumentValues: what the submission gave, for nobody fills anything in."""
    query = context.words.child(request, "DocumentValuesQuery")
    if query is None:
        return context.response()
    try:
        document = context.document(query)
    except NotPossible as refusal:
        content = context.exceptions("DocumentValuesException", [str(refusal)])
    else:
        blocks = [
            context.words.element("JotBlockInfo", attributes={"Name": name, "Value": value})
            for name, value in document.jot_blocks
        ]
        parameters = [
            context.words.element("ParameterInfo", attributes={"Name": name, "Value": value})
            for name, value in document.parameters
        ]
        content = [
            context.words.element(
                "DocumentValues",
                context.words.element("JotBlocks", *blocks),
                context.words.element("Parameters", *parameters),
            )
        ]
    return context.response(
        context.words.element(
            "GetDocumentValuesResult", *content, attributes={"Id": str(context.guid(query, "Id"))}
        )
    )


def ping(context: Context, request: Element) -> Element:  # noqa: ARG001  # it asks for nothing
    """Play Ping."""
    return context.response(context.words.element("PingResult", attributes={"Success": "true"}))


def _changed(
    context: Context,
    request: Element,
    item: str,
    exception: str,
    change: Callable[[Document, str | None], None],
) -> Element:
    def result(question: Element) -> Element:
        content: list[Element] = []
        try:
            change(context.document(question), question.get("Remarks"))
        except NotPossible as refusal:
            content = context.exceptions(exception, [str(refusal)])
        return context.words.element(
            f"{item}Result", *content, attributes={"Id": str(context.guid(question, "Id"))}
        )

    questions = context.words.children(request, f"{item}s/{item}")
    return context.response(context.words.element(f"{item}Results", *map(result, questions)))
