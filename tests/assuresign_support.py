"""Helpers of ``tests.support.assuresign`` under their former name, for scripts that import it."""

from __future__ import annotations

from tests.support.assuresign import *  # noqa: F403 - all of its names, as before
