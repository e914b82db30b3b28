"""How long things took, in buckets that grow by a tenth: small, mergeable, percentiles within five percent."""

from __future__ import annotations

from collections import Counter

from app.ports.latency_scale import buckets_of, percentile

_AT_A_TIME = 64


class Histogram:
    """Counts of milliseconds. Of some dozens at a time, or when somebody asks, it is found out where they belong."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self._waiting: list[float] = []
        self.count = 0
        self.total_ms = 0.0

    def add(self, *milliseconds: float) -> None:
        """So many more measurements; below a hundredth of a millisecond all are one."""
        self._waiting += milliseconds
        if len(self._waiting) >= _AT_A_TIME:
            self._sort()
        self.count += len(milliseconds)
        self.total_ms += sum(milliseconds)

    def percentile(self, share: float) -> float | None:
        """The value that `share` (0 to 1) of the measurements do not exceed; None without any."""
        self._sort()
        return percentile(self._buckets, share)

    def mean(self) -> float | None:
        """Arithmetic mean in milliseconds; None without any."""
        return round(self.total_ms / self.count, 3) if self.count else None

    def _sort(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._buckets.update(buckets_of(waiting))
