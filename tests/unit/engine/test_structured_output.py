"""Does a request for JSON end with valid JSON or a clear error: one repair, then the next candidate, then an error?"""

from __future__ import annotations

from typing import Any

import pytest

from contracts.chat import FinishReason, Role
from contracts.errors import (
    InvalidOutputError,
    InvalidRequestError,
    ProviderUnavailableError,
    UnsupportedParameterError,
)
from contracts.providers import CircuitState
from contracts.responses import AttemptOutcome
from contracts.streams import DoneEvent, ErrorEvent, TextEvent, WarningEvent
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider
from tests.kit.script import USAGE, Counted, Fails, Finish, Says, Step, streams, unavailable

SCHEMA = {"type": "object", "properties": {"winner": {"enum": ["A", "B"]}}, "required": ["winner"]}
FORMAT: dict[str, Any] = {"response_format": {"type": "json_schema", "json_schema": SCHEMA}}
GOOD, BAD = '{"winner": "A"}', '{"winner": "perhaps"}'


def whole(*texts: str) -> tuple[Step, ...]:
    """The steps of a whole stream."""
    return (*texts, Finish(), Counted())


async def test_structured_answer_that_fits_is_asked_for_once() -> None:
    """Valid JSON goes straight back."""
    alpha = FakeProvider("alpha", [Says(GOOD)])
    response = await Engine(alpha).ask(**FORMAT)
    assert (response.content, len(alpha.asked), response.warnings) == (GOOD, 1, [])


async def test_structured_answer_is_mended_once() -> None:
    """The model is shown its answer and what is wrong with it; usage and cost of both are the answer's."""
    alpha = FakeProvider("alpha", [Says(BAD), Says(GOOD)])
    engine = Engine(alpha)
    response = await engine.ask(**FORMAT)
    assert (response.content, response.fallback_used) == (GOOD, False)
    assert response.usage.total_tokens == 2 * USAGE.total_tokens
    assert response.warnings == ["the first answer had the wrong shape and was mended: usage and cost are of both"]
    assert [attempt.error_type for attempt in response.attempts] == ["invalid_output", None]
    *_, said, complaint = alpha.asked[1].call.conversation.messages
    assert (said.role, said.text, complaint.role) == (Role.ASSISTANT, BAD, Role.USER)
    assert "winner breaks the schema's enum" in complaint.text
    assert [record.usage for record in engine.records.attempts] == [USAGE, USAGE]
    assert engine.records.requests[0].usage == response.usage


async def test_structured_empty_answer_is_mended_without_an_empty_turn() -> None:
    """No vendor takes an empty turn of the assistant's."""
    alpha = FakeProvider("alpha", [Says(" "), Says(GOOD)])
    await Engine(alpha).ask(**FORMAT)
    assert [message.role for message in alpha.asked[1].call.conversation.messages] == [Role.USER, Role.USER]


async def test_structured_answer_that_stays_wrong_goes_to_the_next() -> None:
    """After one repair the next candidate is asked, with the conversation as it was."""
    alpha, beta = FakeProvider("alpha", [Says(BAD), Says("no")]), FakeProvider("beta", [Says(GOOD)])
    response = await Engine(alpha, beta).ask(**FORMAT)
    assert (response.content, response.provider, response.fallback_used) == (GOOD, "beta", True)
    assert (len(alpha.asked), len(beta.asked)) == (2, 1)
    assert len(beta.asked[0].call.conversation.messages) == 1
    assert response.usage == USAGE


async def test_structured_answer_nobody_gives_is_an_error() -> None:
    """Never a guess: every candidate's attempts are listed, and no circuit opens for it."""
    alpha, beta = FakeProvider("alpha"), FakeProvider("beta")
    alpha.afterwards = beta.afterwards = Says(BAD)
    engine = Engine(alpha, beta)
    for _ in range(4):
        error = await engine.failure(**FORMAT)
    assert isinstance(error, InvalidOutputError)
    assert (error.status, error.error_type, len(error.attempts)) == (502, "invalid_output", 4)
    assert "perhaps" not in str(error)
    assert engine.circuit("alpha", "alpha-1") is CircuitState.CLOSED


async def test_structured_answer_that_was_cut_is_returned_as_such() -> None:
    """`length` says it all: nothing is asked again."""
    alpha = FakeProvider("alpha", [Says('{"winner": ', finish=FinishReason.LENGTH)])
    response = await Engine(alpha).ask(**FORMAT)
    assert (response.content, response.finish_reason, len(alpha.asked)) == ('{"winner": ', FinishReason.LENGTH, 1)


async def test_structured_answer_comes_out_of_its_fence() -> None:
    """A Markdown fence around valid JSON is taken off, and said."""
    alpha = FakeProvider("alpha", [Says(f"```json\n{GOOD}\n```")])
    response = await Engine(alpha).ask(**FORMAT)
    assert (response.content, response.message.text, len(alpha.asked)) == (GOOD, GOOD, 1)
    assert response.warnings == ["the answer's JSON was taken out of a Markdown fence"]


async def test_structured_repair_leaves_another_its_turn() -> None:
    """The last try of the request's budget is the next candidate's, and no repair."""
    providers = [FakeProvider(name) for name in ("alpha", "beta", "gamma", "delta", "epsilon", "zeta")]
    for provider in providers:
        provider.afterwards = Says(BAD)
    error = await Engine(*providers).failure(**FORMAT)
    assert [attempt.provider for attempt in error.attempts] == ["alpha", "alpha", "beta", "beta", "gamma", "delta"]


async def test_structured_schema_that_is_none_is_the_callers_fault() -> None:
    """Nobody is asked for an answer that nobody could check."""
    alpha = FakeProvider("alpha")
    with pytest.raises(InvalidRequestError) as caught:
        await Engine(alpha).ask(response_format={"type": "json_schema", "json_schema": {"type": "nonsense"}})
    assert caught.value.errors[0].field == "response_format.json_schema.type"
    assert alpha.asked == []


async def test_structured_signals_are_mended_too() -> None:
    """`signal_type` is a schema like any other."""
    good = '{"label": "friendly", "confidence": 0.9}'
    alpha = FakeProvider("alpha", [Says('{"label": "friendly", "confidence": 9}'), Says(good)])
    response = await Engine(alpha).ask(signal_type="classification")
    assert response.signals == {"label": "friendly", "confidence": 0.9}
    assert len(alpha.asked) == 2


async def test_structured_stream_that_ends_wrong_ends_in_an_error() -> None:
    """What was sent cannot be taken back: the last event says that it is not valid, with what it cost."""
    alpha = FakeProvider("alpha", [streams(*whole('{"winner": ', '"perhaps"}'))])
    engine = Engine(alpha, FakeProvider("beta"))
    *_, last = await engine.events(**FORMAT)
    assert isinstance(last, ErrorEvent)
    assert (last.problem.error_type, last.problem.status) == ("invalid_output", 502)
    (attempt,) = last.problem.attempts
    assert (attempt.outcome, attempt.error_type) == (AttemptOutcome.FAILED, "invalid_output")
    assert [record.usage for record in engine.records.requests] == [USAGE]
    assert (engine.records.attempts[0].usage, engine.users) == (USAGE, 0)


async def test_structured_stream_is_mended_under_buffer() -> None:
    """A stream that is held back can be mended, and reads like any other."""
    alpha = FakeProvider("alpha", [streams(*whole(BAD)), streams(*whole('{"winner": ', '"B"}'))])
    engine = Engine(alpha)
    start, warning, text, done = await engine.events(**FORMAT, stream_recovery="buffer")
    assert (start.type, text) == ("start", TextEvent(text='{"winner": "B"}'))
    assert isinstance(warning, WarningEvent)
    assert isinstance(done, DoneEvent)
    assert done.response.content == '{"winner": "B"}'
    assert [asked.is_stream for asked in alpha.asked] == [True, True]
    assert (alpha.open_calls, engine.users, len(engine.records.requests)) == (0, 0, 1)


async def test_buffered_stream_fails_over_after_its_first_words() -> None:
    """Nothing was sent yet, so the next candidate answers unseen."""
    alpha = FakeProvider("alpha", [streams("half an", unavailable())])
    beta = FakeProvider("beta", [streams(*whole("a whole ", "answer"))])
    engine = Engine(alpha, beta, max_retries=0)
    events = await engine.events(stream_recovery="buffer")
    assert [event.type for event in events] == ["start", "text", "done"]
    assert isinstance(events[-1], DoneEvent)
    assert (events[-1].response.content, events[-1].response.fallback_used) == ("a whole answer", True)


async def test_buffered_stream_of_which_all_fail_is_an_error_before_it_begins() -> None:
    """A real status, not an event."""
    engine = Engine(FakeProvider("alpha", [streams("half", unavailable())]), max_retries=0, stream_recovery="buffer")
    with pytest.raises(ProviderUnavailableError) as caught:
        await engine.open()
    assert caught.value.attempts[0].error_type == "provider_unavailable"
    assert engine.users == 0


async def test_buffered_stream_may_be_left() -> None:
    """Closing it early, and twice, frees what it held."""
    engine = Engine(FakeProvider("alpha", [streams(*whole("hi"))]))
    stream = await engine.open(stream_recovery="buffer")
    async with stream:
        assert (await anext(aiter(stream))).type == "start"
    await stream.aclose()
    assert engine.users == 0


def unsent() -> UnsupportedParameterError:
    """What a provider raises before it sends anything."""
    error = UnsupportedParameterError("alpha/alpha-1 does not take what was asked: seed")
    error.was_sent = False
    return error


async def test_unsupported_request_goes_to_a_candidate_that_takes_it() -> None:
    """Nothing was sent to the first, so it is no attempt; the answer says why it was passed over."""
    engine = Engine(FakeProvider("alpha", [Fails(unsent)]), FakeProvider("beta"))
    response = await engine.ask(unsupported_parameters="reject", seed=1)
    assert (response.provider, len(response.attempts)) == ("beta", 1)
    assert response.warnings == ["alpha/alpha-1 was skipped: alpha/alpha-1 does not take what was asked: seed"]
    assert engine.records.outcomes == [("beta", "success")]


async def test_unsupported_request_that_nobody_takes_is_refused() -> None:
    """422; but an outage of a candidate that would have taken it is the more telling."""
    alone = await Engine(FakeProvider("alpha", [Fails(unsent)])).failure()
    assert (alone.status, alone.error_type, alone.attempts) == (422, "unsupported_parameter", ())
    down = FakeProvider("alpha")
    down.afterwards = unavailable()
    both = await Engine(down, FakeProvider("beta", [Fails(unsent)]), max_retries=0).failure()
    assert both.error_type == "provider_unavailable"
