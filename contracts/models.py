"""What can be said of a model that callers may name: who serves it, what it can do, and what it costs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer

from contracts.providers import ProviderCapabilities
from contracts.text import WHOLE

LONGEST_MODEL_ID = 320

_EXAMPLE: dict[str, Any] = {
    "id": "gpt-6-luna",
    "kind": "model",
    "owned_by": "openai",
    "asked_as": None,
    "status": "ready",
    "providers": ["openai", "openrouter"],
    "candidates": ["openai/gpt-6-luna", "openrouter/openai/gpt-6-luna"],
    "capabilities": {
        "streaming": True,
        "tools": True,
        "vision": True,
        "structured_output": True,
        "reasoning": True,
        "chat": True,
        "embeddings": False,
        "files": True,
        "thinking": "default",
        "thinking_efforts": ["low", "medium", "high", "xhigh", "max"],
        "thinking_budget": False,
    },
    "context_window": 1050000,
    "max_output_tokens": 128000,
    "embedding_dimensions": None,
    "prices": {
        "input": 0.1,
        "output": 0.5,
        "cached_input": 0.01,
        "cache_write": 0.125,
        "provider": "openai",
        "per_request_usd": 0.0,
        "source": "prices",
        "price_version": "genai-prices 0.2.3",
        "long_inputs": [
            {"above_input_tokens": 272000, "input": 0.2, "output": 0.75, "cached_input": 0.02, "cache_write": 0.25}
        ],
    },
    "released": None,
    "retires": None,
}

# Prices are exact here, and JSON has one kind of number.
_Dollars = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]


class ModelKind(StrEnum):
    """What a name stands for."""

    MODEL = "model"
    LOGICAL = "logical"
    """A name of the configuration, for the candidates that it lists."""
    AUTO = "auto"
    """Whoever is first in the configuration's order, each with its default model."""


class ModelStatus(StrEnum):
    """Whether a call would be let through at this moment."""

    READY = "ready"
    RESTING = "resting"
    """Every candidate cools after a rate limit or has its circuit open: it is tried again by itself."""


class ModelCapabilities(ProviderCapabilities):
    """What can be asked of a model. What is not known of one is not promised, but for what its vendor's dialect has.

    All is of the first candidate; but `vision` and `files` of any, since a request with such goes past those without.
    """

    chat: bool = Field(default=True, description="It answers conversations.")
    embeddings: bool = Field(default=False, description="It makes vectors.")
    files: bool = False
    thinking: Literal["never", "asked", "default", "between_tools", "always"] = Field(
        default="asked", description="When it reasons before it answers; `default`: unless told not to."
    )
    thinking_efforts: tuple[str, ...] = Field(
        default=(), description="The efforts that it knows by name, rising; empty: none that are known."
    )
    thinking_budget: bool = Field(default=False, description="Its vendor takes a budget of tokens for its reasoning.")


class ModelRates(BaseModel):
    """US dollars per million tokens."""

    model_config = ConfigDict(frozen=True)

    input: _Dollars
    output: _Dollars
    cached_input: _Dollars
    cache_write: _Dollars


class LongInputRates(ModelRates):
    """What all tokens of a call cost whose input is longer than that."""

    above_input_tokens: int


class ModelPrices(ModelRates):
    """What a model costs now at the provider that would be asked first, in US dollars per million tokens."""

    provider: str
    per_request_usd: _Dollars
    source: Literal["config", "prices", "free"] = Field(
        description="Whose figures: the configuration's, the price library's; `free`: it runs on your own machine."
    )
    price_version: str | None = None
    long_inputs: tuple[LongInputRates, ...] = Field(default=(), description="Where longer inputs cost more, rising.")


class ModelInfo(BaseModel):
    """A model that a call naming it would be sent to now."""

    model_config = ConfigDict(frozen=True, json_schema_extra={"example": _EXAMPLE})

    id: str = Field(description="What to send as `model`.")
    kind: ModelKind = ModelKind.MODEL
    owned_by: str = Field(description="Whose model it is: its vendor, or `llm-provider-service` for names of ours.")
    asked_as: str | None = Field(default=None, description="The retired name that was asked; `id` is its successor.")
    status: ModelStatus = ModelStatus.READY
    providers: tuple[str, ...] = Field(description="The rows that serve it, in the configuration's order.")
    candidates: tuple[str, ...] = Field(
        description="The same as `provider/model`, each with its vendor's spelling; these can be sent as `model` too."
    )
    capabilities: ModelCapabilities
    context_window: int | None = Field(default=None, description="Tokens; null: not known.")
    max_output_tokens: int | None = Field(default=None, description="Tokens of one answer, at most; null: not known.")
    embedding_dimensions: int | None = Field(default=None, description="Length of a whole vector; null: not known.")
    prices: ModelPrices | None = Field(default=None, description="Null: no price is known, which is not free.")
    released: date | None = Field(default=None, description="Null: not known.")
    retires: date | None = Field(default=None, description="When its vendor shuts it down; null: not announced.")

    @property
    def lifecycle(self) -> Literal["active", "deprecated"]:
        """Its stage of life: one with a date of retirement is deprecated; a retired model is served by nobody."""
        return "active" if self.retires is None else "deprecated"


_Cursor = Annotated[str, Field(min_length=1, max_length=LONGEST_MODEL_ID), WHOLE]


class ModelQuery(BaseModel):
    """Which part of the list is asked for. Of `after_id` and `before_id` one may be given."""

    model_config = ConfigDict(frozen=True)

    limit: Annotated[int, Field(ge=1, le=1000)] | None = Field(
        default=None, description="Models of a page. Default: 20 in Anthropic's shape, else all."
    )
    after_id: _Cursor | None = Field(default=None, description="The page that begins behind this model.")
    before_id: _Cursor | None = Field(default=None, description="The page that ends before this model.")
    lifecycle: tuple[Literal["active", "deprecated", "retired"], ...] = Field(
        default=("active", "deprecated"),
        description="Which stages of life, as Anthropic asks for them: `deprecated` is a model with a date of "
        "retirement; retired ones are not served and so never listed.",
    )
