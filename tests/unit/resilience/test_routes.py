"""What is remembered of rows and routes, for how long, and how is it shown?"""

from __future__ import annotations

import pytest

from app.resilience.routes import MAX_ROUTES_PER_ROW, Route, Routes
from contracts.config import CircuitBreakerConfig
from contracts.errors import AuthenticationError, CircuitOpenError, ProviderUnavailableError, RateLimitExceededError
from contracts.providers import CircuitState
from tests.kit.virtual_time import HandClock

SETTINGS = CircuitBreakerConfig(failure_threshold=1, success_threshold=1)
FAULT = ProviderUnavailableError("no answer")


@pytest.fixture
def hand() -> HandClock:
    return HandClock()


@pytest.fixture
def routes(hand: HandClock) -> Routes:
    return Routes(SETTINGS, hand.clock)


def fail(route: Route) -> None:
    route.admit().fail(FAULT)


def test_routes_are_separate(routes: Routes) -> None:
    """One overloaded model does not take its siblings down."""
    fail(routes.route("alpha", "m1"))
    assert routes.route("alpha", "m1").refusal() is not None
    routes.route("alpha", "m2").admit().succeed()
    assert routes.circuit_state("alpha") is CircuitState.CLOSED


def test_routes_all_open_show_the_provider_open(routes: Routes) -> None:
    """A provider is shown open when every route it used lately is open, with the reason."""
    fail(routes.route("alpha", "m1"))
    fail(routes.route("alpha", "m2"))
    assert routes.circuit_state("alpha") is CircuitState.OPEN
    assert routes.circuit_reason("alpha") == "provider_unavailable"
    assert routes.circuit_state("beta") is CircuitState.CLOSED
    assert routes.circuit_reason("beta") is None


def test_routes_only_looked_at_are_not_shown(routes: Routes) -> None:
    """A route that was merely asked whether it is ready does not speak for its provider."""
    fail(routes.route("alpha", "m1"))
    assert routes.route("alpha", "m2").refusal() is None
    assert routes.circuit_state("alpha") is CircuitState.OPEN
    assert [route.model for route in routes.used_lately("alpha")] == ["m1"]


def test_routes_unused_lately_are_not_shown(routes: Routes, hand: HandClock) -> None:
    """A route that nobody used for ten minutes no longer speaks for its provider."""
    fail(routes.route("alpha", "m1"))
    hand.advance(601)
    assert routes.circuit_state("alpha") is CircuitState.CLOSED


def test_routes_half_open_shows(routes: Routes, hand: HandClock) -> None:
    """A provider whose only route is being probed is half-open."""
    fail(routes.route("alpha", "m1"))
    hand.advance(120)
    routes.route("alpha", "m1").admit()
    assert routes.circuit_state("alpha") is CircuitState.HALF_OPEN


def test_routes_refused_key_shows_the_provider_open(routes: Routes) -> None:
    """A row whose key was refused is open for models never asked, and says why."""
    routes.route("alpha", "m1").admit().trip(AuthenticationError("refused"))
    assert routes.circuit_state("alpha") is CircuitState.OPEN
    assert routes.circuit_reason("alpha") == "provider_authentication"
    with pytest.raises(CircuitOpenError):
        routes.route("alpha", "m2").admit()


def test_routes_forbidden_model_opens_its_route_only(routes: Routes) -> None:
    """A model that the key may not use does not take its siblings down."""
    routes.route("alpha", "m1").admit().trip(AuthenticationError("refused", covers_row=False))
    assert routes.route("alpha", "m1").refusal() is not None
    assert routes.route("alpha", "m2").refusal() is None


def test_routes_open_route_frees_the_rows_probe(routes: Routes, hand: HandClock) -> None:
    """A row's probe that its route refuses gives the row's place back."""
    routes.route("alpha", "m1").admit().trip(AuthenticationError("refused"))
    hand.advance(3)
    routes.route("alpha", "m2").breaker.admit().fail(FAULT)
    hand.advance(3)
    with pytest.raises(CircuitOpenError, match="alpha/m2"):
        routes.route("alpha", "m2").admit()
    assert routes.route("alpha", "m1").admit().is_probe


@pytest.mark.parametrize("ending", ["fail", "trip", "release", "succeed"])
def test_routes_probe_of_a_row_frees_its_place(routes: Routes, hand: HandClock, ending: str) -> None:
    """However the one probe of a row ends on one model, the row is asked again."""
    routes.route("alpha", "m1").admit().trip(AuthenticationError("refused"))
    hand.advance(120)
    probe = routes.route("alpha", "m1").admit()
    assert routes.route("alpha", "m2").refusal() is not None
    if ending == "fail":
        probe.fail(FAULT)
    elif ending == "trip":
        probe.trip(AuthenticationError("refused", covers_row=False))
    else:
        getattr(probe, ending)()
    assert routes.route("alpha", "m2").refusal() is None


def test_routes_rest_with_their_row(routes: Routes) -> None:
    """A row that rests refuses every model there, and says for how long."""
    routes.row("alpha").cooldown.rest(300)
    refusal = routes.route("alpha", "m2").refusal()
    assert isinstance(refusal, RateLimitExceededError)
    assert (refusal.provider, refusal.model, refusal.retry_after) == ("alpha", "m2", 300)
    assert routes.rests_for("alpha") == 300


def test_routes_rest_of_one_is_not_the_providers(routes: Routes) -> None:
    """A provider rests only while all of its routes do."""
    for model, seconds in (("m1", 30), ("m2", 10), ("m3", 0)):
        routes.route("alpha", model).admit().succeed()
        routes.route("alpha", model).cooldown.rest(seconds)
        assert routes.rests_for("alpha") == seconds
    assert routes.rests_for("beta") == 0


def test_routes_are_bounded(routes: Routes) -> None:
    """The least lately used route of a row is forgotten first; other rows lose none."""
    for route in (routes.route("alpha", "kept"), routes.route("alpha", "dropped"), routes.route("beta", "m1")):
        fail(route)
    with pytest.raises(CircuitOpenError):
        routes.route("alpha", "kept").admit()
    for number in range(MAX_ROUTES_PER_ROW - 1):
        routes.route("alpha", f"m{number}")
    assert routes.route("alpha", "kept").refusal() is not None
    assert routes.route("alpha", "dropped").refusal() is None
    assert routes.route("beta", "m1").refusal() is not None


def test_routes_probed_early_ask_row_and_route(routes: Routes) -> None:
    """An early probe needs leave of both circuits; while it is under way neither gives another."""
    fail(routes.route("alpha", "m1"))
    routes.route("alpha", "m2").admit().trip(AuthenticationError("refused"))
    route, sibling = routes.route("alpha", "m1"), routes.route("alpha", "m2")
    assert (route.until_early_probe(), route.is_key_refused, sibling.is_key_refused) == (5, True, True)
    probe = route.admit(is_early=True)
    assert probe.is_probe
    assert (route.until_early_probe(), sibling.until_early_probe()) == (None, None)
    with pytest.raises(CircuitOpenError):
        sibling.admit(is_early=True)
    probe.succeed()
    assert (route.refusal(), sibling.refusal(), routes.circuit_state("alpha")) == (None, None, CircuitState.CLOSED)


def test_routes_that_rest_are_not_probed_early(routes: Routes) -> None:
    """A vendor's rest is kept, whatever the circuits."""
    fail(routes.route("alpha", "m1"))
    routes.row("alpha").cooldown.rest(300)
    assert routes.route("alpha", "m1").until_early_probe() is None
    with pytest.raises(RateLimitExceededError):
        routes.route("alpha", "m1").admit(is_early=True)


def test_routes_of_a_changed_row_begin_anew(routes: Routes) -> None:
    """The next configuration's routes know nothing of a row whose key has changed, and all of the others."""
    routes.route("alpha", "m1").admit().trip(AuthenticationError("refused"))
    fail(routes.route("beta", "m1"))
    following = routes.successor(SETTINGS, without=["alpha"])
    assert following.route("alpha", "m1").refusal() is None
    assert following.route("beta", "m1") is routes.route("beta", "m1")
    assert routes.route("alpha", "m1").refusal() is not None


@pytest.mark.parametrize("ending", ["fail", "trip", "succeed", "release"])
def test_routes_late_outcome_of_an_old_key_counts_for_nothing(routes: Routes, hand: HandClock, ending: str) -> None:
    """What a call that began under the old key ends with does not reach the new row, its probe neither."""
    fail(routes.route("alpha", "m1"))
    hand.advance(5)
    late = routes.route("alpha", "m1").admit()
    following = routes.successor(SETTINGS, without=["alpha"])
    fail(following.route("alpha", "m1"))
    hand.advance(5)
    probe = following.route("alpha", "m1").admit()
    if ending == "fail":
        late.fail(FAULT)
    elif ending == "trip":
        late.trip(AuthenticationError("refused"))
    else:
        getattr(late, ending)()
    assert following.circuit_state("alpha") is CircuitState.HALF_OPEN
    probe.succeed()
    assert following.circuit_state("alpha") is CircuitState.CLOSED


def test_routes_take_over_settings(routes: Routes) -> None:
    """Changed breaker settings hold for known routes, for rows, and for new ones."""
    known, row = routes.route("alpha", "m1"), routes.row("alpha")
    following = routes.successor(CircuitBreakerConfig(enabled=False), without=[])
    for breaker in (known.breaker, row.breaker, following.route("beta", "m1").breaker):
        breaker.admit().fail(FAULT)
        assert breaker.state is CircuitState.CLOSED


def test_routes_reset_closes_and_wakes_a_row(routes: Routes, caplog: pytest.LogCaptureFixture) -> None:
    """A reset closes the row's circuit and every model's, ends all rests, and is a line in the log."""
    caplog.set_level("INFO", "app.resilience")
    fail(routes.route("alpha", "m1"))
    routes.route("alpha", "m2").admit().trip(AuthenticationError("refused"))
    routes.row("alpha").cooldown.rest(300)
    routes.route("alpha", "m1").cooldown.rest(30)
    routes.reset("alpha")
    assert routes.circuit_state("alpha") is CircuitState.CLOSED
    assert (routes.route("alpha", "m1").refusal(), routes.route("alpha", "m2").refusal()) == (None, None)
    assert caplog.messages[-1] == "the circuits of alpha were reset"


def test_routes_reset_of_one_model_leaves_the_others(routes: Routes, caplog: pytest.LogCaptureFixture) -> None:
    """With a model named only its circuit is closed and only its rest ended."""
    caplog.set_level("INFO", "app.resilience")
    fail(routes.route("alpha", "m1"))
    fail(routes.route("alpha", "m2"))
    routes.reset("alpha", "m1")
    assert routes.route("alpha", "m1").refusal() is None
    assert routes.route("alpha", "m2").refusal() is not None
    assert caplog.messages[-1] == "the circuits of alpha/m1 were reset"
