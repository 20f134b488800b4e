"""AssureSign DocumentNOW: a typed client for its SOAP service."""

from __future__ import annotations

from esignwire.assuresign.async_client import AsyncAssureSign
from esignwire.assuresign.outcomes import (
    DocumentOutcome,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    Session,
    SessionOutcome,
    SessionPending,
    Severity,
    StatusOutcome,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    VendorException,
)
from esignwire.assuresign.settings import PRODUCTION_URL, SANDBOX_URL
from esignwire.assuresign.submissions import DocumentReference, TemplateDocument
from esignwire.assuresign.waiting import WaitPolicy
from esignwire_generated.assuresign.sync_client import AssureSign
from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
from esignwire_generated.assuresign.types.submit import TermsAndConditions

__all__ = [
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "AssureSign",
    "AsyncAssureSign",
    "DocumentOutcome",
    "DocumentReference",
    "DocumentStatus",
    "EnvelopeClosed",
    "RejectedDocument",
    "Session",
    "SessionOutcome",
    "SessionPending",
    "Severity",
    "StatusCheckStatusType",
    "StatusOutcome",
    "StatusRejected",
    "SubmissionCompleted",
    "SubmittedDocument",
    "TemplateDocument",
    "TermsAndConditions",
    "VendorException",
    "WaitPolicy",
]
