"""Webhooks of Constellation1: the documented body, its variants, and what cannot be used."""

from __future__ import annotations

import json
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openapi_schema_validator import OAS31Validator

from esignwire.constellation1 import (
    SessionStatus,
    SessionStatusChanged,
    SignerStatus,
    SignerStatusChanged,
    Webhook,
    webhook,
)
from esignwire.errors import InvalidNotification
from tests.support.openapi import document

SESSION = "2ce11ef1-8938-4d11-8735-00065b8ce99b"
SIGNER = "8cc9a84b-693c-46cc-8342-40a8215ad76a"
NONE = "00000000-0000-0000-0000-000000000000"


def body(**members: object) -> bytes:
    return json.dumps({"Data": {"SigningSessionId": SESSION} | members}).encode()


DOCUMENTED = {
    "NewSigningSessionId": NONE,
    "SignerId": SIGNER,
    "Type": "SignerStatus",
    "Status": 6,
    "Title": "Lease",
    "DeclinedReason": "too expensive",
}


def test_the_documented_body_is_read() -> None:
    event = webhook(body(**DOCUMENTED))
    assert isinstance(event, SignerStatusChanged)
    assert event.status is SignerStatus.DECLINED
    assert (event.session_id, event.signer_id) == (UUID(SESSION), UUID(SIGNER))
    assert event.new_session_id is None
    assert (event.title, event.declined_reason) == ("Lease", "too expensive")
    assert "too expensive" not in repr(event)


def test_the_documented_body_satisfies_the_schema() -> None:
    whole = document()
    schema = {"$ref": "#/components/schemas/WebhookBody", "components": whole["components"]}
    OAS31Validator(schema).validate(json.loads(body(**DOCUMENTED)))


@pytest.mark.parametrize("status", list(SessionStatus))
def test_the_status_of_a_session_is_read_by_its_type(status: SessionStatus) -> None:
    event = webhook(body(Type="SessionStatus", Status=int(status)))
    assert isinstance(event, SessionStatusChanged)
    assert event.status is status


@pytest.mark.parametrize("status", list(SignerStatus))
def test_the_status_of_a_signer_is_read_by_its_type(status: SignerStatus) -> None:
    event = webhook(body(Type="SignerStatus", Status=int(status), SignerId=SIGNER))
    assert isinstance(event, SignerStatusChanged)
    assert event.status is status


@pytest.mark.parametrize("number", [0, 10, -1, 4711, 10**30])
@pytest.mark.parametrize("kind", ["SessionStatus", "SignerStatus"])
def test_a_number_that_is_not_known_survives(kind: str, number: int) -> None:
    event = webhook(body(Type=kind, Status=number))
    assert isinstance(event, SessionStatusChanged | SignerStatusChanged)
    assert event.status == number
    assert not isinstance(event.status, SessionStatus | SignerStatus)


def test_another_type_survives() -> None:
    event = webhook(body(Type="GroupStatus", Status=3))
    assert type(event) is Webhook
    assert (event.type, event.number) == ("GroupStatus", 3)
    assert type(webhook(body())) is Webhook


def test_the_case_of_names_does_not_count() -> None:
    text = json.dumps({"data": {"signingSessionId": SESSION.upper(), "type": "sessionstatus"}})
    event = webhook("\ufeff" + text)
    assert isinstance(event, SessionStatusChanged)
    assert event.session_id == UUID(SESSION)
    assert event.status is None


def test_what_is_not_known_or_cannot_be_read_is_kept_and_not_shown() -> None:
    event = webhook(body(Type="SessionStatus", Status="Done", Key="opensesame", Title=["x"]))
    assert event.others == {"Status": "Done", "Key": "opensesame", "Title": ["x"]}
    assert event.number is None
    assert "opensesame" not in repr(event)


def test_a_repeated_webhook_has_the_same_key_and_another_has_not() -> None:
    one = body(Type="SessionStatus", Status=3, Title="a")
    assert webhook(one).key == webhook(body(Type="SessionStatus", Status=3, Title="b")).key
    others = [
        body(Type="SessionStatus", Status=4),
        body(Type="SignerStatus", Status=3),
        body(Type="SignerStatus", Status=3, SignerId=SIGNER),
        body(Type="SessionStatus", Status="Completed"),
        body(Type="SessionStatus", Status="Cancelled"),
        json.dumps({"Data": {"SigningSessionId": SIGNER, "Type": "SessionStatus", "Status": 3}}),
    ]
    assert len({webhook(each).key for each in [one, *others]}) == len(others) + 1


@pytest.mark.parametrize(
    ("given_body", "path", "what"),
    [
        ("", None, "well-formed"),
        ("<html/>", None, "well-formed"),
        ('{"Data": {"SigningSessionId": "' + SESSION, None, "well-formed"),
        ('{"Data": {"Status": NaN}}', None, "well-formed"),
        ("[" * 100_000, None, "well-formed"),
        ('{"Data": ' * 20_000, None, "well-formed"),
        ("[]", None, "object"),
        ("null", None, "object"),
        ("{}", "Data", "missing"),
        ('{"Data": null}', "Data", "missing"),
        ('{"Data": [1]}', "Data", "missing"),
        ('{"Data": {}}', "Data/SigningSessionId", "missing"),
        ('{"Data": {"SigningSessionId": 7}}', "Data/SigningSessionId", "no GUID"),
        (json.dumps({"Data": {"SigningSessionId": NONE}}), "Data/SigningSessionId", "no GUID"),
        (b'{"Data": "\xff"}', None, "UTF-8"),
        (b" " * 300_000, None, "at most 262,144"),
    ],
)
def test_what_cannot_be_used_is_refused(
    given_body: str | bytes, path: str | None, what: str
) -> None:
    with pytest.raises(InvalidNotification, match=what) as caught:
        webhook(given_body)
    assert caught.value.path == path
    assert caught.value.vendor == "Constellation1"
    assert caught.value.__cause__ is None


_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)
_MEMBERS = st.sampled_from([*DOCUMENTED, "signerid", "Other"])


@given(st.dictionaries(_MEMBERS, _JSON))
def test_no_member_hides_the_session(members: dict[str, object]) -> None:
    event = webhook(body(**members))
    assert event.session_id == UUID(SESSION)
    assert set(event.others) <= set(members)
    assert repr(event)
    assert event.key


@given(st.text() | st.binary())
def test_nothing_breaks_it(text: str | bytes) -> None:
    with pytest.raises(InvalidNotification):
        webhook(text)
