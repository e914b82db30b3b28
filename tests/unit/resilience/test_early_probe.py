"""Is an open circuit probed before its time once in each interval, and no oftener?"""

from __future__ import annotations

import pytest

from app.resilience.breaker import Breaker
from contracts.config import CircuitBreakerConfig
from contracts.errors import CircuitOpenError, ProviderUnavailableError
from contracts.providers import CircuitState
from tests.kit.virtual_time import HandClock

FAULT = ProviderUnavailableError("no answer")


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def breaker(hand: HandClock) -> Breaker:
    """A closed one that opens at the first failure."""
    return Breaker("alpha/alpha-1", CircuitBreakerConfig(failure_threshold=1, success_threshold=2), hand.clock)


def open_circuit(breaker: Breaker) -> None:
    breaker.admit().fail(FAULT)
    assert breaker.state is CircuitState.OPEN


def test_early_probe_once_in_each_interval(breaker: Breaker, hand: HandClock) -> None:
    """Before its time one probe is let through; when it fails, the interval goes on as it was."""
    open_circuit(breaker)
    hand.advance(1)
    assert breaker.until_early_probe() == 4
    probe = breaker.admit_early()
    assert (probe.is_probe, breaker.state) == (True, CircuitState.HALF_OPEN)
    refusal = breaker.refusal()
    assert refusal is not None
    assert refusal.retry_after == 4
    assert breaker.until_early_probe() is None
    hand.advance(1)
    probe.fail(FAULT)
    assert (breaker.state, breaker.until_probe(), breaker.until_early_probe()) == (CircuitState.OPEN, 3, None)
    with pytest.raises(CircuitOpenError):
        breaker.admit_early()
    hand.advance(3)
    breaker.admit().fail(FAULT)
    assert breaker.until_early_probe() == breaker.until_probe()


def test_early_probe_that_outlasts_the_interval_begins_the_next(breaker: Breaker, hand: HandClock) -> None:
    """An early probe that hung beyond the time of the next one stands for that one."""
    open_circuit(breaker)
    probe = breaker.admit_early()
    hand.advance(6)
    probe.fail(FAULT)
    assert breaker.until_probe() == pytest.approx(1.5, abs=1.5)
    assert breaker.until_early_probe() is not None


def test_early_probe_succeeds_as_any(breaker: Breaker) -> None:
    """An early probe counts towards closing, and the next probe need not wait."""
    open_circuit(breaker)
    breaker.admit_early().succeed()
    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.until_early_probe() == 0
    breaker.admit_early().succeed()
    assert (breaker.refusal(), breaker.until_probe(), breaker.until_early_probe()) == (None, None, 0)
    assert not breaker.admit_early().is_probe


def test_early_probe_released_leaves_it_open(breaker: Breaker) -> None:
    """An early probe whose caller left says nothing: the circuit is open until its time, and not probed early again."""
    open_circuit(breaker)
    breaker.admit_early().release()
    assert (breaker.state, breaker.until_probe(), breaker.until_early_probe()) == (CircuitState.OPEN, 5, None)
