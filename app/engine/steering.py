"""What does the service remember in order to choose among targets? Kept across configuration changes, per process."""

from __future__ import annotations

from collections.abc import Mapping

from app.engine.affinity import Affinity
from app.engine.kept_states import KeptStates
from app.engine.latencies import Latencies
from app.engine.strategies.least_cost import LeastCost
from app.engine.strategies.least_latency import LeastLatency
from app.engine.strategies.random_order import RandomOrder
from app.engine.strategies.round_robin import RoundRobin
from app.engine.strategies.strategy import Strategy
from app.engine.strategies.weighted import Weighted
from app.resilience.clock import Clock
from contracts.selection_strategy import SelectionStrategy


class Steering:
    """The strategies with their memory, what they measure, who served which conversation, who keeps which answer."""

    def __init__(self, clock: Clock) -> None:
        self.latencies = Latencies(clock)
        self.affinity = Affinity(clock)
        self.kept_states = KeptStates()
        self._strategies: Mapping[SelectionStrategy, Strategy] = {
            SelectionStrategy.ROUND_ROBIN: RoundRobin(),
            SelectionStrategy.WEIGHTED: Weighted(),
            SelectionStrategy.LEAST_COST: LeastCost(),
            SelectionStrategy.LEAST_LATENCY: LeastLatency(self.latencies, clock.rng),
            SelectionStrategy.RANDOM: RandomOrder(clock.rng),
        }

    def strategy(self, name: SelectionStrategy) -> Strategy | None:
        """The strategy of that name; None for `priority`, which leaves targets as they are."""
        return self._strategies.get(name)

    def forget(self, provider: str) -> None:
        """Drops what was measured of a row whose address or key has changed. Its turns and conversations stay."""
        self.latencies.forget(provider)
