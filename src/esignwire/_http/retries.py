"""Retries: which failures are worth another attempt, and after what pause.

A call that only reads is repeated when it failed on the way or when the vendor is busy. Any other
call is repeated only when nothing was sent: a repeated submission sends a second document.
"""

from __future__ import annotations

import email.utils
import random
from collections.abc import AsyncIterator, Iterable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Protocol

from esignwire._call import Call
from esignwire._http.deadline import remaining
from esignwire._http.messages import HttpResponse
from esignwire.errors import ConnectionFailed, ConnectionLost, RequestTimeout

__all__ = ["Retries", "VendorBusy"]

_BUSY_STATUSES = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_JITTER = 1.0
_GROWTH = 2.0


class VendorBusy(Exception):
    """An answer that says "later".

    Args:
        answer: The answer.
    """

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__(f"HTTP {answer.status}")
        self.answer = answer


def _retry_after(answer: HttpResponse) -> float | None:
    """The pause that the vendor asks for in ``Retry-After``, in seconds or as a date."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal() and len(text) <= 9:
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
        # Without a time zone it is in GMT, as HTTP demands.
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=UTC)
        return max(0.0, (moment - datetime.now(UTC)).total_seconds())
    except (ArithmeticError, LookupError, TypeError, ValueError):
        # The standard library raises whatever a strange date makes it stumble over.
        return None


class _Attempts(Iterable[AbstractContextManager[object]], Protocol):
    """stamina's attempts, which can be walked through with and without asyncio."""

    def __aiter__(self) -> AsyncIterator[AbstractContextManager[object]]: ...


class Retries:
    """The attempts of one call after its first, which most calls need not.

    Args:
        call: The call.
        attempts: How many attempts at most, the first included.
        deadline: When the call as a whole ends, on the clock of ``time.monotonic``.
    """

    def __init__(self, call: Call, *, attempts: int, deadline: float) -> None:
        self._call = call
        self._attempts = attempts
        self._deadline = deadline
        self._failed = 0

    def attempts(self) -> _Attempts:
        """All attempts, the first included: its failure is raised in it once more.

        Returns:
            stamina's attempts. The pauses between them come from ``_pause``, which knows the
            deadline; stamina makes and counts them.
        """
        # Imported by the first call that fails: it costs more than all other modules of ours.
        import stamina

        return stamina.retry_context(on=self._pause, attempts=self._attempts, timeout=None)

    def require_ready(self, answer: HttpResponse) -> None:
        """Raises where another attempt may bring a better answer.

        Args:
            answer: The answer that came.

        Raises:
            VendorBusy: The vendor says "later" to a call that may be repeated.
        """
        if self._call.is_safe and answer.status in _BUSY_STATUSES:
            raise VendorBusy(answer)

    def _pause(self, error: Exception) -> bool | float:
        """The pause before the next attempt in seconds, or ``False`` for no further attempt."""
        self._failed += 1
        if not self._is_repeatable(error):
            return False
        grown = _FIRST_PAUSE * _GROWTH ** (self._failed - 1)
        # Jitter keeps many clients from coming back all at once; it guards no secret.
        pause = min(_LONGEST_PAUSE, grown + random.uniform(0.0, _JITTER))  # noqa: S311 - see above
        if isinstance(error, VendorBusy):
            pause = max(pause, _retry_after(error.answer) or 0.0)
        # An attempt that could not even begin would only hide the reason.
        return pause if pause < remaining(self._deadline) else False

    def _is_repeatable(self, error: Exception) -> bool:
        if isinstance(error, ConnectionFailed):
            return True
        return self._call.is_safe and isinstance(
            error, ConnectionLost | RequestTimeout | VendorBusy
        )
