"""Examples of comparisons for `openapi.yaml`."""

from __future__ import annotations

from typing import Any

from app.http.described import example_of
from app.http.problem_examples import problem_examples
from contracts import ComparisonRequest, ComparisonResponse

VERDICT: dict[str, Any] = example_of(ComparisonResponse)
COMPARED: dict[str, Any] = example_of(ComparisonRequest)
_ESSAYS = {name: COMPARED[name] for name in ("essay_a", "essay_b")}
OVERRIDDEN: dict[str, Any] = {
    "user_prompt": "Which essay is written better?",
    **_ESSAYS,
    "provider": "anthropic",
    "fallback_providers": ["openai"],
    "llm_config_overrides": {"temperature_override": 0.2, "max_tokens_override": 500},
}
CHECKED: dict[str, Any] = {"user_prompt": "Which essay is written better?", **_ESSAYS, "check_order": True}
BATCH: dict[str, Any] = {"requests": [COMPARED, {**CHECKED, "priority": "urgent"}]}
BATCH_ANSWER: dict[str, Any] = {
    "responses": [
        {"index": 0, "response": VERDICT, "error": None},
        {"index": 1, "response": None, "error": problem_examples()["timeout"]["value"]},
    ],
    "succeeded": 1,
    "failed": 1,
}
