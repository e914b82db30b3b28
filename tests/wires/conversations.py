"""Which conversations and answers do the inbound properties of every wire try?

Hypothesis strategies over the contract's own types, shared by all dialects. A wire says in a `Speech` what a turn may
hold there; the order of turns, tool calls with their answers, and the rest of a conversation are the same for all.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from app.wires.json_text import dump_json
from contracts.calls import Reply
from contracts.chat import (
    CacheControl,
    Conversation,
    FilePart,
    FinishReason,
    ImagePart,
    Message,
    Part,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    ResultPart,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    Usage,
)

Parts = tuple[Part, ...]
Marks = SearchStrategy[CacheControl | None]
Details = Sequence[Literal["auto", "low", "high"] | None]

# Every text that the contract takes: no NUL, no half of a surrogate pair.
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=24)
WORDS = TEXT.filter(str.strip)
NAMES = st.text("abcXYZ019_-", min_size=1, max_size=12)
IDS = NAMES.map("call_{}".format)
COUNTS = st.integers(0, 10_000)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
OBJECTS = st.dictionaries(TEXT, JSON, max_size=3)
ARGUMENTS = OBJECTS.map(lambda value: dump_json(value).decode())
CLOSED: dict[str, Any] = {"type": "object", "additionalProperties": False}
SCHEMAS = st.sampled_from(
    [
        {"type": "object", "properties": {}},
        {**CLOSED, "properties": {"city": {"type": "string"}}, "required": ["city"]},
        {**CLOSED, "properties": {"a": {"$ref": "#/$defs/b"}}, "required": ["a"], "$defs": {"b": CLOSED}},
    ]
)
IMAGE_HEADS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF\x00\x00\x00\x00WEBP",
}
BASE64 = st.binary(min_size=1, max_size=12).map(lambda data: base64.b64encode(data).decode())
URLS = NAMES.map("https://example.com/{}.png".format)
NONE: SearchStrategy[None] = st.none()
NO_MARK: Marks = st.none()
MARKS = st.none() | st.builds(CacheControl, ttl=st.sampled_from([None, "5m", "1h"]))
EFFORTS = st.none() | st.sampled_from(ReasoningEffort)


def texts(marks: Marks = NO_MARK) -> SearchStrategy[TextPart]:
    """Text that is not blank."""
    return st.builds(TextPart, text=WORDS, cache_control=marks)


def image_urls(marks: Marks = NO_MARK, details: Details = (None,)) -> SearchStrategy[ImagePart]:
    """Images that the vendor fetches."""
    return st.builds(ImagePart, url=URLS, detail=st.sampled_from(details), cache_control=marks)


@st.composite
def inline_images(draw: st.DrawFn, marks: Marks = NO_MARK, details: Details = (None,)) -> ImagePart:
    """Images as base64, whose first bytes are of the type that they say."""
    media_type = draw(st.sampled_from(sorted(IMAGE_HEADS)))
    data = base64.b64encode(IMAGE_HEADS[media_type] + draw(st.binary(max_size=8))).decode()
    detail = draw(st.sampled_from(details))
    return ImagePart(data=data, media_type=media_type, detail=detail, cache_control=draw(marks))


def inline_files(
    marks: Marks = NO_MARK, filenames: Sequence[str | None] = ("a.pdf", "ß 1.pdf")
) -> SearchStrategy[FilePart]:
    """PDF documents as base64."""
    kind = st.just("application/pdf")
    return st.builds(FilePart, data=BASE64, media_type=kind, filename=st.sampled_from(filenames), cache_control=marks)


def file_urls(marks: Marks = NO_MARK) -> SearchStrategy[FilePart]:
    """Documents that the vendor fetches."""
    return st.builds(FilePart, url=NAMES.map("https://example.com/{}.pdf".format), cache_control=marks)


def file_ids(marks: Marks = NO_MARK) -> SearchStrategy[FilePart]:
    """Documents that the vendor keeps."""
    return st.builds(FilePart, file_id=NAMES.map("file-{}".format), cache_control=marks)


def calls(
    marks: Marks = NO_MARK, ids: SearchStrategy[str] = IDS, most: int = 3
) -> SearchStrategy[tuple[ToolCallPart, ...]]:
    """Some tool calls, or none, with ids of their own."""
    call = st.builds(ToolCallPart, id=ids, name=NAMES, arguments=ARGUMENTS, cache_control=marks)
    return st.lists(call, max_size=most, unique_by=lambda one: one.id).map(tuple)


def results(
    content: SearchStrategy[tuple[ResultPart, ...]],
    *,
    failures: bool = False,
    marks: Marks = NO_MARK,
) -> Callable[[str], SearchStrategy[ToolResultPart]]:
    """The answer to the call of an id; `failures`: it may be an error."""
    is_error = st.booleans() if failures else st.just(value=False)
    parts = {"content": content, "is_error": is_error, "cache_control": marks}
    return lambda call_id: st.builds(ToolResultPart, tool_call_id=st.just(call_id), **parts)


def reasoning(
    provider: str, signatures: SearchStrategy[str | None] = NONE, text: SearchStrategy[str] = WORDS
) -> SearchStrategy[ReasoningPart]:
    """What the model of `provider` thought."""
    return st.builds(ReasoningPart, text=text, signature=signatures, provider=st.just(provider))


def refusals() -> SearchStrategy[RefusalPart]:
    """The model's no."""
    return st.builds(RefusalPart, text=WORDS)


def some(*parts: SearchStrategy[Any], least: int = 1, most: int = 3) -> SearchStrategy[tuple[Any, ...]]:
    """A few parts of the given kinds, in any order."""
    return st.lists(st.one_of(*parts), min_size=least, max_size=most).map(tuple)


def maybe(part: SearchStrategy[Any]) -> SearchStrategy[tuple[Any, ...]]:
    """One part or none."""
    return st.lists(part, max_size=1).map(tuple)


def in_order(*runs: SearchStrategy[tuple[Any, ...]]) -> SearchStrategy[Parts]:
    """A turn that is not empty, of runs that a dialect keeps in this order."""
    return st.tuples(*runs).map(lambda found: tuple(part for run in found for part in run)).filter(bool)


@dataclass(frozen=True, kw_only=True)
class Speech:
    """What the turns of a dialect may hold; `result_of` None: no tools are called.

    `has_result_turns`: all results of one turn stand in one message with role tool, else each in its own.
    """

    system: SearchStrategy[Parts]
    user: SearchStrategy[Parts]
    assistant: SearchStrategy[Parts]
    result_of: Callable[[str], SearchStrategy[ToolResultPart]] | None = None
    has_result_turns: bool = False


@st.composite
def turns(draw: st.DrawFn, speech: Speech) -> tuple[Message, ...]:
    """System or none, then user and assistant by turns; tool calls are answered before the assistant goes on."""
    system = draw(maybe(speech.system))
    messages = [Message(role=Role.SYSTEM, content=content) for content in system]
    messages.append(Message(role=Role.USER, content=draw(speech.user)))
    for _ in range(draw(st.integers(0, 2))):
        assistant = Message(role=Role.ASSISTANT, content=draw(speech.assistant))
        messages.append(assistant)
        if assistant.tool_calls and speech.result_of is not None:
            answers = tuple(draw(speech.result_of(call.id)) for call in assistant.tool_calls)
            runs = [answers] if speech.has_result_turns else [(answer,) for answer in answers]
            messages.extend(Message(role=Role.TOOL, content=run) for run in runs)
        else:
            messages.append(Message(role=Role.USER, content=draw(speech.user)))
    return tuple(messages)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What else than turns a dialect's request may say."""

    sampling: SearchStrategy[Sampling]
    formats: SearchStrategy[ResponseFormat | None] = NONE
    efforts: SearchStrategy[ReasoningEffort | None] = NONE
    tool_marks: Marks = NO_MARK
    strictness: Sequence[bool | None] = (None, True, False)
    modes: Sequence[str | None] = (None, "auto", "none", "required", "tool")
    parallel: Sequence[bool | None] = (None, True, False)
    cache_keys: SearchStrategy[str | None] = NONE


@st.composite
def conversations(draw: st.DrawFn, speech: Speech, asked: Asked) -> Conversation:
    """A whole conversation that `contracts/requests.py` accepts."""
    tools = draw(st.lists(_tools(asked), max_size=2, unique_by=lambda tool: tool.name).map(tuple))
    return Conversation(
        messages=draw(turns(speech)),
        sampling=draw(asked.sampling),
        tools=tools,
        tool_choice=draw(_choices(tools, asked.modes)) if tools else None,
        parallel_tool_calls=draw(st.sampled_from(asked.parallel)) if tools else None,
        response_format=draw(asked.formats),
        reasoning_effort=draw(asked.efforts),
        prompt_cache_key=draw(asked.cache_keys),
    )


def _tools(asked: Asked) -> SearchStrategy[Tool]:
    strict, about, mark = st.sampled_from(asked.strictness), st.none() | WORDS, asked.tool_marks
    return st.builds(Tool, name=NAMES, description=about, parameters=SCHEMAS, strict=strict, cache_control=mark)


@st.composite
def _choices(draw: st.DrawFn, tools: Sequence[Tool], modes: Sequence[Any]) -> ToolChoice | None:
    mode = draw(st.sampled_from(modes))
    if mode is None:
        return None
    return ToolChoice(mode=mode, name=draw(st.sampled_from(tools)).name if mode == "tool" else None)


SAMPLING_FIELDS: dict[str, SearchStrategy[Any]] = {
    "max_tokens": st.integers(1, 10_000_000),
    "temperature": st.floats(0, 2),
    "top_p": st.floats(0, 1),
    "frequency_penalty": st.floats(-2, 2),
    "presence_penalty": st.floats(-2, 2),
    "stop": st.lists(WORDS, max_size=3).map(tuple),
    "seed": st.integers(-(2**63), 2**63 - 1),
}


def sampling(*names: str, required: Sequence[str] = ()) -> SearchStrategy[Sampling]:
    """Any of the fields `names` (all, when none is named); `required` ones are always there."""
    fields = {name: SAMPLING_FIELDS[name] for name in names or SAMPLING_FIELDS}
    optional = {name: values for name, values in fields.items() if name not in required}
    return st.fixed_dictionaries({name: SAMPLING_FIELDS[name] for name in required}, optional=optional).map(
        lambda chosen: Sampling(**chosen)
    )


def formats(*, json_objects: bool = True, names: SearchStrategy[str] = NAMES) -> SearchStrategy[ResponseFormat | None]:
    """No wish, a JSON object, or one JSON Schema."""
    schema = st.builds(
        ResponseFormat, type=st.just("json_schema"), json_schema=SCHEMAS, name=names, strict=st.booleans()
    )
    free = st.just(ResponseFormat(type="json_object"))
    return st.none() | schema | free if json_objects else st.none() | schema


@st.composite
def usages(draw: st.DrawFn, *, writes: bool = True, reasoned: bool = True) -> Usage:
    """Counts that fit together: input includes its cached tokens, output its reasoning, the total is their sum."""
    fresh, cached, visible = draw(COUNTS), draw(COUNTS), draw(COUNTS)
    written = draw(COUNTS) if writes else 0
    thought = draw(COUNTS) if reasoned else 0
    return Usage(
        input_tokens=fresh + cached + written,
        output_tokens=visible + thought,
        total_tokens=fresh + cached + written + visible + thought,
        cached_input_tokens=cached,
        cache_write_tokens=written,
        reasoning_tokens=thought,
    )


@st.composite
def replies(
    draw: st.DrawFn,
    assistant: SearchStrategy[Parts],
    *,
    usage: SearchStrategy[Usage | None],
) -> Reply:
    """One whole answer whose finish reason is true: calls end in tool_calls, a refusal in content_filter."""
    parts = draw(st.just(()) | assistant)
    natural = FinishReason.STOP
    if any(isinstance(part, ToolCallPart) for part in parts):
        natural = FinishReason.TOOL_CALLS
    if any(isinstance(part, RefusalPart) for part in parts):
        natural = FinishReason.CONTENT_FILTER
    finish = draw(st.sampled_from([natural, FinishReason.LENGTH, FinishReason.CONTENT_FILTER]))
    message = Message(role=Role.ASSISTANT, content=parts)
    return Reply(message=message, finish_reason=finish, model=draw(NAMES), usage=draw(usage))
