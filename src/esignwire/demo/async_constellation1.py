"""Constellation1's flows, async. The sync twin is derived from this file."""

from __future__ import annotations

from uuid import UUID

from esignwire.constellation1 import (
    AsyncConstellation1,
    Document,
    Session,
    SessionInfo,
    Signer,
    StartPolicy,
)
from esignwire.demo.pdf import one_page_pdf
from esignwire.demo.scene import Scene, Surprise
from esignwire.errors import Constellation1Error, SessionNotStarted

__all__ = ["FLOWS", "cancel_session", "start_session"]

_RETURN_URL = "https://app.example.com/signed?order=1&name=caf\u00e9"


async def _create_session(client: AsyncConstellation1, scene: Scene, purpose: str) -> UUID:
    created = await client.create_session(
        Session(
            session_info=SessionInfo(
                title=f"Demonstration: {purpose}", transaction_id=scene.new_name(purpose)
            ),
            documents=(
                Document(
                    file_name="demonstration.pdf", file_bytes=one_page_pdf(), has_anchor_tags=True
                ),
            ),
            signers=(
                Signer(
                    first_name="Pat",
                    last_name="Example",
                    email_address="pat@example.com",
                    signer_role="Seller 1",
                ),
            ),
        )
    )
    scene.tell("CreateSession", f"draft {created.session_id}")
    return created.session_id


async def start_session(client: AsyncConstellation1, scene: Scene) -> None:
    """Creates a session and starts it: too early at first, then with as many attempts as due."""
    session_id = await _create_session(client, scene, "start")
    try:
        await client.start_session(session_id, _RETURN_URL, policy=StartPolicy(attempts=1))
    except SessionNotStarted as refusal:
        scene.tell("StartSession", f"SessionNotStarted, too early: {refusal.vendor_text}")
        started = await client.start_session(session_id, _RETURN_URL)
        scene.tell("StartSession", f"started, attempts: {started.attempts}")
    else:
        # The vendor had prepared the session already, so the first start succeeded.
        scene.expect(not scene.is_emulated, "the first start comes too early")
        scene.tell("StartSession", "started at once")
    scene.expect_remembered(
        "constellation1",
        "sessions",
        str(session_id),
        {"status": 2, "return_url": _RETURN_URL},
    )
    try:
        await client.start_session(session_id, _RETURN_URL, policy=StartPolicy(attempts=1))
    except Constellation1Error as refusal:
        scene.tell(
            "StartSession", f"{type(refusal).__name__}, a second time: {refusal.vendor_text}"
        )
    else:
        if scene.is_emulated:
            raise Surprise("expected Constellation1Error for a second start")


async def cancel_session(client: AsyncConstellation1, scene: Scene) -> None:
    """Creates a session, reads it, and cancels it."""
    session_id = await _create_session(client, scene, "cancel")
    found = await client.get_session(session_id)
    scene.expect(len(found.sessions) == 1, "the session is found")
    information = found.sessions[0].session_info
    title = information.title if information else None
    scene.expect(title == "Demonstration: cancel" or not scene.is_emulated, "the title comes back")
    scene.tell("GetSession", f"{title}, signers: {len(found.sessions[0].signers)}")
    await client.cancel_session(session_id)
    scene.tell("CancelSession", f"cancelled {session_id}")
    scene.expect_remembered("constellation1", "sessions", str(session_id), {"status": 4})
    try:
        await client.start_session(session_id, _RETURN_URL, policy=StartPolicy(attempts=1))
    except Constellation1Error as refusal:
        scene.tell("StartSession", f"{type(refusal).__name__}, cancelled: {refusal.vendor_text}")
    else:
        raise Surprise("expected Constellation1Error for a session that was cancelled")


FLOWS = (start_session, cancel_session)
"""All flows, in the order in which they are shown."""
