"""Message types of Constellation1: what is sent, what comes back, and the codes in both."""

from __future__ import annotations

from esignwire_generated.constellation1.models import *  # noqa: F403 - its __all__ says what
from esignwire_generated.constellation1.models import __all__ as __all__
