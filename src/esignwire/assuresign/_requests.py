"""Messages to AssureSign, made of what a caller gave, for the async client and its sync twin."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Literal, cast

from esignwire._codec import Handle
from esignwire.assuresign.models import (
    DocumentReference,
    DownloadKind,
    identifier,
    keys_of,
    name_of_kind,
)
from esignwire.assuresign.outcomes import Session
from esignwire.assuresign.settings import VENDOR, AssureSignSettings
from esignwire.errors import InvalidRequest, OutcomeUnknown
from esignwire_generated.assuresign import types

__all__ = [
    "cancel_envelope",
    "check_status",
    "close_envelope",
    "download",
    "list_notifications",
    "list_parameters",
    "list_signatories",
    "lookup_session",
    "resend_email",
    "resolvable",
    "resolved_handle",
    "session_identifier",
    "signing_links",
    "view_history",
]


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
    envelope: Handle | uuid.UUID | str,
    auth_token: uuid.UUID | str | None,
    operation: str,
) -> types.envelopes.CloseEnvelopeRequest:
    """Makes the part that the messages of CloseEnvelope and AsyncCloseEnvelope share.

    Args:
        account: The account.
        envelope: The envelope, or its identifier.
        auth_token: The token that goes with an identifier.
        operation: The operation, for errors.

    Returns:
        The part.

    Raises:
        InvalidRequest: An identifier is no GUID, or there is no token.
    """
    if isinstance(envelope, uuid.UUID | str):
        envelope_id = identifier(envelope, "envelope_id", operation)
        token = identifier(cast("uuid.UUID", auth_token), "auth_token", operation)
    else:
        envelope_id, token = keys_of(envelope, "envelope_id", operation)
    return types.envelopes.CloseEnvelopeRequest(
        context_identifier=account.context_identifier,
        envelope_id=envelope_id,
        auth_token=token,
    )


def resolvable(error: OutcomeUnknown) -> Literal["envelope", "document"] | None:
    """What a call tells of that can be asked for.

    Args:
        error: The error of the call.

    Returns:
        What the call changed; ``None`` where no operation tells what became of it.
    """
    if error.operation in {"CloseEnvelope", "AsyncCloseEnvelope", "CancelEnvelope"}:
        return "envelope"
    return "document" if error.operation in {"Cancel", "Expire"} else None


def resolved_handle(error: OutcomeUnknown, about: Handle | None) -> DocumentReference:
    """Takes the handle of what an unknown outcome is about.

    Args:
        error: The error of the call.
        about: The handle.

    Returns:
        The handle, checked.

    Raises:
        InvalidRequest: There is none, or it names another thing.
    """
    document_id, token = keys_of(cast("Handle", about), "about", error.operation)
    if error.reference is not None and str(document_id) not in error.reference.split(", "):
        raise InvalidRequest(
            f"about names {document_id}, and the error is about {error.reference}; nothing was"
            " sent",
            path="about",
            vendor=VENDOR,
            operation=error.operation,
        )
    return DocumentReference(id=document_id, auth_token=token)


def check_status(
    account: AssureSignSettings, documents: Sequence[Handle]
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
            id=document_id,
            auth_token=token,
        )
        for document_id, token in (
            keys_of(one, f"documents[{number}]", operation) for number, one in enumerate(documents)
        )
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


def signing_links(
    account: AssureSignSettings,
    document: Handle,
    *,
    redirect_url: str | None,
    only_current_signers: bool,
    skips_landing_page: bool,
    expiration_date: dt.datetime | None,
) -> types.links.GetSigningLinks:
    """Makes the message of GetSigningLinks.

    Args:
        account: The account.
        document: The document.
        redirect_url: Where a signer is sent after signing.
        only_current_signers: Whether only those are wanted whose turn it is.
        skips_landing_page: Whether the links lead straight to signing.
        expiration_date: When the links shall cease to work.

    Returns:
        The message.

    Raises:
        InvalidRequest: The document is no handle.
    """
    document_id, token = keys_of(document, "document", "GetSigningLinks")
    return types.links.GetSigningLinks(
        request=types.links.GetSigningLinksRequest(
            context_identifier=account.context_identifier,
            document_id=document_id,
            document_auth_token=token,
            redirect_url=redirect_url,
            include_only_current_signers=only_current_signers or None,
            is_authenticated=skips_landing_page or None,
            link_expiration_date=expiration_date,
        )
    )


def list_signatories(
    account: AssureSignSettings, document: Handle
) -> types.list_signatories.ListSignatories:
    """Makes the message of ListSignatories.

    Args:
        account: The account.
        document: The document.

    Returns:
        The message.

    Raises:
        InvalidRequest: The document is no handle.
    """
    document_id, token = keys_of(document, "document", "ListSignatories")
    return types.list_signatories.ListSignatories(
        signatory_list_query=types.list_signatories.SignatoryListQuery(
            context_identifier=account.context_identifier, id=document_id, auth_token=token
        )
    )


def download(
    account: AssureSignSettings, document: Handle, kind: DownloadKind, password: str | None
) -> types.download.Download:
    """Makes the message of Download.

    Args:
        account: The account.
        document: The document.
        kind: Which file is wanted.
        password: The password of the document.

    Returns:
        The message.

    Raises:
        InvalidRequest: The document is no handle, or there is no such kind.
    """
    document_id, token = keys_of(document, "document", "Download")
    known: dict[object, types.download.DownloadType] = {
        "completed": types.download.DownloadType.COMPLETED,
        "completion report": types.download.DownloadType.COMPLETED,
        "interim": types.download.DownloadType.INTERIM,
        "original": types.download.DownloadType.ORIGINAL,
    }
    if not isinstance(cast("object", kind), str) or kind not in known:
        rule = f"one of {', '.join(map(str, known))}"
        raise InvalidRequest(
            f"kind must be {rule}",
            path="kind",
            rule=rule,
            vendor=VENDOR,
            operation="Download",
        )
    return types.download.Download(
        request=types.download.DownloadRequest(
            context_identifier=account.context_identifier,
            document_id=document_id,
            auth_token=token,
            download_type=known[kind],
            password=password,
        )
    )


def list_notifications(
    account: AssureSignSettings, document: Handle, address: str
) -> tuple[types.list_notifications.ListNotifications, uuid.UUID]:
    """Makes the message of ListNotifications that finds an e-mail to send again.

    Args:
        account: The account.
        document: The document.
        address: To whom the e-mail went.

    Returns:
        The message, and the identifier of the document.

    Raises:
        InvalidRequest: The document is no handle, or the address is no text.
    """
    document_id, token = keys_of(document, "document", "ListNotifications")
    given = cast("object", address)
    if not isinstance(given, str) or not given.strip():
        raise InvalidRequest(
            f"address must be an e-mail address; {name_of_kind(given)} was given",
            path="address",
            rule="an e-mail address",
            vendor=VENDOR,
            operation="ResendNotification",
        )
    query = types.list_notifications.NotificationListQuery(
        context_identifier=account.context_identifier, id=document_id, auth_token=token
    )
    return types.list_notifications.ListNotifications(
        notification_queries=types.list_notifications.ArrayOfNotificationListQuery(
            notification_list_query=[query]
        )
    ), document_id


def resend_email(
    account: AssureSignSettings, document: Handle, notification_id: uuid.UUID, address: str
) -> types.resend_notification.ResendNotification:
    """Makes the message of ResendNotification for one e-mail to one of its receivers.

    Args:
        account: The account.
        document: The document.
        notification_id: The e-mail.
        address: The receiver.

    Returns:
        The message.

    Raises:
        InvalidRequest: The document is no handle.
    """
    document_id, token = keys_of(document, "document", "ResendNotification")
    kinds = types.resend_notification
    receiver = kinds.EmailNotificationRecipient(email_address=address)
    request = kinds.ResendNotificationRequest(
        context_identifier=account.context_identifier,
        id=document_id,
        auth_token=token,
        email_notification=kinds.EmailNotification(
            notification_id=notification_id,
            recipients=kinds.ArrayOfEmailNotificationRecipient(
                email_notification_recipient=[receiver]
            ),
        ),
    )
    return kinds.ResendNotification(
        resend_requests=kinds.ArrayOfResendNotificationRequest(
            resend_notification_request=[request]
        )
    )


def view_history(
    account: AssureSignSettings, document: Handle
) -> tuple[types.view_history.ViewHistory, uuid.UUID]:
    """Makes the message of ViewHistory for one document.

    Args:
        account: The account.
        document: The document.

    Returns:
        The message, and the identifier of the document.

    Raises:
        InvalidRequest: The document is no handle.
    """
    document_id, token = keys_of(document, "document", "ViewHistory")
    view = types.view_history.DocumentHistoryView(
        context_identifier=account.context_identifier, id=document_id, auth_token=token
    )
    return types.view_history.ViewHistory(
        document_history_views=types.view_history.ArrayOfDocumentHistoryView(
            document_history_view=[view]
        )
    ), document_id


def list_parameters(
    account: AssureSignSettings, template_id: uuid.UUID | str
) -> types.list_parameters.ListParameters:
    """Makes the message of ListParameters.

    Args:
        account: The account and the owner.
        template_id: The template.

    Returns:
        The message.

    Raises:
        InvalidRequest: The template's identifier is no GUID.
    """
    return types.list_parameters.ListParameters(
        parameter_list_query=types.list_parameters.ParameterListQuery(
            context_identifier=account.context_identifier,
            template_id=identifier(template_id, "template_id", "ListParameters"),
            user_name=account.user_name,
        )
    )


def cancel_envelope(
    account: AssureSignSettings, envelope: Handle, remarks: str
) -> types.envelopes.CancelEnvelope:
    """Makes the message of CancelEnvelope.

    Args:
        account: The account.
        envelope: The envelope.
        remarks: Why, for the history.

    Returns:
        The message.

    Raises:
        InvalidRequest: The envelope is no handle.
    """
    envelope_id, token = keys_of(envelope, "envelope", "CancelEnvelope")
    return types.envelopes.CancelEnvelope(
        request=types.envelopes.CancelEnvelopeRequest(
            context_identifier=account.context_identifier,
            envelope_id=envelope_id,
            auth_token=token,
            remarks=remarks,
        )
    )


def _require_documents(documents: Sequence[object], operation: str) -> None:
    if not documents:
        raise InvalidRequest(
            "give at least one document", path="documents", vendor=VENDOR, operation=operation
        )
