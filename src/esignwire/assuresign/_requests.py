"""Messages to AssureSign, made of what a caller gave, for the async client and its sync twin."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from esignwire.assuresign.models import DocumentReference, TemplateDocument, identifier
from esignwire.assuresign.outcomes import Session, SubmittedDocument
from esignwire.assuresign.settings import VENDOR, AssureSignSettings
from esignwire.errors import InvalidRequest
from esignwire_generated.assuresign import types

__all__ = ["async_submit", "check_status", "close_envelope", "lookup_session", "session_identifier"]


def async_submit(
    account: AssureSignSettings, documents: Sequence[TemplateDocument]
) -> tuple[types.submit.AsyncSubmit, str | None]:
    """Makes the message of AsyncSubmit.

    Args:
        account: The account and the owner.
        documents: The documents.

    Returns:
        The message, and the order numbers or names to look the submission up by.

    Raises:
        InvalidRequest: There is no document, or an identifier is no GUID.
    """
    _require_documents(documents, "AsyncSubmit")
    names = [one.order_number or one.document_name for one in documents]
    return types.submit.AsyncSubmit(
        documents=types.submit.ArrayOfDocument(
            document=[_document(account, one, "AsyncSubmit") for one in documents]
        )
    ), ", ".join(name for name in names if name) or None


def lookup_session(
    account: AssureSignSettings, session_id: uuid.UUID
) -> types.lookup_session.LookupSession:
    """Makes the message of LookupSession.

    Args:
        account: The account.
        session_id: The session.

    Returns:
        The message.
    """
    lookup = types.lookup_session.SessionLookup(
        context_identifier=account.context_identifier, session_id=session_id
    )
    return types.lookup_session.LookupSession(
        session_lookups=types.lookup_session.ArrayOfSessionLookup(session_lookup=[lookup])
    )


def close_envelope(
    account: AssureSignSettings,
    envelope_id: uuid.UUID | str,
    auth_token: uuid.UUID | str,
    operation: str,
) -> types.envelopes.CloseEnvelopeRequest:
    """Makes the part that the messages of CloseEnvelope and AsyncCloseEnvelope share.

    Args:
        account: The account.
        envelope_id: The envelope.
        auth_token: Its token.
        operation: The operation, for errors.

    Returns:
        The part.

    Raises:
        InvalidRequest: An identifier is no GUID.
    """
    return types.envelopes.CloseEnvelopeRequest(
        context_identifier=account.context_identifier,
        envelope_id=identifier(envelope_id, "envelope_id", operation),
        auth_token=identifier(auth_token, "auth_token", operation),
    )


def check_status(
    account: AssureSignSettings, documents: Sequence[DocumentReference | SubmittedDocument]
) -> tuple[types.check_status.CheckStatus, list[uuid.UUID]]:
    """Makes the message of CheckStatus.

    Args:
        account: The account.
        documents: The documents.

    Returns:
        The message, and the identifiers of the documents in their order.

    Raises:
        InvalidRequest: There is no document, or an identifier is no GUID.
    """
    operation = "CheckStatus"
    _require_documents(documents, operation)
    checks = [
        types.check_status.DocumentStatusCheck(
            context_identifier=account.context_identifier,
            id=identifier(one.id, "id", operation),
            auth_token=identifier(one.auth_token, "auth_token", operation),
        )
        for one in map(DocumentReference.of, documents)
    ]
    return types.check_status.CheckStatus(
        document_status_checks=types.check_status.ArrayOfDocumentStatusCheck(
            document_status_check=checks
        )
    ), [check.id for check in checks]


def session_identifier(session: Session | uuid.UUID | str) -> uuid.UUID:
    """The identifier of a session.

    Args:
        session: The session, or its identifier.

    Returns:
        The identifier.

    Raises:
        InvalidRequest: The identifier is no GUID.
    """
    if isinstance(session, Session):
        return session.id
    return identifier(session, "session", "LookupSession")


def _require_documents(documents: Sequence[object], operation: str) -> None:
    if not documents:
        raise InvalidRequest(
            "give at least one document", path="documents", vendor=VENDOR, operation=operation
        )


def _document(
    account: AssureSignSettings, document: TemplateDocument, operation: str
) -> types.submit.Document:
    envelope_id = document.envelope_id
    parameters = [
        types.submit.Parameter(name=name, value=value)
        for name, value in document.parameters.items()
    ]
    return types.submit.Document(
        context_identifier=account.context_identifier,
        metadata=types.submit.Metadata(
            user_name=document.user_name or account.user_name,
            document_name=document.document_name,
            order_number=document.order_number,
            password=document.password,
            expiration_date=document.expiration_date,
            culture=document.culture,
            signature_device_support_enabled=document.signature_device_support_enabled,
            envelope_id=(
                None if envelope_id is None else identifier(envelope_id, "envelope_id", operation)
            ),
            terms_and_conditions=document.terms_and_conditions,
        ),
        template=types.submit.Template(
            id=identifier(document.template_id, "template_id", operation),
            parameters=types.submit.ArrayOfParameter(parameter=parameters) if parameters else None,
        ),
    )
