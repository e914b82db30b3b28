"""Is it said that a vendor enforces a schema that a caller wanted as a hint only?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from app.wires import anthropic_messages, gemini, ollama
from app.wires.anthropic_messages.abilities import Abilities
from app.wires.encoded import Encoded
from app.wires.gemini.traits import ModelTraits
from contracts.chat import Conversation, Message, ResponseFormat, Role, TextPart

WIRES = {
    "anthropic": partial(
        anthropic_messages.encode_request,
        stream=False,
        abilities=Abilities(takes_json_schema=True, max_output_tokens=9),
    ),
    "gemini": partial(gemini.encode_request, traits=ModelTraits()),
    "ollama": partial(ollama.encode_request, stream=False),
}
SCHEMA = {"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"], "additionalProperties": False}


@pytest.mark.parametrize("encode", WIRES.values(), ids=WIRES)
def test_schema_that_was_a_hint_is_named(encode: Callable[..., Encoded]) -> None:
    """These vendors know no `strict`; a caller who asked for it, or took the default, is told nothing."""
    sentence = "response_format strict false was not sent: row always enforces a schema"
    for strict in (True, False):
        shape = ResponseFormat(type="json_schema", json_schema=SCHEMA, strict=strict)
        turn = Message(role=Role.USER, content=(TextPart(text="Hi"),))
        encoded = encode(Conversation(messages=(turn,), response_format=shape), provider="row", model="m")
        assert (sentence in encoded.warnings) is not strict
        assert not encoded.unsupported
