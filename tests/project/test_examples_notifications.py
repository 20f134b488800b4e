"""The examples of notifications: real servers that receive what the emulator sends."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from esignwire import AssureSign, Constellation1, Signix
from esignwire.assuresign import TemplateDocument, documenttrak
from esignwire.constellation1 import Document, Session, SessionInfo, Signer
from esignwire.emulator import DocumentTrakDesign, EmulatorServer, EmulatorSettings
from esignwire.signix import Field, Form, Party
from tests.support.assuresign import TEMPLATE

# Other Pythons and the lowest versions have neither FastAPI nor Django.
pytestmark = pytest.mark.one_python

EXAMPLES = Path(__file__).parent.parent.parent / "examples"
PDF = b"%PDF-1.4\n%%EOF\n"


@contextmanager
def started(folder: Path, *command: str, **variables: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(
        [sys.executable, *command],
        cwd=folder,
        env=os.environ | variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def said(process: subprocess.Popen[str], wanted: str) -> str:
    """The next line with some words in it; fails with all that was said where none comes."""
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return line.rstrip()
    raise AssertionError("".join(lines))


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def submit_to_signix(emulator: EmulatorServer, url: str) -> None:
    with Signix.from_environment() as client:
        transaction = client.submit(
            "Lease",
            parties=[Party("tenant", "Pat", "Example", "pat@example.com")],
            forms=[
                Form(PDF, file_name="lease.pdf", fields=[Field.signature("tenant", at="Sign:")])
            ],
            submitter_email="owner@example.com",
            push_url=url,
        )
    emulator.complete(transaction)


def start_at_constellation1() -> None:
    with Constellation1.from_environment() as client:
        created = client.create_session(
            Session(
                session_info=SessionInfo(title="Offer"),
                documents=[Document(file_name="offer.pdf", file_bytes=PDF)],
                signers=[
                    Signer(
                        last_name="Example", signer_role="Buyer 1", email_address="pat@example.com"
                    )
                ],
            )
        )
        client.start_session(created.session_id, "https://example.com/signed")


def test_fastapi_receives_what_the_emulator_sends(tmp_path: Path) -> None:
    secret, port = secrets.token_urlsafe(32), free_port()
    hooks = f"http://127.0.0.1:{port}/hooks/{secret}"
    design = documenttrak.template(
        [documenttrak.MergeField.TRANSACTION_NAME, "Signatory 1 Email Address"],
        event="Document_Completed",
    )
    settings = EmulatorSettings(
        constellation1_webhook_url=f"{hooks}/constellation1",
        designs=(
            DocumentTrakDesign(
                event="Document_Completed",
                url=f"{hooks}/assuresign/completed",
                body=design.body,
                expected="OK",
            ),
        ),
        notification_copies=2,
    )
    server = ("notifications_fastapi:application", "--app-dir", str(EXAMPLES), "--port", str(port))
    with (
        EmulatorServer(settings) as emulator,
        emulator.environment() as variables,
        started(
            tmp_path,
            *("-m", "uvicorn", "--no-access-log", *server),
            NOTIFICATION_SECRET=secret,
            PYTHONUNBUFFERED="1",
            **variables,
        ) as process,
    ):
        said(process, "Uvicorn running")
        submit_to_signix(emulator, f"{hooks}/signix")
        assert said(process, "saved").startswith("SIGNiX: saved lease.pdf")
        start_at_constellation1()
        assert said(process, "Constellation1:") == "Constellation1: the session is InSent"
        with AssureSign.from_environment() as client:
            document = client.submit(
                TemplateDocument(template_id=TEMPLATE, document_name="Lease of Pat")
            )
        emulator.complete(document)
        assert said(process, "AssureSign:") == "AssureSign: Document_Completed Lease of Pat"
        sent = emulator.notifications()
        assert len(sent) == 2 * len({(one.vendor, one.event) for one in sent})
        assert all((one.is_received, one.attempts) == (True, 1) for one in sent)
        assert httpx.get(f"http://127.0.0.1:{port}/hooks/wrong/signix").status_code == 404
    assert (tmp_path / "signed" / "lease.pdf").read_bytes() == PDF


def test_django_receives_what_the_emulator_sends(tmp_path: Path) -> None:
    secret, port = secrets.token_urlsafe(32), free_port()
    hooks = f"http://127.0.0.1:{port}/hooks/{secret}"
    settings = EmulatorSettings(
        constellation1_webhook_url=f"{hooks}/constellation1", notification_copies=2
    )
    with (
        EmulatorServer(settings) as emulator,
        emulator.environment(),
        started(
            tmp_path,
            *(str(EXAMPLES / "notifications_django.py"), str(port)),
            NOTIFICATION_SECRET=secret,
        ) as process,
    ):
        said(process, "listening")
        submit_to_signix(emulator, f"{hooks}/signix")
        for action in ("SEND", "PARTY_COMPLETE", "COMPLETE"):
            assert f"PushAction.{action}:" in said(process, "handled:")
        start_at_constellation1()
        assert said(process, "SessionStatusChanged").startswith("handled:")
        sent = emulator.notifications()
        assert len(sent) == 2 * len({(one.vendor, one.event) for one in sent})
        assert all((one.is_received, one.attempts) == (True, 1) for one in sent)
        assert httpx.get(f"http://127.0.0.1:{port}/hooks/wrong/signix").status_code == 404
        assert httpx.get(f"{hooks}/signix?action=Send").status_code == 400
