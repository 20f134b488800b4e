# ruff: noqa: T201 - it prints its findings
"""Asks mypy about the Python of README.md and docs/, so that a change that breaks callers shows.

The blocks of a page in docs/ are one module, those of README.md and those for pytest one each. What
is marked as a fragment, or as the outcome of an edit, is left out.

Usage: ``python tests/typing/pages.py``. Exit status 1 where mypy has found something.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
_FENCE = re.compile(r"^```(python|python test)\n(.*?)^```[ \t]*$", re.MULTILINE | re.DOTALL)


def modules_of(page: Path) -> dict[str, str]:
    """Takes the Python out of a page.

    Args:
        page: The page.

    Returns:
        The modules by name; their lines are those of the page.
    """
    text = page.read_text("utf-8")
    whole, modules = "", dict[str, str]()
    for match in _FENCE.finditer(text):
        line = text.count("\n", 0, match.start(2))
        if match[1] == "python test" or page.name == "README.md":
            modules[f"{page.stem}_{line}"] = "\n" * line + match[2]
        else:
            whole += "\n" * (line - whole.count("\n")) + match[2]
    return modules | {page.stem: whole}


def main() -> int:
    """Writes the modules, and runs mypy.

    Returns:
        The exit status.
    """
    places: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for page in (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))):
            for module, source in modules_of(page).items():
                (folder / f"{module}.py").write_text(source, "utf-8")
                places[str(folder / f"{module}.py")] = str(page.relative_to(ROOT))
        done = subprocess.run(
            [
                *(sys.executable, "-m", "mypy", "--no-error-summary"),
                *("--allow-untyped-defs", "--allow-untyped-calls", "--allow-redefinition"),
                *("--disable-error-code", "import-untyped", str(folder)),
            ],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    found = done.stdout
    for path, page_name in places.items():
        found = found.replace(path, page_name)
    print(found + done.stderr, end="")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main())
