"""Do calls that OpenAI takes on /responses only go there, unseen by their callers?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from contracts.chat import FinishReason, Message, ReasoningEffort, ReasoningPart, Role, TextPart, Tool
from tests.kit.pieces import pieces_of
from tests.unit.providers.vendor_double import LIMITS, SSE, VendorDouble, call

GOLDEN = Path(__file__).parents[2] / "wires" / "golden" / "openai_responses"
TOOL = Tool(name="weather", parameters={"type": "object", "properties": {"place": {"type": "string"}}})
SIGNED = ReasoningPart(
    signature='{"type":"reasoning","id":"rs_1","summary":[],"encrypted_content":"e"}', provider="openai"
)


def asked(*, tools: tuple[Tool, ...] = (TOOL,), effort: ReasoningEffort | None = None, **fields: Any) -> Any:
    """A call with tools."""
    return call(tools=tools, reasoning_effort=effort, **fields)


@pytest.mark.parametrize("effort", [None, ReasoningEffort.LOW])
async def test_tools_with_reasoning_go_to_responses(effort: ReasoningEffort | None) -> None:
    """The model thinks as it would, the tools are there, and the answer reads like any other."""
    vendor = VendorDouble()
    vendor.answers(200, json.loads((GOLDEN / "tool_call.json").read_text()))
    reply = await vendor.row().complete(asked(effort=effort), model="gpt-6-luna", limits=LIMITS)
    (request,) = vendor.requests
    assert str(request.url) == "https://api.openai.com/v1/responses"
    assert (vendor.sent["store"], vendor.sent["tools"][0]["name"]) == (False, "weather")
    assert vendor.sent.get("reasoning", {}).get("effort") == (effort.value if effort else None)
    assert reply.finish_reason is FinishReason.TOOL_CALLS
    assert reply.message.tool_calls
    assert reply.warnings == ()


async def test_tools_with_reasoning_are_streamed_from_responses() -> None:
    """A stream goes the same way."""
    vendor = VendorDouble()
    vendor.streams([(GOLDEN / "stream.sse").read_bytes()], headers=SSE)
    stream = await vendor.row().open_stream(asked(), model="gpt-6-sol", limits=LIMITS)
    assert [one async for one in pieces_of(stream) if one is not None]
    assert stream.reply().finish_reason in tuple(FinishReason)
    assert (str(vendor.requests[0].url), vendor.sent["stream"]) == ("https://api.openai.com/v1/responses", True)


async def test_thoughts_of_its_own_go_back_to_responses() -> None:
    """Only there can what it signed be sent back."""
    vendor = VendorDouble()
    vendor.answers(200, json.loads((GOLDEN / "reply.json").read_text()))
    said = Message(role=Role.ASSISTANT, content=(SIGNED, TextPart(text="hm")))
    question = Message(role=Role.USER, content=(TextPart(text="and?"),))
    wanted = asked(tools=(), messages=(question, said, question))
    await vendor.row().complete(wanted, model="gpt-6-luna", limits=LIMITS)
    assert str(vendor.requests[0].url).endswith("/responses")
    assert {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "e"} in vendor.sent["input"]


@pytest.mark.parametrize(
    "model,fields",
    [
        ("gpt-6-luna", {"tools": ()}),
        ("gpt-6-luna", {"effort": ReasoningEffort.NONE}),
        ("gpt-5.2", {"effort": ReasoningEffort.LOW}),
        ("some-model-of-vllm", {}),
    ],
)
async def test_other_calls_stay_with_chat_completions(model: str, fields: dict[str, Any]) -> None:
    """Every server of this dialect has it, and not every one has the other."""
    vendor = VendorDouble()
    vendor.answers(200, {"choices": [{"message": {"content": "hi"}, "finish_reason": "stop"}]})
    await vendor.row().complete(asked(**fields), model=model, limits=LIMITS)
    assert str(vendor.requests[0].url).endswith("/chat/completions")
