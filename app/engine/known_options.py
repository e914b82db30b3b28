"""Which fields of a vendor's body may a key use that is limited to models? Those whose meaning is known.

They are the fields of the dialects' own tables (a test holds them together), and of the vendors who have a dialect of
their own. `contracts.model_naming` says what of their values is looked at besides.
"""

from __future__ import annotations

_DIALECTS = frozenset(
    {
        "access_programs",
        "audio",
        "background_options",
        "billing_policy",
        "cache_control",
        "compaction",
        "container",
        "context_management",
        "conversation",
        "diagnostics",
        "dimensions",
        "encoding_format",
        "fallback_credit_token",
        "frequency_penalty",
        "function_call",
        "functions",
        "image",
        "include",
        "inference_geo",
        "input_type",
        "instructions",
        "logit_bias",
        "logprobs",
        "max_completion_tokens",
        "max_output_tokens",
        "max_tokens",
        "max_tool_calls",
        "mcp_servers",
        "metadata",
        "modalities",
        "moderation",
        "n",
        "output_config",
        "parallel_tool_calls",
        "prediction",
        "presence_penalty",
        "previous_response_id",
        "prompt",
        "prompt_cache_key",
        "prompt_cache_options",
        "prompt_cache_retention",
        "reasoning",
        "reasoning_effort",
        "response_format",
        "safety_identifier",
        "seed",
        "service_tier",
        "speed",
        "stop",
        "stop_sequences",
        "temperature",
        "text",
        "thinking",
        "thread",
        "tool_choice",
        "tools",
        "top_k",
        "top_logprobs",
        "top_p",
        "truncation",
        "user",
        "verbosity",
        "web_search_options",
    }
)
_GEMINI = frozenset(
    {
        "generationConfig",
        "labels",
        "outputDimensionality",
        "safetySettings",
        "serviceTier",
        "taskType",
        "title",
        "toolConfig",
    }
)
_OLLAMA = frozenset({"format", "keep_alive", "options", "think", "truncate"})
_LLAMA_CPP = frozenset(
    {"ignore_eos", "min_p", "mirostat", "mirostat_eta", "mirostat_tau", "repeat_penalty", "typical_p"}
)

KNOWN_OPTIONS = _DIALECTS | _GEMINI | _OLLAMA | _LLAMA_CPP
