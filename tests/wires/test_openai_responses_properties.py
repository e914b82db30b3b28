"""Does a stream of /responses decode like the plain body, however it is cut up, and does no garbage escape?"""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.json_text import dump_json
from app.wires.openai_responses import StreamDecoder, decode_response, encode_request
from contracts.calls import Reply
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    ResponseFormat,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta
from contracts.errors import InvalidRequestError, LLMProviderError
from tests.kit.cut_stream import events_of, in_pieces
from tests.wires.conversations import JSON, TEXT
from tests.wires.vendor_cases import GOLDEN

FEW = settings(max_examples=25, deadline=None)
STREAMS = {path.name: path.read_bytes() for path in (GOLDEN / "openai_responses").glob("*.sse")}
EVENTS = st.sampled_from(
    [
        "message",
        "error",
        "response.created",
        "response.output_item.added",
        "response.output_item.done",
        "response.output_text.delta",
        "response.refusal.delta",
        "response.reasoning_summary_text.delta",
        "response.reasoning_text.delta",
        "response.function_call_arguments.delta",
        "response.completed",
        "response.incomplete",
        "response.failed",
    ]
)
KINDS = st.sampled_from(["message", "reasoning", "function_call", "web_search_call"])
FIELDS = {
    "type": KINDS | JSON,
    "id": st.sampled_from(["a", "b"]) | JSON,
    "call_id": st.sampled_from(["a", "b"]) | JSON,
    "name": TEXT | JSON,
    "arguments": TEXT | JSON,
    "encrypted_content": JSON,
    "content": JSON | st.lists(st.fixed_dictionaries({"type": st.sampled_from(["output_text", "refusal"]) | JSON})),
    "summary": JSON | st.lists(st.fixed_dictionaries({"type": st.just("summary_text"), "text": JSON})),
}
ITEMS = st.fixed_dictionaries({}, optional=FIELDS)
STATUSES = st.sampled_from(["completed", "incomplete", "failed", "queued"])
RESPONSES = st.fixed_dictionaries(
    {},
    optional={
        "status": STATUSES | JSON,
        "output": st.lists(ITEMS, max_size=3) | JSON,
        "error": st.none() | JSON,
        "incomplete_details": JSON,
        "usage": JSON,
        "model": TEXT | JSON,
    },
)
DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "item": ITEMS | JSON,
        "response": RESPONSES | JSON,
        "delta": TEXT | JSON,
        "output_index": st.integers(-1, 2) | JSON,
        "item_id": st.sampled_from(["a", "b"]) | JSON,
        "content_index": st.integers(-1, 2) | JSON,
        "summary_index": st.integers(-1, 2) | JSON,
    },
)


async def streamed(data: bytes, points: list[int]) -> tuple[list[Delta], Reply | str]:
    """The deltas and the reply, or the words of the error instead of it."""
    decoder = StreamDecoder(provider="row", model="m")
    deltas: list[Delta] = []
    try:
        for event in events_of(in_pieces(data, points)):
            deltas += decoder.feed(event.event, event.data)
        return deltas, decoder.reply()
    except LLMProviderError as error:
        return deltas, str(error)


@pytest.mark.parametrize("name", STREAMS)
@FEW
@given(draw=st.data())
async def test_stream_is_the_same_however_it_is_cut(name: str, draw: st.DataObject) -> None:
    """Chunk boundaries anywhere give the same deltas and the same answer."""
    data = STREAMS[name]
    points = sorted(draw.draw(st.sets(st.integers(0, len(data)), max_size=8)))
    assert await streamed(data, points) == await streamed(data, [])


@pytest.mark.parametrize("name", STREAMS)
async def test_stream_decodes_like_the_plain_body(name: str) -> None:
    """What the last event carries is the whole answer, and the deltas add up to it."""
    deltas, reply = await streamed(STREAMS[name], [])
    last = json.loads(STREAMS[name].rstrip().rpartition(b"data: ")[2])
    if isinstance(reply, str):
        assert last["type"] not in ("response.completed", "response.incomplete")
        return
    assert decode_response(json.dumps(last["response"]).encode(), provider="row", model="m") == reply
    assert "".join(delta.text for delta in deltas if isinstance(delta, TextDelta)) == reply.message.text
    thoughts = [part.text for part in reply.message.content if isinstance(part, ReasoningPart)]
    assert "".join(delta.text for delta in deltas if isinstance(delta, ReasoningDelta)) == "".join(thoughts)


@FEW
@given(data=st.binary(max_size=64) | JSON.map(dump_json) | RESPONSES.map(dump_json))
def test_any_body_is_an_answer_or_an_error_of_ours(data: bytes) -> None:
    """Garbage never escapes as another exception."""
    try:
        outcome: object = decode_response(data, provider="row", model="m")
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


@settings(max_examples=50, deadline=None)
@given(events=st.lists(st.tuples(EVENTS, TEXT | DOCUMENTS.map(lambda value: dump_json(value).decode())), max_size=6))
def test_any_events_are_an_answer_or_an_error_of_ours(events: list[tuple[str, str]]) -> None:
    """Events in any order, with fields of any type, never end in another exception."""
    decoder = StreamDecoder(provider="row", model="m")
    try:
        for event, data in events:
            decoder.feed(event, data)
        outcome: object = decoder.reply()
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


PARTS = st.one_of(
    st.builds(ImagePart, url=st.none() | TEXT, data=st.none() | TEXT, media_type=st.none() | TEXT),
    st.builds(FilePart, url=st.none() | TEXT, data=st.none() | TEXT, file_id=st.none() | TEXT),
    st.builds(ToolCallPart, id=TEXT, name=TEXT, arguments=TEXT),
    st.builds(ReasoningPart, text=TEXT, signature=st.none() | TEXT | JSON.map(json.dumps), provider=st.just("row")),
    st.builds(RawPart, provider=st.sampled_from(["row", "other"]), data=st.dictionaries(TEXT, JSON, max_size=2)),
    st.builds(ToolResultPart, tool_call_id=TEXT, content=st.builds(tuple)),
    st.builds(TextPart, text=TEXT),
)
CONVERSATIONS = st.builds(
    Conversation,
    messages=st.lists(st.builds(Message, content=st.lists(PARTS, max_size=3).map(tuple)), max_size=4).map(tuple),
    sampling=st.builds(Sampling),
    tools=st.lists(st.builds(Tool, parameters=st.just({})), max_size=2).map(tuple),
    response_format=st.none() | st.builds(ResponseFormat, json_schema=st.none()),
    reasoning_effort=st.none() | st.sampled_from(ReasoningEffort),
)


@FEW
@given(conversation=CONVERSATIONS)
def test_any_conversation_is_a_body_or_a_refusal(conversation: Conversation) -> None:
    """Whatever the contract lets through is JSON, or refused by name."""
    try:
        made: Any = encode_request(conversation, provider="row", model="m", stream=True)
    except InvalidRequestError as error:
        made = error
    assert (
        made.errors if isinstance(made, InvalidRequestError) else json.loads(dump_json(made.body))["input"] is not None
    )
