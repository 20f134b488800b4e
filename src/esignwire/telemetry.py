"""Telemetry: spans and measures of OpenTelemetry for the requests of a client.

They follow the semantic conventions for HTTP clients. No attribute holds a path, a query, a body
or a credential. It needs the extra ``telemetry``; without this module none of it is imported::

    from esignwire import AssureSign, HttpSettings
    from esignwire.telemetry import Telemetry

    settings = HttpSettings(on_response=Telemetry())
    client = AssureSign.from_environment(settings=settings)
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from esignwire._extras import needs as _needs
from esignwire._version import __version__

with _needs("telemetry"):
    from opentelemetry.metrics import MeterProvider, get_meter
    from opentelemetry.trace import SpanKind, StatusCode, TracerProvider, get_tracer

if TYPE_CHECKING:
    from esignwire._http import ResponseEvent

__all__ = ["Telemetry"]

_SCHEMA = "https://opentelemetry.io/schemas/1.27.0"
# As the conventions advise.
_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


class Telemetry:
    """A hook for ``on_response``: one span and one measure of each attempt.

    A span is made when its attempt is over, and is a child of the span that is current in the
    caller's code. It bears the name of the method and of the operation, such as
    ``POST CheckStatus``. The histogram is ``http.client.request.duration``.

    A hook that travels to another process uses the providers that are set there.

    Args:
        tracer_provider: Where spans go; ``None`` takes the provider that the program has set.
        meter_provider: Where measures go; ``None`` takes the provider that the program has set.
    """

    def __init__(
        self,
        *,
        tracer_provider: TracerProvider | None = None,
        meter_provider: MeterProvider | None = None,
    ) -> None:
        self._tracer = get_tracer("esignwire", __version__, tracer_provider, _SCHEMA)
        self._durations = get_meter(
            "esignwire", __version__, meter_provider, _SCHEMA
        ).create_histogram(
            "http.client.request.duration",
            unit="s",
            description="Duration of HTTP client requests.",
            explicit_bucket_boundaries_advisory=_BUCKETS,
        )

    def __reduce__(self) -> tuple[type[Telemetry], tuple[()]]:
        return type(self), ()

    def __call__(self, event: ResponseEvent) -> None:
        """Tells OpenTelemetry of an attempt.

        Args:
            event: The attempt.
        """
        # A call of the caller's own words is known by its method and its path.
        operation = event.operation if " " not in event.operation else "call"
        attributes: dict[str, str | int] = {
            "http.request.method": event.method,
            "server.address": event.host,
            "server.port": event.port,
            "url.scheme": event.scheme,
            "esignwire.vendor": event.vendor,
            "esignwire.operation": operation,
        }
        if event.status is not None:
            attributes["http.response.status_code"] = event.status
        failure = event.error
        if failure is None and event.status is not None and event.status >= 400:
            failure = str(event.status)
        if failure is not None:
            attributes["error.type"] = failure
        self._durations.record(event.seconds, attributes)
        end = time.time_ns()
        host = f"[{event.host}]" if ":" in event.host else event.host
        span = self._tracer.start_span(
            f"{event.method} {operation}",
            kind=SpanKind.CLIENT,
            attributes={
                **attributes,
                # A path may hold an API key, or a person's address.
                "url.full": f"{event.scheme}://{host}:{event.port}/REDACTED",
                "http.response.body.size": event.bytes,
                **{f"http.response.header.{name}": [text] for name, text in event.headers.items()},
            },
            start_time=end - int(event.seconds * 1e9),
        )
        if event.attempt > 1:
            span.set_attribute("http.request.resend_count", event.attempt - 1)
        if failure is not None:
            span.set_status(StatusCode.ERROR)
        span.end(end)
