"""What do HTTP requests add to the metrics? Counts and times by route, as prometheus-fastapi-instrumentator keeps them.

Its metrics are used and its middleware is not: that looks for the route of each request a second time, among all of
them, which costs about 45 µs; the router has left it in the scope already. Nor are the functions that count into its
metrics: they look for the series of each request anew. Each is kept here, which makes 4.3 µs a request 1.4. And
requests are counted some dozens at a time: between two of them what counts would have left the processor's caches.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.registry import Collector
from prometheus_fastapi_instrumentator.metrics import latency, requests

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_OTHER_METHOD = "other"
_COUNTED_AT_ONCE = 64


class _Met(CollectorRegistry):
    """What is registered here goes on to `registry`; what it was is in `collectors`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        super().__init__()
        self.collectors: list[Collector] = []
        self._registry = registry

    def register(self, collector: Collector) -> None:
        self.collectors.append(collector)
        self._registry.register(collector)


class HttpMetrics:
    """`http_requests_total` and `http_request_duration_seconds`, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        met = _Met(registry)
        requests(registry=met, should_include_status=True)
        latency(registry=met, should_include_status=False, buckets=_SECONDS)
        self._counts = next(one for one in met.collectors if isinstance(one, Counter))
        self._seconds = next(one for one in met.collectors if isinstance(one, Histogram))
        self._told: list[tuple[str, str | None, int, float]] = []
        # As many as there are series: whoever invents methods and routes finds no new ones.
        self._series: dict[tuple[str, str | None, int], tuple[Counter, Histogram]] = {}

    def ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One HTTP request was answered. `route` is its template; None: it led nowhere."""
        self._told.append((method, route, status, seconds))
        if len(self._told) >= _COUNTED_AT_ONCE:
            self.count()

    def count(self) -> None:
        """Counts what was told of since the last time. On the thread that tells."""
        told, self._told = self._told, []
        for method, route, status, seconds in told:
            known = method if method in _METHODS else _OTHER_METHOD
            series = self._series.get((known, route, status))
            if series is None:
                series = self._series[known, route, status] = self._of(known, route or _NO_ROUTE, status)
            count, histogram = series
            count.inc()
            histogram.observe(seconds)

    def _of(self, method: str, route: str, status: int) -> tuple[Counter, Histogram]:
        count = self._counts.labels(handler=route, method=method, status=str(status))
        return count, self._seconds.labels(handler=route, method=method)
