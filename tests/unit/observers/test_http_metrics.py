"""What do HTTP requests add to the metrics?"""

from __future__ import annotations

from typing import cast

from hypothesis import given
from hypothesis import strategies as st
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator.metrics import latency, requests

from app.observers.exposition import families_of, page_of
from app.observers.http_metrics import HttpMetrics

BOUNDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
TOLD = st.lists(
    st.tuples(
        st.sampled_from(["GET", "POST"]),
        st.sampled_from(["/process", "/v1/chat/completions"]),
        st.sampled_from([200, 429]),
        st.sampled_from(BOUNDS) | st.floats(0, 1000),
    ),
    max_size=150,
)


class Instrumentator(CollectorRegistry):
    """The instrumentator's own metrics, counted into one by one."""

    def __init__(self) -> None:
        self.made: list[Collector] = []
        super().__init__(auto_describe=False)
        requests(registry=self, should_include_status=True)
        latency(registry=self, should_include_status=False, buckets=BOUNDS)

    def register(self, collector: Collector) -> None:
        self.made.append(collector)
        super().register(collector)

    def ended(self, method: str, route: str, status: int, seconds: float) -> None:
        """One by one, as its own middleware does."""
        counts, times = self.made
        cast("Counter", counts).labels(handler=route, method=method, status=str(status)).inc()
        cast("Histogram", times).labels(handler=route, method=method).observe(seconds)


@given(TOLD, TOLD)
def test_http_metrics_are_the_instrumentators(
    first: list[tuple[str, str, int, float]], second: list[tuple[str, str, int, float]]
) -> None:
    """Name by name, series by series and byte by byte, at every page."""
    registry, theirs = CollectorRegistry(auto_describe=False), Instrumentator()
    ours = HttpMetrics(registry)
    for told in (first, second):
        for one in told:
            ours.ended(*one)
            theirs.ended(*one)
        ours.count()
        assert page_of(families_of((registry,))) == page_of(families_of((theirs,)))
