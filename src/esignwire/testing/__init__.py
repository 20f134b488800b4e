"""For tests of programs that use esignwire.

Where pytest is installed, the plugin :mod:`esignwire.testing.plugin` is there by itself: an
emulator of the vendors, strict reading, pauses that take no time, and cassettes that hold no
secret. The extra ``esignwire[testing]`` brings what they need. What the fixtures give can also be
used without pytest, from here.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esignwire._messages import StrictReading
    from esignwire._pause import SkippedPauses
    from esignwire.testing.cassettes import cassette_settings, register_cassettes

__all__ = [
    "SkippedPauses",
    "StrictReading",
    "cassette_settings",
    "register_cassettes",
]

# Loaded at first use: pytest imports this package wherever esignwire is installed.
_PLACES = {
    "SkippedPauses": "esignwire._pause",
    "StrictReading": "esignwire._messages",
    "cassette_settings": "esignwire.testing.cassettes",
    "register_cassettes": "esignwire.testing.cassettes",
}


if not TYPE_CHECKING:
    # Type checkers read the imports above instead, and so notice a name that is misspelt.

    def __getattr__(name: str) -> object:
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_PLACES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
