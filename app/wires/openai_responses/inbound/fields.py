"""Which field of a body for POST /responses is what? One table, which a test holds against the SDK's own.

A field that stands in none of the three, because it is newer than this table or another vendor's, is kept like a hint.
"""

from __future__ import annotations

from app.wires.demands import Demand

# What the conversation, or the way in which we answer, says.
UNDERSTOOD = frozenset(
    {
        "background",
        "include",
        "input",
        "instructions",
        "max_output_tokens",
        "model",
        "parallel_tool_calls",
        "prompt_cache_key",
        "reasoning",
        "stream",
        "stream_options",
        "temperature",
        "text",
        "tool_choice",
        "tools",
        "top_p",
    }
)
LOGPROBS = "asks for the probabilities of tokens, which only vendors of this dialect give"
# What was said is then not, or not all, in `input`.
STATE = {
    "conversation": Demand("names a conversation that a vendor of this dialect keeps"),
    "previous_response_id": Demand("names an answer that a vendor of this dialect keeps"),
    "prompt": Demand("names a template that a vendor of this dialect keeps"),
}
DEMANDS = {
    **STATE,
    "moderation": Demand("asks for a verdict that only vendors of this dialect give"),
    "store": Demand("asks to keep the answer, which only vendors of this dialect do", nothing=(False,)),
    "top_logprobs": Demand(LOGPROBS, nothing=(0,)),
}
# Without these an answer is the same, or only dearer, slower or less well filed.
HINTS = frozenset(
    {
        "access_programs",
        "background_options",
        "context_management",
        "image",
        "max_tool_calls",
        "metadata",
        "prompt_cache_options",
        "prompt_cache_retention",
        "safety_identifier",
        "service_tier",
        "truncation",
        "user",
    }
)
KNOWN_FIELDS = UNDERSTOOD | HINTS | DEMANDS.keys()
