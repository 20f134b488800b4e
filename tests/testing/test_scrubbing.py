"""What is recorded, and what never is."""

from __future__ import annotations

import base64
import gzip
import json
import re
import urllib.parse
import zlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esignwire.testing import Scrubber
from esignwire.testing._addresses import scrub_header, scrub_uri
from tests.support.leaks import leaks
from tests.support.signix import NAMESPACE as FLEX_API

SECRET = "CANARY/secret+0"
GUID = "36ed4ac5-4d39-4d11-8735-00065b8ce99b"
NAMESPACE = "https://www.assuresign.net/Services/DocumentNOW/Cancel"
ASSURESIGN = "https://host.example/Services/DocumentNOW/v2/DocumentNOW.svc/Cancel/text"
SIGNIX = "https://host.example/sdd/b2b/sdddc_ns.jsp"
CONSTELLATION1 = "https://host.example/rest/v1"


class Request:
    def __init__(self, body: bytes, uri: str, content_type: str = "text/xml") -> None:
        self.method = "POST"
        self.uri = uri
        self.body: bytes | None = body
        self.headers = {"Content-Type": content_type}


def sent(scrubber: Scrubber, body: bytes | str, uri: str, content_type: str = "text/xml") -> str:
    content = body.encode() if isinstance(body, str) else body
    return (scrubber.request(Request(content, uri, content_type)).body or b"").decode()


def received(
    scrubber: Scrubber, body: bytes | str, content_type: str = "text/xml", **headers: str
) -> str:
    content = body.encode() if isinstance(body, str) else body
    response: dict[str, Any] = {
        "status": {"code": 200, "message": SECRET},
        "headers": {"Content-Type": [content_type], **{n: [v] for n, v in headers.items()}},
        "body": {"string": content},
    }
    scrubbed: Any = scrubber.response(response)
    assert not is_told(json.dumps({**scrubbed, "body": ""}))
    return scrubbed["body"]["string"].decode()


def is_told(text: str | None) -> bool:
    return bool(leaks(json.dumps(text), [SECRET]))


def soap(content: str) -> str:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>'
        f'<Cancel xmlns="{NAMESPACE}">{content}</Cancel></s:Body></s:Envelope>'
    )


def flex(content: str) -> str:
    return f'<SubmitAjaxRs xmlns="{FLEX_API}">{content}</SubmitAjaxRs>'


UNKNOWN_KINDS = [
    (f"<html><body>{SECRET}", "text/html"),
    (f"<!DOCTYPE html><html><body>{SECRET}</body></html>", "text/html"),
    (f"<html><body><p id='{SECRET}'>{SECRET}</p></body></html>", "text/html"),
    (f"plain {SECRET}", "text/plain"),
    (SECRET.encode() + bytes(range(256)), "application/octet-stream"),
    (b"%PDF-1.4\n" + SECRET.encode(), "application/pdf"),
    (f"a={SECRET}&b={SECRET}", "application/x-www-form-urlencoded"),
    (f"{SECRET}={SECRET}", "application/x-www-form-urlencoded"),
    (f"method=SubmitAjax&request=<a>{SECRET}", "application/x-www-form-urlencoded"),
    (f"<a>{SECRET}</a>".encode("utf-16"), "text/xml"),
    (f"<a>{SECRET}</a>".encode(), "text/xml; charset=nonsense"),
    (f"<a>{SECRET}</a>".encode(), "text/xml; charset=utf-16"),
    (f'{{"Unknown": "{SECRET}"}}'.encode(), "application/json; charset=nonsense"),
    (f'<!DOCTYPE a [<!ENTITY b "{SECRET}">]><a>&b;</a>', "text/xml"),
    (f"<a>{SECRET}", "text/xml"),
    (f"<!-- {SECRET} --><a/>", "text/xml"),
    (f"<?{'x'} {SECRET}?><a/>", "text/xml"),
    (soap(f"<Unknown><Id>{SECRET}</Id></Unknown>"), "text/xml"),
    (soap(f"<Unknown a='{SECRET}'/>"), "text/xml"),
    (soap(f"<DocumentCancellation Unknown='{SECRET}'/>"), "text/xml"),
    (soap(f"<DocumentCancellation AuthToken='{SECRET}'/>"), "text/xml"),
    (soap(f"<Id>&lt;Unknown>{SECRET}&lt;/Unknown></Id>"), "text/xml"),
    (soap(f"<Id>near &lt;Value>{SECRET}&lt;/Value>: wrong</Id>"), "text/xml"),
    (soap(f"<Id>near &amp;lt;Value&amp;gt;{SECRET}</Id>"), "text/xml"),
    (soap(f"<Id>Password={SECRET}</Id>"), "text/xml"),
    (flex(f"<Data><Request>{{broken '{SECRET}'</Request></Data>"), "text/xml"),
    (flex(f'<Data><Request>{{"SSN": "{SECRET}"}}</Request></Data>'), "text/xml"),
    (flex(f'<Data><Request>{{"new": {{"objectType": "{SECRET}"}}}}</Request></Data>'), "text/xml"),
    (flex(f'<Data><Request>["{{\\"SSN\\": \\"{SECRET}\\"}}"]</Request></Data>'), "text/xml"),
    (flex(f"<Data><A1>{SECRET}</A1></Data>"), "text/xml"),
    (flex(f"<Data>{SECRET}<DocumentSetID>1</DocumentSetID></Data>"), "text/xml"),
    (json.dumps({"Unknown": SECRET}), "application/json"),
    (json.dumps({SECRET: True}), "application/json"),
    (json.dumps({"Details": [f"see https://x.example/?key={SECRET}."]}), "application/json"),
    (
        json.dumps({"ReturnURL": f"https://u:{urllib.parse.quote_plus(SECRET)}@x.example/a"}),
        "application/json",
    ),
    (json.dumps({"Title": f"https://x.example/#{SECRET}"}), "application/json"),
    (json.dumps({"Unknown": {"Title": SECRET}}), "application/json"),
    (json.dumps({"Sessions": [{"Unknown": [SECRET]}]}), "application/json"),
    (json.dumps({"MergeFieldMapping": {SECRET: SECRET}}), "application/json"),
    (json.dumps({"FileBytes": list(SECRET.encode())}), "application/json"),
    (json.dumps({"ReturnValue": SECRET}), "application/json"),
    (json.dumps(SECRET), "application/json"),
    (f'{{"Title": "{SECRET}"', "application/json"),
    ("[" * 100_000, "application/json"),
    (f"{'[' * 300}{json.dumps(SECRET)}{']' * 300}", "application/json"),
    (soap(f"{'<Id>' * 300}{SECRET}{'</Id>' * 300}"), "text/xml"),
    (f'{{"Title": "\\ud800", "Unknown": "{SECRET}"}}', "application/json"),
    (f"--b\r\n\r\n{SECRET}\r\n--b--\r\n", "multipart/related; boundary=b"),
    (f"--b\r\n\r\n<a/>\r\n--b\r\n\r\n{SECRET}\r\n--b--\r\n", "multipart/related; boundary=b"),
    (f"--b\r\n\r\n<a/>\r\n--b\r\n\r\n{SECRET}", "multipart/related; boundary=b"),
    (f"--b\r\n\r\n<a/>\r\n--b--\r\n{SECRET}", f"multipart/related; boundary=b; start={SECRET}"),
    (f"--b\r\nX-Key: {SECRET}\r\n\r\n<a/>\r\n--b--\r\n", "multipart/related; boundary=b"),
    (f"--b\r\n\r\n{SECRET}\r\n--b--\r\n", "multipart/mixed; boundary=b"),
]


@pytest.mark.parametrize(("body", "content_type"), UNKNOWN_KINDS, ids=range(len(UNKNOWN_KINDS)))
@pytest.mark.parametrize("uri", [ASSURESIGN, SIGNIX, f"{CONSTELLATION1}/x", "https://x.example/"])
def test_what_no_schema_knows_is_not_kept(body: bytes | str, content_type: str, uri: str) -> None:
    for text in (
        sent(Scrubber(), body, uri, content_type),
        received(Scrubber(), body, content_type),
    ):
        assert not is_told(text)
        assert SECRET.encode("utf-16-le").decode("latin-1") not in text


def test_deep_messages_within_deep_messages_are_replaced() -> None:
    value: object = SECRET
    for _ in range(6):
        for _ in range(90):
            value = {"Properties": value}
        value = {"Title": json.dumps(value)}
    text = received(Scrubber(), json.dumps(value), "application/json")
    assert not is_told(text)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "raw", "br", "zstd", "gzip, gzip"])
def test_a_compressed_answer_is_scrubbed_too(coding: str) -> None:
    plain = flex(f"<Status><StatusCode>0</StatusCode></Status><A1>{SECRET}</A1>").encode()
    raw = zlib.compressobj(wbits=-15)
    compressed = {
        "gzip": gzip.compress(plain),
        "deflate": zlib.compress(plain),
        "raw": raw.compress(plain) + raw.flush(),
    }.get(coding, plain)
    header = "deflate" if coding == "raw" else coding
    text = received(Scrubber(), compressed, **{"Content-Encoding": header})
    assert not is_told(text)
    assert ("StatusCode" in text) is (coding in {"gzip", "deflate", "raw"})


def test_a_cut_compressed_answer_is_replaced() -> None:
    compressed = gzip.compress(flex(f"<A1>{SECRET}</A1>").encode())[:-8]
    text = received(Scrubber(), compressed, **{"Content-Encoding": "gzip"})
    assert text.startswith("***")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "cp1252", "utf-16"])
def test_what_is_known_stays_in_whatever_encoding(encoding: str) -> None:
    xml = f'<?xml version="1.0"?>{soap("<Remarks>Käufer</Remarks>")}'
    declared = xml if encoding.startswith("utf") else xml.replace("?>", f' encoding="{encoding}"?>')
    text = received(Scrubber(), declared.encode(encoding))
    assert "<Remarks>Käufer</Remarks>" in text
    assert text.startswith('<?xml version="1.0" encoding="utf-8"?>')
    by_header = "utf-8" if encoding == "utf-8-sig" else encoding
    assert "Käufer" in received(Scrubber(), xml.encode(encoding), f"text/xml; charset={by_header}")


def test_masks_keep_the_form_of_what_they_hide() -> None:
    text = sent(
        Scrubber(),
        soap(f'<FileData>{"QUJD" * 9}</FileData><Id ContextIdentifier="{GUID}" Password="x"/>'),
        ASSURESIGN,
    )
    assert "<FileData>Kioq</FileData>" in text
    assert 'ContextIdentifier="00000000-0000-4000-8000-000000000000" Password="***"' in text


def test_a_link_stays_a_link_and_two_stay_two() -> None:
    links = [f"https://sign.example/?key={SECRET}{number}" for number in (1, 2, 1)]
    answer = soap("".join(f"<SigningLink Url='{link}'/>" for link in links))
    once = received(Scrubber(), answer)
    first, second = "https://masked.invalid/***A", "https://masked.invalid/***A2"
    assert re.findall(r'Url="([^"]*)"', once) == [first, second, first]
    assert received(Scrubber(), once) == once


def test_a_secret_has_one_mask_and_two_secrets_have_two() -> None:
    scrubber = Scrubber()
    tokens = [f"{GUID[:-1]}{number}" for number in range(3)]
    sent(scrubber, soap(f"<Id AuthToken='{tokens[0]}'/>"), ASSURESIGN)
    answer = received(scrubber, soap("".join(f"<Id AuthToken='{one}'/>" for one in tokens)))
    masks = re.findall(r'AuthToken="([^"]*)"', answer)
    assert masks == [
        "00000000-0000-4000-8000-000000000000",
        "00000000-0000-4000-9000-000000000000",
        "00000000-0000-4000-9000-000000000001",
    ]
    # What the vendor handed out is sent back, in whatever order.
    again = sent(scrubber, soap(f"<Id AuthToken='{tokens[2].upper()}'/>"), ASSURESIGN)
    assert masks[2] in again


def test_what_is_scrubbed_is_scrubbed_no_further() -> None:
    once = received(
        Scrubber(), soap(f"<Id AuthToken='{GUID}' Password='a'/><FileData>QUJD</FileData>")
    )
    assert received(Scrubber(), once) == once
    body = sent(Scrubber(), soap(f"<Id AuthToken='{GUID}' Password='a'/>"), ASSURESIGN)
    assert sent(Scrubber(), body, ASSURESIGN) == body


def test_recording_goes_on_with_masks_that_are_not_taken() -> None:
    scrubber = Scrubber()
    loaded = received(Scrubber(), soap(f"<Id AuthToken='{GUID}'/>"))
    assert received(scrubber, loaded) == loaded
    more = received(scrubber, soap(f"<Id AuthToken='{GUID[::-1].replace('-', '')}'/>"))
    assert "00000000-0000-4000-9000-000000000001" in more


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Pswd", f"the password {SECRET} is wrong"),
        ("Pswd", f"wrong: &quot;{SECRET}&quot;"),
        ("SSN", f"no signer has {SECRET.lower()}."),
    ],
)
def test_a_secret_that_the_vendor_quotes_is_masked(name: str, text: str) -> None:
    scrubber = Scrubber()
    request = flex(f"<CustInfo><{name}>{SECRET}</{name}></CustInfo>")
    sent(scrubber, request, SIGNIX)
    answer = received(scrubber, flex(f"<Status><StatusDesc>{text}</StatusDesc></Status>"))
    assert not is_told(answer)
    assert "***" in answer


def test_words_that_are_no_secret_stay() -> None:
    scrubber = Scrubber()
    text = "The Password must have eight characters; see the Value 7 of {urn}SSN."
    sent(scrubber, soap("<Id Password='any'/><Parameter Value='eight'/>"), ASSURESIGN)
    assert text in received(scrubber, soap(f"<faultstring>{text}</faultstring>"))


def test_the_length_of_a_document_is_that_of_its_mask() -> None:
    form = f"<Form><Length>9</Length><Data>{base64.b64encode(b'%PDF-1.4!').decode()}</Data></Form>"
    scrubber = Scrubber()
    answer = received(scrubber, flex(f"<Data>{form}{form.replace('JV', 'JX')}</Data>"))
    found = re.findall(r"<Length>(\d+)</Length><Data>([^<]*)</Data>", answer)
    assert len({data for _, data in found}) == 2
    assert all(int(length) == len(base64.b64decode(data)) for length, data in found)


@pytest.mark.parametrize(
    ("uri", "scrubbed"),
    [
        (f"{CONSTELLATION1}/encrypt/{SECRET}/salt", None),
        (f"{CONSTELLATION1}/encrypt/key/salt", f"{CONSTELLATION1}/encrypt/***/***"),
        (f"{CONSTELLATION1}/EncrypT/ke%2Fy/salt", f"{CONSTELLATION1}/EncrypT/***/***"),
        (
            "https://host.example/proxy/encrypt/key/salt",
            "https://host.example/***/encrypt/***2/***",
        ),
        (f"{CONSTELLATION1}/gettoken/salt", f"{CONSTELLATION1}/gettoken/***"),
        (f"{CONSTELLATION1}/sessions/{GUID}", f"{CONSTELLATION1}/sessions/{GUID}"),
        (
            f"{CONSTELLATION1}/sessions/{GUID}/start?returnURL=https%3A%2F%2Fa.example",
            f"{CONSTELLATION1}/sessions/{GUID}/start?returnURL=https://masked.invalid/***",
        ),
        (f"{CONSTELLATION1}/unknown/{GUID}", f"{CONSTELLATION1}/***/***2"),
        (f"{CONSTELLATION1}/sessions?token=key", f"{CONSTELLATION1}/sessions?***=***2"),
        (ASSURESIGN, ASSURESIGN),
        (SIGNIX, SIGNIX),
        ("http://user:secret@host.example/x", "http://host.example/***"),
        ("http://[::1]:8765/x?y=1#z", "http://127.0.0.1/***?***2=***3"),
    ],
)
def test_an_address_is_scrubbed(uri: str, scrubbed: str | None) -> None:
    found = Scrubber().request(Request(b"", uri)).uri
    assert not is_told(found)
    if scrubbed is not None:
        assert found == scrubbed


@pytest.mark.parametrize(
    ("name", "value", "kept"),
    [
        ("soapaction", f'"{NAMESPACE}/ICancelService/Cancel"', True),
        ("soapaction", f"https://x.example/{SECRET}", False),
        ("content-type", "text/xml; charset=utf-8", True),
        ("content-type", f"text/{SECRET}; key={SECRET}", False),
        ("retry-after", "120", True),
        ("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT", True),
        ("retry-after", SECRET, False),
        ("location", f"https://new.example/rest/v1/encrypt/{SECRET}/x?key={SECRET}", False),
        ("location", f"https://new.example/{SECRET}", False),
        ("authorization", SECRET, False),
        ("set-cookie", SECRET, False),
        ("x-api-key", SECRET, False),
    ],
)
def test_headers_are_kept_where_they_hold_nothing(name: str, value: str, kept: bool) -> None:
    scrubbed = scrub_header(name, value, lambda _: "***")
    assert (scrubbed == value) is kept
    assert not is_told(str(scrubbed))


def test_a_token_in_an_answer_is_masked_and_a_flag_is_not() -> None:
    answers = {
        "/gettoken/salt": (f'{{"ReturnValue": "{SECRET}", "Details": null}}', "***A"),
        "/sessions/x/start": ('{"ReturnValue": "True"}', "True"),
        "/landingurl": ('{"ReturnValue": "https://a.example/"}', "https://a.example/"),
        "/unknown": ('{"ReturnValue": "Error: none"}', "Error: none"),
    }
    for path, (answer, value) in answers.items():
        scrubber = Scrubber()
        scrubber.request(Request(b"", f"{CONSTELLATION1}{path}"))
        assert json.loads(received(scrubber, answer, "application/json"))["ReturnValue"] == value


def test_an_address_without_secrets_asks_for_no_mask() -> None:
    def refuse(text: str) -> str:
        raise AssertionError(text)

    assert scrub_uri(ASSURESIGN, refuse) == ASSURESIGN


TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20)


@settings(max_examples=150)
@given(
    body=st.one_of(
        st.binary(max_size=60),
        TEXTS.map(str.encode),
        st.lists(
            st.sampled_from(["<", ">", "/", "'", '"', "=", "&", "{", "}", "[", "a", "SSN", "%"])
        )
        .map("".join)
        .map(str.encode),
    ),
    content_type=st.sampled_from(
        ["", "text/xml", "application/json", "application/x-www-form-urlencoded", "multipart/x"]
    ),
)
def test_any_body_can_be_scrubbed(body: bytes, content_type: str) -> None:
    once = sent(Scrubber(), body, "https://x.example/", content_type)
    assert sent(Scrubber(), once, "https://x.example/", content_type) == once


@settings(max_examples=100)
@given(secret=TEXTS.map(lambda text: f"geheim{text}geheim"))
def test_no_secret_stays_in_any_form(secret: str) -> None:
    command = json.dumps({"SSN": secret, "new": [secret]})
    fields = urllib.parse.urlencode({"method": "SubmitAjax", "request": "PLACE"}).replace(
        "PLACE", urllib.parse.quote_plus(flex("<Data><Request>PLACE</Request></Data>"))
    )
    escaped = command.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    body = fields.replace("PLACE", urllib.parse.quote_plus(escaped))
    text = sent(Scrubber(), body, SIGNIX, "application/x-www-form-urlencoded")
    assert "geheim" not in urllib.parse.unquote_plus(text)


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" * 100_000,
        b'<a b="' * 100_000,
        b"<!--" * 100_000,
        b'{"a":' * 100_000,
        b"a=" + b"&a=" * 100_000,
        b"<a" + b" b" * 100_000,
        b'{"Title": "' + b"<Value" * 100_000 + b'"}',
        b'{"Title": "' + b"&amp;" * 100_000 + b'"}',
    ],
    ids=range(8),
)
def test_hostile_text_takes_linear_time(content: bytes) -> None:
    """Each of these ends at once; were the time quadratic, the tests would not end."""
    for content_type in ("", "application/x-www-form-urlencoded"):
        assert sent(Scrubber(), content, f"{CONSTELLATION1}/x", content_type)
