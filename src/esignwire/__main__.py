"""``python -m esignwire`` is the command ``esignwire``."""

from __future__ import annotations

import sys

from esignwire.cli import main

if __name__ == "__main__":
    sys.exit(main())
