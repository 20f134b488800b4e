"""httpx2 and httpcore2 in place of httpx and httpcore, as a plugin of pytest: ``make httpx2``."""

from __future__ import annotations

import httpx2

httpx2.alias_httpx()
