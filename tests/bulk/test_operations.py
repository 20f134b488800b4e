"""Compiled operations in bulk work, and what a later run repeats, against the emulator."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from esignwire import AssureSign, bulk
from esignwire.assuresign import Handle, SubmittedDocument, TemplateDocument
from esignwire.emulator import EmulatorServer, SoapFault
from esignwire.errors import AssureSignError, OutcomeUnknown

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"


@pytest.fixture(autouse=True)
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer() as server, server.environment():
        yield server


def key_of(document: Handle) -> str:
    return str(document.id)


def submitted(client: AssureSign, count: int) -> list[SubmittedDocument]:
    return [client.submit(TemplateDocument(template_id=TEMPLATE)) for _ in range(count)]


def test_a_refusal_is_an_outcome_that_a_later_run_tries_again(
    emulator: EmulatorServer, tmp_path: Path
) -> None:
    with AssureSign.from_environment() as client:
        documents = submitted(client, 4)
        emulator.complete(documents[0])
        with bulk.FileCheckpoint.open(tmp_path / "cancel.sqlite") as checkpoint:
            first = [*bulk.for_each(documents, client.cancel, key=key_of, checkpoint=checkpoint)]
        failed = [one for one in first if isinstance(one, bulk.Failed)]
        assert [(one.key, type(one.error)) for one in failed] == [
            (key_of(documents[0]), AssureSignError)
        ]
        done = {one.key: one.result.id for one in first if isinstance(one, bulk.Done)}
        assert done == {key_of(one): one.id for one in documents[1:]}
        with bulk.FileCheckpoint.open(tmp_path / "cancel.sqlite") as checkpoint:
            again = [*bulk.for_each(documents, client.cancel, key=key_of, checkpoint=checkpoint)]
        assert [one.key for one in again] == [key_of(documents[0])]


def test_what_must_be_looked_up_is_not_called_by_a_later_run(
    emulator: EmulatorServer, tmp_path: Path
) -> None:
    calls: list[uuid.UUID] = []

    with AssureSign.from_environment() as client:
        (document,) = submitted(client, 1)

        def cancel(one: SubmittedDocument) -> None:
            calls.append(one.id)
            client.cancel(one)

        emulator.next("assuresign", "Cancel", fault=SoapFault())
        for _ in range(2):
            with bulk.FileCheckpoint.open(tmp_path / "cancel.sqlite") as checkpoint:
                (outcome,) = bulk.for_each([document], cancel, key=key_of, checkpoint=checkpoint)
        assert isinstance(outcome, bulk.Failed)
        assert isinstance(outcome.error, OutcomeUnknown)
        assert calls == [document.id]


def test_many_in_one_call_are_one_item(emulator: EmulatorServer) -> None:
    with AssureSign.from_environment() as client:
        batches = [submitted(client, 2), submitted(client, 2)]
        emulator.complete(batches[1][0])
        outcomes = [*bulk.for_each(batches, client.cancel_all)]
    kinds = {
        one.key: [type(answer).__name__ for answer in one.result]
        for one in outcomes
        if isinstance(one, bulk.Done)
    }
    assert kinds == {"0": ["Accepted", "Accepted"], "1": ["Refused", "Accepted"]}
