"""How does a user of the `openai` SDK ask DeepSeek for each feature? It names that SDK as its own.

Sources: api-docs.deepseek.com, create-chat-completion and guides/thinking_mode: what the SDK has no words for goes by
`extra_body`, and the thoughts go back in the message.
"""

from __future__ import annotations

import json
from typing import Any

from tests.referees.feature_table import SUM_SCHEMA, TREE_SCHEMA
from tests.referees.openai_chat_asked import ASKED as ASKED_OF_OPENAI
from tests.referees.openai_chat_asked import CALL, HELLO, NOW, QUESTION, TOOLS, WHY, create, result
from tests.referees.referee import Asked, Unaskable, Written

MODEL = "deepseek-flash"
NO_FILES = Unaskable("takes no files")
INSTRUCTION = "Answer with one JSON object only. It must be valid under this JSON Schema:\n"


def _create(*messages: Any, notes: tuple[str, ...] = (), **params: Any) -> Written:
    return create(*messages, notes=notes, **{"model": MODEL, **params})


def _instructed(schema: dict[str, object]) -> Written:
    return _create(
        {"role": "system", "content": INSTRUCTION + json.dumps(schema)},
        HELLO,
        response_format={"type": "json_object"},
        notes=("response_format json_schema was sent as an instruction",),
    )


def _thinking(kind: str) -> dict[str, Any]:
    return {"thinking": {"type": kind}}


_AS_OPENAI = {
    name: Written(params={**asked.params, "model": MODEL}, notes=asked.notes)
    for name, asked in ASKED_OF_OPENAI.items()
    if isinstance(asked, Written)
}

ASKED: Asked = {
    **_AS_OPENAI,
    "text in parts": _create({"role": "user", "content": "First.\nSecond."}),
    "file inline": NO_FILES,
    "file name": NO_FILES,
    "file by URL": NO_FILES,
    "file by id": NO_FILES,
    "no parallel calls": _create(QUESTION, tools=TOOLS, notes=("parallel_tool_calls was not sent",)),
    "JSON Schema": _instructed(SUM_SCHEMA),
    "nested schema": _instructed(TREE_SCHEMA),
    "effort low": _create(HELLO, reasoning_effort="low", extra_body=_thinking("enabled")),
    "effort high": _create(HELLO, reasoning_effort="high", extra_body=_thinking("enabled")),
    "effort none": _create(HELLO, extra_body=_thinking("disabled")),
    "own reasoning": _create(QUESTION, {**CALL, "reasoning_content": "Short."}, result(1, "Rain."), tools=TOOLS),
    "refusal": _create(HELLO, {"role": "assistant", "content": "I will not."}, WHY),
    "max_tokens": _create(HELLO, max_tokens=64),
    "temperature": _create(HELLO, notes=("temperature was not sent",)),
    "top_p": _create(HELLO, notes=("top_p was not sent",)),
    "penalties": _create(HELLO, notes=("frequency_penalty was not sent", "presence_penalty was not sent")),
    "seed": _create(HELLO, notes=("seed was not sent",)),
    "calm sampling": _create(HELLO, temperature=0.5, extra_body=_thinking("disabled")),
    "cache marks": _create(
        {"role": "user", "content": "Long.\nHello"}, tools=[NOW], notes=("cache_control was not sent",)
    ),
    "prompt_cache_key": _create(HELLO, notes=("prompt_cache_key was not sent",)),
}
