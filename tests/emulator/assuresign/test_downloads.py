"""What the emulator's AssureSign does with documents: down again, byte for byte, or refused."""

from __future__ import annotations

import base64
import socket
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    EmulatorServer,
    EmulatorSettings,
    State,
)
from tests.support.emulator import ACCOUNT, OTHER, SCHEMAS, TEMPLATE, Answer, control, soap

FILE = bytes(range(256)) + b"%PDF-1.4\r\n"
PASSWORD = 'Password="open &amp; sesame"'


def submit(
    emulator: EmulatorServer, metadata: str = "", content: bytes = FILE, more: str = ""
) -> tuple[str, str]:
    """Submit a file; give the document's id and token."""
    answer = soap(
        emulator,
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}">'
        f'<Metadata DocumentName="Contract" {metadata}/>{more}'
        f'<UnderlyingFile FileType="PDF"><Data>{base64.b64encode(content).decode()}</Data>'
        "</UnderlyingFile></FileDocument></Documents>",
    )
    result = answer.one("DocumentResult")
    return result.get("Id") or "", result.get("AuthToken") or ""


def submit_template(
    emulator: EmulatorServer, parameters: dict[str, str], template: str = TEMPLATE
) -> tuple[str, str]:
    given = "".join(f'<Parameter Name="{n}" Value="{v}"/>' for n, v in parameters.items())
    answer = soap(
        emulator,
        "Submit",
        "Submit",
        f'<Documents><Document ContextIdentifier="{ACCOUNT}"><Metadata DocumentName="From"/>'
        f'<Template Id="{template}"><Parameters>{given}</Parameters></Template></Document>'
        "</Documents>",
    )
    result = answer.one("DocumentResult")
    return result.get("Id") or "", result.get("AuthToken") or ""


def about(document: tuple[str, str], identifier: str = "Id", token: str = "AuthToken") -> str:  # noqa: S107  # a name
    return f'ContextIdentifier="{ACCOUNT}" {identifier}="{document[0]}" {token}="{document[1]}"'


def download(emulator: EmulatorServer, document: tuple[str, str], attributes: str = "") -> Answer:
    return soap(
        emulator, "Download", "Download", f"<Request {about(document, 'DocumentId')} {attributes}/>"
    )


def file(answer: Answer, name: str = "FileData") -> bytes:
    return base64.b64decode(answer.text(name))


def refusal(answer: Answer, name: str) -> str:
    assert answer.one(name).get("Severity") == "Error"
    return answer.text(name)


def test_a_file_comes_down_in_the_states_that_it_has(emulator: EmulatorServer) -> None:
    document = submit(emulator)
    assert file(download(emulator, document, 'DownloadType="Original"')) == FILE
    assert file(download(emulator, document, 'DownloadType="Interim"')) == FILE
    for attributes in ("", 'DownloadType="Completed"'):
        early = download(emulator, document, attributes)
        assert "SigningStepInProgress" in refusal(early, "DownloadException")
        assert not early.all("FileData")
    assert control(emulator, "assuresign/documents/sign", document[0]).is_success
    completed = download(emulator, document)
    assert completed.one("DownloadResult").get("DownloadType") == "Completed"
    assert file(completed) == FILE
    assert file(completed, "CompletionReportData").startswith(b"%PDF-")
    original = download(emulator, document, 'DownloadType="Original"')
    assert file(original) == FILE
    assert not original.all("CompletionReportData")
    late = download(emulator, document, 'DownloadType="Interim"')
    assert "Completed" in refusal(late, "DownloadException")


@pytest.mark.parametrize("size", [0, 1, 2, 3])
def test_files_of_few_bytes_come_down_whole(emulator: EmulatorServer, size: int) -> None:
    document = submit(emulator, content=FILE[:size])
    assert file(download(emulator, document, 'DownloadType="Original"')) == FILE[:size]


def test_a_file_is_for_those_with_the_token(emulator: EmulatorServer) -> None:
    document = submit(emulator)
    wrong = download(emulator, (document[0], OTHER), 'DownloadType="Original"')
    assert refusal(wrong, "DownloadException") == (
        "There is no document with this DocumentId and AuthToken."
    )


def test_a_password_or_a_session_opens_a_protected_file() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    state = State(clock=lambda: now)
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS), state=state) as emulator:
        document = submit(emulator, PASSWORD)
        original = 'DownloadType="Original"'
        for password in ("", 'Password="wrong"', f'DownloadSessionId="{OTHER}"'):
            wrong = download(emulator, document, f"{original} {password}")
            assert refusal(wrong, "DownloadException") == "The password is wrong."
        assert file(download(emulator, document, f"{original} {PASSWORD}")) == FILE

        def authenticate(password: str) -> Answer:
            question = f"<Request {about(document, 'DocumentId')} {password}/>"
            return soap(emulator, "AuthenticateDownload", "AuthenticateDownload", question)

        wrong = authenticate('Password="wrong"')
        assert refusal(wrong, "DownloadAuthenticationException") == "The password is wrong."
        assert wrong.one("AuthenticateDownloadResult").get("SessionId") is None
        session = authenticate(PASSWORD).one("AuthenticateDownloadResult")
        assert session.get("ExpirationDate") == "2026-11-22T00:15:00.0000000+00:00"
        leave = f'{original} DownloadSessionId="{session.get("SessionId")}"'
        assert file(download(emulator, document, leave)) == FILE
        # A session is for its document alone, and for its time.
        other = submit(emulator, PASSWORD)
        assert refusal(download(emulator, other, leave), "DownloadException")
        now += timedelta(minutes=15)
        assert refusal(download(emulator, document, leave), "DownloadException")


def test_an_envelope_comes_down_merged_or_file_by_file(emulator: EmulatorServer) -> None:
    created = soap(
        emulator,
        "Envelopes",
        "CreateEnvelope",
        f'<Request ContextIdentifier="{ACCOUNT}" WorkflowType="Parallel" EnvelopePassword="shut"/>',
    ).one("CreateEnvelopeResult")
    envelope = (created.get("EnvelopeId") or "", created.get("AuthToken") or "")
    files = [b"first" * 100_000, b"second"]
    documents = [submit(emulator, f'EnvelopeId="{envelope[0]}"', content) for content in files]

    def ask(attributes: str) -> Answer:
        return soap(
            emulator,
            "Envelopes",
            "DownloadEnvelopeDocuments",
            f"<Request {about(envelope, 'EnvelopeId')} {attributes}/>",
        )

    opened = 'EnvelopePassword="shut"'
    assert "Created" in refusal(ask(opened), "EnvelopeException")
    soap(emulator, "Envelopes", "CloseEnvelope", f"<Request {about(envelope, 'EnvelopeId')}/>")
    for document in documents:
        control(emulator, "assuresign/documents/complete", document[0])
    assert refusal(ask(""), "EnvelopeException") == "The password is wrong."
    single = ask(opened)
    assert [item.get("DocumentId") for item in single.all("EnvelopeDocument")] == [
        document[0] for document in documents
    ]
    report, *contents = [base64.b64decode(data.text or "") for data in single.all("Data")]
    assert report.startswith(b"%PDF-")
    assert contents == files
    assert not single.all("MergedDocument")
    merged = ask(f'{opened} MergeCompletedDocuments="true"')
    assert not merged.all("EnvelopeDocument")
    data = merged.one("MergedDocument")[0].text or ""
    assert b"2 documents" in base64.b64decode(data)


def test_a_merged_envelope_of_one_document_is_that_document(emulator: EmulatorServer) -> None:
    created = soap(
        emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'
    ).one("CreateEnvelopeResult")
    envelope = (created.get("EnvelopeId") or "", created.get("AuthToken") or "")
    document = submit(emulator, f'EnvelopeId="{envelope[0]}"')
    question = f"<Request {about(envelope, 'EnvelopeId')} %s/>"
    soap(emulator, "Envelopes", "CloseEnvelope", question % "")
    control(emulator, "assuresign/documents/complete", document[0])
    merged = soap(
        emulator,
        "Envelopes",
        "DownloadEnvelopeDocuments",
        question % 'MergeCompletedDocuments="1"',
    )
    assert base64.b64decode(merged.one("MergedDocument")[0].text or "") == FILE


def template_question(attributes: str = "") -> str:
    return f'ContextIdentifier="{ACCOUNT}" TemplateId="{TEMPLATE}" {attributes}'


def parameters(emulator: EmulatorServer) -> list[str | None]:
    answer = soap(
        emulator,
        "ListParameters",
        "ListParameters",
        f"<ParameterListQuery {template_question()}/>",
    )
    return [item.get("Name") for item in answer.all("TypedParameterItem")]


def test_templates_are_known_by_what_submissions_show(emulator: EmulatorServer) -> None:
    def listed() -> list[str | None]:
        answer = soap(
            emulator,
            "ListTemplates",
            "ListTemplates",
            f'<TemplateListQuery ContextIdentifier="{ACCOUNT}"/>',
        )
        return [item.get("Id") for item in answer.all("TemplateItem")]

    always = ["Signatory 1 Full Name", "Signatory 1 Email Address"]
    assert listed() == []
    assert parameters(emulator) == always
    submit_template(emulator, {"Rent": "900", "Signatory 2 Mobile Phone": "1112223333"})
    document = submit_template(emulator, {"Rent": "950", "Floor": "3"})
    assert listed() == [TEMPLATE]
    assert parameters(emulator) == [*always, "Rent", "Signatory 2 Mobile Phone", "Floor"]
    info = soap(
        emulator,
        "RetrieveTemplateInfo",
        "RetrieveTemplateInfo",
        f"<TemplateInfoQuery {template_question()}/>",
    )
    assert info.one("Metadata").get("Id") == TEMPLATE
    assert [item.get("Name") for item in info.all("TypedParameterInfo")] == parameters(emulator)
    first, second = info.all("SignatoryInfo")
    assert first.get("EmailAddressParameterName") == "Signatory 1 Email Address"
    assert second.get("MobilePhoneParameterName") == "Signatory 2 Mobile Phone"
    paper = soap(
        emulator, "DownloadTemplate", "DownloadTemplate", f"<Request {template_question()}/>"
    )
    assert file(paper).startswith(b"%PDF-")
    # A document from a template is the template's file.
    assert file(download(emulator, document, 'DownloadType="Original"')) == file(paper)


def test_an_account_file_says_which_templates_there_are() -> None:
    account = AssureSignAccount(
        context_identifier=UUID(ACCOUNT), templates=frozenset({UUID(TEMPLATE)})
    )
    settings = EmulatorSettings(schemas=SCHEMAS, accounts=Accounts(assuresign=(account,)))
    with EmulatorServer(settings) as emulator:
        listed = soap(
            emulator,
            "ListTemplates",
            "ListTemplates",
            f'<TemplateListQuery ContextIdentifier="{ACCOUNT}"/>',
        )
        assert [item.get("Id") for item in listed.all("TemplateItem")] == [TEMPLATE]
        unknown = f'ContextIdentifier="{ACCOUNT}" TemplateId="{OTHER}"'
        for contract, question, exception in (
            ("ListParameters", "ParameterListQuery", "ParameterListException"),
            ("RetrieveTemplateInfo", "TemplateInfoQuery", "TemplateInfoException"),
            ("DownloadTemplate", "Request", "DownloadTemplateException"),
        ):
            answer = soap(emulator, contract, contract, f"<{question} {unknown}/>")
            assert refusal(answer, exception) == (
                "The account has no template with this TemplateId."
            )


@pytest.mark.parametrize("is_async", [False, True])
def test_a_file_to_be_retrieved_is_stood_in_for(emulator: EmulatorServer, is_async: bool) -> None:
    operation = "AsyncSubmitWithFileRetrieval" if is_async else "SubmitWithFileRetrieval"
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/contract.pdf"
        item = (
            f'<FileRetrievalDocument ContextIdentifier="{ACCOUNT}">'
            '<UnderlyingFileMetadata RetrievalMethod="BasicHttp" FileType="PDF"'
            f' RequiresAuthentication="false" {{}}/></FileRetrievalDocument>'
        )
        items = item.format(f'Url="{url}"') + item.format("")
        answer = soap(emulator, "Submit", operation, f"<Documents>{items}</Documents>")
        if is_async:
            session = answer.one(f"{operation}Result").get("SessionId")
            question = f'<SessionLookup ContextIdentifier="{ACCOUNT}" SessionId="{session}"/>'
            for _ in range(2):
                answer = soap(
                    emulator,
                    "LookupSession",
                    "LookupSession",
                    f"<SessionLookups>{question}</SessionLookups>",
                )
        accepted, refused = answer.all("DocumentResult")
        assert refused.get("Id") is None
        document = (accepted.get("Id") or "", accepted.get("AuthToken") or "")
        paper = file(download(emulator, document, 'DownloadType="Original"'))
        assert b"A file that was not retrieved" in paper
        with pytest.raises(BlockingIOError):
            listener.accept()


def test_values_are_those_of_the_submission(emulator: EmulatorServer) -> None:
    more = (
        f'<Template Id="{TEMPLATE}"><Parameters><Parameter Name="Rent" Value="900"/></Parameters>'
        "</Template>"
    )
    blocks = (
        '<JotBlocks><JotBlock Name="Sum"><TypedProperties><Value>7 &amp; 8</Value>'
        '</TypedProperties></JotBlock><JotBlock Name="Here"/></JotBlocks>'
    )
    answer = soap(
        emulator,
        "Submit",
        "SubmitWithFile",
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}">{more}'
        f'<UnderlyingFile FileType="PDF"><Data>AAAA</Data></UnderlyingFile>{blocks}'
        "</FileDocument></Documents>",
    ).one("DocumentResult")
    document = (answer.get("Id") or "", answer.get("AuthToken") or "")
    values = soap(
        emulator,
        "GetDocumentValues",
        "GetDocumentValues",
        f"<DocumentValuesQuery {about(document)}/>",
    )
    assert [dict(item.attrib) for item in values.all("ParameterInfo")] == [
        {"Name": "Rent", "Value": "900"}
    ]
    assert [dict(item.attrib) for item in values.all("JotBlockInfo")] == [
        {"Name": "Sum", "Value": "7 & 8"},
        {"Name": "Here"},
    ]


SIGNERS = {
    "Signatory 1 Full Name": "Ann One",
    "Signatory 1 Email Address": "one@example.com",
    "Signatory 2 First Name": "Bob",
    "Signatory 2 Email Address": "two@example.com",
}


def notifications(emulator: EmulatorServer, question: str) -> Answer:
    return soap(
        emulator,
        "ListNotifications",
        "ListNotifications",
        f"<NotificationQueries><NotificationListQuery {question}/></NotificationQueries>",
    )


def test_each_step_has_its_notification_which_can_be_sent_again() -> None:
    now = datetime(2026, 11, 22, tzinfo=UTC)
    state = State(clock=lambda: now)
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS), state=state) as emulator:
        document = submit_template(emulator, SIGNERS)
        assert [
            item.get("EmailAddress")
            for item in notifications(emulator, about(document)).all("EmailNotificationRecipient")
        ] == ["one@example.com"]
        control(emulator, "assuresign/documents/sign", document[0])
        first, second = notifications(emulator, about(document)).all("EmailNotification")
        assert (first.get("SigningStep"), second.get("SigningStep")) == ("1", "2")

        def resend(identifier: str | None) -> Answer:
            return soap(
                emulator,
                "ResendNotification",
                "ResendNotification",
                f"<ResendRequests><ResendNotificationRequest {about(document)}>"
                f'<EmailNotification NotificationId="{identifier}"/>'
                "</ResendNotificationRequest></ResendRequests>",
            )

        now += timedelta(hours=1)
        again = resend(second.get("NotificationId")).one("ResendNotificationResult")
        assert again.get("Success") == "true"
        dates = [
            item.get("NotificationDate")
            for item in notifications(emulator, about(document)).all("EmailNotification")
        ]
        assert dates == [
            "2026-11-22T00:00:00.0000000+00:00",
            "2026-11-22T01:00:00.0000000+00:00",
        ]
        unknown = resend(OTHER)
        assert unknown.one("ResendNotificationResult").get("Success") == "false"
        assert refusal(unknown, "ResendNotificationException")
        control(emulator, "assuresign/documents/sign", document[0])
        assert "Completed" in refusal(
            resend(first.get("NotificationId")), "ResendNotificationException"
        )
        nobody = notifications(emulator, f'ContextIdentifier="{ACCOUNT}"')
        assert refusal(nobody, "NotificationListException") == (
            "Neither a document nor an envelope is named."
        )


def update(emulator: EmulatorServer, document: tuple[str, str], who: str, values: str) -> Answer:
    return soap(
        emulator,
        "UpdateSignatory",
        "UpdateSignatory",
        f"<SignatoryUpdateRequests><SignatoryUpdateRequest {about(document)} {who}>"
        f"<UpdatedSignatoryInfo {values}/></SignatoryUpdateRequest></SignatoryUpdateRequests>",
    )


def signers(emulator: EmulatorServer, document: tuple[str, str]) -> list[dict[str, str]]:
    answer = soap(
        emulator,
        "ListSignatories",
        "ListSignatories",
        f"<SignatoryListQuery {about(document)}/>",
    )
    secret = {"SignatoryId", "SignatoryAuthToken"}
    return [
        {str(n): str(v) for n, v in item.attrib.items() if n not in secret}
        for item in answer.all("SignatoryItem")
    ]


def test_a_signer_is_changed(emulator: EmulatorServer) -> None:
    document = submit_template(emulator, SIGNERS)
    who = 'SignatoryEmail="two@example.com"'
    changed = update(
        emulator,
        document,
        who,
        'EmailAddress="new@example.com" MobilePhone="1112223333" LastName="Two"',
    )
    assert changed.one("SignatoryUpdateResult").get("Success") == "true"
    assert signers(emulator, document)[1] == {
        "FirstName": "Bob",
        "LastName": "Two",
        "EmailAddress": "new@example.com",
        "MobilePhone": "1112223333",
    }
    for wrong, values, words in (
        (who, 'LastName="x"', "no such signatory"),
        ("", 'LastName="x"', "No signatory is named"),
        ('SignatoryMobilePhone="1112223333"', 'MobilePhone="+1 23"', "10 digits"),
    ):
        refused = update(emulator, document, wrong, values)
        assert refused.one("SignatoryUpdateResult").get("Success") == "false"
        assert words in refusal(refused, "SignatoryUpdateException")
    control(emulator, "assuresign/documents/complete", document[0])
    late = update(emulator, document, 'SignatoryEmail="one@example.com"', 'LastName="x"')
    assert "Completed" in refusal(late, "SignatoryUpdateException")
    assert signers(emulator, document)[0] == {
        "FullName": "Ann One",
        "EmailAddress": "one@example.com",
    }


def test_a_changed_signer_can_be_told_so(emulator: EmulatorServer) -> None:
    document = submit_template(emulator, SIGNERS)
    update(
        emulator,
        document,
        'SignatoryEmail="one@example.com" ResendLastEmail="true"',
        'EmailAddress="new@example.com"',
    )
    recipient = notifications(emulator, about(document)).one("EmailNotificationRecipient")
    assert recipient.get("EmailAddress") == "new@example.com"
    history = soap(
        emulator,
        "ViewHistory",
        "ViewHistory",
        f"<DocumentHistoryViews><DocumentHistoryView {about(document)}/></DocumentHistoryViews>",
    )
    assert "resent" in (history.all("DocumentEvent")[-1].get("Details") or "")


def test_links_are_for_those_who_sign(emulator: EmulatorServer) -> None:
    document = submit_template(emulator, SIGNERS)
    question = about(document, "DocumentId", "DocumentAuthToken")

    def signing(attributes: str = "") -> Answer:
        return soap(emulator, "Links", "GetSigningLinks", f"<Request {question} {attributes}/>")

    def access(attributes: str) -> Answer:
        return soap(emulator, "Links", "GetAccessLink", f"<Request {question} {attributes}/>")

    links = signing().all("SigningLink")
    assert [link.get("SignatoryEmail") for link in links] == ["one@example.com", "two@example.com"]
    assert all((link.get("Url") or "").startswith(emulator.url) for link in links)
    assert len({link.get("Url") for link in links}) == 2
    current = signing('IncludeOnlyCurrentSigners="true"')
    assert current.one("SigningLink").get("SignatoryEmail") == "one@example.com"
    assert access('DocumentType="Interim"').one("Link").get("DocumentType") == "Interim"
    assert refusal(access('DocumentType="Completed"'), "LinkException")
    stranger = access('DocumentType="Original" SignatoryEmail="nobody@example.com"')
    assert refusal(stranger, "LinkException") == "The document has no such signatory."
    control(emulator, "assuresign/documents/complete", document[0])
    assert access('DocumentType="Completed"').one("Link").get("DocumentId") == document[0]
    assert refusal(access('DocumentType="Interim"'), "LinkException")
    assert refusal(signing(), "LinkException") == "Nothing is to be signed at present."


def test_what_is_deleted_is_gone(emulator: EmulatorServer) -> None:
    def delete(attributes: str) -> Answer:
        return soap(
            emulator,
            "Envelopes",
            "DeleteEnvelope",
            f"<Requests><DeleteEnvelopeRequest {attributes}/></Requests>",
        )

    created = soap(
        emulator,
        "Envelopes",
        "CreateEnvelope",
        f'<Request ContextIdentifier="{ACCOUNT}" EnvelopeTemplateId="{TEMPLATE}"/>',
    ).one("CreateEnvelopeResult")
    envelope = (created.get("EnvelopeId") or "", created.get("AuthToken") or "")
    first, second = (submit(emulator, f'EnvelopeId="{envelope[0]}"') for _ in range(2))
    alone = submit(emulator)
    templates = soap(
        emulator, "Envelopes", "ListEnvelopeTemplates", f'<Request ContextIdentifier="{ACCOUNT}"/>'
    )
    assert templates.one("EnvelopeTemplate").get("EnvelopeTemplateId") == TEMPLATE

    in_envelope = delete(about(first, "DocumentId", "DocumentAuthToken"))
    assert "further documents" in refusal(in_envelope, "EnvelopeException")
    assert not delete(about(alone, "DocumentId", "DocumentAuthToken")).all("Exceptions")
    assert not delete(about(envelope, "EnvelopeId", "EnvelopeAuthToken")).all("Exceptions")
    for document in (first, second, alone):
        assert refusal(download(emulator, document), "DownloadException").startswith("There is no")
    again = delete(about(envelope, "EnvelopeId", "EnvelopeAuthToken"))
    assert refusal(again, "EnvelopeException").startswith("There is no envelope")
