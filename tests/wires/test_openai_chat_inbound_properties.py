"""Does the inbound half of /chat/completions understand what the outbound half writes, and the other way round?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from app.wires.inbound import Inbound, ReplyNames
from app.wires.inbound import StreamEncoder as Encoder
from app.wires.json_text import dump_json, load_json
from app.wires.openai_chat import (
    EffortStyle,
    Quirks,
    ReasoningEcho,
    StreamDecoder,
    StreamEncoder,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from contracts.calls import Reply
from contracts.chat import Conversation, FilePart, RawPart, ReasoningPart, RefusalPart, TextPart
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from tests.wires import conversations as some

FEW = settings(max_examples=30, deadline=None)
ROW = "row"
DETAILS: some.Details = ("auto", "low", "high", None)
OPENAI = Quirks()
# The most that any vendor of this dialect takes.
GENEROUS = Quirks(
    takes_images_in_tool_results=True,
    takes_file_urls=True,
    takes_cache_marks=True,
    reasoning_echo=ReasoningEcho.DETAILS,
    effort_style=EffortStyle.OBJECT,
)
SIGNED = st.lists(some.WORDS, min_size=1, max_size=2).map(
    lambda texts: ReasoningPart(
        text="".join(texts),
        signature=dump_json(
            [{"type": "reasoning.text", "text": text, "index": n, "format": "x"} for n, text in enumerate(texts)]
        ).decode(),
        provider=ROW,
    )
)
RAW = st.builds(RawPart, provider=st.just(ROW), data=st.just({"type": "input_audio", "input_audio": {"data": "x"}}))
MEDIA = (some.image_urls(details=DETAILS), some.inline_images(details=DETAILS), some.inline_files(), some.file_ids())


# A file needs a name here: the outbound half makes one up where there is none.
FILE_URLS = some.file_urls().map(lambda part: replace(part, filename="b.pdf"))


def is_marked(part: Any) -> bool:
    return part.cache_control is not None


# One text in a turn of the assistant, and one in a tool's answer: this dialect writes them as one string.
PLAIN = some.Speech(
    system=some.some(some.texts()),
    user=some.some(some.texts(), *MEDIA, RAW),
    assistant=some.in_order(some.maybe(some.texts()), some.maybe(some.refusals()), some.calls()),
    result_of=some.results(some.some(some.texts(), most=1)),
)
RICH = some.Speech(
    system=some.some(some.texts(some.MARKS)),
    user=some.some(some.texts(some.MARKS), FILE_URLS, *MEDIA, RAW),
    assistant=some.in_order(
        some.maybe(SIGNED | some.reasoning(ROW)),
        some.maybe(some.texts()) | some.some(some.texts(some.MARKS).filter(is_marked)),
        some.maybe(some.refusals()),
        some.calls(),
    ),
    result_of=some.results(some.some(some.texts(), some.inline_images())),
)
ASKED = some.Asked(
    sampling=some.sampling(), formats=some.formats(), efforts=some.EFFORTS, cache_keys=st.none() | some.NAMES
)
ASKED_RICH = some.Asked(sampling=some.sampling(), formats=some.formats(), efforts=some.EFFORTS, tool_marks=some.MARKS)


def there_and_back(conversation: Conversation, quirks: Quirks, *, stream: bool) -> Inbound:
    encoded = encode_request(conversation, provider=ROW, model="m-1", stream=stream, quirks=quirks)
    assert encoded.warnings == ()
    # As the door reads it: fractions are Decimals.
    return decode_request(load_json(dump_json(encoded.body)), provider=ROW)


@FEW
@given(conversation=some.conversations(PLAIN, ASKED), stream=st.booleans())
def test_openai_request_is_understood_as_it_was_meant(conversation: Conversation, stream: bool) -> None:
    """What we say to OpenAI is the same conversation again, with nothing over."""
    inbound = there_and_back(conversation, OPENAI, stream=stream)
    assert inbound.conversation == conversation
    assert bool(inbound.demands) == has_own_parts(conversation)
    expected = Inbound(read_as=conversation, model="m-1", is_stream=stream, wants_usage=True)
    assert replace(inbound, demands=()) == expected


def has_own_parts(conversation: Conversation) -> bool:
    """Whether it holds what only the vendor understands: parts of its own, and files that it keeps."""
    parts = [part for message in conversation.messages for part in message.content]
    return any(isinstance(part, RawPart) or (isinstance(part, FilePart) and part.file_id) for part in parts)


@FEW
@given(conversation=some.conversations(RICH, ASKED_RICH))
def test_request_of_a_richer_vendor_is_understood_too(conversation: Conversation) -> None:
    """Signed reasoning, cache marks, images that a tool answered, files by URL and effort as OpenRouter has them."""
    inbound = there_and_back(conversation, GENEROUS, stream=False)
    assert inbound.conversation == conversation
    assert inbound.extras == {}


# A usage is always there, as the engine sees to it; where a reply has an effect of its own is said in `replies`.
ANSWERS = some.replies(
    some.in_order(
        some.maybe(SIGNED | some.reasoning(ROW)), some.maybe(some.texts()), some.maybe(some.refusals()), some.calls()
    ),
    usage=some.usages(),
)


def names(reply: Reply) -> ReplyNames:
    return ReplyNames(request_id="r-1", model=reply.model or "m", created=1_700_000_000)


@FEW
@given(reply=ANSWERS)
def test_answer_is_read_as_it_was_given(reply: Reply) -> None:
    """Text, refusal, calls, reasoning with its signature, the end and the usage."""
    body = dump_json(encode_response(reply, names(reply)))
    assert decode_response(body, provider=ROW, model="m", quirks=OPENAI) == reply


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


@FEW
@given(reply=ANSWERS, draw=st.data(), wants_usage=st.booleans())
def test_stream_is_read_as_the_answer_was_given(reply: Reply, draw: st.DataObject, wants_usage: bool) -> None:
    """Whatever its pieces; without usage where none is wanted."""
    encoder: Encoder = StreamEncoder(names(reply), wants_usage=wants_usage)
    decoder = StreamDecoder(provider=ROW, model="m", quirks=OPENAI)
    events = encoder.begin()
    for delta in deltas(reply, draw):
        events += encoder.feed(delta)
    for event in [*events, *encoder.end(reply)]:
        decoder.feed(event.event or "message", event.data)
    assert decoder.is_done
    assert decoder.reply() == (reply if wants_usage else replace(reply, usage=None))
