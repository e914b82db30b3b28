"""Does OpenAI's SDK send nothing that we do not understand or keep, and read all that we answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.chat import ChatCompletion, ChatCompletionChunk
from openai.types.chat.completion_create_params import CompletionCreateParamsBase
from pydantic import BaseModel

from app.wires.openai_chat import decode_request
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
from contracts.errors import (
    CallerAuthenticationError,
    CallerForbiddenError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderUnavailableError,
    RateLimitExceededError,
)
from tests.referees.inbound_openai_chat.door import Door, open_door

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


@pytest.fixture(scope="module")
def opened() -> Iterator[Door]:
    with open_door() as door:
        yield door


@pytest.fixture
def door(opened: Door) -> Door:
    opened.understood.clear()
    opened.reply, opened.deltas, opened.error = None, (), None
    return opened


@pytest.fixture
def client(opened: Door) -> Iterator[OpenAI]:
    with OpenAI(base_url=opened.address, api_key="none", max_retries=0, _strict_response_validation=True) as client:
        yield client


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
    assert inbound.extras == {"service_tier": "flex"}


def test_every_argument_of_the_sdk_is_understood_or_kept() -> None:
    """Those that come with a newer SDK are kept; this list says which are understood."""
    names = CompletionCreateParamsBase.__annotations__
    kept = {name for name in names if name not in ASKED and is_kept(name)}
    assert kept == {
        "audio",
        "logit_bias",
        "logprobs",
        "metadata",
        "modalities",
        "moderation",
        "prediction",
        "prompt_cache_options",
        "prompt_cache_retention",
        "service_tier",
        "store",
        "top_logprobs",
        "verbosity",
        "web_search_options",
    }


def is_kept(name: str) -> bool:
    """Whether anything at all is kept under a name; if not, what is no value of that argument is refused."""
    try:
        return name in decode_request({**ASKED, name: object()}).extras
    except InvalidRequestError as error:
        return name not in [wrong.field for wrong in error.errors]


@pytest.mark.parametrize(
    "error, kind",
    [
        (ContextLengthExceededError("too long"), openai.BadRequestError),
        (CallerAuthenticationError("no key"), openai.AuthenticationError),
        (CallerForbiddenError("no"), openai.PermissionDeniedError),
        (ModelNotFoundError("no model"), openai.NotFoundError),
        (RateLimitExceededError("slow"), openai.RateLimitError),
        (ProviderUnavailableError("down"), openai.InternalServerError),
        (LLMTimeoutError("late"), openai.InternalServerError),
    ],
)
def test_sdk_raises_its_own_class_for_each_error(
    door: Door, client: OpenAI, error: LLMProviderError, kind: type[openai.APIStatusError]
) -> None:
    """With our code and our words; in a stream that has begun, with both too."""
    door.error, door.deltas = error, [TextDelta(text="Hel")]
    with pytest.raises(kind) as caught:
        client.chat.completions.create(**ASKED)
    assert (caught.value.code, caught.value.status_code) == (error.error_type, error.status)
    assert error.detail in caught.value.message
    with pytest.raises(openai.APIError) as cut:
        list(client.chat.completions.create(**ASKED, stream=True))
    assert (cut.value.code, cut.value.message) == (error.error_type, error.detail)


def test_sdk_shows_which_argument_was_wrong(client: OpenAI) -> None:
    """A broken rule is its BadRequestError, with the argument's name."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(**ASKED, n=2)
    assert (caught.value.param, caught.value.code) == ("n", "invalid_request")
    assert "must be 1" in caught.value.message
