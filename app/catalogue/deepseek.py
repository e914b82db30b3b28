"""What can DeepSeek's models do?

A prefix that it continues wants its beta address and a mark on the message, which we do not send: so no prefill. Its
page gives the output limit as 384K.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.catalogue.capabilities import (
    ModelCapabilities,
    ModelRow,
    Source,
    StructuredOutput,
    Thinking,
    VendorModels,
)
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
_SOURCES = (
    Source("genai-prices 0.2.3", _READ),
    Source("api-docs.deepseek.com/quick_start/pricing", _READ),
    Source("api-docs.deepseek.com/guides/thinking_mode", _READ),
    Source("api-docs.deepseek.com/guides/vision", _READ),
    Source("api-docs.deepseek.com/guides/chat_prefix_completion", _READ),
)

_DEEPSEEK = ModelCapabilities(
    refused_while_reasoning=frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty"}),
    vision=False,
    files=False,
    structured_output=StructuredOutput.JSON,
)
_FOURTH = replace(
    _DEEPSEEK,
    context_window=1_000_000,
    max_output_tokens=384_000,
    thinking=Thinking.DEFAULT,
    efforts=("low", "high", "max"),
)

DEEPSEEK = VendorModels(
    kind=ProviderType.DEEPSEEK,
    default_model="deepseek-flash",
    sources=_SOURCES,
    unknown=ModelCapabilities(thinking=Thinking.ASKED, files=False, structured_output=StructuredOutput.JSON),
    rows=(
        ModelRow(
            pattern=r"deepseek-(reasoner|r1(-\d{4})?)",
            can=replace(_DEEPSEEK, context_window=64_000, thinking=Thinking.ALWAYS),
            examples=("deepseek-reasoner", "deepseek-r1", "deepseek-r1-0528"),
        ),
        # Other makers' models that learnt from it.
        ModelRow(
            pattern=r"deepseek-r1-.*",
            can=replace(_DEEPSEEK, thinking=Thinking.ALWAYS),
            examples=("deepseek-r1-distill-llama-70b",),
        ),
        ModelRow(
            pattern=r"deepseek-chat.*",
            can=replace(_DEEPSEEK, context_window=64_000, thinking=Thinking.ASKED),
            examples=("deepseek-chat",),
        ),
        ModelRow(
            pattern=r"deepseek-v3.*",
            can=replace(_DEEPSEEK, context_window=128_000, thinking=Thinking.ASKED),
            examples=("deepseek-v3.2",),
        ),
        # All of them are DeepSeek-V4.1-Flash now.
        ModelRow(
            pattern=r"deepseek-(flash|v4(\.1)?-flash).*",
            can=replace(_FOURTH, vision=True),
            examples=("deepseek-flash", "deepseek-v4-flash", "deepseek-v4-flash-vision-exp"),
        ),
        ModelRow(pattern=r"deepseek-v4.*", can=_FOURTH, examples=("deepseek-v4-pro", "deepseek-v4-pro-0813")),
    ),
)
