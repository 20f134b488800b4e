"""Explanations of captured messages, and the diagnosis of an installation."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

import pytest

from esignwire.cli import main
from esignwire.cli.explain import explain
from esignwire.emulator import EmulatorServer, HttpStatus
from esignwire.errors import InvalidRequest
from esignwire.testing.cassettes import CassetteSerializer

CASSETTES = Path(__file__).parents[1] / "operations/cassettes"
NAMESPACE = "https://www.assuresign.net/Services/DocumentNOW/CheckStatus"
SECRET = "8f1c0a52-1f4e-4a59-9d2a-4f1d3b7c6e11"
CHECK = (
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
    f'<CheckStatus xmlns="{NAMESPACE}"><DocumentStatusChecks><DocumentStatusCheck'
    f' ContextIdentifier="{SECRET}" Id="{SECRET[:-1]}2" AuthToken="{SECRET}"/>'
    "</DocumentStatusChecks></CheckStatus></s:Body></s:Envelope>"
)
SIGNIX = "urn:com:signix:schema:sdddc-1-1"
AJAX = (
    f'<SubmitAjaxRq xmlns="{SIGNIX}"><CustInfo><Sponsor>s</Sponsor><Client>c</Client>'
    "<UserId>u</UserId><Pswd>hunter2</Pswd></CustInfo><Data><TransactionID>"
    f'{SECRET}</TransactionID><Request>{{"objectType": "Transaction_Cancel"}}</Request></Data>'
    "</SubmitAjaxRq>"
)
REFUSED = (
    f'<SubmitAjaxRs xmlns="{SIGNIX}"><Status><StatusCode>101</StatusCode>'
    "<StatusDesc>no such user</StatusDesc></Status></SubmitAjaxRs>"
)


@pytest.mark.parametrize(
    ("content", "what", "secret"),
    [
        (CHECK, ("assuresign", "CheckStatus", "request"), SECRET),
        (
            f"POST /x HTTP/1.1\r\nHost: v\r\n\r\n{CHECK}",
            ("assuresign", "CheckStatus", "request"),
            SECRET,
        ),
        (
            urlencode({"method": "SubmitAjax", "request": AJAX}),
            ("signix", "SubmitAjax", "request"),
            "hunter2",
        ),
        (AJAX, ("signix", "SubmitAjax", "request"), "hunter2"),
        (REFUSED, ("signix", "SubmitAjax", "answer"), "hunter2"),
        ('{"objectType": "Transaction_Resume"}', ("signix", "SubmitAjax", "command"), "hunter2"),
        (
            '{"userName": "a", "session": {"SessionInfo": {"Title": "a", "Password": "hunter2"}}}',
            ("constellation1", "CreateSession", "request"),
            "hunter2",
        ),
        (
            '{"ReturnValue": "hunter2", "Details": []}',
            ("constellation1", "RequestResponse", "answer"),
            "hunter2",
        ),
    ],
)
def test_a_message_is_known(
    tmp_path: Path, content: str, what: tuple[str, str, str], secret: str
) -> None:
    path = tmp_path / "captured"
    path.write_text(content, "utf-8")
    found = explain(path)
    assert (found.vendor, found.operation, found.kind) == what
    assert found.violations == ()
    assert secret not in repr(found)


def test_what_an_answer_says_and_what_a_request_breaks(tmp_path: Path) -> None:
    path = tmp_path / "captured"
    path.write_text(REFUSED, "utf-8")
    assert explain(path).says == ("status 101 (failure): no such user",)
    path.write_text(CHECK.replace(f'AuthToken="{SECRET}"', 'AuthToken="hunter2" More="1"'), "utf-8")
    broken = explain(path)
    assert any("@AuthToken" in one for one in broken.violations)
    assert any("@More" in one for one in broken.violations)
    assert "hunter2" not in repr(broken)


@pytest.mark.parametrize("recorded", sorted(CASSETTES.glob("*.yaml")), ids=lambda path: path.stem)
def test_what_was_recorded_is_known_with_its_headers(recorded: Path, tmp_path: Path) -> None:
    cassette = CassetteSerializer.deserialize(recorded.read_text("utf-8"))
    last = cast("list[dict[str, Any]]", cassette["interactions"])[-1]
    vendor, _, operation = recorded.name.removesuffix(".wire.yaml").partition("-")
    path = tmp_path / "captured"
    address = urlsplit(last["request"]["uri"])
    target = f"{address.path}?{address.query}".rstrip("?")
    head = f"{last['request']['method']} {target} HTTP/1.1\r\nHost: v\r\n\r\n"
    path.write_bytes(head.encode() + (last["request"]["body"] or b""))
    found = explain(path)
    assert (found.vendor, found.operation, found.kind) == (vendor, operation, "request")
    # The recording's mask is no number of nine digits.
    assert [one for one in found.violations if "/SSN: " not in one] == []
    path.write_bytes(b"HTTP/1.1 200 OK\r\n\r\n" + last["response"]["body"]["string"])
    found = explain(path)
    assert (found.vendor, found.kind, found.violations) == (vendor, "answer", ())
    assert vendor == "constellation1" or found.operation == operation


def test_a_secret_in_an_address_is_masked(tmp_path: Path) -> None:
    path = tmp_path / "captured"
    path.write_text("GET /rest/v1/encrypt/hunter2/pepper HTTP/1.1\r\nHost: v\r\n\r\n", "utf-8")
    found = explain(path)
    assert (found.operation, found.message) == ("EncryptString", "GET /rest/v1/encrypt/***/***")


@pytest.mark.parametrize(
    "content",
    [
        CHECK.replace('AuthToken="', 'AuthTokn="hunter2'),
        AJAX.replace("Pswd>", "Pwd>"),
        f"<log>{escape(AJAX)}</log>",
        '{"userName": "a", "session": {"SessionInfo": {"Title": "a", "Pasword": "hunter2"}}}',
    ],
)
def test_what_no_schema_declares_may_be_a_secret(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captured"
    path.write_text(content, "utf-8")
    found = explain(path)
    assert found.violations
    assert "hunter2" not in repr(found)


def test_the_forms_of_dot_net_satisfy_the_schema(tmp_path: Path) -> None:
    path = tmp_path / "captured"
    session = {
        "SessionInfo": {"Title": "a", "ExpiresOn": "/Date(1767225600000)/"},
        "Documents": [{"FileName": "a.pdf", "FileBytes": [37, 80, 68, 70]}],
        "Signers": [
            {
                "LastName": "Lee",
                "EmailAddress": "a@b.example",
                "SignerRole": "Seller 1",
                "Properties": [{"Key": "a", "Value": "b"}],
            }
        ],
    }
    path.write_text(json.dumps({"userName": "a@b.example", "session": session}), "utf-8")
    assert explain(path).violations == ()
    session["Documents"] = [{"FileName": "a.pdf", "FileBytes": "no base64"}]
    path.write_text(json.dumps({"userName": "a@b.example", "session": session}), "utf-8")
    assert any("FileBytes" in one for one in explain(path).violations)


def test_a_package_of_mtom_is_known(tmp_path: Path) -> None:
    path = tmp_path / "captured"
    data = '<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:document"/>'
    namespace = "https://www.assuresign.net/Services/DocumentNOW/Submit"
    envelope = (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<SubmitWithFile xmlns="{namespace}"><Documents><FileDocument'
        f' ContextIdentifier="{SECRET}"><Metadata UserName="u" DocumentName="d"/>'
        f'<Template Id="{SECRET}"/><UnderlyingFile><Data>{data}</Data>'
        "</UnderlyingFile></FileDocument></Documents></SubmitWithFile></s:Body></s:Envelope>"
    )
    path.write_bytes(
        b"POST /x HTTP/1.1\r\nHost: v\r\n\r\n--b\r\nContent-ID: <envelope@v>\r\n\r\n"
        + envelope.encode()
        + b"\r\n--b\r\nContent-ID: <document>\r\n\r\n%PDF \xff </s:Envelope>\r\n--b--"
    )
    found = explain(path)
    assert (found.operation, found.kind, found.violations) == ("SubmitWithFile", "request", ())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "<a",
        "hello",
        "{",
        "[1]",
        '<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]><a>&b;</a>',
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"/>',
    ],
)
def test_what_is_no_message_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "captured"
    path.write_text(content, "utf-8")
    with pytest.raises(InvalidRequest):
        explain(path)


def test_the_doctor_masks_secrets_and_reaches_the_vendors(
    esignwire_emulator: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert main(["doctor"]) == 2
    assert "none is set" in capsys.readouterr().out
    for name, value in esignwire_emulator.environment().items():
        monkeypatch.setenv(name, value)
    assert main(["doctor", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["is_healthy"]
    results = {(one["vendor"], one["check"]): one["result"] for one in told["findings"]}
    assert results["assuresign", "Ping"] == "ok"
    assert results["signix", "address"] == "ok"
    identifier = esignwire_emulator.environment()["ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER"]
    assert identifier not in json.dumps(told)
    esignwire_emulator.next("assuresign", "Ping", fault=HttpStatus(status=404))
    assert main(["doctor"]) == 3
    monkeypatch.setenv("ESIGNWIRE_SIGNIX_URL", "http://127.0.0.1:9/x")
    assert main(["doctor"]) == 3
    assert "failed" in capsys.readouterr().out
    monkeypatch.setenv("ESIGNWIRE_SIGNIX_URL", "https://127.0.0.1:9/x")
    monkeypatch.setenv("SSL_CERT_FILE", "/no/such/file")
    assert main(["doctor"]) == 2
    assert "SSL_CERT_FILE" in capsys.readouterr().out
