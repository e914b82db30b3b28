"""What does a caller of a stream see, from the first content to the one last event?"""

from __future__ import annotations

import pytest

from contracts.chat import FinishReason, UsageSource
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.providers import ProviderType
from contracts.responses import LLMResponse, Problem
from contracts.streams import DoneEvent, ErrorEvent, StreamEvent
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import (
    USAGE,
    Counted,
    Fails,
    Finish,
    Pause,
    Ping,
    Says,
    Silent,
    Streams,
    broken,
    invalid,
    refused_content,
    streams,
    unavailable,
    unreadable,
)


def done(events: list[StreamEvent]) -> LLMResponse:
    """The response in the last event."""
    assert isinstance(events[-1], DoneEvent)
    return events[-1].response


def problem(events: list[StreamEvent]) -> Problem:
    """The problem in the last event."""
    assert isinstance(events[-1], ErrorEvent)
    return events[-1].problem


def text(events: list[StreamEvent]) -> str:
    """All text that came."""
    return "".join(event.text for event in events if event.type == "text")


async def test_stream_tells_start_pieces_and_one_done() -> None:
    """The events come in order, as they come, and the last holds the whole answer with its usage."""
    alpha = FakeProvider("alpha", [streams("Hel", "lo", Finish(FinishReason.LENGTH), Counted())])
    engine = Engine(alpha)
    events = await engine.events(request_id="req-1")
    assert [event.type for event in events] == ["start", "text", "text", "done"]
    assert text(events) == "Hello"
    response = done(events)
    assert (response.request_id, response.content, response.finish_reason) == ("req-1", "Hello", "length")
    assert (response.usage, response.provider, response.fallback_used) == (USAGE, "alpha", False)
    assert [attempt.ttft_ms for attempt in response.attempts] == [0]
    assert engine.records.outcomes == [("alpha", "success")]
    (request,) = engine.records.requests
    assert (request.is_stream, request.usage, request.error_type, request.is_cancelled) == (True, USAGE, None, False)
    assert (engine.users, engine.open_calls) == (0, 0)


async def test_stream_tells_every_kind_of_content() -> None:
    """Reasoning, text and tool calls keep their kinds; an empty piece is no event."""
    steps = (
        ReasoningDelta(text="hm"),
        TextDelta(text=""),
        "I ask.",
        ToolCallDelta(index=0, id="call", name="look"),
        ToolCallDelta(index=0, arguments="{}"),
        Finish(FinishReason.TOOL_CALLS),
    )
    events = await Engine(FakeProvider("alpha", [Streams(steps)])).events()
    assert [event.type for event in events] == ["start", "reasoning", "text", "tool_call", "tool_call", "done"]


@pytest.mark.parametrize("first", [ReasoningDelta(text="hm"), TextDelta(text="no", is_refusal=True), "yes"])
async def test_stream_first_content_of_any_kind_opens_it(first: ReasoningDelta | TextDelta | str) -> None:
    """Reasoning and refusals are content as text is."""
    engine = Engine(FakeProvider("alpha", [Streams((Pause(3), first, Silent()))]), FakeProvider("beta"))
    began = engine.now()
    assert (await engine.open_and_close()).provider == "alpha"
    assert engine.now() - began == pytest.approx(3)
    assert engine.records.attempts[0].ttft_seconds == pytest.approx(3)


async def test_stream_empty_answer_is_whole() -> None:
    """A finish without any content is an empty answer, not a failure."""
    events = await Engine(FakeProvider("alpha", [streams(Finish(), Counted())])).events()
    assert [event.type for event in events] == ["start", "done"]
    assert (done(events).content, done(events).usage) == ("", USAGE)


@pytest.mark.parametrize(
    "fault",
    [unavailable(), unreadable(), streams(unavailable()), streams(Ping(), unreadable()), streams(), streams(Ping())],
)
async def test_stream_failure_before_content_is_not_seen(fault: Fails | Streams) -> None:
    """Whatever fails before the first content, the next candidate answers, and nothing of the first is told."""
    alpha, beta = FakeProvider("alpha", [fault]), FakeProvider("beta")
    engine = Engine(alpha, beta, max_retries=0)
    stream = await engine.open()
    assert (stream.provider, stream.model, stream.attempts) == ("beta", "beta-1", 2)
    async with stream:
        events = [event async for event in stream]
    assert done(events).fallback_used
    assert [attempt.outcome for attempt in done(events).attempts] == ["failed", "success"]
    assert engine.open_calls == 0


@pytest.mark.parametrize(
    "fault,status", [(invalid(), 422), (streams(refused_content()), 400), (unreadable(), 502), (unavailable(), 503)]
)
async def test_stream_failure_of_all_is_a_real_error(fault: Fails | Streams, status: int) -> None:
    """Before the first content an error is raised, not streamed, with its attempts; the snapshot is given back."""
    engine = Engine(FakeProvider("alpha", [fault]), max_retries=0)
    error = await engine.failure_of_stream()
    assert (error.status, len(error.attempts)) == (status, 1)
    (request,) = engine.records.requests
    assert (request.error_type, request.is_stream) == (error.error_type, True)
    assert (engine.users, engine.open_calls) == (0, 0)


async def test_stream_connection_that_fails_is_retried() -> None:
    """A stream is retried as a plain call is, as long as nothing came."""
    alpha = FakeProvider("alpha", [unavailable()])
    assert done(await Engine(alpha, FakeProvider("beta")).events()).provider == "alpha"
    assert len(alpha.asked) == 2


async def test_stream_whole_without_done_ends_at_the_end_of_the_body() -> None:
    """After the finish reason the end of the body ends the answer at once, with the usage that came."""
    alpha = FakeProvider("alpha", [streams("Hello", Finish(), Counted())])
    engine = Engine(alpha)
    began = engine.now()
    assert done(await engine.events()).usage == USAGE
    assert engine.now() == began


@pytest.mark.parametrize("counted,source", [((Pause(1), Counted()), "reported"), ((), "estimated")])
async def test_stream_whole_but_open_ends_after_two_seconds(
    counted: tuple[Pause, Counted] | tuple[()], source: UsageSource
) -> None:
    """A body that stays open after the finish reason is left after 2 s, with usage if it came meanwhile."""
    alpha = FakeProvider("alpha", [Streams(("Hello", Finish(), *counted, Silent()))])
    engine = Engine(alpha)
    began = engine.now()
    assert done(await engine.events()).usage.source == source
    assert engine.now() - began == pytest.approx(2)
    assert engine.open_calls == 0


@pytest.mark.parametrize("fault", [unreadable(), unavailable()])
async def test_stream_cut_after_the_finish_reason_is_whole(fault: Fails) -> None:
    """What breaks when only usage is missing takes nothing from the answer."""
    alpha = FakeProvider("alpha", [streams("Hello", Finish(), fault)])
    engine = Engine(alpha)
    response = done(await engine.events())
    assert (response.content, response.usage.source) == ("Hello", "estimated")
    assert engine.records.outcomes == [("alpha", "success")]


@pytest.mark.parametrize(
    "steps,error_type",
    [
        ((), "provider_protocol"),
        ((Silent(),), "timeout"),
        ((unreadable(),), "provider_protocol"),
        ((unavailable(),), "provider_unavailable"),
    ],
)
async def test_stream_cut_after_content_is_said_in_band(steps: tuple[Fails | Silent, ...], error_type: str) -> None:
    """A cut, a stall, an unreadable event, the vendor's own error: the stream ends in one `error`, if so asked."""
    alpha, beta = FakeProvider("alpha", [Streams(("Hel", *steps))]), FakeProvider("beta")
    engine = Engine(alpha, beta)
    events = await engine.events(request_id="req-1", prompt="y" * 40, stream_recovery="error")
    assert [event.type for event in events] == ["start", "text", "error"]
    told = problem(events)
    assert (told.error_type, told.provider, told.request_id) == (error_type, "alpha", "req-1")
    assert [(attempt.provider, attempt.outcome) for attempt in told.attempts] == [("alpha", "failed")]
    assert beta.asked == []
    assert (engine.users, engine.open_calls) == (0, 0)
    (attempt,), (request,) = engine.records.attempts, engine.records.requests
    assert attempt.usage == request.usage
    assert attempt.usage is not None
    assert (attempt.usage.source, attempt.usage.input_tokens, attempt.usage.output_tokens) == ("estimated", 14, 1)
    assert (request.provider, request.model, request.error_type) == ("alpha", "alpha-1", error_type)
    assert engine.routes.route("alpha", "alpha-1").breaker.failures == 1


async def test_stream_cut_is_billed_alike_in_both_records() -> None:
    """What a cut answer cost stands in the request's record as in the attempt's."""
    engine = Engine(FakeProvider("alpha", [streams("Hel")]))
    await engine.events()
    (attempt,), (request,) = engine.records.attempts, engine.records.requests
    assert attempt.cost_usd is not None
    assert request.cost_usd == attempt.cost_usd


async def test_stream_silence_is_bounded_by_the_idle_limit() -> None:
    """15 s without a sign of life end a stream, and the error says so."""
    engine = Engine(FakeProvider("alpha", [streams("Hel", Pause(14.9), "lo", Silent())]))
    began = engine.now()
    told = problem(await engine.events())
    assert told.detail == "alpha was silent for 15 s in the middle of its answer"
    assert engine.now() - began == pytest.approx(29.9)


async def test_stream_signs_of_life_reset_the_idle_limit() -> None:
    """Pings in the middle of an answer keep it alive."""
    steps = ("Hel", *(Pause(10), Ping()) * 6, "lo", Finish())
    assert done(await Engine(FakeProvider("alpha", [Streams(steps)])).events()).content == "Hello"


async def test_stream_life_is_bounded() -> None:
    """`stream_max_seconds` ends a stream that goes on for ever, and the error says so."""
    steps = ("drip", Pause(7)) * 50
    engine = Engine(FakeProvider("alpha", [Streams(steps)]), stream_max_seconds=60)
    began = engine.now()
    told = problem(await engine.events())
    assert (told.status, told.detail) == (504, "alpha streamed for more than 60 s")
    assert engine.now() - began == pytest.approx(60)


async def test_stream_life_is_bounded_for_slow_readers() -> None:
    """A caller who reads slowly holds the vendor's connection no longer than that either."""
    engine = Engine(FakeProvider("alpha", [Streams(("drip",) * 50)]), stream_max_seconds=60)
    async with await engine.open() as stream:
        kinds = []
        async for event in stream:
            kinds.append(event.type)
            await engine.wait(7)
    assert kinds == ["start", *["text"] * 8, "error"]


async def test_stream_warnings_come_as_events() -> None:
    """What was changed or left out is told early, and again in the last event."""
    engine = Engine(FakeProvider("alpha"), FakeProvider("beta"), model_aliases={"old": "alpha-1"})
    events = await engine.events(model="old")
    warnings = [event.message for event in events if event.type == "warning"]
    assert warnings == ["the model old is retired: alpha-1 was asked instead"]
    assert done(events).warnings == warnings


async def test_stream_late_warnings_come_before_the_end() -> None:
    """What is known only at the end is told just before the last event."""
    events = await Engine(FakeProvider("alpha", kind=ProviderType.OPENAI)).events()
    assert [event.type for event in events] == ["start", "text", "warning", "done"]
    assert done(events).warnings == ["cost is unknown: no price is known for alpha/alpha-1"]


async def test_stream_defect_is_recorded_and_raised() -> None:
    """A defect in the middle of a stream is raised, recorded once as an internal error, and nothing leaks."""
    alpha = FakeProvider("alpha", [streams("Hel", broken())])
    engine = Engine(alpha)
    with pytest.raises(KeyError, match="a defect"):
        await engine.events()
    assert engine.records.outcomes == [("alpha", "internal_error")]
    assert [record.error_type for record in engine.records.requests] == ["internal_error"]
    assert (engine.users, engine.open_calls) == (0, 0)
    assert done(await engine.events()).provider == "alpha"


@pytest.mark.parametrize("script", [broken(), streams(broken())])
async def test_stream_defect_before_content_is_recorded(script: Fails | Streams) -> None:
    """A defect while a stream is opened leaves its records, closes what was open, and is raised."""
    engine = Engine(FakeProvider("alpha", [script]))
    with pytest.raises(KeyError, match="a defect"):
        await engine.open()
    assert engine.records.outcomes == [("alpha", "internal_error")]
    assert [record.error_type for record in engine.records.requests] == ["internal_error"]
    assert (engine.users, engine.open_calls) == (0, 0)


async def test_stream_answer_without_usage_is_estimated() -> None:
    """A whole stream without usage gets an estimate that is marked as one."""
    events = await Engine(FakeProvider("alpha", [Says("x" * 40, usage=None)])).events(prompt="y" * 40)
    usage = done(events).usage
    assert (usage.source, usage.input_tokens, usage.output_tokens) == ("estimated", 14, 10)
