"""Does a circuit open, let one probe through, and close again, whatever calls come late?"""

from __future__ import annotations

import re

import pytest

from app.resilience.breaker import Breaker, Permit
from app.resilience.outage import FIRST_SECONDS
from contracts.config import CircuitBreakerConfig
from contracts.errors import AuthenticationError, CircuitOpenError, ProviderUnavailableError
from contracts.providers import CircuitState
from tests.kit.virtual_time import HandClock

SETTINGS = CircuitBreakerConfig(failure_threshold=3, recovery_timeout_seconds=120, success_threshold=2)
FAULT = ProviderUnavailableError("no answer")


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def breaker(hand: HandClock) -> Breaker:
    return Breaker("alpha/alpha-1", SETTINGS, hand.clock)


def open_circuit(breaker: Breaker) -> None:
    for permit in [breaker.admit() for _ in range(SETTINGS.failure_threshold)]:
        permit.fail(FAULT)
    assert breaker.state is CircuitState.OPEN


def half_open(breaker: Breaker, hand: HandClock) -> Permit:
    open_circuit(breaker)
    hand.advance(FIRST_SECONDS)
    probe = breaker.admit()
    assert probe.is_probe
    return probe


def test_breaker_opens_at_its_threshold(breaker: Breaker) -> None:
    """The third failure in a row opens the circuit, and the refusal says why and for how long."""
    breaker.admit().fail(FAULT)
    breaker.admit().fail(FAULT)
    assert breaker.state is CircuitState.CLOSED
    breaker.admit().fail(FAULT)
    assert (breaker.state, breaker.reason) == (CircuitState.OPEN, "provider_unavailable")
    with pytest.raises(CircuitOpenError, match=r"is open for 5\.0 s \(provider unavailable\)") as caught:
        breaker.admit()
    assert caught.value.retry_after == 5


def test_breaker_says_in_the_log_when_it_opens_and_closes(
    breaker: Breaker, hand: HandClock, caplog: pytest.LogCaptureFixture
) -> None:
    """Who operates the service sees it there: once each, with the reason and never with a vendor's words."""
    caplog.set_level("INFO", "app.resilience")
    half_open(breaker, hand).fail(FAULT)
    hand.advance(12)
    breaker.admit().succeed()
    breaker.admit().succeed()
    breaker.admit().succeed()
    opened, longer, closed = caplog.messages
    assert opened == "the circuit of alpha/alpha-1 opened for 5.0 s (provider_unavailable)"
    assert re.fullmatch(r"the circuit of alpha/alpha-1 stays open for [6-9]\.\d s \(provider_unavailable\)", longer)
    assert closed == "the circuit of alpha/alpha-1 closed"


def test_breaker_success_between_failures_keeps_it_closed(breaker: Breaker) -> None:
    """Only failures in a row count."""
    for _ in range(5):
        breaker.admit().fail(FAULT)
        breaker.admit().fail(FAULT)
        breaker.admit().succeed()
    assert breaker.state is CircuitState.CLOSED


def test_breaker_permit_is_settled_once(breaker: Breaker) -> None:
    """What is said of a call after its first outcome counts for nothing."""
    for _ in range(2):
        permit = breaker.admit()
        permit.fail(FAULT)
        permit.fail(FAULT)
        permit.succeed()
        permit.release()
    assert breaker.failures == 2


def test_breaker_released_permit_counts_for_nothing(breaker: Breaker) -> None:
    """A cancelled call neither adds a failure nor forgives one."""
    breaker.admit().fail(FAULT)
    breaker.admit().fail(FAULT)
    breaker.admit().release()
    assert breaker.failures == 2
    breaker.admit().fail(FAULT)
    assert breaker.state is CircuitState.OPEN


def test_breaker_half_open_lets_one_through(breaker: Breaker, hand: HandClock) -> None:
    """While one request probes, every other is refused."""
    half_open(breaker, hand)
    refusal = breaker.refusal()
    assert refusal is not None
    assert refusal.retry_after is None
    with pytest.raises(CircuitOpenError, match="while one request probes it"):
        breaker.admit()


def test_breaker_asking_changes_nothing(breaker: Breaker, hand: HandClock) -> None:
    """To ask whether a call would be let through takes no probe's place."""
    open_circuit(breaker)
    hand.advance(5)
    assert breaker.refusal() is None
    assert breaker.state is CircuitState.OPEN
    assert breaker.admit().is_probe


def test_breaker_closes_after_enough_probes(breaker: Breaker, hand: HandClock) -> None:
    """Two successful probes close the circuit, one after the other."""
    half_open(breaker, hand).succeed()
    assert breaker.state is CircuitState.HALF_OPEN
    second = breaker.admit()
    assert second.is_probe
    second.succeed()
    assert (breaker.state, breaker.reason) == (CircuitState.CLOSED, None)
    assert not breaker.admit().is_probe


def test_breaker_failed_probe_opens_again(breaker: Breaker, hand: HandClock) -> None:
    """One failed probe is enough for a whole interval more, which is longer by half, give or take a fifth."""
    half_open(breaker, hand).fail(FAULT)
    assert breaker.state is CircuitState.OPEN
    hand.advance(5.99)
    assert breaker.refusal() is not None
    hand.advance(3.02)
    assert breaker.refusal() is None


def test_breaker_probe_that_hung_used_up_its_interval(breaker: Breaker, hand: HandClock) -> None:
    """A probe that failed after 12 s is followed by the next one a second later: the vendor may be back."""
    probe = half_open(breaker, hand)
    hand.advance(12)
    probe.fail(FAULT)
    assert breaker.until_probe() == pytest.approx(1)


def test_breaker_begins_each_outage_anew(breaker: Breaker, hand: HandClock) -> None:
    """After it has closed, the next outage's first interval is short again."""
    half_open(breaker, hand).fail(FAULT)
    hand.advance(12)
    breaker.admit().succeed()
    breaker.admit().succeed()
    open_circuit(breaker)
    assert breaker.until_probe() == 5


def test_breaker_recovery_time_below_the_first_interval_holds(hand: HandClock) -> None:
    """`recovery_timeout_seconds` is the longest interval, of the first one too."""
    breaker = Breaker("alpha", SETTINGS.model_copy(update={"recovery_timeout_seconds": 0.5}), hand.clock)
    open_circuit(breaker)
    assert breaker.until_probe() == 0.5
    hand.advance(0.5)
    breaker.admit().fail(FAULT)
    assert breaker.until_probe() == 0.5


def test_breaker_reset_forgets_the_outage(breaker: Breaker, hand: HandClock) -> None:
    """After a reset everyone is let through, and a probe that was under way says nothing of the circuit."""
    probe = half_open(breaker, hand)
    breaker.reset()
    assert (breaker.state, breaker.failures, breaker.last_error) == (CircuitState.CLOSED, 0, None)
    probe.fail(FAULT)
    assert breaker.failures == 0
    open_circuit(breaker)
    probe.succeed()
    assert breaker.state is CircuitState.OPEN
    hand.advance(5)
    assert breaker.admit().is_probe


def test_breaker_changed_recovery_time_shortens_the_interval_under_way(breaker: Breaker) -> None:
    """A smaller `recovery_timeout_seconds` holds at once."""
    open_circuit(breaker)
    breaker.adopt(SETTINGS.model_copy(update={"recovery_timeout_seconds": 2}))
    assert breaker.until_probe() == 2


def test_breaker_released_probe_frees_its_place(breaker: Breaker, hand: HandClock) -> None:
    """A probe that said nothing leaves the place to the next."""
    half_open(breaker, hand).release()
    assert breaker.state is CircuitState.HALF_OPEN
    assert breaker.admit().is_probe


@pytest.mark.parametrize("ending", ["succeed", "fail", "trip"])
def test_breaker_late_outcome_while_open_counts_for_nothing(breaker: Breaker, hand: HandClock, ending: str) -> None:
    """A call that began before the circuit opened neither closes it nor keeps it open for longer."""
    late = breaker.admit()
    open_circuit(breaker)
    hand.advance(3)
    _settle(late, ending)
    assert breaker.state is CircuitState.OPEN
    assert breaker.reason == "provider_unavailable"
    hand.advance(2)
    assert breaker.refusal() is None


@pytest.mark.parametrize("ending", ["succeed", "fail", "trip"])
def test_breaker_late_outcome_after_recovery_counts_for_nothing(breaker: Breaker, hand: HandClock, ending: str) -> None:
    """A call that began before the circuit opened says nothing of the circuit that has closed since."""
    late = [breaker.admit() for _ in range(3)]
    half_open(breaker, hand).succeed()
    breaker.admit().succeed()
    for permit in late:
        _settle(permit, ending)
    assert (breaker.state, breaker.failures) == (CircuitState.CLOSED, 0)


def test_breaker_late_outcome_does_not_end_the_probe(breaker: Breaker, hand: HandClock) -> None:
    """While a probe is under way a late success lets nobody else through."""
    late = breaker.admit()
    half_open(breaker, hand)
    late.succeed()
    assert breaker.refusal() is not None


def test_breaker_trips_at_once(breaker: Breaker) -> None:
    """A refused key opens the circuit whatever its count."""
    breaker.admit().trip(AuthenticationError("refused"))
    assert (breaker.state, breaker.reason) == (CircuitState.OPEN, "provider_authentication")


def test_breaker_tripped_probe_opens_again(breaker: Breaker, hand: HandClock) -> None:
    """A probe whose key is refused opens the circuit for a whole interval more."""
    half_open(breaker, hand).trip(AuthenticationError("refused"))
    refusal = breaker.refusal()
    assert refusal is not None
    assert refusal.retry_after == pytest.approx(7.5, abs=1.5)


def test_breaker_switched_off_lets_everything_through(hand: HandClock) -> None:
    """Without breakers nothing is counted."""
    breaker = Breaker("alpha", SETTINGS.model_copy(update={"enabled": False}), hand.clock)
    for _ in range(5):
        breaker.admit().fail(FAULT)
        breaker.admit().trip(AuthenticationError("refused"))
    assert (breaker.state, breaker.refusal()) == (CircuitState.CLOSED, None)


def test_breaker_switched_off_forgets(breaker: Breaker) -> None:
    """Switched off and on again, an open circuit begins anew."""
    open_circuit(breaker)
    breaker.adopt(SETTINGS.model_copy(update={"enabled": False}))
    breaker.adopt(SETTINGS)
    assert (breaker.state, breaker.reason, breaker.refusal()) == (CircuitState.CLOSED, None, None)


def test_breaker_switched_off_amid_calls_breaks_none(breaker: Breaker) -> None:
    """Calls that fail and succeed while the breaker is switched off are settled without a fault of our own."""
    under_way = [breaker.admit() for _ in range(4)]
    breaker.adopt(SETTINGS.model_copy(update={"enabled": False}))
    for permit in under_way[:3]:
        permit.fail(FAULT)
    under_way[3].succeed()
    breaker.adopt(SETTINGS)
    assert (breaker.state, breaker.refusal()) == (CircuitState.CLOSED, None)


def test_breaker_takes_over_thresholds(breaker: Breaker, hand: HandClock) -> None:
    """A changed threshold holds from the next failure on, and failures so far still count."""
    breaker.admit().fail(FAULT)
    breaker.adopt(CircuitBreakerConfig(failure_threshold=2, recovery_timeout_seconds=7))
    breaker.admit().fail(FAULT)
    assert breaker.state is CircuitState.OPEN
    hand.advance(7)
    assert breaker.refusal() is None


def _settle(permit: Permit, ending: str) -> None:
    if ending == "succeed":
        permit.succeed()
    elif ending == "fail":
        permit.fail(FAULT)
    else:
        permit.trip(AuthenticationError("refused"))
