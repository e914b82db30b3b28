"""What do HTTP requests add to the metrics? Counts and times by route, as prometheus-fastapi-instrumentator keeps them.

Its metrics are used and its middleware is not: that looks for the route of each request a second time, among all of
them, which costs about 45 µs; the router has left it in the scope already.
"""

from __future__ import annotations

from typing import Any, cast

from prometheus_client import CollectorRegistry
from prometheus_fastapi_instrumentator.metrics import Info, latency, requests

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300)
_NO_ROUTE = "none"
_METHODS = frozenset({"GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"})
_OTHER_METHOD = "other"


class HttpMetrics:
    """`http_requests_total` and `http_request_duration_seconds`, in `registry`."""

    def __init__(self, registry: CollectorRegistry) -> None:
        made = (
            requests(registry=registry, should_include_status=True),
            latency(registry=registry, should_include_status=False, buckets=_SECONDS),
        )
        self._metrics = [metric for metric in made if metric is not None]

    def ended(self, method: str, route: str | None, status: int, seconds: float) -> None:
        """One HTTP request was answered. `route` is its template; None: it led nowhere."""
        info = Info(
            # What these metrics look at is all below; the request itself they do not.
            request=cast("Any", None),
            response=None,
            method=method if method in _METHODS else _OTHER_METHOD,
            modified_handler=route or _NO_ROUTE,
            modified_status=str(status),
            modified_duration=seconds,
        )
        for count in self._metrics:
            count(info)
