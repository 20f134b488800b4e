"""The error for an answer that cannot be used, with advice where the vendor may have acted."""

from __future__ import annotations

from typing import TypeVar

from esignwire._call import Call
from esignwire.errors import ResponseError

__all__ = ["unusable"]

_Error = TypeVar("_Error", bound=ResponseError)


def unusable(kind: type[_Error], what: str, call: Call, http_status: int | None) -> _Error:
    """Makes the error.

    Args:
        kind: Its class.
        what: What is wrong with the answer.
        call: The call.
        http_status: The HTTP status of the answer.

    Returns:
        The error; it is safe to repeat where the call is.
    """
    if not call.is_safe:
        what += "; the vendor may have acted, so look the outcome up before you repeat the call"
    return kind(
        what,
        vendor=call.vendor,
        operation=call.operation,
        http_status=http_status,
        is_retry_safe=call.is_safe,
    )
