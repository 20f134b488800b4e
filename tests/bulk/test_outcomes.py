"""Outcomes as values."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from esignwire.bulk import (
    Done,
    Failed,
)
from esignwire.errors import (
    OutcomeUnknown,
)


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_outcomes_pickle(protocol: int) -> None:
    for outcome in (Done("k", 1, "one"), Failed("k", 1, OutcomeUnknown("who knows"))):
        found = pickle.loads(pickle.dumps(outcome, protocol))  # noqa: S301 - our own pickle
        assert type(found) is type(outcome)
        assert repr(found) == repr(outcome)


def test_outcomes_may_be_made_with_their_types() -> None:
    error = OutcomeUnknown("who knows")
    assert Done[int, str]("k", 1, "one") == Done("k", 1, "one")
    assert Failed[int]("k", 1, error) == Failed("k", 1, error)


def test_outcomes_cannot_be_changed() -> None:
    outcome: Any = Done("k", 1, "one")
    for name in ("key", "other"):
        with pytest.raises(AttributeError):
            setattr(outcome, name, "x")
