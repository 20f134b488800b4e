"""Models of what a caller gives: documents to submit, and references to existing documents."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from esignwire.assuresign.settings import VENDOR
from esignwire.errors import InvalidRequest

if TYPE_CHECKING:
    from esignwire.assuresign.outcomes import SubmittedDocument
    from esignwire_generated.assuresign.types.submit import TermsAndConditions

__all__ = ["DocumentReference", "EnvelopeReference", "TemplateDocument", "identifier"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReference:
    """Names an existing document.

    Attributes:
        id: The document.
        auth_token: Its token.
    """

    id: uuid.UUID | str
    auth_token: uuid.UUID | str = field(repr=False)

    @classmethod
    def of(cls, document: DocumentReference | SubmittedDocument) -> DocumentReference:
        """Takes a reference as it is, and makes one of a document that was just submitted.

        Args:
            document: Either.

        Returns:
            The reference.
        """
        if isinstance(document, DocumentReference):
            return document
        return cls(id=document.id, auth_token=document.auth_token)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvelopeReference:
    """Names an existing envelope.

    Attributes:
        id: The envelope.
        auth_token: Its token.
    """

    id: uuid.UUID | str
    auth_token: uuid.UUID | str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateDocument:
    """A document to start from a template.

    Attributes:
        template_id: The template, as ListTemplates tells it.
        parameters: The template's parameters by name: those that its author defined, and system
            ones such as ``Signatory 1 Email Address``. The vendor accepts unknown names silently
            (documented). Values may be passwords, so they are never shown.
        document_name: The name that people see.
        order_number: A reference of your own. It tells you in AssureSign's web pages whether a
            submission whose outcome is unknown was taken.
        password: A password that the document's readers must give.
        expiration_date: The last day for signing. A date is the safe choice; the vendor's own
            samples print one.
        culture: The language, such as ``en-US``.
        signature_device_support_enabled: Whether signature pads may be used.
        envelope_id: An open envelope that takes the document. It is then neither parsed nor sent
            until the envelope is closed (documented).
        terms_and_conditions: Statements for this document beside those of the account.
        user_name: The owner, where it is another than the client's.
    """

    template_id: uuid.UUID | str
    parameters: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)
    document_name: str | None = None
    order_number: str | None = None
    password: str | None = field(default=None, repr=False)
    expiration_date: dt.date | dt.datetime | None = None
    culture: str | None = None
    signature_device_support_enabled: bool | None = None
    envelope_id: uuid.UUID | str | None = None
    terms_and_conditions: TermsAndConditions | None = None
    user_name: str | None = None


def identifier(value: uuid.UUID | str, name: str, operation: str) -> uuid.UUID:
    """Turns what a caller gave into an identifier.

    Args:
        value: A UUID, or its text.
        name: What it is, for the error.
        operation: The operation, for the error.

    Returns:
        The identifier.

    Raises:
        InvalidRequest: The text is no GUID. It is not repeated, since tokens are GUIDs too.
    """
    if isinstance(value, uuid.UUID):
        return value
    try:
        return uuid.UUID(value)
    except (ValueError, AttributeError, TypeError):
        raise InvalidRequest(
            f"{name} must be a GUID such as 2ce11ef1-8938-dd11-8735-00065b8ce99b",
            path=name,
            rule="a GUID",
            vendor=VENDOR,
            operation=operation,
        ) from None
