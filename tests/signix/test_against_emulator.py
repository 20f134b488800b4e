"""The life of a transaction, from submission to download, with the emulator as the vendor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from esignwire._codec import StrictReading
from esignwire.emulator import Accounts, EmulatorServer, EmulatorSettings, SignixAccount
from esignwire.errors import SignixError
from esignwire.signix import (
    Failed,
    NotRun,
    RawCommand,
    RolledBack,
    Succeeded,
    TransactionSaveDeltas,
    TransactionSendPartyEmail,
    TransactionWarning,
)
from tests.support.emulator import control
from tests.support.signix import KINDS, PASSWORD, PDF, TRANSACTION_ID, Kind, drive, submission


@pytest.fixture(autouse=True)
def _strict_reading() -> Iterator[None]:
    with StrictReading():
        yield


@pytest.fixture(scope="module")
def running() -> Iterator[EmulatorServer]:
    with EmulatorServer() as emulator:
        yield emulator


@pytest.fixture
def emulator(running: EmulatorServer) -> EmulatorServer:
    control(running, "reset")
    return running


class Flow:
    """One transaction, acted on by a client of either kind."""

    def __init__(self, emulator: EmulatorServer, kind: Kind) -> None:
        self.emulator = emulator
        self.kind = kind
        self.document_set_id = ""

    def submit(self, **changes: Any) -> Any:
        answer = drive(
            self.kind,
            self.emulator.signix_url,
            lambda c: c.services.flex_api.submit_document(submission(c, **changes)),
        )
        self.document_set_id = answer.data.document_set_id
        return answer.data

    def act(self, action: Any) -> Any:
        return drive(
            self.kind,
            self.emulator.signix_url,
            lambda c: action(c.transaction(document_set_id=self.document_set_id)),
        )

    def act_by_own_id(self, action: Any) -> Any:
        return drive(
            self.kind,
            self.emulator.signix_url,
            lambda c: action(c.transaction(transaction_id=TRANSACTION_ID)),
        )

    def become(self, how: str) -> None:
        control(self.emulator, f"signix/transactions/{how}", self.document_set_id)

    @property
    def remembered(self) -> Any:
        return self.emulator.state.signix.transactions[self.document_set_id]


@pytest.fixture(params=KINDS)
def flow(emulator: EmulatorServer, request: pytest.FixtureRequest) -> Flow:
    return Flow(emulator, request.param)


def suspend(transaction: Any) -> Any:
    return transaction.suspend()


def resume(transaction: Any) -> Any:
    return transaction.resume()


def cancel(transaction: Any) -> Any:
    return transaction.cancel()


def test_a_transaction_is_suspended_resumed_and_cancelled(flow: Flow) -> None:
    assert flow.submit().pickup_link
    for action, status in (
        (suspend, "Suspended"),
        (resume, "InProgress"),
        (suspend, "Suspended"),
        (cancel, "Cancelled"),
    ):
        outcome = flow.act(action)
        assert isinstance(outcome, Succeeded)
        assert outcome.warning is None
        assert flow.remembered.status == status


@pytest.mark.parametrize(
    ("before", "action", "warning"),
    [
        ([suspend], suspend, TransactionWarning.ALREADY_SUSPENDED),
        (["complete"], suspend, TransactionWarning.ALREADY_COMPLETED),
        (["complete"], resume, TransactionWarning.ALREADY_COMPLETED),
        (["complete"], cancel, TransactionWarning.ALREADY_COMPLETED),
        (["expire"], cancel, TransactionWarning.EXPIRED),
        ([cancel], cancel, TransactionWarning.ALREADY_CANCELLED),
    ],
)
def test_the_vendors_warnings(
    flow: Flow, before: list[Any], action: Any, warning: TransactionWarning
) -> None:
    flow.submit()
    for step in before:
        if isinstance(step, str):
            flow.become(step)
        else:
            assert isinstance(flow.act(step), Succeeded)
    status = flow.remembered.status
    outcome = flow.act(action)
    assert isinstance(outcome, Succeeded)
    assert outcome.warning is warning
    assert outcome.warning_text is not None
    assert outcome.warning_text.startswith("This transaction has")
    assert flow.remembered.status == status


def test_a_cancelled_transaction_cannot_be_suspended(flow: Flow) -> None:
    flow.submit()
    flow.act(cancel)
    outcome = flow.act(suspend)
    assert isinstance(outcome, Failed)
    assert outcome.code == 0
    assert outcome.reply is not None
    assert outcome.reply.is_json


def test_a_signer_is_corrected_and_told(flow: Flow) -> None:
    flow.submit()
    assert isinstance(
        flow.act_by_own_id(lambda t: t.change_email("REF2", "new@example.com")), Succeeded
    )
    assert isinstance(
        flow.act_by_own_id(lambda t: t.change_mobile_number("REF2", "2025550123")), Succeeded
    )
    assert isinstance(
        flow.act(lambda t: t.send_pickup_email("REF2", subject="Sün & Moon", message="<1>\n2")),
        Succeeded,
    )
    assert isinstance(flow.act(lambda t: t.send_pickup_email("REF1")), Succeeded)
    assert flow.remembered.member("REF2").email == "new@example.com"
    assert flow.remembered.member("REF2").mobile_number == "2025550123"
    assert [
        (email.ref_id, email.email, email.subject, email.message, email.includes_link)
        for email in flow.remembered.emails
    ] == [
        ("REF2", "new@example.com", "Sün & Moon", "<1>\n2", True),
        ("REF1", "ref1@example.com", "", "", True),
    ]


def test_a_signer_whom_nobody_knows(flow: Flow) -> None:
    flow.submit()
    assert isinstance(flow.act(lambda t: t.change_email("REF9", "a@example.com")), Failed)
    assert isinstance(flow.act(lambda t: t.send_pickup_email("REF9")), Failed)


CHANGES = [
    TransactionSaveDeltas.change_email("REF1", "one@example.com"),
    TransactionSaveDeltas.change_mobile_number("REF1", "2025550123"),
    TransactionSendPartyEmail.to_party("REF2"),
]


def test_a_batch_succeeds(flow: Flow) -> None:
    flow.submit()
    outcomes = flow.act(lambda t: t.run_all(CHANGES))
    assert [type(outcome) for outcome in outcomes] == [Succeeded] * 3
    assert [outcome.command for outcome in outcomes] == CHANGES
    assert flow.remembered.member("REF1").email == "one@example.com"
    assert flow.remembered.member("REF1").mobile_number == "2025550123"
    assert len(flow.remembered.emails) == 1


def test_a_batch_is_rolled_back(flow: Flow) -> None:
    flow.submit()
    unknown = TransactionSaveDeltas.change_email("REF9", "nine@example.com")
    outcomes = flow.act(lambda t: t.run_all([*CHANGES[:2], unknown, CHANGES[2]]))
    assert [type(outcome) for outcome in outcomes] == [RolledBack, RolledBack, Failed, NotRun]
    assert outcomes[2].code == 2
    assert flow.remembered.member("REF1").email == "ref1@example.com"
    assert flow.remembered.member("REF1").mobile_number == "1112223333"
    assert flow.remembered.emails == []


def test_a_command_that_the_vendor_does_not_know(flow: Flow) -> None:
    flow.submit()
    command = RawCommand({"objectType": "Transaction_Paint", "colour": "blue"})
    assert isinstance(flow.act(lambda t: t.run(command)), Failed)
    outcomes = flow.act(lambda t: t.run_all([command]))
    assert [type(outcome) for outcome in outcomes] == [Failed]


def test_a_transaction_that_the_vendor_does_not_know(flow: Flow) -> None:
    flow.document_set_id = "1:2:3"
    for action in (suspend, lambda t: t.run_all(CHANGES), lambda t: t.download()):
        with pytest.raises(SignixError) as refused:
            flow.act(action)
        assert refused.value.vendor_code == "109"


def test_a_second_submission_under_one_identifier(flow: Flow) -> None:
    assert flow.submit(suspend_on_start=True).pickup_link is None
    assert flow.remembered.status == "Suspended"
    with pytest.raises(SignixError) as refused:
        flow.submit()
    assert refused.value.vendor_code == "104"


@pytest.mark.parametrize("place", ["inside", "beside"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_completed_transaction_is_downloaded(kind: Kind, place: Any) -> None:
    with EmulatorServer(EmulatorSettings(audit_report_place=place)) as emulator:
        flow = Flow(emulator, kind)
        flow.submit()
        with pytest.raises(SignixError) as refused:
            flow.act(lambda t: t.download())
        assert refused.value.vendor_code == "110"
        flow.become("complete")
        result = flow.act_by_own_id(lambda t: t.download(use_confirm_download=True))
        assert [(form.ref_id, form.data) for form in result.forms] == [("FORM1", PDF)]
        assert result.transaction_id == TRANSACTION_ID
        assert result.audit_report.data.read().startswith(b"%PDF")
        assert result.certificate_of_completion.data.read().startswith(b"%PDF")
        assert not flow.remembered.is_download_confirmed
        assert flow.act(lambda t: t.confirm_download()) is None
        assert flow.remembered.is_download_confirmed


@pytest.mark.parametrize("kind", KINDS)
def test_credentials_that_the_vendor_refuses(kind: Kind) -> None:
    account = SignixAccount(
        sponsor="acme", client="acmeclient", user_id="acmeuser", password=PASSWORD
    )
    with EmulatorServer(EmulatorSettings(accounts=Accounts(signix=(account,)))) as emulator:
        Flow(emulator, kind).submit()
    other = SignixAccount(
        sponsor="acme", client="acmeclient", user_id="acmeuser", password="another"
    )
    with (
        EmulatorServer(EmulatorSettings(accounts=Accounts(signix=(other,)))) as emulator,
        pytest.raises(SignixError) as refused,
    ):
        Flow(emulator, kind).submit()
    assert refused.value.vendor_code == "102"
    assert PASSWORD not in str(refused.value)
