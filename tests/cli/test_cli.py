"""The command line: what it prints, for people and for programs, and how it fails."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import esignwire
from esignwire.cli import main
from esignwire_generated.constellation1.calls import OPERATIONS
from tests.support.emulator import SCHEMAS

pytestmark = pytest.mark.one_python


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    # What the caller's own terminal wants is no part of a test.
    inherited = {
        name: value
        for name, value in os.environ.items()
        if name not in {"COLUMNS", "FORCE_COLOR", "NO_COLOR", "TERM"}
    }
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "esignwire", *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**inherited, **environment},
    )


@contextmanager
def running(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The emulator as a command, and its first line."""
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "esignwire", "emulator", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline().rstrip("\n")
        finally:
            process.kill()


def get(url: str) -> tuple[int, bytes]:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    with opener.open(url, timeout=30) as answer:
        return answer.status, answer.read()


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out.strip() == esignwire.__version__


@pytest.mark.parametrize("arguments", [[], ["--help"]])
def test_the_help_lists_the_commands(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 0
    out = capsys.readouterr().out
    for command in ("emulator", "demo", "schemas"):
        assert command in out


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nothing"], "nothing"),
        (["--nothing"], "--nothing"),
        (["demo", "--nothing"], "--nothing"),
        (["schemas", "Cancle"], "did you mean Cancel"),
        (["schemas", "--compare", "/no/such/file.wsdl"], "/no/such/file.wsdl"),
        (["schemas", "--compare", "http://example.com/?wsdl"], "https://"),
        (["schemas", "--write-basis"], "--compare"),
        (["schemas", "Cancel", "--compare", "x.wsdl"], "--compare"),
        (["emulator", "--port", "many"], "--port"),
        (["emulator", "--port", "0", "--host", ""], "--host"),
        (["emulator", "--port", "65536"], "--port"),
        (["emulator", "--account", "/no/such/file.json"], "/no/such/file.json"),
        (["emulator", "--host", "192.0.2.1", "--port", "0"], "192.0.2.1"),
    ],
)
def test_bad_usage_gets_one_line_and_status_2(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("esignwire: ")
    assert err.count("\n") == 1
    assert told in err


@pytest.mark.parametrize("content", [b"", b"plain", b"<a", b"<a/>", b"\xff\xfe"])
def test_a_file_that_is_no_wsdl_is_bad_input(
    content: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.wsdl").write_bytes(content)
    assert main(["schemas", "--compare", str(tmp_path / "a.wsdl")]) == 2
    assert str(tmp_path / "a.wsdl") in capsys.readouterr().err


def test_an_address_that_is_not_reached_has_a_status_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["schemas", "--compare", "http://127.0.0.1:1/?wsdl"]) == 3
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "http://127.0.0.1:1/?wsdl" in err


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_the_emulator_says_where_it_is_when_it_answers(stop: signal.Signals) -> None:
    with running("--port", "0") as (process, line):
        before, url = line.split("listening on ")
        assert before == ""
        assert get(f"{url}/_esignwire/state")[0] == 200
        process.send_signal(stop)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "", "")


def test_the_emulator_tells_programs_in_json(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.json"
    accounts.write_text(json.dumps({"constellation1": [{"api_key": "the-key"}]}), encoding="utf-8")
    with running("--port", "0", "--json", "--account", str(accounts)) as (_, line):
        url = json.loads(line)["url"]
        prefix = f"{url}/constellation1/rest/v1/encrypt"
        assert b'"ReturnValue"' in get(f"{prefix}/the-key/salt")[1]
        # The account file is obeyed: another key is refused.
        _, refused = get(f"{prefix}/another-key/salt")
        assert b"the-key" not in refused


def test_a_port_that_is_taken_gets_one_line() -> None:
    with running("--port", "0") as (_, line):
        port = line.rpartition(":")[2]
        ran = run("emulator", "--port", port)
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ran.stderr.startswith(f"esignwire: The emulator cannot listen on 127.0.0.1 port {port}")
    assert ran.stderr.count("\n") == 1


def test_schemas_lists_all_operations(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "--json"]) == 0
    operations = json.loads(capsys.readouterr().out)
    by_vendor = {
        vendor: [one for one in operations if one["vendor"] == vendor]
        for vendor in ("assuresign", "constellation1", "signix")
    }
    assert {(one["contract"], one["operation"]) for one in by_vendor["assuresign"]} == {
        (path.stem, name)
        for path in (SCHEMAS / "assuresign").glob("*.wsdl")
        for name in re.findall(
            r'<wsdl:operation name="(\w+)">\s*<wsdl:documentation', path.read_text("utf-8")
        )
    }
    assert len(by_vendor["constellation1"]) == len(OPERATIONS)
    assert {(one["contract"], one["operation"]) for one in by_vendor["signix"]} == {
        (path.stem, name)
        for path in (SCHEMAS / "signix").glob("*.xsd")
        for name in re.findall(r'<xs:element name="(\w+)Rq"', path.read_text("utf-8"))
    }
    for one in operations:
        assert one["basis"] in {"wsdl", "documented", "wire", "inferred"}, one
        assert one["summary"], one
    check = next(one for one in operations if one["operation"] == "CheckStatus")
    assert (check["basis"], check["is_safe"]) == ("documented", True)
    assert main(["schemas"]) == 0
    plain = capsys.readouterr().out
    assert all(one["operation"] in plain for one in operations)
    assert "\x1b" not in plain


def test_schemas_shows_an_operation(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["schemas", "cancel"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"^ +@AuthToken  guid  1  secret  documented$", out, re.MULTILINE)
    assert re.search(r"^ +@Severity  \w+  1  wsdl  Warning \| Error \| Fatal$", out, re.MULTILINE)
    assert main(["schemas", "Cancel", "--json"]) == 0
    (told,) = json.loads(capsys.readouterr().out)
    assert told["operation"]["operation"] == "Cancel"
    assert told["request"]["members"][0]["name"] == "DocumentCancellations"


def test_schemas_compares_with_a_service(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with running("--port", "0", "--json") as (_, line):
        url = f"{json.loads(line)['url']}/assuresign/Services/DocumentNOW/v2/DocumentNOW.svc?wsdl"
        assert main(["schemas", "--compare", url]) == 0
        assert ", 0 differences; " in capsys.readouterr().out
        assert main(["schemas", "--compare", url, "--write-basis"]) == 0
        out, err = capsys.readouterr()
        assert out.startswith("--- a/schemas/assuresign/")
        assert "confirmed    Ping: element Ping" in err
        assert main(["schemas", "--compare", url, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["differences"], told["left_out"]) == ([], [])
    file = tmp_path / "other.wsdl"
    file.write_text(
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/"><portType name="ICancelService">'
        '<operation name="Undo"/></portType><import location="http://127.0.0.1:1/x"/>'
        "</definitions>",
        encoding="utf-8",
    )
    assert main(["schemas", "--compare", str(file)]) == 1
    out = capsys.readouterr().out
    assert "only ours    Cancel: the namespace\n" in out
    assert "only ours    contract ICancelService.Cancel\n" in out
    assert "only theirs  contract ICancelService.Undo\n" in out
    assert "not fetched  http://127.0.0.1:1/x: it lies elsewhere\n" in out


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [({}, False), ({"FORCE_COLOR": "1"}, True), ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False)],
)
def test_colours_are_for_terminals(environment: dict[str, str], is_coloured: bool) -> None:
    ran = run("schemas", **{"TERM": "xterm-256color", **environment})
    assert ran.returncode == 0
    # Without colour a terminal may still show what is bold.
    assert ("\x1b[36m" in ran.stdout) is is_coloured


@pytest.mark.parametrize(
    ("module", "extra", "arguments"),
    [
        ("typer", "cli", ["--version"]),
        ("rich", "cli", ["schemas"]),
        ("uvicorn", "emulator", ["demo"]),
        ("starlette", "emulator", ["emulator"]),
        # The emulator imports it when the first call of Constellation1 comes.
        ("jsonschema", "emulator", ["emulator"]),
    ],
)
def test_a_missing_extra_is_named(module: str, extra: str, arguments: list[str]) -> None:
    program = (
        f"import sys; sys.modules[{module!r}] = None\n"
        f"from esignwire.cli import main; sys.exit(main({arguments!r}))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert ran.returncode == 2
    assert ran.stderr.startswith(
        f"esignwire: {module} is not installed; the extra {extra} of esignwire needs it: "
        "pip install "
    )
    assert f'"{module}>=' in ran.stderr
    assert ran.stderr.count("\n") == 1


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_commands_and_options(shell: str) -> None:
    source = run(_ESIGNWIRE_COMPLETE=f"source_{shell}")
    assert (source.returncode, source.stderr) == (0, "")
    assert "_ESIGNWIRE_COMPLETE" in source.stdout
    words = {
        "_ESIGNWIRE_COMPLETE": f"complete_{shell}",
        "_TYPER_COMPLETE_ARGS": "esignwire assuresign ch",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
        "COMP_WORDS": "esignwire assuresign ch",
        "COMP_CWORD": "2",
    }
    completed = run(**words)
    assert (completed.returncode, completed.stderr) == (0, "")
    assert "check-status" in completed.stdout
