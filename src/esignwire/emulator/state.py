"""All that the emulator remembers, in memory, for as long as it runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime

from esignwire.emulator.accounts import Accounts
from esignwire.emulator.assuresign_directory import Directory
from esignwire.emulator.assuresign_state import AssureSignState
from esignwire.emulator.constellation1_state import Constellation1State
from esignwire.emulator.identifiers import Identifiers
from esignwire.emulator.signix_state import SignixState

__all__ = ["Clock", "State", "utc_now"]

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Tell the time.

    Returns:
        The moment, in UTC.
    """
    return datetime.now(UTC)


class State:
    """What the three vendors remember.

    Hold ``lock`` for as long as you read or change anything: calls are played in several threads.

    Args:
        clock: Tells the time; tests bring their own.
        identifiers: Makes identifiers.
    """

    def __init__(self, *, clock: Clock = utc_now, identifiers: Identifiers | None = None) -> None:
        self.lock: threading.RLock = threading.RLock()
        self.identifiers: Identifiers = identifiers or Identifiers()
        self._clock = clock
        self._accounts = Accounts()
        self._directory: Directory | None = None
        self.assuresign: AssureSignState = AssureSignState()
        self.signix: SignixState = SignixState()
        self.constellation1: Constellation1State = Constellation1State()

    @property
    def directory(self) -> Directory:
        """AssureSign's users and accounts, which are those of the account file at first."""
        if self._directory is None:
            self._directory = Directory(self._accounts.assuresign)
        return self._directory

    def admit(self, accounts: Accounts) -> None:
        """Say who may use the emulator. Where that is new, users and accounts begin anew.

        Args:
            accounts: Who may.
        """
        with self.lock:
            if accounts != self._accounts:
                self._accounts, self._directory = accounts, None

    def now(self) -> datetime:
        """Tell the time by this state's clock.

        Returns:
            The moment, with a time zone.
        """
        return self._clock()

    def reset(self) -> None:
        """Forget everything. Where there is a seed, its identifiers begin again."""
        with self.lock:
            self.identifiers.restart()
            self._directory = None
            self.assuresign = AssureSignState()
            self.signix = SignixState()
            self.constellation1 = Constellation1State()

    def summary(self) -> dict[str, object]:
        """Describe what is remembered, without tokens, passwords, keys or documents.

        Returns:
            A structure that JSON can write, one member a vendor.
        """
        with self.lock:
            return {
                "assuresign": self.assuresign.summary() | self.directory.summary(),
                "signix": self.signix.summary(),
                "constellation1": self.constellation1.summary(),
            }
