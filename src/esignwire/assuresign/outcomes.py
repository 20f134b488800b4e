"""Outcomes of calls to AssureSign, in types that tell success from failure."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
    from esignwire_generated.assuresign.types.submit import Metadata

__all__ = [
    "DocumentOutcome",
    "DocumentStatus",
    "EnvelopeClosed",
    "RejectedDocument",
    "Session",
    "SessionOutcome",
    "SessionPending",
    "Severity",
    "StatusOutcome",
    "StatusRejected",
    "SubmissionCompleted",
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

    Attributes:
        id: The session.
        warnings: What the vendor noted when it took the call on.
    """

    id: uuid.UUID
    warnings: tuple[VendorException, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmittedDocument:
    """A document that was created.

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
