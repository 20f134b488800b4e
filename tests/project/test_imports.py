from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import esignwire_generated

GENERATED = Path(esignwire_generated.__file__).parent


def modules() -> list[str]:
    """The generated modules that stand for a handwritten one, and so import its neighbours."""
    return sorted(
        ".".join(("esignwire_generated", *path.relative_to(GENERATED).with_suffix("").parts))
        for path in GENERATED.rglob("*sync_*.py")
        if "demo" not in path.parts
    )


@pytest.mark.parametrize("module", modules())
def test_a_sync_twin_can_be_imported_first(module: str) -> None:
    # As when a pickled client is loaded in a new process.
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"import {module}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
