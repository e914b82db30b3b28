"""How do spans reach a collector? By OTLP over HTTP, in batches, from the observer's own thread.

A collector that is away, or slow, costs spans and nothing else: while this waits for it, its lane of the fan-out fills
and drops, counted. OpenTelemetry is imported with this module, so only where an endpoint is set.
"""

from __future__ import annotations

import logging
from urllib.parse import urlsplit

from opentelemetry.exporter.otlp.proto.http import trace_exporter
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExportResult

from app.observers.spans import Spans
from app.ports.records import AttemptRecord, RequestRecord

_PATH = "/v1/traces"
_REQUESTS_A_BATCH = 128
_TIMEOUT_SECONDS = 5.0


class Tracing:
    """Observer: gathers spans, and sends them to `endpoint`, a collector's address with or without the path."""

    sees_calls = False

    def __init__(
        self, endpoint: str, spans: Spans, *, timeout_seconds: float = _TIMEOUT_SECONDS, batch: int = _REQUESTS_A_BATCH
    ) -> None:
        # What it has to say of each batch that fails, the fan-out says once a minute.
        logging.getLogger(trace_exporter.__name__).setLevel(logging.CRITICAL)
        self._exporter = OTLPSpanExporter(endpoint=_traces_url(endpoint), timeout=timeout_seconds)
        self._spans = spans
        self._batch = batch
        self._gathered: list[list[ReadableSpan]] = []
        self._missed = 0

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Calls are told of with their request."""

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        spans = self._spans.of(record)
        if spans:
            self._gathered.append(spans)
        if len(self._gathered) >= self._batch:
            self._export()

    def send(self) -> int:
        """Sends what was gathered; how many requests' spans are lost."""
        self._export()
        missed, self._missed = self._missed, 0
        return missed

    def close(self) -> None:
        """Waits for no collector any more, from whatever thread."""
        self._exporter.shutdown()  # type: ignore[no-untyped-call]  # the library leaves its annotation out

    def _export(self) -> None:
        gathered, self._gathered = self._gathered, []
        if not gathered:
            return
        result = self._exporter.export([span for spans in gathered for span in spans])
        if result is not SpanExportResult.SUCCESS:
            self._missed += len(gathered)


def _traces_url(endpoint: str) -> str:
    """The conventional path is added to an address without it."""
    if urlsplit(endpoint).path.rstrip("/").endswith(_PATH):
        return endpoint
    return endpoint.rstrip("/") + _PATH
