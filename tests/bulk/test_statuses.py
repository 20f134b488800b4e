"""The status of any number of documents: against the emulator, and answers written by hand."""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

from esignwire._http import HttpSettings
from esignwire.assuresign import (
    AssureSign,
    AsyncAssureSign,
    DocumentReference,
    DocumentStatus,
    StatusCheckStatusType,
    StatusRejected,
    SubmissionCompleted,
    SubmittedDocument,
    TemplateDocument,
    WaitPolicy,
)
from esignwire.bulk import Done, Failed, ItemState, async_check_statuses, check_statuses
from esignwire.emulator import EmulatorServer
from esignwire.errors import HttpStatusError, InvalidRequest
from tests.support.assuresign import ACCOUNT, TEMPLATE, USER, address, http, status, statuses
from tests.support.bulk import Crash, Kind, Memory, each_kind
from tests.support.hostile import Received, hostile

pytestmark = each_kind
COUNT = 60


@pytest.fixture(scope="module")
def documents(emulator: EmulatorServer) -> tuple[SubmittedDocument, ...]:
    with AssureSign(
        context_identifier=ACCOUNT,
        user_name=USER,
        url=emulator.assuresign_url,
        wait_policy=WaitPolicy(first_pause=0.01),
    ) as client:
        ended = client.wait_for_session(
            client.async_submit(*[TemplateDocument(template_id=TEMPLATE)] * COUNT)
        )
    assert isinstance(ended, SubmissionCompleted)
    assert len(ended.documents) == COUNT
    return ended.documents


def ask(kind: Kind, url: str, items: Any, *, stop_after: int | None = None, **options: Any) -> Any:
    arguments: dict[str, Any] = {
        "context_identifier": ACCOUNT,
        "user_name": USER,
        "url": url,
        "settings": HttpSettings(attempts=1),
    }
    outcomes: list[Any] = []

    def take(outcome: Any) -> None:
        outcomes.append(outcome)
        if len(outcomes) == stop_after:
            raise Crash

    if kind == "sync":
        with AssureSign(**arguments) as client:
            for outcome in check_statuses(client, items, **options):
                take(outcome)
        return outcomes

    async def main() -> None:
        async with AsyncAssureSign(**arguments) as client:
            async for outcome in async_check_statuses(client, items, **options):
                take(outcome)

    asyncio.run(main())
    return outcomes


class Vendor:
    """Tells the status of whatever is asked about; ``asked`` holds the identifiers a call."""

    def __init__(self, url: str = "") -> None:
        self.asked: list[list[str]] = []
        self.refused: str | None = None

    def __call__(self, connection: Any) -> None:
        while (received := connection.receive()) is not None:
            connection.send(self._answer(received))

    def _answer(self, received: Received) -> bytes:
        found = re.findall(rb'\bId="([^"]+)"', received.body)
        identifiers = [one.decode() for one in found]
        self.asked.append(identifiers)
        if self.refused in identifiers:
            return http(b"", "500 Internal Server Error")
        return statuses(*(status(one) for one in identifiers))


def references(count: int) -> list[DocumentReference]:
    return [
        DocumentReference(id=uuid.UUID(int=number), auth_token=uuid.UUID(int=number + 1))
        for number in range(1, count + 1)
    ]


def test_each_document_has_its_status(
    kind: Kind, emulator: EmulatorServer, documents: tuple[SubmittedDocument, ...]
) -> None:
    outcomes = ask(kind, emulator.assuresign_url, documents, chunk_size=7, concurrency=3)
    assert {one.key for one in outcomes} == {str(one.id) for one in documents}
    for outcome in outcomes:
        assert outcome == Done(str(outcome.item.id), outcome.item, outcome.result)
        assert isinstance(outcome.result, DocumentStatus)
        assert outcome.result.id == outcome.item.id
        assert outcome.result.status_type is StatusCheckStatusType.SIGNING_STEP_IN_PROGRESS


def test_an_unknown_document_hides_no_other(
    kind: Kind, emulator: EmulatorServer, documents: tuple[SubmittedDocument, ...]
) -> None:
    unknown = DocumentReference(id=uuid.UUID(int=1), auth_token=uuid.UUID(int=2))
    items = [*documents[:3], unknown, *documents[3:5]]
    found = {one.key: one.result for one in ask(kind, emulator.assuresign_url, items)}
    assert isinstance(found.pop(str(unknown.id)), StatusRejected)
    assert [type(one) for one in found.values()] == [DocumentStatus] * 5


def test_a_document_that_cannot_be_asked_about_hides_no_other(
    kind: Kind, emulator: EmulatorServer, documents: tuple[SubmittedDocument, ...]
) -> None:
    no_id = DocumentReference(id="no GUID", auth_token=uuid.UUID(int=2))
    no_token = DocumentReference(id=uuid.UUID(int=3), auth_token="secret")
    checkpoint = Memory()
    outcomes = ask(
        kind,
        emulator.assuresign_url,
        [documents[0], no_id, no_token, documents[1]],
        checkpoint=checkpoint,
    )
    assert {one.item.id for one in outcomes if isinstance(one, Done)} == {
        one.id for one in documents[:2]
    }
    failed = {one.key: one.error for one in outcomes if isinstance(one, Failed)}
    assert list(failed) == ["no GUID", str(uuid.UUID(int=3))]
    assert all(isinstance(error, InvalidRequest) for error in failed.values())
    assert "secret" not in repr(failed)
    assert set(checkpoint.states) == {str(one.id) for one in documents[:2]}


def test_refused_documents_alone_need_no_call(kind: Kind) -> None:
    vendor = Vendor()
    with hostile(vendor) as server:
        (failed,) = ask(
            kind, address(server), [DocumentReference(id="no GUID", auth_token="no GUID")]
        )
    assert isinstance(failed, Failed)
    assert vendor.asked == []


def test_documents_go_out_in_chunks(kind: Kind) -> None:
    vendor = Vendor()
    with hostile(vendor) as server:
        outcomes = ask(kind, address(server), references(23), chunk_size=10)
    assert sorted(len(asked) for asked in vendor.asked) == [3, 10, 10]
    assert {one.key for one in outcomes} == {str(one.id) for one in references(23)}


def test_by_default_fifty_go_out_together(kind: Kind) -> None:
    vendor = Vendor()
    with hostile(vendor) as server:
        ask(kind, address(server), iter(references(120)))
    assert sorted(len(asked) for asked in vendor.asked) == [20, 50, 50]


def test_a_failed_call_is_that_of_its_documents_alone(kind: Kind) -> None:
    vendor = Vendor()
    items = references(30)
    vendor.refused = str(items[12].id)
    checkpoint = Memory()
    options: dict[str, Any] = {"chunk_size": 10, "checkpoint": checkpoint}
    with hostile(vendor) as server:
        outcomes = ask(kind, address(server), items, **options)
        failed = [one for one in outcomes if isinstance(one, Failed)]
        assert {one.item for one in failed} == {*items[10:20]}
        assert len({id(one.error) for one in failed}) == 1
        assert isinstance(failed[0].error, HttpStatusError)
        # And a later run asks for those alone.
        vendor.refused = None
        vendor.asked.clear()
        again = ask(kind, address(server), items, **options)
    assert {one.item for one in again if isinstance(one, Done)} == {*items[10:20]}
    assert len(vendor.asked) == 1
    assert checkpoint.states == {str(one.id): ItemState.DONE for one in items}


def test_a_run_goes_on_where_it_stopped(kind: Kind) -> None:
    vendor = Vendor()
    items = references(40)
    checkpoint = Memory()
    options: dict[str, Any] = {"chunk_size": 5, "concurrency": 1, "checkpoint": checkpoint}
    with hostile(vendor) as server:
        with pytest.raises(Crash):
            ask(kind, address(server), items, stop_after=12, **options)
        # The twelfth was not dealt with: its consumer failed.
        assert len(checkpoint.states) == 11
        outcomes = ask(kind, address(server), items, **options)
    assert len(outcomes) == 29
    assert {one.key for one in outcomes} == {str(one.id) for one in items[11:]}


def test_what_the_documents_raise_comes_after_the_outcomes(kind: Kind) -> None:
    vendor = Vendor()
    checkpoint = Memory()

    def items() -> Iterator[DocumentReference]:
        yield from references(13)
        raise LookupError("the table is gone")

    with hostile(vendor) as server, pytest.raises(LookupError):
        ask(kind, address(server), items(), chunk_size=5, checkpoint=checkpoint)
    assert sorted(len(asked) for asked in vendor.asked) == [3, 5, 5]
    assert len(checkpoint.states) == 13


def test_it_asks_once(kind: Kind) -> None:
    vendor = Vendor()
    with hostile(vendor) as server:
        outcomes = ask(kind, address(server), references(4), chunk_size=2)
    assert all(one.result.status_type is StatusCheckStatusType.COMPLETED for one in outcomes)
    asked = [identifier for asked in vendor.asked for identifier in asked]
    assert sorted(asked) == sorted(str(one.id) for one in references(4))
