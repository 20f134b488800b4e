"""AssureSign DocumentNOW: a typed client for its SOAP service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._lazy import later as _later

if TYPE_CHECKING:
    from esignwire._codec import Accepted, Handle, Outcome, Refused, Unanswered
    from esignwire.assuresign import documenttrak
    from esignwire.assuresign._refusals import exceptions_of, require_success
    from esignwire.assuresign.async_client import AsyncAssureSign
    from esignwire.assuresign.async_envelope import AsyncEnvelope
    from esignwire.assuresign.jot_blocks import JotBlock
    from esignwire.assuresign.models import (
        DocumentReference,
        DownloadKind,
        EnvelopeReference,
        FileDocument,
        FileRetrievalDocument,
        NewDocument,
        TemplateDocument,
    )
    from esignwire.assuresign.outcomes import (
        ClosingSession,
        DocumentOutcome,
        DocumentStatus,
        EnvelopeClosed,
        RejectedDocument,
        Session,
        SessionOutcome,
        SessionPending,
        Severity,
        Signatory,
        SigningLink,
        StatusOutcome,
        StatusRejected,
        SubmissionCompleted,
        SubmissionSession,
        SubmittedDocument,
        VendorException,
    )
    from esignwire.assuresign.settings import PRODUCTION_URL, SANDBOX_URL, WaitPolicy
    from esignwire_generated.assuresign.sync_client import AssureSign
    from esignwire_generated.assuresign.sync_envelope import Envelope
    from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
    from esignwire_generated.assuresign.types.submit import TermsAndConditions

__all__ = [
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "Accepted",
    "AssureSign",
    "AsyncAssureSign",
    "AsyncEnvelope",
    "ClosingSession",
    "DocumentOutcome",
    "DocumentReference",
    "DocumentStatus",
    "DownloadKind",
    "Envelope",
    "EnvelopeClosed",
    "EnvelopeReference",
    "FileDocument",
    "FileRetrievalDocument",
    "Handle",
    "JotBlock",
    "NewDocument",
    "Outcome",
    "Refused",
    "RejectedDocument",
    "Session",
    "SessionOutcome",
    "SessionPending",
    "Severity",
    "Signatory",
    "SigningLink",
    "StatusCheckStatusType",
    "StatusOutcome",
    "StatusRejected",
    "SubmissionCompleted",
    "SubmissionSession",
    "SubmittedDocument",
    "TemplateDocument",
    "TermsAndConditions",
    "Unanswered",
    "VendorException",
    "WaitPolicy",
    "documenttrak",
    "exceptions_of",
    "require_success",
]

if not TYPE_CHECKING:
    # A program that makes sync calls needs neither the async client nor the messages of operations
    # that it never calls.
    __getattr__ = _later(
        __name__,
        {
            "esignwire.assuresign.async_client": "AsyncAssureSign",
            "esignwire.assuresign.async_envelope": "AsyncEnvelope",
            "esignwire.assuresign.documenttrak": "documenttrak",
            "esignwire.assuresign.jot_blocks": "JotBlock",
            "esignwire.assuresign.models": (
                "DocumentReference DownloadKind EnvelopeReference FileDocument "
                "FileRetrievalDocument NewDocument TemplateDocument"
            ),
            "esignwire._codec": "Accepted Handle Outcome Refused Unanswered",
            "esignwire.assuresign._refusals": "exceptions_of require_success",
            "esignwire.assuresign.outcomes": (
                "ClosingSession DocumentOutcome DocumentStatus EnvelopeClosed RejectedDocument "
                "Session SessionOutcome SessionPending Severity Signatory SigningLink "
                "StatusOutcome StatusRejected SubmissionCompleted SubmissionSession "
                "SubmittedDocument VendorException"
            ),
            "esignwire.assuresign.settings": "PRODUCTION_URL SANDBOX_URL WaitPolicy",
            "esignwire_generated.assuresign.sync_client": "AssureSign",
            "esignwire_generated.assuresign.sync_envelope": "Envelope",
            "esignwire_generated.assuresign.types.check_status": "StatusCheckStatusType",
            "esignwire_generated.assuresign.types.submit": "TermsAndConditions",
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
