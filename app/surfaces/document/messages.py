"""How is POST /v1/messages described?"""

from __future__ import annotations

from typing import Any

from app.surfaces.dialects import MESSAGES
from app.surfaces.document.endpoints import described
from app.surfaces.document.errors import ANTHROPIC_FORM
from app.surfaces.document.pieces import (
    EXTRAS,
    FLAG,
    KIND,
    MODEL,
    OBJECT,
    OBJECTS,
    STEERING,
    TEXT,
    TEXT_OR_PARTS,
    TEXT_PARTS_OR_NOTHING,
    TOKENS,
    Json,
    entries,
    number,
    open_object,
)

_MESSAGE = open_object(
    "AnthropicMessageParam",
    "One turn. `content` is text, or blocks (text, image, document, tool_use, tool_result …).",
    required=["role", "content"],
    role=KIND,
    content=TEXT_OR_PARTS,
)
SCHEMAS: Json = {
    "MessageRequest": open_object(
        "MessageRequest",
        "Anthropic's MessageCreateParams: the fields that the service understands. `system` is text, or blocks.",
        required=["model", "messages", "max_tokens"],
        model=MODEL,
        messages=entries(_MESSAGE, least=1),
        max_tokens={**TOKENS, "type": "integer"},
        system=TEXT_PARTS_OR_NOTHING,
        stream=FLAG,
        temperature=number(0, 2),
        top_p=number(0, 1),
        stop_sequences={"type": ["array", "null"], "items": {"type": "string"}},
        thinking=OBJECT,
        tools=OBJECTS,
        llm_service=STEERING,
    ),
    "AnthropicMessage": open_object(
        "AnthropicMessage",
        "Anthropic's message.",
        required=["id", "type", "role", "model", "content", "stop_reason", "usage"],
        id=KIND,
        type={"type": "string", "enum": ["message"]},
        role={"type": "string", "enum": ["assistant"]},
        model=KIND,
        content=entries({"type": "object"}),
        stop_reason=TEXT,
        usage={"type": "object"},
        llm_service=EXTRAS,
    ),
}
_QUESTION = {"role": "user", "content": "In one sentence: what is a circuit breaker?"}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "A question": {"model": "auto", "messages": [_QUESTION], "max_tokens": 60},
    "A stream": {
        "model": "auto",
        "system": "You answer in one word.",
        "messages": [{"role": "user", "content": [{"type": "text", "text": "Which colour is the sky?"}]}],
        "max_tokens": 16,
        "stream": True,
    },
}
DESCRIBED = described(MESSAGES, ("MessageRequest", "AnthropicMessage"), _EXAMPLES, ANTHROPIC_FORM)
