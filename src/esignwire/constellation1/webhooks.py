"""Webhooks of Constellation1: a POST of JSON that tells a status that changed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NoReturn, cast
from uuid import UUID

from esignwire._client import Incoming
from esignwire_generated.constellation1.models import (
    SessionStatus,
    SignerStatus,
    WebhookData,
    WebhookType,
)
from esignwire_generated.constellation1.names import VENDOR

__all__ = ["SessionStatusChanged", "SignerStatusChanged", "Webhook", "webhook"]

_INCOMING = Incoming(VENDOR, "webhook", 256 * 1024)


@dataclass(frozen=True, slots=True, kw_only=True)
class Webhook:
    """A status that changed. Nothing proves that Constellation1 says so.

    Attributes:
        session_id: The session.
        type: Whose status it is, as the vendor spells it; empty where that is absent.
        number: The status as a number; ``None`` where it is absent or cannot be read.
        signer_id: The signer, where it is about one.
        new_session_id: Another session; that it is a copy of the first is inferred.
        title: The title of the session.
        declined_reason: Why a signer declined, in the signer's words. No representation shows it.
        others: The members that the schema does not know, and those that cannot be read. No
            representation shows them.
    """

    session_id: UUID
    type: str = ""
    number: int | None = None
    signer_id: UUID | None = None
    new_session_id: UUID | None = None
    title: str | None = None
    declined_reason: str | None = field(default=None, repr=False)
    others: Mapping[str, object] = field(default_factory=dict[str, object], repr=False, hash=False)

    @property
    def key(self) -> str:
        """A digest that is the same for a repeated webhook: of session, signer, type and status."""
        unread = {name.lower(): one for name, one in self.others.items()}
        return _INCOMING.key(
            *(self.session_id, self.new_session_id, self.signer_id, self.type, self.number),
            *(unread.get(name) for name in ("newsigningsessionid", "signerid", "status", "type")),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionStatusChanged(Webhook):
    """The status of a session changed; see ``Webhook``."""

    @property
    def status(self) -> SessionStatus | int | None:
        """The status; a number where the vendor has a new one."""
        number = self.number
        return SessionStatus(number) if number in list(SessionStatus) else number


@dataclass(frozen=True, slots=True, kw_only=True)
class SignerStatusChanged(Webhook):
    """The status of a signer changed; see ``Webhook``."""

    @property
    def status(self) -> SignerStatus | int | None:
        """The status; a number where the vendor has a new one."""
        number = self.number
        return SignerStatus(number) if number in list(SignerStatus) else number


_KINDS: dict[str, type[Webhook]] = {
    WebhookType.SESSION_STATUS.lower(): SessionStatusChanged,
    WebhookType.SIGNER_STATUS.lower(): SignerStatusChanged,
}


def webhook(body: str | bytes) -> Webhook:
    """Reads a webhook of Constellation1's (documented).

    Upper and lower case of names do not count. What cannot be read, or is not known, stands in
    ``others``. A zero GUID is read as none.

    Args:
        body: The body of the request: JSON in UTF-8, at most 256 KiB.

    Returns:
        A ``SessionStatusChanged`` or a ``SignerStatusChanged``; a plain ``Webhook`` where the
        vendor has a new type.

    Raises:
        InvalidNotification: The body is too long or no JSON, or names no session.
    """
    text = _INCOMING.text(body)
    try:
        value: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        # Without the cause, which holds the whole body.
        raise _INCOMING.refused("the body is not well-formed JSON") from None
    if not isinstance(value, dict):
        raise _INCOMING.refused("the body is no JSON object")
    body_members = cast("dict[str, object]", value)
    raw = next((one for name, one in body_members.items() if name.lower() == "data"), None)
    if not isinstance(raw, dict):
        raise _INCOMING.refused("it is missing, or no JSON object", "Data")
    members = cast("dict[str, object]", raw)
    data = WebhookData.model_validate(members)
    if data.signing_session_id is None:
        raise _INCOMING.refused("it is missing, or no GUID", "Data/SigningSessionId")
    kind = str(data.type or "")
    return _KINDS.get(kind.lower(), Webhook)(
        session_id=data.signing_session_id,
        type=kind,
        number=data.status,
        signer_id=data.signer_id,
        new_session_id=data.new_signing_session_id,
        title=data.title,
        declined_reason=data.declined_reason,
        others={name: one for name, one in members.items() if not _is_read(name, one, data)},
    )


def _is_read(name: str, value: object, data: WebhookData) -> bool:
    """Whether the data say all that a member says."""
    for attribute, member in WebhookData.model_fields.items():
        if (member.alias or attribute).lower() == name.lower():
            return value is None or getattr(data, attribute) is not None
    return False


def _refuse_constant(_: str) -> NoReturn:
    raise ValueError("NaN and Infinity are no JSON")
