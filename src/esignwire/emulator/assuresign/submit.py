"""Operations of AssureSign that submit documents, and the sessions of asynchronous calls.

An asynchronous call is carried out at once, in the order of the calls; its outcome is held back
until its session has been looked up often enough.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from uuid import UUID

from esignwire.emulator._wire import Blob, Element, Vocabulary, local_name, one_page_pdf
from esignwire.emulator.assuresign.context import NO_GUID, Context
from esignwire.emulator.assuresign.operations import Answer, Attributes, Each, One, Operation
from esignwire.emulator.assuresign.state import (
    ClosingOutcome,
    Document,
    DocumentStatus,
    Event,
    Metadata,
    Session,
    Signatory,
    SubmissionOutcome,
    Template,
)
from esignwire.emulator.assuresign.templates import template_file
from esignwire.emulator.shared import NotPossible

__all__ = ["OPERATIONS", "closing_result", "open_session"]

# The contracts in whose namespaces documents and envelopes stand, whatever is called.
_SUBMIT = "Submit"
_ENVELOPES = "Envelopes"
_TERMS = (
    "AdditionalComplianceStatement",
    "AdditionalAgreementStatement",
    "AdditionalExtendedDisclosures",
)
# The system's own parameters: "Signatory 1 Email Address" and so on.
_SIGNATORY_PARAMETER = re.compile(r"signatory (\d{1,3}) (.+)", re.IGNORECASE)
_SIGNATORY_MEMBERS = {
    "first name": "first_name",
    "last name": "last_name",
    "full name": "full_name",
    "email address": "email_address",
    "mobile phone": "mobile_phone",
}
_MOST_SIGNATORIES = 100


@dataclass(frozen=True, slots=True)
class _Submit:
    """A synchronous submission, by the names of its items and of its result.

    Of files to be retrieved nothing is fetched: a page that says so takes the place of the file.
    """

    item: str
    result: str

    def __call__(self, context: Context, request: Element) -> Element:
        outcomes = _submitted(context, request, self.item)
        return context.response(_results(context, self.result, outcomes))


@dataclass(frozen=True, slots=True)
class _AsyncSubmit:
    """An asynchronous submission, by the names of its items and of its result."""

    item: str
    result: str

    def __call__(self, context: Context, request: Element) -> Element:
        items = context.words.children(request, f"Documents/{self.item}")
        refusals: list[str] = []
        account = None
        for document in items:
            try:
                context.check_ordered()
                account = account or context.account(document)
            except NotPossible as refusal:
                refusals.append(str(refusal))
        if not items:
            refusals.append("The call holds no documents.")
        if account is None:
            content = context.exceptions("DocumentException", refusals)
            session_id = NO_GUID
        else:
            outcomes = _submitted(context, request, self.item)
            content = []
            session_id = open_session(context, account.context_identifier, outcomes).id
        return context.response(
            context.words.element(self.result, *content, attributes={"SessionId": str(session_id)})
        )


def open_session(
    context: Context,
    context_identifier: UUID,
    outcome: tuple[SubmissionOutcome, ...] | ClosingOutcome,
) -> Session:
    """Keep the outcome of an asynchronous call until it is looked up."""
    session = Session(
        id=context.shared.identifiers.guid(),
        context_identifier=context_identifier,
        pending_lookups=context.settings.pending_lookups,
        outcome=outcome,
    )
    context.records.sessions[session.id] = session
    return session


def closing_result(context: Context, outcome: ClosingOutcome) -> Element:
    """Write the outcome of the closing of an envelope.

    It is an element of the Envelopes contract also where LookupSession answers with it.
    """
    words = context.words_of(_ENVELOPES)
    exceptions = context.exceptions("EnvelopeException", outcome.errors, words=words)
    exceptions += context.exceptions("EnvelopeException", outcome.warnings, "Warning", words)
    return words.element(
        "CloseEnvelopeResult",
        *exceptions,
        attributes={"EnvelopeId": str(outcome.envelope_id)},
    )


def _submitted(context: Context, request: Element, item: str) -> tuple[SubmissionOutcome, ...]:
    outcomes: list[SubmissionOutcome] = []
    for submission in context.words.children(request, f"Documents/{item}"):
        metadata = _metadata(context, submission)
        try:
            context.check_ordered_later()
            document = _accepted(context, submission, metadata)
        except NotPossible as refusal:
            outcomes.append(
                SubmissionOutcome(document=None, metadata=metadata, errors=(str(refusal),))
            )
        else:
            outcomes.append(
                SubmissionOutcome(document=document, metadata=metadata, warnings=context.warnings)
            )
    return tuple(outcomes)


def _accepted(context: Context, submission: Element, metadata: Metadata | None) -> Document:
    words = context.words_of(_SUBMIT)
    attributes = metadata.attributes if metadata else {}
    account = context.owner(submission, attributes.get("UserName"))
    template = words.child(submission, "Template")
    if template is not None and not account.knows_template(context.guid(template, "Id")):
        raise NotPossible("The account has no template with this Id.")
    content = _content(context, submission)
    envelope = None
    if attributes.get("EnvelopeId"):
        envelope = context.records.envelopes.get(UUID(attributes["EnvelopeId"].strip()))
        if envelope is None or envelope.context_identifier != account.context_identifier:
            raise NotPossible("There is no envelope with this EnvelopeId.")
        envelope.check_accepts_documents()
    document = Document(
        id=context.shared.identifiers.guid(),
        auth_token=context.shared.identifiers.guid(),
        context_identifier=account.context_identifier,
        name=attributes.get("DocumentName"),
        order_number=attributes.get("OrderNumber"),
        envelope=envelope,
        owner=attributes.get("UserName") or None,
        signatories=_signatories(context, submission),
        content=content,
        password=attributes.get("Password") or None,
        parameters=tuple(
            (parameter.get("Name") or "", parameter.get("Value") or "")
            for parameter in words.children(submission, "Template/Parameters/Parameter")
        ),
        jot_blocks=tuple(
            (block.get("Name") or "", words.text(block, "TypedProperties/Value"))
            for block in words.children(submission, "JotBlocks/JotBlock")
        ),
        status=DocumentStatus.CREATED,
        status_date=context.now,
        history=[Event(context.now, "The document was created.")],
    )
    context.records.documents[document.id] = document
    context.shared.touched.append(document)
    if template is not None:
        _remember(context, context.guid(template, "Id"), document)
    if envelope is None:
        document.start(context.now)
    else:
        envelope.documents.append(document)
    return document


def _content(context: Context, submission: Element) -> Blob:
    words = context.words_of(_SUBMIT)
    data = words.child(submission, "UnderlyingFile/Data")
    if data is not None:
        return context.documents.document(data)
    source = words.child(submission, "UnderlyingFileMetadata")
    if source is not None and source.get("Url"):
        # The emulator sends no requests of its own.
        return one_page_pdf("A file that was not retrieved")
    template = words.child(submission, "Template")
    if template is None:
        raise NotPossible("The document has neither a template nor a file.")
    return template_file(context.guid(template, "Id"))


def _remember(context: Context, template_id: UUID, document: Document) -> None:
    """Learn from a submission which parameters its template has."""
    account = document.context_identifier
    template = context.records.template(account, template_id)
    if template is None:
        template = Template(id=template_id, context_identifier=account, creation_date=context.now)
        context.records.templates[account, template_id] = template
    for name, _ in document.parameters:
        if name and name not in template.parameters:
            template.parameters.append(name)


def _metadata(context: Context, submission: Element) -> Metadata | None:
    words = context.words_of(_SUBMIT)
    element = words.child(submission, "Metadata")
    if element is None:
        return None
    attributes = {str(name): str(value) for name, value in element.attrib.items()}
    terms = words.child(element, "TermsAndConditions")
    if terms is None:
        return Metadata(attributes=attributes)
    return Metadata(
        attributes=attributes, terms={local_name(term): term.text or "" for term in terms}
    )


def _signatories(context: Context, submission: Element) -> list[Signatory]:
    found: dict[int, Signatory] = {}
    words = context.words_of(_SUBMIT)
    for parameter in words.children(submission, "Template/Parameters/Parameter"):
        match = _SIGNATORY_PARAMETER.fullmatch((parameter.get("Name") or "").strip())
        if match is None or len(found) >= _MOST_SIGNATORIES:
            continue
        signatory = found.setdefault(int(match[1]), _signatory(context))
        member = _SIGNATORY_MEMBERS.get(match[2].lower())
        if member is not None:
            setattr(signatory, member, parameter.get("Value") or None)
    # A template without such parameters has its signers fixed; one signer signs in any case.
    return [found[number] for number in sorted(found)] or [_signatory(context)]


def _signatory(context: Context) -> Signatory:
    return Signatory(
        id=context.shared.identifiers.guid(), auth_token=context.shared.identifiers.guid()
    )


def _results(context: Context, wrapper: str, outcomes: tuple[SubmissionOutcome, ...]) -> Element:
    return context.words.element(wrapper, *(_result(context, outcome) for outcome in outcomes))


def _result(context: Context, outcome: SubmissionOutcome) -> Element:
    words = context.words_of(_SUBMIT)
    children: list[Element] = []
    if outcome.metadata is not None:
        children.append(_metadata_element(words, outcome.metadata))
    children += context.exceptions("DocumentException", outcome.errors, words=words)
    children += context.exceptions("DocumentException", outcome.warnings, "Warning", words)
    document = outcome.document
    return words.element(
        "DocumentResult",
        *children,
        attributes={
            "Id": str(document.id) if document else None,
            "AuthToken": str(document.auth_token) if document else None,
        },
    )


def _metadata_element(words: Vocabulary, metadata: Metadata) -> Element:
    terms: list[Element] = []
    if metadata.terms is not None:
        texts = [
            words.element(name, text=metadata.terms[name])
            for name in _TERMS
            if name in metadata.terms
        ]
        terms.append(words.element("TermsAndConditions", *texts))
    # The password is not sent back: nothing says that the vendor does.
    attributes = {name: value for name, value in metadata.attributes.items() if name != "Password"}
    return words.element("Metadata", *terms, attributes=attributes)


def _looked_up(context: Context, question: Element) -> Answer:
    session = context.session(question)
    if session.pending_lookups > 0:
        session.pending_lookups -= 1
        return Answer(_pending(context))
    if isinstance(session.outcome, ClosingOutcome):
        return Answer([closing_result(context, session.outcome)])
    return Answer([_results(context, "DocumentResults", session.outcome)])


def _session_id(context: Context, question: Element) -> Attributes:
    return {"SessionId": str(context.guid(question, "SessionId"))}


def _pending(context: Context) -> list[Element]:
    if context.settings.pending_form == "empty":
        return []
    return context.exceptions(
        "SessionLookupException", ["The session is still being processed."], "Warning"
    )


OPERATIONS: dict[str, Operation] = {
    "AsyncSubmit": _AsyncSubmit("Document", "AsyncSubmitResult"),
    "AsyncSubmitWithFile": _AsyncSubmit("FileDocument", "AsyncSubmitWithFileResult"),
    "AsyncSubmitWithFileRetrieval": _AsyncSubmit(
        "FileRetrievalDocument", "AsyncSubmitWithFileRetrievalResult"
    ),
    "LookupSession": Each(
        "SessionLookups",
        "SessionLookupResults",
        One(
            "SessionLookup",
            "SessionLookupResult",
            "SessionLookupException",
            _looked_up,
            echo=_session_id,
        ),
    ),
    "Submit": _Submit("Document", "DocumentResults"),
    "SubmitWithFile": _Submit("FileDocument", "SubmitWithFileResult"),
    "SubmitWithFileRetrieval": _Submit("FileRetrievalDocument", "SubmitWithFileRetrievalResult"),
}
