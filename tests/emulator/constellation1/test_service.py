"""The emulator as Constellation1, over HTTP and by hand-written requests."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import httpx
import pytest

from esignwire.emulator import (
    Accounts,
    Constellation1Account,
    EmulatorServer,
    EmulatorSettings,
    State,
    TokenRefusal,
)
from tests.support.emulator import SCHEMAS, control, get, post, request

KEY = "k+y/with %2F and ümläut"
SALT = "Z1s6aXNQpjQ75wRX1ulI551sR1uHyg3YsOcPLeL9TaM"
OTHER = "8cc9a84b-693c-46cc-4342-40a8215ad76a"
URL = "https://host.example/"
RETURN_URL = "https://host.example/done?a=1&b=ü"


def call(
    emulator: EmulatorServer,
    method: str,
    path: str,
    *,
    authorization: str | None = None,
    body: object = None,
) -> httpx.Response:
    headers = {"Content-Type": "application/json"}
    if authorization is not None:
        headers["Authorization"] = authorization
    content = b"" if body is None else json.dumps(body).encode()
    return request(
        method,
        f"{emulator.constellation1_url}/v1/{path}",
        content=content,
        headers=headers,
    )


def encrypted(emulator: EmulatorServer, text: str = KEY, salt: str = SALT) -> str:
    response = call(emulator, "GET", f"encrypt/{quote(text, safe='')}/{quote(salt, safe='')}")
    assert response.status_code == 200, response.text
    value = response.json()["ReturnValue"]
    assert isinstance(value, str)
    return value


def token(emulator: EmulatorServer, key: str = KEY) -> str:
    response = call(emulator, "GET", f"gettoken/{SALT}", authorization=encrypted(emulator, key))
    value = response.json()["ReturnValue"]
    assert isinstance(value, str), response.text
    return value


def with_token(
    emulator: EmulatorServer, method: str, path: str, body: object = None
) -> httpx.Response:
    return call(emulator, method, path, authorization=token(emulator), body=body)


def session_body(**changes: object) -> dict[str, object]:
    session: dict[str, object] = {
        "SessionInfo": {
            "Title": "Sale",
            "Password": "hush",
            "ReminderFrequencyDays": 45,
            "TransactionId": "T-1",
        },
        "Documents": [{"FileName": "a.PDF", "FileBytes": [37, 80, 68, 70], "HasAnchorTags": False}],
        "Signers": [
            {
                "FirstName": "Ada",
                "LastName": "Lovelace",
                "EmailAddress": "ada@example.com",
                "SignerRole": "Seller 1",
                "AuthMethods": [],
                "Properties": [],
            }
        ],
        **changes,
    }
    return {"userName": "owner@example.com", "session": session}


def created(emulator: EmulatorServer, **changes: object) -> str:
    response = with_token(emulator, "POST", "sessions", session_body(**changes))
    assert response.status_code == 200
    value = response.json()["SigningSessionId"]
    assert isinstance(value, str), response.text
    return value


def start(emulator: EmulatorServer, session: str, name: str = "returnURL") -> dict[str, object]:
    path = f"sessions/{session}/start?{name}={quote(RETURN_URL, safe='')}"
    answer: dict[str, object] = with_token(emulator, "PUT", path).json()
    return answer


def status(emulator: EmulatorServer, session: str) -> int:
    found: int = with_token(emulator, "GET", f"sessions/{session}").json()["Sessions"][0][
        "StatusCode"
    ]
    return found


def test_the_token_dance_and_a_session_from_draft_to_sent(emulator: EmulatorServer) -> None:
    session = created(emulator)
    assert status(emulator, session) == 1
    assert start(emulator, session) == {"ReturnValue": "True", "Details": None}
    assert status(emulator, session) == 2
    (found,) = emulator.state.constellation1.sessions.values()
    assert found.return_url == RETURN_URL
    again = start(emulator, session)
    assert again["ReturnValue"] == "False"
    assert again["Details"] == ("Error: The session is not a draft, so that it cannot be started.")


def test_the_sample_spelling_of_the_return_url_is_taken_too(emulator: EmulatorServer) -> None:
    assert start(emulator, created(emulator), "returnUrl")["ReturnValue"] == "True"


def test_a_session_answer_shows_the_session_without_secrets(emulator: EmulatorServer) -> None:
    response = with_token(emulator, "POST", "sessions", session_body())
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    answer = response.json()
    (session,) = answer["Sessions"]
    assert session["Id"] == answer["SigningSessionId"]
    assert session["SessionInfo"]["Title"] == "Sale"
    assert session["SessionInfo"]["ReminderFrequencyDays"] == 30
    assert session["Signers"][0]["SignerId"]
    assert "hush" not in response.text
    assert "FileBytes" not in response.text
    again = with_token(emulator, "GET", f"sessions/{answer['SigningSessionId'].upper()}")
    assert again.json() == answer


def test_path_segments_are_decoded_one_by_one(emulator: EmulatorServer) -> None:
    values = {encrypted(emulator, text) for text in ("a/b", "a%2Fb", "a+b", "a b", "a%20b", "ab")}
    assert len(values) == 6
    assert encrypted(emulator, "a/b") == encrypted(emulator, "a/b")
    assert encrypted(emulator, "a/b", "s1") != encrypted(emulator, "a/b", "s2")
    refused = call(emulator, "GET", f"encrypt/a/{quote('s/1', safe='')}").json()
    assert refused["ReturnValue"] == "False"


def test_only_what_was_encrypted_with_the_same_salt_gives_a_token(
    emulator: EmulatorServer,
) -> None:
    right = encrypted(emulator)
    for path, authorization in (
        ("gettoken/another", right),
        (f"gettoken/{SALT}", KEY.encode().hex()),
        (f"gettoken/{SALT}", right[:-4]),
        (f"gettoken/{SALT}", ""),
        (f"gettoken/{SALT}", "===="),
        (f"gettoken/{SALT}", None),
    ):
        answer = call(emulator, "GET", path, authorization=authorization)
        assert answer.json() == {"ReturnValue": None, "Details": "Error: Invalid API key"}


@pytest.mark.parametrize(
    ("refusal", "code", "returned", "session"),
    [
        ("null_body", 200, None, None),
        (
            "null_return_value",
            200,
            {"ReturnValue": None, "Details": None},
            {"SigningSessionId": None, "Sessions": None, "Details": None},
        ),
        (
            "error_text",
            200,
            {
                "ReturnValue": "Error: Bad Token Information. Please authenticate.",
                "Details": None,
            },
            {
                "SigningSessionId": None,
                "Sessions": None,
                "Details": "Error: Bad Token Information. Please authenticate.",
            },
        ),
        (
            "http_401",
            401,
            {
                "ReturnValue": None,
                "Details": "Error: Bad Token Information. Please authenticate.",
            },
            {
                "ReturnValue": None,
                "Details": "Error: Bad Token Information. Please authenticate.",
            },
        ),
    ],
)
def test_a_token_serves_once_and_its_refusal_can_be_chosen(
    refusal: TokenRefusal, code: int, returned: object, session: object
) -> None:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, token_refusal=refusal)) as emulator:
        session_id = created(emulator)
        once = token(emulator)
        path = f"sessions/{session_id}"
        assert call(emulator, "GET", path, authorization=once).json()["Sessions"]
        for authorization in (once, "never handed out", "", None):
            for method, target, expected in (
                ("GET", path, session),
                ("POST", "sessions", session),
                ("PUT", f"{path}/start?returnURL=x", returned),
                ("DELETE", path, returned),
            ):
                answer = call(emulator, method, target, authorization=authorization)
                assert answer.status_code == code
                assert answer.json() == expected
        assert status(emulator, session_id) == 1


def test_a_token_may_serve_longer_and_expires() -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    clock = [moment]
    settings = EmulatorSettings(schemas=SCHEMAS, token_uses=2, token_seconds=30)
    with EmulatorServer(settings, state=State(clock=lambda: clock[0])) as emulator:
        session = created(emulator)
        twice, late = token(emulator), token(emulator)
        path = f"sessions/{session}"
        answers = [call(emulator, "GET", path, authorization=twice).json() for _ in range(3)]
        assert [answer is not None for answer in answers] == [True, True, False]
        clock[0] = moment + timedelta(seconds=30)
        assert call(emulator, "GET", path, authorization=late).json() is None


def test_a_session_with_anchor_tags_can_be_started_too_early() -> None:
    documents = [{"FileName": "a.pdf", "FileBytes": "JVBERg==", "HasAnchorTags": True}]
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, early_starts=2)) as emulator:
        session = created(emulator, Documents=documents)
        answers = [start(emulator, session) for _ in range(3)]
        assert [answer["ReturnValue"] for answer in answers] == ["False", "False", "True"]
        assert answers[0]["Details"] == (
            "Error: The anchor tags of the documents are still being processed."
        )


def test_a_session_that_lacks_something_never_starts(emulator: EmulatorServer) -> None:
    for lacking, details in (
        ({"Documents": []}, "Error: The session has no documents."),
        ({"Signers": []}, "Error: The session has no signers."),
    ):
        session = created(emulator, **lacking)
        for _ in range(2):
            assert start(emulator, session) == {"ReturnValue": "False", "Details": details}
    session = created(emulator)
    for query in ("", "?returnURL=", "?other=x", "?returnURL=%ff"):
        answer = with_token(emulator, "PUT", f"sessions/{session}/start{query}").json()
        assert answer["ReturnValue"] == "False"
    assert status(emulator, session) == 1


def test_sessions_end_in_several_ways(emulator: EmulatorServer) -> None:
    true = {"ReturnValue": "True", "Details": None}
    draft, sent, done, gone = (created(emulator) for _ in range(4))
    for session in (sent, done):
        start(emulator, session)
    assert with_token(emulator, "PUT", f"sessions/{draft}/close").json()["ReturnValue"] == "False"
    assert with_token(emulator, "PUT", f"sessions/{draft}/cancel?returnURL={URL}").json() == true
    assert with_token(emulator, "PUT", f"sessions/{sent}/close?returnURL={URL}").json() == true
    assert control(emulator, "constellation1/sessions/complete", done).is_success
    assert [status(emulator, session) for session in (draft, sent, done)] == [4, 3, 3]
    for session in (draft, sent, done):
        answer = with_token(emulator, "PUT", f"sessions/{session}/cancel").json()
        assert answer["ReturnValue"] == "False"
        assert start(emulator, session)["ReturnValue"] == "False"
    assert with_token(emulator, "DELETE", f"sessions/{gone}").json() == true
    unknown = "Error: There is no session with this id."
    for identifier in (gone, OTHER, "no-guid"):
        found = with_token(emulator, "GET", f"sessions/{identifier}").json()
        assert found == {"SigningSessionId": None, "Sessions": None, "Details": unknown}
        assert start(emulator, identifier) == {"ReturnValue": "False", "Details": unknown}


SIGNER = {"LastName": "L", "EmailAddress": "l@example.com", "SignerRole": "Buyer 1"}
BAD_SIGNERS = "Error: All signers must have a last name and valid email address."


@pytest.mark.parametrize(
    ("changes", "details"),
    [
        ({"SessionInfo": None}, "Error: SessionInfo is missing or not a JSON object."),
        ({"SessionInfo": {}}, "Error: Title is missing."),
        ({"SessionInfo": {"Title": 7}}, "Error: Title is no string."),
        ({"SessionInfo": {"Title": " "}}, "Error: Title is missing."),
        ({"Signers": None}, "Error: Signers is not a JSON array."),
        ({"Signers": {}}, "Error: Signers is not a JSON array."),
        ({"Signers": ["x"]}, "Error: Signers/0 is missing or not a JSON object."),
        ({"Signers": [{**SIGNER, "LastName": ""}]}, BAD_SIGNERS),
        ({"Signers": [{**SIGNER, "EmailAddress": "nobody"}]}, BAD_SIGNERS),
        ({"Signers": [{**SIGNER, "EmailAddress": None}]}, BAD_SIGNERS),
        ({"Signers": [{**SIGNER, "SignerRole": ""}]}, "Error: SignerRole is missing."),
        ({"Documents": [{"FileName": "a.exe", "FileBytes": [1]}]}, "Error: a.exe did not upload."),
        ({"Documents": [{"FileName": "a.pdf", "FileBytes": []}]}, "Error: a.pdf did not upload."),
        (
            {"Documents": [{"FileName": "a.pdf", "FileBytes": [256]}]},
            "Error: a.pdf did not upload.",
        ),
        (
            {"Documents": [{"FileName": "a.pdf", "FileBytes": [True]}]},
            "Error: a.pdf did not upload.",
        ),
        ({"Documents": [{"FileName": "a.pdf", "FileBytes": "?"}]}, "Error: a.pdf did not upload."),
        ({"Documents": [{"FileName": "a.pdf"}]}, "Error: a.pdf did not upload."),
    ],
)
def test_what_makes_no_session_is_told(
    emulator: EmulatorServer, changes: dict[str, object], details: str
) -> None:
    answer = with_token(emulator, "POST", "sessions", session_body(**changes))
    assert answer.status_code == 200
    assert answer.json() == {"SigningSessionId": None, "Sessions": None, "Details": details}


def test_a_document_may_name_a_template(emulator: EmulatorServer) -> None:
    session = created(emulator, Documents=[{"FormId": "form-1"}])
    assert start(emulator, session)["ReturnValue"] == "True"


@pytest.mark.parametrize(
    "content", [b"", b"null", b"[]", b"{", b"\xff", b"[" * 100_000, b'{"userName": "o@e.com"}']
)
def test_hostile_bodies_are_refused_in_json(emulator: EmulatorServer, content: bytes) -> None:
    response = post(
        f"{emulator.constellation1_url}/v1/sessions",
        content=content,
        headers={"Authorization": token(emulator), "Content-Type": "application/json"},
    )
    assert response.status_code == 200
    assert response.json()["Details"].startswith("Error: ")


def test_a_body_must_be_json_by_name_too(emulator: EmulatorServer) -> None:
    response = post(
        f"{emulator.constellation1_url}/v1/sessions",
        content=json.dumps(session_body()).encode(),
        headers={"Authorization": token(emulator), "Content-Type": "text/plain"},
    )
    assert response.json()["Details"] == "Error: The body must be application/json."


@pytest.mark.parametrize(
    ("method", "path", "code"),
    [
        ("POST", "encrypt/a/b", 405),
        ("GET", "sessions", 405),
        ("PUT", "sessions/x", 405),
        ("GET", "sessions/x/start?returnURL=y", 405),
        ("GET", "encrypt/%ff/b", 400),
        ("GET", "clientgroups", 501),
        ("GET", "encrypt/a", 501),
        ("PUT", "", 501),
    ],
)
def test_other_calls_are_told_what_is_wrong(
    emulator: EmulatorServer, method: str, path: str, code: int
) -> None:
    response = call(emulator, method, path)
    assert response.status_code == code


def test_an_empty_text_cannot_be_encrypted(emulator: EmulatorServer) -> None:
    answer = call(emulator, "GET", f"encrypt//{SALT}").json()
    assert answer == {"ReturnValue": "False", "Details": "Error: plainText is missing."}


def test_other_versions_are_not_there(emulator: EmulatorServer) -> None:
    assert get(f"{emulator.constellation1_url}/v9/sessions").status_code == 404


def test_paths_are_found_in_any_case(emulator: EmulatorServer) -> None:
    url = f"{emulator.constellation1_url}/V1/Encrypt/Key/{SALT}"
    assert get(url).json()["ReturnValue"] == encrypted(emulator, "Key")


def test_keys_and_users_can_be_limited() -> None:
    accounts = Accounts(
        constellation1=(
            Constellation1Account(api_key=KEY, user_names=frozenset({"Owner@example.com"})),
        )
    )
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, accounts=accounts)) as emulator:
        wrong = call(
            emulator,
            "GET",
            f"gettoken/{SALT}",
            authorization=encrypted(emulator, "another key"),
        )
        assert wrong.json() == {"ReturnValue": None, "Details": "Error: Invalid API key"}
        assert created(emulator)
        body = {**session_body(), "userName": "stranger@example.com"}
        refused = with_token(emulator, "POST", "sessions", body).json()
        assert refused["Details"] == "Error: Username not found."
