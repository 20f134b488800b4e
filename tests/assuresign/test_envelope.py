"""Envelopes in a block: created, closed, and cancelled where the block raises."""

from __future__ import annotations

import asyncio
import datetime as dt
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from esignwire._client import SkippedPauses
from esignwire.assuresign import (
    AssureSign,
    AsyncAssureSign,
    ClosingSession,
    EnvelopeClosed,
    RejectedDocument,
    SubmissionSession,
    SubmittedDocument,
    TemplateDocument,
)
from esignwire.assuresign.types import envelopes
from esignwire.emulator import EmulatorServer
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
    SERVICES,
    SESSION,
    TEMPLATE,
    TOKEN,
    USER,
    Driver,
    EnvelopeBlock,
    Kind,
    judged,
    looked_up,
    message,
    scripted,
    soap,
    submitted,
)

pytestmark = pytest.mark.parametrize("kind", KINDS)

PLAIN = TemplateDocument(template_id=TEMPLATE, order_number="1")
ZERO = uuid.UUID(int=0)
MOMENT = "2030-01-01T00:00:00Z"


def created(envelope: object = ENVELOPE, exceptions: str = "") -> bytes:
    return soap(
        f'<CreateEnvelopeResponse xmlns="{SERVICES}/Envelopes"><CreateEnvelopeResult'
        f' EnvelopeId="{envelope}" AuthToken="{TOKEN}" ExpirationDate="{MOMENT}"'
        f' StaleDate="{MOMENT}">{exceptions}</CreateEnvelopeResult></CreateEnvelopeResponse>'
    )


def exception(severity: str, text: str) -> str:
    return (
        f'<Exceptions><EnvelopeException Severity="{severity}">{text}</EnvelopeException>'
        "</Exceptions>"
    )


def closing(exceptions: str = "", session: str = SESSION) -> bytes:
    return soap(
        f'<AsyncCloseEnvelopeResponse xmlns="{SERVICES}/Envelopes"><AsyncCloseEnvelopeResult'
        f' SessionId="{session}">{exceptions}</AsyncCloseEnvelopeResult>'
        "</AsyncCloseEnvelopeResponse>"
    )


def cancelled(exceptions: str = "") -> bytes:
    return soap(
        f'<CancelEnvelopeResponse xmlns="{SERVICES}/Envelopes"><CancelEnvelopeResult'
        f' EnvelopeId="{ENVELOPE}">{exceptions}</CancelEnvelopeResult></CancelEnvelopeResponse>'
    )


RESULT = f'<DocumentResult xmlns="{SERVICES}/Submit" Id="{DOCUMENT}" AuthToken="{TOKEN}"/>'
TAKEN = submitted("Submit", f'<DocumentResult Id="{DOCUMENT}" AuthToken="{TOKEN}"/>')


class Boom(Exception):
    """What a block raises."""


@pytest.fixture
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer() as running, SkippedPauses():
        yield running


def test_a_block_creates_fills_and_closes(kind: Kind) -> None:
    with scripted(kind, created(), TAKEN, closing()) as (client, server):
        block = EnvelopeBlock(
            client,
            "Sale",
            order_number="4711",
            workflow_type=envelopes.EnvelopeWorkflowType.PARALLEL,
            decline_behavior=envelopes.EnvelopeDeclineBehaviorType.DECLINE_SINGLE,
            view_behavior=envelopes.EnvelopeViewBehaviorType.VIEW_ALL,
            template_id=TEMPLATE,
            password="opensesame",
            redirect_url="https://example.com/done",
            expiration_date=dt.date(2027, 1, 2),
            attachments=[envelopes.EnvelopeAttachment(name="Plan", file_data=b"%PDF")],
            user_name="other@example.com",
        )
        with block:
            assert (block.envelope.id, block.envelope.auth_token) == (
                uuid.UUID(ENVELOPE),
                uuid.UUID(TOKEN),
            )
            assert block.envelope.expiration_date == dt.datetime(2030, 1, 1, tzinfo=dt.UTC)
            assert isinstance(block.submit(PLAIN), SubmittedDocument)
        assert block.envelope.session == ClosingSession(id=uuid.UUID(SESSION))
    assert TOKEN not in repr(block.envelope)
    first, second, third = (judged(one) for one in server.received)
    assert dict(first[0].attrib) == {
        "ContextIdentifier": ACCOUNT,
        "EnvelopeTemplateId": TEMPLATE,
        "WorkflowType": "Parallel",
        "DeclineBehavior": "DeclineSingle",
        "ViewBehavior": "ViewAll",
        "UserName": "other@example.com",
        "EnvelopeName": "Sale",
        "EnvelopeOrderNumber": "4711",
        "RedirectUrl": "https://example.com/done",
        "EnvelopePassword": "opensesame",
        "ExpirationDate": "2027-01-02",
    }
    assert first[0][0][0].get("Name") == "Plan"
    assert second.find(".//{*}Metadata") is not None
    assert [one.get("EnvelopeId") for one in second.iterfind(".//{*}Metadata")] == [ENVELOPE]
    assert third.tag == f"{{{SERVICES}/Envelopes}}AsyncCloseEnvelope"
    assert third[0].get("AuthToken") == TOKEN


def test_nothing_is_sent_before_the_block(kind: Kind) -> None:
    with scripted(kind, created()) as (client, server):
        block = EnvelopeBlock(client, "Sale")
        for name in ("id", "auth_token", "expiration_date"):
            with pytest.raises(InvalidRequest, match="enter its block first"):
                getattr(block.envelope, name)
        with pytest.raises(InvalidRequest, match="enter its block first"):
            block.submit(PLAIN)
        with pytest.raises(InvalidRequest, match="once the block has ended"):
            _ = block.envelope.session
        with pytest.raises(InvalidRequest, match="template_id must be a GUID"):
            EnvelopeBlock(client, "Sale", template_id="x")
        assert repr(block.envelope).endswith("Envelope(id=None)")
        assert not server.received


def test_an_envelope_is_entered_once(kind: Kind) -> None:
    with scripted(kind, created(), closing()) as (client, server):
        block = EnvelopeBlock(client, "Sale")
        with block:
            pass
        with pytest.raises(InvalidRequest, match="entered once"), block:
            pass
        assert len(server.received) == 2


def test_an_exception_cancels_the_envelope_and_arrives(kind: Kind) -> None:
    with scripted(kind, created(), cancelled()) as (client, server):
        with pytest.raises(Boom) as caught, EnvelopeBlock(client, "Sale"):
            raise Boom
        assert not getattr(caught.value, "__notes__", [])
    _, second = (judged(one) for one in server.received)
    assert second.tag == f"{{{SERVICES}/Envelopes}}CancelEnvelope"
    assert (second[0].get("EnvelopeId"), second[0].get("AuthToken")) == (ENVELOPE, TOKEN)
    assert 0 < len(second[0].get("Remarks") or "") <= 128


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (cancelled(exception("Error", "Too late.")), "Too late."),
        (LOST, "may or may not have acted"),
        (soap(f'<CancelEnvelopeResponse xmlns="{SERVICES}/Envelopes"/>'), "holds no"),
    ],
)
def test_a_cancel_that_fails_is_noted(kind: Kind, answer: bytes, words: str) -> None:
    with scripted(kind, created(), answer) as (client, _):
        with pytest.raises(Boom) as caught, EnvelopeBlock(client, "Sale"):
            raise Boom
        (note,) = caught.value.__notes__
    assert ENVELOPE in note
    assert "was not cancelled" in note
    assert words in note
    assert TOKEN not in note


def test_any_failure_of_the_cancel_is_noted(kind: Kind) -> None:
    class Plugin:
        calls = 0

        def egress(self, envelope: object, headers: object, *_: object) -> tuple[object, object]:
            self.calls += 1
            if self.calls > 1:
                raise ValueError("a secret, perhaps")
            return envelope, headers

        def ingress(self, envelope: object, headers: object, *_: object) -> tuple[object, object]:
            return envelope, headers

    with scripted(kind, created(), plugins=(Plugin(),)) as (client, _):
        with pytest.raises(Boom) as caught, EnvelopeBlock(client, "Sale"):
            raise Boom
        (note,) = caught.value.__notes__
    assert "ValueError" in note
    assert "secret" not in note


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_an_interrupted_block_cancels_too(kind: Kind, error: type[BaseException]) -> None:
    with scripted(kind, created(), cancelled()) as (client, server):
        with pytest.raises(error), EnvelopeBlock(client, "Sale"):
            raise error
        assert message(server.received[-1]).tag.endswith("CancelEnvelope")


def test_a_cancelled_task_cancels_the_envelope(kind: Kind, emulator: EmulatorServer) -> None:
    if kind == "sync":
        pytest.skip("asyncio only")

    async def main() -> None:
        entered = asyncio.Event()

        async def fill() -> None:
            async with (
                AsyncAssureSign(
                    context_identifier=ACCOUNT, user_name=USER, url=emulator.assuresign_url
                ) as client,
                client.envelope("Sale"),
            ):
                entered.set()
                await asyncio.Event().wait()

        task = asyncio.create_task(fill())
        await entered.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    (envelope,) = emulator.state.assuresign.envelopes.values()
    assert envelope.status == "Cancelled"


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (created(exceptions=exception("Error", "No.")), AssureSignError, "Error: No."),
        (created(ZERO, exception("Fatal", "No.")), AssureSignError, "Fatal: No."),
        (created(ZERO), UnexpectedResponse, "EnvelopeId"),
        (
            soap(f'<CreateEnvelopeResponse xmlns="{SERVICES}/Envelopes"/>'),
            UnexpectedResponse,
            "EnvelopeId",
        ),
        (LOST, OutcomeUnknown, "look it up by .Sale."),
    ],
)
def test_an_envelope_that_was_not_created_runs_no_block(
    kind: Kind, answer: bytes, error: type[Exception], words: str
) -> None:
    with scripted(kind, answer) as (client, server):
        with pytest.raises(error, match=words), EnvelopeBlock(client, "Sale"):
            raise AssertionError("the block must not run")
        assert len(server.received) == 1


def test_warnings_of_the_creation_stay_readable(kind: Kind) -> None:
    answer = created(exceptions=exception("Warning", "Odd."))
    with scripted(kind, answer, closing()) as (client, _):
        block = EnvelopeBlock(client, "Sale")
        with block:
            assert [one.text for one in block.envelope.warnings] == ["Odd."]


def test_the_reference_of_an_unknown_creation(kind: Kind) -> None:
    for options, reference in (({"order_number": "4711"}, "4711"), ({}, "Sale")):
        with scripted(kind, LOST) as (client, _):
            block = EnvelopeBlock(client, "Sale", **options)
            with pytest.raises(OutcomeUnknown) as caught, block:
                pass
            assert caught.value.reference == reference


def test_a_refused_closing_raises(kind: Kind) -> None:
    refused = closing(exception("Error", "It is empty."), str(ZERO))
    with scripted(kind, created(), refused) as (client, _):
        block = EnvelopeBlock(client, "Sale")
        with pytest.raises(AssureSignError, match="It is empty"), block:
            pass
        with pytest.raises(InvalidRequest):
            _ = block.envelope.session


def test_an_unknown_closing_names_the_envelope(kind: Kind) -> None:
    with scripted(kind, created(), LOST) as (client, _):
        with pytest.raises(OutcomeUnknown) as caught, EnvelopeBlock(client, "Sale"):
            pass
        assert caught.value.reference == ENVELOPE


def test_a_document_of_another_envelope_is_refused(kind: Kind) -> None:
    other = TemplateDocument(template_id=TEMPLATE, envelope_id=uuid.UUID(int=1))
    mine = TemplateDocument(template_id=TEMPLATE, envelope_id=ENVELOPE.upper())
    with scripted(kind, created(), TAKEN, closing()) as (client, server):
        with EnvelopeBlock(client, "Sale") as block:
            for call, given in ((block.submit, other), (block.submit_all, [other])):
                with pytest.raises(InvalidRequest, match="envelope_id must be left out"):
                    call(given)
            for wrong in (None, "text", [mine]):
                with pytest.raises(InvalidRequest, match="document must be a TemplateDocument"):
                    block.submit(wrong)
            block.submit(mine)
        assert len(server.received) == 3


@pytest.mark.parametrize(
    ("session", "answer", "words"),
    [
        (
            SubmissionSession,
            f'<CloseEnvelopeResult xmlns="{SERVICES}/Envelopes" EnvelopeId="{ENVELOPE}"/>',
            "DocumentResults",
        ),
        (
            ClosingSession,
            f"<DocumentResults>{RESULT}</DocumentResults>",
            "CloseEnvelopeResult",
        ),
    ],
)
def test_a_session_ends_in_what_its_kind_promises(
    kind: Kind, session: type[SubmissionSession | ClosingSession], answer: str, words: str
) -> None:
    with scripted(kind, looked_up(answer)) as (client, _), SkippedPauses():
        with pytest.raises(UnexpectedResponse, match=words):
            client.wait_for_session(session(id=uuid.UUID(SESSION)))
        # An identifier promises nothing.
        assert client.wait_for_session(SESSION) is not None


def test_the_emulator_plays_a_sale(kind: Kind, emulator: EmulatorServer) -> None:
    with Driver(kind, emulator.assuresign_url) as client:
        with EnvelopeBlock(client, "Sale") as block:
            lease = block.submit(PLAIN)
            outcomes = block.submit_all([PLAIN, PLAIN])
            assert not any(isinstance(one, RejectedDocument) for one in outcomes)
        ended = client.wait_for_session(block.envelope.session)
        assert ended == EnvelopeClosed(
            envelope_id=block.envelope.id, session_id=block.envelope.session.id
        )
        documents = (lease, *outcomes)
        (first, second, _) = client.check_status(*documents)
        assert first.status_details == "Step 1"
        assert second.status_type == "Created"
        emulator.complete(block.envelope)
        assert {one.status_type for one in client.check_status(*documents)} == {"Completed"}
        with pytest.raises(AssureSignError, match="takes no more"):
            block.submit(PLAIN)


def test_the_emulator_cancels_what_a_failed_block_began(
    kind: Kind, emulator: EmulatorServer
) -> None:
    with Driver(kind, emulator.assuresign_url) as client:
        block = EnvelopeBlock(client, "Sale")
        with pytest.raises(ZeroDivisionError), block:
            1 // (block.submit(PLAIN) is None)
        (document,) = emulator.state.assuresign.documents.values()
        (status,) = client.check_status(document)
        assert status.status_type == "Cancelled"


@pytest.mark.parametrize("wrong", [7, "lease.pdf", b"%PDF-", {"a": 1}])
def test_attachments_that_are_no_list_are_named(kind: Kind, wrong: Any) -> None:
    make = AssureSign if kind == "sync" else AsyncAssureSign
    client = make(context_identifier=uuid.UUID(int=1), user_name="owner@example.com")
    with pytest.raises(InvalidRequest, match="attachments must be a list"):
        client.envelope("Sale", attachments=wrong)
