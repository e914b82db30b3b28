"""Whose are the reasoning and the raw parts of an answer to a caller of the row's own dialect?"""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from app.wires import anthropic_messages
from app.wires.inbound import ReplyNames
from contracts.calls import ModelCall, Reply, Wire
from contracts.chat import RawPart, ReasoningPart
from tests.unit.providers.passed import as_changed, asked
from tests.unit.providers.vendor_double import LIMITS, VendorDouble

BLOCKS: list[dict[str, Any]] = [
    {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
    {"type": "redacted_thinking", "data": "AAAA"},
    {"type": "text", "text": "Hi"},
]
MESSAGE = {"type": "message", "role": "assistant", "content": BLOCKS, "stop_reason": "end_turn"}
OWNERS = {Wire.ANTHROPIC_MESSAGES: "anthropic_messages", Wire.OPENAI_CHAT: "anthropic", None: "anthropic"}


def calls() -> dict[str, ModelCall]:
    """One that is passed, one that is not, and two whose callers speak another dialect, or ours."""
    own = asked(Wire.ANTHROPIC_MESSAGES)
    return {
        "passed": own,
        "mended": as_changed(own),
        "another dialect": asked(Wire.OPENAI_CHAT),
        "no surface": replace(own, source=None),
    }


def streamed() -> list[bytes]:
    """The same message as a stream."""
    events: list[dict[str, Any]] = [
        {"type": "message_start", "message": {**MESSAGE, "content": []}},
        *({"type": "content_block_start", "index": at, "content_block": block} for at, block in enumerate(BLOCKS)),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
        {"type": "message_stop"},
    ]
    return [f"event: {event['type']}\ndata: {json.dumps(event)}\n\n".encode() for event in events]


async def answer(asking: ModelCall, *, stream: bool) -> Reply:
    """What the row gives."""
    vendor = VendorDouble()
    if not stream:
        vendor.replies.append(httpx2.Response(200, content=json.dumps(MESSAGE).encode()))
        return await vendor.row("anthropic").complete(asking, model="m", limits=LIMITS)
    vendor.streams(streamed())
    opened = await vendor.row("anthropic").open_stream(asking, model="m", limits=LIMITS)
    async for _ in opened:
        pass
    return opened.reply()


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", calls())
async def test_own_parts_are_the_dialects_for_its_callers(name: str, stream: bool) -> None:
    """Whether the body was passed or encoded, so that they are written for them; for all others they are the row's."""
    asking = calls()[name]
    reply = await answer(asking, stream=stream)
    thought, sealed, _ = reply.message.content
    owner = OWNERS[asking.source.wire if asking.source else None]
    assert thought == ReasoningPart(text="hm", signature="c2ln", provider=owner)
    assert sealed == RawPart(provider=owner, data=BLOCKS[1])
    assert ("x_new" in str(reply.warnings)) == (name == "another dialect")


@pytest.mark.parametrize("stream", [False, True])
async def test_own_parts_reach_the_caller_and_come_back(stream: bool) -> None:
    """As the vendor wrote them, though the answer was written anew: the next turn may pass, and holds them."""
    reply = await answer(calls()["mended"], stream=stream)
    names = ReplyNames(request_id="r", model="m", created=1)
    content = anthropic_messages.encode_response(reply, names)["content"]
    assert content == [*BLOCKS[:2], {**BLOCKS[2], "citations": None}]
    turns = [{"role": "user", "content": "a"}, {"role": "assistant", "content": content}]
    again = asked(Wire.ANTHROPIC_MESSAGES, {"model": "m", "max_tokens": 9, "messages": turns})
    assert again.source is not None
    assert (again.source.may_pass, again.source.demands) == (True, ())
