"""Which spans does a request leave? One for itself and one for each call below it, by the conventions for GenAI.

https://opentelemetry.io/docs/specs/semconv/gen-ai/gen-ai-spans/; what these have no name for begins with `llm.`.
No prompt, answer, tag or key is in a span, and no message of an error.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status, StatusCode

from app.ports.records import AttemptRecord, RequestRecord
from app.ports.trail import new_span_id, new_trace_id
from contracts.chat import Usage
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome

Attributes = dict[str, Any]

# The conventions' own names, where they differ from ours. Those of operations do not.
_PROVIDER_NAMES = {ProviderType.GEMINI: "gcp.gemini"}


class Spans:
    """Makes spans of one service, which calls itself `service` in `version`."""

    def __init__(self, service: str, version: str) -> None:
        self._resource = Resource.create({"service.name": service, "service.version": version})
        self._scope = InstrumentationScope(service, version)

    def of(self, record: RequestRecord) -> list[ReadableSpan]:
        """The request's span, and those of its calls; none where the caller keeps none."""
        if not record.is_sampled:
            return []
        trace_id = int(record.trace_id or new_trace_id(), 16)
        own = _context(trace_id, record.span_id or new_span_id())
        parent = _context(trace_id, record.parent_span_id, is_remote=True) if record.parent_span_id else None
        request = self._span(
            f"serve {record.operation.value}",
            own,
            parent,
            SpanKind.SERVER,
            _of_request(record),
            record.started_at,
            record.duration_seconds,
            record.error_type,
        )
        calls = [self._of_call(call, record.operation.value, own) for call in record.calls]
        return [request, *calls]

    def _of_call(self, call: AttemptRecord, operation: str, parent: SpanContext) -> ReadableSpan:
        failed = call.error_type if call.outcome is AttemptOutcome.FAILED else None
        return self._span(
            f"{operation} {call.model}",
            _context(parent.trace_id, call.span_id or new_span_id()),
            parent,
            SpanKind.CLIENT,
            _of_call(call, operation),
            call.started_at,
            call.duration_seconds,
            failed,
        )

    def _span(
        self,
        name: str,
        context: SpanContext,
        parent: SpanContext | None,
        kind: SpanKind,
        attributes: Attributes,
        started_at: datetime,
        seconds: float,
        error_type: str | None,
    ) -> ReadableSpan:
        """A span that has ended already, so it is made whole, without a tracer to begin and end it."""
        start = int(started_at.timestamp() * 1_000_000) * 1000
        if error_type is not None:
            attributes["error.type"] = error_type
        return ReadableSpan(
            name=name,
            context=context,
            parent=parent,
            resource=self._resource,
            attributes={key: value for key, value in attributes.items() if value is not None},
            kind=kind,
            status=Status(StatusCode.ERROR if error_type is not None else StatusCode.UNSET),
            start_time=start,
            end_time=start + int(seconds * 1e9),
            instrumentation_scope=self._scope,
        )


def _context(trace_id: int, span_id: str, *, is_remote: bool = False) -> SpanContext:
    return SpanContext(trace_id, int(span_id, 16), is_remote=is_remote, trace_flags=TraceFlags(TraceFlags.SAMPLED))


def _of_request(record: RequestRecord) -> Attributes:
    return {
        "gen_ai.operation.name": record.operation.value,
        "gen_ai.request.model": record.requested_model,
        "gen_ai.response.model": record.model,
        "gen_ai.request.stream": record.is_stream,
        "gen_ai.response.time_to_first_chunk": record.ttft_seconds,
        "llm.provider": record.provider,
        "llm.outcome": record.outcome,
        "llm.attempts": record.attempts,
        "llm.cache": record.cache.value,
        "llm.fallback_used": record.fallback_used,
        "llm.cost_usd": float(record.cost_usd) if record.cost_usd is not None else None,
        "llm.key_id": record.caller.key_id,
        "llm.request_id": record.request_id,
        "llm.correlation_id": record.correlation_id,
        **_of_usage(record.usage),
    }


def _of_call(call: AttemptRecord, operation: str) -> Attributes:
    return {
        "gen_ai.operation.name": operation,
        "gen_ai.provider.name": _PROVIDER_NAMES.get(call.provider_type, call.provider_type.value),
        "gen_ai.request.model": call.model,
        "gen_ai.response.time_to_first_chunk": call.ttft_seconds,
        "http.response.status_code": call.status,
        "llm.provider": call.provider,
        "llm.outcome": call.outcome.value,
        "llm.is_retry": call.is_retry,
        "llm.cost_usd": float(call.cost.usd) if call.cost is not None else None,
        **_of_usage(call.usage),
    }


def _of_usage(usage: Usage | None) -> Attributes:
    if usage is None:
        return {}
    return {
        "gen_ai.usage.input_tokens": usage.input_tokens,
        "gen_ai.usage.output_tokens": usage.output_tokens,
        "gen_ai.usage.cache_read.input_tokens": usage.cached_input_tokens or None,
        "gen_ai.usage.cache_creation.input_tokens": usage.cache_write_tokens or None,
        "gen_ai.usage.reasoning.output_tokens": usage.reasoning_tokens or None,
    }
