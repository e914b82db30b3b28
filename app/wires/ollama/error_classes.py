"""Which error of ours stands for a status of Ollama, for llama.cpp's code, or for its words where they say more?

Words are the last resort, and Ollama has no codes. They are those of ollama/ollama, server/routes.go and
llm/llama_server.go, and of its cloud as users report them.
"""

from __future__ import annotations

from app.wires.error_classes import (
    CONTEXT,
    UNAVAILABLE,
    ErrorClass,
    class_of_status,
)
from contracts.errors import (
    ModelNotFoundError,
    QuotaExceededError,
)

MODEL_NOT_PULLED = ErrorClass(ModelNotFoundError, "does not have the model")
_QUOTA = ErrorClass(QuotaExceededError, "has no quota left for the service's key")

_STATUSES = {
    402: _QUOTA,
    404: MODEL_NOT_PULLED,
    499: UNAVAILABLE,  # "request canceled" while it waited for the model
}
_CODES = {"exceed_context_size_error": CONTEXT}

# Lower case, found inside the message, under these statuses only; 200 is an error inside a stream.
_WORDS: tuple[tuple[str, tuple[int, ...], ErrorClass], ...] = (
    ("input length exceeds the context length", (200, 400, 500), CONTEXT),  # 0.12.6
    ("prompt is longer than the context length", (200, 400, 500), CONTEXT),  # 0.33
    ("exceeds the available context size", (200, 400, 500), CONTEXT),
    ("usage limit", (200, 429), _QUOTA),  # the cloud's hourly, session and weekly limits
)

_FIELDS = (
    ("does not support thinking", "reasoning_effort"),
    ("think value", "reasoning_effort"),
    ("does not support tools", "tools"),
    ("does not support multimodal", "messages"),
    ("invalid format", "response_format"),
)


def classify(status: int, message: str, code: str | None) -> ErrorClass:
    """The class of an error with `status` (200: inside a stream)."""
    if code in _CODES:
        return _CODES[code]
    text = message.lower()
    for words, statuses, kind in _WORDS:
        if status in statuses and words in text:
            return kind
    return class_of_status(status, _STATUSES)


def refused_field(message: str) -> str | None:
    """The field of ours that Ollama's words are about, where they name what the model cannot do."""
    text = message.lower()
    return next((field for words, field in _FIELDS if words in text), None)
