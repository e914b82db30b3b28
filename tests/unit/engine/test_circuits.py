"""How are a provider's circuits shown?"""

from __future__ import annotations

from datetime import timedelta

from app.engine.circuits import circuits_of
from contracts.circuits import CircuitBreakerInfo, RouteCircuit
from contracts.errors import AuthenticationError, ProviderUnavailableError
from contracts.providers import CircuitState
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider

OPEN, CLOSED, HALF_OPEN = CircuitState.OPEN, CircuitState.CLOSED, CircuitState.HALF_OPEN
FAULT = ProviderUnavailableError("no answer")


def engine() -> Engine:
    """One provider whose circuits open at the second failure."""
    return Engine(FakeProvider("alpha"), circuit_breaker={"failure_threshold": 2})


def shown(given: Engine) -> CircuitBreakerInfo:
    """Its circuits."""
    return circuits_of("alpha", given.snapshots.current, given.clock)


async def test_circuits_of_an_unused_provider_are_closed() -> None:
    """Nothing is known, and no model is listed."""
    assert shown(engine()) == CircuitBreakerInfo(provider="alpha", state=CLOSED, failures=0, routes=[])


async def test_circuits_show_failures_before_they_open() -> None:
    """One failure is shown with its kind while the circuit is closed still."""
    given = engine()
    given.routes.route("alpha", "m1").admit().fail(FAULT)
    info = shown(given)
    assert (info.state, info.failures, info.last_error, info.reason) == (CLOSED, 1, "provider_unavailable", None)
    assert info.routes == [RouteCircuit(model="m1", state=CLOSED, failures=1, last_error="provider_unavailable")]


async def test_circuits_show_no_key_that_was_sent_as_a_model() -> None:
    """Who looks at them is somebody else than who mistook the fields."""
    given = engine()
    given.routes.route("alpha", "sk-proj-abcdefghijklmnopqrstuvwxyz").admit().fail(FAULT)
    assert [one.model for one in shown(given).routes] == ["[redacted]"]


async def test_circuits_show_an_open_route() -> None:
    """Since when, until when and why; the provider is open as long as all that it used are."""
    given = engine()
    for model in ("m1", "m2"):
        for _ in range(2):
            given.routes.route("alpha", model).admit().fail(FAULT)
        await given.wait(1)
    info, now = shown(given), given.clock.now()
    assert (info.state, info.failures, info.reason) == (OPEN, 2, "provider unavailable")
    assert (info.opened_at, info.next_probe_at) == (now - timedelta(seconds=1), now + timedelta(seconds=3))
    first, second = info.routes
    assert (first.model, first.state, first.opened_at) == ("m1", OPEN, now - timedelta(seconds=2))
    assert (second.next_probe_at, second.last_error) == (now + timedelta(seconds=4), "provider_unavailable")


async def test_circuits_show_a_route_beside_a_healthy_one() -> None:
    """One open model does not make its provider open."""
    given = engine()
    for _ in range(2):
        given.routes.route("alpha", "m1").admit().fail(FAULT)
    given.routes.route("alpha", "m2").admit().succeed()
    info = shown(given)
    assert (info.state, info.opened_at, info.next_probe_at, info.reason) == (CLOSED, None, None, None)
    assert (info.failures, info.last_error) == (2, "provider_unavailable")
    assert [route.state for route in info.routes] == [OPEN, CLOSED]


async def test_circuits_show_a_probe_under_way() -> None:
    """While one request probes there is no next probe; between two probes it is due now."""
    given = engine()
    for _ in range(2):
        given.routes.route("alpha", "m1").admit().fail(FAULT)
    await given.wait(5)
    probe = given.routes.route("alpha", "m1").admit()
    info = shown(given)
    assert (info.state, info.next_probe_at, info.routes[0].next_probe_at) == (HALF_OPEN, None, None)
    probe.succeed()
    assert shown(given).routes[0].next_probe_at == given.clock.now()


async def test_circuits_show_a_refused_key() -> None:
    """A refused key opens the provider, for models too that were never used."""
    given = engine()
    given.routes.route("alpha", "m1").admit().trip(AuthenticationError("refused"))
    info = shown(given)
    assert (info.state, info.last_error) == (OPEN, "provider_authentication")
    assert (info.opened_at, info.reason) == (given.clock.now(), "vendor refused the service's key")
    assert [(route.model, route.state) for route in info.routes] == [("m1", CLOSED)]


async def test_circuits_show_rests() -> None:
    """A rest and a used-up limit of a model are shown with it, a provider's with the provider."""
    given = engine()
    for model in ("m1", "m2"):
        given.routes.route("alpha", model).admit().succeed()
    given.routes.route("alpha", "m1").cooldown.rest(30)
    given.routes.route("alpha", "m2").cooldown.spare(20)
    info, now = shown(given), given.clock.now()
    assert info.cooling_until is None
    assert [route.cooling_until for route in info.routes] == [now + timedelta(seconds=30), now + timedelta(seconds=20)]
    given.routes.row("alpha").cooldown.rest(300)
    assert shown(given).cooling_until == now + timedelta(seconds=300)
