"""How does an open answer leave a surface?"""

from __future__ import annotations

import json

import pytest

from app.surfaces.streamed import SurfaceEvents
from contracts import (
    DoneEvent,
    ErrorEvent,
    Problem,
    ProviderProtocolError,
    ProviderUnavailableError,
    ReasoningEvent,
    RefusalTextEvent,
    RelayedEvent,
    StartEvent,
    StreamEvent,
    TextEvent,
    ToolCallEvent,
    Usage,
    WarningEvent,
)
from contracts.responses import Leg
from tests.unit.http.fake_surfaces import ANSWER
from tests.unit.surfaces.spelled_dialect import SPELLED, asked_for

START = StartEvent(request_id="req_1", correlation_id="c-1", provider="openai", model="gpt-x")
DONE = DoneEvent(response=ANSWER)
FINISH = RelayedEvent(event="message", data="finish", is_end=True)
USAGE = RelayedEvent(event="usage", data="usage", is_end=True)


def written(*events: StreamEvent, wants_usage: bool = True) -> list[bytes]:
    """What goes out for each event; comments end at their name."""
    writer = SurfaceEvents(SPELLED, asked_for(wants_usage=wants_usage), created=7)
    return [_shown(writer.write(event)) for event in events]


def _shown(chunk: bytes) -> bytes:
    comment, found, rest = chunk.partition(b": llm_service {")
    return comment + b"(comment)" + rest.partition(b"\n\n")[2] if found else chunk


def test_surface_stream_of_another_dialect_is_written() -> None:
    """It begins with the first piece, has each kind of piece, and ends with our extras."""
    assert written(
        START,
        WarningEvent(message="seed was not sent"),
        TextEvent(text="hel"),
        RefusalTextEvent(text="no"),
        ReasoningEvent(text="hm"),
        ToolCallEvent(index=0, id="c", name="look"),
        DONE,
    ) == [
        b"",
        b"",
        b"data: begin req_1 gpt-x 7\n\nevent: piece\ndata: text hel\n\n",
        b"event: piece\ndata: refusal no\n\n",
        b"data: ReasoningDelta\n\n",
        b"data: ToolCallDelta\n\n",
        b"data: end stop local\n\n",
    ]


def test_surface_stream_without_a_word_still_begins() -> None:
    """An empty answer is whole too."""
    assert written(START, DONE)[-1] == b"data: begin req_1 gpt-x 7\n\ndata: end stop local\n\n"


def test_surface_stream_of_the_same_dialect_goes_out_as_it_came() -> None:
    """But its finish waits until the answer is known to be whole; before it stands our comment."""
    named = RelayedEvent(event="ping", data='{"a":\n1.50}')
    assert written(START, RelayedEvent(event="message", data="one"), named, FINISH, USAGE, DONE) == [
        b"",
        b"data: one\n\n",
        b'event: ping\ndata: {"a":\ndata: 1.50}\n\n',
        b"",
        b"",
        b"(comment)data: finish\n\nevent: usage\ndata: usage\n\ndata: closing after 4\n\n",
    ]


def test_surface_stream_comment_is_the_account_of_the_answer() -> None:
    """One line that begins with a colon, with who answered and for how much."""
    writer = SurfaceEvents(SPELLED, asked_for(), created=7)
    last = [writer.write(event) for event in (START, FINISH, DONE)][-1]
    comment = last.split(b"\n\n")[0].removeprefix(b": llm_service ")
    told = json.loads(comment)
    assert (told["request_id"], told["provider"], told["model"]) == (ANSWER.request_id, ANSWER.provider, ANSWER.model)
    assert ANSWER.cost is not None
    assert told["cost_usd"] == float(ANSWER.cost.usd)
    assert b"\n" not in comment


def test_surface_stream_keeps_back_a_usage_that_nobody_asked_for() -> None:
    """The encoder has heard of it all the same."""
    events = written(START, RelayedEvent(event="message", data="one"), FINISH, USAGE, DONE, wants_usage=False)
    assert events[-1] == b"(comment)data: finish\n\ndata: closing after 3\n\n"


def test_surface_stream_that_broke_off_is_gone_on_with_as_one() -> None:
    """The rest is written without a second beginning, and what the first had called its finish is never sent."""
    relayed = RelayedEvent(event="message", data="one")
    assert written(START, relayed, FINISH, TextEvent(text=" two"), DONE) == [
        b"",
        b"data: one\n\n",
        b"",
        b"event: piece\ndata: text  two\n\n",
        b"data: end stop local\n\n",
    ]


def test_surface_stream_whose_rest_is_empty_is_ended_in_our_words() -> None:
    """Another candidate had nothing to add: the first one's finish was not the answer's."""
    leg = Leg(provider="a", model="m", recovered_at=0, usage=Usage(input_tokens=1, output_tokens=1, total_tokens=2))
    mixed = DoneEvent(response=ANSWER.model_copy(update={"legs": [leg]}))
    assert written(START, RelayedEvent(event="message", data="one"), FINISH, mixed)[-1] == b"data: end stop local\n\n"


@pytest.mark.parametrize("before", [(), (FINISH,), (TextEvent(text="hel"),)])
def test_surface_stream_failure_is_the_dialects_own(before: tuple[StreamEvent, ...]) -> None:
    """No finish goes before it; what was billed stands in a comment."""
    error = ProviderProtocolError("cut", provider="openai", request_id="req_1")
    assert written(START, *before, ErrorEvent.of(error))[-1] == b"(comment)data: fail provider_protocol gpt-x\n\n"


def test_surface_stream_failure_without_its_error_is_still_one() -> None:
    """An event that came from elsewhere has only its document."""
    problem = Problem(type="urn:x", title="X", status=503, detail="x", error_type="x")
    assert written(START, ErrorEvent(problem=problem))[-1] == b"(comment)data: fail internal_error gpt-x\n\n"


def test_surface_stream_that_never_opened_fails_by_the_asked_model() -> None:
    """Nobody had answered yet."""
    writer = SurfaceEvents(SPELLED, asked_for("auto"), created=7)
    assert writer.fail(ProviderUnavailableError("x")) == b"data: fail provider_unavailable auto\n\n"
