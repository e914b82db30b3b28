"""What does the guard add to a healthy call? Times it around a call that returns at once, and prints the median.

    python -m benchmarks.guard [--calls 20000]

Both are measured in one process, in turns: a bare await, and the same through place, circuit, cooldown and budget,
its place and its permit given back.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Awaitable
from statistics import median, quantiles
from types import TracebackType
from typing import Self

from app.resilience.admission import Place
from app.resilience.clock import Clock
from app.resilience.deadline import Deadline
from app.resilience.guard import guarded
from app.resilience.retry import RequestBudget, RetryPolicy
from app.resilience.routes import Route, Routes
from contracts.config import CircuitBreakerConfig

BUDGET_MICROSECONDS = 20.0
_SECONDS = 45.0


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
        await _vendor()
        bare.append((time.perf_counter_ns() - began) / 1000)
        began = time.perf_counter_ns()
        _, permit = await guarded(_Call(route, clock))
        permit.succeed()
        through.append((time.perf_counter_ns() - began) / 1000)
    return bare, through


async def _vendor() -> float:
    return _SECONDS


class _Call:
    """As the engine makes one for each target that it asks."""

    is_fair = True

    def __init__(self, route: Route, clock: Clock) -> None:
        self.route = route
        self._clock = clock
        self._place: Place | None = None

    def enters_at_once(self) -> bool:
        self._place = self.route.row.admission.enter_at_once()
        return self._place is not None

    async def enter(self, *, is_retry: bool) -> None:
        raise NotImplementedError

    def attempt(self, *, is_retry: bool) -> Self:
        return self

    def __enter__(self) -> Awaitable[float]:
        return _vendor()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._place is not None:
            self._place.release()

    def policy(self, *, is_probe: bool) -> RetryPolicy:
        return RetryPolicy(
            clock=self._clock,
            deadline=Deadline(self._clock, _SECONDS),
            request=RequestBudget(),
            route=self.route.retries,
            cooldown=self.route.cooldown,
            max_retries=3,
            delay_seconds=0.5,
            patience_seconds=3.0,
            untried=1,
            has_other=lambda: True,
            is_probe=is_probe,
        )

    def leave(self) -> None:
        """Nothing is left of it."""


if __name__ == "__main__":
    main()
