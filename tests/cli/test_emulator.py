"""The subcommand ``emulator``: its options, the lines about requests, and the variables."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.testing import CliRunner

import esignwire.emulator
from esignwire.cli.commands import application
from esignwire.emulator import (
    Accounts,
    Constellation1Account,
    DocumentTrakDesign,
    EmulatorSettings,
    SignixAccount,
    XmlLimits,
    environment_of,
    load_designs,
)
from esignwire.errors import ConfigurationError

OPTIONS = {
    "seed": ("--seed", "s"),
    "schemas": ("--schemas", "folder"),
    "pending_lookups": ("--pending-lookups", "3"),
    "pending_form": ("--pending-form", "warning"),
    "audit_report_place": ("--audit-report-place", "beside"),
    "early_starts": ("--early-starts", "4"),
    "token_refusal": ("--token-refusal", "http_401"),
    "token_uses": ("--token-uses", "5"),
    "token_seconds": ("--token-seconds", "6.5"),
    "max_request_bytes": ("--max-request-bytes", "7000"),
    "max_message_bytes": ("--max-message-bytes", "8000"),
    "read_seconds": ("--read-seconds", "9.5"),
    "xml_limits": ("--xml-depth", "11", "--xml-markup", "12", "--xml-attributes", "13"),
    "signix_notify_url": ("--signix-notify-url", "http://localhost/s"),
    "constellation1_webhook_url": ("--constellation1-webhook-url", "http://localhost/c"),
    "notifies_elsewhere": ("--notify-elsewhere",),
    "notification_attempts": ("--notification-attempts", "14"),
    "notification_seconds": ("--notification-seconds", "15.5"),
    "notification_copies": ("--notification-copies", "16"),
    "is_control_public": ("--control-public",),
    "state_file": ("--state", "state.sqlite"),
}


@contextmanager
def running(*arguments: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "esignwire", "emulator", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().rstrip("\n")


def test_every_setting_is_an_option(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text('{"constellation1": [{"api_key": "k"}]}', "utf-8")
    designs = tmp_path / "designs.json"
    designs.write_text('[{"event": "Document_Completed", "url": "u", "body": "b"}]', "utf-8")
    seen: list[EmulatorSettings] = []

    async def serve(host: str, port: int, settings: EmulatorSettings, **_: object) -> None:
        seen.append(settings)

    monkeypatch.setattr(esignwire.emulator, "serve", serve)
    words = [word for option in OPTIONS.values() for word in option]
    arguments = ["emulator", "--quiet", "--account", str(accounts), *words]
    arguments += ["--designs", str(designs)]
    result = CliRunner().invoke(application, arguments)
    assert result.exit_code == 0, result.output
    assert seen == [
        EmulatorSettings(
            accounts=Accounts(constellation1=(Constellation1Account(api_key="k"),)),
            schemas=Path("folder"),
            seed="s",
            pending_lookups=3,
            pending_form="warning",
            audit_report_place="beside",
            early_starts=4,
            token_refusal="http_401",
            token_uses=5,
            token_seconds=6.5,
            max_request_bytes=7000,
            max_message_bytes=8000,
            read_seconds=9.5,
            xml_limits=XmlLimits(depth=11, markup=12, attributes=13),
            signix_notify_url="http://localhost/s",
            constellation1_webhook_url="http://localhost/c",
            designs=(DocumentTrakDesign(event="Document_Completed", url="u", body="b"),),
            notifies_elsewhere=True,
            notification_attempts=14,
            notification_seconds=15.5,
            notification_copies=16,
            is_control_public=True,
            state_file=Path("state.sqlite"),
        )
    ]
    assert {one.name for one in fields(EmulatorSettings)} == {"accounts", "designs", *OPTIONS}
    CliRunner().invoke(application, ["emulator", "--quiet"])
    assert seen[1] == EmulatorSettings()


def test_designs_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "designs.json"
    for content in ("", "{}", '[{"event": "secret"}]'):
        path.write_text(content, "utf-8")
        with pytest.raises(ConfigurationError, match="is no JSON list of designs") as caught:
            load_designs(path)
        assert caught.value.__cause__ is None
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_designs(tmp_path / "other")


@pytest.mark.parametrize("name", ["pending_form", "audit_report_place", "token_refusal"])
def test_a_word_that_is_none_of_a_setting_s_is_refused(name: str) -> None:
    given: dict[str, Any] = {name: "other"}
    with pytest.raises(ConfigurationError, match=f"EmulatorSettings.{name} must be one of"):
        EmulatorSettings(**given)


@pytest.mark.one_python
def test_a_request_is_a_line_without_secrets() -> None:
    with running() as process:
        url = first_line(process).removeprefix("listening on ")
        httpx.get(f"{url}/constellation1/rest/v1/encrypt/the-key/the-salt", trust_env=False)
        # A call under way does not keep the emulator from ending.
        with pytest.raises(httpx.ReadTimeout):
            httpx.get(
                f"{url}/constellation1/rest/v1/landingurl",
                headers={"X-Esignwire-Fault": '{"kind": "latency", "seconds": 3600}'},
                timeout=1,
                trust_env=False,
            )
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    line, *_ = err.splitlines()
    assert re.fullmatch(
        r"\d\d:\d\d:\d\d constellation1 EncryptString done: HTTP 200 with \d+ bytes in \d+ ms", line
    )
    assert "the-" not in err


@pytest.mark.one_python
def test_quiet_and_variables_for_a_shell() -> None:
    with running("--quiet", "--print-env", "sh") as process:
        line = first_line(process)
        assert line.startswith("export ESIGNWIRE_ASSURESIGN_URL=http://127.0.0.1:")
        url = line.partition("=")[2].partition("/assuresign/")[0]
        httpx.get(f"{url}/constellation1/rest/v1/encrypt/a/b", trust_env=False)
        while line != "export ESIGNWIRE_CONSTELLATION1_API_KEY=any":
            line = first_line(process)
            assert line.startswith("export ESIGNWIRE_")
        process.send_signal(signal.SIGTERM)
        _, err = process.communicate(timeout=30)
    assert err == ""


def test_variables_survive_the_shell() -> None:
    password = 'it\'s "quoted" \\ $HOME `x`'
    accounts = Accounts(
        assuresign=(),
        signix=(SignixAccount(sponsor="s", client="c", user_id="u", password=password),),
        constellation1=(),
    )
    variables = environment_of(accounts, "http://127.0.0.1:1")
    program = 'import os, json; print(json.dumps(os.environ["ESIGNWIRE_SIGNIX_PASSWORD"]))'
    script = f"{variables.text('sh')}\n{shlex.join([sys.executable, '-c', program])}"
    ran = subprocess.run(
        ["sh", "-c", script], capture_output=True, text=True, check=True, env=dict(os.environ)
    )
    assert json.loads(ran.stdout) == password
    assert (
        "$env:ESIGNWIRE_SIGNIX_PASSWORD = 'it''s \"quoted\" \\ $HOME `x`'"
        in variables.text("powershell").splitlines()
    )
    assert (
        r"""ESIGNWIRE_SIGNIX_PASSWORD='it\'s "quoted" \\ $HOME `x`'"""
        in variables.text("dotenv").splitlines()
    )
    shell: Any = "fish"
    with pytest.raises(ConfigurationError, match="sh, powershell, dotenv"):
        variables.text(shell)
