"""Submits a document to SIGNiX, changes its signer, suspends, resumes and cancels it.

    python examples/signix_transaction.py
        asks the emulator

    python examples/signix_transaction.py --document agreement.pdf --email pat@example.com
        asks SIGNiX, with the account that ESIGNWIRE_SIGNIX_* name; the document says "Sign here:"

The exit status is 1 where SIGNiX refused a command.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from emulated import PDF, account

from esignwire import AsyncSignix
from esignwire.signix import (
    AsyncTransaction,
    Failed,
    Field,
    Form,
    Outcome,
    Party,
    Succeeded,
    TransactionSaveDeltas,
    TransactionSendPartyEmail,
)

SIGNER = "signer1"


async def submit(client: AsyncSignix, document: Path | None, email: str) -> AsyncTransaction:
    signature = Field.signature(SIGNER, at="Sign here:")
    transaction = await client.submit(
        "Agreement",
        parties=[Party(SIGNER, "Pat", "Example", email)],
        forms=[Form(document or PDF, fields=[signature])],
        submitter_email="owner@example.com",
        demo=True,
        expire_after=20,
    )
    print(f"transaction {transaction.document_set_id}")
    return transaction


def tell(outcome: Outcome) -> bool:
    """Prints how a command ended; returns whether what it asked for is done."""
    match outcome:
        case Succeeded(warning=None):
            said = "done"
        case Succeeded():
            said = f"left as it was: {outcome.warning_text}"
        case Failed():
            said = f"refused with code {outcome.code}: {outcome.text}"
        case _:
            said = "not saved, since another command of the same request was refused"
    print(f"{outcome.command.object_type}: {said}")
    return isinstance(outcome, Succeeded)


async def run(document: Path | None, email: str) -> int:
    async with AsyncSignix.from_environment() as client:
        transaction = await submit(client, document, email)
        outcomes: list[Outcome] = [
            await transaction.suspend(),
            await transaction.resume(),
            # Both in one request, so that either both are saved or none is.
            *await transaction.run_all(
                [
                    TransactionSaveDeltas.change_mobile_number(SIGNER, "5555550100"),
                    TransactionSendPartyEmail.to_party(SIGNER, subject="Please sign"),
                ]
            ),
            await transaction.cancel(),
        ]
    refused = sum(not tell(outcome) for outcome in outcomes)
    return 1 if refused else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--document", type=Path, help="a PDF")
    parser.add_argument("--email", default="pat@example.com", help="whom to ask for a signature")
    options = parser.parse_args()
    with account("signix"):
        return asyncio.run(run(options.document, options.email))


if __name__ == "__main__":
    sys.exit(main())
