"""What may a scripted provider do when it is called? Answer, fail, stay silent, or stream step by step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contracts.chat import FinishReason, Usage
from contracts.deltas import Delta, RelayedEvent
from contracts.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)

USAGE = Usage(input_tokens=10, output_tokens=5, total_tokens=15)


@dataclass(frozen=True, slots=True)
class Says:
    """A whole answer `after` seconds; asked for a stream, it comes as one text and its finish. `raw`: its body.

    `id` and `item_ids` are what its vendor keeps it under.
    """

    text: str = "hello"
    after: float = 0.0
    usage: Usage | None = USAGE
    finish: FinishReason = FinishReason.STOP
    raw: str | None = None
    id: str | None = None
    item_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Fails:
    """A fresh error `after` seconds; inside a stream, right where it stands."""

    error: Callable[[], BaseException]
    after: float = 0.0


@dataclass(frozen=True, slots=True)
class Silent:
    """Nothing ever comes; inside a stream, nothing more."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Inside a stream: nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Ping:
    """Inside a stream: a sign of life without content."""


@dataclass(frozen=True, slots=True)
class Finish:
    """Inside a stream: the finish reason."""

    reason: FinishReason = FinishReason.STOP


@dataclass(frozen=True, slots=True)
class Counted:
    """Inside a stream: the vendor's usage."""

    usage: Usage = USAGE


Step = str | Delta | RelayedEvent | Pause | Ping | Finish | Counted | Fails | Silent


@dataclass(frozen=True, slots=True)
class Streams:
    """An open stream that takes these steps and then ends. `opens_after` seconds it answers 200."""

    steps: tuple[Step, ...]
    opens_after: float = 0.0


Outcome = Says | Fails | Silent | Streams


def streams(*steps: Step, opens_after: float = 0.0) -> Streams:
    """A stream that takes `steps`; a plain string is a piece of text."""
    return Streams(steps, opens_after)


def unavailable(retry_after: float | None = None, after: float = 0.0) -> Fails:
    """503 and its kin."""
    return _fails(ProviderUnavailableError, 503, after, retry_after=retry_after)


def limited(retry_after: float | None = None, after: float = 0.0) -> Fails:
    """429."""
    return _fails(RateLimitExceededError, 429, after, retry_after=retry_after)


def out_of_quota() -> Fails:
    """429 that no waiting helps."""
    return _fails(QuotaExceededError, 429)


def unauthorized(after: float = 0.0) -> Fails:
    """401."""
    return Fails(lambda: AuthenticationError("the key was refused", upstream_status=401), after)


def forbidden() -> Fails:
    """403: this model only."""
    return Fails(lambda: AuthenticationError("the model is not allowed", covers_row=False, upstream_status=403))


def unreadable() -> Fails:
    """A reply that is no reply."""
    return _fails(ProviderProtocolError, 200)


def timed_out() -> Fails:
    """The transport's own timeout."""
    return Fails(lambda: LLMTimeoutError("no connection in 5.0 s"))


def unknown_model() -> Fails:
    """404."""
    return _fails(ModelNotFoundError, 404)


def too_long() -> Fails:
    """The conversation does not fit."""
    return _fails(ContextLengthExceededError, 400)


def refused_content() -> Fails:
    """The vendor's content policy."""
    return _fails(ContentPolicyError, 400)


def invalid() -> Fails:
    """422."""
    return _fails(InvalidRequestError, 422)


def broken() -> Fails:
    """A defect of ours."""
    return Fails(lambda: KeyError("a defect"))


def _fails(kind: type[LLMProviderError], status: int, after: float = 0.0, retry_after: float | None = None) -> Fails:
    def error() -> LLMProviderError:
        return kind(f"the vendor answered {status}", upstream_status=status, retry_after=retry_after)

    return Fails(error, after)
