"""Does a stream of /v1/messages decode like the plain body, however cut up, and is garbage never more than garbage?"""

from __future__ import annotations

import json
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.providers.claude_models import abilities_of
from app.wires.anthropic_messages import StreamDecoder, decode_response, encode_request
from app.wires.anthropic_messages.schema import InexpressibleError, translate
from app.wires.json_text import dump_json
from contracts.calls import Reply
from contracts.chat import (
    Conversation,
    Message,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolResultPart,
)
from contracts.errors import InvalidRequestError, LLMProviderError
from tests.kit.cut_stream import events_of, in_pieces

FEW = settings(max_examples=50, deadline=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
WORDS = TEXT.filter(str.strip)
COUNT = st.integers(0, 1000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
)
BLOCKS = st.one_of(
    st.fixed_dictionaries({"type": st.just("text"), "text": WORDS}),
    st.fixed_dictionaries({"type": st.just("thinking"), "thinking": TEXT, "signature": WORDS}),
    st.fixed_dictionaries({"type": st.just("redacted_thinking"), "data": TEXT}),
    st.fixed_dictionaries(
        {
            "type": st.just("tool_use"),
            "id": st.just("a"),
            "name": st.just("n"),
            "input": st.dictionaries(TEXT, JSON, max_size=3),
        }
    ),
)
ANSWERS = st.fixed_dictionaries(
    {
        "model": st.just("m"),
        "content": st.lists(BLOCKS, max_size=4),
        "stop_reason": st.sampled_from(["end_turn", "max_tokens", "tool_use", "refusal", "pause_turn"]),
        "usage": st.fixed_dictionaries(
            {"input_tokens": COUNT, "output_tokens": COUNT, "cache_read_input_tokens": COUNT}
        ),
    }
)
GROWING = {"text": "text", "thinking": "thinking", "signature": "signature"}


def pieces(text: str, draw: st.DataObject) -> list[str]:
    """`text` in pieces of any size."""
    points = sorted(draw.draw(st.sets(st.integers(0, len(text)), max_size=3)))
    return [text[start:end] for start, end in zip([0, *points], [*points, len(text)], strict=True)]


def block_events(index: int, block: dict[str, Any], draw: st.DataObject) -> list[dict[str, Any]]:
    begun = {**block, **{name: "" for name in GROWING if name in block}}
    deltas = [{name: piece} for name in GROWING if name in block for piece in pieces(block[name], draw)]
    if "input" in block:
        begun["input"] = {}
        text = dump_json(block["input"]).decode()
        deltas = [{"type": "input_json_delta", "partial_json": piece} for piece in pieces(text, draw)]
    return [
        {"type": "content_block_start", "index": index, "content_block": begun},
        *({"type": "content_block_delta", "index": index, "delta": delta} for delta in deltas),
        {"type": "content_block_stop", "index": index},
    ]


def stream_bytes(answer: dict[str, Any], draw: st.DataObject) -> bytes:
    first = {"model": answer["model"], "content": [], "usage": {**answer["usage"], "output_tokens": 1}}
    events: list[dict[str, Any]] = [{"type": "message_start", "message": first}, {"type": "ping"}]
    for index, block in enumerate(answer["content"]):
        events += block_events(index, block, draw)
    usage = {"output_tokens": answer["usage"]["output_tokens"]}
    events.append({"type": "message_delta", "delta": {"stop_reason": answer["stop_reason"]}, "usage": usage})
    events.append({"type": "message_stop"})
    lines = (f"event: {one['type']}\ndata: {json.dumps(one, ensure_ascii=False)}\n\n" for one in events)
    return "".join(lines).encode()


async def streamed(data: bytes, points: list[int]) -> StreamDecoder:
    decoder = StreamDecoder(provider="row", model="m")
    for event in events_of(in_pieces(data, points)):
        decoder.feed(event.event, event.data)
    return decoder


@FEW
@given(answer=ANSWERS, draw=st.data())
async def test_stream_decodes_like_the_plain_body(answer: dict[str, Any], draw: st.DataObject) -> None:
    """One answer, sent whole or in any pieces, is the same reply."""
    data = stream_bytes(answer, draw)
    points = sorted(draw.draw(st.sets(st.integers(0, len(data)), max_size=8)))
    plain = decode_response(dump_json(answer), provider="row", model="m")
    decoder = await streamed(data, points)
    assert decoder.is_done
    assert decoder.reply() == plain


@FEW
@given(answer=ANSWERS)
def test_answer_goes_back_as_it_came(answer: dict[str, Any]) -> None:
    """Every block of an answer is sent back unchanged in the next turn, signatures and order included."""
    reply = decode_response(dump_json(answer), provider="row", model="m")
    turns = (
        Message(role=Role.USER, content=(TextPart(text="Hi"),)),
        reply.message,
        Message(role=Role.USER, content=(TextPart(text="And?"),)),
    )
    encoded = encode_request(
        Conversation(messages=turns),
        provider="row",
        model="m",
        stream=False,
        abilities=abilities_of("claude-haiku-5-5"),
    )
    sent = json.loads(dump_json(encoded.body))["messages"]
    assert [block for turn in sent if turn["role"] == "assistant" for block in turn["content"]] == answer["content"]
    assert encoded.warnings == ()


@FEW
@given(answer=ANSWERS, draw=st.data())
async def test_stream_cut_anywhere_is_whole_or_an_error_of_ours(answer: dict[str, Any], draw: st.DataObject) -> None:
    """Before its stop reason it never looks whole."""
    data = stream_bytes(answer, draw)
    end = draw.draw(st.integers(0, len(data)))
    try:
        decoder = await streamed(data[:end], [])
        outcome: object = decoder.reply()
        assert decoder.is_finished
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


SOUP = st.fixed_dictionaries(
    {},
    optional={
        "type": st.sampled_from(["text", "message_start", "content_block_start", "content_block_delta", "error"])
        | JSON,
        "index": JSON,
        "delta": JSON,
        "content_block": JSON,
        "message": JSON,
        "content": st.lists(BLOCKS | JSON),
        "stop_reason": JSON,
        "stop_details": JSON,
        "usage": JSON,
        "error": JSON,
    },
)


@FEW
@given(data=st.binary(max_size=64) | SOUP.map(dump_json) | JSON.map(dump_json))
def test_any_body_is_an_answer_or_an_error_of_ours(data: bytes) -> None:
    """Garbage never escapes as another exception, be it a body or an event."""
    decoder = StreamDecoder(provider="row", model="m")
    outcomes: list[object] = []
    for decode in (
        lambda: decode_response(data, provider="row", model="m"),
        lambda: decoder.feed("message", data.decode("utf-8", "replace")),
    ):
        try:
            outcomes.append(decode())
        except LLMProviderError as error:
            outcomes.append(error)
    assert all(isinstance(outcome, Reply | list | LLMProviderError) for outcome in outcomes)


PARTS = st.one_of(
    st.builds(TextPart, text=TEXT),
    st.builds(RawPart, provider=st.sampled_from(["row", "other"]), data=st.just({"type": "x"})),
    st.builds(ReasoningPart, text=TEXT, signature=st.none() | TEXT, provider=st.sampled_from(["row", "other"])),
)
CALLS = st.builds(ToolCallPart, id=TEXT.filter(bool), name=st.just("n"), arguments=TEXT)
RESULTS = st.builds(ToolResultPart, tool_call_id=TEXT.filter(bool), content=st.just((TextPart(text="r"),)))
MESSAGES = st.one_of(
    st.lists(PARTS, min_size=1, max_size=3).map(lambda parts: Message(role=Role.USER, content=tuple(parts))),
    st.lists(PARTS | CALLS, min_size=1, max_size=3).map(
        lambda parts: Message(role=Role.ASSISTANT, content=tuple(parts))
    ),
    RESULTS.map(lambda result: Message(role=Role.TOOL, content=(result,))),
    TEXT.map(lambda text: Message(role=Role.SYSTEM, content=(TextPart(text=text),))),
)
CONVERSATIONS = st.builds(
    Conversation,
    messages=st.lists(MESSAGES, min_size=1, max_size=5).map(tuple),
    sampling=st.builds(Sampling, temperature=st.none() | st.floats(0, 2), max_tokens=st.none() | st.integers(1, 9999)),
    tools=st.lists(st.builds(Tool, name=st.just("n")), max_size=1).map(tuple),
    response_format=st.none() | st.just(ResponseFormat(type="json_schema", json_schema={"type": "object"})),
    reasoning_effort=st.none() | st.sampled_from(ReasoningEffort),
)
MODELS = ("claude-opus-5-5", "claude-haiku-5-5", "claude-opus-4-6", "claude-haiku-4-5", "claude-3-opus", "their-own")


@FEW
@given(model=st.sampled_from(MODELS), conversation=CONVERSATIONS)
def test_conversation_is_written_or_refused(model: str, conversation: Conversation) -> None:
    """In alternating turns with every word of it, and a budget below `max_tokens`; or the caller learns why not."""
    try:
        encoded = encode_request(conversation, provider="row", model=model, stream=True, abilities=abilities_of(model))
    except InvalidRequestError:
        assert cannot_be_told(model, conversation)
        return
    body = json.loads(dump_json(encoded.body))
    roles = [turn["role"] for turn in body["messages"]]
    assert all(one != other for one, other in pairwise(roles))
    assert body.get("thinking", {}).get("budget_tokens", 0) < body["max_tokens"]
    said = json.dumps([body["messages"], body.get("system")], ensure_ascii=False)
    texts = (part.text for turn in conversation.messages for part in turn.content if isinstance(part, TextPart))
    assert all(json.dumps(text, ensure_ascii=False) in said for text in texts if text.strip())


def cannot_be_told(model: str, conversation: Conversation) -> bool:
    """Nothing is said by a user, or the end is a turn that the model does not continue."""
    spoken = [turn for turn in conversation.messages if turn.role is not Role.SYSTEM]
    has_end = any(turn.role is Role.ASSISTANT for turn in spoken)
    is_said = any(isinstance(part, TextPart) and part.text.strip() for turn in spoken for part in turn.content)
    return not is_said or (has_end and not abilities_of(model).takes_prefill)


KEYWORDS = ["type", "properties", "items", "anyOf", "allOf", "oneOf", "enum", "const", "$ref", "$defs", "minimum"]


@FEW
@given(schema=st.dictionaries(st.sampled_from(KEYWORDS), JSON | st.just({"type": "string"}) | st.just("#/$defs/a")))
def test_any_schema_is_translated_or_told(schema: dict[str, Any]) -> None:
    """No schema, however odd, fails in another way."""
    try:
        translated, _ = translate(schema)
    except InexpressibleError:
        translated = {}
    assert isinstance(translated, dict)
