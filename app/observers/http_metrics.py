"""What do HTTP requests add to the metrics? Counts and times by route, as prometheus-fastapi-instrumentator keeps them.

Its metrics are told of and its middleware is not used: that looks for the route of each request a second time, among
all of them, which costs about 45 µs; the router has left it in the scope already. Nor are its metrics counted into: a
time is nine calls of Python's to its histogram, which takes one after the other only. Requests are added up here, some
dozens at a time: between two of them what counts would have left the processor's caches.
"""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Metric
from prometheus_fastapi_instrumentator.metrics import latency, requests

from app.observers.histograms import Histograms, Values

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_BY_ROUTE = ("handler", "method")
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_OTHER_METHOD = "other"
_COUNTED_AT_ONCE = 64


class _Series:
    """How many requests of one route and method had one status, since they were counted last, and their times."""

    __slots__ = ("count", "counter", "times")

    def __init__(self, counter: Counter, times: Values) -> None:
        self.count = 0
        self.counter = counter
        self.times = times


class HttpMetrics:
    """`http_requests_total` and `http_request_duration_seconds`, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        counted, timed = _described()
        self._counts = Counter(counted.name, counted.documentation, (*_BY_ROUTE, "status"), registry=registry)
        self._times = Histograms(timed.name, timed.documentation, _SECONDS, _BY_ROUTE, registry=registry)
        self._told: list[tuple[str, str | None, int, float]] = []
        # As many as there are series: whoever invents methods and routes finds no new ones.
        self._series: dict[tuple[str, str, int], _Series] = {}

    def ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One HTTP request was answered. `route` is its template; None: it led nowhere."""
        self._told.append((method, route, status, seconds))
        if len(self._told) >= _COUNTED_AT_ONCE:
            self.count()

    def count(self) -> None:
        """Counts what was told of since the last time. On the thread that tells."""
        told, self._told = self._told, []
        counted: set[_Series] = set()
        for method, route, status, seconds in told:
            key = (route or _NO_ROUTE, method if method in _METHODS else _OTHER_METHOD, status)
            series = self._series.get(key) or self._begun(*key)
            series.count += 1
            series.times.observe(seconds)
            counted.add(series)
        for series in counted:
            series.counter.inc(series.count)
            series.count = 0

    def _begun(self, route: str, method: str, status: int) -> _Series:
        counter = self._counts.labels(route, method, str(status))
        series = self._series[route, method, status] = _Series(counter, self._times.labels(route, method))
        return series


def _described() -> Iterable[Metric]:
    """The instrumentator's two metrics, without series: their names and what they say."""
    its = CollectorRegistry(auto_describe=False)
    requests(registry=its, should_include_status=True)
    latency(registry=its, should_include_status=False, buckets=_SECONDS)
    return its.collect()
