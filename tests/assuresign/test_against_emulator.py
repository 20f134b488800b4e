"""The AssureSign client and the emulator, which know nothing of each other but the schemas."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import zeep.plugins

from esignwire._client import SkippedPauses
from esignwire._codec import StrictReading
from esignwire.assuresign import (
    AssureSign,
    AsyncAssureSign,
    DocumentReference,
    DocumentStatus,
    EnvelopeClosed,
    RejectedDocument,
    SessionPending,
    StatusCheckStatusType,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    TemplateDocument,
    TermsAndConditions,
)
from esignwire.emulator import Accounts, AssureSignAccount, EmulatorServer, EmulatorSettings
from esignwire.errors import AssureSignError, HttpStatusError, SoapFault, WaitTimeout
from esignwire_generated.assuresign.types import (
    cancel,
    envelopes,
    list_signatories,
    ping,
    submit,
    view_history,
)
from tests.support.assuresign import ACCOUNT, KINDS, TEMPLATE, USER, Driver, Kind

each_kind = pytest.mark.parametrize("kind", KINDS)
UNKNOWN = uuid.UUID(int=7)


@pytest.fixture(scope="module")
def server() -> Iterator[EmulatorServer]:
    with EmulatorServer(EmulatorSettings(pending_lookups=2, pending_form="warning")) as running:
        yield running


@pytest.fixture
def client(kind: Kind, server: EmulatorServer) -> Iterator[Driver]:
    server.state.reset()
    with (
        StrictReading(),
        SkippedPauses(),
        Driver(kind, server.assuresign_url) as client,
    ):
        yield client


def document(**members: Any) -> TemplateDocument:
    return TemplateDocument(template_id=TEMPLATE, **members)


def submitted(client: Driver, *documents: TemplateDocument) -> SubmissionCompleted:
    outcome = client.wait_for_session(client.async_submit(*documents))
    assert isinstance(outcome, SubmissionCompleted)
    return outcome


def new_envelope(client: Driver) -> envelopes.CreateEnvelopeResult:
    request = envelopes.CreateEnvelopeRequest(
        context_identifier=client.client.context_identifier,
        workflow_type=envelopes.EnvelopeWorkflowType.SEQUENTIAL,
        user_name=USER,
        envelope_name="Sale",
    )
    answer = client.service(
        "envelopes", "create_envelope", envelopes.CreateEnvelope(request=request)
    )
    assert answer.create_envelope_result.exceptions is None
    return answer.create_envelope_result


def steps(client: Driver, *documents: Any) -> list[tuple[object, str | None]]:
    return [(one.status_type, one.status_details) for one in client.check_status(*documents)]


@each_kind
def test_a_submission_is_followed_to_its_documents(client: Driver) -> None:
    session = client.async_submit(
        document(
            document_name="Jörg's contract",
            order_number="7",
            expiration_date=dt.date(2031, 5, 12),
            signature_device_support_enabled=True,
            terms_and_conditions=TermsAndConditions(additional_agreement_statement="I agree."),
            password="opensesame",
        ),
        document(expiration_date=dt.datetime(2031, 5, 12, 23, 59, 59, tzinfo=dt.UTC)),
    )
    pending = client.lookup_session(session)
    assert isinstance(pending, SessionPending)
    assert [one.is_warning for one in pending.warnings] == [True]
    outcome = client.wait_for_session(session)
    assert isinstance(outcome, SubmissionCompleted)
    assert outcome.session_id == session.id
    first, second = outcome.documents
    assert first.metadata is not None
    assert first.metadata.document_name == "Jörg's contract"
    assert first.metadata.expiration_date == dt.date(2031, 5, 12)
    assert first.metadata.signature_device_support_enabled is True
    assert first.metadata.password is None
    assert first.metadata.terms_and_conditions is not None
    assert second.metadata is not None
    assert second.metadata.expiration_date == dt.datetime(2031, 5, 12, 23, 59, 59, tzinfo=dt.UTC)
    assert client.lookup_session(session.id) == outcome
    in_progress = StatusCheckStatusType.SIGNING_STEP_IN_PROGRESS
    assert steps(client, first, second) == [(in_progress, "Step 1")] * 2


@each_kind
def test_a_batch_keeps_its_good_documents(client: Driver) -> None:
    closed = new_envelope(client)
    client.close_envelope(closed.envelope_id, closed.auth_token)
    outcome = submitted(client, document(), document(envelope_id=closed.envelope_id), document())
    assert [type(one) for one in outcome.outcomes] == [
        SubmittedDocument,
        RejectedDocument,
        SubmittedDocument,
    ]
    assert "takes no more documents" in outcome.rejected[0].exceptions[0].text
    good, other = outcome.documents
    stranger = DocumentReference(id=UNKNOWN, auth_token=UNKNOWN)
    answers = client.check_status(good, stranger, other)
    assert [type(one) for one in answers] == [DocumentStatus, StatusRejected, DocumentStatus]
    assert answers[1].id == UNKNOWN


@each_kind
@pytest.mark.parametrize("waits", [True, False])
def test_an_envelope_holds_its_documents_back(client: Driver, waits: bool) -> None:
    envelope = new_envelope(client)
    outcome = submitted(client, document(envelope_id=envelope.envelope_id), document())
    held, free = outcome.documents
    created, in_progress = (
        StatusCheckStatusType.CREATED,
        StatusCheckStatusType.SIGNING_STEP_IN_PROGRESS,
    )
    assert steps(client, held, free) == [(created, None), (in_progress, "Step 1")]
    if waits:
        closed = client.close_envelope(str(envelope.envelope_id), str(envelope.auth_token))
    else:
        session = client.async_close_envelope(envelope.envelope_id, envelope.auth_token)
        assert isinstance(client.lookup_session(session), SessionPending)
        closed = client.wait_for_session(session)
        assert closed.session_id == session.id
    assert isinstance(closed, EnvelopeClosed)
    assert closed.envelope_id == envelope.envelope_id
    assert steps(client, held) == [(in_progress, "Step 1")]


@each_kind
def test_an_envelope_closes_once(client: Driver) -> None:
    envelope = new_envelope(client)
    keys = (envelope.envelope_id, envelope.auth_token)
    warned = client.close_envelope(*keys)
    assert [one.is_warning for one in warned.warnings] == [True]
    with pytest.raises(AssureSignError, match="closed already"):
        client.close_envelope(*keys)
    session = client.async_close_envelope(*keys)
    with pytest.raises(AssureSignError, match="closed already") as caught:
        client.wait_for_session(session)
    assert caught.value.operation == "AsyncCloseEnvelope"
    with pytest.raises(AssureSignError) as refused:
        client.async_close_envelope(envelope.envelope_id, UNKNOWN)
    assert str(UNKNOWN) not in str(refused.value)


@each_kind
def test_waiting_may_end_before_the_session(kind: Kind) -> None:
    with (
        EmulatorServer(EmulatorSettings(pending_lookups=10_000)) as slow,
        SkippedPauses(),
        Driver(kind, slow.assuresign_url) as client,
    ):
        session = client.async_submit(document())
        with pytest.raises(WaitTimeout) as caught:
            client.wait_for_session(session)
        assert caught.value.session_id == str(session.id)


@each_kind
def test_a_session_of_another_account_is_not_told(client: Driver, server: EmulatorServer) -> None:
    session = client.async_submit(document())
    with (
        Driver(client.kind, server.assuresign_url, context_identifier=UNKNOWN) as stranger,
        pytest.raises(AssureSignError),
    ):
        stranger.lookup_session(session)


@each_kind
def test_an_unknown_account_is_refused(kind: Kind) -> None:
    account = AssureSignAccount(context_identifier=uuid.UUID(ACCOUNT))
    settings = EmulatorSettings(accounts=Accounts(assuresign=(account,)))
    with (
        EmulatorServer(settings) as strict,
        Driver(kind, strict.assuresign_url, context_identifier=UNKNOWN) as client,
        pytest.raises(AssureSignError) as caught,
    ):
        client.async_submit(document(order_number="7"))
    assert caught.value.exceptions
    assert str(UNKNOWN) not in str(caught.value)


@each_kind
def test_the_generated_services_reach_all_else(client: Driver) -> None:
    (done,) = submitted(
        client, document(parameters={"Signatory 1 Email Address": "a@b.c"})
    ).outcomes
    keys = {
        "context_identifier": client.client.context_identifier,
        "id": done.id,
        "auth_token": done.auth_token,
    }
    signatories = client.service(
        "list_signatories",
        "list_signatories",
        list_signatories.ListSignatories(
            signatory_list_query=list_signatories.SignatoryListQuery(**keys)
        ),
    ).signatory_list_query_result.signatories.signatory_item
    assert [one.email_address for one in signatories] == ["a@b.c"]
    cancelled = client.service(
        "cancel",
        "cancel",
        cancel.Cancel(
            document_cancellations=cancel.ArrayOfDocumentCancellation(
                document_cancellation=[cancel.DocumentCancellation(**keys, remarks="Typo")]
            )
        ),
    ).document_cancellation_results.document_cancellation_result
    assert [(one.id, one.exceptions) for one in cancelled] == [(done.id, None)]
    (status,) = client.check_status(done)
    assert status.status_type is StatusCheckStatusType.CANCELLED
    history = client.service(
        "view_history",
        "view_history",
        view_history.ViewHistory(
            document_history_views=view_history.ArrayOfDocumentHistoryView(
                document_history_view=[view_history.DocumentHistoryView(**keys)]
            )
        ),
    ).document_history_view_results.document_history_view_result
    assert len(history[0].events.document_event) >= 2
    assert client.service("ping", "ping", ping.Ping()) is not None


@each_kind
def test_a_file_of_some_megabytes_is_sent(client: Driver) -> None:
    content = bytes(range(256)) * 4096 * 9
    request = submit.SubmitWithFile(
        documents=submit.ArrayOfFileDocument(
            file_document=[
                submit.FileDocument(
                    context_identifier=client.client.context_identifier,
                    metadata=submit.Metadata(user_name=USER),
                    underlying_file=submit.UnderlyingFile(
                        file_type=submit.SupportedFileType.PDF, data=content
                    ),
                )
            ]
        )
    )
    answer = client.service("submit", "submit_with_file", request)
    (result,) = answer.submit_with_file_result.document_result
    assert result.id is not None
    assert result.exceptions is None


class _Damaging(zeep.plugins.Plugin):
    """Takes what is required out of a message that was valid."""

    def egress(self, envelope: Any, headers: Any, operation: Any, options: Any) -> Any:
        for node in envelope.iter("{*}SessionLookup"):
            del node.attrib["SessionId"]
        return envelope, headers


@each_kind
def test_what_the_emulator_refuses_is_a_fault(kind: Kind, server: EmulatorServer) -> None:
    with (
        Driver(kind, server.assuresign_url, plugins=(_Damaging(),)) as client,
        pytest.raises(SoapFault, match="SessionId") as caught,
    ):
        client.lookup_session(UNKNOWN)
    assert caught.value.fault_code == "DeserializationFailed"
    assert caught.value.http_status == 500


@each_kind
def test_a_wrong_address_is_an_http_error(kind: Kind, server: EmulatorServer) -> None:
    with (
        Driver(kind, f"{server.url}/somewhere/else.svc") as lost,
        pytest.raises(HttpStatusError, match="check the URL") as caught,
    ):
        lost.async_submit(document())
    assert caught.value.http_status == 404


def test_one_client_serves_many_threads(server: EmulatorServer) -> None:
    server.state.reset()

    def work(number: int, client: AssureSign) -> bool:
        session = client.async_submit(document(order_number=str(number)))
        outcome = client.wait_for_session(session)
        assert isinstance(outcome, SubmissionCompleted)
        (done,) = outcome.documents
        (status,) = client.check_status(done)
        assert done.metadata is not None
        return done.metadata.order_number == str(number) and status.id == done.id

    with (
        SkippedPauses(),
        AssureSign(context_identifier=ACCOUNT, user_name=USER, url=server.assuresign_url) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        assert all(pool.map(lambda number: work(number, client), range(40)))


def test_one_client_serves_many_tasks(server: EmulatorServer) -> None:
    server.state.reset()

    async def work(number: int, client: AsyncAssureSign) -> bool:
        session = await client.async_submit(document(order_number=str(number)))
        outcome = await client.wait_for_session(session)
        assert isinstance(outcome, SubmissionCompleted)
        (done,) = outcome.documents
        assert done.metadata is not None
        return done.metadata.order_number == str(number)

    async def main() -> list[bool]:
        async with AsyncAssureSign(
            context_identifier=ACCOUNT, user_name=USER, url=server.assuresign_url
        ) as client:
            return await asyncio.gather(*(work(number, client) for number in range(40)))

    with SkippedPauses():
        assert all(asyncio.run(main()))
