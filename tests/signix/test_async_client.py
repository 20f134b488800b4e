"""What goes over the wire to SIGNiX, what comes back, and every way in which it goes wrong."""

from __future__ import annotations

import asyncio
import base64
import copy
import json
import logging
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import quote_plus
from xml.sax.saxutils import escape

import pytest
from lxml import etree

import esignwire.signix
from esignwire._codec import StrictReading
from esignwire.errors import (
    ConfigurationError,
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
    ResponseTooDeep,
    ResponseTooLarge,
    SignixError,
    TruncatedResponse,
    UnexpectedContent,
    UnexpectedResponse,
)
from esignwire.signix import (
    PRODUCTION_URL,
    TEST_URL,
    AsyncSignix,
    Download,
    Failed,
    HttpSettings,
    RawCommand,
    Signix,
    Succeeded,
)
from esignwire.signix._envelope import _form_encoded
from esignwire_generated.signix.types import submit_ajax
from esignwire_generated.signix.types.download_document import DownloadDocumentRs
from esignwire_generated.signix.types.get_access_link import (
    GetAccessLinkDataType,
    GetAccessLinkRq,
)
from esignwire_generated.signix.types.get_access_token import (
    GetAccessTokenDataType,
    GetAccessTokenRq,
)
from tests.support.hostile import Connection, answer, closed_port, hostile, raw
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    NAMESPACE,
    PASSWORD,
    PDF,
    TRANSACTION_ID,
    Kind,
    drive,
    form_of,
    message,
    multi,
    pickled,
    sent,
    single,
    submission,
    text_of,
)

PREFIX = "ESIGNWIRE_SIGNIX_"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"


def suspend(client: Any) -> Any:
    return client.transaction(document_set_id=DOCUMENT_SET_ID).suspend()


def download(client: Any) -> Any:
    return client.transaction(document_set_id=DOCUMENT_SET_ID).download()


def submit(client: Any) -> Any:
    return client.services.flex_api.submit_document(submission(client))


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_is_shared(kind: Kind) -> None:
    """By threads or by tasks: each gets the answer to its own command."""

    def echo(connection: Connection) -> None:
        while (received := connection.receive()) is not None:
            content = single(text_of(sent(received), "Data/Request"))
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
            connection.send(content)

    commands = [RawCommand({"objectType": f"A{number}"}) for number in range(20)]

    def together(client: Any) -> Any:
        transaction = client.transaction(document_set_id=DOCUMENT_SET_ID)
        if kind == "sync":
            with ThreadPoolExecutor(8) as pool:
                return list(pool.map(transaction.run, commands))
        return asyncio.gather(*(transaction.run(command) for command in commands))

    with hostile(echo) as server:
        outcomes = drive(kind, server.url, together)
    assert [outcome.reply.raw for outcome in outcomes] == [one.to_json() for one in commands]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", ["200 OK", "500 Internal Server Error"])
def test_the_header_tells_the_encoding_where_nothing_else_does(kind: Kind, status: str) -> None:
    """As the containers of Java's servers say it, and no declaration of SIGNiX's does."""
    content = (
        f'<?xml version="1.0" ?><SubmitAjaxRs xmlns="{NAMESPACE}"><Status><StatusCode>200'
        "</StatusCode><StatusDesc>Größe</StatusDesc></Status></SubmitAjaxRs>"
    ).encode("latin-1")
    behaviour = answer(
        content, status=status, headers=("Content-Type: text/xml;charset=ISO-8859-1",)
    )
    with hostile(behaviour) as server, pytest.raises(SignixError) as caught:
        drive(kind, server.url, suspend)
    assert caught.value.vendor_text == "Größe"


@pytest.mark.parametrize("kind", KINDS)
def test_a_description_may_go_by_its_other_name(kind: Kind) -> None:
    """The page on SubmitAjax calls it StatusMessage. It may quote a secret like the other."""
    content = (
        f'<SubmitAjaxRs xmlns="{NAMESPACE}"><Status><StatusCode>200</StatusCode>'
        f"<StatusMessage>bad value '{escape(PASSWORD)}'</StatusMessage></Status></SubmitAjaxRs>"
    ).encode()
    with (
        hostile(answer(content)) as server,
        StrictReading(),
        pytest.raises(SignixError) as caught,
    ):
        drive(kind, server.url, suspend)
    assert "bad value" in str(caught.value)
    assert PASSWORD not in str(caught.value)


def again(kind: Kind, client: Any) -> None:
    """Uses a client outside of its context."""

    async def main() -> None:
        await suspend(client)

    if kind == "async":
        asyncio.run(main())
    else:
        suspend(client)


# The client


def test_the_public_names_are_those_of_all() -> None:
    names = esignwire.signix.__all__
    assert len(set(names)) == len(names)
    assert all(hasattr(esignwire.signix, name) for name in names)
    public = {
        name
        for name, value in vars(esignwire.signix).items()
        if not name.startswith("_") and not isinstance(value, type(esignwire.signix))
    }
    # What the module needs for loading its sync twins late is no part of it.
    assert public - {"TYPE_CHECKING", "annotations", "import_module"} == set(names)


@pytest.mark.parametrize("make", [Signix, AsyncSignix])
def test_a_client_shows_no_password(make: Callable[..., Any]) -> None:
    client = make(
        sponsor="acme",
        client="acmeclient",
        user_id="acmeuser",
        password=PASSWORD,
        url=TEST_URL,
        workgroup="SDD",
    )
    assert repr(client) == (
        f"{make.__name__}(sponsor='acme', client='acmeclient', user_id='acmeuser',"
        f" url='{TEST_URL}', workgroup='SDD')"
    )
    shown = [client.cust_info(), client.submit_document_cust_info(), client.services]
    shown.append(client.transaction(document_set_id=DOCUMENT_SET_ID))
    assert PASSWORD not in repr(shown)
    assert client.cust_info().pswd == PASSWORD
    assert PASSWORD not in repr(client._settings)
    assert repr(shown[-1]).endswith(f"Transaction(document_set_id='{DOCUMENT_SET_ID}')")
    assert repr(client.transaction(transaction_id=TRANSACTION_ID)).endswith(
        f"Transaction(transaction_id='{TRANSACTION_ID}')"
    )
    with pytest.raises(AttributeError):
        client.password = "other"
    with pytest.raises(AttributeError):
        client.services = None


@pytest.mark.parametrize("make", [Signix, AsyncSignix])
@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"sponsor": ""}, "sponsor must not be blank"),
        ({"client": " "}, "client must not be blank"),
        ({"user_id": "", "password": "\t"}, "user_id, password must not be blank"),
        ({"workgroup": ""}, "workgroup must not be blank"),
        ({"url": "http://signix.net/sdd/b2b/sdddc_ns.jsp"}, "https"),
        ({"url": ""}, "URL"),
    ],
)
def test_a_setting_that_cannot_be_used(
    make: Callable[..., Any], changes: dict[str, str], what: str
) -> None:
    arguments = {
        "sponsor": "a",
        "client": "b",
        "user_id": "c",
        "password": PASSWORD,
        "url": PRODUCTION_URL,
    }
    with pytest.raises(ConfigurationError, match=what) as refused:
        make(**{**arguments, **changes})
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize("make", [Signix, AsyncSignix])
def test_a_client_from_the_environment(
    make: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    values = {
        "URL": TEST_URL,
        "SPONSOR": "acme",
        "CLIENT": "acmeclient",
        "USER_ID": "acmeuser",
        "PASSWORD": PASSWORD,
    }
    for name, value in values.items():
        monkeypatch.setenv(PREFIX + name, value)
    monkeypatch.delenv(PREFIX + "WORKGROUP", raising=False)
    client = make.from_environment()  # type: ignore[attr-defined]  # both classes have it
    assert client.cust_info().pswd == PASSWORD
    assert client.cust_info(include_workgroup=True).workgroup is None
    with pytest.raises(ConfigurationError, match="ESIGNWIRE_SIGNIX_WORKGROUP"):
        client.submit_document_cust_info()
    assert client.submit_document_cust_info(workgroup="OTHER").workgroup == "OTHER"
    monkeypatch.setenv(PREFIX + "WORKGROUP", "SDD")
    client = make.from_environment()  # type: ignore[attr-defined]  # both classes have it
    assert client.submit_document_cust_info().workgroup == "SDD"
    assert client.cust_info(include_workgroup=True).workgroup == "SDD"
    assert client.cust_info().workgroup is None
    monkeypatch.delenv(PREFIX + "CLIENT")
    monkeypatch.setenv(PREFIX + "PASSWORD", " ")
    with pytest.raises(ConfigurationError) as missing:
        make.from_environment()  # type: ignore[attr-defined]  # both classes have it
    assert PREFIX + "CLIENT" in str(missing.value)
    assert PREFIX + "PASSWORD" in str(missing.value)
    assert PREFIX + "URL" not in str(missing.value)


@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_client_refuses(kind: Kind) -> None:
    with hostile(answer(single("{}"))) as server:
        kept: list[Any] = []
        drive(kind, server.url, kept.append)
        with pytest.raises(ConfigurationError, match="closed"):
            again(kind, kept[0])


# The request


@pytest.mark.parametrize("kind", KINDS)
def test_a_command_is_xml_in_a_form_field(kind: Kind) -> None:
    command = RawCommand({"objectType": "A", "text": "<é&\"'> + %20\r\n€ \U0001f58b \x01"})
    with hostile(answer(single("{}"))) as server:
        drive(
            kind,
            server.url,
            lambda c: c.transaction(transaction_id=TRANSACTION_ID).run(command),
        )
        (received,) = server.received
    head = received.head.decode("ascii").split("\r\n")
    assert head[0] == "POST /path-with-SECRETPATH HTTP/1.1"
    assert "Content-Type: application/x-www-form-urlencoded; charset=UTF-8" in head
    assert not any(line.lower().startswith("authorization") for line in head)
    form = form_of(received)
    assert list(form) == ["method", "request"]
    assert form["method"] == "SubmitAjax"
    assert form["request"].startswith('<?xml version="1.0" encoding="UTF-8"?><SubmitAjaxRq xmlns=')
    root = sent(received)
    assert root.tag == f"{{{NAMESPACE}}}SubmitAjaxRq"
    names = [etree.QName(node).localname for node in root.iter()]
    assert names == [
        "SubmitAjaxRq",
        *["CustInfo", "Sponsor", "Client", "UserId", "Pswd"],
        *["Data", "TransactionID", "Request"],
    ]
    assert text_of(root, "CustInfo/Pswd") == PASSWORD
    assert text_of(root, "Data/TransactionID") == TRANSACTION_ID
    assert text_of(root, "Data/Request") == command.to_json()


def test_form_encoding_is_that_of_forms() -> None:
    text = "".join(map(chr, [*range(0x20, 0x180), 0x20AC, 0x1F58B])) + "a b+c\r\n"
    assert _form_encoded(text).decode("ascii") == quote_plus(text, safe="*").replace("~", "%7E")


@pytest.mark.parametrize("kind", KINDS)
def test_several_commands_are_several_requests(kind: Kind) -> None:
    commands = [RawCommand({"objectType": name}) for name in "AB"]
    with hostile(answer(multi((0, "{}"), (0, "{}")))) as server:
        drive(
            kind,
            server.url,
            lambda c: c.transaction(document_set_id=DOCUMENT_SET_ID).run_all(commands),
        )
        (received,) = server.received
    root = sent(received)
    assert text_of(root, "Data/DocumentSetID") == DOCUMENT_SET_ID
    requests = root.findall(f".//{{{NAMESPACE}}}Requests/{{{NAMESPACE}}}Request")
    assert [request.text for request in requests] == ['{"objectType":"A"}', '{"objectType":"B"}']


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("act", "object_type"),
    [
        (lambda t: t.cancel(), "Transaction_Cancel"),
        (lambda t: t.suspend(), "Transaction_Suspend"),
        (lambda t: t.resume(), "Transaction_Resume"),
        (lambda t: t.change_email("R", "a@example.com"), "Transaction_SaveDeltas"),
        (lambda t: t.change_mobile_number("R", "2025550123"), "Transaction_SaveDeltas"),
        (
            lambda t: t.send_pickup_email("R", subject="S", message="M", timeout=9.0),
            "Transaction_SendPartyEmail",
        ),
    ],
)
def test_each_method_sends_its_command(
    kind: Kind, act: Callable[[Any], Any], object_type: str
) -> None:
    with hostile(answer(single("{}"))) as server:
        outcome = drive(
            kind, server.url, lambda c: act(c.transaction(document_set_id=DOCUMENT_SET_ID))
        )
        (received,) = server.received
    assert isinstance(outcome, Succeeded)
    assert outcome.command.object_type == object_type
    assert text_of(sent(received), "Data/Request") == outcome.command.to_json()


@pytest.mark.parametrize("kind", KINDS)
def test_a_submission_is_sent_and_answered(kind: Kind) -> None:
    data = (
        f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
        "<PickupLink>https://webtest.signix.biz/enter.jsp?m=103&amp;i=SECRETLINK</PickupLink>"
    )
    with hostile(answer(message("SubmitDocument", data))) as server:
        response = drive(kind, server.url, submit)
        (received,) = server.received
    root = sent(received)
    assert form_of(received)["method"] == "SubmitDocument"
    assert text_of(root, "CustInfo/Workgroup") == "SDD"
    assert text_of(root, "CustInfo/Demo") == "yes"
    assert text_of(root, "Data/TransactionID") == TRANSACTION_ID
    assert base64.b64decode(text_of(root, "Data/Form/Data") or "") == PDF
    assert response.data.document_set_id == DOCUMENT_SET_ID
    assert response.data.pickup_link.endswith("&i=SECRETLINK")
    assert "SECRETLINK" not in repr(response)


@pytest.mark.parametrize("kind", KINDS)
def test_every_web_method_can_be_called(kind: Kind) -> None:
    def link(client: Any) -> Any:
        return client.services.flex_api.get_access_link(
            GetAccessLinkRq(
                cust_info=client.cust_info(),
                data=GetAccessLinkDataType(
                    document_set_id=DOCUMENT_SET_ID, transaction_role="submitter"
                ),
            )
        )

    def token(client: Any) -> Any:
        return client.services.flex_api.get_access_token(
            GetAccessTokenRq(
                cust_info=client.cust_info(),
                data=GetAccessTokenDataType(document_set_id=DOCUMENT_SET_ID),
            )
        )

    with hostile(answer(message("GetAccessLink", "<AccessLink>a&amp;b</AccessLink>"))) as server:
        assert drive(kind, server.url, link).data.access_link == "a&b"
    with hostile(answer(message("GetAccessToken", "<AccessToken>t</AccessToken>"))) as server:
        assert drive(kind, server.url, token).data.access_token == "t"
    with (
        hostile(answer(message("GetAccessToken", None))) as server,
        pytest.raises(UnexpectedResponse, match="the Data is missing"),
    ):
        drive(kind, server.url, token)
    with hostile(answer(message("ConfirmDownload", None))) as server:
        drive(
            kind,
            server.url,
            lambda c: c.transaction(document_set_id=DOCUMENT_SET_ID).confirm_download(),
        )
        assert text_of(sent(server.received[0]), "CustInfo/Workgroup") == "SDD"
        with pytest.raises(InvalidRequest, match="DocumentSetID"):
            drive(
                kind,
                server.url,
                lambda c: c.transaction(transaction_id=TRANSACTION_ID).confirm_download(),
            )
        assert len(server.received) == 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"transaction_id": "short"}, "SubmitDocumentRq/Data/TransactionID"),
        ({"transaction_id": TRANSACTION_ID + "1"}, "SubmitDocumentRq/Data/TransactionID"),
        ({"delivery_type": ""}, "SubmitDocumentRq/Data/DeliveryType"),
        ({"doc_set_description": "\x00"}, "SubmitDocumentRq/Data/DocSetDescription"),
        ({"suspend_on_start": "yes"}, "SubmitDocumentRq/Data/SuspendOnStart"),
        ({"form": []}, "SubmitDocumentRq/Data"),
    ],
)
def test_a_message_that_breaks_the_schema_never_leaves(
    kind: Kind, changes: dict[str, Any], path: str
) -> None:
    with hostile(answer(message("SubmitDocument", None))) as server:
        with pytest.raises(InvalidRequest) as refused:
            drive(
                kind,
                server.url,
                lambda c: c.services.flex_api.submit_document(submission(c, **changes)),
            )
        assert (refused.value.path or "").startswith(path)
        assert server.connections == 0


# The download

REPORT = base64.b64encode(b"report").decode()
FORM = (
    "<Form><RefID>FORM1</RefID><Desc>Lease</Desc><FileName>lease.pdf</FileName>"
    f"<MimeType>application/pdf</MimeType><Length>{len(PDF)}</Length>"
    f"<Data>\n{base64.encodebytes(PDF).decode()}</Data></Form>"
)


def file(name: str, content: str) -> str:
    return (
        f"<{name}><FileName>{name}.pdf</FileName><MimeType>application/pdf</MimeType>"
        f"<Length>6</Length><Data>{content}</Data></{name}>"
    )


REPORTS = file("AuditReport", REPORT) + file("CertificateOfCompletion", REPORT)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["inside", "beside", "one of each"])
def test_the_reports_are_found_in_either_place(kind: Kind, place: str) -> None:
    inside = {"inside": REPORTS, "one of each": file("AuditReport", REPORT)}.get(place, "")
    beside = {"beside": REPORTS, "one of each": file("CertificateOfCompletion", REPORT)}.get(
        place, ""
    )
    content = message("DownloadDocument", FORM + inside).replace(
        b"</DownloadDocumentRs>", beside.encode() + b"</DownloadDocumentRs>"
    )
    with hostile(answer(content)) as server:
        result = drive(kind, server.url, download)
        root = sent(server.received[0])
    assert isinstance(result, Download)
    assert [(form.ref_id, form.data) for form in result.forms] == [("FORM1", PDF)]
    assert result.audit_report is not None
    assert result.audit_report.data == b"report"
    assert result.certificate_of_completion is not None
    assert result.certificate_of_completion.file_name == "CertificateOfCompletion.pdf"
    assert REPORT not in repr(result)
    assert "%PDF" not in repr(result)
    assert text_of(root, "CustInfo/Workgroup") == "SDD"
    assert text_of(root, "Data/IncludeAuditData") == "true"
    assert text_of(root, "Data/AuditDataFormat") == "pdf"
    assert text_of(root, "Data/IncludeCertificateOfCompletion") == "true"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", ["", REPORTS])
def test_a_download_without_a_signed_file_is_none(kind: Kind, content: str) -> None:
    reply = answer(message("DownloadDocument", content))
    with hostile(reply) as server, pytest.raises(UnexpectedResponse) as caught:
        drive(kind, server.url, download)
    assert caught.value.path == "DownloadDocumentRs/Data/Form"
    assert caught.value.is_retry_safe
    assert "do not confirm" in str(caught.value)


def test_an_answer_without_data_is_no_download() -> None:
    answered = DownloadDocumentRs(status=None)  # type: ignore[arg-type]  # it is not looked at
    with pytest.raises(UnexpectedResponse, match="no signed file"):
        Download.of(answered)


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_asks_for_no_more_than_is_wanted(kind: Kind) -> None:
    with hostile(answer(message("DownloadDocument", FORM))) as server:
        result = drive(
            kind,
            server.url,
            lambda c: c.transaction(document_set_id=DOCUMENT_SET_ID).download(
                include_audit_data=False, include_certificate_of_completion=False
            ),
            workgroup=None,
        )
        root = sent(server.received[0])
    assert result.audit_report is None
    assert [etree.QName(node).localname for node in root[1]] == ["DocumentSetID"]
    assert text_of(root, "CustInfo/Workgroup") is None


@pytest.mark.parametrize("kind", KINDS)
def test_a_download_is_repeated_and_a_command_is_not(kind: Kind) -> None:
    turns: list[int] = []

    def fail_first(connection: Connection) -> None:
        if connection.receive() is None:
            return
        turns.append(1)
        if len(turns) > 1:
            content = message("DownloadDocument", FORM)
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
            connection.send(content)

    with hostile(fail_first) as server:
        result = drive(kind, server.url, download)
        assert len(server.received) == 2
    assert result.forms[0].data == PDF
    with hostile(raw(b"")) as server:
        with pytest.raises(OutcomeUnknown):
            drive(kind, server.url, suspend)
        assert len(server.received) == 1


# What goes wrong


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("act", "reference"),
    [
        (suspend, DOCUMENT_SET_ID),
        (lambda c: c.transaction(transaction_id=TRANSACTION_ID).cancel(), TRANSACTION_ID),
        (submit, TRANSACTION_ID),
    ],
)
@pytest.mark.parametrize("break_off", [raw(b""), raw(HEAD + b"<Submit"), Connection.receive])
def test_an_unknown_outcome_says_what_to_look_for(
    kind: Kind, act: Callable[[Any], Any], reference: str, break_off: Callable[[Connection], None]
) -> None:
    with hostile(break_off) as server:
        with pytest.raises(OutcomeUnknown) as unknown:
            drive(kind, server.url, act)
        assert len(server.received) == 1
    assert unknown.value.reference == reference
    assert reference in str(unknown.value)
    assert isinstance(unknown.value.__cause__, ConnectionLost)
    assert not unknown.value.is_retry_safe


@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_that_says_nothing_in_time(kind: Kind) -> None:
    def hold(connection: Connection) -> None:
        connection.receive()
        connection.hold()

    settings = HttpSettings(total_timeout=0.3, attempts=1)
    with hostile(hold) as server:
        with pytest.raises(OutcomeUnknown) as unknown:
            drive(kind, server.url, suspend, settings=settings)
        assert isinstance(unknown.value.__cause__, RequestTimeout)
        with pytest.raises(RequestTimeout):
            drive(kind, server.url, download, settings=settings)


@pytest.mark.parametrize("kind", KINDS)
def test_a_vendor_that_is_not_there(kind: Kind) -> None:
    with pytest.raises(ConnectionFailed) as failed:
        drive(kind, f"http://127.0.0.1:{closed_port()}/", suspend)
    assert failed.value.is_retry_safe


XML = b'<?xml version="1.0"?>'
OPEN = f'<SubmitAjaxRs xmlns="{NAMESPACE}">'.encode()
UNUSABLE: list[tuple[bytes, type[EsignWireError]]] = [
    (b"", EmptyResponse),
    (b" \r\n", EmptyResponse),
    (b"<!DOCTYPE html><html><title>Down</title></html>", UnexpectedContent),
    (b"Service unavailable", UnexpectedContent),
    (b'{"a":1}', UnexpectedContent),
    (single("{}")[:-30], TruncatedResponse),
    (XML + OPEN + b"<Status></SubmitAjaxRs>", MalformedResponse),
    (single("\xe9").decode().encode("latin-1"), EncodingError),
    (XML + b'<!DOCTYPE a [<!ENTITY b "c">]>' + OPEN + b"</SubmitAjaxRs>", ForbiddenMarkup),
    (XML + OPEN + b"&b;</SubmitAjaxRs>", ForbiddenMarkup),
    (XML + OPEN + b"<a>" * 10_000 + b"</a>" * 10_000 + b"</SubmitAjaxRs>", ResponseTooDeep),
    (message("SubmitDocument", None), UnexpectedResponse),
    (XML + b"<SubmitAjaxRs xmlns='urn:other'/>", UnexpectedResponse),
    (
        XML + b"<e:Envelope xmlns:e='http://schemas.xmlsoap.org/soap/envelope/'/>",
        UnexpectedResponse,
    ),
]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("content", "error"), UNUSABLE)
def test_an_answer_that_cannot_be_used(
    kind: Kind, content: bytes, error: type[EsignWireError]
) -> None:
    with hostile(answer(content)) as server:
        with pytest.raises(EsignWireError) as raised:
            drive(kind, server.url, suspend)
        assert len(server.received) == 1
    assert type(raised.value) is error
    assert raised.value.vendor == "SIGNiX"
    assert raised.value.operation == "SubmitAjax"
    assert raised.value.http_status == 200
    assert not raised.value.is_retry_safe
    assert pickled(raised.value).args == raised.value.args


@pytest.mark.parametrize("kind", KINDS)
def test_an_answer_without_end(kind: Kind) -> None:
    with hostile(answer(single("x" * 5000))) as server, pytest.raises(ResponseTooLarge):
        drive(kind, server.url, suspend, settings=HttpSettings(max_response_bytes=4000))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("content", [b"", b"<html>Down</html>", b"no", single("{}"), b"<a"])
@pytest.mark.parametrize(
    ("status", "what"),
    [
        ("500 Error", "may have acted, so look the outcome up by '-147fb68b"),
        ("503 Busy", "may have acted"),
        ("404 Not Found", "check the URL"),
        ("403 Forbidden", "admits the address"),
        ("302 Found", "not followed"),
        ("418 Teapot", "check the URL"),
    ],
)
def test_an_http_error(kind: Kind, content: bytes, status: str, what: str) -> None:
    with hostile(answer(content, status=status, headers=("Location: /elsewhere",))) as server:
        with pytest.raises(HttpStatusError, match=what) as raised:
            drive(kind, server.url, suspend)
        assert len(server.received) == 1
    assert raised.value.http_status == int(status[:3])
    assert not raised.value.is_retry_safe


@pytest.mark.parametrize("kind", KINDS)
def test_an_http_error_to_a_download_may_be_repeated(kind: Kind) -> None:
    with hostile(answer(b"", status="503 Busy")) as server:
        with pytest.raises(HttpStatusError, match="try later") as raised:
            drive(kind, server.url, download)
        assert len(server.received) == 3
    assert raised.value.is_retry_safe


@pytest.mark.parametrize("kind", KINDS)
def test_the_vendors_own_words_count_more_than_the_http_status(kind: Kind) -> None:
    with (
        hostile(answer(single(None, 109, "no such set"), status="500 Error")) as server,
        pytest.raises(SignixError) as raised,
    ):
        drive(kind, server.url, suspend)
    assert raised.value.vendor_text == "no such set"
    assert raised.value.http_status == 500


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("act", [submit, download])
@pytest.mark.parametrize("code", [2, 100, 101, 4711])
def test_a_refusal_is_verbatim(kind: Kind, act: Callable[[Any], Any], code: int) -> None:
    method = "SubmitDocument" if act is submit else "DownloadDocument"
    words = "cvc-minLength-valid: Value '' with length = '0' & <more>"
    content = message(method, None, code, words)
    # What else stands there must not hide the refusal.
    content = content.replace(b"</Status>", b"</Status><Data><Odd/></Data>")
    with hostile(answer(content)) as server:
        with pytest.raises(SignixError) as raised:
            drive(kind, server.url, act)
        assert len(server.received) == 1
    assert raised.value.vendor_code == str(code)
    assert raised.value.vendor_text == words
    assert raised.value.operation == method
    assert words in str(raised.value)
    copied = copy.deepcopy(pickled(raised.value))
    assert (copied.vendor_code, copied.vendor_text) == (str(code), words)


@pytest.mark.parametrize("kind", KINDS)
def test_a_success_may_come_with_a_warning_and_no_description(kind: Kind) -> None:
    data = f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
    for code, text in ((1, "it rains"), (0, None), (" 0 ", "success"), ("00", "success")):
        with hostile(answer(message("SubmitDocument", data, code, text))) as server:
            response = drive(kind, server.url, submit)
        assert response.data.document_set_id == DOCUMENT_SET_ID
    with (
        hostile(answer(message("SubmitDocument", None, 1))) as server,
        pytest.raises(UnexpectedResponse, match="the Data is missing"),
    ):
        drive(kind, server.url, submit)


@pytest.mark.parametrize("kind", KINDS)
def test_a_second_status_hides_no_refusal(kind: Kind) -> None:
    data = f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
    whole = message("SubmitDocument", data)
    refused = b"<Status><StatusCode>101</StatusCode><StatusDesc>No.</StatusDesc></Status>"
    second = whole.replace(b"</Status>", b"</Status>" + refused)
    inner = whole.replace(b"</StatusCode>", b"</StatusCode><StatusCode>101</StatusCode>")
    for content in (second, inner):
        with hostile(answer(content)) as server, pytest.raises(SignixError) as caught:
            drive(kind, server.url, submit)
        assert caught.value.vendor_code == "101"


@pytest.mark.parametrize("kind", KINDS)
def test_no_outcome_shows_a_secret_that_the_vendor_quotes(kind: Kind) -> None:
    data = f"<DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID>"
    with hostile(answer(message("SubmitDocument", data, 1, f"late, {PASSWORD}"))) as server:
        response = drive(kind, server.url, submit)
    assert response.status.status_desc == "late, ***"
    for text in (f"bad {PASSWORD}", "fine"):
        reply = json.dumps({"error" if "bad" in text else "ok": f"{text} of {PASSWORD}"})
        with hostile(answer(single(reply))) as server:
            outcome = drive(kind, server.url, suspend)
        assert PASSWORD not in repr(outcome)
        assert json.dumps(PASSWORD)[1:-1] not in repr(outcome)
        assert outcome.reply.is_json
        assert isinstance(outcome, Failed) == ("bad" in text)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("form", ["single", "multi"])
def test_no_representation_shows_the_json_of_an_answer(kind: Kind, form: str) -> None:
    reply = json.dumps({"message": f"not for {PASSWORD}"})
    content = single(reply) if form == "single" else multi((0, reply))
    with hostile(answer(content)) as server:
        response = drive(
            kind,
            server.url,
            lambda client: client.services.flex_api.submit_ajax(
                submit_ajax.SubmitAjaxRq(
                    cust_info=client.cust_info(),
                    data=submit_ajax.SubmitAjaxDataType(
                        document_set_id=DOCUMENT_SET_ID, request="{}"
                    ),
                )
            ),
        )
    data = response.data
    held = data.response if form == "single" else data.responses.response[0].value
    # It stays what the vendor said, since a mask within JSON could break it.
    assert held == reply
    assert "not for" not in repr(response)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_secret_is_told(kind: Kind, caplog: pytest.LogCaptureFixture) -> None:
    document = base64.b64encode(PDF).decode()
    words = f"Value '{PASSWORD}' and '910000000' and '{document}' are not valid; 00/00/0000."
    answers = [
        answer(message("SubmitDocument", None, 101, words)),
        answer(message("SubmitDocument", None, 0, words)),
        answer(message("SubmitDocument", f"<Odd>{PASSWORD}</Odd>")),
        answer(b"", status="500 Error"),
        raw(b""),
        raw(HEAD + words.encode()),
    ]
    told: list[str] = []
    caplog.set_level(logging.DEBUG)
    for behaviour in answers:
        with hostile(behaviour) as server, pytest.raises(EsignWireError) as raised:
            drive(kind, server.url, submit)
        told += [str(raised.value), repr(raised.value), repr(vars(raised.value))]
        told += traceback.format_exception(raised.value)
    with hostile(answer(b"")) as server, pytest.raises(InvalidRequest) as refused:
        drive(
            kind,
            server.url,
            lambda c: c.services.flex_api.submit_document(submission(c, delivery_type="")),
        )
    told += traceback.format_exception(refused.value)
    told += [record.getMessage() for record in caplog.records]
    everything = "\n".join(told)
    assert "Value '***' and '***' and '***' are not valid; ***." in everything
    for secret in (PASSWORD, quote_plus(PASSWORD), "910000000", document, "SECRETPATH"):
        assert secret not in everything
