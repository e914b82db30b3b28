"""How long may a chain of attempts, and each attempt in it, take?"""

from __future__ import annotations

from typing import Any

import pytest

from app.engine.intake import take_in
from app.engine.limits import TargetLimits, chain_seconds
from app.engine.selection import Target
from app.resilience.deadline import Deadline
from contracts.caller import IN_PROCESS_CALLER
from contracts.config import LLMProviderConfig
from contracts.providers import ProviderType
from contracts.requests import LLMRequest
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH, HandClock

CONFIG = LLMProviderConfig()
PLAIN, THINKING, EITHER = "gpt-4o", "gpt-6-sol", "gpt-5.4"


def limits(
    model: str = PLAIN,
    *,
    is_streamed: bool = False,
    has_next: bool = True,
    own: float | None = None,
    spent: float = 0,
    config: LLMProviderConfig = CONFIG,
    **fields: Any,
) -> TargetLimits:
    hand = HandClock()
    request = LLMRequest.model_validate({"prompt": "x", **fields})
    order = take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=is_streamed, config=LLMProviderConfig())
    provider = FakeProvider("alpha", kind=ProviderType.OPENAI)
    target = Target(provider=provider, model=model, timeout_seconds=own)
    deadline = Deadline(hand.clock, chain_seconds(order, [target], config))
    hand.advance(spent)
    return TargetLimits(
        target=target, order=order, config=config, deadline=deadline, has_next=has_next, is_streamed=is_streamed
    )


@pytest.mark.parametrize(
    "model,fields,seconds",
    [
        (PLAIN, {}, 45),
        (THINKING, {}, 600),
        (THINKING, {"reasoning_effort": "none"}, 45),
        (EITHER, {}, 45),
        (EITHER, {"reasoning_effort": "low"}, 600),
        (THINKING, {"timeout_seconds": 20}, 20),
        (PLAIN, {"timeout_seconds": 900}, 900),
    ],
)
def test_limits_of_the_chain(model: str, fields: dict[str, Any], seconds: float) -> None:
    """45 s, 600 s where a model may think, or what the caller says."""
    assert limits(model, **fields).deadline.seconds == seconds


def test_limits_of_the_chain_are_never_shortened_by_thinking() -> None:
    """A configured limit above 600 s holds for models that think too."""
    assert limits(THINKING, config=LLMProviderConfig(fallback_timeout_seconds=900)).deadline.seconds == 900


@pytest.mark.parametrize(
    "given,seconds",
    [
        (limits(), 30),
        (limits(has_next=False), 30),
        (limits(spent=40), 5),
        (limits(THINKING), 300),
        (limits(THINKING, has_next=False), 600),
        (limits(timeout_seconds=90), 90),
        (limits(own=4), 4),
        (limits(own=4, timeout_seconds=90), 4),
        (limits(own=60), 45),
        (limits(is_streamed=True), 12),
        (limits(is_streamed=True, has_next=False), 45),
        (limits(is_streamed=True, timeout_seconds=90), 12),
        (limits(is_streamed=True, timeout_seconds=90, has_next=False), 90),
        (limits(is_streamed=True, timeout_seconds=5), 5),
        (limits(THINKING, is_streamed=True), 120),
        (limits(THINKING, is_streamed=True, has_next=False), 600),
        (limits(THINKING, is_streamed=True, config=LLMProviderConfig(first_token_timeout_seconds=200)), 200),
        (limits(is_streamed=True, own=3), 3),
    ],
)
def test_limits_of_an_attempt(given: TargetLimits, seconds: float) -> None:
    """The candidate's own, else the caller's, else the configured; never more than what is left of the chain."""
    assert given(False).answer == seconds


@pytest.mark.parametrize(
    "given,is_fair",
    [
        (limits(), True),
        (limits(spent=34), True),
        (limits(spent=36), False),
        (limits(timeout_seconds=9), False),
        (limits(timeout_seconds=10), True),
        (limits(is_streamed=True, timeout_seconds=9, has_next=False), False),
        (limits(THINKING, timeout_seconds=9, has_next=False), False),
        (limits(own=2), True),
        (limits(own=2, fallback_providers=["alpha/x"]), False),
        (limits(config=LLMProviderConfig(request_timeout_seconds=2)), True),
        (limits(config=LLMProviderConfig(first_token_timeout_seconds=2), is_streamed=True), True),
        (limits(config=LLMProviderConfig(fallback_timeout_seconds=2)), False),
    ],
)
def test_limits_are_fair_when_they_are_the_vendors_to_keep(given: TargetLimits, is_fair: bool) -> None:
    """Ten seconds, or the operator's own limit, are a fair trial; a caller's haste or the rest of a chain is none."""
    assert given(False).is_fair is is_fair


def test_limits_of_connecting_fit_into_the_attempt() -> None:
    """Connecting may take 5 s, or the whole of a shorter attempt."""
    assert limits()(False).connect == 5
    assert limits(own=2)(False).connect == 2


def test_limits_know_a_retry() -> None:
    """What is said of a retry reaches the attempt."""
    assert [limits()(is_retry).is_retry for is_retry in (False, True)] == [False, True]
