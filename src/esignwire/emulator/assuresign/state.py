"""State of AssureSign: documents, envelopes and sessions, and how they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from uuid import UUID, uuid5

from esignwire.emulator._wire import Blob
from esignwire.emulator.accounts import AssureSignAccount
from esignwire.emulator.assuresign.directory import Directory
from esignwire.emulator.shared import NotPossible

__all__ = [
    "AssureSignState",
    "ClosingOutcome",
    "Document",
    "DocumentStatus",
    "DownloadSession",
    "Envelope",
    "EnvelopeStatus",
    "Event",
    "Metadata",
    "Notification",
    "Session",
    "Signatory",
    "SubmissionOutcome",
    "Template",
]


class DocumentStatus(StrEnum):
    """Where a document stands, as StatusCheckStatusType spells it."""

    CREATED = "Created"
    SIGNING_STEP_IN_PROGRESS = "SigningStepInProgress"
    COMPLETED = "Completed"
    EXPIRED = "Expired"
    DECLINED = "Declined"
    CANCELLED = "Cancelled"
    SIGNER_AUTHENTICATION_FAILED = "SignerAuthenticationFailed"


class EnvelopeStatus(StrEnum):
    """Where an envelope stands, as EnvelopeStatusType spells it."""

    CREATED = "Created"
    IN_PROGRESS = "InProgress"
    COMPLETED = "Completed"
    EXPIRED = "Expired"
    DECLINED = "Declined"
    CANCELLED = "Cancelled"
    STALED = "Staled"
    SIGNER_AUTHENTICATION_FAILED = "SignerAuthenticationFailed"


_LONGEST_REMARKS = 128
_OPEN = frozenset({DocumentStatus.CREATED, DocumentStatus.SIGNING_STEP_IN_PROGRESS})
# What becomes of an envelope whose documents all ended, by the strongest of their ends.
_ENDS = (
    (DocumentStatus.COMPLETED, EnvelopeStatus.COMPLETED),
    (DocumentStatus.DECLINED, EnvelopeStatus.DECLINED),
    (
        DocumentStatus.SIGNER_AUTHENTICATION_FAILED,
        EnvelopeStatus.SIGNER_AUTHENTICATION_FAILED,
    ),
    (DocumentStatus.EXPIRED, EnvelopeStatus.EXPIRED),
    (DocumentStatus.CANCELLED, EnvelopeStatus.CANCELLED),
)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of a history."""

    date: datetime
    details: str


@dataclass(slots=True, kw_only=True)
class Signatory:
    """A person who signs."""

    id: UUID
    auth_token: UUID = field(repr=False)
    first_name: str | None = None
    last_name: str | None = None
    full_name: str | None = None
    email_address: str | None = None
    mobile_phone: str | None = None


@dataclass(slots=True, kw_only=True)
class Notification:
    """An e-mail that asks a signer to sign. None is really sent."""

    id: UUID
    date: datetime
    step: int
    signatory: Signatory


@dataclass(slots=True, kw_only=True)
class Template:
    """A template as submissions have shown it: when it was first used, and its parameters."""

    id: UUID
    context_identifier: UUID = field(repr=False)
    creation_date: datetime
    parameters: list[str] = field(default_factory=list[str])


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The Metadata element of a submission, kept to be sent back: attributes and the terms."""

    attributes: dict[str, str] = field(repr=False)
    terms: dict[str, str] | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class Document:
    """A submitted document."""

    id: UUID
    auth_token: UUID = field(repr=False)
    context_identifier: UUID = field(repr=False)
    name: str | None
    order_number: str | None
    envelope: Envelope | None
    owner: str | None = None
    signatories: list[Signatory]
    content: Blob
    password: str | None = field(default=None, repr=False)
    parameters: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    jot_blocks: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    notifications: list[Notification] = field(default_factory=list[Notification], repr=False)
    status: DocumentStatus = DocumentStatus.CREATED
    status_date: datetime
    step: int = 0
    history: list[Event] = field(default_factory=list[Event])

    @property
    def is_open(self) -> bool:
        """Whether signing is still ahead or under way."""
        return self.status in _OPEN

    @property
    def status_details(self) -> str | None:
        """Which step is waited for, while one is."""
        if self.status is DocumentStatus.SIGNING_STEP_IN_PROGRESS:
            return f"Step {self.step}"
        return None

    def start(self, now: datetime) -> None:
        """Begin the first signing step."""
        self.step = 1
        self._become(DocumentStatus.SIGNING_STEP_IN_PROGRESS, now, "Signing step 1 started.")
        self._notify(now)

    def sign(self, now: datetime) -> None:
        """Let the signer of the current step sign; the last one completes the document."""
        if self.status is not DocumentStatus.SIGNING_STEP_IN_PROGRESS:
            raise NotPossible(f"The document cannot be signed: it is {self.status}.")
        if self.step >= len(self.signatories):
            self.end(DocumentStatus.COMPLETED, now, "The document was completed.")
        else:
            self.step += 1
            self._become(self.status, now, f"Signing step {self.step} started.")
            self._notify(now)

    def end(self, status: DocumentStatus, now: datetime, details: str) -> None:
        """End the signing in one way or another."""
        if not self.is_open:
            raise NotPossible(f"The document is {self.status} already.")
        if status is DocumentStatus.COMPLETED and self.status is DocumentStatus.CREATED:
            raise NotPossible("The document cannot be completed: its signing has not begun.")
        self._become(status, now, details)
        if self.envelope is not None:
            self.envelope.follow(self, now)

    def resend(self, notification: Notification, now: datetime) -> None:
        """Send an e-mail to a signer once more."""
        if not self.is_open:
            raise NotPossible(f"Nothing can be sent: the document is {self.status}.")
        notification.date = now
        self.history.append(Event(now, f"The notification of step {notification.step} was resent."))

    def _notify(self, now: datetime) -> None:
        self.notifications.append(
            Notification(
                id=uuid5(self.id, f"step {self.step}"),
                date=now,
                step=self.step,
                signatory=self.signatories[self.step - 1],
            )
        )

    def _become(self, status: DocumentStatus, now: datetime, details: str) -> None:
        self.status = status
        self.status_date = now
        self.history.append(Event(now, details))


@dataclass(slots=True, kw_only=True, eq=False)
class Envelope:
    """An envelope, which holds documents back until it is closed."""

    id: UUID
    auth_token: UUID = field(repr=False)
    context_identifier: UUID = field(repr=False)
    is_parallel: bool
    declines_all: bool
    expiration_date: datetime
    stale_date: datetime
    password: str | None = field(default=None, repr=False)
    template_id: UUID | None = None
    status: EnvelopeStatus = EnvelopeStatus.CREATED
    documents: list[Document] = field(default_factory=list[Document], repr=False)
    history: list[Event] = field(default_factory=list[Event])

    def check_accepts_documents(self) -> None:
        """Refuse a further document unless the envelope is still open."""
        if self.status is EnvelopeStatus.IN_PROGRESS:
            raise NotPossible("The envelope is closed and takes no more documents.")
        if self.status is not EnvelopeStatus.CREATED:
            raise NotPossible(f"The envelope is {self.status} and takes no more documents.")

    def close(self, now: datetime) -> None:
        """Close the envelope and start its signing: all documents at once, or the first."""
        if self.status is EnvelopeStatus.IN_PROGRESS:
            raise NotPossible("The envelope is closed already.")
        if self.status is not EnvelopeStatus.CREATED:
            raise NotPossible(f"The envelope cannot be closed: it is {self.status}.")
        self._become(EnvelopeStatus.IN_PROGRESS, now, "The envelope was closed.")
        self._start_documents(now)

    def cancel(self, now: datetime, remarks: str | None) -> None:
        """Cancel the envelope with every document in it that has not ended."""
        if remarks is not None and len(remarks) > _LONGEST_REMARKS:
            raise NotPossible(f"Remarks has more than {_LONGEST_REMARKS} characters.")
        if self.status not in {EnvelopeStatus.CREATED, EnvelopeStatus.IN_PROGRESS}:
            raise NotPossible(f"The envelope cannot be cancelled: it is {self.status}.")
        self._end_with(EnvelopeStatus.CANCELLED, DocumentStatus.CANCELLED, now, remarks)

    def complete(self, now: datetime) -> None:
        """Let all documents be signed that are not."""
        if self.status is not EnvelopeStatus.IN_PROGRESS:
            raise NotPossible(f"The envelope cannot be completed: it is {self.status}.")
        # The end of each document starts the next one, where they are signed in turn.
        for document in self.documents:
            if document.is_open:
                document.end(DocumentStatus.COMPLETED, now, "The document was completed.")

    def expire(self, now: datetime) -> None:
        """Let the envelope pass its expiration date."""
        if self.status not in {EnvelopeStatus.CREATED, EnvelopeStatus.IN_PROGRESS}:
            raise NotPossible(f"The envelope cannot expire: it is {self.status}.")
        self._end_with(EnvelopeStatus.EXPIRED, DocumentStatus.EXPIRED, now, None)

    def stale(self, now: datetime) -> None:
        """Let the envelope pass the date by which it should have been closed."""
        if self.status is not EnvelopeStatus.CREATED:
            raise NotPossible(f"The envelope cannot become stale: it is {self.status}.")
        self._end_with(EnvelopeStatus.STALED, DocumentStatus.CANCELLED, now, None)

    def follow(self, ended: Document, now: datetime) -> None:
        """Draw the conclusions from the end of one of the documents."""
        if self.status is not EnvelopeStatus.IN_PROGRESS:
            return
        if ended.status is DocumentStatus.DECLINED and self.declines_all:
            self._end_with(EnvelopeStatus.DECLINED, DocumentStatus.DECLINED, now, None)
            return
        self._start_documents(now)
        if any(document.is_open for document in self.documents):
            return
        ends = {document.status for document in self.documents}
        status = next(envelope for document, envelope in _ENDS if document in ends)
        self._become(status, now, f"All documents ended; the envelope is {status}.")

    def _start_documents(self, now: datetime) -> None:
        for document in self.documents:
            if document.status is DocumentStatus.CREATED:
                document.start(now)
            if document.is_open and not self.is_parallel:
                return

    def _end_with(
        self,
        status: EnvelopeStatus,
        documents: DocumentStatus,
        now: datetime,
        remarks: str | None,
    ) -> None:
        details = f"The envelope is {status}."
        if remarks:
            details = f"{details} Remarks: {remarks}"
        self._become(status, now, details)
        for document in self.documents:
            if document.is_open:
                document.end(documents, now, details)

    def _become(self, status: EnvelopeStatus, now: datetime, details: str) -> None:
        self.status = status
        self.history.append(Event(now, details))


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionOutcome:
    """What became of one submitted document: a document, or the reasons why there is none."""

    document: Document | None
    metadata: Metadata | None
    errors: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosingOutcome:
    """What became of the closing of an envelope."""

    envelope_id: UUID
    warnings: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


@dataclass(slots=True, kw_only=True)
class Session:
    """An asynchronous call whose outcome waits to be looked up."""

    id: UUID
    context_identifier: UUID = field(repr=False)
    pending_lookups: int
    outcome: tuple[SubmissionOutcome, ...] | ClosingOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSession:
    """The leave to download a document without its password."""

    id: UUID
    document_id: UUID
    expiration_date: datetime


@dataclass(slots=True)
class AssureSignState:
    """All that AssureSign remembers, by its ids."""

    documents: dict[UUID, Document] = field(default_factory=dict[UUID, Document])
    envelopes: dict[UUID, Envelope] = field(default_factory=dict[UUID, Envelope])
    sessions: dict[UUID, Session] = field(default_factory=dict[UUID, Session])
    download_sessions: dict[UUID, DownloadSession] = field(
        default_factory=dict[UUID, DownloadSession]
    )
    # By the account and the template's id.
    templates: dict[tuple[UUID, UUID], Template] = field(
        default_factory=dict[tuple[UUID, UUID], Template]
    )
    # What the files of deleted documents were, so that they can still be told from others.
    forgotten: dict[bytes, None] = field(default_factory=dict[bytes, None], repr=False)

    # The accounts of the account file; None where any account may use the emulator.
    known: tuple[AssureSignAccount, ...] | None = field(default=None, repr=False)
    directory: Directory = field(default_factory=lambda: Directory(None), repr=False)

    def admit(self, known: tuple[AssureSignAccount, ...] | None) -> None:
        """Say who may use the service. Where that is new, users and accounts begin anew."""
        if known != self.known:
            self.known, self.directory = known, Directory(known)

    def clear(self) -> None:
        """Forget everything but who may use the service."""
        self.documents.clear()
        self.envelopes.clear()
        self.sessions.clear()
        self.download_sessions.clear()
        self.templates.clear()
        self.forgotten.clear()
        self.directory = Directory(self.known)

    def template(self, context_identifier: UUID, template_id: UUID) -> Template | None:
        """Find what is known of a template of an account's."""
        return self.templates.get((context_identifier, template_id))

    def forget(self, document: Document) -> None:
        """Delete a document for good."""
        del self.documents[document.id]
        self.forgotten[document.content.digest()] = None
        if document.envelope is not None:
            document.envelope.documents.remove(document)

    def summary(self) -> dict[str, object]:
        """Describe the state without tokens, keys and passwords."""
        return {
            "documents": [
                {
                    "id": str(document.id),
                    "envelope_id": str(document.envelope.id) if document.envelope else None,
                    "name": document.name,
                    "status": document.status.value,
                    "step": document.step,
                    "steps": len(document.signatories),
                    "size": document.content.size,
                }
                for document in self.documents.values()
            ],
            "envelopes": [
                {"id": str(envelope.id), "status": envelope.status.value}
                for envelope in self.envelopes.values()
            ],
            "sessions": [
                {"id": str(session.id), "pending_lookups": session.pending_lookups}
                for session in self.sessions.values()
            ],
            **self.directory.summary(),
        }
