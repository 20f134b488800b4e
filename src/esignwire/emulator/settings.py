"""Settings of the emulator."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, get_args

from pydantic import TypeAdapter, ValidationError

from esignwire.emulator._wire import XmlLimits
from esignwire.emulator.accounts import Accounts
from esignwire.errors import ConfigurationError

__all__ = [
    "AuditReportPlace",
    "DocumentTrakDesign",
    "EmulatorSettings",
    "PendingForm",
    "TokenRefusal",
    "load_designs",
]

PendingForm = Literal["empty", "warning"]
TokenRefusal = Literal["null_body", "null_return_value", "error_text", "http_401"]
AuditReportPlace = Literal["inside", "beside"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentTrakDesign:
    """A design of AssureSign's DocumentTRAK, as an administrator sets it up.

    Args:
        event: The event that it is assigned to, as NotificationTimingType spells it.
        url: Where the notification goes. It may hold a secret, so that no representation shows it.
        body: What it carries; names in square brackets give way to values.
        expected: What the body of the answer must hold.
    """

    event: str
    url: str = field(repr=False)
    body: str = field(repr=False)
    expected: str | None = None


def load_designs(path: Path) -> tuple[DocumentTrakDesign, ...]:
    """Read designs from a JSON file: a list of objects with the members of a design.

    Args:
        path: The file.

    Returns:
        The designs.

    Raises:
        ConfigurationError: It cannot be read, or holds something else.
    """
    try:
        found = TypeAdapter(tuple[DocumentTrakDesign, ...]).validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(f"The file {path} cannot be read: {error.strerror}.") from error
    except ValidationError:
        # The cause is left out on purpose: it quotes the file.
        raise ConfigurationError(
            f"The file {path} is no JSON list of designs: event, url, body and perhaps expected."
        ) from None
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class EmulatorSettings:
    """How the emulator behaves where the vendors differ or leave things open.

    Args:
        accounts: The accounts that may use it. By default any, with any template.
        schemas: The directory that holds ``assuresign``, ``signix`` and ``constellation1``; by
            default the schemas that come with the package.
        seed: Makes every identifier and token predictable: the same seed and the same calls in the
            same order give the same ones. By default they are random.
        pending_lookups: AssureSign: how many lookups find a session still pending.
        pending_form: AssureSign: what a pending session answers, which is not documented: a
            result without content, or one with an exception of severity Warning.
        audit_report_place: SIGNiX: whether DownloadDocument's audit report and certificate stand
            inside ``Data`` or beside it; both have been seen described.
        early_starts: Constellation1: how many times StartSession is told that the anchor tags of
            a session are not processed yet.
        token_refusal: Constellation1: what an expired or unknown token is answered with. The
            vendor only says that "null" is returned.
        token_uses: Constellation1: how many calls a token serves.
        token_seconds: Constellation1: how many seconds a token lives.
        max_request_bytes: The largest body that is read. Bodies and documents beyond 1 MiB lie in
            temporary files.
        max_message_bytes: The most bytes of a message that are held in memory: of XML without the
            documents in it, or of JSON.
        read_seconds: How many seconds the body of a request may take to arrive.
        xml_limits: How much XML is too much.
        signix_notify_url: SIGNiX: where notifications of transactions go that name no address.
        constellation1_webhook_url: Constellation1: where webhooks go.
        designs: AssureSign: the designs of DocumentTRAK, for all accounts.
        notifies_elsewhere: Whether notifications leave this machine. By default they go to
            loopback only.
        notification_attempts: How often a notification is sent that is not received.
        notification_seconds: How many seconds lie between two attempts.
        notification_copies: How many times each notification is sent, as if its receipt had been
            lost.
        is_control_public: Whether the control addresses answer callers from other machines.
        state_file: One SQLite file that keeps the state, so that it outlives the emulator; made
            where it is missing. One emulator uses it at a time.
    """

    accounts: Accounts = field(default_factory=Accounts)
    schemas: Path | None = None
    seed: str | None = None
    pending_lookups: int = 1
    pending_form: PendingForm = "empty"
    audit_report_place: AuditReportPlace = "inside"
    early_starts: int = 1
    token_refusal: TokenRefusal = "null_body"  # noqa: S105  # no secret
    token_uses: int = 1
    token_seconds: float = 60.0
    max_request_bytes: int = 1024 * 1024 * 1024
    max_message_bytes: int = 64 * 1024 * 1024
    read_seconds: float = 300.0
    xml_limits: XmlLimits = field(default_factory=XmlLimits)
    signix_notify_url: str | None = field(default=None, repr=False)
    constellation1_webhook_url: str | None = field(default=None, repr=False)
    designs: tuple[DocumentTrakDesign, ...] = ()
    notifies_elsewhere: bool = False
    notification_attempts: int = 3
    notification_seconds: float = 1.0
    notification_copies: int = 1
    is_control_public: bool = False
    state_file: Path | None = None

    def __post_init__(self) -> None:
        for name, choices in (
            ("pending_form", get_args(PendingForm)),
            ("audit_report_place", get_args(AuditReportPlace)),
            ("token_refusal", get_args(TokenRefusal)),
        ):
            if getattr(self, name) not in choices:
                known = ", ".join(choices)
                raise ConfigurationError(f"EmulatorSettings.{name} must be one of {known}.")
        for name, least in (
            ("pending_lookups", 0),
            ("early_starts", 0),
            ("token_uses", 1),
            ("notification_attempts", 1),
            ("notification_copies", 1),
            ("max_request_bytes", 1),
            ("max_message_bytes", 1),
        ):
            value: int = getattr(self, name)
            if value < least:
                raise ConfigurationError(f"EmulatorSettings.{name} must be {least} or more.")
        for name in ("token_seconds", "read_seconds", "notification_seconds"):
            seconds: float = getattr(self, name)
            if not 0 < seconds <= 86_400:
                raise ConfigurationError(
                    f"EmulatorSettings.{name} must be more than 0 and at most 86400 seconds."
                )
