"""What does it cost a request that it is written down: in the books, and in the metrics of HTTP?

    python -m benchmarks.recording [--calls 400] [--pairs 14]

The books: one service with the ledger on SQLite and one without, side by side, each given the same requests for the
mock provider in turns; what counts is the event loop's processor time, since the books' own thread waits for no caller.
The metrics: what one answer adds to them, by itself.
"""

from __future__ import annotations

import argparse
import time
from contextlib import AsyncExitStack
from statistics import median, quantiles
from timeit import repeat

import uvloop
from prometheus_client import CollectorRegistry

from app.cli.garbage import settle_garbage
from app.observers.http_metrics import HttpMetrics
from app.service import LLMProviderService
from app.settings import Settings
from benchmarks.comparison.figures import Budget
from contracts import LLMProviderConfig, LLMRequest

LEDGER_MICROSECONDS = 25.0
HTTP_METRICS_MICROSECONDS = 15.0
_CALLS, _PAIRS = 400, 14
_OBSERVED, _REPEATS = 5000, 15


def main() -> None:
    """Measure, print, and fail when a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.recording", description=__doc__)
    parser.add_argument("--calls", type=int, default=_CALLS, help="of each service, in each pair")
    parser.add_argument("--pairs", type=int, default=_PAIRS)
    options = parser.parse_args()
    budgets = measure(options.calls, options.pairs)
    for budget in budgets:
        print(f"{budget.part}: {budget.p50_us:.1f} µs, p99 {budget.p99_us:.1f}, at most {budget.most_us:g}")
    if any(budget.p50_us > budget.most_us for budget in budgets):
        raise SystemExit("a budget is exceeded")


def measure(calls: int = _CALLS, pairs: int = _PAIRS) -> list[Budget]:
    """The books' row and the metrics'. A percentile is one of pairs, or of repetitions: not of single requests."""
    books, metrics = uvloop.run(_books(calls, pairs)), _metrics()
    return [
        _budget("a request in the ledger, added on the event loop", books, LEDGER_MICROSECONDS),
        _budget("an answer in the metrics of HTTP", metrics, HTTP_METRICS_MICROSECONDS),
    ]


async def _books(calls: int, pairs: int) -> list[float]:
    requests = [LLMRequest(prompt=f"number {number}", preferred_provider="mock") for number in range(calls)]
    async with AsyncExitStack() as stack:
        kept, bare = [await _started(stack, keeps=keeps) for keeps in (True, False)]
        settle_garbage()
        for service in (kept, bare):
            await _microseconds(service, requests)
        added = []
        for number in range(pairs):
            turn = (kept, bare) if number % 2 else (bare, kept)
            took = {service: await _microseconds(service, requests) for service in turn}
            added.append(took[kept] - took[bare])
        return added


async def _started(stack: AsyncExitStack, *, keeps: bool) -> LLMProviderService:
    told = {"providers": {"mock": {"enabled": True}}, "enable_usage_analytics": keeps}
    service = LLMProviderService(settings=Settings(config=LLMProviderConfig.model_validate(told)))
    await service.start()
    stack.push_async_callback(service.stop)
    return service


async def _microseconds(service: LLMProviderService, requests: list[LLMRequest]) -> float:
    """Of this thread, for each request."""
    began = time.thread_time_ns()
    for request in requests:
        await service.process_request(request)
    return (time.thread_time_ns() - began) / 1000 / len(requests)


def _metrics() -> list[float]:
    metrics = HttpMetrics(CollectorRegistry())
    times = repeat(lambda: metrics.ended("POST", "/process", 200, 0.01), number=_OBSERVED, repeat=_REPEATS)
    return [seconds * 1e6 / _OBSERVED for seconds in times]


def _budget(name: str, times: list[float], most_us: float) -> Budget:
    return Budget(name, median(times), quantiles(times, n=100, method="inclusive")[98], most_us)


if __name__ == "__main__":
    main()
