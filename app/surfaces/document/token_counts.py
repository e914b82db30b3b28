"""How is POST /v1/messages/count_tokens described?"""

from __future__ import annotations

from typing import Any

from app.http.described import IDS, answers, example_of, ref, takes
from app.surfaces.document.endpoints import Described
from app.surfaces.document.errors import ANTHROPIC_FORM, call_errors
from app.surfaces.document.messages import SCHEMAS as MESSAGE_SCHEMAS
from app.surfaces.document.pieces import TEXT, Json, open_object
from app.surfaces.token_counts import count_document
from contracts import LLMResponse, TokenCount

_COUNTED: Json = MESSAGE_SCHEMAS["MessageRequest"]["properties"]
_OWN = open_object(
    "TokenCountExtras",
    "Who counted. `is_estimated`: nobody did, and `warnings` say why.",
    required=["provider", "model", "is_estimated", "warnings"],
    request_id=TEXT,
    correlation_id=TEXT,
    provider={"type": "string"},
    model={"type": "string"},
    is_estimated={"type": "boolean"},
    warnings={"type": "array", "items": {"type": "string"}},
)
SCHEMAS: Json = {
    "TokenCountRequest": open_object(
        "TokenCountRequest",
        "Anthropic's MessageCountTokensParams: what would be sent to be answered, without `max_tokens`.",
        required=["model", "messages"],
        **{name: _COUNTED[name] for name in ("model", "messages", "system", "thinking", "tools", "llm_service")},
    ),
    "TokenCount": open_object(
        "TokenCount",
        "How many tokens the input has.",
        required=["input_tokens", "llm_service"],
        input_tokens={"type": "integer", "minimum": 0},
        llm_service=_OWN,
    ),
}
_QUESTION = {"role": "user", "content": "In one sentence: what is a circuit breaker?"}
_EXAMPLES: dict[str, dict[str, Any]] = {
    "A question": {"model": "auto", "messages": [_QUESTION]},
    "With instructions": {"model": "auto", "system": "You answer in one word.", "messages": [_QUESTION]},
}


def _described() -> Described:
    answered: dict[str, Any] = example_of(LLMResponse)
    names = ("provider", "model", "request_id", "correlation_id")
    count = TokenCount(input_tokens=17, **{name: answered[name] for name in names})
    headers = (*IDS, "x-llm-provider", "x-llm-model", *ANTHROPIC_FORM.headers)
    good = answers("The count.", ref("TokenCount"), count_document(count), headers=headers)
    return Described(request=takes("TokenCountRequest", _EXAMPLES), responses=good | call_errors(ANTHROPIC_FORM))


DESCRIBED = _described()
