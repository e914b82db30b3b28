"""How long a chain of attempts, and each attempt in it, may take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app import catalogue
from app.engine.intake import Order
from app.engine.selection import Target
from app.resilience.deadline import (
    REASONING_ATTEMPT_SECONDS,
    REASONING_CHAIN_SECONDS,
    REASONING_FIRST_TOKEN_SECONDS,
    AttemptLimits,
    Deadline,
)
from contracts.config import LLMProviderConfig
from contracts.quick_making import quickly_made

FAIR_SECONDS = 10.0


def chain_seconds(order: Order, targets: Sequence[Target], config: LLMProviderConfig) -> float:
    """The caller's own limit, else its door's, else the configured one; a model that reasons gets more."""
    if order.timeout_seconds is not None:
        return order.timeout_seconds
    if order.patience_seconds is not None:
        return order.patience_seconds
    for target in targets:
        if reasons(target, order):
            return max(REASONING_CHAIN_SECONDS, config.fallback_timeout_seconds)
    return config.fallback_timeout_seconds


def reasons(target: Target, order: Order) -> bool:
    """Whether the target's model thinks before it answers, by itself or because it was asked to."""
    return catalogue.reasons(target.provider.type, target.model, order.call.conversation.reasoning_effort)


@quickly_made
@dataclass(frozen=True, slots=True)
class TargetLimits:
    """The limits of attempts on one target; `has_next`: another candidate is left behind it."""

    target: Target
    order: Order
    config: LLMProviderConfig
    deadline: Deadline
    has_next: bool
    is_streamed: bool

    def __call__(self, is_retry: bool) -> AttemptLimits:
        """Limits of the attempt that begins now."""
        configured = self._configured()
        # What the candidate says of itself, else the caller, else the configuration.
        wished = self.target.timeout_seconds
        if wished is None:
            wished = None if self.is_streamed else self.order.timeout_seconds
        answer = min(configured if wished is None else wished, self.deadline.remaining())
        return AttemptLimits(
            connect=min(self.config.connect_timeout_seconds, answer),
            answer=answer,
            is_fair=answer >= configured or answer >= FAIR_SECONDS,
            is_retry=is_retry,
        )

    def _configured(self) -> float:
        """What this service grants the model, whatever the caller's patience."""
        if self.target.timeout_seconds is not None and self.order.fallbacks is None:
            return self.target.timeout_seconds
        patience = self.order.patience_seconds
        is_long = self.is_streamed or patience is not None or reasons(self.target, self.order)
        if not self.has_next and is_long:
            return max(self.deadline.seconds, self.config.fallback_timeout_seconds)
        if self.is_streamed:
            first = REASONING_FIRST_TOKEN_SECONDS if reasons(self.target, self.order) else 0.0
            return max(first, self.config.first_token_timeout_seconds)
        if patience is not None:
            # Half of what its caller waits: the other candidates have the rest.
            return min(REASONING_ATTEMPT_SECONDS, patience / 2)
        return REASONING_ATTEMPT_SECONDS if is_long else self.config.request_timeout_seconds
