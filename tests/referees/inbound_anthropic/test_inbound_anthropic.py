"""Does the SDK `anthropic` read what our inbound half writes, by its strictest types, and does it send what we read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

import anthropic
import pytest
from anthropic import Anthropic
from anthropic.types.shared.error_type import ErrorType
from pydantic import BaseModel

from app.wires.anthropic_messages import encode_error
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    Part,
    RawPart,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    Role,
    TextPart,
    ToolCallPart,
    Usage,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta, ToolCallDelta
from contracts.errors import (
    AuthenticationError,
    CallerAuthenticationError,
    CallerForbiddenError,
    ContextLengthExceededError,
    InternalError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    ModelNotFoundError,
    ProviderUnavailableError,
    RateLimitExceededError,
    RequestTooLargeError,
)
from contracts.fault import Fault
from tests.referees.anthropic_asked import ASKED
from tests.referees.inbound_anthropic.door import Door, opened_door
from tests.referees.referee import Written

ASK: dict[str, Any] = {"model": "m", "max_tokens": 64, "messages": [{"role": "user", "content": "Hi"}]}
USAGE = Usage(
    input_tokens=100,
    output_tokens=20,
    total_tokens=120,
    cached_input_tokens=60,
    cache_write_tokens=30,
    reasoning_tokens=5,
)


@pytest.fixture(scope="module")
def door() -> Iterator[Door]:
    """Our inbound half, served."""
    # The developer's own proxy is not asked for loopback.
    with pytest.MonkeyPatch.context() as environment, opened_door() as opened:
        environment.setenv("NO_PROXY", "*")
        yield opened


@pytest.fixture(scope="module")
def client(door: Door) -> Iterator[Anthropic]:
    """The SDK, which refuses what does not fit its types."""
    with Anthropic(
        base_url=door.address, api_key="none", max_retries=0, timeout=10, _strict_response_validation=True
    ) as made:
        yield made


def reply(*parts: Part, finish: FinishReason = FinishReason.STOP, usage: Usage | None = USAGE) -> Reply:
    return Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=finish, usage=usage)


THOUGHT = ReasoningPart(text="hm", signature="c2ln", provider="anthropic_messages")
CALLS = tuple(ToolCallPart(id=f"id{n}", name="look", arguments=f'{{"at":{n}}}') for n in range(2))
ANSWERS: dict[str, tuple[Reply, tuple[Delta, ...]]] = {
    "text": (reply(TextPart(text="Hi!")), (TextDelta(text="Hi"), TextDelta(text="!"))),
    "nothing": (reply(finish=FinishReason.LENGTH, usage=None), ()),
    "refusal": (reply(RefusalPart(text="No."), finish=FinishReason.CONTENT_FILTER), ()),
    "thoughts": (
        reply(THOUGHT, TextPart(text="Hi!")),
        (ReasoningDelta(text="h"), ReasoningDelta(text="m"), TextDelta(text="Hi!")),
    ),
    "hidden thoughts": (
        reply(
            TextPart(text="Hi!"),
            ReasoningPart(signature="c2ln", provider="anthropic_messages"),
            RawPart(provider="anthropic_messages", data={"type": "redacted_thinking", "data": "d"}),
        ),
        (TextDelta(text="Hi!"),),
    ),
    "parallel calls": (
        reply(TextPart(text="Looking."), *CALLS, finish=FinishReason.TOOL_CALLS),
        (
            TextDelta(text="Looking."),
            ToolCallDelta(index=0, id="id0", name="look", arguments='{"at'),
            ToolCallDelta(index=1, id="id1", name="look", arguments='{"at":'),
            ToolCallDelta(index=0, arguments='":0}'),
            ToolCallDelta(index=1, arguments="1}"),
        ),
    ),
    "call without arguments": (
        reply(ToolCallPart(id="id0", name="now", arguments="{}"), finish=FinishReason.TOOL_CALLS),
        (ToolCallDelta(index=0, id="id0", name="now"),),
    ),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_answer_is_the_same_whole_and_streamed(name: str, door: Door, client: Anthropic) -> None:
    """The SDK's stream helper gathers the very message that it reads from the plain answer."""
    door.will_answer(*ANSWERS[name])
    whole = client.messages.create(**ASK)
    with client.messages.stream(**ASK) as stream:
        kinds = [event.type for event in stream]
        gathered = stream.get_final_message()
    assert gathered.model_dump(exclude={"content": {"__all__": {"parsed_output"}}}) == whole.model_dump()
    assert (whole.id, whole.model) == ("msg_r1", "claude-haiku-5-5")
    assert kinds[0] == "message_start"
    assert kinds[-1] == "message_stop"
    assert kinds.count("content_block_stop") == len(whole.content)


def test_answer_is_what_we_said(door: Door, client: Anthropic) -> None:
    """Texts, inputs, the reason for the end, and usage as the vendor counts it."""
    door.will_answer(*ANSWERS["parallel calls"])
    message = client.messages.create(**ASK)
    assert [block.type for block in message.content] == ["text", "tool_use", "tool_use"]
    assert [block.input for block in message.content if block.type == "tool_use"] == [{"at": 0}, {"at": 1}]
    assert message.stop_reason == "tool_use"
    usage = message.usage
    counts = (usage.input_tokens, usage.cache_creation_input_tokens, usage.cache_read_input_tokens)
    assert (*counts, usage.output_tokens) == (10, 30, 60, 20)
    assert usage.output_tokens_details is not None
    assert usage.output_tokens_details.thinking_tokens == 5
    door.will_answer(*ANSWERS["refusal"])
    refused = client.messages.create(**ASK)
    assert refused.stop_details is not None
    assert refused.stop_details.explanation == "No."


@pytest.mark.parametrize("name", ["thoughts", "hidden thoughts", "parallel calls"])
def test_answer_sent_back_is_the_turn_that_it_was(name: str, door: Door, client: Anthropic) -> None:
    """Whole or gathered from a stream: what the SDK sends in the next turn has lost nothing."""
    answer, deltas = ANSWERS[name]
    door.will_answer(answer, deltas)
    with client.messages.stream(**ASK) as stream:
        gathered = stream.get_final_message()
    for message in (client.messages.create(**ASK), gathered):
        again = [*ASK["messages"], {"role": "assistant", "content": message.content}, *ASK["messages"]]
        client.messages.create(**{**ASK, "messages": again})
        assert door.understood[-1].conversation.messages[1] == answer.message


class City(BaseModel):
    """What a caller wants to know."""

    name: str


def test_structured_output_is_asked_and_parsed(door: Door, client: Anthropic) -> None:
    """By the SDK's `parse`, from a model of the caller's."""
    door.will_answer(reply(TextPart(text='{"name":"Bonn"}')))
    parsed = client.messages.parse(**ASK, output_format=City).parsed_output
    shape = door.understood[-1].conversation.response_format
    assert parsed == City(name="Bonn")
    assert shape is not None
    assert (shape.json_schema or {})["required"] == ["name"]
    assert door.understood[-1].extras == {}


def test_tokens_are_counted_without_max_tokens(door: Door, client: Anthropic) -> None:
    """The SDK's `count_tokens` sends the same body without it."""
    counted = client.messages.count_tokens(model="m", messages=ASK["messages"], thinking={"type": "adaptive"})
    assert counted.input_tokens == 7
    assert door.understood[-1].conversation.reasoning_effort is ReasoningEffort.HIGH


@pytest.mark.parametrize("name", [name for name, asked in ASKED.items() if isinstance(asked, Written)])
def test_feature_as_the_sdk_asks_it_is_understood(name: str, door: Door, client: Anthropic) -> None:
    """Every way to ask of the outbound table is read, and nothing but what no other vendor knows is left over."""
    asked = ASKED[name]
    assert isinstance(asked, Written)
    door.will_answer(reply(TextPart(text="Hi!")))
    client.messages.create(**asked.params)
    request = door.understood[-1]
    assert request.model == asked.params["model"]
    assert set(request.extras) <= set(asked.params.get("extra_body", ()))


FAILURES: list[tuple[LLMProviderError, type[anthropic.APIStatusError], str]] = [
    (InvalidRequestError("x"), anthropic.BadRequestError, "invalid_request_error"),
    (ContextLengthExceededError("x"), anthropic.BadRequestError, "invalid_request_error"),
    (CallerAuthenticationError("x"), anthropic.AuthenticationError, "authentication_error"),
    (CallerForbiddenError("x"), anthropic.PermissionDeniedError, "permission_error"),
    (ModelNotFoundError("x"), anthropic.NotFoundError, "not_found_error"),
    (RequestTooLargeError("x"), anthropic.APIStatusError, "request_too_large"),
    (RateLimitExceededError("x"), anthropic.RateLimitError, "rate_limit_error"),
    (AuthenticationError("x"), anthropic.InternalServerError, "api_error"),
    (ProviderUnavailableError("x"), anthropic.InternalServerError, "overloaded_error"),
    (LLMTimeoutError("x"), anthropic.InternalServerError, "timeout_error"),
    (InternalError("x"), anthropic.InternalServerError, "api_error"),
]


@pytest.mark.parametrize("error,kind,word", FAILURES, ids=lambda value: type(value).__name__)
def test_error_is_the_sdks_own(
    error: LLMProviderError, kind: type[anthropic.APIStatusError], word: str, door: Door, client: Anthropic
) -> None:
    """By its class, its type and, in our own field, our word for it."""
    door.will_fail(error)
    with pytest.raises(kind) as caught:
        client.messages.create(**ASK)
    assert caught.value.type == word
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["error"]["llm_service"]["error_type"] == error.error_type


def every_error(kind: type[LLMProviderError] = LLMProviderError) -> Iterator[type[LLMProviderError]]:
    """Each class of our tree that a caller can meet."""
    for below in kind.__subclasses__():
        if below.__module__.startswith("contracts."):
            yield below
            yield from every_error(below)


@pytest.mark.parametrize("kind", sorted(set(every_error()), key=lambda kind: kind.__name__))
def test_error_of_the_caller_is_never_one_that_the_sdk_repeats(kind: type[LLMProviderError]) -> None:
    """Which are 408, 409, 429 and all above 499; and of every error the SDK knows the type, or takes it for text."""
    status, document = encode_error(kind("x"))
    assert (status in (408, 409, 429) or status >= 500) == (kind.fault is not Fault.CALLER and status != 400)
    assert document["error"]["type"] in (*get_args(ErrorType), "request_too_large")


def test_wrong_request_is_told_with_its_field(door: Door, client: Anthropic) -> None:
    """A caller of the SDK reads which field it was."""
    with pytest.raises(anthropic.BadRequestError, match=r"messages\.0\.content: must have at least 1"):
        client.messages.create(model="m", max_tokens=64, messages=[{"role": "user", "content": []}])


def test_failure_amid_a_stream_is_an_error_of_the_sdk(door: Door, client: Anthropic) -> None:
    """What came before is there, and then it is raised."""
    door.will_fail(LLMTimeoutError("openai gave no token in 15.0 s"), [TextDelta(text="Hi")], is_late=True)
    heard: list[str] = []
    with pytest.raises(anthropic.APIStatusError) as caught, client.messages.stream(**ASK) as stream:
        heard += stream.text_stream
    assert caught.value.type == "timeout_error"
    assert "openai gave no token" in str(caught.value)
