"""How a caller's request becomes one vendor-neutral call."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from app.engine.shape import Shape, shape_of
from app.engine.structured import instruction_for, response_format_for
from contracts.caller import Caller
from contracts.calls import ModelCall, Operation, new_call
from contracts.chat import Conversation, Message, Role, Sampling, TextPart
from contracts.config import LLMProviderConfig
from contracts.quick_making import maker_of, quickly_made
from contracts.requests import Candidate, LLMRequest, Priority, SignalType, StreamRecovery

# What a conversation is beside its messages. Many requests say nothing of it.
_MORE = frozenset(
    {
        *Sampling.__slots__,
        "tools",
        "tool_choice",
        "parallel_tool_calls",
        "response_format",
        "signal_type",
        "reasoning_effort",
        "prompt_cache_key",
    }
)


@quickly_made
@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What the caller asked beside the conversation: who should serve, for how long, under which names.

    `patience_seconds` is how long the chain may take where the caller sets no limit itself; None: as configured.
    `warnings` tell the caller what of the request was not taken.
    """

    call: ModelCall
    preferred: str | None
    model: str | None
    fallbacks: tuple[Candidate, ...] | None
    enable_fallback: bool | None
    timeout_seconds: float | None
    signal_type: SignalType | None
    shape: Shape | None
    stream_recovery: StreamRecovery
    use_cache: bool
    priority: Priority
    tags: tuple[str, ...]
    user_id: str | None = field(repr=False)
    metadata: Mapping[str, Any] = field(repr=False)
    is_stream: bool
    received_at: datetime
    patience_seconds: float | None = None
    warnings: tuple[str, ...] = ()


new_order = maker_of(Order)


def take_in(
    request: LLMRequest,
    caller: Caller,
    *,
    now: datetime,
    is_stream: bool,
    config: LLMProviderConfig,
    headers: Mapping[str, str] | None = None,
) -> Order:
    """The order that `request` is; what it leaves open is the configuration's, ids are made where it gives none.

    Raises InvalidRequestError for a `json_schema` that is none.
    """
    request_id = request.request_id or new_request_id()
    conversation = _conversation(request)
    return new_order(
        call=new_call(
            operation=Operation.CHAT,
            conversation=conversation,
            caller=caller,
            request_id=request_id,
            correlation_id=request.correlation_id or request_id,
            vendor_options=request.vendor_options,
            vendor_headers=headers or {},
            unsupported_parameters=request.unsupported_parameters or config.unsupported_parameters,
        ),
        preferred=request.preferred_provider,
        model=request.model,
        fallbacks=request.fallback_providers,
        enable_fallback=request.enable_fallback,
        timeout_seconds=request.timeout_seconds,
        signal_type=request.signal_type,
        shape=shape_of(conversation.response_format) if conversation.response_format is not None else None,
        stream_recovery=request.stream_recovery or config.stream_recovery,
        use_cache=request.use_cache or False,
        priority=request.priority,
        tags=all_tags(caller, request.tags) if caller.tags or request.tags else (),
        user_id=request.user_id,
        metadata=request.metadata,
        is_stream=is_stream,
        received_at=now,
    )


def all_tags(caller: Caller, tags: Sequence[str]) -> tuple[str, ...]:
    """The key's own and the request's, each once."""
    return tuple(dict.fromkeys((*caller.tags, *tags)))


def new_request_id() -> str:
    """A new id that sorts by time: `req_`, the milliseconds in hex, then 80 random bits.

    It need not be hard to guess, since a caller may choose his own: the system's randomness would be 3 µs more.
    """
    chance = random.getrandbits(80)
    return f"req_{time.time_ns() // 1_000_000:012x}{chance:020x}"


def _conversation(request: LLMRequest) -> Conversation:
    messages = request.messages or (_said(Role.USER, request.prompt or ""),)
    if request.signal_type is not None:
        messages = (_said(Role.SYSTEM, instruction_for(request.signal_type)), *messages)
    if request.system is not None:
        messages = (_said(Role.SYSTEM, request.system), *messages)
    if _MORE.isdisjoint(request.model_fields_set):
        return Conversation(messages=messages)
    return Conversation(
        messages=messages,
        sampling=Sampling(
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            top_p=request.top_p,
            frequency_penalty=request.frequency_penalty,
            presence_penalty=request.presence_penalty,
            stop=request.stop,
            seed=request.seed,
        ),
        tools=request.tools,
        tool_choice=request.tool_choice,
        parallel_tool_calls=request.parallel_tool_calls,
        response_format=response_format_for(request),
        reasoning_effort=request.reasoning_effort,
        prompt_cache_key=request.prompt_cache_key,
    )


def _said(role: Role, text: str) -> Message:
    return Message(role=role, content=(TextPart(text=text),))
