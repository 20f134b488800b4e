"""State of Constellation1: signing sessions, users and tokens, as plain records."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import TypeVar
from uuid import UUID

from esignwire.emulator.accounts import Constellation1Account
from esignwire.emulator.shared import NotPossible

__all__ = [
    "ENDED",
    "Constellation1State",
    "LogEntry",
    "SessionSigner",
    "SessionStatus",
    "SignerStatus",
    "SigningSession",
    "Token",
    "User",
    "keep",
]

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

_MOST_RECORDS = 10_000
_NOT_SEQUENTIAL = 0
_SUSPENDED = 2


class SessionStatus(IntEnum):
    """Where a signing session stands, by the numbers of the vendor's SessionStatusType."""

    IN_DRAFT = 1
    IN_SENT = 2
    COMPLETED = 3
    CANCELLED = 4
    DELETED = 5
    IN_PAUSED = 6
    EXPIRED = 7
    PURGED = 8
    ARCHIVED = 9


class SignerStatus(IntEnum):
    """Where a signer stands, by the numbers of the vendor's web hook."""

    PENDING_INVITE = 1
    INVITED = 2
    IN_PROGRESS = 3
    COMPLETED = 4
    CANCELLED = 5
    DECLINED = 6
    DELEGATED = 7
    AUTHENTICATION_FAILED = 8


ENDED = frozenset(SessionStatus) - {
    SessionStatus.IN_DRAFT,
    SessionStatus.IN_SENT,
    SessionStatus.IN_PAUSED,
}
"""Where a session cannot be changed any more."""

_WAITING = frozenset({SignerStatus.PENDING_INVITE, SignerStatus.INVITED, SignerStatus.IN_PROGRESS})


@dataclass(slots=True, kw_only=True)
class LogEntry:
    """One thing that was done with a session."""

    date: datetime
    address: str
    description: str


@dataclass(slots=True, kw_only=True)
class SessionSigner:
    """A signer of a session: what was sent of them, without secrets, and where they stand."""

    id: UUID
    members: dict[str, object] = field(repr=False)
    status: SignerStatus = SignerStatus.PENDING_INVITE
    declined_reason: str | None = None
    uploads: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    @property
    def is_waiting(self) -> bool:
        """Whether the signer may still sign."""
        return self.status in _WAITING


@dataclass(slots=True, kw_only=True)
class SigningSession:
    """A signing session."""

    id: UUID
    account: str
    user_name: str
    created: datetime
    information: dict[str, object] = field(repr=False)
    documents: list[dict[str, object]] = field(repr=False)
    signers: list[SessionSigner] = field(repr=False)
    document_bytes: int = 0
    status: SessionStatus = SessionStatus.IN_DRAFT
    early_starts: int = 0
    expires: datetime | None = None
    purges: datetime | None = None
    return_url: str | None = field(default=None, repr=False)
    log: list[LogEntry] = field(default_factory=list[LogEntry], repr=False)

    def note(self, now: datetime, description: str, address: str = "127.0.0.1") -> None:
        """Add to what was done."""
        self.log.append(LogEntry(date=now, address=address, description=description))

    def pass_time(self, now: datetime) -> None:
        """Let the session expire, or lose its documents, where its time has come."""
        if self.status is SessionStatus.IN_SENT and self.expires and self.expires <= now:
            self.status = SessionStatus.EXPIRED
            self.note(self.expires, "The session expired.")
        if self.purges is not None and self.purges <= now:
            self.purge(self.purges)

    def purge(self, now: datetime) -> None:
        """Remove the documents."""
        self.documents.clear()
        self.purges = None
        self.status = SessionStatus.PURGED
        self.note(now, "The documents were purged.")

    def invite(self) -> None:
        """Invite those whose turn it is, where the session wants invitations."""
        sequence = self.information.get("UseSequence", _NOT_SEQUENTIAL)
        if self.information.get("SendSignerInvites") is False or sequence == _SUSPENDED:
            return
        waiting = [signer for signer in self.signers if signer.is_waiting]
        for signer in waiting if sequence == _NOT_SEQUENTIAL else waiting[:1]:
            if signer.status is SignerStatus.PENDING_INVITE:
                signer.status = SignerStatus.INVITED

    def end_signers(self) -> None:
        """Let those who have not signed be too late."""
        for signer in self.signers:
            if signer.is_waiting:
                signer.status = SignerStatus.CANCELLED

    def sign(self, now: datetime) -> None:
        """Let the next signer sign; the last one completes the session.

        A signer who must upload documents (``MandateDocUpload``) uploads one.
        """
        signer = self._next(now)
        signer.status = SignerStatus.COMPLETED
        if signer.members.get("MandateDocUpload") is True:
            signer.uploads.append({"Title": "Upload", "FileName": "upload.pdf", "Size": 1024})
        self.note(now, f"{self._named(signer)} signed.")
        if all(one.status is SignerStatus.COMPLETED for one in self.signers):
            self.status = SessionStatus.COMPLETED
            self.note(now, "The session was completed.")
        else:
            self.invite()

    def complete(self, now: datetime) -> None:
        """Let all signers sign that have not signed yet."""
        self._next(now)
        if any(signer.status is SignerStatus.DECLINED for signer in self.signers):
            raise NotPossible("A signer declined, so that the session cannot be completed.")
        while self.status is SessionStatus.IN_SENT:
            self.sign(now)

    def decline(self, now: datetime) -> None:
        """Let the next signer decline. The session stays as it is: no status is known for it."""
        signer = self._next(now)
        signer.status = SignerStatus.DECLINED
        signer.declined_reason = "The signer declined to sign."
        self.note(now, f"{self._named(signer)} declined.")

    def expire(self, now: datetime) -> None:
        """Let the session pass the date of its expiry."""
        self._check_sent(now)
        self.status = SessionStatus.EXPIRED
        self.note(now, "The session expired.")

    def archive(self, now: datetime) -> None:
        """Move a session that has ended to the archive; no call of the vendor's does it."""
        self.pass_time(now)
        if self.status not in {
            SessionStatus.COMPLETED,
            SessionStatus.CANCELLED,
            SessionStatus.EXPIRED,
        }:
            raise NotPossible("The session has not ended, so that it cannot be archived.")
        self.status = SessionStatus.ARCHIVED
        self.note(now, "The session was archived.")

    def _check_sent(self, now: datetime) -> None:
        self.pass_time(now)
        if self.status is not SessionStatus.IN_SENT:
            raise NotPossible("The session is not under way.")

    def _next(self, now: datetime) -> SessionSigner:
        self._check_sent(now)
        signer = next((one for one in self.signers if one.is_waiting), None)
        if signer is None:
            raise NotPossible("No signer of the session is left who could sign.")
        return signer

    def _named(self, signer: SessionSigner) -> str:
        return str(signer.members.get("EmailAddress", signer.id))


@dataclass(slots=True, kw_only=True)
class User:
    """A user; ``password`` is ``None`` where any is taken."""

    id: str
    account: str
    name: str
    members: dict[str, object] = field(repr=False)
    password: str | None = field(default=None, repr=False)
    is_active: bool = True
    role: str = "User"


@dataclass(slots=True, kw_only=True)
class Token:
    """A token that was handed out and is not used up."""

    account: Constellation1Account
    uses: int
    expires: datetime


@dataclass(slots=True)
class Constellation1State:
    """All sessions by their ids, all users and tokens, and the encrypted texts."""

    sessions: dict[UUID, SigningSession] = field(default_factory=dict[UUID, SigningSession])
    # By account and e-mail address in lower case.
    users: dict[tuple[str, str], User] = field(default_factory=dict[tuple[str, str], User])
    # The session of each signer, by the signer's id.
    signers: dict[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    tokens: dict[str, Token] = field(default_factory=dict[str, Token], repr=False)
    # What EncryptString was given, by its answer and the salt.
    encrypted: dict[tuple[str, str], str] = field(
        default_factory=dict[tuple[str, str], str], repr=False
    )

    def clear(self) -> None:
        """Forget everything."""
        self.sessions.clear()
        self.users.clear()
        self.signers.clear()
        self.tokens.clear()
        self.encrypted.clear()

    def summary(self) -> dict[str, object]:
        """Describe the state without tokens, keys, passwords and documents."""
        return {
            "sessions": [
                {
                    "id": str(session.id),
                    "user_name": session.user_name,
                    "title": session.information.get("Title"),
                    "status": int(session.status),
                    "return_url": session.return_url,
                    "signers": [
                        {"id": str(signer.id), "status": int(signer.status)}
                        for signer in session.signers
                    ],
                }
                for session in self.sessions.values()
            ],
            "users": [
                {
                    "id": user.id,
                    "user_name": user.name,
                    "is_active": user.is_active,
                    "role": user.role,
                }
                for user in self.users.values()
            ],
            "tokens": len(self.tokens),
        }


def keep(records: dict[_Key, _Value], key: _Key, value: _Value) -> None:
    """Keep a record; the oldest ones make room for it."""
    while len(records) >= _MOST_RECORDS:
        del records[next(iter(records))]
    records[key] = value
