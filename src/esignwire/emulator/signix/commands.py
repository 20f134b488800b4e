"""Commands of SIGNiX in JSON, which SubmitAjax runs on a transaction.

The commands and the texts of the warnings are the vendor's. What it answers in JSON is not
published, so the answer is the emulator's own and as plain as can be::

    {"objectType": "Status", "statusCode": 0, "statusMessage": "success"}

with 0 for success, 1 for success with warning and 2 for an error.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import cast

from esignwire.emulator.signix.state import Member, PickupEmail, Transaction, TransactionStatus

__all__ = ["ERROR", "PLAYERS", "SUCCESS", "WARNING", "Outcome", "run"]

SUCCESS = 0
WARNING = 1
ERROR = 2

_SUSPEND_WARNINGS = {
    TransactionStatus.SUSPENDED: (
        "This transaction has already been suspended and cannot be suspended again."
    ),
    TransactionStatus.COMPLETE: (
        "This transaction has already been completed and cannot be suspended."
    ),
}
_RESUME_WARNINGS = {
    TransactionStatus.COMPLETE: (
        "This transaction has already been completed and cannot be resumed."
    ),
}
_CANCEL_WARNINGS = {
    TransactionStatus.EXPIRED: "This transaction has expired and cannot be cancelled.",
    TransactionStatus.CANCELLED: "This transaction has cancelled and cannot be cancelled.",
    TransactionStatus.COMPLETE: (
        "This transaction has already been completed and cannot be cancelled."
    ),
}
# The vendor prints these two sentences for a cancel alone. That they hold for suspend and resume as
# well, which nothing can bring about any more, is inferred.
_ENDED = {
    TransactionStatus.CANCELLED: "This transaction has cancelled",
    TransactionStatus.EXPIRED: "This transaction has expired",
}
_MOBILE_DIGITS = 10


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a command ended: 0, 1 or 2, and what there is to say."""

    code: int = SUCCESS
    message: str = "success"

    def json(self) -> str:
        """Write the outcome as the emulator's JSON."""
        return json.dumps(
            {"objectType": "Status", "statusCode": self.code, "statusMessage": self.message}
        )


_Player = Callable[[Mapping[str, object], Transaction, datetime], Outcome]


class _Refused(Exception):
    """A command cannot be run; the message says why."""


def run(text: str, transaction: Transaction, now: datetime) -> Outcome:
    """Run a command; however the text looks, it raises nothing.

    A refused command may leave the transaction half changed, so that the caller rolls it back.
    """
    try:
        document: object = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return Outcome(ERROR, "The request is not JSON.")
    try:
        command = _object(document, "The request")
        return _player(command.get("objectType"))(command, transaction, now)
    except _Refused as refusal:
        return Outcome(ERROR, str(refusal))


def _player(kind: object) -> _Player:
    play = PLAYERS.get(kind) if isinstance(kind, str) else None
    if play is None:
        raise _Refused("The objectType is none that can be run.")
    return play


def _refuse_constant(name: str) -> object:
    raise ValueError(name)


def _object(value: object, what: str, kind: str | None = None) -> Mapping[str, object]:
    if not isinstance(value, dict):
        raise _Refused(f"{what} is not a JSON object.")
    found = cast("dict[str, object]", value)
    if kind is not None and found.get("objectType") != kind:
        raise _Refused(f"The objectType of {what} is not {kind}.")
    return found


def _list(value: object, what: str) -> list[object]:
    if not isinstance(value, list) or not value:
        raise _Refused(f"{what} is not a list with something in it.")
    return cast("list[object]", value)


def _text(holder: Mapping[str, object], name: str) -> str:
    value = holder.get(name, "")
    if not isinstance(value, str):
        raise _Refused(f"{name} is not a text.")
    return value


def _member(transaction: Transaction, ref_id: object) -> Member:
    member = transaction.member(ref_id) if isinstance(ref_id, str) else None
    if member is None:
        raise _Refused("The transaction has no party with this RefID.")
    return member


def _suspend(command: Mapping[str, object], transaction: Transaction, now: datetime) -> Outcome:  # noqa: ARG001  # it has no parameters
    if transaction.status in _SUSPEND_WARNINGS:
        return Outcome(WARNING, _SUSPEND_WARNINGS[transaction.status])
    if transaction.status is not TransactionStatus.IN_PROGRESS:
        raise _Refused(f"{_ENDED[transaction.status]} and cannot be suspended.")
    transaction.become(TransactionStatus.SUSPENDED, now)
    return Outcome()


def _resume(command: Mapping[str, object], transaction: Transaction, now: datetime) -> Outcome:  # noqa: ARG001  # it has no parameters
    if transaction.status in _RESUME_WARNINGS:
        return Outcome(WARNING, _RESUME_WARNINGS[transaction.status])
    if transaction.status in _ENDED:
        raise _Refused(f"{_ENDED[transaction.status]} and cannot be resumed.")
    if transaction.status is not TransactionStatus.SUSPENDED:
        raise _Refused(f"The transaction cannot be resumed: it is {transaction.status}.")
    transaction.become(TransactionStatus.IN_PROGRESS, now)
    return Outcome()


def _cancel(command: Mapping[str, object], transaction: Transaction, now: datetime) -> Outcome:  # noqa: ARG001  # it has no parameters
    if transaction.status in _CANCEL_WARNINGS:
        return Outcome(WARNING, _CANCEL_WARNINGS[transaction.status])
    transaction.become(TransactionStatus.CANCELLED, now)
    return Outcome()


def _save_deltas(
    command: Mapping[str, object],
    transaction: Transaction,
    now: datetime,  # noqa: ARG001  # a delta leaves no trace in the history
) -> Outcome:
    if not transaction.is_open:
        raise _Refused(f"The transaction cannot be changed: it is {transaction.status}.")
    changes: list[Callable[[], None]] = []
    for item in _list(command.get("deltas"), "deltas"):
        delta = _object(item, "A delta", "Transaction_UpdateRole")
        role = _object(delta.get("role"), "role", "TransactionRole")
        member = _member(transaction, role.get("id"))
        party = _object(role.get("party"), "party", "PersonData")
        if "emailAddressTable" in party:
            changes += _email_changes(member, party["emailAddressTable"])
        if "phoneTable" in party:
            changes += _phone_changes(member, party["phoneTable"])
    if len(changes) != 1:
        raise _Refused(
            "One request changes one element of one party, either an e-mail address or a phone"
            f" number; this one changes {len(changes)}."
        )
    changes[0]()
    return Outcome()


def _email_changes(member: Member, table: object) -> list[Callable[[], None]]:
    changes: list[Callable[[], None]] = []
    for item in _object(table, "emailAddressTable").values():
        address = _text(_object(item, "An e-mail address", "EmailAddress"), "address")
        local, at, domain = address.partition("@")
        if not (local and at and domain) or any(character.isspace() for character in address):
            raise _Refused("The address is no e-mail address.")
        changes.append(partial(setattr, member, "email", address))
    return changes


def _phone_changes(member: Member, table: object) -> list[Callable[[], None]]:
    changes: list[Callable[[], None]] = []
    for item in _object(table, "phoneTable").values():
        number = _text(_object(item, "A phone number", "PhoneNumber"), "number")
        if len(number) != _MOBILE_DIGITS or not (number.isascii() and number.isdigit()):
            raise _Refused(f"The number does not have {_MOBILE_DIGITS} digits.")
        changes.append(partial(setattr, member, "mobile_number", number))
    return changes


def _send_party_email(
    command: Mapping[str, object],
    transaction: Transaction,
    now: datetime,  # noqa: ARG001  # the e-mails are kept in order, without a date
) -> Outcome:
    if transaction.status is not TransactionStatus.IN_PROGRESS:
        raise _Refused(f"No e-mail can be sent: the transaction is {transaction.status}.")
    for item in _list(command.get("to"), "to"):
        addressee = _object(item, "An addressee", "TxRoleAddressee")
        member = _member(transaction, addressee.get("Id"))
        transaction.emails.append(
            PickupEmail(
                ref_id=member.ref_id or "",
                email=_text(addressee, "emailAddress") or member.email,
                subject=_text(command, "subject"),
                message=_text(command, "message"),
                includes_link=command.get("includeLink") is True,
            )
        )
    return Outcome()


PLAYERS: dict[str, _Player] = {
    "Transaction_Cancel": _cancel,
    "Transaction_Resume": _resume,
    "Transaction_SaveDeltas": _save_deltas,
    "Transaction_SendPartyEmail": _send_party_email,
    "Transaction_Suspend": _suspend,
}
"""What plays each command."""
