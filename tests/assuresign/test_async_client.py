"""The AssureSign client against answers that were written by hand."""

from __future__ import annotations

import copy
import datetime as dt
import pickle
import uuid
from typing import Any, cast

import pytest

from esignwire._client import SkippedPauses
from esignwire.assuresign import (
    DocumentReference,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    Session,
    SessionPending,
    Severity,
    StatusCheckStatusType,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    TemplateDocument,
    TermsAndConditions,
    VendorException,
    WaitPolicy,
)
from esignwire.errors import (
    AssureSignError,
    ConfigurationError,
    InvalidRequest,
    UnexpectedResponse,
    WaitTimeout,
)
from tests.support.assuresign import (
    ACCOUNT,
    DOCUMENT,
    ENVELOPE,
    KINDS,
    OTHER_DOCUMENT,
    SERVICES,
    SESSION,
    TEMPLATE,
    TOKEN,
    USER,
    Kind,
    async_submitted,
    header,
    judged,
    looked_up,
    path,
    scripted,
    soap,
    status,
    statuses,
)

pytestmark = pytest.mark.parametrize("kind", KINDS)

PLAIN = TemplateDocument(template_id=TEMPLATE, order_number="7xe-1")
REFERENCE = DocumentReference(id=DOCUMENT, auth_token=TOKEN)
NIL = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"'


def exception(name: str, severity: str, text: str = "It was so.") -> str:
    return f'<{name} Severity="{severity}">{text}</{name}>'


def closed_response(operation: str, content: str = "") -> bytes:
    identity = f'SessionId="{SESSION}"' if operation[0] == "A" else f'EnvelopeId="{ENVELOPE}"'
    return soap(
        f'<{operation}Response xmlns="{SERVICES}/Envelopes">'
        f"<{operation}Result {identity}>{content}</{operation}Result></{operation}Response>"
    )


# --- AsyncSubmit ------------------------------------------------------------------------------


def test_a_submission_says_all_that_was_given(kind: Kind) -> None:
    document = TemplateDocument(
        template_id=uuid.UUID(TEMPLATE),
        parameters={"Signatory 1 First Name": "Jörg & <Söhne>", "Signatory 1 Password": "s3cret"},
        document_name="Contract",
        order_number="7xe-123478",
        password="opensesame",
        expiration_date=dt.date(2027, 4, 13),
        culture="en-US",
        signature_device_support_enabled=False,
        envelope_id=ENVELOPE.upper(),
        terms_and_conditions=TermsAndConditions(additional_agreement_statement="I agree."),
        user_name="another@example.com",
    )
    with scripted(kind, async_submitted()) as (client, server):
        session = client.async_submit(document, PLAIN)
    assert session == Session(id=uuid.UUID(SESSION))
    (received,) = server.received
    assert path(received) == "/DocumentNOW.svc/Submit/text"
    assert header(received, "SOAPAction") == (f'"{SERVICES}/Submit/ISubmitService/AsyncSubmit"')
    assert header(received, "Content-Type") == "text/xml; charset=utf-8"
    request = judged(received)
    first, second = request[0]
    assert {one.get("ContextIdentifier") for one in (first, second)} == {ACCOUNT}
    assert dict(first[0].attrib) == {
        "UserName": "another@example.com",
        "DocumentName": "Contract",
        "OrderNumber": "7xe-123478",
        "Password": "opensesame",
        "ExpirationDate": "2027-04-13",
        "Culture": "en-US",
        "SignatureDeviceSupportEnabled": "false",
        "EnvelopeId": ENVELOPE,
    }
    assert first[0][0][0].text == "I agree."
    assert [dict(one.attrib) for one in first[1][0]] == [
        {"Name": "Signatory 1 First Name", "Value": "Jörg & <Söhne>"},
        {"Name": "Signatory 1 Password", "Value": "s3cret"},
    ]
    assert dict(second[0].attrib) == {"UserName": USER, "OrderNumber": "7xe-1"}
    assert len(second[1]) == 0


@pytest.mark.parametrize("content", [None, "", f"<DocumentException {NIL} Severity='Fatal'/>"])
def test_no_exception_is_success(kind: Kind, content: str | None) -> None:
    with scripted(kind, async_submitted(exceptions=content)) as (client, _):
        assert client.async_submit(PLAIN) == Session(id=uuid.UUID(SESSION))


def test_a_warning_is_success(kind: Kind) -> None:
    warning = exception("DocumentException", "Warning", " Old template. ")
    with scripted(kind, async_submitted(exceptions=warning)) as (client, _):
        session = client.async_submit(PLAIN)
    assert session.id == uuid.UUID(SESSION)
    assert session.warnings == (VendorException(severity=Severity.WARNING, text="Old template."),)
    assert session.warnings[0].is_warning


@pytest.mark.parametrize("severity", ["Error", "Fatal", "Catastrophe", "warning"])
def test_anything_worse_than_a_warning_is_an_error(kind: Kind, severity: str) -> None:
    content = exception("DocumentException", "Warning", "First.") + exception(
        "DocumentException", severity, "Second."
    )
    with (
        scripted(kind, async_submitted(exceptions=content)) as (client, _),
        pytest.raises(AssureSignError) as caught,
    ):
        client.async_submit(PLAIN)
    error = caught.value
    assert error.exceptions == (("Warning", "First."), (severity, "Second."))
    assert f"{severity}: Second." in str(error)
    # The other documents of the submission may have been created.
    assert error.session_id == SESSION
    assert f"look session {SESSION} up" in str(error)
    assert (error.vendor, error.operation) == ("AssureSign", "AsyncSubmit")
    assert error.http_status == 200
    assert error.vendor_text == "First. Second."
    assert not error.is_retry_safe
    assert str(pickle.loads(pickle.dumps(error))) == str(error)  # noqa: S301 - our own bytes


def test_where_no_session_was_begun_none_is_named(kind: Kind) -> None:
    content = exception("DocumentException", "Fatal", "No.")
    with (
        scripted(kind, async_submitted(str(uuid.UUID(int=0)), content)) as (client, _),
        pytest.raises(AssureSignError) as caught,
    ):
        client.async_submit(PLAIN)
    assert caught.value.session_id is None
    assert "session" not in str(caught.value)


@pytest.mark.parametrize("content", [None, exception("DocumentException", "Warning", "Odd.")])
def test_a_session_of_zeros_is_no_success(kind: Kind, content: str | None) -> None:
    with (
        scripted(kind, async_submitted(str(uuid.UUID(int=0)), content)) as (client, _),
        pytest.raises(UnexpectedResponse, match="look the outcome up") as caught,
    ):
        client.async_submit(PLAIN)
    assert not caught.value.is_retry_safe


def test_a_quoted_secret_is_masked(kind: Kind) -> None:
    text = f"Account {ACCOUNT.upper()} refuses password opensesame and value s3cret."
    content = exception("DocumentException", "Error", text)
    document = TemplateDocument(
        template_id=TEMPLATE, password="opensesame", parameters={"Code": "s3cret"}
    )
    with (
        scripted(kind, async_submitted(exceptions=content)) as (client, _),
        pytest.raises(AssureSignError) as caught,
    ):
        client.async_submit(document)
    assert caught.value.exceptions == (
        ("Error", "Account *** refuses password *** and value ***."),
    )
    everything = str(caught.value) + repr(caught.value) + repr(vars(caught.value))
    for secret in (ACCOUNT, ACCOUNT.upper(), "opensesame", "s3cret"):
        assert secret not in everything


def test_a_submission_without_documents_is_refused(kind: Kind) -> None:
    with (
        scripted(kind, async_submitted()) as (client, server),
        pytest.raises(InvalidRequest, match="at least one document"),
    ):
        client.async_submit()
    assert server.connections == 0


def test_an_answer_without_its_result_is_unexpected(kind: Kind) -> None:
    empty = soap(f'<AsyncSubmitResponse xmlns="{SERVICES}/Submit"/>')
    with (
        scripted(kind, empty) as (client, _),
        pytest.raises(UnexpectedResponse, match="AsyncSubmitResult") as caught,
    ):
        client.async_submit(PLAIN)
    assert caught.value.path == "AsyncSubmitResponse"


# --- LookupSession ----------------------------------------------------------------------------

RESULT = (
    '<DocumentResult Id="{document}" AuthToken="{token}">'
    '<Metadata UserName="jdoe@example.com" DocumentName="Contract" OrderNumber="7"'
    ' ExpirationDate="2013-03-02" SignatureDeviceSupportEnabled="false"/>'
    "{exceptions}</DocumentResult>"
)
GOOD = RESULT.format(document=DOCUMENT, token=TOKEN, exceptions="")
BAD = "<DocumentResult><Exceptions>{}</Exceptions></DocumentResult>"


def in_submit(*results: str) -> str:
    """The layout that follows from the WSDL: what is in DocumentResults belongs to Submit."""
    inner = "".join(results).replace(
        "<DocumentResult", f'<DocumentResult xmlns="{SERVICES}/Submit"'
    )
    return f"<DocumentResults>{inner}</DocumentResults>"


def as_printed(*results: str) -> str:
    """The layout of the vendor's page: all of it belongs to LookupSession."""
    return f"<DocumentResults>{''.join(results)}</DocumentResults>"


@pytest.mark.parametrize("layout", [in_submit, as_printed])
def test_both_layouts_of_a_session_are_read(kind: Kind, layout: Any) -> None:
    failed = BAD.format(exception("DocumentException", "Error", "No such template."))
    noted = RESULT.format(
        document=OTHER_DOCUMENT,
        token=TOKEN,
        exceptions=f"<Exceptions>{exception('DocumentException', 'Warning')}</Exceptions>",
    )
    with scripted(kind, looked_up(layout(GOOD, failed, noted))) as (client, server):
        outcome = client.lookup_session(SESSION.upper())
    assert dict(judged(server.received[0])[0][0].attrib) == {
        "ContextIdentifier": ACCOUNT,
        "SessionId": SESSION,
    }
    assert isinstance(outcome, SubmissionCompleted)
    assert outcome.session_id == uuid.UUID(SESSION)
    first, second, third = outcome.outcomes
    assert isinstance(first, SubmittedDocument)
    assert (first.id, first.auth_token) == (uuid.UUID(DOCUMENT), uuid.UUID(TOKEN))
    assert first.metadata is not None
    assert first.metadata.user_name == "jdoe@example.com"
    assert first.metadata.expiration_date == dt.date(2013, 3, 2)
    assert first.metadata.signature_device_support_enabled is False
    assert second == RejectedDocument(
        exceptions=(VendorException(severity=Severity.ERROR, text="No such template."),)
    )
    assert isinstance(third, SubmittedDocument)
    assert [one.severity for one in third.warnings] == [Severity.WARNING]
    assert outcome.documents == (first, third)
    assert outcome.rejected == (second,)


def test_a_closed_envelope_comes_out_of_a_session(kind: Kind) -> None:
    for namespace in ("Envelopes", "LookupSession"):
        content = (
            f'<CloseEnvelopeResult xmlns="{SERVICES}/{namespace}" EnvelopeId="{ENVELOPE}">'
            "<Exceptions/></CloseEnvelopeResult>"
        )
        with scripted(kind, looked_up(content)) as (client, _):
            outcome = client.lookup_session(uuid.UUID(SESSION))
        assert outcome == EnvelopeClosed(
            envelope_id=uuid.UUID(ENVELOPE), session_id=uuid.UUID(SESSION)
        )


def test_an_envelope_that_was_not_closed_is_an_error(kind: Kind) -> None:
    content = (
        f'<CloseEnvelopeResult xmlns="{SERVICES}/Envelopes" EnvelopeId="{ENVELOPE}"><Exceptions>'
        f"{exception('EnvelopeException', 'Fatal', 'A document cannot be parsed.')}"
        "</Exceptions></CloseEnvelopeResult>"
    )
    with (
        scripted(kind, looked_up(content)) as (client, _),
        pytest.raises(AssureSignError, match="cannot be parsed") as caught,
    ):
        client.lookup_session(SESSION)
    assert (caught.value.operation, caught.value.http_status) == ("AsyncCloseEnvelope", 200)
    assert ENVELOPE in str(caught.value)

    with scripted(kind, looked_up(f"{in_submit(GOOD)}{content}")) as (client, _):
        both = client.lookup_session(SESSION)
    assert isinstance(both, SubmissionCompleted)
    assert [one.severity for one in both.warnings] == [Severity.FATAL]
    assert both.documents


@pytest.mark.parametrize(
    ("content", "warnings"),
    [
        ("", ()),
        ("<DocumentResults/>", ()),
        (f"<DocumentResults><DocumentResult {NIL}/></DocumentResults>", ()),
        ("<Exceptions/>", ()),
        (
            f"<Exceptions>{exception('SessionLookupException', 'Warning', 'Busy.')}</Exceptions>",
            (VendorException(severity=Severity.WARNING, text="Busy."),),
        ),
    ],
)
def test_a_session_without_a_result_is_pending(
    kind: Kind, content: str, warnings: tuple[VendorException, ...]
) -> None:
    with scripted(kind, looked_up(content)) as (client, _):
        outcome = client.lookup_session(Session(id=uuid.UUID(SESSION)))
    assert outcome == SessionPending(session_id=uuid.UUID(SESSION), warnings=warnings)


def test_a_session_that_is_not_known_is_an_error(kind: Kind) -> None:
    content = f"<Exceptions>{exception('SessionLookupException', 'Error', 'Gone.')}</Exceptions>"
    with (
        scripted(kind, looked_up(content)) as (client, _),
        pytest.raises(AssureSignError, match=r"Gone\.") as caught,
    ):
        client.lookup_session(SESSION)
    assert (caught.value.operation, caught.value.http_status) == ("LookupSession", 200)


def test_an_error_beside_documents_loses_none_of_their_keys(kind: Kind) -> None:
    error = (
        f"<Exceptions>{exception('SessionLookupException', 'Error', 'One failed.')}</Exceptions>"
    )
    with scripted(kind, looked_up(in_submit(GOOD) + error)) as (client, _):
        outcome = client.lookup_session(SESSION)
    assert [one.id for one in outcome.documents] == [uuid.UUID(DOCUMENT)]
    assert outcome.warnings == (VendorException(severity=Severity.ERROR, text="One failed."),)


@pytest.mark.parametrize("attributes", ["", f'Id="{DOCUMENT}"', f'AuthToken="{TOKEN}"'])
def test_a_document_without_its_keys_hides_no_other(kind: Kind, attributes: str) -> None:
    with scripted(kind, looked_up(in_submit(f"<DocumentResult {attributes}/>", GOOD))) as (
        client,
        _,
    ):
        outcome = client.lookup_session(SESSION)
    assert [type(one) for one in outcome.outcomes] == [RejectedDocument, SubmittedDocument]
    lost = outcome.rejected[0]
    assert lost.exceptions == ()
    assert lost.id == (uuid.UUID(DOCUMENT) if attributes.startswith("Id") else None)
    assert lost.auth_token == (uuid.UUID(TOKEN) if attributes.startswith("Auth") else None)


def test_the_keys_of_a_damaged_document_are_kept(kind: Kind) -> None:
    damaged = RESULT.format(
        document=DOCUMENT,
        token=TOKEN,
        exceptions=f"<Exceptions>{exception('DocumentException', 'Error')}</Exceptions>",
    )
    with scripted(kind, looked_up(in_submit(damaged))) as (client, _):
        (outcome,) = client.lookup_session(SESSION).outcomes
    assert isinstance(outcome, RejectedDocument)
    assert (outcome.id, outcome.auth_token) == (uuid.UUID(DOCUMENT), uuid.UUID(TOKEN))
    assert TOKEN not in repr(outcome)


@pytest.mark.parametrize(
    "answer",
    [
        looked_up("", session=OTHER_DOCUMENT),
        soap(f'<LookupSessionResponse xmlns="{SERVICES}/LookupSession"/>'),
        soap(
            f'<LookupSessionResponse xmlns="{SERVICES}/LookupSession"><SessionLookupResults/>'
            "</LookupSessionResponse>"
        ),
    ],
)
def test_an_answer_about_another_session_is_unexpected(kind: Kind, answer: bytes) -> None:
    with (
        scripted(kind, answer) as (client, _),
        pytest.raises(UnexpectedResponse, match="SessionLookupResult"),
    ):
        client.lookup_session(SESSION)


def test_the_right_session_is_found_among_others(kind: Kind) -> None:
    answer = soap(
        f'<LookupSessionResponse xmlns="{SERVICES}/LookupSession"><SessionLookupResults>'
        f"<SessionLookupResult {NIL}/>"
        f'<SessionLookupResult SessionId="{OTHER_DOCUMENT}"/>'
        f'<SessionLookupResult SessionId="{SESSION.upper()}">{in_submit(GOOD)}'
        "</SessionLookupResult></SessionLookupResults></LookupSessionResponse>"
    )
    with scripted(kind, answer) as (client, _):
        assert isinstance(client.lookup_session(SESSION), SubmissionCompleted)


# --- waiting ----------------------------------------------------------------------------------


def test_waiting_looks_with_growing_pauses(kind: Kind) -> None:
    pending = looked_up("")
    policy = WaitPolicy(deadline=100, first_pause=2, growth=2, longest_pause=7)
    with (
        scripted(kind, *[pending] * 4, looked_up(in_submit(GOOD)), wait_policy=policy) as (
            client,
            server,
        ),
        SkippedPauses() as skipped,
    ):
        outcome = client.wait_for_session(Session(id=uuid.UUID(SESSION)))
    assert isinstance(outcome, SubmissionCompleted)
    assert skipped.pauses == (2, 4, 7, 7, 7)
    assert len(server.received) == 5


@pytest.mark.parametrize("session", [SESSION, uuid.UUID(SESSION), Session(id=uuid.UUID(SESSION))])
def test_waiting_ends_at_the_deadline(kind: Kind, session: Any) -> None:
    policy = WaitPolicy(deadline=10, first_pause=3, growth=1, longest_pause=3)
    with (
        scripted(kind, looked_up("")) as (client, server),
        SkippedPauses() as skipped,
        pytest.raises(WaitTimeout) as caught,
    ):
        client.wait_for_session(session, policy=policy)
    assert caught.value.session_id == SESSION
    assert "10 seconds" in str(caught.value)
    assert caught.value.is_retry_safe
    # The last pause is cut, and one last look is worth it.
    assert skipped.pauses == pytest.approx((3, 3, 3, 1), abs=0.5)
    assert len(server.received) == 4


def test_waiting_for_a_failed_session_ends_at_once(kind: Kind) -> None:
    content = f"<Exceptions>{exception('SessionLookupException', 'Error')}</Exceptions>"
    with (
        scripted(kind, looked_up(""), looked_up(content)) as (client, server),
        SkippedPauses(),
        pytest.raises(AssureSignError),
    ):
        client.wait_for_session(SESSION)
    assert len(server.received) == 2


def test_waiting_for_no_guid_sends_nothing(kind: Kind) -> None:
    with (
        scripted(kind, looked_up("")) as (client, server),
        SkippedPauses() as skipped,
        pytest.raises(InvalidRequest),
    ):
        client.wait_for_session("not-a-guid")
    assert server.connections == 0
    assert skipped.pauses == ()


@pytest.mark.parametrize("name", ["deadline", "first_pause", "growth", "longest_pause"])
@pytest.mark.parametrize("value", [0.0, -1.0, float("inf"), float("nan")])
def test_a_policy_is_bounded(kind: Kind, name: str, value: float) -> None:
    with pytest.raises(ConfigurationError, match=name):
        WaitPolicy(**{name: value})


def test_a_policy_never_looks_more_and_more_often(kind: Kind) -> None:
    with pytest.raises(ConfigurationError, match="growth"):
        WaitPolicy(growth=0.9)


# --- envelopes --------------------------------------------------------------------------------


def test_an_envelope_is_closed(kind: Kind) -> None:
    warning = f"<Exceptions>{exception('EnvelopeException', 'Warning', 'Empty.')}</Exceptions>"
    with scripted(kind, closed_response("CloseEnvelope", warning)) as (client, server):
        closed = client.close_envelope(ENVELOPE, uuid.UUID(TOKEN))
    assert closed == EnvelopeClosed(
        envelope_id=uuid.UUID(ENVELOPE),
        warnings=(VendorException(severity=Severity.WARNING, text="Empty."),),
    )
    assert path(server.received[0]) == "/DocumentNOW.svc/Envelopes/text"
    assert dict(judged(server.received[0])[0].attrib) == {
        "ContextIdentifier": ACCOUNT,
        "EnvelopeId": ENVELOPE,
        "AuthToken": TOKEN,
    }


def test_a_closed_envelope_of_zeros_is_no_success(kind: Kind) -> None:
    zeros = str(uuid.UUID(int=0))
    answer = soap(
        f'<CloseEnvelopeResponse xmlns="{SERVICES}/Envelopes"><CloseEnvelopeResult'
        f' EnvelopeId="{zeros}"/></CloseEnvelopeResponse>'
    )
    with (
        scripted(kind, answer) as (client, _),
        pytest.raises(UnexpectedResponse, match=f"look the outcome up by '{ENVELOPE}'"),
    ):
        client.close_envelope(ENVELOPE, TOKEN)


def test_an_envelope_is_closed_without_waiting(kind: Kind) -> None:
    with scripted(kind, closed_response("AsyncCloseEnvelope")) as (client, server):
        session = client.async_close_envelope(uuid.UUID(ENVELOPE), TOKEN)
    assert session == Session(id=uuid.UUID(SESSION))
    # The vendor's page prints the action of CloseEnvelope, which would wait.
    assert header(server.received[0], "SOAPAction") == (
        f'"{SERVICES}/Envelopes/IEnvelopeService/AsyncCloseEnvelope"'
    )
    assert judged(server.received[0]).tag == f"{{{SERVICES}/Envelopes}}AsyncCloseEnvelope"


@pytest.mark.parametrize("operation", ["CloseEnvelope", "AsyncCloseEnvelope"])
@pytest.mark.parametrize("severity", ["Error", "Fatal"])
def test_an_envelope_that_stays_open_is_an_error(kind: Kind, operation: str, severity: str) -> None:
    text = f"Token {TOKEN} is not that of the envelope."
    content = f"<Exceptions>{exception('EnvelopeException', severity, text)}</Exceptions>"
    method = "close_envelope" if operation[0] == "C" else "async_close_envelope"
    with (
        scripted(kind, closed_response(operation, content)) as (client, _),
        pytest.raises(AssureSignError) as caught,
    ):
        getattr(client, method)(ENVELOPE, TOKEN)
    assert caught.value.operation == operation
    assert caught.value.exceptions == ((severity, "Token *** is not that of the envelope."),)


@pytest.mark.parametrize("method", ["close_envelope", "async_close_envelope"])
@pytest.mark.parametrize(
    ("envelope_id", "auth_token", "name"),
    [("no-GUID-1234", TOKEN, "envelope_id"), (ENVELOPE, "S3CRET-1234", "auth_token")],
)
def test_a_bad_identifier_is_refused_and_not_repeated(
    kind: Kind, method: str, envelope_id: str, auth_token: str, name: str
) -> None:
    with (
        scripted(kind, b"") as (client, server),
        pytest.raises(InvalidRequest) as caught,
    ):
        getattr(client, method)(envelope_id, auth_token)
    assert caught.value.path == name
    assert name in str(caught.value)
    assert "1234" not in str(caught.value) + repr(vars(caught.value))
    assert caught.value.__cause__ is None
    assert server.connections == 0


# --- CheckStatus ------------------------------------------------------------------------------


def test_the_status_of_one_document(kind: Kind) -> None:
    with scripted(kind, statuses(status())) as (client, server):
        (outcome,) = client.check_status(REFERENCE)
    assert outcome == DocumentStatus(
        id=uuid.UUID(DOCUMENT),
        status_type=StatusCheckStatusType.COMPLETED,
        status_date=dt.datetime(
            2008, 3, 19, 11, 24, 8, 523195, tzinfo=dt.timezone(dt.timedelta(hours=-4))
        ),
    )
    assert dict(judged(server.received[0])[0][0].attrib) == {
        "ContextIdentifier": ACCOUNT,
        "Id": DOCUMENT,
        "AuthToken": TOKEN,
    }


def test_results_in_another_order_find_their_documents(kind: Kind) -> None:
    other = DocumentReference(id=uuid.UUID(OTHER_DOCUMENT), auth_token=uuid.UUID(TOKEN))
    submitted = SubmittedDocument(id=uuid.UUID(SESSION), auth_token=uuid.UUID(TOKEN))
    foreign = "00000000-0000-0000-0000-000000000001"
    refused = f"<Exceptions>{exception('StatusCheckException', 'Error', 'No.')}</Exceptions>"
    answer = statuses(
        f"<DocumentStatusCheckResult {NIL}/>",
        status(SESSION, "Declined"),
        status(foreign, "Staled"),
        f'<DocumentStatusCheckResult Id="{OTHER_DOCUMENT}">{refused}</DocumentStatusCheckResult>',
        status(DOCUMENT, "SomethingNew", "<Exceptions/>"),
    )
    with scripted(kind, answer) as (client, server):
        outcomes = client.check_status(REFERENCE, other, submitted, REFERENCE)
    assert len(judged(server.received[0])[0]) == 4
    assert outcomes[0].status_type == "SomethingNew"
    assert not isinstance(outcomes[0].status_type, StatusCheckStatusType)
    assert outcomes[1] == StatusRejected(
        id=uuid.UUID(OTHER_DOCUMENT),
        exceptions=(VendorException(severity=Severity.ERROR, text="No."),),
    )
    assert outcomes[2].status_type is StatusCheckStatusType.DECLINED
    assert outcomes[3] == outcomes[0]


def test_a_missing_result_hides_no_other(kind: Kind) -> None:
    other = DocumentReference(id=OTHER_DOCUMENT, auth_token=TOKEN)
    with scripted(kind, statuses(status())) as (client, _):
        outcomes = client.check_status(other, REFERENCE)
    assert outcomes[0] == StatusRejected(id=uuid.UUID(OTHER_DOCUMENT), exceptions=())
    assert isinstance(outcomes[1], DocumentStatus)


@pytest.mark.parametrize(
    "answer",
    [
        statuses(),
        statuses(status(OTHER_DOCUMENT)),
        soap(f'<CheckStatusResponse xmlns="{SERVICES}/CheckStatus"/>'),
    ],
)
def test_an_answer_about_no_document_is_unexpected(kind: Kind, answer: bytes) -> None:
    with (
        scripted(kind, answer) as (client, _),
        pytest.raises(UnexpectedResponse, match="DocumentStatusCheckResult") as caught,
    ):
        client.check_status(REFERENCE)
    assert caught.value.path == "CheckStatusResponse"


def test_many_refused_documents_are_read_in_time(kind: Kind) -> None:
    """Were the secrets of the request looked up for each of them anew, it would take minutes."""
    ids = [str(uuid.UUID(int=number)) for number in range(1, 1001)]
    said = exception("StatusCheckException", "Error", "The token {} is wrong.")
    items = "".join(
        f'<DocumentStatusCheckResult Id="{one}"><Exceptions>{said.format(one)}</Exceptions>'
        "</DocumentStatusCheckResult>"
        for one in ids
    )
    with scripted(kind, statuses(items)) as (client, _):
        outcomes = client.check_status(*(DocumentReference(id=one, auth_token=one) for one in ids))
    assert [str(one.id) for one in outcomes] == ids
    assert {one.exceptions[0].text for one in outcomes} == {"The token *** is wrong."}


def test_a_status_without_date_or_type_is_read(kind: Kind) -> None:
    answer = statuses(
        f'<DocumentStatusCheckResult Id="{DOCUMENT}" StatusDetails="Step 2"><Exceptions>'
        f"{exception('StatusCheckException', 'Warning', 'Late.')}</Exceptions>"
        "</DocumentStatusCheckResult>"
    )
    with scripted(kind, answer) as (client, _):
        (outcome,) = client.check_status(REFERENCE)
    assert outcome == DocumentStatus(
        id=uuid.UUID(DOCUMENT),
        status_type=None,
        status_details="Step 2",
        warnings=(VendorException(severity=Severity.WARNING, text="Late."),),
    )


@pytest.mark.parametrize(
    ("reference", "name"),
    [
        (DocumentReference(id="S3CRET-9876", auth_token=TOKEN), ".id"),
        (DocumentReference(id=DOCUMENT, auth_token="S3CRET-9876"), ".auth_token"),
        (DocumentReference(id=cast(Any, None), auth_token=TOKEN), ""),
        (DocumentReference(id=DOCUMENT, auth_token=cast(Any, b"x")), ".auth_token"),
    ],
)
def test_a_bad_reference_is_refused_and_not_repeated(
    kind: Kind, reference: DocumentReference, name: str
) -> None:
    with (
        scripted(kind, statuses(status())) as (client, server),
        pytest.raises(InvalidRequest) as caught,
    ):
        client.check_status(REFERENCE, reference)
    assert caught.value.path == f"documents[1]{name}"
    assert "9876" not in str(caught.value) + repr(vars(caught.value))
    assert server.connections == 0


def test_a_check_of_nothing_is_refused(kind: Kind) -> None:
    with scripted(kind, statuses()) as (client, server), pytest.raises(InvalidRequest):
        client.check_status()
    assert server.connections == 0


# --- what comes back --------------------------------------------------------------------------


def test_results_copy_and_pickle_and_show_no_token(kind: Kind) -> None:
    failed = BAD.format(exception("DocumentException", "Error"))
    with scripted(kind, looked_up(in_submit(GOOD, failed)), statuses(status())) as (client, _):
        results = (client.lookup_session(SESSION), client.check_status(REFERENCE))
    assert pickle.loads(pickle.dumps(results)) == results  # noqa: S301 - our own bytes
    assert copy.deepcopy(results) == results
    assert copy.copy(results[0]) == results[0]
    assert TOKEN not in repr(results)
    assert TOKEN not in repr(REFERENCE)
