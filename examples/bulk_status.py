"""Asks AssureSign once for the status of many documents, and can go on where it stopped.

    python examples/bulk_status.py
        asks the emulator about documents that are made up for it

    python examples/bulk_status.py --documents documents.csv --checkpoint status.sqlite
        asks AssureSign, with the account in ESIGNWIRE_ASSURESIGN_URL, _CONTEXT_IDENTIFIER and
        _USER_NAME; the file has the columns id and auth_token

The exit status is 1 where the status of any document is not known.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import sys
from collections.abc import AsyncGenerator, Generator, Iterable, Iterator
from contextlib import aclosing, contextmanager, nullcontext
from pathlib import Path

from emulated import account, is_named

from esignwire import AssureSign, AsyncAssureSign
from esignwire.assuresign import (
    DocumentReference,
    DocumentStatus,
    StatusOutcome,
    TemplateDocument,
    WaitPolicy,
)
from esignwire.bulk import Done, FileCheckpoint, Outcome, async_check_statuses

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"


def read_documents(path: Path) -> Iterator[DocumentReference]:
    """Reads one document at a time: the file may be longer than memory."""
    with path.open(newline="", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            yield DocumentReference(id=row["id"], auth_token=row["auth_token"])


@contextmanager
def emulated_documents(count: int) -> Generator[list[DocumentReference]]:
    """Runs the emulator, names it in the environment, and submits documents to it."""
    with account("assuresign"):
        yield _submitted(count)


def _submitted(count: int) -> list[DocumentReference]:
    documents: list[DocumentReference] = []
    with AssureSign.from_environment(wait_policy=WaitPolicy(first_pause=0.01)) as client:
        while (left := count - len(documents)) > 0:
            batch = [TemplateDocument(template_id=TEMPLATE)] * min(left, 50)
            ended = client.wait_for_session(client.async_submit(*batch))
            documents += [DocumentReference.of(one) for one in ended.documents]
    return documents


@contextmanager
def documents_to_ask_about(path: Path | None, count: int) -> Generator[Iterable[DocumentReference]]:
    """The documents in a file; or made-up ones, where no account is named and no file either."""
    if path is not None:
        yield read_documents(path)
    elif is_named("assuresign"):
        raise SystemExit("an account is named in the environment: name --documents too")
    else:
        with emulated_documents(count) as documents:
            yield documents


def describe(outcome: Outcome[DocumentReference, StatusOutcome]) -> tuple[bool, str]:
    """Whether the status is known, and a line that says it."""
    if not isinstance(outcome, Done):
        return False, f"{outcome.key}  failed: {outcome.error}"
    status = outcome.result
    if isinstance(status, DocumentStatus):
        return True, f"{outcome.key}  {status.status_type}"
    said = "; ".join(one.text for one in status.exceptions) or "left out of the answer"
    return False, f"{outcome.key}  refused: {said}"


async def tell(
    outcomes: AsyncGenerator[Outcome[DocumentReference, StatusOutcome]],
) -> tuple[int, int]:
    """Prints each outcome as it comes; returns how many statuses are known, and how many not."""
    known = unknown = 0
    async with aclosing(outcomes):
        async for outcome in outcomes:
            is_known, line = describe(outcome)
            known, unknown = known + is_known, unknown + (not is_known)
            print(line)
    return known, unknown


async def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=Path, help="a CSV file: id, auth_token")
    parser.add_argument("--checkpoint", type=Path, help="where to remember what is done")
    parser.add_argument("--count", type=int, default=200, help="how many documents to make up")
    options = parser.parse_args()
    with (
        documents_to_ask_about(options.documents, options.count) as documents,
        FileCheckpoint.open(options.checkpoint) if options.checkpoint else nullcontext() as done,
    ):
        async with AsyncAssureSign.from_environment() as client:
            known, unknown = await tell(async_check_statuses(client, documents, checkpoint=done))
    print(f"{known} statuses, {unknown} not known")
    return 1 if unknown else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
