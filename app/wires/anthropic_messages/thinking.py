"""How is a model told how much to think?

Sources: thinking, "Configuring thinking" and "Thinking with tool use"; effort, "Effort levels"; extended-thinking for
the budgets, which are at least 1024 tokens and below `max_tokens`. An effort as a budget is our own measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.wires.anthropic_messages.abilities import Abilities, ThinkingForm
from app.wires.notes import Notes
from contracts.chat import Conversation, ReasoningEffort

SMALLEST_BUDGET = 1024
BUDGETS = {
    ReasoningEffort.MINIMAL: 1024,
    ReasoningEffort.LOW: 2048,
    ReasoningEffort.MEDIUM: 8192,
    ReasoningEffort.HIGH: 16_384,
    ReasoningEffort.XHIGH: 24_576,
    ReasoningEffort.MAX: 31_999,
}
LEVELS = ("low", "medium", "high", "xhigh", "max")
_OFF = {ThinkingForm.DEFAULT: "disabled", ThinkingForm.BETWEEN_TOOLS: "between_tools"}


def encode_thinking(
    conversation: Conversation, body: Mapping[str, Any], *, model: str, abilities: Abilities, notes: Notes
) -> dict[str, Any]:
    """`thinking` and `output_config.effort`; without an effort the model does as it does by default."""
    effort = conversation.reasoning_effort
    if effort is None:
        return {}
    if effort is ReasoningEffort.NONE:
        return _off(model, abilities, notes)
    if abilities.thinking is ThinkingForm.NONE:
        notes.leave_out("reasoning_effort", f"reasoning_effort was not sent: {model} does not reason")
        return {}
    if abilities.thinking is ThinkingForm.BUDGET:
        return _budget(effort, conversation, body, model, notes)
    level = _level(effort, abilities, model, notes)
    # Newer models leave the text of their thoughts out by default; who asks for an effort wants to see them.
    return {"thinking": {"type": "adaptive", "display": "summarized"}, "output_config": {"effort": level}}


def _off(model: str, abilities: Abilities, notes: Notes) -> dict[str, Any]:
    if abilities.thinking is ThinkingForm.ALWAYS:
        notes.leave_out("reasoning_effort", f"reasoning_effort none was sent as low: {model} always reasons")
        return {"output_config": {"effort": "low"}}
    if abilities.thinking is ThinkingForm.BETWEEN_TOOLS:
        notes.leave_out("reasoning_effort", f"reasoning_effort none was sent as between_tools: {model} knows no less")
    off = _OFF.get(abilities.thinking)
    return {"thinking": {"type": off}} if off else {}


def _level(effort: ReasoningEffort, abilities: Abilities, model: str, notes: Notes) -> str:
    """The highest level that the model knows and that is not above `effort`; `minimal` is its lowest."""
    known = abilities.efforts or LEVELS
    wanted = LEVELS.index(effort.value) if effort.value in LEVELS else 0
    level = next((name for name in reversed(known) if LEVELS.index(name) <= wanted), known[0])
    if level != effort.value:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as {level}: {model} does not know {effort}"
        )
    return level


def _budget(
    effort: ReasoningEffort, conversation: Conversation, body: Mapping[str, Any], model: str, notes: Notes
) -> dict[str, Any]:
    obstacle = _obstacle(conversation, body)
    if obstacle is not None:
        notes.leave_out("reasoning_effort", f"reasoning_effort was not sent: {model} does not reason {obstacle}")
        return {}
    wanted, most = BUDGETS[effort], body["max_tokens"]
    budget = wanted if wanted < most else max(SMALLEST_BUDGET, most // 2)
    if budget < wanted:
        notes.leave_out(
            "reasoning_effort", f"reasoning_effort {effort} was sent as {budget} tokens: max_tokens leaves no more"
        )
    return {"thinking": {"type": "enabled", "budget_tokens": budget}}


def _obstacle(conversation: Conversation, body: Mapping[str, Any]) -> str | None:
    """Under which circumstance a budget would be refused."""
    choice = conversation.tool_choice
    if choice is not None and choice.mode in ("required", "tool"):
        return "while it must use a tool"
    if body["max_tokens"] <= SMALLEST_BUDGET:
        return f"within max_tokens {body['max_tokens']}"
    messages: Sequence[Mapping[str, Any]] = body["messages"]
    if messages[-1]["role"] == "assistant":
        return "while it continues a turn"
    if _answers_tools(messages[-1]) and not _begins_with_thinking(messages[-2:-1]):
        return "amid tool calls that were made without its own reasoning"
    return None


def _answers_tools(message: Mapping[str, Any]) -> bool:
    return any(block.get("type") == "tool_result" for block in message["content"])


def _begins_with_thinking(messages: Sequence[Mapping[str, Any]]) -> bool:
    firsts = (message["content"][0].get("type") for message in messages)
    return any(kind in ("thinking", "redacted_thinking") for kind in firsts)
