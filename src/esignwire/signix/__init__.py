"""SIGNiX FlexAPI: XML with JSON inside.

::

    async with AsyncSignix.from_environment() as signix:
        transaction = signix.transaction(document_set_id="...")
        match await transaction.suspend():
            case Succeeded(warning=None):
                ...
            case Succeeded(warning=TransactionWarning.ALREADY_COMPLETED):
                ...
            case Failed(reply=reply):
                ...

:class:`Signix` is the same without asyncio.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from esignwire._http import HttpSettings
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

if TYPE_CHECKING:
    from esignwire.signix.forms import form_of
    from esignwire_generated.signix.sync_client import Signix
    from esignwire_generated.signix.sync_transaction import Transaction

__all__ = [
    "PRODUCTION_URL",
    "TEST_URL",
    "AsyncSignix",
    "AsyncTransaction",
    "Command",
    "Download",
    "EmailAddress",
    "EmailAddressTable",
    "EmailChange",
    "Failed",
    "HttpSettings",
    "MobileNumberChange",
    "NotRun",
    "Outcome",
    "PhoneNumber",
    "PhoneTable",
    "RawCommand",
    "Reply",
    "RolledBack",
    "Signix",
    "SingleOutcome",
    "Succeeded",
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
    "parse_command",
    "require_succeeded",
]

if not TYPE_CHECKING:
    # The sync twins import this package, so that it can import them only once it is complete: a
    # pickled client, say, is loaded by its own module first. The types of SubmitDocument take a
    # while to import, and most calls do without them.
    _LATER = {
        "Signix": "esignwire_generated.signix.sync_client",
        "Transaction": "esignwire_generated.signix.sync_transaction",
        "form_of": "esignwire.signix.forms",
    }

    def __getattr__(name: str) -> object:
        if name not in _LATER:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(_LATER[name]), name)
        globals()[name] = value
        return value
