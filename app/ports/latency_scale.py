"""Which step of a logarithmic scale does a duration fall on? Steps grow by a tenth, and counts on them add up.

So histograms of several processes and hours can be merged, and percentiles of the sum are within five percent.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

_GROWTH = math.log(1.1)
_LEAST_MS = 0.01


def bucket_of(milliseconds: float) -> int:
    """The step of `milliseconds`; below a hundredth of a millisecond all are one."""
    return round(math.log(milliseconds if milliseconds > _LEAST_MS else _LEAST_MS) / _GROWTH)


def buckets_of(lengths: Iterable[float]) -> list[int]:
    """The `bucket_of` each of so many milliseconds, without a call for each."""
    return [round(math.log(one if one > _LEAST_MS else _LEAST_MS) / _GROWTH) for one in lengths]


def percentile(buckets: Mapping[int, int], share: float) -> float | None:
    """Milliseconds that `share` (0 to 1) of what was counted do not exceed; None without any."""
    wanted = share * sum(buckets.values())
    seen = 0
    for bucket in sorted(buckets):
        seen += buckets[bucket]
        if seen >= wanted:
            return round(math.exp(bucket * _GROWTH), 3)
    return None
