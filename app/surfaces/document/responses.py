"""How is POST /v1/responses described?"""

from __future__ import annotations

from typing import Any

from app.surfaces.dialects import RESPONSES
from app.surfaces.document.endpoints import described
from app.surfaces.document.errors import OPENAI_FORM
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
    TOKENS,
    Json,
    entries,
    number,
    open_object,
)

SCHEMAS: Json = {
    "ResponseRequest": open_object(
        "ResponseRequest",
        "OpenAI's CreateResponse: the fields that the service understands. `input` is text, or items.",
        required=["model", "input"],
        model=MODEL,
        input=TEXT_OR_PARTS,
        instructions=TEXT,
        stream=FLAG,
        max_output_tokens=TOKENS,
        temperature=number(0, 2),
        top_p=number(0, 1),
        parallel_tool_calls=FLAG,
        reasoning=OBJECT,
        text=OBJECT,
        tools=OBJECTS,
        llm_service=STEERING,
    ),
    "OpenAIResponse": open_object(
        "OpenAIResponse",
        "OpenAI's response.",
        required=["id", "object", "created_at", "model", "output", "status"],
        id=KIND,
        object={"type": "string", "enum": ["response"]},
        created_at={"type": "number"},
        model=KIND,
        output=entries({"type": "object"}),
        status=KIND,
        usage=OBJECT,
        llm_service=EXTRAS,
    ),
}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "A question": {"model": "auto", "input": "In one sentence: what is a circuit breaker?", "max_output_tokens": 60},
    "Items and a stream": {
        "model": "auto",
        "instructions": "You answer in one word.",
        "input": [{"role": "user", "content": [{"type": "input_text", "text": "Which colour is the sky?"}]}],
        "stream": True,
    },
}
DESCRIBED = described(RESPONSES, ("ResponseRequest", "OpenAIResponse"), _EXAMPLES, OPENAI_FORM)
