"""Jobs about one document: links, downloads, e-mails sent again, history, template parameters."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from esignwire.assuresign import (
    DocumentReference,
    FileDocument,
    RejectedDocument,
    Session,
    Signatory,
    SigningLink,
    SubmittedDocument,
    TemplateDocument,
)
from esignwire.assuresign.types import list_parameters
from esignwire.emulator import EmulatorServer
from esignwire.errors import AssureSignError, InvalidRequest, OutcomeUnknown, UnexpectedResponse
from tests.support.assuresign import (
    DOCUMENT,
    KINDS,
    LOST,
    SERVICES,
    TEMPLATE,
    TOKEN,
    Driver,
    Kind,
    judged,
    scripted,
    soap,
)

pytestmark = pytest.mark.parametrize("kind", KINDS)

REFERENCE = DocumentReference(id=DOCUMENT, auth_token=TOKEN)
PDF = b"%PDF-1.4\n%%EOF\n"
PAT, SAM = (str(uuid.UUID(int=number)) for number in (1, 2))
SECRET_URL = "https://sign.example.com/?key=s3cret"
RESEND = "https://www.assuresign.net/Services/DocumentNOW/ResendNotification"


@pytest.fixture
def client(kind: Kind, emulator: EmulatorServer) -> Iterator[Driver]:
    emulator.state.reset()
    with Driver(kind, emulator.assuresign_url) as client:
        yield client


def lease(client: Driver, **members: Any) -> SubmittedDocument:
    parameters = {
        "Signatory 1 Full Name": "Pat Example",
        "Signatory 1 Email Address": "pat@example.com",
        "Signatory 2 First Name": "Sam",
        "Signatory 2 Last Name": "Example",
        "Signatory 2 Email Address": "sam@example.com",
        "Signatory 3 Email Address": "kim@example.com",
    }
    document = FileDocument(PDF, template_id=TEMPLATE, parameters=parameters, **members)
    found = client.submit(document)
    assert isinstance(found, SubmittedDocument)
    return found


# --- Signing links ----------------------------------------------------------------------------


def listed(*signatories: str, exceptions: str = "") -> bytes:
    return soap(
        f'<ListSignatoriesResponse xmlns="{SERVICES}/ListSignatories">'
        f'<SignatoryListQueryResult Id="{DOCUMENT}"><Signatories>{"".join(signatories)}'
        f"</Signatories>{exceptions}</SignatoryListQueryResult></ListSignatoriesResponse>"
    )


def signatory(identifier: str, **members: str) -> str:
    attributes = "".join(f' {name}="{value}"' for name, value in members.items())
    return f'<SignatoryItem SignatoryId="{identifier}" SignatoryAuthToken="{TOKEN}"{attributes}/>'


def linked(*links: str, exceptions: str = "") -> bytes:
    return soap(
        f'<GetSigningLinksResponse xmlns="{SERVICES}/Links"><GetSigningLinksResult>'
        f"<SigningLinks>{''.join(links)}</SigningLinks>{exceptions}"
        "</GetSigningLinksResult></GetSigningLinksResponse>"
    )


def test_links_come_with_their_signers(kind: Kind) -> None:
    answers = (
        linked(
            f'<SigningLink SignatoryId="{PAT}" Url="{SECRET_URL}"'
            ' ExpirationDate="2030-01-01T00:00:00Z"/>',
            f'<SigningLink SignatoryEmail="sam@example.com" Url="{SECRET_URL}"/>',
            f'<SigningLink SignatoryEmail="kim@example.com" Url="{SECRET_URL}"/>',
            f'<SigningLink SignatoryMobilePhone="5555550199" Url="{SECRET_URL}"/>',
        ),
        listed(
            signatory(SAM, FirstName="Sam", LastName="Example", EmailAddress="sam@example.com"),
            signatory(PAT, FullName="Pat Example", MobilePhone="5555550100"),
        ),
    )
    with scripted(kind, *answers) as (client, server):
        links = client.signing_links(
            REFERENCE,
            redirect_url="https://example.com/done",
            only_current_signers=True,
            skips_landing_page=True,
            expiration_date=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
        )
    assert [one.signatory.full_name for one in links] == [
        "Pat Example",
        "Sam Example",
        "kim@example.com",
        "5555550199",
    ]
    assert links[0] == SigningLink(
        signatory=Signatory(
            full_name="Pat Example",
            id=uuid.UUID(PAT),
            auth_token=uuid.UUID(TOKEN),
            mobile_phone="5555550100",
        ),
        url=SECRET_URL,
        expiration_date=dt.datetime(2030, 1, 1, tzinfo=dt.UTC),
    )
    assert links[1].signatory.id == uuid.UUID(SAM)
    assert links[2].signatory.auth_token is None
    assert "s3cret" not in repr(links)
    assert TOKEN not in repr(links)
    request, question = (judged(one) for one in server.received)
    assert question[0].get("Id") == DOCUMENT
    asked = dict(request[0].attrib)
    del asked["ContextIdentifier"]
    assert asked == {
        "IncludeOnlyCurrentSigners": "true",
        "IsAuthenticated": "true",
        "DocumentId": DOCUMENT,
        "DocumentAuthToken": TOKEN,
        "LinkExpirationDate": "2030-01-01T00:00:00+00:00",
        "RedirectUrl": "https://example.com/done",
    }


REFUSED = '<Exceptions><{0}Exception Severity="Error">No document {1}.</{0}Exception></Exceptions>'


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        (
            (linked(), listed(exceptions=REFUSED.format("SignatoryList", TOKEN))),
            AssureSignError,
            "No document",
        ),
        (
            (linked(exceptions=REFUSED.format("Link", TOKEN)), listed()),
            AssureSignError,
            "No document",
        ),
        ((linked("<SigningLink/>"), listed()), UnexpectedResponse, "Url"),
        (
            (linked(), soap(f'<ListSignatoriesResponse xmlns="{SERVICES}/ListSignatories"/>')),
            UnexpectedResponse,
            "ListSignatories: the answer holds no result",
        ),
        (
            (soap(f'<GetSigningLinksResponse xmlns="{SERVICES}/Links"/>'), listed()),
            UnexpectedResponse,
            "GetSigningLinks: the answer holds no result",
        ),
        ((LOST,), OutcomeUnknown, DOCUMENT),
    ],
)
def test_links_that_are_refused(
    kind: Kind, answers: tuple[bytes, ...], error: type[Exception], words: str
) -> None:
    with scripted(kind, *answers) as (client, _), pytest.raises(error, match=words) as caught:
        client.signing_links(REFERENCE)
    assert TOKEN not in str(caught.value)


def test_each_signer_has_a_link(client: Driver, emulator: EmulatorServer) -> None:
    document = lease(client)
    links = client.signing_links(document)
    assert {one.signatory.full_name: one.url.startswith(emulator.url) for one in links} == {
        "Pat Example": True,
        "Sam Example": True,
        "kim@example.com": True,
    }
    emulator.sign(document)
    (link,) = client.signing_links(document, only_current_signers=True)
    assert link.signatory.first_name == "Sam"
    emulator.complete(document)
    with pytest.raises(AssureSignError, match="Nothing is to be signed"):
        client.signing_links(document)


# --- Downloads --------------------------------------------------------------------------------


def test_each_file_of_a_document_comes_down(
    client: Driver, emulator: EmulatorServer, tmp_path: Path
) -> None:
    document = lease(client, password="opensesame")
    for name in ("completed", "completion report"):
        with pytest.raises(AssureSignError, match="the document is SigningStepInProgress"):
            client.download(document, name, password="opensesame")
    with pytest.raises(AssureSignError, match="password"):
        client.download(document, "original")
    assert client.download(document, "original", password="opensesame") == PDF
    assert client.download(document, "interim", password="opensesame").read() == PDF
    emulator.complete(document)
    progress: list[int] = []
    found = client.download(
        document, password="opensesame", progress=lambda done, _: progress.append(done)
    )
    assert found.save(tmp_path / "lease.pdf").read_bytes() == PDF
    assert progress
    report = client.download(document, "completion report", password="opensesame")
    assert report.read().startswith(b"%PDF")
    assert report != found


@pytest.mark.parametrize("name", ["completed", "completion report"])
def test_an_answer_without_the_file_is_no_success(kind: Kind, name: str) -> None:
    for result in (f'<DownloadResult DocumentId="{DOCUMENT}" DownloadType="Completed"/>', ""):
        answer = soap(f'<DownloadResponse xmlns="{SERVICES}/Download">{result}</DownloadResponse>')
        with (
            scripted(kind, answer) as (client, _),
            pytest.raises(UnexpectedResponse, match="holds no"),
        ):
            client.download(REFERENCE, name)


@pytest.mark.parametrize("name", ["Completed", "", None, 1, ["original"]])
def test_there_are_four_kinds_of_files(kind: Kind, name: Any) -> None:
    with scripted(kind, LOST) as (client, server):
        with pytest.raises(InvalidRequest, match="one of completed, completion report") as caught:
            client.download(REFERENCE, name)
        assert caught.value.path == "kind"
        assert not server.received


# --- E-mails ----------------------------------------------------------------------------------


def email(number: int, address: str, date: str | None) -> str:
    sent = "" if date is None else f' NotificationDate="{date}"'
    return (
        f'<EmailNotification xmlns="{RESEND}" NotificationId="{uuid.UUID(int=number)}"{sent}>'
        f'<Recipients><EmailNotificationRecipient EmailAddress="other@example.com"/>'
        f'<EmailNotificationRecipient EmailAddress="{address}"/></Recipients></EmailNotification>'
    )


def notifications(*emails: str, exceptions: str = "") -> bytes:
    return soap(
        f'<ListNotificationsResponse xmlns="{SERVICES}/ListNotifications">'
        f'<NotificationQueryResults><NotificationListQueryResult Id="{DOCUMENT}">'
        f"<EmailNotifications>{''.join(emails)}</EmailNotifications>{exceptions}"
        "</NotificationListQueryResult></NotificationQueryResults></ListNotificationsResponse>"
    )


def resent(number: int = 3, success: str = "true", exceptions: str = "") -> bytes:
    return soap(
        f'<ResendNotificationResponse xmlns="{RESEND}"><ResendResults>'
        f'<ResendNotificationResult Id="{DOCUMENT}" NotificationId="{uuid.UUID(int=number)}"'
        f' Success="{success}">{exceptions}</ResendNotificationResult></ResendResults>'
        "</ResendNotificationResponse>"
    )


EMAILS = (
    email(1, "Pat@example.com", None),
    email(2, "pat@example.com", "2026-01-01T00:00:00Z"),
    email(3, "Pat@Example.com", "2026-02-01T00:00:00Z"),
    email(4, "sam@example.com", "2026-03-01T00:00:00Z"),
)


def test_the_last_email_to_an_address_is_sent_again_to_it_alone(kind: Kind) -> None:
    with scripted(kind, notifications(*EMAILS), resent()) as (client, server):
        result = client.resend_email(REFERENCE, " pat@example.com ")
    assert (result.success, result.notification_id) == (True, uuid.UUID(int=3))
    _, request = (judged(one) for one in server.received)
    (sent,) = request.iterfind(".//{*}EmailNotification")
    assert sent.get("NotificationId") == str(uuid.UUID(int=3))
    receivers = list(sent.iterfind(".//{*}EmailNotificationRecipient"))
    assert [dict(one.attrib) for one in receivers] == [{"EmailAddress": "Pat@Example.com"}]


@pytest.mark.parametrize(
    ("answers", "error", "words"),
    [
        ((notifications(EMAILS[3]),), InvalidRequest, "none went there"),
        (
            (notifications(exceptions=REFUSED.format("NotificationList", TOKEN)),),
            AssureSignError,
            "No document",
        ),
        (
            (soap(f'<ListNotificationsResponse xmlns="{SERVICES}/ListNotifications"/>'),),
            UnexpectedResponse,
            "ListNotifications: the answer holds no result",
        ),
        (
            (
                notifications(*EMAILS),
                resent(exceptions=REFUSED.format("ResendNotification", TOKEN)),
            ),
            AssureSignError,
            "No document",
        ),
        ((notifications(*EMAILS), resent(success="false")), AssureSignError, "without a reason"),
        ((notifications(*EMAILS), resent(9)), UnexpectedResponse, "look the outcome up"),
        ((notifications(*EMAILS), LOST), OutcomeUnknown, DOCUMENT),
    ],
)
def test_emails_that_are_not_sent_again(
    kind: Kind, answers: tuple[bytes, ...], error: type[Exception], words: str
) -> None:
    with scripted(kind, *answers) as (client, _), pytest.raises(error, match=words) as caught:
        client.resend_email(REFERENCE, "pat@example.com")
    assert TOKEN not in str(caught.value)


@pytest.mark.parametrize("address", [None, "", " ", ["pat@example.com"], 1])
def test_an_address_is_text(kind: Kind, address: Any) -> None:
    with (
        scripted(kind, LOST) as (client, _),
        pytest.raises(InvalidRequest, match="address must be an e-mail address"),
    ):
        client.resend_email(REFERENCE, address)


def test_a_signer_is_reminded(client: Driver) -> None:
    document = lease(client)
    assert client.resend_email(document, "PAT@example.com").success
    assert [event.details for event in client.history(document)][-1].endswith("was resent.")
    with pytest.raises(InvalidRequest, match="none went there"):
        client.resend_email(document, "sam@example.com")


# --- History and template parameters ----------------------------------------------------------


def history(*events: str, identifier: str = DOCUMENT, exceptions: str = "") -> bytes:
    return soap(
        f'<ViewHistoryResponse xmlns="{SERVICES}/ViewHistory"><DocumentHistoryViewResults>'
        f'<DocumentHistoryViewResult Id="{identifier}"><Events>{"".join(events)}</Events>'
        f"{exceptions}</DocumentHistoryViewResult></DocumentHistoryViewResults>"
        "</ViewHistoryResponse>"
    )


def test_the_history_of_a_document(kind: Kind) -> None:
    events = [
        f'<DocumentEvent Date="2026-01-0{day}T00:00:00Z" Details="Day {day}"/>' for day in (2, 1)
    ]
    with scripted(kind, history(*events)) as (client, server):
        found = client.history(REFERENCE)
    assert [(one.date.day, one.details) for one in found] == [(2, "Day 2"), (1, "Day 1")]
    assert judged(server.received[0])[0][0].get("AuthToken") == TOKEN


def test_a_history_that_is_refused(kind: Kind) -> None:
    for answer, error in (
        (history(exceptions=REFUSED.format("HistoryView", TOKEN)), AssureSignError),
        (history(identifier=PAT), UnexpectedResponse),
    ):
        with scripted(kind, answer) as (client, _), pytest.raises(error) as caught:
            client.history(REFERENCE)
        assert TOKEN not in str(caught.value)


def test_the_parameters_of_a_template(client: Driver) -> None:
    lease(client)
    found = client.template_parameters(TEMPLATE)
    assert all(isinstance(one, list_parameters.TypedParameterItem) for one in found)
    assert found[0].name == "Signatory 1 Full Name"
    assert client.template_parameters(uuid.UUID(TEMPLATE)) == found


def test_parameters_that_are_refused(kind: Kind) -> None:
    space = f'xmlns="{SERVICES}/ListParameters"'
    exceptions, result = REFUSED.format("ParameterList", "there"), "ParameterListQueryResult"
    for content, error in (
        (
            f'<{result} TemplateId="{TEMPLATE}">{exceptions}</{result}>',
            AssureSignError,
        ),
        ("", UnexpectedResponse),
    ):
        answer = soap(f"<ListParametersResponse {space}>{content}</ListParametersResponse>")
        with scripted(kind, answer) as (client, _), pytest.raises(error):
            client.template_parameters(TEMPLATE)


# --- Handles ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("handle", "words"),
    [
        (None, "document must have an id and an auth_token, such as"),
        (DOCUMENT, "a str was given"),
        ([REFERENCE], "a list was given"),
        (Session(id=uuid.UUID(DOCUMENT)), "a Session was given"),
        (TemplateDocument(template_id=TEMPLATE), "a TemplateDocument was given"),
        (RejectedDocument(exceptions=()), "a RejectedDocument was given|id must be a GUID"),
        (DocumentReference(id="x", auth_token=TOKEN), "id must be a GUID"),
        (DocumentReference(id=DOCUMENT, auth_token="s3cret"), "auth_token must be a GUID"),
    ],
)
def test_what_is_no_handle_is_refused_in_words(kind: Kind, handle: Any, words: str) -> None:
    with scripted(kind, LOST) as (client, server):
        for call in (
            lambda: client.signing_links(handle),
            lambda: client.download(handle),
            lambda: client.resend_email(handle, "pat@example.com"),
            lambda: client.history(handle),
        ):
            with pytest.raises(InvalidRequest, match=words) as caught:
                call()
            assert "s3cret" not in str(caught.value)
        with pytest.raises(InvalidRequest, match="template_id must be a GUID"):
            client.template_parameters("x")
        with pytest.raises(InvalidRequest, match="time zone"):
            client.signing_links(REFERENCE, expiration_date=dt.datetime(2030, 1, 1))
        assert not server.received
