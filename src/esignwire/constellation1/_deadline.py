"""The end of one call, which takes several requests: two for its token, one for itself."""

from __future__ import annotations

from esignwire._call import Call
from esignwire._pause import now
from esignwire.errors import RequestTimeout

__all__ = ["CallDeadline"]


class CallDeadline:
    """When a call must end.

    Args:
        seconds: From now.
    """

    def __init__(self, seconds: float) -> None:
        self._end = now() + seconds

    def left(self, call: Call) -> float:
        """The time for the next request.

        Args:
            call: What the request is for.

        Returns:
            Seconds, more than zero.

        Raises:
            RequestTimeout: None is left. The request was not sent, so that the call may be
                repeated.
        """
        left = self._end - now()
        if left <= 0:
            raise RequestTimeout(
                "the time allowed ran out before the request was sent",
                vendor=call.vendor,
                operation=call.operation,
                is_retry_safe=True,
            )
        return left
