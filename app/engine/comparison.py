"""Which of two essays is better? One call for a verdict, or one in each order, and the answer to the caller."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from app.engine.answer import added
from app.engine.comparison_prompt import ComparisonPrompt, comparison_prompt
from app.engine.comparison_settings import JudgeSettings, judge_settings
from app.engine.intake import new_request_id
from app.engine.verdict_format import VERDICT_FORMAT, Verdict, read_verdict
from contracts.cache import dearest
from contracts.chat import Message, Role, TextPart
from contracts.comparison import MAX_JUSTIFICATION, ComparisonRequest, ComparisonResponse, ComparisonVerdict
from contracts.errors import LLMProviderError
from contracts.requests import LLMRequest
from contracts.responses import LLMResponse, Money

# Answers a request whose answer must be a verdict.
Ask = Callable[[LLMRequest], Awaitable[LLMResponse]]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A verdict in the caller's terms, and what it took."""

    prompt: ComparisonPrompt = field(repr=False)
    verdict: Verdict
    response: LLMResponse = field(repr=False)
    is_swapped: bool = False


async def compare(request: ComparisonRequest, ask: Ask) -> ComparisonResponse:
    """The verdict on the essays of `request`. Raises what `ask` does."""
    settings = judge_settings(request)
    if not request.check_order:
        return _answer(request, settings, [await _given_order(request, settings, ask)])
    return _answer(request, settings, await _both_orders(request, settings, ask))


async def _both_orders(request: ComparisonRequest, settings: JudgeSettings, ask: Ask) -> list[_Judged]:
    """Both at once, so that one deadline holds for both; the first that fails ends the other."""
    try:
        async with asyncio.TaskGroup() as group:
            given = group.create_task(_given_order(request, settings, ask))
            swapped = group.create_task(_swapped_order(request, settings, ask))
    except* LLMProviderError as failed:
        error = failed.exceptions[0]
    else:
        return [given.result(), swapped.result()]
    raise error


async def _given_order(request: ComparisonRequest, settings: JudgeSettings, ask: Ask) -> _Judged:
    prompt = comparison_prompt(request.user_prompt, request.essay_a, request.essay_b, judge=settings.system)
    response = await ask(_asked(request, settings, prompt))
    return _Judged(prompt, read_verdict(response.content), response)


async def _swapped_order(request: ComparisonRequest, settings: JudgeSettings, ask: Ask) -> _Judged:
    """Under an id of its own, since it is a call of its own in every record."""
    prompt = comparison_prompt(request.user_prompt, request.essay_b, request.essay_a, judge=settings.system)
    asked = _asked(request, settings, prompt)
    response = await ask(asked.model_copy(update={"request_id": new_request_id()}))
    return _Judged(prompt, read_verdict(response.content).swapped(), response, is_swapped=True)


def _asked(request: ComparisonRequest, settings: JudgeSettings, prompt: ComparisonPrompt) -> LLMRequest:
    # As messages: a prompt may not be as long as two essays and the words around them.
    said = Message(role=Role.USER, content=(TextPart(text=prompt.user),))
    return LLMRequest(
        messages=(said,),
        system=prompt.system,
        preferred_provider=settings.provider,
        model=settings.model,
        temperature=settings.temperature,
        max_tokens=settings.max_tokens,
        enable_fallback=settings.enable_fallback,
        fallback_providers=request.fallback_providers,
        response_format=VERDICT_FORMAT,
        use_cache=request.use_cache is not False,
        priority=request.priority,
        user_id=request.user_id,
        request_id=request.request_id,
        correlation_id=request.correlation_id,
    )


def _answer(request: ComparisonRequest, settings: JudgeSettings, judged: list[_Judged]) -> ComparisonResponse:
    first, responses = judged[0], [one.response for one in judged]
    verdict, response = first.verdict, first.response
    latency = max((one.latency for one in responses), key=lambda one: one.total_ms)
    usage = response.usage
    for other in responses[1:]:
        usage = added(usage, other.usage)
    return ComparisonResponse(
        winner=verdict.winner,
        justification=verdict.justification,
        confidence=min(one.verdict.confidence for one in judged),
        choice="A" if verdict.winner == "Essay A" else "B",
        reasoning=verdict.justification,
        consistent=len({one.verdict.winner for one in judged}) == 1 if request.check_order else None,
        verdicts=[_told(one) for one in judged] if request.check_order else [],
        provider=response.provider,
        model=response.model,
        response_time_ms=latency.total_ms,
        token_usage=usage,
        cost_estimate=_cost(responses),
        cached=all(one.cached for one in responses),
        cache=dearest(one.cache for one in responses),
        fallback_used=any(one.fallback_used for one in responses),
        attempts=[attempt for one in responses for attempt in one.attempts],
        latency=latency,
        warnings=list(dict.fromkeys([*settings.warnings, *first.prompt.warnings, *_warnings(judged)])),
        request_id=response.request_id,
        correlation_id=response.correlation_id,
        metadata={**request.metadata, "prompt_sha256": first.prompt.sha256},
        created_at=response.created_at,
    )


def _told(judged: _Judged) -> ComparisonVerdict:
    return ComparisonVerdict(
        order="swapped" if judged.is_swapped else "given",
        winner=judged.verdict.winner,
        justification=judged.verdict.justification,
        confidence=judged.verdict.confidence,
        provider=judged.response.provider,
        model=judged.response.model,
        prompt_sha256=judged.prompt.sha256,
    )


def _cost(responses: list[LLMResponse]) -> Money | None:
    """All of it; None when a part of it is unknown."""
    costs = [one.cost.usd for one in responses if one.cost is not None]
    return sum(costs[1:], costs[0]) if len(costs) == len(responses) else None


def _warnings(judged: list[_Judged]) -> list[str]:
    warnings = [warning for one in judged for warning in one.response.warnings]
    if any(one.verdict.is_cut for one in judged):
        warnings.append(f"justification was cut after {MAX_JUSTIFICATION} characters")
    judges = list(dict.fromkeys(f"{one.response.provider}/{one.response.model}" for one in judged))
    if len(judges) > 1:
        warnings.append(f"the two orders were judged by different models: {' and '.join(judges)}")
    return warnings
