"""How a caller's request for vectors becomes one vendor-neutral call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.engine.intake import Order, new_request_id
from contracts.caller import Caller
from contracts.calls import ModelCall, Operation
from contracts.config import LLMProviderConfig
from contracts.embeddings import EmbeddingInput, EmbeddingRequest
from contracts.requests import Priority


def take_in_texts(
    request: EmbeddingRequest,
    caller: Caller,
    *,
    now: datetime,
    config: LLMProviderConfig,
    headers: Mapping[str, str] | None = None,
) -> Order:
    """The order that `request` is; what it leaves open is the configuration's, ids are made where it gives none."""
    request_id = request.request_id or new_request_id()
    asked = EmbeddingInput(texts=request.input, dimensions=request.dimensions, purpose=request.purpose)
    return Order(
        call=ModelCall(
            operation=Operation.EMBEDDINGS,
            embedding=asked,
            caller=caller,
            request_id=request_id,
            correlation_id=request.correlation_id or request_id,
            vendor_options=request.vendor_options,
            vendor_headers=headers or {},
            unsupported_parameters=config.unsupported_parameters,
        ),
        preferred=request.preferred_provider,
        model=request.model,
        fallbacks=request.fallback_providers,
        enable_fallback=None,
        timeout_seconds=request.timeout_seconds,
        signal_type=None,
        shape=None,
        stream_recovery=config.stream_recovery,
        use_cache=request.use_cache or False,
        priority=Priority.NORMAL,
        tags=tuple(dict.fromkeys((*caller.tags, *request.tags))),
        user_id=request.user_id,
        metadata={},
        is_stream=False,
        received_at=now,
    )
