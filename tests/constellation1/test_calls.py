"""Every call of the document through the clients, held against the document itself."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire._json import Sent
from esignwire._json import operations as json_operations
from esignwire.constellation1 import (
    AuthenticationMethod,
    AuthenticationSettings,
    Constellation1,
    CreatedSession,
    Document,
    EmailOptions,
    GroupRole,
    JsonForm,
    NewUser,
    Session,
    SessionCopy,
    SessionInfo,
    SessionInfoCopy,
    SessionInfoUpdate,
    SessionLite,
    SessionStatus,
    SessionUpdate,
    Signer,
    SignerCopy,
    SignerInvite,
    SignerUpdate,
    SortColumn,
    SortOrder,
    StartedSession,
    StartPolicy,
    User,
    UserStatus,
    UseSequence,
)
from esignwire.constellation1._requests import request_of, take_arguments
from esignwire.errors import (
    AccountRefused,
    Constellation1Error,
    DocumentRefused,
    EsignWireError,
    InvalidRequest,
    OutcomeUnknown,
    ResponseTooLarge,
    SessionNotFound,
    SignersRefused,
    TokenRefused,
    UnexpectedResponse,
    UserNotFound,
)
from esignwire_generated.constellation1.calls import OPERATIONS
from tests.support.constellation1 import (
    API_KEY,
    RETURN_URL,
    SESSION_ID,
    USER_NAME,
    Canned,
    Kind,
    Seen,
    Vendor,
    run,
    serving,
)
from tests.support.openapi import TEXTS, check, check_request, document, operations

OTHER = "0b1c2d3e-4a5b-4c6d-8e7f-901122334455"
TRUE = {"ReturnValue": "True"}
SESSIONS = {"SigningSessionId": SESSION_ID, "Sessions": [{"Id": SESSION_ID, "StatusCode": 2}]}
USERS = {"Users": [{"SystemUserId": "17", "Username": "pat@example.com"}]}
PAGE = {"TotalCount": 1, "Sessions": [{"SigningSessionId": SESSION_ID, "Title": "Lease"}]}

Action = Callable[[Any], Any]
CALLS: dict[str, tuple[Action, object]] = {
    "EncryptString": (lambda c: c.encrypt_string("plain/text", "salt1"), {"ReturnValue": "abc"}),
    "GetToken": (lambda c: c.get_token(), {"ReturnValue": "abc"}),
    "GetTokenUserNamePassword": (
        lambda c: c.get_token_user_name_password("pat@example.com", "CANARY-password"),
        {"ReturnValue": "abc"},
    ),
    "AuthenticateUser": (
        lambda c: c.authenticate_user("pat@example.com", "CANARY-password"),
        USERS,
    ),
    "GetLandingURL": (lambda c: c.get_landing_url(), {"ReturnValue": "https://x.example/?a=ü"}),
    "CreateSession": (
        lambda c: c.create_session(Session(session_info=SessionInfo(title="Lease"))),
        SESSIONS,
    ),
    "UpdateSession": (
        lambda c: c.update_session(
            SessionUpdate(
                id=SESSION_ID,
                session_info=SessionInfoUpdate(remove_unassigned_signer_roles=True),
                documents=[Document(form_id="17", sequence=1)],
                signers=[SignerUpdate(signer_id="3", email_address="new@example.com")],
            )
        ),
        SESSIONS,
    ),
    "EditSession": (lambda c: c.edit_session(SESSION_ID), SESSIONS),
    "CopySigningSession": (
        lambda c: c.copy_signing_session(
            SessionCopy(
                signing_session_id=UUID(OTHER),
                session_info=SessionInfoCopy(transaction_id="tx-2"),
                signers=[SignerCopy(signer_id="1", email_address="b@example.com")],
            )
        ),
        SESSIONS,
    ),
    "GetSession": (lambda c: c.get_session(SESSION_ID), SESSIONS),
    "DeleteSession": (lambda c: c.delete_session(SESSION_ID), TRUE),
    "StartSession": (lambda c: c.start_session(SESSION_ID, RETURN_URL), TRUE),
    "CancelSession": (lambda c: c.cancel_session(SESSION_ID), TRUE),
    "CloseSession": (lambda c: c.close_session(SESSION_ID, return_url=RETURN_URL), TRUE),
    "GetSessionActionLogs": (
        lambda c: c.get_session_action_logs(SESSION_ID),
        {"Actionlog": [{"Date": "/Date(0)/", "IPAddress": "::1", "Description": "Viewed"}]},
    ),
    "PurgeSessionDocs": (lambda c: c.purge_session_docs(SESSION_ID, purge_now=True), TRUE),
    "CancelPurgingSession": (lambda c: c.cancel_purging_session(SESSION_ID), TRUE),
    "GetArchivedSessions": (lambda c: c.get_archived_sessions(10, 0), PAGE),
    "GetDeletedSessions": (lambda c: c.get_deleted_sessions(10, 1), PAGE),
    "GetExpiredSessions": (lambda c: c.get_expired_sessions(10, 2), PAGE),
    "GetSessionsByTransactionId": (lambda c: c.get_sessions_by_transaction_id("a/b c"), SESSIONS),
    "GetSessionsByTransactionIdMetadata": (
        lambda c: c.get_sessions_by_transaction_id_metadata("tx", user_name="o@example.com"),
        SESSIONS,
    ),
    "GetSessionsLiteByTransactionId": (
        lambda c: c.get_sessions_lite_by_transaction_id(
            "tx", 50, 0, sort_column=SortColumn.TITLE, sort_order=SortOrder.DESCENDING
        ),
        PAGE,
    ),
    "UpdateTransactionId": (lambda c: c.update_transaction_id(SESSION_ID, "tx-3"), {"Ok": 1}),
    "GetSignerInviteToken": (lambda c: c.get_signer_invite_token("17"), {"ReturnValue": "abc"}),
    "SendSignerEmailInvites": (
        lambda c: c.send_signer_email_invites(
            SESSION_ID, [SignerInvite(signer_id="1")], RETURN_URL
        ),
        TRUE,
    ),
    "UpdateSigners": (
        lambda c: c.update_signers(SESSION_ID, [SignerUpdate(signer_id="1", last_name="B")]),
        {"Signers": [{"SignerId": "1"}]},
    ),
    "GetSignerDocuments": (
        lambda c: c.get_signer_documents(SESSION_ID, "1", 0, 5),
        {"Docs": [{"Title": "Passport", "Size": 17}], "TotalCount": 1},
    ),
    "CreateUser": (
        lambda c: c.create_user(
            NewUser(
                first_name="Pat",
                last_name="Example",
                username="pat@example.com",
                password="CANARY-password",
                status_code=UserStatus.ACTIVE,
            )
        ),
        USERS,
    ),
    "UpdateUser": (lambda c: c.update_user(User(system_user_id="17", company="X")), USERS),
    "GetUserByUsername": (lambda c: c.get_user_by_username("pat+a@example.com"), USERS),
    "GetUserById": (lambda c: c.get_user_by_id("17"), USERS),
    "UpdateUserByUsername": (
        lambda c: c.update_user_by_username("pat@example.com", User(password="CANARY-password")),
        USERS,
    ),
    "ProvisionUser": (lambda c: c.provision_user("17", UserStatus.INACTIVE), USERS),
    "UpdateGroupUserRole": (
        lambda c: c.update_group_user_role("pat@example.com", GroupRole.MANAGER),
        TRUE,
    ),
}


# The calls that answer with a text, which may be any.
TEXT_ANSWERS = {
    name
    for name, one in operations().items()
    if one.operation["x-esw-answer"] in {"text", "secret"}
}


def answer_with(vendor: Vendor, name: str, *answers: Canned) -> None:
    """The last requests of a call are those that the answers are for."""
    if name == "EncryptString":
        vendor.encrypt_replies = list(answers)
    elif name == "GetToken":
        vendor.token_replies = list(answers)
    else:
        vendor.replies = list(answers)


def test_each_call_is_here() -> None:
    assert CALLS.keys() == operations().keys()


@pytest.mark.parametrize("name", sorted(CALLS))
def test_what_is_sent_is_what_the_document_says(kind: Kind, vendor: Vendor, name: str) -> None:
    action, answer = CALLS[name]
    answer_with(vendor, name, Canned(answer))
    result = run(kind, vendor.url, action)
    seen = vendor.seen[-1]
    check_request(name, seen.method, seen.path, json.loads(seen.content or b"null"))
    assert "CANARY" not in repr(result)
    if name in TEXT_ANSWERS:
        assert result == answer["ReturnValue"]  # type: ignore[index]  # of these calls
    elif name == "StartSession":
        assert isinstance(result, StartedSession)
    elif name in {"CreateSession", "CopySigningSession"}:
        assert isinstance(result, CreatedSession)
        assert result.session_id == UUID(SESSION_ID)
    else:
        assert getattr(result, "raw") == answer  # noqa: B009 - of any answer


@pytest.mark.parametrize("name", sorted(CALLS))
def test_a_refusal_is_an_error_with_the_vendors_words(
    kind: Kind, vendor: Vendor, name: str
) -> None:
    words = "Error: Username not found. CANARY-password"
    answer_with(vendor, name, Canned({"Details": [words]}))
    with pytest.raises(UserNotFound) as caught:
        run(kind, vendor.url, CALLS[name][0])
    assert caught.value.operation == name
    assert str(caught.value.vendor_text).startswith("Error: Username not found.")
    if "CANARY" in json.dumps([one.path + one.content.decode() for one in vendor.seen]):
        assert "CANARY" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


@pytest.mark.parametrize("name", sorted(CALLS))
@pytest.mark.parametrize("text", ["Error: it did not work", "not today"])
def test_false_is_never_taken_for_success(kind: Kind, vendor: Vendor, name: str, text: str) -> None:
    # A start that is refused in so many words is tried again, as its policy says.
    answers = [Canned({"ReturnValue": "False", "Details": text})] * 9
    answer_with(vendor, name, *answers)
    with pytest.raises(Constellation1Error, match=text):
        run(kind, vendor.url, CALLS[name][0], start_policy=StartPolicy(attempts=1))


@pytest.mark.parametrize("name", sorted(CALLS))
def test_an_answer_that_does_not_come(kind: Kind, vendor: Vendor, name: str) -> None:
    answer_with(vendor, name, *[Canned(action="drop")] * 9)
    operation = next(one for one in OPERATIONS if one.name == name)
    with pytest.raises(EsignWireError) as caught:
        run(kind, vendor.url, CALLS[name][0])
    if operation.is_safe:
        assert caught.value.is_retry_safe or not isinstance(caught.value, OutcomeUnknown)
        return
    assert isinstance(caught.value, OutcomeUnknown)
    assert caught.value.reference
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("name", [one.name for one in OPERATIONS if one.is_once])
@pytest.mark.parametrize(
    "answer", [Canned(status=401, content=b""), Canned({}), Canned({"Details": None})]
)
def test_what_makes_something_is_never_made_twice(
    kind: Kind, vendor: Vendor, name: str, answer: Canned
) -> None:
    vendor.replies = [answer, Canned(CALLS[name][1])]
    with pytest.raises(UnexpectedResponse) as caught:
        run(kind, vendor.url, CALLS[name][0])
    assert len(vendor.calls) == 1
    assert not caught.value.is_retry_safe
    vendor.replies = [Canned({"Details": "Error: Invalid token"}), Canned(CALLS[name][1])]
    run(kind, vendor.url, CALLS[name][0])
    assert len(vendor.calls) == 3


# Headers and secrets


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_in_other_words_is_what_they_say(kind: Kind, vendor: Vendor, status: int) -> None:
    vendor.replies = [Canned({"Details": "Error: Username not found."}, status=status)]
    with pytest.raises(UserNotFound) as caught:
        run(kind, vendor.url, CALLS["CreateSession"][0])
    assert caught.value.http_status == status
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("name", sorted(CALLS.keys() - TEXT_ANSWERS))
@pytest.mark.parametrize(
    "refusal",
    [
        {"Error": {"Message": "Error: it failed"}},
        {"errorMessage": "it failed", "Sessions": []},
        {"Errors": ["it failed"], "Users": None},
        {"Fault": {"Code": 17}},
        {"Success": False},
    ],
)
def test_what_names_an_error_is_no_ordinary_answer(
    kind: Kind, vendor: Vendor, name: str, refusal: dict[str, object]
) -> None:
    vendor.replies = [Canned(refusal)]
    with pytest.raises((Constellation1Error, UnexpectedResponse)) as caught:
        run(kind, vendor.url, CALLS[name][0], start_policy=StartPolicy(attempts=1))
    assert not isinstance(caught.value, TokenRefused)
    assert len(vendor.calls) == 1


CONTRADICTIONS = [
    b'{"ReturnValue": "True", "Details": "Error: Invalid token"}',
    b'{"ReturnValue": "False", "returnValue": "True"}',
    b'{"ReturnValue": "False", "ReturnValue": "True"}',
    b'{"ReturnValue": "True", "IsSuccess": false}',
]


@pytest.mark.parametrize("name", ["CreateSession", "StartSession", "SendSignerEmailInvites"])
@pytest.mark.parametrize("content", CONTRADICTIONS)
def test_what_contradicts_itself_is_no_success_and_is_not_sent_again(
    kind: Kind, vendor: Vendor, name: str, content: bytes
) -> None:
    vendor.replies = [Canned(content=content)]
    with pytest.raises(EsignWireError) as caught:
        run(kind, vendor.url, CALLS[name][0], start_policy=StartPolicy(attempts=1))
    assert not caught.value.is_retry_safe
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("form", ["numbers", "base64"])
def test_a_file_that_the_vendor_quotes_is_masked(kind: Kind, vendor: Vendor, form: Any) -> None:
    words = b"%PDF-1.4 a contract with a name in it " * 200
    file = Document(file_name="a.pdf", file_bytes=words)
    session = Session(session_info=SessionInfo(title="Lease"), documents=[file])

    class Echo(Vendor):
        def reply(self, seen: Seen) -> Canned:
            canned = super().reply(seen)
            # The vendor quotes the beginning alone, which ends within the file.
            return (
                Canned({"Details": f"Error: {seen.content.decode()[:1500]}"}, status=500)
                if (seen.method == "POST")
                else canned
            )

    with serving(Echo()) as echo:
        echo.replies = [Canned()]
        with pytest.raises(Constellation1Error, match="FileName") as caught:
            run(
                kind,
                echo.url,
                lambda client: client.create_session(session),
                json_form=JsonForm(file_bytes=form),
            )
    quoted = base64.b64encode(words).decode() if form == "base64" else ",".join(map(str, words))
    assert quoted[:60] not in f"{caught.value} {vars(caught.value)}"


def test_passwords_are_encrypted_by_the_vendor(kind: Kind, vendor: Vendor) -> None:
    for name in ("CreateUser", "UpdateUserByUsername"):
        vendor.replies = [Canned(USERS)]
        run(kind, vendor.url, CALLS[name][0])
        body = json.loads(vendor.seen[-1].content)
        assert body["user"]["Password"] == f"enc:{body['salt']}"
        assert len(body["salt"]) == 43


def test_no_error_quotes_a_password_as_the_vendor_encrypted_it(kind: Kind) -> None:
    class Echo(Vendor):
        def reply(self, seen: Seen) -> Canned:
            if seen.method != "POST":
                return super().reply(seen)
            quoted = json.loads(seen.content)["user"]["Password"]
            return Canned({"Details": f"Error: {quoted} is weak"})

    with (
        serving(Echo()) as echo,
        pytest.raises(Constellation1Error, match=r"Error: \*\*\* is weak"),
    ):
        run(kind, echo.url, CALLS["CreateUser"][0])


def test_a_password_in_the_header(kind: Kind, vendor: Vendor) -> None:
    for name in ("GetTokenUserNamePassword", "AuthenticateUser"):
        vendor.replies = [Canned(CALLS[name][1])]
        run(kind, vendor.url, CALLS[name][0])
        seen = vendor.seen[-1]
        salt = seen.path.rpartition("/")[2]
        (header,) = seen.headers["authorization"]
        assert header.endswith(f"enc:{salt}")
        assert header.startswith("token-") is (name == "AuthenticateUser")


def test_a_known_error_has_a_type_of_its_own(kind: Kind, vendor: Vendor) -> None:
    for text, error in (
        ("Error: Invalid API key", AccountRefused),
        ("Error: Invalid user account information", AccountRefused),
        ("Error: username NOT found.", UserNotFound),
        ("Error: my lease.pdf did not upload.", DocumentRefused),
        ("Error: All signers must have a last name and valid email address.", SignersRefused),
        ("Error: There is no session with this id.", SessionNotFound),
        ("Error: something else", Constellation1Error),
    ):
        vendor.replies = [Canned({"Details": text})]
        with pytest.raises(Constellation1Error) as caught:
            run(kind, vendor.url, CALLS["GetSession"][0])
        assert type(caught.value) is error
        assert caught.value.vendor_text == text


# Pages


def numbered(count: int, total: int | None, first: int = 0) -> Canned:
    items = [{"Title": str(number)} for number in range(first, first + count)]
    return Canned({"Rows": items, "TotalCount": total})


def all_archived(kind: Kind, url: str, **options: object) -> list[SessionLite]:
    async def gather(client: Any) -> list[SessionLite]:
        return [one async for one in client.all_archived_sessions(page_size=2, **options)]

    def collect(client: Constellation1) -> list[SessionLite]:
        return list(client.all_archived_sessions(page_size=2))

    return run(kind, url, gather if kind == "async" else collect)  # type: ignore[return-value]


@pytest.mark.parametrize(
    "pages",
    [
        [numbered(2, 3), numbered(1, 3, 2)],
        [numbered(2, None), numbered(1, None, 2), numbered(0, None)],
        [numbered(2, None), numbered(1, 3, 2)],
        [numbered(2, 99), numbered(1, 99, 2), numbered(0, 99)],
        # A service that ignores the number of the page.
        [numbered(2, 99), numbered(1, 99, 2), numbered(1, 99, 2)],
    ],
)
def test_pages_follow_each_other(kind: Kind, vendor: Vendor, pages: list[Canned]) -> None:
    vendor.replies = list(pages)
    assert [one.title for one in all_archived(kind, vendor.url)] == ["0", "1", "2"]
    numbers = [seen.path.rpartition("/rest/v1/sessions/archived/")[2] for seen in vendor.calls]
    assert numbers == [f"2/{number}" for number in range(len(pages))]


@pytest.mark.parametrize("value", [b"{}", b"0.5", b"1e9", b"-7", b"257", b'"",""'])
def test_a_small_answer_fills_no_memory(vendor: Vendor, value: bytes) -> None:
    vendor.replies = [Canned(content=b'{"Sessions":[%s{}]}' % ((value + b",") * 1_000_001))] * 3
    with pytest.raises(ResponseTooLarge, match="1,000,000 texts, brackets and numbers"):
        all_archived("sync", vendor.url)


def test_the_bytes_of_a_file_are_no_numbers(vendor: Vendor) -> None:
    numbers = b",".join(b"%d" % one for one in range(256))
    content = b'{"Sessions":[], "FileBytes": [%s0]}' % ((numbers + b",") * 4000)
    vendor.replies = [Canned(content=content)]
    assert all_archived("sync", vendor.url) == []


def test_pages_that_come_in_turn_have_an_end(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [numbered(2, None), numbered(2, None, 2)] * 10
    assert {one.title for one in all_archived(kind, vendor.url)} == {"0", "1", "2", "3"}
    assert vendor.replies


def test_a_list_without_end_is_an_error(
    kind: Kind, vendor: Vendor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_operations, "_MOST_PAGES", 3)
    vendor.replies = [numbered(2, None, 2 * page) for page in range(9)]
    with pytest.raises(UnexpectedResponse, match="goes on after 3 pages"):
        all_archived(kind, vendor.url)


def test_a_list_without_anything_is_no_refusal(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({"Sessions": [], "TotalCount": 0})]
    assert all_archived(kind, vendor.url) == []
    vendor.replies = [Canned({"Sessions": None, "TotalCount": None, "Details": None})] * 2
    with pytest.raises(TokenRefused):
        all_archived(kind, vendor.url)


def test_a_session_of_which_no_more_than_the_id_is_said(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({"SigningSessionIds": [SESSION_ID, OTHER], "TotalCount": 2})]
    found = all_archived(kind, vendor.url)
    assert [one.signing_session_id for one in found] == [UUID(SESSION_ID), UUID(OTHER)]


# Limits


REFUSED: list[tuple[Action, str]] = [
    (lambda c: c.get_archived_sessions(0, 0), "page_size"),
    (lambda c: c.get_archived_sessions(1, -1), "page_num"),
    (lambda c: c.get_sessions_lite_by_transaction_id("tx", 51, 0), "page_size"),
    (lambda c: c.get_sessions_by_transaction_id(" "), "transaction_id"),
    (lambda c: c.get_session(None), "session_id"),
    (lambda c: c.get_session(17), "session_id"),
    (lambda c: c.send_signer_email_invites(SESSION_ID, [], RETURN_URL), "signers"),
    (lambda c: c.send_signer_email_invites(SESSION_ID, "text", RETURN_URL), "signers"),
    (lambda c: c.update_signers(SESSION_ID, [17]), "signers/0"),
    (lambda c: c.encrypt_string("x", "no salt"), "salt"),
    (lambda c: c.create_session(SessionInfo(title="x")), "session"),
    (lambda c: c.create_session(None), "session"),
    (lambda c: c.create_session([]), "session"),
    (lambda c: c.update_group_user_role("pat@example.com", "Owner"), "user_role"),
    (lambda c: c.get_user_by_id("a\ud800"), "system_user_id"),
    (lambda c: c.call("TRACE", "v1/x"), "method"),
    (lambda c: c.call("GET", "https://x.example/v1/x"), "path"),
    (lambda c: c.call("GET", "v1/../x"), "path"),
    (lambda c: c.call("GET", "v1/%2e./x"), "path"),
    (lambda c: c.call("GET", "v1/a b"), "path"),
    (lambda c: c.call("POST", "v1/x", {"a": float("nan")}), "a"),
    (lambda c: c.call("POST", "v1/x", {"a": [{"b": "\ud800"}]}), "a/0/b"),
    (lambda c: c.call("POST", "v1/x", {"a": datetime(2026, 1, 1)}), "a"),
    (lambda c: c.call("POST", "v1/x", {"a": object()}), "a"),
]


@pytest.mark.parametrize(("action", "path"), REFUSED)
def test_what_is_refused_before_anything_is_sent(
    kind: Kind, vendor: Vendor, action: Action, path: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run(kind, vendor.url, action)
    assert caught.value.path == path
    str(caught.value).encode()
    assert vendor.seen == []


def test_models_refuse_what_they_cannot_send(tmp_path: Path) -> None:
    for make in (
        lambda: SessionUpdate(id="17"),
        lambda: SessionUpdate(id="0" * 32),
        SignerCopy,
        lambda: NewUser(first_name="a", last_name="b", username="c", password="d"),
        lambda: SessionInfo(title="lone \ud800"),
        lambda: SessionInfo(title="t", description="lone \udfff"),
    ):
        with pytest.raises(InvalidRequest) as caught:
            make()
        str(caught.value).encode()
    with pytest.raises(InvalidRequest, match="from_file") as caught:
        Document(file_name="agreement.pdf", file_bytes="agreement.pdf")  # type: ignore[arg-type]
    assert caught.value.path == "Document/FileBytes"
    with pytest.raises(InvalidRequest, match="cannot be read"):
        Document.from_file(tmp_path / "missing.pdf")
    with pytest.raises(InvalidRequest, match="must be"):
        Document.from_file(tmp_path)
    path = tmp_path / "agreement.pdf"
    path.write_bytes(b"%PDF-")
    for found in (
        Document.from_file(path),
        Document.from_file(str(path)),
        Document(file_name="agreement.pdf", file_bytes=path),  # type: ignore[arg-type]
        Document(file_name="agreement.pdf", file_bytes=bytearray(b"%PDF-")),
    ):
        assert found == Document(file_name="agreement.pdf", file_bytes=b"%PDF-")
    assert Document.from_file(path, file_name="other.PDF").file_name == "other.PDF"
    with pytest.raises(InvalidRequest, match="end in"):
        Document.from_file(path, file_name="other.exe")


def test_lone_surrogates_are_refused_wherever_they_stand(kind: Kind, vendor: Vendor) -> None:
    settings = AuthenticationSettings.model_validate({"Phone": "\ud800"})
    signer = Signer(last_name="a", signer_role="b", authentication_settings=settings)
    session = Session(session_info=SessionInfo(title="t"), signers=[signer])
    with pytest.raises(InvalidRequest, match="lone surrogate"):
        run(kind, vendor.url, lambda c: c.create_session(session))
    assert vendor.seen == []


@pytest.mark.parametrize(
    "content",
    [
        b'{"\\ud800": 1, "SigningSessionId": "%s"}' % SESSION_ID.encode(),
        b'{"SigningSessionId": "%s", "Sessions": [{"\\udfff": {"\\ud800": []}}]}'
        % SESSION_ID.encode(),
        b'{"SigningSessionId": "%s", "Details": ["\\ud800"]}' % SESSION_ID.encode(),
    ],
)
def test_lone_surrogates_in_an_answer_hide_nothing(
    kind: Kind, vendor: Vendor, content: bytes
) -> None:
    vendor.replies = [Canned(content=content)]
    result = run(kind, vendor.url, CALLS["CreateSession"][0])
    assert isinstance(result, CreatedSession)
    assert result.session_id == UUID(SESSION_ID)


# Calls that the document does not know


def test_a_call_by_hand(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({"Groups": [1]}), Canned(TRUE)]
    result = run(
        kind,
        vendor.url,
        lambda c: c.call("GET", "v1/clientgroups?a=b%20c"),
    )
    assert getattr(result, "raw") == {"Groups": [1]}  # noqa: B009
    body = {
        "when": datetime(2026, 1, 2, tzinfo=UTC),
        "id": UUID(SESSION_ID),
        "signer": Signer(last_name="a", signer_role="b"),
        "file": b"\x01\x02",
        "plain": [None, True, 1.5, "/Date(1)/"],
    }
    run(kind, vendor.url, lambda c: c.call("PUT", "/v1/x", body))
    first, second = vendor.calls
    assert (first.method, first.path) == ("GET", "/rest/v1/clientgroups?a=b%20c")
    assert first.headers["authorization"] == ["token-1"]
    assert json.loads(second.content) == {
        "when": "/Date(1767312000000)/",
        "id": SESSION_ID,
        "signer": {"LastName": "a", "SignerRole": "b", "AuthMethods": [], "Properties": []},
        "file": [1, 2],
        "plain": [None, True, 1.5, "/Date(1)/"],
    }
    # Only what is a date is written as .NET writes dates.
    assert second.content.count(rb"\/Date(") == 1


def test_errors_of_a_call_by_hand(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [
        Canned({"Details": "Error: CANARY-secret is too weak"}),
        Canned({"ReturnValue": "False", "Details": "no"}),
        Canned(status=401, content=b""),
        Canned(action="drop"),
    ]
    body = {"user": {"Password": "CANARY-secret"}}
    for error in (Constellation1Error, Constellation1Error, UnexpectedResponse, OutcomeUnknown):
        with pytest.raises(error) as caught:
            run(kind, vendor.url, lambda c: c.call("POST", "v1/groups", body))
        assert caught.value.operation == "POST v1/groups"
        assert "CANARY" not in str(caught.value)
    assert len(vendor.calls) == 4


@pytest.mark.parametrize("wrong", [b"GET", ["GET"], None, 7])
def test_wrong_arguments_of_a_call_by_hand_are_named(
    kind: Kind, vendor: Vendor, wrong: Any
) -> None:
    with pytest.raises(InvalidRequest, match="method must be a text"):
        run(kind, vendor.url, lambda c: c.call(wrong, "v1/x"))
    with pytest.raises(InvalidRequest, match="path must be a text"):
        run(kind, vendor.url, lambda c: c.call("GET", wrong))
    assert not vendor.seen


@pytest.mark.parametrize("wrong", [b"4f6c", [SESSION_ID], 7, SESSION_ID.encode()])
def test_a_wrong_session_is_named(kind: Kind, vendor: Vendor, wrong: Any) -> None:
    with pytest.raises(InvalidRequest, match="session_id must be a GUID"):
        run(kind, vendor.url, lambda c: c.get_session(wrong))
    assert not vendor.seen


# The form of what is sent


FORMS = [
    JsonForm(),
    JsonForm.of_the_sample(),
    JsonForm(file_bytes="base64", dates="iso8601", mappings="object", properties="object"),
]
NOW = datetime.now(UTC).replace(microsecond=0)


def made(kind: type[Sent]) -> Callable[..., Any]:
    """Makes an object of what is given alone: Hypothesis would add the members by their aliases."""
    return lambda **members: kind(**members)  # noqa: PLW0108 - so that it has another signature


def models() -> st.SearchStrategy[Session]:
    text = st.none() | TEXTS
    words = TEXTS.filter(lambda text: bool(text.strip()))
    email = st.sampled_from(["a@example.com", "b+c@x.example"])
    flags = st.none() | st.booleans()
    maps = st.dictionaries(TEXTS, TEXTS, max_size=3)
    info = st.builds(
        made(SessionInfo),
        title=words,
        description=text,
        copy_to=text,
        password=text,
        transaction_id=st.none() | words,
        email_options=st.none() | st.sampled_from(EmailOptions),
        use_sequence=st.none() | st.sampled_from(UseSequence),
        reminder_frequency_days=st.none() | st.integers(0, 30),
        expires_on=st.none() | st.integers(1, 89).map(lambda days: NOW + timedelta(days=days)),
        first_signer=flags,
    )
    files = st.builds(
        made(Document),
        file_name=st.sampled_from(["a.pdf", "B.DOCX"]),
        file_bytes=st.binary(min_size=1, max_size=50),
        has_anchor_tags=flags,
    )
    templates = st.builds(made(Document), form_id=TEXTS, form_tag=text, sequence=st.integers(0, 9))
    numbers = st.lists(st.integers(0, 9), max_size=2)
    signers = st.builds(
        made(Signer),
        last_name=words,
        signer_role=words,
        email_address=st.none() | email,
        auth_methods=numbers,
        auth_method=st.none() | st.integers(0, 9),
        properties=maps,
        merge_field_mapping=st.none() | maps,
        signature_image_base64=st.none() | st.sampled_from(["AAAA", "AP8="]),
        authentication_settings=st.none() | st.builds(made(AuthenticationSettings), password=text),
    )
    return st.builds(
        made(Session),
        session_info=info,
        documents=st.lists(files | templates, max_size=2),
        signers=st.lists(signers, max_size=2),
    )


CREATE = next(one for one in OPERATIONS if one.name == "CreateSession")


@given(session=models(), form=st.sampled_from(FORMS))
def test_what_is_sent_satisfies_the_document(session: Session, form: JsonForm) -> None:
    taken = take_arguments(CREATE, {"session": session}, USER_NAME)
    content = request_of(CREATE, taken, "https://x.example/rest", form).content
    body = json.loads(content)
    schema = operations()["CreateSession"].body
    assert schema is not None
    check(schema, body)
    assert body["session"]["SessionInfo"]["Title"] == session.session_info.title
    for signer, written in zip(session.signers, body["session"]["Signers"], strict=True):
        assert from_map(written["Properties"]) == signer.properties
        if signer.merge_field_mapping is not None:
            assert from_map(written["MergeFieldMapping"]) == signer.merge_field_mapping


def from_map(value: Any) -> dict[str, str]:
    return value if isinstance(value, dict) else {one["Key"]: one["Value"] for one in value}


def test_the_form_of_the_sample() -> None:
    session = Session(
        session_info=SessionInfo(title="/Date(1)/", expires_on=NOW + timedelta(days=20)),
        documents=[Document(file_name="a.pdf", file_bytes=b"\x00\xff")],
        signers=[
            Signer(
                last_name="l",
                signer_role="r",
                auth_method=3,
                auth_methods=[2],
                properties={"DisableEditName": "1"},
                merge_field_mapping={"City": "Köln"},
            )
        ],
    )
    taken = take_arguments(CREATE, {"session": session}, USER_NAME)
    form = JsonForm.of_the_sample()
    content = request_of(CREATE, taken, "https://x.example/rest", form).content
    written = json.loads(content)["session"]
    milliseconds = int((NOW + timedelta(days=20)).timestamp()) * 1000
    assert rf'"ExpiresOn":"\/Date({milliseconds})\/"'.encode() in content
    assert b'"Title":"/Date(1)/"' in content
    assert written["Documents"][0]["FileBytes"] == [0, 255]
    (signer,) = written["Signers"]
    assert signer["AuthMethod"] == 3
    assert signer["AuthMethods"] == [2]
    assert signer["Properties"] == {"DisableEditName": "1"}
    assert signer["MergeFieldMapping"] == {"City": "Köln"}


def test_a_method_whose_number_is_not_known_is_refused_in_numbers() -> None:
    signer = Signer(last_name="l", signer_role="r", auth_methods=[AuthenticationMethod.KBA])
    session = Session(session_info=SessionInfo(title="t"), signers=[signer])
    taken = take_arguments(CREATE, {"session": session}, USER_NAME)
    with pytest.raises(InvalidRequest, match="number") as caught:
        request_of(CREATE, taken, "https://x.example/rest", JsonForm.of_the_sample())
    assert caught.value.path == "session/Signers/0/AuthMethods/0"


def _members() -> list[tuple[str, type[Sent]]]:
    from esignwire_generated.constellation1 import models as generated

    return [
        (name, kind)
        for name in document()["components"]["schemas"]
        if isinstance(kind := getattr(generated, name, None), type) and issubclass(kind, Sent)
    ]


@pytest.mark.parametrize(("name", "kind"), _members())
def test_each_model_has_the_members_of_its_schema(name: str, kind: type[Sent]) -> None:
    schema = document()["components"]["schemas"][name]
    names = set(schema.get("properties", {}))
    for one in schema.get("allOf", []):
        base = one["$ref"].rpartition("/")[2]
        names |= set(document()["components"]["schemas"][base]["properties"])
    assert {field.alias for field in kind.model_fields.values()} == names


def test_the_status_of_a_session(kind: Kind, vendor: Vendor) -> None:
    for code, word in ((2, "InSent"), ("2", "InSent"), (77, "77"), (None, ""), ("Gone", "Gone")):
        answer = {"SigningSessionId": SESSION_ID, "Sessions": [{"StatusCode": code}]}
        vendor.replies = [Canned(answer)]
        found = run(kind, vendor.url, CALLS["GetSession"][0])
        assert getattr(found, "status") == word  # noqa: B009
    assert SessionStatus(2).name == "IN_SENT"
    assert API_KEY
