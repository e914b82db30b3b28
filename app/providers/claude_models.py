"""What can each Claude model be asked? What the catalogue says of it, in the words of the wire `anthropic_messages`."""

from __future__ import annotations

from functools import lru_cache

from app import catalogue
from app.catalogue import ModelCapabilities, StructuredOutput, Thinking
from app.wires.anthropic_messages import Abilities, ThinkingForm
from contracts.providers import ProviderType

_FORMS = {
    Thinking.NEVER: ThinkingForm.NONE,
    Thinking.ASKED: ThinkingForm.ASKED,
    Thinking.DEFAULT: ThinkingForm.DEFAULT,
    Thinking.BETWEEN_TOOLS: ThinkingForm.BETWEEN_TOOLS,
    Thinking.ALWAYS: ThinkingForm.ALWAYS,
}


@lru_cache(maxsize=1024)
def abilities_of(model: str) -> Abilities:
    """The abilities of `model`; what is no Claude, behind a server that copies the dialect, gets all it is asked."""
    if not catalogue.is_known(ProviderType.ANTHROPIC, model):
        return Abilities()
    can = catalogue.capabilities(ProviderType.ANTHROPIC, model)
    return Abilities(
        max_output_tokens=can.max_output_tokens,
        thinking=_form(can),
        efforts=can.efforts,
        takes_sampling="temperature" not in can.refused_sampling,
        takes_both_samplings=can.takes_both_samplings,
        takes_prefill=can.prefill,
        takes_forced_tools=can.forced_tools,
        takes_json_schema=can.structured_output is StructuredOutput.SCHEMA,
        takes_late_system=can.late_system,
    )


def _form(can: ModelCapabilities) -> ThinkingForm:
    return ThinkingForm.BUDGET if can.thinking_tokens is not None else _FORMS[can.thinking]
