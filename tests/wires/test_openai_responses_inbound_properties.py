"""Does the inbound half of /responses understand what the outbound half writes, and the other way round?"""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.inbound import Inbound, ReplyNames
from app.wires.inbound import StreamEncoder as Encoder
from app.wires.json_text import dump_json, load_json
from app.wires.openai_responses import (
    StreamDecoder,
    StreamEncoder,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from contracts.calls import Reply
from contracts.chat import Conversation, FilePart, Part, RawPart, ReasoningPart, RefusalPart, TextPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from tests.wires import conversations as some

FEW = settings(max_examples=25, deadline=None)
ROW = "row"
DETAILS: some.Details = ("auto", "low", "high", None)
AUDIO = st.just(RawPart(provider=ROW, data={"type": "input_audio", "input_audio": {"data": "x"}}))
SEARCH = st.just(RawPart(provider=ROW, data={"type": "web_search_call", "id": "ws_1", "action": {"query": "x"}}))


def own_reasoning(texts: list[str]) -> ReasoningPart:
    """As the vendor's own wire reads it: the signature is the item."""
    summary = [{"type": "summary_text", "text": text} for text in texts]
    item = {"encrypted_content": "gAAA", "id": "rs_1", "summary": summary, "type": "reasoning"}
    return ReasoningPart(text="\n\n".join(texts), signature=dump_json(item).decode(), provider=ROW)


SIGNED = st.lists(some.WORDS, max_size=2).map(own_reasoning)
# What another vendor signed, or did not sign, travels inside the opaque field.
FOREIGN = some.reasoning("other", st.none() | some.TEXT, some.TEXT)

MEDIA = (
    some.image_urls(details=DETAILS),
    some.inline_images(details=DETAILS),
    some.inline_files(),
    some.file_urls(),
    some.file_ids(),
)
# Turns of the assistant are never two in a row here: items do not say where one turn ends.
SPEECH = some.Speech(
    system=some.some(some.texts()),
    user=some.some(some.texts(), *MEDIA, AUDIO),
    assistant=some.in_order(some.some(some.texts(), some.refusals(), SIGNED, SEARCH, least=0), some.calls()),
    result_of=some.results(some.some(some.texts(), some.image_urls(details=DETAILS), some.inline_images())),
    has_result_turns=True,
)
ASKED = some.Asked(
    # The vendor's least number of tokens is 16; stop, seed and penalties have no field.
    sampling=some.sampling("max_tokens", "temperature", "top_p").filter(lambda one: (one.max_tokens or 16) >= 16),
    formats=some.formats(),
    efforts=some.EFFORTS,
    # Left out, `strict` would be true here, so None is written as false.
    strictness=(True, False),
    cache_keys=st.none() | some.NAMES,
)


@FEW
@given(conversation=some.conversations(SPEECH, ASKED), stream=st.booleans())
def test_request_is_understood_as_it_was_meant(conversation: Conversation, stream: bool) -> None:
    """What we say to OpenAI is the same conversation again, with nothing over."""
    encoded = encode_request(conversation, provider=ROW, model="m-1", stream=stream)
    assert encoded.warnings == ()
    # As the door reads it: fractions are Decimals.
    inbound = decode_request(load_json(dump_json(encoded.body)), provider=ROW)
    assert inbound.conversation == conversation
    parts = [part for message in conversation.messages for part in message.content]
    has_own = any(isinstance(part, RawPart) or (isinstance(part, FilePart) and part.file_id) for part in parts)
    assert bool(inbound.demands) == has_own
    assert replace(inbound, demands=()) == Inbound(read_as=conversation, model="m-1", is_stream=stream)


# What the vendor calls an answer that is named "r-1".
ANSWER_ID = "resp_r-1"


def names(reply: Reply) -> ReplyNames:
    return ReplyNames(request_id="r-1", model=reply.model or "m", created=1_700_000_000)


def answers(*thoughts: st.SearchStrategy[ReasoningPart]) -> st.SearchStrategy[Reply]:
    said = some.some(some.texts(), some.refusals(), SEARCH, *thoughts, least=0)
    return some.replies(some.in_order(said, some.calls()), usage=some.usages())


@FEW
@given(reply=answers(SIGNED, FOREIGN))
def test_answer_is_read_as_it_was_given(reply: Reply) -> None:
    """Text, refusal, calls, the vendor's own items, everybody's reasoning, the end and the usage."""
    body = dump_json(encode_response(reply, names(reply), provider=ROW))
    assert replace(decode_response(body, provider=ROW, model="m"), item_ids=()) == replace(reply, id=ANSWER_ID)


@FEW
@given(reply=answers(SIGNED, FOREIGN))
def test_answer_sent_back_is_understood(reply: Reply) -> None:
    """A caller who appends the output to his next input gives the same turn again."""
    output = encode_response(reply, names(reply), provider=ROW)["output"]
    question = {"role": "user", "content": "And?"}
    turns = decode_request({"model": "m", "input": [*output, question]}, provider=ROW).conversation.messages
    assert turns[:-1] == ((reply.message,) if reply.message.content else ())


def pieces(text: str, draw: st.DataObject) -> list[str]:
    cut = draw.draw(st.integers(0, len(text)))
    return [piece for piece in (text[:cut], text[cut:]) if piece]


def deltas(reply: Reply, draw: st.DataObject) -> list[Delta]:
    """The answer in pieces, those of its tool calls mixed."""
    found: list[Delta] = []
    for part in reply.message.content:
        match part:
            case ReasoningPart():
                found += [ReasoningDelta(text=piece) for piece in pieces(part.text, draw)]
            case TextPart() | RefusalPart():
                is_refusal = isinstance(part, RefusalPart)
                found += [TextDelta(text=piece, is_refusal=is_refusal) for piece in pieces(part.text, draw)]
    calls = list(enumerate(reply.message.tool_calls))
    cuts = [pieces(call.arguments, draw) for _, call in calls]
    # Numbers as another dialect may count them.
    found += [ToolCallDelta(index=3 * n + 1, id=call.id, name=call.name, arguments=cuts[n][0]) for n, call in calls]
    return found + [ToolCallDelta(index=3 * n + 1, arguments=piece) for n, _ in calls for piece in cuts[n][1:]]


def streamed(reply: Reply, found: list[Delta]) -> tuple[list[dict[str, Any]], StreamDecoder]:
    encoder: Encoder = StreamEncoder(names(reply), provider=ROW)
    decoder = StreamDecoder(provider=ROW, model="m")
    events = encoder.begin()
    for delta in found:
        events += encoder.feed(delta)
    events += encoder.end(reply)
    for event in events:
        decoder.feed(event.event or "message", event.data)
    return [json.loads(event.data) for event in events], decoder


def without_boundaries(reply: Reply) -> Reply:
    """Deltas do not say where one text ends and the next of its kind begins."""
    parts: list[Part] = []
    for part in reply.message.content:
        last = parts[-1] if parts else None
        if (
            isinstance(part, TextPart | RefusalPart)
            and isinstance(last, TextPart | RefusalPart)
            and last.type == part.type
        ):
            parts[-1] = replace(last, text=last.text + part.text)
        else:
            parts.append(part)
    return replace(reply, message=replace(reply.message, content=tuple(parts)))


def has_runs_of_reasoning(reply: Reply) -> bool:
    """Two thoughts in a row are streamed as one; the whole answer has both."""
    kinds = [part.type for part in reply.message.content]
    return ("reasoning", "reasoning") in pairwise(kinds)


SAID = some.some(some.texts(), some.refusals(), least=0)
# What is not streamed stands first: between two texts a stream could not tell that it is there.
STREAMABLE = some.replies(
    some.in_order(
        some.maybe(SEARCH),
        some.maybe(SIGNED | FOREIGN),
        SAID,
        some.maybe(some.reasoning("other", st.none() | some.TEXT)),
        SAID,
        some.calls(),
    ),
    usage=some.usages(),
).filter(lambda reply: not has_runs_of_reasoning(reply))


@FEW
@given(reply=STREAMABLE, draw=st.data())
def test_stream_is_read_as_the_answer_was_given(reply: Reply, draw: st.DataObject) -> None:
    """Whatever its pieces; what was not streamed comes with the end."""
    _, decoder = streamed(reply, deltas(reply, draw))
    assert decoder.is_done
    assert replace(decoder.reply(), item_ids=()) == replace(without_boundaries(reply), id=ANSWER_ID)


@FEW
@given(
    reply=answers(SIGNED, FOREIGN),
    found=st.lists(
        st.builds(TextDelta, text=some.TEXT, is_refusal=st.booleans())
        | st.builds(ReasoningDelta, text=some.TEXT)
        | st.builds(ToolCallDelta, index=st.integers(0, 2), id=some.IDS, name=some.NAMES, arguments=some.TEXT),
        max_size=6,
    ),
)
def test_stream_is_in_order_whatever_was_streamed(reply: Reply, found: list[Delta]) -> None:
    """Numbers without a gap, every item added once before its other events and done once, all in the last event."""
    events, decoder = streamed(reply, found)
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    added: dict[int, str] = {}
    done: dict[int, dict[str, Any]] = {}
    for event in events:
        if event["type"] == "response.output_item.added":
            assert event["output_index"] not in added
            added[event["output_index"]] = event["item"].get("id")
        elif event["type"] == "response.output_item.done":
            assert event["output_index"] not in done
            done[event["output_index"]] = event["item"]
        elif "output_index" in event:
            assert added[event["output_index"]] == event["item_id"]
            assert event["output_index"] not in done
    assert {index: item.get("id") for index, item in done.items()} == added
    assert sorted(added) == list(range(len(added)))
    assert sorted(map(str, done.values())) == sorted(map(str, events[-1]["response"]["output"]))
    assert decoder.is_done
