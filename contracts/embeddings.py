"""What may be asked about texts as vectors, and what is answered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.requests import CandidateLike, ModelName, ProviderName, Tag, TraceId
from contracts.responses import Attempt, Cost, Latency
from contracts.shorthand import Shorthand
from contracts.text import WHOLE, whole_text

MAX_EMBEDDING_TEXTS = 2048

EmbeddingPurpose = Literal["query", "document"]
EmbeddedText = Annotated[str, Field(min_length=1, max_length=1_000_000, pattern=r"\S"), WHOLE]


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingInput:
    """Texts to be turned into vectors, of `dimensions` numbers each; `purpose`: what a vector will be used as.

    In place of texts there may be what only a caller's own body holds (lists of tokens, pictures). Then `token_counts`
    has the tokens of each, None where they cannot be counted here.
    """

    texts: tuple[str, ...] = field(repr=False)
    dimensions: int | None = None
    purpose: EmbeddingPurpose | None = None
    token_counts: tuple[int | None, ...] = ()

    @property
    def count(self) -> int:
        """How many vectors are asked for."""
        return len(self.texts) or len(self.token_counts)


class EmbeddingRequest(BaseModel):
    """One request for vectors. Vectors of different models cannot be compared, so no other model ever stands in."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        protected_namespaces=(),
        json_schema_extra={"examples": [{"input": ["a red apple", "a green pear"], "model": "text-embedding-3-small"}]},
    )

    input: Annotated[
        tuple[EmbeddedText, ...],
        Field(min_length=1, max_length=MAX_EMBEDDING_TEXTS),
        Shorthand(lambda text: (whole_text(text),), min_length=1, max_length=1_000_000, pattern=r"\S"),
    ] = Field(repr=False, description="One text, or up to 2048.")
    model: ModelName | None = Field(
        default=None, description="A vendor's embedding model or `provider/model`. Default: the provider's own."
    )
    preferred_provider: ProviderName | None = Field(default=None, description="Who should serve.")
    fallback_providers: Annotated[tuple[CandidateLike, ...], Field(max_length=16)] | None = Field(
        default=None,
        description="What to try after the first, in order. Without it only rows that offer the same model are tried.",
    )
    dimensions: Annotated[int, Field(ge=1, le=65_536)] | None = Field(
        default=None, description="Length of each vector, for models that can shorten theirs."
    )
    purpose: EmbeddingPurpose | None = Field(
        default=None, description="What the vectors will be used as, for models that tell queries from documents."
    )
    vendor_options: dict[ProviderName, dict[str, Any]] = Field(default_factory=dict, repr=False)
    use_cache: bool | None = Field(
        default=None,
        validation_alias=AliasChoices("use_cache", "enable_caching"),
        description="True: vectors that are kept for the very same request are given again, these are kept, and "
        "identical requests under way share one call. Default: false.",
    )
    timeout_seconds: Annotated[float, Field(ge=1, le=1800, allow_inf_nan=False)] | None = None
    tags: Annotated[tuple[Tag, ...], Field(max_length=10)] = ()
    user_id: Annotated[str, Field(max_length=256), WHOLE] | None = None
    request_id: TraceId | None = None
    correlation_id: TraceId | None = None


class EmbeddingAccount(BaseModel):
    """Who made the vectors that a request asked for, and what it took."""

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    request_id: str
    correlation_id: str
    provider: str
    model: str
    usage: Usage
    cost: Cost | None = Field(default=None, description="Null, with a warning, when no price is known.")
    cache: CacheResult = CacheResult.BYPASS
    fallback_used: bool = False
    attempts: list[Attempt]
    latency: Latency
    warnings: list[str] = Field(default_factory=list)
    created_at: datetime


class EmbeddingResponse(EmbeddingAccount):
    """The vectors, in the order of the texts, who made them, and what it took."""

    embeddings: list[list[float]] = Field(repr=False)
