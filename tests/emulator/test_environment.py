"""The environment of an emulator, and what it does to the handles that clients give out."""

from __future__ import annotations

import os
import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from esignwire import AssureSign, Constellation1, Signix
from esignwire.assuresign import DocumentReference, TemplateDocument
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    AssureSignUser,
    Constellation1Account,
    EmulatorServer,
    EmulatorSettings,
    SignixAccount,
)
from esignwire.emulator.signix.state import Member, Transaction, TransactionStatus
from esignwire.errors import ConfigurationError, InvalidRequest
from tests.support.assuresign import ACCOUNT, TEMPLATE, Driver, EnvelopeBlock
from tests.support.emulator import SCHEMAS, control

LEASE = TemplateDocument(
    template_id=TEMPLATE,
    parameters={f"Signatory {n} Email Address": f"{n}@example.com" for n in (1, 2)},
)


def test_each_client_finds_the_emulator(emulator: EmulatorServer) -> None:
    with emulator.environment() as variables:
        assert {name: os.environ[name] for name in variables} == dict(variables)
        with AssureSign.from_environment() as assuresign:
            assert assuresign.submit(LEASE).id in emulator.state.assuresign.documents
        with Signix.from_environment() as signix:
            assert repr(signix)
        with Constellation1.from_environment() as constellation1:
            assert constellation1.create_session(_session()).session_id
    assert not any(name in os.environ for name in variables)


def _session() -> Session:
    return Session(
        session_info=SessionInfo(title="Offer"),
        documents=[Document(file_name="offer.pdf", file_bytes=b"%PDF-1.4\n%%EOF\n")],
        signers=[
            Signer(last_name="Example", signer_role="Buyer 1", email_address="pat@example.com")
        ],
    )


def test_what_was_set_before_is_restored(
    emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ESIGNWIRE_ASSURESIGN_URL", "https://before.example.com")
    monkeypatch.delenv("ESIGNWIRE_SIGNIX_URL", raising=False)
    variables = emulator.environment()
    assert os.environ["ESIGNWIRE_ASSURESIGN_URL"] == "https://before.example.com"
    with pytest.raises(ZeroDivisionError), variables, variables:
        1 // (os.environ["ESIGNWIRE_ASSURESIGN_URL"] == "https://before.example.com")
    assert os.environ["ESIGNWIRE_ASSURESIGN_URL"] == "https://before.example.com"
    assert "ESIGNWIRE_SIGNIX_URL" not in os.environ


def test_credentials_are_those_of_the_accounts_and_are_not_shown() -> None:
    accounts = Accounts(
        assuresign=(
            AssureSignAccount(
                context_identifier=uuid.UUID(ACCOUNT),
                users=(AssureSignUser(user_name="ada@example.com", password="s3cret"),),
                user_names=frozenset(),
            ),
            AssureSignAccount(context_identifier=uuid.UUID(int=1)),
        ),
        signix=(
            SignixAccount(
                sponsor="s",
                client="c",
                user_id="u",
                password="s3cret",
                workgroups=frozenset({"B", "A"}),
            ),
        ),
        constellation1=(
            Constellation1Account(api_key="s3cret", user_names=frozenset({"bo@example.com"})),
        ),
    )
    with EmulatorServer(EmulatorSettings(accounts=accounts, schemas=SCHEMAS)) as emulator:
        found = emulator.environment()
        with found, AssureSign.from_environment() as client:
            assert client.submit(LEASE)
    assert found["ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER"] == ACCOUNT
    assert found["ESIGNWIRE_ASSURESIGN_USER_NAME"] == "ada@example.com"
    assert found["ESIGNWIRE_SIGNIX_WORKGROUP"] == "A"
    assert found["ESIGNWIRE_CONSTELLATION1_USER_NAME"] == "bo@example.com"
    assert "s3cret" not in repr(found)
    assert "ESIGNWIRE_SIGNIX_PASSWORD" in repr(found)


def test_a_vendor_without_accounts_has_no_variables() -> None:
    settings = EmulatorSettings(accounts=Accounts(signix=()), schemas=SCHEMAS)
    server = EmulatorServer(settings)
    with pytest.raises(ConfigurationError, match="does not run"):
        server.environment()
    with server as emulator:
        assert not any("SIGNIX" in name for name in emulator.environment())


# --- Handles ----------------------------------------------------------------------------------


def _status(client: AssureSign, document: Any) -> str:
    (status,) = client.check_status(document)
    return str(getattr(status, "status_type", status))


def test_documents_of_assuresign(emulator: EmulatorServer) -> None:
    with emulator.environment(), AssureSign.from_environment() as client:
        document = client.submit(LEASE)
        emulator.sign(document)
        assert _status(client, document) == "SigningStepInProgress"
        emulator.sign(DocumentReference(id=str(document.id).upper(), auth_token="any"))
        assert _status(client, document) == "Completed"
        with pytest.raises(InvalidRequest, match="is Completed already"):
            emulator.complete(document)
        for act, expected in ((emulator.decline, "Declined"), (emulator.expire, "Expired")):
            other = client.submit(LEASE)
            act(other)
            assert _status(client, other) == expected
        last = client.submit(LEASE)
        emulator.complete(last.id)
        assert _status(client, last) == "Completed"


def test_envelopes_of_assuresign(emulator: EmulatorServer) -> None:
    with Driver("sync", emulator.assuresign_url) as client:
        with EnvelopeBlock(client, "Sale") as block:
            documents = [block.submit(LEASE) for _ in range(3)]
            with pytest.raises(InvalidRequest, match="cannot be completed: it is Created"):
                emulator.complete(block.envelope)
        emulator.sign(documents[0])
        emulator.complete(block.envelope)
        assert {_status(client.client, one) for one in documents} == {"Completed"}
        again = control(emulator, "assuresign/envelopes/complete", str(block.envelope.id))
        assert again.status_code == 409


def test_transactions_of_signix(emulator: EmulatorServer) -> None:
    transaction = Transaction(
        document_set_id="1557cd4a2e9:-749e:6ad501e5:2x3f39",
        transaction_id=str(uuid.UUID(int=5)),
        description="Agreement",
        status=TransactionStatus.IN_PROGRESS,
        members=[Member(ref_id=name, email="pat@example.com", mobile_number=None) for name in "ab"],
        forms=(),
        history=[],
    )
    emulator.state.signix.add(transaction)
    by_one = SimpleNamespace(document_set_id=transaction.document_set_id, transaction_id=None)
    emulator.sign(by_one)
    emulator.complete(
        SimpleNamespace(document_set_id=None, transaction_id=transaction.transaction_id)
    )
    assert transaction.status == "Complete"
    with pytest.raises(InvalidRequest, match="cannot be made to decline; there are complete"):
        emulator.decline(by_one)


def test_sessions_of_constellation1(emulator: EmulatorServer) -> None:
    with emulator.environment(), Constellation1.from_environment() as client:
        created = client.create_session(_session())
        with pytest.raises(InvalidRequest, match="not under way"):
            emulator.complete(created)
        client.start_session(created.session_id, "https://example.com/signed")
        emulator.complete(created)
    assert emulator.state.constellation1.sessions[created.session_id].status == 3


@pytest.mark.parametrize(
    "handle", [None, "x", uuid.UUID(int=9), [], object(), SimpleNamespace(id=None, session_id=1)]
)
def test_what_the_emulator_does_not_know(emulator: EmulatorServer, handle: object) -> None:
    with pytest.raises(InvalidRequest, match="knows nothing by this handle"):
        emulator.complete(handle)
