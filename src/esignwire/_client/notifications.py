"""Notifications that come in: what the parsers of the three vendors share."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from esignwire.errors import InvalidNotification

__all__ = ["Incoming"]


@dataclass(frozen=True, slots=True)
class Incoming:
    """The notifications of one vendor, as it calls them, each with at most so many bytes."""

    vendor: str
    kind: str
    most_bytes: int

    def text(self, content: str | bytes) -> str:
        """Takes a notification as text, without a byte order mark.

        Raises:
            InvalidNotification: It is too long, or no UTF-8.
        """
        try:
            raw = content.encode("utf-8") if isinstance(content, str) else bytes(content)
            size = len(raw)
            text = raw[: self.most_bytes].decode("utf-8-sig") if size <= self.most_bytes else ""
        except (TypeError, UnicodeError):
            # Without the cause, which holds the whole of it.
            raise self.refused("it is no text in UTF-8") from None
        if size > self.most_bytes:
            raise self.refused(f"it has {size:,} bytes; at most {self.most_bytes:,} are read")
        return text

    def refused(self, what: str, path: str | None = None) -> InvalidNotification:
        """Makes the error for a notification that cannot be used; ``what`` quotes nothing of it."""
        at = f"{path}: " if path else ""
        return InvalidNotification(
            f"{at}{what}", path=path, vendor=self.vendor, operation=self.kind
        )

    def key(self, *parts: object) -> str:
        """Makes the digest by which a repeated notification is known; it hides the parts."""
        text = json.dumps([self.vendor, *(None if one is None else str(one) for one in parts)])
        return hashlib.sha256(text.encode("utf-8")).hexdigest()
