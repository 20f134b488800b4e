"""``check_statuses``: the status of any number of AssureSign documents, many in one call."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, Generator, Iterable
from contextlib import aclosing, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

from esignwire.bulk.checkpoint import LONGEST_KEY, Checkpoint
from esignwire.bulk.ledger import Admitted, Ledger, check_count
from esignwire.bulk.outcomes import Done, Failed, Outcome
from esignwire.bulk.source import each
from esignwire.bulk.tasks import async_for_each
from esignwire.bulk.threads import for_each
from esignwire.errors import InvalidRequest

if TYPE_CHECKING:
    # A run with another vendor must not load this one.
    from esignwire.assuresign import (
        AssureSign,
        AsyncAssureSign,
        DocumentReference,
        StatusOutcome,
        SubmittedDocument,
    )

__all__ = ["async_check_statuses", "check_statuses"]

_Document = TypeVar("_Document", bound="DocumentReference | SubmittedDocument")
_Statuses: TypeAlias = "tuple[StatusOutcome, ...]"

# The vendor gives no limit. This many keep a message small, and lose little when a call fails.
_CHUNK_SIZE = 50


def async_check_statuses(
    client: AsyncAssureSign,
    documents: Iterable[_Document] | AsyncIterable[_Document],
    *,
    chunk_size: int = _CHUNK_SIZE,
    concurrency: int = 8,
    checkpoint: Checkpoint | None = None,
    timeout: float | None = None,
) -> AsyncGenerator[Outcome[_Document, StatusOutcome]]:
    """Does what ``check_statuses`` does, with tasks of one event loop instead of threads.

    Args:
        client: The client. It is not closed.
        documents: The documents; as for ``check_statuses``.
        chunk_size: How many documents go into one call; as for ``check_statuses``.
        concurrency: How many calls are under way at most.
        checkpoint: Where to remember what is done; as for ``check_statuses``.
        timeout: Seconds for each call; ``None`` takes the client's.

    Returns:
        The outcomes, as of ``check_statuses``.

    Raises:
        ConfigurationError: ``chunk_size`` or ``concurrency`` is less than 1.
    """
    check_count("chunk_size", chunk_size)
    check_count("concurrency", concurrency)
    ledger = Ledger[_Document](key=_key, is_safe=True, checkpoint=checkpoint, repeat_unknown=False)
    return _async_outcomes(
        _async_chunks(documents, chunk_size, ledger), client, concurrency, ledger, timeout
    )


def check_statuses(
    client: AssureSign,
    documents: Iterable[_Document],
    *,
    chunk_size: int = _CHUNK_SIZE,
    concurrency: int = 8,
    checkpoint: Checkpoint | None = None,
    timeout: float | None = None,
) -> Generator[Outcome[_Document, StatusOutcome]]:
    """Asks once for the status of each document, many in one call (CheckStatus, documented).

    It is one pass: most documents wait for people for days, and the vendor calls continuous polling
    poor design. To follow documents, have DocumentTRAK report each change by a web hook, and keep
    this for catching up, such as after the hook's receiver was away.

    Args:
        client: The client. It is not closed.
        documents: The documents, taken when there is room.
        chunk_size: How many documents go into one call. The vendor gives no limit; the default is
            ours.
        concurrency: How many threads call at once.
        checkpoint: Where to remember whose status was handed over, so that a later run goes on
            with the others. Keys are the documents' identifiers.
        timeout: Seconds for each call; ``None`` takes the client's.

    Returns:
        One outcome a document, in no particular order; the key is the document's identifier. A
        document that the vendor refuses is ``Done`` with a ``StatusRejected``. Where a whole call
        failed, each of its documents is ``Failed`` with that error. What ``documents`` raises is
        raised after the outcomes of what it gave before.

    Raises:
        ConfigurationError: ``chunk_size`` or ``concurrency`` is less than 1.
    """
    check_count("chunk_size", chunk_size)
    check_count("concurrency", concurrency)
    ledger = Ledger[_Document](key=_key, is_safe=True, checkpoint=checkpoint, repeat_unknown=False)
    return _outcomes(_chunks(documents, chunk_size, ledger), client, concurrency, ledger, timeout)


@dataclass(slots=True)
class _Chunk(Generic[_Document]):
    """The documents of one call, and those that are refused without one."""

    admitted: list[Admitted[_Document]] = field(default_factory=list[Admitted[_Document]])
    refused: list[Failed[_Document]] = field(default_factory=list[Failed[_Document]])

    def add(self, document: _Document, ledger: Ledger[_Document]) -> None:
        try:
            found = ledger.admit(document)
        except InvalidRequest as error:
            # What is no handle has none.
            name: object = getattr(document, "id", None)
            self.refused.append(Failed(str(name)[:LONGEST_KEY], document, error))
            return
        if isinstance(found, Admitted):
            self.admitted.append(found)
        elif found is not None:
            self.refused.append(found)

    @property
    def size(self) -> int:
        return len(self.admitted) + len(self.refused)

    @property
    def documents(self) -> list[_Document]:
        return [one.item for one in self.admitted]


def _key(document: DocumentReference | SubmittedDocument) -> str:
    """A document's identifier; one that cannot be sent must not spoil the others' call."""
    from esignwire._codec import Given

    document_id, _ = Given("AssureSign", "CheckStatus").handle(document, "document")
    return str(document_id)


def _each_document(
    answer: Outcome[_Chunk[_Document], _Statuses], ledger: Ledger[_Document]
) -> Generator[Outcome[_Document, StatusOutcome]]:
    """One outcome a document, of that of a whole chunk. Each is settled when the next is due."""
    yield from answer.item.refused
    for index, one in enumerate(answer.item.admitted):
        if isinstance(answer, Done):
            outcome = Done(one.key, one.item, answer.result[index])
            yield outcome
            ledger.settle(outcome)
        else:
            # Not settled: a later run repeats a failed read anyway.
            yield Failed(one.key, one.item, answer.error)


async def _async_chunks(
    documents: Iterable[_Document] | AsyncIterable[_Document],
    chunk_size: int,
    ledger: Ledger[_Document],
) -> AsyncGenerator[_Chunk[_Document]]:
    chunk = _Chunk[_Document]()
    try:
        async with aclosing(each(documents)) as source:
            async for document in source:
                chunk.add(document, ledger)
                if chunk.size >= chunk_size:
                    yield chunk
                    chunk = _Chunk[_Document]()
    except Exception:
        # What came before is still asked about.
        if chunk.size:
            yield chunk
        raise
    if chunk.size:
        yield chunk


def _chunks(
    documents: Iterable[_Document], chunk_size: int, ledger: Ledger[_Document]
) -> Generator[_Chunk[_Document]]:
    chunk = _Chunk[_Document]()
    try:
        for document in documents:
            chunk.add(document, ledger)
            if chunk.size >= chunk_size:
                yield chunk
                chunk = _Chunk[_Document]()
    except Exception:
        # What came before is still asked about.
        if chunk.size:
            yield chunk
        raise
    if chunk.size:
        yield chunk


async def _async_outcomes(
    chunks: AsyncGenerator[_Chunk[_Document]],
    client: AsyncAssureSign,
    concurrency: int,
    ledger: Ledger[_Document],
    timeout: float | None,
) -> AsyncGenerator[Outcome[_Document, StatusOutcome]]:
    async def ask(chunk: _Chunk[_Document]) -> _Statuses:
        # A chunk may hold nothing but refused documents.
        return (
            await client.check_status(*chunk.documents, timeout=timeout) if chunk.admitted else ()
        )

    try:
        async with aclosing(
            async_for_each(chunks, ask, concurrency=concurrency, is_safe=True)
        ) as answers:
            async for answer in answers:
                for outcome in _each_document(answer, ledger):
                    yield outcome
                if ledger.is_due:
                    await asyncio.to_thread(ledger.flush)
    finally:
        await chunks.aclose()
        ledger.finish()


def _outcomes(
    chunks: Generator[_Chunk[_Document]],
    client: AssureSign,
    concurrency: int,
    ledger: Ledger[_Document],
    timeout: float | None,
) -> Generator[Outcome[_Document, StatusOutcome]]:
    def ask(chunk: _Chunk[_Document]) -> _Statuses:
        # A chunk may hold nothing but refused documents.
        return client.check_status(*chunk.documents, timeout=timeout) if chunk.admitted else ()

    try:
        with closing(for_each(chunks, ask, concurrency=concurrency, is_safe=True)) as answers:
            for answer in answers:
                yield from _each_document(answer, ledger)
                if ledger.is_due:
                    ledger.flush()
    finally:
        ledger.finish()
