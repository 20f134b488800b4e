"""Notifications that the emulator sends: judged by the schemas, and read by the parsers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qsl

import httpx
import pytest
from lxml import etree
from openapi_schema_validator import OAS31Validator

from esignwire import AssureSign, Constellation1, Signix, signix
from esignwire.assuresign import TemplateDocument, documenttrak
from esignwire.constellation1 import (
    Document,
    Session,
    SessionInfo,
    SessionStatus,
    SessionStatusChanged,
    Signer,
    SignerStatus,
    SignerStatusChanged,
    webhook,
)
from esignwire.emulator import (
    DocumentTrakDesign,
    EmulatorServer,
    EmulatorSettings,
    LateNotification,
    State,
)
from esignwire.errors import ConfigurationError
from esignwire.signix import Field, Form, Party, PushAction, Transaction
from tests.support.assuresign import TEMPLATE
from tests.support.emulator import SCHEMAS, SIGNIX, SIGNIX_SCHEMA, control
from tests.support.listener import Heard, Listener, listening
from tests.support.openapi import document

PDF = b"%PDF-1.4\n%%EOF\n"
LEASE = TemplateDocument(
    template_id=TEMPLATE,
    parameters={f"Signatory {n} Email Address": f"{n}@example.com" for n in (1, 2)},
)


@pytest.fixture
def listener() -> Iterator[Listener]:
    with listening() as listener:
        yield listener


def settings(**others: object) -> EmulatorSettings:
    return EmulatorSettings(schemas=SCHEMAS, notification_seconds=0.001, **others)


def submitted(client: Signix, listener: Listener | None, *, suspended: bool = False) -> Transaction:
    return client.submit(
        "Lease",
        parties=[
            Party(name, name.title(), "Example", f"{name}@example.com")
            for name in ("tenant", "owner")
        ],
        forms=[Form(PDF, file_name="lease.pdf", fields=[Field.signature("tenant", at="Sign:")])],
        submitter_email="owner@example.com",
        push_url=None if listener is None else f"{listener.url}/hook?key=1",
        suspend_on_start=suspended,
    )


def pushes(listener: Listener) -> list[signix.Notification]:
    """What was heard, each judged by SIGNiX's schema."""
    schema = etree.XMLSchema(etree.parse(str(SIGNIX_SCHEMA)))
    found: list[signix.Notification] = []
    for one in listener.heard:
        assert (one.method, one.path, one.body) == ("GET", "/hook", b"")
        root = etree.Element(f"{{{SIGNIX}}}PushNotification")
        for name, value in parse_qsl(one.query, strict_parsing=True):
            if name != "key":
                etree.SubElement(root, f"{{{SIGNIX}}}{name}").text = value
        schema.assertValid(root)
        found.append(signix.notification(one.query))
    return found


def actions(listener: Listener) -> list[str]:
    return [str(one.action) for one in pushes(listener)]


def test_signix_tells_how_a_transaction_goes(listener: Listener) -> None:
    with (
        EmulatorServer(settings()) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        transaction = submitted(client, listener)
        emulator.sign(transaction)
        transaction.suspend()
        transaction.resume()
        control(emulator, "signix/transactions/complete", transaction.document_set_id)
        sent = emulator.notifications()
    events = pushes(listener)
    assert [one.action for one in events] == [
        PushAction.SEND,
        PushAction.PARTY_COMPLETE,
        PushAction.SUSPEND,
        PushAction.PARTY_COMPLETE,
        PushAction.COMPLETE,
    ]
    assert {one.document_set_id for one in events} == {transaction.document_set_id}
    assert {one.transaction_id for one in events} == {transaction.transaction_id}
    assert [(one.party_id, one.ref_id) for one in events if one.party_id] == [
        ("P01", "tenant"),
        ("P02", "owner"),
    ]
    assert all(one.timestamp for one in events)
    assert [(one.event, one.attempts, one.is_received) for one in sent] == [
        (str(one.action), 1, True) for one in events
    ]
    assert listener.url not in repr(sent)


@pytest.mark.parametrize("change", ["cancel", "expire"])
def test_signix_tells_how_a_transaction_ends(listener: Listener, change: str) -> None:
    account = settings(signix_notify_url=f"{listener.url}/hook")
    with (
        EmulatorServer(account) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        transaction = submitted(client, None, suspended=True)
        assert emulator.notifications()[0].event == "suspend"
        transaction.resume()
        if change == "cancel":
            transaction.cancel()
        else:
            emulator.expire(transaction)
        emulator.notifications()
    assert actions(listener) == ["suspend", "Send", change]


def test_what_is_not_received_is_sent_again(listener: Listener) -> None:
    listener.answers[:] = [(500, b"OK"), (200, b"ok"), (200, b"OK"), *[(200, b"OK\n")] * 3]
    with (
        EmulatorServer(settings()) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        transaction = submitted(client, listener)
        emulator.expire(transaction)
        first, second = emulator.notifications()
    assert (first.attempts, first.is_received) == (3, True)
    assert (second.attempts, second.is_received) == (3, False)
    assert actions(listener) == ["Send"] * 3 + ["expire"] * 3
    assert len({one.key for one in pushes(listener)}) == 2


def test_copies_and_repetitions_on_demand(listener: Listener) -> None:
    with (
        EmulatorServer(settings(notification_copies=2)) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        submitted(client, listener)
        first, _ = emulator.notifications()
        emulator.repeat(first)
        assert len(emulator.notifications()) == 3
        emulator.repeat()
        assert len(emulator.notifications()) == 6
    assert len(listener.heard) == 6
    assert len(set(listener.heard)) == 1


def test_a_late_notification_is_overtaken_and_comes_twice(listener: Listener) -> None:
    now = [datetime(2026, 1, 1, tzinfo=UTC)]
    with (
        EmulatorServer(settings(), state=State(clock=lambda: now[0])) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        order = LateNotification(seconds=3600, copies=2)
        emulator.next("signix", fault=order)
        transaction = submitted(client, listener)
        emulator.sign(transaction)
        assert [one.event for one in emulator.notifications()] == ["partyComplete"]
        now[0] += timedelta(seconds=3600)
        told = [one.event for one in emulator.notifications()]
        assert told == ["partyComplete", "Send", "Send"]
        emulator.next("signix", fault=order)
        emulator.expire(transaction)
        emulator.state.reset()
        now[0] += timedelta(seconds=3600)
        assert len(emulator.notifications()) == 3
    assert actions(listener) == told


def test_a_late_notification_wakes_up_by_itself(listener: Listener) -> None:
    with (
        EmulatorServer(settings()) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        fault = {"kind": "late_notification", "seconds": 0.001}
        order = {"vendor": "signix", "fault": fault}
        httpx.post(f"{emulator.url}/_esignwire/faults", json=order).raise_for_status()
        submitted(client, listener)
        assert listener.has_heard.wait(30)
    assert actions(listener) == ["Send"]


def test_after_a_reset_a_transaction_is_told_anew(listener: Listener) -> None:
    seeded = settings(signix_notify_url=f"{listener.url}/hook", seed="x")
    with (
        EmulatorServer(seeded) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        first = submitted(client, None)
        control(emulator, "reset")
        second = submitted(client, None)
        assert first.document_set_id == second.document_set_id
        emulator.notifications()
    assert actions(listener) == ["Send", "Send"]


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example.com/x",
        "http://127.0.0.1.example.com/x",
        "http://localhost.example.com/x",
        "http://192.0.2.1/x",
        "http://user@192.0.2.1:80/127.0.0.1",
        "http://[::ffff:192.0.2.1]/",
        "//",
        "http://[",
    ],
)
def test_no_notification_leaves_the_machine(url: str, caplog: pytest.LogCaptureFixture) -> None:
    with (
        EmulatorServer(settings(signix_notify_url=url)) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        submitted(client, None)
        assert emulator.notifications() == ()
    assert "no notification leaves this machine" in caplog.text
    assert url not in caplog.text


def test_what_cannot_be_reached_fails_no_call() -> None:
    with listening() as gone:
        url = gone.url
    with (
        EmulatorServer(settings(signix_notify_url=url)) as emulator,
        emulator.environment(),
        Signix.from_environment() as client,
    ):
        submitted(client, None)
        (one,) = emulator.notifications()
    assert (one.attempts, one.is_received) == (3, False)
    assert emulator.notifications() == (one,)


def _judged(one: Heard) -> dict[str, object]:
    whole = document()
    schema = {"$ref": "#/components/schemas/WebhookBody", "components": whole["components"]}
    OAS31Validator(schema).validate(json.loads(one.body))
    assert (one.method, one.media_type) == ("POST", "application/json; charset=utf-8")
    return json.loads(one.body)


def test_constellation1_tells_how_a_session_goes(listener: Listener) -> None:
    account = settings(constellation1_webhook_url=f"{listener.url}/hook")
    session = Session(
        session_info=SessionInfo(title="Offer"),
        documents=[Document(file_name="offer.pdf", file_bytes=PDF)],
        signers=[
            Signer(last_name="Example", signer_role="Buyer 1", email_address="pat@example.com")
        ],
    )
    with (
        EmulatorServer(account) as emulator,
        emulator.environment(),
        Constellation1.from_environment() as client,
    ):
        created = client.create_session(session)
        client.start_session(created.session_id, "https://example.com/signed")
        client.get_session(created.session_id)
        emulator.complete(created)
        other = client.create_session(session)
        client.cancel_session(other.session_id)
        emulator.notifications()
    events = [webhook(json.dumps(_judged(one))) for one in listener.heard]
    assert [type(one) for one in events] == [
        SessionStatusChanged,
        SignerStatusChanged,
        SessionStatusChanged,
        SessionStatusChanged,
    ]
    assert [getattr(one, "status", None) for one in events] == [
        SessionStatus.IN_SENT,
        SignerStatus.COMPLETED,
        SessionStatus.COMPLETED,
        SessionStatus.CANCELLED,
    ]
    assert {one.session_id for one in events} == {created.session_id, other.session_id}
    assert events[1].signer_id
    assert {one.title for one in events} == {"Offer"}


EVENTS = [
    "Document_Started",
    "SigningStep_Started",
    "SigningStep_Completed",
    "Document_Completed",
    "Document_Declined",
    "Document_Expired",
    "Document_Cancelled",
    "Envelope_Closure",
    "Envelope_Complete",
]


def _designs(listener: Listener) -> dict[str, tuple[documenttrak.Template, DocumentTrakDesign]]:
    found: dict[str, tuple[documenttrak.Template, DocumentTrakDesign]] = {}
    for event in EVENTS:
        fields = ["Envelope ID", "Transaction Name", "Signatory 2 Email Address", "Unknown"]
        design = documenttrak.template(fields, event=event)
        url = f"{listener.url}/{event}"
        found[event] = design, DocumentTrakDesign(event=event, url=url, body=design.body)
    return found


def _told(
    listener: Listener, designs: dict[str, tuple[documenttrak.Template, DocumentTrakDesign]]
) -> list[documenttrak.Notification]:
    assert {one.method for one in listener.heard} <= {"POST"}
    return [designs[one.path.strip("/")][0].parse(one.body) for one in listener.heard]


def test_assuresign_tells_by_designs_how_a_document_goes(listener: Listener) -> None:
    designs = _designs(listener)
    account = settings(designs=tuple(design for _, design in designs.values()))
    with (
        EmulatorServer(account) as emulator,
        emulator.environment(),
        AssureSign.from_environment() as client,
    ):
        document = client.submit(LEASE)
        emulator.sign(document)
        client.check_status(document)
        emulator.sign(document)
        for act in (emulator.decline, emulator.expire):
            act(client.submit(LEASE))
        client.cancel(client.submit(LEASE))
        emulator.notifications()
    events = _told(listener, designs)
    begun = ["Document_Started", "SigningStep_Started"]
    assert [one.event for one in events] == [
        *begun,
        "SigningStep_Completed",
        "SigningStep_Started",
        "SigningStep_Completed",
        "Document_Completed",
        *begun,
        "Document_Declined",
        *begun,
        "Document_Expired",
        *begun,
        "Document_Cancelled",
    ]
    assert {one.values["Signatory 2 Email Address"] for one in events} == {"2@example.com"}
    assert {one.unfilled for one in events} == {("Envelope ID", "Unknown")}


def test_assuresign_tells_by_designs_how_an_envelope_goes(listener: Listener) -> None:
    designs = _designs(listener)
    account = settings(designs=tuple(design for _, design in designs.values()))
    with (
        EmulatorServer(account) as emulator,
        emulator.environment(),
        AssureSign.from_environment() as client,
    ):
        with client.envelope("Sale") as envelope:
            envelope.submit(LEASE)
        emulator.complete(envelope)
        emulator.notifications()
    events = _told(listener, designs)
    assert [one.event for one in events] == [
        "Document_Started",
        "SigningStep_Started",
        "Envelope_Closure",
        "SigningStep_Completed",
        "Document_Completed",
        "Envelope_Complete",
    ]
    assert {one.values["Envelope ID"] for one in events} == {str(envelope.id)}


def test_the_answer_must_be_what_a_design_expects(listener: Listener) -> None:
    listener.answers[:] = [(200, b"<r>no</r>"), (200, b"<r>yes</r>")]
    design = DocumentTrakDesign(
        event="Document_Started",
        url=listener.url,
        body='<e name="[Transaction Name]"/>',
        expected="<r>yes</r>",
    )
    with (
        EmulatorServer(settings(designs=(design,))) as emulator,
        emulator.environment(),
        AssureSign.from_environment() as client,
    ):
        client.submit(LEASE)
        (one,) = emulator.notifications()
    assert (one.attempts, one.is_received) == (2, True)
    assert listener.heard[0].media_type == "text/xml; charset=utf-8"


@pytest.mark.parametrize(
    "change",
    [{"notification_attempts": 0}, {"notification_copies": 0}, {"notification_seconds": 0}],
)
def test_settings_that_cannot_be_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigurationError):
        EmulatorSettings(**change)
