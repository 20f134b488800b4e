"""AssureSign DocumentNOW: a typed client for its SOAP service."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._lazy import later as _later

if TYPE_CHECKING:
    from esignwire._codec import Accepted, Handle, Outcome, Refused, Unanswered
    from esignwire.assuresign._refusals import exceptions_of, require_success
    from esignwire.assuresign.async_client import AsyncAssureSign
    from esignwire.assuresign.models import (
        DocumentReference,
        EnvelopeReference,
        TemplateDocument,
    )
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
    from esignwire.assuresign.settings import PRODUCTION_URL, SANDBOX_URL, WaitPolicy
    from esignwire_generated.assuresign.sync_client import AssureSign
    from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
    from esignwire_generated.assuresign.types.submit import TermsAndConditions

__all__ = [
    "PRODUCTION_URL",
    "SANDBOX_URL",
    "Accepted",
    "AssureSign",
    "AsyncAssureSign",
    "DocumentOutcome",
    "DocumentReference",
    "DocumentStatus",
    "EnvelopeClosed",
    "EnvelopeReference",
    "Handle",
    "Outcome",
    "Refused",
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
    "Unanswered",
    "VendorException",
    "WaitPolicy",
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
            "esignwire._codec": "Accepted Handle Outcome Refused Unanswered",
            "esignwire.assuresign._refusals": "exceptions_of require_success",
            "esignwire.assuresign.models": "DocumentReference EnvelopeReference TemplateDocument",
            "esignwire.assuresign.outcomes": (
                "DocumentOutcome DocumentStatus EnvelopeClosed RejectedDocument Session "
                "SessionOutcome SessionPending Severity StatusOutcome StatusRejected "
                "SubmissionCompleted SubmittedDocument VendorException"
            ),
            "esignwire.assuresign.settings": "PRODUCTION_URL SANDBOX_URL WaitPolicy",
            "esignwire_generated.assuresign.sync_client": "AssureSign",
            "esignwire_generated.assuresign.types.check_status": "StatusCheckStatusType",
            "esignwire_generated.assuresign.types.submit": "TermsAndConditions",
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
