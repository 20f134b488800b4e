from __future__ import annotations

import subprocess
import sys

import pytest

from tests.support.hostile import answer, hostile

PROGRAM = """
import logging, sys
from esignwire._call import Call
from esignwire._http import Http, HttpRequest, HttpSettings
with Http(HttpSettings()) as http:
    call = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
    http.send(HttpRequest(method="POST", url=sys.argv[1], content=b"SECRETBODY"), call)
"""


@pytest.mark.parametrize(
    ("level", "shown"), [("debug", True), (" DEBUG ", True), ("warning", False), ("", False)]
)
def test_the_log_is_shown_where_the_environment_asks_for_it(level: str, shown: bool) -> None:
    with hostile(answer(b"<a/>")) as server:
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, server.url],
            env={"ESIGNWIRE_LOG": level},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    assert ("DEBUG esignwire: AssureSign CheckStatus: HTTP 200, 4 bytes" in ran.stderr) is shown
    assert "SECRET" not in ran.stderr
    assert bool(ran.stderr) is shown
    assert ran.stdout == ""


def test_a_level_that_there_is_not_is_refused() -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, "http://localhost:1/"],
        env={"ESIGNWIRE_LOG": "loud"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert "ConfigurationError: the environment variable ESIGNWIRE_LOG must be debug" in ran.stderr
