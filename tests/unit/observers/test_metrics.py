"""What do calls and requests add to the metrics?"""

from __future__ import annotations

from decimal import Decimal

import pytest
from prometheus_client import CollectorRegistry

from app.observers.label_values import MOST_VALUES, LabelValues
from app.observers.metrics import Metrics
from contracts.cache import CacheResult
from contracts.responses import AttemptOutcome, Cost
from tests.kit.metrics_page import Page, page
from tests.kit.witnessed import SECRET, call, failed, request

KNOWN = {"gpt-5", "claude"}


@pytest.fixture
def registry() -> CollectorRegistry:
    return CollectorRegistry()


@pytest.fixture
def metrics(registry: CollectorRegistry) -> Metrics:
    """Of a service whose models are KNOWN."""
    return Metrics(registry, lambda provider, model: model in KNOWN)


def shown(metrics: Metrics, registry: CollectorRegistry) -> Page:
    """What is told at the end of a batch."""
    assert metrics.send() == 0
    return page(registry)


def test_metrics_names_and_labels_are_the_contract_s(metrics: Metrics, registry: CollectorRegistry) -> None:
    """Seed A's five (the circuit's state is a gauge), and those beside them."""
    metrics.attempt_ended(failed(is_retry=True))
    metrics.attempt_ended(call(cost=None))
    metrics.request_ended(request(failed(), call(provider="anthropic")))
    told = shown(metrics, registry)
    labels = {
        "llm_requests_total": {"provider", "model", "status"},
        "llm_response_duration_seconds_bucket": {"provider", "model", "le"},
        "llm_tokens_used_total": {"provider", "model", "token_type"},
        "llm_cost_dollars_total": {"provider", "model"},
        "llm_unpriced_calls_total": {"provider", "model"},
        "llm_time_to_first_token_seconds_bucket": {"provider", "model", "le"},
        "llm_gateway_overhead_seconds_bucket": {"le"},
        "llm_retries_total": {"provider"},
        "llm_fallbacks_total": {"from_provider", "to_provider", "reason"},
        "llm_cache_requests_total": {"result"},
    }
    assert {name: told.labels(name) for name in labels} == labels
    kinds = {"counter", "histogram"}
    assert {family.type for family in told.families.values()} == kinds
    assert "_created" not in told.text


def test_metrics_durations_reach_from_a_tenth_to_five_minutes(metrics: Metrics, registry: CollectorRegistry) -> None:
    """The contract's buckets; a failed call has a duration too."""
    metrics.attempt_ended(call(duration_seconds=0.05))
    metrics.attempt_ended(failed(duration_seconds=299.0))
    edges = [float(le) for (le, _, _) in shown(metrics, registry).series("llm_response_duration_seconds_bucket")]
    assert (min(edges), max(edge for edge in edges if edge != float("inf"))) == (0.1, 300.0)
    labels = {"provider": "openai", "model": "gpt-5"}
    assert shown(metrics, registry).value("llm_response_duration_seconds_bucket", le="0.1", **labels) == 1
    assert shown(metrics, registry).value("llm_response_duration_seconds_count", **labels) == 2


@pytest.mark.parametrize(
    "record,status",
    [
        (call(), "success"),
        (failed("timeout"), "timeout"),
        (call(outcome=AttemptOutcome.CANCELLED, status=None), "cancelled"),
        (call(outcome=AttemptOutcome.FAILED, error_type=None), "failed"),
    ],
)
def test_metrics_call_is_counted_by_how_it_ended(
    metrics: Metrics, registry: CollectorRegistry, record: object, status: str
) -> None:
    """`success`, `cancelled`, or its error_type."""
    metrics.attempt_ended(record)  # type: ignore[arg-type]
    assert shown(metrics, registry).series("llm_requests_total") == {("gpt-5", "openai", status): 1}


def test_metrics_tokens_and_money_add_up_exactly(metrics: Metrics, registry: CollectorRegistry) -> None:
    """To the token, and to a billionth of a dollar; what failed after it was billed counts as well."""
    tiny = Cost(usd=Decimal("0.000000123"), source="prices")
    for _ in range(1000):
        metrics.attempt_ended(call(cost=tiny))
    metrics.attempt_ended(failed(usage=call().usage, cost=tiny))
    told = shown(metrics, registry)
    assert told.series("llm_tokens_used_total") == {
        ("gpt-5", "openai", "input"): 41 * 1001,
        ("gpt-5", "openai", "output"): 15 * 1001,
        ("gpt-5", "openai", "cached_input"): 7 * 1001,
        ("gpt-5", "openai", "cache_write"): 3 * 1001,
        ("gpt-5", "openai", "reasoning"): 5 * 1001,
    }
    assert told.value("llm_cost_dollars_total", provider="openai", model="gpt-5") == pytest.approx(
        0.000123123, abs=1e-9
    )


def test_metrics_call_without_a_price_is_counted_apart(metrics: Metrics, registry: CollectorRegistry) -> None:
    """It used tokens, and what they cost is not known; that is not nothing. A call that used none is not unpriced."""
    metrics.attempt_ended(call(cost=None))
    metrics.attempt_ended(failed())
    metrics.attempt_ended(call(cost=Cost(usd=Decimal(0), source="free")))
    told = shown(metrics, registry)
    assert told.value("llm_unpriced_calls_total", provider="openai", model="gpt-5") == 1
    assert told.value("llm_cost_dollars_total", provider="openai", model="gpt-5") == 0


def test_metrics_first_token_is_measured_where_there_was_one(metrics: Metrics, registry: CollectorRegistry) -> None:
    """A plain call has none."""
    metrics.attempt_ended(call(ttft_seconds=None))
    metrics.attempt_ended(call(ttft_seconds=0.4))
    labels = {"provider": "openai", "model": "gpt-5"}
    assert shown(metrics, registry).value("llm_time_to_first_token_seconds_count", **labels) == 1
    assert shown(metrics, registry).value("llm_time_to_first_token_seconds_sum", **labels) == 0.4


def test_metrics_overhead_is_what_vendors_and_waiting_leave(metrics: Metrics, registry: CollectorRegistry) -> None:
    """2 s, of which 1.5 s upstream and 0.3 s in queues; who shared another's call had no overhead of its own."""
    metrics.request_ended(request())
    metrics.request_ended(request(cache=CacheResult.COALESCED))
    metrics.request_ended(request(duration_seconds=1.0))
    assert shown(metrics, registry).value("llm_gateway_overhead_seconds_count") == 2
    assert shown(metrics, registry).value("llm_gateway_overhead_seconds_sum") == pytest.approx(0.2)


def test_metrics_fallback_is_counted_from_candidate_to_candidate(metrics: Metrics, registry: CollectorRegistry) -> None:
    """With the error that sent it on; a retry of the same candidate is none."""
    calls = (failed(), failed("timeout", is_retry=True), failed(provider="anthropic", model="claude"), call(model="x"))
    metrics.request_ended(request(*calls, fallback_used=True))
    assert shown(metrics, registry).series("llm_fallbacks_total") == {
        ("openai", "timeout", "anthropic"): 1,
        ("anthropic", "rate_limit_exceeded", "openai"): 1,
    }


def test_metrics_fallback_past_a_candidate_that_was_not_called(metrics: Metrics, registry: CollectorRegistry) -> None:
    """Its circuit was open, say: nobody was called before who answered."""
    metrics.request_ended(request(call(provider="anthropic"), provider="anthropic", fallback_used=True))
    metrics.request_ended(request(provider=None, fallback_used=True))
    assert shown(metrics, registry).series("llm_fallbacks_total") == {("none", "skipped", "anthropic"): 1}


def test_metrics_cache_has_every_result_from_the_beginning(metrics: Metrics, registry: CollectorRegistry) -> None:
    """A rate over a series that appears with its first event would miss that event."""
    assert shown(metrics, registry).series("llm_cache_requests_total") == {(result.value,): 0 for result in CacheResult}
    metrics.request_ended(request(cache=CacheResult.HIT))
    assert shown(metrics, registry).value("llm_cache_requests_total", result="hit") == 1


def test_metrics_labels_hold_no_text_of_callers(metrics: Metrics, registry: CollectorRegistry) -> None:
    """A model that nobody knows is `other`; tags, users and metadata are nowhere."""
    metrics.attempt_ended(call(model=SECRET))
    metrics.request_ended(request(call(model=SECRET), requested_model=SECRET, model=SECRET))
    told = shown(metrics, registry)
    assert SECRET not in told.text
    assert told.value("llm_requests_total", provider="openai", model="other", status="success") == 1


def test_metrics_labels_are_bounded_in_number(registry: CollectorRegistry) -> None:
    """Whatever the configuration holds: the values of a label end at 500, and the rest is `other`."""
    metrics = Metrics(registry, lambda provider, model: True)
    for number in range(2 * MOST_VALUES):
        metrics.attempt_ended(failed(provider=f"row-{number}", model=f"model-{number}"))
    series = shown(metrics, registry).series("llm_requests_total")
    assert len({model for model, _, _ in series}) == MOST_VALUES
    assert len({provider for _, provider, _ in series}) == MOST_VALUES
    assert sum(series.values()) == 2 * MOST_VALUES


def test_metrics_batches_add_up(metrics: Metrics, registry: CollectorRegistry) -> None:
    """Nothing of a batch is counted before its end, and nothing twice."""
    metrics.attempt_ended(call())
    metrics.request_ended(request())
    assert page(registry).series("llm_requests_total") == {}
    for _ in range(2):
        assert shown(metrics, registry).series("llm_requests_total") == {("gpt-5", "openai", "success"): 1}
    metrics.attempt_ended(call())
    assert shown(metrics, registry).series("llm_requests_total") == {("gpt-5", "openai", "success"): 2}
    assert shown(metrics, registry).value("llm_gateway_overhead_seconds_count") == 1


def test_metrics_model_is_asked_for_anew_in_each_batch(registry: CollectorRegistry) -> None:
    """The configuration may have learned of it meanwhile."""
    known: set[str] = set()
    metrics = Metrics(registry, lambda provider, model: model in known)
    metrics.attempt_ended(call())
    metrics.send()
    known.add("gpt-5")
    metrics.attempt_ended(call())
    told = shown(metrics, registry).series("llm_requests_total")
    assert told == {("other", "openai", "success"): 1, ("gpt-5", "openai", "success"): 1}


def test_label_value_that_was_given_stays_given() -> None:
    """At the bound only what is new is `other`."""
    values = LabelValues(most=3)
    assert [values.bounded(name) for name in ("a", "b", "c", "a", "other")] == ["a", "b", "other", "a", "other"]
