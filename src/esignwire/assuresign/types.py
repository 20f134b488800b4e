"""Message types of AssureSign: one module a schema file, and each type by its own name.

::

    from esignwire.assuresign.types import check_status

A name that several modules have stands in its modules alone. All are loaded when they are first
used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from esignwire_generated.assuresign.types import *  # noqa: F403 - its __all__ says what
else:
    from esignwire_generated.assuresign.types import __all__, __dir__, __getattr__  # noqa: F401 - so that this module answers as that package does
