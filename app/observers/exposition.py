"""How do metrics become a page for Prometheus, and how are those of several processes added up?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from prometheus_client import Metric, generate_latest
from prometheus_client.registry import Collector

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"

# Gauges are sums over the processes, but for those that tell how something stands.
_JOINED: dict[str, Callable[[float, float], float]] = {"llm_circuit_breaker_state": max, "llm_dependency_up": min}


def _added(first: float, second: float) -> float:
    return first + second


class _Page(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families


def page_of(families: Iterable[Metric]) -> bytes:
    """The text of `families` in the format 0.0.4."""
    return generate_latest(_Page(families))


def families_of(collectors: Iterable[Collector]) -> Iterator[Metric]:
    """What they hold now, without the moments at which each series was made: those double the page for nothing."""
    for collector in collectors:
        for family in collector.collect():
            kept = Metric(family.name, family.documentation, family.type)
            kept.samples = [sample for sample in family.samples if not sample.name.endswith("_created")]
            yield kept


def joined(processes: Sequence[Iterable[Metric]]) -> list[Metric]:
    """The families of several processes as one: each series once."""
    found: dict[str, Metric] = {}
    values: dict[tuple[str, str, tuple[tuple[str, str], ...]], float] = {}
    for families in processes:
        for family in families:
            found.setdefault(family.name, Metric(family.name, family.documentation, family.type))
            join = _JOINED.get(family.name, _added)
            for sample in family.samples:
                key = (family.name, sample.name, tuple(sorted(sample.labels.items())))
                values[key] = join(values[key], sample.value) if key in values else sample.value
    for (family_name, name, labels), value in values.items():
        found[family_name].add_sample(name, dict(labels), value)
    return list(found.values())
