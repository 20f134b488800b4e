"""PHP, where it is installed with its SOAP client."""

from __future__ import annotations

import shutil
import subprocess


def php_with_soap() -> str | None:
    """The command; ``None`` where it is missing or has no SOAP."""
    php = shutil.which("php")
    if php is None:
        return None
    modules = subprocess.run([php, "-m"], capture_output=True, text=True, check=False, timeout=30)
    return php if "soap" in modules.stdout.split() else None
