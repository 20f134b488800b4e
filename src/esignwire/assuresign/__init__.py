"""AssureSign DocumentNOW: a typed client for its SOAP service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._lazy import later as _later

if TYPE_CHECKING:
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

if not TYPE_CHECKING:
    # A program that makes sync calls needs neither the async client nor the messages of operations
    # that it never calls.
    __getattr__ = _later(
        __name__,
        {
            "AssureSign": "esignwire_generated.assuresign.sync_client",
            "AsyncAssureSign": "esignwire.assuresign.async_client",
            "DocumentOutcome": "esignwire.assuresign.outcomes",
            "DocumentReference": "esignwire.assuresign.submissions",
            "DocumentStatus": "esignwire.assuresign.outcomes",
            "EnvelopeClosed": "esignwire.assuresign.outcomes",
            "PRODUCTION_URL": "esignwire.assuresign.settings",
            "RejectedDocument": "esignwire.assuresign.outcomes",
            "SANDBOX_URL": "esignwire.assuresign.settings",
            "Session": "esignwire.assuresign.outcomes",
            "SessionOutcome": "esignwire.assuresign.outcomes",
            "SessionPending": "esignwire.assuresign.outcomes",
            "Severity": "esignwire.assuresign.outcomes",
            "StatusCheckStatusType": "esignwire_generated.assuresign.types.check_status",
            "StatusOutcome": "esignwire.assuresign.outcomes",
            "StatusRejected": "esignwire.assuresign.outcomes",
            "SubmissionCompleted": "esignwire.assuresign.outcomes",
            "SubmittedDocument": "esignwire.assuresign.outcomes",
            "TemplateDocument": "esignwire.assuresign.submissions",
            "TermsAndConditions": "esignwire_generated.assuresign.types.submit",
            "VendorException": "esignwire.assuresign.outcomes",
            "WaitPolicy": "esignwire.assuresign.waiting",
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
