"""How does a conversation become a request body?

What a vendor cannot be told is either refused with InvalidRequestError, where the answer would be another one without
it, or left out and named in `warnings`. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.cache_marks import note_marks
from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from app.wires.openai_chat.messages import encode_messages
from app.wires.openai_chat.quirks import EffortStyle, Quirks
from app.wires.openai_chat.shapes import encode_format, encode_tool_choice, encode_tools
from contracts.chat import Conversation, ReasoningEffort, Sampling
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

RESERVED_FIELDS = ("model", "messages", "stream", "stream_options")

# What a vendor does anyway when the field is absent: leaving it out loses nothing.
_NEUTRAL = {"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}


def encode_request(
    conversation: Conversation,
    *,
    provider: str,
    model: str,
    stream: bool,
    quirks: Quirks,
    options: Mapping[str, Any] | None = None,
    refused_fields: frozenset[str] = frozenset(),
) -> Encoded:
    """The body for POST /chat/completions.

    `options` are laid over it last. `refused_fields` are sampling fields that this model answers with an error.
    Raises InvalidRequestError for what this vendor cannot be asked.
    """
    notes = Notes()
    body: dict[str, Any] = {"model": model}
    body["messages"] = encode_messages(conversation.messages, provider=provider, quirks=quirks, notes=notes)
    if stream:
        body["stream"] = True
        body["stream_options"] = {"include_usage": True}
    body |= _sampling(conversation.sampling, provider, model, quirks, refused_fields, notes)
    if conversation.tools:
        body |= _tools(conversation, provider, quirks, notes)
    if conversation.response_format is not None:
        encode_format(body, conversation.response_format, provider=provider, quirks=quirks, notes=notes)
    if conversation.reasoning_effort is not None:
        body |= _effort(conversation.reasoning_effort, provider, quirks, notes)
    if not quirks.takes_cache_marks:
        note_marks(conversation, provider=provider, notes=notes)
    if conversation.prompt_cache_key is not None:
        _set(body, "prompt_cache_key", conversation.prompt_cache_key, provider, quirks, notes)
    if options:
        _check_options(options, provider, quirks)
        body = with_options(body, options, provider=provider, reserved=RESERVED_FIELDS)
    return Encoded(
        body=body,
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def _check_options(options: Mapping[str, Any], provider: str, quirks: Quirks) -> None:
    for name in options:
        if quirks.options is not None and name not in (*quirks.options, *RESERVED_FIELDS):
            path = f"vendor_options.{provider}.{name}"
            raise InvalidRequestError(
                f"{path} is not allowed: {provider} takes {', '.join(sorted(quirks.options))}",
                provider=provider,
                errors=[FieldError(field=path, message="not taken by this provider")],
            )


def _sampling(
    sampling: Sampling, provider: str, model: str, quirks: Quirks, refused: frozenset[str], notes: Notes
) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "stop": list(sampling.stop) or None,
        "seed": sampling.seed,
    }
    body: dict[str, Any] = {}
    if sampling.max_tokens is not None:
        body[quirks.max_tokens_field] = sampling.max_tokens
    for name, value in fields.items():
        if value is None or (name in refused and _NEUTRAL.get(name) == value):
            continue
        if name in refused:
            notes.leave_out(name, f"{name} was not sent: {model} does not take it while it reasons")
        else:
            _set(body, name, value, provider, quirks, notes)
    return body


def _tools(conversation: Conversation, provider: str, quirks: Quirks, notes: Notes) -> dict[str, Any]:
    choice = conversation.tool_choice
    if not quirks.takes_tools:
        if choice is not None and choice.mode in ("required", "tool"):
            raise InvalidRequestError(
                f"{provider} cannot call tools, and tool_choice {choice.mode} demands it",
                provider=provider,
                errors=[FieldError(field="tool_choice", message="not possible with this provider")],
            )
        notes.leave_out("tools", f"tools were not sent: {provider} cannot call any")
        return {}
    body: dict[str, Any] = {"tools": encode_tools(conversation.tools, quirks=quirks)}
    if choice is not None:
        body["tool_choice"] = encode_tool_choice(choice)
    if conversation.parallel_tool_calls is not None:
        _set(body, "parallel_tool_calls", conversation.parallel_tool_calls, provider, quirks, notes)
    return body


def _set(body: dict[str, Any], name: str, value: Any, provider: str, quirks: Quirks, notes: Notes) -> None:
    if name in quirks.unknown_fields:
        notes.leave_out(name, f"{name} was not sent: {provider} does not know it")
    else:
        body[name] = value


def _effort(effort: ReasoningEffort, provider: str, quirks: Quirks, notes: Notes) -> dict[str, Any]:
    if quirks.effort_style is EffortStyle.NONE:
        notes.leave_out("reasoning_effort", f"reasoning_effort was not sent: {provider} does not know it")
        return {}
    if quirks.effort_style is EffortStyle.THINKING and effort is ReasoningEffort.NONE:
        return {"thinking": {"type": "disabled"}}
    level = quirks.efforts.get(effort.value, effort.value)
    if level != effort.value:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as {level}: {provider} knows no level between"
        )
    if quirks.effort_style is EffortStyle.OBJECT:
        return {"reasoning": {"effort": level}}
    if quirks.effort_style is EffortStyle.THINKING:
        return {"thinking": {"type": "enabled"}, "reasoning_effort": level}
    return {"reasoning_effort": level}
