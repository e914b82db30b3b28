"""How does a conversation become a request body?

The dialect needs `max_tokens`. A caller's value goes through untouched; without one the model's documented output limit
is sent, which limits nothing, and for a model that is not known 4096 with a warning. What a vendor cannot be told is
refused with InvalidRequestError, where the answer would be another one without it, or left out and named in `warnings`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.anthropic_messages.abilities import Abilities
from app.wires.anthropic_messages.messages import encode_messages
from app.wires.anthropic_messages.sampling import encode_sampling
from app.wires.anthropic_messages.structure import encode_format
from app.wires.anthropic_messages.thinking import encode_thinking
from app.wires.anthropic_messages.tools import encode_tools
from app.wires.cache_marks import note_key
from app.wires.encoded import Encoded, with_options
from app.wires.notes import Notes
from contracts.chat import Conversation
from contracts.errors import InvalidRequestError
from contracts.responses import FieldError

RESERVED_FIELDS = ("model", "messages", "system", "stream")

_OUR_BLOCKS = ("text", "thinking", "redacted_thinking", "tool_use")

# The oldest Claude models' limit, which every later one exceeds.
_UNKNOWN_MAX_TOKENS = 4096


def encode_request(
    conversation: Conversation,
    *,
    provider: str,
    model: str,
    stream: bool,
    abilities: Abilities,
    options: Mapping[str, Any] | None = None,
) -> Encoded:
    """The body for POST /v1/messages; `options` are laid over it last.

    Raises InvalidRequestError for what this model cannot be asked.
    """
    notes = Notes()
    body: dict[str, Any] = {"model": model, "max_tokens": _max_tokens(conversation, provider, abilities, notes)}
    if stream:
        body["stream"] = True
    system, messages = encode_messages(
        conversation.messages, provider=provider, takes_late_system=abilities.takes_late_system, notes=notes
    )
    _check_end(messages, provider=provider, model=model, abilities=abilities)
    body["messages"] = messages
    body |= encode_thinking(conversation, body, model=model, abilities=abilities, notes=notes)
    body |= encode_sampling(
        conversation.sampling, body, provider=provider, model=model, abilities=abilities, notes=notes
    )
    body |= encode_tools(conversation, provider=provider, model=model, abilities=abilities, notes=notes)
    if conversation.response_format is not None:
        encode_format(body, system, conversation.response_format, provider=provider, abilities=abilities, notes=notes)
    if system:
        body["system"] = system
    note_key(conversation, provider=provider, notes=notes)
    return Encoded(
        body=with_options(body, options or {}, provider=provider, reserved=RESERVED_FIELDS),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def _max_tokens(conversation: Conversation, provider: str, abilities: Abilities, notes: Notes) -> int:
    asked = conversation.sampling.max_tokens
    if asked is not None:
        return asked
    if abilities.max_output_tokens is not None:
        return abilities.max_output_tokens
    notes.say(f"max_tokens {_UNKNOWN_MAX_TOKENS} was sent: {provider} needs one, and none was given")
    return _UNKNOWN_MAX_TOKENS


def _check_end(messages: list[dict[str, Any]], *, provider: str, model: str, abilities: Abilities) -> None:
    if not messages:
        raise _refusal(provider, f"{provider} needs a message with role user")
    if messages[-1]["role"] == "assistant" and not abilities.takes_prefill and not _is_paused(messages[-1]):
        raise _refusal(provider, f"{model} does not continue an assistant's turn: end with a message of role user")


def _is_paused(turn: Mapping[str, Any]) -> bool:
    """Whether the vendor's own tools were at work: such a turn is sent back to go on (stop reason `pause_turn`)."""
    return any(block.get("type") not in _OUR_BLOCKS for block in turn["content"])


def _refusal(provider: str, fact: str) -> InvalidRequestError:
    return InvalidRequestError(fact, provider=provider, errors=[FieldError(field="messages", message=fact)])
