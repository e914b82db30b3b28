"""Is what a route took remembered with its peaks, faded by time, and bounded?"""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from app.engine.latencies import FADE_SECONDS, MAX_METERS, Latencies
from contracts.errors import InvalidRequestError, LLMTimeoutError, ProviderUnavailableError, RateLimitExceededError
from tests.kit.measured_calls import measured
from tests.kit.virtual_time import HandClock


class Measuring:
    """Calls by hand."""

    def __init__(self) -> None:
        self.hand = HandClock()
        self.latencies = Latencies(self.hand.clock)

    def call(self, seconds: float, error: BaseException | None = None, *, route: str = "a/m") -> None:
        with suppress(BaseException), measured(self.latencies, self.hand.clock, route):
            self.hand.advance(seconds)
            if error is not None:
                raise error

    def cost(self, route: str = "a/m") -> float:
        return self.latencies.cost(route, to_first_token=False)


@pytest.fixture
def measuring() -> Measuring:
    """Nothing is known."""
    return Measuring()


def test_latency_is_unknown_at_first(measuring: Measuring) -> None:
    """Nothing costs nothing."""
    assert measuring.cost() == 0


def test_latency_takes_a_peak_at_once(measuring: Measuring) -> None:
    """A slow call after many fast ones is believed."""
    for _ in range(20):
        measuring.call(1)
    measuring.call(8)
    assert measuring.cost() == pytest.approx(8)


def test_latency_comes_down_little_by_little(measuring: Measuring) -> None:
    """Fast calls after a slow one weigh by the time that they cover."""
    measuring.call(8)
    measuring.call(1)
    assert 6 < measuring.cost() < 8
    for _ in range(200):
        measuring.call(1)
    assert measuring.cost() == pytest.approx(1, abs=0.05)


def test_latency_fades(measuring: Measuring) -> None:
    """Unused for a while it counts for less, and at last for nothing."""
    measuring.call(4)
    measuring.hand.advance(FADE_SECONDS)
    assert measuring.cost() == pytest.approx(4 / 2.71828, rel=0.01)
    measuring.hand.advance(FADE_SECONDS * 20)
    assert measuring.cost() == 0


@pytest.mark.parametrize(
    "error,expected",
    [
        (ProviderUnavailableError(), 10),
        (LLMTimeoutError(), 30),
        (InvalidRequestError(), 0),
        (RateLimitExceededError(), 0),
        (asyncio.CancelledError(), 0),
        (ValueError(), 0),
    ],
)
def test_latency_counts_only_the_vendors_failures(measuring: Measuring, error: BaseException, expected: float) -> None:
    """A fast failure as ten seconds, a timeout as what it took; a caller's fault, a limit or a leaving caller: no."""
    measuring.call(30 if isinstance(error, LLMTimeoutError) else 0.1, error)
    assert measuring.cost() == pytest.approx(expected)


def test_latency_what_was_never_sent_says_nothing(measuring: Measuring) -> None:
    """A request that could not be written for a vendor never met it."""
    unsent = ProviderUnavailableError()
    unsent.was_sent = False
    measuring.call(1, unsent)
    assert measuring.cost() == 0


def test_latency_calls_under_way_end_however_they_end(measuring: Measuring) -> None:
    """After failures and cancellations nothing is counted as under way."""
    measuring.call(2)
    for error in (ProviderUnavailableError(), asyncio.CancelledError(), ValueError()):
        measuring.call(0, error)
    with measured(measuring.latencies, measuring.hand.clock, "a/m"):
        double = measuring.cost()
    assert double == pytest.approx(2 * 10, rel=0.01)


def test_latency_forgets_a_row(measuring: Measuring) -> None:
    """Only that one."""
    measuring.call(1, route="a/m")
    measuring.call(1, route="ab/m")
    measuring.latencies.forget("a")
    assert (measuring.cost("a/m"), measuring.cost("ab/m")) == (0, pytest.approx(1, rel=0.1))


def test_latencies_are_bounded(measuring: Measuring) -> None:
    """The least lately used route is forgotten."""
    measuring.call(1, route="first/m")
    measuring.call(1, route="second/m")
    measuring.call(1, route="first/m")
    for number in range(MAX_METERS - 1):
        measuring.call(0.001, route=f"r{number}/m")
    assert measuring.cost("first/m") > 0
    assert measuring.cost("second/m") == 0
