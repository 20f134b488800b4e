"""Operations of AssureSign that make links for signers. The links lead nowhere."""

from __future__ import annotations

from esignwire.emulator._wire import Element, boolean
from esignwire.emulator.assuresign.context import Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, One, Operation
from esignwire.emulator.assuresign.signatories import named_signatory
from esignwire.emulator.assuresign.state import Document, DocumentStatus, Signatory
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS"]


def _ids(context: Context, question: Element) -> Attributes:  # noqa: ARG001  # an echo
    return {name: question.get(name) for name in ("EnvelopeId", "DocumentId")}


def _signing_links(context: Context, question: Element) -> Answer:
    links = [
        context.words.element(
            "SigningLink", attributes=_link(context, question, document, signatory)
        )
        for document, signatory in _waiting(context, question)
    ]
    return Answer([context.words.element("SigningLinks", *links)])


def _access_link(context: Context, question: Element) -> Answer:
    kind = question.get("DocumentType", "Original")
    document = _with_file(_documents(context, question), kind)
    signatory = named_signatory(context, question, document)
    link = {**_link(context, question, document, signatory), "DocumentType": kind}
    return Answer([context.words.element("Link", attributes=link)])


def _documents(context: Context, question: Element) -> list[Document]:
    return context.documents_of(question, "DocumentId", "DocumentAuthToken", "EnvelopeAuthToken")


def _waiting(context: Context, question: Element) -> list[tuple[Document, Signatory]]:
    """Find who is to sign what."""
    last = 1 if boolean(question.get("IncludeOnlyCurrentSigners")) else None
    found = [
        (document, signatory)
        for document in _documents(context, question)
        if document.status is DocumentStatus.SIGNING_STEP_IN_PROGRESS
        for signatory in document.signatories[document.step - 1 :][:last]
    ]
    if not found:
        raise NotPossible("Nothing is to be signed at present.")
    return found


def _with_file(documents: list[Document], kind: str) -> Document:
    """Choose the document that a link leads to, or say why there is nothing to lead to."""
    if not documents:
        raise NotPossible("The envelope holds no documents.")
    statuses = {document.status for document in documents}
    if kind == "Completed" and statuses != {DocumentStatus.COMPLETED}:
        raise NotPossible("The signing is not completed.")
    if kind == "Interim" and DocumentStatus.SIGNING_STEP_IN_PROGRESS not in statuses:
        raise NotPossible("No signing is in progress.")
    return documents[0]


def _link(
    context: Context, question: Element, document: Document, signatory: Signatory | None
) -> dict[str, str | None]:
    token = context.shared.identifiers.token()
    return {
        "EnvelopeId": str(document.envelope.id) if document.envelope else None,
        "DocumentId": str(document.id),
        "SignatoryId": str(signatory.id) if signatory else None,
        "SignatoryEmail": signatory.email_address if signatory else None,
        "SignatoryMobilePhone": signatory.mobile_phone if signatory else None,
        "Url": f"{context.base_url}/assuresign/link/{token}",
        "ExpirationDate": question.get("LinkExpirationDate"),
    }


OPERATIONS: dict[str, Operation] = {
    "GetAccessLink": One(
        "Request", "GetAccessLinkResult", "LinkException", _access_link, echo=_ids
    ),
    # For documents whose signing goes on.
    "GetSigningLinks": One(
        "Request", "GetSigningLinksResult", "LinkException", _signing_links, echo=_ids
    ),
}
