"""Does OpenAI's SDK send nothing on /responses that we do not understand or keep, and read all that we answer?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai import OpenAI
from openai.types.responses import Response, ResponseStreamEvent
from openai.types.responses.response_create_params import ResponseCreateParamsBase
from pydantic import BaseModel, TypeAdapter

from app.wires.inbound import Inbound
from app.wires.openai_responses import decode_request
from app.wires.openai_responses.inbound import fields
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    ImagePart,
    Message,
    Part,
    ReasoningEffort,
    ReasoningPart,
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
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    RateLimitExceededError,
)
from tests.referees.inbound_openai_responses.door import Door, open_door

USAGE = Usage(input_tokens=9, output_tokens=5, total_tokens=14, cached_input_tokens=4, reasoning_tokens=3)
ASKED: dict[str, Any] = {"model": "m", "input": "Hi"}
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)


class Weather(BaseModel):
    """The weather of a city."""

    city: str
    days: int


SUNNY = '{"city":"Bern","days":3}'
CALLS = (ToolCallPart(id="c1", name="Weather", arguments=SUNNY), ToolCallPart(id="c2", name="Weather", arguments=SUNNY))
CALL_DELTAS = (
    ToolCallDelta(index=0, id="c1", name="Weather", arguments=SUNNY[:9]),
    ToolCallDelta(index=1, id="c2", name="Weather", arguments=SUNNY),
    ToolCallDelta(index=0, arguments=SUNNY[9:]),
)
THOUGHT = ReasoningPart(text="Hm", signature="sig", provider="anthropic")
HIDDEN = ReasoningPart(
    signature='{"encrypted_content":"gAAA","id":"rs_1","summary":[],"type":"reasoning"}', provider="openai_responses"
)


def answer(*parts: Part, finish: FinishReason = FinishReason.STOP) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=USAGE)


STREAMS: list[tuple[Reply, Any]] = [
    (answer(TextPart(text="Hello")), [TextDelta(text="Hel"), TextDelta(text="lo")]),
    (answer(RefusalPart(text="No."), finish=FinishReason.CONTENT_FILTER), [TextDelta(text="No.", is_refusal=True)]),
    (answer(*CALLS, finish=FinishReason.TOOL_CALLS), CALL_DELTAS),
    (answer(), []),
    (answer(THOUGHT, TextPart(text="x")), [ReasoningDelta(text="H"), ReasoningDelta(text="m"), TextDelta(text="x")]),
    (answer(HIDDEN, *CALLS, finish=FinishReason.TOOL_CALLS), CALL_DELTAS),
]


@pytest.fixture(scope="module")
def opened() -> Iterator[Door]:
    with open_door() as door:
        yield door


@pytest.fixture
def door(opened: Door) -> Door:
    opened.clear()
    return opened


@pytest.fixture
def client(opened: Door) -> Iterator[OpenAI]:
    with OpenAI(base_url=opened.address, api_key="none", max_retries=0, _strict_response_validation=True) as client:
        yield client


def test_sdk_reads_a_plain_answer(door: Door, client: OpenAI) -> None:
    """Text and usage, with the SDK's own strict validation."""
    door.reply = answer(TextPart(text="Hello"))
    response = client.responses.create(**ASKED)
    assert Response.model_validate(response.to_dict()) == response
    assert (response.output_text, response.status) == ("Hello", "completed")
    usage = response.usage
    assert usage is not None
    assert (usage.input_tokens, usage.output_tokens, usage.total_tokens) == (9, 5, 14)
    assert (usage.input_tokens_details.cached_tokens, usage.output_tokens_details.reasoning_tokens) == (4, 3)


@pytest.mark.parametrize("reply, deltas", STREAMS[:-1])
def test_sdk_puts_a_stream_together_to_the_plain_answer(
    door: Door, client: OpenAI, reply: Reply, deltas: list[Any]
) -> None:
    """With its stream helper: text, refusal, parallel calls, reasoning, and an answer without anything."""
    door.reply, door.deltas = reply, deltas
    plain = client.responses.parse(**ASKED)
    with client.responses.stream(**ASKED) as stream:
        whole = stream.get_final_response()
    assert whole.to_dict() == plain.to_dict()


def test_sdk_puts_hidden_reasoning_before_what_follows_it(door: Door, client: OpenAI) -> None:
    """It comes last, and must go back first."""
    door.reply, door.deltas = STREAMS[-1]
    with client.responses.stream(**ASKED) as stream:
        whole: Any = stream.get_final_response()
    assert [item.type for item in whole.output] == ["reasoning", "function_call", "function_call"]
    assert [item["id"] for item in whole.to_dict()["output"]] == ["rs_1", "fc_r1_0", "fc_r1_1"]


@pytest.mark.parametrize("reply, deltas", STREAMS)
def test_sdk_validates_every_event(door: Door, client: OpenAI, reply: Reply, deltas: list[Any]) -> None:
    """Each is what its type says."""
    door.reply, door.deltas = reply, deltas
    events = list(client.responses.create(**ASKED, stream=True))
    assert [EVENTS.validate_python(event.to_dict()) for event in events] == events
    assert [event.sequence_number for event in events] == list(range(len(events)))
    assert (events[0].type, events[-1].type) == ("response.created", "response.completed")


def test_sdk_parses_what_it_asked_for(door: Door, client: OpenAI) -> None:
    """A model as the answer's shape, and one as a tool: both ways are understood and come back as objects."""
    door.reply, door.deltas = answer(TextPart(text=SUNNY)), [TextDelta(text=SUNNY)]
    assert client.responses.parse(**ASKED, text_format=Weather).output_parsed == Weather(city="Bern", days=3)
    with client.responses.stream(**ASKED, text_format=Weather) as stream:
        assert stream.get_final_response().output_parsed == Weather(city="Bern", days=3)
    shape = door.understood[0].conversation.response_format
    assert shape is not None
    assert (shape.name, shape.strict) == ("Weather", True)
    door.reply = answer(*CALLS[:1], finish=FinishReason.TOOL_CALLS)
    tools = [openai.pydantic_function_tool(Weather)["function"]]
    tool: Any = {"type": "function", **tools[0]}
    (call,) = client.responses.parse(**ASKED, tools=[tool]).output
    assert call.type == "function_call"
    assert call.parsed_arguments == {"city": "Bern", "days": 3}
    (read,) = door.understood[-1].conversation.tools
    assert (read.name, read.description, read.strict) == ("Weather", "The weather of a city.", True)


def test_answer_goes_back_as_the_sdk_has_it(door: Door, client: OpenAI) -> None:
    """What an agent's loop does: the output itself, or its dump, and the tool's results behind it."""
    door.reply = answer(THOUGHT, HIDDEN, TextPart(text="Let me see."), *CALLS, finish=FinishReason.TOOL_CALLS)
    output: list[Any] = list(client.responses.create(**ASKED).output)
    results = [{"type": "function_call_output", "call_id": call.id, "output": "sunny"} for call in CALLS]
    for said in (output, [item.model_dump() for item in output], [item.to_dict() for item in output]):
        sent: Any = [{"role": "user", "content": "Hi"}, *said, *results]
        client.responses.create(model="m", input=sent)
    assert len(door.understood) == 4
    for inbound in door.understood[1:]:
        _, turn, answers = inbound.conversation.messages
        assert turn == door.reply.message
        assert [part.tool_call_id for part in answers.content if isinstance(part, ToolResultPart)] == ["c1", "c2"]


def test_request_is_understood(door: Door, client: OpenAI) -> None:
    """A call with many of its arguments."""
    door.reply = answer(TextPart(text="x"))
    image: Any = {"type": "input_image", "image_url": "https://a/b.png", "detail": "low"}
    client.responses.create(
        model="m",
        instructions="Be brief.",
        input=[{"role": "user", "content": [image]}],
        tools=[{"type": "function", "name": "weather", "parameters": {"type": "object"}, "strict": True}],
        tool_choice={"type": "function", "name": "weather"},
        max_output_tokens=50,
        temperature=0.25,
        parallel_tool_calls=False,
        reasoning={"effort": "high", "summary": "auto"},
        include=["reasoning.encrypted_content"],
        store=False,
        prompt_cache_key="k",
        safety_identifier="u",
        service_tier="flex",
    )
    (inbound,) = door.understood
    conversation = inbound.conversation
    assert conversation.messages[0].text == "Be brief."
    assert conversation.messages[1].content == (ImagePart(url="https://a/b.png", detail="low"),)
    assert conversation.sampling == Sampling(max_tokens=50, temperature=0.25)
    assert conversation.tool_choice == ToolChoice(mode="tool", name="weather")
    assert conversation.parallel_tool_calls is False
    assert conversation.reasoning_effort is ReasoningEffort.HIGH
    assert (conversation.prompt_cache_key, inbound.user_id) == ("k", "u")
    assert inbound.extras == {"service_tier": "flex", "safety_identifier": "u"}
    assert (inbound.demands, inbound.choices, inbound.may_pass) == ((), 1, True)


def test_every_argument_of_the_sdk_has_its_place() -> None:
    """One of the three, and each of the three holds only what the SDK has: a newer one will show what is new."""
    places = (fields.UNDERSTOOD, fields.DEMANDS.keys(), fields.HINTS)
    named = [name for place in places for name in place]
    assert sorted(named) == sorted(ResponseCreateParamsBase.__annotations__.keys() | {"stream"})


@pytest.mark.parametrize("name", sorted(ResponseCreateParamsBase.__annotations__))
def test_argument_is_what_its_place_says(name: str) -> None:
    """What is understood is no extra; what only OpenAI can do is demanded by its name; the rest is kept beside it."""
    strange: Any = {"of": "a kind"}
    inbound, wrong = understood({**ASKED, name: strange})
    if inbound is None:
        assert wrong[0].split(".")[0] == name
        return
    assert (name in [demand.field for demand in inbound.demands]) == (name in fields.DEMANDS)
    is_kept = name not in fields.UNDERSTOOD or name in ("stream_options", "reasoning", "text")
    assert (inbound.extras.get(name) == strange) == is_kept


def understood(body: dict[str, Any]) -> tuple[Inbound | None, list[str]]:
    """The request, or the fields that are wrong in it."""
    try:
        return decode_request(body), []
    except InvalidRequestError as error:
        return None, [wrong.field for wrong in error.errors if wrong.field]


@pytest.mark.parametrize(
    "error, kind, code",
    [
        (ContextLengthExceededError("too long"), openai.BadRequestError, "context_length_exceeded"),
        (CallerAuthenticationError("no key"), openai.AuthenticationError, "invalid_api_key"),
        (ModelNotFoundError("no model"), openai.NotFoundError, "model_not_found"),
        (RateLimitExceededError("slow"), openai.RateLimitError, "rate_limit_exceeded"),
        (LLMTimeoutError("late"), openai.InternalServerError, "timeout"),
    ],
)
def test_sdk_raises_its_own_class_for_each_error(
    door: Door, client: OpenAI, error: LLMProviderError, kind: type[openai.APIStatusError], code: str
) -> None:
    """With OpenAI's code where it has one, and our words; in a stream that has begun, with both too."""
    door.error, door.deltas = error, [TextDelta(text="Hel")]
    with pytest.raises(kind) as caught:
        client.responses.create(**ASKED)
    assert (caught.value.code, caught.value.status_code) == (code, error.status)
    with client.responses.stream(**ASKED) as stream, pytest.raises(openai.APIError) as cut:
        stream.get_final_response()
    assert (cut.value.code, cut.value.message) == (code, error.detail)


def test_sdk_leaves_what_is_ours_alone(door: Door, client: OpenAI) -> None:
    """In the answer, and in the response with which a stream ends."""
    ours = {"request_id": "req_1", "cost_usd": 0.25, "warnings": ["a"]}
    door.reply, door.deltas, door.extras = answer(TextPart(text="Hello")), [TextDelta(text="Hello")], ours
    response = client.responses.create(**ASKED)
    assert (response.output_text, response.to_dict()["llm_service"]) == ("Hello", ours)
    with client.responses.stream(**ASKED) as stream:
        whole = stream.get_final_response()
    assert whole.output_text == "Hello"
    assert whole.to_dict()["llm_service"] == ours


def test_sdk_shows_which_argument_was_wrong(client: OpenAI) -> None:
    """A broken rule is its BadRequestError, with the argument's name."""
    with pytest.raises(openai.BadRequestError) as caught:
        client.responses.create(**ASKED, previous_response_id="resp_req_1")
    assert (caught.value.param, caught.value.code) == ("previous_response_id", "invalid_request")
    assert "kept nowhere" in caught.value.message
