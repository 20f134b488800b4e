"""What the three clients share: settings from the environment, pickling, pauses."""

from __future__ import annotations

from esignwire._lazy import later

# Type checkers take it for true. The module typing takes longer to import than all else here.
TYPE_CHECKING = False

if TYPE_CHECKING:
    from esignwire._client.environment import optional as optional
    from esignwire._client.environment import required as required
    from esignwire._client.pauses import CallDeadline as CallDeadline
    from esignwire._client.pauses import SkippedPauses as SkippedPauses
    from esignwire._client.pauses import async_pause as async_pause
    from esignwire._client.pauses import now as now
    from esignwire._client.pauses import pause as pause
    from esignwire._client.pickling import reduce_client as reduce_client
else:
    __getattr__ = later(
        __name__,
        {
            "esignwire._client.environment": "optional required",
            "esignwire._client.pauses": "CallDeadline SkippedPauses async_pause now pause",
            "esignwire._client.pickling": "reduce_client",
        },
    )
