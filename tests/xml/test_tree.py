"""Documents in XML answers, where the schema says that they are due."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esignwire._call import Call
from esignwire._xml import ReceivedXml, XmlLimits, XmlReader
from esignwire.errors import (
    ForbiddenMarkup,
    MalformedResponse,
    ResponseError,
    ResponseTooDeep,
    ResponseTooLarge,
    TruncatedResponse,
)
from tests.xml.test_reader import GOOD, KINDS, SEEDS

READ = Call(vendor="AssureSign", operation="Download", is_safe=True)
CHANGE = Call(vendor="AssureSign", operation="SubmitWithFile", is_safe=False)
LARGE = os.urandom(120_000)
# So much at least comes before the reader judges an answer that has not ended.
PADDING = b"<!-- " + b"x" * 4_000 + b" -->"
DUE = frozenset({"a/b", "a/c/b"})


def read(
    chunks: bytes | Iterable[bytes],
    *,
    call: Call = READ,
    documents: frozenset[str] = DUE,
    content_type: str = "text/xml; charset=utf-8",
    **limits: int,
) -> ReceivedXml:
    reader = XmlReader(
        call,
        limits=XmlLimits(**limits),
        http_status=200,
        content_type=content_type,
        documents=documents,
        namespaces=frozenset({"urn:ours", "urn:also-ours"}),
    )
    try:
        for chunk in [chunks] if isinstance(chunks, bytes) else chunks:
            reader.feed(chunk)
        return reader.finish()
    except BaseException:
        reader.discard()
        raise


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def lines(content: bytes, end: bytes = b"\r\n", width: int = 76) -> bytes:
    return end.join(in_pieces(base64.b64encode(content), width)) + end


def content_of(received: ReceivedXml, element: etree._Element) -> bytes:
    """What a decoder reads from the element of a document."""
    document = received.documents.get(element.text or "")
    return document.read() if document else base64.b64decode(element.text or "", validate=True)


def only(chunks: bytes | Iterable[bytes]) -> bytes:
    """The document in the one element b of the root a."""
    received = read(chunks)
    (element,) = received.root
    assert len(received.documents) <= 1
    return content_of(received, element)


def document(text: bytes, before: bytes = b"", after: bytes = b"") -> bytes:
    return b'<?xml version="1.0" encoding="utf-8"?><a>%b<b>%b</b>%b</a>' % (before, text, after)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4096, 65_536, 10_000_000])
def test_pieces_of_any_size(size: int) -> None:
    content = document(base64.b64encode(LARGE), after=b"<d e='f'>x</d>")
    received = read(in_pieces(content, size))
    ((token, found),) = received.documents.items()
    assert found == LARGE
    text = f'<a><b>{token}</b><d e="f">x</d></a>'
    assert etree.tostring(received.root, encoding="unicode") == text


@pytest.mark.parametrize("length", [0, 1, 2, 3, 4, 100, 4_095, 4_096, 50_000])
def test_short_and_long_documents_are_read_alike(length: int) -> None:
    content = LARGE[:length]
    assert only(document(base64.b64encode(content))) == content
    assert only(document(lines(content))) == content


@pytest.mark.parametrize(
    "end",
    [b"\r\n", b"\n", b"\r", b"&#13;\n", b"&#xD;&#xA;", b"&#x0d;\n", b"&#10;", b" \t", b"&#32;"],
    ids=ascii,
)
@pytest.mark.parametrize("size", [5, 65_536])
def test_base64_in_lines(end: bytes, size: int) -> None:
    assert only(in_pieces(document(b"\n  " + lines(LARGE, end) + b"  "), size)) == LARGE


def test_a_letter_may_be_a_reference() -> None:
    content = LARGE[:100_000]
    text = base64.b64encode(content).replace(b"=", b"&#61;").replace(b"+", b"&#x2B;")
    assert only(document(text)) == content


INTERRUPTIONS = {
    "a comment": b"<!-- > ]]> ' \" -->",
    "two comments and a blank": b"<!----> <!-- QUJD -->\r\n",
    "a processing instruction": b"<?pi QUJD > ' ?>",
    "CDATA": b"<![CDATA[]]>",
    "a border of CDATA": b"]]><![CDATA[",
    "text between CDATA": b"]]>\n<!-- x -->\n<![CDATA[",
}


@pytest.mark.parametrize("interruption", INTERRUPTIONS.values(), ids=INTERRUPTIONS)
@pytest.mark.parametrize("places", [[0], [1], [70_001], [-3], [1, 2, 70_001, -3]], ids=str)
@pytest.mark.parametrize("size", [1, 65_536])
def test_what_is_no_tag_interrupts_a_document_and_ends_none(
    interruption: bytes, places: list[int], size: int
) -> None:
    text = lines(LARGE)
    for place in reversed(places):
        text = text[:place] + interruption + text[place:]
    if interruption.startswith(b"]]>"):
        text = b"<![CDATA[" + text + b"]]>"
    assert only(in_pieces(document(text), size)) == LARGE


@given(
    length=st.integers(0, 3) | st.integers(0, 9_000),
    places=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(range(4))), max_size=6),
    cuts=st.lists(st.integers(0, 12_000), max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "iso-8859-1", "utf-16"]),
)
def test_any_pieces_give_the_same(
    length: int, places: list[tuple[float, int]], cuts: list[int], encoding: str
) -> None:
    kinds = list(INTERRUPTIONS.values())
    text = base64.b64encode(LARGE[:length])
    whole = len(text)
    for part, kind in sorted(places, reverse=True):
        place = int(part * whole)
        text = text[:place] + kinds[kind] + text[place:]
    declared = encoding.removesuffix("-sig")
    content = (
        f"<?xml version='1.0' encoding='{declared}'?><!-- x --><a k='&amp;&lt;'>ü&amp;<b>"
        f"{text.decode()}</b>tail<d>é<!-- --><![CDATA[<x>&]]></d></a>"
    ).encode(encoding)
    borders = [0, *sorted(min(one, len(content)) for one in cuts), len(content)]
    received = read([content[s:e] for s, e in pairwise(borders)], content_type="")
    assert content_of(received, received.root[0]) == LARGE[:length]
    assert received.root.get("k") == "&<"
    assert received.root.text == "ü&"
    assert received.root[0].tail == "tail"
    assert received.root[1].text == "é<x>&"


@given(
    content=st.one_of(st.sampled_from(SEEDS), st.binary(max_size=60)),
    size=st.integers(1, 50),
    is_long=st.booleans(),
)
def test_damage_is_told_alike_with_and_without_documents(
    content: bytes, size: int, is_long: bool
) -> None:
    if is_long:
        content = content.replace(b"<a>", b"<a>" + PADDING * 2, 1)

    def outcome(chunks: bytes | list[bytes], documents: frozenset[str]) -> object:
        try:
            return etree.tostring(read(chunks, documents=documents, content_type="").root)
        except ResponseError as error:
            return type(error)

    expected = outcome(content, frozenset())
    assert outcome(content, DUE) == expected
    assert outcome(in_pieces(content, size), DUE) == expected


LONG_KINDS = {
    name: (content.replace(b"<a>", b"<a>" + PADDING * 2, 1), kind)
    for name, (content, kind) in KINDS.items()
    if content.startswith(b"<a>")
}


@pytest.mark.parametrize("size", [1, 100, 10_000_000])
@pytest.mark.parametrize(("content", "kind"), LONG_KINDS.values(), ids=LONG_KINDS)
def test_each_damage_of_a_stream_has_its_own_error(
    content: bytes, kind: type[ResponseError], size: int
) -> None:
    with pytest.raises(ResponseError) as caught:
        read(in_pieces(content, size), content_type="")
    error = caught.value
    assert type(error) is kind
    assert error.is_retry_safe
    assert error.__cause__ is None
    assert error.__context__ is None
    assert "SECRET" not in f"{error} {error!r} {error.args} {vars(error)}"


@pytest.mark.parametrize("encoding", ["utf-8", "iso-8859-1"])
def test_a_stream_that_breaks_off_is_truncated(encoding: str) -> None:
    text = GOOD.format(encoding).replace("</a:r>", "<x/>" * 2_000 + "</a:r>")
    whole = text.encode(encoding)
    for cut in range(4_096, len(whole), 7):
        with pytest.raises(TruncatedResponse):
            read(whole[:cut], content_type="")


def test_of_two_encodings_the_first_strange_character_decides() -> None:
    for encoding in ("utf-8", "iso-8859-1"):
        content = f"<?xml version='1.0' encoding='utf-8'?><a>{'x' * 9_000}ü</a>".encode(encoding)
        for size in (1, 5_000, 100_000):
            received = read(in_pieces(content, size), content_type="text/xml; charset=iso-8859-1")
            assert (received.root.text or "").endswith("xü")


# Places


def test_the_place_decides_and_not_the_name_or_the_text() -> None:
    text = base64.b64encode(LARGE).decode()
    received = read(
        f"<a><b>{text}</b><e>{text}</e><e><b>{text}</b></e><c>{text}<b>{text}</b></c>"
        f"<b xmlns='urn:ours'>{text}</b><b xmlns='urn:other'>{text}</b></a>".encode()
    )
    root = received.root
    assert [root[1].text, root[2][0].text, root[3].text, root[5].text] == [text] * 4
    found = [root[0].text, root[3][0].text, root[4].text]
    assert found == list(received.documents)
    assert [one.read() for one in received.documents.values()] == [LARGE] * 3


def test_a_document_of_a_neighbours_namespace_is_one() -> None:
    text = base64.b64encode(LARGE)
    received = read(b"<a xmlns='urn:ours'><c xmlns='urn:also-ours'><b>" + text + b"</b></c></a>")
    assert [one.read() for one in received.documents.values()] == [LARGE]
    received = read(b"<x:a xmlns:x='urn:other'><b>" + text + b"</b></x:a>")
    assert received.documents == {}
    assert received.root[0].text == text.decode()


@pytest.mark.parametrize("empty", ["<b/>", "<b></b>", "<b> \r\n</b>", "<b><!-- --></b>"])
def test_an_empty_document_leaves_no_text(empty: str) -> None:
    received = read(f"<a>{empty}</a>".encode())
    assert received.documents == {}
    assert not received.root[0].text


def test_attributes_stay() -> None:
    nil = "{http://www.w3.org/2001/XMLSchema-instance}nil"
    received = read(f"<a xmlns:i='{nil[1:-4]}'><b i:nil='true'/><b f='a>b'>QUJD</b></a>".encode())
    assert received.root[0].get(nil) == "true"
    assert received.root[1].get("f") == "a>b"
    assert content_of(received, received.root[1]) == b"ABC"


def test_an_element_within_ends_a_document() -> None:
    received = read(b"<a><b>QUJD<x>QUJD</x>QUJD</b></a>")
    (holder,) = received.root
    assert [one.read() for one in received.documents.values()] == [b"ABC"]
    assert (holder[0].text, holder[0].tail) == ("QUJD", "QUJD")


def test_references_to_parts_are_told_where_documents_are_due() -> None:
    include = "<i:Include xmlns:i='http://www.w3.org/2004/08/xop/include' href='cid:1'/>"
    received = read(f"<a><b>\n{include}\n</b><d>{include}</d></a>".encode())
    assert received.includes == [received.root[0][0]]
    assert received.documents == {}


# Damage and bounds


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a foreign character": lambda text: text[:-9] + b"*" + text[-8:],
    "a character too few": lambda text: text.rstrip(b"=")[:-1],
    "padding in the middle": lambda text: text[: len(text) // 8 * 4] + b"====" + text,
    "text behind the padding": lambda text: text + b"AAAA",
    "too much padding": lambda text: text + b"=",
    "padding before the text": lambda text: b"=" + text,
    "a named reference": lambda text: text[:140] + b"&amp;" + text[140:],
    "a reference beyond ASCII": lambda text: text[:140] + b"&#233;" + text[140:],
    "words after a comment": lambda text: text + b"<!-- -->some words",
    "a bracket in CDATA": lambda text: text + b"<![CDATA[]x]]>",
    "a reference in CDATA": lambda text: text[:140] + b"<![CDATA[&#13;]]>" + text[140:],
    "text behind the padding and a comment": lambda text: text + b"<!-- -->AAAA",
    "a letter that only looks so": lambda text: text + "\u0410".encode() * 4,
    "a blank of another kind": lambda text: text + "\u2003".encode(),
    "a vertical tab": lambda text: text + b"\xc2\x85",
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("length", [301, 120_001])
@pytest.mark.parametrize("size", [11, 65_536])
def test_damaged_base64_is_refused(
    damage: Callable[[bytes], bytes], length: int, size: int
) -> None:
    text = damage(base64.b64encode((LARGE + b"x")[-length:]))
    chunks = in_pieces(document(text), size)
    with pytest.raises(MalformedResponse, match="not base64 to its end") as caught:
        read(chunks)
    assert caught.value.is_retry_safe
    with pytest.raises(MalformedResponse, match="look the outcome up") as caught:
        read(chunks, call=CHANGE)
    assert not caught.value.is_retry_safe


def test_documents_do_not_count_and_all_else_does() -> None:
    text = base64.b64encode(LARGE)
    read([b"<a>", *[b"<b>" + lines(LARGE, b"&#13;\n") + b"</b>"] * 5, b"</a>"], max_bytes=70_000)
    for other, sizes in (
        (b"<e>" + b"no base64! " * 10_000 + b"</e>", (1_000, 10_000_000)),
        (b"<e>" + text + b"</e>", (1_000, 10_000_000)),
        (b"<e f='" + b"x" * 80_000 + b"'/>", (1_000, 10_000_000)),
        # For the end of these libxml2 waits.
        (b"<!--" + b"x" * 80_000, (1_000,)),
        (b"<e " + b"x" * 80_000, (1_000,)),
        (b"&" + b"x" * 80_000, (1_000,)),
    ):
        for size in sizes:
            with pytest.raises(ResponseTooLarge, match=r"70,000 bytes .*raise max_response_bytes"):
                read(in_pieces(document(text, after=other), size), max_bytes=70_000)


def test_tags_and_attributes_are_counted() -> None:
    many = b"<e/>" * 5_000
    wide = b"<e " + b" ".join(b"f%d=''" % number for number in range(5_000)) + b"/>"
    for other in (many, wide):
        read(document(b"", after=other))
        for size in (1_000, 10_000_000):
            with pytest.raises(ResponseTooLarge, match="4,000 tags and attributes"):
                read(in_pieces(document(b"", after=other), size), max_markup=4_000)


@pytest.mark.parametrize("name", ["f%d", "xmlns:f%d"])
def test_an_element_with_very_many_names_does_not_take_minutes(name: str) -> None:
    wide = "<e " + " ".join(f"{name % number}='u'" for number in range(40_000)) + "/>"
    with pytest.raises(ResponseTooLarge, match="too many attributes and namespaces"):
        read(document(b"", after=wide.encode()))


def test_depth_is_counted_exactly() -> None:
    for padding in (b"", PADDING * 2):
        read(padding + b"<a>" * 100 + b"</a>" * 100)
        with pytest.raises(ResponseTooDeep, match="more than 100 levels"):
            read(b"<a>" + padding + b"<a>" * 100 + b"</a>" * 101)


def test_a_document_type_never_reaches_the_parser() -> None:
    bomb = b"<!DOCTYPE a [<!ENTITY x 'SECRET'>]>"
    for content in (
        bomb + b"<a k='&x;'>&x;</a>",
        PADDING * 2 + bomb + b"<a>&x;</a>",
        b"<a>" + PADDING * 2 + b"&x;</a>",
        b"<a k='&x;'>" + PADDING * 2 + b"</a>",
    ):
        for size in (1, 10_000_000):
            with pytest.raises(ForbiddenMarkup):
                read(in_pieces(content, size))
    with pytest.raises(MalformedResponse):
        read(b"<a>" + PADDING * 2 + bomb + b"</a>")


def test_an_endless_document_needs_no_memory() -> None:
    """The limit of the whole answer ends it, which the reader does not know."""
    reader = XmlReader(READ, limits=XmlLimits(max_bytes=9_000), http_status=200, documents=DUE)
    reader.feed(b"<a><b>")
    for _ in range(200):
        reader.feed(b"A" * 65_536 + b"<!-- -->")
    reader.feed(b"</b></a>")
    received = reader.finish()
    assert [one.size for one in received.documents.values()] == [200 * 65_536 // 4 * 3]


def open_files() -> int | None:
    """How many files this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else None


def test_many_documents_share_one_file() -> None:
    contents = [bytes([number]) * (100_000 + number) for number in range(40)]
    content = b"<a>" + b"".join(b"<b>%b</b>" % base64.b64encode(one) for one in contents) + b"</a>"
    before = open_files()
    received = read(in_pieces(content, 65_536))
    assert before is None or open_files() == before + 1
    assert [received.documents[one.text or ""].read() for one in received.root] == contents
    # Each goes on living when the others are gone.
    last = received.documents[received.root[-1].text or ""]
    received.documents.clear()
    assert last == contents[-1]
    del last
    assert before is None or open_files() == before


@pytest.mark.parametrize("size", [1, 1000])
def test_an_answer_cut_within_a_name_is_truncated(size: int) -> None:
    whole = b"<ours:a xmlns:ours='urn:ours'><ours:b>QUJD</ours:b><ours:b ours:x='1'/></ours:a>"
    for end in range(1, len(whole)):
        part = whole[:end]
        with pytest.raises((TruncatedResponse, MalformedResponse)):
            read(part[at : at + size] for at in range(0, end, size))
