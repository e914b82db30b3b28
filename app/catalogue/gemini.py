"""What can Google's models do?

Levels and budgets are those of generate-content/thinking and of the pages on what is new; that of 3.6 also says which
sampling is passed over or refused, and that no request may end with the model's turn. For Gemma 4, which refuses
budgets and takes two levels, users' reports (livekit/agents 7095).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from app.catalogue.capabilities import ModelCapabilities, ModelRow, Source, Thinking, VendorModels
from contracts.providers import ProviderType

_READ = date(2026, 11, 21)
_DOCS = "ai.google.dev/gemini-api/docs"
_SOURCES = (
    Source("genai-prices 0.2.3", _READ),
    Source(f"{_DOCS}/models", _READ),
    Source(f"{_DOCS}/generate-content/thinking", _READ),
    Source(f"{_DOCS}/generate-content/whats-new-gemini-3.6", _READ),
    Source(f"{_DOCS}/generate-content/whats-new-gemini-3.8", _READ),
    Source(f"{_DOCS}/generate-content/latest-model (Gemini 4)", _READ),
    Source(f"{_DOCS}/thought-signatures", _READ),
    Source("docs.cloud.google.com/gemini-enterprise-agent-platform/models/gemini/3-6-flash", _READ),
    Source("github.com/livekit/agents/issues/7095", _READ),
)

_REFUSED = frozenset({"temperature", "top_p", "frequency_penalty", "presence_penalty"})
_FROM_LOW = ("low", "medium", "high")
_FROM_MINIMAL = ("minimal", *_FROM_LOW)

_SECOND = ModelCapabilities(context_window=1_048_576, max_output_tokens=65_536)
_THIRD = replace(_SECOND, thinking=Thinking.ALWAYS, efforts=_FROM_LOW, needs_signatures=True)
_THIRD_FLASH = replace(_THIRD, thinking=Thinking.DEFAULT, efforts=_FROM_MINIMAL)

GEMINI = VendorModels(
    kind=ProviderType.GEMINI,
    default_model="gemini-3.8-flash",
    sources=_SOURCES,
    unknown=ModelCapabilities(thinking=Thinking.ASKED),
    rows=(
        # Its window holds question and answer together; one request without streaming writes half of this limit.
        ModelRow(
            pattern=r"gemini-4-.*",
            can=replace(_THIRD, refused_sampling=_REFUSED),
            examples=("gemini-4-argon",),
        ),
        ModelRow(
            pattern=r"gemini-3\.5-flash-lite.*|gemini-3\.6-flash.*|gemini-flash-lite-latest",
            can=replace(_THIRD_FLASH, refused_sampling=_REFUSED),
            examples=("gemini-3.5-flash-lite", "gemini-3.6-flash", "gemini-flash-lite-latest"),
        ),
        ModelRow(
            pattern=r"gemini-3(\.[15])?-flash.*",
            can=_THIRD_FLASH,
            examples=("gemini-3-flash-preview", "gemini-3.1-flash-lite", "gemini-3.5-flash"),
        ),
        ModelRow(
            pattern=r"gemini-3-pro.*",
            can=replace(_THIRD, efforts=("low", "high")),
            examples=("gemini-3-pro-preview",),
        ),
        ModelRow(
            pattern=r"gemini-3\.[78]-flash.*|gemini-flash-latest",
            can=replace(_THIRD, refused_sampling=_REFUSED),
            examples=("gemini-3.8-flash", "gemini-3.7-flash", "gemini-flash-latest"),
        ),
        ModelRow(
            pattern=r"gemini-3\.1-pro.*|gemini-pro-latest",
            can=_THIRD,
            examples=("gemini-3.1-pro-preview", "gemini-pro-latest"),
        ),
        # What came later will pass over what the newest pass over; how much it holds is not known.
        ModelRow(
            pattern=r"gemini-[3-9](\.\d+)?-.*",
            can=replace(_THIRD, context_window=None, max_output_tokens=None, refused_sampling=_REFUSED),
            examples=("gemini-3.9-flash", "gemini-5-neon"),
        ),
        ModelRow(
            pattern=r"gemini-2\.5-flash-lite.*",
            can=replace(_SECOND, thinking=Thinking.ASKED, thinking_tokens=(512, 24_576)),
            examples=("gemini-2.5-flash-lite",),
        ),
        ModelRow(
            pattern=r"gemini-2\.5-flash.*",
            can=replace(_SECOND, thinking=Thinking.DEFAULT, thinking_tokens=(1, 24_576)),
            examples=("gemini-2.5-flash",),
        ),
        ModelRow(
            pattern=r"gemini-2\.5-pro.*",
            can=replace(_SECOND, thinking=Thinking.ALWAYS, thinking_tokens=(128, 32_768)),
            examples=("gemini-2.5-pro",),
        ),
        ModelRow(
            pattern=r"gemini-(2\.0|1\.5)-flash.*",
            can=ModelCapabilities(context_window=1_000_000, max_output_tokens=8_192),
            examples=("gemini-2.0-flash", "gemini-1.5-flash"),
        ),
        ModelRow(
            pattern=r"gemma-4-.*",
            can=ModelCapabilities(context_window=262_144, thinking=Thinking.DEFAULT, efforts=("minimal", "high")),
            examples=("gemma-4-31b-it",),
        ),
        ModelRow(
            pattern=r"(gemini|gemma|learnlm)-.*",
            can=ModelCapabilities(),
            examples=("gemini-pro", "gemma-3-27b-it"),
        ),
    ),
)
