"""The state file: what it brings back, what it refuses, and that it survives a kill."""

from __future__ import annotations

import base64
import os
import pickle
import sqlite3
import stat
import subprocess
import sys
import threading
import uuid
from contextlib import suppress
from dataclasses import replace
from enum import Enum
from pathlib import Path

import httpx
import pytest

from esignwire.emulator import EmulatorServer, EmulatorSettings
from esignwire.errors import ConfigurationError
from tests.emulator.constellation1.test_service import session_body, with_token
from tests.emulator.signix.test_service import command, run_one, submission
from tests.support.emulator import ACCOUNT, SCHEMAS, TEMPLATE, control, get, signix, soap

# 50 kills take ten seconds.
KILLS = int(os.environ.get("KILLS_OF_EMULATOR", "15"))
FILE = b"%PDF-1.4 " + bytes(range(256)) * 8192 + b"%%EOF"


@pytest.fixture
def settings(tmp_path: Path) -> EmulatorSettings:
    return EmulatorSettings(schemas=SCHEMAS, state_file=tmp_path / "state.sqlite", seed="store")


def state_of(emulator: EmulatorServer) -> dict[str, object]:
    found: dict[str, object] = get(f"{emulator.url}/_esignwire/state").json()
    return found


def test_everything_is_there_again(settings: EmulatorSettings) -> None:
    sign_in = '<Request UserName="owner@example.com" Password="secret"/>'
    file = base64.b64encode(FILE).decode()
    with EmulatorServer(settings) as emulator:
        made = soap(
            emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'
        ).one("CreateEnvelopeResult")
        envelope = (
            f'<Request ContextIdentifier="{ACCOUNT}" EnvelopeId="{made.get("EnvelopeId")}"'
            f' AuthToken="{made.get("AuthToken")}"/>'
        )
        documents = "".join(
            f'<FileDocument ContextIdentifier="{ACCOUNT}">'
            f'<Metadata EnvelopeId="{made.get("EnvelopeId")}" DocumentName="{name}"/>'
            f'<UnderlyingFile FileType="PDF"><Data>{file}</Data></UnderlyingFile></FileDocument>'
            for name in "ab"
        )
        submitted = soap(
            emulator, "Submit", "SubmitWithFile", f"<Documents>{documents}</Documents>"
        ).all("DocumentResult")
        soap(emulator, "Envelopes", "CloseEnvelope", envelope)
        signed_in = soap(emulator, "Users", "AuthenticateUser", sign_in)
        token = signed_in.one("AuthenticateUserResult").get("AuthenticationToken")
        document_set = signix(emulator, "SubmitDocument", submission()).text("DocumentSetID")
        run_one(emulator, document_set, command("Transaction_Suspend"))
        session = with_token(emulator, "POST", "sessions", session_body()).json()
        before = state_of(emulator)
        following = emulator.state.identifiers.position
    with EmulatorServer(settings) as emulator:
        assert state_of(emulator) == before
        assert emulator.state.identifiers.position == following
        listed = f'<Request ContextIdentifier="{ACCOUNT}" AuthenticationToken="{token}"/>'
        assert soap(emulator, "Users", "ListUsers", listed).one("ListUsersResult").get(
            "Success"
        ) == ("true")
        # Documents and their envelope are the same to each other, as before.
        for one in submitted:
            assert control(emulator, "assuresign/documents/complete", one.get("Id", "")).json() == {
                "done": "complete"
            }
        answer = soap(emulator, "Envelopes", "CheckEnvelopeStatus", envelope)
        assert answer.one("CheckEnvelopeStatusResult").get("Status") == "Completed"
        downloaded = soap(emulator, "Envelopes", "DownloadEnvelopeDocuments", envelope)
        data = [base64.b64decode(one.text or "") for one in downloaded.all("Data")]
        assert data.count(FILE) == 2
        assert with_token(emulator, "GET", f"sessions/{session['SigningSessionId']}").json()[
            "Sessions"
        ]
        again = signix(emulator, "SubmitDocument", submission())
        assert again.text("StatusCode") == "104"
        control(emulator, "reset")
        nothing = state_of(emulator)
    with EmulatorServer(settings) as emulator:
        assert state_of(emulator) == nothing
        assert not emulator.state.assuresign.documents


def test_enumerations_come_back_as_python_3_11_2_writes_them(
    settings: EmulatorSettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def reduced(member: Enum, _protocol: int) -> object:
        return getattr, (type(member), member.name)

    monkeypatch.setattr(Enum, "__reduce_ex__", reduced)
    with EmulatorServer(settings) as emulator:
        signix(emulator, "SubmitDocument", submission())
        before = state_of(emulator)
    with EmulatorServer(settings) as emulator:
        assert state_of(emulator) == before


def test_what_was_deleted_is_still_referred_to(settings: EmulatorSettings) -> None:
    submission = (
        f'<Documents><Document ContextIdentifier="{ACCOUNT}"><Template Id="{TEMPLATE}"/></Document>'
        "</Documents>"
    )
    with EmulatorServer(settings) as emulator:
        made = soap(emulator, "Submit", "AsyncSubmit", submission).one("AsyncSubmitResult")
        (document,) = emulator.state.assuresign.documents.values()
        named = (
            f'<Requests><DeleteEnvelopeRequest ContextIdentifier="{ACCOUNT}"'
            f' DocumentId="{document.id}" DocumentAuthToken="{document.auth_token}"/></Requests>'
        )
        soap(emulator, "Envelopes", "DeleteEnvelope", named)
    question = (
        f'<SessionLookups><SessionLookup ContextIdentifier="{ACCOUNT}"'
        f' SessionId="{made.get("SessionId")}"/></SessionLookups>'
    )
    for _ in range(2):
        with EmulatorServer(settings) as emulator:
            assert not emulator.state.assuresign.documents
            answer = soap(emulator, "LookupSession", "LookupSession", question)
    assert answer.one("DocumentResult").get("Id") == str(document.id)
    with EmulatorServer(settings) as emulator:
        control(emulator, "reset")
    with EmulatorServer(settings):
        pass
    assert settings.state_file is not None
    with sqlite3.connect(settings.state_file) as file:
        assert file.execute("SELECT DISTINCT place FROM records").fetchall() == [("whole",)]
    file.close()


def test_what_was_told_is_not_told_again(settings: EmulatorSettings) -> None:
    # Nothing listens there: what counts is what would be told.
    settings = replace(settings, signix_notify_url="http://127.0.0.1:9/", notification_attempts=1)
    with EmulatorServer(settings) as emulator:
        document_set = signix(emulator, "SubmitDocument", submission()).text("DocumentSetID")
        assert [one.event for one in emulator.notifications()] == ["Send"]
    with EmulatorServer(settings) as emulator:
        emulator.complete(document_set)
        events = [one.event for one in emulator.notifications()]
    assert events == ["partyComplete", "partyComplete", "complete"]


def test_what_was_deleted_stays_deleted(settings: EmulatorSettings) -> None:
    with EmulatorServer(settings) as emulator:
        made = soap(
            emulator, "Envelopes", "CreateEnvelope", f'<Request ContextIdentifier="{ACCOUNT}"/>'
        ).one("CreateEnvelopeResult")
        named = (
            f'<Requests><DeleteEnvelopeRequest ContextIdentifier="{ACCOUNT}"'
            f' EnvelopeId="{made.get("EnvelopeId")}" EnvelopeAuthToken="{made.get("AuthToken")}"/>'
            "</Requests>"
        )
        soap(emulator, "Envelopes", "DeleteEnvelope", named)
        assert not emulator.state.assuresign.envelopes
    with EmulatorServer(settings) as emulator:
        assert not emulator.state.assuresign.envelopes


def test_documents_of_no_record_leave_the_file(settings: EmulatorSettings) -> None:
    assert settings.state_file is not None
    file = base64.b64encode(FILE).decode()
    document = (
        f'<Documents><FileDocument ContextIdentifier="{ACCOUNT}"><UnderlyingFile FileType="PDF">'
        f"<Data>{file}</Data></UnderlyingFile></FileDocument></Documents>"
    )
    with EmulatorServer(settings) as emulator:
        soap(emulator, "Submit", "SubmitWithFile", document)
        control(emulator, "reset")
    for _ in range(2):
        with EmulatorServer(settings):
            pass
    with sqlite3.connect(settings.state_file) as file_:
        assert file_.execute("SELECT count(*) FROM blobs").fetchone() == (0,)
    file_.close()
    assert stat.S_IMODE(settings.state_file.stat().st_mode) == 0o600


def test_one_emulator_at_a_time(settings: EmulatorSettings) -> None:
    with (
        EmulatorServer(settings),
        pytest.raises(ConfigurationError, match="by another emulator perhaps"),
    ):
        EmulatorServer(settings).start()


def test_a_file_that_is_something_else(settings: EmulatorSettings, tmp_path: Path) -> None:
    assert settings.state_file is not None
    settings.state_file.write_text("a text that is no database " * 100)
    with pytest.raises(ConfigurationError, match="cannot be used"):
        EmulatorServer(settings).start()
    elsewhere = replace(settings, state_file=tmp_path / "no" / "such" / "folder")
    with pytest.raises(ConfigurationError, match="cannot be used"):
        EmulatorServer(elsewhere).start()


def test_a_database_of_another_program_stays_as_it_is(settings: EmulatorSettings) -> None:
    assert settings.state_file is not None
    file = sqlite3.connect(settings.state_file)
    with file:
        file.execute("CREATE TABLE orders (number INTEGER)")
    file.close()
    before = settings.state_file.read_bytes()
    with pytest.raises(ConfigurationError, match="of another program"):
        EmulatorServer(settings).start()
    assert settings.state_file.read_bytes() == before


class Evil:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.system, ("exit 1",)


@pytest.mark.parametrize(
    ("statement", "value", "told"),
    [
        ("UPDATE about SET version = ?", "0.0.1", "is of version 0.0.1 of esignwire"),
        ("UPDATE records SET value = ?", pickle.dumps(Evil()), "it names"),
        ("UPDATE records SET value = ?", pickle.dumps(print), "it names builtins:print"),
        ("UPDATE records SET value = ?", b"\x80\x05", "cannot be used"),
        ("UPDATE records SET kind = ?", "os:system", "it names os:system"),
        ("UPDATE records SET kind = ?", "esignwire.emulator.server:serve", "it names"),
    ],
)
def test_a_file_of_another_version_or_mind(
    settings: EmulatorSettings, statement: str, value: object, told: str
) -> None:
    assert settings.state_file is not None
    with EmulatorServer(settings) as emulator:
        signix(emulator, "SubmitDocument", submission())
    file = sqlite3.connect(settings.state_file)
    with file:
        file.execute(statement, (value,))
    file.close()
    with pytest.raises(ConfigurationError, match=told):
        EmulatorServer(settings).start()


# Forks an emulator for each line that it reads, so that each begins without importing anew.
PROGRAM = """
import asyncio, os, sys
from pathlib import Path
from esignwire.emulator import EmulatorSettings, serve
settings = EmulatorSettings(state_file=Path(sys.argv[1]))
announce = lambda url: print(os.getpid(), url, flush=True)
while sys.stdin.readline():
    child = os.fork()
    if not child:
        try:
            asyncio.run(serve(port=0, settings=settings, on_ready=announce))
        except BaseException:
            print(flush=True)  # so that the test fails and does not wait
            raise
        os._exit(0)
    os.waitpid(child, 0)
"""


@pytest.mark.one_python
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes can be forked")
def test_a_kill_loses_nothing(tmp_path: Path) -> None:
    """Kill the emulator amid calls, again and again: what was answered is there."""
    answered: list[str] = []
    command = [sys.executable, "-c", PROGRAM, str(tmp_path / "state.sqlite")]
    with (
        subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as forker,
        httpx.Client(trust_env=False, timeout=30) as client,
    ):
        assert forker.stdin is not None
        assert forker.stdout is not None
        for number in range(KILLS):
            print("go", file=forker.stdin, flush=True)
            process, url = forker.stdout.readline().split()
            state = client.get(f"{url}/_esignwire/state").json()
            kept = {one["transaction_id"] for one in state["signix"]["transactions"]}
            assert kept >= set(answered)
            # The call that was under way at a kill may have been carried out.
            assert len(kept) <= len(answered) + number
            killer = threading.Timer(0.002 * (number % 20), os.kill, (int(process), 9))
            killer.start()
            with suppress(httpx.TransportError):
                while True:
                    transaction = str(uuid.uuid4())
                    fields = {
                        "method": "SubmitDocument",
                        "request": submission(transaction=transaction),
                    }
                    client.post(f"{url}/signix/sdd/b2b/sdddc_ns.jsp", data=fields)
                    answered.append(transaction)
            killer.join()
        forker.stdin.close()
    assert answered
