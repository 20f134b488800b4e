from __future__ import annotations

import pytest

from esignwire._client import optional, required
from esignwire.errors import ConfigurationError


def test_required(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_TEST_A", "1")
    monkeypatch.setenv("ESIGNWIRE_TEST_B", " 2 ")
    found = required("ESIGNWIRE_TEST_A", "ESIGNWIRE_TEST_B")
    assert found == {"ESIGNWIRE_TEST_A": "1", "ESIGNWIRE_TEST_B": " 2 "}


def test_all_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_TEST_A", "SECRET")
    monkeypatch.setenv("ESIGNWIRE_TEST_B", "  ")
    monkeypatch.delenv("ESIGNWIRE_TEST_C", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        required("ESIGNWIRE_TEST_A", "ESIGNWIRE_TEST_B", "ESIGNWIRE_TEST_C", vendor="SIGNiX")
    assert str(caught.value) == (
        "SIGNiX: set the environment variables ESIGNWIRE_TEST_B, ESIGNWIRE_TEST_C"
    )


def test_optional(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_TEST_A", "1")
    monkeypatch.setenv("ESIGNWIRE_TEST_B", " ")
    assert optional("ESIGNWIRE_TEST_A") == "1"
    assert optional("ESIGNWIRE_TEST_B") is None
    assert optional("ESIGNWIRE_TEST_B", "x") == "x"
