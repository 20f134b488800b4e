"""Whatever bytes arrive, the emulator answers as a vendor would and never fails inside."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree

from esignwire.emulator import EmulatorSettings, Identifiers, State
from esignwire.emulator._wire import Blob, WireAnswer, WireRequest
from esignwire.emulator.assuresign import AssureSign, AssureSignState
from esignwire.emulator.constellation1 import Constellation1, Constellation1State
from esignwire.emulator.schemas import Schemas
from esignwire.emulator.shared import Shared
from esignwire.emulator.signix import Signix, SignixState
from tests.support.emulator import (
    ACCOUNT,
    MTOM,
    OTHER,
    SCHEMAS,
    SIGNIX,
    TEMPLATE,
    action_of,
    include,
    package,
    request_element,
    wrapped,
)
from tests.support.openapi import document, operations

SETTINGS = EmulatorSettings(schemas=SCHEMAS, token_uses=1_000_000, token_seconds=86_400)
FILES = Schemas(SCHEMAS)
BASE = "http://127.0.0.1:8765"
SERVICE = "/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc"
SUBMISSION = wrapped(
    request_element(
        "Submit",
        "Submit",
        f'<Documents><Document ContextIdentifier="{ACCOUNT}"><Metadata DocumentName="N"'
        f' ExpirationDate="2030-01-01" EnvelopeId="{OTHER}"/><Template Id="{TEMPLATE}">'
        '<Parameters><Parameter Name="Signatory 1 Email Address" Value="a@example.com"/>'
        "</Parameters></Template></Document></Documents>",
    )
)
FILE_SUBMISSION = wrapped(
    request_element(
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}"><UnderlyingFile FileType="PDF">'
        f"<Data>{include('file')}</Data></UnderlyingFile></FileDocument></Documents>",
    )
)
# The token of the first sign-in where the identifiers begin with this seed.
SEED = "fuzz"
_FIRST = Identifiers(SEED)
_FIRST.guid()
KEYS = f'ContextIdentifier="{ACCOUNT}" AuthenticationToken="{_FIRST.token(43)}"'
MANAGING = {
    ("Users", "CreateUser"): (
        f'<Request {KEYS} UserName="b@example.com" FirstName="B" LastName="C" Role="R">'
        "<AutoGeneratePassword>true</AutoGeneratePassword>"
        '<Tags><UserTag Name="N" Value="V"/></Tags></Request>'
    ),
    ("Users", "UpdateUser"): (
        f'<Request {KEYS} UserName="b@example.com" NewUserName="c@example.com" Password="abcdefg1">'
        "<Locked>false</Locked><Tags/></Request>"
    ),
    ("Accounts", "CreateAccount"): f'<Request {KEYS} Name="N" AccountGroup="G" Inactive="true"/>',
    ("Accounts", "UpdateAccount"): (
        f'<Request {KEYS} Name="N" AccountGroup="G"><Inactive>false</Inactive></Request>'
    ),
}
FLEX = (
    f'<SubmitAjaxRq xmlns="{SIGNIX}"><CustInfo><Sponsor>s</Sponsor><Client>c</Client>'
    "<UserId>u</UserId><Pswd>p</Pswd></CustInfo><Data><DocumentSetID>d</DocumentSetID>"
    '<Request>{"objectType":"Transaction_Cancel"}</Request></Data></SubmitAjaxRq>'
)
SESSION = json.dumps(
    {
        "userName": "o@example.com",
        "session": {
            "SessionInfo": {"Title": "T", "ReminderFrequencyDays": 40},
            "Documents": [{"FileName": "a.pdf", "FileBytes": [1, 2]}],
            "Signers": [
                {
                    "LastName": "L",
                    "EmailAddress": "l@e.com",
                    "SignerRole": "R",
                    "AuthMethods": [],
                    "Properties": [],
                }
            ],
        },
    }
)
FUZZING = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@st.composite
def damaged(draw: st.DrawFn, text: str) -> bytes:
    """Cut, double, replace or stretch a few places of a message."""
    content = text.encode()
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(content)))
        end = min(len(content), start + draw(st.integers(0, 12)))
        filler = draw(
            st.one_of(
                st.binary(max_size=8),
                st.sampled_from(
                    [b"", b"<", b"&", b"&#0;", b"<!DOCTYPE x>", b"]]>", b"\xff\xfe", b"9" * 5000]
                ),
                st.just(content[start:end] * 2),
            )
        )
        content = content[:start] + filler + content[end:]
    return content


def request(path: str, content: bytes, *, query: str = "", **headers: str) -> WireRequest:
    return WireRequest(
        method="POST",
        path=path,
        query=query,
        headers={name.replace("_", "-"): value for name, value in headers.items()},
        content=Blob.of(content),
        base_url=BASE,
    )


def whole(answer: WireAnswer) -> bytes:
    content = answer.content
    return content if isinstance(content, bytes) else b"".join(content.chunks())


@FUZZING
@given(damaged(SUBMISSION))
def test_assuresign_answers_any_bytes(content: bytes) -> None:
    answer = AssureSign(AssureSignState(), Shared(), SETTINGS, FILES).answer(
        request(
            f"{SERVICE}/Submit/text",
            content,
            content_type="text/xml",
            soapaction=action_of("Submit", "Submit"),
        )
    )
    assert answer.status in {200, 500}
    etree.fromstring(whole(answer))
    assert b"InternalServiceFault" not in whole(answer)


@FUZZING
@given(damaged(package(FILE_SUBMISSION, file=b"a file").decode("ascii")))
def test_assuresign_answers_any_package(content: bytes) -> None:
    answer = AssureSign(AssureSignState(), Shared(), SETTINGS, FILES).answer(
        request(
            f"{SERVICE}/Submit/mtom",
            content,
            content_type=MTOM,
            soapaction=action_of("Submit", "SubmitWithFile"),
        )
    )
    assert answer.status in {200, 400, 500}
    assert b"InternalServiceFault" not in whole(answer)


def test_the_token_of_the_messages_is_right() -> None:
    state = State(identifiers=Identifiers(SEED))
    directory = state.assuresign.directory
    token, _ = directory.sign_in("a@example.com", "a password", state.identifiers)
    assert token in KEYS


@pytest.mark.parametrize(("contract", "operation"), MANAGING)
@FUZZING
@given(data=st.data())
def test_assuresign_is_managed_by_any_bytes(
    contract: str, operation: str, data: st.DataObject
) -> None:
    message = wrapped(request_element(contract, operation, MANAGING[contract, operation]))
    state = State(identifiers=Identifiers(SEED))
    directory = state.assuresign.directory
    directory.sign_in("a@example.com", "a password", state.identifiers)
    answer = AssureSign(state.assuresign, state, SETTINGS, FILES).answer(
        request(
            f"{SERVICE}/{contract}/text",
            data.draw(damaged(message)),
            content_type="text/xml",
            soapaction=action_of(contract, operation),
        )
    )
    assert answer.status in {200, 500}
    etree.fromstring(whole(answer))
    assert b"InternalServiceFault" not in whole(answer)


@FUZZING
@given(st.text(max_size=80))
def test_any_content_type_is_answered(content_type: str) -> None:
    answer = AssureSign(AssureSignState(), Shared(), SETTINGS, FILES).answer(
        request(f"{SERVICE}/Submit/mtom", b"", content_type=f"multipart/related;{content_type}")
    )
    assert answer.status == 415


@FUZZING
@given(damaged(FLEX))
def test_signix_answers_any_form(content: bytes) -> None:
    form = urlencode({"method": "SubmitAjax", "request": content}).encode()
    answer = Signix(SignixState(), Shared(), SETTINGS, FILES).answer(
        request(
            "/signix/sdd/b2b/sdddc_ns.jsp",
            form,
            content_type="application/x-www-form-urlencoded",
        )
    )
    assert answer.status in {200, 400}
    if answer.status == 200:
        status = etree.fromstring(whole(answer))[0]
        assert status[0].text in {"101", "109", "100"}


PREFIX = "/constellation1/rest"


def constellation1_token(vendor: Constellation1) -> str:
    def get(path: str, authorization: str = "") -> str:
        asked = WireRequest(
            method="GET",
            path=f"{PREFIX}/v1/{path}",
            query="",
            headers={"authorization": authorization},
            content=Blob.of(b""),
            base_url=BASE,
        )
        value = json.loads(whole(vendor.answer(asked)))["ReturnValue"]
        assert isinstance(value, str)
        return value

    return get("gettoken/salt", get(f"encrypt/{quote('a key')}/salt"))


@FUZZING
@given(damaged(SESSION))
def test_constellation1_answers_any_body(content: bytes) -> None:
    state = State()
    vendor = Constellation1(state.constellation1, state, SETTINGS, FILES)
    token = constellation1_token(vendor)
    answer = vendor.answer(
        request(
            f"{PREFIX}/v1/sessions", content, content_type="application/json", authorization=token
        )
    )
    assert answer.status == 200
    body = json.loads(whole(answer))
    assert (body["SigningSessionId"] is None) == (body["Details"] is not None)
    assert len(state.constellation1.sessions) == (body["SigningSessionId"] is not None)


MEMBERS = sorted(
    {
        name
        for one in document()["components"]["schemas"].values()
        for name in one.get("properties", ())
    }
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5)
    | st.sampled_from(
        ["\ud800", OTHER, "/Date(999999999999999999)/", "a@example.com", "", "a.pdf"]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.mark.parametrize("name", [name for name, one in operations().items() if one.body])
@FUZZING
@given(data=st.data())
def test_constellation1_answers_any_json(name: str, data: st.DataObject) -> None:
    described = operations()[name]
    vendor = Constellation1(Constellation1State(), Shared(), SETTINGS, FILES)
    assert described.body is not None
    members = dict.fromkeys(described.body["properties"], VALUES)
    body = data.draw(VALUES | st.fixed_dictionaries(members))
    asked = WireRequest(
        method=described.method,
        path=f"{PREFIX}{described.path}",
        query="",
        headers={
            "authorization": constellation1_token(vendor),
            "content-type": "application/json",
        },
        content=Blob.of(json.dumps(body).encode()),
        base_url=BASE,
    )
    answer = vendor.answer(asked)
    assert answer.status == 200
    details = json.loads(whole(answer))["Details"]
    assert details is None or details.startswith("Error: ")


def test_constellation1_refuses_what_is_nested_too_deep() -> None:
    vendor = Constellation1(Constellation1State(), Shared(), SETTINGS, FILES)
    for depth in (500, 900, 950, 100_000):
        deep = b"[" * depth + b"]" * depth
        content = b'{"userName": "a", "session": {"SessionInfo": %s, "x": %s}}' % (deep, deep)
        token = constellation1_token(vendor)
        answer = vendor.answer(
            request(
                f"{PREFIX}/v1/sessions",
                content,
                content_type="application/json",
                authorization=token,
            )
        )
        assert answer.status == 200
        assert json.loads(whole(answer))["Details"].startswith("Error: ")


@pytest.mark.parametrize("vendor", ["assuresign", "constellation1"])
@FUZZING
@given(path=st.binary(max_size=40), query=st.text(max_size=20))
def test_any_path_is_answered(vendor: str, path: bytes, query: str) -> None:
    asked = request(f"/{vendor}/{path.decode('latin-1')}", b"", query=query)
    play = {
        "assuresign": AssureSign(AssureSignState(), Shared(), SETTINGS, FILES).answer,
        "constellation1": Constellation1(Constellation1State(), Shared(), SETTINGS, FILES).answer,
    }[vendor]
    assert play(asked).status in {400, 404, 405, 501}
