"""The generated folder: compared or written as a whole, so that nothing stray stays in it."""

from __future__ import annotations

import difflib
import subprocess
import sys
import tempfile
from pathlib import Path

from generator.problems import SchemaProblem

PACKAGE = "esignwire_generated"


def format_sources(files: dict[str, str], configuration: Path) -> dict[str, str]:
    """Lays all Python sources out with ruff, whose version is pinned.

    Raises:
        SchemaProblem: ruff is missing, or is another version.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for path, text in files.items():
            if path.endswith(".py"):
                target = folder / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8")
        base = [sys.executable, "-m", "ruff"]
        options = ["--config", str(configuration), "--no-cache", "--quiet", str(folder)]
        for command in (
            [
                *base,
                "check",
                "--select",
                "I,F401",
                "--fix",
                "--isolated",
                "--line-length",
                "100",
                "--config",
                'lint.isort.known-first-party=["esignwire","esignwire_generated"]',
                "--no-cache",
                "--quiet",
                str(folder),
            ],
            [*base, "format", *options],
        ):
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SchemaProblem(
                    "ruff, which lays the sources out, ended with an error; make installs the "
                    f"version that is due: {done.stdout}{done.stderr}"
                )
        return {
            path: (folder / path).read_text(encoding="utf-8") if path.endswith(".py") else text
            for path, text in files.items()
        }


def _present(root: Path) -> dict[str, Path]:
    if not root.is_dir():
        return {}
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


def differences(files: dict[str, str], root: Path) -> list[str]:
    """Compares what should be in the folder with what is: the lines of a unified diff."""
    present = _present(root)
    lines: list[str] = []
    for path in sorted(files.keys() | present.keys()):
        wanted = files.get(path)
        found = present[path].read_bytes() if path in present else None
        if wanted is not None and found == wanted.encode("utf-8"):
            continue
        before = found.decode("utf-8", "replace").splitlines() if found is not None else []
        after = wanted.splitlines() if wanted is not None else []
        names = (
            f"generated/{path}" if found is not None else "/dev/null",
            f"generated/{path}" if wanted is not None else "/dev/null",
        )
        shown = list(difflib.unified_diff(before, after, *names, lineterm=""))
        # An empty file and the ends of lines leave no line to show.
        lines += shown or [f"--- {names[0]}", f"+++ {names[1]}"]
    return lines


def write(files: dict[str, str], root: Path) -> tuple[int, int]:
    """Makes the folder hold exactly these files, and counts those written and those removed.

    Each file is written under a temporary name and renamed, and only where it changes.
    """
    present = _present(root)
    written = 0
    for path, text in files.items():
        target = root / path
        content = text.encode("utf-8")
        if path in present and present[path].read_bytes() == content:
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = target.with_name(target.name + ".new")
        temporary.write_bytes(content)
        temporary.replace(target)
        written += 1
    removed = 0
    for path, file in present.items():
        if path not in files:
            file.unlink()
            removed += 1
    _remove_empty_folders(root)
    return written, removed


def _remove_empty_folders(root: Path) -> None:
    for folder in sorted((one for one in root.rglob("*") if one.is_dir()), reverse=True):
        leftovers = [one for one in folder.iterdir() if one.name != "__pycache__"]
        if not leftovers and folder.name != "__pycache__":
            for cache in folder.iterdir():
                for file in cache.iterdir():
                    file.unlink()
                cache.rmdir()
            folder.rmdir()
