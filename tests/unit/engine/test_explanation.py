"""Does an explanation say what the request itself would meet, without anyone being called?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.engine.explanation import explain
from app.engine.intake import take_in
from contracts.caller import IN_PROCESS_CALLER
from contracts.errors import ProviderNotFoundError
from contracts.explanation import AffinitySource, Exclusion, ExclusionReason, Explanation
from contracts.providers import ProviderCapabilities, ProviderType
from contracts.requests import LLMRequest
from contracts.selection_strategy import SelectionStrategy
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import limited, unavailable

IMAGE: list[Any] = [{"role": "user", "content": [{"type": "image", "url": "https://x/y.png"}]}]


def explained(engine: Engine, **fields: Any) -> Explanation:
    runtime = engine.snapshots.current
    said = {} if "messages" in fields else {"prompt": "Say hello."}
    request = LLMRequest.model_validate({**said, **fields})
    now = engine.clock.now()
    order = take_in(request, IN_PROCESS_CALLER, now=now, is_stream=False, config=runtime.config)
    return explain(order, runtime, engine.clock)


def candidates(explanation: Explanation) -> list[str]:
    return [f"{one.provider}/{one.model}" for one in explanation.candidates]


def excluded(explanation: Explanation, provider: str) -> Exclusion:
    (one,) = [one for one in explanation.excluded if one.provider == provider]
    return one


def rows(*names: str) -> list[FakeProvider]:
    return [FakeProvider(name) for name in names]


async def test_explain_names_candidates_in_order_and_everybody_else() -> None:
    """Models and limits with them; every other row of the configuration has a reason."""
    alpha, beta = rows("alpha", "beta")
    engine = Engine(alpha, beta)
    explanation = explained(engine, request_id="r-1", correlation_id="c-1", prompt="x" * 400)
    assert candidates(explanation) == ["alpha/alpha-1", "beta/beta-1"]
    assert [one.timeout_seconds for one in explanation.candidates] == [30, 30]
    assert (explanation.request_id, explanation.correlation_id) == ("r-1", "c-1")
    assert (explanation.strategy, explanation.affinity) == (SelectionStrategy.PRIORITY, None)
    assert (explanation.estimated_input_tokens, explanation.timeout_seconds) == (104, 45)
    assert (explanation.warnings, explanation.refusal) == ([], None)
    named = {one.provider for one in explanation.excluded}
    assert named == set(engine.snapshots.current.config.providers) - {"alpha", "beta"}
    assert excluded(explanation, "openai").detail == "openai has no key: set OPENAI_KEY"
    assert excluded(explanation, "openai").reason is ExclusionReason.UNUSABLE
    assert alpha.asked == beta.asked == []
    assert engine.records.requests == []


async def test_explain_says_what_is_disabled() -> None:
    """And how to switch it on."""
    explanation = explained(Engine(*rows("alpha", "beta"), rows={"alpha": {"enabled": False}}))
    off = excluded(explanation, "alpha")
    assert (off.reason, off.until) == (ExclusionReason.DISABLED, None)
    assert "POST /providers/alpha/enable" in off.detail
    assert candidates(explanation) == ["beta/beta-1"]


async def test_explain_says_until_when_a_row_rests() -> None:
    """It is no candidate now, and its time is given."""
    alpha, beta = rows("alpha", "beta")
    alpha.script = [limited(retry_after=30)]
    engine = Engine(alpha, beta)
    await engine.ask()
    await engine.wait(10)
    explanation = explained(engine)
    rests = excluded(explanation, "alpha")
    assert (rests.model, rests.reason) == ("alpha-1", ExclusionReason.COOLING)
    assert rests.until is not None
    assert rests.until - engine.clock.now() == timedelta(seconds=20)
    assert candidates(explanation) == ["beta/beta-1"]


async def test_explain_says_until_when_a_circuit_is_open() -> None:
    """With every candidate open the least bad one would be probed; once that has failed nobody can be called."""
    alpha, beta = rows("alpha", "beta")
    alpha.afterwards = unavailable()
    engine = Engine(alpha, beta, max_retries=0)
    for _ in range(3):
        await engine.ask()
    explanation = explained(engine)
    opened = excluded(explanation, "alpha")
    assert opened.reason is ExclusionReason.CIRCUIT_OPEN
    assert opened.until is not None
    assert opened.until > engine.clock.now()
    assert candidates(explanation) == ["beta/beta-1"]
    alone = {"preferred_provider": "alpha", "enable_fallback": False}
    (probed,) = explained(engine, **alone).candidates
    assert probed.remarks == ["its circuit is open, as that of every other: it is probed before its time"]
    await engine.failure(**alone)
    nobody = explained(engine, **alone)
    assert (nobody.candidates, nobody.refusal) == ([], None)
    assert nobody.warnings == ["no candidate can be called now: each rests or has its circuit open"]


async def test_explain_says_what_a_row_lacks() -> None:
    """A conversation with an image is not for one that sees none."""
    alpha, beta = rows("alpha", "beta")
    alpha.capabilities = ProviderCapabilities(vision=False)
    explanation = explained(Engine(alpha, beta), messages=IMAGE)
    lacks = excluded(explanation, "alpha")
    assert (lacks.reason, lacks.detail) == (ExclusionReason.LACKS_CAPABILITY, "alpha takes no images")
    assert candidates(explanation) == ["beta/beta-1"]


async def test_explain_says_who_does_not_offer_the_model() -> None:
    """By its name."""
    explanation = explained(Engine(*rows("alpha", "beta")), model="beta-1")
    other = excluded(explanation, "alpha")
    assert (other.model, other.reason) == ("beta-1", ExclusionReason.MODEL_NOT_OFFERED)
    assert candidates(explanation) == ["beta/beta-1"]


async def test_explain_remarks_a_window_that_is_too_small() -> None:
    """It is asked all the same: an estimate is no reason to leave a candidate out."""
    small = FakeProvider("small", kind=ProviderType.OPENAI, default_model="gpt-6-luna")
    engine = Engine(small, *rows("beta"))
    first, second = explained(engine, max_tokens=10_000_000).candidates
    assert first.context_window is not None
    assert first.remarks == [
        f"its context window of {first.context_window} tokens may be too small: this takes about 10000007"
    ]
    assert (second.context_window, second.remarks) == (None, [])
    assert explained(engine).candidates[0].remarks == []


async def test_explain_remarks_a_row_that_is_full() -> None:
    """It may have to wait there."""
    engine = Engine(*rows("alpha", "beta"), rows={"alpha": {"requests_per_minute": 1}})
    await engine.ask()
    (remark,) = explained(engine).candidates[0].remarks
    assert "alpha" in remark


async def test_explain_remarks_who_stands_in() -> None:
    """A model of the same tier is named as one."""
    openai = FakeProvider("openai", kind=ProviderType.OPENAI, default_model="gpt-6-luna")
    anthropic = FakeProvider("anthropic", kind=ProviderType.ANTHROPIC, default_model="claude-haiku-5-5")
    explanation = explained(Engine(anthropic, openai, similar_models=True), model="gpt-6-luna")
    assert candidates(explanation) == ["openai/gpt-6-luna", "anthropic/claude-haiku-5-5"]
    assert "stood in for gpt-6-luna" in explanation.candidates[1].remarks[0]


@pytest.mark.parametrize(
    "fields,config,provider,words",
    [
        ({"fallback_providers": ["beta"]}, {}, "gamma", "not among the request's fallback_providers"),
        ({"enable_fallback": False}, {}, "gamma", "fallback is off"),
        ({"model": "fast"}, {"models": {"fast": ["alpha", "beta"]}}, "gamma", "is not behind the model fast"),
        ({}, {}, "local", "only when it is named, or when nothing else is usable"),
    ],
)
async def test_explain_says_who_is_left_out(
    fields: dict[str, Any], config: dict[str, Any], provider: str, words: str
) -> None:
    """Though it could serve."""
    local = FakeProvider("local", kind=ProviderType.LOCAL)
    explanation = explained(Engine(*rows("alpha", "beta", "gamma"), local, **config), **fields)
    out = excluded(explanation, provider)
    assert out.reason is ExclusionReason.NOT_CONSIDERED
    assert words in out.detail


async def test_explain_lists_a_named_candidate_that_cannot_serve_once() -> None:
    """However often the list names it; the request's warnings are there too."""
    explanation = explained(Engine(*rows("alpha", "beta")), fallback_providers=["openai", "openai", "beta"])
    assert excluded(explanation, "openai").reason is ExclusionReason.UNUSABLE
    assert "openai was skipped: openai has no key: set OPENAI_KEY" in explanation.warnings
    assert candidates(explanation) == ["alpha/alpha-1", "beta/beta-1"]


async def test_explain_unknown_provider_is_404() -> None:
    """As the request itself would be."""
    with pytest.raises(ProviderNotFoundError, match="no provider is named nobody"):
        explained(Engine(*rows("alpha")), fallback_providers=["nobody"])


async def test_explain_holds_the_refusal() -> None:
    """Where the request would be refused at once: which error, and why for each row."""
    explanation = explained(Engine(*rows("alpha", "beta")), model="no-such-model", request_id="r-1")
    assert explanation.candidates == []
    assert explanation.refusal is not None
    assert (explanation.refusal.status, explanation.refusal.error_type) == (404, "model_not_found")
    assert explanation.refusal.request_id == "r-1"
    assert excluded(explanation, "alpha").reason is ExclusionReason.MODEL_NOT_OFFERED


async def test_explain_names_affinity() -> None:
    """Who was moved to the front, and how it is known."""
    engine = Engine(*rows("alpha", "beta"))
    await engine.ask(prompt="Hello", preferred_provider="beta", prompt_cache_key="k")
    explanation = explained(engine, prompt_cache_key="k")
    assert explanation.affinity is not None
    assert (explanation.affinity.provider, explanation.affinity.source) == ("beta", AffinitySource.PROMPT_CACHE_KEY)
    assert candidates(explanation) == ["beta/beta-1", "alpha/alpha-1"]


@pytest.mark.parametrize("strategy", ["round-robin", "weighted", "priority", "least-cost"])
async def test_explain_tells_who_will_be_first_and_takes_no_turn(strategy: str) -> None:
    """Asked any number of times, it names the one that the next request meets."""
    engine = Engine(*rows("alpha", "beta", "gamma"), selection_strategy=strategy)
    for _ in range(7):
        told = {candidates(explained(engine))[0] for _ in range(3)}
        answer = await engine.ask()
        assert told == {f"{answer.provider}/{answer.model}"}


async def test_explain_tells_the_limits_that_dispatch_keeps() -> None:
    """The last candidate, the caller's own limit, and a candidate's."""
    engine = Engine(*rows("alpha", "beta"), rows={"beta": {"stream_upstream": True}})
    assert [one.timeout_seconds for one in explained(engine).candidates] == [30, 45]
    assert [one.timeout_seconds for one in explained(engine, timeout_seconds=7).candidates] == [7, 7]
    mine = [{"provider": "beta", "timeout_seconds": 3}]
    assert [one.timeout_seconds for one in explained(engine, fallback_providers=mine).candidates] == [30, 3]
