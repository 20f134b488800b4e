"""Message types of Constellation1: what is sent, what comes back, and the codes in both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from esignwire_generated.constellation1.models import *  # noqa: F403 - its __all__ says what

if not TYPE_CHECKING:
    from esignwire_generated.constellation1.models import __all__  # noqa: F401 - so that both answer alike
