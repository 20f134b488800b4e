"""The Constellation1 client against the emulator, async and sync."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from esignwire._client import SkippedPauses
from esignwire.constellation1 import (
    AsyncConstellation1,
    Constellation1,
    CreatedSession,
    Document,
    Session,
    SessionInfo,
    SessionResponse,
    SessionStatus,
    Signer,
    StartedSession,
    StartPolicy,
)
from esignwire.emulator import (
    Accounts,
    Constellation1Account,
    EmulatorServer,
    EmulatorSettings,
    TokenRefusal,
)
from esignwire.errors import (
    Constellation1Error,
    SessionNotStarted,
    TokenRefused,
    UnexpectedResponse,
)
from tests.support.constellation1 import API_KEY, RETURN_URL, SESSION_ID, USER_NAME, Kind, run
from tests.support.emulator import SCHEMAS

SESSION = Session(
    session_info=SessionInfo(title="Lease"),
    documents=(
        Document(file_name="lease.txt", file_bytes=b"<sig_req_Buyer 1>", has_anchor_tags=True),
    ),
    signers=(Signer(last_name="Buyer", signer_role="Buyer 1", email_address="buyer@example.com"),),
)


@contextmanager
def emulated(**options: object) -> Iterator[str]:
    accounts = Accounts(
        constellation1=(Constellation1Account(api_key=API_KEY, user_names=frozenset({USER_NAME})),)
    )
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=accounts, **options)  # type: ignore[arg-type]  # the test says what
    with EmulatorServer(settings) as server:
        yield server.constellation1_url


def created(kind: Kind, url: str) -> CreatedSession:
    result = run(kind, url, lambda client: client.create_session(SESSION))
    assert isinstance(result, CreatedSession)
    return result


def status(kind: Kind, url: str, session: CreatedSession) -> object:
    result = run(kind, url, lambda client: client.get_session(session.session_id))
    assert isinstance(result, SessionResponse)
    return result.sessions[0].status


def test_the_life_of_a_session(kind: Kind) -> None:
    with emulated(early_starts=2) as url, SkippedPauses() as skipped:
        session = created(kind, url)
        assert status(kind, url, session) is SessionStatus.IN_DRAFT
        started = run(kind, url, lambda c: c.start_session(session.session_id, RETURN_URL))
        assert started == StartedSession(session_id=session.session_id, attempts=3)
        assert skipped.pauses == (2.0, 2.0)
        assert status(kind, url, session) is SessionStatus.IN_SENT
        run(kind, url, lambda c: c.close_session(session.session_id, return_url=RETURN_URL))
        assert status(kind, url, session) is SessionStatus.COMPLETED
        with pytest.raises(Constellation1Error, match="has ended"):
            run(kind, url, lambda c: c.cancel_session(session.session_id))
        run(kind, url, lambda c: c.delete_session(session.session_id))
        with pytest.raises(Constellation1Error, match="no session"):
            run(kind, url, lambda c: c.get_session(session.session_id))


def test_a_session_that_is_started_too_early_for_good(kind: Kind) -> None:
    with emulated(early_starts=9) as url, SkippedPauses():
        session = created(kind, url)
        policy = StartPolicy(attempts=2)
        with pytest.raises(SessionNotStarted) as caught:
            run(kind, url, lambda c: c.start_session(session.session_id, RETURN_URL, policy=policy))
        assert "anchor tags" in (caught.value.vendor_text or "")
        assert status(kind, url, session) is SessionStatus.IN_DRAFT


@pytest.mark.parametrize("refusal", ["null_body", "null_return_value", "error_text", "http_401"])
def test_each_reading_of_an_expired_token(kind: Kind, refusal: TokenRefusal) -> None:
    # Every token has expired before it can be used.
    with emulated(token_refusal=refusal, token_seconds=1e-9) as url:
        for action in (
            lambda c: c.start_session(SESSION_ID, RETURN_URL),
            lambda c: c.get_session(SESSION_ID),
        ):
            with pytest.raises(TokenRefused):
                run(kind, url, action)
        # Nulls in place of a session may also stand for one that was made.
        is_sure = refusal != "null_return_value"
        with pytest.raises(TokenRefused if is_sure else UnexpectedResponse) as caught:
            run(kind, url, lambda c: c.create_session(SESSION))
        assert caught.value.is_retry_safe is is_sure


def test_a_wrong_key_and_a_wrong_user(kind: Kind) -> None:
    with emulated() as url:
        with pytest.raises(Constellation1Error, match="Invalid API key"):
            run(kind, url, lambda c: c.get_session(SESSION_ID), api_key="another")
        with pytest.raises(Constellation1Error, match="Username not found"):
            run(kind, url, lambda c: c.create_session(SESSION, user_name="x@example.com"))


@pytest.mark.parametrize("client_type", [AsyncConstellation1, Constellation1])
def test_both_clients_have_the_same_methods(client_type: type[object]) -> None:
    names = {name for name in dir(client_type) if not name.startswith("_")} - {"aclose", "close"}
    assert names >= {
        "cancel_session",
        "close_session",
        "create_session",
        "delete_session",
        "from_environment",
        "get_session",
        "start_session",
    }
