"""AssureSign: links for signers. They have the look of links; nothing stands behind them."""

from __future__ import annotations

from esignwire.emulator.assuresign_desk import Desk
from esignwire.emulator.assuresign_signatories import named_signatory
from esignwire.emulator.assuresign_state import Document, DocumentStatus, Signatory
from esignwire.emulator.markup import Element, boolean
from esignwire.emulator.refusal import NotPossible

__all__ = ["get_access_link", "get_signing_links"]


def get_signing_links(desk: Desk, request: Element) -> Element:
    """Play GetSigningLinks, for documents whose signing goes on."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    try:
        links = [
            desk.words.element("SigningLink", attributes=_link(desk, question, document, signatory))
            for document, signatory in _waiting(desk, question)
        ]
        content = [desk.words.element("SigningLinks", *links)]
    except NotPossible as refusal:
        content = desk.exceptions("LinkException", [str(refusal)])
    return _answer(desk, "GetSigningLinksResult", question, content)


def get_access_link(desk: Desk, request: Element) -> Element:
    """Play GetAccessLink."""
    question = desk.words.child(request, "Request")
    if question is None:
        return desk.response()
    kind = question.get("DocumentType", "Original")
    try:
        document = _with_file(_documents(desk, question), kind)
        signatory = named_signatory(desk, question, document)
        link = {**_link(desk, question, document, signatory), "DocumentType": kind}
        content = [desk.words.element("Link", attributes=link)]
    except NotPossible as refusal:
        content = desk.exceptions("LinkException", [str(refusal)])
    return _answer(desk, "GetAccessLinkResult", question, content)


def _documents(desk: Desk, question: Element) -> list[Document]:
    return desk.documents_of(question, "DocumentId", "DocumentAuthToken", "EnvelopeAuthToken")


def _waiting(desk: Desk, question: Element) -> list[tuple[Document, Signatory]]:
    """Find who is to sign what."""
    last = 1 if boolean(question.get("IncludeOnlyCurrentSigners")) else None
    found = [
        (document, signatory)
        for document in _documents(desk, question)
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
    desk: Desk, question: Element, document: Document, signatory: Signatory | None
) -> dict[str, str | None]:
    token = desk.state.identifiers.token()
    return {
        "EnvelopeId": str(document.envelope.id) if document.envelope else None,
        "DocumentId": str(document.id),
        "SignatoryId": str(signatory.id) if signatory else None,
        "SignatoryEmail": signatory.email_address if signatory else None,
        "SignatoryMobilePhone": signatory.mobile_phone if signatory else None,
        "Url": f"{desk.base_url}/assuresign/link/{token}",
        "ExpirationDate": question.get("LinkExpirationDate"),
    }


def _answer(desk: Desk, name: str, question: Element, content: list[Element]) -> Element:
    identifiers = {key: question.get(key) for key in ("EnvelopeId", "DocumentId")}
    return desk.response(desk.words.element(name, *content, attributes=identifiers))
