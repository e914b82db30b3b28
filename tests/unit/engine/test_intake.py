"""Does everything that a caller asks reach the engine, under an id?"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from app.engine.intake import Order, new_request_id, take_in
from app.engine.shape import shape_of
from contracts import (
    IN_PROCESS_CALLER,
    Caller,
    Candidate,
    Conversation,
    LLMRequest,
    Message,
    ModelCall,
    Operation,
    Priority,
    ReasoningEffort,
    ResponseFormat,
    Role,
    Sampling,
    Scope,
    SignalType,
    TextPart,
    Tool,
    ToolChoice,
)
from contracts.config import LLMProviderConfig
from contracts.requests import StreamRecovery, UnsupportedParameters

NOW = datetime(2026, 11, 21, tzinfo=UTC)


def order_of(caller: Caller = IN_PROCESS_CALLER, **fields: Any) -> Order:
    """What a request becomes."""
    return take_in(
        LLMRequest.model_validate({"prompt": "hi", **fields}),
        caller,
        now=NOW,
        is_stream=False,
        config=LLMProviderConfig(),
    )


def said(role: Role, text: str) -> Message:
    """A turn of one text."""
    return Message(role=role, content=(TextPart(text=text),))


ALONE: dict[str, Any] = {
    "max_tokens": 5,
    "temperature": 0.5,
    "top_p": 0.9,
    "frequency_penalty": 0.1,
    "presence_penalty": 0.2,
    "stop": ["END"],
    "seed": 7,
    "tools": [{"name": "look"}],
    "tool_choice": {"mode": "none"},
    "parallel_tool_calls": False,
    "response_format": {"type": "json_object"},
    "reasoning_effort": "low",
    "signal_type": "score",
    "prompt_cache_key": "k-1",
}


@pytest.mark.parametrize("name", ALONE)
def test_order_holds_what_alone_is_said_beside_the_words(name: str) -> None:
    """A request that says one thing of its answer says it in its conversation."""
    asked, bare = order_of(**{name: ALONE[name]}), order_of()
    assert asked.call.conversation != bare.call.conversation


def test_order_is_looked_at_for_each_field_of_a_conversation() -> None:
    """One that is added to a request stands in the table above, and so is carried over by itself too."""
    says = {*Conversation.__slots__, *Sampling.__slots__, "signal_type"} & LLMRequest.model_fields.keys()
    assert says - {"messages"} == ALONE.keys()


def test_order_holds_everything_that_was_asked() -> None:
    """Field by field; a field that is not carried over would be dropped without a word."""
    tools = (Tool(name="look"),)
    request = LLMRequest(
        messages=(said(Role.USER, "hi"),),
        system="be brief",
        preferred_provider="openai",
        model="gpt-6-luna",
        fallback_providers=(Candidate(provider="local"),),
        enable_fallback=False,
        max_tokens=5,
        temperature=0.5,
        top_p=0.9,
        frequency_penalty=0.1,
        presence_penalty=0.2,
        stop=("END",),
        seed=7,
        tools=tools,
        tool_choice=ToolChoice(mode="required"),
        parallel_tool_calls=False,
        response_format=ResponseFormat(type="json_object"),
        reasoning_effort=ReasoningEffort.LOW,
        vendor_options={"openai": {"store": False}},
        prompt_cache_key="k-1",
        use_cache=True,
        stream_recovery="buffer",
        unsupported_parameters="reject",
        priority=Priority.HIGH,
        timeout_seconds=20,
        tags=("b", "a"),
        user_id="u-1",
        metadata={"class": 7},
        request_id="req-1",
        correlation_id="c-1",
    )
    caller = Caller(key_id="k", scopes=frozenset({Scope.CALL}), tags=("team", "a"))
    assert take_in(request, caller, now=NOW, is_stream=True, config=LLMProviderConfig()) == Order(
        call=ModelCall(
            operation=Operation.CHAT,
            conversation=Conversation(
                messages=(said(Role.SYSTEM, "be brief"), said(Role.USER, "hi")),
                sampling=Sampling(
                    max_tokens=5,
                    temperature=0.5,
                    top_p=0.9,
                    frequency_penalty=0.1,
                    presence_penalty=0.2,
                    stop=("END",),
                    seed=7,
                ),
                tools=tools,
                tool_choice=ToolChoice(mode="required"),
                parallel_tool_calls=False,
                response_format=ResponseFormat(type="json_object"),
                reasoning_effort=ReasoningEffort.LOW,
                prompt_cache_key="k-1",
            ),
            caller=caller,
            request_id="req-1",
            correlation_id="c-1",
            vendor_options={"openai": {"store": False}},
            unsupported_parameters=UnsupportedParameters.REJECT,
        ),
        preferred="openai",
        model="gpt-6-luna",
        fallbacks=(Candidate(provider="local"),),
        enable_fallback=False,
        timeout_seconds=20,
        signal_type=None,
        shape=shape_of(ResponseFormat(type="json_object")),
        stream_recovery=StreamRecovery.BUFFER,
        use_cache=True,
        priority=Priority.HIGH,
        tags=("team", "a", "b"),
        user_id="u-1",
        metadata={"class": 7},
        is_stream=True,
        received_at=NOW,
    )


def test_prompt_is_one_turn_of_the_user() -> None:
    """Behind the system's words, when there are any."""
    assert order_of().call.conversation.messages == (said(Role.USER, "hi"),)
    assert order_of(system="s").call.conversation.messages == (said(Role.SYSTEM, "s"), said(Role.USER, "hi"))


def test_signal_type_asks_for_its_shape() -> None:
    """The vendor is told the schema, and the answer is read by it."""
    order = order_of(signal_type="score")
    shape = order.call.conversation.response_format
    assert order.signal_type is SignalType.SCORE
    assert shape is not None
    assert shape.name == "score_signals"


def test_ids_are_made_where_none_are_given() -> None:
    """A request stands for its correlation too, until the caller says otherwise."""
    order = order_of()
    assert order.call.request_id.startswith("req_")
    assert order.call.correlation_id == order.call.request_id
    assert order_of(correlation_id="c").call.correlation_id == "c"
    assert order_of(request_id="r").call.correlation_id == "r"


def test_made_ids_differ_and_sort_by_time() -> None:
    """A thousand of them: no two alike, the time in front, and good as ids of a request."""
    ids = [new_request_id() for _ in range(1000)]
    assert len(set(ids)) == 1000
    assert [one[:16] for one in ids] == sorted(one[:16] for one in ids)
    assert order_of(request_id=ids[0]).call.request_id == ids[0]


def test_signal_type_is_told_after_the_callers_own_instructions() -> None:
    """The caller's system text stands first, then what the JSON must hold, then the prompt."""
    messages = order_of(system="Be kind.", signal_type="score").call.conversation.messages
    assert [message.role for message in messages] == [Role.SYSTEM, Role.SYSTEM, Role.USER]
    assert messages[0].text == "Be kind."
    assert '"score"' in messages[1].text
