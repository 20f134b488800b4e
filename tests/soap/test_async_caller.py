"""What a SOAP call makes of all that may come back, over real HTTP."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import subprocess
import sys
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import pytest
import zeep.plugins
from lxml import etree

from esignwire._codec import StrictReading
from esignwire._http import HttpSettings
from esignwire.assuresign import (
    AssureSign,
    AsyncAssureSign,
    DocumentReference,
    Session,
    TemplateDocument,
)
from esignwire.errors import (
    ConnectionFailed,
    ConnectionLost,
    EmptyResponse,
    EncodingError,
    EsignWireError,
    ForbiddenMarkup,
    HttpStatusError,
    InvalidRequest,
    MalformedResponse,
    OutcomeUnknown,
    RequestTimeout,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
    SoapFault,
    TruncatedResponse,
    UnexpectedContent,
    UnexpectedResponse,
    VendorError,
)
from esignwire_generated.assuresign.types import check_status, envelopes, submit
from tests.support.assuresign import (
    ACCOUNT,
    DOCUMENT,
    ENVELOPE,
    KINDS,
    SERVICES,
    SESSION,
    SOAP,
    TEMPLATE,
    TOKEN,
    Driver,
    Kind,
    Script,
    address,
    async_submitted,
    envelope,
    header,
    http,
    judged,
    message,
    scripted,
    soap,
    status,
    statuses,
)
from tests.support.hostile import (
    Connection,
    Received,
    close_at_once,
    closed_port,
    hostile,
    never_answer,
    reset_at_once,
)

each_kind = pytest.mark.parametrize("kind", KINDS)

PASSWORD = "open-sesame-1234"
PLAIN = TemplateDocument(template_id=TEMPLATE, order_number="7xe-1", password=PASSWORD)
REFERENCE = DocumentReference(id=DOCUMENT, auth_token=TOKEN)
SOAP_12 = "http://www.w3.org/2003/05/soap-envelope"
ONCE = HttpSettings(attempts=1)


def fault_of(content: str, namespace: str = SOAP) -> bytes:
    return (
        f'<s:Envelope xmlns:s="{namespace}"><s:Body><s:Fault>{content}</s:Fault>'
        "</s:Body></s:Envelope>"
    ).encode()


def failure(kind: Kind, *replies: bytes, call: str = "check") -> EsignWireError:
    """What a call raises when this comes back."""
    with scripted(kind, *replies, http_settings=ONCE) as (client, server):
        act = client.check_status if call == "check" else client.async_submit
        with pytest.raises(EsignWireError) as caught:
            act(REFERENCE if call == "check" else PLAIN)
    assert len(server.received) == 1
    assert caught.value.vendor == "AssureSign"
    assert caught.value.operation == ("CheckStatus" if call == "check" else "AsyncSubmit")
    text = str(caught.value) + repr(caught.value) + repr(vars(caught.value))
    for secret in (TOKEN, ACCOUNT, PASSWORD):
        assert secret not in text.lower()
    return caught.value


@each_kind
def test_a_reference_to_a_part_where_there_are_none(kind: Kind) -> None:
    include = '<i:Include xmlns:i="http://www.w3.org/2004/08/xop/include" href="cid:1"/>'
    item = f'<StatusCheckException Severity="Warning">{include}</StatusCheckException>'
    result = f'<DocumentStatusCheckResult Id="{DOCUMENT}"><Exceptions>{item}</Exceptions>'
    body = (
        f'<CheckStatusResponse xmlns="{SERVICES}/CheckStatus"><DocumentStatusCheckResults>'
        f"{result}</DocumentStatusCheckResult></DocumentStatusCheckResults></CheckStatusResponse>"
    )
    error = failure(kind, soap(body))
    assert isinstance(error, MalformedResponse)
    assert "part that is not there" in str(error)


# --- faults -----------------------------------------------------------------------------------


@each_kind
@pytest.mark.parametrize("http_status", ["500 Internal Server Error", "200 OK", "400 Bad Request"])
def test_a_fault_is_a_fault_whatever_the_status(kind: Kind, http_status: str) -> None:
    content = "<faultcode>s:Client</faultcode><faultstring>Bad body.</faultstring>"
    error = failure(kind, http(fault_of(content), http_status))
    assert isinstance(error, SoapFault)
    assert isinstance(error, VendorError)
    assert (error.fault_code, error.fault_string) == ("Client", "Bad body.")
    assert (error.vendor_code, error.vendor_text) == ("Client", "Bad body.")
    assert error.http_status == int(http_status[:3])
    assert error.detail is None
    assert error.fault_actor is None
    assert "Bad body." in str(error)


FAULTS = [
    (
        (
            "<faultcode>s:Client.Sub</faultcode><faultstring>Why.</faultstring>"
            "<faultactor>urn:a</faultactor>"
        ),
        SOAP,
        ("Client.Sub", "Why.", "urn:a"),
    ),
    (
        (
            "<s:faultcode>s:Server</s:faultcode><s:faultstring> Why. </s:faultstring>"
            "<s:faultactor>urn:a</s:faultactor>"
        ),
        SOAP,
        ("Server", "Why.", "urn:a"),
    ),
    (
        (
            '<faultcode xmlns:a="http://schemas.microsoft.com/net/2005/12/windowscommunication'
            'foundation/dispatcher">a:InternalServiceFault</faultcode>'
            '<faultstring xml:lang="en-US">The server was unable to process it.</faultstring>'
        ),
        SOAP,
        ("InternalServiceFault", "The server was unable to process it.", None),
    ),
    (
        (
            "<s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>a:Deep</s:Value></s:Subcode>"
            '</s:Code><s:Reason><s:Text xml:lang="en">Why.</s:Text></s:Reason>'
            "<s:Role>urn:a</s:Role>"
        ),
        SOAP_12,
        ("Deep", "Why.", "urn:a"),
    ),
    ("<faultcode>Client</faultcode>", SOAP, ("Client", None, None)),
    ("<faultstring><![CDATA[a < b]]></faultstring>", SOAP, (None, "a < b", None)),
    ("<!-- nothing --> text ", SOAP, (None, None, None)),
]


@each_kind
@pytest.mark.parametrize(("content", "namespace", "expected"), FAULTS)
def test_faults_of_all_kinds_are_read(
    kind: Kind, content: str, namespace: str, expected: tuple[str | None, ...]
) -> None:
    error = failure(kind, http(fault_of(content, namespace), "500 Internal Server Error"))
    assert isinstance(error, SoapFault)
    assert (error.fault_code, error.fault_string, error.fault_actor) == expected


@each_kind
def test_a_faults_detail_shows_no_secret(kind: Kind) -> None:
    content = (
        "<faultcode>s:Server</faultcode>"
        f"<faultstring>Account {ACCOUNT.upper()} with {TOKEN} failed.</faultstring>"
        '<detail><e:Problem xmlns:e="urn:e" Id="42"><e:AuthToken>S3CRET-OTHER</e:AuthToken>'
        f'<e:Text Password="S3CRET-WORD">See {ACCOUNT}.</e:Text></e:Problem></detail>'
    )
    error = failure(kind, http(fault_of(content), "500 Internal Server Error"))
    assert isinstance(error, SoapFault)
    assert error.fault_string == "Account *** with *** failed."
    assert error.detail is not None
    detail = etree.fromstring(error.detail)
    assert detail[0].get("Id") == "42"
    assert "See ***." in error.detail
    assert "S3CRET" not in error.detail


NAMED = '<e:Password xmlns:e="urn:e">S3CRET</e:Password>'
AS_JSON = json.dumps({"Password": "S3CRET", "b": [NAMED]})


@pytest.mark.parametrize(
    "detail",
    [
        "<Password>S3CRET</Password>",
        "<Password><b>S3CRET</b></Password>",
        "<Password>a<!-- S3CRET -->b</Password>",
        "<a><Password/><b><Password><![CDATA[S3CRET]]></Password>kept</b></a>",
        '<a xmlns:b="urn:b" b:Password="S3CRET"/>',
        f"<a>{escape(NAMED)}</a>",
        f"<a>{escape(escape(escape(NAMED)))}</a>",
        f"<a>near {escape(NAMED)}: <b>kept</b></a>",
        f"<a>{escape('<Password>')}<b/>S3CRET{escape('</Password>')}</a>",
        f"<a><![CDATA[{NAMED}]]></a>",
        f"<!-- {NAMED} -->",
        f"<?a {NAMED}?>",
        f"<a b={quoteattr(NAMED)}/>",
        f"<a>{escape(AS_JSON)}</a>",
        f"<a>near {escape(AS_JSON)}, it stops</a>",
        f"<a>{escape(json.dumps(AS_JSON))}</a>",
        f"<a>{escape(AS_JSON.replace('Password', chr(92) + 'u0050assword'))}</a>",
        f"<a>{escape(AS_JSON[:24])}</a>",
        f"<a b={quoteattr(AS_JSON)}/>",
        "<a>Password=S3CRET&amp;b=1</a>",
        "<a>{Password : S3CRET}</a>",
        "<a>near request.Password = S3CRET</a>",
        f"<a>{escape(NAMED[10:])}</a>",
        f"<a>{escape(AS_JSON.replace(':', ''))}</a>",
        f"<a>request={quote(NAMED)}</a>",
        f"<a>request={quote(quote(AS_JSON))}</a>",
        f"<Password>{'S3CRET' * 20_000}</Password>",
        f"<a b='{'x' * 50_000}' Password='S3CRET' c='{'x' * 50_000}'/>",
        f"{'<a>' * 50}<Password>S3CRET</Password>{'</a>' * 50}",
    ],
    ids=lambda detail: detail[:24],
)
def test_a_faults_detail_shows_nothing_that_has_a_sensitive_name(detail: str) -> None:
    """Also where nothing of it was sent, and however the names were wrapped."""
    error = failure("sync", http(fault_of(f"<detail>{detail}</detail>")))
    assert isinstance(error, SoapFault)
    assert "S3CRET" not in str(vars(error))


def test_a_faults_detail_shows_what_is_not_secret() -> None:
    detail = "<a b='Password'>a &lt; b, the Password <c>Value</c> is wrong</a><Data/>"
    error = failure("sync", http(fault_of(f"<detail>{detail}</detail>")))
    assert isinstance(error, SoapFault)
    assert error.detail is not None
    shown = etree.fromstring(error.detail)
    assert [node.tag for node in shown.iter("*")] == ["detail", "a", "c", "Data"]
    assert "".join(shown.itertext()) == "a < b, the Password Value is wrong"
    assert shown.find("a").get("b") == "Password"  # type: ignore[union-attr]  # it is there


@each_kind
def test_the_header_tells_the_encoding_where_nothing_else_does(kind: Kind) -> None:
    content = fault_of("<faultstring>Größe</faultstring>").decode().encode("latin-1")
    error = failure(kind, http(content, content_type="text/xml;charset=ISO-8859-1"))
    assert isinstance(error, SoapFault)
    assert error.fault_string == "Größe"


@each_kind
def test_a_fault_that_quotes_the_message_shows_no_secret_however_it_was_escaped(
    kind: Kind,
) -> None:
    password = 'Tom&Jerry<2026> "two"'
    once = escape(password)
    quoted = (
        f"<a>{once}</a><b><![CDATA[{password}]]></b><c d={quoteattr(password)}/>"
        f"<e>{escape(once)}</e><f>{escape(json.dumps(password))}</f>{uuid.UUID(ACCOUNT).hex}"
    )
    content = f"<faultstring>{once}</faultstring><detail>{quoted}</detail>"
    document = replace(PLAIN, password=password)
    with scripted(kind, http(fault_of(content)), http_settings=ONCE) as (client, _):
        with pytest.raises(SoapFault) as caught:
            client.async_submit(document)
        assert caught.value.fault_string == "***"
        assert "Jerry" not in str(caught.value) + repr(vars(caught.value))
        assert (caught.value.detail or "").count("***") == 6


@each_kind
def test_a_fault_that_is_hostile_takes_no_time_that_grows_with_its_square(kind: Kind) -> None:
    """Each would take minutes at least."""
    for detail in (
        "returnUrl=x" + "&amp;k=1" * 200_000 + ' was "refused"',
        "&lt;a " + "x" * 1_000_000,
        "&lt;a b" + " " * 1_000_000,
    ):
        error = failure(kind, http(fault_of(f"<detail>{detail}</detail>")))
        assert isinstance(error, SoapFault)
        assert len(error.detail or "") <= 4_000


@each_kind
def test_a_fault_of_any_size_stays_readable(kind: Kind) -> None:
    long = "x" * 100_000
    content = f"<faultstring>{long}</faultstring><detail>{long}</detail>"
    error = failure(kind, http(fault_of(content), "500 Internal Server Error"))
    assert isinstance(error, SoapFault)
    assert len(str(error)) < 5_000
    assert len(error.detail or "") < 5_000


@each_kind
def test_a_fault_to_a_submission_is_no_unknown_outcome(kind: Kind) -> None:
    content = f"<faultstring>The password {PASSWORD} is refused.</faultstring>"
    error = failure(kind, http(fault_of(content), "500 Internal Server Error"), call="submit")
    assert isinstance(error, SoapFault)
    assert error.fault_string == "The password *** is refused."
    assert not error.is_retry_safe


# --- HTTP errors ------------------------------------------------------------------------------

HTML = b"<!DOCTYPE html><html><head><title>Out of order</title></head></html>"


@each_kind
@pytest.mark.parametrize("call", ["check", "submit"])
@pytest.mark.parametrize(
    ("http_status", "body", "content_type"),
    [
        ("500 Internal Server Error", b"", "text/plain"),
        ("503 Service Unavailable", HTML, "text/html"),
        ("404 Not Found", HTML, "text/html"),
        ("401 Unauthorized", b"no", "text/plain"),
        ("302 Found", b"", "text/plain"),
        ("500 Internal Server Error", envelope("<a/>"), "text/xml"),
        ("400 Bad Request", b"<Envelope/>", "text/xml"),
    ],
)
def test_an_http_error_without_a_fault(
    kind: Kind, call: str, http_status: str, body: bytes, content_type: str
) -> None:
    error = failure(kind, http(body, http_status, content_type), call=call)
    assert type(error) is HttpStatusError
    assert error.http_status == int(http_status[:3])
    assert error.is_retry_safe is (call == "check")
    assert "Out of order" not in str(error)
    if call == "submit" and http_status[0] == "5":
        assert "may have acted" in str(error)


@each_kind
def test_an_unusable_body_is_the_cause_of_an_http_error(kind: Kind) -> None:
    error = failure(kind, http(HTML, "503 Service Unavailable", "text/html"))
    assert isinstance(error.__cause__, UnexpectedContent)


# --- answers that are no answers --------------------------------------------------------------

GOOD = envelope(
    f'<CheckStatusResponse xmlns="{SERVICES}/CheckStatus"><DocumentStatusCheckResults>'
    f"{status()}</DocumentStatusCheckResults></CheckStatusResponse>"
)
MTOM = (
    b'--b\r\nContent-Type: application/xop+xml; type="text/xml"\r\n\r\n' + GOOD + b"\r\n--b--\r\n"
)
ENTITY = b'<!DOCTYPE a [<!ENTITY b "c">]>' + GOOD
DEEP = envelope("<a>" * 10_000 + "</a>" * 10_000)


@each_kind
@pytest.mark.parametrize("call", ["check", "submit"])
@pytest.mark.parametrize(
    ("answer", "kind_of_error"),
    [
        (http(b""), EmptyResponse),
        (http(b"", "202 Accepted"), EmptyResponse),
        (b"HTTP/1.1 204 No Content\r\n\r\n", EmptyResponse),
        (http(HTML, content_type="text/html"), UnexpectedContent),
        (http(b'{"a": 1}', content_type="application/json"), UnexpectedContent),
        (http(MTOM, content_type='multipart/related; boundary="b"'), UnexpectedContent),
        (http(b"%PDF-1.7"), UnexpectedContent),
        (http(GOOD[:-20]), TruncatedResponse),
        (http(GOOD.replace(b"</s:Body>", b"")), MalformedResponse),
        (http(GOOD.replace(b"Completed", b"Caf\xe9")), EncodingError),
        (http(ENTITY), ForbiddenMarkup),
        (http(DEEP), ResponseTooDeep),
        (http(b"<a/>"), UnexpectedResponse),
        (http(GOOD.replace(SOAP.encode(), b"urn:other")), UnexpectedResponse),
        (http(f'<s:Envelope xmlns:s="{SOAP}"/>'.encode()), UnexpectedResponse),
        (http(envelope("")), UnexpectedResponse),
        (http(envelope("text")), UnexpectedResponse),
        (http(envelope("<a/><b/>")), UnexpectedResponse),
        (soap(f'<PingResponse xmlns="{SERVICES}/Ping"/>'), UnexpectedResponse),
        (soap('<CheckStatusResponse xmlns="urn:x"/>'), UnexpectedResponse),
        (soap('<AsyncSubmitResponse xmlns="urn:x"/>'), UnexpectedResponse),
        (soap(f'<CheckStatus xmlns="{SERVICES}/CheckStatus"/>'), UnexpectedResponse),
    ],
)
def test_each_unusable_answer_ends_in_its_own_error(
    kind: Kind, call: str, answer: bytes, kind_of_error: type[ResponseError]
) -> None:
    error = failure(kind, answer, call=call)
    assert type(error) is kind_of_error
    assert error.is_retry_safe is (call == "check")
    assert error.http_status in {200, 202, 204}


@each_kind
@pytest.mark.parametrize(
    ("damage", "path"),
    [
        ((f'Id="{DOCUMENT}"', 'Id="1"'), "@Id"),
        ((f'Id="{DOCUMENT}"', ""), "@Id"),
    ],
)
def test_an_answer_that_does_not_fit_its_type_names_the_place(
    kind: Kind, damage: tuple[str, str], path: str
) -> None:
    answer = http(GOOD.decode().replace(*damage).encode())
    error = failure(kind, answer)
    assert type(error) is UnexpectedResponse
    place = "CheckStatusResponse/DocumentStatusCheckResults/DocumentStatusCheckResult"
    assert error.path == f"{place}/{path}"


@each_kind
def test_an_optional_value_that_cannot_be_read_hides_nothing(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    answer = http(GOOD.replace(b"2008-03-19T", b"19.3.2008 "))
    with scripted(kind, answer) as (client, _):
        (status,) = client.check_status(REFERENCE)
        assert (status.id, status.status_date) == (uuid.UUID(DOCUMENT), None)
    with (
        StrictReading(),
        scripted(kind, answer) as (client, _),
        pytest.raises(UnexpectedResponse) as caught,
    ):
        client.check_status(REFERENCE)
    assert "@StatusDate (a date with time was due)" in str(caught.value)
    assert "19.3.2008" not in str(caught.value) + caplog.text


@each_kind
def test_a_response_is_bounded(kind: Kind) -> None:
    settings = HttpSettings(max_response_bytes=1_000)
    with (
        scripted(kind, http(GOOD + b" " * 2_000), http_settings=settings) as (client, _),
        pytest.raises(ResponseTooLarge),
    ):
        client.check_status(REFERENCE)


@each_kind
def test_envelopes_of_other_stacks_are_read(kind: Kind) -> None:
    variants = [
        b'<?xml version="1.0" encoding="utf-8"?>\n' + GOOD,
        b"\xef\xbb\xbf" + GOOD,
        ('<?xml version="1.0" encoding="utf-16"?>' + GOOD.decode()).encode("utf-16"),
        re.sub(rb"(?<=[</])s:|(?<=xmlns:)s(?==)", lambda m: b"E-1" + m[0][1:], GOOD),
        GOOD.replace(b"<s:Body>", b'<s:Header><h xmlns="urn:h">x</h></s:Header><s:Body>'),
        GOOD.replace(b"<s:Body>", b"\n <!-- a remark -->\n <s:Body>\n  "),
        GOOD.replace(SOAP.encode(), SOAP_12.encode()),
        re.sub(rb"(?<=[</])s:|(?<=xmlns):s(?==)", b"", GOOD),
    ]
    assert len({GOOD, *variants}) == len(variants) + 1
    for variant in variants:
        with scripted(kind, http(variant)) as (client, _):
            (outcome,) = client.check_status(REFERENCE)
        assert outcome.id == uuid.UUID(DOCUMENT)


@each_kind
def test_the_vendors_own_copy_error_is_read(kind: Kind) -> None:
    answer = soap(
        f'<CheckEnvelopeStatusResponse xmlns="{SERVICES}/CheckStatus">'
        f'<CheckEnvelopeStatusResult EnvelopeId="{ENVELOPE}" Status="InProgress">'
        "<History/><Documents/></CheckEnvelopeStatusResult></CheckEnvelopeStatusResponse>"
    )
    request = envelopes.CheckEnvelopeStatus(
        request=envelopes.CheckEnvelopeStatusRequest(
            context_identifier=uuid.UUID(ACCOUNT),
            envelope_id=uuid.UUID(ENVELOPE),
            auth_token=uuid.UUID(TOKEN),
        )
    )
    with StrictReading(), scripted(kind, answer) as (client, _):
        found = client.service("envelopes", "check_envelope_status", request)
    assert found.check_envelope_status_result.status is envelopes.EnvelopeStatusType.IN_PROGRESS


@each_kind
def test_unknown_names_are_told_once_and_break_nothing(
    kind: Kind, caplog: pytest.LogCaptureFixture
) -> None:
    new = f"New{kind}"
    answer = statuses(
        status(content=f'<{new} a="S3CRET">S3CRET</{new}>').replace(
            " StatusType", f' {new}="S3CRET" StatusType'
        )
    )
    with caplog.at_level(logging.WARNING), scripted(kind, answer) as (client, _):
        first = client.check_status(REFERENCE)
        assert client.check_status(REFERENCE) == first
    lines = [one.getMessage() for one in caplog.records if new in one.getMessage()]
    assert len(lines) == 2
    assert "S3CRET" not in caplog.text
    with (
        StrictReading(),
        scripted(kind, answer) as (client, _),
        pytest.raises(UnexpectedResponse, match=new),
    ):
        client.check_status(REFERENCE)


# --- requests that are refused ----------------------------------------------------------------


def account_document(**members: Any) -> submit.AsyncSubmit:
    return submit.AsyncSubmit(
        documents=submit.ArrayOfDocument(
            document=[submit.Document(context_identifier=uuid.UUID(ACCOUNT), **members)]
        )
    )


@each_kind
@pytest.mark.parametrize(
    ("metadata", "path", "value", "rule"),
    [
        ({"password": 1234}, "AsyncSubmit/Documents/Document/Metadata/@Password", None, "a str"),
        ({"culture": 5}, "AsyncSubmit/Documents/Document/Metadata/@Culture", "5", "a str"),
        (
            {"document_name": "a\x00b"},
            "AsyncSubmit/Documents/Document/Metadata/@DocumentName",
            "'a\\x00b'",
            "U+0000",
        ),
        (
            {"password": "a\x0bb"},
            "AsyncSubmit/Documents/Document/Metadata/@Password",
            None,
            "U+000B",
        ),
        (
            {"envelope_id": "2ceb"},
            "AsyncSubmit/Documents/Document/Metadata/@EnvelopeId",
            "'2ceb'",
            "a UUID",
        ),
    ],
)
def test_a_value_of_the_wrong_type_is_refused(
    kind: Kind, metadata: dict[str, Any], path: str, value: str | None, rule: str
) -> None:
    request = account_document(metadata=submit.Metadata(**metadata))
    with (
        scripted(kind, async_submitted()) as (client, server),
        pytest.raises(InvalidRequest) as caught,
    ):
        client.service("submit", "async_submit", request)
    assert (caught.value.path, caught.value.value) == (path, value)
    assert rule in (caught.value.rule or "")
    assert "nothing was sent" in str(caught.value)
    assert server.connections == 0


@each_kind
def test_a_message_that_breaks_the_schema_is_refused(kind: Kind) -> None:
    request = envelopes.CreateEnvelope(
        request=envelopes.CreateEnvelopeRequest(
            context_identifier=uuid.UUID(ACCOUNT),
            workflow_type="Sideways",  # type: ignore[arg-type]  # what a caller may do
        )
    )
    with (
        scripted(kind, b"") as (client, server),
        pytest.raises(InvalidRequest) as caught,
    ):
        client.service("envelopes", "create_envelope", request)
    error = caught.value
    assert error.path == "CreateEnvelope/Request/@WorkflowType"
    assert error.value == "Sideways"
    assert "'Sequential', 'Parallel'" in (error.rule or "")
    assert ACCOUNT not in str(error)
    assert server.connections == 0


# --- broken connections, time-outs and retries ------------------------------------------------


@each_kind
@pytest.mark.parametrize(
    ("behaviour", "timeout", "cause"),
    [
        (close_at_once, None, ConnectionLost),
        (reset_at_once, None, ConnectionLost),
        (never_answer, 1.0, RequestTimeout),
    ],
)
def test_a_submission_that_breaks_off_has_an_unknown_outcome(
    kind: Kind, behaviour: Any, timeout: float | None, cause: type[EsignWireError]
) -> None:
    named = TemplateDocument(template_id=TEMPLATE, document_name="Contract of Ann")
    with (
        hostile(behaviour) as server,
        Driver(kind, address(server)) as client,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        client.async_submit(PLAIN, named, TemplateDocument(template_id=TEMPLATE), timeout=timeout)
    assert caught.value.reference == "7xe-1, Contract of Ann"
    assert "7xe-1, Contract of Ann" in str(caught.value)
    assert isinstance(caught.value.__cause__, cause)
    assert not caught.value.is_retry_safe
    assert server.connections == 1


@each_kind
@pytest.mark.parametrize("method", ["close_envelope", "async_close_envelope"])
def test_a_closing_that_breaks_off_has_an_unknown_outcome(kind: Kind, method: str) -> None:
    with (
        hostile(close_at_once) as server,
        Driver(kind, address(server)) as client,
        pytest.raises(OutcomeUnknown) as caught,
    ):
        getattr(client, method)(ENVELOPE.upper(), TOKEN)
    assert caught.value.reference == ENVELOPE
    assert server.connections == 1


@each_kind
def test_a_call_that_never_reaches_the_vendor_changes_nothing(kind: Kind) -> None:
    url = f"http://127.0.0.1:{closed_port()}/DocumentNOW.svc"
    with Driver(kind, url) as client, pytest.raises(ConnectionFailed) as caught:
        client.async_submit(PLAIN)
    assert caught.value.is_retry_safe


@each_kind
def test_a_call_that_only_reads_is_repeated(kind: Kind) -> None:
    def break_twice() -> Any:
        lock = threading.Lock()
        left = [close_at_once, reset_at_once]
        good = Script(http(HTML, "503 Service Unavailable", "text/html"), http(GOOD))

        def behave(connection: Connection) -> None:
            with lock:
                behaviour = left.pop() if left else good
            behaviour(connection)

        return behave

    with hostile(break_twice()) as server:
        settings = HttpSettings(attempts=4)
        with Driver(kind, address(server), settings=settings) as client:
            (outcome,) = client.check_status(REFERENCE)
    assert outcome.id == uuid.UUID(DOCUMENT)
    assert len(server.received) == 4
    assert len({one.body for one in server.received}) == 1


@each_kind
def test_a_call_that_changes_something_is_never_repeated(kind: Kind) -> None:
    busy = http(HTML, "503 Service Unavailable", "text/html")
    with (
        scripted(kind, busy, async_submitted()) as (client, server),
        pytest.raises(HttpStatusError),
    ):
        client.async_submit(PLAIN)
    assert len(server.received) == 1


@each_kind
def test_a_safe_call_that_times_out_says_so(kind: Kind) -> None:
    with (
        hostile(never_answer) as server,
        Driver(kind, address(server)) as client,
        pytest.raises(RequestTimeout) as caught,
    ):
        client.check_status(REFERENCE, timeout=1.0)
    assert caught.value.is_retry_safe


# --- plugins ----------------------------------------------------------------------------------


@each_kind
def test_zeeps_history_plugin_sees_what_was_sent_and_received(kind: Kind) -> None:
    history = zeep.plugins.HistoryPlugin()
    refused = http(fault_of("<faultstring>No.</faultstring>"), "500 Internal Server Error")
    with scripted(kind, http(GOOD), refused, plugins=(history,)) as (client, server):
        client.check_status(REFERENCE)
        sent = history.last_sent["envelope"]
        assert etree.tostring(sent, method="c14n") == etree.tostring(
            etree.fromstring(server.received[0].body), method="c14n"
        )
        assert history.last_sent["http_headers"]["SOAPAction"] == header(
            server.received[0], "SOAPAction"
        )
        received = history.last_received
        assert etree.tostring(received["envelope"], method="c14n") == etree.tostring(
            etree.fromstring(GOOD), method="c14n"
        )
        assert received["http_headers"]["content-type"] == "text/xml; charset=utf-8"
        with pytest.raises(SoapFault):
            client.check_status(REFERENCE)
        assert b"Fault" in etree.tostring(history.last_received["envelope"])


class _Rewriting(zeep.plugins.Plugin):
    """Adds a header block on the way out, and exchanges the envelope on the way in."""

    def egress(self, envelope: Any, headers: Any, operation: Any, options: Any) -> Any:
        block = etree.Element(f"{{{SOAP}}}Header")
        etree.SubElement(block, "{urn:trace}Id").text = operation.name
        envelope.insert(0, block)
        return envelope, {**headers, "X-Trace": "7"}

    def ingress(self, envelope: Any, headers: Any, operation: Any) -> Any:
        text = etree.tostring(envelope).replace(b"Completed", b"Declined")
        return etree.fromstring(text), headers


@each_kind
def test_a_plugin_may_change_what_is_sent_and_received(kind: Kind) -> None:
    with scripted(kind, http(GOOD), plugins=(_Rewriting(),)) as (client, server):
        (outcome,) = client.check_status(REFERENCE)
    assert outcome.status_type == "Declined"
    assert header(server.received[0], "X-Trace") == "7"
    root = etree.fromstring(server.received[0].body)
    assert root.findtext(f"{{{SOAP}}}Header/{{urn:trace}}Id") == "CheckStatus"
    judged(server.received[0])


# --- many at once -----------------------------------------------------------------------------


def echo_status(received: Received) -> bytes:
    """Answers about exactly the document that was asked about."""
    question = message(received)[0][0]
    return statuses(status(question.get("Id") or ""))


def references(count: int) -> list[DocumentReference]:
    return [
        DocumentReference(id=uuid.UUID(int=number + 1), auth_token=TOKEN) for number in range(count)
    ]


def test_many_threads_share_one_client() -> None:
    asked = references(100)
    with (
        hostile(Script(echo_status)) as server,
        AssureSign(
            context_identifier=ACCOUNT, user_name="a@example.com", url=address(server)
        ) as client,
        ThreadPoolExecutor(16) as pool,
    ):
        answers = list(pool.map(client.check_status, asked))
    assert [answer[0].id for answer in answers] == [one.id for one in asked]
    assert len(server.received) == 100


def test_many_tasks_share_one_client() -> None:
    asked = references(200)

    async def main(url: str) -> list[Any]:
        async with AsyncAssureSign(
            context_identifier=ACCOUNT, user_name="a@example.com", url=url
        ) as client:
            submissions = (client.async_submit(PLAIN) for _ in range(20))
            checks = (client.check_status(one) for one in asked)
            return await asyncio.gather(*checks, *submissions)

    def answer(received: Received) -> bytes:
        action = header(received, "SOAPAction") or ""
        return echo_status(received) if "CheckStatus" in action else async_submitted()

    with hostile(Script(answer)) as server:
        answers = asyncio.run(main(address(server)))
    assert [one[0].id for one in answers[:200]] == [one.id for one in asked]
    assert answers[200:] == [Session(id=uuid.UUID(SESSION))] * 20


# --- what it costs to begin -------------------------------------------------------------------


def test_making_a_client_does_no_input_or_output() -> None:
    script = f"""
import sys
from esignwire.assuresign import AssureSign, AsyncAssureSign
from esignwire_generated.assuresign.types import check_status
seen = []
def hook(event, arguments):
    if event.startswith(("socket.", "subprocess.")) or event == "open":
        seen.append((event, str(arguments[0])))
sys.addaudithook(hook)
for kind in (AssureSign, AsyncAssureSign):
    client = kind(context_identifier={ACCOUNT!r}, user_name="a@example.com")
    client.services
    repr(client)
assert not seen, seen
"""
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr


@each_kind
def test_a_message_of_ones_own_needs_no_facade(kind: Kind) -> None:
    request = check_status.CheckStatus(
        document_status_checks=check_status.ArrayOfDocumentStatusCheck(
            document_status_check=[
                check_status.DocumentStatusCheck(
                    context_identifier=uuid.UUID(ACCOUNT),
                    id=uuid.UUID(DOCUMENT),
                    auth_token=uuid.UUID(TOKEN),
                )
            ]
        )
    )
    with scripted(kind, http(GOOD)) as (client, _):
        assert client.client.context_identifier == uuid.UUID(ACCOUNT)
        answer = client.service("check_status", "check_status", request)
    results = answer.document_status_check_results
    assert results.document_status_check_result[0].id == uuid.UUID(DOCUMENT)
