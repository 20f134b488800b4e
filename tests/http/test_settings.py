from __future__ import annotations

import pickle
import threading
from decimal import Decimal
from typing import Any

import pytest

from esignwire import HttpSettings
from esignwire._call import Call
from esignwire._http import Http, HttpRequest
from esignwire.errors import ConfigurationError
from tests.support.hostile import answer, hostile

CALL = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)


def test_extra_headers_are_sent_and_replace_no_header_of_a_request() -> None:
    settings = HttpSettings(headers={"X-Correlation-Id": "abc", "user-agent": "mine", "X-B": "2"})
    with hostile(answer(b"")) as server, Http(settings) as http:
        http.send(HttpRequest(method="GET", url=server.url, headers={"x-b": "1"}), CALL)
    head = server.received[0].head.split(b"\r\n")
    assert b"X-Correlation-Id: abc" in head
    assert [line for line in head if line.lower().startswith((b"user-agent", b"x-b"))] == [
        b"user-agent: mine",
        b"x-b: 1",
    ]


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "CONTENT-TYPE",
        "content-length",
        "SOAPAction",
        "Host",
        "Transfer-Encoding",
        "Accept-Encoding",
        "Connection",
        "Expect",
        "Proxy-Authorization",
    ],
)
def test_headers_of_the_protocol_are_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=name) as refused:
        HttpSettings(headers={name: "S3CRET"})
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize(
    "headers",
    [
        {"X-A": "1\r\nX-B: 2"},
        {"X-A": " 1"},
        {"X-A": "ü"},
        {"X A": "1"},
        {"": "1"},
        {"X-A": "1", "x-a": "2"},
    ],
)
def test_headers_that_cannot_be_sent_are_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="header"):
        HttpSettings(headers=headers)


def test_settings_are_values() -> None:
    headers = {"X-A": "1"}
    settings = HttpSettings(headers=headers)
    headers["X-A"] = "2"
    assert settings.headers == {"X-A": "1"}
    assert settings == HttpSettings(headers={"X-A": "1"})
    assert hash(settings) == hash(HttpSettings(headers={"X-A": "1"}))
    assert pickle.loads(pickle.dumps(settings)) == settings  # noqa: S301 - its own
    assert "X-A" not in repr(settings)


def test_options_add_to_what_there_is() -> None:
    first: list[object] = []
    second: list[object] = []
    settings = HttpSettings(headers={"X-A": "1", "X-B": "2"}, on_retry=first.append, attempts=2)
    other = settings.with_options(
        timeout=7.0, headers={"x-a": "3"}, on_retry=second.append, on_request=[second.append]
    )
    assert other == HttpSettings(
        total_timeout=7.0,
        attempts=2,
        headers={"X-B": "2", "x-a": "3"},
        on_retry=[first.append, second.append],
        on_request=second.append,
    )
    assert settings.with_options() == settings


def test_options_are_checked() -> None:
    for options in ({"timeout": 0.0}, {"attempts": 0}, {"headers": {"Host": "x"}}):
        with pytest.raises(ConfigurationError):
            HttpSettings().with_options(**options)


@pytest.mark.parametrize("hooks", [None, "print", [print, None], {"on_retry": print}])
def test_what_is_no_hook_is_refused(hooks: Any) -> None:
    for name in ("on_request", "on_response", "on_retry"):
        with pytest.raises(ConfigurationError, match=f"{name} must be a function"):
            HttpSettings(**{name: hooks})


@pytest.mark.parametrize("seconds", ["5", None, [5], Decimal(5), 1j, 10**30, 10**400, float("nan")])
def test_seconds_of_a_wrong_kind_are_named(seconds: Any) -> None:
    for name in ("connect_timeout", "total_timeout", "keepalive_expiry"):
        with pytest.raises(ConfigurationError, match=name):
            HttpSettings(**{name: seconds})
    if seconds is not None:
        with hostile(answer(b"")) as server, Http(HttpSettings()) as http:
            with pytest.raises(ConfigurationError, match="timeout"):
                http.send(HttpRequest(method="GET", url=server.url), CALL, timeout=seconds)
            assert not server.received


def test_the_longest_time_can_be_waited() -> None:
    with hostile(answer(b"")) as server, Http(HttpSettings()) as http:
        request = HttpRequest(method="GET", url=server.url)
        assert http.send(request, CALL, timeout=threading.TIMEOUT_MAX).status == 200


@pytest.mark.parametrize("count", ["3", None, 1.5, [3], 0])
def test_numbers_of_a_wrong_kind_are_named(count: Any) -> None:
    for name in ("attempts", "max_connections", "max_response_bytes"):
        with pytest.raises(ConfigurationError, match=name):
            HttpSettings(**{name: count})


@pytest.mark.parametrize("headers", ["X-A: 1", 7, b"X-A", [("X-A", "1")], {"X-A": 1}, {7: "1"}])
def test_headers_of_a_wrong_kind_are_named(headers: Any) -> None:
    for make in (HttpSettings, HttpSettings().with_options):
        with pytest.raises(ConfigurationError, match="headers must be a mapping"):
            make(headers=headers)


@pytest.mark.parametrize("hooks", [None, 7, "name", [None]])
def test_hooks_of_a_wrong_kind_are_named(hooks: Any) -> None:
    for name in ("on_request", "on_response", "on_retry"):
        for make in (HttpSettings, HttpSettings().with_options):
            with pytest.raises(ConfigurationError, match=f"{name} must be a function"):
                make(**{name: hooks})
