"""The demonstration: complete, honest about differences, silent about secrets."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from esignwire.cli import main
from esignwire.demo import Scene, Step, Surprise, runner
from esignwire.demo.clients import DEMO_SECRETS, clients_of_addresses
from esignwire.demo.flows import Flow, all_flows
from esignwire.demo.runner import Listener, run_against_emulator, run_against_vendors
from esignwire.demo.scene import read_emulator_state
from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.errors import ConfigurationError

SHOWN = {
    "assuresign": {
        "AsyncCloseEnvelope",
        "AsyncSubmit",
        "CheckStatus",
        "CloseEnvelope",
        "CreateEnvelope",
        "LookupSession",
        "Submit",
    },
    "signix": {
        "SubmitDocument",
        "Transaction_Cancel",
        "Transaction_Resume",
        "Transaction_SaveDeltas (e-mail)",
        "Transaction_SaveDeltas (mobile)",
        "Transaction_SaveDeltas (multi-request)",
        "Transaction_SendPartyEmail",
        "Transaction_SendPartyEmail (multi-request)",
        "Transaction_Suspend",
    },
    "constellation1": {"CancelSession", "CreateSession", "GetSession", "StartSession"},
}


def test_every_flow_is_shown_by_the_sync_and_the_async_client() -> None:
    results = run_against_emulator(Listener())
    assert [result.failure for result in results if result.failure] == []
    for vendor, operations in SHOWN.items():
        for is_async in (False, True):
            shown = {
                step.operation
                for result in results
                if (result.flow.vendor, result.flow.is_async) == (vendor, is_async)
                for step in result.steps
            }
            assert operations <= shown
    told = "\n".join(step.result for result in results for step in result.steps)
    for kind in ("RolledBack", "NotRun", "already cancelled", "SessionNotStarted", "refused"):
        assert kind in told


def test_the_command_tells_of_each_call_and_of_no_secret(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["demo"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert "all as expected" in out
    for operation in set().union(*SHOWN.values()):
        assert f"    {operation} " in out
    assert not [secret for secret in DEMO_SECRETS if secret in out]
    assert "\x1b" not in out


def test_the_command_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--json"]) == 0
    results = json.loads(capsys.readouterr().out)
    assert len(results) == 22
    assert all(result["failure"] is None and result["steps"] for result in results)


def broken(failure: Exception) -> Flow:
    def play(scene: Scene) -> None:
        scene.tell("CheckStatus", "so far so good")
        raise failure

    return Flow(vendor="assuresign", name="broken", title="It breaks.", is_async=False, run=play)


@pytest.mark.parametrize(
    ("failure", "told"),
    [
        (Surprise("expected: another answer"), "expected: another answer"),
        (ConfigurationError("no connection"), "ConfigurationError: no connection"),
    ],
)
def test_a_difference_fails_the_command(
    failure: Exception,
    told: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(runner, "all_flows", lambda _: (broken(failure),))
    assert main(["demo"]) == 1
    out = capsys.readouterr().out
    assert f"NOT AS EXPECTED: {told}" in out
    assert "1 of 1 flows differ" in out
    assert main(["demo", "--json"]) == 1
    assert json.loads(capsys.readouterr().out)[0]["failure"] == told


@pytest.fixture
def quick_emulator() -> Iterator[EmulatorServer]:
    """An emulator in whose sessions nothing is ever pending or too early."""
    with EmulatorServer(EmulatorSettings(pending_lookups=0, early_starts=0)) as emulator:
        yield emulator


def test_another_behaviour_is_noticed(quick_emulator: EmulatorServer) -> None:
    clients = clients_of_addresses(
        quick_emulator.assuresign_url, quick_emulator.signix_url, quick_emulator.constellation1_url
    )
    steps: list[Step] = []
    scene = Scene(on_step=steps.append, is_emulated=True)
    for name in ("submit_and_wait", "async_envelope", "start_session"):
        for flow in all_flows(clients):
            if flow.name == name:
                with pytest.raises(Surprise, match="expected"):
                    flow.run(scene)


def test_what_the_emulator_remembers_is_compared(quick_emulator: EmulatorServer) -> None:
    state = {"signix": {"transactions": [{"document_set_id": "1", "status": "Complete"}]}}
    scene = Scene(on_step=lambda _: None, is_emulated=True, state=lambda: state)
    scene.expect_remembered("signix", "transactions", "1", {"status": "Complete"})
    with pytest.raises(Surprise, match="status = 'Suspended', not 'Complete'"):
        scene.expect_remembered("signix", "transactions", "1", {"status": "Suspended"})
    with pytest.raises(Surprise, match="remembers 2 once"):
        scene.expect_remembered("signix", "transactions", "2", {})
    assert set(read_emulator_state(quick_emulator.url)) >= {"signix", "assuresign"}


VARIABLES = {
    "ESIGNWIRE_ASSURESIGN_CONTEXT_IDENTIFIER": "06c4a84f-693c-46cb-8df2-40a8215aa056",
    "ESIGNWIRE_ASSURESIGN_USER_NAME": "owner@example.com",
    "ESIGNWIRE_ASSURESIGN_TEMPLATE_ID": "dcb79445-4d39-dd11-8735-00065b8ce99b",
    "ESIGNWIRE_SIGNIX_SPONSOR": "sponsor",
    "ESIGNWIRE_SIGNIX_CLIENT": "client",
    "ESIGNWIRE_SIGNIX_USER_ID": "user",
    "ESIGNWIRE_SIGNIX_PASSWORD": "password",
    "ESIGNWIRE_SIGNIX_WORKGROUP": "SDD",
    "ESIGNWIRE_CONSTELLATION1_API_KEY": "key",
    "ESIGNWIRE_CONSTELLATION1_USER_NAME": "owner@example.com",
}


@pytest.fixture
def named(quick_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """An environment that names a test system of each vendor."""
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("ESIGNWIRE_ASSURESIGN_URL", quick_emulator.assuresign_url)
    monkeypatch.setenv("ESIGNWIRE_SIGNIX_URL", quick_emulator.signix_url)
    monkeypatch.setenv("ESIGNWIRE_CONSTELLATION1_URL", quick_emulator.constellation1_url)


@pytest.mark.usefixtures("named", "esignwire_no_pauses")
def test_the_same_flows_run_where_the_environment_says(
    capsys: pytest.CaptureFixture[str], quick_emulator: EmulatorServer
) -> None:
    # Nothing is pending here and nothing too early, as may be at a vendor's.
    assert main(["demo", "--vendor"]) == 0
    every = all_flows(clients_of_addresses(*[quick_emulator.url] * 3))
    assert f"{len(every)} flows" in capsys.readouterr().out


@pytest.mark.usefixtures("named", "esignwire_no_pauses")
def test_only_the_vendors_that_are_named_are_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*VARIABLES, "ESIGNWIRE_ASSURESIGN_URL", "ESIGNWIRE_CONSTELLATION1_URL"):
        if "SIGNIX" not in name:
            monkeypatch.delenv(name)
    results = run_against_vendors(Listener())
    assert {result.flow.vendor for result in results} == {"signix"}


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize("name", [name for name in VARIABLES if "WORKGROUP" not in name])
def test_a_missing_variable_is_named(
    name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv(name)
    assert main(["demo", "--vendor"]) == 2
    assert name in capsys.readouterr().err


def test_without_any_variable_the_addresses_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["demo", "--vendor"]) == 2
    assert "ESIGNWIRE_SIGNIX_URL" in capsys.readouterr().err


@pytest.mark.usefixtures("named")
@pytest.mark.parametrize(
    ("name", "url"),
    [
        (
            "ESIGNWIRE_ASSURESIGN_URL",
            "https://www.assuresign.net/Services/DocumentNOW/v2/DocumentNOW.svc",
        ),
        ("ESIGNWIRE_SIGNIX_URL", "https://www.signix.net/sdd/b2b/sdddc_ns.jsp"),
        ("ESIGNWIRE_CONSTELLATION1_URL", "https://api.esignonline.net/rest"),
    ],
)
def test_production_is_refused(
    name: str, url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(name, url)
    assert main(["demo", "--vendor"]) == 2
    err = capsys.readouterr().err
    assert name in err
    assert "production" in err
