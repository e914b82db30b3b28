"""Does a stream decode like the plain body, however it is cut up, and can every valid conversation be written?"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.providers.openai_dialect import OpenAIDialect
from app.wires.json_text import dump_json
from app.wires.openai_chat import Quirks, StreamDecoder, decode_response, encode_request
from contracts.calls import Reply
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
    Part,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
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
from tests.wires.vendor_cases import VENDORS

QUIRKS = Quirks(reports_cost=True)
DIALECTS = {name: vendor.dialect for name, vendor in VENDORS.items() if isinstance(vendor.dialect, OpenAIDialect)}
FEW = settings(max_examples=40, deadline=None)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
COUNT = st.integers(0, 1000)
CALLS = st.lists(st.tuples(st.text("abc", min_size=1, max_size=5), TEXT), max_size=3)


@st.composite
def answers(draw: st.DrawFn) -> dict[str, Any]:
    calls = [
        {"index": n, "id": f"id-{n}", "type": "function", "function": {"name": name, "arguments": arguments}}
        for n, (name, arguments) in enumerate(draw(CALLS))
    ]
    message = {"role": "assistant", "content": draw(TEXT), "refusal": draw(TEXT), "reasoning_content": draw(TEXT)}
    return {
        "message": {**message, "tool_calls": calls},
        "finish": draw(st.sampled_from(["stop", "length", "tool_calls", "content_filter"])),
        "usage": {"prompt_tokens": draw(COUNT), "completion_tokens": draw(COUNT), "cost": draw(COUNT) / 1000},
    }


def cut(text: str, draw: st.DataObject) -> list[str]:
    """`text` in pieces of any size."""
    points = sorted(draw.draw(st.sets(st.integers(0, len(text)), max_size=4)))
    return [text[start:end] for start, end in zip([0, *points], [*points, len(text)], strict=True)]


def stream_bytes(answer: dict[str, Any], draw: st.DataObject) -> bytes:
    message = answer["message"]
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    for name in ("reasoning_content", "content", "refusal"):
        deltas += [{name: piece} for piece in cut(message[name], draw)]
    for call in message["tool_calls"]:
        name, arguments = call["function"]["name"], call["function"]["arguments"]
        deltas.append({"tool_calls": [{**call, "function": {"name": name, "arguments": ""}}]})
        deltas += [
            {"tool_calls": [{"index": call["index"], "function": {"arguments": piece}}]}
            for piece in cut(arguments, draw)
        ]
    chunks: list[dict[str, Any]] = [{"choices": [{"index": 0, "delta": delta}]} for delta in deltas]
    chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": answer["finish"]}]})
    chunks.append({"choices": [], "usage": answer["usage"]})
    lines = [": keep-alive", *(f"data: {json.dumps(chunk, ensure_ascii=False)}" for chunk in chunks), "data: [DONE]"]
    return "".join(f"{line}\n\n" for line in lines).encode()


async def streamed(data: bytes, points: list[int]) -> Reply:
    decoder = StreamDecoder(provider="row", model="m", quirks=QUIRKS)
    for event in events_of(in_pieces(data, points)):
        decoder.feed(event.event, event.data)
    assert decoder.is_done
    return decoder.reply()


@FEW
@given(answer=answers(), draw=st.data())
async def test_stream_decodes_like_the_plain_body(answer: dict[str, Any], draw: st.DataObject) -> None:
    """One answer, sent whole or in any pieces, is the same reply."""
    whole = {
        "choices": [{"index": 0, "message": answer["message"], "finish_reason": answer["finish"]}],
        "usage": answer["usage"],
    }
    data = stream_bytes(answer, draw)
    points = sorted(draw.draw(st.sets(st.integers(0, len(data)), max_size=8)))
    plain = decode_response(json.dumps(whole).encode(), provider="row", model="m", quirks=QUIRKS)
    assert await streamed(data, points) == plain


@FEW
@given(data=st.binary(max_size=64) | st.recursive(st.none() | st.integers() | TEXT, st.lists).map(dump_json))
def test_any_body_is_an_answer_or_an_error_of_ours(data: bytes) -> None:
    """Garbage never escapes as another exception."""
    try:
        outcome: object = decode_response(data, provider="row", model="m", quirks=QUIRKS)
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


PARTS = st.one_of(
    st.builds(TextPart, text=TEXT),
    st.builds(ImagePart, url=st.just("https://a/i.png")),
    st.builds(FilePart, data=st.just("aGk="), filename=st.none() | st.just("a.pdf")),
    st.builds(RawPart, provider=st.sampled_from(["row", "other"]), data=st.just({"type": "x"})),
    st.builds(ReasoningPart, text=TEXT, signature=st.none() | TEXT, provider=st.sampled_from(["row", "other"])),
    st.builds(RefusalPart, text=TEXT),
)
CALL_PARTS = st.builds(ToolCallPart, id=st.just("c"), name=st.just("n"), arguments=TEXT)
RESULTS = st.builds(
    ToolResultPart,
    tool_call_id=st.just("c"),
    content=st.lists(
        st.builds(TextPart, text=TEXT) | st.builds(ImagePart, url=st.just("https://a/i.png")), max_size=3
    ).map(tuple),
    is_error=st.booleans(),
)


def turns(role: Role, parts: st.SearchStrategy[Part]) -> st.SearchStrategy[Message]:
    return st.lists(parts, min_size=1, max_size=4).map(lambda found: Message(role=role, content=tuple(found)))


MESSAGES = st.one_of(
    turns(Role.SYSTEM, st.builds(TextPart, text=TEXT)),
    turns(Role.USER, PARTS | RESULTS),
    turns(Role.ASSISTANT, PARTS | CALL_PARTS),
    turns(Role.TOOL, RESULTS),
)
CONVERSATIONS = st.builds(
    Conversation,
    messages=st.lists(MESSAGES, min_size=1, max_size=5).map(tuple),
    sampling=st.builds(Sampling, temperature=st.none() | st.floats(0, 2), seed=st.none() | st.integers()),
    tools=st.lists(st.builds(Tool, name=st.just("n")), max_size=1).map(tuple),
    response_format=st.none() | st.just(ResponseFormat(type="json_schema", json_schema={"type": "object"})),
    reasoning_effort=st.none() | st.sampled_from(ReasoningEffort),
)


@FEW
@given(name=st.sampled_from(sorted(DIALECTS)), conversation=CONVERSATIONS)
def test_valid_conversation_is_written_or_refused(name: str, conversation: Conversation) -> None:
    """It becomes JSON in which every text of the user stands, or the caller learns which part does not fit."""
    quirks = DIALECTS[name].quirks
    fits = {ImagePart: quirks.takes_images, FilePart: quirks.takes_files}
    try:
        encoded = encode_request(conversation, provider="row", model="m", stream=True, quirks=quirks)
    except InvalidRequestError:
        assert not all(fits.values())
        return
    written = json.loads(dump_json(encoded.body))
    sent = json.dumps(written["messages"], ensure_ascii=False)
    for message in conversation.messages:
        for part in message.content:
            if isinstance(part, TextPart | RefusalPart):
                assert json.dumps(part.text, ensure_ascii=False)[1:-1] in sent
