"""The examples of bulk work, and the code in its page, run as they stand there."""

from __future__ import annotations

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from esignwire.assuresign import AssureSign
from esignwire.bulk import FileCheckpoint, ItemState
from esignwire.emulator import EmulatorServer
from tests.support.assuresign import ACCOUNT, USER, address, http, status, statuses
from tests.support.hostile import hostile

ROOT = Path(__file__).parent.parent.parent
PAGE = ROOT / "docs" / "bulk.md"
ACCOUNT_VARIABLES = {
    "ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER": ACCOUNT,
    "ESIGNWIRE_ASSURESIGN_USER_NAME": USER,
}
needs_dask = pytest.mark.skipif(
    importlib.util.find_spec("distributed") is None, reason="needs dask[distributed]"
)


def run(example: str, *arguments: str, url: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs an example; ``url`` names an account at that address."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("ESIGNWIRE_")
    }
    if url is not None:
        environment |= {**ACCOUNT_VARIABLES, "ESIGNWIRE_ASSURESIGN_URL": url}
    return subprocess.run(
        [sys.executable, str(ROOT / "examples" / example), *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


class Vendor:
    """Tells statuses. The first call about ``unlucky`` fails."""

    def __init__(self, unlucky: int | None = None) -> None:
        self.asked: list[str] = []
        self._unlucky = None if unlucky is None else key(unlucky)

    def __call__(self, connection: Any) -> None:
        while (received := connection.receive()) is not None:
            found = [one.decode() for one in re.findall(rb'\bId="([^"]+)"', received.body)]
            if self._unlucky in found:
                self._unlucky = None
                connection.send(http(b"", "500 Internal Server Error"))
                continue
            self.asked.extend(found)
            connection.send(statuses(*(status(one) for one in found)))


def key(number: int) -> str:
    return f"00000000-0000-0000-0000-{number:012}"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "documents.csv"
    rows = [f"{key(number)},{key(0)}" for number in range(1, 61)]
    path.write_text("\n".join(["id,auth_token", *rows]), "utf-8")
    return path


def test_the_example_runs_against_the_emulator() -> None:
    ended = run("bulk_status.py", "--count", "60")
    assert ended.returncode == 0, ended.stderr
    *lines, last = ended.stdout.splitlines()
    assert last == "60 statuses, 0 not known"
    assert len({line.split()[0] for line in lines}) == 60
    assert {line.split()[1] for line in lines} == {"SigningStepInProgress"}


def test_the_example_goes_on_where_it_stopped(table: Path, tmp_path: Path) -> None:
    vendor = Vendor(unlucky=7)
    arguments = ("--documents", str(table), "--checkpoint", str(tmp_path / "run.sqlite"))
    with hostile(vendor) as server:
        first = run("bulk_status.py", *arguments, url=address(server))
        second = run("bulk_status.py", *arguments, url=address(server))
    assert first.returncode == 1, first.stderr
    assert first.stdout.splitlines()[-1] == "10 statuses, 50 not known"
    assert f"{key(7)}  failed: " in first.stdout
    assert second.returncode == 0, second.stderr
    assert second.stdout.splitlines()[-1] == "50 statuses, 0 not known"
    assert sorted(vendor.asked) == [key(number) for number in range(1, 61)]
    with FileCheckpoint.open(tmp_path / "run.sqlite") as checkpoint:
        assert checkpoint.state(key(7)) is ItemState.DONE


def test_the_example_asks_no_account_about_made_up_documents() -> None:
    ended = run("bulk_status.py", url="https://127.0.0.1:1/DocumentNOW.svc")
    assert ended.returncode == 1
    assert "name --documents too" in ended.stderr


@needs_dask
def test_the_dask_example_runs_against_the_emulator() -> None:
    ended = run("dask_bulk_status.py", "--count", "100", "--chunk-size", "5", "--calls", "4")
    assert ended.returncode == 0, ended.stderr
    *lines, last = ended.stdout.splitlines()
    assert last == "100 statuses by 2 processes, 0 not known"
    assert len({line.split()[0] for line in lines}) == 100


@needs_dask
def test_the_dask_example_repeats_a_failed_chunk(table: Path) -> None:
    vendor = Vendor(unlucky=7)
    with hostile(vendor) as server:
        ended = run(
            "dask_bulk_status.py",
            *("--documents", str(table), "--chunk-size", "20", "--workers", "1", "--calls", "2"),
            url=address(server),
        )
        # Two threads share the one client of their process.
        assert server.connections <= 2
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines()[-1] == "60 statuses by 1 process, 0 not known"
    assert sorted(vendor.asked) == [key(number) for number in range(1, 61)]
    assert ended.stdout.count("Completed") == 60


def test_the_code_in_the_page_runs(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(
        r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    monkeypatch.chdir(tmp_path)
    for name, value in ACCOUNT_VARIABLES.items():
        monkeypatch.setenv(name, value)
    with EmulatorServer() as emulator:
        monkeypatch.setenv("ESIGNWIRE_ASSURESIGN_URL", emulator.assuresign_url)
        names: dict[str, Any] = {}
        for block in blocks:
            exec(compile(block, str(PAGE), "exec"), names)  # noqa: S102 - it is our own page
        output = capsys.readouterr().out
        assert output.count("DocumentStatus(") == 3
        sessions = dict(re.findall(r"^(A-\d+) is session (\S+)$", output, re.MULTILINE))
        assert set(sessions) == {f"A-{number}" for number in range(20)}
        with AssureSign.from_environment() as client:
            client.lookup_session(sessions["A-19"])
    with FileCheckpoint.open(tmp_path / "orders.sqlite") as checkpoint:
        assert {checkpoint.state(order) for order in sessions} == {ItemState.DONE}
