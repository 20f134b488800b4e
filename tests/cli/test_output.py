"""What commands print: results for people and for programs, and what goes on meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import sys
import uuid
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

import pytest

from esignwire._documents import ReceivedDocument
from esignwire.cli.output import error_document, exit_status, print_result, progress, working
from esignwire.errors import (
    ConfigurationError,
    ConnectionFailed,
    EsignWireError,
    HttpStatusError,
    OutcomeUnknown,
    SignixError,
    UnexpectedResponse,
)


class Colour(Enum):
    RED = "red"


@dataclass
class Result:
    id: uuid.UUID
    due: dt.date
    amount: Decimal
    colour: Colour
    document: ReceivedDocument
    parts: tuple[bytes, ...]
    is_open: bool
    nothing: None = None


RESULT = Result(
    id=uuid.UUID(int=7),
    due=dt.date(2026, 1, 2),
    amount=Decimal("1.50"),
    colour=Colour.RED,
    document=ReceivedDocument(b"hi"),
    parts=(b"a",),
    is_open=True,
)
SHOWN = {
    "id": "00000000-0000-0000-0000-000000000007",
    "due": "2026-01-02",
    "amount": "1.50",
    "colour": "red",
    "document": "aGk=",
    "parts": ["YQ=="],
    "is_open": True,
    "nothing": None,
}


def sit_at_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Both streams are a terminal of a hundred columns."""
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setenv("TERM", "dumb")
    for stream in (sys.stdout, sys.stderr):
        monkeypatch.setattr(stream, "isatty", lambda: True)


def test_for_programs(capsys: pytest.CaptureFixture[str]) -> None:
    print_result([RESULT], is_json=True)
    assert json.loads(capsys.readouterr().out) == [SHOWN]


def test_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    print_result([RESULT, {"is_open": False}], is_json=False)
    lines = capsys.readouterr().out.splitlines()
    assert "parts[1]: YQ==" in lines
    assert "is_open: yes" in lines
    assert lines[-2:] == ["", "is_open: no"]
    assert not any(line.startswith("nothing") for line in lines)


def test_an_empty_list(capsys: pytest.CaptureFixture[str]) -> None:
    print_result([], is_json=False)
    assert capsys.readouterr().out == "nothing\n"


def test_a_table_at_a_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sit_at_a_terminal(monkeypatch)
    print_result({"url": "https://example.com"}, is_json=False)
    assert capsys.readouterr().out.split() == ["url", "https://example.com"]


@pytest.mark.parametrize("is_json", [False, True])
def test_programs_see_no_progress(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, is_json: bool
) -> None:
    sit_at_a_terminal(monkeypatch)
    with working("Cancel", is_json=is_json):
        pass
    with progress("Download", is_json=is_json) as told:
        assert (told is None) is is_json
        if told is not None:
            told(5, 10)
    told_people = capsys.readouterr()
    assert told_people.out == ""
    assert is_json is (told_people.err == "")


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (SignixError("no"), 1),
        (ConfigurationError("no"), 2),
        (ConnectionFailed("no"), 3),
        (OutcomeUnknown("no"), 4),
        (UnexpectedResponse("no", is_retry_safe=True), 3),
        (UnexpectedResponse("no"), 4),
        (EsignWireError("no"), 4),
    ],
)
def test_exit_statuses(error: EsignWireError, status: int) -> None:
    assert exit_status(error) == status


def test_an_error_tells_its_http_status() -> None:
    error = HttpStatusError("busy", vendor="signix", http_status=503)
    told = error_document(error)["error"]
    assert told == {
        "type": "HttpStatusError",
        "vendor": "SIGNiX",
        "operation": None,
        "code": None,
        "message": "busy (HTTP 503)",
    }
