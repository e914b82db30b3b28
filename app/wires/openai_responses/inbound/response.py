"""How is a whole answer of ours written as a `response`?

A refusal is a completed answer, as OpenAI's own are: its text says it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.wires.inbound import ReplyNames
from app.wires.openai_chat.inbound.answer import own_field
from app.wires.openai_responses.ending import COMPLETED, INCOMPLETE
from app.wires.openai_responses.inbound.output_items import item_id, planned_items
from contracts.calls import Reply, Wire
from contracts.chat import FinishReason, RefusalPart, Usage

_CUT = {FinishReason.LENGTH: "max_output_tokens", FinishReason.CONTENT_FILTER: "content_filter"}
# What a response says of its request; these are the vendor's own defaults.
_ASKED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "reasoning": None,
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
}


def encode_response(
    reply: Reply,
    names: ReplyNames,
    *,
    provider: str = Wire.OPENAI_RESPONSES.value,
    asked: Mapping[str, Any] | None = None,
    extras: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The document. `provider`: whose own parts (RawPart) are of this dialect. `asked`: the body, which it repeats.

    `extras` is our own object in it, `llm_service`.
    """
    reason = cut_reason(reply)
    planned = planned_items(reply.message.content, provider=provider)
    last = len(planned) - 1
    output = [
        item.written(item_id(item.kind, names.request_id, number), status=item_status(reply, is_last=number == last))
        for number, item in enumerate(planned)
    ]
    status = INCOMPLETE if reason else COMPLETED
    whole = document(names, status=status, output=output, usage=reply.usage, asked=asked, reason=reason)
    return whole | own_field(extras)


def document(
    names: ReplyNames,
    *,
    status: str,
    output: Sequence[Mapping[str, Any]] = (),
    usage: Usage | None = None,
    asked: Mapping[str, Any] | None = None,
    reason: str | None = None,
    error: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """A response in any state; `reason`: why it is incomplete."""
    return {
        "id": f"resp_{names.request_id}",
        "object": "response",
        "created_at": names.created,
        "status": status,
        "background": False,
        "error": error,
        "incomplete_details": {"reason": reason} if reason else None,
        "model": names.model,
        "output": list(output),
        "previous_response_id": None,
        "store": False,
        **_ASKED,
        **{name: value for name, value in (asked or {}).items() if value is not None and name in _ASKED},
        "usage": None if usage is None else _usage(usage),
    }


def cut_reason(reply: Reply) -> str | None:
    """Why an answer is incomplete; None for one that is whole."""
    has_refusal = any(isinstance(part, RefusalPart) for part in reply.message.content)
    if reply.finish_reason is FinishReason.CONTENT_FILTER and has_refusal:
        return None
    return _CUT.get(reply.finish_reason)


def item_status(reply: Reply, *, is_last: bool) -> str:
    """The status of an item: an incomplete answer was cut in its last one."""
    return INCOMPLETE if is_last and cut_reason(reply) else COMPLETED


def _usage(usage: Usage) -> dict[str, Any]:
    """Input includes the cached tokens, output includes reasoning, as ours do."""
    return {
        "input_tokens": usage.input_tokens,
        "input_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "output_tokens": usage.output_tokens,
        "output_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
        "total_tokens": usage.total_tokens or usage.input_tokens + usage.output_tokens,
    }
