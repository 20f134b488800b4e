"""What the audit says of each answer of pip-audit; a stand-in plays pip-audit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.one_python

AUDIT = Path(__file__).parent.parent.parent / "tools" / "audit.py"
OURS = {"name": "esignwire", "skip_reason": "marked as editable"}
GOOD = {"name": "httpx", "version": "0.28.1", "vulns": []}
BAD = {
    "name": "lxml",
    "version": "5.0",
    "vulns": [{"id": "PYSEC-2026-87", "fix_versions": ["6.1"]}],
}
SKIPPED = {"name": "zeep", "skip_reason": "not found on PyPI: zeep (4.3.3)"}


def audit(
    folder: Path, stdout: str, *options: str, status: int = 0
) -> subprocess.CompletedProcess[str]:
    (folder / "pip_audit.py").write_text(
        f"import sys\nprint({stdout!r})\n"
        f"print('a traceback\\nConnectionError: no way there', file=sys.stderr)\nsys.exit({status})"
    )
    return subprocess.run(
        [sys.executable, str(AUDIT), "anywhere", *options],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
        env={"PYTHONPATH": str(folder)},
    )


def answer(*dependencies: object) -> str:
    return json.dumps({"dependencies": dependencies, "fixes": []})


def test_packages_without_advisories_pass(tmp_path: Path) -> None:
    ran = audit(tmp_path, answer(OURS, GOOD))
    assert (ran.returncode, ran.stdout) == (0, "1 packages looked up, 0 vulnerable\n")


def test_an_advisory_fails_and_is_told(tmp_path: Path) -> None:
    ran = audit(tmp_path, answer(GOOD, BAD), status=1)
    assert ran.returncode == 1
    assert "lxml 5.0: PYSEC-2026-87, fixed in 6.1\n" in ran.stdout


def test_what_was_looked_up_in_part_fails(tmp_path: Path) -> None:
    ran = audit(tmp_path, answer(GOOD, SKIPPED))
    assert ran.returncode == 1
    assert "zeep: not looked up: not found on PyPI" in ran.stdout


@pytest.mark.parametrize(
    ("stdout", "reason"),
    [
        (answer(OURS, SKIPPED), "not found on PyPI"),
        ("", "ConnectionError: no way there"),
    ],
    ids=["each skipped", "no answer"],
)
def test_a_service_out_of_reach_is_told_and_can_be_made_to_fail(
    tmp_path: Path, stdout: str, reason: str
) -> None:
    ran = audit(tmp_path, stdout, status=1)
    assert ran.returncode == 0
    assert ran.stdout.startswith("NOT REACHED: ")
    assert reason in ran.stdout
    assert audit(tmp_path, stdout, "--required").returncode == 1
