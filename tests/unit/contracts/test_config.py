"""What does a configuration say before anyone changes it, and what may it not say?"""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from contracts import (
    DEFAULT_ORDER,
    RETIRED_MODELS,
    Candidate,
    LLMProviderConfig,
    ProviderConfig,
    ProviderType,
    default_rows,
)
from contracts.config import config_from_json

BOUNDS = [
    ("max_retries", 0, 5, -1, 6),
    ("retry_delay_seconds", 0.05, 60, 0.04, 60.1),
    ("request_timeout_seconds", 1, 300, 0.9, 300.1),
    ("fallback_timeout_seconds", 1, 1800, 0.9, 1801),
    ("connect_timeout_seconds", 0.1, 60, 0, 61),
    ("first_token_timeout_seconds", 1, 600, 0.9, 601),
    ("stream_idle_timeout_seconds", 1, 600, 0.9, 601),
    ("stream_max_seconds", 1, 86_400, 0.9, 86_401),
    ("retry_after_patience_seconds", 0, 60, -0.1, 61),
    ("max_batch_size", 1, 10_000, 0, 10_001),
    ("max_request_bytes", 1024, 1024**3, 1023, 1024**3 + 1),
]


def test_config_has_a_row_for_each_kind() -> None:
    """Every kind has one row of its own name; only the mock waits to be asked for."""
    config = LLMProviderConfig()
    assert {name: row.type for name, row in config.providers.items()} == {kind.value: kind for kind in ProviderType}
    assert [name for name, row in config.providers.items() if not row.enabled] == ["mock"]
    assert set(config.providers) == set(default_rows())


def test_config_defaults_are_the_contracts() -> None:
    """The figures of contract.md."""
    config = LLMProviderConfig()
    assert config.fallback_order == tuple(DEFAULT_ORDER)
    assert config.default_provider is None
    assert (config.max_retries, config.retry_delay_seconds) == (3, 0.5)
    assert (config.request_timeout_seconds, config.fallback_timeout_seconds) == (30, 45)
    assert (config.connect_timeout_seconds, config.first_token_timeout_seconds) == (5, 12)
    assert (config.stream_idle_timeout_seconds, config.stream_max_seconds) == (15, 1800)
    breaker = config.circuit_breaker
    assert (breaker.failure_threshold, breaker.recovery_timeout_seconds, breaker.success_threshold) == (3, 120, 2)
    assert (config.max_batch_size, config.max_request_bytes) == (100, 10_000_000)
    assert (config.enable_fallback, config.enable_usage_analytics, config.enable_performance_monitoring) == (True,) * 3


@pytest.mark.parametrize("field,least,most,below,above", BOUNDS)
def test_config_figures_have_bounds(field: str, least: float, most: float, below: float, above: float) -> None:
    """Both ends are good; beyond them, and what is no number, is refused."""
    assert getattr(LLMProviderConfig.model_validate({field: least}), field) == least
    assert getattr(LLMProviderConfig.model_validate({field: most}), field) == most
    for wrong in (below, above, float("nan"), float("inf")):
        with pytest.raises(ValidationError):
            LLMProviderConfig.model_validate({field: wrong})


def test_config_row_is_laid_over_its_default() -> None:
    """Saying one thing of a row leaves the rest as it was."""
    config = LLMProviderConfig.model_validate({"providers": {"mock": {"default_model": "mock-503"}}})
    assert config.providers["mock"] == ProviderConfig(
        type=ProviderType.MOCK, enabled=False, default_model="mock-503", api_key=None
    )
    assert len(config.providers) == len(ProviderType)


def test_config_takes_further_rows() -> None:
    """A second account or an own server is a row of its own name, named like the built-in ones."""
    config = LLMProviderConfig.model_validate(
        {
            "providers": {"my-vllm": {"type": "openai", "base_url": "http://127.0.0.1:8001/v1"}},
            "fallback_order": ["my-vllm", "openai"],
            "default_provider": "my-vllm",
        }
    )
    assert config.enabled_providers[-1] == "my-vllm"
    with pytest.raises(ValidationError, match="type"):
        LLMProviderConfig.model_validate({"providers": {"my-vllm": {}}})


@pytest.mark.parametrize("field", ["default_provider", "fallback_order", "enabled_providers", "providers"])
def test_config_takes_google_for_gemini(field: str) -> None:
    """Both names are one row, whatever names it."""
    values: dict[str, Any] = {
        "default_provider": "google",
        "fallback_order": ["google"],
        "enabled_providers": ["google"],
        "providers": {"google": {"default_model": "gemini-4-argon"}},
    }
    config = LLMProviderConfig.model_validate({field: values[field]})
    assert "google" not in str(config)
    assert "gemini" in str(getattr(config, field))


@pytest.mark.parametrize(
    "given,on",
    [
        (["openai", "google"], ("openai", "gemini")),
        (["mock"], ("mock",)),
        ([], ()),
        ((ProviderType.LOCAL,), ("local",)),
    ],
)
def test_enabled_providers_sets_every_row(given: Any, on: tuple[str, ...]) -> None:
    """Rows that it names are on, the others off; an empty list turns all off rather than nothing."""
    config = LLMProviderConfig.model_validate({"enabled_providers": given})
    assert config.enabled_providers == on
    assert tuple(name for name, row in config.providers.items() if row.enabled) == on


def test_enabled_providers_sets_rows_made_in_python() -> None:
    """A row given as an object obeys too, and keeps what else it says."""
    row = ProviderConfig(type=ProviderType.OPENAI, default_model="gpt-6-sol")
    config = LLMProviderConfig(providers={"openai": row}, enabled_providers=("local",))
    assert config.providers["openai"] == row.model_copy(update={"enabled": False})


def test_enabled_providers_answers_what_the_rows_say() -> None:
    """The rows are the truth."""
    config = LLMProviderConfig.model_validate({"providers": {"openai": {"enabled": False}, "mock": {"enabled": True}}})
    assert "openai" not in config.enabled_providers
    assert "mock" in config.enabled_providers


@pytest.mark.parametrize(
    "fields,words",
    [
        ({"default_provider": "opnai"}, "default_provider names 'opnai', which is no provider row; rows: openai"),
        ({"fallback_order": ["openai", "opnai"]}, "fallback_order names 'opnai'"),
        ({"enabled_providers": ["opnai"]}, "enabled_providers names 'opnai'"),
        ({"models": {"fast": ["opnai/x"]}}, "models names 'opnai'"),
        ({"fallback_order": ["openai", "openai"]}, "names a provider twice"),
        ({"fallback_order": ["google", "gemini"]}, "names a provider twice"),
        ({"models": {"fast": []}}, "at least 1 item"),
        ({"models": {"my fast": ["openai"]}}, "should match pattern"),
        ({"providers": {"My Row": {"type": "openai"}}}, "should match pattern"),
        ({"providers": {"r": {"type": "azure"}}}, "'openai', 'anthropic'"),
        ({"providers": {"openai": {"wait": 3}}}, "not permitted"),
        ({"providers": {"openai": {"weight": 0}}}, "greater than 0"),
        ({"providers": {"openai": {"weight": float("inf")}}}, "finite number"),
        ({"models": {"fast": [{"provider": "openai", "weight": -1}]}}, "greater than 0"),
        ({"providers": {"openai": "sk-key"}}, "valid dictionary"),
        ({"providers": []}, "valid dictionary"),
        ({"providers": ["openai"]}, "valid dictionary"),
        ({"enabled_providers": "openai"}, "valid tuple"),
        ({"enabled_providers": [1]}, "valid string"),
        ({"selection_strategy": "round_robin"}, "'priority', 'round-robin', 'weighted'"),
        ({"cache": {"enable": True}}, "not permitted"),
        ({"cache": {"ttl_seconds": 0}}, "greater than or equal to 1"),
        ({"cache": {"max_bytes": 1023}}, "greater than or equal to 1024"),
        ({"circuit_breaker": {"failure_threshold": 0}}, "greater than or equal to 1"),
        ({"circuit_breaker": {"recovery_timeout_seconds": 0}}, "greater than 0"),
    ],
)
def test_config_that_cannot_work_is_refused(fields: dict[str, Any], words: str) -> None:
    """Wrong names and values are found when the configuration is made, not at the first call."""
    with pytest.raises(ValidationError) as caught:
        LLMProviderConfig.model_validate(fields)
    assert words in str(caught.value)


def test_config_is_frozen() -> None:
    """Changes come as a new revision."""
    config = LLMProviderConfig()
    with pytest.raises(ValidationError, match="frozen"):
        config.max_retries = 1  # type: ignore[misc]
    with pytest.raises(ValidationError, match="frozen"):
        config.providers["openai"].enabled = False  # type: ignore[misc]


def test_config_takes_logical_models() -> None:
    """A logical name stands for candidates, by shorthand or as objects."""
    group: list[Any] = ["openai/gpt-6-luna", {"provider": "local", "timeout_seconds": 5}]
    config = LLMProviderConfig.model_validate({"models": {"fast": group}})
    assert config.models["fast"] == (
        Candidate(provider="openai", model="gpt-6-luna"),
        Candidate(provider="local", timeout_seconds=5),
    )


def test_config_knows_the_retired_models_of_the_seeds() -> None:
    """Names that the READMEs print lead to a model that exists; saying something else replaces the list."""
    assert LLMProviderConfig().model_aliases == RETIRED_MODELS
    assert {"gpt-3.5-turbo", "gpt-4", "gpt-4-turbo"} <= set(RETIRED_MODELS)
    assert not set(RETIRED_MODELS) & set(RETIRED_MODELS.values())
    assert LLMProviderConfig(model_aliases={}).model_aliases == {}


@pytest.mark.parametrize(
    "fields",
    [
        {"max_retries": "3"},
        {"max_retries": 3.0},
        {"enable_fallback": "yes"},
        {"request_timeout_seconds": "30"},
        {"providers": {"openai": {"enabled": "true"}}},
        {"providers": {"openai": {"api_key": 5}}},
        {"circuit_breaker": {"enabled": 1}},
    ],
)
def test_config_from_json_does_not_coerce(fields: dict[str, Any]) -> None:
    """In JSON "3" is no number."""
    with pytest.raises(ValidationError):
        config_from_json(fields)


def test_config_from_json_equals_the_one_made_in_python() -> None:
    """Strictness changes nothing in the result, neither its type nor its secrets."""
    fields: dict[str, Any] = {
        "max_retries": 1,
        "providers": {"google": {"api_key": "sk-1", "headers": {"x-team": "a"}}, "own": {"type": "openai"}},
        "models": {"fast": ["own/m"]},
        "enabled_providers": ["gemini", "own"],
    }
    read = config_from_json(fields)
    assert type(read) is LLMProviderConfig
    assert read == LLMProviderConfig.model_validate(fields)
    assert read.enabled_providers == ("gemini", "own")
