"""What can a model be asked on /v1/messages? As data: models differ, the dialect does not."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ThinkingForm(StrEnum):
    """How a model is told to think (thinking-troubleshooting, the table by model)."""

    NONE = "none"
    """It cannot."""
    BUDGET = "budget"
    """`{type: enabled, budget_tokens}`; off unless asked."""
    ASKED = "asked"
    """`{type: adaptive}` and an effort; off unless asked."""
    DEFAULT = "default"
    """The same, but on unless told `{type: disabled}`."""
    BETWEEN_TOOLS = "between_tools"
    """The same, but no less than `{type: between_tools}`."""
    ALWAYS = "always"
    """The same, and it cannot be turned off."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abilities:
    """One model's; the defaults are those of a model that is not known and gets all that it is asked.

    `max_output_tokens` is the documented limit, sent where the caller sets none; None: not known. `efforts` are the
    levels that it takes, lowest first. `takes_both_samplings`: temperature and top_p in one request.
    `takes_late_system`: instructions amid the conversation.
    """

    max_output_tokens: int | None = None
    thinking: ThinkingForm = ThinkingForm.BUDGET
    efforts: tuple[str, ...] = ()
    takes_sampling: bool = True
    takes_both_samplings: bool = True
    takes_prefill: bool = True
    takes_forced_tools: bool = True
    takes_json_schema: bool = False
    takes_late_system: bool = False
