"""What would become of an order now: who would be tried, in which order, and why nobody else? Nobody is called.

An answer of the strategy `random` is one of many, as is one of `least-latency` with more than two rows.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from app import catalogue
from app.engine.estimation import estimated_input
from app.engine.intake import Order
from app.engine.limits import TargetLimits, chain_seconds
from app.engine.runtime import Runtime
from app.engine.selection import Selection
from app.engine.target import Plan, Target
from app.engine.turns import least_bad, with_spent_last
from app.ports import Provider
from app.resilience.clock import Clock
from app.resilience.deadline import Deadline
from app.resilience.routes import Route
from contracts.errors import (
    CallerForbiddenError,
    CircuitOpenError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderDisabledError,
    ProviderNotFoundError,
    RateLimitExceededError,
)
from contracts.explanation import (
    Exclusion,
    ExclusionReason,
    ExplainedAffinity,
    ExplainedCandidate,
    Explanation,
)
from contracts.problem import problem_of

_REASONS: tuple[tuple[type[LLMProviderError], ExclusionReason], ...] = (
    (CallerForbiddenError, ExclusionReason.NOT_ALLOWED),
    (ProviderDisabledError, ExclusionReason.DISABLED),
    (CircuitOpenError, ExclusionReason.CIRCUIT_OPEN),
    (RateLimitExceededError, ExclusionReason.COOLING),
    (InvalidRequestError, ExclusionReason.LACKS_CAPABILITY),
    (ModelNotFoundError, ExclusionReason.MODEL_NOT_OFFERED),
)


def explain(order: Order, runtime: Runtime, clock: Clock) -> Explanation:
    """The explanation of `order`. Raises ProviderNotFoundError, as the request itself would."""
    return _Explaining(order, runtime, clock).explanation()


class _Explaining:
    def __init__(self, order: Order, runtime: Runtime, clock: Clock) -> None:
        self._order = order
        self._runtime = runtime
        self._clock = clock
        self._selection = Selection(order, runtime)
        self._refusal: LLMProviderError | None = None
        self._warnings: list[str] = []
        self._plan = self._planned()
        self._waiting = {
            target.name: refusal for target in self._plan.targets if (refusal := self._route(target).refusal())
        }
        self._ready = [target for target in self._plan.targets if target.name not in self._waiting]
        self._probed = None if self._ready else self._least_bad()
        if self._probed is not None:
            self._ready = [self._probed]
            del self._waiting[self._probed.name]
        self._deadline = Deadline(clock, chain_seconds(order, self._plan.targets, runtime.config))
        self._input_tokens = estimated_input(order.call).input_tokens

    def explanation(self) -> Explanation:
        call, holder = self._order.call, self._selection.ranking.holder
        return Explanation(
            request_id=call.request_id,
            correlation_id=call.correlation_id,
            strategy=self._runtime.config.selection_strategy,
            affinity=ExplainedAffinity(provider=holder.provider, source=holder.source) if holder else None,
            estimated_input_tokens=self._input_tokens,
            timeout_seconds=self._deadline.seconds,
            candidates=[self._candidate(position, target) for position, target in enumerate(self._ready)],
            excluded=[*self._waits(), *self._refused(), *self._left_out()],
            warnings=[*self._selection.warnings, *self._warnings, *self._all_wait()],
            refusal=problem_of(self._refusal) if self._refusal else None,
        )

    def _planned(self) -> Plan:
        try:
            return with_spent_last(self._selection.plan(), self._runtime.routes, self._warnings)
        except ProviderNotFoundError:
            raise
        except LLMProviderError as error:
            call = self._order.call
            error.request_id, error.correlation_id = call.request_id, call.correlation_id
            self._refusal = error
            return Plan(targets=())

    def _least_bad(self) -> Target | None:
        return least_bad(self._plan.targets, self._runtime.routes, list(self._waiting.values()))

    def _candidate(self, position: int, target: Target) -> ExplainedCandidate:
        limits = TargetLimits(
            target=target,
            order=self._order,
            config=self._runtime.config,
            deadline=self._deadline,
            has_next=position + 1 < len(self._ready),
            is_streamed=self._runtime.config.providers[target.provider.name].stream_upstream,
        )
        return ExplainedCandidate(
            provider=target.provider.name,
            model=target.model,
            timeout_seconds=round(limits(False).answer, 3),
            context_window=catalogue.context_window(target.model),
            remarks=list(self._remarks(target)),
        )

    def _remarks(self, target: Target) -> Iterator[str]:
        if target.note is not None:
            yield target.note
        if target is self._probed:
            yield "its circuit is open, as that of every other: it is probed before its time"
        window = catalogue.context_window(target.model)
        needed = self._input_tokens + (self._order.call.conversation.sampling.max_tokens or 0)
        if window is not None and needed > window:
            yield f"its context window of {window} tokens may be too small: this takes about {needed}"
        route = self._route(target)
        if full := route.row.admission.refusal(self._order.priority, 0):
            yield str(full)

    def _waits(self) -> Iterator[Exclusion]:
        for target in self._plan.targets:
            if refusal := self._waiting.get(target.name):
                yield self._exclusion(refusal, target.provider.name, target.model)

    def _refused(self) -> Iterator[Exclusion]:
        told: dict[tuple[str, str], Exclusion] = {}
        for refusal in self._selection.refusals:
            provider = refusal.provider or ""
            told.setdefault((provider, str(refusal)), self._exclusion(refusal, provider, refusal.model))
        yield from told.values()

    def _left_out(self) -> Iterator[Exclusion]:
        """The rows that selection had no need to look at."""
        seen = {target.provider.name for target in self._plan.targets}
        seen |= {refusal.provider for refusal in self._selection.refusals if refusal.provider}
        for name, provider in self._runtime.providers.items():
            if name in seen:
                continue
            if refusal := self._selection.row_refusal(provider):
                yield self._exclusion(refusal, name, None)
            else:
                detail = self._why_left_out(provider)
                yield Exclusion(provider=name, reason=ExclusionReason.NOT_CONSIDERED, detail=detail)

    def _why_left_out(self, provider: Provider) -> str:
        if self._selection.group is not None:
            return f"{provider.name} is not behind the model {self._selection.group}"
        if self._order.fallbacks is not None:
            return f"{provider.name} is not among the request's fallback_providers"
        if not self._selection.may_fall_back:
            return f"{provider.name} stands in for nobody: fallback is off, one candidate is asked"
        return f"{provider.name} is asked only when it is named, or when nothing else is usable"

    def _all_wait(self) -> list[str]:
        if not self._waiting or self._ready:
            return []
        return ["no candidate can be called now: each rests or has its circuit open"]

    def _exclusion(self, refusal: LLMProviderError, provider: str, model: str | None) -> Exclusion:
        reason = next((reason for kind, reason in _REASONS if isinstance(refusal, kind)), ExclusionReason.UNUSABLE)
        seconds = refusal.retry_after
        until = None if seconds is None else self._clock.now() + timedelta(seconds=seconds)
        return Exclusion(provider=provider, model=model, reason=reason, detail=str(refusal), until=until)

    def _route(self, target: Target) -> Route:
        return self._runtime.routes.route(target.provider.name, target.model)
