"""What becomes of a fallback list that repeats itself, names nobody, or somebody unknown?"""

from __future__ import annotations

import pytest

from contracts.errors import LLMProviderError
from contracts.responses import LLMResponse
from contracts.selection_strategy import SelectionStrategy
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import unreadable

ALL = list(SelectionStrategy)


def failing(name: str) -> FakeProvider:
    return FakeProvider(name, [unreadable()] * 9)


def tried(result: LLMResponse | LLMProviderError) -> list[str]:
    return [f"{attempt.provider}/{attempt.model}" for attempt in result.attempts]


@pytest.mark.parametrize("strategy", ALL)
@pytest.mark.parametrize(
    "fallbacks", [["beta", "beta"], ["beta", "beta/beta-1", {"provider": "beta"}], ["alpha", "beta", "alpha", "beta"]]
)
async def test_fallback_list_that_repeats_is_tried_once(fallbacks: list[object], strategy: str) -> None:
    """However often and however written a candidate is named, it is called once."""
    engine = Engine(failing("alpha"), failing("beta"), selection_strategy=strategy, max_retries=0)
    error = await engine.failure(preferred_provider="alpha", fallback_providers=fallbacks)
    assert tried(error) == ["alpha/alpha-1", "beta/beta-1"]


async def test_fallback_list_by_a_synonym_is_the_same_row() -> None:
    """`google` and `gemini` are one."""
    engine = Engine(failing("alpha"), failing("gemini"), max_retries=0)
    error = await engine.failure(preferred_provider="alpha", fallback_providers=["google", "gemini"])
    assert tried(error) == ["alpha/alpha-1", "gemini/gemini-1"]


@pytest.mark.parametrize("strategy", ALL)
async def test_fallback_list_with_an_unknown_name_is_404(strategy: str) -> None:
    """Though others in it could serve: nobody is asked, and the rows are listed."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = Engine(alpha, beta, selection_strategy=strategy)
    error = await engine.failure(fallback_providers=["beta", "nobody"])
    assert (error.status, error.error_type) == (404, "provider_not_found")
    assert str(error).startswith("no provider is named nobody; configured: ")
    assert {"alpha", "beta"} <= set(str(error).partition("configured: ")[2].split(", "))
    assert alpha.asked == beta.asked == []


@pytest.mark.parametrize("strategy", ALL)
async def test_fallback_list_that_is_empty_leaves_one_candidate(strategy: str) -> None:
    """The caller wants nobody to stand in."""
    engine = Engine(failing("alpha"), failing("beta"), selection_strategy=strategy, max_retries=0)
    assert len(tried(await engine.failure(fallback_providers=[]))) == 1
    assert tried(await engine.failure(preferred_provider="beta", fallback_providers=[])) == ["beta/beta-1"]


async def test_fallback_list_that_is_not_given_is_the_order() -> None:
    """None is not the empty list."""
    engine = Engine(failing("alpha"), failing("beta"), max_retries=0)
    assert tried(await engine.failure(fallback_providers=None)) == ["alpha/alpha-1", "beta/beta-1"]
