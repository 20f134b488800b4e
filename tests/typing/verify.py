# ruff: noqa: T201 - it prints its findings
"""Asks pyright whether every public name has a complete type, as a user's checker sees it.

What is below ``esignwire.emulator`` is left out: its public names stand in the package itself, and
its modules handle lxml's elements, whose class has no public name. So are the codecs: their
functions write and read such elements, and users call none of them.

Usage: ``python tests/typing/verify.py``. Exit status 1 where a type is missing.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import cast

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGES = ("esignwire", "esignwire_generated")
LEFT_OUT = re.compile(r"esignwire\.emulator\.|esignwire_generated\.\w+\.codecs\.")
AT_LEAST = 500


def main() -> int:
    """Runs pyright for each package.

    Returns:
        The exit status.
    """
    return max([_verify(package) for package in PACKAGES])


def _verify(package: str) -> int:
    paths = [str(ROOT / "src"), str(ROOT / "generated")]
    programs = Path(sys.executable).parent
    ran = subprocess.run(
        [
            str(programs / "pyright"),
            "--verifytypes",
            package,
            "--ignoreexternal",
            "--outputjson",
        ],
        # With --verifytypes, pyright asks the first python of the path where packages are, whatever
        # --pythonpath says. It does not follow the file by which an editable installation is found.
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(programs), os.environ["PATH"]]),
            "PYTHONPATH": os.pathsep.join(paths),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    report = cast("dict[str, dict[str, object]]", json.loads(ran.stdout))
    found = cast("list[dict[str, object]]", report["typeCompleteness"]["symbols"])
    symbols = [
        symbol
        for symbol in found
        if symbol["isExported"] and not LEFT_OUT.match(str(symbol["name"]))
    ]
    incomplete = [symbol for symbol in symbols if not symbol["isTypeKnown"]]
    for symbol in incomplete:
        print(symbol["name"])
        for diagnostic in cast("list[dict[str, object]]", symbol["diagnostics"]):
            print(f"  {diagnostic['message']}")
    print(f"{package}: {len(symbols)} public names, {len(incomplete)} without a complete type")
    # An empty list would look like success.
    return 1 if incomplete or len(symbols) < AT_LEAST else 0


if __name__ == "__main__":
    sys.exit(main())
