"""Which field of a body for POST /chat/completions is what? One table, which a test holds against the SDK's own.

A field that stands in none of the three, because it is newer than this table or another vendor's, is kept like a hint.
"""

from __future__ import annotations

from app.wires.demands import Demand

# What the conversation, or the way in which we answer, says.
UNDERSTOOD = frozenset(
    {
        "frequency_penalty",
        "function_call",
        "functions",
        "max_completion_tokens",
        "max_tokens",
        "messages",
        "model",
        "n",
        "parallel_tool_calls",
        "presence_penalty",
        "prompt_cache_key",
        "reasoning_effort",
        "response_format",
        "seed",
        "stop",
        "stream",
        "stream_options",
        "temperature",
        "tool_choice",
        "tools",
        "top_p",
    }
)
_LOGPROBS = "asks for the probabilities of tokens, which only vendors of this dialect give"
DEMANDS = {
    "audio": Demand("asks for a spoken answer, which only vendors of this dialect give"),
    "logit_bias": Demand("names tokens of one vendor's models", nothing=({},)),
    "logprobs": Demand(_LOGPROBS, nothing=(False,)),
    "modalities": Demand("asks for more than text, which only vendors of this dialect give", nothing=([], ["text"])),
    "moderation": Demand("asks for a verdict that only vendors of this dialect give"),
    "store": Demand("asks to keep the answer, which only vendors of this dialect do", nothing=(False,)),
    "top_logprobs": Demand(_LOGPROBS, nothing=(0,)),
    "web_search_options": Demand("asks for a search that only vendors of this dialect make"),
}
# Without these an answer is the same, or only dearer, slower or less well filed.
HINTS = frozenset(
    {
        "metadata",
        "prediction",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "user",
        "verbosity",
    }
)
KNOWN_FIELDS = UNDERSTOOD | HINTS | DEMANDS.keys()
