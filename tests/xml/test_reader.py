from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from esignwire._call import Call
from esignwire._xml import (
    Schema,
    XmlLimits,
    XmlReader,
    compile_schema,
    parse,
    schema,
    validate,
)
from esignwire.errors import (
    ConfigurationError,
    EmptyResponse,
    EncodingError,
    EsignWireError,
    ForbiddenMarkup,
    InvalidRequest,
    MalformedResponse,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
    TruncatedResponse,
    UnexpectedContent,
)

CALL = Call(vendor="SIGNiX", operation="SubmitAjax", is_safe=True)
UNSAFE = Call(vendor="SIGNiX", operation="SubmitAjax", is_safe=False)
GOOD = (
    "<?xml version='1.0' encoding='{}'?>\n<!-- note --><a:r xmlns:a='urn:a' k='v'>"
    "<a:b>Grüße &amp; &#8364; <![CDATA[<c>]]></a:b>\n<?pi x?><d/></a:r>"
)


def read(
    content: bytes | str, call: Call = CALL, http_status: int | None = 200, **limits: int | bool
) -> etree._Element:
    data = content.encode() if isinstance(content, str) else content
    return parse(data, call, limits=XmlLimits(**limits), http_status=http_status)


def failure(content: bytes | str, **limits: int | bool) -> EsignWireError:
    with pytest.raises(ResponseError) as caught:
        read(content, **limits)
    return caught.value


class TestReading:
    @pytest.mark.parametrize(
        ("declared", "encoding"),
        [
            ("utf-8", "utf-8"),
            ("UTF-8", "utf-8-sig"),
            ("ISO-8859-1", "latin-1"),
            ("windows-1252", "cp1252"),
            ("UTF-16", "utf-16"),
            ("utf-16", "utf-16-le"),
            ("utf-16", "utf-16-be"),
        ],
    )
    def test_encodings(self, declared: str, encoding: str) -> None:
        root = read(GOOD.format(declared).encode(encoding))
        assert root.tag == "{urn:a}r"
        assert root[0].text == "Grüße & € <c>"
        assert [child.tag for child in root] == ["{urn:a}b", "d"]

    @pytest.mark.parametrize(
        ("content_type", "declared", "encoding"),
        [
            ("text/xml;charset=ISO-8859-1", None, "latin-1"),
            ('application/xml; a=b; Charset="iso-8859-1"', None, "latin-1"),
            ("text/html; charset=windows-1252", "windows-1252", "cp1252"),
            ("text/xml; charset=ISO-8859-15", None, "iso8859-15"),
            # Both cannot be right. The declaration of .NET's strings never is.
            ("text/xml; charset=utf-8", "utf-16", "utf-8"),
            ("text/xml; charset=utf-8", "utf-16", "utf-8-sig"),
            ("text/xml; charset=utf-8", "iso-8859-1", "utf-8"),
            ("text/xml; charset=iso-8859-1", "utf-8", "utf-8"),
            ("text/xml; charset=iso-8859-1", "utf-8", "latin-1"),
            ("text/xml; charset=utf-8", "iso-8859-1", "latin-1"),
            ("text/xml; charset=utf-8", "unheard-of", "utf-8"),
            # What cannot be so is no information.
            ("text/xml; charset=us-ascii", None, "utf-8"),
            ("text/xml; charset=utf-16", None, "utf-8"),
            ("text/xml; charset=utf-16", "utf-16", "utf-16"),
            ("text/xml; charset=unheard-of", "iso-8859-1", "latin-1"),
            ("text/xml; charset=", None, "utf-8"),
            ("multipart/related; charset=iso-8859-1", None, "utf-8"),
            ("text/xml; charset=iso-8859-1", None, "utf-8-sig"),
        ],
    )
    def test_headers_tell_encodings_too(
        self, content_type: str, declared: str | None, encoding: str
    ) -> None:
        declaration = "" if declared is None else f"<?xml version='1.0' encoding='{declared}'?>"
        content = f"{declaration}<a>Grüße</a>".encode(encoding)
        root = parse(content, CALL, limits=XmlLimits(), http_status=200, content_type=content_type)
        assert root.text == "Grüße"

    def test_what_neither_header_nor_declaration_tells_is_no_text(self) -> None:
        content = b"<?xml version='1.0' encoding='utf-8'?><a>\x81SECRET</a>"
        with pytest.raises(EncodingError) as caught:
            parse(
                content,
                CALL,
                limits=XmlLimits(),
                http_status=200,
                content_type="text/xml; charset=windows-1252",
            )
        assert caught.value.__context__ is None or "SECRET" not in repr(caught.value.__context__)

    def test_ascii_is_held_to_its_word(self) -> None:
        assert read("<?xml version='1.0' encoding='US-ASCII'?><a>b</a>").text == "b"
        assert type(failure(GOOD.format("us-ascii"))) is EncodingError

    def test_comments_do_not_split_a_text(self) -> None:
        assert read("<a>1<!-- x -->2<?y z?>3</a>").text == "123"

    def test_a_text_may_hold_what_markup_may_not(self) -> None:
        assert read("<a><![CDATA[<!DOCTYPE x>&foo;]]></a>").text == "<!DOCTYPE x>&foo;"

    def test_a_text_has_a_bound(self) -> None:
        body = "<a>" + "x" * 12_000_000 + "</a>"
        assert type(failure(body)) is ResponseTooLarge
        assert "10,000,000" in str(failure(body))

    def test_depth_is_counted_exactly(self) -> None:
        assert read("<a>" * 100 + "</a>" * 100) is not None
        assert type(failure("<a>" * 101 + "</a>" * 101)) is ResponseTooDeep
        assert type(failure("<a><b><c/></b></a>", max_depth=2)) is ResponseTooDeep
        assert read("<a><b/><b/><b/></a>", max_depth=2) is not None


KINDS: dict[str, tuple[bytes, type[ResponseError]]] = {
    "nothing": (b"", EmptyResponse),
    "blanks": (b" \r\n\t", EmptyResponse),
    "a mark alone": (b"\xef\xbb\xbf", EmptyResponse),
    "a UTF-16 mark alone": (b"\xff\xfe", EmptyResponse),
    "HTML": (b"<html><body>SECRET</body></html>", UnexpectedContent),
    "HTML with a doctype": (b"<!DOCTYPE HTML PUBLIC 'x'><HTML>SECRET", UnexpectedContent),
    "XHTML": (b"<?xml version='1.0'?><!DOCTYPE html><html/>", UnexpectedContent),
    "HTML after a comment": (b"<!-- SECRET -->\n<html>", UnexpectedContent),
    "HTML in another encoding": (b"<html>caf\xe9", UnexpectedContent),
    "HTML in UTF-16": ("<html>SECRET</html>".encode("utf-16"), UnexpectedContent),
    "JSON": (b' {"a": "SECRET"}', UnexpectedContent),
    "a JSON list": (b"[1]", UnexpectedContent),
    "a JSON text": (b'"SECRET"', UnexpectedContent),
    "plain text": (b"Error: SECRET", UnexpectedContent),
    "other text": (b"-> SECRET", UnexpectedContent),
    "a PDF": (b"%PDF-1.7 SECRET", UnexpectedContent),
    "a ZIP": (b"PK\x03\x04SECRET", UnexpectedContent),
    "gzip": (b"\x1f\x8b\x08SECRET", UnexpectedContent),
    "cut within a tag": (b"<SECRET", TruncatedResponse),
    "cut within a value": (b"<a b='SECRET", TruncatedResponse),
    "cut within a text": (b"<a>SECRET", TruncatedResponse),
    "cut before the end": (b"<a><SECRET></SECRET>", TruncatedResponse),
    "cut within CDATA": (b"<a><![CDATA[SECRET]", TruncatedResponse),
    "cut within a comment": (b"<a><!-- SECRET", TruncatedResponse),
    "cut within the first comment": (b"<!-- SECRET", TruncatedResponse),
    "cut within the declaration": (b"<?xml version='1.0'", TruncatedResponse),
    "cut after the declaration": (b"<?xml version='1.0'?>", TruncatedResponse),
    "cut within a character": ("<a>SECRETü".encode()[:-1], TruncatedResponse),
    "cut within UTF-16": ("<a>SECRET".encode("utf-16")[:-1], TruncatedResponse),
    "mismatched tags": (b"<a><SECRET></a>", MalformedResponse),
    "two roots": (b"<a/><SECRET/>", MalformedResponse),
    "text after the root": (b"<a/>SECRET", MalformedResponse),
    "an attribute twice": (b"<a SECRET='1' SECRET='2'/>", MalformedResponse),
    "no quotes": (b"<a b=SECRET></a>", MalformedResponse),
    "an unknown prefix": (b"<SECRET:a/>", MalformedResponse),
    "a lone ampersand": (b"<a>SECRET & b</a>", MalformedResponse),
    "a control character": (b"<a>SECRET\x01</a>", MalformedResponse),
    "a null": (b"<a>SECRET\0</a>", MalformedResponse),
    "a null reference": (b"<a>SECRET&#0;</a>", MalformedResponse),
    "a late declaration": (b" <?xml version='1.0'?><SECRET/>", MalformedResponse),
    "a bad byte": (b"<a>SECRET\xff</a>", EncodingError),
    "an overlong form": (b"<a>SECRET\xc0\xaf</a>", EncodingError),
    "a surrogate": (b"<a>SECRET\xed\xa0\x80</a>", EncodingError),
    "another encoding": ("<a>SECRETü</a>".encode("latin-1"), EncodingError),
    "an unknown encoding": (b"<?xml version='1.0' encoding='SECRET'?><a/>", EncodingError),
    "UTF-7": (b"<?xml version='1.0' encoding='utf-7'?><a>SECRET</a>", EncodingError),
    "EBCDIC declared": (b"<?xml version='1.0' encoding='cp037'?><a>SECRET</a>", EncodingError),
    "UTF-16 declared": (b"<?xml version='1.0' encoding='utf-16'?><SECRET/>", EncodingError),
    "a mark against the declaration": (
        b"\xef\xbb\xbf<?xml version='1.0' encoding='iso-8859-1'?><SECRET/>",
        EncodingError,
    ),
    "UTF-16 against the declaration": (
        "<?xml version='1.0' encoding='utf-8'?><SECRET/>".encode("utf-16"),
        EncodingError,
    ),
    "UTF-32": ("<SECRET/>".encode("utf-32"), EncodingError),
    "no such code page": (
        b"<?xml version='1.0' encoding='windows-1252'?><a>SECRET\x81</a>",
        EncodingError,
    ),
    "a lone surrogate in UTF-16": (b"\xff\xfe<\0a\0>\0\x00\xd8<\0", EncodingError),
    "a doctype": (b"<!DOCTYPE SECRET><a/>", ForbiddenMarkup),
    "a doctype in lower case": (b"<!doctype SECRET><a/>", ForbiddenMarkup),
    "a doctype after a comment": (b"<!-- x --><?y?>\n<!DOCTYPE SECRET [", ForbiddenMarkup),
    "a doctype in UTF-16": ("<!DOCTYPE SECRET><a/>".encode("utf-16"), ForbiddenMarkup),
    "a doctype in UTF-16 without a mark": (
        "<!DOCTYPE SECRET><a/>".encode("utf-16-be"),
        ForbiddenMarkup,
    ),
    "an external entity": (
        b"<?xml version='1.0'?><!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hosts'>]><a>&x;</a>",
        ForbiddenMarkup,
    ),
    "an entity bomb": (
        b"<!DOCTYPE a [<!ENTITY a 'SECRETSECRET'>"
        + b"".join(b"<!ENTITY %c '%s'>" % (98 + i, b"&%c;" % (97 + i) * 10) for i in range(10))
        + b"]><a>&k;</a>",
        ForbiddenMarkup,
    ),
    "an entity": (b"<a>&SECRET;</a>", ForbiddenMarkup),
    "an entity in an attribute": (b"<a b='&SECRET;'/>", ForbiddenMarkup),
    "10,000 deep": (b"<SECRET>" * 10_000 + b"</SECRET>" * 10_000, ResponseTooDeep),
    "10,000 deep and cut": (b"<SECRET>" * 10_000, ResponseTooDeep),
}


class TestHostileAnswers:
    @pytest.mark.parametrize(("content", "kind"), KINDS.values(), ids=KINDS)
    def test_each_has_its_own_error(self, content: bytes, kind: type[ResponseError]) -> None:
        error = failure(content)
        assert type(error) is kind
        assert error.http_status == 200
        assert error.operation == "SubmitAjax"
        assert error.is_retry_safe
        # A decoding error would carry all of the content with it.
        assert error.__cause__ is None
        assert error.__context__ is None
        assert "SECRET" not in f"{error} {error!r} {error.args} {vars(error)}"

    def test_a_place_is_given(self) -> None:
        assert "line 3, column 3" in str(failure("<a>\n\n & </a>"))
        assert "line 2, column 4" in str(failure(b"<a>\nabc\xff</a>"))
        assert "line 2, column 1" in str(failure("<!-- -->\n<!DOCTYPE a>"))

    def test_a_page_is_known_by_its_title(self) -> None:
        page = "<html><head><title>\n  Sign\tin \u2013 ACME\x07 </title></head>SECRET"
        assert "an HTML page with the title 'Sign in \u2013 ACME' came" in str(failure(page))
        long = "<html><title>" + "x" * 500 + "</title>"
        assert len(str(failure(long))) < 200

    def test_a_call_that_changes_is_to_be_looked_up(self) -> None:
        with pytest.raises(MalformedResponse, match="look the outcome up") as caught:
            read("<a", UNSAFE)
        assert not caught.value.is_retry_safe

    def test_bytes_are_bounded(self) -> None:
        assert type(failure("<a>12345678901</a>", max_bytes=10)) is ResponseTooLarge

    def test_markup_is_bounded(self) -> None:
        """A million little elements would fill the memory a hundredfold."""
        many = "<a>" + "<b/>" * 2_000_001 + "</a>"
        assert type(failure(many)) is ResponseTooLarge
        wide = "<a " + " ".join(f"b{i}=''" for i in range(1001)) + "/>"
        assert type(failure(wide, max_markup=1000)) is ResponseTooLarge

    @pytest.mark.parametrize(
        "limits", [{"max_depth": 0}, {"max_depth": 251}, {"max_bytes": 0}, {"max_markup": 0}]
    )
    def test_limits_have_limits(self, limits: dict[str, int]) -> None:
        with pytest.raises(ConfigurationError):
            XmlLimits(**limits)

    def test_nothing_is_fetched(self, tmp_path: Path) -> None:
        other = tmp_path / "other.xml"
        other.write_text("<b>included</b>")
        root = read(
            f"<a xmlns:xi='http://www.w3.org/2001/XInclude'><xi:include href='{other}'/></a>"
        )
        assert "included" not in etree.tostring(root, encoding="unicode")


SEEDS = [
    *(content for content, _ in KINDS.values() if len(content) < 2000),
    GOOD.format("utf-8").encode(),
    GOOD.format("utf-16").encode("utf-16"),
    b"<?xml version='1.0' encoding='iso-8859-1'?><a>\xe4</a>",
]


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    data = bytearray(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.integers(0, 4))):
        at = draw(st.integers(0, len(data)))
        piece = draw(
            st.one_of(
                st.binary(max_size=4),
                st.sampled_from([b"<", b">", b"&", b"]]>", b"<!--", b"<?", b"\0", b"<!DOCTYPE "]),
            )
        )
        data[at : at + draw(st.integers(0, 4))] = piece
    return bytes(data)


@settings(max_examples=500, deadline=None)
@given(content=st.one_of(st.binary(max_size=60), mutated()))
def test_any_bytes_give_an_element_or_our_error(content: bytes) -> None:
    try:
        root = read(content)
    except ResponseError:
        return
    assert isinstance(root.tag, str)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "iso-8859-1"])
def test_every_beginning_of_a_document_is_truncated(encoding: str) -> None:
    text = GOOD.format(encoding).replace("ü", "ü€" if encoding.startswith("utf") else "ü")
    whole = text.encode(encoding)
    mark = 2 if encoding == "utf-16" else 0
    kinds = {cut: type(failure(whole[:cut])) for cut in range(mark + 1, len(whole))}
    assert {cut: kind for cut, kind in kinds.items() if kind is not TruncatedResponse} == {}


# Schemas

XS = "xmlns:xs='http://www.w3.org/2001/XMLSchema' xmlns:t='urn:t' targetNamespace='urn:t'"
MAIN = f"""<xs:schema {XS} elementFormDefault="qualified">
  <xs:include schemaLocation="common.xsd"/>
  <xs:element name="R">
    <xs:complexType>
      <xs:sequence>
        <xs:element name="Id" type="t:Three" minOccurs="0"/>
        <xs:element name="Word" type="t:Word" minOccurs="0"/>
        <xs:element name="Kind" type="t:Kind" minOccurs="0"/>
        <xs:element name="Count" type="xs:int" minOccurs="0"/>
        <xs:element name="When" type="t:When" minOccurs="0"/>
        <xs:element name="File" type="xs:base64Binary" minOccurs="0"/>
        <xs:element name="Some" type="t:Some" minOccurs="0" maxOccurs="3"/>
      </xs:sequence>
    </xs:complexType>
  </xs:element>
</xs:schema>"""
COMMON = f"""<xs:schema {XS} elementFormDefault="qualified">
  <xs:simpleType name="Three">
    <xs:restriction base="xs:string"><xs:length value="3"/></xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Word">
    <xs:restriction base="xs:string">
      <xs:minLength value="2"/><xs:maxLength value="5"/><xs:pattern value="[a-z']*"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="Kind">
    <xs:restriction base="xs:string">
      <xs:enumeration value="Open"/><xs:enumeration value="Closed"/>
    </xs:restriction>
  </xs:simpleType>
  <xs:simpleType name="When"><xs:union memberTypes="xs:date xs:dateTime"/></xs:simpleType>
  <xs:complexType name="Some">
    <xs:sequence><xs:element name="Must" type="xs:string"/></xs:sequence>
    <xs:attribute name="Name" type="t:Word" use="required"/>
    <xs:attribute name="Page" type="xs:short"/>
  </xs:complexType>
</xs:schema>"""
FINE = "<Some Name='ab'><Must/></Some>"
XSI = "xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'"


@pytest.fixture(scope="module")
def main_schema(tmp_path_factory: pytest.TempPathFactory) -> Schema:
    folder = tmp_path_factory.mktemp("schemas")
    (folder / "main.xsd").write_text(MAIN)
    (folder / "common.xsd").write_text(COMMON)
    return compile_schema(folder / "main.xsd")


Refuse = Callable[..., InvalidRequest]


@pytest.fixture
def refuse(main_schema: Schema) -> Refuse:
    def check(
        inner: str, sensitive: frozenset[str] = frozenset(), prefix: str = ""
    ) -> InvalidRequest:
        if prefix:
            text = f"<{prefix}:R xmlns:{prefix}='urn:t'>{inner}</{prefix}:R>"
        else:
            text = f"<R xmlns='urn:t'>{inner}</R>"
        call = Call(vendor="V", operation="O", is_safe=False, sensitive=sensitive)
        with pytest.raises(InvalidRequest) as caught:
            validate(etree.fromstring(text), main_schema, call)
        return caught.value

    return check


class TestValidation:
    @pytest.mark.parametrize(
        ("inner", "path", "value", "rule"),
        [
            (
                "<Id>1234</Id>",
                "R/Id",
                "1234",
                "length of '4'; this differs from the allowed length of '3'",
            ),
            ("<Word>a</Word>", "R/Word", "a", "minimum length of '2'"),
            ("<Word>abcdef</Word>", "R/Word", "abcdef", "maximum length of '5'"),
            ("<Word>AB</Word>", "R/Word", "AB", "not accepted by the pattern '[a-z']*'"),
            ("<Kind>Ajar</Kind>", "R/Kind", "Ajar", "not an element of the set {'Open', 'Closed'}"),
            ("<Count>x</Count>", "R/Count", "x", "not a valid value of the atomic type 'xs:int'"),
            ("<Count/>", "R/Count", "", "not a valid value of the atomic type 'xs:int'"),
            ("<Count>99999999999</Count>", "R/Count", "99999999999", "'xs:int'"),
            ("<When>soon</When>", "R/When", "soon", "not a valid value of the union type 'When'"),
            ("<File>a</File>", "R/File", "a", "xs:base64Binary"),
            ("<Some Name='ab'/>", "R/Some", None, "Missing child element(s). Expected is ( Must )"),
            (
                "<Some><Must/></Some>",
                "R/Some/@Name",
                None,
                "The attribute 'Name' is required but missing",
            ),
            ("<Some Name='ab' Nam='x'><Must/></Some>", "R/Some/@Nam", None, "'Nam' is not allowed"),
            (FINE + "<Some Name='X1'><Must/></Some>", "R/Some[2]/@Name", "X1", "pattern"),
            (
                FINE + "<Some Name='ab' Page='70000'><Must/></Some>" + FINE,
                "R/Some[2]/@Page",
                "70000",
                "xs:short",
            ),
            (FINE * 4, "R/Some[4]", None, "This element is not expected"),
            ("<Some Name='ab'><Must/><More/></Some>", "R/Some/More", None, "not expected"),
            (
                "<Count>1</Count><Id>abc</Id>",
                "R/Id",
                None,
                "This element is not expected. Expected is one of ( When, File, Some )",
            ),
            ("words", "R", None, "Character content other than whitespace is not allowed"),
            ("<Count>1<b/></Count>", "R/Count", None, "Element content is not allowed"),
            (f"<Count {XSI} xsi:nil='true'/>", "R/Count", None, "not 'nillable'"),
        ],
    )
    def test_each_violation_is_told(
        self, refuse: Refuse, inner: str, path: str, value: str | None, rule: str
    ) -> None:
        error = refuse(inner)
        assert (error.path, error.value) == (path, value)
        assert error.rule is not None
        assert rule in error.rule
        assert "{urn:t}" not in str(error)
        assert str(error).startswith(f"V O: {path}: {error.rule}; ")
        assert "nothing was sent" in str(error)
        assert error.__cause__ is None
        assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own pickle

    def test_paths_with_prefixes(self, refuse: Refuse) -> None:
        inner = "<t:Some Name='ab'><t:Must/></t:Some>" * 2 + "<t:Some Name='A'><t:Must/></t:Some>"
        assert refuse(inner, prefix="t").path == "R/Some[3]/@Name"

    def test_within_an_envelope(self, main_schema: Schema) -> None:
        envelope = etree.fromstring(
            f"<e:E xmlns:e='urn:e'><e:B><R xmlns='urn:t'>{FINE}<Some Name='X'/></R></e:B></e:E>"
        )
        with pytest.raises(InvalidRequest) as caught:
            validate(envelope[0][0], main_schema, CALL)
        assert caught.value.path == "R/Some[2]/@Name"

    def test_comments_are_not_counted(self, refuse: Refuse) -> None:
        inner = f"<!-- x -->{FINE}<!-- y --><?z?><Some Name='X'><Must/></Some>"
        assert refuse(inner).path == "R/Some[2]/@Name"

    def test_an_unknown_root(self, main_schema: Schema) -> None:
        with pytest.raises(InvalidRequest) as caught:
            validate(etree.fromstring("<Q/>"), main_schema, CALL)
        assert caught.value.path == "Q"
        assert "No matching global declaration" in (caught.value.rule or "")

    def test_a_long_value_is_cut(self, refuse: Refuse) -> None:
        error = refuse(f"<Word>{'A' * 100_000}</Word>")
        assert len(error.value or "") < 300
        assert len(str(error)) < 1000

    @pytest.mark.parametrize(
        ("inner", "path"),
        [
            ("<Id>SECRET</Id>", "R/Id"),
            ("<Word>SECRET</Word>", "R/Word"),
            ("<Word>SECRET's type 'SECRET'. is not</Word>", "R/Word"),
            ("<Kind>SECRET</Kind>", "R/Kind"),
            ("<Count>SECRET</Count>", "R/Count"),
            ("<Count>the allowed length of 'SECRET'.</Count>", "R/Count"),
            ("<When>SECRET</When>", "R/When"),
            ("<File>SECRET@</File>", "R/File"),
            ("<Some Name='SECRET'><Must/></Some>", "R/Some/@Name"),
            ("<Some Name='ab' Page='SECRET'><Must/></Some>", "R/Some/@Page"),
            (f"<Word {XSI} xsi:nil='true'>SECRET</Word>", "R/Word"),
            ("<Word>SECRET<b/></Word>", "R/Word"),
        ],
    )
    def test_a_secret_is_never_told(self, refuse: Refuse, inner: str, path: str) -> None:
        sensitive = frozenset({"Id", "Word", "Kind", "Count", "When", "File", "Name", "Page"})
        error = refuse(inner, sensitive)
        assert error.path == path
        assert error.value is None
        assert error.rule
        assert error.__cause__ is None
        assert error.__context__ is None
        assert "SECRET" not in f"{error} {error!r} {error.args} {vars(error)}"

    @pytest.mark.parametrize(
        ("inner", "rule"),
        [
            ("<Id>SECRET</Id>", "The value does not have the allowed length of '3'"),
            ("<Word>a</Word>", "The value does not have the allowed minimum length of '2'"),
            ("<Word>AB</Word>", "The value breaks the rule 'pattern' of its type"),
            ("<Kind>SECRET</Kind>", "The value breaks the rule 'enumeration' of its type"),
            ("<Count>SECRET</Count>", "The value is not valid for the type 'xs:int'"),
        ],
    )
    def test_the_rule_for_a_secret_helps_all_the_same(
        self, refuse: Refuse, inner: str, rule: str
    ) -> None:
        assert refuse(inner, frozenset({"Id", "Word", "Kind", "Count"})).rule == rule

    def test_what_is_valid_passes(self, main_schema: Schema) -> None:
        element = etree.fromstring(f"<R xmlns='urn:t'><Word>it's</Word>{FINE}</R>")
        validate(element, main_schema, CALL)

    def test_threads_do_not_mix_their_findings(self, main_schema: Schema) -> None:
        shared = main_schema

        def check(number: int) -> tuple[str, str | None]:
            element = etree.fromstring(f"<R xmlns='urn:t'><Count>x{number}</Count></R>")
            with pytest.raises(InvalidRequest) as caught:
                validate(element, shared, CALL)
            return f"x{number}", caught.value.value

        with ThreadPoolExecutor(8) as pool:
            assert all(sent == told for sent, told in pool.map(check, range(500)))


class TestSchemas:
    def test_each_schema_is_compiled_once(self) -> None:
        barrier = threading.Barrier(8)

        def get(_: int) -> int:
            barrier.wait()
            return id(schema("assuresign/Links.xsd"))

        with ThreadPoolExecutor(8) as pool:
            assert len(set(pool.map(get, range(8)))) == 1

    @pytest.mark.parametrize("name", ["none.xsd", "../main.xsd", "/etc/hosts", ""])
    def test_only_what_is_there(self, name: str) -> None:
        with pytest.raises(ConfigurationError):
            schema(name)

    def test_no_network(self, tmp_path: Path) -> None:
        from tests.support.hostile import answer, hostile

        with hostile(answer(COMMON.encode())) as server:
            (tmp_path / "main.xsd").write_text(
                f"<xs:schema {XS}><xs:include schemaLocation='{server.url}'/>"
                "<xs:element name='A' type='t:Three'/></xs:schema>"
            )
            with pytest.raises(ConfigurationError):
                compile_schema(tmp_path / "main.xsd")
        assert server.connections == 0

    def test_a_damaged_schema(self, tmp_path: Path) -> None:
        (tmp_path / "a.xsd").write_text("<xs:schema")
        with pytest.raises(ConfigurationError):
            compile_schema(tmp_path / "a.xsd")

    def test_the_bundled_ones(self) -> None:
        status = schema("assuresign/CheckStatus.xsd")
        assert schema("assuresign/CheckStatus.xsd") is status
        namespace = "https://www.assuresign.net/Services/DocumentNOW/CheckStatus"
        item = "<DocumentStatusCheck ContextIdentifier='{1}' Id='{0}' AuthToken='{1}'/>"
        good = "00000000-0000-0000-0000-000000000000"
        text = (
            f"<CheckStatus xmlns='{namespace}'><DocumentStatusChecks>"
            + item.format(good, good)
            + item.format("no", good)
            + "</DocumentStatusChecks></CheckStatus>"
        )
        with pytest.raises(InvalidRequest) as caught:
            validate(etree.fromstring(text), status, CALL)
        assert caught.value.path == "CheckStatus/DocumentStatusChecks/DocumentStatusCheck[2]/@Id"
        assert caught.value.value == "no"


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(
        [
            b'<?xml version="1.0" encoding="UTF-8"?><r k="v"><a>t &amp; u</a><!-- c --><b/></r>',
            b'<?xml version="1.0" encoding="utf-8" standalone="yes"?>\r\n<a:r xmlns:a="urn:a"/>',
            b"<r><html>x</html><a>&#65;<![CDATA[b]]></a></r>",
            b"<!DOCTYPE r><r/>",
            b"<HTML><head/></HTML>",
        ]
    ),
    st.lists(st.tuples(st.integers(0, 90), st.integers(0, 2), st.binary(max_size=2)), max_size=2),
    st.sampled_from(["", "text/xml; charset=utf-8", "text/xml; charset=iso-8859-1"]),
)
def test_short_answers_are_read_as_all_others(
    content: bytes, edits: list[tuple[int, int, bytes]], content_type: str
) -> None:
    for begin, length, put in edits:
        content = content[:begin] + put + content[begin + length :]

    def said(reading: Callable[[], etree._Element]) -> object:
        try:
            return etree.tostring(reading())
        except ResponseError as error:
            return type(error), str(error)

    def by_pieces() -> etree._Element:
        reader = XmlReader(CALL, limits=XmlLimits(), http_status=200, content_type=content_type)
        reader.feed(content)
        return reader.finish().root

    at_once = said(
        lambda: parse(content, CALL, limits=XmlLimits(), http_status=200, content_type=content_type)
    )
    assert at_once == said(by_pieces)
