"""Which rows serve a model that the caller names, and under which name?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import LLMProviderError
from contracts.providers import ProviderType
from contracts.responses import LLMResponse
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import unreadable


def failing(name: str, **fields: Any) -> FakeProvider:
    """A provider that always fails, so that every candidate is tried."""
    return FakeProvider(name, [unreadable()] * 9, **fields)


def tried(result: LLMResponse | LLMProviderError) -> list[str]:
    """`provider/model` of each attempt."""
    return [f"{attempt.provider}/{attempt.model}" for attempt in result.attempts]


async def test_selection_named_model_only_where_it_is_offered() -> None:
    """A model that the caller names goes to rows that offer it, under its name."""
    engine = Engine(failing("alpha"), failing("beta", models=("wanted",)), failing("gamma", models=("wanted",)))
    error = await engine.failure(model="wanted")
    assert tried(error) == ["beta/wanted", "gamma/wanted"]


async def test_selection_named_model_on_a_callers_candidate_without_it() -> None:
    """A candidate that does not offer the named model is left out, and the warning says how to name one of its own."""
    engine = Engine(failing("alpha", models=("wanted",)), FakeProvider("beta"))
    error = await engine.failure(model="wanted", fallback_providers=["beta"])
    assert tried(error) == ["alpha/wanted"]
    response = await engine.ask(model="wanted", fallback_providers=["beta", "beta/its-own"])
    assert (response.provider, response.model) == ("beta", "its-own")
    assert "beta does not offer the model wanted; name one of its own as beta/MODEL" in response.warnings[0]


async def test_selection_model_nobody_offers_is_404() -> None:
    """A model that no row offers is the caller's mistake, and nobody is asked; the error says how to name it anyway."""
    alpha = FakeProvider("alpha")
    error = await Engine(alpha).failure(model="unheard-of")
    assert (error.status, error.error_type) == (404, "model_not_found")
    assert str(error) == (
        "no provider is known to offer the model unheard-of: one that does all the same is named as PROVIDER/unheard-of"
    )
    assert alpha.asked == []


async def test_selection_model_of_a_row_without_a_key_is_503() -> None:
    """A model that is offered only where the key is missing is not unknown."""
    engine = Engine(FakeProvider("alpha"), FakeProvider("beta", unusable="set BETA_KEY", models=("wanted",)))
    error = await engine.failure(model="wanted")
    assert (error.status, str(error)) == (503, "set BETA_KEY")


async def test_selection_preferred_provider_takes_any_model() -> None:
    """Who names provider and model means it: the vendor decides whether the model exists."""
    alpha = FakeProvider("alpha")
    response = await Engine(alpha).ask(preferred_provider="alpha", model="brand-new")
    assert (response.model, alpha.asked[0].model) == ("brand-new", "brand-new")


@pytest.mark.parametrize("model,asked", [("beta/x", "x"), ("beta/org/x", "org/x")])
async def test_selection_provider_in_the_models_name(model: str, asked: str) -> None:
    """`provider/model` names both."""
    response = await Engine(FakeProvider("alpha"), FakeProvider("beta")).ask(model=model)
    assert (response.provider, response.model) == ("beta", asked)


@pytest.mark.parametrize(
    "model,asked",
    [("openrouter/meta-llama/llama-4", "meta-llama/llama-4"), ("openrouter/auto", "openrouter/auto")],
)
async def test_selection_model_of_openrouter_behind_its_row(model: str, asked: str) -> None:
    """Its names hold a slash of their own: the row's name goes, but from what is a model of its own."""
    engine = Engine(FakeProvider("openrouter", kind=ProviderType.OPENROUTER))
    response = await engine.ask(model=model)
    assert (response.provider, response.model) == ("openrouter", asked)


async def test_selection_google_is_gemini() -> None:
    """`google/model` names the row gemini, as `google` does everywhere."""
    gemini = FakeProvider("gemini", kind=ProviderType.GEMINI, default_model="gemini-x")
    response = await Engine(FakeProvider("alpha"), gemini).ask(model="google/gemini-y")
    assert (response.provider, response.model) == ("gemini", "gemini-y")
    assert (await Engine(gemini).ask(provider="google")).provider == "gemini"


@pytest.mark.parametrize("fields", [{"model": "org/x"}, {"model": "beta/x", "preferred_provider": "alpha"}])
async def test_selection_slash_in_a_models_name(fields: dict[str, Any]) -> None:
    """A slash that names no row, or beside a named provider, belongs to the model."""
    engine = Engine(FakeProvider("alpha", models=("org/x",)), FakeProvider("beta"))
    response = await engine.ask(**fields)
    assert (response.provider, response.model) == ("alpha", fields["model"])


async def test_selection_logical_model_has_its_own_candidates() -> None:
    """A logical name is served by the candidates behind it, in their order, and by nobody else."""
    engine = Engine(
        failing("alpha"), failing("beta"), failing("gamma"), models={"smart": ["gamma/big", {"provider": "alpha"}]}
    )
    assert tried(await engine.failure(model="smart")) == ["gamma/big", "alpha/alpha-1"]


async def test_selection_logical_model_with_a_preferred_provider() -> None:
    """The preferred provider's candidate goes first; one that is not behind the name is skipped with a warning."""
    models = {"smart": ["alpha/a", "beta/b"]}
    engine = Engine(failing("alpha"), FakeProvider("beta"), FakeProvider("gamma"), models=models)
    response = await engine.ask(model="smart", preferred_provider="beta")
    assert (response.provider, response.model, response.warnings) == ("beta", "b", [])
    response = await engine.ask(model="smart", preferred_provider="gamma")
    assert tried(response) == ["alpha/a", "beta/b"]
    assert response.warnings == ["gamma is not behind the model smart: it was skipped"]


async def test_selection_logical_model_with_callers_candidates() -> None:
    """The caller's candidates replace what follows the first of a logical model."""
    engine = Engine(failing("alpha"), failing("beta"), failing("gamma"), models={"smart": ["alpha/a", "beta/b"]})
    assert tried(await engine.failure(model="smart", fallback_providers=["gamma/g"])) == ["alpha/a", "gamma/g"]


async def test_selection_retired_model_is_replaced_and_said() -> None:
    """A retired name is asked as its successor, and the warning names both."""
    alpha = FakeProvider("alpha", models=("new",))
    engine = Engine(alpha, model_aliases={"old": "new"})
    for fields in ({"model": "old"}, {"model": "alpha/old"}, {"model": "old", "preferred_provider": "alpha"}):
        response = await engine.ask(**fields)
        assert response.model == "new"
        assert response.warnings == ["the model old is retired: new was asked instead"]
    assert [asked.model for asked in alpha.asked] == ["new"] * 3


async def test_selection_retired_model_of_a_candidate_is_replaced() -> None:
    """Candidates are read the same way."""
    engine = Engine(failing("alpha"), FakeProvider("beta"), model_aliases={"old": "new"})
    response = await engine.ask(fallback_providers=["beta/old"])
    assert (response.provider, response.model) == ("beta", "new")
    assert response.warnings == ["the model old is retired: new was asked instead"]
