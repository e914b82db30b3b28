"""What does the guard add to a healthy call? Times it around a call that returns at once, and prints the median.

    python -m benchmarks.guard [--calls 20000]

Both are measured in one process, in turns: a bare await, and the same through circuit, cooldown, budget and limits,
its permit settled.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from statistics import median, quantiles

from app.resilience.clock import Clock
from app.resilience.deadline import AttemptLimits, Deadline
from app.resilience.guard import guarded
from app.resilience.retry import RequestBudget, RetryPolicy
from app.resilience.routes import Route, Routes
from contracts.config import CircuitBreakerConfig

BUDGET_MICROSECONDS = 20.0
_LIMITS = AttemptLimits(connect=5.0, answer=30.0, is_fair=True)


def main() -> None:
    """Measure, print, and fail when the budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.guard", description=__doc__)
    parser.add_argument("--calls", type=int, default=20_000)
    added, late = measure(parser.parse_args().calls)
    print(f"the guard adds {added:.2f} µs to a bare await, p99 {late:.2f} µs")
    if added > BUDGET_MICROSECONDS:
        raise SystemExit(f"the guard adds more than {BUDGET_MICROSECONDS:g} µs")


def measure(calls: int) -> tuple[float, float]:
    """Microseconds that the guard adds to a call: at the median, and at the 99th percentile."""
    bare, through = asyncio.run(_measured(calls))
    return median(through) - median(bare), quantiles(through, n=100)[98] - median(bare)


async def _measured(calls: int) -> tuple[list[float], list[float]]:
    clock = Clock()
    route = Routes(CircuitBreakerConfig(), clock).route("bench", "m")
    bare: list[float] = []
    through: list[float] = []
    for _ in range(calls):
        began = time.perf_counter_ns()
        await _vendor(_LIMITS)
        bare.append((time.perf_counter_ns() - began) / 1000)
        began = time.perf_counter_ns()
        _, permit = await guarded(route, _vendor, limits=_given, policy=_policy(route, clock))
        permit.succeed()
        through.append((time.perf_counter_ns() - began) / 1000)
    return bare, through


async def _vendor(limits: AttemptLimits) -> float:
    return limits.answer


def _given(is_retry: bool) -> AttemptLimits:
    return _LIMITS


def _policy(route: Route, clock: Clock) -> RetryPolicy:
    """As the engine makes it for each call."""
    return RetryPolicy(
        clock=clock,
        deadline=Deadline(clock, 45.0),
        request=RequestBudget(),
        route=route.retries,
        cooldown=route.cooldown,
        max_retries=3,
        delay_seconds=0.5,
        patience_seconds=3.0,
        untried=1,
        has_other=lambda: True,
    )


if __name__ == "__main__":
    main()
