"""Examples of model calls for `openapi.yaml`."""

from __future__ import annotations

from typing import Any

from app.http.described import example_of
from app.http.problem_examples import problem_examples
from app.http.process_events import encode_event
from contracts import DoneEvent, Explanation, LLMResponse, StartEvent, TextEvent

ANSWER = LLMResponse.model_validate(example_of(LLMResponse))
EXPLANATION: dict[str, Any] = example_of(Explanation)

ASKED: dict[str, Any] = {"prompt": "In one sentence: what is a circuit breaker?", "max_tokens": 60}
MESSAGES: dict[str, Any] = {
    "messages": [
        {"role": "system", "content": "You answer in one word."},
        {"role": "user", "content": [{"type": "text", "text": "Which colour is the sky?"}]},
    ],
    "preferred_provider": "openai",
    "fallback_providers": ["deepseek", {"provider": "local", "timeout_seconds": 20}],
    "temperature": 0.2,
    "correlation_id": "essay-batch-17",
}
STRUCTURED: dict[str, Any] = {
    "prompt": "Rate this essay: The sea is deep.",
    "signal_type": "score",
    "preferred_provider": "local",
}
BATCH: dict[str, Any] = {
    "requests": [{"prompt": "Say one.", "max_tokens": 8}, {"prompt": "Say two.", "priority": "urgent"}]
}
BATCH_ANSWER: dict[str, Any] = {
    "responses": [
        {"index": 0, "response": ANSWER.model_dump(mode="json"), "error": None},
        {"index": 1, "response": None, "error": problem_examples()["timeout"]["value"]},
    ],
    "succeeded": 1,
    "failed": 1,
}

_EVENTS = (
    StartEvent(
        request_id=ANSWER.request_id,
        correlation_id=ANSWER.correlation_id,
        provider=ANSWER.provider,
        model=ANSWER.model,
    ),
    TextEvent(text="A circuit breaker stops calls "),
    TextEvent(text="to a failing dependency until it recovers."),
    DoneEvent(response=ANSWER),
)
STREAM = b"".join(encode_event(event) for event in _EVENTS).decode()
