"""SIGNiX FlexAPI as the emulator plays it."""

from __future__ import annotations

from esignwire.emulator.signix.service import Signix
from esignwire.emulator.signix.state import SignixState, Transaction, TransactionStatus

__all__ = ["Signix", "SignixState", "Transaction", "TransactionStatus"]
