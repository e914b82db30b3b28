"""llama.cpp's server answers three dialects: real conversations, streams, tools and JSON through three of our wires.

What it does not do, in the build that xllamacpp 2026.10.11549 holds, and what the tests say of it instead:

- /v1/responses says `completed` of an answer that `max_output_tokens` cut. Nothing in the answer tells the difference.
- /v1/responses ignores `text.format`, and /v1/messages knows no format at all: prose comes back, which is found out by
  our own check of the answer. /v1/chat/completions alone enforces a schema.
- /v1/chat/completions and /v1/responses take a `tool_choice` that names one tool for `auto`; only `required` forces a
  call. /v1/messages forces a call for both.
- /v1/messages takes no seed, and /v1/responses neither a seed nor stop sequences: ours does not send them there.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import aclosing

import pytest

from app.ports import CallLimits
from app.service import LLMProviderService
from app.settings import Settings
from contracts import Attempt, ContextLengthExceededError, InvalidOutputError, LLMProviderConfig, LLMRequest
from contracts.calls import ModelCall, Reply
from contracts.chat import FinishReason, Message, Role, TextPart, ToolChoice, ToolResultPart
from contracts.deltas import Delta, TextDelta, ToolCallDelta
from tests.integration.local_model.tool_server import MODEL, serving
from tests.integration.local_model.wire_rows import (
    CHAT,
    MESSAGES,
    RESPONSES,
    TALK,
    WEATHER,
    WIRES,
    PathsTransport,
    Row,
    Wire,
    said,
)
from tests.kit.pieces import pieces_of

LIMITS = CallLimits(connect_timeout_seconds=5.0)
REQUIRED = ToolChoice(mode="required")
ASKED = (said(Role.USER, "How is the weather in Rome? Call the function."),)


@pytest.fixture(scope="module")
def server_url() -> Iterator[str]:
    """One server for all tests, which computes one conversation at a time."""
    with serving() as url:
        yield url


@pytest.fixture(params=WIRES, ids=lambda wire: wire.name)
async def row(request: pytest.FixtureRequest, server_url: str) -> AsyncIterator[Row]:
    """A row of each wire; whatever a test asked of it went to that wire's path."""
    wire: Wire = request.param
    transport = PathsTransport()
    yield Row.at(wire, server_url, transport)
    await transport.aclose()
    assert set(transport.paths) == {wire.path}


async def answered(row: Row, call: ModelCall) -> Reply:
    return await row.provider.complete(call, model=row.wire.model, limits=LIMITS)


async def streamed(row: Row, call: ModelCall) -> tuple[list[Delta], Reply]:
    stream = await row.provider.open_stream(call, model=row.wire.model, limits=LIMITS)
    deltas = [delta async for delta in pieces_of(stream) if delta is not None]
    return deltas, stream.reply()


async def test_conversation_is_answered_plain_and_streamed_alike(row: Row) -> None:
    """System, five turns, and the sixth: the same words, finish reason and counts both ways."""
    plain = await answered(row, row.talk(TALK))
    deltas, whole = await streamed(row, row.talk(TALK))
    texts = [delta.text for delta in deltas if isinstance(delta, TextDelta)]
    assert plain.message.text == "cherry"
    assert "".join(texts) == whole.message.text == plain.message.text
    assert plain.finish_reason is FinishReason.STOP
    assert whole.finish_reason is FinishReason.STOP
    assert whole.model == plain.model == MODEL
    assert plain.usage is not None
    assert whole.usage is not None
    assert 30 < plain.usage.input_tokens == whole.usage.input_tokens
    assert 0 < plain.usage.output_tokens == whole.usage.output_tokens
    assert whole.usage.total_tokens == whole.usage.input_tokens + whole.usage.output_tokens
    assert whole.usage.cached_input_tokens > 0


async def test_conversation_is_read_by_the_server_as_it_was_meant(server_url: str) -> None:
    """Sent without tools, it takes as many tokens on /v1/messages as on /v1/chat/completions."""
    transport = PathsTransport()
    rows = [Row.at(wire, server_url, transport) for wire in (CHAT, MESSAGES)]
    chat, messages = [await answered(row, row.talk(TALK)) for row in rows]
    await transport.aclose()
    assert chat.usage is not None
    assert messages.usage is not None
    assert messages.usage.input_tokens == chat.usage.input_tokens
    assert messages.message.text == chat.message.text


async def test_call_is_forced_and_its_result_answered(row: Row) -> None:
    """The tool's name and arguments under its schema, whole and piece by piece; then words for what the tool said."""
    plain = await answered(row, row.order(ASKED, REQUIRED))
    deltas, whole = await streamed(row, row.order(ASKED, REQUIRED))
    (call,) = plain.message.tool_calls
    assert whole.finish_reason is plain.finish_reason is FinishReason.TOOL_CALLS
    check_call(plain)
    check_call(whole)
    check_pieces(deltas, whole)
    result = ToolResultPart(tool_call_id=call.id, content=(TextPart(text="Sunny, 31 degrees."),))
    turns = (*ASKED, plain.message, Message(role=Role.TOOL, content=(result,)))
    last = await answered(row, row.order(turns, ToolChoice(mode="auto"), max_tokens=16))
    assert "sunny" in last.message.text
    assert plain.usage is not None
    assert whole.usage is not None
    assert last.usage is not None
    assert whole.usage.input_tokens == plain.usage.input_tokens
    assert whole.usage.output_tokens > 10
    assert last.usage.input_tokens > plain.usage.input_tokens + 20


def check_call(reply: Reply) -> None:
    """One call, under the tool's schema. Which city it names is the model's affair."""
    (call,) = reply.message.tool_calls
    assert call.name == WEATHER.name
    assert json.loads(call.arguments) in ({"city": "Paris"}, {"city": "Rome"})


def check_pieces(deltas: list[Delta], whole: Reply) -> None:
    """The one call came in pieces: its id and name first, then its arguments."""
    pieces = [delta for delta in deltas if isinstance(delta, ToolCallDelta)]
    (call,) = whole.message.tool_calls
    assert len(pieces) > 3
    assert (pieces[0].id, pieces[0].name) == (call.id, call.name)
    assert {piece.index for piece in pieces} == {0}
    assert "".join(piece.arguments for piece in pieces) == call.arguments


async def test_answer_that_is_cut_says_so_where_the_server_does(row: Row) -> None:
    """`length`, plain and streamed; /v1/responses calls it complete, with exactly as many tokens as were allowed."""
    call = row.talk((said(Role.USER, "Write a long story."),), max_tokens=row.wire.least_tokens)
    expected = FinishReason.STOP if row.wire is RESPONSES else FinishReason.LENGTH
    plain = await answered(row, call)
    _, whole = await streamed(row, call)
    assert whole.finish_reason is plain.finish_reason is expected
    assert plain.usage is not None
    assert plain.usage.output_tokens == row.wire.least_tokens
    assert (plain.warnings, whole.warnings) == ((), ())


async def test_conversation_longer_than_the_window_is_the_callers_error(row: Row) -> None:
    """Plain and streamed: nothing is cut in silence, and no route is blamed."""
    call = row.talk((said(Role.USER, "word " * 2000),))
    with pytest.raises(ContextLengthExceededError):
        await answered(row, call)
    with pytest.raises(ContextLengthExceededError):
        await row.provider.open_stream(call, model=row.wire.model, limits=LIMITS)


async def test_server_is_free_when_a_stream_is_left(row: Row) -> None:
    """It computes one conversation at a time, and this story takes four seconds or more: the next waits for no end."""
    endless = row.talk((said(Role.USER, "Write a long story."),), max_tokens=800)
    stream = await row.provider.open_stream(endless, model=row.wire.model, limits=LIMITS)
    async with aclosing(aiter(stream)) as deltas:
        async for delta in deltas:
            if isinstance(delta, TextDelta):
                break
    await stream.aclose()
    async with asyncio.timeout(3):
        assert (await answered(row, row.talk(TALK, max_tokens=1))).message.text


VERDICT = {
    "type": "object",
    "properties": {"winner": {"enum": ["A", "B"]}},
    "required": ["winner"],
    "additionalProperties": False,
}


@pytest.fixture
async def service(server_url: str) -> AsyncIterator[LLMProviderService]:
    """The whole service, with a row for each wire and nobody else."""
    rows = {wire.name: wire.config(server_url) for wire in WIRES}
    made = LLMProviderService(settings=Settings(config=LLMProviderConfig(providers=rows, fallback_order=tuple(rows))))
    await made.start()
    yield made
    await made.stop()


def judging(wire: Wire, **more: object) -> LLMRequest:
    """A request for a verdict of `wire` alone, unless `more` says otherwise."""
    brought = {"tools": [{"name": "idle"}], "tool_choice": {"mode": "none"}} if wire.talks_with_tools else {}
    asked = {"prompt": "Say hello", "provider": wire.name, "max_tokens": 24, "temperature": 0}
    shape = {"type": "json_schema", "json_schema": VERDICT}
    return LLMRequest.model_validate({**asked, "response_format": shape, "enable_fallback": False, **brought, **more})


async def test_schema_is_enforced_where_the_server_can(service: LLMProviderService) -> None:
    """On /v1/chat/completions the first answer is valid."""
    answer = await service.process_request(judging(CHAT))
    assert json.loads(answer.content)["winner"] in ("A", "B")
    assert outcomes(answer.attempts) == [("chat", None)]


async def test_schema_that_responses_ignores_is_held_by_the_next_candidate(service: LLMProviderService) -> None:
    """Prose comes back with a 200: it is asked for once more, and then the next candidate is."""
    answer = await service.process_request(judging(RESPONSES, fallback_providers=["chat"], enable_fallback=True))
    assert json.loads(answer.content)["winner"] in ("A", "B")
    assert outcomes(answer.attempts) == [
        ("responses", "invalid_output"),
        ("responses", "invalid_output"),
        ("chat", None),
    ]


async def test_schema_that_messages_does_not_know_is_never_taken_for_held(service: LLMProviderService) -> None:
    """It was sent as an instruction, prose came back twice: an error, and no answer of the wrong shape."""
    with pytest.raises(InvalidOutputError) as raised:
        await service.process_request(judging(MESSAGES, stop=[" ", "a", "e", "i", "o"]))
    assert outcomes(raised.value.attempts) == [("messages", "invalid_output")] * 2


def outcomes(attempts: Iterable[Attempt]) -> list[tuple[str, str | None]]:
    """Who was asked, and with what error."""
    return [(attempt.provider, attempt.error_type) for attempt in attempts]
