"""The ledger of a run: which items are called, and what the checkpoint is told.

The order of writing makes a run resumable. "Begun" is on the disk before a call that changes
something is made, and "done" is written only after the result was handed over. So no such call is
made twice and no result is lost without a word, whenever the process ends.

The ledger asks the checkpoint about earlier runs only. What the checkpoint says of this run lags
behind, since marks wait to be written; so the ledger holds the keys that were called in this run.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

from esignwire.bulk.checkpoint import LONGEST_KEY, Checkpoint, ItemState, Mark
from esignwire.bulk.outcomes import Done, Failed
from esignwire.errors import (
    AssureSignError,
    ConfigurationError,
    Constellation1Error,
    EsignWireError,
    HttpStatusError,
    InvalidRequest,
    OutcomeUnknown,
    SignixError,
    SoapFault,
    VendorError,
    WaitTimeout,
)

__all__ = ["Admitted", "Ledger", "cancelled", "check_count"]

_Item = TypeVar("_Item")

# How many marks may wait. Where a crash loses them, a later run only repeats some reads.
_MOST_WAITING = 64
# A server sends these statuses before it acts on a request. Others leave that open: a proxy sends
# 408 when it has passed on a part, and 409 may mean that the same request was carried out before.
_REFUSALS = frozenset(
    {400, 401, 403, 404, 405, 410, 411, 413, 414, 415, 417, 421, 422, 426, 428, 429, 431, 451}
)
# Codes of SOAP 1.1, SOAP 1.2 and WCF that find fault with the message. Others, such as Server and
# InternalServiceFault, say that the vendor failed, and not when.
_REFUSING_FAULTS = frozenset(
    {
        "ActionNotSupported",
        "Client",
        "DataEncodingUnknown",
        "DeserializationFailed",
        "MustUnderstand",
        "Sender",
        "VersionMismatch",
    }
)
# SIGNiX refuses a call with one of these, and has done nothing then (documented).
_LOWEST_REFUSING_STATUS = 100


@dataclass(frozen=True, slots=True)
class Admitted(Generic[_Item]):
    """An item whose call is to be made."""

    key: str
    item: _Item


def check_count(name: str, value: int) -> None:
    """Refuses a number that is no count.

    Raises:
        ConfigurationError: It is less than 1.
    """
    if not isinstance(cast("object", value), int) or value < 1:
        raise ConfigurationError(f"{name} must be at least 1")


def cancelled(found: Admitted[_Item]) -> Failed[_Item]:
    """The outcome of a call that was cancelled, and not because the run ends: it is unknown."""
    return Failed(
        found.key,
        found.item,
        OutcomeUnknown(
            f"the call for {found.key!r} was cancelled from within, and may have had an effect",
            reference=found.key,
        ),
    )


class Ledger(Generic[_Item]):
    """Knows what became of each key of one run.

    Args:
        key: Makes an item's key; ``None`` numbers the items from 0.
        is_safe: Whether a call may be repeated without harm.
        checkpoint: Where to remember; ``None`` remembers nothing.
        repeat_unknown: Whether to repeat calls whose outcome is unknown.

    Raises:
        ConfigurationError: There is a checkpoint and no key: a number means nothing to a later
            run.
    """

    def __init__(
        self,
        *,
        key: Callable[[_Item], str] | None,
        is_safe: bool,
        checkpoint: Checkpoint | None,
        repeat_unknown: bool,
    ) -> None:
        if checkpoint is not None and key is None:
            raise ConfigurationError("a checkpoint needs a key: give a function of the item")
        self._key = key
        self._is_safe = is_safe
        self._checkpoint = checkpoint
        self._repeat_unknown = repeat_unknown
        self._count = 0
        self._called: set[str] = set()
        self._waiting: list[Mark] = []
        self._noted = 0
        self._written = 0
        self._lock = threading.Lock()
        self._writing = threading.Lock()
        self._failure: Exception | None = None

    def admit(self, item: _Item) -> Admitted[_Item] | Failed[_Item] | None:
        """Decides about the next item; see ``writes_first``.

        It comes back with its key, or with why it must not be called; ``None`` says that an earlier
        run has done it.
        """
        key = str(self._count) if self._key is None else self._key(item)
        self._count += 1
        if self._checkpoint is None:
            return Admitted(key, item)
        if not 0 < len(key) <= LONGEST_KEY:
            return _refused(key, item, f"a key must have 1 to {LONGEST_KEY} characters")
        # This must not depend on how the first call ended, nor on whether that is written yet.
        if key in self._called:
            return _refused(key, item, "two items have one key; the second was not called")
        state = self._checkpoint.state(key)
        if state is ItemState.DONE:
            return None
        is_unknown = state in {ItemState.BEGUN, ItemState.UNKNOWN}
        if is_unknown and not (self._is_safe or self._repeat_unknown):
            return Failed(
                key,
                item,
                OutcomeUnknown(
                    f"the call for {key!r} was begun before and its outcome is unknown: the vendor"
                    " may have acted. It was not repeated; look it up, then repeat it with"
                    " repeat_unknown where that does no harm",
                    reference=key,
                ),
            )
        self._called.add(key)
        if not self._is_safe:
            self._wait(Mark(key, ItemState.BEGUN))
        return Admitted(key, item)

    def settle(self, outcome: Done[_Item, object] | Failed[_Item]) -> None:
        """Notes how a call ended, once its outcome was handed over."""
        if self._checkpoint is None:
            return
        state = ItemState.DONE
        if isinstance(outcome, Failed):
            is_harmless = self._is_safe or _changed_nothing(outcome.error)
            state = ItemState.FAILED if is_harmless else ItemState.UNKNOWN
        self._wait(Mark(outcome.key, state))

    @property
    def writes_first(self) -> bool:
        """Whether ``flush`` must come between ``admit`` and the call."""
        return self._checkpoint is not None and not self._is_safe

    @property
    def is_due(self) -> bool:
        """Whether enough marks wait to be written."""
        return len(self._waiting) >= _MOST_WAITING

    @property
    def noted(self) -> int:
        """How many marks there were so far, written or not."""
        return self._noted

    @property
    def written(self) -> int:
        """How many marks are written."""
        return self._written

    def flush(self) -> None:
        """Writes what waits. It blocks.

        Raises:
            Exception: What the checkpoint raises, now or at an earlier call.
        """
        # A cancelled task may have left a write under way in another thread.
        with self._writing:
            if self._failure is not None:
                raise self._failure
            with self._lock:
                marks, self._waiting = self._waiting, []
            if not marks or self._checkpoint is None:
                return
            try:
                self._checkpoint.record(marks)
            except Exception as error:
                # Marks of other items were among them: none of those may be called either.
                self._failure = error
                raise
            self._written += len(marks)

    def finish(self) -> None:
        """Writes what waits at the end of a run, unless writing failed before."""
        if self._failure is None:
            self.flush()

    def _wait(self, mark: Mark) -> None:
        with self._lock:
            self._waiting.append(mark)
            self._noted += 1


def _refused(key: str, item: _Item, why: str) -> Failed[_Item]:
    short = key if len(key) <= LONGEST_KEY else f"{key[:LONGEST_KEY]}..."
    return Failed(short, item, InvalidRequest(why, path="key", value=short, rule="one key an item"))


def _changed_nothing(error: Exception) -> bool:
    """Whether a failed call has certainly had no effect; in doubt it may have had one."""
    match error:
        case OutcomeUnknown() | WaitTimeout():
            return False
        case AssureSignError() | Constellation1Error() if error.session_id is not None:
            return False
        case HttpStatusError():
            return error.http_status in _REFUSALS
        case SoapFault():
            # SOAP 1.1 lets a vendor refine a code, as in Client.Authentication.
            return (error.fault_code or "").partition(".")[0] in _REFUSING_FAULTS
        case SignixError(http_status=int()):
            code = error.vendor_code or ""
            return code.isdecimal() and int(code) >= _LOWEST_REFUSING_STATUS
        case VendorError(http_status=int(status)) if status >= 400:
            return error.is_retry_safe or status in _REFUSALS
        case EsignWireError():
            # SIGNiX saves nothing of a command that failed, whose error has no HTTP status.
            return error.is_retry_safe or isinstance(
                error, InvalidRequest | ConfigurationError | VendorError
            )
        case _:
            return False
