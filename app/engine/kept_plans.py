"""Which plan serves every order that names the same? It is made once for a snapshot of the configuration, and kept.

Most orders name a model and nothing else, and the configuration alone says who serves them: to judge the rows anew for
each was a twentieth of a request. What only one order has a say in is planned for that order.
"""

from __future__ import annotations

from typing import NamedTuple

from app.engine.affinity import may_be_held
from app.engine.intake import Order
from app.engine.needs import needs_nothing, takes_all
from app.engine.target import Plan
from contracts.calls import Operation
from contracts.providers import ProviderType

# Callers name models, so they are not all kept.
_MOST_PLANS = 1000
_Named = tuple[str | None, str | None, bool | None]


class _Kept(NamedTuple):
    """A plan for all who name the same. `is_only`: nobody else could be asked, so that there is nothing to choose.

    `takes_all`: its targets can do whatever may be asked of any.
    """

    plan: Plan
    is_only: bool
    takes_all: bool


class KeptPlans:
    """Those of one snapshot. `has_turns`: a strategy chooses; `has_affinity`: who served a conversation is preferred.

    `are_rows_fixed`: none of the rows that may be asked goes and comes.
    """

    def __init__(self, *, are_rows_fixed: bool, has_turns: bool, has_affinity: bool) -> None:
        self._are_rows_fixed = are_rows_fixed
        self._has_turns = has_turns
        self._has_affinity = has_affinity
        self._plans: dict[_Named, _Kept] = {}

    def __len__(self) -> int:
        return len(self._plans)

    def of(self, order: Order) -> Plan | None:
        """The plan for `order`, if one is kept and nothing else in the order has a say."""
        kept = self._plans.get((order.model, order.preferred, order.enable_fallback))
        if kept is None or not _is_said_by_names(order):
            return None
        call = order.call
        if not kept.is_only and (self._has_turns or (self._has_affinity and may_be_held(call))):
            return None
        return kept.plan if kept.takes_all or needs_nothing(call.conversation) else None

    def keep(self, order: Order, plan: Plan, *, is_whole: bool, is_chosen: bool) -> None:
        """Keeps the plan made for `order`, in which nobody was refused, if all who name the same would get it.

        `is_whole`: all who can serve are in it; `is_chosen`: they stand in an order that was chosen for this one.
        """
        if not (self._are_rows_fixed and _is_said_by_names(order)):
            return
        targets = plan.targets
        is_only = is_whole and len(targets) == 1
        if (is_chosen and not is_only) or any(target.provider.type is ProviderType.LOCAL for target in targets):
            return
        if len(self._plans) >= _MOST_PLANS:
            self._plans.clear()
        can_all = all(takes_all(target.provider, target.model) for target in targets)
        self._plans[order.model, order.preferred, order.enable_fallback] = _Kept(plan, is_only, can_all)


def _is_said_by_names(order: Order) -> bool:
    """Whether an order says by a row's and a model's name alone who may serve it.

    Else its key, its own candidates, what its vendor keeps or the cache have a say.
    """
    call, source, caller = order.call, order.call.source, order.call.caller
    if call.operation is not Operation.CHAT or call.vendor_options:
        return False
    # As `is_limited` has it.
    if caller.models is not None or caller.providers is not None:
        return False
    if order.fallbacks is not None or order.use_cache or order.warnings:
        return False
    return source is None or not (source.states or source.is_kept or source.demands)
