"""Calls of web methods that no schema describes."""

from __future__ import annotations

import logging
import traceback
from typing import Any

import pytest
from lxml import etree

from esignwire.emulator import EmulatorServer
from esignwire.errors import (
    ConnectionLost,
    HttpStatusError,
    InvalidRequest,
    OutcomeUnknown,
    SignixError,
    UnexpectedResponse,
)
from esignwire.signix import RawAnswer, Signix
from tests.support.hostile import Connection, answer, close_at_once, hostile, raw
from tests.support.signix import (
    DOCUMENT_SET_ID,
    KINDS,
    NAMESPACE,
    PASSWORD,
    TRANSACTION_ID,
    Kind,
    drive,
    form_of,
    message,
    pickled,
    sent,
    text_of,
)

METHOD = "QueryTransactionStatus"
DATA = f"<Data><DocumentSetID>{DOCUMENT_SET_ID}</DocumentSetID><Kind a='1'>é&amp;</Kind></Data>"


def call(client: Any, xml: Any = DATA, method: Any = METHOD, **more: Any) -> Any:
    return client.call(method, xml, **more)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "xml",
    [
        DATA,
        '<?xml version="1.0" encoding="utf-16"?>\n<!-- a remark -->' + DATA,
        DATA.replace("<Data>", f'<Data xmlns="{NAMESPACE}">'),
        f"<{METHOD}Rq>{DATA}</{METHOD}Rq>",
        f'<s:{METHOD}Rq xmlns:s="{NAMESPACE}">{DATA}</s:{METHOD}Rq>',
    ],
)
def test_the_credentials_and_the_namespace_are_filled_in(kind: Kind, xml: str) -> None:
    content = message(METHOD, "<State>Complete &amp; more</State>", 1, "it rains")
    with hostile(answer(content)) as server:
        result = drive(kind, server.url, lambda client: call(client, xml))
        (received,) = server.received
    assert form_of(received)["method"] == METHOD
    root = sent(received)
    assert {etree.QName(node).namespace for node in root.iter()} == {NAMESPACE}
    names = [etree.QName(node).localname for node in root.iter()]
    assert names[:6] == [f"{METHOD}Rq", "CustInfo", "Sponsor", "Client", "UserId", "Pswd"]
    assert names[6:] == ["Data", "DocumentSetID", "Kind"]
    assert text_of(root, "CustInfo/Pswd") == PASSWORD
    assert text_of(root, "Data/Kind") == "é&"
    assert isinstance(result, RawAnswer)
    assert (result.method, result.status_code, result.status_text) == (METHOD, 1, "it rains")
    assert etree.fromstring(result.xml)[1][0].text == "Complete & more"
    assert pickled(result) == result


def test_credentials_that_are_given_are_kept() -> None:
    xml = f"<{METHOD}Rq v='2'><CustInfo><Pswd>own</Pswd></CustInfo>{DATA}</{METHOD}Rq>"
    with hostile(answer(message(METHOD, ""))) as server:
        drive("sync", server.url, lambda client: call(client, xml))
        root = sent(server.received[0])
    assert [etree.QName(node).localname for node in root[0]] == ["Pswd"]
    assert root.get("v") == "2"


@pytest.mark.parametrize(
    ("xml", "what"),
    [
        ("<Data>", "must be well-formed, and is not at line 1"),
        ("", "must be well-formed"),
        ("<Data/><Data/>", "must be well-formed"),
        ("<Data>&secret;</Data>", "must be well-formed"),
        ("<!DOCTYPE Data [<!ENTITY a 'b'>]><Data>&a;</Data>", "no document type declaration"),
        ("<!DOCTYPE Data SYSTEM 'file:///etc/passwd'><Data/>", "no document type declaration"),
        ("<Data>\ud800</Data>", "text that XML can carry"),
        ("<Data>\x00</Data>", "must be well-formed"),
        ("<Other/>", f"must be the element Data or {METHOD}Rq"),
        ("<Data xmlns='urn:other'/>", f"must be the element Data or {METHOD}Rq"),
        (b"<Data/>", "must be a str, and bytes came"),
        (None, "must be a str, and NoneType came"),
    ],
)
def test_xml_that_is_none_never_leaves(xml: Any, what: str) -> None:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="nothing was sent") as caught:
            drive("sync", server.url, lambda client: call(client, xml))
        assert server.connections == 0
    assert (caught.value.path, what in str(caught.value)) == ("xml", True)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


@pytest.mark.parametrize("method", ["", "a b", "../x", "Ä", "x" * 65, None, 5])
def test_a_method_that_is_no_name_never_leaves(method: Any) -> None:
    with hostile(close_at_once) as server:
        with pytest.raises(InvalidRequest, match="method must be the name of a web method"):
            drive("sync", server.url, lambda client: call(client, method=method))
        assert server.connections == 0


def test_a_password_that_xml_cannot_carry_never_leaves() -> None:
    account = {"sponsor": "s", "client": "c", "user_id": "u"}
    with (
        hostile(close_at_once) as server,
        Signix(**account, password="se\x01cret", url=server.url) as client,
        pytest.raises(InvalidRequest, match="Pswd must be text that XML can carry") as caught,
    ):
        call(client)
    assert "cret" not in "".join(traceback.format_exception(caught.value))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("xml", "reference"),
    [
        (DATA, DOCUMENT_SET_ID),
        (f"<Data><TransactionID>{TRANSACTION_ID}</TransactionID></Data>", TRANSACTION_ID),
        ("<Data/>", None),
    ],
)
def test_it_is_repeated_only_where_it_is_said_to_read(
    kind: Kind, xml: str, reference: str | None
) -> None:
    with hostile(raw(b"")) as server:
        with pytest.raises(OutcomeUnknown) as unknown:
            drive(kind, server.url, lambda client: call(client, xml))
        assert len(server.received) == 1
    assert unknown.value.reference == reference
    assert unknown.value.operation == METHOD

    turns: list[int] = []

    def fail_first(connection: Connection) -> None:
        if connection.receive() is not None:
            turns.append(1)
            if len(turns) > 1:
                content = message(METHOD, "")
                connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(content))
                connection.send(content)

    with hostile(fail_first) as server:
        assert drive(kind, server.url, lambda client: call(client, is_safe=True)).status_code == 0
        assert len(server.received) == 2


def test_errors_are_those_of_the_other_web_methods() -> None:
    words = f"{PASSWORD} is wrong"
    with (
        hostile(answer(message(METHOD, None, 109, words))) as server,
        pytest.raises(SignixError) as refused,
    ):
        drive("sync", server.url, call)
    assert (refused.value.vendor_code, refused.value.vendor_text) == ("109", "*** is wrong")
    with hostile(answer(message("Other", None))) as server, pytest.raises(UnexpectedResponse):
        drive("sync", server.url, call)
    with hostile(answer(b"", status="500 Error")) as server, pytest.raises(HttpStatusError):
        drive("sync", server.url, call)
    with (
        hostile(answer(b"<a")) as server,
        pytest.raises(Exception, match="ends too early") as cut,
    ):
        drive("sync", server.url, call)
    assert not isinstance(cut.value, ConnectionLost)


def test_a_representation_shows_no_secret(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    xml = f"<Data><SSN>912345678</SSN><N Value='SECRETVALUE'/><Id>{TRANSACTION_ID}</Id></Data>"
    data = (
        f"<PickupLink>SECRETLINK</PickupLink><A>{PASSWORD.replace('&', '&amp;')} 912345678</A>"
        '<B Value=\'SECRET1\'>{"token":"SECRET2"}</B><Form><Data>U0VDUkVU</Data></Form><C>seen</C>'
    )
    with hostile(answer(message(METHOD, data, 0, f"{PASSWORD} 912345678"))) as server:
        result = drive("sync", server.url, lambda client: call(client, xml))
    shown = repr(result) + str(result) + "".join(one.getMessage() for one in caplog.records)
    for secret in (PASSWORD, "912345678", "SECRET", "U0VDUkVU"):
        assert secret not in shown
    assert "<C>seen</C>" in shown
    assert "<A>*** ***</A>" in shown
    assert "SECRETLINK" in result.xml
    assert result.status_text == "*** ***"
    for length in (50_000, 150_000):
        with hostile(answer(message(METHOD, "<C>" + "x" * length + "</C>"))) as server:
            assert len(repr(drive("sync", server.url, call))) < 2500


def test_a_status_of_another_namespace_is_none() -> None:
    foreign = b"<Status xmlns='urn:other'><StatusCode>x</StatusCode></Status>\n<Status>"
    content = message(METHOD, "", " 1 ").replace(b"<Status>", foreign, 1)
    with hostile(answer(content)) as server:
        assert drive("sync", server.url, call).status_code == 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_known_method_can_be_called_so_too(kind: Kind) -> None:
    with EmulatorServer() as emulator, pytest.raises(SignixError) as refused:
        drive(kind, emulator.signix_url, lambda client: call(client, method="GetAccessToken"))
    assert refused.value.vendor_code == "101"
    with EmulatorServer() as emulator, pytest.raises(SignixError) as refused:
        drive(kind, emulator.signix_url, call)
    assert refused.value.vendor_code == "199"
