"""Comparisons through the engine, around scripted providers."""

from __future__ import annotations

import json
from typing import Any

from app.engine.comparison import compare
from app.engine.intake import take_in
from app.engine.plain import PlainCalls
from app.engine.verdict_format import demanding_a_verdict
from contracts.caller import IN_PROCESS_CALLER
from contracts.comparison import ComparisonRequest, ComparisonResponse
from contracts.errors import LLMProviderError
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse
from tests.kit.engine import Engine


def verdict(winner: str = "Essay A", confidence: Any = 4, justification: str = "It is clearer.", **more: Any) -> str:
    """What a model says."""
    return json.dumps({"justification": justification, "winner": winner, "confidence": confidence, **more})


async def judged(engine: Engine, **fields: Any) -> ComparisonResponse:
    """The answer to a comparison of `x` with `y`."""
    request = ComparisonRequest.model_validate({"user_prompt": "Which?", "essay_a": "x", "essay_b": "y", **fields})
    plain = PlainCalls(engine.accounts, engine.cache)
    with engine.snapshots.taken() as runtime:

        async def ask(asked: LLMRequest) -> LLMResponse:
            now = engine.clock.now()
            order = take_in(asked, IN_PROCESS_CALLER, now=now, is_stream=False, config=runtime.config)
            return await plain.answer(demanding_a_verdict(order), runtime)

        return await compare(request, ask)


async def failure(engine: Engine, **fields: Any) -> LLMProviderError:
    """The error of a comparison that must fail."""
    try:
        await judged(engine, **fields)
    except LLMProviderError as error:
        return error
    msg = "the comparison was answered"
    raise AssertionError(msg)
