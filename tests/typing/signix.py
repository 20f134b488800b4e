"""What type checkers must infer and refuse about SIGNiX. It is only checked, never run."""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from typing import assert_never, assert_type

from esignwire.signix import (
    AsyncSignix,
    AsyncTransaction,
    Download,
    Failed,
    NotRun,
    RawCommand,
    Reply,
    RolledBack,
    Signix,
    Succeeded,
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
