"""The examples, one a vendor, run as people run them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from esignwire.emulator import (
    Accounts,
    AssureSignAccount,
    EmulatorServer,
    EmulatorSettings,
)
from tests.support.assuresign import ACCOUNT, USER

EXAMPLES = Path(__file__).parent.parent.parent / "examples"


def run(example: str, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Runs an example; no account is named but by ``variables``."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ESIGNWIRE_")
    }
    return subprocess.run(
        [sys.executable, "-W", "error", str(EXAMPLES / example), *arguments],
        env=environment | variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    ("example", "arguments", "lines"),
    [
        (
            "assuresign_submit.py",
            [],
            [
                "document GUID",
                "a link for pat@example.com",
                "status SigningStepInProgress, Step 1",
                "DATE The document was created.",
                "DATE Signing step 1 started.",
            ],
        ),
        (
            "signix_transaction.py",
            [],
            [
                "transaction DOCUMENT_SET_ID",
                "Transaction_Suspend: done",
                "Transaction_Resume: done",
                "Transaction_SaveDeltas: done",
                "Transaction_SendPartyEmail: done",
                "Transaction_Cancel: done",
            ],
        ),
        (
            "constellation1_session.py",
            ["--pause", "0.01"],
            [
                "session GUID, a draft",
                "started, attempt 2",
                "status <SessionStatus.IN_SENT: 2>, signers 1",
                "cancelled",
            ],
        ),
    ],
)
def test_an_example_runs_as_it_is(example: str, arguments: list[str], lines: list[str]) -> None:
    ended = run(example, *arguments)
    assert (ended.returncode, ended.stderr) == (0, "")
    said = re.sub(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b", "GUID", ended.stdout)
    said = re.sub(r"\b\d{4}-\d\d-\d\d\b", "DATE", said)
    said = re.sub(r"(?m)^transaction \S+$", "transaction DOCUMENT_SET_ID", said)
    assert said.splitlines() == lines


@pytest.mark.parametrize("example", ["ten_jobs.py", "ten_jobs_async.py"])
def test_the_ten_jobs_run_as_they_are(example: str) -> None:
    ended = run(example)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines() == [
        "documents in the envelope: 2",
        "links for: pat@example.com",
        "kept whole: True",
        "withdrawn after signing: The document is Completed already.",
        "withdrawn before: None",
        "a link: True",
        "fetched: agreement.pdf audit.pdf certificate.pdf",
        "the offer is InSent",
    ]


def test_an_example_asks_the_account_that_is_named(tmp_path: Path) -> None:
    document = tmp_path / "lease.pdf"
    document.write_bytes(b"%PDF-1.4\n%%EOF\n")
    with EmulatorServer() as emulator:
        ended = run(
            *("signix_transaction.py", "--document", str(document), "--email", "sam@example.com"),
            ESIGNWIRE_SIGNIX_URL=emulator.signix_url,
            ESIGNWIRE_SIGNIX_SPONSOR="s",
            ESIGNWIRE_SIGNIX_CLIENT="c",
            ESIGNWIRE_SIGNIX_USER_ID="u",
            ESIGNWIRE_SIGNIX_PASSWORD="p",
            ESIGNWIRE_SIGNIX_WORKGROUP="w",
        )
        remembered = str(emulator.state.summary()["signix"])
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.split()[1] in remembered
    assert "sam@example.com" in remembered


def test_an_example_says_what_the_vendor_refused() -> None:
    account = AssureSignAccount(context_identifier=UUID(ACCOUNT), templates=frozenset())
    settings = EmulatorSettings(accounts=Accounts(assuresign=(account,)))
    with EmulatorServer(settings) as emulator:
        ended = run(
            "assuresign_submit.py",
            ESIGNWIRE_ASSURESIGN_URL=emulator.assuresign_url,
            ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER=ACCOUNT,
            ESIGNWIRE_ASSURESIGN_USER_NAME=USER,
        )
    assert ended.returncode == 1
    assert "refused:" in ended.stdout
    assert "template" in ended.stdout
