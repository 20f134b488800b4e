"""What the Constellation1 models refuse, read and write."""

from __future__ import annotations

import base64
import copy
import json
import pickle
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire._call import Call
from esignwire._http import HttpResponse
from esignwire._json import Reading, read_date, write_date
from esignwire.constellation1 import (
    FILE_TYPES,
    Answer,
    AuthenticationMethod,
    AuthenticationSettings,
    Document,
    EmailOptions,
    GenericResponse,
    JsonForm,
    RequestResponse,
    Session,
    SessionInfo,
    SessionLiteBucketView,
    SessionResponse,
    Signer,
    UserStatus,
    UseSequence,
)
from esignwire.constellation1._replies import Reply, Secrets
from esignwire.constellation1._requests import request_of, take_arguments
from esignwire.errors import EsignWireError, InvalidRequest
from esignwire_generated.constellation1.calls import CREATE_SESSION

INFO = SessionInfo(title="Lease")
CALL = Call(vendor="Constellation1", operation="CancelSession", is_safe=False, reference="r")


def written(session: Session, form: JsonForm | None = None) -> Any:
    taken = take_arguments(CREATE_SESSION, {"session": session}, "o@example.com")
    request = request_of(CREATE_SESSION, taken, "https://x.example/rest", form or JsonForm())
    return json.loads(request.content)["session"]


REFUSED: list[tuple[type[Any], dict[str, object], str]] = [
    (SessionInfo, {}, "SessionInfo/Title"),
    (SessionInfo, {"title": " "}, "SessionInfo/Title"),
    (SessionInfo, {"Title": 3}, "SessionInfo/Title"),
    (SessionInfo, {"title": b"t"}, "SessionInfo/Title"),
    (SessionInfo, {"title": "t", "allow_delegation": "yes"}, "SessionInfo/AllowDelegation"),
    (SessionInfo, {"title": "t", "use_sequence": True}, "SessionInfo/UseSequence"),
    (SessionInfo, {"title": "t", "use_sequence": UserStatus.ACTIVE}, "SessionInfo/UseSequence"),
    (SessionInfo, {"title": "t", "reminder_frequency_days": True},
     "SessionInfo/ReminderFrequencyDays"),
    (SessionInfo, {"title": "t", "expires_on": 1796860800}, "SessionInfo/ExpiresOn"),
    (SessionInfo, {"title": "t", "expires_on": "soon"}, "SessionInfo/ExpiresOn"),
    (SessionInfo, {"title": "t", "transaction_id": ""}, "SessionInfo/TransactionId"),
    (SessionInfo, {"title": "t", "password": 3}, "SessionInfo/Password"),
    (SessionInfo, {"title": "t", "reminder_frequency_days": 31},
     "SessionInfo/ReminderFrequencyDays"),
    (SessionInfo, {"title": "t", "reminder_frequency_days": -1},
     "SessionInfo/ReminderFrequencyDays"),
    (SessionInfo, {"title": "t", "expires_on": datetime(2030, 1, 1)}, "SessionInfo/ExpiresOn"),
    (SessionInfo, {"title": "t", "use_sequence": 3}, "SessionInfo/UseSequence"),
    (SessionInfo, {"title": "t", "email_options": 1}, "SessionInfo/EmailOptions"),
    (SessionInfo, {"title": "t", "pasword": "x"}, "SessionInfo/pasword"),
    (Document, {}, "Document"),
    (Document, {"file_name": "a.pdf"}, "Document"),
    (Document, {"file_bytes": b"x"}, "Document"),
    (Document, {"file_name": "a.pdf", "file_bytes": b""}, "Document"),
    (Document, {"file_name": "a.exe", "file_bytes": b"x"}, "Document"),
    (Document, {"file_name": "pdf", "file_bytes": b"x"}, "Document"),
    (Signer, {"last_name": "x"}, "Signer/SignerRole"),
    (Signer, {"signer_role": "x"}, "Signer/LastName"),
    (Signer, {"last_name": "", "signer_role": "x"}, "Signer/LastName"),
    (Signer, {"last_name": "x", "signer_role": "x", "email_address": "x"}, "Signer/EmailAddress"),
    (Signer, {"last_name": "x", "signer_role": "x", "email_address": "a b@x"},
     "Signer/EmailAddress"),
    (Signer, {"last_name": "x", "signer_role": "x", "signature_image_base64": "@"},
     "Signer/SignatureImageBase64"),
    (Signer, {"last_name": "x", "signer_role": "x", "initials_image_base64": ""},
     "Signer/InitialsImageBase64"),
    (Session, {}, "Session/SessionInfo"),
    (Session, {"session_info": {"title": ""}}, "SessionInfo/Title"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "members", "path"), REFUSED)
def test_refused(model: type[Any], members: dict[str, object], path: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        model(**members)
    assert caught.value.path == path
    assert path in str(caught.value)
    assert caught.value.rule
    assert caught.value.__cause__ is None
    pickle.loads(pickle.dumps(caught.value))  # noqa: S301


@pytest.mark.parametrize(
    ("model", "members"),
    [
        (SessionInfo, {"title": "t", "password": 987654}),
        (SessionInfo, {"title": "t", "pasword": "987654"}),
        (AuthenticationSettings, {"password": 987654}),
        (Document, {"file_name": "x.pdf", "file_bytes": 987654}),
        (Signer, {"last_name": "x", "signer_role": "x", "initials_image_base64": "@987654"}),
    ],
)
def test_a_refused_secret_is_not_said(model: type[Any], members: dict[str, object]) -> None:
    with pytest.raises(InvalidRequest) as caught:
        model(**members)
    assert caught.value.value is None
    assert "987654" not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_a_refused_value_is_said() -> None:
    with pytest.raises(InvalidRequest, match="silently take 30") as caught:
        SessionInfo(title="t", reminder_frequency_days=45)
    assert caught.value.value == "45"


def test_secrets_leave_the_representation() -> None:
    image = base64.b64encode(b"SECRET").decode()
    session = Session(
        session_info=SessionInfo(title="t", password="SECRET"),
        documents=(Document(file_name="a.pdf", file_bytes=b"SECRET"),),
        signers=(
            Signer(
                last_name="L",
                signer_role="R",
                authentication_settings=AuthenticationSettings.model_validate(
                    {"Password": "SECRET", "Phone": "SECRET"}
                ),
                signature_image_base64=image,
                initials_image_base64=image,
                merge_field_mapping={"SSN": "SECRET"},
            ),
        ),
    )
    assert "SECRET" not in repr(session)
    assert image not in repr(session)
    assert pickle.loads(pickle.dumps(session)) == session == copy.deepcopy(session)  # noqa: S301
    signer = written(session)["Signers"][0]
    assert signer["AuthenticationSettings"] == {"Password": "SECRET", "Phone": "SECRET"}
    assert signer["SignatureImageBase64"] == image


def test_every_member_has_the_vendors_name() -> None:
    info = SessionInfo(
        title="t",
        allow_delegation=True,
        client_id="c",
        copy_to="a@x,b@x",
        description="d",
        email_options=EmailOptions.ATTACHMENTS,
        first_signer=False,
        owner_email="e",
        owner_id="i",
        owner_name="n",
        owner_signature="s",
        password="p",
        reminder_frequency_days=30,
        return_url="u",
        send_session_redirect_url="r",
        send_signer_invites=False,
        transaction_id="x",
        use_sequence=UseSequence.SEQUENTIAL,
    )
    signer = Signer(
        last_name="l",
        signer_role="r",
        signer_id="1",
        full_name="f l",
        auth_method=AuthenticationMethod.SMS,
        auth_methods=(AuthenticationMethod.KBA_PLUS_PASSWORD, AuthenticationMethod.NONE, 2),
        mandate_doc_upload=True,
        auto_apply_signature=False,
        signer_email_subject="s",
        signer_email_message="m",
    )
    document = Document(
        form_id="f",
        form_tag="t",
        has_anchor_tags=True,
        anchor_tags_adjustment_category="c",
        sequence=1,
    )
    session = written(Session(session_info=info, signers=(signer,), documents=(document,)))
    assert session["SessionInfo"] == {
        "Title": "t",
        "AllowDelegation": True,
        "ClientID": "c",
        "CopyTo": "a@x,b@x",
        "Description": "d",
        "EmailOptions": 3,
        "FirstSigner": False,
        "OwnerEmail": "e",
        "OwnerID": "i",
        "OwnerName": "n",
        "OwnerSignature": "s",
        "Password": "p",
        "ReminderFrequencyDays": 30,
        "ReturnURL": "u",
        "SendSessionRedirectUrl": "r",
        "SendSignerInvites": False,
        "TransactionId": "x",
        "UseSequence": 1,
    }
    assert session["Signers"] == [
        {
            "LastName": "l",
            "SignerRole": "r",
            "SignerId": "1",
            "FullName": "f l",
            "AuthMethod": "SMS",
            "AuthMethods": ["KBAPlusPassword", "None", 2],
            "Properties": [],
            "MandateDocUpload": True,
            "AutoApplySignature": False,
            "SignerEmailSubject": "s",
            "SignerEmailMessage": "m",
        }
    ]
    assert session["Documents"] == [
        {
            "FormId": "f",
            "FormTag": "t",
            "HasAnchorTags": True,
            "AnchorTagsAdjustmentCategory": "c",
            "Sequence": 1,
        }
    ]


def test_the_vendors_names_are_taken_too() -> None:
    members = {"SessionInfo": {"Title": "t", "ReturnURL": "u"}, "Signers": []}
    assert Session.model_validate(members) == Session(
        session_info=SessionInfo(title="t", return_url="u")
    )


@pytest.mark.parametrize("file_type", FILE_TYPES)
def test_file_types(file_type: str) -> None:
    assert Document(file_name=f"A.b{file_type.upper()}", file_bytes=b"x").file_bytes == b"x"


def test_the_size_of_all_documents_together() -> None:
    half = bytes(50 * 1024 * 1024)
    documents = [Document(file_name="a.pdf", file_bytes=half) for _ in range(2)]
    assert len(Session(session_info=INFO, documents=tuple(documents)).documents) == 2
    documents.append(Document(file_name="a.pdf", file_bytes=b"x"))
    with pytest.raises(InvalidRequest, match="100 MB"):
        Session(session_info=INFO, documents=tuple(documents))


def test_days_ahead() -> None:
    moment = datetime(2030, 1, 1, tzinfo=UTC)
    for days, is_fine in ((90, True), (1, True), (0, False), (-1, False), (91, False)):
        info = SessionInfo(title="t", expires_on=moment + timedelta(days=days))
        if is_fine:
            Session(session_info=info).check_days(moment, "CreateSession")
        else:
            with pytest.raises(InvalidRequest, match="90 days"):
                Session(session_info=info).check_days(moment, "CreateSession")


@given(
    st.lists(st.binary(min_size=1, max_size=400), max_size=4),
    st.sampled_from(["numbers", "base64"]),
)
def test_files_are_written_whole(files: list[bytes], form: Any) -> None:
    documents = tuple(
        Document(file_name="a.pdf", file_bytes=content, form_tag='"[1,2]"') for content in files
    )
    session = written(Session(session_info=INFO, documents=documents), JsonForm(file_bytes=form))
    read = [document["FileBytes"] for document in session["Documents"]]
    if form == "numbers":
        assert [bytes(numbers) for numbers in read] == files
    else:
        assert [base64.b64decode(text) for text in read] == files


def test_a_file_larger_than_a_piece_is_written_whole() -> None:
    content = bytes(range(256)) * 600 + b"end"
    document = Document(file_name="a.pdf", file_bytes=content)
    session = written(Session(session_info=INFO, documents=(document,)))
    assert bytes(session["Documents"][0]["FileBytes"]) == content


@given(st.text(min_size=1).filter(str.strip), st.dictionaries(st.text(), st.text()))
def test_any_text_is_written(title: str, properties: dict[str, str]) -> None:
    signer = Signer(last_name="l", signer_role="r", properties=properties)
    session = written(Session(session_info=SessionInfo(title=title), signers=(signer,)))
    assert session["SessionInfo"]["Title"] == title
    pairs = session["Signers"][0]["Properties"]
    assert {pair["Key"]: pair["Value"] for pair in pairs} == properties


@given(
    st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=-8))])),
    st.sampled_from(["milliseconds", "iso8601"]),
)
def test_dates_come_back(moment: datetime, form: Any) -> None:
    try:
        whole = moment.astimezone(UTC)
    except OverflowError:
        return
    whole = whole.replace(microsecond=whole.microsecond // 1000 * 1000)
    assert read_date(write_date(whole, form)) == whole


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("/Date(0)/", datetime(1970, 1, 1, tzinfo=UTC)),
        ("/Date(-1)/", datetime(1969, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC)),
        (r"\/Date(1416614400000-0800)\/", datetime(2014, 11, 22, tzinfo=UTC)),
        ("/Date(1416614400000+0530)/", datetime(2014, 11, 22, tzinfo=UTC)),
        ("2014-11-22T00:00:00Z", datetime(2014, 11, 22, tzinfo=UTC)),
        ("2014-11-22T00:00:00.1234567+01:00",
         datetime(2014, 11, 21, 23, 0, 0, 123_456, tzinfo=UTC)),
        ("2014-11-22T01:02:03.5", datetime(2014, 11, 22, 1, 2, 3, 500_000)),
    ],
)  # fmt: skip
def test_dates_are_read(text: str, moment: datetime) -> None:
    assert read_date(text) == moment


@pytest.mark.parametrize(
    "text", ["", "x", "/Date()/", "/Date(9999999999999999)/", "/Date(-62135596800000-0800)/"]
)
def test_no_dates(text: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - any words will do
        read_date(text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["ReturnValue", "details", "Sessions", "SigningSessionId", "Id", "SIGNERS", "ExpiresOn",
     "StatusCode", "SessionInfo", "Documents"]
)  # fmt: skip


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.dictionaries(NAMES, inner | st.lists(inner, max_size=3), max_size=6)


@given(nested(JSON | nested(JSON | nested(JSON))))
def test_no_json_object_is_refused(members: dict[str, object]) -> None:
    for kind in (RequestResponse, SessionResponse):
        answer = kind.read(members)
        assert answer.raw is members
        repr(answer)


READINGS: list[tuple[type[Answer], Reading]] = [
    (RequestResponse, "flag"),
    (RequestResponse, "secret"),
    (RequestResponse, "text"),
    (GenericResponse, "report"),
    (SessionResponse, "object"),
    (SessionLiteBucketView, "list"),
]


@given(
    st.binary()
    | st.text().map(str.encode)
    | JSON.map(lambda value: json.dumps(value).encode())
    | nested(JSON).map(lambda value: json.dumps(value).encode()),
    st.sampled_from([200, 204, 301, 400, 401, 404, 500]),
    st.integers(0, 60),
)
def test_any_bytes_end_in_an_answer_or_in_our_errors(content: bytes, status: int, cut: int) -> None:
    response = HttpResponse(status=status, headers={}, content=content[: len(content) - cut])
    for kind, reading in READINGS:
        try:
            Reply(response, CALL, Secrets("s")).answer(kind, reading)
        except EsignWireError as error:
            str(error).encode()
