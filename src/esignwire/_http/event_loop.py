"""Keeps an async client on the event loop where it began.

Connections belong to the event loop that opened them. Used from another one, they fail in ways
that say nothing about the reason.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from esignwire._call import Call
from esignwire.errors import ConfigurationError

if TYPE_CHECKING:
    import asyncio

__all__ = ["AsyncLoopGuard", "LoopGuard"]


class AsyncLoopGuard:
    """Remembers the event loop of the first call and refuses every other."""

    def __init__(self) -> None:
        # Weak: a client that outlives its loop does not keep the loop alive.
        self._loop: weakref.ref[asyncio.AbstractEventLoop] | None = None

    def check(self, call: Call) -> None:
        """Refuses a call from another event loop.

        Args:
            call: The call, for the error.

        Raises:
            ConfigurationError: The client is in use on another event loop, or was.
        """
        import asyncio

        loop = asyncio.get_running_loop()
        if self._loop is None:
            self._loop = weakref.ref(loop)
        elif self._loop() is not loop:
            raise ConfigurationError(
                "an async client belongs to the event loop of its first call; make one client for"
                " each event loop, or use the sync client",
                vendor=call.vendor,
                operation=call.operation,
            )

    @property
    def is_over(self) -> bool:
        """Whether the event loop of the first call is closed, and what it opened with it."""
        if self._loop is None:
            return False
        loop = self._loop()
        return loop is None or loop.is_closed()


class LoopGuard:
    """The sync client's: any thread may use it."""

    def check(self, call: Call) -> None:
        """Refuses nothing.

        Args:
            call: The call.
        """

    @property
    def is_over(self) -> bool:
        """Never: threads need no loop."""
        return False
