"""Documents of any size at the emulator: in the XML, beside it, and in a form."""

from __future__ import annotations

import base64
import hashlib
import random
import tracemalloc
from collections.abc import Callable, Iterable
from urllib.parse import quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.emulator._wire import (
    LONGEST_INLINE,
    Blob,
    BlobWriter,
    Element,
    MultipartRefused,
    Stream,
    Tokens,
    XmlLimits,
    XmlRefused,
    checked,
    read_form,
    read_parts,
    read_xml,
    transcode,
)
from tests.support.emulator import (
    ACCOUNT,
    MTOM,
    ROOT_TYPE,
    SCHEMAS,
    SIGNIX,
    TEMPLATE,
    Answer,
    action_of,
    control,
    fault,
    get,
    include,
    mtom,
    package,
    post,
    post_mtom,
    post_soap,
    read_package,
    request_element,
    signix,
    soap,
    wrapped,
    xsd,
)

# Past ten million characters libxml2 stops by default.
LARGE = random.Random(0).randbytes(12_000_001)
TRANSACTION = "aefd45aa-6a36-4ab5-8cc8-4dc6e895fa21"
CUSTOMER = (
    "<CustInfo><Sponsor>oem</Sponsor><Client>c</Client><UserId>u</UserId><Pswd>p</Pswd>{}"
    "</CustInfo>"
)


def same(first: bytes, second: bytes) -> bool:
    """Compares documents, which must not stand in the report of pytest."""
    return hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def read(
    pieces: Iterable[bytes], names: frozenset[str] = frozenset({"Data"}), most: int = 1_000_000
) -> tuple[Element, Tokens]:
    return read_xml(pieces, names, XmlLimits(), most)


def submission(data: str) -> str:
    return (
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}"><Metadata DocumentName="Large"/>'
        f'<UnderlyingFile FileType="PDF"><Data>{data}</Data></UnderlyingFile>'
        "</FileDocument></Documents>"
    )


def download_request(answer: Answer, kind: str = "Original") -> str:
    result = answer.one("DocumentResult")
    return (
        f'<Request ContextIdentifier="{ACCOUNT}" DocumentId="{result.get("Id")}"'
        f' AuthToken="{result.get("AuthToken")}" DownloadType="{kind}"/>'
    )


def test_a_large_document_goes_up_and_comes_down_in_the_xml(emulator: EmulatorServer) -> None:
    data = base64.encodebytes(LARGE).decode()
    answer = soap(emulator, "Submit", "SubmitWithFile", submission(data))
    down = soap(emulator, "Download", "Download", download_request(answer))
    assert same(base64.b64decode(down.text("FileData")), LARGE)


def test_a_large_document_goes_up_and_comes_down_beside_the_xml(emulator: EmulatorServer) -> None:
    answer = mtom(emulator, "Submit", "SubmitWithFile", submission(include("file")), file=LARGE)
    down = mtom(emulator, "Download", "Download", download_request(answer))
    assert same(base64.b64decode(down.text("FileData")), LARGE)
    # Each address serves what the other one took.
    down = soap(emulator, "Download", "Download", download_request(answer))
    assert same(base64.b64decode(down.text("FileData")), LARGE)


def signix_submission(data: str, length: int) -> str:
    return (
        f'<SubmitDocumentRq xmlns="{SIGNIX}">{CUSTOMER.format("<Workgroup>SDD</Workgroup>")}'
        f"<Data><TransactionID>{TRANSACTION}</TransactionID>"
        "<DocSetDescription>Set</DocSetDescription><SubmitterEmail>o@example.com</SubmitterEmail>"
        "<ContactInfo/><DeliveryType>SDDDC</DeliveryType><SuspendOnStart>no</SuspendOnStart>"
        "<MemberInfo><RefID>P01</RefID><SSN>910000000</SSN><DOB>00/00/0000</DOB>"
        "<FirstName>A</FirstName><LastName>B</LastName><Email>b@example.com</Email>"
        "<Service>SMSOneClick</Service><MobileNumber>1112223333</MobileNumber></MemberInfo>"
        "<Form><RefID>F1</RefID><Desc>Contract</Desc><FileName>c.pdf</FileName>"
        f"<MimeType>application/pdf</MimeType><Length>{length}</Length><Data>{data}</Data></Form>"
        "</Data></SubmitDocumentRq>"
    )


def test_a_large_document_goes_up_and_comes_down_in_a_form(emulator: EmulatorServer) -> None:
    data = base64.encodebytes(LARGE).decode()
    short = signix(emulator, "SubmitDocument", signix_submission(data, len(LARGE) - 1))
    assert short.text("StatusDesc") == (
        f"The Length of form 1 is {len(LARGE) - 1}; its data has {len(LARGE)} bytes."
    )
    answer = signix(emulator, "SubmitDocument", signix_submission(data, len(LARGE)))
    assert answer.text("StatusCode") == "0"
    control(emulator, "signix/transactions/complete", TRANSACTION)
    down = signix(
        emulator,
        "DownloadDocument",
        f'<DownloadDocumentRq xmlns="{SIGNIX}">{CUSTOMER.format("")}<Data>'
        f"<TransactionID>{TRANSACTION}</TransactionID></Data></DownloadDocumentRq>",
    )
    form = down.one("Form")
    data_element = form.find(f"{{{SIGNIX}}}Data")
    assert data_element is not None
    assert same(base64.b64decode(data_element.text or ""), LARGE)
    assert form.findtext(f"{{{SIGNIX}}}Length") == str(len(LARGE))


# --- what libxml2 judges and what is cut out follow one rule ------------------------------------

GROUPS = LONGEST_INLINE // 4 + 1
VALID = {
    "plain": "{}",
    "no padding": "{}AAAA",
    "one byte more": "{}AA==",
    "two bytes more": "{}AAA=",
    "white space": " \n{}\tA A\r\nA = \n",
    "white space by reference": "&#13;&#xA;{}&#x0d;&#10;AAAA&#9;&#32;",
    "letters by reference": "{}&#65;&#x41;AA",
}
DAMAGED = {
    "cut off": "{}AAA",
    "one letter": "{}A",
    "too much padding": "{}A===",
    "padding alone": "{}====",
    "padding in the middle": "{}AA==AAAA",
    "padding parted": "{}AA=A",
    "stray bits": "{}AB==",
    "more stray bits": "{}AAB=",
    "another alphabet": "{}-_AA",
    "a foreign character for another": "A*AA{}",
    "a foreign character": "{}*",
    "not ASCII": "{}AAA\u00e9",
    "an entity": "{}&amp;AAA",
    "a foreign character by reference": "{}&#42;AAA",
}


@pytest.mark.parametrize("size", ["short", "long"])
@pytest.mark.parametrize("name", [*VALID, *DAMAGED])
def test_base64_is_judged_alike_in_the_xml_and_cut_out(
    emulator: EmulatorServer, name: str, size: str
) -> None:
    groups = "QUJD" * (1 if size == "short" else GROUPS)
    data = (VALID | DAMAGED)[name].format(groups)
    message = wrapped(request_element("Submit", "SubmitWithFile", submission(data)))
    response = post_soap(emulator, "Submit", message, action=action_of("Submit", "SubmitWithFile"))
    if name in DAMAGED:
        code, text = fault(response)
        assert code == "DeserializationFailed"
        assert "base64Binary" in text
        assert len(text) < 1000
    else:
        answer = soap(emulator, "Submit", "SubmitWithFile", submission(data))
        down = soap(emulator, "Download", "Download", download_request(answer))
        expected = base64.b64decode(etree.fromstring(f"<a>{data}</a>").text or "")
        assert same(base64.b64decode(down.text("FileData")), expected)


def test_padding_ends_a_document_also_where_a_piece_ends() -> None:
    start = b"<Data>" + b"AAAA" * GROUPS + b"AA=="
    whole, documents = read([start, b" ", b"</Data>"])
    assert documents.find(whole) is not None
    for more in (b"AAAA", b"A", b"AA=="):
        damaged, documents = read([start, more, b"</Data>"])
        assert documents.find(damaged) is None


def test_a_large_document_that_is_damaged_is_refused_everywhere(emulator: EmulatorServer) -> None:
    data = base64.b64encode(LARGE).decode()
    data = f"{data[:9_000_000]}!{data[9_000_001:]}"
    message = wrapped(request_element("Submit", "SubmitWithFile", submission(data)))
    response = post_soap(emulator, "Submit", message, action=action_of("Submit", "SubmitWithFile"))
    assert "base64Binary" in fault(response)[1]
    response = post_mtom(emulator, "Submit", "SubmitWithFile", package(message))
    assert "base64Binary" in fault(response)[1]
    answer = signix(emulator, "SubmitDocument", signix_submission(data, len(LARGE)))
    assert answer.text("StatusCode") == "101"
    assert "base64Binary" in answer.text("StatusDesc")


def test_a_section_may_hold_a_document(emulator: EmulatorServer) -> None:
    data = f"<![CDATA[{'QUJD' * GROUPS}]]>"
    message = wrapped(request_element("Submit", "SubmitWithFile", submission(data)))
    action = action_of("Submit", "SubmitWithFile")
    assert post_soap(emulator, "Submit", message, action=action).status_code == 200
    text = fault(post_soap(emulator, "Submit", message.replace("]]>", "*]]>"), action=action))[1]
    assert "base64Binary" in text


def test_what_the_schema_refuses_is_not_told_back_whole(emulator: EmulatorServer) -> None:
    content = submission("AAAA").replace('FileType="PDF"', f'FileType="{"A" * 100_000}"')
    message = wrapped(request_element("Submit", "SubmitWithFile", content))
    action = action_of("Submit", "SubmitWithFile")
    text = fault(post_soap(emulator, "Submit", message, action=action))[1]
    assert "FileType" in text
    assert len(text) < 2000


def test_a_large_document_has_no_element_inside(emulator: EmulatorServer) -> None:
    data = "AAAA" * GROUPS
    for inside, refused in (("<!-- -->", False), ("<?x?>", False), ("<x/>", True)):
        content = submission(f"{data}{inside}{data}")
        message = wrapped(request_element("Submit", "SubmitWithFile", content))
        action = action_of("Submit", "SubmitWithFile")
        response = post_soap(emulator, "Submit", message, action=action)
        assert (response.status_code == 500) == refused
        assert ("one text" in response.text) == refused


def test_a_message_cut_off_within_a_large_document_is_refused(emulator: EmulatorServer) -> None:
    message = wrapped(request_element("Submit", "SubmitWithFile", submission("AAAA" * GROUPS)))
    end = message.index("</Data>")
    response = post_soap(
        emulator, "Submit", message[:end], action=action_of("Submit", "SubmitWithFile")
    )
    assert "not well-formed" in fault(response)[1]
    answer = signix(emulator, "SubmitDocument", signix_submission("AAAA" * GROUPS, 1)[:-100])
    assert answer.text("StatusCode") == "101"


def test_only_documents_are_cut_out(emulator: EmulatorServer) -> None:
    # A long text of letters elsewhere is what it is: here, longer than the schema allows.
    text = signix_submission("AAAA", 3).replace("Set<", "A" * LONGEST_INLINE * 2 + "<")
    answer = signix(emulator, "SubmitDocument", text)
    assert answer.text("StatusCode") == "101"
    assert "cvc-maxLength-valid" in answer.text("StatusDesc")


def test_what_is_left_of_a_message_is_bounded() -> None:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, max_message_bytes=10_000)) as emulator:
        data = base64.b64encode(LARGE[:1_000_000]).decode()
        answer = soap(emulator, "Submit", "SubmitWithFile", submission(data))
        assert answer.one("DocumentResult").get("Id")
        message = wrapped(request_element("Ping", "Ping", "<x/>" * 3_000))
        response = post_soap(emulator, "Ping", message, action=action_of("Ping", "Ping"))
        assert fault(response)[1] == "The XML has more than 10000 bytes besides its documents."
        url = f"{emulator.constellation1_url}/v1"
        key = get(f"{url}/encrypt/key/salt").json()["ReturnValue"]
        token = get(f"{url}/gettoken/salt", headers={"Authorization": key}).json()["ReturnValue"]
        created = post(
            f"{url}/sessions",
            content=b"[" * 10_001,
            headers={"Content-Type": "application/json", "Authorization": token},
        )
        assert created.json()["Details"] == "Error: The body is too large."


# --- the reader alone ---------------------------------------------------------------------------

WAYS = (
    "<a><Data>{0}</Data></a>",
    "<a xmlns:p='x'><p:Data q=\">\" z='/>' \n>{0}</p:Data></a>",
    "<?x <Data>?><a><!-- <Data> --><b><![CDATA[<Data>]]></b><Data>{0}</Data></a>",
    "<a><Data/><DataX>A</DataX><Data>{0}</Data ></a>",
    "<a>\u00e9<b c='&lt;Data>'/>\U0001f600<Data>{0}</Data>\u00e9</a>",
    "<a><Data>QQ==</Data><Data>{0}</Data><Data></Data></a>",
)


def test_utf_16_without_its_mark_is_refused() -> None:
    with pytest.raises(XmlRefused, match="byte order mark"):
        list(transcode([b"<a/>"], "utf-16"))


@settings(max_examples=150, deadline=None, database=None)
@given(
    way=st.sampled_from(WAYS),
    content=st.integers(LONGEST_INLINE, LONGEST_INLINE * 2),
    step=st.sampled_from([1021, 4096, 65536, 1_000_000]),
    first=st.integers(0, 300),
    encoding=st.sampled_from(["utf-8", "utf-16"]),
)
def test_a_document_is_found_wherever_a_piece_ends(
    way: str, content: int, step: int, first: int, encoding: str
) -> None:
    document = LARGE[:content]
    text = way.format(base64.b64encode(document).decode())
    raw = text.encode(encoding)
    pieces = [raw[:200], raw[200 : 200 + first]]
    pieces += [raw[place : place + step] for place in range(200 + first, len(raw), step)]
    root, documents = read(transcode(pieces), most=10_000)
    found = [blob for blob in map(documents.find, root) if blob is not None]
    assert len(found) == 1
    assert found[0].read() == document
    # Nothing else has changed.
    whole = etree.fromstring(
        text, etree.XMLParser(huge_tree=True, remove_comments=True, remove_pis=True)
    )
    for ours, theirs in zip(root.iter(), whole.iter(), strict=True):
        assert (ours.tag, dict(ours.attrib), ours.tail) == (
            theirs.tag,
            dict(theirs.attrib),
            theirs.tail,
        )
        assert documents.find(ours) is not None or (ours.text or "") == (theirs.text or "")


@pytest.mark.parametrize(
    "text",
    [
        f"<a><!-- <Data>{'A' * 99_999}</Data> --></a>",
        f"<a><![CDATA[<Data>{'A' * 99_999}</Data>]]></a>",
        f"<a><?x <Data>{'A' * 99_999}</Data>?></a>",
        f"<a b='{'A' * 99_999}'/>",
        f"<a><Data>{'A' * 9_996}</Data></a>",
        f"<a><Other>{'A' * 99_999}</Other></a>",
        f"<a><Data>\n<b>{'A' * 99_999}</b>\n</Data></a>",
    ],
    ids=lambda text: text[:20],
)
@pytest.mark.parametrize("step", [997, 1_000_000])
def test_what_is_no_long_document_stays(text: str, step: int) -> None:
    raw = text.encode()
    root, _ = read(raw[place : place + step] for place in range(0, len(raw), step))
    parser = etree.XMLParser(remove_comments=True, remove_pis=True)
    assert etree.tostring(root) == etree.tostring(etree.fromstring(text, parser))


def test_without_names_no_document_is_taken_out() -> None:
    text = f"<a><Data>{'A' * 99_999}</Data></a>"
    root, _ = read([text.encode()], frozenset())
    assert etree.tostring(root).decode() == text


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no XML document"),
        (" \n", "no XML document"),
        ("<", "not well-formed"),
        (f"<a>{'A' * 99_999}", "not well-formed"),
        (f"<a><Data{' ' * 99_999}", "not well-formed"),
        ("<a/><b/>", "not well-formed"),
        ("<a>&undefined;</a>", "not well-formed"),
        ("<p:a/>", "namespaces are wrong"),
        ("<a><p:b/><c/></a>", "namespaces are wrong"),
        ("<a p:b=''/>", "namespaces are wrong"),
        ("<a xmlns='$http://x'/>", "cannot be used"),
        ("<!DOCTYPE a><a/>", "document type declaration"),
        ("<?x?><!-- --><!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "document type declaration"),
        ("<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>", "document type declaration"),
    ],
)
@pytest.mark.parametrize("step", [1, 1_000_000])
def test_what_is_no_acceptable_xml_is_refused(text: str, words: str, step: int) -> None:
    raw = text.encode()
    with pytest.raises(XmlRefused, match=words):
        read(raw[place : place + step] for place in range(0, len(raw), step))


@pytest.mark.parametrize("step", [1, 1_000_000])
def test_a_declaration_is_passed_over(step: int) -> None:
    raw = '\ufeff \n<?xml version="1.0" encoding="utf-16"?>\n<a b="1 &amp; 2">\u00e9</a>\n'.encode()
    root, _ = read(raw[place : place + step] for place in range(0, len(raw), step))
    assert (root.get("b"), root.text) == ("1 & 2", "\u00e9")


@settings(max_examples=100, deadline=None, database=None)
@given(raw=st.binary(max_size=60), size=st.integers(1, 9))
def test_transcoding_fails_or_agrees_with_python(raw: bytes, size: int) -> None:
    pieces = [raw[place : place + size] for place in range(0, len(raw), size)]
    try:
        expected = raw.decode("utf-8").removeprefix("\ufeff")
    except UnicodeDecodeError:
        with pytest.raises(XmlRefused):
            list(transcode(pieces, "utf-8" if len(raw) < 4 else None))
    else:
        assert b"".join(transcode(pieces, "utf-8")).decode().removeprefix("\ufeff") == expected


@pytest.mark.parametrize("padding", range(8))
def test_an_escape_may_go_on_in_the_next_piece(padding: int) -> None:
    text = "x" * (1024 * 1024 - padding) + "\u00e9"
    (field,) = read_form(Blob.of(f"a={quote_plus(text)}".encode()))
    assert b"".join(field.chunks()) == text.encode()


@settings(max_examples=30, deadline=None, database=None)
@given(value=st.text(max_size=40), padding=st.integers(0, 12))
def test_a_form_field_is_decoded_across_pieces(value: str, padding: int) -> None:
    # The escapes fall upon the border of the pieces in which a form is read.
    long = "x" * (1024 * 1024 - padding) + value
    body = Blob.of(f"a={quote_plus(long)}&b=%2&c".encode())
    first, second, third = read_form(body)
    assert b"".join(first.chunks()).decode() == long
    assert second.text(10) == "%2"
    assert (third.name, third.text(10)) == ("c", "")


# --- memory -------------------------------------------------------------------------------------

MIB = 1024 * 1024
MANY = 48


def peak(work: Callable[[], object]) -> int:
    """Measure the most bytes that Python's allocator had handed out at one time."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_documents() -> None:
    raw = LARGE[: 3 * MIB // 4]
    piece = base64.b64encode(raw)
    written = BlobWriter()

    def receive() -> None:
        written.append(b"method=SubmitDocument&request=%3CData%3E")
        for _ in range(MANY):
            written.append(quote_plus(piece).encode())
        written.append(b"%3C%2FData%3E")

    def take() -> None:
        _, field = read_form(written.sealed())
        message, documents = read(checked(field.chunks()), most=1000)
        blob = documents.find(message)
        assert blob is not None
        assert blob.size == len(raw) * MANY
        answer = Stream(documents.pieces(etree.tostring(message)))
        assert sum(map(len, answer.chunks())) == answer.size == MANY * MIB + len("<Data></Data>")

    assert peak(receive) < 12 * MIB
    assert peak(take) < 12 * MIB


def test_parts_are_shown_and_not_copied() -> None:
    content = LARGE[:MIB] * MANY
    blob = Blob.of(b"--B\r\n\r\n" + content + b"\r\n--B--")

    def read() -> None:
        (part,) = read_parts(blob, "B")
        assert part.content.size == len(content)

    assert peak(read) < 12 * MIB


# --- multipart ----------------------------------------------------------------------------------


def body(message: str, *, head: str = f"Content-Type: {ROOT_TYPE}\r\n") -> bytes:
    return f"--B\r\n{head}\r\n{message}\r\n--B--".encode()


PING = wrapped(request_element("Ping", "Ping"))
PLAIN = 'multipart/related; type="application/xop+xml"; boundary=B'


@pytest.mark.parametrize(
    "content_type", [PLAIN, f'{PLAIN}; start-info="text/xml; action=\\"x\\""', f"{PLAIN};"]
)
def test_the_first_part_is_the_start_where_none_is_named(
    emulator: EmulatorServer, content_type: str
) -> None:
    response = post_mtom(emulator, "Ping", "Ping", body(PING), content_type)
    assert response.status_code == 200, response.text
    xsd("assuresign/Ping.xsd").assertValid(read_package(response))


def test_an_mtom_address_takes_a_text_request(emulator: EmulatorServer) -> None:
    message = wrapped(request_element("Ping", "Ping")).encode()
    response = post_mtom(emulator, "Ping", "Ping", message, "text/xml; charset=utf-8")
    assert response.status_code == 200
    assert read_package(response)[0].get("Success") == "true"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/xop+xml",
        "multipart/related",
        'multipart/related; type="text/xml"; boundary=B',
        f'{PLAIN}; start-info="application/soap+xml"',
        f"{PLAIN}; start",
        "multipart/form-data; boundary=B",
        "",
    ],
)
def test_an_mtom_address_takes_mtom_or_text_alone(
    emulator: EmulatorServer, content_type: str
) -> None:
    response = post_mtom(emulator, "Ping", "Ping", body(PING), content_type)
    assert response.status_code == 415
    assert "MTOM" in response.text


MALFORMED = {
    "empty": b"",
    "no boundary in it": PING.encode(),
    "cut off": body(PING)[:-6],
    "cut off within the closing boundary": body(PING)[:-1],
    "cut off after the head": body(PING)[:60],
    "line feeds alone": body(PING).replace(b"\r\n", b"\n"),
    "another boundary": body(PING).replace(b"--B", b"--C"),
    "nothing but an end": b"--B--\r\n",
    "no blank line": b"--B\r\nContent-Type: text/xml\r\n--B--",
    "a header without a colon": body(PING, head="nonsense\r\n"),
    "a header twice": body(PING, head="A: b\r\na: c\r\n"),
    "no content type": body(PING, head="A: b\r\n"),
    "no headers": body(PING, head=""),
    "another content type": body(PING, head="Content-Type: text/xml\r\n"),
    "SOAP 1.2": body(
        PING, head='Content-Type: application/xop+xml; type="application/soap+xml"\r\n'
    ),
    "base64": body(
        PING, head=f"Content-Type: {ROOT_TYPE}\r\nContent-Transfer-Encoding: base64\r\n"
    ),
    "a boundary with more": body(PING).replace(b"--B\r\n", b"--B more\r\n", 1),
    "many parts": b"--B\r\n\r\n\r\n" * 1001 + b"--B--",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_package_is_a_bad_request(emulator: EmulatorServer, name: str) -> None:
    response = post_mtom(emulator, "Ping", "Ping", MALFORMED[name], PLAIN)
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_a_start_that_is_missing_and_an_id_given_twice_are_bad_requests(
    emulator: EmulatorServer,
) -> None:
    elsewhere = MTOM.replace("root@test", "other@test")
    assert post_mtom(emulator, "Ping", "Ping", package(PING), elsewhere).status_code == 400
    twice = package(PING, a=b"1", b=b"2").replace(b"<b/1", b"<a/1")
    assert post_mtom(emulator, "Ping", "Ping", twice).status_code == 400
    no_boundary = 'multipart/related; type="application/xop+xml"'
    assert post_mtom(emulator, "Ping", "Ping", package(PING), no_boundary).status_code == 400


REFERENCES = {
    "no such part": (include("other"), "not there"),
    "an address": ('<x:Include xmlns:x="{x}" href="http://example.com/"/>', "cid:"),
    "no address": ('<x:Include xmlns:x="{x}"/>', "cid:"),
    "text beside it": (f"AAAA{include('file')}", "all that"),
    "text after it": (f"{include('file')}AAAA", "all that"),
    "two of them": (include("file") * 2, "all that"),
    "text inside": (include("file").replace("/>", ">AAAA</x:Include>"), "all that"),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_wrong_reference_is_a_fault_in_a_package(emulator: EmulatorServer, name: str) -> None:
    reference, words = REFERENCES[name]
    reference = reference.replace("{x}", "http://www.w3.org/2004/08/xop/include")
    message = wrapped(request_element("Submit", "SubmitWithFile", submission(reference)))
    response = post_mtom(emulator, "Submit", "SubmitWithFile", package(message, file=b"abc"))
    assert response.headers["content-type"].startswith("multipart/related")
    code, text = fault(response)
    assert code == "DeserializationFailed"
    assert words in text


def test_a_reference_is_for_documents_alone(emulator: EmulatorServer) -> None:
    content = submission("AAAA").replace(
        '<Metadata DocumentName="Large"/>',
        "<Metadata><TermsAndConditions><AdditionalComplianceStatement>"
        f"{include('file')}</AdditionalComplianceStatement></TermsAndConditions></Metadata>",
    )
    message = wrapped(request_element("Submit", "SubmitWithFile", content))
    response = post_mtom(emulator, "Submit", "SubmitWithFile", package(message, file=b"abc"))
    assert "holds no document" in fault(response)[1]


def test_at_a_text_address_a_reference_leads_nowhere(emulator: EmulatorServer) -> None:
    message = wrapped(request_element("Submit", "SubmitWithFile", submission(include("file"))))
    response = post_soap(emulator, "Submit", message, action=action_of("Submit", "SubmitWithFile"))
    assert "not there" in fault(response)[1]


AWKWARD = {
    "empty": b"",
    "line breaks": b"\r\n\r\n\n\r",
    "nearly the boundary": b"\r\n--=_a boundar\r\n--=_a boundaryX\r\n--",
    "dashes": b"--" * 1000,
    "the boundary inside a line": b"x--=_a boundary\r\n",
}


@pytest.mark.parametrize("name", AWKWARD)
def test_a_part_is_taken_as_it_is(emulator: EmulatorServer, name: str) -> None:
    answer = mtom(emulator, "Submit", "SubmitWithFile", submission(include("f")), f=AWKWARD[name])
    down = mtom(emulator, "Download", "Download", download_request(answer))
    assert base64.b64decode(down.text("FileData")) == AWKWARD[name]


def test_base64_may_stand_in_the_xml_of_a_package_too(emulator: EmulatorServer) -> None:
    content = submission("QUJD").replace("</Documents>", "") + submission(
        include("f")
    ).removeprefix("<Documents>")
    answer = mtom(emulator, "Submit", "SubmitWithFile", content, f=b"beside", unused=b"x")
    for result, expected in zip(answer.all("DocumentResult"), (b"ABC", b"beside"), strict=True):
        down = mtom(emulator, "Download", "Download", download_request(Answer(200, result)))
        assert base64.b64decode(down.text("FileData")) == expected


def test_attachments_and_templates_travel_as_parts(emulator: EmulatorServer) -> None:
    created = mtom(
        emulator,
        "Envelopes",
        "CreateEnvelope",
        f'<Request ContextIdentifier="{ACCOUNT}"><Attachments><EnvelopeAttachment Name="a"'
        f' Extension="pdf"><FileData>{include("f")}</FileData></EnvelopeAttachment></Attachments>'
        "</Request>",
        f=LARGE[:100_000],
    )
    assert created.one("CreateEnvelopeResult").get("EnvelopeId")
    paper = mtom(
        emulator,
        "DownloadTemplate",
        "DownloadTemplate",
        f'<Request ContextIdentifier="{ACCOUNT}" TemplateId="{TEMPLATE}"/>',
    )
    assert base64.b64decode(paper.text("FileData")).startswith(b"%PDF-")


@settings(max_examples=100, deadline=None, database=None)
@given(
    contents=st.lists(st.binary(max_size=30).map(lambda raw: b"h: v\r\n\r\n" + raw), max_size=5),
    padding=st.integers(0, 12),
)
def test_parts_are_found_across_pieces(contents: list[bytes], padding: int) -> None:
    # The boundary falls upon the border of the pieces in which a body is read.
    contents = [b"h: v\r\n\r\n" + b"x" * (1024 * 1024 - 40 + padding), *contents]
    raw = b"".join(b"--=_unlikely\r\n" + content + b"\r\n" for content in contents)
    parts = read_parts(Blob.of(raw + b"--=_unlikely--"), "=_unlikely")
    assert [part.content.read() for part in parts] == [content[8:] for content in contents]
    with pytest.raises(MultipartRefused):
        read_parts(Blob.of(raw), "=_unlikely")
