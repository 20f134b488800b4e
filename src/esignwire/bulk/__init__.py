"""Bulk work: many calls at once, bounded and resumable; no failure hides the other results.

::

    from esignwire import AssureSign, bulk

    with AssureSign.from_environment() as client, bulk.FileCheckpoint.open("run.sqlite") as done:
        for outcome in bulk.check_statuses(client, documents, checkpoint=done):
            match outcome:
                case bulk.Done(key, _, status):
                    print(key, status)
                case bulk.Failed(key, _, error):
                    print(key, error)

``for_each`` and ``async_for_each`` make any call for any items. ``check_statuses`` and
``async_check_statuses`` ask AssureSign for the status of any number of documents, many in one call.
"""

from __future__ import annotations

from esignwire.bulk.checkpoint import Checkpoint, ItemState, Mark
from esignwire.bulk.checkpoint_file import FileCheckpoint
from esignwire.bulk.outcomes import Done, Failed, Outcome
from esignwire.bulk.statuses import async_check_statuses, check_statuses
from esignwire.bulk.tasks import async_for_each
from esignwire.bulk.threads import for_each

__all__ = [
    "Checkpoint",
    "Done",
    "Failed",
    "FileCheckpoint",
    "ItemState",
    "Mark",
    "Outcome",
    "async_check_statuses",
    "async_for_each",
    "check_statuses",
    "for_each",
]
