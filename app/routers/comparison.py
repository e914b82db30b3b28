"""Which of two essays is better: one verdict, or many at once."""

from __future__ import annotations

import time
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.batch_items import outcomes_of, read_batch
from app.http.body import read_model
from app.http.described import BODY_ERRORS, CALL_ERRORS, IDS, MODEL_CALL, answers, guarded, ref, takes
from app.http.disconnect import unless_caller_leaves
from app.http.edge import calling, edge_of
from app.http.headers import batch_headers, verdict_headers
from app.http.json_answer import json_answer
from app.http.problems import problem_of
from app.http.trace_parent import trace_id_of
from app.http.trail import named, trail_of
from app.http.vendor_headers import vendor_headers_of
from app.routers.comparison_examples import BATCH, BATCH_ANSWER, CHECKED, COMPARED, OVERRIDDEN, VERDICT
from contracts import (
    ComparisonBatchItem,
    ComparisonBatchResponse,
    ComparisonRequest,
    ComparisonResponse,
    LLMProviderError,
)

router = APIRouter(tags=["comparison"], default_response_class=Response)

Result = ComparisonResponse | LLMProviderError


@router.post(
    "/api/v1/comparison",
    operation_id="compare_essays",
    summary="Ask which of two essays is better",
    responses=answers("The verdict.", ref("ComparisonResponse"), VERDICT, headers=MODEL_CALL) | guarded(*CALL_ERRORS),
    openapi_extra=takes(
        "ComparisonRequest",
        {"Two essays": COMPARED, "Judge and temperature chosen": OVERRIDDEN, "Both orders": CHECKED},
    ),
)
async def compare_essays(request: Request) -> Response:
    """Gives both essays to a model, as data, and answers its verdict: the winner, why, and how sure it is.

    An answer that is no verdict (a tie, a confidence out of range, words around the JSON) is mended once by the same
    model, then asked of the next candidate, then it is `invalid_output` (502): never a guess. A provider that is named
    has no fallback unless one is asked for. `check_order` asks in both orders and says whether the verdict held.
    """
    caller = calling(request)
    asked = named(await read_model(request, ComparisonRequest), trail_of(request.scope))
    work = edge_of(request).service.compare(asked, caller=caller, headers=vendor_headers_of(request))
    answer = _traced(await unless_caller_leaves(request.scope, request.receive, work), request)
    return json_answer(answer, verdict_headers(answer))


@router.post(
    "/api/v1/comparison/batch",
    operation_id="compare_essays_batch",
    summary="Ask for many verdicts at once",
    responses=answers(
        "Every item's verdict or error, in the order of the requests.",
        ref("ComparisonBatchResponse"),
        BATCH_ANSWER,
        headers=(*IDS, "x-llm-cache", "x-llm-attempts", "server-timing"),
    )
    | guarded(*BODY_ERRORS),
    openapi_extra=takes("ComparisonBatchRequest", {"Two comparisons": BATCH}),
)
async def compare_essays_batch(request: Request) -> Response:
    """Each comparison is checked and answered by itself: a bad one never fails the others. Urgent ones start first."""
    began = time.perf_counter()
    caller = calling(request)
    items = await read_batch(request, trail_of(request.scope), ComparisonRequest)
    judge = partial(edge_of(request).service.compare_batch, caller=caller, headers=vendor_headers_of(request))
    results = await unless_caller_leaves(request.scope, request.receive, outcomes_of(items, judge))
    total_ms = (time.perf_counter() - began) * 1000
    return json_answer(_batch(results, request), batch_headers(results, total_ms=total_ms))


def _traced(answer: ComparisonResponse, request: Request) -> ComparisonResponse:
    return answer.model_copy(update={"trace_id": trace_id_of(request.headers)})


def _batch(results: list[Result], request: Request) -> ComparisonBatchResponse:
    answered = [_batch_item(index, result, request) for index, result in enumerate(results)]
    failed = sum(item.error is not None for item in answered)
    return ComparisonBatchResponse(responses=answered, succeeded=len(answered) - failed, failed=failed)


def _batch_item(index: int, result: Result, request: Request) -> ComparisonBatchItem:
    if isinstance(result, ComparisonResponse):
        return ComparisonBatchItem(index=index, response=_traced(result, request))
    problem = problem_of(result, instance=request.url.path, trail=trail_of(request.scope))
    return ComparisonBatchItem(index=index, error=problem)
