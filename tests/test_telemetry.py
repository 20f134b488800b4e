from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
from typing import Any

import pytest
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import HistogramDataPoint, InMemoryMetricReader
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from esignwire import AsyncConstellation1, Constellation1, HttpSettings
from esignwire._call import Call
from esignwire._http import Http, HttpRequest
from esignwire.emulator import EmulatorServer
from esignwire.errors import ConnectionFailed, VendorError
from esignwire.telemetry import Telemetry
from tests.support.hostile import Connection, closed_port, hostile

CALL = Call(vendor="AssureSign", operation="CheckStatus", is_safe=True)
SESSION = "1ab0cd0c-6cc4-4d80-b0c2-0c4d5b1a6d11"


class Collected:
    """Spans and measures, and the hook that makes them."""

    def __init__(self) -> None:
        self._exporter = InMemorySpanExporter()
        self.tracers = TracerProvider()
        self.tracers.add_span_processor(SimpleSpanProcessor(self._exporter))
        self._reader = InMemoryMetricReader()
        self.hook = Telemetry(
            tracer_provider=self.tracers, meter_provider=MeterProvider([self._reader])
        )

    @property
    def spans(self) -> tuple[ReadableSpan, ...]:
        return self._exporter.get_finished_spans()

    @property
    def points(self) -> list[HistogramDataPoint]:
        data = self._reader.get_metrics_data()
        assert data is not None
        metrics = data.resource_metrics[0].scope_metrics[0].metrics
        assert [(one.name, one.unit) for one in metrics] == [("http.client.request.duration", "s")]
        return list(metrics[0].data.data_points)  # type: ignore[arg-type]  # of a histogram


@pytest.fixture
def collected() -> Collected:
    return Collected()


def test_each_attempt_is_a_span_and_a_measure(collected: Collected) -> None:
    statuses = iter([b"503 Busy", b"200 OK"])

    def behave(connection: Connection) -> None:
        connection.receive()
        connection.send(
            b"HTTP/1.1 %b\r\nConnection: close\r\nX-Request-Id: r-1\r\n\r\nabc" % next(statuses)
        )

    settings = HttpSettings(on_response=collected.hook)
    with (
        hostile(behave) as server,
        Http(settings) as http,
        collected.tracers.get_tracer("the program").start_as_current_span("job") as job,
    ):
        http.send(HttpRequest(method="POST", url=server.url, content=b"SECRETBODY"), CALL)
    busy, done, _ = collected.spans
    measured = {
        "http.request.method": "POST",
        "server.address": "127.0.0.1",
        "server.port": server.port,
        "url.scheme": "http",
        "esignwire.vendor": "AssureSign",
        "esignwire.operation": "CheckStatus",
    }
    spanned = {
        **measured,
        "url.full": f"http://127.0.0.1:{server.port}/REDACTED",
        "http.response.body.size": 3,
        "http.response.header.x-request-id": ("r-1",),
    }
    assert dict(busy.attributes or {}) == {
        **spanned,
        "http.response.status_code": 503,
        "error.type": "503",
    }
    assert dict(done.attributes or {}) == {
        **spanned,
        "http.response.status_code": 200,
        "http.request.resend_count": 1,
    }
    for span in (busy, done):
        assert span.name == "POST CheckStatus"
        assert span.kind is SpanKind.CLIENT
        assert span.parent == job.get_span_context()
        assert span.start_time is not None
        assert span.end_time is not None
        assert span.start_time < span.end_time
    assert busy.status.status_code is StatusCode.ERROR
    assert done.status.status_code is StatusCode.UNSET
    assert [dict(point.attributes or {}) for point in collected.points] == [
        {**measured, "http.response.status_code": 503, "error.type": "503"},
        {**measured, "http.response.status_code": 200},
    ]


def test_an_attempt_without_an_answer(collected: Collected) -> None:
    settings = HttpSettings(on_response=collected.hook, attempts=1)
    with Http(settings) as http, pytest.raises(ConnectionFailed):
        http.send(HttpRequest(method="GET", url=f"http://localhost:{closed_port()}/"), CALL)
    (span,) = collected.spans
    attributes = dict(span.attributes or {})
    assert attributes["error.type"] == "ConnectionFailed"
    assert "http.response.status_code" not in attributes
    assert span.status.status_code is StatusCode.ERROR


def test_no_secret_is_told(collected: Collected) -> None:
    settings = HttpSettings(on_response=collected.hook)

    async def main() -> None:
        async with AsyncConstellation1.from_environment(settings=settings) as client:
            with pytest.raises(VendorError):
                await client.get_session(SESSION)

    with EmulatorServer() as emulator, emulator.environment():
        with Constellation1.from_environment(settings=settings) as client:
            with pytest.raises(VendorError):
                client.get_session(SESSION)
            key, user = client._account.api_key, client._account.user_name
        asyncio.run(main())
    assert [span.name for span in collected.spans] == [
        *("GET EncryptString", "GET GetToken", "GET GetSession")
    ] * 2
    told: Any = [(span.name, dict(span.attributes or {}), span.events) for span in collected.spans]
    for secret in (key, user, SESSION, "/rest"):
        assert secret not in str(told)
        assert secret not in str([point.attributes for point in collected.points])


def test_calls_of_the_programs_own_words_are_counted_together(collected: Collected) -> None:
    settings = HttpSettings(on_response=collected.hook)
    with (
        EmulatorServer() as emulator,
        emulator.environment(),
        Constellation1.from_environment(settings=settings) as client,
        pytest.raises(VendorError),
    ):
        client.call("GET", f"v1/{SESSION}")
    assert collected.spans[-1].name == "GET call"


def test_a_hook_travels() -> None:
    settings = HttpSettings(on_response=Telemetry())
    (again,) = pickle.loads(pickle.dumps(settings)).on_response  # noqa: S301 - our own bytes
    assert isinstance(again, Telemetry)


def test_without_the_extra_the_error_says_what_to_install() -> None:
    program = "import sys; sys.modules['opentelemetry'] = None; import esignwire.telemetry"
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False, timeout=60
    )
    assert 'the extra telemetry of esignwire needs it: pip install "opentelemetry-api' in ran.stderr


def test_it_is_imported_by_programs_that_ask_for_it_alone() -> None:
    program = (
        "import sys; from esignwire import AssureSign, Constellation1, Signix, HttpSettings;"
        "HttpSettings(on_response=print); print('opentelemetry' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert ran.stdout == "False\n"
