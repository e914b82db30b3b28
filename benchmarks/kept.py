"""What does an answer that is kept cost? Times the service's own work, from memory and from a real Redis.

    python -m benchmarks.kept [--calls 5000]

One process, one request at a time: from a request model to its answer, without HTTP. The misses go to the mock
provider, so nothing of a vendor is in any figure.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import uvloop
from pydantic import SecretStr

from app.cli.garbage import settle_garbage
from app.service import LLMProviderService
from app.settings import Settings
from contracts import CacheResult, LLMProviderConfig, LLMRequest
from tests.kit.redis_server import RedisServer

BUDGETS_MICROSECONDS = {"memory": 100.0, "redis": 1000.0}
_WARM_UP = 200
_PROMPT = "Which of these two essays is better, and why? " + "It was a bright cold day in April. " * 100


@dataclass(frozen=True)
class Kept:
    """Microseconds of one answer, from each place that it came from."""

    store: str
    miss_p50_us: float
    hit_p50_us: float
    hit_p99_us: float


def main() -> None:
    """Measure, print, and fail when a budget is exceeded."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kept", description=__doc__)
    parser.add_argument("--calls", type=int, default=5000)
    rows = measure(parser.parse_args().calls)
    print(table(rows))
    late = [row.store for row in rows if row.hit_p50_us > BUDGETS_MICROSECONDS[row.store]]
    if late:
        raise SystemExit(f"an answer kept in {' and '.join(late)} costs more than its budget")


def measure(calls: int) -> list[Kept]:
    """One row for memory, one for Redis."""
    with tempfile.TemporaryDirectory(prefix="llm-provider-service-bench-") as folder:
        redis = RedisServer(Path(folder))
        try:
            return [
                uvloop.run(_measured("memory", None, calls)),
                uvloop.run(_measured("redis", redis.url, calls)),
            ]
        finally:
            redis.close()


def table(rows: list[Kept]) -> str:
    """The rows in Markdown."""
    lines = ["| answer kept in | bought, p50 µs | kept, p50 µs | kept, p99 µs |", "|---|---:|---:|---:|"]
    lines += [f"| {row.store} | {row.miss_p50_us:.0f} | {row.hit_p50_us:.0f} | {row.hit_p99_us:.0f} |" for row in rows]
    return "\n".join(lines)


async def _measured(store: str, redis_url: str | None, calls: int) -> Kept:
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"enabled": True}}})
    url = None if redis_url is None else SecretStr(redis_url)
    service = LLMProviderService(settings=Settings(config=config, redis_url=url))
    await service.start()
    # As the command does.
    settle_garbage()
    try:
        misses = await _times(service, calls // 10, CacheResult.MISS, prefix="new ")
        await service.process_request(_request(_PROMPT))
        hits = await _times(service, calls, CacheResult.HIT)
    finally:
        await service.stop()
    return Kept(store, round(median(misses), 1), round(median(hits), 1), round(quantiles(hits, n=100)[98], 1))


async def _times(service: LLMProviderService, calls: int, wanted: CacheResult, *, prefix: str = "") -> list[float]:
    """Microseconds of each call that came from where it should; raises RuntimeError when one in a hundred did not."""
    times: list[float] = []
    others = 0
    for number in range(_WARM_UP + calls):
        request = _request(f"{prefix}{number} {_PROMPT}" if prefix else _PROMPT)
        began = time.perf_counter_ns()
        answer = await service.process_request(request)
        took = (time.perf_counter_ns() - began) / 1000
        if number < _WARM_UP:
            continue
        if answer.cache is wanted:
            times.append(took)
        else:
            others += 1
    if others * 100 > calls:
        raise RuntimeError(f"{others} of {calls} answers were no {wanted}")
    return times


def _request(prompt: str) -> LLMRequest:
    asked: dict[str, Any] = {"prompt": prompt, "preferred_provider": "mock", "use_cache": True}
    return LLMRequest.model_validate(asked)


if __name__ == "__main__":
    main()
