"""How is it said why an answer ended? A refusal's words stand there too: no content block holds them."""

from __future__ import annotations

from typing import Any

from contracts.calls import Reply
from contracts.chat import FinishReason, RefusalPart

_STOP_REASONS = {
    FinishReason.STOP: "end_turn",
    FinishReason.LENGTH: "max_tokens",
    FinishReason.TOOL_CALLS: "tool_use",
    FinishReason.CONTENT_FILTER: "refusal",
}


def encode_ending(reply: Reply) -> dict[str, Any]:
    """`stop_reason`, `stop_sequence` and `stop_details`; an answer with a refusal in it ended by that."""
    refusal = "".join(part.text for part in reply.message.content if isinstance(part, RefusalPart))
    reason = "refusal" if refusal else _STOP_REASONS[reply.finish_reason]
    details = {"type": "refusal", "category": None, "explanation": refusal or None} if reason == "refusal" else None
    return {"stop_reason": reason, "stop_sequence": None, "stop_details": details}
