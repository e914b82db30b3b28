"""How is a model of this dialect told how much to think?"""

from __future__ import annotations

from typing import Any

from app.wires.gemini.traits import ModelTraits
from app.wires.notes import Notes
from contracts.chat import ReasoningEffort

_RANKS = {effort.value: rank for rank, effort in enumerate(ReasoningEffort)}

# ai.google.dev, "openai": the budgets that Google itself puts in the place of these efforts. Beyond `high` it names
# none: the most that a model has.
_TOKENS = {
    ReasoningEffort.MINIMAL: 1_024,
    ReasoningEffort.LOW: 1_024,
    ReasoningEffort.MEDIUM: 8_192,
    ReasoningEffort.HIGH: 24_576,
    ReasoningEffort.XHIGH: 32_768,
    ReasoningEffort.MAX: 32_768,
}


def encode_thinking(effort: ReasoningEffort, *, model: str, traits: ModelTraits, notes: Notes) -> dict[str, Any] | None:
    """The `thinkingConfig` field; None when there is nothing to say. Thoughts are asked for where the model thinks."""
    if traits.thinking_levels:
        return _by_level(effort, model, traits, notes)
    if traits.thinking_tokens is not None:
        return _by_budget(effort, model, traits.thinking_tokens, traits, notes)
    if effort is not ReasoningEffort.NONE:
        notes.leave_out("reasoning_effort", f"reasoning_effort was not sent: {model} is not known to think")
    return None


def _by_level(effort: ReasoningEffort, model: str, traits: ModelTraits, notes: Notes) -> dict[str, Any]:
    level = nearest_level(effort, traits.thinking_levels)
    if effort is ReasoningEffort.NONE:
        notes.leave_out(
            "reasoning_effort",
            f"reasoning_effort none was sent as {level}: the thinking of {model} cannot be switched off",
        )
        return {"thinkingLevel": level.upper()}
    if level != effort.value:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as {level}: {model} has no level that is nearer"
        )
    return {"thinkingLevel": level.upper(), "includeThoughts": True}


def nearest_level(effort: ReasoningEffort, levels: tuple[str, ...]) -> str:
    """The level of `levels` that is nearest to `effort`; of two equally near ones the higher."""
    wanted = _RANKS[effort.value]
    return min(levels, key=lambda level: (abs(_RANKS[level] - wanted), -_RANKS[level]))


def _by_budget(
    effort: ReasoningEffort, model: str, bounds: tuple[int, int], traits: ModelTraits, notes: Notes
) -> dict[str, Any]:
    least, most = bounds
    if effort is ReasoningEffort.NONE:
        if traits.can_rest:
            return {"thinkingBudget": 0}
        notes.leave_out(
            "reasoning_effort",
            f"reasoning_effort none was sent as {least} tokens: {model} cannot answer without thinking",
        )
        return {"thinkingBudget": least}
    tokens = min(max(_TOKENS[effort], least), most)
    if tokens != _TOKENS[effort]:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as {tokens} tokens: {model} thinks in no more"
        )
    return {"thinkingBudget": tokens, "includeThoughts": True}
