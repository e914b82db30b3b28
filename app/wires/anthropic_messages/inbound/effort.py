"""How much shall the model think?

`output_config.effort` is an effort as ours is. A budget becomes the effort whose own budget is nearest; `adaptive`
without an effort thinks as with the vendor's default, high. What an effort does not say goes to `extras` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.wires.anthropic_messages.thinking import BUDGETS, LEVELS, SMALLEST_BUDGET
from app.wires.place import Place
from app.wires.request_fields import MOST_TOKENS
from contracts.chat import ReasoningEffort

_FIELDS = ("type", "budget_tokens", "display")
_KINDS = ("enabled", "adaptive", "disabled", "between_tools")


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The effort, and what has no place in it."""

    effort: ReasoningEffort | None = None
    extras: dict[str, Any] = field(default_factory=dict)


def decode_effort(body: Place) -> Effort:
    """`thinking` and `output_config.effort`."""
    level = body.at("output_config").at("effort").one_of(*LEVELS)
    asked = ReasoningEffort(level) if level is not None else None
    thinking = body.at("thinking")
    if not thinking.is_object():
        return Effort(effort=asked)
    kind = thinking.need("type").one_of(*_KINDS)
    display = thinking.at("display").one_of("summarized", "omitted")
    has_more = thinking.has_others(_FIELDS)
    if kind in ("disabled", "between_tools"):
        extras: dict[str, Any] = {"thinking": thinking.value} if has_more or kind == "between_tools" else {}
        if level is not None:
            extras["output_config"] = {"effort": level}
        return Effort(effort=ReasoningEffort.NONE, extras=extras)
    if kind == "enabled":
        nearest = _nearest(thinking)
        has_more = has_more or asked is not None or display is not None
        return Effort(effort=asked or nearest, extras={"thinking": thinking.value} if has_more else {})
    has_more = has_more or display == "omitted"
    return Effort(effort=asked or ReasoningEffort.HIGH, extras={"thinking": thinking.value} if has_more else {})


def _nearest(thinking: Place) -> ReasoningEffort:
    tokens = thinking.need("budget_tokens").whole_number(SMALLEST_BUDGET, MOST_TOKENS) or 0
    return min(BUDGETS, key=lambda one: abs(BUDGETS[one] - tokens))
