"""What the emulator's AssureSign finds out about files: whether they are PDFs, and whose."""

from __future__ import annotations

import base64
import contextlib
import gzip
import io
import itertools
import logging
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pypdf import PdfReader
from pypdf.errors import LimitReachedError

from esignwire._codec import StrictReading
from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    AssureSignUser,
    EmulatorServer,
    EmulatorSettings,
    State,
)
from esignwire.emulator.blob import PIECE, Blob, BlobWriter
from esignwire.emulator.pdf_reader import Allowance, NotPdf, PdfDamaged, PdfFacts, look_at_pdf
from esignwire_generated.assuresign.types import validate_document
from tests.emulator_support import ACCOUNT, SCHEMAS, Answer, control, get, include, mtom, soap
from tests.support.assuresign import KINDS, Driver, Kind

OWNER = "owner@example.com"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
ID = b"/ID [<00112233> <44556677>]"


def objects_of(text: bytes = b"Hello") -> list[bytes]:
    return [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]


def written(
    objects: list[bytes] | None = None,
    *,
    trailer: bytes = b"",
    root: bytes = b"/Root 1 0 R",
    header: bytes = b"%PDF-1.7\n",
) -> bytes:
    """Write a PDF with a cross-reference table."""
    content, places = header, list[int]()
    for number, body in enumerate(objects_of() if objects is None else objects, start=1):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    size = len(places) + 1
    return (
        content
        + b"xref\n0 %d\n0000000000 65535 f \n%s" % (size, table)
        + b"trailer\n<< /Size %d %s %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (size, root, trailer, len(content))
    )


def compressed(
    *pages: bytes,
    trailer: bytes = b"",
    gap: int = 0,
    others: Sequence[bytes] = (),
    filters: bytes = b"/FlateDecode",
    pack: Callable[[bytes], bytes] = zlib.compress,
    entries: bytes = b"",
    blank: bytes = b" ",
) -> bytes:
    """Write a PDF with its objects in an object stream, and a cross-reference stream."""
    kids = b" ".join(b"%d 0 R" % number for number in range(3, 3 + len(pages)))
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [%s] >>" % kids,
        *pages,
        *others,
    ]
    numbers, inner = b"", b" " * gap
    for number, body in enumerate(objects, start=1):
        numbers += b"%d%s%d%s" % (number, blank, len(inner), blank)
        inner += body + b" "
    packed = pack(numbers + inner)
    stream, table = len(objects) + 1, len(objects) + 2
    content = b"%PDF-1.5\n"
    rows = [(0, 0, 255)]
    rows += [(2, stream, index) for index in range(len(objects))]
    rows.append((1, len(content), 0))
    content += b"%d 0 obj\n<< /Type /ObjStm /N %d /First %d /Length %d" % (
        stream,
        len(objects),
        len(numbers),
        len(packed),
    )
    content += b" /Filter [%s] %s >>\nstream\r\n%s\nendstream\nendobj\n" % (
        filters,
        entries,
        packed,
    )
    place = len(content)
    data = b"".join(
        bytes([kind]) + first.to_bytes(2, "big") + bytes([second]) for kind, first, second in rows
    )
    content += b"%d 0 obj\n<< /Type /XRef /Size %d /W [1 2 1] /Root 1 0 R /Length %d %s" % (
        table,
        table,
        len(data),
        trailer,
    )
    content += b" >>\nstream\n" + data + b"\nendstream\nendobj\n"
    return content + b"startxref\n%d\n%%%%EOF\n" % place


PAGE = b"<< /Type /Page /Parent 2 0 R >>"
PDF = written()
# What a program adds that leaves the rest as it is, as ISO 32000 has it.
APPENDED = PDF + b"5 0 obj\n(more)\nendobj\n" + PDF[PDF.index(b"xref") :]


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS)) as running:
        yield running


@pytest.fixture
def emulator(server: EmulatorServer) -> EmulatorServer:
    server.state.reset()
    return server


def submit(
    emulator: EmulatorServer, content: bytes, name: str = "Contract", owner: str = OWNER
) -> str:
    """Submit a file; give the document's id."""
    answer = soap(
        emulator,
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}">'
        f'<Metadata DocumentName="{name}" UserName="{owner}"/>'
        f'<UnderlyingFile FileType="PDF"><Data>{base64.b64encode(content).decode()}</Data>'
        "</UnderlyingFile></FileDocument></Documents>",
    )
    identifier = answer.one("DocumentResult").get("Id")
    assert identifier
    return identifier


def validate(emulator: EmulatorServer, content: bytes, attributes: str = "") -> Answer:
    data = base64.b64encode(content).decode()
    return soap(
        emulator,
        "ValidateDocument",
        "ValidateDocument",
        f"<ValidateDocumentQuery><FileDocument {attributes}><Data>{data}</Data></FileDocument>"
        "</ValidateDocumentQuery>",
    )


def found(answer: Answer) -> etree._Element:
    assert not answer.all("Exceptions")
    result = answer.one("ValidationResult")
    assert result.get("Description")
    return result


def code(emulator: EmulatorServer, content: bytes) -> str | None:
    return found(validate(emulator, content)).get("Code")


def refusal(answer: Answer) -> str:
    assert not answer.all("ValidationResult")
    exception = answer.one("ValidateDocumentException")
    assert exception.get("Severity") == "Error"
    return exception.text or ""


# --- files ---------------------------------------------------------------------------------------

PREAMBLE = b"\n\xef\xbb\xbf junk \n"
WHOLE = {
    "table": PDF,
    "object stream": compressed(PAGE),
    "after a preamble": PREAMBLE + PDF,
    "after a preamble that counts": written(header=PREAMBLE + b"%PDF-1.7\n"),
    "with a short epilogue": PDF + b"\r\n" + b"\0" * 900,
    "written on": APPENDED,
    "with another end inside": written(objects_of(b"startxref\n5\n%%EOF")),
    "closely written": written([*objects_of()[:2], b"<</Type/Page/Parent 2 0 R>>"]),
    "with its page behind much else": written(
        [
            b"<< /Type /Catalog /Pages 3 0 R >>",
            objects_of(b"x" * (3 * PIECE))[-1],
            b"<< /Type /Pages /Kids [4 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 3 0 R >>",
        ]
    ),
    "late in an object stream": compressed(PAGE, gap=3_000_000),
    "with other blanks": compressed(b"\0\t\r\n\f " + PAGE, blank=b"\0\n"),
    "with pages of pages": written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R 4 0 R] /Count 1 >>",
            b"<< /Type /Pages /Kids [] /Count 0 >>",
            b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 4 0 R >>",
        ]
    ),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE)
def test_a_whole_pdf_from_elsewhere_does_not_come_from_here(
    emulator: EmulatorServer, content: bytes
) -> None:
    result = found(validate(emulator, content, 'FileType="PDF"'))
    assert dict(result.items()) == {
        "Code": "NAS",
        "Description": "The file does not come from this service.",
    }


NO_TABLE = "Its cross-reference table or its trailer cannot be read."
NO_PAGES = "Its pages cannot be read."
PROBLEMS = [
    (b"", "ERL", "It does not begin as a PDF does."),
    (b"PK\x03\x04", "ERL", "It does not begin as a PDF does."),
    (b" " * 1024 + PDF, "ERL", "It does not begin as a PDF does."),
    (b"%PDF-1.7", "CPT", "It has no end."),
    (PDF[: len(PDF) // 2], "CPT", "It has no end."),
    (PDF[:-3], "CPT", "It has no end."),
    (PDF + b"\0" * 1100, "CPT", "It has no end."),
    (PDF.replace(b"\nstartxref", b" startxref"), "CPT", "It has no end."),
    (PDF.replace(b"%PDF-1.7", b"%PDF-1.7 xxx"), "CPT", NO_TABLE),
    (PREAMBLE + PDF.replace(b"%PDF-1.7", b"%PDF-1.7 xxx"), "CPT", NO_TABLE),
    (PDF[:20] + PDF[60:], "CPT", NO_TABLE),
    (PDF.replace(b"trailer", b"retrial"), "CPT", NO_TABLE),
    (PDF.replace(b"/Size", b"(Size"), "CPT", NO_TABLE),
    (written(trailer=b"/Prev 99999"), "CPT", NO_TABLE),
    (compressed(PAGE).replace(b"/W [1", b"/W [9"), "CPT", NO_TABLE),
    (written(root=b""), "CPT", "Its trailer names no catalogue."),
    (written(root=b"/Root 3 0 R"), "CPT", NO_PAGES),
    (written(root=b"/Root 9 0 R"), "CPT", NO_PAGES),
    (written(objects_of()[:2]), "CPT", NO_PAGES),
    (PDF.replace(b"3 0 obj", b"5 0 obj"), "CPT", NO_PAGES),
    (PDF.replace(b"/Type /Page /Parent", b"(Type /Page /Parent"), "CPT", NO_PAGES),
    (written([*objects_of()[:1], b"<< /Type /Pages /Kids [2 0 R] >>"]), "CPT", NO_PAGES),
    (compressed(PAGE).replace(b"x\x9c", b"??"), "CPT", NO_PAGES),
    (compressed(PAGE, blank=b" -"), "CPT", NO_PAGES),
    (compressed(PAGE, blank=b" +"), "CPT", NO_PAGES),
    # Two objects at one place.
    (
        compressed(
            PAGE,
            others=[b"0"],
            pack=lambda data: zlib.compress(data.replace(b"4 99", b"4 67")),
        ),
        "CPT",
        NO_PAGES,
    ),
    (compressed(PAGE).replace(b"/ObjStm", b"/Object"), "CPT", NO_PAGES),
    (compressed(PAGE).replace(b"/N ", b"/M "), "CPT", NO_PAGES),
    (compressed(PAGE).replace(b"/First", b"/Fixed"), "CPT", NO_PAGES),
    (compressed(PAGE).replace(b"/First ", b"/First 9"), "CPT", NO_PAGES),
    (written([*objects_of()[:1], b"<< /Type /Pages /Kids [] >>"]), "CPT", "It has no page."),
    (written([*objects_of()[:2], b"<< /Type /PageLabel >>"]), "CPT", "It has no page."),
    (compressed(), "CPT", "It has no page."),
    (compressed(b"<< /Type /Pages >>"), "CPT", "It has no page."),
    (written(trailer=b"/ID 9 0 R"), "CPT", "Its identifier cannot be read."),
    (written(trailer=b"/Encrypt 9 0 R"), "EGA", "it is encrypted."),
    (written(trailer=b"/Encrypt << /Filter /Standard >>"), "EGA", "it is encrypted."),
    (compressed(b"", trailer=b"/Encrypt 9 0 R"), "EGA", "it is encrypted."),
]


@pytest.mark.parametrize(("content", "expected", "text"), PROBLEMS)
def test_what_is_wrong_with_a_file_is_told(
    emulator: EmulatorServer, content: bytes, expected: str, text: str
) -> None:
    # Though a document with this very file is known.
    submit(emulator, content)
    result = found(validate(emulator, content))
    assert result.get("Code") == expected
    assert (result.get("Description") or "").endswith(text)
    assert set(result.keys()) == {"Code", "Description"}


# What a reader of PDFs acts on, so that changes lead it further astray than noise would.
WORDS = [
    *(b"%d 0 R" % number for number in range(6)),
    *(b"<< >> [ ] ( ) < > % stream endstream endobj xref trailer startxref %%EOF".split()),
    *(b"/Prev /XRefStm /Root /Encrypt /Kids /Pages /Length /Filter /N /First /W /Size".split()),
    *(b"-1 0 1.5 null true 99999999999999999999 /LZWDecode /ASCII85Decode".split()),
]


@settings(max_examples=300, deadline=None, database=None)
@given(
    st.sampled_from([written(trailer=ID), compressed(PAGE, trailer=ID), b""]),
    st.lists(
        st.tuples(
            st.integers(0, 700), st.integers(0, 30), st.binary(max_size=40) | st.sampled_from(WORDS)
        ),
        max_size=5,
    ),
)
def test_whatever_the_bytes_are_they_are_judged(
    content: bytes, changes: list[tuple[int, int, bytes]]
) -> None:
    for place, length, data in changes:
        content = content[:place] + data + content[place + length :]
    file = Blob.of(content)
    try:
        look_at_pdf(file)
    except NotPdf:
        assert b"%PDF-" not in content[:1024]
    except PdfDamaged:
        assert b"%PDF-" in content[:1024]
    else:
        assert b"%PDF-" in content[:1024]


@pytest.mark.parametrize(
    ("trailer", "expected"),
    [
        (b"", None),
        (b"/ID [<00112233> <44>]", b"\x00\x11\x22\x33"),
        (b"/ID[<00 11\n2>()]", b"\x00\x11\x20"),
        (b"/ID [(a\\)b) (c)]", b"a)b"),
        (b"/ID [<FEFF0041> <00>]", b"\xfe\xff\x00A"),
        (b"/ID [<FFFE00> <00>]", b"\xff\xfe\x00"),
        (b"/ID [7]", None),
        (b"/ID 7", None),
        (b"/ID []", None),
    ],
)
def test_the_permanent_identifier_is_read(trailer: bytes, expected: bytes | None) -> None:
    file = Blob.of(written(trailer=trailer))
    assert look_at_pdf(file).permanent_id == expected


def in_codes(data: bytes) -> bytes:
    """Write LZW, in codes of nine bits: they begin anew before there are longer ones."""
    codes, known, word = [256], dict[bytes, int](), b""
    for byte in data:
        longer = word + bytes([byte])
        if len(longer) == 1 or longer in known:
            word = longer
            continue
        codes.append(known.get(word, word[0]))
        known[longer] = 258 + len(known)
        word = longer[-1:]
        if len(known) == 250:
            codes.append(256)
            known.clear()
    codes += [known.get(word, word[0]), 257]
    bits = "".join(f"{code:09b}" for code in codes)
    bits += "0" * (-len(bits) % 8)
    return int(bits, 2).to_bytes(len(bits) // 8, "big")


def in_runs(data: bytes) -> bytes:
    """Write runs: what is the same is told with its number, the rest as it is."""
    runs = [(byte, len(list(same))) for byte, same in itertools.groupby(data)]
    pieces = [
        bytes([257 - min(length - done, 128), byte]) if length - done > 1 else bytes([0, byte])
        for byte, length in runs
        for done in range(0, length, 128)
    ]
    return b"".join(pieces) + b"\x80"


# Each is damaged by one bound alone, once that is so low.
BOUNDED = {
    "inflated": ("_MOST_INFLATED", 10_000, compressed(PAGE, gap=12_000)),
    "LZW": (
        "_MOST_INFLATED",
        10_000,
        compressed(
            PAGE,
            gap=12_000,
            filters=b"/LZWDecode",
            pack=in_codes,
        ),
    ),
    "runs": (
        "_MOST_INFLATED",
        10_000,
        compressed(PAGE, gap=12_000, filters=b"/RunLengthDecode", pack=in_runs),
    ),
    "filters": (
        "_MOST_INFLATED",
        10_000,
        compressed(
            PAGE,
            gap=7_000,
            filters=b"/FlateDecode /FlateDecode /FlateDecode",
            pack=lambda data: zlib.compress(zlib.compress(zlib.compress(data, 0), 0), 0),
        ),
    ),
    "stored": (
        "_MOST_INFLATED",
        10_000,
        compressed(PAGE, gap=12_000, filters=b"", pack=bytes),
    ),
    "bytes": ("_MOST_BYTES", 10_000, compressed(PAGE, gap=12_000)),
    "reads": ("_MOST_READS", 1_000, compressed(PAGE[:-2] + b"/A [" + b"0 " * 1_000 + b"] >>")),
    "objects": ("_MOST_OBJECTS", 100, compressed(PAGE, others=[b"0"] * 100)),
    "objects of a stream": (
        "_MOST_OBJECTS_OF_A_STREAM",
        100,
        compressed(PAGE, others=[b"0"] * 100),
    ),
    "pages": ("_MOST_ENTRIES_OF_PAGES", 100, compressed(*[PAGE] * 60)),
}


@pytest.mark.parametrize(("bound", "most", "content"), BOUNDED.values(), ids=BOUNDED)
def test_all_that_pypdf_does_is_bounded(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int, content: bytes
) -> None:
    look_at_pdf(Blob.of(content))
    monkeypatch.setattr(f"esignwire.emulator.pdf_reader.{bound}", most)
    with pytest.raises(PdfDamaged, match="cannot be read"):
        look_at_pdf(Blob.of(content))


def steps_of(content: bytes) -> int:
    """Count how often the clock is looked at, which is before and after whatever is read."""
    steps = itertools.count()
    look_at_pdf(Blob.of(content), Allowance(lambda: float(next(steps))))
    return next(steps)


def test_of_a_stream_of_objects_only_those_asked_for_are_parsed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 1e9)
    array = b"[" + b"0 " * 500 + b"]"
    alone = steps_of(compressed(PAGE))
    # That what is asked for is parsed where the time runs too: pypdf may do it elsewhere one day.
    assert steps_of(compressed(PAGE[:-2] + b"/A " + array + b" >>")) > alone + 500
    assert steps_of(compressed(PAGE, others=[array] * 200)) < alone + 100


def test_reading_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 1e9)
    content = compressed(PAGE[:-2] + b"/A [" + b"0 " * 500 + b"] >>")
    steps = steps_of(content)
    # Somewhere in the tables, and late in the stream of objects.
    for most, reason in ((20, NO_TABLE), (steps - 500, NO_PAGES)):
        monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", most)
        with pytest.raises(PdfDamaged, match=reason):
            steps_of(content)
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", steps)
    steps_of(content)


def test_time_is_allowed_once_for_all_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 1e9)
    most = steps_of(PDF)
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 2.5 * most)
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 1
        return now

    allowance = Allowance(clock)
    for _ in range(2):
        look_at_pdf(Blob.of(PDF), allowance)
        assert not allowance.is_spent
        # What passes meanwhile is not counted.
        now += 10 * most
    with pytest.raises(PdfDamaged):
        look_at_pdf(Blob.of(PDF), allowance)
    assert allowance.is_spent


def test_damaged_compression_is_not_repaired() -> None:
    # pypdf would unpack it byte by byte, after a second look at what it is.
    with pytest.raises(PdfDamaged, match=NO_PAGES):
        look_at_pdf(Blob.of(compressed(PAGE, pack=gzip.compress)))


HOSTILE = {
    "pages within pages": written(
        [
            b"<< /Type /Catalog /Pages 2 0 R >>",
            *(b"<< /Type /Pages /Kids [%d 0 R %d 0 R] >>" % (one, one) for one in range(3, 70)),
            PAGE,
        ]
    ),
    "arrays within arrays": written([b"<< /Type /Catalog /Pages " + b"[" * 100_000 + b" >>"]),
    "inflates for ever": compressed(PAGE, gap=100_000_000),
    "a stream whose parameters are in it": compressed(PAGE, entries=b"/DecodeParms 3 0 R"),
    "a stream whose filter is in it": compressed(PAGE, filters=b"3 0 R"),
    "a stream in itself": compressed(PAGE).replace(b"\2\0\4\0", b"\2\0\1\0"),
    "lines without end": b"%PDF-1.7\n" + b"\n-" * 1_000_000 + b"\nstartxref\n9\n%%EOF",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_found_damaged(content: bytes) -> None:
    with pytest.raises(PdfDamaged, match="cannot be read"):
        look_at_pdf(Blob.of(content))


def test_a_file_is_read_in_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes: list[int] = []
    read = Blob.read

    def watched(blob: Blob) -> bytes:
        sizes.append(blob.size)
        return read(blob)

    monkeypatch.setattr(Blob, "read", watched)
    large = written([*objects_of()[:3], objects_of(b"0" * (3 * PIECE))[-1]])
    look_at_pdf(Blob.of(large))
    with pytest.raises(PdfDamaged):
        look_at_pdf(Blob.of(large.replace(b"3 0 obj", b"5 0 obj")))
    assert max(sizes) < PIECE
    assert sum(sizes) < PIECE


def test_no_file_is_copied(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [Blob.of(WHOLE[name]) for name in WHOLE]
    monkeypatch.delattr(BlobWriter, "append")
    for file in files:
        look_at_pdf(file)


def test_what_pypdf_thinks_of_a_file_stays_out_of_logs(caplog: pytest.LogCaptureFixture) -> None:
    spaced = PDF.replace(b"3 0 obj", b"3  0 ob")
    logger = logging.getLogger("pypdf")
    with caplog.at_level(logging.INFO, "pypdf"):
        for content in (spaced, written(root=b"/Root 3 0 R"), PDF):
            with contextlib.suppress(PdfDamaged):
                look_at_pdf(Blob.of(content))
        assert not caplog.records
        # Whoever uses it besides hears of it as before.
        assert logger.level == logging.INFO
        with pytest.raises(LimitReachedError):
            len(
                PdfReader(
                    io.BytesIO(written(root=b"/Root 3 0 R")), root_object_recovery_limit=0
                ).pages
            )
        assert caplog.records


def test_a_part_of_a_blob_is_read_as_a_file() -> None:
    stream = Blob.of(b"-0123456789-").slice(1, 11).stream()
    assert stream.readable()
    assert stream.seekable()
    assert not stream.writable()
    assert [stream.read(4), stream.tell(), stream.read(), stream.read(1)] == [
        b"0123",
        4,
        b"456789",
        b"",
    ]
    assert [stream.seek(-2, io.SEEK_END), stream.read(9)] == [8, b"89"]
    assert [stream.seek(-9, io.SEEK_CUR), stream.read(1)] == [1, b"1"]
    assert [stream.seek(99), stream.read(1)] == [99, b""]
    for place, whence in ((-1, io.SEEK_SET), (-11, io.SEEK_END), (-100, io.SEEK_CUR)):
        with pytest.raises(ValueError, match="beginning"):
            stream.seek(place, whence)
    assert stream.tell() == 99


def test_a_query_without_a_file_or_with_another_type_is_refused(emulator: EmulatorServer) -> None:
    for query in ("", "<FileDocument/>", '<FileDocument FileType="PDF"/>'):
        answer = soap(
            emulator,
            "ValidateDocument",
            "ValidateDocument",
            f"<ValidateDocumentQuery>{query}</ValidateDocumentQuery>",
        )
        assert refusal(answer) == "The query holds no file."
    for kind in ("DOC", "DOCX", "TIF"):
        answer = validate(emulator, PDF, f'FileType="{kind}"')
        assert refusal(answer) == "Only files of type PDF can be validated."
    assert len(soap(emulator, "ValidateDocument", "ValidateDocument").root) == 0


# --- documents -----------------------------------------------------------------------------------


def test_a_completed_document_is_valid_and_tells_whose_it_is() -> None:
    now = NOW
    accounts = Accounts(
        assuresign=(
            AssureSignAccount(
                context_identifier=UUID(ACCOUNT),
                name="Example & Co.",
                user_names=frozenset({"other@example.com"}),
                users=(
                    AssureSignUser(
                        user_name=OWNER, password="p", first_name="Ada", last_name="Byron"
                    ),
                ),
            ),
        )
    )
    configured = EmulatorSettings(schemas=SCHEMAS, accounts=accounts)
    with EmulatorServer(configured, state=State(clock=lambda: now)) as emulator:
        document = submit(emulator, PDF, owner="Owner@example.com")
        other = written(objects_of(b"other"))
        submit(emulator, other, "Other", "other@example.com")
        expected = {
            "DocumentName": "Contract",
            "Originator": "Ada Byron",
            "OriginatingCompany": "Example & Co.",
        }
        result = found(validate(emulator, PDF))
        assert dict(result.items()) == expected | {
            "Code": "INC",
            "Description": "The document is not completed.",
        }
        now += timedelta(days=1)
        control(emulator, "assuresign/documents/sign", document)
        now += timedelta(days=1)
        result = found(validate(emulator, PDF))
        assert dict(result.items()) == expected | {
            "Code": "COV",
            "Description": "The document is completed and valid.",
            "DateCompleted": "2026-11-23T10:00:00.0000000+00:00",
        }
        assert found(validate(emulator, other)).get("Originator") == "other@example.com"


def test_each_end_of_a_document_has_its_code(emulator: EmulatorServer) -> None:
    documents = {
        action: written(objects_of(action.encode())) for action in ("complete", "decline", "expire")
    }
    identifiers = {action: submit(emulator, content) for action, content in documents.items()}
    assert {code(emulator, content) for content in documents.values()} == {"INC"}
    for action, identifier in identifiers.items():
        assert control(emulator, f"assuresign/documents/{action}", identifier).is_success
    codes = {action: code(emulator, content) for action, content in documents.items()}
    assert codes == {"complete": "COV", "decline": "DCN", "expire": "EXP"}


def envelope_with(emulator: EmulatorServer, content: bytes) -> str:
    """Submit a file to an envelope; give the envelope's keys."""
    created = soap(
        emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'
    ).one("CreateEnvelopeResult")
    soap(
        emulator,
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}">'
        f'<Metadata EnvelopeId="{created.get("EnvelopeId")}"/>'
        f'<UnderlyingFile FileType="PDF"><Data>{base64.b64encode(content).decode()}</Data>'
        "</UnderlyingFile></FileDocument></Documents>",
    )
    token = created.get("AuthToken")
    return f'EnvelopeId="{created.get("EnvelopeId")}" {{}}="{token}"'


def delete_envelope(emulator: EmulatorServer, keys: str) -> None:
    soap(
        emulator,
        "Envelopes",
        "DeleteEnvelope",
        f'<Requests><DeleteEnvelopeRequest ContextIdentifier="{ACCOUNT}"'
        f" {keys.format('EnvelopeAuthToken')}/></Requests>",
    )


def test_a_cancelled_document_has_its_code_and_a_deleted_one_no_match(
    emulator: EmulatorServer,
) -> None:
    keys = envelope_with(emulator, PDF)
    assert code(emulator, PDF) == "INC"
    request = f'<Request ContextIdentifier="{ACCOUNT}" {keys.format("AuthToken")}/>'
    soap(emulator, "Envelopes", "CancelEnvelope", request)
    assert code(emulator, PDF) == "CAN"
    delete_envelope(emulator, keys)
    assert code(emulator, PDF) == "NMD"
    assert code(emulator, written(objects_of(b"other"))) == "NAS"
    # The same file once more is a document again.
    submit(emulator, PDF)
    assert code(emulator, PDF) == "INC"


@pytest.mark.parametrize(
    ("original", "changed"),
    [
        (PDF, APPENDED),
        (written(trailer=ID), written(objects_of(b"Jello"), trailer=ID)),
        (
            written(trailer=ID),
            written(objects_of(b"Longer"), trailer=b"/ID[<00 11 22 33><FF>]"),
        ),
        (
            compressed(PAGE, trailer=ID),
            compressed(b"<< /Type /Page /Parent 2 0 R /A 1 >>", trailer=ID),
        ),
    ],
    ids=["appended", "identifier", "identifier and size", "streams"],
)
def test_a_completed_document_that_was_changed_is_invalid(
    emulator: EmulatorServer, original: bytes, changed: bytes
) -> None:
    document = submit(emulator, original)
    assert code(emulator, changed) == "INC"
    control(emulator, "assuresign/documents/complete", document)
    assert code(emulator, original) == "COV"
    result = found(validate(emulator, changed))
    assert result.get("Code") == "COI"
    assert result.get("DocumentName") == "Contract"
    assert result.get("DateCompleted")
    # Other files are none of it.
    assert code(emulator, written(objects_of(b"other"), trailer=b"/ID [<99> <99>]")) == "NAS"
    assert code(emulator, written(objects_of(b"other"))) == "NAS"


def test_of_documents_with_the_same_file_a_completed_one_counts_then_the_youngest() -> None:
    now = NOW
    settings_of = EmulatorSettings(schemas=SCHEMAS)
    with EmulatorServer(settings_of, state=State(clock=lambda: now)) as emulator:
        first = submit(emulator, PDF, "First")
        now += timedelta(seconds=1)
        second = submit(emulator, PDF, "Second")
        assert found(validate(emulator, PDF)).get("DocumentName") == "Second"
        control(emulator, "assuresign/documents/decline", second)
        assert code(emulator, PDF) == "DCN"
        control(emulator, "assuresign/documents/complete", first)
        assert found(validate(emulator, PDF)).get("DocumentName") == "First"


@pytest.mark.parametrize("content", [b"", b"%", b"%PDF-1.7\n", PDF[:-7]])
def test_what_is_no_whole_pdf_has_no_changed_versions(
    emulator: EmulatorServer, content: bytes
) -> None:
    submit(emulator, content)
    assert PDF.startswith(content)
    assert code(emulator, PDF) == "NAS"


def test_a_validation_makes_no_account(emulator: EmulatorServer) -> None:
    submit(emulator, PDF)
    before = emulator.state.summary()
    assert found(validate(emulator, PDF)).get("OriginatingCompany") is None
    assert emulator.state.summary() == before


def test_others_are_served_while_files_are_looked_at(
    emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    submit(emulator, written(objects_of(b"other"), trailer=ID))
    statuses: list[int] = []

    def look(file: Blob, allowance: Allowance) -> PdfFacts:
        statuses.append(get(f"{emulator.url}/_esignwire/state").status_code)
        return look_at_pdf(file, allowance)

    monkeypatch.setattr("esignwire.emulator.pdf_reader.look_at_pdf", look)
    assert code(emulator, written(trailer=ID)) == "INC"
    assert statuses == [200, 200]


def test_what_is_deleted_while_files_are_looked_at_matches_nothing(
    emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys = envelope_with(emulator, PDF)
    begins_with = Blob.begins_with

    def compare(file: Blob, other: Blob) -> bool:
        delete_envelope(emulator, keys)
        return begins_with(file, other)

    monkeypatch.setattr(Blob, "begins_with", compare)
    assert code(emulator, PDF) == "NMD"


def test_each_file_of_a_document_is_looked_at_once(
    emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[bytes] = []

    def watched(file: Blob, allowance: Allowance) -> PdfFacts:
        looked.append(file.read())
        return look_at_pdf(file, allowance)

    monkeypatch.setattr("esignwire.emulator.pdf_reader.look_at_pdf", watched)
    known = [written(objects_of(b"%d" % number), trailer=ID) for number in range(3)]
    known.append(b"damaged")
    for content in known:
        submit(emulator, content)
    asked = written(objects_of(b"asked"), trailer=b"/ID [<99> <99>]")
    assert code(emulator, asked) == "NAS"
    assert looked == [asked, *known]
    changed = written(objects_of(b"changed"), trailer=ID)
    assert code(emulator, changed) == "INC"
    assert looked[5:] == [changed]
    # Where there is no identifier, other documents cannot match.
    submit(emulator, written(objects_of(b"late"), trailer=ID))
    assert code(emulator, PDF) == "NAS"
    assert looked[6:] == [PDF]


def test_a_validation_that_runs_out_of_time_goes_on_when_asked_again(
    emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(4):
        submit(emulator, written(objects_of(b"%d" % number), trailer=ID))
    asked = written(objects_of(b"x"), trailer=b"/ID [<99887766> <44556677>]")
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 1e9)
    # Time enough for the file and for one and a half of the documents' files.
    monkeypatch.setattr("esignwire.emulator.pdf_reader._LONGEST_SECONDS", 2.5 * steps_of(asked))
    steps = itertools.count()
    monkeypatch.setattr(
        "esignwire.emulator.pdf_reader.Allowance", lambda: Allowance(lambda: float(next(steps)))
    )
    for _ in range(3):
        assert refusal(validate(emulator, asked)) == (
            "There was no time to look at every document. Ask again: what was seen is kept."
        )
    assert code(emulator, asked) == "NAS"


def test_a_file_comes_beside_the_message_too(emulator: EmulatorServer) -> None:
    large = written(objects_of(b"0" * (3 * PIECE)))
    submit(emulator, large)
    query = (
        f'<ValidateDocumentQuery><FileDocument FileType="PDF"><Data>{include("file")}</Data>'
        "</FileDocument></ValidateDocumentQuery>"
    )
    answer = mtom(emulator, "ValidateDocument", "ValidateDocument", query, file=large)
    assert found(answer).get("Code") == "INC"
    answer = mtom(emulator, "ValidateDocument", "ValidateDocument", query, file=large[:-1] + b" ")
    assert found(answer).get("Code") == "NAS"


def test_the_pages_that_the_emulator_makes_up_are_whole(emulator: EmulatorServer) -> None:
    answer = soap(
        emulator,
        "DownloadTemplate",
        "DownloadTemplate",
        f'<Request ContextIdentifier="{ACCOUNT}" TemplateId="{ACCOUNT}"/>',
    )
    assert code(emulator, base64.b64decode(answer.text("FileData"))) == "NAS"


# --- the client ----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_the_client_validates_documents(kind: Kind, emulator: EmulatorServer) -> None:
    document = submit(emulator, PDF)
    control(emulator, "assuresign/documents/complete", document)

    def ask(client: Driver, data: bytes, kind: str = "PDF") -> validate_document.ValidationResult:
        request = validate_document.ValidateDocument(
            validate_document_query=validate_document.ValidateDocumentQuery(
                file_document=validate_document.FileDocument(
                    data=data, file_type=validate_document.SupportedFileType(kind)
                )
            )
        )
        answer = client.service("validate_document", "validate_document", request)
        result = answer.validate_document_result
        if result.exceptions is not None:
            raise LookupError(result.exceptions.validate_document_exception[0].value)
        told: validate_document.ValidationResult = result.validation_result
        return told

    with StrictReading(), Driver(kind, emulator.assuresign_url) as client:
        valid = ask(client, PDF)
        assert valid.code is validate_document.ResultCode.COV
        assert valid.document_name == "Contract"
        assert valid.originator == OWNER
        assert valid.date_completed is not None
        assert ask(client, APPENDED).code is validate_document.ResultCode.COI
        assert ask(client, PDF[:-9]).code is validate_document.ResultCode.CPT
        with pytest.raises(LookupError, match="Only files of type PDF"):
            ask(client, PDF, "DOC")
