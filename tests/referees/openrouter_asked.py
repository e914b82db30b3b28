"""How does a user of the `openai` SDK ask OpenRouter for each feature? Its quickstart names that SDK.

Sources: openrouter.ai/docs, and the types of its own SDK `openrouter` 1.3 (ChatRequest, ChatContentText,
ChatFunctionTool, ReasoningDetailUnion): what the other SDK has no words for goes by `extra_body` and in the messages.
"""

from __future__ import annotations

from typing import Any

from tests.referees.features_of_turns import FILE_URL
from tests.referees.openai_chat_asked import ASKED as ASKED_OF_OPENAI
from tests.referees.openai_chat_asked import CALL, HELLO, NOW, QUESTION, TOOLS, create, pixel, result, text, user
from tests.referees.referee import Asked, Written

MODEL = "anthropic/claude-haiku-5.5"
THOUGHT = {"type": "reasoning.text", "text": "Short.", "signature": "c2ln", "index": 0}
HOUR = {"cache_control": {"type": "ephemeral", "ttl": "1h"}}


def _create(*messages: Any, **params: Any) -> Written:
    return create(*messages, **{"model": MODEL, **params})


def _file_by_url() -> Any:
    return {"type": "file", "file": {"file_data": FILE_URL, "filename": "document"}}


def _effort(effort: str) -> dict[str, Any]:
    return {"reasoning": {"effort": effort}}


_AS_OPENAI = {
    name: Written(params={**asked.params, "model": MODEL}, notes=asked.notes)
    for name, asked in ASKED_OF_OPENAI.items()
    if isinstance(asked, Written)
}

ASKED: Asked = {
    **_AS_OPENAI,
    "file by URL": _create(user(_file_by_url(), text("Sum it up."))),
    "image in a result": _create(
        QUESTION,
        CALL,
        {"role": "tool", "tool_call_id": "call_1", "content": [text("As seen:"), pixel()]},
        tools=TOOLS,
    ),
    "effort low": _create(HELLO, extra_body=_effort("low")),
    "effort high": _create(HELLO, extra_body=_effort("high")),
    "effort none": _create(HELLO, extra_body=_effort("none")),
    "own reasoning": _create(QUESTION, {**CALL, "reasoning_details": [THOUGHT]}, result(1, "Rain."), tools=TOOLS),
    "calm sampling": _create(HELLO, temperature=0.5, extra_body=_effort("none")),
    "cache marks": _create(
        {
            "role": "user",
            "content": [{**text("Long."), **HOUR}, {**text("Hello"), "cache_control": {"type": "ephemeral"}}],
        },
        tools=[{**NOW, **HOUR}],
    ),
}
