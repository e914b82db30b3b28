"""What comes in at a drop-in surface, once it is understood, and what goes out there."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.calls import EmbeddingReply, Reply, Source
from contracts.embeddings import EmbeddingAccount
from contracts.quick_making import maker_of, quickly_made
from contracts.responses import LLMResponse
from contracts.steering import Steering

# The model that stands for the configuration's own order, each provider with its default.
AUTO = "auto"


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class SurfaceRequest:
    """One request in a vendor's dialect. `source.read_as` is what it asks: a conversation, or texts for vectors.

    `model` is a vendor's model, `provider/model`, a logical name of the configuration, or `auto`. `patience_seconds` is
    how long the caller's SDK waits for an answer, where it says so. `warnings` name what of the body was not taken.
    """

    source: Source
    model: str
    is_stream: bool = False
    steering: Steering = field(default_factory=Steering)
    user_id: str | None = field(default=None, repr=False)
    patience_seconds: float | None = None
    warnings: tuple[str, ...] = ()
    request_id: str | None = None
    correlation_id: str | None = None


new_request = maker_of(SurfaceRequest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Completion:
    """A whole answer: as the contract's own response, and as the reply that a dialect is written from.

    `reply.usage` is what was billed; `reply.raw` is the vendor's own body, where it speaks the caller's dialect.
    """

    response: LLMResponse
    reply: Reply = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingCompletion:
    """The same of a request for vectors; where `reply.raw` holds them, `reply.vectors` does not."""

    account: EmbeddingAccount
    reply: EmbeddingReply = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenCount:
    """How long a request's input is. `is_estimated`: no vendor counted, and `warnings` say why."""

    input_tokens: int
    provider: str
    model: str
    is_estimated: bool = False
    warnings: tuple[str, ...] = ()
    request_id: str | None = None
    correlation_id: str | None = None
