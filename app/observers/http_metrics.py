"""What do HTTP requests add to the metrics? Counts and times by route, as prometheus-fastapi-instrumentator keeps them.

Its metrics are told of and its middleware is not used: that looks for the route of each request a second time, among
all of them, which costs about 45 µs; the router has left it in the scope already. Nor are its metrics counted into: a
time is nine calls of Python's to its histogram, which takes one after the other only. Requests are added up here, some
dozens at a time: between two of them what counts would have left the processor's caches.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import accumulate

from prometheus_client import CollectorRegistry, Metric
from prometheus_client.metrics_core import CounterMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString
from prometheus_fastapi_instrumentator.metrics import latency, requests

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_BOUNDS = (*map(floatToGoString, _SECONDS), "+Inf")
_BY_ROUTE = ("handler", "method")
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_OTHER_METHOD = "other"
_COUNTED_AT_ONCE = 64


class _Times:
    """How long the requests of one route and method took. `counts` are those up to each bound, and beyond the last."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * len(_BOUNDS)
        self.seconds = 0.0


class _Series:
    """How many requests of one route and method had one status."""

    __slots__ = ("count", "times")

    def __init__(self, times: _Times) -> None:
        self.count = 0
        self.times = times


class HttpMetrics(Collector):
    """`http_requests_total` and `http_request_duration_seconds`, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        # Made for what they are called.
        self._counted, self._timed = _described()
        self._told: list[tuple[str, str | None, int, float]] = []
        # As many as there are series: whoever invents methods and routes finds no new ones.
        self._series: dict[tuple[str, str, int], _Series] = {}
        self._times: dict[tuple[str, str], _Times] = {}
        registry.register(self)

    def ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One HTTP request was answered. `route` is its template; None: it led nowhere."""
        self._told.append((method, route, status, seconds))
        if len(self._told) >= _COUNTED_AT_ONCE:
            self.count()

    def count(self) -> None:
        """Counts what was told of since the last time. On the thread that tells."""
        told, self._told = self._told, []
        for method, route, status, seconds in told:
            key = (route or _NO_ROUTE, method if method in _METHODS else _OTHER_METHOD, status)
            series = self._series.get(key)
            if series is None:
                series = self._series[key] = _Series(self._times.setdefault(key[:2], _Times()))
            series.count += 1
            times = series.times
            times.seconds += seconds
            times.counts[bisect_left(_SECONDS, seconds)] += 1

    def collect(self) -> Iterable[Metric]:
        """What was counted, as Prometheus' client has it."""
        counts = CounterMetricFamily(self._counted.name, self._counted.documentation, labels=(*_BY_ROUTE, "status"))
        for (route, method, status), series in self._series.items():
            counts.add_metric((route, method, str(status)), series.count)
        seconds = HistogramMetricFamily(self._timed.name, self._timed.documentation, labels=_BY_ROUTE)
        for labels, times in self._times.items():
            buckets = list(zip(_BOUNDS, accumulate(times.counts), strict=True))
            seconds.add_metric(labels, buckets, times.seconds)
        return (counts, seconds)


def _described() -> Iterable[Metric]:
    """The instrumentator's two metrics, without series: their names and what they say."""
    its = CollectorRegistry(auto_describe=False)
    requests(registry=its, should_include_status=True)
    latency(registry=its, should_include_status=False, buckets=_SECONDS)
    return its.collect()
