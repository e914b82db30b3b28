"""Does the mock do what its model's name says, through the whole way of a real call?"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.ports import ProviderStream
from app.providers.mock_models import MOCK_MODELS, MockConduct
from contracts.calls import Reply
from contracts.chat import (
    FinishReason,
    Message,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
)
from contracts.deltas import Delta, ReasoningDelta, TextDelta
from contracts.errors import (
    AuthenticationError,
    ContentPolicyError,
    ContextLengthExceededError,
    InvalidRequestError,
    LLMProviderError,
    ModelNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
)
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call

ERRORS: dict[str, type[LLMProviderError]] = {
    "mock-401": AuthenticationError,
    "mock-403": AuthenticationError,
    "mock-404": ModelNotFoundError,
    "mock-422": InvalidRequestError,
    "mock-429": RateLimitExceededError,
    "mock-429-retry-after-1": RateLimitExceededError,
    "mock-quota": QuotaExceededError,
    "mock-500": ProviderUnavailableError,
    "mock-503": ProviderUnavailableError,
    "mock-context-length": ContextLengthExceededError,
    "mock-content-policy": ContentPolicyError,
    "mock-reset": ProviderUnavailableError,
    "mock-unreadable": ProviderProtocolError,
    "mock-cut": ProviderProtocolError,
    "mock-unheard-of": ModelNotFoundError,
}
ANSWERED = ("mock-echo", "mock-embedding", "mock-reasoning", "mock-refusal", "mock-no-done")
ENDLESS = [name for name, model in MOCK_MODELS.items() if model.conduct in (MockConduct.STALL, MockConduct.SILENT)]
SCHEMA = {"type": "object", "properties": {"score": {"type": "integer", "minimum": 1}}, "required": ["score"]}
TOOLS = (Tool(name="price", parameters={"type": "object"}), Tool(name="rate", parameters=SCHEMA))


async def plain(model: str = "mock-echo", **fields: Any) -> Reply:
    return await VendorDouble().row("mock").complete(call("Say  this ☂ now", **fields), model=model, limits=LIMITS)


async def opened(model: str = "mock-echo", **fields: Any) -> ProviderStream:
    return await VendorDouble().row("mock").open_stream(call("Say  this ☂ now", **fields), model=model, limits=LIMITS)


async def read(stream: ProviderStream) -> list[Delta]:
    return [delta async for delta in pieces_of(stream) if delta is not None]


def test_table_is_tested_whole() -> None:
    """Every model of the table is in exactly one of the groups below."""
    assert sorted([*ERRORS, *ANSWERED, *ENDLESS]) == sorted([*MOCK_MODELS, "mock-unheard-of"])


@pytest.mark.parametrize("model", ERRORS)
async def test_fault_is_the_error_of_its_name(model: str) -> None:
    """Plain and streamed alike."""
    with pytest.raises(ERRORS[model]) as caught:
        await plain(model)
    with pytest.raises(ERRORS[model]):
        await read(await opened(model))
    assert caught.value.retry_after == (1.0 if model.endswith("after-1") else None)


@pytest.mark.parametrize("model", ANSWERED)
async def test_answer_is_the_same_plain_and_streamed(model: str) -> None:
    """One answer, two ways, the second in words, with the same usage."""
    stream = await opened(model)
    deltas = await read(stream)
    assert stream.reply() == await plain(model)
    assert len(deltas) > 3


async def test_echo_says_that_it_is_a_mock() -> None:
    """Nobody takes it for a model."""
    reply = await plain()
    assert reply.message.text == "[mock] Say  this ☂ now"
    assert reply.usage is not None
    assert (reply.usage.input_tokens, reply.usage.output_tokens, reply.model) == (4, 5, "mock-echo")


async def test_reasoning_comes_before_the_text() -> None:
    """Thought and answer are told apart."""
    deltas = await read(await opened("mock-reasoning"))
    kinds = [type(delta) for delta in deltas]
    assert kinds == [ReasoningDelta] * kinds.count(ReasoningDelta) + [TextDelta] * 5
    assert isinstance((await plain("mock-reasoning")).message.content[0], ReasoningPart)


async def test_refusal_is_a_refusal() -> None:
    """It is content that was filtered, not text."""
    reply = await plain("mock-refusal")
    assert [type(part) for part in reply.message.content] == [RefusalPart]
    assert reply.finish_reason is FinishReason.CONTENT_FILTER


async def test_max_tokens_shorten_the_answer() -> None:
    """A token is a word, and the finish reason says what happened."""
    reply = await plain(sampling=Sampling(max_tokens=2))
    assert (reply.message.text, reply.finish_reason) == ("[mock] Say", FinishReason.LENGTH)


@pytest.mark.parametrize(
    "choice,name,arguments",
    [
        (ToolChoice(mode="required"), "price", "{}"),
        (ToolChoice(mode="tool", name="rate"), "rate", '{"score": 1}'),
    ],
)
async def test_demanded_tool_is_called(choice: ToolChoice, name: str, arguments: str) -> None:
    """With the smallest arguments that its schema allows, plain and streamed."""
    reply = await plain(tools=TOOLS, tool_choice=choice)
    assert reply.message.content == (ToolCallPart(id="call_mock", name=name, arguments=arguments),)
    assert reply.finish_reason is FinishReason.TOOL_CALLS
    stream = await opened(tools=TOOLS, tool_choice=choice)
    await read(stream)
    assert stream.reply().message == reply.message


@pytest.mark.parametrize("choice", [None, ToolChoice(mode="auto"), ToolChoice(mode="none")])
async def test_tool_that_is_not_demanded_is_not_called(choice: ToolChoice | None) -> None:
    """The mock calls a tool only when it must."""
    assert (await plain(tools=TOOLS, tool_choice=choice)).message.tool_calls == ()


@pytest.mark.parametrize(
    "shape,value",
    [
        (ResponseFormat(type="json_schema", json_schema=SCHEMA), {"score": 1}),
        (ResponseFormat(type="json_object"), {"mock": "Say  this ☂ now"}),
    ],
)
async def test_wanted_shape_is_kept(shape: ResponseFormat, value: object) -> None:
    """JSON where JSON was asked."""
    assert json.loads((await plain(response_format=shape)).message.text) == value


async def test_echo_reads_the_last_user_and_counts_all() -> None:
    """Parts of a turn are read as one text."""
    wanted = call()
    turns = (
        Message(role=Role.USER, content=(TextPart(text="one"), TextPart(text="two"))),
        Message(role=Role.ASSISTANT, content=(TextPart(text="three"),)),
    )
    row = VendorDouble().row("mock")
    object.__setattr__(wanted.conversation, "messages", turns)
    reply = await row.complete(wanted, model="mock-echo", limits=LIMITS)
    assert reply.message.text == "[mock] one\ntwo"
    assert reply.usage is not None
    assert reply.usage.input_tokens == 3


async def test_empty_text_is_echoed() -> None:
    """A blank is a blank."""
    row = VendorDouble().row("mock")
    assert (await row.complete(call(" "), model="mock-echo", limits=LIMITS)).message.text == "[mock]  "


@pytest.mark.parametrize("model", ENDLESS)
async def test_endless_model_ends_with_its_caller(model: str) -> None:
    """It answers in part or not at all, and ends when it is cancelled."""
    seen: list[Delta] = []

    async def use() -> None:
        stream = await opened(model)
        async for delta in pieces_of(stream):
            seen.extend([delta] if delta is not None else [])

    for use_it in (plain(model), use()):
        task = asyncio.ensure_future(use_it)
        for _ in range(50):
            await asyncio.sleep(0)
        assert not task.done()
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        assert task.cancelled()
    assert bool(seen) == (model == "mock-stall")


async def test_cut_stream_begins_and_breaks_off() -> None:
    """Some text came before the connection broke."""
    stream = await opened("mock-cut")
    seen: list[Delta | None] = []
    with pytest.raises(ProviderProtocolError):
        seen.extend([delta async for delta in pieces_of(stream)])
    assert not stream.is_finished
    with pytest.raises(ProviderProtocolError):
        stream.reply()


async def test_models_are_listed_and_offered() -> None:
    """The table is the list; the row may be named by a model alone."""
    row = VendorDouble().row("mock")
    assert await row.list_models(limits=LIMITS) == list(MOCK_MODELS)
    assert row.offers("mock-500")
    await row.aclose()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.sampled_from(["object", "array", "integer", "#", "x"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "properties", "required", "items", "minItems", "anyOf", "allOf", "enum", "$ref"])
            | st.sampled_from(["minimum", "multipleOf", "minLength", "function", "name", "content", "text"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(schema=JSON, option=JSON, name=st.sampled_from(["tools", "tool_choice", "max_completion_tokens", "odd"]))
async def test_any_json_is_answered_or_refused(schema: Any, option: Any, name: str) -> None:
    """Whatever a caller puts into a schema or an option: an answer, or the 400 of a real vendor."""
    wanted = call(
        options={"mock": {name: option}},
        response_format=ResponseFormat(
            type="json_schema", json_schema={"allOf": [schema], "properties": {"a": schema}}
        ),
    )
    try:
        outcome: object = await VendorDouble().row("mock").complete(wanted, model="mock-echo", limits=LIMITS)
    except InvalidRequestError as error:
        outcome = error
    assert isinstance(outcome, Reply | InvalidRequestError)
