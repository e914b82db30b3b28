"""One snapshot of configuration and what was built from it: a request takes it once and keeps it to its end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import TracebackType
from typing import Protocol

from app.engine.kept_plans import KeptPlans
from app.engine.steering import Steering
from app.engine.strategies.strategy import Strategy
from app.ports import Provider
from app.pricing import Prices
from app.resilience.clock import Clock
from app.resilience.routes import Routes
from contracts.config import LLMProviderConfig
from contracts.errors import ProviderNotFoundError
from contracts.providers import ProviderType


@dataclass(slots=True)
class Runtime:
    """Configuration `revision` and its providers. `users` counts the requests that still hold it.

    `routes` and `steering` hold what was learnt of them, and go from one snapshot to the next.
    """

    revision: int
    config: LLMProviderConfig
    providers: Mapping[str, Provider]
    routes: Routes
    users: int = 0
    steering: Steering = field(default_factory=lambda: Steering(Clock()))
    prices: Prices = field(init=False)
    order: tuple[str, ...] = field(init=False)
    embedded: tuple[str, ...] = field(init=False)
    local: frozenset[str] = field(init=False)
    up: frozenset[str] = field(init=False)
    rows: tuple[tuple[str, bool], ...] = field(init=False)
    has_fixed_rows: bool = field(init=False)
    has_choice: bool = field(init=False)
    strategy: Strategy | None = field(init=False)
    plans: KeptPlans = field(init=False)
    offering: dict[tuple[type[object], str], frozenset[str]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        """Every request asks for the rows in the order configured, without and with embedded models nobody named.

        Which are `up` stands with the configuration, but for the `local` ones: an embedded model goes and comes.
        `has_choice`: somebody may be answered by one of several, as the service chooses.
        """
        self.prices = Prices(self.config.prices)
        self.strategy = self.steering.strategy(self.config.selection_strategy)
        rows, first = self.config.providers, self.config.default_provider
        named = dict.fromkeys((*((first,) if first else ()), *self.config.fallback_order))
        added = [name for name in rows if name not in named]
        self.embedded = tuple(name for name in added if rows[name].type is ProviderType.LOCAL)
        self.order = (*named, *(name for name in added if name not in self.embedded))
        self.local = frozenset(name for name, row in rows.items() if row.type is ProviderType.LOCAL)
        self.up = frozenset(name for name in self.order if name not in self.local and self._can_be_called(name))
        self.rows = tuple((name, name in self.up) for name in self.order)
        self.has_fixed_rows = self.local.issubset(self.embedded)
        candidates = [name for name in self.order if name in self.up or name in self.local]
        self.has_choice = len(candidates) > 1 or len(self.embedded) > 1 or bool(self.config.models)
        self.plans = KeptPlans(
            are_rows_fixed=self.has_fixed_rows,
            has_turns=self.strategy is not None,
            has_affinity=self.has_choice and self.config.affinity,
        )

    def in_order(self) -> Sequence[tuple[str, bool]]:
        """The rows of `order`, and whether each is up."""
        if self.has_fixed_rows:
            return self.rows
        return [(name, self.is_up(name)) for name in self.order]

    def is_up(self, name: str) -> bool:
        """Whether the row can be called, as far as its configuration and its embedded model say."""
        return name in self.up or (name in self.local and self._can_be_called(name))

    def _can_be_called(self, name: str) -> bool:
        provider = self.providers.get(name)
        return provider is not None and self.config.providers[name].enabled and provider.unusable_reason() is None

    def hold(self) -> None:
        """Keeps its rows open, for a call that may outlive the request that began it; let go of it."""
        self.users += 1

    def let_go(self) -> None:
        """Ends a hold; the next use that is given back frees the rows of a retired snapshot."""
        self.users -= 1


def find_provider(runtime: Runtime, name: str) -> Provider:
    """The row of that name. Raises ProviderNotFoundError with the list of rows."""
    provider = runtime.providers.get(name)
    if provider is None:
        known = ", ".join(runtime.providers)
        raise ProviderNotFoundError(f"no provider is named {name[:64]}; configured: {known}")
    return provider


class RuntimeFactory(Protocol):
    """Builds the next snapshot; rows that did not change are taken over from `previous`."""

    def build(self, config: LLMProviderConfig, revision: int, previous: Runtime | None) -> Runtime:
        """Raises ConfigurationError when a row cannot be built."""
        ...

    def check(self, config: LLMProviderConfig, previous: Runtime) -> None:
        """Raises what `build` would; changes nothing."""
        ...


class Taken:
    """One use of the snapshot that is current when its block begins."""

    __slots__ = ("_runtime", "_snapshots")

    def __init__(self, snapshots: Snapshots) -> None:
        self._snapshots = snapshots

    def __enter__(self) -> Runtime:
        self._runtime = runtime = self._snapshots.current
        runtime.users += 1
        return runtime

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._snapshots.give_back(self._runtime)


class Snapshots:
    """The current runtime, and the old ones that are still in use."""

    def __init__(self, first: Runtime) -> None:
        self.current = first
        self._retired: list[Runtime] = []
        self._to_close: list[Provider] = []

    @property
    def users(self) -> int:
        """Requests under way, whichever snapshot they hold."""
        return sum(runtime.users for runtime in (*self._retired, self.current))

    def taken(self) -> Taken:
        """A context manager: the current snapshot, held until its block ends."""
        return Taken(self)

    def take(self) -> Runtime:
        """The current snapshot; give it back."""
        self.current.users += 1
        return self.current

    def give_back(self, runtime: Runtime) -> None:
        """Ends a use; the last one of a retired snapshot frees the rows that nobody else has."""
        runtime.users -= 1
        if self._retired:
            self._free()

    def swap(self, following: Runtime) -> None:
        """Makes `following` current; the old one ends after its last use."""
        self._retired.append(self.current)
        self.current = following
        self._free()

    def take_closable(self) -> list[Provider]:
        """Rows that no request uses any more, each given out once, for closing."""
        closable, self._to_close = self._to_close, []
        return closable

    def take_all(self) -> list[Provider]:
        """Every row, whoever uses it still, each given out once, for closing."""
        held = _rows(*self._retired, self.current)
        self._retired = []
        return [*self.take_closable(), *held.values()]

    def _free(self) -> None:
        """A row may stand in several snapshots: it ends with the last of them."""
        ended = [runtime for runtime in self._retired if not runtime.users]
        if ended:
            self._retired = [runtime for runtime in self._retired if runtime.users]
            kept = _rows(*self._retired, self.current)
            self._to_close += [provider for key, provider in _rows(*ended).items() if key not in kept]


def _rows(*runtimes: Runtime) -> dict[int, Provider]:
    return {id(provider): provider for runtime in runtimes for provider in runtime.providers.values()}
