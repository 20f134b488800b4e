"""What is known of one call, for errors, retries and logs."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["Call"]


class Call(NamedTuple):
    """One call to a vendor, without anything that it carries.

    Args:
        vendor: The vendor: ``AssureSign``, ``SIGNiX`` or ``Constellation1``.
        operation: The operation as the vendor spells it, such as ``CheckStatus``.
        is_safe: Whether the call only reads, so that it may be repeated after bytes were sent.
            The schemas say it (``esw:safe``).
        reference: What to look the outcome up by when no complete answer came; ``None`` where the
            call carries nothing of the kind.
        sensitive: Names whose values are masked; see :mod:`esignwire._redaction`.
    """

    vendor: str
    operation: str
    is_safe: bool
    reference: str | None = None
    sensitive: frozenset[str] = frozenset()
