"""Does OpenAI's SDK send nothing that we do not understand or keep, and read all that we answer?"""

from __future__ import annotations

from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from pydantic import BaseModel

from app.wires.inbound import Inbound
from app.wires.openai_chat import decode_request
from app.wires.openai_chat.inbound import fields
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    ImagePart,
    Message,
    Part,
    ReasoningEffort,
    RefusalPart,
    Role,
    Sampling,
    TextPart,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
    Usage,
)
from contracts.deltas import ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import InvalidRequestError
from tests.referees.inbound_openai_chat.door import Door

USAGE = Usage(input_tokens=9, output_tokens=5, total_tokens=14, cached_input_tokens=4, reasoning_tokens=3)
ASKED: dict[str, Any] = {"model": "m", "messages": [{"role": "user", "content": "Hi"}]}


class Weather(BaseModel):
    """The weather of a city."""

    city: str
    days: int


SUNNY = '{"city":"Bern","days":3}'
CALLS = (ToolCallPart(id="c1", name="Weather", arguments=SUNNY), ToolCallPart(id="c2", name="Weather", arguments=SUNNY))
CALL_DELTAS = (
    ToolCallDelta(index=0, id="c1", name="Weather", arguments=SUNNY[:9]),
    ToolCallDelta(index=0, arguments=SUNNY[9:]),
    ToolCallDelta(index=1, id="c2", name="Weather", arguments=SUNNY),
)


def answer(*parts: Part, finish: FinishReason = FinishReason.STOP) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=USAGE)


def test_sdk_reads_a_plain_answer(door: Door, client: OpenAI) -> None:
    """Text and usage, with the SDK's own strict validation."""
    door.reply = answer(TextPart(text="Hello"))
    completion = client.chat.completions.create(**ASKED)
    assert ChatCompletion.model_validate(completion.to_dict(), strict=True) == completion
    assert completion.choices[0].message.content == "Hello"
    assert completion.choices[0].finish_reason == "stop"
    usage = completion.usage
    assert usage is not None
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (9, 5, 14)
    assert usage.prompt_tokens_details is not None
    assert usage.completion_tokens_details is not None
    assert (usage.prompt_tokens_details.cached_tokens, usage.completion_tokens_details.reasoning_tokens) == (4, 3)


@pytest.mark.parametrize(
    "reply, deltas",
    [
        (answer(TextPart(text="Hello")), [TextDelta(text="Hel"), TextDelta(text="lo")]),
        (answer(RefusalPart(text="No."), finish=FinishReason.CONTENT_FILTER), [TextDelta(text="No.", is_refusal=True)]),
        (answer(*CALLS, finish=FinishReason.TOOL_CALLS), CALL_DELTAS),
        (answer(), []),
        (answer(TextPart(text="x")), [ReasoningDelta(text="hm"), TextDelta(text="x")]),
    ],
)
def test_sdk_puts_a_stream_together_to_the_plain_answer(
    door: Door, client: OpenAI, reply: Reply, deltas: list[Any]
) -> None:
    """With its stream helper: text, refusal, parallel calls, and an answer without anything."""
    door.reply, door.deltas = reply, deltas
    plain = client.chat.completions.create(**ASKED)
    with client.chat.completions.stream(**ASKED, stream_options={"include_usage": True}) as stream:
        whole = stream.get_final_completion()
    ours, theirs = plain.choices[0], whole.choices[0]
    assert (theirs.message.content, theirs.message.refusal) == (ours.message.content, ours.message.refusal)
    assert theirs.finish_reason == ours.finish_reason
    read = [(one.id, one.function.name, one.function.arguments) for one in theirs.message.tool_calls or ()]
    assert read == [(call.id, call.name, call.arguments) for call in reply.message.tool_calls]
    assert whole.usage == plain.usage
    assert (whole.id, whole.model, whole.created) == (plain.id, plain.model, plain.created)


def test_sdk_validates_every_chunk(door: Door, client: OpenAI) -> None:
    """Each is what its type says, and usage comes only where it was asked for."""
    door.reply, door.deltas = answer(*CALLS, finish=FinishReason.TOOL_CALLS), CALL_DELTAS
    chunks = list(client.chat.completions.create(**ASKED, stream=True))
    assert [ChatCompletionChunk.model_validate(chunk.to_dict(), strict=True) for chunk in chunks] == chunks
    assert all(chunk.usage is None and chunk.choices for chunk in chunks)
    assert chunks[0].choices[0].delta.role == "assistant"
    assert door.understood[0].wants_usage is False


def test_sdk_reads_an_empty_text_before_a_text(door: Door, client: OpenAI) -> None:
    """As of OpenAI, where each chunk up to the last has a text to put behind the others."""
    door.reply, door.deltas = answer(TextPart(text="Hello")), [TextDelta(text="Hel"), TextDelta(text="lo")]
    chunks = list(client.chat.completions.create(**ASKED, stream=True))
    assert [chunk.choices[0].delta.content for chunk in chunks] == ["", "Hel", "lo", None]


def test_sdk_parses_what_it_asked_for(door: Door, client: OpenAI) -> None:
    """A model as the answer's shape, and one as a tool: both ways are understood and come back as objects."""
    door.reply = answer(TextPart(text=SUNNY))
    parsed = client.chat.completions.parse(**ASKED, response_format=Weather)
    assert parsed.choices[0].message.parsed == Weather(city="Bern", days=3)
    shape = door.understood[0].conversation.response_format
    assert shape is not None
    assert (shape.name, shape.strict) == ("Weather", True)
    door.reply = answer(*CALLS[:1], finish=FinishReason.TOOL_CALLS)
    called = client.chat.completions.parse(**ASKED, tools=[openai.pydantic_function_tool(Weather)])
    calls = called.choices[0].message.tool_calls
    assert calls is not None
    assert calls[0].function.parsed_arguments == Weather(city="Bern", days=3)
    (tool,) = door.understood[1].conversation.tools
    assert (tool.name, tool.description, tool.strict) == ("Weather", "The weather of a city.", True)


def test_sdk_parses_a_stream(door: Door, client: OpenAI) -> None:
    """Its events tell when the content and each call are whole."""
    door.reply = answer(TextPart(text=SUNNY), *CALLS, finish=FinishReason.TOOL_CALLS)
    door.deltas = [TextDelta(text=SUNNY), *CALL_DELTAS]
    tools = [openai.pydantic_function_tool(Weather)]
    with client.chat.completions.stream(**ASKED, response_format=Weather, tools=tools) as stream:
        done = [event.type for event in stream if event.type.endswith(".done")]
    assert done == ["content.done", *["tool_calls.function.arguments.done"] * 2]
    assert stream.get_final_completion().choices[0].message.parsed == Weather(city="Bern", days=3)


def test_answer_goes_back_as_the_sdk_dumps_it(door: Door, client: OpenAI) -> None:
    """What an agent's loop does: the message itself, its dump, and the tool's results behind it."""
    door.reply = answer(TextPart(text="Let me see."), *CALLS, finish=FinishReason.TOOL_CALLS)
    message: Any = client.chat.completions.create(**ASKED).choices[0].message
    results: list[Any] = [{"role": "tool", "tool_call_id": call.id, "content": "sunny"} for call in CALLS]
    for said in (message, message.model_dump(), message.to_dict()):
        client.chat.completions.create(model="m", messages=[*ASKED["messages"], said, *results])
    assert len(door.understood) == 4
    for inbound in door.understood[1:]:
        assert inbound.conversation.messages[1] == door.reply.message
        assert [
            part.tool_call_id
            for one in inbound.conversation.messages[2:]
            for part in one.content
            if isinstance(part, ToolResultPart)
        ] == ["c1", "c2"]


def test_functions_are_answered_as_functions(door: Door, client: OpenAI) -> None:
    """The form before tools, which the SDK still has."""
    door.reply = answer(*CALLS[:1], finish=FinishReason.TOOL_CALLS)
    choice = client.chat.completions.create(**ASKED, functions=[{"name": "Weather"}], function_call="auto").choices[0]
    assert choice.finish_reason == "function_call"
    assert choice.message.function_call is not None
    assert choice.message.function_call.arguments == SUNNY


def test_request_is_understood(door: Door, client: OpenAI) -> None:
    """A call with many of its arguments."""
    door.reply = answer(TextPart(text="x"))
    image = {"type": "image_url", "image_url": {"url": "https://a/b.png", "detail": "low"}}
    asked: dict[str, Any] = {
        "messages": [{"role": "developer", "content": "Be brief."}, {"role": "user", "content": [image]}],
        "tools": [openai.pydantic_function_tool(Weather)],
        "tool_choice": {"type": "function", "function": {"name": "Weather"}},
    }
    client.chat.completions.create(
        **asked,
        model="m",
        max_completion_tokens=5,
        temperature=0.25,
        stop=["a"],
        seed=1,
        parallel_tool_calls=False,
        reasoning_effort="high",
        prompt_cache_key="k",
        safety_identifier="u",
        service_tier="flex",
    )
    (inbound,) = door.understood
    conversation = inbound.conversation
    assert conversation.messages[1].content == (ImagePart(url="https://a/b.png", detail="low"),)
    assert conversation.sampling == Sampling(max_tokens=5, temperature=0.25, stop=("a",), seed=1)
    assert conversation.tool_choice == ToolChoice(mode="tool", name="Weather")
    assert conversation.parallel_tool_calls is False
    assert conversation.reasoning_effort is ReasoningEffort.HIGH
    assert (conversation.prompt_cache_key, inbound.user_id) == ("k", "u")
    assert inbound.extras == {"service_tier": "flex", "safety_identifier": "u"}
    assert (inbound.demands, inbound.choices, inbound.may_pass) == ((), 1, True)


def test_every_argument_of_the_sdk_has_its_place() -> None:
    """One of the three, and each of the three holds only what the SDK has: a newer one will show what is new."""
    places = (fields.UNDERSTOOD, fields.DEMANDS.keys(), fields.HINTS)
    named = [name for place in places for name in place]
    assert sorted(named) == sorted(CompletionCreateParamsBase.__annotations__.keys() | {"stream"})


@pytest.mark.parametrize("name", sorted(CompletionCreateParamsBase.__annotations__))
def test_argument_is_what_its_place_says(name: str) -> None:
    """What is understood is no extra; what only OpenAI can do is demanded by its name; the rest is kept beside it."""
    strange: Any = {"of": "a kind"}
    inbound, wrong = understood({**ASKED, name: strange})
    if inbound is None:
        assert wrong[0].split(".")[0] == name
        return
    assert (name in [demand.field for demand in inbound.demands]) == (name in fields.DEMANDS)
    assert (inbound.extras.get(name) == strange) == (name not in fields.UNDERSTOOD or name == "stream_options")


def understood(body: dict[str, Any]) -> tuple[Inbound | None, list[str]]:
    """The request, or the fields that are wrong in it."""
    try:
        return decode_request(body), []
    except InvalidRequestError as error:
        return None, [wrong.field for wrong in error.errors if wrong.field]


OURS = {"request_id": "req_1", "cost_usd": 0.25, "warnings": ["a"]}


@pytest.mark.parametrize("wants_usage", [True, False])
def test_sdk_leaves_what_is_ours_alone(door: Door, client: OpenAI, wants_usage: bool) -> None:
    """In the answer and in the last chunk of a stream, where whoever looks for it finds it."""
    door.reply, door.deltas, door.extras = answer(TextPart(text="Hello")), [TextDelta(text="Hello")], OURS
    completion = client.chat.completions.create(**ASKED)
    assert (completion.choices[0].message.content, completion.model_extra) == ("Hello", {"llm_service": OURS})
    options: Any = {"include_usage": wants_usage}
    *rest, last = client.chat.completions.create(**ASKED, stream=True, stream_options=options)
    assert last.model_extra == {"llm_service": OURS}
    assert not any(chunk.model_extra for chunk in rest)
    with client.chat.completions.stream(**ASKED, stream_options=options) as stream:
        assert stream.get_final_completion().choices[0].message.content == "Hello"
