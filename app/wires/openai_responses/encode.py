"""How does a conversation become a request body?

The vendor is asked to keep nothing (`store` is false), and so to hand out its reasoning in a form that can be sent
back. What it cannot be told is left out and named in `warnings`, never silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.cache_marks import note_marks
from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from app.wires.openai_responses.items import encode_input
from app.wires.openai_responses.shapes import encode_format, encode_tool_choice, encode_tools
from contracts.chat import Conversation, ReasoningEffort, Sampling

# A stored answer would be state at the vendor, and one made in the background is not here when the call ends.
RESERVED_FIELDS = ("model", "input", "stream", "store", "background")

_ENCRYPTED_REASONING = "reasoning.encrypted_content"
_SENT = ("temperature", "top_p")
_UNKNOWN = ("frequency_penalty", "presence_penalty", "stop", "seed")
# What a vendor does anyway when the field is absent: leaving it out loses nothing.
_NEUTRAL = {"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0, "stop": ()}
# The vendor's own minimum (error code `integer_below_min_value`).
_LEAST_TOKENS = 16


def encode_request(
    conversation: Conversation,
    *,
    provider: str,
    model: str,
    stream: bool,
    may_reason: bool = True,
    options: Mapping[str, Any] | None = None,
    refused_fields: frozenset[str] = frozenset(),
) -> Encoded:
    """The body for POST /responses.

    `may_reason`: this model thinks unless told not to; one that cannot answers a request for its reasoning with an
    error. `options` are laid over the body last. `refused_fields` are sampling fields that this model refuses.
    Raises InvalidRequestError for what this vendor cannot be asked.
    """
    notes = Notes()
    effort = conversation.reasoning_effort
    body: dict[str, Any] = {"model": model, "store": False}
    body["input"] = encode_input(conversation.messages, provider=provider, notes=notes)
    if stream:
        body["stream"] = True
    body |= _sampling(conversation.sampling, provider, model, refused_fields, notes)
    body |= _tools(conversation)
    shape = conversation.response_format
    text = None if shape is None else encode_format(shape)
    if text is not None:
        body["text"] = text
    if effort is not None:
        body["reasoning"] = _reasoning(effort)
    if may_reason and effort is not ReasoningEffort.NONE:
        body["include"] = [_ENCRYPTED_REASONING]
    if conversation.prompt_cache_key is not None:
        body["prompt_cache_key"] = conversation.prompt_cache_key
    note_marks(conversation, provider=provider, notes=notes)
    return Encoded(
        body=_with_options(body, options or {}, provider),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def _sampling(sampling: Sampling, provider: str, model: str, refused: frozenset[str], notes: Notes) -> dict[str, Any]:
    body: dict[str, Any] = {}
    if sampling.max_tokens is not None:
        body["max_output_tokens"] = max(sampling.max_tokens, _LEAST_TOKENS)
        if sampling.max_tokens < _LEAST_TOKENS:
            sentence = f"max_tokens {sampling.max_tokens} was sent as {_LEAST_TOKENS}: {provider} takes no less here"
            notes.leave_out("max_tokens", sentence)
    for name in (*_SENT, *_UNKNOWN):
        value = getattr(sampling, name)
        if value is None or (value == _NEUTRAL.get(name) and (name in refused or name in _UNKNOWN)):
            continue
        if name in _UNKNOWN:
            notes.leave_out(name, f"{name} was not sent: {provider} does not know it here")
        elif name in refused:
            notes.leave_out(name, f"{name} was not sent: {model} does not take it while it reasons")
        else:
            body[name] = value
    return body


def _tools(conversation: Conversation) -> dict[str, Any]:
    if not conversation.tools:
        return {}
    body: dict[str, Any] = {"tools": encode_tools(conversation.tools)}
    if conversation.tool_choice is not None:
        body["tool_choice"] = encode_tool_choice(conversation.tool_choice)
    if conversation.parallel_tool_calls is not None:
        body["parallel_tool_calls"] = conversation.parallel_tool_calls
    return body


def _reasoning(effort: ReasoningEffort) -> dict[str, Any]:
    return {"effort": effort.value} if effort is ReasoningEffort.NONE else {"effort": effort.value, "summary": "auto"}


def _with_options(body: dict[str, Any], options: Mapping[str, Any], provider: str) -> dict[str, Any]:
    """The caller's `include` is added to ours: without it reasoning could not be sent back in the next turn."""
    merged = with_options(body, options, provider=provider, reserved=RESERVED_FIELDS)
    asked = options.get("include")
    if isinstance(asked, list) and "include" in body:
        merged["include"] = [*body["include"], *(one for one in asked if one not in body["include"])]
    return merged
