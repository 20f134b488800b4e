"""The cassettes: current, without secrets in any form, none orphaned, all played to their end."""

from __future__ import annotations

import base64
import html
import json
import urllib.parse
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
import vcr
import yaml
from vcr.errors import CannotOverwriteExistingCassetteException

from esignwire import AssureSign, Constellation1
from esignwire.assuresign import FileDocument
from esignwire.demo.clients import DEMO_SECRETS
from esignwire.demo.flows import Flow, all_flows
from esignwire.demo.pdf import one_page_pdf
from esignwire.demo.scene import Step
from esignwire.emulator import EmulatorServer
from esignwire.testing import cassette_settings, register_cassettes
from esignwire.testing._bodies import canonical, from_readable, to_readable
from esignwire.testing.cassettes import MATCHERS, CassetteSerializer, scrub_request
from tests.flows.stages import (
    CASSETTES,
    SUFFIX,
    cassette_name,
    clients_for_replay,
    playing_emulator,
    scene_of_cassette,
)
from tests.support.leaks import leaks
from tests.support.signix import NAMESPACE as FLEX_API

OPERATIONS = CASSETTES.parents[2] / "operations" / "cassettes"
SYNC_FLOWS = [one for one in all_flows(clients_for_replay()) if not one.is_async]
SIGNIX = "http://127.0.0.1/signix/sdd/b2b/sdddc_ns.jsp"
ASSURESIGN = "http://127.0.0.1/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc/Submit/text"
CONSTELLATION1 = "http://127.0.0.1/constellation1/rest/v1"


def recorded(flow: Flow, folder: Path) -> tuple[str, list[str | bytes]]:
    """Records a flow anew, and tells the cassette's text and every secret that was in play."""
    path = folder / f"{cassette_name(flow)}{SUFFIX}"
    recorder = vcr.VCR(record_mode="new_episodes", cassette_library_dir=str(folder))
    register_cassettes(recorder)
    seen: list[bytes] = []

    def see(request: Any) -> object:  # vcrpy comes without types
        seen.append(f"{request.uri}\n{dict(request.headers)}".encode())
        return scrub(request)

    settings: dict[str, Any] = cassette_settings()
    scrub = settings["before_record_request"]
    settings["before_record_request"] = see
    steps: list[Step] = []
    with playing_emulator(flow) as (emulated, emulator):
        with recorder.use_cassette(path.name, **settings):
            emulated.run(scene_of_cassette(flow, steps, emulator))
        secrets: list[str | bytes] = [*DEMO_SECRETS, "910000000", one_page_pdf()]
        secrets += [str(one.auth_token) for one in emulator.state.assuresign.documents.values()]
        secrets += [str(one.auth_token) for one in emulator.state.assuresign.envelopes.values()]
        secrets += [str(session) for session in emulator.state.assuresign.sessions]
    for line in b"\n".join(seen).decode().splitlines():
        uri = urllib.parse.urlsplit(line)
        if "/encrypt/" in uri.path or "/gettoken/" in uri.path:
            # The salt.
            secrets.append(uri.path.rpartition("/")[2])
    secrets += [
        found.partition("'")[0]
        for one in seen
        for found in one.decode().split("'authorization': '")[1:]
    ]
    # A request that is recorded comes by a second time, scrubbed.
    secrets = [secret for secret in secrets if secret != "***"]
    return path.read_text(encoding="utf-8"), secrets


def test_each_flow_has_a_cassette_and_none_is_orphaned() -> None:
    expected = {f"{cassette_name(one)}{SUFFIX}" for one in SYNC_FLOWS}
    folder = CASSETTES.parent
    found = {str(path.relative_to(CASSETTES)) for path in folder.rglob("*") if path.is_file()}
    assert found == expected


@pytest.mark.parametrize("flow", SYNC_FLOWS, ids=cassette_name)
def test_a_cassette_is_current_and_holds_no_secret(flow: Flow, tmp_path: Path) -> None:
    text, secrets = recorded(flow, tmp_path)
    committed = (CASSETTES / f"{cassette_name(flow)}{SUFFIX}").read_text(encoding="utf-8")
    assert committed == text, "run make record, look at the difference and commit it"
    assert leaks(text, secrets) == []
    assert "!!binary" not in text
    assert "base64:" not in text


def test_the_secrets_of_all_vendors_are_in_play(tmp_path: Path) -> None:
    by_vendor = {one.vendor: recorded(one, tmp_path)[1] for one in SYNC_FLOWS}
    assert len(by_vendor["assuresign"]) > len(DEMO_SECRETS) + 2
    # Salt and token, twice for each call.
    assert len(by_vendor["constellation1"]) > len(DEMO_SECRETS) + 6


@pytest.mark.parametrize("secret", [*DEMO_SECRETS, one_page_pdf()[:60]])
def test_the_scan_finds_a_secret_in_every_form(secret: str | bytes) -> None:
    plain = secret.decode("latin-1") if isinstance(secret, bytes) else secret
    content = secret if isinstance(secret, bytes) else secret.encode()
    hidden = [
        base64.b64encode(content).decode(),
        base64.b64encode(b"user:" + content).decode(),
        base64.urlsafe_b64encode(b"x" + content + b"tail").decode(),
        content.hex(),
    ]
    if isinstance(secret, str):
        hidden += [
            plain,
            plain.upper(),
            urllib.parse.quote(plain, safe=""),
            urllib.parse.quote_plus(f"<Pswd>{escape(plain)}</Pswd>"),
            escape(plain),
            html.escape(plain),
            json.dumps({"key": plain}),
            escape(json.dumps({"key": plain})),
        ]
    for text in hidden:
        cassette = yaml.dump({"body": f"before {text} after"}, allow_unicode=True)
        assert leaks(cassette, [secret]), text
        assert not leaks(cassette, ["another secret altogether"])


def test_a_cassette_that_is_not_played_to_its_end_fails_the_run(
    pytester: pytest.Pytester,
) -> None:
    name = f"signix-cancel{SUFFIX}"
    folder = pytester.mkdir("cassettes") / "test_unplayed"
    folder.mkdir()
    (folder / name).write_text((CASSETTES / name).read_text(encoding="utf-8"), encoding="utf-8")
    pytester.makepyfile(
        test_unplayed="""
        import pytest

        @pytest.fixture
        def vcr_config(esignwire_vcr_config):
            return esignwire_vcr_config

        @pytest.mark.vcr
        @pytest.mark.default_cassette("signix-cancel")
        def test_unplayed(esignwire_cassette):
            assert esignwire_cassette is not None
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider")
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*not played to its end*"])


def test_a_cassette_without_pytest_recording_says_what_to_install(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        """
        import sys

        sys.modules["pytest_recording"] = None

        def test_recorded(esignwire_cassette): pass
        """
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-p", "no:recording")
    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*pytest-recording is not installed*: pip install*pytest-recording>=*"]
    )


BODIES = [
    (b"", ""),
    (b"plain text", "text/plain"),
    (b'{"a": [1, 2, {"b": null}], "c": "caf\xc3\xa9"}', "application/json"),
    (b"{not json", "application/json"),
    (b"<a><b> kept </b><c/></a>", "text/xml"),
    (b"<a>mixed <b/> text</a>", "text/xml"),
    (b"<a><!-- kept --><b/></a>", "text/xml"),
    (b"<unclosed>", "text/xml"),
    (b"method=X&request=%3Ca%3E%3Cb%2F%3E%3C%2Fa%3E", "application/x-www-form-urlencoded"),
    (b"a=1&a=2", "application/x-www-form-urlencoded"),
    (bytes(range(256)), "application/octet-stream"),
    (b"%PDF-1.4\n\xe2\xe3\xcf\xd3", "application/pdf"),
]


@pytest.mark.parametrize(("content", "content_type"), BODIES)
def test_a_body_keeps_its_meaning(content: bytes, content_type: str) -> None:
    read = from_readable(to_readable(content, content_type))
    assert canonical(read, content_type) == canonical(content, content_type)
    if not content.startswith((b"<a>", b"{", b"method")):
        assert read == content


@pytest.mark.parametrize(
    "readable", [{}, {"xml": 1}, {"form": []}, {"unknown": "x"}, {"base64": "no base64!"}]
)
def test_what_is_no_body_is_refused(readable: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        from_readable(readable)


@pytest.mark.parametrize("text", ["", "[]", "version: 2\ninteractions: []", "just text"])
def test_what_is_no_cassette_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="no cassette of version 1"):
        CassetteSerializer.deserialize(text)


def test_what_was_recorded_without_the_scrubber_is_scrubbed_when_it_is_written() -> None:
    text = CassetteSerializer.serialize(
        {
            "interactions": [
                {
                    "request": {
                        "method": "GET",
                        "uri": f"{CONSTELLATION1}/encrypt/CANARY/salt",
                        "body": None,
                        "headers": {"Authorization": ["CANARY"]},
                    },
                    "response": {
                        "status": {"code": 200, "message": "OK"},
                        "headers": {"Set-Cookie": ["CANARY"]},
                        "body": {"string": '{"ReturnValue": "CANARY"}'},
                    },
                }
            ]
        }
    )
    assert "CANARY" not in text
    assert "/encrypt/***/***" in text


def test_a_cassette_runs_no_code(tmp_path: Path) -> None:
    target = tmp_path / "made"
    text = f"version: !!python/object/apply:pathlib.Path.touch [{str(target)!r}]"
    with pytest.raises(yaml.YAMLError):
        CassetteSerializer.deserialize(text)
    assert not target.exists()


NAMESPACE = "https://www.assuresign.net/Services/DocumentNOW/Cancel"
ACTION = f'"{NAMESPACE}/ICancelService/Cancel"'
FORM = {"Content-Type": "application/x-www-form-urlencoded; charset=UTF-8"}
JSON = {"Content-Type": "application/json"}
TOKENS = [f"36ed4ac5-0000-0000-0000-00000000000{number}" for number in range(3)]


class FakeRequest:
    def __init__(
        self,
        body: bytes,
        *,
        method: str = "POST",
        uri: str = ASSURESIGN,
        headers: dict[str, str] | None = None,
    ) -> None:
        self.method = method
        self.uri = uri
        self.body: bytes | None = body
        self.headers = headers or {"Content-Type": "text/xml", "SOAPAction": ACTION}


def match(one: FakeRequest, other: FakeRequest) -> None:
    """Compares two requests as two runs of a program make them."""
    first, second = scrub_request(one), scrub_request(other)
    for matcher in MATCHERS.values():
        matcher(first, second)


def cancel(attributes: str, more: str = "") -> bytes:
    return (
        f'<Cancel xmlns="{NAMESPACE}"><DocumentCancellations><DocumentCancellation {attributes}/>'
        f"{more}</DocumentCancellations></Cancel>"
    ).encode()


def form(data: str) -> bytes:
    xml = f'<SubmitAjaxRq xmlns="{FLEX_API}">{data}</SubmitAjaxRq>'
    return urllib.parse.urlencode({"method": "SubmitAjax", "request": xml}).encode()


def signix(data: str) -> FakeRequest:
    return FakeRequest(form(data), uri=SIGNIX, headers=FORM)


def called(path: str, body: bytes = b"", method: str = "POST") -> FakeRequest:
    return FakeRequest(body, method=method, uri=f"{CONSTELLATION1}{path}", headers=JSON)


def package(message: bytes, document: bytes, boundary: str, identifier: str) -> FakeRequest:
    head = f'multipart/related; type="application/xop+xml"; start="<root>"; boundary="{boundary}"'
    body = b"\r\n".join(
        [
            f"--{boundary}\r\nContent-ID: <root>\r\n\r\n".encode() + message,
            f"--{boundary}\r\nContent-ID: <{identifier}>\r\n\r\n".encode() + document,
            f"--{boundary}--\r\n".encode(),
        ]
    )
    return FakeRequest(body, headers={"Content-Type": head})


def included(identifier: str, attributes: str = "") -> bytes:
    quoted = urllib.parse.quote(identifier, safe="")
    return (
        f'<SubmitWithFile xmlns="{NAMESPACE}"><Documents><FileDocument {attributes}>'
        '<UnderlyingFile FileType="PDF"><Data><x:Include'
        f' xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:{quoted}"/></Data>'
        "</UnderlyingFile></FileDocument></Documents></SubmitWithFile>"
    ).encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        # Order and quotes of attributes, and blanks between elements, mean nothing.
        (
            FakeRequest(cancel("Id='1' Remarks='2'")),
            FakeRequest(cancel('Remarks="2" Id="1"').replace(b"><", b">\n <")),
        ),
        # Secrets of the program's own may be others than when the cassette was recorded.
        (
            FakeRequest(cancel(f'AuthToken="{TOKENS[0]}"')),
            FakeRequest(cancel(f'AuthToken="{TOKENS[1]}"')),
        ),
        (
            signix("<CustInfo><Pswd>one</Pswd></CustInfo>"),
            signix("<CustInfo>\n<Pswd>two</Pswd></CustInfo>"),
        ),
        (
            signix("<Data><Form><Length>3</Length><Data>QUJD</Data></Form></Data>"),
            signix("<Data><Form><Length>4</Length><Data>QUJDRA==</Data></Form></Data>"),
        ),
        (
            called("/encrypt/key%2F1/salt1", method="GET"),
            called("/encrypt/key2/salt2", method="GET"),
        ),
        (
            called("/sessions", b'{"userName": "a", "Password": "x"}'),
            called("/sessions", b'{"Password": "y", "userName": "a"}'),
        ),
        (
            FakeRequest(b"", uri="http://127.0.0.1:4711/rest/v1/sessions"),
            FakeRequest(b"", uri="http://localhost:8765/rest/v1/sessions"),
        ),
        (
            package(included("a/b@c"), b"%PDF one", "one", "a/b@c"),
            package(included("d@e"), b"%PDF another\r\n--one", "two", "d@e"),
        ),
    ],
)
def test_requests_of_one_meaning_match(one: FakeRequest, other: FakeRequest) -> None:
    match(one, other)


@pytest.mark.parametrize(
    ("one", "other", "what"),
    [
        (FakeRequest(b""), FakeRequest(b"", method="PUT"), "method"),
        (FakeRequest(b""), FakeRequest(b"", uri=f"{ASSURESIGN}/text"), "path"),
        (called("/sessions/1/start"), called("/sessions/2/start"), "path"),
        (
            called("/sessions/1/purge?purgeNow=true"),
            called("/sessions/1/purge?purgeNow=false"),
            "query",
        ),
        (
            FakeRequest(b""),
            FakeRequest(b"", headers={"SOAPAction": f"{NAMESPACE}/ICancelService/Other"}),
            "SOAPAction",
        ),
        (FakeRequest(cancel("Id='1'")), FakeRequest(cancel("Id='2'")), "body"),
        (FakeRequest(cancel("Remarks=' 1'")), FakeRequest(cancel("Remarks='1'")), "body"),
        (
            FakeRequest(cancel("Id='1'", "<Exceptions/><Id/>")),
            FakeRequest(cancel("Id='1'", "<Id/><Exceptions/>")),
            "body",
        ),
        # Two secrets stay two.
        (
            FakeRequest(
                cancel(
                    f'Id="{TOKENS[0]}" AuthToken="{TOKENS[1]}"',
                    f'<DocumentCancellation AuthToken="{TOKENS[1]}"/>',
                )
            ),
            FakeRequest(
                cancel(
                    f'Id="{TOKENS[0]}" AuthToken="{TOKENS[1]}"',
                    f'<DocumentCancellation AuthToken="{TOKENS[2]}"/>',
                )
            ),
            "body",
        ),
        (called("/sessions", b'{"Title": 1}'), called("/sessions", b'{"Title": "1"}'), "body"),
        (
            signix("<Data><DocumentSetID>1</DocumentSetID></Data>"),
            signix("<Data><DocumentSetID>2</DocumentSetID></Data>"),
            "body",
        ),
        (
            package(included("a", "Id='1'"), b"%PDF", "one", "a"),
            package(included("a", "Id='2'"), b"%PDF", "one", "a"),
            "body",
        ),
    ],
)
def test_requests_of_another_meaning_do_not(
    one: FakeRequest, other: FakeRequest, what: str
) -> None:
    with pytest.raises(AssertionError, match=f"the {what} differs"):
        match(one, other)


def test_scrubbing_leaves_the_request_itself_alone() -> None:
    body = cancel(f'AuthToken="{TOKENS[0]}"')
    request = FakeRequest(body, headers={"Authorization": "secret"})
    scrubbed = scrub_request(request)
    assert request.body == body
    assert request.headers == {"Authorization": "secret"}
    assert TOKENS[0].encode() not in (scrubbed.body or b"")
    assert scrubbed.headers == {}


def test_a_document_beside_other_secrets_is_played_back(tmp_path: Path) -> None:
    document = FileDocument(
        b"%PDF " + bytes(60_000),
        template_id="dcb79445-4d39-dd11-8735-00065b8ce99b",
        password="opens it",
        parameters={"Signatory 1 Email Address": "pat@example.com", "Code": "4711"},
    )
    with EmulatorServer() as emulator, emulator.environment():
        for mode in ("once", "none"):
            recorder = vcr.VCR(
                cassette_library_dir=str(tmp_path), record_mode=mode, **cassette_settings()
            )
            register_cassettes(recorder)
            with (
                recorder.use_cassette("mtom.yaml"),
                AssureSign.from_environment(uses_mtom=True) as client,
            ):
                submitted = client.submit(document)
                client.download(submitted, "original", password="opens it").read()


def test_vcrpy_tells_what_differs_and_no_secret() -> None:
    recorder = vcr.VCR(record_mode="none")
    register_cassettes(recorder)
    path = OPERATIONS / f"constellation1-GetSession{SUFFIX}"
    with (
        recorder.use_cassette(str(path), **cassette_settings()),
        Constellation1(
            api_key="CANARY/key+0",
            user_name="owner@example.com",
            url="https://replay.invalid/constellation1/rest",
        ) as client,
        pytest.raises(CannotOverwriteExistingCassetteException) as failed,
    ):
        client.get_session(TOKENS[0])
    text = str(failed.value)
    assert "match_path differs: the path differs" in text
    assert "match_body" not in text.partition("Closest")[2]
    assert leaks(json.dumps(text), ["CANARY/key+0"]) == []
