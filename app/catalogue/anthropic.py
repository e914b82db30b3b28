"""What can Anthropic's models do?

thinking-troubleshooting says which thinking each model takes; thinking, which sampling, prefill and forced tools; the
models' pages and the migration guides of Haiku, Sonnet and Opus 5.5 and Fable 5.1 the rest. Of instructions amid a
conversation Anthropic's page, as read, names Opus 4.8 alone, and LangChain's profiles the models since.
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
_DOCS = "platform.claude.com/docs/en"
_SOURCES = (
    Source("genai-prices 0.2.3", _READ),
    Source("anthropic 2.12 (types.model)", _READ),
    Source(f"{_DOCS}/models", _READ),
    Source(f"{_DOCS}/build-with-claude/thinking-troubleshooting", _READ),
    Source(f"{_DOCS}/build-with-claude/thinking", _READ),
    Source(f"{_DOCS}/build-with-claude/effort", _READ),
    Source(f"{_DOCS}/build-with-claude/structured-outputs", _READ),
    Source(f"{_DOCS}/build-with-claude/pdf-support", _READ),
    Source(f"{_DOCS}/build-with-claude/mid-conversation-system-messages", _READ),
    Source("github.com/langchain-ai/langchainjs/releases (anthropic 1.5.13, midConversationSystemMessages)", _READ),
)

_ALL_EFFORTS = ("low", "medium", "high", "xhigh", "max")
_LEAST_BUDGET = 1_024

_ADAPTIVE = ModelCapabilities(
    context_window=1_000_000,
    max_output_tokens=128_000,
    efforts=_ALL_EFFORTS,
    refused_sampling=frozenset({"temperature", "top_p"}),
    takes_both_samplings=False,
)
_LATER = replace(_ADAPTIVE, late_system=True)
_NEWEST = replace(_LATER, thinking=Thinking.ALWAYS, forced_tools=False)
_FIRST = ModelCapabilities(
    context_window=200_000, max_output_tokens=4_096, prefill=True, structured_output=StructuredOutput.NONE
)


def _budgeted(max_output_tokens: int, *, both: bool = True, schema: bool = False) -> ModelCapabilities:
    return replace(
        _FIRST,
        max_output_tokens=max_output_tokens,
        thinking=Thinking.ASKED,
        thinking_tokens=(_LEAST_BUDGET, max_output_tokens),
        refused_while_reasoning=frozenset({"temperature"}),
        takes_both_samplings=both,
        structured_output=StructuredOutput.SCHEMA if schema else StructuredOutput.NONE,
    )


ANTHROPIC = VendorModels(
    kind=ProviderType.ANTHROPIC,
    default_model="claude-haiku-5-5",
    sources=_SOURCES,
    # A model of somebody's that copies the dialect: it may not know `output_config`.
    unknown=ModelCapabilities(thinking=Thinking.ASKED, structured_output=StructuredOutput.NONE),
    rows=(
        ModelRow(
            pattern=r"claude-(fable|mythos)-5[.-]\d(\D.*)?",
            can=_NEWEST,
            examples=("claude-fable-5-1", "claude-fable-5-2", "claude-mythos-5-2"),
        ),
        ModelRow(pattern=r"claude-opus-5[.-]5(\D.*)?", can=_NEWEST, examples=("claude-opus-5-5",)),
        ModelRow(
            pattern=r"claude-sonnet-5[.-]5(\D.*)?",
            can=replace(_LATER, thinking=Thinking.BETWEEN_TOOLS, forced_tools=False),
            examples=("claude-sonnet-5-5",),
        ),
        ModelRow(
            pattern=r"claude-haiku-5[.-]5(\D.*)?",
            can=replace(_LATER, thinking=Thinking.DEFAULT),
            examples=("claude-haiku-5-5", "claude-haiku-5.5"),
        ),
        ModelRow(
            pattern=r"claude-(fable|mythos)-5([-@].*)?",
            can=replace(_LATER, thinking=Thinking.ALWAYS),
            examples=("claude-fable-5",),
        ),
        ModelRow(
            pattern=r"claude-(fable|mythos)-preview([-@].*)?",
            can=replace(_ADAPTIVE, thinking=Thinking.ALWAYS),
            examples=("claude-mythos-preview",),
        ),
        ModelRow(
            pattern=r"claude-opus-5([-@](\d{8}|latest))?",
            can=replace(_LATER, thinking=Thinking.DEFAULT),
            examples=("claude-opus-5",),
        ),
        # Of this one the sources differ.
        ModelRow(
            pattern=r"claude-sonnet-5([-@](\d{8}|latest))?",
            can=replace(_ADAPTIVE, thinking=Thinking.DEFAULT),
            examples=("claude-sonnet-5",),
        ),
        ModelRow(
            pattern=r"claude-opus-4[.-]8(\D.*)?",
            can=replace(_LATER, thinking=Thinking.ASKED),
            examples=("claude-opus-4-8",),
        ),
        ModelRow(
            pattern=r"claude-opus-4[.-]7(\D.*)?",
            can=replace(_ADAPTIVE, thinking=Thinking.ASKED),
            examples=("claude-opus-4-7",),
        ),
        ModelRow(
            pattern=r"claude-(opus|sonnet)-4[.-]6(\D.*)?",
            can=replace(
                _ADAPTIVE,
                thinking=Thinking.ASKED,
                efforts=("low", "medium", "high", "max"),
                refused_sampling=frozenset(),
                refused_while_reasoning=frozenset({"temperature"}),
            ),
            examples=("claude-opus-4-6", "claude-sonnet-4-6"),
        ),
        ModelRow(
            pattern=r"claude-(opus|sonnet|haiku)-4[.-]5(\D.*)?",
            can=_budgeted(64_000, both=False, schema=True),
            examples=("claude-haiku-4-5-20251001", "claude-sonnet-4-5", "claude-opus-4.5"),
        ),
        ModelRow(
            pattern=r"claude-opus-4[.-]1(\D.*)?",
            can=_budgeted(32_000, both=False),
            examples=("claude-opus-4-1-20250805",),
        ),
        ModelRow(pattern=r"claude-opus-4([-@].*)?", can=_budgeted(32_000), examples=("claude-opus-4-20250514",)),
        ModelRow(pattern=r"claude-sonnet-4([-@].*)?", can=_budgeted(64_000), examples=("claude-sonnet-4-20250514",)),
        ModelRow(pattern=r"claude-3[.-]7-.*", can=_budgeted(64_000), examples=("claude-3-7-sonnet-latest",)),
        ModelRow(
            pattern=r"claude-3[.-]5-.*",
            can=replace(_FIRST, max_output_tokens=8_192),
            examples=("claude-3-5-haiku-20241022",),
        ),
        ModelRow(
            pattern=r"claude-3([.-].*)?",
            can=replace(_FIRST, files=False),
            examples=("claude-3-opus-20240229", "claude-3-haiku-20240307"),
        ),
        ModelRow(
            pattern=r"claude-2([.-].*)?",
            can=replace(_FIRST, tools=False, vision=False, files=False),
            examples=("claude-2.1",),
        ),
        ModelRow(
            pattern=r"claude-(1|v1|instant)([.-].*)?",
            can=replace(_FIRST, context_window=None, tools=False, vision=False, files=False),
            examples=("claude-v1", "claude-instant-1.2"),
        ),
        # A Claude that came later will refuse what the newest refuse; how much it holds is not known.
        ModelRow(
            pattern=r"claude-.*",
            can=replace(_NEWEST, context_window=None, max_output_tokens=None, late_system=False),
            examples=("claude-opus-7",),
        ),
    ),
)
