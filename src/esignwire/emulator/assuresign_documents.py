"""AssureSign: operations on single documents, and Ping."""

from __future__ import annotations

from collections.abc import Callable

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_state import Document, DocumentStatus
from esignwire.emulator.markup import Element, timestamp
from esignwire.emulator.refusal import NotPossible

__all__ = [
    "cancel",
    "check_status",
    "expire",
    "get_document_values",
    "ping",
    "view_history",
]


def check_status(desk: Desk, request: Element) -> Element:
    """Play CheckStatus."""

    def result(question: Element) -> Element:
        try:
            document = desk.document(question)
        except NotPossible as refusal:
            return desk.words.element(
                "DocumentStatusCheckResult",
                *desk.exceptions("StatusCheckException", [str(refusal)]),
                attributes={"Id": str(desk.guid(question, "Id"))},
            )
        return desk.words.element(
            "DocumentStatusCheckResult",
            attributes={
                "Id": str(document.id),
                "StatusDate": timestamp(document.status_date),
                "StatusType": document.status,
                "StatusDetails": document.status_details,
            },
        )

    questions = desk.words.children(request, "DocumentStatusChecks/DocumentStatusCheck")
    return desk.response(
        desk.words.element("DocumentStatusCheckResults", *map(result, questions)),
    )


def view_history(desk: Desk, request: Element) -> Element:
    """Play ViewHistory."""

    def result(question: Element) -> Element:
        try:
            content = [
                desk.history("Events", "DocumentEvent", desk.document(question).history),
            ]
        except NotPossible as refusal:
            content = desk.exceptions("HistoryViewException", [str(refusal)])
        return desk.words.element(
            "DocumentHistoryViewResult",
            *content,
            attributes={"Id": str(desk.guid(question, "Id"))},
        )

    questions = desk.words.children(request, "DocumentHistoryViews/DocumentHistoryView")
    return desk.response(
        desk.words.element("DocumentHistoryViewResults", *map(result, questions)),
    )


def cancel(desk: Desk, request: Element) -> Element:
    """Play Cancel."""

    def change(document: Document, remarks: str | None) -> None:
        details = "The document was cancelled."
        if remarks:
            details = f"{details} Remarks: {remarks}"
        document.end(DocumentStatus.CANCELLED, desk.now, details)

    return _changed(desk, request, "DocumentCancellation", "CancellationException", change)


def expire(desk: Desk, request: Element) -> Element:
    """Play Expire."""

    def change(document: Document, remarks: str | None) -> None:
        details = "The document expired."
        if remarks:
            details = f"{details} Remarks: {remarks}"
        document.end(DocumentStatus.EXPIRED, desk.now, details)

    return _changed(desk, request, "DocumentExpiration", "ExpirationException", change)


def get_document_values(desk: Desk, request: Element) -> Element:
    """Play GetDocumentValues: what the submission gave, for nobody fills anything in."""
    query = desk.words.child(request, "DocumentValuesQuery")
    if query is None:
        return desk.response()
    try:
        document = desk.document(query)
    except NotPossible as refusal:
        content = desk.exceptions("DocumentValuesException", [str(refusal)])
    else:
        blocks = [
            desk.words.element("JotBlockInfo", attributes={"Name": name, "Value": value})
            for name, value in document.jot_blocks
        ]
        parameters = [
            desk.words.element("ParameterInfo", attributes={"Name": name, "Value": value})
            for name, value in document.parameters
        ]
        content = [
            desk.words.element(
                "DocumentValues",
                desk.words.element("JotBlocks", *blocks),
                desk.words.element("Parameters", *parameters),
            )
        ]
    return desk.response(
        desk.words.element(
            "GetDocumentValuesResult", *content, attributes={"Id": str(desk.guid(query, "Id"))}
        )
    )


def ping(desk: Desk, request: Element) -> Element:  # noqa: ARG001  # it asks for nothing
    """Play Ping."""
    return desk.response(desk.words.element("PingResult", attributes={"Success": "true"}))


def _changed(
    desk: Desk,
    request: Element,
    item: str,
    exception: str,
    change: Callable[[Document, str | None], None],
) -> Element:
    def result(question: Element) -> Element:
        content: list[Element] = []
        try:
            change(desk.document(question), question.get("Remarks"))
        except NotPossible as refusal:
            content = desk.exceptions(exception, [str(refusal)])
        return desk.words.element(
            f"{item}Result", *content, attributes={"Id": str(desk.guid(question, "Id"))}
        )

    questions = desk.words.children(request, f"{item}s/{item}")
    return desk.response(desk.words.element(f"{item}Results", *map(result, questions)))
