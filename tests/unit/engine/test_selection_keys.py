"""Who may serve a caller whose key may not use everything, and what is he told?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pytest

from app.engine.answer_key import AnswerKeys
from app.engine.explanation import explain
from app.engine.intake import Order, take_in
from app.engine.permission import may_use
from app.engine.selection import Plan, select
from contracts.caller import IN_PROCESS_CALLER, Caller, Scope
from contracts.errors import CallerForbiddenError, ModelNotFoundError, ProviderUnavailableError
from contracts.explanation import ExclusionReason, Explanation
from contracts.providers import ProviderType
from contracts.requests import LLMRequest
from tests.kit.cached_engine import CachedEngine
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider


def key(models: Iterable[str] | None = None, providers: Iterable[str] | None = None) -> Caller:
    """A caller whose key may use these."""
    return Caller(
        key_id="key_1",
        scopes=frozenset({Scope.CALL}),
        models=None if models is None else frozenset(models),
        providers=None if providers is None else frozenset(providers),
    )


def order(engine: Engine, caller: Caller, **fields: Any) -> Order:
    """What the caller asks."""
    request = LLMRequest.model_validate({"prompt": "hi", **fields})
    config = engine.snapshots.current.config
    return take_in(request, caller, now=engine.clock.now(), is_stream=False, config=config)


def plan(engine: Engine, caller: Caller, **fields: Any) -> Plan:
    """Who would be tried."""
    return select(order(engine, caller, **fields), engine.snapshots.current)


def names(made: Plan) -> list[str]:
    """`provider/model` in the order of trying."""
    return [target.name for target in made.targets]


def explained(engine: Engine, caller: Caller, **fields: Any) -> Explanation:
    """The same, explained."""
    return explain(order(engine, caller, **fields), engine.snapshots.current, engine.clock)


def three(**config: Any) -> Engine:
    """Rows that share a model, each with one of its own too."""
    rows = [FakeProvider(name, models=(f"{name}-1", "shared")) for name in ("alpha", "beta", "gamma")]
    return Engine(*rows, **config)


async def test_rows_that_the_key_may_not_use_are_no_candidates() -> None:
    """They are passed over without a word; who may use all is not looked at."""
    made = plan(three(), key(providers=["gamma", "beta"]))
    assert (names(made), made.warnings, made.is_second_choice) == (["beta/beta-1", "gamma/gamma-1"], (), False)
    assert names(plan(three(), IN_PROCESS_CALLER)) == ["alpha/alpha-1", "beta/beta-1", "gamma/gamma-1"]


async def test_models_that_the_key_may_not_use_are_no_candidates() -> None:
    """A row whose own model is not allowed is passed over."""
    assert names(plan(three(), key(["beta-1", "shared"]))) == ["beta/beta-1"]
    assert names(plan(three(), key(["shared"]), model="shared")) == ["alpha/shared", "beta/shared", "gamma/shared"]


async def test_model_is_allowed_at_one_row_only() -> None:
    """`provider/model` is that model there, by either way to ask for it."""
    engine, caller = three(), key(["beta/shared"])
    for asked in ({"model": "shared"}, {"model": "beta/shared"}, {"model": "shared", "preferred_provider": "beta"}):
        assert names(plan(engine, caller, **asked)) == ["beta/shared"]


FORBIDDEN: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    ({"providers": ["beta"]}, {"preferred_provider": "alpha"}, "the provider alpha"),
    ({"providers": ["beta"]}, {"model": "alpha/shared"}, "the provider alpha"),
    ({"providers": ["beta"]}, {"fallback_providers": ["alpha"]}, "the provider alpha"),
    ({"providers": ["beta"]}, {"vendor_options": {"alpha": {"x": 1}}}, "the provider alpha"),
    ({"models": ["shared"]}, {"model": "beta-1"}, "the model beta-1"),
    ({"models": ["shared"]}, {"model": "unheard-of"}, "the model unheard-of"),
    ({"models": ["shared"]}, {"model": "beta/beta-1"}, "beta/beta-1"),
    ({"models": ["alpha/shared"]}, {"model": "beta/shared"}, "beta/shared"),
    ({"models": ["shared"]}, {"preferred_provider": "beta"}, "beta/beta-1"),
    ({"models": ["shared"]}, {"model": "shared", "fallback_providers": ["beta/beta-1"]}, "beta/beta-1"),
    ({"models": ["shared"]}, {}, "alpha/alpha-1"),
    ({"models": ["alpha/shared"], "providers": ["beta"]}, {"model": "shared"}, "the model shared"),
]


@pytest.mark.parametrize("limits,asked,what", FORBIDDEN)
async def test_what_is_named_and_not_allowed_is_403(limits: dict[str, Any], asked: dict[str, Any], what: str) -> None:
    """The error says whose key, what it may not use, and what it may; nothing stands in unasked."""
    engine, caller = three(), key(**limits)
    with pytest.raises(CallerForbiddenError) as refused:
        plan(engine, caller, **asked)
    may = "; ".join(f"{kind} {', '.join(sorted(allowed))}" for kind, allowed in limits.items())
    assert str(refused.value) == f"the key key_1 may not use {what}; it may use: {may}"
    refusal = explained(engine, caller, **asked).refusal
    assert refusal is not None
    assert (refusal.status, refusal.detail) == (403, str(refused.value))


async def test_long_list_of_what_is_allowed_is_cut() -> None:
    """Twenty are enough to find one's own mistake."""
    with pytest.raises(CallerForbiddenError, match=r"models m00, .*, m19 and 10 more$"):
        plan(three(), key(f"m{number:02}" for number in range(30)))


async def test_what_can_be_mended_is_told_before_what_is_not_allowed() -> None:
    """A row that he may use is down: another key would not help; a model that nobody has is not found."""
    engine = Engine(FakeProvider("alpha", unusable="set ALPHA_KEY"), FakeProvider("beta"))
    with pytest.raises(ProviderUnavailableError, match="set ALPHA_KEY"):
        plan(engine, key(providers=["alpha"]))
    with pytest.raises(ModelNotFoundError):
        plan(three(), key(["unheard-of"]), model="unheard-of")


async def test_logical_model_that_is_allowed_allows_what_is_behind_it() -> None:
    """But for rows that the key may not use; and a caller's own fallback is not behind it."""
    engine = three(models={"smart": ["alpha/alpha-1", "beta"]})
    assert names(plan(engine, key(["smart"]), model="smart")) == ["alpha/alpha-1", "beta/beta-1"]
    assert names(plan(engine, key(["smart"], ["beta"]), model="smart")) == ["beta/beta-1"]
    with pytest.raises(CallerForbiddenError, match="may not use gamma/shared"):
        plan(engine, key(["smart"]), model="smart", fallback_providers=["gamma/shared"])
    made = plan(engine, key(["smart"]), model="smart", fallback_providers=["gamma"])
    assert names(made) == ["alpha/alpha-1"]
    assert "gamma was skipped: the key key_1 may not use gamma/gamma-1" in made.warnings[0]


async def test_model_that_nobody_offers_is_404_for_a_limited_key_too() -> None:
    """It named no row: what it may not use is not what is wrong."""
    with pytest.raises(ModelNotFoundError, match="no provider is known to offer the model nowhere"):
        plan(three(), key(providers=["alpha"]), model="nowhere")


async def test_what_a_key_may_not_use_of_a_logical_model_is_not_told() -> None:
    """Rows that it does not know, in the warnings of every answer, would tell it nothing that helps."""
    made = plan(three(models={"smart": ["alpha", "beta"]}), key(["smart"], ["beta"]), model="smart")
    assert (names(made), made.warnings) == (["beta/beta-1"], ())


async def test_logical_model_that_is_not_allowed_is_as_good_as_its_candidates() -> None:
    """Each is judged by its own model; where none is left it is 403."""
    engine = three(models={"smart": ["alpha/alpha-1", "beta"]})
    assert names(plan(engine, key(["beta-1"]), model="smart")) == ["beta/beta-1"]
    assert names(plan(engine, key(["beta-1"]), model="smart", preferred_provider="alpha")) == ["beta/beta-1"]
    with pytest.raises(CallerForbiddenError, match="may not use alpha/alpha-1; it may use: models shared"):
        plan(engine, key(["shared"]), model="smart")


@pytest.mark.parametrize("allowed", ["retired", "shared"])
async def test_retired_name_is_allowed_by_either_name(allowed: str) -> None:
    """The key was made when the model had its old name, or its caller has not heard of the new one."""
    engine = three(model_aliases={"retired": "shared"})
    caller = key([allowed])
    assert names(plan(engine, caller, model="retired"))[0] == "alpha/shared"
    assert names(plan(engine, caller, model="beta/retired"))[0] == "beta/shared"
    made = plan(engine, caller, model="retired", fallback_providers=["gamma/retired"])
    assert names(made)[-1] == "gamma/shared"


async def test_vendors_own_spelling_needs_no_permission_of_its_own() -> None:
    """What a caller names is what the key allows, however the row calls it; another row's name is another row."""
    router = FakeProvider("openrouter", kind=ProviderType.OPENROUTER, models=("openai/gpt-6-luna",))
    engine = Engine(FakeProvider("openai", kind=ProviderType.OPENAI, models=("gpt-6-luna",)), router)
    assert names(plan(engine, key(["gpt-6-luna"]), model="gpt-6-luna")) == [
        "openai/gpt-6-luna",
        "openrouter/openai/gpt-6-luna",
    ]
    assert names(plan(engine, key(["openai/gpt-6-luna"]), model="gpt-6-luna")) == ["openai/gpt-6-luna"]


@pytest.mark.parametrize(
    "models,provider,model,is_allowed",
    [
        (None, "openai", "m", True),
        (["m"], "openai", "m", True),
        (["m"], "openai", "n", False),
        (["openai/m"], "openai", "m", True),
        (["openai/m"], "other", "m", False),
        (["openai/m"], "other", "openai/m", False),
        (["org/m"], "other", "org/m", True),
        (["other/openai/m"], "other", "openai/m", True),
    ],
)
def test_permission_of_a_model_at_a_row(models: list[str] | None, provider: str, model: str, is_allowed: bool) -> None:
    """A vendor's name that begins with another row's is that row's."""
    assert may_use(key(models), provider, model, {"openai", "other"}) is is_allowed
    assert not may_use(key(models, ["third"]), provider, model, {"openai", "other", "third"})


async def test_similar_model_stands_in_only_where_it_is_allowed() -> None:
    """A stand-in is a model of its own."""
    openai = FakeProvider("openai", kind=ProviderType.OPENAI, models=("gpt-6-luna",))
    anthropic = FakeProvider("anthropic", kind=ProviderType.ANTHROPIC, models=("claude-haiku-5-5",))
    engine = Engine(openai, anthropic, similar_models=True)
    both = names(plan(engine, IN_PROCESS_CALLER, model="gpt-6-luna"))
    assert len(both) == 2
    assert names(plan(engine, key(["gpt-6-luna"]), model="gpt-6-luna")) == both[:1]
    assert names(plan(engine, key(["gpt-6-luna", both[1]]), model="gpt-6-luna")) == both


async def test_explanation_tells_what_the_key_may_not_use() -> None:
    """By its own reason, whether the row was looked at or not."""
    found = explained(three(), key(providers=["beta"]), enable_fallback=False)
    reasons = {one.provider: one.reason for one in found.excluded}
    assert [one.provider for one in found.candidates] == ["beta"]
    assert (reasons["alpha"], reasons["gamma"]) == (ExclusionReason.NOT_ALLOWED, ExclusionReason.NOT_ALLOWED)


def flight(engine: Engine, caller: Caller, **fields: Any) -> str:
    """The name under which the order shares a call."""
    asked, runtime = order(engine, caller, **fields), engine.snapshots.current
    keys = AnswerKeys.of(asked, select(asked, runtime), runtime)
    assert keys is not None
    return keys.flight()


async def test_callers_with_other_limits_share_no_call() -> None:
    """What one of them may fall back to, the other may not; with the same limits they do share."""
    engine = three()
    callers = [key(), key(["alpha-1", "beta-1"]), key(["alpha-1"]), key(None, ["alpha"]), key(["alpha-1"], ["alpha"])]
    flights = [flight(engine, caller) for caller in callers]
    assert len(set(flights)) == len(callers)
    assert flight(engine, key(["beta-1", "alpha-1"])) == flights[1]


async def test_answer_of_a_row_that_the_key_may_not_use_is_not_given() -> None:
    """It is kept for another caller of the same tenant; who may use the row gets it, who may not buys his own."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = CachedEngine(alpha, beta)
    callers = (IN_PROCESS_CALLER, key(providers=["alpha"]), key(providers=["beta"]))
    answers = [await engine.ask(caller=caller) for caller in callers]
    assert [(one.provider, one.cached) for one in answers] == [("alpha", False), ("alpha", True), ("beta", False)]
