"""Fixtures of the tests of Constellation1: the kinds of clients, and a vendor as it is told."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.constellation1 import Kind, Vendor, serving


@pytest.fixture(params=["async", "sync"])
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with serving(Vendor()) as running:
        yield running
