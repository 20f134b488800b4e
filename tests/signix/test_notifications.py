"""Notifications of SIGNiX: the query as it comes, and what cannot be used."""

from __future__ import annotations

import contextlib
import string
from datetime import datetime
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire.errors import InvalidNotification
from esignwire.signix import Notification, PushAction, notification

DOCUMENT_SET = "14a2b3c4d5e:-7f2c:89abcdef:2x3f39"


def query(**parameters: str) -> str:
    return urlencode({"action": "Send", "id": DOCUMENT_SET} | parameters)


@pytest.mark.parametrize("action", list(PushAction))
def test_each_action_is_read(action: PushAction) -> None:
    event = notification(
        f"action={action}&id={DOCUMENT_SET}&extid=T1&pid=P02&refid=tenant&ts=2016-05-27T14:03:11"
    )
    assert event == Notification(
        action=action,
        document_set_id=DOCUMENT_SET,
        transaction_id="T1",
        party_id="P02",
        ref_id="tenant",
        timestamp=datetime(2016, 5, 27, 14, 3, 11),
    )


def test_the_actions_are_those_that_are_known() -> None:
    known = "Send partyComplete complete suspend cancel expire partyOptedOut"
    assert {str(one) for one in PushAction} == {*known.split(), "partyNotificationFailed"}


@pytest.mark.parametrize("spelt", ["send", "SEND"])
def test_the_case_of_an_action_does_not_count(spelt: str) -> None:
    assert notification(query(action=spelt)).action is PushAction.SEND


def test_the_order_the_form_and_the_question_mark_do_not_count() -> None:
    whole = notification(query(extid="T1"))
    assert notification(f"?extid=T1&id={quote(DOCUMENT_SET)}&action=Send") == whole
    assert notification(query(extid="T1").encode()) == whole
    assert notification(query(extid="T1", pid="", refid=" ", ts="")) == whole


def test_what_is_not_known_is_kept_and_not_shown() -> None:
    event = notification(query(action="partyReminded", token="opensesame", ts="yesterday"))
    assert event.action == "partyReminded"
    assert event.others == {"token": "opensesame", "ts": "yesterday"}
    assert event.timestamp is None
    assert "opensesame" not in repr(event)


def test_a_repeated_notification_has_the_same_key_and_another_has_not() -> None:
    first = query(action="partyComplete", pid="P01", ts="2016-05-27T14:03:11")
    assert notification(first).key == notification(first + "&new=1").key
    others = [
        query(action="partyComplete", pid="P02", ts="2016-05-27T14:03:11"),
        query(action="partyComplete", pid="P01", ts="2016-05-27T14:03:12"),
        query(action="partyComplete", pid="P01", ts="soon"),
        query(action="partyComplete", pid="P01"),
        query(action="partyComplete", refid="P01", ts="2016-05-27T14:03:11"),
        query(action="complete", pid="P01", ts="2016-05-27T14:03:11"),
    ]
    assert len({notification(one).key for one in [first, *others]}) == len(others) + 1


@pytest.mark.parametrize(
    ("given_query", "path", "what"),
    [
        ("", "action", "missing"),
        ("action=Send", "id", "missing"),
        ("action=Send&id=", "id", "missing"),
        ("action=+&id=1", "action", "missing"),
        ("action=Send&id=1&action=complete", "action", "twice"),
        ("action=Send&id=1&id=2", "id", "twice"),
        ("action=Send&id=1&pid=P01&pid=", "pid", "twice"),
        ("action=Send&id=%ff%fe", None, "UTF-8"),
        (b"action=Send&id=\xff", None, "UTF-8"),
        ("action=Send&id=\ud800", None, "UTF-8"),
        ("action=Send&id=1" + "&a=1" * 200, None, "100 parameters"),
        ("action=Send&id=" + "1" * 9000, None, "at most 8,192"),
    ],
)
def test_what_cannot_be_used_is_refused(
    given_query: str | bytes, path: str | None, what: str
) -> None:
    with pytest.raises(InvalidNotification, match=what) as caught:
        notification(given_query)
    assert caught.value.path == path
    assert caught.value.vendor == "SIGNiX"
    assert caught.value.__cause__ is None


def test_the_same_value_twice_is_no_contradiction() -> None:
    assert notification(query() + "&action=Send") == notification(query())


@given(st.one_of(st.text(), st.binary(), st.text(string.ascii_letters + "=&%?+;0")))
def test_nothing_breaks_it(text: str | bytes) -> None:
    with contextlib.suppress(InvalidNotification):
        assert notification(text).document_set_id


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=20))
def test_every_other_parameter_survives(others: dict[str, str]) -> None:
    for name in ("action", "id", "extid", "pid", "refid", "ts"):
        others.pop(name, None)
    text = query() + "&" + urlencode(others, errors="surrogatepass")
    if len(text) < 8000 and not any("\ud800" <= one <= "\udfff" for one in "".join(others)):
        assert notification(text).others == others
