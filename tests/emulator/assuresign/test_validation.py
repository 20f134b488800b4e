"""ValidateDocument of the emulator: what a glance at a file tells, and whose file it is."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from lxml import etree

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    AssureSignUser,
    EmulatorServer,
    EmulatorSettings,
    State,
)
from tests.support.emulator import ACCOUNT, SCHEMAS, Answer, control, include, mtom, soap

OWNER = "owner@example.com"
NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def written(text: bytes = b"Hello", *, trailer: bytes = b"") -> bytes:
    """Write a PDF with a cross-reference table."""
    content = b"%PDF-1.7\n"
    places: list[int] = []
    for number, body in enumerate(
        (
            b"<< /Type /Catalog /Pages 2 0 R >>",
            b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] /Contents 4 0 R >>",
            b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
        ),
        start=1,
    ):
        places.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        content
        + b"xref\n0 5\n0000000000 65535 f \n"
        + table
        + b"trailer\n<< /Size 5 /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n"
        % (trailer, len(content))
    )


def with_table_stream(entries: bytes, length: int = 10_000) -> bytes:
    """Write a PDF whose trailer is the head of a long cross-reference stream."""
    content = b"%PDF-1.5\n1 0 obj\n<< /Type /Catalog >>\nendobj\n"
    head = b"2 0 obj\n<< /Type /XRef /Length %d %s >>\nstream\n" % (length, entries)
    end = b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(content)
    return content + head + b"\0" * length + end


PDF = written()
# An incremental update, as ISO 32000 has it: the bytes before it stay.
APPENDED = PDF + b"5 0 obj\n(more)\nendobj\n" + PDF[PDF.index(b"xref") :]


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

WHOLE = {
    "table": PDF,
    "table in a stream": with_table_stream(b""),
    "after a preamble": b"\n\xef\xbb\xbf junk \n" + PDF,
    "with a short epilogue": PDF + b"\r\n" + b"\0" * 900,
    "written on": APPENDED,
    "with another end inside": written(b"startxref\n5\n%%EOF"),
    "that speaks of encryption far from its end": written(b"/Encrypt" + b"x" * 10_000),
    "whose table stands nowhere": PDF.replace(b"startxref\n", b"startxref\n99999999999999"),
}


@pytest.mark.parametrize("content", WHOLE.values(), ids=WHOLE)
def test_a_pdf_from_elsewhere_does_not_come_from_here(
    emulator: EmulatorServer, content: bytes
) -> None:
    result = found(validate(emulator, content, 'FileType="PDF"'))
    assert dict(result.items()) == {
        "Code": "NAS",
        "Description": "The file does not come from this service.",
    }


PROBLEMS = [
    (b"", "ERL"),
    (b"PK\x03\x04", "ERL"),
    (b" " * 1024 + PDF, "ERL"),
    (b"%PDF-1.7", "CPT"),
    (PDF[: len(PDF) // 2], "CPT"),
    (PDF[:-3], "CPT"),
    (PDF + b"\0" * 1100, "CPT"),
    (written(trailer=b"/Encrypt 9 0 R"), "EGA"),
    (written(trailer=b"/Encrypt<< /Filter /Standard >>"), "EGA"),
    (with_table_stream(b"/Encrypt 9 0 R"), "EGA"),
]


@pytest.mark.parametrize(("content", "expected"), PROBLEMS)
def test_what_is_wrong_with_a_file_is_told(
    emulator: EmulatorServer, content: bytes, expected: str
) -> None:
    # The code is the same where a document with this very file is known.
    submit(emulator, content)
    result = found(validate(emulator, content))
    assert result.get("Code") == expected
    assert set(result.keys()) == {"Code", "Description"}


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
        other = written(b"other")
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
    documents = {action: written(action.encode()) for action in ("complete", "decline", "expire")}
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
    assert code(emulator, written(b"other")) == "NAS"
    # The same file once more is a document again.
    submit(emulator, PDF)
    assert code(emulator, PDF) == "INC"


def test_a_completed_document_that_was_written_on_is_invalid(emulator: EmulatorServer) -> None:
    document = submit(emulator, PDF)
    assert code(emulator, APPENDED) == "INC"
    control(emulator, "assuresign/documents/complete", document)
    assert code(emulator, PDF) == "COV"
    result = found(validate(emulator, APPENDED))
    assert result.get("Code") == "COI"
    assert result.get("DocumentName") == "Contract"
    assert result.get("DateCompleted")
    assert code(emulator, written(b"other")) == "NAS"
    # A file that was submitted as it is matches its own document first.
    submit(emulator, APPENDED, "Appended")
    result = found(validate(emulator, APPENDED))
    assert (result.get("Code"), result.get("DocumentName")) == ("INC", "Appended")


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


def test_a_file_comes_beside_the_message_too(emulator: EmulatorServer) -> None:
    large = written(b"0" * 3_000_000)
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
