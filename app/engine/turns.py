"""In which turn is each target asked? In the plan's, but for spent limits, and once more when all circuits are open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from app.engine.selection import Plan, Target
from app.ports import Provider
from app.resilience.clock import Clock
from app.resilience.routes import Route, Routes
from contracts.errors import CircuitOpenError, InvalidRequestError, LLMProviderError


def with_spent_last(plan: Plan, routes: Routes, warnings: list[str]) -> Plan:
    """The plan with those last whose vendor said that their limit is used up, as long as another one is ready.

    What was put last is told in `warnings`.
    """
    if len(plan.targets) < 2:
        return plan
    spent = [target for target in plan.targets if _route(target, routes).spared_for()]
    if not spent:
        return plan
    others = [target for target in plan.targets if target not in spent]
    if all(_route(target, routes).refusal() is not None for target in others):
        return plan
    left = ((target.name, _route(target, routes).spared_for()) for target in spent)
    warnings.extend(f"{name} comes last: its limit is used up for {seconds:.1f} s" for name, seconds in left)
    is_second_choice = plan.is_second_choice or plan.targets[0] in spent
    return replace(plan, targets=(*others, *spent), is_second_choice=is_second_choice)


def least_bad(targets: Sequence[Target], routes: Routes, errors: Sequence[LLMProviderError]) -> Target | None:
    """The target to probe before its time because every circuit is open: the closest to its next probe.

    A refused key comes after every passing fault. None: one is not open, or all were probed in their interval already.
    """
    if not _are_all_open(errors):
        return None
    waits = {target.name: _route(target, routes).until_early_probe() for target in targets}
    may_be_probed = [target for target in targets if waits[target.name] is not None]
    return min(
        may_be_probed,
        key=lambda target: (_route(target, routes).is_key_refused, waits[target.name]),
        default=None,
    )


def spent_seconds(provider: Provider, model: str, clock: Clock) -> float:
    """For how long, by its last reply, the vendor will not take another call; 0: it will."""
    until = provider.spent_until(model)
    return 0.0 if until is None else (until - clock.now()).total_seconds()


def _are_all_open(errors: Sequence[LLMProviderError]) -> bool:
    """A target that cannot be told what was asked is none that could be probed with it."""
    told = [error for error in errors if error.was_sent or not isinstance(error, InvalidRequestError)]
    return bool(told) and all(isinstance(error, CircuitOpenError) for error in told)


def _route(target: Target, routes: Routes) -> Route:
    return routes.route(target.provider.name, target.model)
