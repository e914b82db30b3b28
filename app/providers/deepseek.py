"""DeepSeek. Sources: api-docs.deepseek.com: create-chat-completion, guides thinking_mode, vision and json_mode."""

from __future__ import annotations

from app.providers.openai_dialect import OpenAIDialect
from app.providers.vendor import Vendor
from app.wires.openai_chat import EffortStyle, Quirks, ReasoningEcho
from contracts.calls import Wire
from contracts.providers import ProviderType

VENDOR = Vendor(
    kind=ProviderType.DEEPSEEK,
    base_url="https://api.deepseek.com",
    key_variable="DEEPSEEK_API_KEY",
    wires=frozenset({Wire.OPENAI_CHAT}),
    dialect=OpenAIDialect(
        embeddings=None,
        quirks=Quirks(
            max_tokens_field="max_tokens",
            effort_style=EffortStyle.THINKING,
            # It folds these levels itself; saying so lets the caller know.
            efforts={"minimal": "low", "medium": "high", "xhigh": "high"},
            reasoning_echo=ReasoningEcho.CONTENT,
            unknown_fields=frozenset({"seed", "parallel_tool_calls", "prompt_cache_key"}),
            takes_json_schema=False,
            takes_text_lists=False,
            takes_files=False,
            takes_refusals=False,
        ),
    ),
)
