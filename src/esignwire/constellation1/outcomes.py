"""What the calls come to."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from esignwire.constellation1.received import SessionResponse

__all__ = ["CreatedSession", "StartedSession"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreatedSession:
    """A draft that the vendor created. Nobody is invited before it is started.

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
