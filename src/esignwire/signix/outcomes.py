"""Outcomes of the commands of a SubmitAjax call, as types rather than as numbers.

In the multi form all commands are saved or none is, so that "answered with success" and
"succeeded" are not the same: what stands before a failure was rolled back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeAlias, cast

from pydantic import JsonValue

from esignwire.errors import InvalidRequest, SignixError
from esignwire.signix.commands import Command
from esignwire.signix.settings import VENDOR

__all__ = [
    "Failed",
    "NotRun",
    "Outcome",
    "Reply",
    "RolledBack",
    "SingleOutcome",
    "Succeeded",
    "TransactionWarning",
    "require_succeeded",
]


class TransactionWarning(StrEnum):
    """What a warning says about the transaction. The vendor gives texts only (documented).

    A warning to a cancel, suspend or resume means that the transaction was left as it was.

    Attributes:
        ALREADY_SUSPENDED: It is suspended already and cannot be suspended again.
        ALREADY_COMPLETED: It is complete and cannot be suspended, resumed or cancelled.
        EXPIRED: It has expired and cannot be cancelled.
        ALREADY_CANCELLED: It was cancelled before and cannot be cancelled.
        OTHER: A warning in words that the vendor's page does not have.
    """

    ALREADY_SUSPENDED = "already suspended"
    ALREADY_COMPLETED = "already completed"
    EXPIRED = "expired"
    ALREADY_CANCELLED = "already cancelled"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the vendor answered to one command. It describes no member of its JSON.

    Attributes:
        raw: The text, as it came.
        is_json: Whether the text is JSON.
        json: The JSON value; ``None`` where the text is not JSON.
    """

    raw: str
    is_json: bool
    json: JsonValue = field(repr=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Succeeded:
    """The command was run, and what it did is saved.

    Attributes:
        command: The command.
        reply: The answer; ``None`` where the vendor sent a status alone.
        warning: What the vendor warns of; ``None`` for success without a warning.
        warning_text: The warning in the vendor's words.
    """

    command: Command
    reply: Reply | None
    warning: TransactionWarning | None = None
    warning_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledBack:
    """The command was answered with success, and nothing of it is saved: a later one failed.

    Attributes:
        command: The command.
        reply: The answer.
    """

    command: Command
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The command was refused. Nothing of it is saved, nor of any other in the same request.

    Attributes:
        command: The command.
        reply: The answer; ``None`` where the vendor sent a status alone.
        code: The vendor's code: in the multi form the ``responseCode``, 2 where the command was
            processed and failed and 100 or more where it was not processed; in the single form
            the ``StatusCode``, which may be 0 although the JSON tells of an error.
        text: What went wrong in the vendor's words: the description of the code, and what the
            answer says; secrets are masked. Where the answer has no words that are known as such,
            it is the answer itself, at most 1,000 characters of it.
        warning: The state of the transaction that stands in the way, where the answer names one.
    """

    command: Command
    reply: Reply | None
    code: int
    text: str | None
    warning: TransactionWarning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRun:
    """The command was not run, because one before it failed.

    Attributes:
        command: The command.
    """

    command: Command


SingleOutcome: TypeAlias = Succeeded | Failed
"""How a command ended that was sent alone."""

Outcome: TypeAlias = Succeeded | RolledBack | Failed | NotRun
"""How a command ended that was sent with others."""


def require_succeeded(outcome: Outcome) -> Succeeded:
    """Turns anything but success into an error, for callers who prefer exceptions.

    Args:
        outcome: How a command ended.

    Returns:
        The same outcome. It may carry a warning.

    Raises:
        SignixError: The command failed, was rolled back or was not run.
        InvalidRequest: It is no outcome; ``run_all`` returns several.
    """
    given = cast("object", outcome)
    if not isinstance(given, Succeeded | RolledBack | Failed | NotRun):
        raise InvalidRequest(
            f"outcome must be the outcome of one command, and an object of type"
            f" {type(given).__name__} came: run_all returns several, so give each of them",
            path="outcome",
            rule="must be the outcome of one command",
            vendor=VENDOR,
        )
    name = outcome.command.object_type
    match outcome:
        case Succeeded():
            return outcome
        case Failed():
            said = f": {outcome.text}" if outcome.text else ""
            raise SignixError(
                f"{name} failed{said}; nothing was saved",
                vendor=VENDOR,
                operation="SubmitAjax",
                vendor_code=str(outcome.code),
                vendor_text=outcome.text,
            )
        case RolledBack():
            what = f"{name} was rolled back, because a later command failed"
        case NotRun():
            what = f"{name} was not run, because an earlier command failed"
    raise SignixError(f"{what}; send it again", vendor=VENDOR, operation="SubmitAjax")
