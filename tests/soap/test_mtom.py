"""MTOM: what is sent, judged by another parser, and what may come back."""

from __future__ import annotations

import base64
import email
import email.policy
import random
from collections.abc import Iterable
from email.message import EmailMessage
from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esignwire._call import Call
from esignwire._documents import ReceivedDocument, splice_mtom, upload_of
from esignwire._soap import MtomReader, media_type
from esignwire._xml import XmlLimits, XmlReader
from esignwire.errors import (
    InvalidRequest,
    MalformedResponse,
    ResponseError,
    ResponseTooLarge,
    TruncatedResponse,
)

READ = Call(vendor="AssureSign", operation="Download", is_safe=True)
CHANGE = Call(vendor="AssureSign", operation="SubmitWithFile", is_safe=False)
XOP = "http://www.w3.org/2004/08/xop/include"
LARGE = random.Random(1).randbytes(300_000)


# What is sent


def sent(envelope: bytes, **documents: object) -> tuple[str, bytes]:
    uploads = {
        token: upload_of(source or ReceivedDocument()) for token, source in documents.items()
    }
    content_type, body = splice_mtom(envelope, uploads, CHANGE)
    content = b"".join(body.chunks())
    assert body.measure() == len(content)
    assert b"".join(body.chunks()) == content
    return content_type, content


def by_email(content_type: str, content: bytes) -> EmailMessage:
    """The message as Python's mail parser sees it."""
    message = email.message_from_bytes(
        f"Content-Type: {content_type}\r\nMIME-Version: 1.0\r\n\r\n".encode() + content,
        policy=email.policy.HTTP,
    )
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


@pytest.mark.parametrize(
    "contents",
    [
        [],
        [LARGE],
        [b"", LARGE, b"\r\n--", b"\r\n", b"--", bytes(range(256)) * 300],
        [b"%PDF-1.7\r\n\r\n--esignwire-\r\n" * 40],
    ],
    ids=["none", "one", "awkward", "boundaries"],
)
def test_another_parser_understands_what_is_sent(contents: list[bytes]) -> None:
    tokens = [f"token{number}" for number in range(len(contents))]
    inner = "".join(f"<d>{token}</d>" for token in tokens)
    envelope = f'<?xml version="1.0"?><s:Envelope xmlns:s="urn:s">{inner}</s:Envelope>'.encode()
    content_type, content = sent(envelope, **dict(zip(tokens, contents, strict=True)))
    message = by_email(content_type, content)
    assert message.get_content_type() == "multipart/related"
    assert message.get_param("type") == "application/xop+xml"
    assert message.get_param("start-info") == "text/xml"
    root, *parts = list(message.iter_parts())
    assert root["Content-ID"] == message.get_param("start")
    assert root.get_content_type() == "application/xop+xml"
    assert root.get_param("type") == "text/xml"
    assert root.get_param("charset", "").lower() == "utf-8"  # type: ignore[union-attr]  # a str, for this header
    found = {}
    for part in parts:
        assert part["Content-Transfer-Encoding"] == "binary"
        assert part.get_content_type() == "application/octet-stream"
        found[part["Content-ID"]] = part.get_payload(decode=True)
    tree = etree.fromstring(root.get_payload(decode=True))
    includes = list(tree.iter(f"{{{XOP}}}Include"))
    assert [
        found.pop(f"<{include.get('href').removeprefix('cid:')}>") for include in includes
    ] == contents
    assert not found


def test_boundaries_cannot_be_guessed() -> None:
    types = {sent(b"<a/>")[0] for _ in range(5)}
    assert len(types) == 5


def test_a_document_that_lost_its_place_is_refused() -> None:
    with pytest.raises(InvalidRequest, match="lost its place"):
        sent(b"<a/>", token=LARGE)


# What comes back


def message(
    *parts: tuple[str, bytes], boundary: bytes = b"b", preamble: bytes = b"", epilogue: bytes = b""
) -> bytes:
    """A multipart message; each part has its headers as text, and its content."""
    out = preamble
    for headers, content in parts:
        lines = headers.replace("\n", "\r\n")
        out += b"--" + boundary + b"\r\n" + (lines + "\r\n" if lines else "").encode()
        out += b"\r\n" + content + b"\r\n"
    return out + b"--" + boundary + b"--" + epilogue


def envelope(*references: str) -> bytes:
    inner = "".join(
        f'<d><x:Include xmlns:x="{XOP}" href="{reference}"/></d>' for reference in references
    )
    return f'<?xml version="1.0" encoding="utf-8"?><a>{inner}</a>'.encode()


ROOT = 'Content-ID: <root>\nContent-Type: application/xop+xml; type="text/xml"'


def reader_of(
    parameters: dict[str, str], *, call: Call = READ, most: int = 10_000, status: int = 200
) -> MtomReader:
    """A reader of envelopes in which each d within a holds a document."""
    envelope = XmlReader(
        call,
        limits=XmlLimits(max_bytes=most),
        http_status=status,
        documents=frozenset({"a/d"}),
    )
    return MtomReader(call, parameters, envelope=envelope, http_status=status)


def read(
    content: bytes | Iterable[bytes],
    content_type: str = 'multipart/related; boundary="b"; start="<root>"',
    *,
    call: Call = READ,
    most: int = 1_000_000,
    status: int = 200,
) -> list[ReceivedDocument]:
    """The documents in the order of the envelope's references."""
    reader = reader_of(media_type(content_type)[1], call=call, most=most, status=status)
    for chunk in [content] if isinstance(content, bytes) else content:
        reader.feed(chunk)
    received = reader.finish()
    found = [received.documents.pop(element.text or "") for element in received.root.iter("d")]
    assert not received.documents
    return found


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


@pytest.mark.parametrize("size", [1, 2, 5, 1000, 65_536, 10_000_000])
@pytest.mark.parametrize(
    ("before", "after"), [(b"", b""), (b"A preamble\r\n", b"\r\nAn epilogue --b-- <a/>")]
)
def test_pieces_of_any_size(size: int, before: bytes, after: bytes) -> None:
    content = message(
        (ROOT, envelope("cid:one", "cid:two")),
        ("Content-ID: <one>", LARGE[:20_000]),
        ("Content-ID: <two>\nContent-Transfer-Encoding: BINARY", b"\r\n--\r\n--c\r\n\r\n"),
        preamble=before,
        epilogue=after,
    )
    assert read(in_pieces(content, size)) == [LARGE[:20_000], b"\r\n--\r\n--c\r\n\r\n"]


def test_a_large_part_lies_in_a_file() -> None:
    content = LARGE * 10
    (document,) = read(
        in_pieces(message((ROOT, envelope("cid:1")), ("Content-ID: <1>", content)), 65_536)
    )
    assert document.size == len(content)
    assert document == content


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/related; boundary=b", b"b"),
        ("Multipart/Related;Boundary=b", b"b"),
        ('multipart/related; type="application/xop+xml;x"; boundary="a b:c=?"', b"a b:c=?"),
        ('multipart/related ;\tboundary="\\"q\\\\"', b'"q\\'),
        ("multipart/related; boundary=b; boundary=c", b"b"),
        ('multipart/related; start-info="a; boundary=c"; boundary=b', b"b"),
        ("multipart/related; boundary=uuid:0ca0e16e+id=1", b"uuid:0ca0e16e+id=1"),
        (f"multipart/related; boundary={'b' * 200}", b"b" * 200),
    ],
)  # fmt: skip
def test_any_boundary(content_type: str, boundary: bytes) -> None:
    content = message((ROOT, envelope("cid:one")), ("Content-ID: <one>", LARGE), boundary=boundary)
    assert read(content, content_type) == [LARGE]


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related",
        'multipart/related; boundary=""',
        "multipart/related; boundary",
        "multipart/related; boundary=\u00e4",
        f"multipart/related; boundary={'b' * 201}",
        "multipart/related; xboundary=b",
    ],
)
def test_without_a_boundary(content_type: str) -> None:
    with pytest.raises(MalformedResponse, match="names no boundary"):
        read(b"", content_type)


def test_the_envelope_may_stand_anywhere() -> None:
    parts = [("Content-ID: <one>", LARGE), (ROOT, envelope("cid:two", "cid:one"))]
    parts.append(("Content-ID: <two>", b"2"))
    assert read(message(*parts)) == [b"2", LARGE]


def test_without_a_start_the_first_part_is_the_envelope() -> None:
    content = message(
        ("Content-Type: application/xop+xml", envelope("cid:one")), ("Content-ID: <one>", LARGE)
    )
    assert read(content, "multipart/related; boundary=b") == [LARGE]


@pytest.mark.parametrize("start", ["<root>", "root", " <root> "])
def test_a_start_with_and_without_brackets(start: str) -> None:
    content = message(("", b"not XML"), (ROOT, envelope()))
    assert read(content, f'multipart/related; boundary=b; start="{start}"') == []


@pytest.mark.parametrize(
    "identifier", ["one@example.com", "a b", "a%20b", "50%", "a+b/c=d", "caf\u00e9", "http://x/1"]
)
def test_references_are_percent_decoded(identifier: str) -> None:
    # As it should be, with everything encoded, and as some write it.
    for reference in (quote(identifier, safe="@"), quote(identifier, safe=""), identifier):
        for scheme in ("cid", "CID"):
            content = message(
                (ROOT, envelope(quote_xml(f"{scheme}:{reference}"))),
                (f"Content-ID: <{identifier}>", LARGE),
            )
            assert read(content) == [LARGE]


def quote_xml(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")


def test_headers_in_any_form() -> None:
    content = message(
        (ROOT, envelope("cid:one", "cid:two", "cid:three")),
        ("content-id:\n <one>\nX-Long: a\n\tb", b"1"),
        ("CONTENT-ID:<two>\nno header\n: nothing\nContent-ID: <other>", b"2"),
        ("Content-ID: three", b"3"),
    )
    assert read(content) == [b"1", b"2", b"3"]
    padded = content.replace(b"--b\r\n", b"--b \t\r\n").replace(b"--b--", b"--b--  \r\n")
    assert read(padded) == [b"1", b"2", b"3"]


def test_empty_parts() -> None:
    content = message((ROOT, envelope("cid:one", "cid:two")), ("Content-ID: <one>", b""))
    content = content.removesuffix(b"--b--")
    # Some leave out the line end of an empty part.
    content += b"--b\r\nContent-ID: <two>\r\n\r\n--b--"
    assert read(content) == [b"", b""]
    assert read(in_pieces(content, 1)) == [b"", b""]


def test_a_part_that_nobody_refers_to_is_left_aside() -> None:
    content = message((ROOT, envelope()), ("Content-ID: <one>", LARGE), ("X: y", LARGE))
    assert read(content) == []


def test_two_references_to_one_part() -> None:
    content = message((ROOT, envelope("cid:one", "cid:one")), ("Content-ID: <one>", LARGE))
    assert read(content) == [LARGE, LARGE]


def test_base64_in_the_envelope_is_a_document_too() -> None:
    text = base64.b64encode(LARGE)
    inner = f'<a><d>{text.decode()}</d><d><x:Include xmlns:x="{XOP}" href="cid:1"/></d></a>'
    content = message((ROOT, inner.encode()), ("Content-ID: <1>", b"1"))
    assert read(in_pieces(content, 65_536), most=10_000) == [LARGE, b"1"]


@pytest.mark.parametrize("name", ["one", "cid:one"])
def test_a_content_id_is_no_token(name: str) -> None:
    """Text that happens to be the name of a part stays text."""
    reader = reader_of({"boundary": "b"})
    reader.feed(message((ROOT, f"<a>{name}</a>".encode()), ("Content-ID: <one>", b"1")))
    received = reader.finish()
    assert received.root.text == name
    assert received.documents == {}


def test_a_reference_where_the_schema_knows_no_document_stays() -> None:
    reader = reader_of({"boundary": "b"})
    reader.feed(message((ROOT, BARE), ("Content-ID: 1", b"1")))
    received = reader.finish()
    assert received.root.tag == f"{{{XOP}}}Include"
    assert received.documents == {}


BARE = f'<Include xmlns="{XOP}" href="cid:1"/>'.encode()


def beside(found: bytes, other: bytes) -> bytes:
    """A message whose reference does not stand alone."""
    return message((ROOT, envelope("cid:1").replace(found, other)), ("Content-ID: 1", b""))


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (message((ROOT, envelope("cid:one"))), "refers to a part that is not there"),
        (message((ROOT, envelope("one")), ("Content-ID: <one>", b"")), "that is not there"),
        (message((ROOT, envelope("http://x/one")), ("Content-ID: <one>", b"")), "not there"),
        (message((ROOT, envelope("")), ("", b"")), "not there"),
        (beside(b"<d>", b"<d>AAAA"), "where other content stands too"),
        (beside(b"</d>", b"x</d>"), "where other content stands too"),
        (beside(b"</d>", b"<e/></d>"), "where other content stands too"),
        (message(("Content-ID: <one>", b"1")), "it has no envelope"),
        (message((ROOT, b"<a/>"), (ROOT, b"<a/>")), "two envelopes"),
        (
            message((ROOT, b"<a/>"), ("Content-ID: 1", b"1"), ("Content-ID: <1>", b"2")),
            "the same Content-ID",
        ),
        (
            message((ROOT, b"<a/>"), ("Content-ID: 1\nContent-Transfer-Encoding: base64", b"MQ==")),
            "encoded as 'base64'",
        ),
        (message((ROOT, b"<a/>"), ("X: " + "x" * 20_000, b"1")), "endless headers"),
        (message((ROOT, b"<a/>"), *[("", b"")] * 1_001), "more than 1,000 parts"),
    ],
)  # fmt: skip
def test_what_cannot_be_read(content: bytes, why: str) -> None:
    with pytest.raises(MalformedResponse, match=why) as caught:
        read(content)
    assert caught.value.is_retry_safe
    assert caught.value.http_status == 200
    with pytest.raises(MalformedResponse, match="look the outcome up") as caught:
        read(content, call=CHANGE)
    assert not caught.value.is_retry_safe


def test_headers_without_end_are_not_waited_for() -> None:
    reader = reader_of({"boundary": "b"})
    reader.feed(b"--b\r\nX: ")
    for _ in range(16):
        reader.feed(b"x" * 1_000)
    with pytest.raises(MalformedResponse, match="endless headers"):
        reader.feed(b"x" * 1_000)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nothing of the kind",
        message((ROOT, envelope("cid:one")), ("Content-ID: <one>", LARGE))[:-2],
        message((ROOT, envelope("cid:one")), ("Content-ID: <one>", LARGE))[:-6],
        message((ROOT, envelope("cid:one")), ("Content-ID: <one>", LARGE))[:200_000],
        message((ROOT, envelope("cid:one")))[:40],
        b"--b\r\nContent-ID: <root>\r\n\r\n<a/>\r\n--b\r\nContent-ID: <1>\r\n--b--",
    ],
)
@pytest.mark.parametrize("size", [7, 10_000_000])
def test_a_truncated_message(content: bytes, size: int) -> None:
    with pytest.raises(TruncatedResponse, match="before its last part is complete") as caught:
        read(in_pieces(content, size))
    assert caught.value.is_retry_safe
    with pytest.raises(TruncatedResponse, match="look the outcome up"):
        read(in_pieces(content, size), call=CHANGE)


def test_an_envelope_that_is_too_large() -> None:
    content = message((ROOT, b"<a>" + b"x y" * 10_000 + b"</a>"))
    with pytest.raises(ResponseTooLarge, match="raise max_response_bytes"):
        read(content, most=10_000)


@given(
    contents=st.lists(st.binary(max_size=300), max_size=4),
    cuts=st.lists(st.integers(0, 2_000), max_size=8),
    boundary=st.from_regex(r"[A-Za-z0-9'+_,\-./:=?]{1,70}", fullmatch=True),
)
def test_any_content_in_any_pieces(contents: list[bytes], cuts: list[int], boundary: str) -> None:
    delimiter = f"\r\n--{boundary}".encode()
    contents = [one for one in contents if delimiter not in b"\r\n" + one + b"\r\n"]
    identifiers = [f"{number}@x" for number in range(len(contents))]
    parts = [
        (f"Content-ID: <{name}>", one) for name, one in zip(identifiers, contents, strict=True)
    ]
    whole = message(
        (ROOT, envelope(*(f"cid:{name}" for name in identifiers))),
        *parts,
        boundary=boundary.encode(),
    )
    borders = [0, *sorted(min(one, len(whole)) for one in cuts), len(whole)]
    chunks = [whole[start:end] for start, end in pairwise(borders)]
    kind = f'multipart/related; boundary="{boundary}"; start="<root>"'
    assert read(chunks, kind) == contents


@given(text=st.text(max_size=80))
def test_no_content_type_breaks_it(text: str) -> None:
    kind, parameters = media_type(text)
    assert kind == kind.lower()
    assert all(name == name.lower() for name in parameters)


@given(
    content=st.lists(
        st.sampled_from([b"--b", b"\r\n", b"\r\n--b", b"--", b"Content-ID: <root>", b":", b"<a/>"])
        | st.binary(max_size=5),
        max_size=40,
    ).map(b"".join),
    size=st.integers(1, 50),
)
def test_no_bytes_break_it(content: bytes, size: int) -> None:
    reader = reader_of({"boundary": "b"})
    try:
        for chunk in in_pieces(content, size):
            reader.feed(chunk)
        reader.finish()
    except ResponseError:
        return
    assert b"--b" in content
