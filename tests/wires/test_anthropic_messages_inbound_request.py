"""What does a request of Anthropic's dialect become, and what is said of one that is wrong?"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from app.wires.anthropic_messages import decode_request
from contracts.chat import (
    CacheControl,
    Message,
    ReasoningEffort,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolChoice,
    ToolResultPart,
)

HI = {"role": "user", "content": "Hi"}
MARK = {"type": "ephemeral", "ttl": "5m"}
LOOK: dict[str, Any] = {"name": "look", "input_schema": {"type": "object"}}
CALL = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "a", "content": "r"}
SEARCH = {"type": "web_search_20260318", "name": "web_search"}


def asked(**fields: Any) -> dict[str, Any]:
    """A good body with `fields`."""
    return {"model": "m", "max_tokens": 9, "messages": [HI], **fields}


def test_request_of_the_least_is_read() -> None:
    """Model, max_tokens and one turn are all that it needs; a count of tokens needs no max_tokens."""
    request = decode_request(asked())
    assert (request.model, request.is_stream, request.wants_usage, request.user_id) == ("m", False, True, None)
    assert request.conversation.messages == (Message(role=Role.USER, content=(TextPart(text="Hi"),)),)
    assert request.conversation.sampling == Sampling(max_tokens=9)
    count = decode_request({"model": "m", "messages": [HI]}, needs_max_tokens=False)
    assert count.conversation.sampling == Sampling()


def test_request_fields_find_their_places() -> None:
    """Sampling, stop, the end user and the stream are ours; what we have no place for stays as it came."""
    request = decode_request(
        asked(
            temperature=Decimal("0.5"),
            top_p=1,
            stop_sequences=["END", "STOP"],
            stream=True,
            metadata={"user_id": "u", "team": "t"},
            top_k=Decimal("5.0"),
            service_tier="auto",
            container=None,
            speed=None,
            prompt_cache_key="k",
            output_config={"future": 1},
        )
    )
    expected = Sampling(max_tokens=9, temperature=0.5, top_p=1.0, stop=("END", "STOP"))
    assert request.conversation.sampling == expected
    assert (request.is_stream, request.user_id) == (True, "u")
    assert request.extras == {
        "top_k": Decimal("5.0"),
        "service_tier": "auto",
        "prompt_cache_key": "k",
        "metadata": {"user_id": "u", "team": "t"},
        "output_config": {"future": 1},
    }


@pytest.mark.parametrize(
    "system,expected",
    [
        ("Be brief.", (TextPart(text="Be brief."),)),
        (
            [{"type": "text", "text": "A", "cache_control": {"type": "ephemeral"}}, {"type": "text", "text": "B"}],
            (TextPart(text="A", cache_control=CacheControl()), TextPart(text="B")),
        ),
        ("", None),
        ([], None),
        (None, None),
    ],
)
def test_system_is_the_first_turn(system: Any, expected: Any) -> None:
    """As text or as blocks with their marks; an empty one is none."""
    turns = decode_request(asked(system=system)).conversation.messages
    assert [turn.content for turn in turns if turn.role is Role.SYSTEM] == ([] if expected is None else [expected])
    assert turns[-1].role is Role.USER


def test_turns_of_tools_are_turns_of_their_own() -> None:
    """Results and words of one turn come apart, in their order; a later system turn stays where it is."""
    body = {
        "model": "m",
        "max_tokens": 9,
        "messages": [
            HI,
            {"role": "assistant", "content": [CALL]},
            {"role": "user", "content": [RESULT, {"type": "text", "text": "And?"}]},
            {"role": "system", "content": "Now longer."},
        ],
    }
    turns = decode_request(body).conversation.messages
    assert [turn.role for turn in turns] == [Role.USER, Role.ASSISTANT, Role.TOOL, Role.USER, Role.SYSTEM]
    assert turns[2].content == (ToolResultPart(tool_call_id="a", content=(TextPart(text="r"),)),)


@pytest.mark.parametrize(
    "choice,expected,parallel",
    [
        (None, None, None),
        ({"type": "auto"}, ToolChoice(mode="auto"), None),
        ({"type": "auto", "disable_parallel_tool_use": True}, ToolChoice(mode="auto"), False),
        ({"type": "any", "disable_parallel_tool_use": False}, ToolChoice(mode="required"), True),
        ({"type": "tool", "name": "look"}, ToolChoice(mode="tool", name="look"), None),
        ({"type": "none"}, ToolChoice(mode="none"), None),
    ],
)
def test_tools_and_their_choice_are_read(choice: Any, expected: Any, parallel: bool | None) -> None:
    """With their schemas, marks and strictness; whether calls may be parallel stands within the choice."""
    schema = {"type": "object", "properties": {"at": {"minimum": Decimal("0.5")}}}
    tool = {"type": "custom", "name": "look", "description": "d", "input_schema": schema, "strict": True}
    talk = decode_request(asked(tools=[{**tool, "cache_control": MARK}], tool_choice=choice)).conversation
    plain = {"type": "object", "properties": {"at": {"minimum": 0.5}}}
    assert talk.tools == (
        Tool(name="look", description="d", parameters=plain, strict=True, cache_control=CacheControl(ttl="5m")),
    )
    assert (talk.tool_choice, talk.parallel_tool_calls) == (expected, parallel)


def test_tools_of_the_vendor_are_kept_with_all_others() -> None:
    """The list goes to the vendor as it came, and others still get the tools that we understand."""
    tools = [LOOK, SEARCH]
    request = decode_request(asked(tools=tools))
    assert request.extras == {"tools": tools}
    assert request.conversation.tools == (Tool(name="look", parameters={"type": "object"}),)
    choice = {"type": "tool", "name": "web_search"}
    request = decode_request(asked(tools=[SEARCH], tool_choice=choice))
    assert request.extras == {"tools": [SEARCH], "tool_choice": choice}
    assert request.conversation.tool_choice is None
    anyhow = decode_request(asked(tools=[SEARCH], tool_choice={"type": "any"})).conversation
    assert anyhow.tool_choice == ToolChoice(mode="required")


@pytest.mark.parametrize(
    "fields,effort,extras",
    [
        ({}, None, {}),
        ({"output_config": {"effort": "xhigh"}}, "xhigh", {}),
        ({"output_config": {"effort": None, "format": None}}, None, {}),
        ({"thinking": {"type": "adaptive"}}, "high", {}),
        ({"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": "low"}}, "low", {}),
        ({"thinking": {"type": "adaptive", "display": "omitted"}}, "high", {"thinking": ...}),
        ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "minimal", {}),
        ({"thinking": {"type": "enabled", "budget_tokens": 10_000}}, "medium", {}),
        ({"thinking": {"type": "enabled", "budget_tokens": 10**6}}, "max", {}),
        ({"thinking": {"type": "enabled", "budget_tokens": 2048, "display": "omitted"}}, "low", {"thinking": ...}),
        (
            {"thinking": {"type": "enabled", "budget_tokens": 2048}, "output_config": {"effort": "max"}},
            "max",
            {"thinking": ...},
        ),
        ({"thinking": {"type": "disabled"}}, "none", {}),
        (
            {"thinking": {"type": "disabled"}, "output_config": {"effort": "low", "future": 1}},
            "none",
            {"output_config": ...},
        ),
        ({"thinking": {"type": "between_tools"}}, "none", {"thinking": ...}),
    ],
)
def test_thinking_becomes_an_effort(fields: dict[str, Any], effort: str | None, extras: dict[str, Any]) -> None:
    """The nearest; what an effort does not say stays beside it, for a vendor of the dialect."""
    request = decode_request(asked(**fields))
    assert request.conversation.reasoning_effort == (None if effort is None else ReasoningEffort(effort))
    assert request.extras == {name: fields[name] for name in extras}


def test_structured_output_is_a_schema() -> None:
    """The dialect's only form of it, which is always enforced."""
    shape = {"type": "json_schema", "schema": {"type": "object"}}
    talk = decode_request(asked(output_config={"format": shape})).conversation
    assert talk.response_format == ResponseFormat(type="json_schema", json_schema={"type": "object"})


def test_request_never_shows_what_it_holds() -> None:
    """Prompts stand in no repr."""
    request = decode_request(asked(system="secret-1", tools=[LOOK], container="secret-2"))
    assert "secret" not in repr(request)
