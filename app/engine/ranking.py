"""In which order are the targets tried that the service may choose among? By the strategy, then by affinity.

Under every strategy but `priority` a target that cannot be called now (its circuit is open, it rests, it is full) goes
behind all that can: it has no turn, takes no share, and is no reason to speak of a fallback. Under `priority` it keeps
its place, is skipped when its turn comes, and the answer says so.
"""

from __future__ import annotations

from collections.abc import Sequence

from app.engine.affinity import Affinity, Holder, may_be_held
from app.engine.intake import Order
from app.engine.runtime import Runtime
from app.engine.strategies.strategy import Choice
from app.engine.target import Target, of_different_names
from app.resilience.routes import Route
from contracts.calls import Operation
from contracts.providers import CircuitState


class Ranking:
    """Of one request. `holder` is who served the conversation before, once that has moved somebody to the front."""

    def __init__(self, order: Order, runtime: Runtime, *, preferred: str | None) -> None:
        self.holder: Holder | None = None
        self._order = order
        self._runtime = runtime
        self._preferred = preferred
        self._strategy = runtime.strategy
        self._choices: list[Choice] = []
        self._targets = 0
        # Whether it may matter at the conversation's next turn who serves this one.
        self._may_be_told = runtime.has_choice and runtime.config.affinity and order.call.operation is Operation.CHAT
        self._may_be_held = self._may_be_told and may_be_held(order.call)
        # Whether targets are tried in the order they are given in, so that nobody need look at all of them.
        self.is_as_it_comes = self._strategy is None and not self._may_be_held

    @property
    def had_choice(self) -> bool:
        """Whether there were several targets to choose from, known once they are ranked."""
        return self._targets > 1

    def ranked(self, targets: Sequence[Target]) -> list[Target]:
        """The targets, each once, in the order of trying: those of a preferred row first, then who served before."""
        # A logical model may name one twice, by its model and as its row's own.
        targets = of_different_names(tuple(targets))
        self._targets = len(targets)
        if len(targets) < 2:
            return list(targets)
        ranked = self._by_strategy(targets)
        if self._preferred is not None:
            return sorted(ranked, key=lambda target: target.provider.name != self._preferred)
        held = self._held(ranked)
        return ranked if held is None else [held, *(target for target in ranked if target is not held)]

    @property
    def affinity(self) -> Affinity | None:
        """Who may be told who served this turn."""
        return self._runtime.steering.affinity if self._may_be_told else None

    @property
    def has_choice_next(self) -> bool:
        """Whether the next turn has a choice, though this one had a single target.

        Who names a row may leave it to us next time. Who names a model that one row has will name it again, unless
        there are logical models: several may hold that one.
        """
        order = self._order
        if order.preferred is not None or order.fallbacks is not None or self.had_choice:
            return True
        return order.model is not None and bool(self._runtime.config.models)

    def take_turn(self, targets: Sequence[Target]) -> None:
        """The first of them is tried first: the strategy counts that, unless the caller named it."""
        if self._strategy is None or self._preferred is not None:
            return
        first = targets[0]
        choice = next((choice for choice in self._choices if choice.name == first.name), None)
        if choice is not None:
            self._strategy.chose(self._choices, choice)

    def _by_strategy(self, targets: Sequence[Target]) -> list[Target]:
        if self._strategy is None:
            return list(targets)
        by_name = {target.name: target for target in targets}
        routes = ((target, self._route(target)) for target in targets)
        self._choices = [self._choice(target, route) for target, route in routes if self._is_ready(route)]
        ready = [by_name.pop(choice.name) for choice in self._strategy.ordered(self._choices, self._order)]
        return [*ready, *by_name.values()]

    def _held(self, targets: Sequence[Target]) -> Target | None:
        if not self._may_be_held:
            return None
        for holder in self._runtime.steering.affinity.holders(self._order.call):
            of_row = [target for target in targets if target.provider.name == holder.provider]
            of_row = [target for target in of_row if self._is_ready(self._route(target))]
            if of_row:
                self.holder = holder
                return next((target for target in of_row if target.model == holder.model), of_row[0])
        return None

    def _route(self, target: Target) -> Route:
        return self._runtime.routes.route(target.provider.name, target.model)

    def _is_ready(self, route: Route) -> bool:
        """Whether it could be called now: neither open nor resting, with its vendor's limit and ours unspent."""
        if route.refusal() is not None or route.spared_for():
            return False
        return route.row.admission.refusal(self._order.priority, 0) is None

    def _choice(self, target: Target, route: Route) -> Choice:
        states = (route.row.breaker.state, route.breaker.state)
        is_recovering = any(state is not CircuitState.CLOSED for state in states)
        tariff = target.tariff(self._runtime.prices)
        return Choice(target.name, target.provider.type, target.model, target.weight, is_recovering, tariff)
