"""Operations of AssureSign on single documents, and Ping."""

from __future__ import annotations

from esignwire.emulator._wire import Element, timestamp, truth
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, Each, One, Operation
from esignwire.emulator.assuresign.state import DocumentStatus
from esignwire.emulator.faults import Refusal

__all__ = ["OPERATIONS"]


def _ping(context: Context, request: Element) -> Element:  # noqa: ARG001  # it asks for nothing
    """Play Ping, whose result holds no words: a refusal is a Success of false."""
    success = truth(not isinstance(context.fault, Refusal))
    return context.response(context.words.element("PingResult", attributes={"Success": success}))


def _id(context: Context, question: Element) -> Attributes:
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


OPERATIONS: dict[str, Operation] = {
    "Cancel": Each(
        "DocumentCancellations",
        "DocumentCancellationResults",
        One(
            "DocumentCancellation",
            "DocumentCancellationResult",
            "CancellationException",
            _cancelled,
            echo=_id,
        ),
    ),
    "CheckStatus": Each(
        "DocumentStatusChecks",
        "DocumentStatusCheckResults",
        One(
            "DocumentStatusCheck",
            "DocumentStatusCheckResult",
            "StatusCheckException",
            _status,
            echo=_id,
        ),
    ),
    "Expire": Each(
        "DocumentExpirations",
        "DocumentExpirationResults",
        One(
            "DocumentExpiration",
            "DocumentExpirationResult",
            "ExpirationException",
            _expired,
            echo=_id,
        ),
    ),
    # The values of the submission, since no signer fills anything in.
    "GetDocumentValues": One(
        "DocumentValuesQuery",
        "GetDocumentValuesResult",
        "DocumentValuesException",
        _values,
        echo=_id,
        is_exception_first=True,
    ),
    "Ping": _ping,
    "ViewHistory": Each(
        "DocumentHistoryViews",
        "DocumentHistoryViewResults",
        One(
            "DocumentHistoryView",
            "DocumentHistoryViewResult",
            "HistoryViewException",
            _history,
            echo=_id,
        ),
    ),
}
