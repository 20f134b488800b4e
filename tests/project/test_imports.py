from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import esignwire_generated
from esignwire._lazy import later

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


def test_an_import_that_was_interrupted_can_be_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "interruptible"
    package.mkdir()
    (package / "part.py").write_text("")
    (package / "__init__.py").write_text(
        "import interruptible.part, sys\n"
        "if not getattr(sys, '_was_interrupted', False):\n"
        "    sys._was_interrupted = True\n"
        "    raise KeyboardInterrupt\n"
    )
    (tmp_path / "its_user.py").write_text("import interruptible\nPart = interruptible.part\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "_was_interrupted", False, raising=False)
    load = later(__name__, {"its_user": "Part"})
    with pytest.raises(KeyboardInterrupt):
        load("Part")
    assert load("Part") is sys.modules["interruptible.part"]
    for name in ("its_user", "interruptible", "interruptible.part"):
        monkeypatch.delitem(sys.modules, name)
