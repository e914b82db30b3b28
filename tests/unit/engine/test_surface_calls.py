"""What becomes of a request that came in at a drop-in surface?"""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from contracts.cache import CacheResult
from contracts.calls import Wire
from contracts.deltas import RelayedEvent, TextDelta
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError
from contracts.streams import DoneEvent, ErrorEvent, StreamEvent, TextEvent
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import Says, Silent, streams, unavailable, unreadable
from tests.kit.surface_engine import SAID, SOURCE, SurfaceEngine, relayed, surface_request

DEMANDING = replace(SOURCE, demands=(FieldError(field="logprobs", message="only this dialect has them"),))
WHOLE = streams(relayed(), relayed("hel"), relayed("lo"), relayed(is_end=True), relayed(is_end=True))


def raws(events: list[StreamEvent]) -> str:
    """What was relayed."""
    return "".join(event.data for event in events if isinstance(event, RelayedEvent))


async def test_surface_relays_every_event_in_its_order() -> None:
    """Those before the first content, those without any, and those after the finish come too."""
    engine = SurfaceEngine(FakeProvider("alpha", [WHOLE]))
    events = await engine.streamed(surface_request())
    done = events[-1]
    assert raws(events) == "<><hel><lo><.><.>"
    assert isinstance(done, DoneEvent)
    assert done.response.content == "hello"


async def test_surface_stream_that_breaks_is_gone_on_with_in_our_own_events() -> None:
    """The next candidate is asked another conversation, so nothing of its answer is relayed."""
    alpha = FakeProvider("alpha", [streams(relayed("one two "), unreadable())])
    beta = FakeProvider("beta", [Says("three")])
    engine = SurfaceEngine(alpha, beta)
    events = await engine.streamed(surface_request())
    done = events[-1]
    assert raws(events) == "<one two >"
    assert [event.text for event in events if isinstance(event, TextEvent)] == ["three"]
    assert isinstance(done, DoneEvent)
    assert (done.response.content, len(done.response.legs)) == ("one two three", 2)
    rest = beta.asked[0].call
    assert rest.source is not None
    assert rest.source.read_as is not rest.conversation


async def test_surface_stream_that_breaks_in_its_first_word_is_asked_anew_in_our_own_words() -> None:
    """The caller's own bytes would be answered by events of another answer."""
    alpha = FakeProvider("alpha", [streams(relayed("hel"), unreadable())])
    beta = FakeProvider("beta", [Says("hello")])
    events = await SurfaceEngine(alpha, beta).streamed(surface_request())
    done = events[-1]
    assert isinstance(done, DoneEvent)
    assert done.response.content == "hello"
    rest = beta.asked[0].call.source
    assert rest is not None
    assert not rest.may_pass


async def test_surface_stream_of_several_choices_is_not_gone_on_with() -> None:
    """Of the others nobody knows how far they came."""
    alpha = FakeProvider("alpha", [streams(relayed("hel"), unreadable())])
    beta = FakeProvider("beta")
    alpha.wires = beta.wires = {Wire.OPENAI_CHAT}
    events = await SurfaceEngine(alpha, beta).streamed(surface_request(source=replace(DEMANDING, choices=2)))
    assert isinstance(events[-1], ErrorEvent)
    assert events[-1].error is not None
    assert beta.asked == []


async def test_surface_demands_go_to_who_speaks_the_dialect() -> None:
    """The first row does not, and is passed over."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    beta.wires = {Wire.OPENAI_CHAT}
    completion = await SurfaceEngine(alpha, beta).complete(surface_request(source=DEMANDING))
    assert completion.response.provider == "beta"
    assert alpha.asked == []


@pytest.mark.parametrize("names", [["alpha"], ["alpha", "beta"]])
async def test_surface_demands_that_nobody_can_meet_are_refused_by_name(names: list[str]) -> None:
    """The error's fields are those of the caller's body."""
    error = await SurfaceEngine(*map(FakeProvider, names)).refusal(surface_request(source=DEMANDING))
    assert isinstance(error, InvalidRequestError)
    assert [wrong.field for wrong in error.errors] == ["logprobs"]
    assert "logprobs" in str(error)


async def test_surface_auto_is_the_order_of_the_configuration() -> None:
    """Each row is asked for its own default model."""
    alpha, beta = FakeProvider("alpha", [unavailable()] * 4), FakeProvider("beta")
    completion = await SurfaceEngine(alpha, beta, max_retries=0).complete(surface_request())
    assert (alpha.asked[0].model, completion.response.model) == ("alpha-1", "beta-1")


async def test_surface_auto_may_be_a_model_of_the_configuration() -> None:
    """What an operator named so is meant."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    engine = SurfaceEngine(alpha, beta, models={"auto": ["beta"]})
    completion = await engine.complete(surface_request())
    assert completion.response.provider == "beta"


async def test_surface_waits_as_long_as_its_callers_do() -> None:
    """Ten minutes, where /process would have given up after 45 seconds."""
    engine = SurfaceEngine(FakeProvider("alpha", [Says(after=500)]))
    completion = await engine.complete(surface_request())
    assert completion.response.content == "hello"


async def test_surface_gives_up_when_its_caller_does() -> None:
    """The SDK says how long it waits."""
    engine = SurfaceEngine(FakeProvider("alpha", [Silent()]))
    began = engine.now()
    error = await engine.refusal(replace(surface_request(), patience_seconds=20.0))
    assert (error.error_type, engine.now() - began) == ("timeout", pytest.approx(20, abs=0.1))


@pytest.mark.parametrize("patience,first", [(None, 300), (40.0, 20), (1500.0, 300)])
async def test_surface_leaves_time_for_the_next_candidate(patience: float | None, first: int) -> None:
    """Half of what its caller waits, and at most five minutes, may one take while another is left."""
    alpha, beta = FakeProvider("alpha", [Silent()]), FakeProvider("beta")
    engine = SurfaceEngine(alpha, beta)
    began = engine.now()
    completion = await engine.complete(replace(surface_request(), patience_seconds=patience))
    assert (completion.response.provider, engine.now() - began) == ("beta", pytest.approx(first, abs=0.1))


async def test_surface_warnings_reach_the_answer() -> None:
    """What of the body was not taken."""
    request = replace(surface_request(), warnings=("messages.0.x was not taken",))
    completion = await SurfaceEngine(FakeProvider("alpha")).complete(request)
    assert "messages.0.x was not taken" in completion.response.warnings


async def test_surface_identical_streams_share_what_is_relayed() -> None:
    """One call, and each caller gets every event."""
    alpha = FakeProvider("alpha", [WHOLE])
    engine = SurfaceEngine(alpha)
    request = surface_request(steering={"use_cache": True})
    both = await asyncio.gather(engine.streamed(request), engine.streamed(request))
    assert [raws(events) for events in both] == ["<><hel><lo><.><.>"] * 2
    assert len(alpha.asked) == 1


async def test_surface_answer_that_is_kept_keeps_its_body() -> None:
    """A vendor's own fields are there the second time, too."""
    engine = SurfaceEngine(FakeProvider("alpha", [Says(raw='{"seen": 1}')]))
    request = surface_request(steering={"use_cache": True})
    first, second = await engine.complete(request), await engine.complete(request)
    assert (first.response.cache, second.response.cache) == (CacheResult.MISS, CacheResult.HIT)
    assert first.reply.raw == second.reply.raw == '{"seen": 1}'
    assert second.reply.usage == second.response.usage


@pytest.mark.parametrize("source", [DEMANDING, replace(SOURCE, extras={"seen": 1})])
async def test_surface_stream_with_fields_of_the_vendor_is_not_kept(source: object) -> None:
    """Of a stream only what we understand could be given again."""
    alpha = FakeProvider("alpha", [WHOLE, WHOLE])
    alpha.wires = {Wire.OPENAI_CHAT}
    engine = SurfaceEngine(alpha)
    request = replace(surface_request(steering={"use_cache": True}), source=source)
    for _ in range(2):
        events = await engine.streamed(request)
        assert isinstance(events[-1], DoneEvent)
        assert events[-1].response.cache is CacheResult.BYPASS
    assert len(alpha.asked) == 2


async def test_surface_body_names_the_answer() -> None:
    """A field that nobody here understands makes it another answer."""
    alpha = FakeProvider("alpha")
    engine = SurfaceEngine(alpha)
    for body in (b'{"model":"auto"}', b'{"model":"auto","unheard":1}', b'{"model":"auto"}'):
        source = replace(SOURCE, body=body)
        await engine.complete(surface_request(source=source, steering={"use_cache": True}))
    assert len(alpha.asked) == 2


async def test_surface_call_carries_its_body_to_the_provider() -> None:
    """And what it was read as, so that a provider sees whether it is still that."""
    alpha = FakeProvider("alpha")
    await SurfaceEngine(alpha).complete(surface_request())
    call = alpha.asked[0].call
    assert call.source is SOURCE
    assert call.conversation is SAID


async def test_surface_counts_what_was_relayed() -> None:
    """A stream that breaks off is estimated by the text that came."""
    alpha = FakeProvider("alpha", [streams(relayed("x" * 400), unreadable())])
    engine = SurfaceEngine(alpha)
    events = await engine.streamed(surface_request())
    last = events[-1]
    assert isinstance(last, ErrorEvent)
    assert last.problem.usage is not None
    assert last.problem.usage.output_tokens == 100


def test_relayed_event_says_what_it_adds() -> None:
    """Without its words."""
    event = RelayedEvent(event="message", data="secret", deltas=(TextDelta(text="secret"),))
    assert "secret" not in repr(event)
