"""The base of the three clients, accounts from the environment, deadlines, notifications."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._client.async_base import AsyncClient as AsyncClient
    from esignwire._client.environment import read_account as read_account
    from esignwire._client.environment import require_not_blank as require_not_blank
    from esignwire._client.environment import require_option as require_option
    from esignwire._client.notifications import Incoming as Incoming
    from esignwire._client.pauses import CallDeadline as CallDeadline
    from esignwire._client.pauses import SkippedPauses as SkippedPauses
    from esignwire._client.pauses import async_pause as async_pause
    from esignwire._client.pauses import now as now
    from esignwire._client.pauses import pause as pause
    from esignwire._client.resolution import Resolution as Resolution
    from esignwire._client.resolution import check_unknown as check_unknown
    from esignwire_generated._client.sync_base import Client as Client
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._client.async_base": "AsyncClient",
            "esignwire._client.environment": "read_account require_option require_not_blank",
            "esignwire._client.notifications": "Incoming",
            "esignwire._client.pauses": "CallDeadline SkippedPauses async_pause now pause",
            "esignwire._client.resolution": "Resolution check_unknown",
            "esignwire_generated._client.sync_base": "Client",
        },
    )
