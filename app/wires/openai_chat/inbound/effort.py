"""How much shall the model think: in OpenAI's words, or in those of the vendors that copy it?

OpenAI says `reasoning_effort`, OpenRouter `reasoning: {effort}`, and DeepSeek adds `thinking: {type}`. What says more
than an effort is left where it is, for the vendor that understands it.
"""

from __future__ import annotations

from app.wires.place import Place
from contracts.chat import ReasoningEffort

_EFFORTS = tuple(ReasoningEffort)
_FIELDS = frozenset({"reasoning_effort", "reasoning", "thinking"})
_NOTHING: frozenset[str] = frozenset()


def read_effort(body: Place) -> tuple[ReasoningEffort | None, frozenset[str]]:
    """The effort, and the fields of other vendors that say nothing beyond it; a word that is not ours gives None."""
    if not body.says_any(_FIELDS):
        return None, _NOTHING
    word = body.at("reasoning_effort").word(*_EFFORTS)
    if word is not None:
        is_echo = body.at("thinking").value == {"type": "enabled"}
        return ReasoningEffort(word), frozenset({"thinking"} if is_echo else ())
    reasoning = body.at("reasoning").value
    if isinstance(reasoning, dict) and set(reasoning) == {"effort"} and reasoning["effort"] in _EFFORTS:
        return ReasoningEffort(reasoning["effort"]), frozenset({"reasoning"})
    if body.at("thinking").value == {"type": "disabled"}:
        return ReasoningEffort.NONE, frozenset({"thinking"})
    return None, _NOTHING
