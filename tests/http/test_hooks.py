from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import pytest

from esignwire import HttpSettings, RequestEvent, ResponseEvent, RetryEvent
from esignwire._call import Call
from esignwire._http import AsyncHttp, Http, HttpRequest, HttpResponse
from esignwire.errors import ConnectionFailed, ConnectionLost, OutcomeUnknown
from tests.support.hostile import (
    Connection,
    answer,
    close_at_once,
    closed_port,
    hostile,
    never_answer,
    raw,
)

SAFE = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
UNSAFE = Call(vendor="AssureSign", operation="Submit", is_safe=False)
KEY = "5ec2e7ee-0000-4000-8000-5ec2e7ee5ec2"

Event = RequestEvent | ResponseEvent | RetryEvent
Send = Callable[..., HttpResponse]


@pytest.fixture(params=["async", "sync"])
def send(request: pytest.FixtureRequest) -> Send:
    def send(settings: HttpSettings, url: str, call: Call = SAFE, **given: Any) -> HttpResponse:
        timeout = given.pop("timeout", 10.0)
        made = HttpRequest(
            **{"method": "POST", "url": url, "content": f"<a>{KEY}</a>".encode(), **given}
        )
        if request.param == "sync":
            with Http(settings) as http:
                return http.send(made, call, timeout=timeout)

        async def main() -> HttpResponse:
            async with AsyncHttp(settings) as http:
                return await http.send(made, call, timeout=timeout)

        return asyncio.run(main())

    return send


@pytest.fixture
def events() -> list[Event]:
    return []


def told(events: list[Event], **options: Any) -> HttpSettings:
    return HttpSettings(
        on_request=events.append, on_response=events.append, on_retry=events.append, **options
    )


def test_hooks_are_told_of_an_answer(send: Send, events: list[Event]) -> None:
    headers = ("X-Request-Id: 6f1d0a", "Content-Type: text/xml; charset=utf-8", "Retry-After: 7")
    with hostile(answer(b"<answer/>", headers=headers)) as server:
        send(told(events), server.url)
    request, response = events
    where = {
        "vendor": "AssureSign",
        "operation": "CheckStatus",
        "attempt": 1,
        "method": "POST",
        "scheme": "http",
        "host": "127.0.0.1",
        "port": server.port,
    }
    assert request == RequestEvent(**where)
    assert isinstance(response, ResponseEvent)
    assert response.seconds > 0
    assert response == ResponseEvent(
        **where,
        status=200,
        bytes=9,
        seconds=response.seconds,
        headers={
            "content-length": "9",
            "content-type": "text/xml",
            "retry-after": "7",
            "x-request-id": "6f1d0a",
        },
    )


def test_hooks_are_told_of_each_attempt(send: Send, events: list[Event]) -> None:
    statuses = iter([b"503 Busy", b"200 OK"])

    def behave(connection: Connection) -> None:
        connection.receive()
        connection.send(
            b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % next(statuses)
        )

    with hostile(behave) as server:
        send(told(events), server.url)
    kinds = [type(event) for event in events]
    assert kinds == [RequestEvent, ResponseEvent, RetryEvent, RequestEvent, ResponseEvent]
    assert [event.attempt for event in events] == [1, 1, 1, 2, 2]
    assert events[2] == RetryEvent(
        vendor="AssureSign",
        operation="CheckStatus",
        attempt=1,
        attempts=3,
        pause=0.0,
        reason="HTTP 503",
    )


def test_an_attempt_that_fails_ends_too(send: Send, events: list[Event]) -> None:
    with hostile(close_at_once) as server, pytest.raises(OutcomeUnknown):
        send(told(events), server.url, UNSAFE)
    with pytest.raises(ConnectionFailed):
        send(told(events, attempts=1), f"http://127.0.0.1:{closed_port()}/", UNSAFE)
    cut = raw(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\na")
    with hostile(cut) as server, pytest.raises(ConnectionLost):
        send(told(events, attempts=1), server.url)
    ends = [event for event in events if isinstance(event, ResponseEvent)]
    assert [(end.status, end.error, end.bytes, end.headers) for end in ends] == [
        (None, "OutcomeUnknown", 0, {}),
        (None, "ConnectionFailed", 0, {}),
        (200, "ConnectionLost", 0, {}),
    ]


def test_a_cancelled_attempt_ends_too(events: list[Event]) -> None:
    async def main(url: str) -> None:
        begun = asyncio.Event()

        def note(event: RequestEvent) -> None:
            begun.set()

        settings = told(events).with_options(on_request=note)
        async with AsyncHttp(settings) as http, asyncio.TaskGroup() as group:
            task = group.create_task(http.send(HttpRequest(method="GET", url=url), SAFE))
            await begun.wait()
            task.cancel()

    with hostile(never_answer) as server:
        asyncio.run(main(server.url))
    _, end = events
    assert isinstance(end, ResponseEvent)
    assert end.error == "CancelledError"


@pytest.mark.parametrize("hook", ["on_request", "on_response", "on_retry"])
def test_what_a_hook_raises_is_logged_and_the_call_goes_on(
    send: Send, hook: str, caplog: pytest.LogCaptureFixture, events: list[Event]
) -> None:
    def fail(event: Event) -> None:
        raise RuntimeError("a mistake")

    statuses = iter([b"503 Busy", b"200 OK"])

    def behave(connection: Connection) -> None:
        connection.receive()
        connection.send(
            b"HTTP/1.1 %b\r\nConnection: close\r\nContent-Length: 0\r\n\r\n" % next(statuses)
        )

    with hostile(behave) as server:
        settings = HttpSettings(**{hook: [fail, events.append]})  # type: ignore[arg-type]  # by its name
        assert send(settings, server.url).status == 200
    assert len(server.received) == 2
    found = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert len(found) == len(events) == (1 if hook == "on_retry" else 2)
    assert all(record.exc_info and "a mistake" in str(record.exc_info[1]) for record in found)


@pytest.mark.parametrize(
    "header",
    [
        f"X-Request-Id: {KEY}",
        f"X-Request-Id: req-{KEY.upper()}-1",
        f"Request-Id: {KEY.replace('-', '')}",
        "X-Correlation-Id: T0KEN",
        "traceparent: PATHKEY",
        f"Content-Type: text/{KEY}",
        f"Date: {KEY}",
        f"Retry-After: {KEY}",
        f"X-RateLimit-Limit: {KEY}",
        f"Location: https://vendor.example/{KEY}",
        f"Set-Cookie: key={KEY}",
        f"X-Anything: {KEY}",
    ],
)
def test_headers_that_quote_the_request_are_not_shown(
    send: Send, header: str, events: list[Event]
) -> None:
    with hostile(answer(b"", headers=(header,))) as server:
        url = f"http://127.0.0.1:{server.port}/rest/PATHKEY/x"
        send(told(events), url, headers={"Authorization": "T0KEN"})
    end = events[-1]
    assert isinstance(end, ResponseEvent)
    assert end.headers == {"content-length": "0"}
    assert not any(secret in repr(events) for secret in (KEY, "T0KEN", "PATHKEY", "rest"))


def test_an_extra_header_may_come_back(send: Send, events: list[Event]) -> None:
    with hostile(answer(b"", headers=("X-Correlation-Id: order-471100",))) as server:
        send(told(events, headers={"X-Correlation-Id": "order-471100"}), server.url)
    assert b"X-Correlation-Id: order-471100" in server.received[0].head
    end = events[-1]
    assert isinstance(end, ResponseEvent)
    assert end.headers["x-correlation-id"] == "order-471100"
