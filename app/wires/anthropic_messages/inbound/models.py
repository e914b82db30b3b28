"""How is a model written in Anthropic's dialect, and a page of them?

Source: the SDK's types.ModelInfo, which allows the epoch for a release that is not known, and types.ModelCapabilities.
What its words ask and our catalogue does not know (citations, tools on the vendor's side, batches) is not promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from typing import Any

from contracts.models import ModelCapabilities, ModelInfo

_EPOCH = date(1970, 1, 1)
_LINES = ("haiku", "sonnet", "opus", "fable", "mythos")
_LEVELS = ("low", "medium", "high", "xhigh", "max")


def encode_model(info: ModelInfo) -> dict[str, Any]:
    """One model. All that the dialect has no field for stands in `llm_service`, which its SDKs keep and never read."""
    return {
        "type": "model",
        "id": info.id,
        "display_name": info.id,
        "created_at": _moment(info.released or _EPOCH),
        "lifecycle": info.lifecycle,
        "deprecated_at": None,
        "retires_at": _moment(info.retires) if info.retires else None,
        "line": next((line for line in _LINES if info.id.startswith(f"claude-{line}-")), None),
        "max_input_tokens": info.context_window,
        "max_tokens": info.max_output_tokens,
        "capabilities": _capabilities(info.capabilities),
        "llm_service": info.model_dump(mode="json"),
    }


def encode_models(models: Sequence[ModelInfo], *, has_more: bool) -> dict[str, Any]:
    """A page."""
    ids = [info.id for info in models]
    return {
        "data": [encode_model(info) for info in models],
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }


def _moment(day: date) -> str:
    return datetime.combine(day, time(), UTC).isoformat().replace("+00:00", "Z")


def _capabilities(can: ModelCapabilities) -> dict[str, Any]:
    thinks, budget = can.reasoning, can.thinking_budget
    return {
        "batch": _is(False),
        "citations": _is(False),
        "code_execution": _is(False),
        "context_management": {
            "supported": False,
            "clear_thinking_20251015": _is(False),
            "clear_tool_uses_20250919": _is(False),
            "compact_20260112": _is(False),
        },
        "effort": {
            "supported": bool(can.thinking_efforts),
            **{level: _is(level in can.thinking_efforts) for level in _LEVELS},
        },
        "image_input": _is(can.vision),
        "pdf_input": _is(can.files),
        "server_tools": {"supported": False, "code_execution": _is(False), "web_search": _is(False)},
        "structured_outputs": _is(can.structured_output),
        "thinking": {
            "supported": thinks,
            "types": {
                "adaptive": _is(thinks and not budget),
                "between_tools": _is(can.thinking == "between_tools"),
                "disabled": _is(can.thinking in ("never", "asked", "default")),
                "enabled": _is(budget),
            },
        },
    }


def _is(supported: bool) -> dict[str, bool]:
    return {"supported": supported}
