"""Which golden files does each vendor have, and how is a decoded answer or error written down to be compared?

Each folder of `golden/` is a vendor's. `expected.json` names, by case, the file with the vendor's bytes and what must
come of them. The bytes were written by us, after the vendors' SDK types and pages; those of `local` were recorded.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app import providers
from app.providers.dialect import Exchange
from app.providers.vendor import Vendor
from contracts.caller import IN_PROCESS_CALLER
from contracts.calls import ModelCall, Operation, Reply
from contracts.chat import (
    Conversation,
    Message,
    ReasoningEffort,
    ReasoningPart,
    RefusalPart,
    ResponseFormat,
    Role,
    Sampling,
    TextPart,
    Tool,
    ToolCallPart,
    ToolChoice,
    ToolResultPart,
)
from contracts.deltas import Delta
from contracts.errors import LLMProviderError

GOLDEN = Path(__file__).parent / "golden"
NOW = datetime(2026, 11, 21, 12, 0, 0, tzinfo=UTC)
CASES = ("reply", "stream", "tool_call", "refusal", "rate_limit", "malformed")
VENDORS = {vendor.kind.value: vendor for vendor in providers.VENDORS}
MODELS = {
    "anthropic": "claude-haiku-5-5",
    "openai": "gpt-5.2",
    "deepseek": "deepseek-flash",
    "openrouter": "anthropic/claude-haiku-5.5",
    "local": "smollm2-135m-instruct",
    "gemini": "gemini-3.8-flash",
    "ollama": "gpt-oss:20b",
}

SCHEMA = {"type": "object", "properties": {"sum": {"type": "number", "minimum": 0.10}}, "required": ["sum"]}


def conversation(provider: str) -> Conversation:
    """One conversation with everything that all vendors can at least be asked in words."""
    return Conversation(
        messages=(
            Message(role=Role.SYSTEM, content=(TextPart(text="Be brief."),)),
            Message(role=Role.USER, content=(TextPart(text="Two apples,"), TextPart(text="and the weather: ☂?"))),
            Message(
                role=Role.ASSISTANT,
                content=(
                    ReasoningPart(
                        text="Ask both.",
                        signature='[{"type":"reasoning.text","text":"Ask both.","signature":"sig-1","index":0}]',
                        provider=provider,
                    ),
                    ReasoningPart(text="foreign", signature="s", provider="somebody-else"),
                    TextPart(text="I look."),
                    ToolCallPart(id="call_1", name="price", arguments='{"item":"apple"}'),
                    ToolCallPart(id="call_2", name="weather", arguments=""),
                ),
            ),
            Message(
                role=Role.TOOL,
                content=(
                    ToolResultPart(tool_call_id="call_1", content=(TextPart(text="0.30"),)),
                    ToolResultPart(tool_call_id="call_2", content=(TextPart(text="no answer"),), is_error=True),
                ),
            ),
            Message(role=Role.ASSISTANT, content=(RefusalPart(text="I will not say."),)),
            Message(role=Role.USER, content=(TextPart(text="Then the sum only."),)),
        ),
        sampling=Sampling(max_tokens=64, temperature=0.5, top_p=1.0, presence_penalty=0.25, stop=("END",), seed=7),
        tools=(
            Tool(name="price", description="Price of an item.", parameters={"type": "object"}, strict=True),
            Tool(name="weather"),
        ),
        tool_choice=ToolChoice(mode="auto"),
        parallel_tool_calls=True,
        response_format=ResponseFormat(type="json_schema", json_schema=SCHEMA, name="total"),
        reasoning_effort=ReasoningEffort.LOW,
    )


def call_of(name: str) -> ModelCall:
    """The call that a vendor's `request.json` is about."""
    return ModelCall(
        operation=Operation.CHAT,
        conversation=conversation(name),
        caller=IN_PROCESS_CALLER,
        request_id="r",
        correlation_id="c",
    )


def model_of(name: str) -> str:
    """The model that a vendor's golden files are about."""
    return MODELS.get(name, f"{name}-echo")


def exchange_of(name: str) -> Exchange:
    """The streamed call that a vendor's `request.json` is about."""
    vendor = VENDORS[name]
    return vendor.dialect.exchange(call_of(name), kind=vendor.kind, provider=name, model=model_of(name), stream=True)


def expected(name: str) -> dict[str, Any]:
    """The expectations for one vendor, by case."""
    found: dict[str, Any] = json.loads((GOLDEN / name / "expected.json").read_text(encoding="utf-8"))
    return found


def outcome(name: str, case: dict[str, Any]) -> dict[str, Any]:
    """What the wire makes of the bytes of `case`, written down."""
    vendor = VENDORS[name]
    body = (GOLDEN / name / case["file"]).read_bytes()
    try:
        if case.get("status", 200) != 200:
            raise vendor.dialect.decode_error(
                case["status"], case.get("headers", {}), body, provider=name, model=model_of(name), now=NOW
            )
        if case["file"].endswith((".sse", ".ndjson")):
            return streamed(name, vendor, body)
        return written_reply(exchange_of(name).decode(body))
    except LLMProviderError as error:
        return written_error(error)


def streamed(name: str, vendor: Vendor, body: bytes) -> dict[str, Any]:
    """A stream's deltas, put together, and its reply."""
    decoder = exchange_of(name).decoder()
    deltas: list[Delta] = []
    event = "message"
    for line in body.decode().splitlines():
        if line.startswith("event: "):
            event = line.removeprefix("event: ")
        elif line.startswith("data: ") or vendor.dialect.framing == "ndjson":
            deltas.extend(decoder.feed(event, line.removeprefix("data: ")))
            event = "message"
    return {"deltas": len(deltas), **written_reply(decoder.reply())}


def written_reply(reply: Reply) -> dict[str, Any]:
    """A reply as JSON, empty fields left out."""
    usage = reply.usage
    counts = {} if usage is None else {name: getattr(usage, name) for name in usage.__slots__ if name != "source"}
    parts = [
        {slot: getattr(part, slot) for slot in part.__slots__ if getattr(part, slot) is not None}
        for part in reply.message.content
    ]
    written = {
        "parts": parts,
        "finish_reason": reply.finish_reason.value,
        "model": reply.model,
        "usage": {name: count for name, count in counts.items() if count},
        "cost_usd": None if reply.cost_usd is None else str(reply.cost_usd),
        "warnings": list(reply.warnings),
    }
    return {name: value for name, value in written.items() if value}


def written_error(error: LLMProviderError) -> dict[str, Any]:
    """An error as JSON, empty fields left out."""
    written = {
        "error": type(error).__name__,
        "text": str(error),
        "vendor_message": error.vendor_message,
        "upstream_status": error.upstream_status,
        "retry_after": error.retry_after,
        "retry_is_pointless": error.retry_is_pointless,
        "fields": [one.field for one in error.errors],
    }
    return {name: value for name, value in written.items() if value}
