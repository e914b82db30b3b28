"""Is a verdict what a model said, strictly read, from the judge that was asked, and never a guess?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from contracts import CircuitState, FinishReason, InvalidOutputError, LLMTimeoutError, ProviderUnavailableError
from contracts.providers import ProviderType
from tests.kit.comparisons import failure, judged, verdict
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Fails, Says, Silent, broken, unavailable

GOOD = verdict()


async def test_comparison_answers_the_verdict() -> None:
    """The winner in both forms, why, how sure, and what it took."""
    alpha = FakeProvider("alpha", [Says(verdict("Essay B", 3.25))])
    engine = Engine(alpha)
    answer = await judged(engine, correlation_id="c-1", metadata={"class": 7})
    assert (answer.winner, answer.choice, answer.confidence) == ("Essay B", "B", 3.25)
    assert answer.justification == answer.reasoning == "It is clearer."
    assert (answer.provider, answer.model, answer.cached, answer.correlation_id) == ("alpha", "alpha-1", False, "c-1")
    assert (answer.token_usage, answer.cost_estimate, answer.warnings) == (USAGE, Decimal(0), [])
    assert (answer.consistent, answer.verdicts, answer.trace_id) == (None, [], None)
    assert answer.response_time_ms == answer.latency.total_ms
    assert (answer.metadata["class"], len(answer.metadata["prompt_sha256"])) == (7, 64)
    conversation = alpha.asked[0].call.conversation
    assert conversation.response_format is not None
    assert conversation.response_format.name == "verdict"
    assert [message.role.value for message in conversation.messages] == ["system", "user"]


@pytest.mark.parametrize(
    "said",
    [
        "Essay A is better.",
        f"Here you are: {GOOD}",
        f"{GOOD} That is all.",
        verdict("essay a"),
        verdict("A"),
        verdict("Essay C"),
        verdict("tie"),
        verdict(confidence=0),
        verdict(confidence=5.01),
        verdict(confidence="4"),
        verdict(confidence=True),
        verdict(confidence=float("nan")),
        verdict(justification=""),
        verdict(score=9),
        '{"winner": "Essay A", "confidence": 4}',
        '{"justification": "x", "winner": "Essay A", "winner": "Essay B", "confidence": 4}',
        f"[{GOOD}]",
        "null",
        "",
    ],
)
async def test_comparison_never_guesses(said: str) -> None:
    """One repair, then the next candidate, then an error."""
    alpha, beta = FakeProvider("alpha", [Says(said), Says(said)]), FakeProvider("beta", [Says(verdict("Essay B"))])
    answer = await judged(Engine(alpha, beta))
    assert (answer.winner, answer.provider, answer.fallback_used) == ("Essay B", "beta", True)
    assert (len(alpha.asked), len(beta.asked)) == (2, 1)
    lost = FakeProvider("alpha")
    lost.afterwards = Says(said)
    error = await failure(Engine(lost))
    assert isinstance(error, InvalidOutputError)
    assert (error.status, len(error.attempts), len(lost.asked)) == (502, 2, 2)


@pytest.mark.parametrize("finish", [FinishReason.LENGTH, FinishReason.CONTENT_FILTER])
async def test_comparison_takes_no_answer_that_was_cut(finish: FinishReason) -> None:
    """What was cut or refused is no verdict; a whole verdict at the limit is one."""
    alpha = FakeProvider("alpha", [Says(GOOD[:20], finish=finish), Says(GOOD, finish=finish)])
    engine = Engine(alpha)
    answer = await judged(engine)
    assert (answer.winner, answer.token_usage.total_tokens) == ("Essay A", 2 * USAGE.total_tokens)
    assert "was mended" in answer.warnings[0]
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED


async def test_comparison_takes_a_verdict_out_of_its_fence() -> None:
    """That much is no guess, and it is said."""
    answer = await judged(Engine(FakeProvider("alpha", [Says(f"```json\n{GOOD}\n```")])))
    assert (answer.winner, answer.warnings) == ("Essay A", ["the answer's JSON was taken out of a Markdown fence"])


async def test_comparison_cuts_a_long_justification() -> None:
    """After a thousand characters, with a warning."""
    said = verdict(justification="x" * 1001)
    answer = await judged(Engine(FakeProvider("alpha", [Says(said)])))
    assert answer.justification == answer.reasoning == "x" * 1000
    assert answer.warnings == ["justification was cut after 1000 characters"]
    assert answer.model_dump_json()


@pytest.mark.parametrize(
    "fields,served",
    [
        ({}, "beta"),
        ({"provider": "alpha"}, None),
        ({"provider": "alpha", "enable_fallback": True}, "beta"),
        ({"provider": "alpha", "enable_fallback": False, "fallback_providers": ["beta"]}, None),
        ({"provider": "alpha", "fallback_providers": ["beta"]}, "beta"),
        ({"llm_config_overrides": {"provider_override": "alpha"}}, None),
        ({"enable_fallback": False}, None),
    ],
)
async def test_comparison_falls_back_where_it_may(fields: dict[str, Any], served: str | None) -> None:
    """A judge that was named is not replaced by another unasked."""
    alpha = FakeProvider("alpha")
    alpha.afterwards = unavailable()
    beta = FakeProvider("beta", [Says(GOOD)])
    engine = Engine(alpha, beta, max_retries=0)
    if served is None:
        assert isinstance(await failure(engine, **fields), ProviderUnavailableError)
        assert beta.asked == []
    else:
        assert (await judged(engine, **fields)).provider == served


async def test_comparison_overrides_go_to_the_judge() -> None:
    """Nested before flat, and what was passed over is said."""
    alpha, beta = FakeProvider("alpha", [Says(GOOD)]), FakeProvider("beta", [Says(GOOD)], models=["big"])
    nested = {"provider_override": "beta", "temperature_override": 0.0, "model_override": "big"}
    flat = {"provider": "alpha", "temperature_override": 0.7, "max_tokens_override": 300, "model_override": "big"}
    answer = await judged(Engine(alpha, beta), **flat, system_prompt_override="Be strict.", llm_config_overrides=nested)
    assert (answer.provider, answer.model) == ("beta", "big")
    conversation = beta.asked[0].call.conversation
    assert (conversation.sampling.temperature, conversation.sampling.max_tokens) == (0.0, 300)
    assert conversation.messages[0].text.startswith("Be strict.")
    assert answer.warnings == [
        "provider was passed over: llm_config_overrides.provider_override goes before it",
        "temperature_override was passed over: llm_config_overrides.temperature_override goes before it",
    ]


async def test_comparison_is_bought_once_at_any_temperature() -> None:
    """The second time the verdict is free; only who forbids it buys another."""
    alpha = FakeProvider("alpha", [Says(GOOD)] * 3)
    engine = Engine(alpha)
    bought, kept, anew = [
        await judged(engine, temperature_override=1.3, **asked) for asked in ({}, {}, {"use_cache": False})
    ]
    assert [(one.cached, one.cache.value, one.cost_estimate) for one in (bought, kept, anew)] == [
        (False, "miss", 0),
        (True, "hit", 0),
        (False, "bypass", 0),
    ]
    assert (len(alpha.asked), kept.attempts, kept.winner) == (2, [], bought.winner)


async def test_comparison_in_both_orders_is_cached_when_both_are() -> None:
    """One verdict that was bought anew makes it one that was not kept."""
    alpha = FakeProvider("alpha", [Says(GOOD)] * 3)
    engine = Engine(alpha)
    await judged(engine)
    half, whole = await judged(engine, check_order=True), await judged(engine, check_order=True)
    assert [(one.cached, one.cache.value) for one in (half, whole)] == [(False, "miss"), (True, "hit")]
    assert len(alpha.asked) == 2


async def test_comparison_in_both_orders_that_holds() -> None:
    """The same essay wins under either name: one usage, one cost, the lower confidence, both verdicts."""
    alpha = FakeProvider("alpha", [Says(verdict("Essay A", 5)), Says(verdict("Essay B", 2, "B is."))])
    engine = Engine(alpha)
    answer = await judged(engine, check_order=True, request_id="r-1", correlation_id="c-1")
    assert (answer.winner, answer.consistent, answer.confidence) == ("Essay A", True, 2)
    assert [(one.order, one.winner, one.confidence, one.justification) for one in answer.verdicts] == [
        ("given", "Essay A", 5, "It is clearer."),
        ("swapped", "Essay A", 2, "B is."),
    ]
    assert (answer.token_usage.total_tokens, answer.cost_estimate) == (2 * USAGE.total_tokens, Decimal(0))
    assert (len(answer.attempts), answer.request_id) == (2, "r-1")
    digests = [one.prompt_sha256 for one in answer.verdicts]
    assert (answer.metadata["prompt_sha256"], len(set(digests))) == (digests[0], 2)
    given, swapped = (asked.call for asked in alpha.asked)
    assert (given.request_id, given.correlation_id, swapped.correlation_id) == ("r-1", "c-1", "c-1")
    assert swapped.request_id not in ("r-1", None)
    blocks = [call.conversation.messages[1].text.split("\n") for call in (given, swapped)]
    assert [lines[lines.index("x") - 1][:13] for lines in blocks] == ["BEGIN Essay A", "BEGIN Essay B"]


async def test_comparison_in_both_orders_that_does_not_hold() -> None:
    """A model that likes the first place: the winner of the given order, not consistent."""
    alpha = FakeProvider("alpha", [Says(verdict("Essay A", 3)), Says(verdict("Essay A", 4))])
    answer = await judged(Engine(alpha), check_order=True)
    assert (answer.winner, answer.consistent, answer.confidence) == ("Essay A", False, 3)
    assert [one.winner for one in answer.verdicts] == ["Essay A", "Essay B"]


async def test_comparison_in_both_orders_says_when_judges_differ() -> None:
    """Two models may differ without any fault of the order."""
    alpha = FakeProvider("alpha", [Says(verdict("Essay A")), unavailable()])
    beta = FakeProvider("beta", [Says(verdict("Essay B"))])
    answer = await judged(Engine(alpha, beta, max_retries=0), check_order=True)
    assert (answer.consistent, answer.fallback_used) == (True, True)
    assert "the two orders were judged by different models: alpha/alpha-1 and beta/beta-1" in answer.warnings


async def test_comparison_cost_is_unknown_where_a_part_is() -> None:
    """Never a sum of what happens to be known."""
    beta = FakeProvider("beta", [Says(GOOD)], kind=ProviderType.OPENAI, default_model="no-such-model")
    alpha = FakeProvider("alpha", [Says(GOOD), unavailable()])
    answer = await judged(Engine(alpha, beta, max_retries=0), check_order=True)
    assert answer.cost_estimate is None
    assert any(warning.startswith("cost is unknown") for warning in answer.warnings)


async def test_comparison_whose_other_order_fails_is_an_error() -> None:
    """The first failure ends the other order: half a check is none."""
    alpha = FakeProvider("alpha", [Silent(), Fails(lambda: LLMTimeoutError("late"))])
    engine = Engine(alpha)
    began = engine.now()
    error = await failure(engine, check_order=True)
    assert isinstance(error, LLMTimeoutError)
    assert (engine.now() - began < 1, engine.open_calls, engine.users) == (True, 0, 0)
    assert sorted(outcome for _, outcome in engine.records.outcomes) == ["cancelled", "timeout"]


async def test_comparison_in_both_orders_hides_no_defect() -> None:
    """A defect of ours is none of the errors that a caller may read."""
    with pytest.raises(ExceptionGroup) as caught:
        await judged(Engine(FakeProvider("alpha", [broken(), broken()])), check_order=True)
    assert caught.group_contains(KeyError)
