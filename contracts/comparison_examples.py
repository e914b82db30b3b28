"""What does a comparison look like? One request and its answer, for the contract's schemas."""

from __future__ import annotations

from typing import Any

EXAMPLE_REQUEST: dict[str, Any] = {
    "user_prompt": "Which essay argues more clearly?\n{essay_a}\n{essay_b}",
    "essay_a": "The sea is deep. Whoever dives must know how long a breath lasts.",
    "essay_b": "Sea good. Fish.",
    "correlation_id": "essay-batch-17",
}
_JUSTIFICATION = "Essay A states a claim and a reason for it; Essay B lists words."
EXAMPLE_COMPARISON: dict[str, Any] = {
    "winner": "Essay A",
    "justification": _JUSTIFICATION,
    "confidence": 4.5,
    "choice": "A",
    "reasoning": _JUSTIFICATION,
    "consistent": None,
    "verdicts": [],
    "provider": "anthropic",
    "model": "claude-haiku-5-5",
    "response_time_ms": 913.4,
    "cached": False,
    "cache": "miss",
    "token_usage": {
        "input_tokens": 412,
        "output_tokens": 45,
        "total_tokens": 457,
        "cached_input_tokens": 0,
        "cache_write_tokens": 0,
        "cache_write_1h_tokens": 0,
        "reasoning_tokens": 0,
        "source": "reported",
    },
    "cost_estimate": 0.000637,
    "fallback_used": False,
    "attempts": [
        {
            "provider": "anthropic",
            "model": "claude-haiku-5-5",
            "outcome": "success",
            "status": 200,
            "error_type": None,
            "duration_ms": 912.6,
            "ttft_ms": None,
        },
    ],
    "latency": {"total_ms": 913.4, "upstream_ms": 912.6, "overhead_ms": 0.8, "queue_ms": 0.0},
    "warnings": [],
    "request_id": "req_01JD8Z6Q8W",
    "correlation_id": "essay-batch-17",
    "trace_id": None,
    "metadata": {"prompt_sha256": "1b7f0c5e0a3f5b0c2d0e4a3b6c7d8e9f00112233445566778899aabbccddeeff"},
    "created_at": "2026-11-21T20:45:00Z",
}
