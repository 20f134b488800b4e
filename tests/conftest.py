"""What holds for every test. Warnings are errors; see pyproject.toml."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import stamina
from hypothesis import settings

if TYPE_CHECKING:
    from esignwire.emulator import EmulatorServer

# The same examples in each run: a failure that comes and goes helps nobody. To look for new ones:
# HYPOTHESIS_PROFILE=explore.
pytest_plugins = ["pytester"]

settings.register_profile("default", derandomize=True, deadline=None, database=None)
settings.register_profile("explore", derandomize=False, deadline=None, max_examples=1_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(autouse=True)
def _no_accounts(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may find a developer's own accounts, unless it was asked to go live."""
    if request.config.getoption("--disable-recording", default=False):
        return
    for name in list(os.environ):
        if name.startswith("ESIGNWIRE_"):
            monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _no_pauses() -> Iterator[None]:
    """Failed attempts are repeated at once."""
    with stamina.set_testing(True):
        yield


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    """An emulator for a module that has none with settings of its own."""
    from esignwire.emulator import EmulatorServer

    with EmulatorServer() as running:
        yield running


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and vendor.example that nobody has signed, and its key."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl makes the certificate")
    folder = tmp_path_factory.mktemp("tls")
    key, path = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *(openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *(
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost,DNS:vendor.example",
            ),
            *("-addext", "keyUsage=critical,digitalSignature,keyCertSign"),
            *("-keyout", str(key), "-out", str(path)),
        ],
        check=True,
        capture_output=True,
    )
    return path, key
