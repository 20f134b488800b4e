"""What type checkers must infer and refuse about SIGNiX. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from pathlib import Path
from typing import assert_never, assert_type

from esignwire.signix import (
    AsyncSignix,
    AsyncTransaction,
    ClientPreference,
    Download,
    Failed,
    Field,
    Form,
    NotRun,
    Party,
    PdfField,
    RawAnswer,
    RawCommand,
    Reply,
    RolledBack,
    Service,
    Signix,
    Succeeded,
    TextTag,
    Transaction,
    TransactionCancel,
    TransactionSaveDeltas,
    TransactionWarning,
    require_succeeded,
)
from esignwire_generated.signix.types import get_access_link, submit_ajax, submit_document


def constructed() -> None:
    assert_type(Signix.from_environment(), Signix)
    assert_type(AsyncSignix.from_environment(), AsyncSignix)
    Signix(sponsor="s", client="c", user_id="u", password="p", url="https://x.example")
    Signix(sponsor="s", client="c", user_id="u", url="https://x.example")  # type: ignore[call-arg]


def sync_client(client: Signix) -> None:
    transaction = client.transaction(document_set_id="an id")
    assert_type(transaction, Transaction)
    outcome = transaction.cancel()
    assert_type(outcome, Succeeded | Failed)
    match outcome:
        case Succeeded():
            assert_type(outcome.warning, TransactionWarning | None)
            assert_type(outcome.reply, Reply | None)
        case Failed():
            assert_type(outcome.code, int)
        case _:
            assert_never(outcome)
    for one in transaction.run_all([TransactionSaveDeltas.change_email("signer1", "a@x.example")]):
        match one:
            case Succeeded() | Failed() | RolledBack() | NotRun():
                assert_type(require_succeeded(one), Succeeded)
            case _:
                assert_never(one)
    assert_type(transaction.download(), Download)
    transaction.run(RawCommand({"objectType": "Other"}))
    transaction.run("Transaction_Cancel")  # type: ignore[arg-type]
    transaction.run_all(TransactionCancel())  # type: ignore[arg-type]
    transaction.change_email("signer1")  # type: ignore[call-arg]
    client.transaction("an id")  # type: ignore[call-arg]


async def async_client(client: AsyncSignix) -> None:
    transaction = client.transaction(transaction_id="an id of 36 characters")
    assert_type(transaction, AsyncTransaction)
    assert_type(await transaction.suspend(), Succeeded | Failed)
    assert_type(
        await transaction.run_all([TransactionCancel()]),
        tuple[Succeeded | RolledBack | Failed | NotRun, ...],
    )
    async with client as entered:
        assert_type(entered, AsyncSignix)


def submitted(client: Signix, pdf: Path) -> list[Path]:
    """The three jobs, without an assert or a cast."""
    deal = client.submit(
        "Agreement",
        parties=[
            Party("buyer", "Pat", "Example", "pat@example.com"),
            Party(
                *("seller", "Sam", "Example", "sam@example.com"),
                service=Service.SMS_ONE_CLICK,
                mobile_number="5555550100",
            ),
            Party("owner", "Olga", "Example", "olga@example.com", service="Newest"),
        ],
        forms=(
            Form(
                pdf,
                fields=[
                    Field.signature("buyer", at="Buyer signs:", date_at=TextTag("Date:", x=3)),
                    Field.signature("seller", at=PdfField("Signature1")),
                    Field.text(at="Remarks:"),
                ],
            ),
            Form(b"%PDF-1.4", file_name="annex.pdf"),
        ),
        submitter_email="owner@example.com",
        preferences={ClientPreference.NEXT_PARTY_LINK: True, "Newest": "5"},
    )
    assert_type(deal, Transaction)
    assert_type(deal.signing_link("seller"), str)
    assert_type(deal.submitter_link(finish_url="https://x.example"), str)
    assert_type(deal.access_token(), str)
    assert_type(deal.pickup_link, str | None)
    paths = deal.download().save_all("signed")
    deal.confirm_download()
    assert_type(client.call("QueryTransactionStatus", "<Data/>", is_safe=True), RawAnswer)
    client.submit("Agreement", parties=[], forms=[])  # type: ignore[call-arg]
    client.submit("Agreement", parties=["x"], forms=[], submitter_email="x")  # type: ignore[list-item]
    Form("lease.pdf")  # type: ignore[arg-type]
    Field.text(at=PdfField("x"))  # type: ignore[arg-type]
    return paths


async def submitted_async(client: AsyncSignix, forms: list[Form]) -> None:
    parties = [Party("buyer", "Pat", "Example", "pat@example.com")]
    deal = await client.submit("A", parties=parties, forms=forms, submitter_email="a@x.example")
    assert_type(deal, AsyncTransaction)
    assert_type(await deal.signing_link(1), str)
    assert_type((await deal.download()).save_all(Path()), list[Path])
    assert_type(await client.call("QueryTransactionStatus", "<Data/>"), RawAnswer)


async def services(client: AsyncSignix, request: submit_document.SubmitDocumentRq) -> None:
    answer = await client.services.flex_api.submit_document(request)
    assert_type(answer, submit_document.SubmitDocumentRs)
    assert_type(answer.status.status_code, int)
    if answer.data is not None:
        assert_type(answer.data.document_set_id, str)
    assert_type(client.submit_document_cust_info(), submit_document.SubmitDocumentCustInfoType)
    await client.services.flex_api.submit_ajax(request)  # type: ignore[arg-type]
    submit_ajax.SubmitAjaxDataType(request=1)  # type: ignore[arg-type]


def operations(client: Signix) -> None:
    link = client.get_access_link(document_set_id="an id", transaction_role="submitter")
    assert_type(link, get_access_link.GetAccessLinkRsDataType)
    assert_type(link.access_link, str)
    assert_type(client.get_access_token("an id").access_token, str)
    client.get_access_token()  # type: ignore[call-arg]
    client.get_access_token("an id", password="p")  # type: ignore[call-arg]
