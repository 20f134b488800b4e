"""State of Constellation1: signing sessions and tokens."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from uuid import UUID

from esignwire.emulator.accounts import Constellation1Account

__all__ = ["Constellation1State", "SessionStatus", "SigningSession", "Token"]


class SessionStatus(IntEnum):
    """Where a signing session stands, by the numbers of the vendor's SessionStatusType."""

    IN_DRAFT = 1
    IN_SENT = 2
    COMPLETED = 3
    CANCELLED = 4
    DELETED = 5
    IN_PAUSED = 6
    EXPIRED = 7


@dataclass(slots=True, kw_only=True)
class SigningSession:
    """A signing session."""

    id: UUID
    user_name: str
    information: dict[str, object] = field(repr=False)
    documents: list[dict[str, object]] = field(repr=False)
    signers: list[dict[str, object]] = field(repr=False)
    status: SessionStatus = SessionStatus.IN_DRAFT
    early_starts: int
    return_url: str | None = field(default=None, repr=False)


@dataclass(slots=True, kw_only=True)
class Token:
    """A token that was handed out and is not used up."""

    account: Constellation1Account
    uses: int
    expires: datetime


@dataclass(slots=True)
class Constellation1State:
    """All sessions by their ids, all tokens, and the encrypted texts."""

    sessions: dict[UUID, SigningSession] = field(default_factory=dict[UUID, SigningSession])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token], repr=False)
    # What EncryptString was given, by its answer and the salt.
    encrypted: dict[tuple[str, str], str] = field(
        default_factory=dict[tuple[str, str], str], repr=False
    )

    def clear(self) -> None:
        """Forget all sessions and tokens."""
        self.sessions.clear()
        self.tokens.clear()
        self.encrypted.clear()

    def summary(self) -> dict[str, object]:
        """Describe the state without tokens, keys and documents."""
        return {
            "sessions": [
                {
                    "id": str(session.id),
                    "user_name": session.user_name,
                    "title": session.information.get("Title"),
                    "status": int(session.status),
                    "return_url": session.return_url,
                }
                for session in self.sessions.values()
            ],
            "tokens": len(self.tokens),
        }
