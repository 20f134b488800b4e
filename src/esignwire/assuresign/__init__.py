"""AssureSign DocumentNOW: a typed client for its SOAP service."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

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
from esignwire_generated.assuresign.types.check_status import StatusCheckStatusType
from esignwire_generated.assuresign.types.submit import TermsAndConditions

if TYPE_CHECKING:
    from esignwire_generated.assuresign.sync_client import AssureSign

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
    # The sync twins import this package, so that it can import them only once it is complete: a
    # pickled client, say, is loaded by its own module first.
    _TWINS = {"AssureSign": "sync_client"}

    def __getattr__(name: str) -> object:
        if name not in _TWINS:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"esignwire_generated.assuresign.{_TWINS[name]}"), name)
        globals()[name] = value
        return value
