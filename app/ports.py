"""What the engine needs of the rooms around it, as protocols; and the records it leaves."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Protocol, runtime_checkable

from contracts.caller import Caller
from contracts.calls import EmbeddingReply, ModelCall, Operation, Reply
from contracts.chat import Usage
from contracts.deltas import Delta
from contracts.fault import Fault
from contracts.providers import ProviderCapabilities, ProviderType, RateLimit
from contracts.responses import AttemptOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class CallLimits:
    """Limits of one upstream call that only the transport can keep; all others cancel it from outside."""

    connect_timeout_seconds: float


class ProviderStream(Protocol):
    """An open reply. Iterating yields deltas, and None for a sign of life without content (a ping, a comment)."""

    is_finished: bool
    """A finish reason, or the dialect's own end, was seen: what still comes is usage."""

    def __aiter__(self) -> AsyncIterator[Delta | None]: ...

    def reply(self) -> Reply:
        """The whole answer. Raises ProviderProtocolError when the stream ended without a finish reason."""
        ...

    async def aclose(self) -> None:
        """Closes the upstream connection at once."""
        ...


@runtime_checkable
class Provider(Protocol):
    """A vendor row that can be called. Every method raises only errors of `contracts.errors`, and never waits.

    `default_embedding_model` is None for a row whose vendor makes no vectors, or that lists only other models.
    """

    name: str
    type: ProviderType
    default_model: str
    makes_embeddings: bool
    default_embedding_model: str | None
    capabilities: ProviderCapabilities

    def unusable_reason(self) -> str | None:
        """Why it cannot be called now and what to do about it; None when it can. No I/O."""
        ...

    def offers(self, model: str) -> bool:
        """Whether this row may serve `model` when a caller names the model without naming the provider."""
        ...

    def offers_embeddings(self, model: str) -> bool:
        """The same for a caller who wants vectors; False for every model of a vendor that makes none."""
        ...

    async def complete(self, call: ModelCall, *, model: str, limits: CallLimits) -> Reply:
        """One plain call."""
        ...

    async def open_stream(self, call: ModelCall, *, model: str, limits: CallLimits) -> ProviderStream:
        """One streamed call, opened: the vendor answered 200 and its body is not read yet."""
        ...

    async def embed(self, call: ModelCall, *, model: str, limits: CallLimits) -> EmbeddingReply:
        """The vectors of the call's texts."""
        ...

    async def list_models(self, *, limits: CallLimits) -> list[str]:
        """Asks the vendor which models this key may use: a real call that costs nothing."""
        ...

    def missing_default_model(self, listed: Sequence[str]) -> str | None:
        """Why `default_model` cannot be served by a vendor that lists `listed`, and what to do; None when it can."""
        ...

    def rate_limits(self) -> list[RateLimit]:
        """The limits that the vendor last reported in its headers."""
        ...

    def spent_until(self, model: str) -> datetime | None:
        """When a limit of `model` that its last reply said is used up is reset; None: none is, or nobody knows when."""
        ...

    async def aclose(self) -> None:
        """Ends what this row alone holds open."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelAddress:
    """Where the embedded model listens, and the key that its child process was started with."""

    base_url: str
    api_key: str | None = field(default=None, repr=False)


class ModelServer(Protocol):
    """The embedded model's child process."""

    model_name: str

    def unavailable_reason(self) -> str | None:
        """Why it cannot serve (a missing wheel or file); None when it can."""
        ...

    async def address(self) -> ModelAddress:
        """Where it listens; starts it when it is not running. Raises ProviderUnavailableError."""
        ...

    async def aclose(self) -> None:
        """Ends the child process."""
        ...


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
