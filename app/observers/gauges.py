"""How does the service stand at this moment? Read when somebody asks for the metrics, from those who know."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from contracts.providers import CircuitState

Family = GaugeMetricFamily | CounterMetricFamily

_CIRCUITS = {CircuitState.CLOSED: 0, CircuitState.OPEN: 1, CircuitState.HALF_OPEN: 2}


def _nothing() -> Mapping[str, CircuitState]:
    return {}


def _no_faults() -> Mapping[str, str | None]:
    return {}


def _zero() -> int:
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """Whom to ask. Each is called on the service's own loop, does no I/O and does not raise.

    `circuits`: of each row that may serve. `in_flight`: requests under way. `rows_lost`: as `Books.lost`.
    `faults`: what the service leans on (redis, database, kafka), with why it is down, None while it is up.
    """

    circuits: Callable[[], Mapping[str, CircuitState]] = _nothing
    in_flight: Callable[[], int] = _zero
    rows_lost: Callable[[], int] = _zero
    faults: Callable[[], Mapping[str, str | None]] = _no_faults


class Gauges(Collector):
    """Collector of what `state` says, and of what observers missed by `dropped`."""

    def __init__(self, state: State, dropped: Callable[[], Mapping[str, int]]) -> None:
        self._state = state
        self._dropped = dropped
        self._read: list[Family] = []

    def read(self) -> None:
        """Asks; to be called on the service's loop, before a thread writes the page."""
        self._read = list(self._families())

    def collect(self) -> Iterator[Family]:
        """What was read last."""
        yield from self._read

    def _families(self) -> Iterator[Family]:
        circuits = GaugeMetricFamily(
            "llm_circuit_breaker_state", "Of each provider: 0 closed, 1 open, 2 half-open.", labels=["provider"]
        )
        for provider, state in self._state.circuits().items():
            circuits.add_metric([provider], _CIRCUITS[state])
        yield circuits
        yield GaugeMetricFamily("llm_in_flight_requests", "Requests under way.", value=self._state.in_flight())
        up = GaugeMetricFamily(
            "llm_dependency_up", "Of what the service leans on: 1 it can be reached, 0 not.", labels=["dependency"]
        )
        for name, fault in self._state.faults().items():
            up.add_metric([name], 0 if fault else 1)
        yield up
        dropped = CounterMetricFamily(
            "llm_observer_dropped_total", "Records that an observer missed.", labels=["observer"]
        )
        for name, count in self._dropped().items():
            dropped.add_metric([name], count)
        yield dropped
        yield CounterMetricFamily(
            "llm_ledger_rows_lost_total", "Rows that could be written nowhere.", value=self._state.rows_lost()
        )
