from __future__ import annotations

import base64
import json
import urllib.parse

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from esignwire._secrets import MASK
from esignwire.testing._redaction import Redactor

NAMES = frozenset({"Pswd", "SSN", "Data", "AuthToken", "Value", "accessToken"})
REDACTOR = Redactor(NAMES)


def redact(content: str | bytes) -> str:
    data = content.encode() if isinstance(content, str) else content
    return REDACTOR.redact(data).decode()


class TestXml:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("<Pswd>x</Pswd>", "<Pswd>***</Pswd>"),
            ("<a:Pswd xmlns:a='u'>x</a:Pswd>", "<a:Pswd xmlns:a='u'>***</a:Pswd>"),
            ("<Pswd >x</Pswd >", "<Pswd >***</Pswd >"),
            ("<Pswd><![CDATA[x<y>]]></Pswd>", "<Pswd>***</Pswd>"),
            ("<Pswd>a<![CDATA[x]]>b&amp;c</Pswd>", "<Pswd>***</Pswd>"),
            ("<Pswd>a<!-- x -->b</Pswd>", "<Pswd>***</Pswd>"),
            ("<Pswd>a<b>x</b></Pswd><c>d</c>", "<Pswd>***</Pswd><c>d</c>"),
            ("<Pswd><b>x</b>a</Pswd><c>d</c>", "<Pswd>***</Pswd><c>d</c>"),
            ("<T AuthToken='x' Id=\"1\"/>", "<T AuthToken='***' Id=\"1\"/>"),
            ('<T a:AuthToken = "x>y" Id="1">b</T>', '<T a:AuthToken = "***" Id="1">b</T>'),
            ("<T AuthToken=x>b</T>", "<T AuthToken=***>b</T>"),
            ("<!-- <Pswd>x</Pswd> --><a/>", "<!-- <Pswd>***</Pswd> --><a/>"),
            ("<a><![CDATA[<Pswd>x</Pswd>]]></a>", "<a><![CDATA[<Pswd>***</Pswd>]]></a>"),
            ("<a>&lt;Pswd>x&lt;/Pswd></a>", "<a>&lt;Pswd&gt;***&lt;/Pswd&gt;</a>"),
            ('<a>{"SSN": "1"}</a>', "<a>{&quot;SSN&quot;: &quot;***&quot;}</a>"),
            ("<a v='{&quot;SSN&quot;:1}'/>", "<a v='{&quot;SSN&quot;: &quot;***&quot;}'/>"),
            ("error near <Pswd>x</Pswd>: no", "error near <Pswd>***</Pswd>: no"),
        ],
    )
    def test_masked(self, before: str, after: str) -> None:
        assert redact(before) == after

    @pytest.mark.parametrize(
        "text",
        [
            "",
            "<Pswd/>",
            "<Pswd></Pswd>",
            "<Pswd>\n  </Pswd>",
            "<T AuthToken=''/>",
            "<?xml version='1.0'?>\r\n<a  b = '1'\t>  x &lt; y <c/></a >\n",
            "<PswdHint>x</PswdHint>",
            "<a>Pswd</a>",
            "<a b='Pswd'>{not json</a>",
            "<Data>\n  <Id>1</Id>\n</Data>",
            "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>",
            "1 < 2 and <nothing",
            "plain text",
            '{"a": [1, 2.5e3, true, null, "x\\n"]}',
            "a=b&c=d",
        ],
    )
    def test_the_rest_stays_byte_for_byte(self, text: str) -> None:
        assert redact(text) == text

    def test_one_name_for_a_container_and_a_value(self) -> None:
        before = "<Data><Id>1</Id><Form><Data>JVBERi0=</Data></Form></Data>"
        assert redact(before) == "<Data><Id>1</Id><Form><Data>***</Data></Form></Data>"

    @pytest.mark.parametrize(
        "text",
        [
            "<Pswd>SECRET",
            "<Pswd>SECRET</Psw",
            "<Pswd>a<b>SECRET",
            "<Pswd>a<b>SECRET</Pswd><c>d</c>",
            "<Pswd>a<SECRET</Pswd>",
            "<Pswd>SECRET</Wrong><c>d</c>",
            "<Pswd><![CDATA[SECRET",
            "<T AuthToken='SECRET",
            "<T AuthToken=SECRET",
            "<T AuthToken='SECRET Id='1'/>",
            "<a x='oops><Pswd>SECRET</Pswd>",
            "<a><Pswd>SECRET</Pswd></b></a></c>",
            "</x><Pswd>SECRET</Pswd>",
            "<Pswd\n>SECRET</Pswd>",
            "<a>{&quot;SSN&quot;: &quot;SECRET",
            '{"SSN": "SECRET',
            '{"SSN": "SECRET\\',
            '{"SSN" "SECRET"',
            '{"SSN": SECRET}',
            '[{"SSN": ["SECRET", "SECRET"',
            '{"SSN": "SE\\"CRET"}',
        ],
    )
    def test_what_is_not_well_formed_is_masked_all_the_same(self, text: str) -> None:
        masked = redact(text)
        assert "SECRET" not in masked
        assert "CRET" not in masked

    @pytest.mark.parametrize(
        "encoding", ["utf-8", "utf-8-sig", "latin-1", "cp1252", "utf-16", "utf-16-be"]
    )
    def test_encodings(self, encoding: str) -> None:
        text = "<a b='ü'>é<Pswd>geheim ä</Pswd>ö</a>"
        masked = REDACTOR.redact(text.encode(encoding))
        assert masked == text.replace("geheim ä", MASK).encode(encoding)

    def test_bytes_of_no_encoding(self) -> None:
        assert REDACTOR.redact(b"\xff\xc3<Pswd>\xfe</Pswd>\x00\x81") == (
            b"\xff\xc3<Pswd>***</Pswd>\x00\x81"
        )
        assert b"geheim" not in REDACTOR.redact(
            b"\xff<a>{&quot;SSN&quot;:&quot;geheim&quot;,&quot;b&quot;:&quot;&#8364;&quot;}</a>"
        )

    def test_masks_by_name(self) -> None:
        redactor = Redactor(NAMES, {"Data": "AAAA", "accessToken": 'a"<b'})
        assert redactor.redact(b"<f><Data>JVBE</Data><SSN>1</SSN></f>") == (
            b"<f><Data>AAAA</Data><SSN>***</SSN></f>"
        )
        assert json.loads(redactor.redact(b'{"accessToken": "x"}')) == {"accessToken": 'a"<b'}
        assert redactor.redact(b"<accessToken>x</accessToken>") == (
            b'<accessToken>a"&lt;b</accessToken>'
        )

    def test_nothing_is_sensitive(self) -> None:
        assert Redactor(frozenset()).redact(b"<Pswd>x</Pswd>") == b"<Pswd>x</Pswd>"


class TestJson:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('{"SSN": "1"}', '{"SSN": "***"}'),
            ('{"SSN": 123, "a": 1}', '{"SSN": "***", "a": 1}'),
            ('{"SSN": null, "Pswd": ""}', '{"SSN": null, "Pswd": ""}'),
            ('{"SSN": true}', '{"SSN": "***"}'),
            ('{"SSN": ["1", 2], "a": ["b"]}', '{"SSN": "***", "a": ["b"]}'),
            ('{"SSN": [{"a": 1}, "2"], "Pswd": []}', '{"SSN": "***", "Pswd": []}'),
            ('{"a": {"SSN": "1"}, "b": "c"}', '{"a": {"SSN": "***"}, "b": "c"}'),
            ('{"Data": {"a": "b"}}', '{"Data": {"a": "b"}}'),
            ('{"S\\u0053N": "1", "a": "ü"}', '{"SSN": "***", "a": "\\u00fc"}'),
            ('{"S\\u0053N": "1"', "***"),
            ('{"SSN": "1", "SSN": null}', "***"),
            ('{"a": 1, "a": 2}', '{"a": 1, "a": 2}'),
            ('{"a": "SSN", "b": "1"}', '{"a": "SSN", "b": "1"}'),
            ('{"a": "<Pswd>x</Pswd>"}', '{"a": "<Pswd>***</Pswd>"}'),
            ('{"a": "{\\"SSN\\": 1}"}', '{"a": "{\\"SSN\\": \\"***\\"}"}'),
            (' [ {"SSN" : "1" } ] ', '[{"SSN": "***"}]'),
            (' [ {"S" : 1.50 } ] ', ' [ {"S" : 1.50 } ] '),
        ],
    )
    def test_masked(self, before: str, after: str) -> None:
        assert redact(before) == after


class TestForms:
    def test_what_signix_is_sent(self) -> None:
        xml = "<R><C><Pswd>geheim &amp; mehr</Pswd><X>a b+c ü</X></C></R>"
        body = urllib.parse.urlencode({"method": "SubmitAjax", "request": xml})
        masked = redact(body)
        assert dict(urllib.parse.parse_qsl(masked)) == {
            "method": "SubmitAjax",
            "request": "<R><C><Pswd>***</Pswd><X>a b+c ü</X></C></R>",
        }

    def test_xml_that_holds_json(self) -> None:
        command = json.dumps({"objectType": "X", "SSN": "123-45-6789", "b": '"'})
        element = etree.Element("Request")
        element.text = command
        body = urllib.parse.urlencode({"request": etree.tostring(element)})
        masked = dict(urllib.parse.parse_qsl(redact(body)))["request"]
        assert json.loads(etree.fromstring(masked).text or "") == {
            "objectType": "X",
            "SSN": "***",
            "b": '"',
        }

    def test_a_field_may_be_secret(self) -> None:
        assert redact("user=a&Pswd=x%26y&Id=1%2F2") == "user=a&Pswd=%2A%2A%2A&Id=1%2F2"

    def test_untouched_fields_stay(self) -> None:
        body = "a=%7e%7E+x&b=&c&d=%ff&Pswd="
        assert redact(body) == body

    def test_nesting_without_end_is_masked_whole(self) -> None:
        value = "<Pswd>SECRET</Pswd>"
        for _ in range(8):
            value = json.dumps({"a": value})
        assert "SECRET" not in redact(value)


SECRET = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).map(
    lambda text: f"geheim{text}geheim"
)


@settings(max_examples=200, deadline=None)
@given(secret=SECRET, kind=st.sampled_from(["text", "cdata", "attribute", "json", "form", "both"]))
def test_no_secret_stays_in_any_form(secret: str, kind: str) -> None:
    element = etree.Element("R")
    etree.SubElement(element, "Pswd").text = secret
    element.set("AuthToken", secret)
    inner = json.dumps({"SSN": secret, "x": [1]})
    if kind in {"text", "attribute"}:
        data = etree.tostring(element, encoding="utf-8")
    elif kind == "cdata":
        safe = secret.replace("]]>", "")
        data = f"<R><Pswd><![CDATA[{safe}]]></Pswd></R>".encode()
    elif kind == "json":
        data = inner.encode()
    else:
        etree.SubElement(element, "Request").text = inner
        data = urllib.parse.urlencode({"request": etree.tostring(element)}).encode()
    masked = REDACTOR.redact(data)
    for form in (secret, base64.b64encode(secret.encode()).decode(), urllib.parse.quote(secret)):
        assert form.encode() not in masked
    assert b"geheim" not in masked
    assert REDACTOR.redact(masked) == masked


@settings(max_examples=300, deadline=None)
@given(
    st.one_of(
        st.binary(max_size=80),
        st.lists(
            st.sampled_from(
                [
                    "<",
                    ">",
                    "/",
                    "'",
                    '"',
                    "=",
                    "&",
                    "{",
                    "}",
                    "[",
                    "]",
                    ":",
                    ",",
                    " ",
                    "Pswd",
                    "SSN",
                    "a",
                    "<!--",
                    "-->",
                    "<![CDATA[",
                    "]]>",
                    "%3C",
                    "\\",
                ]
            ),
            max_size=40,
        ).map(lambda pieces: "".join(pieces).encode()),
    )
)
def test_any_bytes_can_be_redacted(content: bytes) -> None:
    assert isinstance(REDACTOR.redact(content), bytes)


@pytest.mark.parametrize(
    "content",
    [
        b"<a>" * 300_000,
        b"<Pswd>" * 300_000,
        b"<Pswd>a" * 100_000,
        b'<a b="' * 200_000,
        b"<a '" * 200_000,
        b"<!--" * 300_000,
        b'{"a":' * 200_000,
        b'"\\' * 300_000,
        b"a=" + b"&a=" * 300_000,
        b"a=" + b"&a=" * 300_000 + b'"',
        b"<a " + b"x" * 500_000,
        b"<a x" + b" " * 500_000 + b"/>",
        b"<a" + b" b" * 500_000,
        b"<a>" * 100_000 + b"</b>" * 100_000,
    ],
    ids=lambda content: content[:8].decode() + content[-2:].decode(),
)
def test_hostile_text_takes_linear_time(content: bytes) -> None:
    """Each of these ends at once, or, were the time quadratic, not while anybody waits."""
    assert REDACTOR.redact(content)
