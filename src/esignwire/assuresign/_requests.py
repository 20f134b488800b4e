"""Messages to AssureSign, made of what a caller gave, for the async client and its sync twin."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Literal, cast

from esignwire._codec import Given, Handle, name_of_kind
from esignwire.assuresign.models import DocumentReference, DownloadKind
from esignwire.assuresign.outcomes import Session
from esignwire.assuresign.settings import VENDOR, AssureSignSettings
from esignwire.errors import InvalidRequest, OutcomeUnknown
from esignwire_generated.assuresign import types

__all__ = [
    "cancel_envelope",
    "check_status",
    "close_envelope",
    "download",
    "flag",
    "lookup_session",
    "require_address",
    "resolvable",
    "resolved_handle",
    "session_identifier",
]


def lookup_session(
    account: AssureSignSettings, session_id: uuid.UUID
) -> types.lookup_session.LookupSession:
    """Makes the message of LookupSession."""
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

    The token goes with an envelope that is named by its identifier alone.

    Raises:
        InvalidRequest: An identifier is no GUID, or there is no token.
    """
    given = Given(VENDOR, operation)
    if isinstance(envelope, uuid.UUID | str):
        envelope_id = given.identifier(envelope, "envelope_id")
        token = given.identifier(cast("uuid.UUID", auth_token), "auth_token")
    else:
        envelope_id, token = given.handle(envelope, "envelope_id")
        if given.optional_identifier(auth_token, "auth_token") not in {None, token}:
            raise InvalidRequest(
                "auth_token is another than that of the envelope_id, which brings its own; nothing"
                " was sent",
                path="auth_token",
                rule="the token of the envelope",
                vendor=VENDOR,
                operation=operation,
            )
    return types.envelopes.CloseEnvelopeRequest(
        context_identifier=account.context_identifier,
        envelope_id=envelope_id,
        auth_token=token,
    )


def resolvable(error: OutcomeUnknown) -> Literal["envelope", "document"] | None:
    """What a call changed that can be asked for; ``None`` where no operation tells of it."""
    if error.operation in {"CloseEnvelope", "AsyncCloseEnvelope", "CancelEnvelope"}:
        return "envelope"
    return "document" if error.operation in {"Cancel", "Expire"} else None


def resolved_handle(error: OutcomeUnknown, about: Handle | None) -> DocumentReference:
    """Takes the handle of what an unknown outcome is about.

    Raises:
        InvalidRequest: There is none, or it names another thing.
    """
    document_id, token = Given(VENDOR, error.operation).handle(cast("Handle", about), "about")
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
    """Makes the message of CheckStatus, and the identifiers of the documents in their order.

    Raises:
        InvalidRequest: There is no document, or an identifier is no GUID.
    """
    given = Given(VENDOR, "CheckStatus")
    _require_documents(documents, "CheckStatus")
    checks = [
        types.check_status.DocumentStatusCheck(
            context_identifier=account.context_identifier,
            id=document_id,
            auth_token=token,
        )
        for document_id, token in (
            given.handle(one, f"documents[{number}]") for number, one in enumerate(documents)
        )
    ]
    return types.check_status.CheckStatus(
        document_status_checks=types.check_status.ArrayOfDocumentStatusCheck(
            document_status_check=checks
        )
    ), [check.id for check in checks]


def session_identifier(session: Session | uuid.UUID | str) -> uuid.UUID:
    """The identifier of a session.

    Raises:
        InvalidRequest: The identifier is no GUID.
    """
    if isinstance(session, Session):
        return session.id
    return Given(VENDOR, "LookupSession").identifier(session, "session")


def download(
    account: AssureSignSettings, document: Handle, kind: DownloadKind, password: str | None
) -> types.download.Download:
    """Makes the message of Download.

    Raises:
        InvalidRequest: The document is no handle, or there is no such kind.
    """
    document_id, token = Given(VENDOR, "Download").handle(document, "document")
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


def flag(value: bool, name: str) -> bool | None:
    """Takes an argument of GetSigningLinks that is true, or left out of the message.

    Args:
        value: What the caller gave.
        name: The argument.

    Returns:
        ``True``, or ``None``.

    Raises:
        InvalidRequest: It is no ``bool``.
    """
    given = cast("object", value)
    if not isinstance(given, bool):
        rule = f"must be a bool; {name_of_kind(given)} was given"
        raise InvalidRequest(
            f"{name} {rule}; nothing was sent",
            path=name,
            rule="must be a bool",
            vendor=VENDOR,
            operation="GetSigningLinks",
        )
    return value or None


def require_address(address: object) -> None:
    """Refuses what is no e-mail address.

    Raises:
        InvalidRequest: It is no text, or nothing stands in it.
    """
    if not isinstance(address, str) or not address.strip():
        raise InvalidRequest(
            f"address must be an e-mail address; {name_of_kind(address)} was given",
            path="address",
            rule="an e-mail address",
            vendor=VENDOR,
            operation="ResendNotification",
        )


def cancel_envelope(
    account: AssureSignSettings, envelope: Handle, remarks: str
) -> types.envelopes.CancelEnvelope:
    """Makes the message of CancelEnvelope.

    Raises:
        InvalidRequest: The envelope is no handle.
    """
    envelope_id, token = Given(VENDOR, "CancelEnvelope").handle(envelope, "envelope")
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
