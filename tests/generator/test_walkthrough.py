"""The edits of docs/schemas.md: each is made to a copy of the schemas, compiled and used."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import codegen

pytestmark = pytest.mark.one_python

ROOT = Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "docs" / "schemas.md").read_text("utf-8")
EDITS = re.findall(r"^### (\d+)\. ([^\n]*)\n(.*?)(?=^#{2,3} )", PAGE, re.MULTILINE | re.DOTALL)


def block(text: str, info: str) -> str:
    found = re.search(rf"^```{info}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    return found[1] if found else ""


def apply(folder: Path, diff: str) -> None:
    """Makes the changes of a diff, which shows whole lines and counts none."""
    for part in re.split(r"^(?=(?:---|\+\+\+) )", diff, flags=re.MULTILINE)[1:]:
        head, *lines = part.splitlines()
        file = folder / head[4:]
        before = [line[1:] for line in lines if line[0] in " -"]
        after = [line[1:] for line in lines if line[0] in " +"]
        if head.startswith("+"):
            assert not file.exists()
            file.write_text("\n".join(after) + "\n", "utf-8")
            continue
        text, searched = file.read_text("utf-8"), "\n".join(before)
        assert text.count(searched) == 1, searched
        file.write_text(text.replace(searched, "\n".join(after)), "utf-8")


def test_there_are_edits() -> None:
    assert [int(number) for number, _, _ in EDITS] == list(range(1, len(EDITS) + 1))
    assert len(re.findall(r"^```python edit$", PAGE, re.MULTILINE)) == len(EDITS) > 0


@pytest.mark.parametrize(("title", "text"), [pytest.param(t, x, id=t) for _, t, x in EDITS])
def test_an_edit_works_as_the_page_says(title: str, text: str, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "schemas", tmp_path / "schemas")
    apply(tmp_path, block(text, "diff"))
    subprocess.run(
        ["sh", "-e", "-c", block(text, "sh edit")], cwd=tmp_path, check=True, timeout=300
    )
    output = tmp_path / "generated"
    options = ["--schemas", str(tmp_path / "schemas"), "--output", str(output)]
    assert codegen.main(options) == 0
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", block(text, "python edit")],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": f"{output}{os.pathsep}{ROOT / 'src'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.stderr == ""
    assert done.stdout == block(text, "text")
