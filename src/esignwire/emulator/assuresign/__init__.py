"""AssureSign DocumentNOW v2 as the emulator plays it."""

from __future__ import annotations

from esignwire.emulator.assuresign.service import AssureSign
from esignwire.emulator.assuresign.state import (
    AssureSignState,
    Document,
    DocumentStatus,
    Envelope,
    EnvelopeStatus,
)

__all__ = [
    "AssureSign",
    "AssureSignState",
    "Document",
    "DocumentStatus",
    "Envelope",
    "EnvelopeStatus",
]
