"""Secrets that a vendor quotes, and how they are masked."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._secrets.quoted import MASK as MASK
    from esignwire._secrets.quoted import QuotedSecrets as QuotedSecrets
else:
    __getattr__ = later(__name__, {"esignwire._secrets.quoted": "MASK QuotedSecrets"})
