"""Outcomes of calls to AssureSign, in types that tell success from failure."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from esignwire.assuresign.models import DocumentReference

if TYPE_CHECKING:
    from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
    from esignwire_generated.assuresign.types.submit import Metadata

__all__ = [
    "ClosingSession",
    "DocumentOutcome",
    "DocumentStatus",
    "EnvelopeClosed",
    "RejectedDocument",
    "Session",
    "SessionOutcome",
    "SessionPending",
    "Severity",
    "Signatory",
    "SigningLink",
    "StatusOutcome",
    "StatusRejected",
    "SubmissionCompleted",
    "SubmissionSession",
    "SubmittedDocument",
    "VendorException",
]


class Severity(StrEnum):
    """How bad an exception is (WSDL).

    Attributes:
        WARNING: What was asked was done; something deserves a look.
        ERROR: What was asked was not done.
        FATAL: The service itself failed.
    """

    WARNING = "Warning"
    ERROR = "Error"
    FATAL = "Fatal"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorException:
    """One item of an ``Exceptions`` element. The vendor publishes neither codes nor texts.

    Attributes:
        severity: How bad it is; a ``str`` where the vendor sends a value that is not documented.
        text: The vendor's words.
    """

    severity: Severity | str
    text: str

    @property
    def is_warning(self) -> bool:
        """Whether the call did what was asked; a severity that is not known counts as an error."""
        return self.severity == Severity.WARNING


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """An asynchronous call that the vendor took on.

    Keep ``id``: it is the only way to learn how the call ended. The vendor keeps sessions "for a
    substantial time" and gives no figure.

    Sessions are equal where these two are, whatever their kind.

    Attributes:
        id: The session.
        warnings: What the vendor noted when it took the call on.
    """

    id: uuid.UUID
    warnings: tuple[VendorException, ...] = ()

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Session):
            return NotImplemented
        return (self.id, self.warnings) == (other.id, other.warnings)

    def __hash__(self) -> int:
        return hash((self.id, self.warnings))


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SubmissionSession(Session):
    """The session of a submission: it ends in a ``SubmissionCompleted``."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ClosingSession(Session):
    """The session of the closing of an envelope: it ends in an ``EnvelopeClosed``."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedDocument(DocumentReference):
    """A document that was created. It is a handle for every later call about it.

    Attributes:
        id: The document; needed, with ``auth_token``, for every later call about it.
        auth_token: The document's token.
        metadata: What was submitted about it, as the vendor repeats it.
        warnings: What the vendor noted.
    """

    id: uuid.UUID
    auth_token: uuid.UUID = field(repr=False)
    metadata: Metadata | None = None
    warnings: tuple[VendorException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedDocument:
    """A document that was not created, or not as it should be.

    Attributes:
        exceptions: Why; empty where the vendor gave neither a reason nor the document's keys.
        metadata: What was submitted about it, as the vendor repeats it.
        id: The document, where the vendor names one nevertheless.
        auth_token: Its token, likewise.
    """

    exceptions: tuple[VendorException, ...]
    metadata: Metadata | None = None
    id: uuid.UUID | None = None
    auth_token: uuid.UUID | None = field(default=None, repr=False)


DocumentOutcome = SubmittedDocument | RejectedDocument


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionPending:
    """A session that has not ended yet.

    Attributes:
        session_id: The session.
        warnings: What the vendor noted.
    """

    session_id: uuid.UUID
    warnings: tuple[VendorException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmissionCompleted:
    """A submission that ended: one outcome a document, in the order of the submission (inferred).

    Attributes:
        session_id: The session.
        outcomes: How each document fared.
        warnings: What the vendor noted about the session.
    """

    session_id: uuid.UUID
    outcomes: tuple[DocumentOutcome, ...]
    warnings: tuple[VendorException, ...] = ()

    @property
    def documents(self) -> tuple[SubmittedDocument, ...]:
        """The documents that were created."""
        return tuple(one for one in self.outcomes if isinstance(one, SubmittedDocument))

    @property
    def rejected(self) -> tuple[RejectedDocument, ...]:
        """The documents that were not created."""
        return tuple(one for one in self.outcomes if isinstance(one, RejectedDocument))


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeClosed:
    """An envelope that was closed, so that signing has begun.

    Attributes:
        envelope_id: The envelope.
        session_id: The session, where the envelope was closed asynchronously.
        warnings: What the vendor noted.
    """

    envelope_id: uuid.UUID
    session_id: uuid.UUID | None = None
    warnings: tuple[VendorException, ...] = ()


SessionOutcome = SessionPending | SubmissionCompleted | EnvelopeClosed


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStatus:
    """Where a document stands.

    Attributes:
        id: The document.
        status_type: Its status; a ``str`` where the vendor sends one that the schema does not
            know; ``None`` where it sends none.
        status_date: When the status last changed.
        status_details: While signers are waited for, the step, such as ``Step 1``.
        warnings: What the vendor noted.
    """

    id: uuid.UUID
    status_type: StatusCheckStatusType | str | None
    status_date: dt.datetime | None = None
    status_details: str | None = None
    warnings: tuple[VendorException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRejected:
    """A document whose status the vendor did not tell.

    Attributes:
        id: The document.
        exceptions: Why; empty where the answer left the document out.
    """

    id: uuid.UUID
    exceptions: tuple[VendorException, ...]


StatusOutcome = DocumentStatus | StatusRejected


@dataclass(frozen=True, slots=True, kw_only=True)
class Signatory:
    """A signer of a document.

    Attributes:
        full_name: The full name. Where the vendor tells none: first and last name, else the e-mail
            address, else the mobile number; empty where it tells nothing.
        id: The signer; ``None`` where the vendor does not tell.
        auth_token: The signer's token. With it and the document's a call can sign in the signer's
            place. ``None`` where the vendor lists a link for a signer that it does not list.
        first_name: The first name, where it was given apart.
        last_name: The last name, where it was given apart.
        email_address: The e-mail address, where the signer has one.
        mobile_phone: The mobile number, where the signer has one.
    """

    full_name: str
    id: uuid.UUID | None = None
    auth_token: uuid.UUID | None = field(default=None, repr=False)
    first_name: str | None = None
    last_name: str | None = None
    email_address: str | None = None
    mobile_phone: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningLink:
    """A link by which one signer signs a document.

    Attributes:
        signatory: The signer.
        url: The address. Each person who has it can sign, so it is never shown.
        expiration_date: When it ceases to work, where the vendor tells.
    """

    signatory: Signatory
    url: str = field(repr=False)
    expiration_date: dt.datetime | None = None
