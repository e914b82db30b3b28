"""What is left of every call and every request, and who is told of it?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Protocol

from contracts.cache import CacheResult
from contracts.caller import Caller
from contracts.calls import ModelCall, Operation
from contracts.chat import Usage
from contracts.fault import Fault
from contracts.providers import ProviderType
from contracts.responses import AttemptOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRecord:
    """One upstream call as it ended. `provider_type` groups rows of one kind; times are in seconds."""

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
    fault: Fault | None = None
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    is_retry: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as it ended, refused ones too. `error_type` None: it was answered."""

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
    attempts: int
    fallback_used: bool = False
    error_type: str | None = None
    is_cancelled: bool = False
    usage: Usage | None = None
    cost_usd: Decimal | None = None
    cache: CacheResult = CacheResult.BYPASS
    signal_type: str | None = None
    tags: tuple[str, ...] = ()


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

    async def admit(self, call: ModelCall) -> None:
        """Raises RateLimitExceededError when the caller must wait."""
        ...

    def settle(self, record: RequestRecord) -> None:
        """Takes what the request used off the caller's allowance. Neither waits nor raises."""
        ...
