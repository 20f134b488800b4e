"""Fixtures and cassettes for tests of programs that use esignwire.

Where pytest is installed, it loads the plugin ``esignwire.testing.plugin`` by itself: an
emulator of the vendors, clients of it, strict reading, pauses that take no time, a record of the
calls, and cassettes that hold no secret. The extra ``esignwire[testing]`` brings what they need.
What the fixtures give can also be used without pytest, from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire._lazy import later as _later

if TYPE_CHECKING:
    from esignwire._client import SkippedPauses
    from esignwire._codec import StrictReading
    from esignwire.testing._events import CallEvent, EventRecorder
    from esignwire.testing.cassettes import Scrubber, cassette_settings, register_cassettes

__all__ = [
    "CallEvent",
    "EventRecorder",
    "Scrubber",
    "SkippedPauses",
    "StrictReading",
    "cassette_settings",
    "register_cassettes",
]

if not TYPE_CHECKING:
    # Loaded at first use: pytest imports this package wherever esignwire is installed.
    __getattr__ = _later(
        __name__,
        {
            "esignwire._client": "SkippedPauses",
            "esignwire._codec": "StrictReading",
            "esignwire.testing._events": "CallEvent EventRecorder",
            "esignwire.testing.cassettes": "Scrubber cassette_settings register_cassettes",
        },
    )


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
