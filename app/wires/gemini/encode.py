"""How does a conversation become a request body?

What the vendor cannot be told is either refused with InvalidRequestError, where the answer would be another one without
it, or left out and named in `warnings`. Nothing is left out silently.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.cache_marks import note_key, note_marks
from app.wires.encoded import Encoded, with_options
from app.wires.gemini.shapes import encode_format, encode_tools
from app.wires.gemini.thinking import encode_thinking
from app.wires.gemini.traits import ModelTraits
from app.wires.gemini.turns import encode_turns
from app.wires.notes import Notes
from contracts.chat import Conversation, Sampling

# The API reads both spellings of a name.
RESERVED_FIELDS = ("model", "contents", "systemInstruction", "system_instruction")

# What the vendor does anyway when the field is absent: leaving it out loses nothing.
_NEUTRAL = {"temperature": 1, "top_p": 1, "frequency_penalty": 0, "presence_penalty": 0}
_NAMES = {
    "temperature": "temperature",
    "top_p": "topP",
    "frequency_penalty": "frequencyPenalty",
    "presence_penalty": "presencePenalty",
    "seed": "seed",
}


def encode_request(
    conversation: Conversation,
    *,
    provider: str,
    model: str,
    traits: ModelTraits,
    options: Mapping[str, Any] | None = None,
    refused_fields: frozenset[str] = frozenset(),
) -> Encoded:
    """The body for :generateContent and :streamGenerateContent alike.

    `options` are laid over it last. `refused_fields` are sampling fields that do nothing for this model.
    Raises InvalidRequestError for what this vendor cannot be asked.
    """
    notes = Notes()
    body = encode_turns(conversation.messages, provider=provider, traits=traits, notes=notes)
    if conversation.tools:
        body |= encode_tools(conversation, provider=provider, traits=traits, notes=notes)
    config = _sampling(conversation.sampling, model, refused_fields, notes)
    if conversation.response_format is not None:
        encode_format(body, config, conversation, provider=provider, traits=traits, notes=notes)
    if conversation.reasoning_effort is not None:
        thinking = encode_thinking(conversation.reasoning_effort, model=model, traits=traits, notes=notes)
        config |= {"thinkingConfig": thinking} if thinking else {}
    if config:
        body["generationConfig"] = config
    note_marks(conversation, provider=provider, notes=notes)
    note_key(conversation, provider=provider, notes=notes)
    return Encoded(
        body=with_options(body, options or {}, provider=provider, reserved=RESERVED_FIELDS),
        warnings=notes.warnings,
        unsupported=notes.unsupported,
    )


def _sampling(sampling: Sampling, model: str, refused: frozenset[str], notes: Notes) -> dict[str, Any]:
    config: dict[str, Any] = {}
    if sampling.max_tokens is not None:
        config["maxOutputTokens"] = sampling.max_tokens
    if sampling.stop:
        config["stopSequences"] = list(sampling.stop)
    for ours, theirs in _NAMES.items():
        value = getattr(sampling, ours)
        if value is None or (ours in refused and _NEUTRAL.get(ours) == value):
            continue
        if ours in refused:
            notes.leave_out(ours, f"{ours} was not sent: {model} passes over it")
        else:
            config[theirs] = value
    return config
