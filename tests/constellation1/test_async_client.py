"""The Constellation1 client against replies written by hand, async and sync."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import re
import string
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit
from uuid import UUID

import pytest

from esignwire._client import SkippedPauses
from esignwire._http import HttpSettings
from esignwire.constellation1 import (
    PRODUCTION_URL,
    STAGE_URL,
    AsyncConstellation1,
    Constellation1,
    CreatedSession,
    Document,
    JsonForm,
    RequestResponse,
    Session,
    SessionInfo,
    SessionResponse,
    SessionStatus,
    Signer,
    StartedSession,
    StartPolicy,
)
from esignwire.constellation1._requests import base_of
from esignwire.errors import (
    ConfigurationError,
    Constellation1Error,
    EmptyResponse,
    EncodingError,
    EsignWireError,
    HttpStatusError,
    InvalidRequest,
    MalformedResponse,
    OutcomeUnknown,
    RequestTimeout,
    ResponseTooDeep,
    ResponseTooLarge,
    SessionNotStarted,
    TokenRefused,
    TruncatedResponse,
    UnexpectedContent,
    UnexpectedResponse,
)
from tests.support.constellation1 import (
    API_KEY,
    RETURN_URL,
    SESSION_ID,
    USER_NAME,
    Canned,
    Kind,
    Vendor,
    decoded,
    run,
)

SESSION = Session(session_info=SessionInfo(title="Lease", transaction_id="tx-17"))
CREATED = {"SigningSessionId": SESSION_ID, "Sessions": [{"Id": SESSION_ID}]}
TRUE = {"ReturnValue": "True", "Details": None}
FALSE = {"ReturnValue": "False", "Details": "Anchor tags are still being processed."}

REFUSALS = [
    Canned(None),
    Canned({"ReturnValue": None}),
    Canned({"ReturnValue": None, "Details": None}),
    Canned({"ReturnValue": "Error: Invalid token"}),
    Canned({"ReturnValue": "False", "Details": ["Error: Invalid token"]}),
    Canned({"ReturnValue": "Error: Bad Token Information. Please authenticate.", "Details": None}),
    Canned("Error: Bad Token Information. Please authenticate."),
    Canned(content=b"Error: Invalid token", media_type="text/plain"),
    Canned(status=401, content=b""),
    Canned({"ReturnValue": "Error: Invalid token"}, status=403),
    Canned(status=403, content=b"<html>no</html>", media_type="text/html"),
    Canned({"Details": "Error: Invalid token"}, status=500),
]
SESSION_REFUSALS = [*REFUSALS, Canned({"SigningSessionId": None, "Sessions": None})]
# The documented null, and what says in words that it was the token.
SURE_REFUSALS = [
    one
    for one in REFUSALS
    if one == Canned(None) or "token" in str(one.body).lower() or b"token" in one.bytes()
]
ZEROS = "00000000-0000-0000-0000-000000000000"
# What may mean the same, and may also come after a session was made.
UNSURE_REFUSALS = [
    *(one for one in REFUSALS if one not in SURE_REFUSALS),
    Canned({"SigningSessionId": None, "Sessions": None}),
    Canned({"SigningSessionId": ZEROS}),
    Canned({"SigningSessionId": ZEROS, "Sessions": [], "Details": []}),
    Canned({"Details": None}),
    Canned({"Sessions": []}),
    Canned({}),
]


def start(client: Constellation1) -> StartedSession:
    return client.start_session(SESSION_ID, RETURN_URL)


def create(client: Constellation1) -> CreatedSession:
    return client.create_session(SESSION)


def get(client: Constellation1) -> SessionResponse:
    return client.get_session(SESSION_ID)


def cancel(client: Constellation1) -> RequestResponse:
    return client.cancel_session(SESSION_ID)


# The token dance


def test_a_call_brings_a_fresh_token(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(CREATED), Canned(TRUE)]
    run(kind, vendor.url, create, start)
    assert [seen.method for seen in vendor.seen] == ["GET", "GET", "POST", "GET", "GET", "PUT"]
    encrypt, get_token, call, encrypt_again, get_token_again, second = vendor.seen
    salt = decoded(encrypt)[2]
    assert decoded(encrypt) == ["encrypt", API_KEY, salt]
    assert len(salt) == 43
    assert set(salt) <= set(string.ascii_letters + string.digits)
    assert decoded(get_token) == ["gettoken", salt]
    assert "authorization" not in encrypt.headers
    assert get_token.headers["authorization"] == [f"enc:{salt}"]
    assert call.headers["authorization"] == ["token-1"]
    assert second.headers["authorization"] == ["token-2"]
    assert decoded(encrypt_again)[2] == decoded(get_token_again)[1] != salt


@pytest.mark.parametrize("key", ["a/b", "a+b", "50%", "%2F", "a b", "?x=1#y", "ü", "/", "a//b"])
def test_the_key_is_percent_encoded_whole(kind: Kind, vendor: Vendor, key: str) -> None:
    vendor.replies = [Canned(CREATED)]
    run(kind, vendor.url, get, api_key=key)
    raw = vendor.seen[0].path
    assert raw.startswith(f"/rest/v1/encrypt/{quote(key, safe='')}/")
    assert raw.count("/") == 5
    assert decoded(vendor.seen[0])[1] == key


def test_headers_are_those_of_the_samples(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(CREATED), Canned(TRUE), Canned(TRUE)]
    run(kind, vendor.url, create, start, lambda client: client.delete_session(SESSION_ID))
    assert all(seen.headers["content-type"] == ["application/json"] for seen in vendor.seen)
    _, put, delete = vendor.calls
    assert put.headers["content-length"] == ["0"]
    assert put.content == b""
    assert (delete.method, delete.path) == ("DELETE", f"/rest/v1/sessions/{SESSION_ID}")


@pytest.mark.parametrize("refusal", REFUSALS)
@pytest.mark.parametrize("place", ["encrypt_replies", "token_replies"])
def test_a_refused_key_is_not_tried_again(
    kind: Kind, vendor: Vendor, refusal: Canned, place: str
) -> None:
    setattr(vendor, place, [refusal])
    with pytest.raises(TokenRefused) as caught:
        run(kind, vendor.url, start)
    assert caught.value.operation == ("EncryptString" if place == "encrypt_replies" else "GetToken")
    assert caught.value.vendor == "Constellation1"
    assert len(vendor.seen) == (1 if place == "encrypt_replies" else 2)
    assert vendor.calls == []


def test_an_invalid_key_is_the_vendors_own_error(kind: Kind, vendor: Vendor) -> None:
    vendor.token_replies = [Canned({"ReturnValue": None, "Details": "Error: Invalid API key"})]
    with pytest.raises(Constellation1Error) as caught:
        run(kind, vendor.url, start)
    assert not isinstance(caught.value, TokenRefused)
    assert caught.value.vendor_text == "Error: Invalid API key"
    assert vendor.calls == []


@pytest.mark.parametrize("value", ["", "  ", "a\nb", "a\u0000", "ümlaut", 7, ["x"], {"a": 1}])
def test_a_token_that_no_header_can_carry(kind: Kind, vendor: Vendor, value: object) -> None:
    vendor.token_replies = [Canned({"ReturnValue": value})]
    with pytest.raises(UnexpectedResponse) as caught:
        run(kind, vendor.url, start)
    assert caught.value.path == "ReturnValue"
    assert vendor.calls == []


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_refused_token_is_replaced_once(kind: Kind, vendor: Vendor, refusal: Canned) -> None:
    vendor.replies = [refusal, Canned(TRUE)]
    result = run(kind, vendor.url, start)
    assert isinstance(result, StartedSession)
    assert result.attempts == 1
    assert [seen.headers["authorization"] for seen in vendor.calls] == [["token-1"], ["token-2"]]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_token_refused_twice_is_an_error(kind: Kind, vendor: Vendor, refusal: Canned) -> None:
    vendor.replies = [refusal, refusal]
    with SkippedPauses() as skipped, pytest.raises(TokenRefused) as caught:
        run(kind, vendor.url, start)
    assert caught.value.operation == "StartSession"
    assert caught.value.is_retry_safe
    assert len(vendor.calls) == 2
    assert skipped.pauses == ()


@pytest.mark.parametrize(
    ("action", "refusal"),
    [
        *((get, refusal) for refusal in SESSION_REFUSALS),
        *((create, refusal) for refusal in SURE_REFUSALS),
    ],
)
def test_a_token_refused_in_a_call_about_a_session(
    kind: Kind, vendor: Vendor, refusal: Canned, action: Callable[..., object]
) -> None:
    vendor.replies = [refusal, Canned(CREATED), refusal, refusal]
    run(kind, vendor.url, action)
    assert len(vendor.calls) == 2
    assert vendor.calls[0].content == vendor.calls[1].content
    with pytest.raises(TokenRefused):
        run(kind, vendor.url, action)
    assert len(vendor.calls) == 4


@pytest.mark.parametrize("answer", UNSURE_REFUSALS)
def test_a_create_is_repeated_only_where_the_vendor_cannot_have_acted(
    kind: Kind, vendor: Vendor, answer: Canned
) -> None:
    vendor.replies = [answer, Canned(CREATED)]
    with pytest.raises(UnexpectedResponse, match="'tx-17'") as caught:
        run(kind, vendor.url, create)
    assert len(vendor.calls) == 1
    assert not caught.value.is_retry_safe


# Sessions


def test_create_session(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(CREATED)]
    session = Session(
        session_info=SessionInfo(title="Lease ü", description="one\\ntwo", return_url=RETURN_URL),
        documents=(Document(file_name="Lease.PDF", file_bytes=bytes(range(256))),),
        signers=(
            Signer(
                last_name="Buyer",
                signer_role="Buyer 1",
                email_address="buyer@example.com",
                properties={"DisableEditName": "1"},
                merge_field_mapping={"City": "Köln"},
            ),
            Signer(last_name="Other", signer_role="Buyer 2"),
        ),
    )
    result = run(kind, vendor.url, lambda client: client.create_session(session))
    assert isinstance(result, CreatedSession)
    assert result.session_id == UUID(SESSION_ID)
    (seen,) = vendor.calls
    assert (seen.method, seen.path) == ("POST", "/rest/v1/sessions")
    assert json.loads(seen.content) == {
        "userName": USER_NAME,
        "session": {
            "SessionInfo": {
                "Title": "Lease ü",
                "Description": "one\\ntwo",
                "ReturnURL": RETURN_URL,
            },
            "Documents": [{"FileName": "Lease.PDF", "FileBytes": list(range(256))}],
            "Signers": [
                {
                    "LastName": "Buyer",
                    "SignerRole": "Buyer 1",
                    "EmailAddress": "buyer@example.com",
                    "AuthMethods": [],
                    "Properties": [{"Key": "DisableEditName", "Value": "1"}],
                    "MergeFieldMapping": [{"Key": "City", "Value": "Köln"}],
                },
                {"LastName": "Other", "SignerRole": "Buyer 2", "AuthMethods": [], "Properties": []},
            ],
        },
    }


def test_create_session_for_another_user(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(CREATED)]
    run(kind, vendor.url, lambda c: c.create_session(SESSION, user_name="other@example.com"))
    assert json.loads(vendor.calls[0].content)["userName"] == "other@example.com"


def test_the_json_form_can_be_chosen(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(CREATED), Canned(CREATED)]
    expires_on = (datetime.now(UTC) + timedelta(days=20)).replace(microsecond=250_000)
    session = Session(
        session_info=SessionInfo(title="Lease", expires_on=expires_on),
        documents=(Document(file_name="a.txt", file_bytes=b"\x00\xff"),),
        signers=(Signer(last_name="B", signer_role="R", merge_field_mapping={"a": "b"}),),
    )
    form = JsonForm(file_bytes="base64", dates="iso8601", mappings="object")
    run(kind, vendor.url, lambda client: client.create_session(session))
    run(kind, vendor.url, lambda client: client.create_session(session), json_form=form)
    plain, chosen = (json.loads(seen.content)["session"] for seen in vendor.calls)
    assert plain["Documents"][0]["FileBytes"] == [0, 255]
    assert chosen["Documents"][0]["FileBytes"] == "AP8="
    assert plain["Signers"][0]["MergeFieldMapping"] == [{"Key": "a", "Value": "b"}]
    assert chosen["Signers"][0]["MergeFieldMapping"] == {"a": "b"}
    milliseconds = int(expires_on.timestamp()) * 1000 + 250
    assert plain["SessionInfo"]["ExpiresOn"] == f"/Date({milliseconds})/"
    # As .NET wants it: the slashes escaped.
    assert rf'"\/Date({milliseconds})\/"'.encode() in vendor.calls[0].content
    assert datetime.fromisoformat(chosen["SessionInfo"]["ExpiresOn"]) == expires_on


@pytest.mark.parametrize(
    "answer",
    [
        {"SigningSessionId": SESSION_ID},
        {"signingsessionid": SESSION_ID.upper()},
        {"SigningSessionId": SESSION_ID.replace("-", ""), "Sessions": "surprise"},
        {
            "SigningSessionId": "0" * 8 + "-0000-0000-0000-" + "0" * 12,
            "Sessions": [{"Id": SESSION_ID}],
        },
        {"Sessions": [{"SigningSessionId": SESSION_ID, "Signers": 3, "Documents": [None]}]},
        {"SigningSessionId": SESSION_ID, "ReturnValue": None, "Sessions": None, "New": {"a": 1}},
    ],
)
def test_the_session_id_is_found(kind: Kind, vendor: Vendor, answer: dict[str, object]) -> None:
    vendor.replies = [Canned(answer)]
    result = run(kind, vendor.url, create)
    assert isinstance(result, CreatedSession)
    assert result.session_id == UUID(SESSION_ID)
    assert result.response.raw == answer


@pytest.mark.parametrize(
    "answer",
    [{}, {"SigningSessionId": "none"}, {"Sessions": [{}]}, {"ReturnValue": "True"}],
)
def test_a_create_without_session_id(kind: Kind, vendor: Vendor, answer: object) -> None:
    vendor.replies = [Canned(answer)]
    with pytest.raises(UnexpectedResponse) as caught:
        run(kind, vendor.url, create)
    assert "'tx-17'" in str(caught.value)
    assert not caught.value.is_retry_safe
    assert len(vendor.calls) == 1


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"Details": "Error: Username not found."}, "Error: Username not found."),
        ({"ReturnValue": "Error: a.pdf did not upload."}, "Error: a.pdf did not upload."),
        ({"Whatever": ["Error: x"], "SigningSessionId": None}, "Error: x"),
        ({"SigningSessionId": None, "Details": ["The file is too large.", "Too late."]},
         "The file is too large.; Too late."),
        ("Error: alone", "Error: alone"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("action", [create, get])
def test_error_messages(
    kind: Kind, vendor: Vendor, answer: object, text: str, action: Callable[..., object]
) -> None:
    vendor.replies = [Canned(answer)]
    with pytest.raises(Constellation1Error) as caught:
        run(kind, vendor.url, action)
    assert caught.value.vendor_text == text
    assert text in str(caught.value)
    assert len(vendor.calls) == 1


def test_an_error_beside_a_session_id_loses_neither(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({**CREATED, "Details": "Error: a.pdf did not upload."})]
    with pytest.raises(Constellation1Error, match=SESSION_ID) as caught:
        run(kind, vendor.url, create)
    assert caught.value.vendor_text == "Error: a.pdf did not upload."
    assert caught.value.session_id == SESSION_ID


OTHER = "00000000-0000-4000-8000-00000000000b"
SESSIONS_NAMED: list[dict[str, object]] = [
    {"SigningSessionId": SESSION_ID},
    {"Sessions": [{"Id": SESSION_ID}]},
    {"signingsessionid": SESSION_ID, "ReturnValue": None},
    {"SigningSessionId": None, "Sessions": [{"SigningSessionId": SESSION_ID}, {"Id": OTHER}]},
]


@pytest.mark.parametrize("status", [200, 401, 403, 500])
@pytest.mark.parametrize("named", SESSIONS_NAMED)
def test_a_create_that_names_a_session_is_never_repeated(
    kind: Kind, vendor: Vendor, named: dict[str, object], status: int
) -> None:
    """Whatever is said of the token beside it: a second one would be sent to the signers."""
    text = "Error: Invalid Token for user"
    vendor.replies = [Canned({**named, "Details": [text]}, status=status), Canned(CREATED)]
    with pytest.raises(Constellation1Error, match=SESSION_ID) as caught:
        run(kind, vendor.url, create)
    assert len(vendor.calls) == 1
    assert not isinstance(caught.value, TokenRefused)
    assert not caught.value.is_retry_safe
    assert caught.value.session_id == SESSION_ID
    assert caught.value.vendor_text == text
    assert caught.value.http_status == status


@pytest.mark.parametrize("status", [401, 403])
def test_a_refusal_without_words_that_names_a_session(
    kind: Kind, vendor: Vendor, status: int
) -> None:
    vendor.replies = [Canned({"SigningSessionId": SESSION_ID}, status=status), Canned(CREATED)]
    with pytest.raises(Constellation1Error, match=SESSION_ID) as caught:
        run(kind, vendor.url, create)
    assert len(vendor.calls) == 1
    assert caught.value.session_id == SESSION_ID


@pytest.mark.parametrize("action", [get, start])
def test_a_refusal_that_names_the_session_that_was_asked_for(
    kind: Kind, vendor: Vendor, action: Callable[..., object]
) -> None:
    """That it was only repeated says nothing, so the token is replaced as ever."""
    refusal = {"SigningSessionId": SESSION_ID.upper(), "Details": ["Error: Invalid token"]}
    vendor.replies = [Canned(refusal), Canned({**CREATED, **TRUE})]
    run(kind, vendor.url, action)
    assert len(vendor.calls) == 2


def test_get_session(kind: Kind, vendor: Vendor) -> None:
    answer = {
        "SigningSessionId": SESSION_ID,
        "Sessions": [
            {
                "Id": SESSION_ID,
                "SessionInfo": {
                    "Title": "Lease",
                    "ExpiresOn": "/Date(1416614400000-0800)/",
                    "StatusCode": 2,
                    "Password": "geheim-1",
                },
                "Documents": [{"FileName": "a.pdf", "Sequence": 1, "FileBytes": [1]}, 5],
                "Signers": [
                    {"SignerID": 7, "StatusCode": "5", "DeclinedReason": "no"},
                    {"SignerId": "s2", "StatusCode": 99, "Sequence": "not a number"},
                ],
            }
        ],
    }
    vendor.replies = [Canned(answer)]
    result = run(kind, vendor.url, get)
    assert isinstance(result, SessionResponse)
    assert (vendor.calls[0].method, vendor.calls[0].path) == (
        "GET",
        f"/rest/v1/sessions/{SESSION_ID}",
    )
    (session,) = result.sessions
    assert session.id == UUID(SESSION_ID)
    assert session.status is SessionStatus.IN_SENT
    assert session.session_info is not None
    assert session.session_info.expires_on == datetime(2014, 11, 22, tzinfo=UTC)
    assert [document.file_name for document in session.documents] == ["a.pdf"]
    assert [signer.signer_id for signer in session.signers] == ["7", "s2"]
    assert session.signers[0].declined_reason == "no"
    assert [signer.status_code for signer in session.signers] == [5, 99]
    assert session.signers[1].sequence is None
    assert result.raw == answer
    assert "geheim" not in repr(result)
    assert pickle.loads(pickle.dumps(result)) == result == copy.deepcopy(result)  # noqa: S301
    assert pickle.loads(pickle.dumps(result)).raw == answer  # noqa: S301


@pytest.mark.parametrize(
    ("method", "verb", "path"),
    [
        ("cancel_session", "PUT", f"{SESSION_ID}/cancel"),
        ("close_session", "PUT", f"{SESSION_ID}/close"),
        ("delete_session", "DELETE", SESSION_ID),
    ],
)
@pytest.mark.parametrize("value", ["True", "true", "TRUE", " True ", True])
def test_steps(
    kind: Kind, vendor: Vendor, method: str, verb: str, path: str, value: object
) -> None:
    vendor.replies = [Canned({"ReturnValue": value, "Details": ["fine", ""]})]
    result = run(kind, vendor.url, lambda client: getattr(client, method)(UUID(SESSION_ID)))
    assert isinstance(result, RequestResponse)
    assert result.details == ("fine",)
    assert [(seen.method, seen.path) for seen in vendor.calls] == [
        (verb, f"/rest/v1/sessions/{path}")
    ]


@pytest.mark.parametrize("method", ["cancel_session", "close_session"])
def test_steps_take_a_return_url(kind: Kind, vendor: Vendor, method: str) -> None:
    vendor.replies = [Canned(TRUE)]
    run(kind, vendor.url, lambda c: getattr(c, method)(SESSION_ID, return_url=RETURN_URL))
    assert parse_qs(urlsplit(vendor.calls[0].path).query) == {
        "returnURL": ["https://host.example/done?a=1&b=two+words"]
    }


@pytest.mark.parametrize("method", ["cancel_session", "close_session", "delete_session"])
@pytest.mark.parametrize(
    "details", ["Error: too late", "too late", ["too", "late"], None, {"a": 1}]
)
def test_steps_refused(kind: Kind, vendor: Vendor, method: str, details: object) -> None:
    vendor.replies = [Canned({"ReturnValue": "FALSE", "Details": details})]
    with pytest.raises(Constellation1Error) as caught:
        run(kind, vendor.url, lambda client: getattr(client, method)(SESSION_ID))
    assert not isinstance(caught.value, SessionNotStarted)
    assert "late" in str(caught.value) or "gave no reason" in str(caught.value)
    assert len(vendor.calls) == 1


@pytest.mark.parametrize("value", ["yes", "", 1, 0, ["True"], {}, "Truely"])
def test_neither_true_nor_false(kind: Kind, vendor: Vendor, value: object) -> None:
    vendor.replies = [Canned({"ReturnValue": value})]
    with pytest.raises(UnexpectedResponse) as caught:
        run(kind, vendor.url, cancel)
    assert SESSION_ID in str(caught.value)


# Starting


def test_start_session(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({"returnValue": True})]
    with SkippedPauses() as skipped:
        result = run(kind, vendor.url, start)
    assert result == StartedSession(session_id=UUID(SESSION_ID), attempts=1)
    assert vendor.calls[0].path == (
        f"/rest/v1/sessions/{SESSION_ID}/start?returnURL={quote(RETURN_URL, safe='')}"
    )
    assert skipped.pauses == ()


@pytest.mark.parametrize("false", ["False", "false", False])
def test_a_start_that_comes_too_soon_is_repeated(kind: Kind, vendor: Vendor, false: object) -> None:
    vendor.replies = [Canned({**FALSE, "ReturnValue": false})] * 4 + [Canned(TRUE)]
    with SkippedPauses() as skipped:
        result = run(kind, vendor.url, start)
    assert isinstance(result, StartedSession)
    assert result.attempts == 5
    assert skipped.pauses == (2.0, 2.0, 2.0, 2.0)
    tokens = [seen.headers["authorization"] for seen in vendor.calls]
    assert tokens == [[f"token-{number}"] for number in range(1, 6)]


def test_a_start_that_goes_on_failing(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned({"ReturnValue": "False", "Details": ["A signer has", "no tags."]})] * 9
    with SkippedPauses() as skipped, pytest.raises(SessionNotStarted) as caught:
        run(kind, vendor.url, start)
    assert caught.value.vendor_text == "A signer has; no tags."
    assert "5 times" in str(caught.value)
    assert SESSION_ID in str(caught.value)
    assert len(skipped.pauses) == 4
    assert len(vendor.calls) == 5


def test_the_start_policy(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(FALSE)] * 9
    policy = StartPolicy(delay_before_first=3.0, attempts=3, pause=0.5)
    with SkippedPauses() as skipped, pytest.raises(SessionNotStarted, match="3 times"):
        run(kind, vendor.url, start, start_policy=policy)
    assert skipped.pauses == (3.0, 0.5, 0.5)
    once = StartPolicy(attempts=1)
    with SkippedPauses() as skipped, pytest.raises(SessionNotStarted, match="False once"):
        run(kind, vendor.url, lambda c: c.start_session(SESSION_ID, RETURN_URL, policy=once))
    assert skipped.pauses == ()


def test_the_start_policy_is_bounded_in_time(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(FALSE)] * 9
    policy = StartPolicy(attempts=1_000_000, pause=40.0, timeout=100.0)
    with SkippedPauses() as skipped, pytest.raises(SessionNotStarted, match="3 times"):
        run(kind, vendor.url, start, start_policy=policy)
    assert skipped.pauses == (40.0, 40.0)


@pytest.mark.parametrize(
    "text",
    [
        "Error: Invalid API key",
        "Error: Username not found.",
        "Error: There is no session with this id.",
        "Session 17 could not be found",
        "The signing session does not exist.",
        "Error: Invalid session",
    ],
)
def test_a_start_that_no_waiting_mends(kind: Kind, vendor: Vendor, text: str) -> None:
    vendor.replies = [Canned({"ReturnValue": "False", "Details": text})]
    with SkippedPauses() as skipped, pytest.raises(Constellation1Error) as caught:
        run(kind, vendor.url, start)
    assert not isinstance(caught.value, SessionNotStarted | TokenRefused)
    assert caught.value.vendor_text == text
    assert skipped.pauses == ()


def test_a_start_whose_outcome_is_unknown_is_not_repeated(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(FALSE), Canned(action="drop")]
    with SkippedPauses(), pytest.raises(OutcomeUnknown) as caught:
        run(kind, vendor.url, start)
    assert caught.value.reference == SESSION_ID
    assert len(vendor.calls) == 2


def test_a_start_that_times_out(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(action="hang")]
    with pytest.raises(OutcomeUnknown) as caught:
        run(kind, vendor.url, start, settings=HttpSettings(total_timeout=2.0))
    assert caught.value.reference == SESSION_ID
    assert isinstance(caught.value.__cause__, RequestTimeout)


CALLS_IN_TIME: dict[str, Callable[[Constellation1, float], object]] = {
    "CreateSession": lambda client, seconds: client.create_session(SESSION, timeout=seconds),
    "GetSession": lambda client, seconds: client.get_session(SESSION_ID, timeout=seconds),
    "StartSession": lambda client, seconds: client.start_session(
        SESSION_ID, RETURN_URL, timeout=seconds
    ),
    "CancelSession": lambda client, seconds: client.cancel_session(SESSION_ID, timeout=seconds),
    "CloseSession": lambda client, seconds: client.close_session(SESSION_ID, timeout=seconds),
    "DeleteSession": lambda client, seconds: client.delete_session(SESSION_ID, timeout=seconds),
}


@pytest.mark.parametrize("operation", CALLS_IN_TIME)
def test_a_call_has_a_time_of_its_own(kind: Kind, vendor: Vendor, operation: str) -> None:
    call = CALLS_IN_TIME[operation]
    with pytest.raises(ConfigurationError, match="timeout"):
        run(kind, vendor.url, lambda client: call(client, 0.0))
    assert vendor.seen == []
    vendor.replies = [Canned(action="hang")]
    due = RequestTimeout if operation == "GetSession" else OutcomeUnknown
    with pytest.raises(due) as caught:
        run(kind, vendor.url, lambda client: call(client, 1.0))
    assert caught.value.operation == operation


# What goes wrong on the way


def test_a_create_without_answer(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(action="drop"), Canned(action="drop")]
    with pytest.raises(OutcomeUnknown) as caught:
        run(kind, vendor.url, create)
    assert caught.value.reference == "tx-17"
    untitled = Session(session_info=SessionInfo(title="Lease"))
    with pytest.raises(OutcomeUnknown) as caught:
        run(kind, vendor.url, lambda client: client.create_session(untitled))
    assert caught.value.reference == "Lease"
    assert len(vendor.calls) == 2


def test_a_read_is_repeated(kind: Kind, vendor: Vendor) -> None:
    vendor.replies = [Canned(action="drop"), Canned(CREATED, status=503), Canned(CREATED)]
    assert isinstance(run(kind, vendor.url, get), SessionResponse)
    assert len(vendor.calls) == 3


DEEP = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
UNUSABLE = [
    (Canned(content=b""), EmptyResponse),
    (Canned(content=b" \r\n"), EmptyResponse),
    (Canned(content=b"\xef\xbb\xbf"), EmptyResponse),
    (Canned(content=b"<!DOCTYPE html><html></html>", media_type="text/html"), UnexpectedContent),
    (Canned(content=b"<string>True</string>", media_type="text/xml"), UnexpectedContent),
    (Canned(content=b"Service Unavailable"), UnexpectedContent),
    (Canned(content=b"not here"), UnexpectedContent),
    (Canned(content=b'{"ReturnValue": "Tr'), TruncatedResponse),
    (Canned(content=b'{"ReturnValue": "True"'), TruncatedResponse),
    (Canned(content=b'{"ReturnValue": "a\\"'), TruncatedResponse),
    (Canned(content=b'{"ReturnValue": '), TruncatedResponse),
    (Canned(content=b"{"), TruncatedResponse),
    (Canned(content=b"nul"), TruncatedResponse),
    (Canned(content=b"{'ReturnValue': 1}"), MalformedResponse),
    (Canned(content=b'{"ReturnValue": NaN}'), MalformedResponse),
    (Canned(content=b'{"ReturnValue": ' + b"1" * 5_000 + b"}"), MalformedResponse),
    (Canned(content=b'{"ReturnValue": "True"} x'), MalformedResponse),
    (Canned(content=b'{"ReturnValue": "\xff"}'), EncodingError),
    (Canned(content='{"ReturnValue": "True"}'.encode("utf-16")), EncodingError),
    (Canned(content=DEEP), ResponseTooDeep),
    (Canned(content=b"[" * 10_000), ResponseTooDeep),
    (Canned([TRUE]), UnexpectedResponse),
    (Canned(3), UnexpectedResponse),
    (Canned("True"), UnexpectedResponse),
    (Canned(True), UnexpectedResponse),
    (Canned({}), UnexpectedResponse),
    (Canned({"a": "x" * 2_000_000}), ResponseTooLarge),
    (Canned(content=b"<html>", status=500), HttpStatusError),
    (Canned(content=b"", status=500), HttpStatusError),
    (Canned(None, status=500), HttpStatusError),
    (Canned(None, status=404), HttpStatusError),
    (Canned(status=302, headers={"Location": "https://evil.example/"}), HttpStatusError),
    (Canned({"Details": "Error: boom"}, status=500), Constellation1Error),
    (Canned({"Message": ["Error: boom"]}, status=400), Constellation1Error),
]


@pytest.mark.parametrize(("canned", "expected"), UNUSABLE)
@pytest.mark.parametrize("action", [create, get, cancel, start])
def test_unusable_answers(
    kind: Kind,
    vendor: Vendor,
    canned: Canned,
    expected: type[EsignWireError],
    action: Callable[..., object],
) -> None:
    vendor.replies = [canned]
    with pytest.raises(expected) as caught:
        run(kind, vendor.url, action, settings=HttpSettings(max_response_bytes=1_000_000))
    assert type(caught.value) is expected
    if not isinstance(caught.value, ResponseTooLarge):
        assert caught.value.http_status == canned.status
    assert caught.value.vendor == "Constellation1"
    assert len(vendor.calls) == 1
    if isinstance(caught.value, Constellation1Error):
        assert caught.value.vendor_text == "Error: boom"
    else:
        assert caught.value.is_retry_safe is (action is get)
    assert pickle.loads(pickle.dumps(caught.value)).args == caught.value.args  # noqa: S301


def test_unusable_answers_of_a_token_call(kind: Kind, vendor: Vendor) -> None:
    vendor.encrypt_replies = [Canned(content=b"<html>")]
    with pytest.raises(UnexpectedContent) as caught:
        run(kind, vendor.url, create)
    assert caught.value.operation == "EncryptString"
    assert caught.value.is_retry_safe


# Secrets


def _all_text(error: BaseException | None) -> str:
    text = ""
    while error is not None:
        text += f"{error!s} {error!r} {error.args!r} {vars(error)!r}"
        error = error.__cause__ or error.__context__
    return text


def test_no_secret_is_logged_or_said(kind: Kind, vendor: Vendor) -> None:
    encoded = quote(API_KEY, safe="")
    echo = f"Error: something with {API_KEY}, {encoded}, token-1"
    vendor.replies = [
        Canned(CREATED),
        Canned({"ReturnValue": "False", "Details": echo.replace("token-1", "token-2")}),
        Canned({"Details": echo.replace("token-1", "token-3")}),
        Canned(action="drop"),
    ]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root = logging.getLogger()
    loggers = [root, *(logging.getLogger(name) for name in logging.root.manager.loggerDict)]
    before = [(logger, logger.level, logger.disabled) for logger in loggers]
    root.addHandler(handler)
    said = ""
    try:
        for logger in loggers:
            logger.setLevel(logging.DEBUG)
            logger.disabled = False
        document = Document(file_name="a.txt", file_bytes=b"SECRET-CONTENT")
        session = Session(
            session_info=SessionInfo(title="t", password="SECRET-PASSWORD"), documents=(document,)
        )
        said += repr(session)
        run(kind, vendor.url, lambda client: client.create_session(session))
        for action in (cancel, create, create):
            with pytest.raises(EsignWireError) as caught:
                run(kind, vendor.url, action)
            said += _all_text(caught.value)
    finally:
        root.removeHandler(handler)
        for logger, level, is_disabled in before:
            logger.setLevel(level)
            logger.disabled = is_disabled
    logged = stream.getvalue()
    assert "Constellation1 EncryptString" in logged
    assert said.count("***") > 5
    hidden = [API_KEY, encoded, "SECRET-CONTENT", "SECRET-PASSWORD", "enc:"]
    for text in (logged, said):
        assert [secret for secret in hidden if secret in text] == []
        assert not re.search(r"token-\d", text)


def test_what_is_said_beside_a_success_quotes_no_secret(kind: Kind, vendor: Vendor) -> None:
    document = Document(file_name="a.txt", file_bytes=b"x")
    info = SessionInfo(title="t", password="SECRET-PASSWORD")
    session = Session(session_info=info, documents=(document,))
    quoted = f"SECRET-PASSWORD, {API_KEY} and token-1 are weak"
    vendor.replies = [Canned({**CREATED, "Details": [quoted]})]
    made = run(kind, vendor.url, lambda client: client.create_session(session))
    assert made.response.details == ("***, *** and *** are weak",)
    assert made.response.raw["Details"] == [quoted]


@pytest.mark.parametrize(
    "content",
    [b'{"ReturnValue": "SECRET"}{', b'"SECRET" "SECRET"', b'{"SECRET": \xff}', b'{"SECRET": "'],
)
@pytest.mark.parametrize("status", [200, 500])
def test_an_unreadable_answer_is_kept_nowhere(
    kind: Kind, vendor: Vendor, content: bytes, status: int
) -> None:
    vendor.replies = [Canned(content=content, status=status)]
    with pytest.raises(EsignWireError) as caught:
        run(kind, vendor.url, get)
    assert "SECRET" not in _all_text(caught.value)


@pytest.mark.parametrize("client_type", [AsyncConstellation1, Constellation1])
def test_a_client_does_not_show_its_key(
    client_type: type[AsyncConstellation1 | Constellation1],
) -> None:
    client = client_type(api_key="SECRET-KEY", user_name=USER_NAME, url=STAGE_URL)
    assert repr(client) == (
        f"{client_type.__name__}(url='{STAGE_URL}', user_name='owner@example.com')"
    )
    assert "SECRET" not in repr(vars(client))


# Settings


@pytest.mark.parametrize(
    ("url", "base"),
    [
        (PRODUCTION_URL, "https://api.esignonline.net/rest/v1"),
        (STAGE_URL, "https://api.stage.esignonline.net/rest/v1"),
        ("https://api.esignonline.net", "https://api.esignonline.net/rest/v1"),
        ("https://api.esignonline.net/", "https://api.esignonline.net/rest/v1"),
        ("https://api.esignonline.net/REST/", "https://api.esignonline.net/rest/v1"),
        ("https://api.esignonline.net/rest/v1/", "https://api.esignonline.net/rest/v1"),
        ("https://h.example/gate/forrest", "https://h.example/gate/forrest/rest/v1"),
        ("http://127.0.0.1:1/constellation1/rest", "http://127.0.0.1:1/constellation1/rest/v1"),
    ],
)
def test_the_base_is_built_once(url: str, base: str) -> None:
    assert f"{base_of(url)}/v1" == base


@pytest.mark.parametrize(
    "arguments",
    [
        {"url": "http://api.esignonline.net/rest"},
        {"url": "https://me:SECRET@api.esignonline.net/rest"},
        {"url": "https://api.esignonline.net/rest?key=SECRET"},
        {"url": ""},
        {"api_key": " "},
        {"user_name": ""},
    ],
)
@pytest.mark.parametrize("client_type", [AsyncConstellation1, Constellation1])
def test_unusable_arguments(
    client_type: type[AsyncConstellation1 | Constellation1], arguments: dict[str, str]
) -> None:
    usable = {"api_key": "SECRET-KEY", "user_name": USER_NAME, "url": STAGE_URL}
    with pytest.raises(ConfigurationError) as caught:
        client_type(**{**usable, **arguments})
    assert "SECRET" not in _all_text(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [
        {"attempts": 0},
        {"pause": -1.0},
        {"pause": float("nan")},
        {"delay_before_first": float("inf")},
        {"timeout": 0.0},
        {"timeout": float("inf")},
        {"delay_before_first": 60.0},
        {"pause": "2"},
        {"attempts": 1.5},
    ],
)
def test_an_unusable_policy(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError, match=next(iter(arguments))):
        StartPolicy(**arguments)


def test_an_unusable_form() -> None:
    dates: Any = "iso"
    with pytest.raises(ConfigurationError, match="dates must be 'milliseconds' or 'iso8601'"):
        JsonForm(dates=dates)


@pytest.mark.parametrize("name", ["api_key", "user_name", "url", "settings"])
def test_an_unusable_argument(name: str) -> None:
    usable: dict[str, Any] = {"api_key": "k", "user_name": "u@example.com", "url": STAGE_URL}
    with pytest.raises(ConfigurationError, match="(?i)" + name.replace("_", ".")):
        Constellation1(**{**usable, name: 5})


def test_from_environment(kind: Kind, vendor: Vendor, monkeypatch: pytest.MonkeyPatch) -> None:
    client_type = AsyncConstellation1 if kind == "async" else Constellation1
    names = ["URL", "API_KEY", "USER_NAME"]
    for name in names:
        monkeypatch.delenv(f"ESIGNWIRE_CONSTELLATION1_{name}", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        client_type.from_environment()
    assert all(f"ESIGNWIRE_CONSTELLATION1_{name}" in str(caught.value) for name in names)
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_URL", f"{vendor.url}/rest")
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_API_KEY", "SECRET-KEY")
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_USER_NAME", "")
    with pytest.raises(ConfigurationError, match="USER_NAME") as caught:
        client_type.from_environment()
    assert "SECRET" not in _all_text(caught.value)
    assert "_API_KEY" not in str(caught.value)
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_USER_NAME", USER_NAME)
    client = client_type.from_environment(start_policy=StartPolicy(attempts=1))
    assert repr(client) == (
        f"{client_type.__name__}(url='{vendor.url}/rest', user_name='owner@example.com')"
    )


@pytest.mark.parametrize("session_id", ["", "17", "0" * 32, f"{SESSION_ID}/../x", UUID(int=0)])
@pytest.mark.parametrize("action", ["get_session", "delete_session", "cancel_session"])
def test_session_ids_are_checked(
    kind: Kind, vendor: Vendor, session_id: str | UUID, action: str
) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run(kind, vendor.url, lambda client: getattr(client, action)(session_id))
    assert caught.value.path == "session_id"
    assert vendor.seen == []


@pytest.mark.parametrize(
    "url", ["", "host.example", "ftp://h/", "https://", "https://h/a b", "http://[x"]
)
def test_return_urls_are_checked(kind: Kind, vendor: Vendor, url: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        run(kind, vendor.url, lambda client: client.start_session(SESSION_ID, url))
    assert caught.value.path == "return_url"
    with pytest.raises(InvalidRequest):
        run(kind, vendor.url, lambda client: client.close_session(SESSION_ID, return_url=url))
    assert vendor.seen == []


def test_what_depends_on_the_day_is_checked_before_sending(kind: Kind, vendor: Vendor) -> None:
    today = datetime.now(UTC)
    for moment in (today - timedelta(minutes=1), today + timedelta(days=91)):
        session = Session(session_info=SessionInfo(title="t", expires_on=moment))
        with pytest.raises(InvalidRequest, match="90 days") as caught:
            run(kind, vendor.url, lambda client, one=session: client.create_session(one))
        assert caught.value.path == "SessionInfo/ExpiresOn"
    with pytest.raises(InvalidRequest, match="user_name"):
        run(kind, vendor.url, lambda client: client.create_session(SESSION, user_name=" "))
    assert vendor.seen == []
