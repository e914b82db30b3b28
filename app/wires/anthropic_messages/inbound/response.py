"""How is our whole reply written as a message of this dialect?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.anthropic_messages.inbound.counts import encode_usage
from app.wires.anthropic_messages.inbound.ending import encode_ending
from app.wires.anthropic_messages.inbound.signatures import written_signature
from app.wires.inbound import OWN_FIELD, ReplyNames
from app.wires.tool_arguments import object_of
from contracts.calls import Reply, Wire
from contracts.chat import Part, RawPart, ReasoningPart, TextPart, ToolCallPart


def encode_response(
    reply: Reply,
    names: ReplyNames,
    *,
    provider: str = Wire.ANTHROPIC_MESSAGES.value,
    extras: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The body of the answer, for `json_text.dump_json`; `provider` as in `decode_request`, `extras` our own object.

    Raw parts of other providers are left out: no client of this dialect could read them.
    """
    blocks = [encode_block(part, provider=provider) for part in reply.message.content]
    return {
        **message_head(names),
        "content": [block for block in blocks if block is not None],
        **encode_ending(reply),
        "usage": encode_usage(reply.usage),
        **own_field(extras),
    }


def own_field(extras: Mapping[str, Any] | None) -> dict[str, Any]:
    """Our own object, where there is one."""
    return {OWN_FIELD: dict(extras)} if extras else {}


def message_head(names: ReplyNames) -> dict[str, Any]:
    """What every message begins with."""
    return {"id": f"msg_{names.request_id}", "type": "message", "role": "assistant", "model": names.model}


def encode_block(part: Part, *, provider: str) -> dict[str, Any] | None:
    """The content block of one part of an answer; None for one that has none."""
    match part:
        case TextPart() if part.text:
            return {"type": "text", "text": part.text, "citations": None}
        case ReasoningPart():
            signature = written_signature(part, provider=provider)
            return (
                {"type": "thinking", "thinking": part.text, "signature": signature} if part.text or signature else None
            )
        case ToolCallPart():
            return {"type": "tool_use", "id": part.id, "name": part.name, "input": object_of(part.arguments)[0]}
        case RawPart() if part.provider == provider:
            return dict(part.data)
        case _:
            return None
