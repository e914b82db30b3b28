"""In which words does this dialect say how an answer ended and what it used? A plain answer and a stream say the same.

A refusal ends with `stop`, as OpenAI's own do: its SDK raises on `content_filter`, and the refusal would go unread.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.inbound import OWN_FIELD, ReplyNames
from contracts.calls import Reply
from contracts.chat import FinishReason, RefusalPart, Usage


def envelope(names: ReplyNames, kind: str) -> dict[str, Any]:
    """What every document of an answer begins with."""
    return {"id": f"chatcmpl-{names.request_id}", "object": kind, "created": names.created, "model": names.model}


def finish_word(reply: Reply, *, has_functions: bool) -> str:
    """The `finish_reason`; `has_functions`: the caller speaks the older form."""
    finish = reply.finish_reason
    if finish is FinishReason.CONTENT_FILTER and any(isinstance(part, RefusalPart) for part in reply.message.content):
        return "stop"
    return "function_call" if has_functions and finish is FinishReason.TOOL_CALLS else finish.value


def own_field(extras: Mapping[str, Any] | None) -> dict[str, Any]:
    """Our own object, where there is one."""
    return {OWN_FIELD: dict(extras)} if extras else {}


def usage_object(usage: Usage | None) -> dict[str, Any] | None:
    """The `usage`: prompt tokens include the cached ones, completion tokens include reasoning, as ours do."""
    if usage is None:
        return None
    return {
        "prompt_tokens": usage.input_tokens,
        "completion_tokens": usage.output_tokens,
        "total_tokens": usage.total_tokens or usage.input_tokens + usage.output_tokens,
        "prompt_tokens_details": {
            "cached_tokens": usage.cached_input_tokens,
            "cache_write_tokens": usage.cache_write_tokens,
        },
        "completion_tokens_details": {"reasoning_tokens": usage.reasoning_tokens},
    }
