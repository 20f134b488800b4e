"""Submissions of all three kinds: what is sent, and how answers are read."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from base64 import b64decode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esignwire._call import Call
from esignwire._client import SkippedPauses
from esignwire._codec import Answered
from esignwire._http import HttpSettings
from esignwire.assuresign import (
    DocumentReference,
    FileDocument,
    FileRetrievalDocument,
    JotBlock,
    RejectedDocument,
    SubmissionCompleted,
    SubmissionSession,
    SubmittedDocument,
    TemplateDocument,
    VendorException,
)
from esignwire.assuresign._replies import document_outcomes
from esignwire.assuresign.types import submit
from esignwire.emulator import Accounts, AssureSignAccount, EmulatorServer, EmulatorSettings
from esignwire.errors import (
    AssureSignError,
    InvalidRequest,
    OutcomeUnknown,
    UnexpectedResponse,
)
from tests.support.assuresign import (
    ACCOUNT,
    DOCUMENT,
    ENVELOPE,
    KINDS,
    LOST,
    OTHER_DOCUMENT,
    SERVICES,
    SESSION,
    TEMPLATE,
    TOKEN,
    USER,
    Driver,
    Kind,
    judged,
    path,
    scripted,
    soap,
    submitted,
)

each_kind = pytest.mark.parametrize("kind", KINDS)
NS = f"{{{SERVICES}/Submit}}"
PDF = b"%PDF-1.4\n%%EOF\n"
CREATED = f'<DocumentResult Id="{DOCUMENT}" AuthToken="{TOKEN}"/>'
NewDocument = TemplateDocument | FileDocument | FileRetrievalDocument


def template(**members: Any) -> TemplateDocument:
    return TemplateDocument(template_id=TEMPLATE, **members)


def file(source: Any = PDF, **members: Any) -> FileDocument:
    return FileDocument(source, template_id=TEMPLATE, **members)


def retrieved(url: Any = "https://example.com/lease.pdf", **members: Any) -> FileRetrievalDocument:
    return FileRetrievalDocument(url, template_id=TEMPLATE, **members)


EACH = [
    (template, "Submit", "Document"),
    (file, "SubmitWithFile", "FileDocument"),
    (retrieved, "SubmitWithFileRetrieval", "FileRetrievalDocument"),
]
each_document = pytest.mark.parametrize(("make", "operation", "item"), EACH)


def result(number: int, order: str | None = None, name: str | None = None, words: str = "") -> str:
    facts = "".join(
        f' {key}="{value}"'
        for key, value in (("OrderNumber", order), ("DocumentName", name))
        if value
    )
    metadata = f"<Metadata{facts}/>" if facts else ""
    if words:
        return (
            f"<DocumentResult>{metadata}<Exceptions>"
            f'<DocumentException Severity="Error">{words}</DocumentException>'
            "</Exceptions></DocumentResult>"
        )
    key = uuid.UUID(int=number)
    return f'<DocumentResult Id="{key}" AuthToken="{TOKEN}">{metadata}</DocumentResult>'


# --- What is sent -----------------------------------------------------------------------------


@each_kind
@each_document
def test_a_document_says_all_that_was_given(
    kind: Kind, make: Any, operation: str, item: str
) -> None:
    document = make(
        parameters={"Signatory 1 First Name": "Jörg & <Söhne>"},
        document_name="Contract",
        order_number="7xe-123478",
        password="opensesame",
        expiration_date=dt.date(2027, 4, 13),
        culture="en-US",
        signature_device_support_enabled=True,
        envelope_id=ENVELOPE,
        terms_and_conditions=submit.TermsAndConditions(additional_agreement_statement="Yes."),
        user_name="other@example.com",
    )
    with scripted(kind, submitted(operation, CREATED)) as (client, server):
        found = client.submit(document)
    assert found == SubmittedDocument(id=uuid.UUID(DOCUMENT), auth_token=uuid.UUID(TOKEN))
    assert isinstance(found, DocumentReference)
    (received,) = server.received
    assert path(received).endswith("/Submit/text")
    message = judged(received)
    assert message.tag == f"{NS}{operation}"
    (sent,) = message.findall(f"{NS}Documents/{NS}{item}")
    assert sent.get("ContextIdentifier") == ACCOUNT
    metadata, body = sent[0], sent[1]
    assert dict(metadata.attrib) == {
        "UserName": "other@example.com",
        "DocumentName": "Contract",
        "OrderNumber": "7xe-123478",
        "Password": "opensesame",
        "ExpirationDate": "2027-04-13",
        "Culture": "en-US",
        "SignatureDeviceSupportEnabled": "true",
        "EnvelopeId": ENVELOPE,
    }
    assert metadata[0][0].text == "Yes."
    assert body.get("Id") == TEMPLATE
    assert dict(body[0][0].attrib) == {
        "Name": "Signatory 1 First Name",
        "Value": "Jörg & <Söhne>",
    }


@each_kind
def test_a_file_travels_with_its_blocks(kind: Kind, tmp_path: Path) -> None:
    lease = tmp_path / "lease.DOCX"
    lease.write_bytes(PDF)
    document = file(
        lease,
        jot_blocks=[JotBlock(name="A")],
        signer_attachments=[submit.SignerAttachment(label="Passport", required=True)],
        parse_document=True,
        initial_pages_to_parse=200,
        final_pages_to_parse=50,
    )
    progress: list[int] = []
    with scripted(kind, submitted("SubmitWithFile", CREATED)) as (client, server):
        client.submit(document, progress=lambda done, _: progress.append(done))
    (sent,) = judged(server.received[0]).findall(f".//{NS}FileDocument")
    assert [sent.get(name) for name in ("ParseDocument", "InitialPagesToParse")] == ["true", "200"]
    assert sent.get("FinalPagesToParse") == "50"
    underlying = sent.find(f"{NS}UnderlyingFile")
    assert underlying is not None
    assert underlying.get("FileType") == "DOCX"
    assert b64decode(underlying[0].text or "") == PDF
    assert [one.tag for one in sent[2:]] == [
        f"{NS}UnderlyingFile",
        f"{NS}JotBlocks",
        f"{NS}SignerAttachments",
    ]
    assert progress


@pytest.mark.parametrize(
    ("source", "given", "expected"),
    [
        (PDF, None, "PDF"),
        (bytearray(PDF), "TIFF", "TIFF"),
        (io.BytesIO(PDF), None, "PDF"),
        (PDF, submit.SupportedFileType.RTF, "RTF"),
    ],
)
def test_the_format_of_a_file(source: Any, given: Any, expected: str) -> None:
    with scripted("sync", submitted("SubmitWithFile", CREATED)) as (client, server):
        client.submit(file(source, file_type=given))
    (found,) = judged(server.received[0]).findall(f".//{NS}UnderlyingFile")
    assert found.get("FileType") == expected


def test_an_open_file_is_sent_from_where_it_stands(tmp_path: Path) -> None:
    lease = tmp_path / "lease.html"
    lease.write_bytes(b"skipped" + PDF)
    with (
        lease.open("rb") as opened,
        scripted("sync", submitted("SubmitWithFile", CREATED)) as (client, server),
    ):
        opened.seek(7)
        client.submit(file(opened))
    (found,) = judged(server.received[0]).findall(f".//{NS}UnderlyingFile")
    assert found.get("FileType") == "HTML"
    assert b64decode(found[0].text or "") == PDF


@pytest.mark.parametrize(
    ("url", "members", "expected"),
    [
        (
            "https://example.com/lease.docx?key=secret",
            {},
            {"Url": "https://example.com/lease.docx?key=secret", "FileType": "DOCX"},
        ),
        ("https://example.com/lease.aspx", {}, {"Url": "https://example.com/lease.aspx"}),
        ("http://[broken", {}, {"Url": "http://[broken"}),
        (
            "sftp://files.example.com/1",
            {
                "retrieval_method": "Sftp",
                "file_type": "PDF",
                "credential": submit.FileRetrievalCredential(username="me", password="s3cret"),
            },
            {
                "Url": "sftp://files.example.com/1",
                "FileType": "PDF",
                "RetrievalMethod": "Sftp",
                "RequiresAuthentication": "true",
            },
        ),
    ],
)
def test_a_file_to_retrieve(url: str, members: dict[str, Any], expected: dict[str, str]) -> None:
    document = retrieved(url, **members)
    assert url not in repr(document)
    assert "s3cret" not in repr(document)
    with scripted("sync", submitted("SubmitWithFileRetrieval", CREATED)) as (client, server):
        client.submit(document)
    (found,) = judged(server.received[0]).findall(f".//{NS}UnderlyingFileMetadata")
    assert dict(found.attrib) == expected


@each_kind
@each_document
def test_an_asynchronous_submission_of_any_kind(
    kind: Kind, make: Any, operation: str, item: str
) -> None:
    answer = soap(
        f'<Async{operation}Response xmlns="{SERVICES}/Submit">'
        f'<Async{operation}Result SessionId="{SESSION}"/></Async{operation}Response>'
    )
    with scripted(kind, answer) as (client, server):
        session = client.async_submit(make(), make())
    assert session == SubmissionSession(id=uuid.UUID(SESSION))
    message = judged(server.received[0])
    assert message.tag == f"{NS}Async{operation}"
    assert len(message.findall(f"{NS}Documents/{NS}{item}")) == 2


# --- How answers are read ---------------------------------------------------------------------


@each_kind
@each_document
def test_a_refused_document_raises(kind: Kind, make: Any, operation: str, item: str) -> None:
    del item
    refused = (
        "<DocumentResult><Exceptions>"
        '<DocumentException Severity="Warning">Odd.</DocumentException>'
        '<DocumentException Severity="Error">No value "s3cret" here.</DocumentException>'
        "</Exceptions></DocumentResult>"
    )
    with (
        scripted(kind, submitted(operation, refused)) as (client, _),
        pytest.raises(AssureSignError) as caught,
    ):
        client.submit(make(parameters={"Signatory 1 Password": "s3cret"}))
    assert (caught.value.operation, caught.value.http_status) == (operation, 200)
    assert [severity for severity, _ in caught.value.exceptions] == ["Warning", "Error"]
    assert "s3cret" not in str(caught.value)
    assert "the document was not created" in str(caught.value)


@each_kind
def test_warnings_stay_readable(kind: Kind) -> None:
    warned = (
        f'<DocumentResult Id="{DOCUMENT}" AuthToken="{TOKEN}"><Exceptions>'
        '<DocumentException Severity="Warning">Odd.</DocumentException></Exceptions>'
        "</DocumentResult>"
    )
    with scripted(kind, submitted("Submit", warned)) as (client, _):
        assert client.submit(template()).warnings == (
            VendorException(severity="Warning", text="Odd."),
        )


@pytest.mark.parametrize(
    "found",
    [
        "<DocumentResult/>",
        "<DocumentResult><Exceptions/></DocumentResult>",
        f'<DocumentResult Id="{DOCUMENT}"/>',
        f'<DocumentResult Id="{uuid.UUID(int=0)}" AuthToken="{uuid.UUID(int=0)}"/>',
        "",
    ],
)
def test_an_answer_without_keys_is_no_success(found: str) -> None:
    with (
        scripted("sync", submitted("Submit", found)) as (client, _),
        pytest.raises(UnexpectedResponse) as caught,
    ):
        client.submit(template())
    assert not caught.value.is_retry_safe


@each_kind
def test_a_bad_document_hides_no_good_one(kind: Kind) -> None:
    answer = submitted(
        "SubmitWithFile", result(3, "c"), result(1, "a"), result(2, "b", words="No.")
    )
    with scripted(kind, answer) as (client, _):
        outcomes = client.submit_all([file(order_number=name) for name in "abc"])
    assert [type(one) for one in outcomes] == [
        SubmittedDocument,
        RejectedDocument,
        SubmittedDocument,
    ]
    assert [one.id for one in outcomes] == [uuid.UUID(int=1), None, uuid.UUID(int=3)]
    assert outcomes[1].exceptions[0].text == "No."


def read(documents: list[TemplateDocument], *results: str) -> list[uuid.UUID | None]:
    with scripted("sync", submitted("Submit", *results)) as (client, _):
        return [one.id for one in client.submit_all(documents)]


def ids(*numbers: int | None) -> list[uuid.UUID | None]:
    return [None if one is None else uuid.UUID(int=one) for one in numbers]


def test_a_document_that_the_answer_leaves_out_has_an_outcome() -> None:
    documents = [template(order_number=name) for name in "abc"]
    assert read(documents, result(3, "c"), result(1, "a")) == ids(1, None, 3)
    assert read(documents, result(9, "z"), result(1, "a")) == ids(1, None, None)


def test_facts_that_do_not_tell_leave_the_order() -> None:
    same = [template(document_name="Lease") for _ in range(3)]
    assert read(same, *(result(n, name="Lease") for n in (1, 2, 3))) == ids(1, 2, 3)
    assert read(same, result(1), result(2), result(3)) == ids(1, 2, 3)
    two = [template(order_number="a"), template(order_number="b")]
    # The vendor repeated nothing of the first.
    assert read(two, result(2, "b"), result(1)) == ids(1, 2)
    # More answers than questions: what answers none is let pass.
    assert read(two, result(2, "b"), result(7, "q"), result(1, "a")) == ids(1, 2)


@given(st.data())
def test_each_question_gets_its_own_answer(data: st.DataObject) -> None:
    orders = data.draw(st.lists(st.text("abc", min_size=1, max_size=2), min_size=1, max_size=6))
    kept = data.draw(st.lists(st.booleans(), min_size=len(orders), max_size=len(orders)))
    asked = [template(order_number=order) for order in orders]
    answered = [
        submit.DocumentResult(
            id=uuid.UUID(int=number + 1),
            auth_token=uuid.UUID(TOKEN),
            metadata=submit.Metadata(order_number=order),
        )
        for number, (order, is_kept) in enumerate(zip(orders, kept, strict=True))
        if is_kept
    ]
    if not answered:
        return
    shuffled = data.draw(st.permutations(answered))
    results = submit.ArrayOfDocumentResult(document_result=list(shuffled))
    call = Call(vendor="AssureSign", operation="Submit", is_safe=False)
    outcomes = document_outcomes(Answered(results, call, 200, None), results, asked)
    assert len(outcomes) == len(asked)
    found = [one for one in outcomes if isinstance(one, SubmittedDocument)]
    # No key is lost, none is given twice, and none to a document of another order number.
    assert sorted(one.id.int for one in found) == sorted(one.id.int for one in answered if one.id)
    for order, outcome in zip(orders, outcomes, strict=True):
        if isinstance(outcome, SubmittedDocument):
            assert outcome.metadata is not None
            assert outcome.metadata.order_number == order


@each_kind
@each_document
def test_an_unknown_outcome_names_what_to_look_for(
    kind: Kind, make: Any, operation: str, item: str
) -> None:
    del operation, item
    settings = HttpSettings(attempts=3)
    for call in ("submit", "submit_all", "async_submit"):
        document = make(order_number="4711", document_name="Lease")
        with (
            scripted(kind, LOST, http_settings=settings) as (client, server),
            pytest.raises(OutcomeUnknown) as caught,
        ):
            getattr(client, call)([document] if call == "submit_all" else document)
        assert caught.value.reference == "4711"
        assert len(server.received) == 1


def test_several_documents_are_looked_up_by_all_their_names() -> None:
    documents = [template(order_number="1"), template(document_name="Lease"), template()]
    with scripted("sync", LOST) as (client, _), pytest.raises(OutcomeUnknown) as caught:
        client.submit_all(documents)
    assert caught.value.reference == "1, Lease"


# --- Mistakes of callers ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "arguments", "where", "words"),
    [
        ("submit", ([template()],), "document", "a list was given"),
        ("submit", ("lease.pdf",), "document", "a str was given"),
        ("submit", (None,), "document", "None was given"),
        ("submit", (file("lease.pdf"),), "documents[0].file", "a str was given"),
        ("submit", (file(None),), "documents[0].file", "None was given"),
        ("submit", (file(io.StringIO("text")),), "documents[0].file", "binary mode"),
        ("submit", (file(Path("nowhere.pdf")),), "documents[0].file", "'nowhere.pdf'"),
        ("submit", (file(Path()),), "documents[0].file", "regular file"),
        ("submit", (retrieved(None),), "documents[0].url", "as text"),
        ("submit", (retrieved(" "),), "documents[0].url", "as text"),
        ("submit", (template(parameters=["a"]),), "documents[0].parameters", "a list was given"),
        ("submit", (file(jot_blocks="A"),), "documents[0].jot_blocks", "a str was given"),
        ("submit", (file(file_type="EXE"),), "documents[0].file_type", "one of PDF, DOC"),
        ("submit", (file(file_type=1),), "documents[0].file_type", "an int was given"),
        (
            "submit",
            (retrieved(retrieval_method="Gopher"),),
            "documents[0].retrieval_method",
            "BasicHttp",
        ),
        (
            "submit",
            (file(initial_pages_to_parse=200, final_pages_to_parse=51),),
            "documents[0]",
            "250 together at most",
        ),
        (
            "submit",
            (file(initial_pages_to_parse=-1),),
            "documents[0].initial_pages_to_parse",
            "0 or more",
        ),
        ("submit", (template(envelope_id="x"),), "documents[0].envelope_id", "a GUID"),
        ("submit", (TemplateDocument(template_id="x"),), "documents[0].template_id", "a GUID"),
        (
            "submit",
            (template(expiration_date=dt.datetime(2027, 1, 1)),),
            "Submit/Documents/Document/Metadata/@ExpirationDate",
            "time zone",
        ),
        ("submit_all", (template(),), "documents", "a TemplateDocument was given"),
        ("submit_all", ("text",), "documents", "a str was given"),
        ("submit_all", (None,), "documents", "None was given"),
        ("submit_all", ([],), "documents", "at least one"),
        ("submit_all", ([template(), None],), "documents[1]", "None was given"),
        ("submit_all", ([template(), file()],), "documents", "FileDocument and TemplateDocument"),
        ("async_submit", (), "documents", "at least one"),
        ("async_submit", ([template()],), "documents[0]", "a list was given"),
        ("async_submit", (None,), "documents[0]", "None was given"),
        ("async_submit", (template(), retrieved()), "documents", "submit each apart"),
        (
            "check_status",
            ([DocumentReference(id=DOCUMENT, auth_token=TOKEN)],),
            "documents[0]",
            "a list",
        ),
        ("check_status", (None,), "documents[0]", "None was given"),
        ("check_status", (SubmissionSession(id=uuid.UUID(SESSION)),), "documents[0]", "a Sub"),
    ],
)
def test_a_mistake_is_refused_in_words(
    call: str, arguments: tuple[Any, ...], where: str, words: str
) -> None:
    with (
        scripted("sync", submitted("Submit", CREATED)) as (client, server),
        pytest.raises(InvalidRequest) as caught,
    ):
        getattr(client, call)(*arguments)
    assert caught.value.path == where
    assert words in caught.value.message
    assert not server.received


def test_a_file_of_an_unknown_format_must_say_its_format(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_bytes(PDF)
    with scripted("sync", submitted("SubmitWithFile", CREATED)) as (client, server):
        with pytest.raises(InvalidRequest, match=r"ends in \.txt") as caught:
            client.submit(file(notes))
        assert caught.value.path == "documents[0].file_type"
        client.submit(file(notes, file_type="PDF"))
    assert len(server.received) == 1


# --- Against the emulator ---------------------------------------------------------------------


@each_kind
def test_each_kind_is_taken_by_the_emulator(kind: Kind) -> None:
    account = AssureSignAccount(
        context_identifier=uuid.UUID(ACCOUNT), templates=frozenset({uuid.UUID(TEMPLATE)})
    )
    with (
        SkippedPauses(),
        EmulatorServer(EmulatorSettings(accounts=Accounts(assuresign=(account,)))) as emulator,
        Driver(kind, emulator.assuresign_url) as client,
    ):
        for make, _, _ in EACH:
            found = client.submit(make())
            assert found.id in emulator.state.assuresign.documents
            other = make()
            unknown = type(other)(
                *([PDF] if isinstance(other, FileDocument) else []),
                *(["https://example.com/"] if isinstance(other, FileRetrievalDocument) else []),
                template_id=uuid.UUID(int=1),
            )
            with pytest.raises(AssureSignError, match="no template"):
                client.submit(unknown)
            assert [type(one) for one in client.submit_all([make(), unknown, make()])] == [
                SubmittedDocument,
                RejectedDocument,
                SubmittedDocument,
            ]
            session = client.async_submit(make(), unknown)
            ended = client.wait_for_session(session)
            assert isinstance(ended, SubmissionCompleted)
            assert (len(ended.documents), len(ended.rejected)) == (1, 1)


def test_a_document_can_be_larger_than_what_is_kept_in_memory(tmp_path: Path) -> None:
    lease = tmp_path / "lease.pdf"
    lease.write_bytes(PDF * 200_000)
    for uses_mtom in (False, True):
        with (
            EmulatorServer() as emulator,
            Driver("sync", emulator.assuresign_url, uses_mtom=uses_mtom) as client,
        ):
            document = client.submit(file(lease))
            assert client.download(document, "original") == lease.read_bytes()


def test_handles_of_any_kind_serve() -> None:
    class Row:
        id = OTHER_DOCUMENT
        auth_token = TOKEN

    with EmulatorServer() as emulator, Driver("sync", emulator.assuresign_url) as client:
        made = client.submit(template())
        text = DocumentReference(id=str(made.id), auth_token=str(made.auth_token))
        for handle in (made, text):
            (status,) = client.check_status(handle)
            assert status.id == made.id
            assert client.history(handle)
        (status,) = client.check_status(Row())
        assert "no document" in status.exceptions[0].text
    assert USER not in repr(text)
