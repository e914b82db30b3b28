"""Does the list of models say what selection does? Each name that it lists is asked for, and must go where it says."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.engine.embedding_intake import take_in_texts
from app.engine.intake import take_in
from app.engine.model_list import ModelList
from app.engine.runtime import Runtime
from app.engine.selection import Selection
from contracts.caller import IN_PROCESS_CALLER, Caller, Scope
from contracts.embeddings import EmbeddingRequest
from contracts.models import ModelInfo, ModelKind
from contracts.providers import ProviderType
from contracts.requests import LLMRequest
from tests.kit.vendor_rows import runtime_of

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
GROUP = {"smart": ["openai/gpt-6-sol", "anthropic/claude-sonnet-5-5"], "kept": ["gemini"]}
OWN: dict[str, Any] = {
    "vllm": {"type": "openai", "base_url": "http://10.0.0.7:8000/v1", "default_model": "qwen3-8b"},
    "eu": {"type": "openai", "api_key": "sk-1", "models": ["gpt-6-sol", "text-embedding-3-small"]},
    "router": {"type": "openrouter", "api_key": "sk-2", "models": ["openai/gpt-6-luna:free", "meta-llama/llama-4"]},
}
ALL = tuple(ProviderType)
SNAPSHOTS: dict[str, dict[str, Any]] = {
    "every vendor": {"kinds": ALL},
    "logical names": {"kinds": ALL, "models": GROUP},
    "rows of one's own": {"kinds": (ProviderType.OPENAI,), "providers": OWN},
    "OpenRouter alone": {"kinds": (ProviderType.OPENROUTER,)},
    "the embedded model alone": {},
    "an alias of a model that is sold": {"kinds": ALL, "model_aliases": {"gpt-4o": "gpt-6-luna"}},
    "a row that is named first": {"kinds": ALL, "default_provider": "deepseek"},
}
CALLERS: dict[str, Caller] = {
    "may use everything": IN_PROCESS_CALLER,
    "one model": Caller(key_id="k1", scopes=frozenset({Scope.CALL}), models=frozenset({"gpt-6-sol"})),
    "a model of a row": Caller(key_id="k2", scopes=frozenset({Scope.CALL}), models=frozenset({"openai/gpt-6-luna"})),
    "a logical name": Caller(key_id="k3", scopes=frozenset({Scope.CALL}), models=frozenset({"smart", "kept"})),
    "two rows": Caller(key_id="k4", scopes=frozenset({Scope.CALL}), providers=frozenset({"gemini", "openrouter"})),
    "a model and a row": Caller(
        key_id="k5",
        scopes=frozenset({Scope.CALL}),
        models=frozenset({"claude-haiku-5-5", "qwen3-8b"}),
        providers=frozenset({"openrouter", "vllm", "local"}),
    ),
}


def asked_of(info: ModelInfo) -> dict[str, Any]:
    """How a request names the model; a `provider/model` by its two fields."""
    if info.kind is ModelKind.AUTO:
        return {}
    row, _, model = info.id.partition("/")
    return {"preferred_provider": row, "model": model} if info.id == info.candidates[0] else {"model": info.id}


def chat_targets(runtime: Runtime, info: ModelInfo, caller: Caller) -> list[str]:
    """Where selection would send an answer's request that names the model."""
    order = take_in(LLMRequest(prompt="x", **asked_of(info)), caller, now=NOW, is_stream=False, config=runtime.config)
    return [target.name for target in Selection(order, runtime).plan().targets]


def vector_targets(runtime: Runtime, info: ModelInfo, caller: Caller) -> list[str]:
    """Where it would send one for vectors."""
    order = take_in_texts(EmbeddingRequest(input=("x",), **asked_of(info)), caller, now=NOW, config=runtime.config)
    return [target.name for target in Selection(order, runtime).plan().targets]


@pytest.mark.parametrize("config", SNAPSHOTS.values(), ids=SNAPSHOTS)
@pytest.mark.parametrize("caller", CALLERS.values(), ids=CALLERS)
async def test_listed_model_is_served_by_whom_the_list_says(config: dict[str, Any], caller: Caller) -> None:
    """The candidates of each entry are selection's targets for its id, in selection's order."""
    runtime = runtime_of(**config)
    for info in await ModelList().of(runtime, caller, NOW):
        targets = (chat_targets if info.capabilities.chat else vector_targets)(runtime, info, caller)
        assert [name for name in info.candidates if name in targets] == targets, info.id
        assert info.candidates[0] == targets[0], info.id


@pytest.mark.parametrize("config", SNAPSHOTS.values(), ids=SNAPSHOTS)
async def test_list_leaves_out_nobody_who_is_asked_by_default(config: dict[str, Any]) -> None:
    """`auto` names every usable row with its default model, and each of these has an entry of its own."""
    runtime = runtime_of(**config)
    listed = {info.id: info for info in await ModelList().of(runtime, IN_PROCESS_CALLER, NOW)}
    targets = chat_targets(runtime, listed["auto"], IN_PROCESS_CALLER)
    assert targets
    assert list(listed["auto"].candidates[: len(targets)]) == targets
    for target in targets:
        assert any(target in info.candidates for name, info in listed.items() if name != "auto")
