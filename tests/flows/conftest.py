"""Cassettes by default; ``--record-mode=rewrite`` records them; ``--disable-recording`` goes live.

- ``pytest tests/flows`` replays the cassettes and reaches nothing.
- ``make record`` records them, always from the emulator.
- ``make live`` plays the flows against the test environments of the vendors whose variables
  ``ESIGNWIRE_*`` are set, without cassettes, and skips the others.
"""

from __future__ import annotations

import pytest


@pytest.fixture
def vcr_config(esignwire_vcr_config: dict[str, object]) -> dict[str, object]:
    return esignwire_vcr_config
