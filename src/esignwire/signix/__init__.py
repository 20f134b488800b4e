"""SIGNiX FlexAPI: XML with JSON inside.

::

    async with AsyncSignix.from_environment() as signix:
        transaction = await signix.submit(
            "Agreement",
            parties=[Party("tenant", "Pat", "Example", "pat@example.com")],
            forms=[Form(Path("lease.pdf"), fields=[Field.signature("tenant", at="Sign here:")])],
            submitter_email="owner@example.com",
        )
        link = await transaction.signing_link("tenant")

``Signix`` is the same without asyncio.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._lazy import later as _later

if TYPE_CHECKING:
    from esignwire._http import HttpSettings
    from esignwire.signix._raw import RawAnswer
    from esignwire.signix.async_client import AsyncSignix
    from esignwire.signix.async_transaction import AsyncTransaction
    from esignwire.signix.commands import (
        Command,
        EmailAddress,
        EmailAddressTable,
        EmailChange,
        MobileNumberChange,
        PhoneNumber,
        PhoneTable,
        RawCommand,
        TransactionCancel,
        TransactionResume,
        TransactionRole,
        TransactionSaveDeltas,
        TransactionSendPartyEmail,
        TransactionSuspend,
        TransactionUpdateRole,
        TxRoleAddressee,
        parse_command,
    )
    from esignwire.signix.downloads import Download
    from esignwire.signix.forms import form_of
    from esignwire.signix.models import (
        ClientPreference,
        Field,
        Form,
        Party,
        PdfField,
        Service,
        TextTag,
    )
    from esignwire.signix.notifications import Notification, PushAction, notification
    from esignwire.signix.outcomes import (
        Failed,
        NotRun,
        Outcome,
        Reply,
        RolledBack,
        SingleOutcome,
        Succeeded,
        TransactionWarning,
        require_succeeded,
    )
    from esignwire.signix.settings import PRODUCTION_URL, TEST_URL
    from esignwire_generated.signix.sync_client import Signix
    from esignwire_generated.signix.sync_transaction import Transaction

__all__ = [
    "PRODUCTION_URL",
    "TEST_URL",
    "AsyncSignix",
    "AsyncTransaction",
    "ClientPreference",
    "Command",
    "Download",
    "EmailAddress",
    "EmailAddressTable",
    "EmailChange",
    "Failed",
    "Field",
    "Form",
    "HttpSettings",
    "MobileNumberChange",
    "NotRun",
    "Notification",
    "Outcome",
    "Party",
    "PdfField",
    "PhoneNumber",
    "PhoneTable",
    "PushAction",
    "RawAnswer",
    "RawCommand",
    "Reply",
    "RolledBack",
    "Service",
    "Signix",
    "SingleOutcome",
    "Succeeded",
    "TextTag",
    "Transaction",
    "TransactionCancel",
    "TransactionResume",
    "TransactionRole",
    "TransactionSaveDeltas",
    "TransactionSendPartyEmail",
    "TransactionSuspend",
    "TransactionUpdateRole",
    "TransactionWarning",
    "TxRoleAddressee",
    "form_of",
    "notification",
    "parse_command",
    "require_succeeded",
]

if not TYPE_CHECKING:
    # A program that makes sync calls needs neither the async client nor the messages of operations
    # that it never calls.
    __getattr__ = _later(
        __name__,
        {
            "esignwire._http": "HttpSettings",
            "esignwire.signix._raw": "RawAnswer",
            "esignwire.signix.async_client": "AsyncSignix",
            "esignwire.signix.async_transaction": "AsyncTransaction",
            "esignwire.signix.commands": (
                "Command EmailAddress EmailAddressTable EmailChange MobileNumberChange "
                "PhoneNumber PhoneTable RawCommand TransactionCancel TransactionResume "
                "TransactionRole TransactionSaveDeltas TransactionSendPartyEmail "
                "TransactionSuspend TransactionUpdateRole TxRoleAddressee parse_command"
            ),
            "esignwire.signix.downloads": "Download",
            "esignwire.signix.forms": "form_of",
            "esignwire.signix.models": (
                "ClientPreference Field Form Party PdfField Service TextTag"
            ),
            "esignwire.signix.notifications": "Notification PushAction notification",
            "esignwire.signix.outcomes": (
                "Failed NotRun Outcome Reply RolledBack SingleOutcome Succeeded "
                "TransactionWarning require_succeeded"
            ),
            "esignwire.signix.settings": "PRODUCTION_URL TEST_URL",
            "esignwire_generated.signix.sync_client": "Signix",
            "esignwire_generated.signix.sync_transaction": "Transaction",
        },
    )

    def __dir__() -> list[str]:
        return sorted({*globals(), *__all__})
