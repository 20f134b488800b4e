"""The soak, for some seconds: it runs, and finds no outcome that is told wrongly."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from benchmarks.soak import name_of, wrong

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="it reads Linux's /proc")
def test_a_short_run_finds_every_outcome_told_truly(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("# Page\n\n<!-- soak: begin -->\nold\n<!-- soak: end -->\n\nmore\n", "utf-8")
    ran = subprocess.run(
        [
            *(sys.executable, "-W", "error", "-m", "benchmarks.soak"),
            *("--minutes", "0.2", "--write", str(page)),
        ],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    # The calls themselves are right: what failed was broken on the way.
    assert "InvalidRequest" not in ran.stdout
    assert ran.stdout.count("broken exchanges") == 2
    head, report, tail = page.read_text("utf-8").partition(ran.stdout)
    assert report
    assert head == "# Page\n\n<!-- soak: begin -->\n"
    assert tail == "<!-- soak: end -->\n\nmore\n"


@pytest.mark.parametrize(
    ("failed", "times", "fault"),
    [
        ({}, 2, "carried out twice"),
        ({}, 0, "claimed"),
        ({"SIGNiX": True}, 1, "carried out, and called repeatable"),
        ({"SIGNiX": False}, 1, None),
        ({"SIGNiX": False}, 0, None),
        ({"SIGNiX": True}, 0, None),
        ({}, 1, None),
    ],
)
def test_a_wrong_outcome_is_found(failed: dict[str, bool], times: int, fault: str | None) -> None:
    done = {name_of("AssureSign", "3-1"): 1, name_of("Constellation1", "3-1"): 1}
    done[name_of("SIGNiX", "3-1")] = times
    found = wrong({name_of(kind, "3-1"): safe for kind, safe in failed.items()}, {3: 1}, done)
    assert +found == (Counter({fault: 1}) if fault else Counter())
