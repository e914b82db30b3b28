"""What do calls and requests add to the metrics? Names and labels are those of the contract.

Money and tokens are counted by attempt: a call that failed, or was cut, is billed too.
Most of a batch differ in their figures only, so these are added up first, and then once to each series.
"""

from __future__ import annotations

from collections import Counter as Counts
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from prometheus_client import CollectorRegistry, Counter

from app.observers.histograms import Histograms, Values
from app.observers.label_values import KnowsModel, ModelLabels
from app.ports.records import AttemptRecord, RequestRecord
from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.responses import AttemptOutcome

_DURATIONS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300)
_FIRST_TOKENS = (0.05, 0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8, 12, 20, 30, 60)
_OVERHEADS = (0.0005, 0.001, 0.002, 0.003, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)
# Of the contract's usage: input holds cached and cache-written tokens, output holds reasoning. So these two add up to
# all, and the others say how much of them was of which kind.
_TOKEN_TYPES = (
    ("input", "input_tokens"),
    ("output", "output_tokens"),
    ("cached_input", "cached_input_tokens"),
    ("cache_write", "cache_write_tokens"),
    ("reasoning", "reasoning_tokens"),
)
# A row that was passed over, since its circuit is open or it has no room, was no call and left no attempt.
_NOBODY = "none"
_PASSED_OVER = "skipped"
_TRIFLE_USD = Decimal("1e-9")


@dataclass(slots=True)
class _Served:
    """The series of one provider and model, looked up once: that takes longer than to count. `ended`: by status."""

    ended: dict[str, Counter]
    seconds: Values
    first_token: Values
    cost: Counter
    unpriced: Counter
    mismatch: Counter
    tokens: dict[str, Counter]


@dataclass(slots=True)
class _Calls:
    """What the calls of a batch add to the series of one provider and model. `ended`: their statuses."""

    served: _Served
    provider: str
    model: str
    ended: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    first_token: list[float] = field(default_factory=list)
    usages: list[Usage] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    unpriced: int = 0


class Metrics:
    """Observer: counts into `registry`, all of a batch when that ends."""

    def __init__(self, registry: CollectorRegistry, knows_model: KnowsModel) -> None:
        self._labels = ModelLabels(knows_model)
        self._served: dict[tuple[str, str], _Served] = {}
        # Of this batch, by the names in the records: what is known of a model may be other in the next one.
        self._calls: dict[tuple[str, str], _Calls] = {}
        self._results: list[str] = []
        self._overheads: list[float] = []
        served = ("provider", "model")

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histograms:
            return Histograms(name, text, buckets, labels, registry=registry)

        self._requests = counter("llm_requests_total", "Calls sent to vendors, by how they ended.", *served, "status")
        self._seconds = histogram(
            "llm_response_duration_seconds", "How long calls took, of every outcome.", _DURATIONS, *served
        )
        self._tokens = counter(
            "llm_tokens_used_total", "Tokens; input and output are all of them.", *served, "token_type"
        )
        self._cost = counter("llm_cost_dollars_total", "US dollars, of calls whose price is known.", *served)
        self._unpriced = counter("llm_unpriced_calls_total", "Calls that used tokens of unknown price.", *served)
        self._mismatch = counter(
            "llm_cost_mismatch_total", "Calls whose vendor's figure is not what the price library says.", *served
        )
        self._first_token = histogram(
            "llm_time_to_first_token_seconds", "Until a stream's first content, by call.", _FIRST_TOKENS, *served
        )
        self._retries = counter("llm_retries_total", "Calls that repeated a failed one.", "provider")
        self._overhead = histogram(
            "llm_gateway_overhead_seconds", "What a request took beside its vendors and waiting.", _OVERHEADS
        ).labels()
        self._fallbacks = counter(
            "llm_fallbacks_total",
            "Requests that went on to another candidate.",
            "from_provider",
            "to_provider",
            "reason",
        )
        cache = counter("llm_cache_requests_total", "Requests, by what became of them at the cache.", "result")
        self._cached = {result.value: cache.labels(result.value) for result in CacheResult}

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Observer: one upstream call has ended."""
        calls = self._calls.get((record.provider, record.model))
        if calls is None:
            calls = self._calls[record.provider, record.model] = self._begun(record)
        usage, cost = record.usage, record.cost
        calls.ended.append("success" if record.outcome is AttemptOutcome.SUCCESS else _fault(record))
        calls.seconds.append(record.duration_seconds)
        if record.ttft_seconds is not None:
            calls.first_token.append(record.ttft_seconds)
        if record.is_retry:
            self._retries.labels(calls.provider).inc()
        if usage is not None:
            calls.usages.append(usage)
        if cost is not None:
            calls.costs.append(float(cost.usd))
            if record.listed_usd is not None and _differ(cost.usd, record.listed_usd):
                calls.served.mismatch.inc()
        elif usage is not None:
            calls.unpriced += 1

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        self._results.append(record.cache._value_)
        # Who shares another's call waits for that, and no second of it is ours.
        if record.cache is not CacheResult.COALESCED:
            own = record.duration_seconds - record.upstream_seconds - record.queue_seconds
            self._overheads.append(own if own > 0.0 else 0.0)
        if record.fallback_used or len(record.calls) > 1:
            self._count_fallbacks(record)

    def send(self) -> int:
        """Adds what was gathered to the series. It misses none."""
        gathered, self._calls = self._calls, {}
        for calls in gathered.values():
            self._count(calls)
        results, self._results = self._results, []
        for result, count in Counts(results).items():
            self._cached[result].inc(count)
        overheads, self._overheads = self._overheads, []
        self._overhead.observe_all(overheads)
        return 0

    def _count(self, calls: _Calls) -> None:
        served = calls.served
        for status, count in Counts(calls.ended).items():
            ended = served.ended.get(status)
            if ended is None:
                ended = served.ended[status] = self._requests.labels(calls.provider, calls.model, status)
            ended.inc(count)
        served.seconds.observe_all(calls.seconds)
        served.first_token.observe_all(calls.first_token)
        served.cost.inc(sum(calls.costs))
        served.unpriced.inc(calls.unpriced)
        for name, counter in served.tokens.items():
            # A vendor's figure below zero counts for nothing.
            counter.inc(sum([tokens for usage in calls.usages if (tokens := getattr(usage, name)) > 0]))

    def _count_fallbacks(self, record: RequestRecord) -> None:
        went_on = False
        for before, after in pairwise(record.calls):
            if (before.provider, before.model) != (after.provider, after.model):
                went_on = True
                self._fell_back(before.provider, after.provider, before.error_type or before.outcome.value)
        if record.fallback_used and not went_on and record.provider is not None:
            self._fell_back(_NOBODY, record.provider, _PASSED_OVER)

    def _fell_back(self, before: str, after: str, reason: str) -> None:
        self._fallbacks.labels(self._labels.provider(before), self._labels.provider(after), reason).inc()

    def _begun(self, record: AttemptRecord) -> _Calls:
        provider = self._labels.provider(record.provider)
        model = self._labels.model(record.provider, record.model)
        return _Calls(self._of(provider, model), provider, model)

    def _of(self, provider: str, model: str) -> _Served:
        served = self._served.get((provider, model))
        if served is None:
            served = self._served[provider, model] = _Served(
                ended={},
                seconds=self._seconds.labels(provider, model),
                first_token=self._first_token.labels(provider, model),
                cost=self._cost.labels(provider, model),
                unpriced=self._unpriced.labels(provider, model),
                mismatch=self._mismatch.labels(provider, model),
                tokens={field: self._tokens.labels(provider, model, kind) for kind, field in _TOKEN_TYPES},
            )
        return served


def _fault(record: AttemptRecord) -> str:
    return record.error_type or record.outcome.value


def _differ(usd: Decimal, listed_usd: Decimal) -> bool:
    """By more than a hundredth, and more than what a single cheap token costs."""
    return abs(usd - listed_usd) > max(listed_usd / 100, _TRIFLE_USD)
