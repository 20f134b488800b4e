"""The commands of the three vendors, against the emulator."""

from __future__ import annotations

import io
import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from esignwire.cli import main
from esignwire.demo.pdf import one_page_pdf
from esignwire.emulator import (
    ConnectionClosed,
    EmulatorServer,
    Fault,
    HttpStatus,
    Refusal,
    SoapFault,
)
from esignwire.signix import TransactionSendPartyEmail

TEMPLATE = "dcb79445-4d39-dd11-8735-00065b8ce99b"
UNKNOWN = "11111111-2222-4333-8444-555555555555"

Run = Callable[..., tuple[int, str, str]]
Answer = Callable[..., Any]


@pytest.fixture
def run(
    esignwire_emulator: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Run:
    """Runs the command in a folder of its own, with the emulator in its environment."""
    for name, value in esignwire_emulator.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "agreement.pdf").write_bytes(one_page_pdf())

    def run(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        said = capsys.readouterr()
        return status, said.out, said.err

    return run


@pytest.fixture
def answer(run: Run) -> Answer:
    """Runs the command with ``--json``; it must be done, and print one document."""

    def answer(*arguments: str) -> Any:
        status, out, err = run(*arguments, "--json")
        assert (status, err) == (0, "")
        return json.loads(out)

    return answer


def failure(ran: tuple[int, str, str], status: int) -> dict[str, Any]:
    """What a failed command with ``--json`` told on standard error."""
    assert (ran[0], ran[1]) == (status, "")
    document = json.loads(ran[2])
    assert document.keys() == {"error"}
    assert document["error"].keys() == {"type", "vendor", "operation", "code", "message"}
    error: dict[str, Any] = document["error"]
    return error


@pytest.fixture
def document(answer: Answer) -> tuple[str, ...]:
    """A document that waits for its signer."""
    made = answer(
        *("assuresign", "submit", "agreement.pdf", "--template", TEMPLATE),
        *("--parameter", "Signatory 1 Email Address=ann@example.com"),
    )
    return ("--id", made["id"], "--auth-token", made["auth_token"])


@pytest.fixture
def transaction(answer: Answer) -> str:
    """A transaction that waits for its submitter."""
    made = answer("signix", "submit", "agreement.pdf", "--party", "P1:Ann:Lee:ann@example.com")
    assert made["is_suspended"]
    assert made["submitter_link"].startswith("http")
    found: str = made["transaction_id"]
    return found


# AssureSign


def test_the_status_of_a_document_is_told(
    answer: Answer, run: Run, document: tuple[str, ...], tmp_path: Path
) -> None:
    status = answer("assuresign", "check-status", *document)
    assert (status["id"], status["status_type"]) == (document[1], "SigningStepInProgress")
    (tmp_path / "token").write_text(f"{document[3]}\n", "utf-8")
    of_file = ("--id", document[1], "--auth-token-file", "token")
    assert answer("assuresign", "check-status", *of_file) == status
    code, out, err = run("assuresign", "check-status", *document)
    assert (code, err) == (0, "")
    assert "status_type: SigningStepInProgress\n" in out
    assert "\x1b" not in out


def test_a_document_is_cancelled_once(answer: Answer, run: Run, document: tuple[str, ...]) -> None:
    assert answer("assuresign", "cancel", *document, "--remarks", "moved")["id"] == document[1]
    error = failure(run("assuresign", "cancel", *document, "--json"), 1)
    assert (error["type"], error["vendor"], error["operation"]) == (
        "AssureSignError",
        "AssureSign",
        "Cancel",
    )


def test_links_copies_and_reminders_of_a_document(
    answer: Answer, run: Run, document: tuple[str, ...], tmp_path: Path
) -> None:
    (link,) = answer("assuresign", "signing-links", *document)
    assert link["url"].startswith("http")
    sent = answer("assuresign", "resend", *document, "--email", "ann@example.com")
    assert sent["success"] is True
    saved = answer(
        "assuresign", "download", *document, "--kind", "original", "--output", "copy.pdf"
    )
    assert saved["path"] == "copy.pdf"
    for output in ("no/copy.pdf", "."):
        refused = run("assuresign", "download", *document, "--output", output, "--json")
        assert "--output" in failure(refused, 2)["message"]
    assert (tmp_path / "copy.pdf").read_bytes() == one_page_pdf()


def test_a_session_is_looked_up(answer: Answer, run: Run) -> None:
    session = answer("assuresign", "async-submit", "agreement.pdf", "--template", TEMPLATE)["id"]
    states = [answer("assuresign", "lookup-session", session) for _ in range(10)]
    assert states[0]["state"] in {"pending", "completed"}
    assert len(states[-1]["documents"]) == 1
    error = failure(run("assuresign", "lookup-session", UNKNOWN, "--json"), 1)
    assert error["operation"] == "LookupSession"


def test_an_envelope_is_closed(answer: Answer, tmp_path: Path) -> None:
    message = tmp_path / "envelope.json"
    message.write_text(json.dumps({"request": {"EnvelopeName": "closing"}}), "utf-8")
    made = answer("call", "assuresign", "CreateEnvelope", "--file", str(message))
    envelope = made["create_envelope_result"]
    handle = ("--id", envelope["envelope_id"], "--auth-token", envelope["auth_token"])
    metadata = {"EnvelopeId": envelope["envelope_id"], "DocumentName": "sale"}
    file = {"documents": {"document": [{"metadata": metadata, "template": {"id": TEMPLATE}}]}}
    message.write_text(json.dumps(file), "utf-8")
    answer("call", "assuresign", "Submit", "--file", str(message))
    assert answer("assuresign", "close-envelope", *handle)["envelope_id"] == envelope["envelope_id"]


# SIGNiX


def test_commands_change_a_transaction(answer: Answer, run: Run, transaction: str) -> None:
    key = ("--transaction-id", transaction)
    for command in (
        ("resume",),
        ("suspend",),
        ("change-email", "--ref-id", "P1", "--email", "new@example.com"),
        ("change-mobile", "--ref-id", "P1", "--mobile", "2125550100"),
        ("resume",),
        ("resend", "--ref-id", "P1"),
    ):
        assert answer("signix", command[0], *key, *command[1:])["outcome"] == "succeeded"
    assert answer("signix", "signing-link", *key)["url"].startswith("http")
    by_name = ("signing-link", *key, "--parties", "P1", "--party")
    assert answer("signix", *by_name, "P1")["url"].startswith("http")
    assert "one of P1" in failure(run("signix", *by_name, "P2", "--json"), 2)["message"]
    unknown = run("signix", "signing-link", *key, "--party", "P1", "--json")
    assert "--parties" in failure(unknown, 2)["message"]
    wrong = ("--ref-id", "P9", "--email", "new@example.com")
    error = failure(run("signix", "change-email", *key, *wrong, "--json"), 1)
    assert (error["type"], error["operation"]) == ("SignixError", "SubmitAjax")
    assert answer("signix", "cancel", *key)["outcome"] == "succeeded"


def test_a_request_of_several_commands_tells_how_each_ended(
    answer: Answer, run: Run, transaction: str, tmp_path: Path
) -> None:
    for name, ref_id in (("good", "P1"), ("bad", "P9"), ("later", "P1")):
        command = TransactionSendPartyEmail.to_party(ref_id)
        (tmp_path / f"{name}.json").write_text(command.to_json(), "utf-8")
    answer("signix", "resume", "--transaction-id", transaction)
    key = ("signix", "ajax", "--transaction-id", transaction)
    (one,) = answer(*key, "--request", "good.json")
    assert one["outcome"] == "succeeded"
    files = [part for name in ("good", "bad", "later") for part in ("--request", f"{name}.json")]
    status, out, err = run(*key, *files, "--json")
    assert [one["outcome"] for one in json.loads(out)] == ["rolled_back", "failed", "not_run"]
    assert status == 1
    assert json.loads(err)["error"]["type"] == "SignixError"


def test_signed_files_are_downloaded(
    answer: Answer, esignwire_emulator: EmulatorServer, tmp_path: Path
) -> None:
    made = answer(
        *("signix", "submit", "agreement.pdf", "--party", "P1:Ann:Lee:ann@example.com"),
        *("--signature", "P1=Signature"),
    )
    assert made["pickup_link"]
    esignwire_emulator.complete(made["document_set_id"])
    key = ("--document-set-id", made["document_set_id"])
    saved = answer("signix", "download", *key, "--output", "signed")
    assert saved["paths"]
    assert all((tmp_path / one).is_file() for one in saved["paths"])


# Constellation1


def test_a_session_is_created_started_and_cancelled(
    answer: Answer, run: Run, tmp_path: Path
) -> None:
    session = {
        "SessionInfo": {"Title": "Sale"},
        "Documents": [{"FileName": "a.pdf", "FileBytes": {"file": "agreement.pdf"}}],
        "Signers": [
            {
                "FirstName": "Ann",
                "LastName": "Lee",
                "EmailAddress": "ann@example.com",
                "SignerRole": "Seller 1",
            }
        ],
    }
    (tmp_path / "session.json").write_text(json.dumps(session), "utf-8")
    made = answer("constellation1", "create-session", "session.json")
    identifier = made["session_id"]
    started = answer(
        "constellation1", "start-session", identifier, "--return-url", "https://example.com/done"
    )
    assert started["session_id"] == identifier
    found = answer("constellation1", "get-session", identifier)
    assert len(found["sessions"]) == 1
    answer("constellation1", "cancel-session", identifier)
    error = failure(run("constellation1", "get-session", UNKNOWN, "--json"), 1)
    assert error["vendor"] == "Constellation1"
    session["SessionInfo"] = {"Title": "Sale", "Titel": "Sale"}
    (tmp_path / "session.json").write_text(json.dumps(session), "utf-8")
    error = failure(run("constellation1", "create-session", "session.json", "--json"), 2)
    assert "SessionInfo/Titel: is not known" in error["message"]


# Calls, and what they would send


def test_any_call_is_made_from_a_file(
    answer: Answer, run: Run, document: tuple[str, ...], transaction: str, tmp_path: Path
) -> None:
    message = tmp_path / "message.json"

    def call(vendor: str, operation: str, content: object, *, verb: str = "call") -> Any:
        message.write_text(json.dumps(content), "utf-8")
        return answer(verb, vendor, operation, "--file", str(message))

    keys = {"Id": document[1], "auth_token": document[3]}
    check = {"DocumentStatusChecks": {"documentStatusCheck": [keys]}}
    told = call("assuresign", "CheckStatus", check)
    results = told["document_status_check_results"]["document_status_check_result"]
    assert results[0]["id"] == document[1]
    ajax = {
        "Data": {"TransactionID": transaction, "Request": '{"objectType": "Transaction_Cancel"}'}
    }
    assert call("signix", "submit_ajax", ajax)["status"]["status_code"] == 0
    assert call("constellation1", "GetDeletedSessions", {"pageSize": 5, "page_num": 0})
    shown = call("assuresign", "CheckStatus", check, verb="render")
    assert document[1] in shown["body"]
    assert document[3] not in json.dumps(shown)
    shown = call("signix", "SubmitAjax", ajax, verb="render")
    assert "<Pswd>***</Pswd>" in shown["body"]
    shown = call("constellation1", "GetSession", {"sessionId": UNKNOWN}, verb="render")
    assert shown["url"].endswith(f"/rest/v1/sessions/{UNKNOWN}")
    message.write_text(json.dumps({"DocumentStatusChecks": {"Wrong": 1}}), "utf-8")
    arguments = ("call", "assuresign", "CheckStatus", "--file", str(message), "--json")
    assert "DocumentStatusChecks/Wrong is not known" in failure(run(*arguments), 2)["message"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "is no JSON: line 1"),
        ('{"a": 1, "a": 2}', "names the member 'a' twice"),
        ("[]", "must be an object"),
        ('{"documents": {"document": {}}}', "documents/document must be a list"),
        (
            '{"documents": {"document": [{"template": {"id": 7}}]}}',
            "[1]/template/id must be a text",
        ),
        (
            '{"documents": {"document": [{"template": {"id": "x"}}]}}',
            "[1]/template/id must be a GUID",
        ),
    ],
)
def test_a_message_that_does_not_fit_is_named_by_its_path(
    run: Run, tmp_path: Path, content: str, told: str
) -> None:
    (tmp_path / "message.json").write_text(content, "utf-8")
    ran = run("call", "assuresign", "Submit", "--file", "message.json", "--json")
    assert told in failure(ran, 2)["message"]


# Failures


def test_exit_statuses(
    run: Run, monkeypatch: pytest.MonkeyPatch, document: tuple[str, ...]
) -> None:
    arguments = ("assuresign", "check-status", *document, "--json")
    monkeypatch.setenv("ESIGNWIRE_ASSURESIGN_URL", "http://127.0.0.1:9/DocumentNOW.svc")
    assert failure(run(*arguments), 3)["type"] == "ConnectionFailed"
    monkeypatch.delenv("ESIGNWIRE_ASSURESIGN_URL")
    assert "ESIGNWIRE_ASSURESIGN_URL" in failure(run(*arguments), 2)["message"]
    assert failure(run("assuresign", "cancel", "--json"), 2)["message"]
    status, out, err = run("assuresign", "check-status", *document)
    assert (status, out) == (2, "")
    assert err.startswith("esignwire: assuresign: ESIGNWIRE_ASSURESIGN_URL not set")


def test_a_token_is_not_waited_for_without_a_terminal(run: Run) -> None:
    error = failure(run("assuresign", "check-status", "--id", UNKNOWN, "--json"), 2)
    assert "--auth-token-file" in error["message"]


@pytest.mark.parametrize(
    ("fault", "status"),
    [(None, 3), (ConnectionClosed(when="after"), 4), (HttpStatus(status=503), 4), (Refusal(), 1)],
    ids=["nothing there", "closed", "in trouble", "refused"],
)
def test_each_vendor_fails_with_the_same_statuses(
    run: Run,
    esignwire_emulator: EmulatorServer,
    monkeypatch: pytest.MonkeyPatch,
    esignwire_no_pauses: None,
    fault: Fault | None,
    status: int,
) -> None:
    reference = ("--id", UNKNOWN, "--auth-token", UNKNOWN)
    commands = {
        ("assuresign", "CloseEnvelope"): ("close-envelope", *reference),
        ("signix", "SubmitAjax"): ("suspend", "--transaction-id", UNKNOWN),
        ("constellation1", "DeleteSession"): ("delete-session", UNKNOWN),
    }
    for (vendor, operation), command in commands.items():
        if fault is None:
            monkeypatch.setenv(f"ESIGNWIRE_{vendor.upper()}_URL", "http://127.0.0.1:9/a.svc")
        else:
            esignwire_emulator.next(vendor, operation, fault=fault)
        assert failure(run(vendor, *command, "--json"), status)["vendor"]


@pytest.mark.parametrize("content", [b"\xff\xfe", b"", b"no GUID"])
def test_a_token_that_is_none_is_refused(run: Run, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "token").write_bytes(content)
    arguments = ("assuresign", "check-status", "--id", UNKNOWN, "--auth-token-file", "token")
    assert failure(run(*arguments, "--json"), 2)["type"] == "InvalidRequest"


def test_a_file_may_be_standard_input(
    answer: Answer, run: Run, document: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    def give(text: str) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    give(f"{document[3]}\n")
    of_input = ("--id", document[1], "--auth-token-file", "-")
    assert answer("assuresign", "check-status", *of_input)["id"] == document[1]
    give("{}")
    assert answer("call", "assuresign", "Ping", "--file", "-")
    give('{"objectType": "Transaction_Resume"}')
    assert answer("explain", "-")["kind"] == "command"
    monkeypatch.setattr("sys.stdin", None)
    assert failure(run("explain", "-", "--json"), 2)["message"]


def test_a_prompt_that_is_left_is_an_interruption(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    terminal = io.TextIOWrapper(io.BytesIO())
    monkeypatch.setattr(terminal, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdin", terminal)
    monkeypatch.setattr("getpass.getpass", _left)
    assert run("assuresign", "check-status", "--id", UNKNOWN)[0] == 130


def _left(*_: object, **__: object) -> str:
    raise EOFError


def test_flags_count_before_all_other_settings(
    answer: Answer, run: Run, esignwire_emulator: EmulatorServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    message = Path("message.json")
    message.write_text("{}", "utf-8")
    elsewhere = "http://127.0.0.1:9/DocumentNOW.svc"
    lookup = ("lookup-session", UNKNOWN, "--json")
    assert failure(run("assuresign", "--url", elsewhere, *lookup), 3)["type"] == "ConnectionFailed"
    assert failure(run("assuresign", *lookup), 1)["operation"] == "LookupSession"
    assert (
        "--url must not be blank" in failure(run("assuresign", "--url", "", *lookup), 2)["message"]
    )
    assert "total_timeout" in failure(run("assuresign", "--timeout", "0", *lookup), 2)["message"]
    for vendor, operation in (("signix", "SubmitAjax"), ("constellation1", "GetToken")):
        esignwire_emulator.state.reset()
        message.write_text('{"Data": {"DocumentSetID": "a", "Request": "{}"}}', "utf-8")
        if vendor == "constellation1":
            message.write_text("{}", "utf-8")
        shown = answer(
            *("render", vendor, operation, "--url", "http://127.0.0.1:9/x", "--file", str(message))
        )
        assert shown["url"].startswith("http://127.0.0.1:9/x")
    monkeypatch.delenv("ESIGNWIRE_SIGNIX_SPONSOR")
    assert failure(run("signix", "cancel", "--transaction-id", UNKNOWN, "--json"), 2)
    given = ("signix", "--sponsor", "demo", "cancel", "--transaction-id", UNKNOWN, "--json")
    assert failure(run(*given), 1)["type"] == "SignixError"


def test_a_text_of_the_vendor_does_not_steer_a_terminal(
    answer: Answer, run: Run, esignwire_emulator: EmulatorServer, document: tuple[str, ...]
) -> None:
    words = "red \x9b31m and \u202e back"
    for form in ((), ("--json",)):
        esignwire_emulator.next("assuresign", "CheckStatus", fault=SoapFault(text=words))
        _, out, err = run("assuresign", "check-status", *document, *form)
        assert "red" in out + err
        assert all(one.isprintable() or one == "\n" for one in out + err)
    name = ("--name", words, "--template", TEMPLATE)
    made = answer("assuresign", "submit", "agreement.pdf", *name)
    assert made["metadata"]["document_name"] == words
    for form in ((), ("--json",)):
        _, out, _ = run("assuresign", "submit", "agreement.pdf", *name, *form)
        assert all(one.isprintable() or one == "\n" for one in out)


def test_an_output_of_another_encoding_or_a_full_disk(run: Run) -> None:
    submit = ("assuresign", "submit", "agreement.pdf", "--template", TEMPLATE, "--name", "\u2603")
    program = (sys.executable, "-W", "error", "-m", "esignwire")
    ran = subprocess.run(
        [*program, *submit],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    assert b"\\u2603" in ran.stdout
    if not Path("/dev/full").is_char_device():
        return
    with Path("/dev/full").open("wb") as full:
        # A program that repeats what the vendor refused must not repeat this.
        ran = subprocess.run([*program, *submit], stdout=full, stderr=subprocess.PIPE, check=False)
        assert (ran.returncode, ran.stderr.count(b"\n")) == (4, 1)
        # The status tells also where standard error cannot.
        ran = subprocess.run([*program, "nothing"], stderr=full, check=False)
        assert ran.returncode == 2


class _Closing(socketserver.BaseRequestHandler):
    """Reads a request and closes the connection without a word."""

    def handle(self) -> None:
        self.request.recv(65_536)


def test_an_unknown_outcome_has_a_status_of_its_own(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socketserver.TCPServer(("127.0.0.1", 0), _Closing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            url = f"http://127.0.0.1:{server.server_address[1]}/flexapi"
            monkeypatch.setenv("ESIGNWIRE_SIGNIX_URL", url)
            ran = run("signix", "cancel", "--transaction-id", UNKNOWN, "--json")
        finally:
            server.shutdown()
            thread.join()
    error = failure(ran, 4)
    assert (error["type"], error["operation"]) == ("OutcomeUnknown", "SubmitAjax")


def test_help_loads_no_client() -> None:
    program = (
        "import sys; from esignwire.cli import main; status = main(['-h']);"
        " sys.exit(status or bool({'pydantic', 'lxml', 'httpx', 'zeep'} & sys.modules.keys()))"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


def test_a_vendor_without_a_command_prints_its_help(run: Run) -> None:
    status, out, err = run("signix")
    assert (status, err) == (2, "")
    assert "change-email" in out
