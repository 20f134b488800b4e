from __future__ import annotations

import pytest

from esignwire._client import read_account, require_not_blank
from esignwire.errors import ConfigurationError


def test_values_are_read_by_their_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_VENDOR_A", "1")
    monkeypatch.setenv("ESIGNWIRE_VENDOR_B_C", " 2 ")
    monkeypatch.setenv("ESIGNWIRE_VENDOR_D", "3")
    assert read_account("Vendor", "a", "b_c") == {"a": "1", "b_c": " 2 "}


def test_all_that_are_missing_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_SIGNIX_A", "SECRET")
    monkeypatch.setenv("ESIGNWIRE_SIGNIX_B", "  ")
    monkeypatch.delenv("ESIGNWIRE_SIGNIX_C", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        read_account("SIGNiX", "a", "b", "c", optional=("d",))
    assert str(caught.value) == (
        "SIGNiX: set the environment variables ESIGNWIRE_SIGNIX_B, ESIGNWIRE_SIGNIX_C"
    )


def test_an_optional_value_may_be_missing_or_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ESIGNWIRE_VENDOR_A", "1")
    monkeypatch.setenv("ESIGNWIRE_VENDOR_B", " ")
    monkeypatch.setenv("ESIGNWIRE_VENDOR_C", "3")
    assert read_account("Vendor", "a", optional=("b", "c", "d")) == {"a": "1", "c": "3"}


def test_values_that_are_blank_are_named() -> None:
    require_not_blank("SIGNiX", optional=("b",), a="1", b=None)
    with pytest.raises(ConfigurationError) as caught:
        require_not_blank("SIGNiX", ": give them", a="", b="SECRET", c=" \t")
    assert str(caught.value) == "SIGNiX: a, c must not be blank: give them"


def test_values_that_are_no_texts_are_named() -> None:
    with pytest.raises(ConfigurationError, match="a, c must be a text"):
        require_not_blank("SIGNiX", a=None, b="SECRET", c=b"SECRET")
