"""What type checkers must infer and refuse about Constellation1. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_type
from uuid import UUID

from esignwire import AsyncConstellation1, Constellation1, HttpSettings
from esignwire.constellation1 import (
    CreatedSession,
    ReceivedSession,
    RequestResponse,
    Session,
    SessionInfo,
    SessionResponse,
    StartedSession,
    StartPolicy,
)


def constructed() -> None:
    assert_type(Constellation1.from_environment(), Constellation1)
    assert_type(AsyncConstellation1.from_environment(), AsyncConstellation1)
    Constellation1(
        api_key="k",
        user_name="a@example.com",
        url="https://x.example",
        settings=HttpSettings(total_timeout=5.0),
    )
    Constellation1(api_key="k", user_name="a@example.com")  # type: ignore[call-arg]
    StartPolicy(attempts="5")  # type: ignore[arg-type]


def sync_client(client: Constellation1, session: Session) -> None:
    created = client.create_session(session, user_name="b@example.com")
    assert_type(created, CreatedSession)
    assert_type(created.session_id, UUID)
    started = client.start_session(created.session_id, "https://x.example")
    assert_type(started, StartedSession)
    assert_type(started.attempts, int)
    found = client.get_session("a GUID")
    assert_type(found, SessionResponse)
    assert_type(found.sessions, tuple[ReceivedSession, ...])
    assert_type(client.cancel_session(created.session_id), RequestResponse)
    assert_type(client.delete_session(created.session_id), RequestResponse)
    client.create_session(SessionInfo(title="no session"))  # type: ignore[arg-type]
    client.start_session(created.session_id)  # type: ignore[call-arg]
    with client as entered:
        assert_type(entered, Constellation1)


async def async_client(client: AsyncConstellation1, session: Session) -> None:
    created = await client.create_session(session)
    assert_type(created, CreatedSession)
    assert_type(await client.start_session(created.session_id, "https://x.example"), StartedSession)
    client.close_session(created.session_id).details  # type: ignore[attr-defined]  # noqa: B018
    async with client as entered:
        assert_type(entered, AsyncConstellation1)
