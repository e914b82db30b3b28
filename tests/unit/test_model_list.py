"""What is said of each model that can be named, and what of a name that cannot?"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from app.engine.model_list import ModelList
from app.engine.runtime import Runtime
from contracts.caller import IN_PROCESS_CALLER, Caller, Scope
from contracts.errors import CallerForbiddenError, ModelNotFoundError
from contracts.models import ModelInfo, ModelKind, ModelStatus
from contracts.providers import ProviderType
from tests.kit.vendor_rows import SmallModel, runtime_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
OPENAI, ANTHROPIC, GEMINI = ProviderType.OPENAI, ProviderType.ANTHROPIC, ProviderType.GEMINI
DEEPSEEK, OPENROUTER = ProviderType.DEEPSEEK, ProviderType.OPENROUTER


async def listed(runtime: Runtime, at: datetime = NOW) -> dict[str, ModelInfo]:
    return {info.id: info for info in await ModelList().of(runtime, IN_PROCESS_CALLER, at)}


async def found(runtime: Runtime, name: str, caller: Caller = IN_PROCESS_CALLER) -> ModelInfo:
    return await ModelList().one(name, runtime, caller, NOW)


@pytest.mark.parametrize("kind", ProviderType)
async def test_list_has_the_default_of_each_vendor(kind: ProviderType) -> None:
    """A row with what it needs shows its default model, whose vendor is named as its owner or as who serves it."""
    runtime = runtime_of((kind,))
    models = await listed(runtime)
    default = f"{kind}/{runtime.providers[kind].default_model}"
    (info,) = [info for info in models.values() if info.kind is ModelKind.MODEL and info.candidates[0] == default]
    assert kind.value in info.providers
    assert info.capabilities.chat
    assert models["auto"].candidates[0] == default


async def test_list_is_in_the_configurations_order() -> None:
    """`auto`, then logical names, then each row's models, its default first."""
    runtime = runtime_of((OPENAI, ANTHROPIC), default_provider="anthropic", models={"smart": ["openai/gpt-6-sol"]})
    names = list(await listed(runtime))
    assert names[:3] == ["auto", "smart", "claude-haiku-5-5"]
    assert names.index("claude-fable-5-2") < names.index("gpt-6-luna")


async def test_model_of_several_rows_is_listed_once_under_its_own_name() -> None:
    """OpenRouter's spelling is one of the candidates, and no entry of its own."""
    models = await listed(runtime_of((OPENAI, ANTHROPIC, OPENROUTER)))
    assert models["claude-haiku-5-5"].candidates == (
        "anthropic/claude-haiku-5-5",
        "openrouter/anthropic/claude-haiku-5.5",
    )
    assert models["claude-haiku-5-5"].providers == ("anthropic", "openrouter")
    assert not any(name.startswith("anthropic/") for name in models)


async def test_rows_that_cannot_be_called_list_nothing() -> None:
    """Off, or without a key: their models are not usable now."""
    off = {"openai": {"type": "openai", "api_key": "sk-1", "enabled": False}}
    runtime = runtime_of((ANTHROPIC,), providers=off)
    owners = {info.owned_by for info in (await listed(runtime)).values()}
    assert owners == {"llm-provider-service", "anthropic", "local"}


async def test_embedded_model_needs_its_row_where_others_are_asked_first() -> None:
    """By its bare name it is asked only where nobody else can be; its process being down takes it out of the list."""
    small = SmallModel()
    alone = runtime_of(small=small)
    remembered = ModelList()
    assert [info.id for info in await remembered.of(alone, IN_PROCESS_CALLER, NOW)] == ["auto", small.model_name]
    assert "local/smollm2-135m-instruct" in await listed(runtime_of((OPENAI,)))
    small.reason = "it did not start"
    assert await remembered.of(alone, IN_PROCESS_CALLER, NOW) == []


async def test_server_of_ones_own_lists_what_its_row_names() -> None:
    """Whether it speaks a vendor's dialect or not: it does not hold that vendor's models."""
    rows: dict[str, Any] = {
        "vllm": {"type": "openai", "base_url": "http://10.0.0.7/v1", "default_model": "qwen3-8b"},
        "lab": {"type": "openai", "base_url": "http://10.0.0.8/v1", "models": ["phi-5", "gpt-6-sol"]},
    }
    models = await listed(runtime_of(providers=rows))
    chatting = [name for name, info in models.items() if info.capabilities.chat]
    assert chatting == ["auto", "qwen3-8b", "phi-5", "gpt-6-sol", "local/smollm2-135m-instruct"]
    assert (models["qwen3-8b"].owned_by, models["gpt-6-sol"].owned_by) == ("vllm", "openai")
    # A call that names it goes to whoever may hold it, and so says the entry.
    assert models["gpt-6-sol"].candidates == ("vllm/gpt-6-sol", "lab/gpt-6-sol")


async def test_facts_are_the_catalogues_and_the_price_librarys() -> None:
    """Windows, abilities, and prices by the million with their source; what nobody knows is null."""
    info = await found(runtime_of((OPENAI, ANTHROPIC)), "claude-haiku-4-5")
    assert (info.context_window, info.max_output_tokens) == (200_000, 64_000)
    assert (info.released, info.retires) == (date(2025, 10, 1), None)
    can = info.capabilities
    assert (can.tools, can.vision, can.files, can.structured_output, can.reasoning) == (True,) * 5
    assert (can.thinking, can.thinking_budget, can.embeddings) == ("asked", True, False)
    assert info.prices is not None
    assert (info.prices.input, info.prices.output) == (Decimal(1), Decimal(5))
    assert info.prices.cached_input == Decimal("0.1")
    assert (info.prices.provider, info.prices.source) == ("anthropic", "prices")
    assert info.prices.price_version is not None
    assert info.prices.price_version.startswith("genai-prices ")


async def test_prices_of_the_configuration_and_of_ones_own_machine_are_told_apart() -> None:
    """Configured: as given; the mock and the embedded model: free; unknown: none, which is not zero."""
    prices = {"openai/gpt-6-sol": {"input": 1.25, "output": 9, "per_request_usd": 0.01}}
    rows = {"openrouter": {"type": "openrouter", "api_key": "sk-1", "models": ["nobody/knows-1"]}}
    models = await listed(runtime_of((OPENAI, ProviderType.MOCK), prices=prices, providers=rows))
    given, free = models["gpt-6-sol"].prices, models["mock-echo"].prices
    assert given is not None
    assert free is not None
    assert (given.source, given.input, given.cache_write, given.per_request_usd) == (
        "config",
        Decimal("1.25"),
        Decimal("1.25"),
        Decimal("0.01"),
    )
    assert (free.source, free.input, free.output) == ("free", Decimal(0), Decimal(0))
    assert models["nobody/knows-1"].prices is None
    assert models["nobody/knows-1"].owned_by == "nobody"


async def test_prices_that_change_with_time_and_length_are_those_of_the_moment() -> None:
    """DeepSeek's peak hours cost more than its night; long inputs have rates of their own."""
    runtime = runtime_of((DEEPSEEK, GEMINI))
    models = ModelList()
    at_peak = {info.id: info for info in await models.of(runtime, IN_PROCESS_CALLER, NOW.replace(hour=2))}
    at_night = {info.id: info for info in await models.of(runtime, IN_PROCESS_CALLER, NOW.replace(hour=20))}
    peak, night = at_peak["deepseek-flash"].prices, at_night["deepseek-flash"].prices
    assert peak is not None
    assert night is not None
    assert peak.input > night.input
    long = at_night["gemini-2.5-pro"].prices
    assert long is not None
    (step,) = long.long_inputs
    assert step.above_input_tokens > 100_000
    assert step.input > long.input


async def test_retired_models_leave_the_list_on_their_day() -> None:
    """Their vendor's date decides, by the service's clock."""
    runtime = runtime_of((ANTHROPIC,))
    assert "claude-sonnet-4-5" in await listed(runtime, datetime(2026, 11, 29, 23, 59, tzinfo=UTC))
    assert "claude-sonnet-4-5" not in await listed(runtime, datetime(2026, 11, 30, tzinfo=UTC))


async def test_images_are_taken_when_any_candidate_takes_them() -> None:
    """A request with one goes past those that cannot; tools are those of the first."""
    group = {"mixed": ["local", "openai/gpt-6-luna"]}
    info = await found(runtime_of((OPENAI,), models=group), "mixed")
    assert info.kind is ModelKind.LOGICAL
    assert info.owned_by == "llm-provider-service"
    assert (info.capabilities.vision, info.capabilities.files, info.capabilities.tools) == (True, True, False)
    assert info.providers == ("local", "openai")
    assert (await found(runtime_of(models=group), "mixed")).providers == ("local",)


async def test_makers_of_vectors_say_so_and_answer_nothing() -> None:
    """They have a length instead of an output limit; the embedded model does both."""
    runtime = runtime_of((OPENAI,))
    info = await found(runtime, "text-embedding-3-small")
    can = info.capabilities
    assert (can.chat, can.embeddings, can.streaming, can.tools, can.vision) == (False, True, False, False, False)
    assert (info.embedding_dimensions, info.context_window) == (1536, 8192)
    both = (await found(runtime, "local/smollm2-135m-instruct")).capabilities
    assert (both.chat, both.embeddings) == (True, True)


@pytest.mark.parametrize(
    "asked,answered,retired",
    [
        ("gpt-4", "gpt-6-sol", "gpt-4"),
        ("openai/gpt-4", "openai/gpt-6-sol", "openai/gpt-4"),
        ("openai/gpt-6-sol", "openai/gpt-6-sol", None),
        ("google/gemini-3.8-flash", "gemini/gemini-3.8-flash", None),
        ("openrouter/openai/gpt-6-sol", "openrouter/openai/gpt-6-sol", None),
        ("gpt-6-luna-2026-09-15", "gpt-6-luna-2026-09-15", None),
        ("gpt-6.2-sol", "gpt-6.2-sol", None),
        ("auto", "auto", None),
    ],
)
async def test_name_is_found_by_every_way_to_write_it(asked: str, answered: str, retired: str | None) -> None:
    """With its row, by a snapshot's date, or retired: then the successor answers and says so."""
    info = await found(runtime_of((OPENAI, GEMINI, OPENROUTER)), asked)
    assert (info.id, info.asked_as) == (answered, retired)
    if "/" in answered:
        assert info.candidates[0] == answered


@pytest.mark.parametrize(
    "asked,words",
    [
        ("gpt-6-slo", ["gpt-6-sol", "is sent to openai all the same"]),
        ("gpt-5.6-lona", ["did you mean gpt-5.6-luna"]),
        ("openai/gtp-6-sol", ["did you mean", "gpt-6-sol"]),
        ("zzz", ["GET /v1/models lists what can be named"]),
        ("", ["GET /v1/models lists"]),
        ("openai/", ["GET /v1/models lists"]),
        ("x" * 100_000, ["x" * 64 + ":"]),
    ],
)
async def test_unknown_name_is_answered_by_the_nearest(asked: str, words: list[str]) -> None:
    """A slip is told from a model; a long name is cut."""
    with pytest.raises(ModelNotFoundError) as refusal:
        await found(runtime_of((OPENAI,)), asked)
    assert all(word in refusal.value.detail for word in words), refusal.value.detail
    assert len(refusal.value.detail) < 400


async def test_limited_key_sees_what_it_may_use_and_is_told_of_the_rest() -> None:
    """Facts and prices are those of whom it may use; another model is forbidden, one that is not there not found."""
    caller = Caller(key_id="key_7", scopes=frozenset({Scope.CALL}), providers=frozenset({"openrouter"}))
    runtime = runtime_of((OPENAI, OPENROUTER, DEEPSEEK))
    models = {info.id: info for info in await ModelList().of(runtime, caller, NOW)}
    assert models["gpt-6-luna"].providers == ("openrouter",)
    assert models["gpt-6-luna"].prices is not None
    assert models["gpt-6-luna"].prices.provider == "openrouter"
    assert "text-embedding-3-small" not in models
    with pytest.raises(CallerForbiddenError, match="key_7 may not use the model text-embedding-3-small"):
        await found(runtime, "text-embedding-3-small", caller)
    with pytest.raises(CallerForbiddenError, match="openai/gpt-6-luna"):
        await found(runtime, "openai/gpt-6-luna", caller)
    with pytest.raises(ModelNotFoundError):
        await found(runtime, "zzz", caller)


async def test_status_is_that_of_the_moment() -> None:
    """A model rests while every candidate does; who was never asked shares its row's rest."""
    runtime = runtime_of((OPENAI, ANTHROPIC))
    models = ModelList()

    async def resting() -> set[str]:
        known = await models.of(runtime, IN_PROCESS_CALLER, NOW)
        return {info.owned_by for info in known if info.status is ModelStatus.RESTING}

    assert await resting() == set()
    runtime.routes.route("openai", "gpt-6-luna").cooldown.rest(60)
    assert (await found(runtime, "gpt-6-luna")).status is ModelStatus.RESTING
    assert (await found(runtime, "gpt-6-sol")).status is ModelStatus.READY
    runtime.routes.row("openai").cooldown.rest(60)
    assert await resting() == {"openai"}
    assert list(runtime.routes.row("openai").routes) == ["gpt-6-luna"]


async def test_list_is_made_anew_when_the_minute_or_the_snapshot_changes() -> None:
    """Within a minute the same entries are given out again, and never those of another configuration."""
    models = ModelList()
    first, second = runtime_of((OPENAI,)), runtime_of((ANTHROPIC,))
    once = await models.of(first, IN_PROCESS_CALLER, NOW)
    again = await models.of(first, IN_PROCESS_CALLER, NOW + timedelta(seconds=59))
    later = await models.of(first, IN_PROCESS_CALLER, NOW + timedelta(seconds=60))
    assert all(one is other for one, other in zip(once, again, strict=True))
    assert not any(one is other for one, other in zip(once, later, strict=True))
    assert {info.owned_by for info in await models.of(second, IN_PROCESS_CALLER, NOW)} >= {"anthropic"}
