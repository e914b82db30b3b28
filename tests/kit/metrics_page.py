"""A page of metrics, as Prometheus' own parser reads it."""

from __future__ import annotations

from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector

from app.observers.exposition import families_of, page_of

Series = tuple[str, tuple[tuple[str, str], ...]]


class Page:
    """What is told: the value of each series."""

    def __init__(self, text: bytes) -> None:
        self.text = text.decode()
        self.families = {family.name: family for family in text_string_to_metric_families(self.text)}
        self.values: dict[Series, float] = {
            (sample.name, tuple(sorted(sample.labels.items()))): sample.value
            for family in self.families.values()
            for sample in family.samples
        }

    def value(self, name: str, **labels: str) -> float:
        """Of one series, which must be there."""
        return self.values[name, tuple(sorted(labels.items()))]

    def series(self, name: str) -> dict[tuple[str, ...], float]:
        """Label values, in the order of the labels' names, → value."""
        return {tuple(value for _, value in key[1]): number for key, number in self.values.items() if key[0] == name}

    def labels(self, name: str) -> set[str]:
        """The names of the labels of one metric."""
        return {label for key in self.values if key[0] == name for label, _ in key[1]}


def page(*collectors: Collector) -> Page:
    """What `collectors` hold."""
    return Page(page_of(families_of(collectors)))
