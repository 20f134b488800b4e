"""The commands ``call`` and ``render`` for everything that was compiled, against the emulator."""

from __future__ import annotations

import inspect
import json
import typing
from collections.abc import Iterator
from pathlib import Path

import pytest

from esignwire.cli import main
from esignwire.cli.output import plain
from esignwire.emulator import EmulatorServer
from tests.support.filling import Values, filled
from tests.support.played import BY_NAME, CLIENTS, PASSWORD, Called, prepared

pytestmark = pytest.mark.one_python


@pytest.fixture(scope="module")
def emulator() -> Iterator[EmulatorServer]:
    with EmulatorServer() as running:
        yield running


def message(called: Called, values: Values) -> object:
    """The message of a call as JSON."""
    if called.request is not None:
        return plain(filled(called.request, values))
    method = getattr(CLIENTS[called.vendor, "sync"], called.method)
    hints = typing.get_type_hints(method)
    return {
        name: plain(filled(hints[name], values, name))
        for name, parameter in inspect.signature(method).parameters.items()
        if name in hints and parameter.default is parameter.empty
    }


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_call_is_made_and_shown(
    name: str,
    emulator: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    called = BY_NAME[name]
    for variable, value in emulator.environment().items():
        monkeypatch.setenv(variable, value)
    monkeypatch.chdir(tmp_path)
    emulator.state.reset()
    values = prepared(called, emulator)
    Path("message.json").write_text(json.dumps(message(called, values)), "utf-8")
    arguments = (called.vendor, called.name, "--file", "message.json", "--json")
    assert main(["render", *arguments]) == 0
    shown, err = capsys.readouterr()
    assert (json.loads(shown)["operation"], err) == (called.name, "")
    assert PASSWORD not in shown
    assert main(["call", *arguments]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    json.loads(out)
