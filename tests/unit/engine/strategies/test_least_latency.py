"""Who answers soonest is asked most; who is slow, failing or unknown is not forgotten."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.engine.latencies import FAILURE_SECONDS, Latencies
from app.engine.strategies.least_latency import LeastLatency, awaits_first_token
from app.engine.strategies.strategy import Choice
from contracts.errors import ProviderUnavailableError
from tests.kit.measured_calls import measured
from tests.kit.virtual_time import HandClock
from tests.unit.engine.strategies.picks import choice, choices, firsts, order


class Vendors:
    """Routes that take so many seconds, asked one request after the other."""

    def __init__(self, **seconds: float) -> None:
        self.hand = HandClock()
        self.seconds = seconds
        self.failing: set[str] = set()
        self.latencies = Latencies(self.hand.clock)
        self.strategy = LeastLatency(self.latencies, random.Random(4))

    def serve(self, times: int, among: list[Choice] | None = None) -> Counter[str]:
        """Who was first for each of `times` requests, each answered before the next."""
        among = among or choices("".join(self.seconds))
        names: Counter[str] = Counter()
        for _ in range(times):
            name = firsts(self.strategy, among, 1)
            names[name] += 1
            self.call(name)
        return names

    def call(self, name: str) -> None:
        try:
            with measured(self.latencies, self.hand.clock, name):
                if name in self.failing:
                    raise ProviderUnavailableError
                self.hand.advance(self.seconds[name])
        except ProviderUnavailableError:
            self.hand.advance(0.01)


def test_least_latency_explores_who_is_unknown() -> None:
    """Every route is tried within the first few requests."""
    assert set(Vendors(a=1.0, b=1.0, c=1.0, d=1.0).serve(12)) == set("abcd")


def test_least_latency_prefers_the_fast() -> None:
    """Of two the one that is five times as fast gets nearly all; the slow one is looked at again now and then."""
    counted = Vendors(a=5.0, b=1.0).serve(5000)
    assert 0.95 < counted["b"] / 5000 < 0.999, counted
    assert counted["a"] >= 5


def test_least_latency_draws_two() -> None:
    """Of four the fastest is first where it is drawn, in half of the requests, and the slowest nearly never."""
    counted = Vendors(a=1.0, b=2.0, c=4.0, d=8.0).serve(4000)
    assert counted["a"] / 4000 == pytest.approx(1 / 2, abs=0.08), counted
    assert counted["b"] / 4000 == pytest.approx(1 / 3, abs=0.08), counted
    assert counted["d"] / 4000 < 0.06, counted


def test_least_latency_follows_a_change() -> None:
    """A route that grows slow loses its requests at once, and has them back when it is fast again."""
    vendors = Vendors(a=1.0, b=2.0)
    assert vendors.serve(500)["a"] > 450
    vendors.seconds["a"] = 8.0
    assert vendors.serve(500)["b"] > 450
    vendors.seconds["a"] = 1.0
    vendors.serve(200)
    assert vendors.serve(500)["a"] > 450


def test_least_latency_a_failing_route_is_not_fast() -> None:
    """One that refuses at once is asked less than one that takes its time."""
    vendors = Vendors(a=0.01, b=2.0)
    vendors.failing.add("a")
    counted = vendors.serve(1000)
    assert counted["a"] < 100, counted


def test_least_latency_spares_who_is_busy() -> None:
    """Calls under way count: a twice as fast route with three of them is passed over."""
    vendors = Vendors(a=1.0, b=2.0)
    vendors.serve(10)
    calls = [measured(vendors.latencies, vendors.hand.clock, "a") for _ in range(3)]
    for call in calls:
        call.__enter__()
    assert firsts(vendors.strategy, choices("ab"), 5) == "bbbbb"
    for call in calls:
        call.__exit__(None, None, None)
    assert firsts(vendors.strategy, choices("ab"), 1) == "a"


def test_least_latency_one_that_is_being_found_out_is_not_asked_by_all() -> None:
    """While the first call to an unknown route is under way, others go where it is known."""
    vendors = Vendors(a=1.0, b=1.0)
    vendors.call("a")
    with measured(vendors.latencies, vendors.hand.clock, "b"):
        assert firsts(vendors.strategy, choices("ab"), 3) == "aaa"


def test_least_latency_probes_who_recovers() -> None:
    """A route whose circuit is due for its probe is tried although it was slow."""
    vendors = Vendors(a=9.0, b=1.0)
    vendors.serve(50)
    recovering = [choice("a", is_recovering=True), choice("b")]
    assert firsts(vendors.strategy, recovering, 1) == "a"


def test_least_latency_rest_is_ordered_by_speed() -> None:
    """Who stands in is the fastest of those who are left."""
    vendors = Vendors(a=4.0, b=1.0, c=2.0)
    for name in "abc":
        vendors.call(name)
    names = [one.name for one in vendors.strategy.ordered(choices("abc"), order())]
    assert names[1:] == sorted(names[1:], key=lambda name: vendors.seconds[name])


def test_least_latency_keeps_streams_apart() -> None:
    """For a stream the first token counts, which plain calls say nothing of."""
    vendors = Vendors(a=1.0, b=9.0)
    vendors.serve(20)
    for name, seconds in {"a": 3.0, "b": 0.5}.items():
        with measured(vendors.latencies, vendors.hand.clock, name, to_first_token=True):
            vendors.hand.advance(seconds)
    assert firsts(vendors.strategy, choices("ab"), 1, order(is_stream=True)) == "b"
    assert firsts(vendors.strategy, choices("ab"), 1) == "a"


@pytest.mark.parametrize(
    "is_stream,recovery,expected", [(True, None, True), (True, "buffer", False), (False, None, False)]
)
def test_awaits_first_token(is_stream: bool, recovery: str | None, expected: bool) -> None:
    """Who holds a stream back until it is whole waits for the whole of it."""
    assert awaits_first_token(order(is_stream=is_stream, stream_recovery=recovery)) is expected


def test_least_latency_failure_costs_more_than_a_success() -> None:
    """Ten seconds, or as long as it took."""
    vendors = Vendors(a=0.1)
    vendors.failing.add("a")
    vendors.call("a")
    assert vendors.latencies.cost("a", to_first_token=False) == pytest.approx(FAILURE_SECONDS, rel=0.01)
