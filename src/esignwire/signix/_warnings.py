"""Finds the vendor's warnings in whatever text they stand.

The page quotes them without saying where they appear: in the status, in the description of an
answer or in its JSON. So they are known by their words, in any case and whatever quotes stand
around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from pydantic import JsonValue

from esignwire.signix.outcomes import Reply, TransactionWarning

__all__ = ["Warned", "find_warning", "texts_of"]

# Printed: "has already been suspended", "has already been completed", "has expired" and, with a
# word missing, "has cancelled". A vendor that mends its sentence is understood as well.
_WARNING = re.compile(
    r"this\s+transaction\s+(?:has|is|was)\s+(?:already\s+)?(?:been\s+)?"
    r"(?P<state>suspended|completed?|expired|cancell?ed)\s+and\s+cannot\s+be\s+"
    r"(?:suspended|resumed|cancell?ed)",
    re.IGNORECASE,
)
_KINDS = {
    "suspended": TransactionWarning.ALREADY_SUSPENDED,
    "complete": TransactionWarning.ALREADY_COMPLETED,
    "completed": TransactionWarning.ALREADY_COMPLETED,
    "expired": TransactionWarning.EXPIRED,
    "cancelled": TransactionWarning.ALREADY_CANCELLED,
    "canceled": TransactionWarning.ALREADY_CANCELLED,
}


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning and the whole text in which it stands."""

    kind: TransactionWarning
    text: str


def find_warning(texts: Iterable[str | None]) -> Warned | None:
    """Finds the first warning of the vendor's.

    Args:
        texts: Where to look, the likeliest place first.

    Returns:
        The warning, or ``None``.
    """
    for text in texts:
        found = _WARNING.search(text) if text else None
        if text and found is not None:
            return Warned(_KINDS[found["state"].lower()], text)
    return None


def texts_of(reply: Reply | None) -> Iterator[str]:
    """The texts of an answer.

    Args:
        reply: The answer.

    Returns:
        Every text of its JSON; the whole of an answer that is not JSON.
    """
    if reply is None:
        return
    if not reply.is_json:
        yield reply.raw
        return
    waiting: list[JsonValue] = [reply.json]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            yield value
        elif isinstance(value, dict):
            waiting.extend(reversed(value.values()))
        elif isinstance(value, list):
            waiting.extend(reversed(value))
