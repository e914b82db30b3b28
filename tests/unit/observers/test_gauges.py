"""How does the service stand at this moment?"""

from __future__ import annotations

from app.observers.gauges import Gauges, State
from contracts.providers import CircuitState
from tests.kit.metrics_page import page


def test_gauges_tell_what_was_read_last() -> None:
    """Those who know are asked by `read`, on the service's loop, and not while a thread writes the page."""
    under_way = [3]
    gauges = Gauges(State(in_flight=lambda: under_way[0]), dict)
    assert page(gauges).values == {}
    gauges.read()
    under_way[0] = 4
    assert page(gauges).value("llm_in_flight_requests") == 3


def test_gauges_circuits_are_numbers() -> None:
    """0 closed, 1 open, 2 half-open."""
    states = {"openai": CircuitState.OPEN, "gemini": CircuitState.CLOSED, "ollama": CircuitState.HALF_OPEN}
    gauges = Gauges(State(circuits=lambda: states), dict)
    gauges.read()
    assert page(gauges).series("llm_circuit_breaker_state") == {("openai",): 1, ("gemini",): 0, ("ollama",): 2}


def test_gauges_losses_are_counters() -> None:
    """Of rows, and of what each observer missed; a dependency is up or down."""
    faults = {"redis": "it refuses connections", "database": None}
    gauges = Gauges(State(rows_lost=lambda: 7, faults=lambda: faults), lambda: {"log": 0, "traces": 5})
    gauges.read()
    told = page(gauges)
    assert told.families["llm_ledger_rows_lost"].type == told.families["llm_observer_dropped"].type == "counter"
    assert told.value("llm_ledger_rows_lost_total") == 7
    assert told.series("llm_observer_dropped_total") == {("log",): 0, ("traces",): 5}
    assert told.series("llm_dependency_up") == {("redis",): 0, ("database",): 1}
    assert "refuses" not in told.text


def test_gauges_of_a_service_that_tells_nothing() -> None:
    """What nobody was given to ask for is nothing, and the counters are there."""
    gauges = Gauges(State(), dict)
    gauges.read()
    assert page(gauges).values == {("llm_in_flight_requests", ()): 0, ("llm_ledger_rows_lost_total", ()): 0}
