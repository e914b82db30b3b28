"""The configuration of the service: frozen, validated whole, every value documented. A setting here acts.

Rows of `providers` are laid over a default row for each kind we know, so `providers: {}` still has all of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, model_validator

from contracts.cache import CacheConfig
from contracts.prices import PricedName, TokenPrices
from contracts.provider_config import ProviderConfig
from contracts.providers import ProviderType, provider_name
from contracts.requests import CandidateLike, ModelName, StreamRecovery, UnsupportedParameters
from contracts.retired_models import RETIRED_MODELS
from contracts.selection_strategy import SelectionStrategy

__all__ = [
    "DEFAULT_ORDER",
    "MASK",
    "CircuitBreakerConfig",
    "ConfigView",
    "LLMProviderConfig",
    "LLMProviderConfigUpdate",
    "ProviderConfig",
    "RowName",
    "config_from_json",
    "default_rows",
    "with_rows",
]

RowName = Annotated[
    str,
    StringConstraints(min_length=1, max_length=64, pattern=r"^[a-z0-9][a-z0-9_-]*$"),
    AfterValidator(provider_name),
]

DEFAULT_ORDER = (
    ProviderType.OPENAI,
    ProviderType.ANTHROPIC,
    ProviderType.GEMINI,
    ProviderType.DEEPSEEK,
    ProviderType.OPENROUTER,
    ProviderType.OLLAMA,
)


class CircuitBreakerConfig(BaseModel):
    """When a route (a provider and a model there) is taken out of use, and when it is tried again."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    enabled: bool = True
    failure_threshold: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=3, description="Failed requests in a row that open the circuit."
    )
    recovery_timeout_seconds: Annotated[float, Field(gt=0, le=86_400)] = Field(
        default=120,
        description="Longest time that a circuit stays open before one request probes; it is 5 s at first, growing by "
        "half, and at most 12 s in an outage's first two minutes.",
    )
    success_threshold: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=2, description="Successful probes in a row that close the circuit."
    )


def default_rows() -> dict[str, dict[str, Any]]:
    """One row of its own name for each kind; `mock` is off until asked for."""
    return {kind.value: {"type": kind.value, "enabled": kind is not ProviderType.MOCK} for kind in ProviderType}


class LLMProviderConfig(BaseModel):
    """How the service serves: who is tried in which order, for how long, how often."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True, validate_default=True)

    default_provider: RowName | None = Field(
        default=None, description="First of the order, and so tried first under `priority`. Default: the first usable."
    )
    fallback_order: tuple[RowName, ...] = Field(
        default=tuple(kind.value for kind in DEFAULT_ORDER),
        description="Order in which providers are tried; rows not named here come after it, as they were added.",
    )
    selection_strategy: SelectionStrategy = Field(
        default=SelectionStrategy.PRIORITY,
        description="Who of the rows that can serve, or of a logical model's candidates, is tried first; what a "
        "request names goes before it, and the order above decides between equals.",
    )
    affinity: bool = Field(
        default=True, description="True: who served a conversation is tried first at its next turn, while it can serve."
    )
    max_retries: Annotated[int, Field(ge=0, le=5)] = Field(
        default=3, description="Further tries on the same route after a passing fault."
    )
    retry_delay_seconds: Annotated[float, Field(ge=0.05, le=60)] = Field(
        default=0.5, description="First back-off; it doubles, with full jitter."
    )
    request_timeout_seconds: Annotated[float, Field(ge=1, le=300)] = Field(
        default=30, description="Limit of one attempt of a plain call."
    )
    fallback_timeout_seconds: Annotated[float, Field(ge=1, le=1800)] = Field(
        default=45, description="Limit of the whole chain of attempts."
    )
    connect_timeout_seconds: Annotated[float, Field(ge=0.1, le=60)] = 5
    first_token_timeout_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=12, description="Limit to a stream's first content, while another candidate is left."
    )
    stream_idle_timeout_seconds: Annotated[float, Field(ge=1, le=600)] = Field(
        default=15, description="Longest silence inside a stream."
    )
    stream_max_seconds: Annotated[float, Field(ge=1, le=86_400)] = Field(
        default=1800, description="Longest life of a stream."
    )
    retry_after_patience_seconds: Annotated[float, Field(ge=0, le=60)] = Field(
        default=3, description="Longest wait for a rate-limited route while another candidate is ready."
    )
    enable_fallback: bool = Field(default=True, description="False: one candidate per request.")
    fallback_on_content_policy: bool = Field(
        default=False, description="True: a candidate's content refusal goes to the next one."
    )
    unsupported_parameters: UnsupportedParameters = Field(
        default=UnsupportedParameters.WARN, description="For requests that do not say: `warn` or `reject`."
    )
    stream_recovery: StreamRecovery = Field(
        default=StreamRecovery.CONTINUE, description="For requests that do not say: `continue`, `error` or `buffer`."
    )
    enable_usage_analytics: bool = Field(default=True, description="False: statistics do not add up tokens and cost.")
    enable_performance_monitoring: bool = Field(default=True, description="False: statistics hold no latencies.")
    circuit_breaker: CircuitBreakerConfig = CircuitBreakerConfig()
    cache: CacheConfig = CacheConfig()
    enabled_providers: tuple[RowName, ...] = Field(
        default=(),
        description="Shorthand that sets every row's `enabled`, so an empty list turns all off; "
        "answers name the rows that are on.",
    )
    providers: dict[RowName, ProviderConfig] = Field(default_factory=dict, description="Provider rows by name.")
    models: dict[ModelName, Annotated[tuple[CandidateLike, ...], Field(min_length=1)]] = Field(
        default_factory=dict, description="Logical model names and the candidates behind each."
    )
    model_aliases: dict[ModelName, ModelName] = Field(
        default_factory=lambda: dict(RETIRED_MODELS),
        description="Retired model names and their successors; use is named in `warnings`.",
    )
    similar_models: bool = Field(
        default=False, description="True: a row without the named model serves its own of that tier, with a warning."
    )
    prices: dict[PricedName, TokenPrices] = Field(
        default_factory=dict,
        description="Prices of your own, by `provider/model` or by provider; the closer name wins.",
    )
    max_batch_size: Annotated[int, Field(ge=1, le=10_000)] = 100
    max_request_bytes: Annotated[int, Field(ge=1024, le=1024**3)] = Field(
        default=10_000_000, description="Largest body that is read, in bytes."
    )

    @model_validator(mode="before")
    @classmethod
    def _lay_rows(cls, data: object) -> object:
        return with_rows(data) if isinstance(data, dict) else data

    @model_validator(mode="after")
    def _check_names(self) -> Self:
        named = {
            "default_provider": (self.default_provider,) if self.default_provider else (),
            "fallback_order": self.fallback_order,
            "enabled_providers": self.enabled_providers,
            "models": tuple(candidate.provider for group in self.models.values() for candidate in group),
            "prices": tuple(name.partition("/")[0] for name in self.prices),
        }
        for field, names in named.items():
            for name in names:
                if name not in self.providers:
                    msg = f"{field} names {name!r}, which is no provider row; rows: {', '.join(self.providers)}"
                    raise ValueError(msg)
        if len(set(self.fallback_order)) != len(self.fallback_order):
            msg = "fallback_order names a provider twice"
            raise ValueError(msg)
        enabled = tuple(name for name, row in self.providers.items() if row.enabled)
        object.__setattr__(self, "enabled_providers", enabled)
        return self


class _StrictConfig(LLMProviderConfig):
    """The configuration from JSON whose rows are laid already: a validator before would hand strict mode no JSON."""

    @model_validator(mode="after")
    def _lay_rows(self) -> Self:
        return self


def config_from_json(data: dict[str, Any]) -> LLMProviderConfig:
    """The configuration that JSON data says, without coercion: "3" is no number. Raises pydantic's ValidationError."""
    strict = _StrictConfig.model_validate_json(json.dumps(with_rows(data)), strict=True)
    return LLMProviderConfig(**{name: getattr(strict, name) for name in LLMProviderConfig.model_fields})


def with_rows(data: dict[str, Any]) -> dict[str, Any]:
    """`data` with a row for each kind, the given ones laid over them, and `enabled_providers` carried out."""
    given = data.get("providers")
    given = {} if given is None else given
    if not isinstance(given, dict):
        return data
    rows = _rows(given)
    wanted = data.get("enabled_providers")
    if isinstance(wanted, list | tuple) and all(isinstance(name, str) for name in wanted):
        names = {provider_name(name) for name in wanted}
        rows = {name: _with_enabled(row, enabled=name in names) for name, row in rows.items()}
    return {**data, "providers": rows}


def _rows(given: dict[str, Any]) -> dict[str, Any]:
    rows: dict[str, Any] = default_rows()
    for raw_name, row in given.items():
        name = provider_name(raw_name)
        if isinstance(row, dict):
            row = {**rows.get(name, {}), **row}
        rows[name] = row
    return rows


def _with_enabled(row: Any, *, enabled: bool) -> Any:
    if isinstance(row, ProviderConfig):
        return row.model_copy(update={"enabled": enabled})
    return {**row, "enabled": enabled} if isinstance(row, dict) else row


class ConfigView(BaseModel):
    """The configuration in force: secrets read `**********`. `revision` is also the ETag."""

    model_config = ConfigDict(frozen=True)

    revision: int
    config: LLMProviderConfig


MASK = "**********"


class LLMProviderConfigUpdate(BaseModel):
    """A JSON merge patch (RFC 7396) on the changes made at run time: only what changes; null takes a change back.

    The field is again what file and environment say, now and after a restart, or its default. `null` for a row takes
    back all that was changed of it: one that was added at run time is gone, one of the file, or of a known kind, stays:
    it can only be disabled. `enabled_providers: null` takes back every row's `enabled`. A masked secret that is sent
    back leaves the secret as it is.
    """

    model_config = ConfigDict(
        frozen=True,
        extra="allow",
        hide_input_in_errors=True,
        json_schema_extra={"examples": [{"max_retries": 2, "providers": {"deepseek": {"enabled": False}}}]},
    )

    def patch(self) -> dict[str, Any]:
        """The patch as plain JSON data."""
        return self.model_dump(exclude_unset=True)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        """The names of the fields without their values: a patch may hold keys."""
        return ((None, name) for name in self.model_extra or {})
