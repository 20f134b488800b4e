"""What type checkers must infer and refuse about settings, options and hooks.

It is only checked, never run.
"""
# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_type

import httpx

from esignwire import (
    AssureSign,
    AsyncSignix,
    Constellation1,
    HttpSettings,
    RequestEvent,
    ResponseEvent,
    RetryEvent,
)
from esignwire.telemetry import Telemetry


def options(signix: AsyncSignix, assuresign: AssureSign, constellation1: Constellation1) -> None:
    assert_type(signix.with_options(timeout=3), AsyncSignix)
    assert_type(assuresign.with_options(attempts=1, headers={"X-Correlation-Id": "a"}), AssureSign)
    assert_type(constellation1.with_options(on_retry=print), Constellation1)
    signix.with_options(attempts="1")  # type: ignore[arg-type]  # the point of the test


def events(request: RequestEvent, response: ResponseEvent, retry: RetryEvent) -> None:
    assert_type(request.attempt, int)
    assert_type(response.operation, str)
    assert_type(response.status, int | None)
    assert_type(response.bytes, int)
    assert_type(response.headers, Mapping[str, str])
    assert_type(retry.pause, float)
    request.attempt = 2  # type: ignore[misc]  # frozen


def watch(event: ResponseEvent) -> None: ...


def hooks(answers: list[ResponseEvent]) -> None:
    HttpSettings(on_response=watch)
    HttpSettings(on_response=answers.append)
    HttpSettings(on_response=[Telemetry(), watch, lambda event: event.status])
    # A hook of any event may be any of the three.
    HttpSettings(on_request=print, on_response=print, on_retry=print)
    HttpSettings(on_retry=watch)  # type: ignore[arg-type]  # the point of the test


def transports(sync: httpx.HTTPTransport, other: httpx.AsyncHTTPTransport) -> None:
    HttpSettings(transport=sync, async_transport=other)
    HttpSettings(transport=other)  # type: ignore[arg-type]  # the point of the test
