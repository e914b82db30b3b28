"""How one attempt is sent to one target: a whole reply, or an open one whose first content is here."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from functools import lru_cache

from app.engine.intake import Order
from app.engine.open_attempt import OpenAttempt
from app.engine.reading import Reading
from app.engine.selection import Target
from app.ports import CallLimits
from app.resilience.clock import Clock
from app.resilience.deadline import AttemptLimits, Deadline, TimeLimit, time_limit
from contracts.calls import ModelCall, Reply
from contracts.config import LLMProviderConfig
from contracts.errors import LLMProviderError


def plain_call(target: Target, order: Order, limits: AttemptLimits) -> Awaitable[Reply]:
    """One plain call, to be awaited within its `answer_limit`."""
    call = call_for(target, order) if target.params else order.call
    return target.provider.complete(call, model=target.model, limits=call_limits(limits.connect))


@lru_cache(maxsize=64)
def call_limits(connect_seconds: float) -> CallLimits:
    """Kept, because nearly all calls of a configuration have the same."""
    return CallLimits(connect_timeout_seconds=connect_seconds)


def answer_limit(target: Target, limits: AttemptLimits) -> TimeLimit:
    """Around one plain call. Raises LLMTimeoutError after `limits.answer` seconds."""
    return time_limit(limits.answer, f"{target.provider.name} gave no answer in {limits.answer:.1f} s")


async def open_reply(
    target: Target, order: Order, limits: AttemptLimits, config: LLMProviderConfig, clock: Clock
) -> Reading:
    """One streamed call whose first content is here within `limits.answer`; nothing stays open when it fails."""
    name = target.provider.name
    async with time_limit(limits.answer, f"{name} gave no first token in {limits.answer:.1f} s"):
        call = call_for(target, order) if target.params else order.call
        stream = await target.provider.open_stream(call, model=target.model, limits=call_limits(limits.connect))
        reading = Reading(stream, name, config, clock)
        try:
            await reading.until_first_content()
        except BaseException:
            await reading.aclose()
            raise
    return reading


async def collected_reply(reading: Reading, order: Order, attempt: OpenAttempt, deadline: Deadline) -> Reply:
    """The whole of an open reply, read to its end within the request's deadline, and closed."""
    attempt.first_content()
    late = f"{attempt.target.provider.name} gave no whole answer within the {deadline.seconds:g} s of the request"
    try:
        async with time_limit(deadline.remaining(), late):
            while await reading.read_on():
                reading.held.clear()
        return reading.reply()
    except LLMProviderError as error:
        attempt.failed(error, reading.estimate(order.call.conversation))
        raise
    except asyncio.CancelledError:
        attempt.cancelled(reading.estimate(order.call.conversation))
        raise
    finally:
        await reading.aclose()


def traced(order: Order, attempt: OpenAttempt, config: LLMProviderConfig) -> Order:
    """The order with the span of its call, where the row's configuration says that its vendor gets it."""
    if not config.providers[attempt.target.provider.name].send_trace_context:
        return order
    parent = attempt.trace_parent
    if parent is None:
        return order
    return replace(order, call=replace(order.call, trace_parent=parent))


def call_for(target: Target, order: Order) -> ModelCall:
    """The call as this target gets it: the candidate's own params laid over the caller's vendor options."""
    if not target.params:
        return order.call
    name = target.provider.name
    options = {**order.call.vendor_options.get(name, {}), **target.params}
    return replace(order.call, vendor_options={**order.call.vendor_options, name: options})
