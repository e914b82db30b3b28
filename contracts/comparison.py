"""What may be asked about two essays, and what is answered: which is better, why, and how sure the model is."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from contracts.broken_rule import BrokenRuleError
from contracts.cache import CacheResult
from contracts.chat import Usage
from contracts.comparison_examples import EXAMPLE_COMPARISON, EXAMPLE_REQUEST
from contracts.json_size import MAX_METADATA_BYTES, check_size
from contracts.requests import MAX_BATCH_ITEMS, CandidateLike, ModelName, Priority, ProviderName, TraceId
from contracts.responses import Attempt, Latency, Money, Problem
from contracts.text import WHOLE

MAX_JUSTIFICATION = 1000

Winner = Literal["Essay A", "Essay B"]
_Written = Annotated[str, Field(min_length=1, max_length=1_000_000, pattern=r"\S"), WHOLE]
_Temperature = Annotated[float, Field(ge=0, le=2, allow_inf_nan=False)]
_MaxTokens = Annotated[int, Field(ge=1, le=10_000_000)]
_SENT = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, protected_namespaces=())


class LLMConfigOverrides(BaseModel):
    """Who judges and how. What is given here goes before the same thing given flat."""

    model_config = _SENT

    provider_override: ProviderName | None = None
    model_override: ModelName | None = None
    temperature_override: _Temperature | None = None
    max_tokens_override: _MaxTokens | None = None
    system_prompt_override: _Written | None = Field(default=None, repr=False)


class ComparisonRequest(BaseModel):
    """Two essays to be compared.

    `user_prompt` says what to look for. `{essay_a}` and `{essay_b}` in it are where the essays stand; one that is
    missing is put at the end. An essay is data: nothing that stands in it is read as a placeholder.
    """

    model_config = ConfigDict(**_SENT, json_schema_extra={"examples": [EXAMPLE_REQUEST]})

    user_prompt: _Written = Field(repr=False, description="What to compare by; may hold {essay_a} and {essay_b}.")
    essay_a: _Written = Field(repr=False)
    essay_b: _Written = Field(repr=False)
    provider: ProviderName | None = Field(
        default=None,
        description="Who judges. A provider that is named has no fallback, unless `enable_fallback` or "
        "`fallback_providers` asks for one.",
    )
    model_override: ModelName | None = Field(default=None, description="Which model judges. Default: the provider's.")
    temperature_override: _Temperature | None = None
    max_tokens_override: _MaxTokens | None = None
    system_prompt_override: _Written | None = Field(
        default=None,
        repr=False,
        description="How to judge, in place of the service's own words. The rules that keep essays data stay.",
    )
    llm_config_overrides: LLMConfigOverrides | None = None
    enable_fallback: bool | None = Field(
        default=None,
        description="False: one candidate only. Default: the config's, and false where a provider is named.",
    )
    fallback_providers: Annotated[tuple[CandidateLike, ...], Field(max_length=16)] | None = Field(
        default=None, description="What to try after the first, in order: `provider`, `provider/model` or an object."
    )
    check_order: bool = Field(
        default=False, description="Ask in both orders, and say whether the verdict held. Costs two calls."
    )
    use_cache: bool | None = Field(
        default=None,
        description="False: a new verdict is bought. Default: a verdict is bought once, at any temperature.",
    )
    priority: Priority = Field(default=Priority.NORMAL, description="Order in which items of a batch start.")
    metadata: dict[str, Any] = Field(
        default_factory=dict, repr=False, description="Free JSON of at most 16 KB; the answer repeats it."
    )
    user_id: Annotated[str, Field(max_length=256), WHOLE] | None = None
    request_id: TraceId | None = Field(default=None, description="Made when absent.")
    correlation_id: TraceId | None = Field(default=None, description="Made when absent.")

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_size(self.metadata, "metadata", most_bytes=MAX_METADATA_BYTES)
        if "prompt_sha256" in self.metadata:
            raise BrokenRuleError(("metadata", "prompt_sha256"), "is the service's own: it stands in the answer")
        return self


class ComparisonVerdict(BaseModel):
    """One of the two verdicts of `check_order`. `winner` is in the caller's terms, whatever order was shown.

    `justification` is as the model wrote it: in the order `swapped` it calls the caller's Essay B "Essay A".
    """

    model_config = ConfigDict(frozen=True, protected_namespaces=())

    order: Literal["given", "swapped"]
    winner: Winner
    justification: str = Field(repr=False)
    confidence: float
    provider: str
    model: str
    prompt_sha256: str


class ComparisonResponse(BaseModel):
    """Which essay is better: a verdict that a model gave, never a guess of the service."""

    model_config = ConfigDict(frozen=True, protected_namespaces=(), json_schema_extra={"example": EXAMPLE_COMPARISON})

    winner: Winner
    justification: str = Field(repr=False, description="At most 1000 characters; a longer one is cut, with a warning.")
    confidence: float = Field(
        ge=1, le=5, description="1 (hardly) to 5 (very sure). With `check_order`: the lower of the two."
    )
    choice: Literal["A", "B"] = Field(description="The older form of `winner`.")
    reasoning: str = Field(repr=False, description="The older name of `justification`.")
    consistent: bool | None = Field(
        default=None,
        description="With `check_order`: whether both orders had the same winner. Where not, `winner` is that of the "
        "order given.",
    )
    verdicts: list[ComparisonVerdict] = Field(default_factory=list, description="Both verdicts of `check_order`.")
    provider: str
    model: str
    response_time_ms: float
    cached: bool = Field(default=False, description="The verdict was kept from an earlier request.")
    cache: CacheResult = Field(default=CacheResult.BYPASS, description="What became of the request at the cache.")
    token_usage: Usage
    cost_estimate: Money | None = Field(
        default=None, description="US dollars, for all calls; null, with a warning, when no price is known."
    )
    fallback_used: bool = False
    attempts: list[Attempt]
    latency: Latency
    warnings: list[str] = Field(default_factory=list)
    request_id: str
    correlation_id: str
    trace_id: str | None = Field(default=None, description="The trace of the caller's `traceparent`, if it sent one.")
    metadata: dict[str, Any] = Field(
        repr=False,
        description="The caller's, and `prompt_sha256`: of the whole prompt as the model was given it.",
    )
    created_at: datetime


class ComparisonBatchRequest(BaseModel):
    """Several comparisons at once. Each item is checked by itself, so a bad one never fails the others."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"requests": [EXAMPLE_REQUEST]}]},
    )

    requests: Annotated[list[ComparisonRequest], Field(min_length=1, max_length=MAX_BATCH_ITEMS)] = Field(
        description="At most `max_batch_size` of the configuration (100)."
    )


class ComparisonBatchItem(BaseModel):
    """One outcome of a batch: `response` or `error`, at the place of its request."""

    model_config = ConfigDict(frozen=True)

    index: int
    response: ComparisonResponse | None = None
    error: Problem | None = None


class ComparisonBatchResponse(BaseModel):
    """Verdicts of a batch in the order of its requests."""

    model_config = ConfigDict(
        frozen=True,
        json_schema_extra={
            "example": {
                "responses": [{"index": 0, "response": EXAMPLE_COMPARISON, "error": None}],
                "succeeded": 1,
                "failed": 0,
            },
        },
    )

    responses: list[ComparisonBatchItem]
    succeeded: int
    failed: int
