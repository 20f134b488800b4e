"""The resolution of an unknown outcome: what a look at the vendor tells of a call."""

from __future__ import annotations

from enum import StrEnum
from typing import cast

from esignwire.errors import InvalidRequest, OutcomeUnknown

__all__ = ["Resolution", "check_unknown"]


class Resolution(StrEnum):
    """What became of a call whose outcome was unknown, as the vendor shows it now.

    Attributes:
        HAPPENED: The vendor did what was asked. Do not repeat the call.
        DID_NOT_HAPPEN: The vendor shows no trace of it. It may still be at work on a call that
            was sent a moment ago: ask again after some minutes before you repeat the call.
        CANNOT_BE_TOLD: No call of the vendor's tells, or its answer leaves the question open.
            docs/errors.md says where to look.
    """

    HAPPENED = "happened"
    DID_NOT_HAPPEN = "did not happen"
    CANNOT_BE_TOLD = "cannot be told"


def check_unknown(error: OutcomeUnknown, vendor: str) -> None:
    """Refuses to look up what is no unknown outcome.

    Raises:
        InvalidRequest: It is no ``OutcomeUnknown``.
    """
    given = cast("object", error)
    if not isinstance(given, OutcomeUnknown):
        raise InvalidRequest(
            f"error must be the OutcomeUnknown that a call raised; a {type(given).__name__} was"
            " given; nothing was sent",
            path="error",
            rule="an OutcomeUnknown",
            vendor=vendor,
        )
