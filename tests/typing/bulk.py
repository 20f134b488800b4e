"""What checkers see of bulk work: outcomes are typed by the items and by what the call returns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import assert_type

from esignwire import AssureSign, AsyncAssureSign, AsyncSignix
from esignwire.assuresign import (
    DocumentReference,
    StatusOutcome,
    SubmissionSession,
    SubmittedDocument,
    TemplateDocument,
)
from esignwire.bulk import (
    Checkpoint,
    Done,
    Failed,
    FileCheckpoint,
    async_check_statuses,
    async_for_each,
    check_statuses,
    for_each,
)
from esignwire_generated.signix.types.submit_document import SubmitDocumentRq, SubmitDocumentRs


def each(client: AssureSign, orders: list[TemplateDocument], path: str) -> None:
    checkpoint: Checkpoint = FileCheckpoint.open(path)
    for outcome in for_each(
        orders,
        client.async_submit,
        key=lambda order: order.order_number or "",
        checkpoint=checkpoint,
    ):
        match outcome:
            case Done(key, order, result):
                assert_type(key, str)
                assert_type(order, TemplateDocument)
                assert_type(result, SubmissionSession)
            case Failed(_, order, error):
                assert_type(order, TemplateDocument)
                assert_type(error, Exception)


async def async_each(client: AsyncSignix, messages: AsyncIterator[SubmitDocumentRq]) -> None:
    async for outcome in async_for_each(messages, client.services.flex_api.submit_document):
        if isinstance(outcome, Done):
            assert_type(outcome.item, SubmitDocumentRq)
            assert_type(outcome.result, SubmitDocumentRs)


def statuses(client: AssureSign, documents: tuple[SubmittedDocument, ...]) -> None:
    for outcome in check_statuses(client, documents):
        assert_type(outcome, Done[SubmittedDocument, StatusOutcome] | Failed[SubmittedDocument])


async def async_statuses(
    client: AsyncAssureSign, documents: list[DocumentReference | SubmittedDocument]
) -> None:
    async for outcome in async_check_statuses(client, documents):
        assert_type(outcome.item, DocumentReference | SubmittedDocument)
        if isinstance(outcome, Done):
            assert_type(outcome.result, StatusOutcome)
