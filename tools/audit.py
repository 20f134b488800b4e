"""Audit of installed packages: what pip-audit knows of them, and whether it knew anything.

Alone, pip-audit reports no vulnerability where its service does not answer. Here that is told, and
``--required`` makes it a failure::

    python tools/audit.py FOLDER [--required]
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from typing import TypedDict


class Vulnerability(TypedDict):
    """One advisory."""

    id: str
    fix_versions: list[str]


class Dependency(TypedDict, total=False):
    """One package, as pip-audit reports it; without ``vulns`` it was not looked up."""

    name: str
    version: str
    vulns: list[Vulnerability]
    skip_reason: str


def audited(folder: str) -> tuple[list[Dependency], str]:
    """Asks pip-audit about the packages in a folder.

    Args:
        folder: The folder ``site-packages``.

    Returns:
        The packages but for esignwire itself, and the last words of pip-audit. There are no
        packages where pip-audit came to no end.
    """
    ran = subprocess.run(  # noqa: S603 - the arguments are our own
        [
            *(sys.executable, "-m", "pip_audit", "--path", folder),
            *("--format", "json", "--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    words = (ran.stderr.strip().splitlines() or ["it said nothing"])[-1]
    try:
        found: list[Dependency] = json.loads(ran.stdout)["dependencies"]
    except ValueError:
        return [], words
    return [one for one in found if one["name"] != "esignwire"], words


def main() -> int:
    """Audits a folder.

    Returns:
        1 where a package is vulnerable or only some could be looked up, else 0. Where none could
        be, 1 with ``--required``.
    """
    parser = argparse.ArgumentParser(prog="make audit", description="Looks packages up.")
    parser.add_argument("folder")
    parser.add_argument("--required", action="store_true", help="fail where no service answers")
    arguments = parser.parse_args()
    found, words = audited(arguments.folder)
    asked = [one for one in found if "vulns" in one]
    missed = [one for one in found if "vulns" not in one]
    if not asked:
        reason = missed[0].get("skip_reason", words) if missed else words
        print(
            f"NOT REACHED: the service of advisories told nothing of {len(missed) or 'any'} "
            f"packages, so nothing is known of them ({reason})"
        )
        return int(arguments.required)
    for one in missed:
        print(f"{one['name']}: not looked up: {one.get('skip_reason', words)}")
    vulnerable = [one for one in asked if one["vulns"]]
    for one in vulnerable:
        for advisory in one["vulns"]:
            fixed = ", ".join(advisory["fix_versions"]) or "no version"
            print(f"{one['name']} {one['version']}: {advisory['id']}, fixed in {fixed}")
    print(f"{len(asked)} packages looked up, {len(vulnerable)} vulnerable")
    return int(bool(vulnerable or missed))


if __name__ == "__main__":
    sys.exit(main())
