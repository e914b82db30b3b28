"""Which headers tell a caller who answered, for how much, and where the time went?"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from contracts import (
    Attempt,
    CacheResult,
    ComparisonResponse,
    EmbeddingAccount,
    Latency,
    LLMProviderError,
    LLMResponse,
    dearest,
)

# Of what failed.
_CACHE = {"x-llm-cache": CacheResult.BYPASS.value}


def answer_headers(answer: LLMResponse | EmbeddingAccount) -> dict[str, str]:
    """The headers of one whole answer."""
    return _served(answer, answer.cost.usd if answer.cost is not None else None)


def verdict_headers(answer: ComparisonResponse) -> dict[str, str]:
    """The headers of one comparison."""
    return _served(answer, answer.cost_estimate)


def stream_headers(*, provider: str, model: str, attempts: int, cache: CacheResult) -> dict[str, str]:
    """The headers of an answer that has only begun; the rest stands in its last event."""
    return {
        "x-llm-provider": provider,
        "x-llm-model": model,
        "x-llm-attempts": str(attempts),
        "x-llm-cache": cache.value,
    }


def batch_headers(
    results: Sequence[LLMResponse | ComparisonResponse | LLMProviderError], *, total_ms: float
) -> dict[str, str]:
    """The headers of a batch: all attempts of its items, and the time it took."""
    attempts = sum(len(result.attempts) for result in results)
    cache = dearest(result.cache for result in results if not isinstance(result, LLMProviderError))
    return {
        "x-llm-attempts": str(attempts),
        "server-timing": f"total;dur={total_ms:.1f}",
        "x-llm-cache": cache.value,
    }


def attempt_headers(error: LLMProviderError) -> dict[str, str]:
    """The headers of a model call that failed; none for an error that met no vendor."""
    if not error.attempts:
        return {}
    last = error.attempts[-1]
    return {
        "x-llm-provider": error.provider or last.provider,
        "x-llm-model": error.model or last.model,
        "x-llm-attempts": str(len(error.attempts)),
        **_CACHE,
    }


class _Served(Protocol):
    @property
    def provider(self) -> str: ...

    @property
    def model(self) -> str: ...

    @property
    def attempts(self) -> list[Attempt]: ...

    @property
    def cache(self) -> CacheResult: ...

    @property
    def latency(self) -> Latency: ...


def _served(answer: _Served, cost_usd: Decimal | None) -> dict[str, str]:
    took = answer.latency
    headers = {
        "x-llm-provider": answer.provider,
        "x-llm-model": answer.model,
        "x-llm-attempts": str(len(answer.attempts)),
        # In milliseconds.
        "server-timing": (
            f"total;dur={took.total_ms:.1f}, upstream;dur={took.upstream_ms:.1f}, overhead;dur={took.overhead_ms:.1f}"
        ),
        "x-llm-cache": answer.cache,
    }
    if cost_usd is not None:
        headers["x-llm-cost-usd"] = f"{round(cost_usd, 12).normalize():f}"
    return headers
