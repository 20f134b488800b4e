"""Retries: which failures are worth another attempt, and after what pause.

A call that only reads is repeated when it failed on the way or when the vendor is busy. Any other
call is repeated only when nothing was sent: a repeated submission sends a second document.
"""

from __future__ import annotations

import logging
import random
import time
from collections.abc import Sequence

from esignwire._call import Call
from esignwire._http.deadline import remaining
from esignwire._http.hooks import Hook, RetryEvent, call_hooks
from esignwire._http.messages import HttpResponse
from esignwire.errors import ConnectionFailed, ConnectionLost, EsignWireError, RequestTimeout

__all__ = ["Retries", "async_pause", "pause"]

_logger = logging.getLogger("esignwire")
# A program that sets up no logging is told nothing.
_logger.addHandler(logging.NullHandler())

_BUSY_STATUSES = frozenset({429, 502, 503, 504})
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_JITTER = 1.0
_GROWTH = 2.0

pause = time.sleep


async def async_pause(seconds: float) -> None:
    """The same with asyncio."""
    import asyncio

    await asyncio.sleep(seconds)


class Retries:
    """The attempts of one call after its first, which most calls need not.

    Args:
        call: The call.
        attempts: How many attempts at most, the first included.
        deadline: When the call as a whole ends, on the clock of ``time.monotonic``.
        hooks: Are told of each further attempt.
    """

    def __init__(
        self,
        call: Call,
        *,
        attempts: int,
        deadline: float,
        hooks: Hook[RetryEvent] | Sequence[Hook[RetryEvent]] = (),
    ) -> None:
        self._call = call
        self._attempts = attempts
        self._hooks = hooks
        self._deadline = deadline
        self._made = 0

    def pause_after(self, outcome: HttpResponse | EsignWireError) -> float | None:
        """The seconds before the next attempt; ``None`` where there is to be none."""
        self._made += 1
        if self._made >= self._attempts or not self._is_repeatable(outcome):
            return None
        # Imported by the first call that fails: it costs more than all other modules of ours.
        import stamina

        if not stamina.is_active():
            return None
        # Jitter keeps many clients from coming back all at once; it guards no secret.
        jitter = random.uniform(0.0, _JITTER)  # noqa: S311 - see above
        seconds = min(_LONGEST_PAUSE, _FIRST_PAUSE * _GROWTH ** (self._made - 1) + jitter)
        reason = (
            f"{type(outcome).__name__}: {outcome.message}"
            if isinstance(outcome, EsignWireError)
            else f"HTTP {outcome.status}"
        )
        if isinstance(outcome, HttpResponse):
            seconds = max(seconds, outcome.retry_after or 0.0)
        # An attempt that could not even begin would only hide the reason.
        if seconds >= remaining(self._deadline):
            return None
        if stamina.is_testing():
            seconds = 0.0
        _logger.warning(
            "%s %s: attempt %d of %d failed, the next follows in %.1f s: %s",
            self._call.vendor,
            self._call.operation,
            self._made,
            self._attempts,
            seconds,
            reason,
        )
        if self._hooks:
            event = RetryEvent(
                **self._call.where,
                attempt=self._made,
                attempts=self._attempts,
                pause=seconds,
                reason=reason,
            )
            call_hooks(self._hooks, event)
        return seconds

    def _is_repeatable(self, outcome: HttpResponse | EsignWireError) -> bool:
        if isinstance(outcome, ConnectionFailed):
            return outcome.is_retry_safe
        if isinstance(outcome, HttpResponse):
            return self._call.is_safe and outcome.status in _BUSY_STATUSES
        return self._call.is_safe and isinstance(outcome, ConnectionLost | RequestTimeout)
