"""How much shall the model think?

`output_config.effort` is an effort as ours is. A budget becomes the effort whose own budget is nearest; `adaptive`
without an effort thinks as with the vendor's default, high. What an effort does not say goes to `extras` beside it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.wires.anthropic_messages.inbound.place import Place
from app.wires.anthropic_messages.thinking import BUDGETS
from contracts.chat import ReasoningEffort

_LEVELS = ("low", "medium", "high", "xhigh", "max")
_KINDS = ("enabled", "adaptive", "disabled", "between_tools")
_SMALLEST_BUDGET = 1024
_LARGEST_BUDGET = 10_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """The effort, and what has no place in it."""

    effort: ReasoningEffort | None = None
    extras: dict[str, Any] = field(default_factory=dict)


def decode_effort(body: Place) -> Effort:
    """`thinking` and `output_config.effort`."""
    level = body.at("output_config").at("effort").one_of(_LEVELS)
    asked = ReasoningEffort(level) if level is not None else None
    thinking = body.at("thinking")
    if not thinking.is_given or not thinking.is_object():
        return Effort(effort=asked)
    kind = thinking.at("type").needed().one_of(_KINDS)
    display = thinking.at("display").one_of(["summarized", "omitted"])
    if kind in ("disabled", "between_tools"):
        extras: dict[str, Any] = {"thinking": thinking.value} if kind == "between_tools" else {}
        if level is not None:
            extras["output_config"] = {"effort": level}
        return Effort(effort=ReasoningEffort.NONE, extras=extras)
    if kind == "enabled":
        return _budgeted(thinking, asked, display)
    is_said = display is None or display == "summarized"
    return Effort(effort=asked or ReasoningEffort.HIGH, extras={} if is_said else {"thinking": thinking.value})


def _budgeted(thinking: Place, asked: ReasoningEffort | None, display: str | None) -> Effort:
    tokens = thinking.at("budget_tokens").needed().whole_number(least=_SMALLEST_BUDGET, most=_LARGEST_BUDGET)
    effort = asked or min(BUDGETS, key=lambda one: abs(BUDGETS[one] - (tokens or 0)))
    has_more = asked is not None or display is not None
    return Effort(effort=effort, extras={"thinking": thinking.value} if has_more else {})
