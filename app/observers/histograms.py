"""How are many values counted into a histogram at once? By a collector of ours, since the library takes one at a time.

Its own takes a lock twice for each value, and walks through the bounds in Python.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import accumulate

from prometheus_client import CollectorRegistry
from prometheus_client.core import HistogramMetricFamily
from prometheus_client.registry import Collector


class Values:
    """One series: how many values are up to each of `bounds`, and their sum. Counted by one thread, read by any."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, bounds: Sequence[float]) -> None:
        self._bounds = bounds
        # The last is of what is above all bounds.
        self._counts = [0] * (len(bounds) + 1)
        self._sum = 0.0

    def observe(self, value: float) -> None:
        """Counts one."""
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def observe_all(self, values: Sequence[float]) -> None:
        """Counts `values`."""
        counts, bounds = self._counts, self._bounds
        for value in values:
            counts[bisect_left(bounds, value)] += 1
        self._sum += sum(values)

    def told(self) -> tuple[list[int], float]:
        """How many values are not above each bound, at last all of them; and their sum."""
        return list(accumulate(self._counts)), self._sum


class Histograms(Collector):
    """The series of one metric, a series for each set of values of `labels`; in `registry` from now on."""

    def __init__(
        self, name: str, text: str, bounds: Sequence[float], labels: Sequence[str], *, registry: CollectorRegistry
    ) -> None:
        self._name = name
        self._text = text
        self._labels = labels
        self._bounds = tuple([float(bound) for bound in bounds])
        self._edges = [*map(str, self._bounds), "+Inf"]
        self._series: dict[tuple[str, ...], Values] = {}
        registry.register(self)

    def labels(self, *values: str) -> Values:
        """The series of these values, which is there from now on."""
        return self._series.setdefault(values, Values(self._bounds))

    def collect(self) -> Iterator[HistogramMetricFamily]:
        """All series."""
        family = HistogramMetricFamily(self._name, self._text, labels=self._labels)
        # A copy: the thread that counts may add one.
        for labels, values in list(self._series.items()):
            counts, total = values.told()
            family.add_metric(labels, list(zip(self._edges, counts, strict=True)), total)
        yield family
