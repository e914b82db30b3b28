"""What of a request to /v1/messages can only a vendor of that dialect do, and what would none understand?"""

from __future__ import annotations

from typing import Any

import pytest

from app.wires.adopted import adopted
from app.wires.anthropic_messages import decode_request, encode_error, encode_response
from app.wires.inbound import Inbound, ReplyNames
from contracts.calls import Reply, Wire
from contracts.chat import FinishReason, Message, Part, RawPart, ReasoningEffort, ReasoningPart, Role, Tool
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

HI: dict[str, Any] = {"role": "user", "content": "Hi"}
LOOK: dict[str, Any] = {"name": "look", "input_schema": {"type": "object"}}
SEARCH = {"type": "web_search_20260318", "name": "web_search"}
CALL = {"type": "tool_use", "id": "a", "name": "look", "input": {}}
RESULT = {"type": "tool_result", "tool_use_id": "a"}
PDF = {"type": "base64", "media_type": "application/pdf", "data": "aGk="}


def read(*turns: Any, **fields: Any) -> Inbound:
    return decode_request({"model": "m", "max_tokens": 9, "messages": list(turns) or [HI], **fields})


def said(*blocks: Any, role: str = "user") -> dict[str, Any]:
    return {"role": role, "content": list(blocks)}


def demanded(inbound: Inbound) -> list[str]:
    assert all(demand.message for demand in inbound.demands)
    return [demand.field or "" for demand in inbound.demands]


@pytest.mark.parametrize(
    "name,value,path",
    [
        ("billing_policy", {"type": "billing_policy", "bill_to": "user_profile"}, "billing_policy"),
        ("compaction", {"type": "compact_20261001"}, "compaction"),
        ("container", "container_1", "container"),
        ("container", {"skills": [{"type": "anthropic", "skill_id": "pptx"}]}, "container"),
        ("mcp_servers", [{"type": "url", "url": "https://a", "name": "a"}], "mcp_servers"),
        ("thread", {"type": "create"}, "thread"),
        ("max_tokens", 0, "max_tokens"),
        ("tools", [SEARCH], "tools.0"),
        ("tools", [LOOK, {"type": "mcp_toolset", "mcp_server_name": "a"}], "tools.1"),
        ("tools", [{"type": "bash_20250124", "name": "bash"}], "tools.0"),
        ("tool_choice", {"type": "some", "names": ["look"]}, "tool_choice"),
        ("output_config", {"format": {"type": "grammar", "grammar": "g"}, "future": 1}, "output_config.format.type"),
    ],
)
def test_field_that_only_this_dialect_has_is_demanded_and_kept(name: str, value: Any, path: str) -> None:
    """By its own name, and as it came for a vendor that is asked in our words."""
    inbound = read(**{name: value})
    assert demanded(inbound) == [path]
    assert inbound.extras == {name: value}
    assert (inbound.may_pass, inbound.choices) == (True, 1)


@pytest.mark.parametrize(
    "fields",
    [
        {"billing_policy": {"type": "billing_policy", "bill_to": "self"}, "container": {}, "mcp_servers": []},
        {"service_tier": "auto", "inference_geo": "eu", "speed": "fast", "top_k": 5, "metadata": {"team": "t"}},
        {"context_management": {"edits": [{"type": "clear_thinking_20251015"}]}, "fallbacks": "default"},
        {"cache_control": {"type": "ephemeral"}, "diagnostics": {"previous_message_id": None}, "a_new_field": [1]},
    ],
)
def test_value_that_asks_for_nothing_and_hint_are_no_demand(fields: dict[str, Any]) -> None:
    """An answer without them is the same; they are kept all the same."""
    inbound = read(**fields)
    assert demanded(inbound) == []
    assert inbound.extras == fields


@pytest.mark.parametrize(
    "fields,effort",
    [
        ({"thinking": {"type": "often"}}, None),
        ({"thinking": {"type": "often"}, "output_config": {"effort": "low"}}, ReasoningEffort.LOW),
        ({"thinking": {"type": "adaptive", "display": "drawn"}}, ReasoningEffort.HIGH),
        ({"output_config": {"effort": "huge"}}, None),
        ({"thinking": {"type": "disabled"}, "output_config": {"effort": "huge"}}, ReasoningEffort.NONE),
    ],
)
def test_words_about_thinking_that_are_not_known_are_kept(fields: Any, effort: ReasoningEffort | None) -> None:
    """For a vendor that knows them: more or less thought gives no other answer."""
    inbound = read(**fields)
    assert demanded(inbound) == []
    assert inbound.conversation.reasoning_effort is effort
    kept = {name: value for name, value in fields.items() if "often" in str(value) or "drawn" in str(value)}
    kept |= {name: value for name, value in fields.items() if "huge" in str(value)}
    assert inbound.extras == kept


@pytest.mark.parametrize(
    "block,role,path",
    [
        ({"type": "search_result", "source": "s", "title": "t", "content": []}, "user", ""),
        ({"type": "container_upload", "file_id": "f"}, "user", ""),
        ({"type": "a_new_block"}, "user", ""),
        ({"type": "document", "source": PDF, "citations": {"enabled": True}}, "user", ""),
        ({"type": "document", "source": {"type": "file", "file_id": "f"}}, "user", ".source.file_id"),
        ({"type": "image", "source": {"type": "file", "file_id": "f"}}, "user", ""),
        ({"type": "server_tool_use", "id": "b", "name": "web_search", "input": {}}, "assistant", ""),
        ({**CALL, "caller": {"type": "code_execution_20260521", "tool_id": "b"}}, "assistant", ""),
        ({"type": "compaction", "content": "c"}, "assistant", ""),
        ({"type": "tool_addition", "tool": LOOK}, "system", ""),
    ],
)
def test_block_that_only_this_dialect_has_is_demanded_by_its_place(block: Any, role: str, path: str) -> None:
    """It stays where it was said, and is sent again as it came to a row of the dialect."""
    inbound = read(HI, said({"type": "text", "text": "So."}, block, role=role))
    assert demanded(inbound) == [f"messages.1.content.1{path}"]
    assert inbound.may_pass


def test_results_of_tools_may_hold_what_only_this_dialect_has() -> None:
    """The whole result is the part then."""
    results = said({**RESULT, "content": [{"type": "document", "source": PDF}]})
    inbound = read(HI, said(CALL, role="assistant"), results)
    assert demanded(inbound) == ["messages.2.content.0"]
    assert [part.type for part in inbound.conversation.messages[2].content] == ["raw"]


def test_turn_of_a_role_that_is_not_known_is_demanded() -> None:
    """Nobody else could be told it."""
    inbound = read(HI, {"role": "critic", "content": "No."}, HI)
    assert demanded(inbound) == ["messages.1.role"]
    assert [turn.role for turn in inbound.conversation.messages] == [Role.USER, Role.USER]


def test_thoughts_that_are_hidden_are_no_demand() -> None:
    """They go back to a vendor of the dialect, and no other was ever to see them."""
    inbound = read(
        HI, said({"type": "redacted_thinking", "data": "d"}, {"type": "text", "text": "Hi"}, role="assistant")
    )
    assert demanded(inbound) == []
    assert inbound.conversation.messages[1].content[0].type == "raw"


@pytest.mark.parametrize(
    "turn,fields,path",
    [
        ({**HI, "clear_at": "never"}, {}, "messages.0.clear_at"),
        ({**HI, "n\x00\ud800": 1}, {}, "messages.0.n\\u0000\\ud800"),
        (said({"type": "text", "text": "Hi", "citations": [{"type": "char"}]}), {}, "messages.0.content.0.citations"),
        (HI, {"tools": [{**LOOK, "defer_loading": True}]}, "tools.0.defer_loading"),
    ],
)
def test_hint_amid_the_body_is_named(turn: Any, fields: dict[str, Any], path: str) -> None:
    """A vendor that is sent the body gets it, and no other misses it."""
    inbound = read(turn, **fields)
    assert demanded(inbound) == []
    assert inbound.warnings == (f"{path} is not known here: only a vendor that is sent the body gets it",)


def test_tools_of_any_type_that_is_a_function_are_ours() -> None:
    """With names as long as the dialect allows, which servers of tools make use of."""
    name = "mcp__a_server__" + "x" * 113
    assert read(tools=[{**LOOK, "name": name, "type": "custom"}]).conversation.tools == (
        Tool(name=name, parameters={"type": "object"}),
    )
    assert demanded(read(tools=[LOOK, {**SEARCH, "type": "function_2027"}])) == ["tools.1"]


@pytest.mark.parametrize("signature,may_pass", [("c2ln", True), ("", False), ("llm-service:gemini:c2ln", False)])
def test_thought_that_no_vendor_of_the_dialect_signed_is_not_passed(signature: str, may_pass: bool) -> None:
    """It would be refused there: the body is encoded again, without it."""
    inbound = read(HI, said({"type": "thinking", "thinking": "hm", "signature": signature}, role="assistant"), HI)
    assert inbound.may_pass is may_pass
    assert demanded(inbound) == []


def sent_back(*parts: Part) -> Inbound:
    """What a caller sends who adds our answer to the conversation unchanged."""
    answer = Reply(message=Message(role=Role.ASSISTANT, content=parts), finish_reason=FinishReason.STOP)
    written = encode_response(answer, ReplyNames(request_id="r", model="m", created=1))
    return read(HI, {"role": "assistant", "content": written["content"]}, HI)


def test_parts_of_the_dialect_become_those_of_the_row_that_is_asked() -> None:
    """Nothing in a body says which row made them."""
    thought = ReasoningPart(text="hm", signature="c2ln", provider="anthropic_messages")
    hidden = RawPart(provider="anthropic_messages", data={"type": "redacted_thinking", "data": "d"})
    inbound = sent_back(thought, hidden)
    assert inbound.conversation.messages[1].content == (thought, hidden)
    own = adopted(inbound.conversation, wire=Wire.ANTHROPIC_MESSAGES, provider="claude")
    assert [part.provider for part in own.messages[1].content if isinstance(part, ReasoningPart | RawPart)] == [
        "claude",
        "claude",
    ]


def test_thought_of_another_row_is_still_its_own() -> None:
    """Its name travels in the signature, and no other row adopts it."""
    foreign = ReasoningPart(text="hm", signature="c2ln", provider="gemini")
    inbound = sent_back(foreign)
    assert inbound.conversation.messages[1].content == (foreign,)
    assert not inbound.may_pass
    assert adopted(inbound.conversation, wire=Wire.ANTHROPIC_MESSAGES, provider="claude") is inbound.conversation


@pytest.mark.parametrize("turns", [[said(RESULT)], [said(RESULT), HI, said(RESULT)], []])
def test_thread_that_goes_on_holds_what_came_before(turns: list[Any]) -> None:
    """Results may answer calls that are kept at the vendor, and there may be nothing new: the vendor judges."""
    thread = {"type": "continue", "previous_message_id": "msg_1"}
    inbound = decode_request({"model": "m", "max_tokens": 9, "messages": turns, "thread": thread})
    assert (demanded(inbound), inbound.extras) == (["thread"], {"thread": thread})
    assert len(inbound.conversation.messages) == len(turns)


@pytest.mark.parametrize("thread", [None, {"type": "create"}, {}, "thread_1"])
def test_thread_that_begins_holds_nothing_before(thread: Any) -> None:
    """A result that answers no call is wrong there as it is without one."""
    with pytest.raises(InvalidRequestError, match="answers no call"):
        read(said(RESULT), thread=thread)


def test_thread_that_is_refused_is_told_in_the_words_that_the_sdk_acts_on() -> None:
    """It sends the whole conversation then; a fault that is called the same, and other demands, are not meant."""
    wanted = read(thread={"type": "create"}, container="container_1").demands
    details = {"error_code": "thread_unsupported_request", "unsupported": ["thread"]}
    assert encode_error(InvalidRequestError("no", errors=wanted))[1]["error"]["details"] == details
    for others in (wanted[:1], [FieldError(field="thread", message="must be an object")], []):
        assert "details" not in encode_error(InvalidRequestError("no", errors=others))[1]["error"]
