"""What a look at the vendor tells of a call whose outcome is unknown, against the emulator."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator

import pytest

from esignwire import (
    AssureSign,
    AsyncAssureSign,
    AsyncConstellation1,
    AsyncSignix,
    Constellation1,
    Resolution,
    Signix,
)
from esignwire._client import SkippedPauses
from esignwire.assuresign import DocumentReference, Handle, TemplateDocument
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import EmulatorServer
from esignwire.errors import AssureSignError, InvalidRequest, OutcomeUnknown
from esignwire.signix import Field, Form, Party

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
PDF = b"%PDF-1.4\n%%EOF\n"


@pytest.fixture(autouse=True)
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer() as server, server.environment(), SkippedPauses():
        yield server


def lost(vendor: str, operation: str, reference: object) -> OutcomeUnknown:
    return OutcomeUnknown(
        "the answer was lost", vendor=vendor, operation=operation, reference=str(reference)
    )


class TestAssureSign:
    @pytest.mark.parametrize(
        ("operation", "act"),
        [
            ("CloseEnvelope", lambda client, one: client.close_envelope(one)),
            ("AsyncCloseEnvelope", lambda client, one: client.async_close_envelope(one)),
            ("CancelEnvelope", lambda client, one: client.cancel_envelope(one)),
        ],
    )
    def test_an_envelope(self, operation: str, act: Callable[[AssureSign, Handle], object]) -> None:
        with AssureSign.from_environment() as client:
            envelope = client.create_envelope(envelope_name="Sale")
            client.submit(TemplateDocument(template_id=TEMPLATE, envelope_id=envelope.id))
            error = lost("AssureSign", operation, envelope.id)
            assert client.resolve(error, envelope) is Resolution.DID_NOT_HAPPEN
            act(client, envelope)
            assert client.resolve(error, envelope) is Resolution.HAPPENED

    def test_a_cancelled_envelope_does_not_tell_whether_it_was_closed_before(self) -> None:
        with AssureSign.from_environment() as client:
            envelope = client.create_envelope(envelope_name="Sale")
            client.cancel_envelope(envelope)
            error = lost("AssureSign", "CloseEnvelope", envelope.id)
            assert client.resolve(error, envelope) is Resolution.CANNOT_BE_TOLD

    def test_a_document(self) -> None:
        async def main(document: Handle, error: OutcomeUnknown) -> Resolution:
            async with AsyncAssureSign.from_environment() as client:
                return await client.resolve(error, document)

        with AssureSign.from_environment() as client:
            document = client.submit(TemplateDocument(template_id=TEMPLATE))
            error = lost("AssureSign", "Cancel", document.id)
            assert client.resolve(error, document) is Resolution.DID_NOT_HAPPEN
            client.cancel(document)
            assert asyncio.run(main(document, error)) is Resolution.HAPPENED
            expired = lost("AssureSign", "Expire", document.id)
            assert client.resolve(expired, document) is Resolution.DID_NOT_HAPPEN

    def test_what_the_vendor_refuses_to_tell(self) -> None:
        stranger = DocumentReference(id=TEMPLATE, auth_token=TEMPLATE)
        with AssureSign.from_environment() as client:
            error = lost("AssureSign", "Cancel", TEMPLATE)
            assert client.resolve(error, stranger) is Resolution.CANNOT_BE_TOLD
            with pytest.raises(AssureSignError):
                client.resolve(lost("AssureSign", "CloseEnvelope", TEMPLATE), stranger)

    def test_a_submission_has_no_operation_that_tells(self) -> None:
        with AssureSign.from_environment() as client:
            error = lost("AssureSign", "Submit", "order 7")
            assert client.resolve(error) is Resolution.CANNOT_BE_TOLD

    def test_the_handle_is_needed_and_must_be_the_same_thing(self) -> None:
        with AssureSign.from_environment() as client:
            document = client.submit(TemplateDocument(template_id=TEMPLATE))
            with pytest.raises(InvalidRequest, match="about"):
                client.resolve(lost("AssureSign", "Cancel", document.id))
            with pytest.raises(InvalidRequest, match=f"about names {document.id}"):
                client.resolve(lost("AssureSign", "Cancel", TEMPLATE), document)


class TestSignix:
    def test_a_submission(self) -> None:
        async def main(error: OutcomeUnknown) -> Resolution:
            async with AsyncSignix.from_environment() as signix:
                return await signix.resolve(error)

        with Signix.from_environment() as signix:
            transaction = signix.submit(
                "Agreement",
                parties=[Party("buyer", "Pat", "Example", "pat@example.com")],
                forms=[Form(PDF, fields=[Field.signature("buyer", at="Sign:", date_at="Date:")])],
                submitter_email="owner@example.com",
                transaction_id="0123456789abcdef-0123456789abcdef-01",
            )
            error = lost("SIGNiX", "SubmitDocument", "0123456789abcdef-0123456789abcdef-01")
            assert signix.resolve(error) is Resolution.HAPPENED
            assert asyncio.run(main(error)) is Resolution.HAPPENED
            never = lost("SIGNiX", "SubmitDocument", "f" * 36)
            assert signix.resolve(never) is Resolution.CANNOT_BE_TOLD
            other = lost("SIGNiX", "SubmitAjax", transaction.document_set_id)
            assert signix.resolve(other) is Resolution.CANNOT_BE_TOLD


class TestConstellation1:
    @staticmethod
    def session(transaction_id: str | None) -> Session:
        return Session(
            session_info=SessionInfo(title="Offer", transaction_id=transaction_id),
            documents=[Document(file_name="offer.pdf", file_bytes=PDF)],
            signers=[
                Signer(last_name="Example", signer_role="Buyer 1", email_address="pat@example.com")
            ],
        )

    def test_a_session_that_was_to_be_started_or_cancelled(self) -> None:
        async def main(error: OutcomeUnknown) -> Resolution:
            async with AsyncConstellation1.from_environment() as esign:
                return await esign.resolve(error)

        with Constellation1.from_environment() as esign:
            made = esign.create_session(self.session(None))
            started = lost("Constellation1", "StartSession", made.session_id)
            cancelled = lost("Constellation1", "CancelSession", made.session_id)
            assert esign.resolve(started) is Resolution.DID_NOT_HAPPEN
            esign.start_session(made.session_id, "https://example.com/signed")
            assert esign.resolve(started) is Resolution.HAPPENED
            assert esign.resolve(cancelled) is Resolution.DID_NOT_HAPPEN
            esign.cancel_session(made.session_id)
            assert asyncio.run(main(cancelled)) is Resolution.HAPPENED
            deleted = lost("Constellation1", "DeleteSession", made.session_id)
            assert esign.resolve(deleted) is Resolution.DID_NOT_HAPPEN
            esign.delete_session(made.session_id)
            assert esign.resolve(deleted) is Resolution.HAPPENED

    def test_a_session_that_was_to_be_made(self) -> None:
        with Constellation1.from_environment() as esign:
            session = self.session("deal 7")
            error = lost("Constellation1", "CreateSession", "deal 7")
            assert esign.resolve(error, session) is Resolution.DID_NOT_HAPPEN
            esign.create_session(session)
            assert esign.resolve(error, session) is Resolution.HAPPENED

    def test_a_session_that_was_to_be_made_without_an_identifier(self) -> None:
        with Constellation1.from_environment() as esign:
            error = lost("Constellation1", "CreateSession", "Offer")
            assert esign.resolve(error) is Resolution.CANNOT_BE_TOLD
            assert esign.resolve(error, self.session(None)) is Resolution.CANNOT_BE_TOLD

    def test_other_calls_have_none_that_tells(self) -> None:
        with Constellation1.from_environment() as esign:
            error = lost("Constellation1", "UpdateUser", "pat@example.com")
            assert esign.resolve(error) is Resolution.CANNOT_BE_TOLD
