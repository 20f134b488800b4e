"""PHP's SOAP stack, which knows nothing of us, loads the WSDL and completes a flow."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from esignwire.emulator import EmulatorServer, EmulatorSettings, PendingForm
from tests.support.emulator import ACCOUNT, TEMPLATE, operations_of_assuresign
from tests.support.php import php_with_soap

FLOW = Path(__file__).parent / "php" / "flow.php"


PHP = php_with_soap()


@pytest.mark.skipif(PHP is None, reason="PHP with its SOAP extension is not installed")
@pytest.mark.parametrize("pending_form", ["empty", "warning"])
def test_php_completes_a_flow(pending_form: PendingForm) -> None:
    settings = EmulatorSettings(pending_lookups=1, pending_form=pending_form)
    with EmulatorServer(settings) as emulator:
        done = subprocess.run(
            [
                PHP or "php",
                "-d",
                "error_reporting=-1",
                "-d",
                "display_errors=stderr",
                str(FLOW),
                f"{emulator.assuresign_url}?wsdl",
                ACCOUNT,
                TEMPLATE,
            ],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        records = emulator.state.assuresign
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    seen: dict[str, Any] = json.loads(done.stdout)
    assert seen["operations"] == len(operations_of_assuresign())
    assert seen["metadata"] == {
        "UserName": "owner@example.com",
        "DocumentName": "Jörg's contract",
        "OrderNumber": "7",
        "ExpirationDate": "2031-05-12",
        "EnvelopeId": seen["envelope"],
        "TermsAndConditions": {"AdditionalAgreementStatement": "I agree."},
    }
    assert seen["before"] == "Created"
    assert seen["closed"] == seen["envelope"]
    assert seen["after"] == ["SigningStepInProgress", "Step 1"]
    assert seen["again"]["Severity"] == "Error"
    assert "closed already" in seen["again"]["_"]
    assert seen["looks"] == [2, 2]
    code, words = seen["fault"]
    assert code == "a:DeserializationFailed"
    assert "SessionId" in words
    (document,) = records.documents.values()
    assert document.name == "Jörg's contract"
    assert [one.full_name for one in document.signatories] == ["Ann <Example>"]
