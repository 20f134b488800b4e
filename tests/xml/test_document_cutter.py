"""Cutting documents out of XML while it arrives."""

from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable, Iterable
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from esignwire._call import Call
from esignwire._documents import ReceivedDocument
from esignwire._xml import DocumentCutter
from esignwire.errors import MalformedResponse, ResponseTooLarge

READ = Call(vendor="AssureSign", operation="Download", is_safe=True)
CHANGE = Call(vendor="AssureSign", operation="SubmitWithFile", is_safe=False)
LARGE = random.Random(1).randbytes(120_000)
HUGE = etree.XMLParser(huge_tree=True)


def cut(
    chunks: Iterable[bytes], *, call: Call = READ, most: int = 1_000_000
) -> tuple[bytes, dict[str, ReceivedDocument]]:
    cutter = DocumentCutter(call, max_kept_bytes=most, http_status=200)
    for chunk in chunks:
        cutter.feed(chunk)
    return cutter.finish()


def in_pieces(content: bytes, size: int) -> list[bytes]:
    return [content[start : start + size] for start in range(0, len(content), size)]


def lines(content: bytes, end: bytes = b"\r\n", width: int = 76) -> bytes:
    text = base64.b64encode(content)
    return end.join(in_pieces(text, width)) + end


def restored(chunks: Iterable[bytes]) -> bytes:
    """What was cut, with each document put back as base64 without blanks."""
    kept, documents = cut(chunks)
    for token, document in documents.items():
        assert kept.count(token.encode()) == 1
        kept = kept.replace(token.encode(), base64.b64encode(document.read()))
    return kept


def only(content: bytes) -> tuple[etree._Element, ReceivedDocument]:
    """The root, whose text is the one document's token."""
    kept, documents = cut([content])
    root = etree.fromstring(kept)
    ((token, document),) = documents.items()
    assert root.text == token
    return root, document


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64, 1000, 4096, 65_536, 10_000_000])
def test_pieces_of_any_size(size: int) -> None:
    xml = b'<?xml version="1.0"?><a b="1"><c>' + base64.b64encode(LARGE) + b"</c><d>x</d></a>"
    kept, documents = cut(in_pieces(xml, size))
    ((token, document),) = documents.items()
    assert document == LARGE
    assert kept == f'<?xml version="1.0"?><a b="1"><c>{token}</c><d>x</d></a>'.encode()


@pytest.mark.parametrize(
    "end",
    [b"\r\n", b"\n", b"&#13;\n", b"&#xD;&#xA;", b"&#x0d;\n", b"&#10;", b" \t", b"&#32;"],
    ids=ascii,
)
@pytest.mark.parametrize("size", [5, 65_536])
def test_base64_in_lines(end: bytes, size: int) -> None:
    xml = b"<a>\n  " + lines(LARGE, end) + b"  </a>"
    kept, documents = cut(in_pieces(xml, size))
    ((token, document),) = documents.items()
    assert document == LARGE
    assert kept == f"<a>{token}</a>".encode()


def test_the_padding_may_be_a_reference() -> None:
    content = LARGE[:100_000]
    text = base64.b64encode(content).replace(b"=", b"&#61;").replace(b"+", b"&#x2B;")
    assert only(b"<a>" + text + b"</a>")[1] == content


@pytest.mark.parametrize("length", [49_149, 49_150, 49_151, 49_152, 49_153, 49_154, 65_536])
def test_every_length_around_the_threshold(length: int) -> None:
    content = LARGE[:length]
    assert restored([b"<a>" + base64.b64encode(content) + b"</a>"]) == (
        b"<a>" + base64.b64encode(content) + b"</a>"
    )


@pytest.mark.parametrize("size", [1, 3, 9, 10_000_000])
def test_cdata(size: int) -> None:
    text = lines(LARGE)
    xml = b"<a><b><![CDATA[" + text + b"]]></b><c><![CDATA[<x>]]] > ]]></c></a>"
    kept, documents = cut(in_pieces(xml, size))
    root = etree.fromstring(kept)
    ((token, document),) = documents.items()
    assert document == LARGE
    assert root.findtext("b") == token
    assert root.findtext("c") == "<x>]]] > "


def test_a_reference_within_cdata_is_none() -> None:
    # The whole of it is no base64, so that it stays what it is.
    xml = b"<a><![CDATA[" + lines(LARGE, b"&#13;\n") + b"]]></a>"
    kept, documents = cut([xml])
    assert documents == {}
    assert kept == xml
    with pytest.raises(MalformedResponse, match="not base64 to its end"):
        cut([b"<a><![CDATA[" + base64.b64encode(LARGE), b"&#13;]]></a>"])


@pytest.mark.parametrize(
    "markup",
    [
        b"<!-- a > b -->",
        b"<!-- < > <a> -->",
        b"<!--[CDATA[ ] -->",
        b"<!-- > " + base64.b64encode(LARGE) + b" -->",
        b"<!--> - > " + base64.b64encode(LARGE) + b"-->",
        b"<?pi > " + base64.b64encode(LARGE) + b" > ?>",
        b"<![CDATA[ ]> ]] > " + base64.b64encode(LARGE) + b" ]]>",
        b"<?pi a > b?>",
        b'<x y=">"/>',
        b"<x y='<![CDATA['/>".replace(b"<![", b"&lt;!["),
        b"<![CDATA[]]>",
        b"<![CDATA[<c>&]]>",
        b"<n:x xmlns:n='urn:n'>a &gt; b</n:x>",
    ],
)
@pytest.mark.parametrize("size", [1, 10_000_000])
def test_markup_stays_as_it_is(markup: bytes, size: int) -> None:
    document = base64.b64encode(LARGE)
    xml = b"<a>" + markup + b"<b>" + document + b"</b>" + markup + b"</a>"
    assert restored(in_pieces(xml, size)) == xml
    etree.fromstring(xml, HUGE)


# As the library's own parser reads texts: joined across what is no tag.
JOINING = etree.XMLParser(remove_comments=True, remove_pis=True)
INTERRUPTIONS = {
    "a comment": b"<!-- > ]]> ' \" -->",
    "two comments and a blank": b"<!----> <!-- QUJD -->\r\n",
    "a processing instruction": b"<?pi QUJD > ' ?>",
    "CDATA": b"<![CDATA[]]>",
    "a border of CDATA": b"]]><![CDATA[",
    "text between CDATA": b"]]>\n<!-- x -->\n<![CDATA[",
}


def as_read(chunks: Iterable[bytes]) -> bytes:
    """The bytes of the document that is the root's text, whether it was cut out or not."""
    kept, documents = cut(chunks)
    text = etree.fromstring(kept, JOINING).text or ""
    if documents:
        assert list(documents) == [text.strip()]
        return documents[text.strip()].read()
    return base64.b64decode(text)


@pytest.mark.parametrize("interruption", INTERRUPTIONS.values(), ids=INTERRUPTIONS.keys())
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
    xml = b"<a>" + text + b"</a>"
    kept, documents = cut(in_pieces(xml, size))
    ((token, document),) = documents.items()
    assert document == LARGE
    assert (etree.fromstring(kept, JOINING).text or "").strip() == token


@given(
    length=st.integers(0, 3) | st.integers(40_000, 60_000),
    places=st.lists(st.tuples(st.floats(0, 1), st.sampled_from(range(4))), max_size=6),
    size=st.integers(1, 70_000),
)
def test_short_and_long_documents_are_read_alike(
    length: int, places: list[tuple[float, int]], size: int
) -> None:
    text = base64.b64encode(LARGE[:length])
    kinds = list(INTERRUPTIONS.values())
    whole = len(text)
    for part, kind in sorted(places, reverse=True):
        place = int(part * whole)
        text = text[:place] + kinds[kind] + text[place:]
    assert as_read(in_pieces(b"<a>" + text + b"</a>", size)) == LARGE[:length]


def test_a_document_of_many_short_texts() -> None:
    text = b"<!---->".join(in_pieces(base64.b64encode(LARGE), 3))
    assert as_read(in_pieces(b"<a>" + text + b"</a>", 1000)) == LARGE
    # The same where references and CDATA take turns: in the latter "&" is no reference.
    pieces = in_pieces(lines(LARGE, b"&#13;\n"), 78 + 4)
    text = b"".join(b"%s<![CDATA[]]>" % piece for piece in pieces)
    assert as_read([b"<a>" + text + b"</a>"]) == LARGE
    xml = b"<a>" + b"".join(b"<![CDATA[%s]]>" % piece for piece in pieces) + b"</a>"
    assert cut([xml]) == (xml, {})


@pytest.mark.parametrize("interruption", [b"<!-- -->", b"<?pi?>", b"<![CDATA[x y]]>"])
def test_a_long_text_after_words_is_no_document(interruption: bytes) -> None:
    xml = b"<a>Only words:" + interruption + base64.b64encode(LARGE) + interruption + b"</a>"
    assert cut(in_pieces(xml, 4096)) == (xml, {})
    xml = b"<a>" + b"plain text, " * 10_000 + interruption + base64.b64encode(LARGE) + b"</a>"
    assert cut(in_pieces(xml, 4096)) == (xml, {})


def test_a_tag_ends_a_document() -> None:
    text = base64.b64encode(LARGE)
    kept, documents = cut([b"<a>" + text + b"<b/>" + text + b"<!-- --><c></c>" + text + b"</a>"])
    assert [one.read() for one in documents.values()] == [LARGE] * 3
    first, second, third = documents
    assert kept == f"<a>{first}<b/>{second}<!-- --><c></c>{third}</a>".encode()


@pytest.mark.parametrize("size", [1, 7, 10_000_000])
def test_the_value_of_an_attribute_ends_no_tag(size: int) -> None:
    document = base64.b64encode(LARGE)
    for tag in (
        b'<b c="a>b">',
        b"<b c='a>b'>",
        b"<b c='>\">' d=\"'>>\" e='' f=\">\">",
        b'<b\nc = ">"\n>',
        b'<b c=">"/><b d="<!-->">'.replace(b"<!", b"&lt;!"),
    ):
        kept, documents = cut(in_pieces(b"<a>" + tag + document + b"</b></a>", size))
        ((token, found),) = documents.items()
        assert found == LARGE
        assert kept == b"<a>" + tag + token.encode() + b"</b></a>"
        etree.fromstring(kept)


def test_cdata_ends_at_its_end_alone() -> None:
    document = base64.b64encode(LARGE)
    xml = b"<a><![CDATA[] ]>" + document + b"]]></a>"
    assert cut([xml]) == (xml, {})
    etree.fromstring(xml, HUGE)


def test_what_interrupts_an_endless_document_is_all_that_is_kept() -> None:
    cutter = DocumentCutter(READ, max_kept_bytes=100_000, http_status=200)
    cutter.feed(b"<a>")
    for _ in range(200):
        cutter.feed(b"A" * 65_536 + b"<!-- -->")
    cutter.feed(b"</a>")
    kept, documents = cutter.finish()
    assert len(kept) < 200 * len("<!-- -->") + 100
    assert [one.size for one in documents.values()] == [200 * 65_536 // 4 * 3]


def open_files() -> int | None:
    """How many files this process has open, where the system tells."""
    folder = Path("/proc/self/fd")
    return len(list(folder.iterdir())) if folder.is_dir() else None


def test_many_documents_share_one_file() -> None:
    count = 40
    contents = [bytes([number]) * (100_000 + number) for number in range(count)]
    xml = b"<a>" + b"".join(b"<b>%s</b>" % base64.b64encode(one) for one in contents) + b"</a>"
    before = open_files()
    kept, documents = cut(in_pieces(xml, 65_536))
    assert before is None or open_files() == before + 1
    root = etree.fromstring(kept)
    assert [documents[element.text or ""].read() for element in root] == contents
    assert len(kept) < 10_000
    # Each goes on living when the others are gone.
    last = documents[root[-1].text or ""]
    documents.clear()
    assert last == contents[-1]


@pytest.mark.parametrize(
    "text",
    [
        b"plain text, " * 20_000,
        b"words alone " * 20_000,
        b"caf\xc3\xa9" * 30_000,
        b" " * 200_000,
        b"\n" * 200_000,
    ],
    ids=["ascii", "words", "utf-8", "blanks", "lines"],
)
def test_long_text_is_no_document(text: bytes) -> None:
    xml = b"<a><b>" + text + b"</b><c>" + base64.b64encode(LARGE) + b"</c></a>"
    kept, documents = cut(in_pieces(xml, 65_536))
    assert len(documents) == 1
    assert kept.startswith(b"<a><b>" + text + b"</b><c>")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
@pytest.mark.parametrize("size", [1, 3, 65_536])
def test_wide_characters_are_kept(encoding: str, size: int) -> None:
    # In UTF-16 each of these characters is two letters of base64.
    xml = ("<a>" + chr(0x4141) * 100_000 + "</a>").encode(encoding)
    assert cut(in_pieces(xml, size)) == (xml, {})


@pytest.mark.parametrize("content", [b"", b"<", b"<a/", b"<a", b"abc", b"<a>"])
def test_what_is_too_short_to_be_xml_is_kept(content: bytes) -> None:
    assert cut(in_pieces(content, 1)) == (content, {})


def test_xml_that_ends_within_a_document_stays_broken() -> None:
    xml = b"<a><b>" + base64.b64encode(LARGE)
    kept, documents = cut(in_pieces(xml, 65_536))
    assert documents == {}
    with pytest.raises(etree.XMLSyntaxError):
        etree.fromstring(kept)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a foreign character": lambda text: text[:-9] + b"*" + text[-8:],
    "a character too few": lambda text: text.rstrip(b"=")[:-1],
    "padding in the middle": lambda text: text[:80_000] + b"====" + text[80_004:],
    "text behind the padding": lambda text: text + b"AAAA",
    "too much padding": lambda text: text + b"=",
    "a named reference": lambda text: text[:140_000] + b"&amp;" + text[140_000:],
    "a reference beyond ASCII": lambda text: text[:140_000] + b"&#233;" + text[140_000:],
    "half a reference": lambda text: text + b"&#1",
    "a reference in two parts": lambda text: text + b"&#1<!-- -->3;",
    "a short reference in two parts": lambda text: b"QUJD&#1<!-- -->" + text,
    "words after a comment": lambda text: text + b"<!-- -->some words",
    "a bracket in CDATA": lambda text: text + b"<![CDATA[]x]]>",
    "text behind the padding and a comment": lambda text: text + b"<!-- -->AAAA",
    "an endless reference": lambda text: text + b"&#" + b"1" * 100_000,
    "a letter that only looks so": lambda text: text + "\u0410".encode() * 4,
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
@pytest.mark.parametrize("size", [11, 65_536])
def test_damaged_base64_is_refused(damage: Callable[[bytes], bytes], size: int) -> None:
    text = damage(base64.b64encode(LARGE + b"x"))
    chunks = in_pieces(b"<a><b>" + text + b"</b></a>", size)
    with pytest.raises(MalformedResponse, match="not base64 to its end") as caught:
        cut(chunks)
    assert caught.value.is_retry_safe
    with pytest.raises(MalformedResponse, match="look the outcome up") as caught:
        cut(chunks, call=CHANGE)
    assert not caught.value.is_retry_safe


def test_what_is_kept_is_bounded_and_documents_do_not_count() -> None:
    document = b"<b>" + base64.b64encode(LARGE) + b"</b>"
    cut([b"<a>" + document * 5 + b"</a>"], most=70_000)
    with pytest.raises(ResponseTooLarge, match=r"70,000 bytes .* raise max_response_bytes"):
        cut([b"<a>" + document, b"<c>" + b"no base64! " * 10_000 + b"</c></a>"], most=70_000)
    with pytest.raises(ResponseTooLarge):
        cut([b"<a " + b"a" * 80_000], most=70_000)
    with pytest.raises(ResponseTooLarge):
        cut(in_pieces(("<a>" + "x" * 40_000).encode("utf-16"), 1000), most=70_000)


def test_an_endless_text_of_one_letter_needs_no_memory() -> None:
    """It is a document, until the limit of the whole answer ends it."""
    cutter = DocumentCutter(READ, max_kept_bytes=100_000, http_status=200)
    cutter.feed(b"<a>")
    for _ in range(200):
        cutter.feed(b"A" * 65_536)
    kept, documents = cutter.finish()
    assert (kept, documents) == (b"<a>", {})


# What can stand in an element: text of each kind, markup that is left alone, other elements.
# A number between nulls stands for a document of so many bytes, so that examples stay short.
_documents = st.integers(40_000, 70_000).map(lambda size: b"<d>\0%d\0</d>" % size)
_texts = st.text(st.characters(codec="utf-8", exclude_characters="<>&\r\0"), max_size=20).map(
    lambda text: re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text).encode()
)
_leaves: st.SearchStrategy[bytes] = st.one_of(
    _documents,
    _texts,
    _texts.map(lambda text: b"<![CDATA[" + text.replace(b"]]", b"") + b"]]>"),
    _documents.map(lambda text: text.replace(b"<d>", b"<d><![CDATA[").replace(b"</d>", b"]]></d>")),
    _texts.map(lambda text: b"<!-- > " + text.replace(b"-", b"") + b" -->"),
    st.sampled_from([b"&lt;", b"&#169;", b"<?x > ?>", b'<e a="> \'"/>']),
)
_elements: st.SearchStrategy[bytes] = st.recursive(
    _leaves,
    lambda inner: st.lists(inner, max_size=4).map(lambda one: b"<e>" + b"".join(one) + b"</e>"),
    max_leaves=8,
)


def _expanded(found: re.Match[bytes]) -> bytes:
    return base64.b64encode(LARGE[: int(found[1])])


@given(
    content=st.lists(_elements, max_size=5).map(b"".join),
    cuts=st.lists(st.integers(0, 400_000), max_size=6),
)
def test_putting_the_documents_back_gives_the_same_xml(content: bytes, cuts: list[int]) -> None:
    xml = b"<a>" + re.sub(rb"\0(\d+)\0", _expanded, content) + b"</a>"
    borders = [0, *sorted(min(one, len(xml)) for one in cuts), len(xml)]
    chunks = [xml[start:end] for start, end in pairwise(borders)]
    assert restored(chunks) == xml


@given(content=st.binary(max_size=200_000), size=st.integers(1, 70_000))
def test_no_bytes_break_it(content: bytes, size: int) -> None:
    try:
        kept, documents = cut(in_pieces(content, size), most=10_000_000)
    except MalformedResponse:
        return
    assert documents or kept == content


def test_state_is_not_shared() -> None:
    xml: Any = b"<a>" + base64.b64encode(LARGE) + b"</a>"
    one, other = cut([xml])[1], cut([xml])[1]
    assert one.keys() != other.keys()
    assert next(iter(one.values())) == next(iter(other.values()))
