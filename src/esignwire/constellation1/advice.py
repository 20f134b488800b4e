"""What to do where nobody can tell whether the vendor has acted."""

from __future__ import annotations

from esignwire._call import Call

__all__ = ["look_up"]


def look_up(call: Call) -> str:
    """The end of a message about an answer that cannot be used.

    Args:
        call: The call.

    Returns:
        Advice for a call that changes something, nothing for a call that only reads.
    """
    if call.is_safe:
        return ""
    by = "" if call.reference is None else f" by {call.reference!r}"
    return f"; the vendor may have acted, so look the outcome up{by} before you repeat the call"
