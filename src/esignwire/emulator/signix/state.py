"""State of SIGNiX: transactions, and how they change."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from esignwire.emulator._wire import Blob
from esignwire.emulator.shared import NotPossible

__all__ = [
    "Checkpoint",
    "Form",
    "Member",
    "PickupEmail",
    "SignixState",
    "Transaction",
    "TransactionStatus",
]


class TransactionStatus(StrEnum):
    """Where a transaction stands. The vendor names the states; the spelling here is ours."""

    IN_PROGRESS = "InProgress"
    SUSPENDED = "Suspended"
    COMPLETE = "Complete"
    CANCELLED = "Cancelled"
    EXPIRED = "Expired"


_OPEN = frozenset({TransactionStatus.IN_PROGRESS, TransactionStatus.SUSPENDED})


@dataclass(slots=True, kw_only=True)
class Member:
    """A party of a transaction; its place in the list is its member number less one."""

    ref_id: str | None
    email: str
    mobile_number: str | None
    has_signed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """A document of a transaction."""

    ref_id: str
    description: str
    file_name: str
    mime_type: str
    content: Blob


@dataclass(frozen=True, slots=True, kw_only=True)
class PickupEmail:
    """A pick-up e-mail that was sent again. An empty subject or message is the standard one."""

    ref_id: str
    email: str
    subject: str
    message: str
    includes_link: bool


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a batch of commands can change, as it was before the batch."""

    status: TransactionStatus
    members: tuple[tuple[str, str | None], ...]
    history: int
    emails: int


@dataclass(slots=True, kw_only=True)
class Transaction:
    """A document set and its parties."""

    document_set_id: str
    transaction_id: str
    description: str
    status: TransactionStatus
    members: list[Member]
    forms: tuple[Form, ...]
    history: list[tuple[datetime, str]]
    preferences: dict[str, str] = field(default_factory=dict[str, str])
    emails: list[PickupEmail] = field(default_factory=list[PickupEmail])
    is_download_confirmed: bool = False

    @property
    def is_open(self) -> bool:
        """Whether the transaction is running or suspended."""
        return self.status in _OPEN

    def checkpoint(self) -> Checkpoint:
        """Note where the transaction stands; the lengths of its lists, which only grow."""
        return Checkpoint(
            self.status,
            tuple((member.email, member.mobile_number) for member in self.members),
            len(self.history),
            len(self.emails),
        )

    def roll_back(self, checkpoint: Checkpoint) -> None:
        """Undo what commands have changed since a checkpoint."""
        self.status = checkpoint.status
        for member, (email, mobile_number) in zip(self.members, checkpoint.members, strict=True):
            member.email, member.mobile_number = email, mobile_number
        del self.history[checkpoint.history :]
        del self.emails[checkpoint.emails :]

    def member(self, ref_id: str) -> Member | None:
        """Find a party by its RefID."""
        return next((member for member in self.members if member.ref_id == ref_id), None)

    def become(self, status: TransactionStatus, now: datetime) -> None:
        """Change where the transaction stands."""
        self.status = status
        self.history.append((now, str(status)))

    def sign(self, now: datetime) -> None:
        """Let the next party sign; the last one completes the transaction."""
        self._check_running("signed")
        waiting = [member for member in self.members if not member.has_signed]
        waiting[0].has_signed = True
        self.history.append((now, "PartyComplete"))
        if len(waiting) == 1:
            self.become(TransactionStatus.COMPLETE, now)

    def complete(self, now: datetime) -> None:
        """Let all parties sign that have not signed yet."""
        self._check_running("completed")
        for member in self.members:
            member.has_signed = True
        self.become(TransactionStatus.COMPLETE, now)

    def expire(self, now: datetime) -> None:
        """Let the transaction pass its expiration date."""
        if not self.is_open:
            raise NotPossible(f"The transaction cannot expire: it is {self.status}.")
        self.become(TransactionStatus.EXPIRED, now)

    def _check_running(self, what: str) -> None:
        if self.status is not TransactionStatus.IN_PROGRESS:
            raise NotPossible(f"The transaction cannot be {what}: it is {self.status}.")


@dataclass(slots=True)
class SignixState:
    """All transactions by their DocumentSetIDs, and these by the TransactionIDs."""

    transactions: dict[str, Transaction] = field(default_factory=dict[str, Transaction])
    document_sets: dict[str, str] = field(default_factory=dict[str, str])

    def clear(self) -> None:
        """Forget all transactions."""
        self.transactions.clear()
        self.document_sets.clear()

    def add(self, transaction: Transaction) -> None:
        """Keep a transaction, whose TransactionID no other has."""
        self.transactions[transaction.document_set_id] = transaction
        self.document_sets[transaction.transaction_id] = transaction.document_set_id

    def find(self, identifier: str) -> Transaction | None:
        """Find a transaction by its DocumentSetID or its TransactionID."""
        found = self.transactions.get(identifier)
        return found or self.by_transaction_id(identifier)

    def by_transaction_id(self, transaction_id: str) -> Transaction | None:
        """Find a transaction by the identifier that its submitter chose."""
        return self.transactions.get(self.document_sets.get(transaction_id, ""))

    def summary(self) -> dict[str, object]:
        """Describe the state without personal numbers and documents."""
        return {
            "transactions": [
                {
                    "document_set_id": transaction.document_set_id,
                    "transaction_id": transaction.transaction_id,
                    "description": transaction.description,
                    "status": transaction.status.value,
                    "is_download_confirmed": transaction.is_download_confirmed,
                    "preferences": transaction.preferences,
                    "members": [
                        {
                            "ref_id": member.ref_id,
                            "email": member.email,
                            "mobile_number": member.mobile_number,
                            "has_signed": member.has_signed,
                        }
                        for member in transaction.members
                    ],
                    "emails": [
                        {
                            "ref_id": email.ref_id,
                            "email": email.email,
                            "subject": email.subject,
                            "message": email.message,
                            "includes_link": email.includes_link,
                        }
                        for email in transaction.emails
                    ],
                }
                for transaction in self.transactions.values()
            ]
        }
