"""gSOAP, a stack for C, loads the WSDL from a running service and makes its stubs."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from esignwire.emulator import EmulatorServer
from tests.support.emulator import SERVICES, operations_of_assuresign

pytestmark = pytest.mark.one_python

TOOLS = [shutil.which(name) for name in ("wsdl2h", "soapcpp2")]


@pytest.mark.skipif(None in TOOLS, reason="gSOAP is not installed")
def test_gsoap_makes_stubs_for_the_whole_service(tmp_path: Path) -> None:
    def run(*command: str) -> None:
        done = subprocess.run(
            command, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120
        )
        assert done.returncode == 0, done.stderr
        assert "error" not in done.stderr.lower()

    with EmulatorServer() as emulator:
        run("wsdl2h", "-c", "-o", "service.h", f"{emulator.assuresign_url}?wsdl")
        run("soapcpp2", "-c", "-C", "-L", "-x", "service.h")
    stubs = (tmp_path / "soapClient.c").read_text()
    actions = set(re.findall(r'soap_action = "([^"]+)"', stubs))
    assert len(actions) == len(operations_of_assuresign())
    assert all(one.startswith(SERVICES) for one in actions)
