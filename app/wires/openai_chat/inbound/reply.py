"""How is a whole answer of ours written as a `chat.completion`?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.inbound import ReplyNames
from app.wires.openai_chat.inbound.answer import envelope, finish_word, own_field, usage_object
from app.wires.openai_chat.inbound.thoughts import write_thoughts
from contracts.calls import Reply
from contracts.chat import Message, ReasoningPart, RefusalPart, TextPart, ToolCallPart


def encode_response(
    reply: Reply, names: ReplyNames, *, has_functions: bool = False, extras: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """The document; `has_functions`: in the older form, in which a call (there, one only) is a `function_call`.

    `extras` is our own object in it, `llm_service`.
    """
    choice = {
        "index": 0,
        "message": _message(reply.message, has_functions=has_functions),
        "logprobs": None,
        "finish_reason": finish_word(reply, has_functions=has_functions),
    }
    document = {**envelope(names, "chat.completion"), "choices": [choice], "usage": usage_object(reply.usage)}
    return document | own_field(extras)


def function_of(call: ToolCallPart) -> dict[str, Any]:
    """The name and arguments of a call."""
    return {"name": call.name, "arguments": call.arguments}


def _message(message: Message, *, has_functions: bool) -> dict[str, Any]:
    texts = [part.text for part in message.content if isinstance(part, TextPart)]
    refusals = [part.text for part in message.content if isinstance(part, RefusalPart)]
    calls = message.tool_calls
    # An answer without anything is an empty text: a caller can send that back, null it could not.
    has_content = texts or not (refusals or calls)
    written: dict[str, Any] = {
        "role": "assistant",
        "content": "".join(texts) if has_content else None,
        "refusal": "".join(refusals) or None,
        "annotations": [],
    }
    if calls and has_functions:
        written["function_call"] = function_of(calls[0])
    elif calls:
        written["tool_calls"] = [{"id": call.id, "type": "function", "function": function_of(call)} for call in calls]
    return written | _reasoning([part for part in message.content if isinstance(part, ReasoningPart)])


def _reasoning(parts: list[ReasoningPart]) -> dict[str, Any]:
    """The text under the name that DeepSeek, vLLM and llama.cpp use; what was signed under OpenRouter's."""
    text, details = "".join(part.text for part in parts), write_thoughts(parts)
    fields: dict[str, Any] = {}
    if text:
        fields["reasoning_content"] = text
    if details:
        fields["reasoning_details"] = details
    return fields
