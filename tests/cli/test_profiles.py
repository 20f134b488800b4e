"""Settings from the environment, ``.env`` and profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from esignwire.cli.profiles import account_of, config_path, settings_of
from esignwire.emulator import Environment
from esignwire.errors import ConfigurationError

URL = "https://api.example.com/rest"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder with ``.env`` and the profiles."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "esignwire").mkdir()
    (tmp_path / "esignwire/config.toml").write_text(
        f'[default.constellation1]\nurl = "{URL}"\nuser_name = "a@b.example"\n'
        f'api_key = "of-default"\n[stage.constellation1]\nurl = "{URL}"\n'
        'user_name = "a@b.example"\napi_key = "of-stage"\n'
        "[broken.signix]\nurl = 7\n",
        "utf-8",
    )
    return tmp_path


def test_what_is_nearer_counts(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert account_of("constellation1", None)["api_key"] == "of-default"
    assert account_of("constellation1", "stage")["api_key"] == "of-stage"
    (folder / ".env").write_text(
        "# accounts\nOTHER\nexport ESIGNWIRE_CONSTELLATION1_API_KEY='of file' # mine\n", "utf-8"
    )
    assert account_of("constellation1", "stage")["api_key"] == "of file"
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_API_KEY", "of environment")
    found = {one.name: one for one in settings_of("constellation1", "stage")}
    assert (found["api_key"].value, found["api_key"].source) == ("of environment", "environment")
    assert found["api_key"].is_secret
    assert found["url"].source == "profile stage"


@pytest.mark.parametrize(
    ("vendor", "profile", "told"),
    [
        ("signix", None, "ESIGNWIRE_SIGNIX_SPONSOR, ESIGNWIRE_SIGNIX_CLIENT"),
        ("signix", "nothing", "no profile 'nothing'; it has: default, stage, broken"),
        ("signix", "broken", "broken.signix.url must be a text"),
    ],
)
def test_what_is_wrong_is_named(vendor: str, profile: str | None, told: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        account_of(vendor, profile)
    assert told in str(caught.value)


def test_a_broken_file_tells_its_place_and_no_secret(folder: Path) -> None:
    (folder / "esignwire/config.toml").write_text('[default.signix]\npassword = "hunter2', "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        account_of("signix", None)
    assert "is no TOML (at " in str(caught.value)
    assert "hunter2" not in str(caught.value)
    (folder / "esignwire/config.toml").unlink()
    (folder / ".env").write_text("ESIGNWIRE_SIGNIX_PASSWORD hunter2\n", "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        account_of("signix", None)
    assert str(caught.value) == ".env line 1 must be NAME=VALUE"


@pytest.mark.parametrize("value", ["it's", 'say "a"', "back\\slash'", "a # b", " blank ", "a=b"])
def test_variables_of_the_emulator_are_read_as_they_were_written(
    folder: Path, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", str(folder))
    name = "ESIGNWIRE_CONSTELLATION1_API_KEY"
    (folder / ".env").write_text(Environment({name: value}).text("dotenv"), "utf-8")
    found = {one.name: one.value for one in settings_of("constellation1", None)}
    assert found["api_key"] == value


def test_what_is_blank_or_open_is_refused(folder: Path) -> None:
    (folder / ".env").write_text("A=1\nESIGNWIRE_SIGNIX_PASSWORD='hunter2\n", "utf-8")
    with pytest.raises(ConfigurationError) as caught:
        account_of("signix", None)
    assert str(caught.value) == ".env line 2: the quotation mark is not closed"
    (folder / ".env").unlink()
    # The profile of a variable that is not set is not the default one.
    with pytest.raises(ConfigurationError, match="no profile ''"):
        account_of("signix", "")


def test_a_user_without_a_home_has_no_profiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert not config_path().is_file()
