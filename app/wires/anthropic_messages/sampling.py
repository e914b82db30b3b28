"""Which sampling fields does a model take?

Sources: thinking, "Sampling parameters" (from 4.7 on any value but the default is a 400; before, temperature only
without thinking and top_p from 0.95); the 4.5 migration guide (temperature or top_p, not both).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.wires.anthropic_messages.abilities import Abilities
from app.wires.notes import Notes
from contracts.chat import Sampling

# What the vendor does anyway when the field is absent: leaving it out loses nothing.
_NEUTRAL: dict[str, tuple[float, ...]] = {
    "temperature": (1,),
    "top_p": (1, 0.99),
    "frequency_penalty": (0,),
    "presence_penalty": (0,),
}
_HIGHEST_TEMPERATURE = 1
_LOWEST_TOP_P_WITH_THINKING = 0.95


def encode_sampling(
    sampling: Sampling, body: Mapping[str, Any], *, provider: str, model: str, abilities: Abilities, notes: Notes
) -> dict[str, Any]:
    """Temperature, top_p and stop sequences as far as the model takes them; the rest is named in `to`.

    `body` holds what was decided of thinking before.
    """
    fields: dict[str, Any] = {}
    wanted = {"temperature": sampling.temperature, "top_p": sampling.top_p}
    for name, value in wanted.items():
        if value is None or value in _NEUTRAL[name]:
            continue
        obstacle = _obstacle(name, value, fields, body, provider, model, abilities)
        if obstacle is None:
            fields[name] = value
        else:
            notes.leave_out(name, f"{name} was not sent: {obstacle}")
    unknown = {
        "frequency_penalty": sampling.frequency_penalty,
        "presence_penalty": sampling.presence_penalty,
        "seed": sampling.seed,
    }
    for name, value in unknown.items():
        if value is not None and value not in _NEUTRAL.get(name, ()):
            notes.leave_out(name, f"{name} was not sent: {provider} does not know it")
    return fields | _stop(sampling, provider, notes)


def _obstacle(
    name: str,
    value: float,
    fields: Mapping[str, Any],
    body: Mapping[str, Any],
    provider: str,
    model: str,
    abilities: Abilities,
) -> str | None:
    """Why the model would refuse it; None when it would not."""
    if not abilities.takes_sampling:
        return f"{model} does not take it"
    if name == "temperature" and value > _HIGHEST_TEMPERATURE:
        return f"{provider} takes at most {_HIGHEST_TEMPERATURE}"
    if is_thinking(body) and (name == "temperature" or value < _LOWEST_TOP_P_WITH_THINKING):
        return f"{model} does not take it while it reasons"
    if name == "top_p" and "temperature" in fields and not abilities.takes_both_samplings:
        return f"{model} takes temperature or top_p, not both"
    return None


def is_thinking(body: Mapping[str, Any]) -> bool:
    """Whether `body` asks for thinking."""
    thinking = body.get("thinking") or {}
    return thinking.get("type") in ("enabled", "adaptive")


def _stop(sampling: Sampling, provider: str, notes: Notes) -> dict[str, Any]:
    sequences = [text for text in sampling.stop if text.strip()]
    if len(sequences) < len(sampling.stop):
        notes.leave_out("stop", f"a stop sequence of spaces was not sent: {provider} takes none")
    return {"stop_sequences": sequences} if sequences else {}
