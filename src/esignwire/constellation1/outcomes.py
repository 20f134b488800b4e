"""Outcomes of the calls that do more than the vendor's answer says."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from esignwire_generated.constellation1.models import SessionResponse

__all__ = ["CreatedSession", "StartedSession"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedSession:
    """A draft that the vendor created. Its signers are invited when it is started.

    Args:
        session_id: Its id.
        response: The whole answer.
    """

    session_id: UUID
    response: SessionResponse


@dataclass(frozen=True, slots=True, kw_only=True)
class StartedSession:
    """A session that was started.

    Args:
        session_id: Its id.
        attempts: How many attempts it took.
        details: What the vendor said besides.
    """

    session_id: UUID
    attempts: int
    details: tuple[str, ...] = ()
