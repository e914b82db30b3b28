"""Is a stream that breaks off gone on with, so that its caller reads one whole answer?"""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

import pytest

from contracts.chat import Role, UsageSource
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.providers import CircuitState, ProviderType
from contracts.responses import LLMResponse
from contracts.streams import DoneEvent, ErrorEvent, StreamEvent, TextEvent
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    USAGE,
    Counted,
    Fails,
    Finish,
    Says,
    Silent,
    Step,
    Streams,
    invalid,
    refused_content,
    streams,
    unavailable,
    unreadable,
)

PREFILLED = "smollm2-135m-instruct"
FIRST, REST, WHOLE = ("one two ", "three fo"), (" fo", "ur ", "five"), "one two three four five"


def rest(*texts: str) -> Streams:
    """A whole stream."""
    return streams(*texts, Finish(), Counted())


def text(events: list[StreamEvent]) -> str:
    """All that the caller reads."""
    return "".join(event.text for event in events if isinstance(event, TextEvent))


def done(events: list[StreamEvent]) -> LLMResponse:
    """The response at the end."""
    assert isinstance(events[-1], DoneEvent), events[-1]
    return events[-1].response


@pytest.mark.parametrize("fault", [unavailable(), unreadable(), Silent(), None])
async def test_recovery_goes_on_where_the_stream_broke_off(fault: Step | None) -> None:
    """An in-band error, an unreadable event, a stall, a cut: the next candidate writes the rest, each word once."""
    steps = (*FIRST, fault) if fault else FIRST
    alpha, beta = FakeProvider("alpha", [Streams(steps)]), FakeProvider("beta", [rest(*REST)])
    engine = Engine(alpha, beta)
    events = await engine.events()
    response = done(events)
    assert (text(events), response.content, response.message.text) == (WHOLE, WHOLE, WHOLE)
    assert (response.provider, response.fallback_used) == ("beta", True)
    assert [event.type for event in events].count("start") == 1
    (warning,) = [event.message for event in events if event.type == "warning"]
    assert warning.startswith("alpha/alpha-1 broke off after 16 characters")
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED
    assert (engine.open_calls, engine.users) == (0, 0)


async def test_recovery_bills_both() -> None:
    """The last event names both, what each used, and where the second began; the sum is the answer's."""
    alpha, beta = FakeProvider("alpha", [streams(*FIRST, unavailable())]), FakeProvider("beta", [rest(*REST)])
    engine = Engine(alpha, beta)
    response = done(await engine.events(prompt="y" * 40))
    first, second = response.legs
    assert [(leg.provider, leg.recovered_at) for leg in response.legs] == [("alpha", 0), ("beta", 16)]
    assert (first.usage.source, first.usage.output_tokens) == (UsageSource.ESTIMATED, 4)
    assert second.usage == USAGE
    assert response.usage.total_tokens == first.usage.total_tokens + USAGE.total_tokens
    assert response.cost is not None
    assert response.cost.usd == Decimal(0)
    assert [record.usage for record in engine.records.attempts] == [first.usage, second.usage]
    (request,) = engine.records.requests
    assert (request.usage, request.provider, request.error_type) == (response.usage, "beta", None)


async def test_recovery_prefills_where_the_model_continues() -> None:
    """Cut back to a whole word, without a trailing space, and with what is left of the caller's tokens."""
    beta = FakeProvider(
        "beta", [rest("three four five")], kind=ProviderType.LOCAL, default_model="smollm2-135m-instruct"
    )
    engine = Engine(FakeProvider("alpha", [streams(*FIRST, unavailable())]), beta)
    assert text(await engine.events(max_tokens=50)) == WHOLE
    conversation = beta.asked[0].call.conversation
    assert (conversation.messages[-1].role, conversation.messages[-1].text) == (Role.ASSISTANT, "one two three")
    assert conversation.sampling.max_tokens == 47


async def test_recovery_instructs_where_the_model_does_not() -> None:
    """A turn of the assistant's, then the instruction to continue exactly."""
    beta = FakeProvider("beta", [rest(*REST)])
    await Engine(FakeProvider("alpha", [streams(*FIRST, unavailable())]), beta).events()
    *_, said, told = beta.asked[0].call.conversation.messages
    assert (said.role, said.text, told.role) == (Role.ASSISTANT, "one two three", Role.USER)
    assert "exactly where it stops" in told.text


async def test_recovery_asks_the_other_way_when_a_prefill_is_refused() -> None:
    """That refusal is never the caller's error."""
    script = [invalid(), rest(*REST)]
    beta = FakeProvider("beta", script, kind=ProviderType.LOCAL, default_model=PREFILLED)
    events = await Engine(FakeProvider("alpha", [streams(*FIRST, unavailable())]), beta).events()
    assert text(events) == WHOLE
    assert [asked.call.conversation.messages[-1].role for asked in beta.asked] == [Role.ASSISTANT, Role.USER]


async def test_recovery_passes_on_from_one_that_takes_no_continuation() -> None:
    """What the caller sent was being answered: a refusal of what we added to it is not his error either."""
    beta, gamma = FakeProvider("beta", [invalid()]), FakeProvider("gamma", [rest(*REST)])
    events = await Engine(FakeProvider("alpha", [streams(*FIRST, unavailable())]), beta, gamma).events()
    assert (text(events), len(beta.asked)) == (WHOLE, 1)


@pytest.mark.parametrize(
    "sent,more", [("首都は東京です。人口", "は約1400万人です。"), ("def f():\n    x = 1\n", "    return x\n")]
)
async def test_recovery_of_text_without_words_shows_what_there_is(sent: str, more: str) -> None:
    """A script without spaces, and code whose indentation counts."""
    beta = FakeProvider("beta", [rest(more)])
    events = await Engine(FakeProvider("alpha", [streams(sent, unavailable())]), beta).events()
    assert (text(events), done(events).content) == (sent + more, sent + more)
    assert beta.asked[0].call.conversation.messages[-2].text == sent.rstrip()


@pytest.mark.parametrize("again", [WHOLE, "three four five", "two three four five"])
async def test_recovery_swallows_what_is_said_again(again: str) -> None:
    """From the start, or from some words before."""
    beta = FakeProvider("beta", [rest(*(again[at : at + 5] for at in range(0, len(again), 5)))])
    events = await Engine(FakeProvider("alpha", [streams(*FIRST, unavailable())]), beta).events()
    assert (text(events), done(events).content) == (WHOLE, WHOLE)


async def test_recovery_passes_on_from_one_that_begins_anew() -> None:
    """A second answer in other words is no rest of the first."""
    first = "The quick brown fox jumps over the la"
    beta = FakeProvider("beta", [rest("The quick brown fox jumps high", " and away")])
    gamma = FakeProvider("gamma", [rest("lazy dog.")])
    events = await Engine(FakeProvider("alpha", [streams(first, unavailable())]), beta, gamma).events()
    last = events[-1]
    assert isinstance(last, ErrorEvent)
    assert (last.problem.error_type, text(events)) == ("invalid_output", first)


async def test_recovery_may_be_needed_twice() -> None:
    """Three candidates write one answer."""
    alpha = FakeProvider("alpha", [streams("one two ", unavailable())])
    beta, gamma = FakeProvider("beta", [streams("three ", unreadable())]), FakeProvider("gamma", [rest("four five")])
    events = await Engine(alpha, beta, gamma).events()
    response = done(events)
    assert (text(events), response.content) == (WHOLE, WHOLE)
    assert [(leg.provider, leg.recovered_at) for leg in response.legs] == [("alpha", 0), ("beta", 8), ("gamma", 14)]


async def test_recovery_nobody_can_give_is_said_in_band() -> None:
    """Why it broke off, every attempt, and what was billed; the answer is not passed off as whole."""
    alpha, beta = FakeProvider("alpha", [streams(*FIRST, unreadable())]), FakeProvider("beta")
    beta.afterwards = unavailable()
    engine = Engine(alpha, beta, max_retries=0)
    events = await engine.events()
    last = events[-1]
    assert isinstance(last, ErrorEvent)
    assert (last.problem.error_type, last.problem.provider) == ("provider_protocol", "alpha")
    assert [attempt.provider for attempt in last.problem.attempts] == ["alpha", "beta"]
    assert last.problem.usage is not None
    assert last.problem.usage.source is UsageSource.ESTIMATED
    assert last.problem.cost is not None
    assert [record.error_type for record in engine.records.requests] == ["provider_protocol"]
    assert (engine.open_calls, engine.users) == (0, 0)


@pytest.mark.parametrize(
    "steps,fields",
    [
        (("one ", ToolCallDelta(index=0, id="c", name="f", arguments="{"), unavailable()), {}),
        (('{"a": ', unavailable()), {"response_format": {"type": "json_object"}}),
        (("one ", unavailable()), {"stream_recovery": "error"}),
        (("one ", unavailable()), {"enable_fallback": False}),
        (("one ", TextDelta(text="I will not", is_refusal=True), unavailable()), {}),
        (("one ", refused_content()), {}),
    ],
)
async def test_recovery_is_not_tried_where_it_cannot_be(steps: tuple[Step, ...], fields: dict[str, Any]) -> None:
    """Half a tool call, half a JSON, a refusal, content that was refused, and a caller who wants none of it."""
    beta = FakeProvider("beta")
    events = await Engine(FakeProvider("alpha", [Streams(steps)]), beta).events(**fields)
    assert (events[-1].type, beta.asked) == ("error", [])


async def test_recovery_before_any_text_is_a_plain_fallback() -> None:
    """Thoughts alone cannot be continued: the next candidate is asked what the first was, and may answer JSON too."""
    alpha = FakeProvider("alpha", [streams(ReasoningDelta(text="hm"), unavailable())])
    beta = FakeProvider("beta", [rest('{"a": 1}')])
    events = await Engine(alpha, beta).events(response_format={"type": "json_object"})
    assert done(events).content == '{"a": 1}'
    assert len(beta.asked[0].call.conversation.messages) == 1


async def test_recovery_is_left_by_cancelling() -> None:
    """A caller who leaves while the next candidate is asked ends that call at once."""
    alpha, beta = FakeProvider("alpha", [streams("one ", unavailable())]), FakeProvider("beta", [Silent()])
    engine = Engine(alpha, beta)

    async def read() -> None:
        async with await engine.open() as stream:
            async for _ in stream:
                pass

    reader = asyncio.create_task(read())
    await engine.wait(1)
    reader.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reader
    assert (engine.open_calls, engine.users, len(beta.asked)) == (0, 0, 1)
    assert [record.is_cancelled for record in engine.records.requests] == [True]


async def test_recovery_is_left_by_closing() -> None:
    """The same, when another task closes the answer."""
    alpha, beta = FakeProvider("alpha", [streams("one ", unavailable())]), FakeProvider("beta", [Silent()])
    engine = Engine(alpha, beta)
    stream = await engine.open()

    async def read() -> list[str]:
        return [event.type async for event in stream]

    reader = asyncio.create_task(read())
    await engine.wait(1)
    await stream.aclose()
    assert (await reader)[:2] == ["start", "text"]
    assert (engine.open_calls, engine.users) == (0, 0)
    assert [record.is_cancelled for record in engine.records.requests] == [True]


async def test_recovery_shares_the_requests_budget() -> None:
    """Six attempts in all, whatever they are for."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    alpha.script = [unavailable(), unavailable(), unavailable(), streams("one ", Fails(unavailable().error))]
    beta.afterwards = unavailable()
    events = await Engine(alpha, beta, max_retries=5, retry_delay_seconds=0.05).events()
    assert events[-1].type == "error"
    assert len(alpha.asked) + len(beta.asked) <= 6


async def test_recovery_without_any_try_left_is_said_in_band() -> None:
    """The request's six attempts are used up: the seventh candidate is not asked for the rest."""
    names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta"]
    providers = [FakeProvider(name, [streams(f"{name} ", unavailable())]) for name in names]
    events = await Engine(*providers).events()
    assert (events[-1].type, text(events).split()) == ("error", names[:-1])
    assert providers[-1].asked == []


async def test_recovered_answer_that_says_nothing_more_is_whole() -> None:
    """The second finds that all was said."""
    alpha, beta = FakeProvider("alpha", [streams("All said.", unavailable())]), FakeProvider("beta", [Says("")])
    events = await Engine(alpha, beta).events()
    assert (text(events), done(events).content) == ("All said.", "All said.")
