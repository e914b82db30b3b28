"""How is POST /v1/chat/completions described?"""

from __future__ import annotations

from typing import Any

from app.surfaces.dialects import CHAT_COMPLETIONS
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
    TEXT_PARTS_OR_NOTHING,
    TOKENS,
    Json,
    entries,
    number,
    open_object,
)

_MESSAGE = open_object(
    "ChatMessage",
    "One turn. `content` is text, or parts (text, image_url, file …).",
    required=["role"],
    role=KIND,
    content=TEXT_PARTS_OR_NOTHING,
    tool_calls=OBJECTS,
    tool_call_id=TEXT,
)
_CHOICE = open_object(
    "ChatChoice", "One answer.", required=["index", "message"], index={"type": "integer"}, message={"type": "object"}
)
SCHEMAS: Json = {
    "ChatCompletionRequest": open_object(
        "ChatCompletionRequest",
        "OpenAI's CreateChatCompletionRequest: the fields that the service understands.",
        required=["model", "messages"],
        model=MODEL,
        messages=entries(_MESSAGE, least=1),
        stream=FLAG,
        stream_options=OBJECT,
        max_completion_tokens=TOKENS,
        max_tokens=TOKENS,
        temperature=number(0, 2),
        top_p=number(0, 1),
        frequency_penalty=number(-2, 2),
        presence_penalty=number(-2, 2),
        parallel_tool_calls=FLAG,
        response_format=OBJECT,
        tools=OBJECTS,
        llm_service=STEERING,
    ),
    "ChatCompletion": open_object(
        "ChatCompletion",
        "OpenAI's chat completion.",
        required=["id", "object", "created", "model", "choices"],
        id=KIND,
        object={"type": "string", "enum": ["chat.completion"]},
        created={"type": "integer"},
        model=KIND,
        choices=entries(_CHOICE),
        usage=OBJECT,
        llm_service=EXTRAS,
    ),
}
_QUESTION = {"role": "user", "content": "In one sentence: what is a circuit breaker?"}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "A question": {"model": "auto", "messages": [_QUESTION], "max_completion_tokens": 60},
    "A stream": {
        "model": "auto",
        "messages": [{"role": "system", "content": "You answer in one word."}, _QUESTION],
        "stream": True,
        "stream_options": {"include_usage": True},
        "llm_service": {"fallback_providers": ["local"], "tags": ["search"]},
    },
}
DESCRIBED = described(CHAT_COMPLETIONS, ("ChatCompletionRequest", "ChatCompletion"), _EXAMPLES, OPENAI_FORM)
