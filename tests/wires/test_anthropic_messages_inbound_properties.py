"""Does what we write in the dialect come back from it the same?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from app.wires.anthropic_messages import (
    Abilities,
    StreamDecoder,
    StreamEncoder,
    ThinkingForm,
    decode_request,
    decode_response,
    encode_request,
    encode_response,
)
from app.wires.inbound import ReplyNames
from app.wires.json_text import dump_json, load_json
from contracts.calls import Reply
from contracts.chat import (
    Conversation,
    FilePart,
    FinishReason,
    ImagePart,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    Sampling,
    TextPart,
    ToolCallPart,
    ToolChoice,
    Usage,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from tests.wires import conversations as made

FEW = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow]
)
ROW = "row"
# A picture for the eyes of a program: PNG by its first bytes.
PIXELS = "iVBORw0KGgoAAAANSUhEUg=="

signatures = made.WORDS
thoughts = made.maybe(made.reasoning(ROW, signatures=signatures, text=made.TEXT))
raws = made.some(
    st.builds(
        RawPart,
        provider=st.just(ROW),
        data=st.fixed_dictionaries({"type": st.just("redacted_thinking"), "data": made.TEXT}),
    ),
    least=0,
    most=1,
)
images = st.builds(ImagePart, data=st.just(PIXELS), media_type=st.just("image/png"), cache_control=made.MARKS)
text_files = st.builds(
    FilePart, data=st.just("aGk="), media_type=st.just("text/plain"), filename=st.none(), cache_control=made.MARKS
)
SPEECH = made.Speech(
    system=made.some(made.texts(made.MARKS)),
    user=made.some(
        made.texts(made.MARKS),
        made.image_urls(made.MARKS),
        images,
        made.inline_files(made.MARKS),
        made.file_urls(made.MARKS),
        made.file_ids(made.MARKS),
        text_files,
    ),
    assistant=made.in_order(thoughts, raws, made.some(made.texts(made.MARKS), least=0), made.calls(made.MARKS)),
    result_of=made.results(made.some(made.texts(made.MARKS), images, least=0), failures=True, marks=made.MARKS),
    has_result_turns=True,
)
ASKED = made.Asked(
    sampling=st.builds(
        Sampling,
        max_tokens=st.integers(1, 100_000),
        temperature=st.none() | st.floats(0, 1),
        top_p=st.none() | st.floats(0, 1),
        stop=st.lists(made.WORDS, max_size=3).map(tuple),
    ),
    formats=made.formats(json_objects=False),
    efforts=made.EFFORTS,
    tool_marks=made.MARKS,
)
MODELS = st.builds(
    Abilities,
    thinking=st.sampled_from([ThinkingForm.BUDGET, ThinkingForm.ASKED, ThinkingForm.DEFAULT]),
    takes_json_schema=st.just(value=True),
)


def as_understood(asked: Conversation, abilities: Abilities) -> Conversation:
    """`asked` without what the dialect has no two words for."""
    understood = replace(asked, sampling=_as_drawn(asked.sampling), messages=_with_pdf(asked))
    parallel, choice = asked.parallel_tool_calls, asked.tool_choice
    if choice is not None and choice.mode == "none":
        # Nobody calls anything.
        parallel = None
    if parallel is False and choice is None:
        # `disable_parallel_tool_use` stands within a `tool_choice`, and auto is the default.
        choice = ToolChoice(mode="auto")
    # That calls may be parallel is the default, and not said.
    understood = replace(understood, tool_choice=choice, parallel_tool_calls=None if parallel else parallel)
    if asked.response_format is not None:
        # A schema has no name and is always enforced.
        understood = replace(understood, response_format=replace(asked.response_format, name="answer", strict=True))
    if asked.reasoning_effort is ReasoningEffort.NONE and abilities.thinking is not ThinkingForm.DEFAULT:
        # These models do not think unless asked, which is not said.
        understood = replace(understood, reasoning_effort=None)
    return understood


def _as_drawn(sampling: Sampling) -> Sampling:
    """The vendor's own defaults are not sent."""
    temperature = None if sampling.temperature == 1 else sampling.temperature
    return replace(sampling, temperature=temperature, top_p=None if sampling.top_p in (1, 0.99) else sampling.top_p)


def _with_pdf(asked: Conversation) -> Any:
    """A document behind a URL is a PDF here, said or not."""
    return tuple(
        replace(
            turn,
            content=tuple(
                replace(part, media_type="application/pdf") if isinstance(part, FilePart) and part.url else part
                for part in turn.content
            ),
        )
        for turn in asked.messages
    )


@FEW
@given(asked=made.conversations(SPEECH, ASKED), abilities=MODELS, stream=st.booleans())
def test_conversation_comes_back_from_its_request(asked: Conversation, abilities: Abilities, stream: bool) -> None:
    """What is written without a warning is read as what it was."""
    encoded = encode_request(asked, provider=ROW, model="m", stream=stream, abilities=abilities)
    assume(not encoded.warnings)
    request = decode_request(load_json(dump_json(encoded.body)), provider=ROW)
    assert request.conversation == as_understood(asked, abilities)
    assert (request.model, request.is_stream, dict(request.extras)) == ("m", stream, {})


spoken = made.in_order(thoughts, raws, made.some(made.texts(), least=0), made.calls(), made.maybe(made.refusals()))


def as_answered(reply: Reply) -> Reply:
    """`reply` without what the dialect has no two words for, under the name that it was written with."""
    # There is no answer without usage.
    understood = replace(reply, usage=reply.usage or Usage(), id="msg_r")
    if any(isinstance(part, RefusalPart) for part in reply.message.content):
        # A refusal is itself a reason to end.
        understood = replace(understood, finish_reason=FinishReason.CONTENT_FILTER)
    return understood


def names_of(reply: Reply) -> ReplyNames:
    return ReplyNames(request_id="r", model=reply.model or "", created=0)


@FEW
@given(reply=made.replies(spoken, usage=st.none() | made.usages()))
def test_reply_comes_back_from_its_body(reply: Reply) -> None:
    """An answer of any parts is read as what it was."""
    body = dump_json(encode_response(reply, names_of(reply), provider=ROW))
    assert decode_response(body, provider=ROW, model="m") == as_answered(reply)


# Deltas do not say where a text ends and the next begins, and what comes in no deltas comes last.
streamed = made.in_order(
    thoughts.filter(lambda run: all(part.text for part in run)),
    made.maybe(made.texts()),
    made.calls(),
    raws,
    made.maybe(made.refusals()),
)


def pieces(text: str, draw: st.DataObject) -> list[str]:
    points = sorted(draw.draw(st.sets(st.integers(0, len(text)), max_size=3)))
    return [text[start:end] for start, end in zip([0, *points], [*points, len(text)], strict=True)]


def deltas_of(reply: Reply, draw: st.DataObject) -> list[Delta]:
    """The reply in pieces of any size, those of its calls in any order among each other."""
    found: list[Delta] = []
    calls: list[list[Delta]] = []
    for part in reply.message.content:
        match part:
            case ReasoningPart():
                found += [ReasoningDelta(text=piece) for piece in pieces(part.text, draw)]
            case TextPart():
                found += [TextDelta(text=piece) for piece in pieces(part.text, draw)]
            case RefusalPart():
                found += [TextDelta(text=piece, is_refusal=True) for piece in pieces(part.text, draw)]
            case ToolCallPart():
                first = ToolCallDelta(index=len(calls), id=part.id, name=part.name)
                rest = [ToolCallDelta(index=len(calls), arguments=piece) for piece in pieces(part.arguments, draw)]
                calls.append([first, *rest])
    # Their beginnings are in order, as the numbers are.
    found += [call.pop(0) for call in calls] if draw.draw(st.booleans()) else []
    while any(calls):
        is_begun = [n for n, call in enumerate(calls) if call and all(len(one) < 1 or _begun(one) for one in calls[:n])]
        found.append(calls[draw.draw(st.sampled_from(is_begun))].pop(0))
    return found


def _begun(call: list[Delta]) -> bool:
    return not (isinstance(call[0], ToolCallDelta) and call[0].id)


@FEW
@given(reply=made.replies(streamed, usage=st.none() | made.usages()), draw=st.data())
def test_reply_comes_back_from_its_stream(reply: Reply, draw: st.DataObject) -> None:
    """A stream of any deltas is read as the answer that it was, and its blocks begin and end in order."""
    encoder = StreamEncoder(names_of(reply), provider=ROW)
    events = encoder.begin()
    for delta in deltas_of(reply, draw):
        events += encoder.feed(delta)
    events += encoder.end(reply)
    decoder = StreamDecoder(provider=ROW, model="m")
    for event in events:
        decoder.feed(event.event or "", event.data)
    assert decoder.is_done
    assert decoder.reply() == as_answered(reply)
    documents = [json.loads(event.data) for event in events]
    for kind in ("content_block_start", "content_block_stop"):
        indexes = [document["index"] for document in documents if document["type"] == kind]
        assert indexes == list(range(len(indexes)))
