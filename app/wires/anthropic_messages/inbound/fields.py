"""Which field of a body for POST /v1/messages is what? One table, which a test holds against the SDK's own.

A field that stands in none of the three, because it is newer than this table or another vendor's, is kept like a hint.
"""

from __future__ import annotations

from app.wires.demands import Demand

# What the conversation, or the way in which we answer, says.
UNDERSTOOD = frozenset(
    {
        "max_tokens",
        "messages",
        "model",
        "output_config",
        "stop_sequences",
        "stream",
        "system",
        "temperature",
        "thinking",
        "tool_choice",
        "tools",
        "top_p",
    }
)
THREAD = "thread"
DEMANDS = {
    "billing_policy": Demand(
        "says who is billed, which only vendors of this dialect ask",
        nothing=({"type": "billing_policy"}, {"type": "billing_policy", "bill_to": "self"}),
    ),
    "compaction": Demand("asks for a summary in a block that only vendors of this dialect write"),
    "container": Demand("names a container that a vendor of this dialect keeps", nothing=({},)),
    "mcp_servers": Demand("asks for tools that only vendors of this dialect call themselves", nothing=([],)),
    THREAD: Demand("names a conversation that a vendor of this dialect keeps"),
}
# Without these an answer is the same, or only dearer, slower or less well filed.
HINTS = frozenset(
    {
        "cache_control",
        "context_management",
        "diagnostics",
        "fallback_credit_token",
        "fallbacks",
        "inference_geo",
        "metadata",
        "service_tier",
        "speed",
        "top_k",
    }
)
KNOWN_FIELDS = UNDERSTOOD | HINTS | DEMANDS.keys()
