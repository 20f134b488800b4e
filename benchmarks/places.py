"""Where things are."""

from __future__ import annotations

import sys
from pathlib import Path

BENCHMARKS = Path(__file__).parent
ROOT = BENCHMARKS.parent
SCHEMAS = ROOT / "generated" / "esignwire_generated" / "schemas" / "assuresign"
# Beside the virtual environment, which git ignores.
WORK = Path(sys.prefix) / "benchmarks"
RESULTS = BENCHMARKS / "results.json"
DETAILS = BENCHMARKS / "details.json"
PLOTS = ROOT / "docs" / "images"
