"""How what came in at a drop-in surface becomes one vendor-neutral call."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.engine.intake import Order, all_tags, new_order, new_request_id
from app.engine.shape import shape_of
from app.resilience.deadline import SURFACE_CHAIN_SECONDS
from contracts.caller import Caller
from contracts.calls import Operation, new_call
from contracts.chat import Conversation
from contracts.config import LLMProviderConfig
from contracts.embeddings import EmbeddingInput
from contracts.surfaces import AUTO, SurfaceRequest

_NOTHING_SAID = Conversation(messages=())


def take_in_surface(
    request: SurfaceRequest,
    caller: Caller,
    *,
    now: datetime,
    config: LLMProviderConfig,
    headers: Mapping[str, str] | None = None,
) -> Order:
    """The order that `request` is; what it leaves open is the configuration's, ids are made where it gives none.

    Raises InvalidRequestError for a schema of the answer that is none.
    """
    steering, asked = request.steering, request.source.read_as
    conversation = asked if isinstance(asked, Conversation) else _NOTHING_SAID
    texts = asked if isinstance(asked, EmbeddingInput) else None
    request_id = request.request_id or new_request_id()
    call = new_call(
        operation=Operation.CHAT if texts is None else Operation.EMBEDDINGS,
        conversation=conversation,
        embedding=texts,
        caller=caller,
        request_id=request_id,
        correlation_id=request.correlation_id or request_id,
        vendor_options=steering.vendor_options,
        vendor_headers=headers or {},
        unsupported_parameters=steering.unsupported_parameters or config.unsupported_parameters,
        source=request.source,
    )
    is_auto = request.model == AUTO and AUTO not in config.models
    return new_order(
        call=call,
        preferred=steering.preferred_provider,
        model=None if is_auto else request.model,
        fallbacks=steering.fallback_providers,
        enable_fallback=steering.enable_fallback,
        timeout_seconds=steering.timeout_seconds,
        signal_type=None,
        shape=shape_of(conversation.response_format) if conversation.response_format is not None else None,
        stream_recovery=steering.stream_recovery or config.stream_recovery,
        use_cache=steering.use_cache or False,
        priority=steering.priority,
        tags=all_tags(caller, steering.tags) if caller.tags or steering.tags else (),
        user_id=request.user_id,
        metadata=steering.metadata,
        is_stream=request.is_stream,
        received_at=now,
        patience_seconds=request.patience_seconds or max(SURFACE_CHAIN_SECONDS, config.fallback_timeout_seconds),
        warnings=request.warnings,
    )
