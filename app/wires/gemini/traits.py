"""In what do the models of this dialect differ? As data, that the catalogue fills in."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelTraits:
    """What one model takes; the defaults are those of a model that is not known.

    `thinking_levels`: the values of `thinkingLevel`, rising. `thinking_tokens`: the bounds of `thinkingBudget`. A model
    has one of them or neither, for the API refuses both together. `can_rest`: its thinking can be switched off.

    `is_third_generation` (guides "gemini-3" and "media-resolution"): it refuses function calls without a thought
    signature, and takes media in function results, a resolution for each image, `VALIDATED` calls, and a JSON answer
    beside functions.
    """

    thinking_levels: tuple[str, ...] = ()
    thinking_tokens: tuple[int, int] | None = None
    can_rest: bool = False
    is_third_generation: bool = False
