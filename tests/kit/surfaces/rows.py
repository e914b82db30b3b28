"""Which rows of the configuration reach the vendor in which of the five dialects?"""

from __future__ import annotations

from typing import Any

from contracts import LLMProviderConfig

# A model that OpenAI serves with tools on /responses only, so that callers of any surface get there.
_BRIDGED = "gpt-6-sol"
_ROWS: dict[str, dict[str, Any]] = {
    "openai_chat": {"type": "openai", "default_model": "own-model", "dialects": ["openai_chat"]},
    "openai_responses": {
        "type": "openai",
        "default_model": _BRIDGED,
        "dialects": ["openai_chat", "openai_responses"],
    },
    "anthropic_messages": {"type": "anthropic", "default_model": "claude-haiku-5-5"},
    "gemini": {"type": "gemini", "default_model": "gemini-3.8-flash"},
    "ollama": {"type": "ollama", "default_model": "gpt-oss:20b"},
}
WIRES = tuple(_ROWS)
MODELS = {wire: str(row["default_model"]) for wire, row in _ROWS.items()}
_VERSIONS = {"openai_chat": "/v1", "openai_responses": "/v1", "gemini": "/v1beta"}


def row_of(wire: str, port: int, **changes: Any) -> dict[str, Any]:
    """A row whose vendor on `port` is asked in `wire`."""
    base = f"http://127.0.0.1:{port}{_VERSIONS.get(wire, '')}"
    return {**_ROWS[wire], "base_url": base, "api_key": f"sk-{wire}", **changes}


def config_of(rows: dict[str, dict[str, Any]], **changes: Any) -> LLMProviderConfig:
    """These rows in their order, each tried once, and no others."""
    usual = {"fallback_order": tuple(rows), "max_retries": 0, "enabled_providers": tuple(rows)}
    return LLMProviderConfig.model_validate({**usual, "providers": rows, **changes})
