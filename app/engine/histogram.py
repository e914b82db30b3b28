"""How long things took, in buckets that grow by a tenth: small, mergeable, percentiles within five percent."""

from __future__ import annotations

from collections import Counter

from app.ports.latency_scale import bucket_of, percentile


class Histogram:
    """Counts of milliseconds."""

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.count = 0
        self.total_ms = 0.0

    def add(self, milliseconds: float) -> None:
        """One more measurement; below a hundredth of a millisecond all are one."""
        self._buckets[bucket_of(milliseconds)] += 1
        self.count += 1
        self.total_ms += milliseconds

    def percentile(self, share: float) -> float | None:
        """The value that `share` (0 to 1) of the measurements do not exceed; None without any."""
        return percentile(self._buckets, share)

    def mean(self) -> float | None:
        """Arithmetic mean in milliseconds; None without any."""
        return round(self.total_ms / self.count, 3) if self.count else None
