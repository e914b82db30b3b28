"""How do a provider's circuits stand? Its own, and those of the models that were used there lately."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from app.engine.runtime import Runtime
from app.engine.told_models import is_known, shown
from app.resilience.breaker import Breaker
from app.resilience.clock import Clock
from app.resilience.routes import Route
from contracts.circuits import CircuitBreakerInfo, RouteCircuit
from contracts.providers import CircuitState


def circuits_of(provider: str, runtime: Runtime, clock: Clock) -> CircuitBreakerInfo:
    """The circuits of the row `provider`. A row with open routes only is open since the last of them opened."""
    routes = runtime.routes.used_lately(provider)
    circuits = [_circuit(route, runtime, clock) for route in routes]
    row = runtime.routes.row(provider)
    state = runtime.routes.circuit_state(provider)
    shown = _of_breaker(row.breaker, clock) if row.breaker.outage is not None else _of_all(state, circuits)
    return CircuitBreakerInfo.model_validate(
        {
            **shown,
            "state": state,
            "provider": provider,
            "failures": max((one.failures for one in circuits), default=0),
            "cooling_until": _after(runtime.routes.rests_for(provider), clock),
            "last_error": row.breaker.last_error or _last_error(routes),
            "routes": circuits,
        }
    )


def _circuit(route: Route, runtime: Runtime, clock: Clock) -> RouteCircuit:
    told = shown(route.model)
    model = told if told == route.model or not is_known(runtime.config, route.model) else route.model
    cooling_until = _after(route.rests_for() or route.spared_for(), clock)
    fields = _of_breaker(route.breaker, clock)
    return RouteCircuit(model=model, cooling_until=cooling_until, **fields)


def _of_breaker(breaker: Breaker, clock: Clock) -> dict[str, Any]:
    seconds, outage = breaker.until_probe(), breaker.outage
    return {
        "state": breaker.state,
        "failures": breaker.failures,
        "opened_at": None if outage is None else outage.opened_at,
        "next_probe_at": None if seconds is None else clock.now() + timedelta(seconds=seconds),
        "last_error": breaker.last_error,
        "reason": breaker.why,
    }


def _of_all(state: CircuitState, circuits: list[RouteCircuit]) -> dict[str, Any]:
    if state is CircuitState.CLOSED:
        return {}
    return {
        "opened_at": max((one.opened_at for one in circuits if one.opened_at is not None), default=None),
        "next_probe_at": min((one.next_probe_at for one in circuits if one.next_probe_at is not None), default=None),
        "reason": next((one.reason for one in reversed(circuits) if one.reason is not None), None),
    }


def _last_error(routes: list[Route]) -> str | None:
    return next((route.breaker.last_error for route in reversed(routes) if route.breaker.last_error), None)


def _after(seconds: float, clock: Clock) -> datetime | None:
    return clock.now() + timedelta(seconds=seconds) if seconds else None
