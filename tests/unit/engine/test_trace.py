"""Is every attempt and every request recorded once, with what it took, however it ended?"""

from __future__ import annotations

from decimal import Decimal

import pytest

from app.engine.accounts import Accounts
from app.engine.intake import take_in
from app.engine.selection import Target
from app.engine.trace import Trace
from app.pricing import Prices
from contracts import (
    IN_PROCESS_CALLER,
    AttemptOutcome,
    Cost,
    Fault,
    LLMRequest,
    LLMTimeoutError,
    ProviderType,
    RateLimitExceededError,
    Usage,
)
from contracts.config import LLMProviderConfig
from tests.kit.engine import Records
from tests.kit.fake_provider import FakeProvider
from tests.kit.virtual_time import EPOCH, HandClock

USAGE = Usage(input_tokens=1000, output_tokens=100, total_tokens=1100)
TARGET = Target(provider=FakeProvider("alpha"), model="m")
PAID = Target(provider=FakeProvider("openai", kind=ProviderType.OPENAI), model="gpt-6-luna")
COST = Cost(usd=Decimal("0.5"), source="vendor")


@pytest.fixture
def hand() -> HandClock:
    """The clock of `trace`."""
    return HandClock()


@pytest.fixture
def records() -> Records:
    """What `trace` left."""
    return Records()


@pytest.fixture
def trace(hand: HandClock, records: Records) -> Trace:
    """Of a request that has just come in."""
    request = LLMRequest(prompt="x", request_id="r", correlation_id="c", tags=("t",), model="fast")
    order = take_in(request, IN_PROCESS_CALLER, now=EPOCH, is_stream=True, config=LLMProviderConfig())
    return Trace(order, Accounts(observers=(records,), limiter=records, clock=hand.clock), Prices())


def test_attempt_that_succeeds_is_recorded(trace: Trace, records: Records, hand: HandClock) -> None:
    """For the answer in milliseconds, for observers in seconds, with usage and cost."""
    attempt = trace.attempt(TARGET, is_retry=True)
    hand.advance(0.25)
    attempt.first_content()
    hand.advance(0.5)
    attempt.succeeded(USAGE, COST)
    (shown,), (record,) = trace.attempts, records.attempts
    assert (shown.provider, shown.model, shown.outcome, shown.status) == ("alpha", "m", AttemptOutcome.SUCCESS, 200)
    assert (shown.duration_ms, shown.ttft_ms, shown.error_type) == (750.0, 250.0, None)
    assert (record.request_id, record.correlation_id, record.provider_type) == ("r", "c", ProviderType.MOCK)
    assert (record.duration_seconds, record.ttft_seconds, record.is_retry) == (0.75, 0.25, True)
    assert (record.usage, record.cost_usd, record.fault) == (USAGE, Decimal("0.5"), None)
    assert trace.upstream_seconds == 0.75


def test_attempt_that_fails_is_recorded_with_its_fault(trace: Trace, records: Records) -> None:
    """The vendor's status, our type, and whose fault it was."""
    trace.attempt(TARGET, is_retry=False).failed(RateLimitExceededError("wait", upstream_status=429))
    (record,) = records.attempts
    assert (record.outcome, record.status, record.error_type) == (AttemptOutcome.FAILED, 429, "rate_limit_exceeded")
    assert (record.fault, record.ttft_seconds, record.usage, record.cost_usd) == (Fault.PROVIDER, None, None, None)
    assert trace.attempts[0].error_type == "rate_limit_exceeded"


@pytest.mark.parametrize("ending", ["failed", "cancelled"])
def test_attempt_that_was_cut_costs_what_it_used(trace: Trace, records: Records, ending: str) -> None:
    """Its usage is priced like any other: no bill that nobody recorded."""
    attempt = trace.attempt(PAID, is_retry=False)
    if ending == "failed":
        attempt.failed(LLMTimeoutError("silent"), USAGE)
    else:
        attempt.cancelled(USAGE)
    (record,) = records.attempts
    assert record.outcome.value == ending
    assert record.usage == USAGE
    assert record.cost_usd is not None
    assert record.cost_usd > 0


def test_attempt_of_unknown_price_has_no_cost(trace: Trace, records: Records) -> None:
    """Not a cost of zero."""
    target = Target(provider=PAID.provider, model="no-such-model")
    trace.attempt(target, is_retry=False).cancelled(USAGE)
    assert records.attempts[0].cost_usd is None


def test_attempt_ends_once(trace: Trace, records: Records) -> None:
    """Whoever comes second changes nothing."""
    attempt = trace.attempt(TARGET, is_retry=False)
    attempt.succeeded(USAGE, None)
    attempt.failed(LLMTimeoutError("late"))
    attempt.cancelled()
    assert [record.outcome for record in records.attempts] == [AttemptOutcome.SUCCESS]
    assert len(trace.attempts) == 1


def test_request_that_is_answered_is_recorded_once(trace: Trace, records: Records, hand: HandClock) -> None:
    """For the observers and for the limiter, with all that the request said of itself."""
    trace.attempt(TARGET, is_retry=False).succeeded(USAGE, COST)
    hand.advance(2)
    trace.end(target=TARGET, usage=USAGE, cost=COST, fallback_used=True)
    trace.end(is_cancelled=True)
    (record,) = records.requests
    assert records.settled == [record]
    assert (record.request_id, record.correlation_id, record.caller) == ("r", "c", IN_PROCESS_CALLER)
    assert (record.provider, record.model, record.requested_model, record.is_stream) == ("alpha", "m", "fast", True)
    assert (record.duration_seconds, record.attempts, record.fallback_used) == (2, 1, True)
    assert (record.usage, record.cost_usd, record.tags) == (USAGE, Decimal("0.5"), ("t",))
    assert (record.error_type, record.is_cancelled, record.started_at) == (None, False, EPOCH)


def test_request_costs_what_its_caller_is_told(trace: Trace, records: Records) -> None:
    """An answer of two candidates, one of them without a price, has none: its tokens are not all of the last one."""
    trace.end(target=PAID, usage=USAGE, cost=None)
    (record,) = records.requests
    assert (record.usage, record.cost_usd) == (USAGE, None)


def test_request_that_is_refused_is_recorded_with_its_error(trace: Trace, records: Records) -> None:
    """The error carries the ids, and the record its type."""
    error = LLMTimeoutError("silent")
    trace.refuse(error, target=TARGET, usage=USAGE)
    assert (error.request_id, error.correlation_id) == ("r", "c")
    (record,) = records.requests
    assert (record.error_type, record.provider, record.usage, record.attempts) == ("timeout", "alpha", USAGE, 0)


def test_request_whose_caller_left_is_recorded(trace: Trace, records: Records) -> None:
    """As cancelled, neither answered nor failed."""
    trace.end(is_cancelled=True)
    (record,) = records.requests
    assert (record.is_cancelled, record.error_type, record.provider) == (True, None, None)


class _Blind(Records):
    """An observer to whom calls are nothing."""

    sees_calls = False


class _Open(Records):
    """A limiter that says that it limits nobody."""

    limits = False


async def test_limiter_that_limits_nobody_is_not_asked(hand: HandClock) -> None:
    """Nor told: a request is admitted without it, and its observers learn of it once."""
    limiter, records = _Open(), Records()
    limiter.refusal = RateLimitExceededError("wait")
    order = take_in(LLMRequest(prompt="x"), IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=LLMProviderConfig())
    trace = Trace(order, Accounts(observers=(records,), limiter=limiter, clock=hand.clock), Prices())
    async with trace:
        trace.end()
    assert (limiter.settled, len(records.requests)) == ([], 1)


def test_observer_that_sees_no_calls_is_told_of_none(hand: HandClock) -> None:
    """Half of what it would be told is nothing to it; of requests it learns."""
    seeing, blind = Records(), _Blind()
    order = take_in(LLMRequest(prompt="x"), IN_PROCESS_CALLER, now=EPOCH, is_stream=False, config=LLMProviderConfig())
    trace = Trace(order, Accounts(observers=(seeing, blind), limiter=seeing, clock=hand.clock), Prices())
    trace.attempt(TARGET, is_retry=False).succeeded(USAGE, None)
    trace.end()
    assert (len(seeing.attempts), blind.attempts) == (1, [])
    assert len(blind.requests) == 1
