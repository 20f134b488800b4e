"""The emulator as a server: start, stop, limits, control, accounts, and what it must not do."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import httpx
import pytest

import esignwire.emulator
from esignwire.emulator import (
    EmulatorServer,
    EmulatorSettings,
    create_application,
)
from esignwire.errors import ConfigurationError
from tests.support.emulator import SCHEMAS, control, get, post, post_signix, soap

SETTINGS = EmulatorSettings(schemas=SCHEMAS)


def test_it_serves_again_after_it_was_stopped() -> None:
    emulator = EmulatorServer(SETTINGS)
    with pytest.raises(ConfigurationError, match="does not run"):
        _ = emulator.url
    for _ in range(2):
        with emulator:
            assert get(f"{emulator.url}/_esignwire/state").status_code == 200
            with pytest.raises(ConfigurationError, match="runs already"):
                emulator.start()
        with pytest.raises(ConfigurationError, match="does not run"):
            _ = emulator.url
    emulator.stop()


def test_a_port_in_use_and_a_port_that_does_not_exist_are_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ConfigurationError, match=f"cannot listen on 127.0.0.1 port {port}"):
            EmulatorServer(SETTINGS, port=port).start()
    with pytest.raises(ConfigurationError, match="there is no such port"):
        EmulatorServer(SETTINGS, port=70_000).start()


def test_missing_schemas_are_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"DocumentNOW\.wsdl is missing"):
        create_application(EmulatorSettings(schemas=tmp_path))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_as_a_program_it_says_where_it_listens_and_stops_quietly(number: int) -> None:
    program = (
        "from pathlib import Path\n"
        "import asyncio\n"
        "from esignwire.emulator import EmulatorSettings, serve\n"
        f"settings = EmulatorSettings(schemas=Path({str(SCHEMAS)!r}))\n"
        "def announce(url): print('listening on', url, flush=True)\n"
        "asyncio.run(serve(port=0, settings=settings, on_ready=announce))\n"
    )
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    with subprocess.Popen(
        [sys.executable, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            assert line.startswith("listening on http://127.0.0.1:"), line
            url = line.split()[-1]
            assert get(f"{url}/_esignwire/state").status_code == 200
            process.send_signal(number)
            rest, errors = process.communicate(timeout=30)
        finally:
            process.kill()
    assert (rest, errors) == ("", "")
    assert process.returncode == 0


def test_a_request_that_is_too_large_is_refused() -> None:
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, max_request_bytes=1000)) as emulator:
        announced = post_signix(emulator, "SubmitAjax", "x" * 2000)
        assert announced.status_code == 413
        unannounced = post(emulator.signix_url, content=(b"x" * 100 for _ in range(20)))
        assert unannounced.status_code == 413
        assert post_signix(emulator, "SubmitAjax", "x" * 500).status_code == 200


def test_a_request_that_never_ends_is_given_up() -> None:
    with (
        EmulatorServer(EmulatorSettings(schemas=SCHEMAS, read_seconds=0.2)) as emulator,
        socket.create_connection(("127.0.0.1", int(emulator.url.rpartition(":")[2]))) as slow,
    ):
        slow.settimeout(30)
        slow.sendall(
            b"POST /signix/sdd/b2b/sdddc_ns.jsp HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\nme"
        )
        assert slow.recv(100).startswith(b"HTTP/1.1 408 ")


def test_elsewhere_is_nothing() -> None:
    with EmulatorServer(SETTINGS) as emulator:
        for path in (
            "/other",
            "/assuresign",
            "/assuresign/x",
            "/signix/other",
            "/constellation1/rest",
        ):
            response = get(emulator.url + path)
            assert response.status_code == 404, path
            assert response.headers["content-type"] == "text/plain; charset=utf-8"


def test_the_control_addresses_say_what_they_cannot_do() -> None:
    with EmulatorServer(SETTINGS) as emulator:
        guid = str(UUID(int=7))
        for path, status in (
            ("reset", 200),
            ("nonsense", 404),
            ("assuresign/documents/sign", 404),
            ("assuresign/envelopes/stale", 404),
            ("signix/transactions/sign", 404),
            ("constellation1/sessions/expire", 404),
            ("constellation1/nonsense/expire", 404),
        ):
            assert control(emulator, path, guid).status_code == status, path
        url = f"{emulator.url}/_esignwire"
        assert get(f"{url}/reset").status_code == 405
        assert post(f"{url}/signix/transactions/sign?id=%ff").status_code == 404
        soap(emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{guid}"/>')
        envelope = get(f"{url}/state").json()["assuresign"]["envelopes"][0]["id"]
        wrong = control(emulator, "assuresign/envelopes/explode", envelope)
        assert wrong.json() == {
            "error": "There is no such action; there are complete, expire, stale."
        }
        assert control(emulator, "assuresign/envelopes/stale", envelope).status_code == 200
        again = control(emulator, "assuresign/envelopes/stale", envelope)
        assert again.status_code == 409
        assert again.json() == {"error": "The envelope cannot become stale: it is Staled."}
        control(emulator, "reset")
        assert get(f"{url}/state").json()["assuresign"]["envelopes"] == []


@pytest.mark.parametrize(
    ("caller", "is_public", "status"),
    [
        ("127.0.0.1", False, 200),
        ("::1", False, 200),
        ("192.0.2.1", False, 403),
        ("192.0.2.1", True, 200),
        ("somewhere", False, 403),
    ],
)
def test_the_control_addresses_answer_this_machine_alone(
    caller: str, is_public: bool, status: int
) -> None:
    import anyio

    async def ask() -> int:
        application = create_application(
            EmulatorSettings(schemas=SCHEMAS, is_control_public=is_public)
        )
        transport = httpx.ASGITransport(application, client=(caller, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://emulator") as client:
            return (await client.get("/_esignwire/state")).status_code

    assert anyio.run(ask) == status


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example:8765"},
    ],
)
def test_the_control_addresses_answer_no_web_page(headers: dict[str, str]) -> None:
    with EmulatorServer(SETTINGS) as emulator:
        url = f"{emulator.url}/_esignwire"
        assert post(f"{url}/reset", headers=headers).status_code == 403
        assert get(f"{url}/state", headers=headers).status_code == 403
        for host in ("localhost:1", "emulator.localhost", "[::1]:1", "127.0.0.1"):
            assert get(f"{url}/state", headers={"Host": host}).status_code == 200


def test_the_address_of_a_caller_is_not_what_the_caller_says() -> None:
    with EmulatorServer(SETTINGS) as emulator:
        headers = {"X-Forwarded-For": "192.0.2.1"}
        assert get(f"{emulator.url}/_esignwire/state", headers=headers).status_code == 200


def test_with_a_seed_the_same_calls_give_the_same_identifiers() -> None:
    def made(emulator: EmulatorServer) -> object:
        created = soap(
            emulator,
            "Envelopes",
            "CreateEnvelope",
            f'<Request ContextIdentifier="{UUID(int=7)}"/>',
        ).one("CreateEnvelopeResult")
        return created.get("EnvelopeId"), created.get("AuthToken")

    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, seed="one")) as emulator:
        first = made(emulator)
        assert made(emulator) != first
        emulator.state.reset()
        assert made(emulator) == first
    with EmulatorServer(EmulatorSettings(schemas=SCHEMAS, seed="two")) as emulator:
        assert made(emulator) != first


def test_nothing_of_a_request_is_logged(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # httpx logs the URLs that it asks for itself; that is not the emulator's doing.
    for name in ("httpx", "httpcore"):
        monkeypatch.setattr(logging.getLogger(name), "disabled", True)
    with caplog.at_level(logging.DEBUG), EmulatorServer(SETTINGS) as emulator:
        get(f"{emulator.constellation1_url}/v1/encrypt/the-secret/the-salt")
        post_signix(emulator, "SubmitAjax", "<Pswd>the-secret</Pswd>")
    ours = [record for record in caplog.records if record.name.startswith("esignwire")]
    assert len(ours) == 2
    assert "the-secret" not in caplog.text
    assert "the-salt" not in caplog.text


@pytest.mark.parametrize(
    "options",
    [
        {"pending_lookups": -1},
        {"early_starts": -1},
        {"token_uses": 0},
        {"max_request_bytes": 0},
        {"token_seconds": 0.0},
        {"read_seconds": float("inf")},
        {"read_seconds": float("nan")},
    ],
)
def test_settings_out_of_range_are_refused(options: dict[str, float]) -> None:
    (name,) = options
    with pytest.raises(ConfigurationError, match=name):
        EmulatorSettings(**options)  # type: ignore[arg-type]  # each is of its own type


# --- what it is made of -------------------------------------------------------------------------


def test_what_is_public_is_all_that_is_public() -> None:
    for name in esignwire.emulator.__all__:
        assert getattr(esignwire.emulator, name) is not None
    assert esignwire.emulator.__all__ == sorted(esignwire.emulator.__all__)
