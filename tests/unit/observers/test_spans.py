"""Which spans does a request leave?"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from opentelemetry.semconv._incubating.attributes import gen_ai_attributes
from opentelemetry.trace import SpanKind
from opentelemetry.trace.status import StatusCode

from app.observers.spans import Spans
from contracts.cache import CacheResult
from contracts.calls import Operation
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome, Cost
from tests.kit.witnessed import AT, SECRET, call, failed, request

PARENT = "b7ad6b7169203331"


@pytest.fixture
def spans() -> Spans:
    return Spans("llm-provider-service", "1.2.3")


def test_span_of_a_request_is_its_caller_s_child_and_its_calls_parent(spans: Spans) -> None:
    """One trace from the caller to the vendor, by the ids of the records."""
    record = request(failed(span_id="00000000000000a1"), call(span_id="00000000000000a2"), parent_span_id=PARENT)
    own, first, second = spans.of(record)
    assert {format(span.context.trace_id, "032x") for span in (own, first, second)} == {record.trace_id}
    assert [format(span.context.span_id, "016x") for span in (own, first, second)] == [
        record.span_id,
        "00000000000000a1",
        "00000000000000a2",
    ]
    assert (format(own.parent.span_id, "016x"), own.parent.is_remote) == (PARENT, True)
    assert first.parent == second.parent == own.context
    assert [span.kind for span in (own, first, second)] == [SpanKind.SERVER, SpanKind.CLIENT, SpanKind.CLIENT]


def test_span_times_are_the_records(spans: Spans) -> None:
    """To the microsecond, and the duration by the monotonic clock."""
    own, one = spans.of(request(call(started_at=AT + timedelta(milliseconds=250))))
    began = int(AT.timestamp()) * 1_000_000_000
    assert (own.start_time, own.end_time) == (began, began + 2_000_000_000)
    assert (one.start_time, one.end_time) == (began + 250_000_000, began + 1_750_000_000)


def test_span_attributes_are_the_conventions(spans: Spans) -> None:
    """Of a call: operation, vendor, model, tokens by kind, and what it cost, which has no convention."""
    _, one = spans.of(request(call(provider="my-gemini", provider_type=ProviderType.GEMINI, is_retry=True)))
    assert one.name == "chat gpt-5"
    assert dict(one.attributes) == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "gcp.gemini",
        "gen_ai.request.model": "gpt-5",
        "gen_ai.response.time_to_first_chunk": 0.4,
        "gen_ai.usage.input_tokens": 41,
        "gen_ai.usage.output_tokens": 15,
        "gen_ai.usage.cache_read.input_tokens": 7,
        "gen_ai.usage.cache_creation.input_tokens": 3,
        "gen_ai.usage.reasoning.output_tokens": 5,
        "http.response.status_code": 200,
        "llm.provider": "my-gemini",
        "llm.outcome": "success",
        "llm.is_retry": True,
        "llm.cost_usd": 0.25,
    }


def test_span_attributes_of_genai_exist_in_the_conventions(spans: Spans) -> None:
    """Each name is one of OpenTelemetry's own list."""
    known = {value for name, value in vars(gen_ai_attributes).items() if name.startswith("GEN_AI_")}
    told = {name for span in spans.of(request(call(), failed())) for name in span.attributes}
    assert {name for name in told if name.startswith("gen_ai.")} <= known
    assert {name.partition(".")[0] for name in told} == {"gen_ai", "llm", "http", "error"}


def test_span_of_a_failure_is_an_error_with_a_type_and_no_words(spans: Spans) -> None:
    """`error.type` is ours; its message is nowhere."""
    record = request(failed("timeout"), error_type="timeout", error_message=SECRET, provider=None, usage=None)
    for span in spans.of(record):
        assert span.status.status_code is StatusCode.ERROR
        assert span.status.description is None
        assert span.attributes["error.type"] == "timeout"


def test_span_of_a_caller_who_left_is_no_error(spans: Spans) -> None:
    """It is told as what it is."""
    left = call(outcome=AttemptOutcome.CANCELLED, usage=None, cost=None, status=None)
    for span in spans.of(request(left, is_cancelled=True, usage=None, cost_usd=None)):
        assert span.status.status_code is StatusCode.UNSET
        assert span.attributes["llm.outcome"] == "cancelled"
        assert "error.type" not in span.attributes


def test_span_of_a_request_that_made_no_call_stands_alone(spans: Spans) -> None:
    """An answer that was kept, say; without ids of a trace it gets its own."""
    record = request(cache=CacheResult.HIT, operation=Operation.EMBEDDINGS, trace_id=None, span_id=None)
    (own,) = spans.of(replace(record, calls=()))
    assert own.name == "serve embeddings"
    assert (own.attributes["llm.cache"], own.attributes["llm.attempts"], own.parent) == ("hit", 0, None)
    assert own.context.is_valid


def test_span_is_not_made_where_the_caller_keeps_none(spans: Spans) -> None:
    """The sampled flag of its `traceparent` holds for us too."""
    assert spans.of(request(is_sampled=False)) == []


def test_spans_hold_nothing_that_a_caller_wrote(spans: Spans) -> None:
    """Neither tags nor user nor metadata; the key is named by its id."""
    told = str([(span.name, dict(span.attributes)) for span in spans.of(request(call(error_message=SECRET)))])
    assert SECRET not in told
    assert "key-1" in told


def test_span_cost_of_nothing_is_told(spans: Spans) -> None:
    """Zero is a cost; none is no attribute."""
    free, unknown = Cost(usd=Decimal(0), source="free"), None
    costs: list[Any] = [
        spans.of(request(call(cost=cost)))[1].attributes.get("llm.cost_usd") for cost in (free, unknown)
    ]
    assert costs == [0.0, None]
