"""Every call of the Constellation1 client against the emulator, accepted and refused."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from esignwire.constellation1 import (
    Answer,
    AsyncConstellation1,
    Constellation1,
    Document,
    GroupRole,
    JsonForm,
    NewUser,
    Session,
    SessionCopy,
    SessionInfo,
    SessionInfoCopy,
    SessionInfoUpdate,
    SessionStatus,
    SessionUpdate,
    Signer,
    SignerCopy,
    SignerInvite,
    SignerStatus,
    SignerUpdate,
    SortColumn,
    SortOrder,
    StartPolicy,
    User,
    UserStatus,
    UseSequence,
)
from esignwire.emulator import (
    Accounts,
    Constellation1Account,
    EmulatorServer,
    EmulatorSettings,
    State,
)
from esignwire.errors import (
    AccountRefused,
    Constellation1Error,
    InvalidRequest,
    SessionNotFound,
    SessionNotStarted,
    TokenRefused,
    UnexpectedResponse,
    UserNotFound,
)
from esignwire_generated.constellation1.calls import OPERATIONS
from tests.support.constellation1 import API_KEY, RETURN_URL, USER_NAME, Kind, run
from tests.support.emulator import SCHEMAS
from tests.support.openapi import check, operations

OTHER = "0b1c2d3e-4a5b-4c6d-8e7f-901122334455"
STRANGER = "stranger@example.com"
SECOND_KEY = "another key"
PASSWORD = "a password"
DOCUMENT = Document(file_name="lease.pdf", file_bytes=b"%PDF-")
Action = Callable[[Any], Any]


class Scene:
    """An emulator, and what is prepared in it."""

    def __init__(self, emulator: EmulatorServer) -> None:
        self.emulator = emulator
        self.url = emulator.constellation1_url
        self._users = 0

    def do(self, action: Action, **options: object) -> Any:
        return run("sync", self.url, action, **options)

    def draft(self, title: str = "Lease", **information: object) -> UUID:
        info = SessionInfo.model_validate({"title": title, **information})
        signers = tuple(
            Signer(last_name=name, signer_role=name, email_address=f"{name}@example.com")
            for name in ("Ada", "Bob")
        )
        session = Session(session_info=info, documents=(DOCUMENT,), signers=signers)
        return self.do(lambda c: c.create_session(session)).session_id

    def sent(self, **information: object) -> UUID:
        session = self.draft(**information)
        self.do(lambda c: c.start_session(session, RETURN_URL))
        return session

    def completed(self) -> UUID:
        session = self.sent()
        self.emulator.complete(session)
        return session

    def status(self, session: UUID) -> object:
        return self.do(lambda c: c.get_session(session)).sessions[0].status

    def signer(self, session: UUID) -> str:
        (found,) = self.do(lambda c: c.get_session(session)).sessions
        return found.signers[0].signer_id

    def user(self) -> Any:
        self._users += 1
        name = f"user{self._users}@example.com"
        new = NewUser(first_name="U", last_name="V", username=name, password=PASSWORD)
        return self.do(lambda c: c.create_user(new)).user


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    users = frozenset({USER_NAME, "second@example.com"})
    accounts = Accounts(
        constellation1=(
            Constellation1Account(api_key=API_KEY, user_names=users),
            Constellation1Account(api_key=SECOND_KEY, user_names=frozenset({"x@example.com"})),
        )
    )
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as running:
        yield running


@pytest.fixture
def scene(server: EmulatorServer) -> Scene:
    server.state.reset()
    return Scene(server)


def update(session: UUID | str, **members: object) -> SessionUpdate:
    return SessionUpdate.model_validate({"id": session, **members})


def with_draft(action: Callable[[Any, UUID], Any]) -> Callable[[Scene], Action]:
    return lambda scene: _of(scene.draft(transaction_id="tx"), action)


def with_sent(action: Callable[[Any, UUID], Any]) -> Callable[[Scene], Action]:
    return lambda scene: _of(scene.sent(), action)


def with_completed(action: Callable[[Any, UUID], Any]) -> Callable[[Scene], Action]:
    return lambda scene: _of(scene.completed(), action)


def with_signer(action: Callable[[Any, UUID, str], Any]) -> Callable[[Scene], Action]:
    def prepared(scene: Scene) -> Action:
        session = scene.sent()
        signer = scene.signer(session)
        return lambda client: action(client, session, signer)

    return prepared


def with_user(action: Callable[[Any, Any], Any]) -> Callable[[Scene], Action]:
    return lambda scene: _of(scene.user(), action)


def plain(action: Action) -> Callable[[Scene], Action]:
    return lambda _: action


def _of(what: Any, action: Callable[[Any, Any], Any]) -> Action:
    return lambda client: action(client, what)


def _waiting_to_be_purged(scene: Scene) -> Action:
    session = scene.completed()
    scene.do(lambda c: c.purge_session_docs(session))
    return lambda client: client.cancel_purging_session(session)


NEW_USER = NewUser(first_name="N", last_name="U", username="new@example.com", password=PASSWORD)

ACCEPTED: dict[str, Callable[[Scene], Action]] = {
    "EncryptString": plain(lambda c: c.encrypt_string("plain/text", "salt1")),
    "GetToken": plain(lambda c: c.get_token()),
    "GetTokenUserNamePassword": with_user(
        lambda c, user: c.get_token_user_name_password(user.username, PASSWORD)
    ),
    "AuthenticateUser": with_user(lambda c, user: c.authenticate_user(user.username, PASSWORD)),
    "GetLandingURL": plain(lambda c: c.get_landing_url()),
    "CreateSession": plain(
        lambda c: c.create_session(
            Session(
                session_info=SessionInfo(
                    title="Lease", expires_on=datetime.now(UTC) + timedelta(days=20)
                )
            )
        )
    ),
    "UpdateSession": with_draft(lambda c, i: c.update_session(update(i, documents=[DOCUMENT]))),
    "EditSession": with_sent(lambda c, i: c.edit_session(i)),
    "CopySigningSession": with_completed(
        lambda c, i: c.copy_signing_session(SessionCopy(signing_session_id=i))
    ),
    "GetSession": with_draft(lambda c, i: c.get_session(i)),
    "DeleteSession": with_draft(lambda c, i: c.delete_session(i)),
    "StartSession": with_draft(lambda c, i: c.start_session(i, RETURN_URL)),
    "CancelSession": with_sent(lambda c, i: c.cancel_session(i)),
    "CloseSession": with_sent(lambda c, i: c.close_session(i, return_url=RETURN_URL)),
    "GetSessionActionLogs": with_sent(lambda c, i: c.get_session_action_logs(i)),
    "PurgeSessionDocs": with_completed(lambda c, i: c.purge_session_docs(i, purge_now=True)),
    "CancelPurgingSession": _waiting_to_be_purged,
    "GetArchivedSessions": plain(lambda c: c.get_archived_sessions(10, 0)),
    "GetDeletedSessions": plain(lambda c: c.get_deleted_sessions(10, 0)),
    "GetExpiredSessions": plain(lambda c: c.get_expired_sessions(10, 0)),
    "GetSessionsByTransactionId": with_draft(lambda c, _: c.get_sessions_by_transaction_id("tx")),
    "GetSessionsByTransactionIdMetadata": with_draft(
        lambda c, _: c.get_sessions_by_transaction_id_metadata("tx")
    ),
    "GetSessionsLiteByTransactionId": with_draft(
        lambda c, _: c.get_sessions_lite_by_transaction_id("tx", 50, 0)
    ),
    "UpdateTransactionId": with_draft(lambda c, i: c.update_transaction_id(i, "tx-2")),
    "GetSignerInviteToken": with_signer(lambda c, _, signer: c.get_signer_invite_token(signer)),
    "SendSignerEmailInvites": with_signer(
        lambda c, i, signer: c.send_signer_email_invites(
            i, [SignerInvite(signer_id=signer)], RETURN_URL
        )
    ),
    "UpdateSigners": with_signer(
        lambda c, i, signer: c.update_signers(i, [SignerUpdate(signer_id=signer, last_name="N")])
    ),
    "GetSignerDocuments": with_signer(lambda c, i, signer: c.get_signer_documents(i, signer, 0, 5)),
    "CreateUser": plain(lambda c: c.create_user(NEW_USER)),
    "GetUserById": with_user(lambda c, user: c.get_user_by_id(user.system_user_id)),
    "GetUserByUsername": with_user(lambda c, user: c.get_user_by_username(user.username)),
    "UpdateUser": with_user(
        lambda c, user: c.update_user(User(system_user_id=user.system_user_id, company="X"))
    ),
    "UpdateUserByUsername": with_user(
        lambda c, user: c.update_user_by_username(user.username, User(password="another"))
    ),
    "ProvisionUser": with_user(
        lambda c, user: c.provision_user(user.system_user_id, UserStatus.INACTIVE)
    ),
    "UpdateGroupUserRole": with_user(
        lambda c, user: c.update_group_user_role(user.username, GroupRole.MANAGER)
    ),
}

# What the emulator refuses of what the client lets through. The lists and the address of the web
# pages can be refused for their token alone.
REFUSED: dict[str, tuple[Callable[[Scene], Action], type[Exception], str]] = {
    "GetTokenUserNamePassword": (
        with_user(lambda c, user: c.get_token_user_name_password(user.username, "wrong")),
        AccountRefused,
        "Invalid user account",
    ),
    "AuthenticateUser": (
        plain(lambda c: c.authenticate_user(STRANGER, PASSWORD)),
        UserNotFound,
        "Username not found",
    ),
    "CreateSession": (
        plain(
            lambda c: c.create_session(
                Session(session_info=SessionInfo(title="x")), user_name=STRANGER
            )
        ),
        UserNotFound,
        "Username not found",
    ),
    "UpdateSession": (
        with_completed(lambda c, i: c.update_session(update(i))),
        Constellation1Error,
        "has ended",
    ),
    "EditSession": (
        with_draft(lambda c, i: c.edit_session(i)),
        Constellation1Error,
        "not sent",
    ),
    "CopySigningSession": (
        plain(lambda c: c.copy_signing_session(SessionCopy(signing_session_id=OTHER))),
        SessionNotFound,
        "no session",
    ),
    "GetSession": (plain(lambda c: c.get_session(OTHER)), SessionNotFound, "no session"),
    "DeleteSession": (plain(lambda c: c.delete_session(OTHER)), SessionNotFound, "no session"),
    "StartSession": (
        with_sent(lambda c, i: c.start_session(i, RETURN_URL, policy=StartPolicy(attempts=1))),
        SessionNotStarted,
        "not a draft",
    ),
    "CancelSession": (
        with_completed(lambda c, i: c.cancel_session(i)),
        Constellation1Error,
        "has ended",
    ),
    "CloseSession": (
        with_draft(lambda c, i: c.close_session(i)),
        Constellation1Error,
        "not sent",
    ),
    "GetSessionActionLogs": (
        plain(lambda c: c.get_session_action_logs(OTHER)),
        SessionNotFound,
        "no session",
    ),
    "PurgeSessionDocs": (
        with_sent(lambda c, i: c.purge_session_docs(i)),
        Constellation1Error,
        "not ended",
    ),
    "CancelPurgingSession": (
        with_completed(lambda c, i: c.cancel_purging_session(i)),
        Constellation1Error,
        "does not wait",
    ),
    "GetSessionsByTransactionId": (
        plain(lambda c: c.get_sessions_by_transaction_id("tx", user_name=STRANGER)),
        UserNotFound,
        "Username not found",
    ),
    "GetSessionsByTransactionIdMetadata": (
        plain(lambda c: c.get_sessions_by_transaction_id_metadata("tx", user_name=STRANGER)),
        UserNotFound,
        "Username not found",
    ),
    "GetSessionsLiteByTransactionId": (
        plain(lambda c: c.get_sessions_lite_by_transaction_id("tx", 5, 0, user_name=STRANGER)),
        UserNotFound,
        "Username not found",
    ),
    "UpdateTransactionId": (
        with_draft(lambda c, i: c.update_transaction_id(i, "t", user_name="second@example.com")),
        Constellation1Error,
        "Another user owns",
    ),
    "GetSignerInviteToken": (
        plain(lambda c: c.get_signer_invite_token(OTHER)),
        Constellation1Error,
        "no signer",
    ),
    "SendSignerEmailInvites": (
        with_draft(
            lambda c, i: c.send_signer_email_invites(i, [SignerInvite(signer_id=OTHER)], RETURN_URL)
        ),
        Constellation1Error,
        "not sent",
    ),
    "UpdateSigners": (
        with_draft(lambda c, i: c.update_signers(i, [SignerUpdate(signer_id="17")])),
        Constellation1Error,
        "no signer",
    ),
    "GetSignerDocuments": (
        with_draft(lambda c, i: c.get_signer_documents(i, OTHER, 0, 5)),
        Constellation1Error,
        "no signer",
    ),
    "CreateUser": (
        with_user(
            lambda c, user: c.create_user(NEW_USER.model_copy(update={"username": user.username}))
        ),
        Constellation1Error,
        "There is a user",
    ),
    "GetUserById": (plain(lambda c: c.get_user_by_id("17")), Constellation1Error, "no user"),
    "GetUserByUsername": (
        plain(lambda c: c.get_user_by_username(STRANGER)),
        UserNotFound,
        "Username not found",
    ),
    "UpdateUser": (
        plain(lambda c: c.update_user(User(company="X"))),
        Constellation1Error,
        "SystemUserId is missing",
    ),
    "UpdateUserByUsername": (
        plain(lambda c: c.update_user_by_username(STRANGER, User(company="X"))),
        UserNotFound,
        "Username not found",
    ),
    "ProvisionUser": (
        plain(lambda c: c.provision_user("17", UserStatus.ACTIVE)),
        Constellation1Error,
        "no user",
    ),
    "UpdateGroupUserRole": (
        with_user(
            lambda c, user: c.update_group_user_role(
                USER_NAME, GroupRole.USER, user_name=user.username
            )
        ),
        Constellation1Error,
        "no administrator",
    ),
}
BY_TOKEN_ALONE = {
    "EncryptString",
    "GetToken",
    "GetLandingURL",
    "GetArchivedSessions",
    "GetDeletedSessions",
    "GetExpiredSessions",
}


def test_each_operation_is_tried() -> None:
    names = {one.name for one in OPERATIONS}
    assert ACCEPTED.keys() == names
    assert REFUSED.keys() == names - BY_TOKEN_ALONE


@pytest.mark.parametrize("name", [one.name for one in OPERATIONS])
def test_accepted(kind: Kind, scene: Scene, name: str) -> None:
    result = run(kind, scene.url, ACCEPTED[name](scene))
    answer = getattr(result, "response", result)
    if isinstance(answer, Answer):
        schema = f"#/components/schemas/{operations()[name].answer}"
        check({"$ref": schema, "unevaluatedProperties": False}, answer.raw)
    assert result


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_refused(kind: Kind, scene: Scene, name: str) -> None:
    prepared, error, words = REFUSED[name]
    with pytest.raises(error, match=words) as caught:
        run(kind, scene.url, prepared(scene))
    assert getattr(caught.value, "operation") == name  # noqa: B009 - of any error of ours


@pytest.mark.parametrize("name", [one.name for one in OPERATIONS if "token" in one.authorization])
def test_refused_for_its_token(kind: Kind, name: str, strict_server: Scene) -> None:
    # What the action is about is nowhere: the token is looked at first.
    action = ACCEPTED[name](_Nothing(strict_server.emulator))
    with pytest.raises((TokenRefused, UnexpectedResponse)) as caught:
        run(kind, strict_server.url, action)
    assert getattr(caught.value, "operation") == name  # noqa: B009 - of any error of ours
    assert not strict_server.emulator.state.constellation1.sessions


@pytest.fixture(scope="module")
def strict_server() -> Iterator[Scene]:
    """An emulator whose tokens have expired when they arrive."""
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, token_seconds=1e-9)) as running:
        yield Scene(running)


class _Nothing(Scene):
    """A scene where nothing can be prepared."""

    def draft(self, title: str = "", **_: object) -> UUID:
        return UUID(OTHER)

    def sent(self, **_: object) -> UUID:
        return UUID(OTHER)

    def completed(self) -> UUID:
        return UUID(OTHER)

    def signer(self, _: UUID) -> str:
        return OTHER

    def user(self) -> User:
        return User(username=USER_NAME, system_user_id="17")

    def do(self, action: Action, **_: object) -> None:
        pass


def test_a_wrong_key_gets_no_token(kind: Kind, scene: Scene) -> None:
    with pytest.raises(AccountRefused, match="Invalid API key"):
        run(kind, scene.url, lambda c: c.get_token(), api_key="wrong")


# What one call changes, the others read


def test_signers_sign_one_after_the_other(kind: Kind, scene: Scene) -> None:
    session = scene.sent(use_sequence=UseSequence.SEQUENTIAL)

    def statuses() -> list[object]:
        answer: Any = run(kind, scene.url, lambda c: c.get_session(session))
        return [one.status_code for one in answer.sessions[0].signers]

    assert statuses() == [SignerStatus.INVITED, SignerStatus.PENDING_INVITE]
    scene.emulator.sign(session)
    assert statuses() == [SignerStatus.COMPLETED, SignerStatus.INVITED]
    with pytest.raises(Constellation1Error, match="has begun"):
        run(kind, scene.url, lambda c: c.edit_session(session))
    scene.emulator.sign(session)
    assert scene.status(session) is SessionStatus.COMPLETED
    log: Any = run(kind, scene.url, lambda c: c.get_session_action_logs(session))
    assert [one.description for one in log.action_log] == [
        "The session was created.",
        "The session was sent.",
        "Ada@example.com signed.",
        "Bob@example.com signed.",
        "The session was completed.",
    ]


def test_a_signer_who_declines(scene: Scene) -> None:
    session = scene.sent()
    scene.emulator.decline(session)
    (found,) = scene.do(lambda c: c.get_session(session)).sessions
    assert [one.status_code for one in found.signers] == [
        SignerStatus.DECLINED,
        SignerStatus.INVITED,
    ]
    assert found.signers[0].declined_reason
    with pytest.raises(InvalidRequest, match="cannot be completed"):
        scene.emulator.complete(session)


def test_sessions_move_from_list_to_list(kind: Kind, scene: Scene) -> None:
    expired, deleted, sessions = scene.sent(), scene.draft(), [scene.completed() for _ in range(3)]
    scene.emulator.expire(expired)
    scene.do(lambda c: c.delete_session(deleted))
    for session in sessions:
        with scene.emulator.state.lock:
            found = scene.emulator.state.constellation1.sessions[session]
            found.archive(scene.emulator.state.now())

    async def listed(client: AsyncConstellation1) -> dict[str, list[UUID | None]]:
        return {
            "expired": [one.signing_session_id async for one in client.all_expired_sessions()],
            "deleted": [one.signing_session_id async for one in client.all_deleted_sessions()],
            "archived": [
                one.signing_session_id async for one in client.all_archived_sessions(page_size=2)
            ],
        }

    def listed_at_once(client: Constellation1) -> dict[str, list[UUID | None]]:
        return {
            "expired": [one.signing_session_id for one in client.all_expired_sessions()],
            "deleted": [one.signing_session_id for one in client.all_deleted_sessions()],
            "archived": [
                one.signing_session_id for one in client.all_archived_sessions(page_size=2)
            ],
        }

    action: Any = listed if kind == "async" else listed_at_once
    expected = {"expired": [expired], "deleted": [deleted], "archived": sessions}
    assert run(kind, scene.url, action) == expected


def test_a_list_is_sorted_and_cut_into_pages(scene: Scene) -> None:
    for title in ("B", "C", "A"):
        scene.draft(title, transaction_id="tx")
    scene.draft("D", transaction_id="other")

    def titles(page: int, order: SortOrder) -> list[str]:
        answer = scene.do(
            lambda c: c.get_sessions_lite_by_transaction_id(
                "tx", 2, page, sort_column=SortColumn.TITLE, sort_order=order
            )
        )
        assert answer.total_count == 3
        return [one.title for one in answer.sessions]

    assert [titles(page, SortOrder.ASCENDING) for page in range(3)] == [["A", "B"], ["C"], []]
    assert titles(0, SortOrder.DESCENDING) == ["C", "B"]


def test_an_update_adds_and_says_what_it_did_not_add(kind: Kind, scene: Scene) -> None:
    session = scene.draft()
    changes = update(
        session,
        session_info=SessionInfoUpdate(title="Sale"),
        documents=[Document(form_id="17", sequence=1)],
        signers=[
            SignerUpdate(last_name="Cy", signer_role="Cy", email_address="cy@example.com"),
            SignerUpdate(last_name="Dee", signer_role="Ada", email_address="dee@example.com"),
        ],
    )
    with pytest.raises(Constellation1Error, match="Dee was not added: the role Ada is taken"):
        run(kind, scene.url, lambda c: c.update_session(changes))
    (found,) = scene.do(lambda c: c.get_session(session)).sessions
    assert found.session_info.title == "Sale"
    assert [one.form_id for one in found.documents] == ["17", None]
    assert [one.last_name for one in found.signers] == ["Ada", "Bob", "Cy"]


def test_a_refused_update_changes_nothing(scene: Scene) -> None:
    session = scene.draft()
    before = scene.do(lambda c: c.get_session(session)).raw
    changes = update(
        session,
        session_info=SessionInfoUpdate(title="Sale"),
        documents=[DOCUMENT],
        signers=[SignerUpdate(signer_id=OTHER, last_name="X")],
    )
    with pytest.raises(Constellation1Error, match="no signer"):
        scene.do(lambda c: c.update_session(changes))
    assert scene.do(lambda c: c.get_session(session)).raw == before


def test_a_paused_session_is_changed_and_started_again(kind: Kind, scene: Scene) -> None:
    session = scene.sent()
    run(kind, scene.url, lambda c: c.edit_session(session))
    assert scene.status(session) is SessionStatus.IN_PAUSED
    run(kind, scene.url, lambda c: c.update_session(update(session, documents=[DOCUMENT])))
    run(kind, scene.url, lambda c: c.start_session(session, RETURN_URL))
    assert scene.status(session) is SessionStatus.IN_SENT


def test_a_copy_keeps_replaces_and_adds_signers(kind: Kind, scene: Scene) -> None:
    session = scene.completed()
    wanted = SessionCopy(
        signing_session_id=session,
        session_info=SessionInfoCopy(transaction_id="tx-2", transaction_title="Copy"),
        signers=[
            SignerCopy(signer_id=scene.signer(session), email_address="new@example.com"),
            SignerCopy(email_address="added@example.com"),
        ],
    )
    made: Any = run(kind, scene.url, lambda c: c.copy_signing_session(wanted))
    (found,) = scene.do(lambda c: c.get_session(made.session_id)).sessions
    assert (found.status, found.session_info.title) == (SessionStatus.IN_DRAFT, "Copy")
    assert [(one.last_name, one.email_address) for one in found.signers] == [
        ("Ada", "new@example.com"),
        (None, "added@example.com"),
    ]
    with pytest.raises(SessionNotStarted, match="last name"):
        scene.do(
            lambda c: c.start_session(made.session_id, RETURN_URL, policy=StartPolicy(attempts=1))
        )


def test_documents_are_purged_at_once_or_after_a_wait() -> None:
    clock = [datetime(2026, 1, 1, tzinfo=UTC)]
    state = State(clock=lambda: clock[0])
    settings = EmulatorSettings(schemas=SCHEMAS)
    with EmulatorServer(settings, state=state) as server:
        scene = Scene(server)
        now, later, kept = (scene.completed() for _ in range(3))
        scene.do(lambda c: c.purge_session_docs(now, purge_now=True))
        for session in (later, kept):
            scene.do(lambda c, session=session: c.purge_session_docs(session))
        scene.do(lambda c: c.cancel_purging_session(kept))
        clock[0] += timedelta(hours=71)
        assert scene.status(later) is SessionStatus.COMPLETED
        clock[0] += timedelta(hours=1)
        assert [scene.status(one) for one in (now, later, kept)] == [
            SessionStatus.PURGED,
            SessionStatus.PURGED,
            SessionStatus.COMPLETED,
        ]


def test_a_session_expires_by_the_clock() -> None:
    clock = [datetime.now(UTC)]
    state = State(clock=lambda: clock[0])
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS), state=state) as server:
        scene = Scene(server)
        for form in ("milliseconds", "iso8601"):
            expires = clock[0] + timedelta(days=3)
            session = scene.do(
                lambda c, expires=expires: c.create_session(
                    Session(
                        session_info=SessionInfo(title="Lease", expires_on=expires),
                        documents=(DOCUMENT,),
                        signers=(
                            Signer(last_name="A", signer_role="A", email_address="a@example.com"),
                        ),
                    )
                ),
                json_form=JsonForm(dates=form),
            ).session_id
            scene.do(lambda c, session=session: c.start_session(session, RETURN_URL))
            assert scene.status(session) is SessionStatus.IN_SENT
            clock[0] += timedelta(days=3)
            assert scene.status(session) is SessionStatus.EXPIRED
            clock[0] -= timedelta(days=3)


def test_signers_are_changed_and_upload(kind: Kind, scene: Scene) -> None:
    session = scene.sent()
    signer = scene.signer(session)
    changes = SignerUpdate(signer_id=signer, last_name="New", mandate_doc_upload=True)
    run(kind, scene.url, lambda c: c.update_signers(session, [changes]))
    scene.emulator.sign(session)
    answer: Any = run(kind, scene.url, lambda c: c.get_signer_documents(session, signer, 0, 5))
    assert (answer.total_count, answer.documents[0].file_name) == (1, "upload.pdf")
    (found,) = scene.do(lambda c: c.get_session(session)).sessions
    assert (found.signers[0].last_name, found.signers[0].signer_role) == ("New", "Ada")


def test_users_change(kind: Kind, scene: Scene) -> None:
    user = scene.user()

    def login(name: str, password: str) -> object:
        return run(kind, scene.url, lambda c: c.get_token_user_name_password(name, password))

    changes = User(username="renamed@example.com", password="another", company="X")
    run(kind, scene.url, lambda c: c.update_user_by_username(user.username, changes))
    found = scene.do(lambda c: c.get_user_by_id(user.system_user_id)).user
    assert (found.username, found.company, found.first_name) == ("renamed@example.com", "X", "U")
    with pytest.raises(UserNotFound):
        scene.do(lambda c: c.get_user_by_username(user.username))
    assert login("renamed@example.com", "another")
    scene.do(lambda c: c.provision_user(user.system_user_id, UserStatus.INACTIVE))
    with pytest.raises(AccountRefused):
        login("renamed@example.com", "another")


def test_an_account_sees_no_session_of_another(kind: Kind, scene: Scene) -> None:
    session = scene.sent()
    signer = scene.signer(session)
    for action in (
        lambda c: c.get_session(session),
        lambda c: c.cancel_session(session),
        lambda c: c.get_signer_invite_token(signer),
    ):
        with pytest.raises(SessionNotFound):
            run(kind, scene.url, action, api_key=SECOND_KEY)
    assert scene.status(session) is SessionStatus.IN_SENT


def test_the_state_can_be_pickled(scene: Scene) -> None:
    session = scene.sent()
    scene.user()
    again = pickle.loads(pickle.dumps(scene.emulator.state.constellation1))  # noqa: S301 - ours
    assert again.sessions[session] == scene.emulator.state.constellation1.sessions[session]
    assert again.summary() == scene.emulator.state.constellation1.summary()
