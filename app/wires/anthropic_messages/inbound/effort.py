"""How much shall the model think?

`output_config.effort` is an effort as ours is. A budget becomes the effort whose own budget is nearest; `adaptive`
without an effort thinks as with the vendor's default, high. What an effort does not say goes to `extras` beside it, and
so does a word that is not known here: another amount of thought gives no other answer.
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
    """The effort, and what has no place in it: `config` is of `output_config`."""

    effort: ReasoningEffort | None = None
    extras: dict[str, Any] = field(default_factory=dict)
    config: dict[str, Any] = field(default_factory=dict)


def decode_effort(body: Place) -> Effort:
    """`thinking` and `output_config.effort`."""
    level = body.at("output_config").at("effort")
    known = level.word(*LEVELS)
    asked = ReasoningEffort(known) if known is not None else None
    config = {"effort": level.value} if level.is_given and asked is None else {}
    thinking = body.at("thinking")
    if not thinking.is_object():
        return Effort(effort=asked, config=config)
    effort, says_more = _thinking(thinking, asked)
    if effort is ReasoningEffort.NONE and level.is_given:
        config = {"effort": level.value}
    return Effort(effort=effort, extras={"thinking": thinking.value} if says_more else {}, config=config)


def _thinking(thinking: Place, asked: ReasoningEffort | None) -> tuple[ReasoningEffort | None, bool]:
    """The effort that `thinking` is, beside the one that is `asked`, and whether it says more than that."""
    kind = thinking.need("type").word(*_KINDS)
    display = thinking.at("display")
    display.word()
    says_more = thinking.has_others(_FIELDS) or display.value not in (None, "summarized")
    match kind:
        case "disabled" | "between_tools":
            return ReasoningEffort.NONE, says_more or kind == "between_tools"
        case "enabled":
            nearest = _nearest(thinking)
            return asked or nearest, says_more or asked is not None or display.is_given
        case "adaptive":
            return asked or ReasoningEffort.HIGH, says_more
        case _:
            return asked, True


def _nearest(thinking: Place) -> ReasoningEffort:
    tokens = thinking.need("budget_tokens").whole_number(SMALLEST_BUDGET, MOST_TOKENS) or 0
    return min(BUDGETS, key=lambda one: abs(BUDGETS[one] - tokens))
