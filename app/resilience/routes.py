"""What is remembered of each provider row and of each route (a row and a model there) between requests.

Kept across configuration changes that leave the row's address and key alone, bounded, per process.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from app.resilience.admission import Admission
from app.resilience.breaker import Breaker
from app.resilience.clock import Clock
from app.resilience.cooldown import Cooldown
from app.resilience.permit import RoutePermit
from app.resilience.retry import RetryBudget
from contracts.config import CircuitBreakerConfig, ProviderConfig
from contracts.errors import AuthenticationError, CircuitOpenError, LLMProviderError, RateLimitExceededError
from contracts.providers import CircuitState

MAX_ROUTES_PER_ROW = 300
LATELY_SECONDS = 600.0

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Row:
    """A provider row: opened whole by a refused key, resting whole after a billing error."""

    name: str
    breaker: Breaker
    cooldown: Cooldown
    admission: Admission
    routes: OrderedDict[str, Route] = field(default_factory=OrderedDict)


@dataclass(slots=True, eq=False)
class Route:
    """One model at one provider row. `used_at` None: no request has come to it yet."""

    row: Row
    model: str
    breaker: Breaker
    cooldown: Cooldown
    retries: RetryBudget
    clock: Clock
    used_at: float | None = None

    @property
    def name(self) -> str:
        """`provider/model`."""
        return f"{self.row.name}/{self.model}"

    @property
    def is_key_refused(self) -> bool:
        """Whether a refused key, which seldom mends itself, has opened the circuit or the whole row's."""
        return AuthenticationError.error_type in (self.row.breaker.reason, self.breaker.reason)

    def rests_for(self) -> float:
        """Seconds until the vendor may be called again; 0: now."""
        return max(self.row.cooldown.remaining(), self.cooldown.remaining())

    def spared_for(self) -> float:
        """Seconds for which others are to be asked first: the vendor said that its limit is used up."""
        return self.cooldown.spared_for()

    def refusal(self) -> LLMProviderError | None:
        """Why a call would be refused now, without sending anything; None when it would be let through."""
        row = self.row
        if not (self.cooldown.until or row.cooldown.until or self.breaker.outage or row.breaker.outage):
            # As nearly always: it never had to rest, and both circuits are closed.
            return None
        if seconds := self.rests_for():
            detail = f"{self.name} rests for {seconds:.1f} s after a rate limit"
            return RateLimitExceededError(detail, provider=self.row.name, model=self.model, retry_after=seconds)
        return self.circuit_refusal()

    def circuit_refusal(self) -> CircuitOpenError | None:
        """The part of `refusal` that is the circuits'."""
        return self.row.breaker.refusal() or self.breaker.refusal()

    def until_early_probe(self) -> float | None:
        """How far from its next probe it is, in seconds; None: it may not be probed before its time."""
        row_wait, wait = self.row.breaker.until_early_probe(), self.breaker.until_early_probe()
        return None if row_wait is None or wait is None or self.rests_for() else max(row_wait, wait)

    def admit(self, *, is_early: bool = False) -> RoutePermit:
        """Leave to make one call; `is_early`: though its circuit is open. It counts as used, also by who is not let
        through. Raises what `refusal` tells.
        """
        row = self.row
        self.used_at = self.clock.monotonic()
        row.routes.move_to_end(self.model)
        of_row, own = row.breaker, self.breaker
        if not (is_early or self.cooldown.until or row.cooldown.until or own.outage or of_row.outage):
            # As in `refusal`, which nearly always has nothing to say.
            return RoutePermit(of_row, own)
        if is_early and self.until_early_probe() is not None:
            return RoutePermit(of_row, own, (of_row.admit_early(), own.admit_early()))
        if refusal := self.refusal():
            raise refusal
        is_closed = of_row.outage is None and own.outage is None
        return RoutePermit(of_row, own, None if is_closed else (of_row.admit(), own.admit()))

    def settled_permit(self) -> RoutePermit:
        """For what was given before: nobody is asked, and nothing is told."""
        return RoutePermit(self.row.breaker, self.breaker).settled()


class Routes:
    """All rows and routes that one configuration knows. What an old configuration's calls learn stays with it."""

    def __init__(
        self,
        settings: CircuitBreakerConfig,
        clock: Clock,
        rows: Sequence[Row] = (),
        admissions: Mapping[str, Admission] | None = None,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._rows = {row.name: row for row in rows}
        self._admissions = admissions or {}

    def successor(self, settings: CircuitBreakerConfig, *, without: Collection[str]) -> Routes:
        """Those of the next configuration: all that is known but of the rows `without`, whose address or key changed.

        A call that began under the old key settles with the old row, and finds only old rows to fall back to. Its
        place at the row is one of the new row's all the same: limits are the name's.
        """
        kept = [row for row in self._rows.values() if row.name not in without]
        for row in kept:
            for breaker in (row.breaker, *(route.breaker for route in row.routes.values())):
                breaker.adopt(settings)
        return Routes(settings, self._clock, kept, {row.name: row.admission for row in self._rows.values()})

    def adopt_limits(self, rows: Mapping[str, ProviderConfig]) -> None:
        """Takes over how many calls each row may have at once and in a minute; makes the rows that are new.

        Calls under way and waiting ones stay.
        """
        for name, limits in rows.items():
            self.row(name).admission.adopt(limits)

    def row(self, provider: str) -> Row:
        """The row of that name, made when new."""
        if provider not in self._rows:
            breaker = Breaker(provider, self._settings, self._clock)
            admission = self._admissions.get(provider) or Admission(provider, self._clock)
            self._rows[provider] = Row(provider, breaker, Cooldown(self._clock), admission)
        return self._rows[provider]

    def route(self, provider: str, model: str) -> Route:
        """The route of that name, made when new; then the least lately used one of its row may be forgotten."""
        row = self._rows.get(provider) or self.row(provider)
        route = row.routes.get(model)
        if route is None:
            breaker = Breaker(f"{provider}/{model}", self._settings, self._clock)
            cooldown, retries = Cooldown(self._clock), RetryBudget(self._clock)
            route = row.routes[model] = Route(row, model, breaker, cooldown, retries, self._clock)
            if len(row.routes) > MAX_ROUTES_PER_ROW:
                row.routes.popitem(last=False)
        return route

    def reset(self, provider: str, model: str | None = None) -> None:
        """Closes the circuits of a row and ends its rests, or those of one model there."""
        row = self.row(provider)
        if model is None:
            row.breaker.reset()
            row.cooldown.end()
        for route in row.routes.values():
            if model in (None, route.model):
                route.breaker.reset()
                route.cooldown.end()
        _log.info("the circuits of %s were reset", provider if model is None else f"{provider}/{model}")

    def circuit_state(self, provider: str) -> CircuitState:
        """Open when the row, or every route that was used lately, is open; half-open when one of them is."""
        if provider in self._rows and self._rows[provider].breaker.state is not CircuitState.CLOSED:
            return self._rows[provider].breaker.state
        states = {route.breaker.state for route in self.used_lately(provider)}
        if not states or CircuitState.CLOSED in states:
            return CircuitState.CLOSED
        return CircuitState.HALF_OPEN if CircuitState.HALF_OPEN in states else CircuitState.OPEN

    def circuit_reason(self, provider: str) -> str | None:
        """error_type of what opened the row or its routes; None while closed."""
        if self.circuit_state(provider) is CircuitState.CLOSED:
            return None
        routes = self.used_lately(provider)
        return self._rows[provider].breaker.reason or next((r.breaker.reason for r in routes if r.breaker.reason), None)

    def rests_for(self, provider: str) -> float:
        """Seconds until a route of this row may be called again, 0 when one may now."""
        row = self._rows.get(provider)
        rest = row.cooldown.remaining() if row else 0.0
        return max(rest, min((route.cooldown.remaining() for route in self.used_lately(provider)), default=0.0))

    def used_lately(self, provider: str) -> list[Route]:
        """Its routes that a request has come to in the last ten minutes, the last used one last."""
        since = self._clock.monotonic() - LATELY_SECONDS
        routes = self._rows[provider].routes.values() if provider in self._rows else ()
        return [route for route in routes if route.used_at is not None and route.used_at >= since]
