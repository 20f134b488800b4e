"""The one way in which the emulator's records refuse a change."""

from __future__ import annotations

__all__ = ["NotPossible"]


class NotPossible(Exception):
    """What was asked does not fit where the thing stands; the message says so."""
