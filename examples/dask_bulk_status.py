"""Asks AssureSign for the status of many documents, from many processes with Dask.

    pip install '.[emulator]' 'dask[distributed]'
    python examples/dask_bulk_status.py
        asks the emulator about documents that are made up for it

    python examples/dask_bulk_status.py --documents documents.csv
        asks AssureSign, with the account that ESIGNWIRE_ASSURESIGN_* name

Here the workers are processes of this machine; for others, give Client the address of your
scheduler and set the variables where the workers run: no credentials travel then. The bound on
calls at once holds for all workers together, since each task makes one call at a time.

A chunk is repeated where its failure allows that, and Dask by itself repeats the tasks of a worker
that died. Both are right only for calls that read, as this one does. For a call that changes
something, repeat nothing, set ``distributed.scheduler.allowed-failures`` to 0, and keep a
checkpoint where the tasks are handed out.
"""
# mypy: disable-error-code="no-untyped-call"
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false
# pyright: reportUnknownArgumentType=false, reportArgumentType=false
# Dask is typed in part only.

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from bulk_status import describe, documents_to_ask_about
from distributed import Client, LocalCluster, Worker, WorkerPlugin, as_completed, get_worker

from esignwire import AssureSign
from esignwire.assuresign import DocumentReference, StatusOutcome
from esignwire.bulk import Failed, Outcome, check_statuses

Documents = list[DocumentReference]
Outcomes = list[Outcome[DocumentReference, StatusOutcome]]


class WorkerClient(WorkerPlugin):
    """One client for each worker process, shared by its threads, made of its own environment."""

    name = "esignwire client"

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - as Dask calls it
        self.client = AssureSign.from_environment()

    def teardown(self, worker: Worker) -> None:  # noqa: ARG002 - the same
        self.client.close()


@dataclass(frozen=True)
class Told:
    """What a worker found out, and which process it was."""

    process: int
    outcomes: Outcomes


def ask(documents: Documents) -> Told:
    """One call, made by a worker. Documents, outcomes and errors travel by pickle."""
    plugin = cast("WorkerClient", get_worker().plugins[WorkerClient.name])
    found = check_statuses(plugin.client, documents, chunk_size=len(documents), concurrency=1)
    return Told(os.getpid(), list(found))


def chunks(documents: Iterable[DocumentReference], size: int) -> Iterator[Documents]:
    source = iter(documents)
    while chunk := list(islice(source, size)):
        yield chunk


def ask_all(
    dask: Client,
    documents: Iterable[DocumentReference],
    *,
    chunk_size: int,
    most_waiting: int,
    attempts: int = 3,
) -> Iterator[Told]:
    """Hands chunks out and gives back what is told, as it comes.

    No more than ``most_waiting`` chunks are handed out at once: with all of a million documents,
    the scheduler would have to hold them.
    """
    source = chunks(documents, chunk_size)
    running = as_completed()
    handed_out: dict[object, tuple[Documents, int]] = {}

    def hand_out(chunk: Documents, attempt: int) -> None:
        # Impure: the answer to the same question changes, so that none may be taken from memory.
        future = dask.submit(ask, chunk, pure=False)
        handed_out[future.key] = chunk, attempt
        running.add(future)

    for chunk in islice(source, most_waiting):
        hand_out(chunk, 1)
    for future in running:
        chunk, attempt = handed_out.pop(future.key)
        told = _told(future, chunk)
        # Nothing but reads is handed out here, and the error itself says whether it may pass.
        again = [
            one.item
            for one in told.outcomes
            if isinstance(one, Failed)
            and attempt < attempts
            and getattr(one.error, "is_retry_safe", False)
        ]
        if again:
            hand_out(again, attempt + 1)
        else:
            for chunk in islice(source, 1):
                hand_out(chunk, 1)
        repeated = {id(one) for one in again}
        yield Told(told.process, [one for one in told.outcomes if id(one.item) not in repeated])


def _told(future: Any, chunk: Documents) -> Told:
    error = future.exception()
    if error is None:
        told: Told = future.result()
        return told
    # The workers died over it, more often than Dask allows.
    return Told(0, [Failed(str(one.id), one, error) for one in chunk])


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--documents", type=Path, help="a CSV file: id, auth_token")
    parser.add_argument("--count", type=int, default=400, help="how many documents to make up")
    parser.add_argument("--chunk-size", type=int, default=20, help="how many go into one call")
    parser.add_argument("--workers", type=int, default=2, help="how many processes")
    parser.add_argument("--calls", type=int, default=8, help="how many calls at once, in all")
    options = parser.parse_args()
    threads = max(1, options.calls // options.workers)
    known = unknown = 0
    processes: set[int] = set()
    with (
        documents_to_ask_about(options.documents, options.count) as documents,
        LocalCluster(
            n_workers=options.workers,
            threads_per_worker=threads,
            processes=True,
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        Client(cluster) as dask,
    ):
        dask.register_plugin(WorkerClient())
        for told in ask_all(
            dask,
            documents,
            chunk_size=options.chunk_size,
            # Twice what runs keeps the workers busy while results travel.
            most_waiting=2 * options.workers * threads,
        ):
            processes.add(told.process)
            for is_known, line in map(describe, told.outcomes):
                known, unknown = known + is_known, unknown + (not is_known)
                print(line)
    workers = f"{len(processes)} process{'' if len(processes) == 1 else 'es'}"
    print(f"{known} statuses by {workers}, {unknown} not known")
    return 1 if unknown else 0


# Workers import this file too, and must not begin a run of their own.
if __name__ == "__main__":
    sys.exit(main())
