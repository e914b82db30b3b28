"""What do calls and requests add to the metrics? Names and labels are those of the contract.

Money and tokens are counted by attempt: a call that failed, or was cut, is billed too.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

from prometheus_client import CollectorRegistry, Counter, Histogram

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
    seconds: Histogram
    first_token: Histogram
    cost: Counter
    unpriced: Counter
    mismatch: Counter
    tokens: dict[str, Counter]


class Metrics:
    """Observer: counts into `registry`."""

    def __init__(self, registry: CollectorRegistry, knows_model: KnowsModel) -> None:
        self._labels = ModelLabels(knows_model)
        self._served: dict[tuple[str, str], _Served] = {}
        served = ("provider", "model")

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, labels, registry=registry)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(name, text, labels, buckets=buckets, registry=registry)

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
        )
        self._fallbacks = counter(
            "llm_fallbacks_total",
            "Requests that went on to another candidate.",
            "from_provider",
            "to_provider",
            "reason",
        )
        cache = counter("llm_cache_requests_total", "Requests, by what became of them at the cache.", "result")
        self._cached = {result: cache.labels(result.value) for result in CacheResult}

    def attempt_ended(self, record: AttemptRecord) -> None:
        """Observer: one upstream call has ended."""
        provider = self._labels.provider(record.provider)
        model = self._labels.model(record.provider, record.model)
        served, status = self._of(provider, model), _status(record)
        ended = served.ended.get(status)
        if ended is None:
            ended = served.ended[status] = self._requests.labels(provider, model, status)
        ended.inc()
        served.seconds.observe(record.duration_seconds)
        if record.ttft_seconds is not None:
            served.first_token.observe(record.ttft_seconds)
        if record.is_retry:
            self._retries.labels(provider).inc()
        if record.usage is not None:
            _count_tokens(served, record.usage)
        if record.cost is not None:
            served.cost.inc(float(record.cost.usd))
        elif record.usage is not None:
            served.unpriced.inc()
        if _is_mismatch(record):
            served.mismatch.inc()

    def request_ended(self, record: RequestRecord) -> None:
        """Observer: one request has ended."""
        self._cached[record.cache].inc()
        # Who shares another's call waits for that, and no second of it is ours.
        if record.cache is not CacheResult.COALESCED:
            own = record.duration_seconds - record.upstream_seconds - record.queue_seconds
            self._overhead.observe(max(0.0, own))
        went_on = False
        for before, after in pairwise(record.calls):
            if (before.provider, before.model) != (after.provider, after.model):
                went_on = True
                self._fell_back(before.provider, after.provider, before.error_type or before.outcome.value)
        if record.fallback_used and not went_on and record.provider is not None:
            self._fell_back(_NOBODY, record.provider, _PASSED_OVER)

    def _fell_back(self, before: str, after: str, reason: str) -> None:
        self._fallbacks.labels(self._labels.provider(before), self._labels.provider(after), reason).inc()

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


def _status(record: AttemptRecord) -> str:
    if record.outcome is AttemptOutcome.SUCCESS:
        return "success"
    return record.error_type or record.outcome.value


def _is_mismatch(record: AttemptRecord) -> bool:
    """By more than a hundredth, and more than what a single cheap token costs."""
    if record.cost is None or record.listed_usd is None:
        return False
    return abs(record.cost.usd - record.listed_usd) > max(record.listed_usd / 100, _TRIFLE_USD)


def _count_tokens(served: _Served, usage: Usage) -> None:
    for field, counter in served.tokens.items():
        tokens: int = getattr(usage, field)
        if tokens > 0:
            counter.inc(tokens)
