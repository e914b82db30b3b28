"""Calls that a test measures by hand: a block is one call on a route, and what it raises decides how it counts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from app.engine.latencies import Latencies
from app.resilience.clock import Clock


@contextmanager
def measured(latencies: Latencies, clock: Clock, route: str, *, to_first_token: bool = False) -> Iterator[None]:
    """As the engine measures an attempt on `route`."""
    meter, began = latencies.meter(route, to_first_token=to_first_token), clock.monotonic()
    meter.under_way += 1
    try:
        yield
    except BaseException as error:
        meter.ended(began, error)
        raise
    else:
        meter.ended(began, None)
