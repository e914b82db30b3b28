"""Who may serve a request, in which order, and what does a caller hear of those who may not?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.errors import LLMProviderError
from contracts.responses import LLMResponse
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import unreadable


def failing(name: str, **fields: Any) -> FakeProvider:
    return FakeProvider(name, [unreadable()] * 9, **fields)


def tried(result: LLMResponse | LLMProviderError) -> list[str]:
    """`provider/model` of each attempt."""
    return [f"{attempt.provider}/{attempt.model}" for attempt in result.attempts]


async def test_selection_follows_the_order() -> None:
    """Without wishes rows are tried in the configuration's order, each with its default model."""
    engine = Engine(failing("alpha"), failing("beta"), failing("gamma"), fallback_order=["gamma", "alpha"])
    assert tried(await engine.failure()) == ["gamma/gamma-1", "alpha/alpha-1", "beta/beta-1"]


async def test_selection_default_provider_goes_first() -> None:
    """`default_provider` stands before the order."""
    engine = Engine(failing("alpha"), failing("beta"), default_provider="beta")
    assert tried(await engine.failure()) == ["beta/beta-1", "alpha/alpha-1"]


async def test_selection_preferred_goes_first() -> None:
    """The caller's provider is tried first, the others in order after it."""
    engine = Engine(failing("alpha"), failing("beta"), failing("gamma"))
    assert tried(await engine.failure(preferred_provider="gamma")) == ["gamma/gamma-1", "alpha/alpha-1", "beta/beta-1"]


async def test_selection_callers_candidates_replace_the_order() -> None:
    """With `fallback_providers` the first usable row is tried, then those in the order given, and nobody else."""
    engine = Engine(failing("alpha"), failing("beta"), failing("gamma"), failing("delta"))
    error = await engine.failure(fallback_providers=["gamma/g2", "beta"])
    assert tried(error) == ["alpha/alpha-1", "gamma/g2", "beta/beta-1"]


async def test_selection_candidate_is_tried_once() -> None:
    """A candidate that is named twice is tried once."""
    engine = Engine(failing("alpha"), failing("beta"))
    error = await engine.failure(preferred_provider="alpha", fallback_providers=["alpha", "beta", "alpha/alpha-1"])
    assert tried(error) == ["alpha/alpha-1", "beta/beta-1"]


async def test_selection_two_models_of_one_provider_are_two_candidates() -> None:
    """A row may stand in for itself with another model."""
    engine = Engine(failing("alpha"))
    error = await engine.failure(preferred_provider="alpha", fallback_providers=["alpha/small"])
    assert tried(error) == ["alpha/alpha-1", "alpha/small"]


@pytest.mark.parametrize("where", ["preferred_provider", "fallback_providers"])
async def test_selection_unknown_provider_is_404_with_the_list(where: str) -> None:
    """A provider that is not configured is named, with those that are, and nobody is asked."""
    alpha = FakeProvider("alpha")
    wish: Any = "alhpa" if where == "preferred_provider" else ["alhpa/x"]
    error = await Engine(alpha).failure(**{where: wish})
    assert (error.status, error.error_type) == (404, "provider_not_found")
    assert str(error).startswith("no provider is named alhpa; configured: ")
    assert "alpha" in str(error).partition("configured: ")[2].split(", ")
    assert alpha.asked == []


@pytest.mark.parametrize(
    "provider,row,reason",
    [
        (FakeProvider("alpha", unusable="alpha has no key: set ALPHA_KEY"), {}, "alpha has no key: set ALPHA_KEY"),
        (FakeProvider("alpha"), {"enabled": False}, "alpha is disabled"),
    ],
)
async def test_selection_unusable_preferred_is_skipped_with_a_warning(
    provider: FakeProvider, row: dict[str, Any], reason: str
) -> None:
    """A preferred provider that cannot serve is replaced by the next, and the answer says so."""
    engine = Engine(provider, FakeProvider("beta"), rows={"alpha": row})
    response = await engine.ask(preferred_provider="alpha")
    assert (response.provider, response.fallback_used) == ("beta", True)
    assert len(response.warnings) == 1
    assert response.warnings[0].startswith("alpha was skipped: ")
    assert reason in response.warnings[0]
    error = await engine.failure(preferred_provider="alpha", enable_fallback=False)
    assert error.status == 503
    assert reason in str(error)


async def test_selection_disabled_everywhere_is_503() -> None:
    """When the only row is switched off the caller is told how to switch it on."""
    engine = Engine(FakeProvider("alpha"), rows={"alpha": {"enabled": False}}, enabled_providers=[])
    error = await engine.failure(preferred_provider="alpha", fallback_providers=[])
    assert (error.status, error.error_type) == (503, "provider_disabled")
    assert "POST /providers/alpha/enable" in str(error)


async def test_selection_nobody_usable_says_which_variable_to_set() -> None:
    """With no usable provider at all: 503 that names what each lacks, each once."""
    error = await Engine(FakeProvider("alpha", unusable="alpha has no key: set ALPHA_KEY")).failure()
    assert error.status == 503
    assert str(error).startswith("no provider is usable: alpha has no key: set ALPHA_KEY; ")
    assert str(error).count("set OPENAI") == 1


async def test_selection_everything_switched_off_is_503() -> None:
    """Rows that are all switched off are no missing key."""
    engine = Engine(FakeProvider("alpha"), FakeProvider("beta"), enabled_providers=["local"])
    error = await engine.failure(fallback_providers=["beta"])
    assert error.status == 503
    assert "enable" in str(error) or "set LOCAL" in str(error)


async def test_selection_unusable_rows_of_the_order_are_passed_quietly() -> None:
    """A row that nobody named and that has no key is no warning, and no fallback."""
    engine = Engine(FakeProvider("alpha", unusable="no key"), FakeProvider("beta"))
    response = await engine.ask()
    assert (response.provider, response.fallback_used, response.warnings) == ("beta", False, [])


async def test_selection_callers_candidate_without_a_key_is_named() -> None:
    """A candidate that the caller named and that cannot serve is a warning."""
    engine = Engine(failing("alpha"), FakeProvider("beta", unusable="no key"), FakeProvider("gamma"))
    response = await engine.ask(fallback_providers=["beta", "gamma"])
    assert (response.provider, response.warnings) == ("gamma", ["beta was skipped: no key"])


async def test_selection_without_fallback_takes_the_first_usable() -> None:
    """`enable_fallback: false` still finds a usable row, and asks only that one."""
    engine = Engine(FakeProvider("alpha", unusable="no key"), failing("beta"), FakeProvider("gamma"))
    assert tried(await engine.failure(enable_fallback=False)) == ["beta/beta-1"]


async def test_selection_retired_name_that_is_offered_here_is_kept() -> None:
    """A row that lists a name retired elsewhere gets it as it was asked, without a warning."""
    alpha = FakeProvider("alpha", models=["gpt-4"])
    answer = await Engine(alpha, rows={"alpha": {"models": ["gpt-4"]}}).ask(preferred_provider="alpha", model="gpt-4")
    assert (alpha.asked[0].model, answer.warnings) == ("gpt-4", [])


async def test_selection_logical_model_may_bear_a_retired_name() -> None:
    """A logical model of a retired name is what the caller gets."""
    alpha = FakeProvider("alpha")
    await Engine(alpha, models={"gpt-4": ["alpha/successor"]}).ask(model="gpt-4")
    assert alpha.asked[0].model == "successor"


async def test_selection_refuses_options_for_an_unknown_provider() -> None:
    """A misspelt name would drop them in silence."""
    error = await Engine(FakeProvider("alpha")).failure(vendor_options={"alpah": {"top_k": 1}})
    assert (error.error_type, "alpha" in str(error)) == ("provider_not_found", True)
