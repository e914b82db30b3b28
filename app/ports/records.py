"""What is left of every call and every request, and who is told of it?"""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol

from contracts.cache import CacheResult
from contracts.caller import Caller
from contracts.calls import ModelCall, Operation
from contracts.chat import Usage
from contracts.fault import Fault
from contracts.providers import ProviderType
from contracts.quick_making import maker_of, quickly_made
from contracts.responses import AttemptOutcome, Cost


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One upstream call as it ended. `provider_type` groups rows of one kind; times are in seconds.

    `cost` None with a usage: no price is known. `usage.source` says whether the tokens were counted or estimated.
    `listed_usd`: where the vendor gave a figure of its own, what the price library says instead.
    `error_message` is our own sentence (`str(error)`), never the vendor's. `circuit_breaker_opened`: by this failure.
    `span_id` (W3C, hex): the span of this call, below that of its request.
    """

    request_id: str
    correlation_id: str
    provider: str
    provider_type: ProviderType
    model: str
    outcome: AttemptOutcome
    started_at: datetime
    duration_seconds: float
    ttft_seconds: float | None = None
    status: int | None = None
    error_type: str | None = None
    error_message: str | None = None
    fault: Fault | None = None
    usage: Usage | None = None
    cost: Cost | None = None
    listed_usd: Decimal | None = None
    is_retry: bool = False
    circuit_breaker_opened: bool = False
    span_id: str | None = None

    @property
    def cost_usd(self) -> Decimal | None:
        """US dollars; None when it used nothing, or no price is known."""
        return self.cost.usd if self.cost is not None else None


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as it ended, refused ones too. `error_type` None: it was answered, or its caller left.

    `provider` and `model`: who gave the answer. `usage` and `cost_usd` are the answer's, as its caller is told them;
    what the request was billed is the sum over `calls`, the failed ones too. `metadata` and `user_id` are the caller's
    own: for events, never for logs or metrics. `trace_id`, `span_id` (W3C, hex): the span of this request, kept if
    `is_sampled`; `parent_span_id`: its caller's. `error_message` is our own sentence, never the vendor's.
    """

    request_id: str
    correlation_id: str
    operation: Operation
    caller: Caller
    provider: str | None
    model: str | None
    requested_model: str | None
    is_stream: bool
    started_at: datetime
    duration_seconds: float
    calls: tuple[AttemptRecord, ...]
    fallback_used: bool = False
    error_type: str | None = None
    error_message: str | None = None
    is_cancelled: bool = False
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    cache: CacheResult = CacheResult.BYPASS
    signal_type: str | None = None
    tags: tuple[str, ...] = ()
    user_id: str | None = field(default=None, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    queue_seconds: float = 0.0
    upstream_seconds: float = 0.0
    ttft_seconds: float | None = None
    trace_id: str | None = None
    span_id: str | None = None
    parent_span_id: str | None = None
    is_sampled: bool = True

    @property
    def attempts(self) -> int:
        """How many calls were made."""
        return len(self.calls)

    @property
    def outcome(self) -> str:
        """`success`, `cancelled`, or the error_type."""
        return self.error_type or ("cancelled" if self.is_cancelled else "success")


new_attempt_record = maker_of(AttemptRecord)
new_request_record = maker_of(RequestRecord)


@dataclass(frozen=True, slots=True, kw_only=True)
class StartRecord:
    """One request that began: who will be asked first, as far as that is known."""

    request_id: str
    correlation_id: str
    operation: Operation
    caller: Caller
    provider: str | None
    model: str | None
    started_at: datetime
    user_id: str | None = field(default=None, repr=False)
    metadata: Mapping[str, Any] = field(default_factory=dict, repr=False)
    trace_id: str | None = None
    span_id: str | None = None
    is_sampled: bool = True


class Observer(Protocol):
    """A sink of records: called in line, so it must neither wait nor raise."""

    def attempt_ended(self, record: AttemptRecord) -> None:
        """One upstream call has ended."""
        ...

    def request_ended(self, record: RequestRecord) -> None:
        """One request has ended."""
        ...


class Limiter(Protocol):
    """Decides before a request whether its caller may spend, and learns after it what was spent."""

    def admit(self, call: ModelCall) -> Awaitable[None] | None:
        """What decides that, and raises RateLimitExceededError when the caller must wait. None: he may, at once."""
        ...

    def settle(self, record: RequestRecord) -> None:
        """Takes what the request used off the caller's allowance. Neither waits nor raises."""
        ...
