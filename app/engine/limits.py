"""How long a chain of attempts, and each attempt in it, may take."""

from __future__ import annotations

from collections.abc import Sequence

from app import catalogue
from app.engine.intake import Order
from app.engine.selection import Target
from app.resilience.deadline import (
    REASONING_ATTEMPT_SECONDS,
    REASONING_CHAIN_SECONDS,
    REASONING_FIRST_TOKEN_SECONDS,
    AttemptLimits,
    Deadline,
    new_limits,
)
from contracts.config import LLMProviderConfig

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


class TargetLimits:
    """The limits of attempts on one target; `has_next`: another candidate is left behind it."""

    __slots__ = ("_configured", "_connect", "_wished", "deadline")

    def __init__(
        self,
        target: Target,
        order: Order,
        config: LLMProviderConfig,
        deadline: Deadline,
        *,
        has_next: bool,
        is_streamed: bool,
    ) -> None:
        self.deadline = deadline
        self._connect = config.connect_timeout_seconds
        own, patience = target.timeout_seconds, order.patience_seconds
        # What the candidate says of itself, else the caller, else the configuration.
        self._wished = own if own is not None or is_streamed else order.timeout_seconds
        is_long = is_streamed or patience is not None or reasons(target, order)
        # What this service grants the model, whatever the caller's patience.
        if own is not None and order.fallbacks is None:
            self._configured = own
        elif not has_next and is_long:
            self._configured = max(deadline.seconds, config.fallback_timeout_seconds)
        elif is_streamed:
            first = REASONING_FIRST_TOKEN_SECONDS if reasons(target, order) else 0.0
            self._configured = max(first, config.first_token_timeout_seconds)
        elif patience is not None:
            # Half of what its caller waits: the other candidates have the rest.
            self._configured = min(REASONING_ATTEMPT_SECONDS, patience / 2)
        else:
            self._configured = REASONING_ATTEMPT_SECONDS if is_long else config.request_timeout_seconds

    def __call__(self, is_retry: bool) -> AttemptLimits:
        """Limits of the attempt that begins now."""
        configured, wished, left = self._configured, self._wished, self.deadline.remaining()
        answer = configured if wished is None else wished
        answer = answer if answer < left else left
        return new_limits(
            connect=self._connect if self._connect < answer else answer,
            answer=answer,
            is_fair=answer >= configured or answer >= FAIR_SECONDS,
            is_retry=is_retry,
        )
