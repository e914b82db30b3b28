"""Does a stream decode like the plain body, does a reply go back as it came, and is every conversation written?"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.gemini import ModelTraits, StreamDecoder, decode_response, encode_request
from app.wires.json_text import dump_json
from contracts.calls import Reply
from contracts.chat import (
    Conversation,
    FilePart,
    ImagePart,
    Message,
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

FEW = settings(max_examples=40, deadline=None)
TRAITS = ModelTraits(thinking_levels=("low", "high"), is_third_generation=True)
OLDER = ModelTraits(thinking_tokens=(1, 9), can_rest=True)
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=24)
WORDS = st.text("abc ", min_size=1, max_size=8)
SIGNATURE = st.text("ABCabc012+/=", min_size=1, max_size=8)
SIGNED = st.fixed_dictionaries({}, optional={"thoughtSignature": SIGNATURE})
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
CALLS = st.fixed_dictionaries({"name": st.text("abc", min_size=1, max_size=5), "args": st.dictionaries(TEXT, JSON)})


def with_signature(part: st.SearchStrategy[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.tuples(part, SIGNED).map(lambda both: {**both[0], **both[1]})


PARTS = st.lists(
    with_signature(
        st.one_of(
            WORDS.map(lambda text: {"text": text}),
            WORDS.map(lambda text: {"text": text, "thought": True}),
            CALLS.map(lambda call: {"functionCall": call}),
        )
    ),
    max_size=6,
)


def document(parts: list[dict[str, Any]], finish: str | None = "STOP") -> dict[str, Any]:
    return {"responseId": "r", "candidates": [{"content": {"parts": parts}, "finishReason": finish}]}


@FEW
@given(parts=PARTS, draw=st.data())
async def test_stream_decodes_like_the_plain_body(parts: list[dict[str, Any]], draw: st.DataObject) -> None:
    """One answer, sent whole or in any pieces, is the same reply."""
    chunks = [*(document([part], None) for part in parts), document([])]
    data = "".join(f"data: {json.dumps(chunk, ensure_ascii=False)}\r\n\r\n" for chunk in chunks).encode()
    points = sorted(draw.draw(st.sets(st.integers(0, len(data)), max_size=8)))
    decoder = StreamDecoder(provider="row", model="m")
    for event in events_of(in_pieces(data, points)):
        decoder.feed(event.event, event.data)
    plain = decode_response(json.dumps(document(parts)).encode(), provider="row", model="m")
    assert decoder.reply() == plain


def without_unsigned_thoughts(parts: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What must go back of `parts`: fragments made one up to their signature, unsigned thoughts left out."""
    merged: list[dict[str, Any]] = []
    for part in parts:
        last = merged[-1] if merged else {}
        goes_on = "text" in part and "text" in last and last.get("thought") == part.get("thought")
        if goes_on and "thoughtSignature" not in last:
            merged[-1] = {**part, "text": last["text"] + part["text"]}
        else:
            merged.append(part)
    return [part for part in merged if not part.get("thought") or "thoughtSignature" in part]


@FEW
@given(parts=PARTS)
def test_reply_goes_back_as_it_came(parts: list[dict[str, Any]]) -> None:
    """Every text, call and signature of an answer stands in the next request where it stood."""
    reply = decode_response(json.dumps(document(parts)).encode(), provider="row", model="m")
    asked = Message(role=Role.USER, content=(TextPart(text="go"),))
    conversation = Conversation(messages=(asked, reply.message, asked))
    encoded = encode_request(conversation, provider="row", model="m", traits=OLDER)
    contents = [content for content in encoded.body["contents"] if content["role"] == "model"]
    echoed = [part for content in contents for part in json.loads(dump_json(content["parts"]))]
    for part in echoed:
        part.get("functionCall", {}).pop("id", None)
    assert echoed == without_unsigned_thoughts(parts)


@FEW
@given(data=st.binary(max_size=64) | JSON.map(dump_json) | PARTS.map(lambda parts: dump_json(document(parts))[:-9]))
def test_any_body_is_an_answer_or_an_error_of_ours(data: bytes) -> None:
    """Garbage and cut replies never escape as another exception."""
    try:
        outcome: object = decode_response(data, provider="row", model="m")
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


@FEW
@given(
    part=st.dictionaries(st.sampled_from(["text", "thought", "thoughtSignature", "functionCall", "inlineData"]), JSON)
)
def test_any_part_is_read_or_an_error_of_ours(part: dict[str, Any]) -> None:
    """Known names with values of any kind."""
    try:
        outcome: object = decode_response(dump_json(document([part])), provider="row", model="m")
    except LLMProviderError as error:
        outcome = error
    assert isinstance(outcome, Reply | LLMProviderError)


SAID = st.one_of(
    st.builds(TextPart, text=TEXT),
    st.builds(ImagePart, url=st.sampled_from(["https://a/i.png", "https://a/i"])),
    st.builds(FilePart, data=st.just("aGk="), filename=st.none() | st.just("a.pdf")),
    st.builds(RawPart, provider=st.sampled_from(["row", "other"]), data=st.just({"text": "x"})),
    st.builds(ReasoningPart, text=TEXT, signature=st.none() | TEXT, provider=st.sampled_from(["row", "other"])),
    st.builds(RefusalPart, text=TEXT),
)
ARGUMENTS = st.dictionaries(TEXT, JSON).map(json.dumps) | TEXT
CALLED = st.builds(ToolCallPart, id=st.just("c"), name=st.just("n"), arguments=ARGUMENTS)
RESULTS = st.builds(
    ToolResultPart,
    tool_call_id=st.just("c"),
    content=st.lists(st.builds(TextPart, text=TEXT) | st.just(ImagePart(url="https://a/i.png")), max_size=3).map(tuple),
    is_error=st.booleans(),
)


def turns(role: Role, parts: st.SearchStrategy[Any]) -> st.SearchStrategy[Message]:
    return st.lists(parts, min_size=1, max_size=4).map(lambda found: Message(role=role, content=tuple(found)))


MESSAGES = st.one_of(
    turns(Role.SYSTEM, st.builds(TextPart, text=TEXT)),
    turns(Role.USER, SAID | RESULTS),
    turns(Role.ASSISTANT, SAID | CALLED),
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
@given(conversation=CONVERSATIONS, traits=st.sampled_from([TRAITS, OLDER, ModelTraits()]))
def test_valid_conversation_is_written_or_refused(conversation: Conversation, traits: ModelTraits) -> None:
    """It becomes JSON in which every text stands and no turn is empty, or the caller learns what does not fit."""
    try:
        encoded = encode_request(conversation, provider="row", model="m", traits=traits)
    except InvalidRequestError as error:
        named = [one.field for one in error.errors]
    else:
        named = ["messages"]
        check_written(conversation, json.loads(dump_json(encoded.body)))
    assert named == ["messages"]


def check_written(conversation: Conversation, written: dict[str, Any]) -> None:
    sent = json.dumps([written["contents"], written.get("systemInstruction")], ensure_ascii=False)
    assert all(content["parts"] for content in written["contents"])
    for message in conversation.messages:
        for part in message.content:
            if isinstance(part, TextPart | RefusalPart):
                assert json.dumps(part.text, ensure_ascii=False)[1:-1] in sent
