"""Masks secrets that a vendor quotes back in its own words.

What a schema marks as sensitive is masked wherever its name stands beside it. In the text of a
fault or an exception there is no name, so there the values that were sent are looked for.
"""

from __future__ import annotations

import base64
import re
import uuid
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import cast

from esignwire._redaction import MASK
from esignwire_generated._documents import upload_of

__all__ = ["secrets_of", "without_secrets"]

# No vendor repeats more than this in a sentence, and a whole document is no sentence.
_LONGEST = 10_000
# Shorter ones are masked where they stand alone; within other words they would only spoil them.
_SHORT = 7


def secrets_of(message: object) -> frozenset[str]:
    """Collects the secret values of a message.

    Args:
        message: A dataclass. Members that the schema marks as sensitive are those that its
            representation leaves out.

    Returns:
        Their values as text; of documents only short ones.
    """
    return frozenset(_values(message))


def without_secrets(text: str, secrets: frozenset[str]) -> str:
    """Masks secrets in a vendor's words.

    Args:
        text: The words.
        secrets: The values.

    Returns:
        The words with the secrets masked, in whatever case they stand there.
    """
    # The longest first, for one may be part of another.
    for secret in sorted(secrets, key=len, reverse=True):
        pattern = re.escape(secret)
        if len(secret) <= _SHORT:
            pattern = rf"(?<!\w){pattern}(?!\w)"
        text = re.sub(pattern, MASK, text, flags=re.IGNORECASE)
    return text


def _values(holder: object) -> Iterator[str]:
    if isinstance(holder, list):
        for item in cast("list[object]", holder):
            yield from _values(item)
    elif is_dataclass(holder):
        for one in fields(holder):
            held: object = getattr(holder, one.name, None)
            if one.repr:
                yield from _values(held)
            elif text := _text(held):
                yield text


def _text(value: object) -> str:
    """The value as the message holds it; nothing where nobody would quote it."""
    if isinstance(value, str | uuid.UUID):
        text = str(value).strip()
    else:
        try:
            document = upload_of(value)
            is_short = document.size <= _LONGEST
            content = b"".join(document.chunks()) if is_short else b""
        except (OSError, ValueError):
            # No document, or one that is gone.
            return ""
        text = base64.b64encode(content).decode("ascii")
    return text if len(text) <= _LONGEST else ""
