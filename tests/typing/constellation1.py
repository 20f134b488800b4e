"""What type checkers must infer and refuse about Constellation1. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import assert_type
from uuid import UUID

from esignwire import AsyncConstellation1, Constellation1, HttpSettings
from esignwire.constellation1 import (
    CreatedSession,
    Document,
    ReceivedSession,
    ReceivedUser,
    RequestResponse,
    Session,
    SessionInfo,
    SessionLite,
    SessionResponse,
    SessionUpdate,
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
    assert_type(found.status, str)
    assert_type(client.get_user_by_id("17").user, ReceivedUser | None)
    assert_type(client.get_signer_invite_token("17"), str)
    assert_type(client.all_archived_sessions(), Iterator[SessionLite])
    assert_type(client.call("GET", "v1/clientgroups").raw, Mapping[str, object])
    # Lists are taken, and GUIDs as text.
    assert_type(Document.from_file("lease.pdf"), Document)
    Session(session_info=SessionInfo(title="t"), documents=[Document(form_id="17")], signers=[])
    SessionUpdate(id="7f1c2d3e-4a5b-4c6d-8e7f-901122334455")
    client.update_group_user_role("a@example.com", "Owner")  # type: ignore[arg-type]
    client.create_session(SessionInfo(title="no session"))  # type: ignore[arg-type]
    client.start_session(created.session_id)  # type: ignore[call-arg]
    with client as entered:
        assert_type(entered, Constellation1)


async def async_client(client: AsyncConstellation1, session: Session) -> None:
    created = await client.create_session(session)
    assert_type(client.all_archived_sessions(), AsyncIterator[SessionLite])
    assert_type(created, CreatedSession)
    assert_type(await client.start_session(created.session_id, "https://x.example"), StartedSession)
    client.close_session(created.session_id).details  # type: ignore[attr-defined]  # noqa: B018
    async with client as entered:
        assert_type(entered, AsyncConstellation1)
