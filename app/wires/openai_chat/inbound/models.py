"""How is a model written in OpenAI's dialect, and a list of them?

Source: the SDK's types.Model, and developers.openai.com/api/docs/deprecations for `shutdown_date`. `created` is when
the vendor released it; where nobody knows, it is 0: a moment of ours would change with every restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from contracts.models import ModelInfo


def encode_model(info: ModelInfo) -> dict[str, Any]:
    """One model. All that the dialect has no field for stands in `llm_service`, which its SDKs keep and never read."""
    released, retires = info.released, info.retires
    return {
        "id": info.id,
        "object": "model",
        "created": int(datetime.combine(released, time(), UTC).timestamp()) if released else 0,
        "owned_by": info.owned_by,
        "shutdown_date": retires.isoformat() if retires else None,
        "llm_service": info.model_dump(mode="json"),
    }


def encode_models(models: Sequence[ModelInfo], *, has_more: bool) -> dict[str, Any]:
    """A list, whole or a page of it; the dialect's own list of models has no pages, its other lists say them so."""
    ids = [info.id for info in models]
    return {
        "object": "list",
        "data": [encode_model(info) for info in models],
        "has_more": has_more,
        "first_id": ids[0] if ids else None,
        "last_id": ids[-1] if ids else None,
    }
