"""Constellation1 eSign as the emulator plays it."""

from __future__ import annotations

from esignwire.emulator.constellation1.service import PLAYERS, Constellation1
from esignwire.emulator.constellation1.state import (
    Constellation1State,
    SessionSigner,
    SessionStatus,
    SignerStatus,
    SigningSession,
)

__all__ = [
    "PLAYERS",
    "Constellation1",
    "Constellation1State",
    "SessionSigner",
    "SessionStatus",
    "SignerStatus",
    "SigningSession",
]
