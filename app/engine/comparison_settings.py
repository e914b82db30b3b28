"""Who judges a comparison, and how? The nested overrides go before the flat ones; what differs is said."""

from __future__ import annotations

from dataclasses import dataclass, field

from contracts.comparison import ComparisonRequest, LLMConfigOverrides

# Flat name → nested name, in the order of warnings.
_NESTED = {
    "provider": "provider_override",
    "model_override": "model_override",
    "temperature_override": "temperature_override",
    "max_tokens_override": "max_tokens_override",
    "system_prompt_override": "system_prompt_override",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeSettings:
    """What a comparison is asked with; None leaves a value to the service. `system`: how to judge."""

    provider: str | None
    model: str | None
    temperature: float | None
    max_tokens: int | None
    system: str | None = field(repr=False)
    enable_fallback: bool | None
    warnings: tuple[str, ...]


def judge_settings(request: ComparisonRequest) -> JudgeSettings:
    """The settings that `request` asks for."""
    nested = request.llm_config_overrides or LLMConfigOverrides()
    provider = nested.provider_override or request.provider
    return JudgeSettings(
        provider=provider,
        model=nested.model_override or request.model_override,
        temperature=_first(nested.temperature_override, request.temperature_override),
        max_tokens=nested.max_tokens_override or request.max_tokens_override,
        system=nested.system_prompt_override or request.system_prompt_override,
        enable_fallback=_may_fall_back(request, provider),
        warnings=tuple(_overruled(request, nested)),
    )


def _may_fall_back(request: ComparisonRequest, provider: str | None) -> bool | None:
    """As asked; a judge that was named is not replaced by another unasked."""
    if request.enable_fallback is None and provider is not None and request.fallback_providers is None:
        return False
    return request.enable_fallback


def _first(nested: float | None, flat: float | None) -> float | None:
    return flat if nested is None else nested


def _overruled(request: ComparisonRequest, nested: LLMConfigOverrides) -> list[str]:
    return [
        f"{flat} was passed over: llm_config_overrides.{inner} goes before it"
        for flat, inner in _NESTED.items()
        if getattr(nested, inner) is not None and getattr(request, flat) not in (None, getattr(nested, inner))
    ]
