"""Recorder of the calls that clients make, as they are logged: vendor, operation, outcome."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Self, cast

__all__ = ["CallEvent", "EventRecorder"]

_LOGGER = logging.getLogger("esignwire")
# What is logged at the end of a call: an answer, or an error.
_ENDS = ("%s %s: HTTP %d", "%s %s: %s after")


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One call over HTTP, with its repetitions.

    Args:
        vendor: The vendor, as it calls itself.
        operation: The operation, as the vendor spells it.
        outcome: The HTTP status of the answer, or the name of the error where none came. The
            vendor may refuse the call with status 200.
    """

    vendor: str
    operation: str
    outcome: int | str


class EventRecorder(logging.Handler):
    """Records the calls of all clients of the process, from its entry to its exit.

    For instance::

        with EventRecorder() as events:
            client.submit(order)
        assert events.operations == ("Submit",)

    It reads what the logger ``esignwire`` says at the level ``DEBUG``, which holds no secret.
    """

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self._events: list[CallEvent] = []
        self._level = logging.NOTSET

    @property
    def events(self) -> tuple[CallEvent, ...]:
        """The calls, in the order of their ends.

        Constellation1's calls are preceded by two others, which get a token.
        """
        return tuple(self._events)

    @property
    def operations(self) -> tuple[str, ...]:
        """The operations of these calls."""
        return tuple(event.operation for event in self._events)

    def emit(self, record: logging.LogRecord) -> None:
        """Takes what is logged."""
        if record.name == _LOGGER.name and str(record.msg).startswith(_ENDS):
            vendor, operation, outcome, *_ = cast("tuple[object, ...]", record.args)
            told = outcome if isinstance(outcome, int) else str(outcome)
            self._events.append(CallEvent(str(vendor), str(operation), told))

    def __enter__(self) -> Self:
        self._level = _LOGGER.level
        _LOGGER.setLevel(logging.DEBUG)
        _LOGGER.addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        _LOGGER.removeHandler(self)
        _LOGGER.setLevel(self._level)
