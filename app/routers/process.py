"""Model calls: one whole answer, a stream of it, or a batch; and who would be asked."""

from __future__ import annotations

import time
from functools import partial

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.batch_items import outcomes_of, read_batch
from app.http.body import read_model
from app.http.described import BODY_ERRORS, CALL_ERRORS, IDS, MODEL_CALL, answers, guarded, ref, streams, takes
from app.http.disconnect import unless_caller_leaves
from app.http.edge import calling, edge_of
from app.http.headers import answer_headers, batch_headers
from app.http.json_answer import json_answer
from app.http.problems import problem_of
from app.http.process_events import ProcessEvents
from app.http.sse import answer_stream
from app.http.trail import named, trail_of
from app.http.vendor_headers import vendor_headers_of
from app.routers.process_examples import ANSWER, ASKED, BATCH, BATCH_ANSWER, EXPLANATION, MESSAGES, STREAM, STRUCTURED
from contracts import BatchItem, BatchResponse, LLMProviderError, LLMRequest, LLMResponse, ProviderNotFoundError

router = APIRouter(tags=["process"], default_response_class=Response)

Result = LLMResponse | LLMProviderError
_CALL_ERRORS = guarded(*CALL_ERRORS)
_REQUEST = takes("LLMRequest", {"A prompt": ASKED, "Messages and a fallback": MESSAGES, "Typed JSON": STRUCTURED})


@router.post(
    "/process",
    operation_id="process_request",
    summary="Ask a model, and wait for the whole answer",
    responses=answers("The answer.", ref("LLMResponse"), ANSWER.model_dump(mode="json"), headers=MODEL_CALL)
    | _CALL_ERRORS,
    openapi_extra=_REQUEST,
)
async def process_request(request: Request) -> Response:
    """Sends one request to the best provider, and to the next when that one fails, within one deadline.

    The answer names who really served it, what it cost and every attempt that was made. Closing the connection
    cancels the work.
    """
    caller = calling(request)
    asked = named(await read_model(request, LLMRequest), trail_of(request.scope))
    headers = vendor_headers_of(request)
    work = edge_of(request).service.process_request(asked, caller=caller, headers=headers)
    answer = await unless_caller_leaves(request.scope, request.receive, work)
    return json_answer(answer, answer_headers(answer))


@router.post(
    "/process/stream",
    operation_id="process_stream",
    summary="Ask a model, and read the answer while it is written",
    responses=streams(
        "Server-sent events. `start`, then `text`, `reasoning`, `tool_call` and `warning` (StartEvent, TextEvent, "
        "ReasoningEvent, ToolCallEvent, WarningEvent), then exactly one `done` (an LLMResponse) or `error` (a "
        "Problem). A stream without one of those two was cut. Lines that begin with a colon are signs of life.",
        STREAM,
    )
    | _CALL_ERRORS,
    openapi_extra=_REQUEST,
)
async def process_stream(request: Request) -> Response:
    """The same as `POST /process`, as server-sent events.

    Until the first content is there nothing is sent, so that failures are real statuses; after 25 seconds without it
    the headers go out, and a failure of all candidates is the last event. Closing the connection ends the vendor's
    work.
    """
    caller = calling(request)
    edge = edge_of(request)
    asked = named(await read_model(request, LLMRequest), trail_of(request.scope))
    stream = edge.service.process_stream(asked, caller=caller, headers=vendor_headers_of(request))
    return await answer_stream(request, stream, edge.pace, ProcessEvents(request.scope))


@router.post(
    "/process/batch",
    operation_id="process_batch",
    summary="Ask many things at once",
    responses=answers(
        "Every item's answer or error, in the order of the requests.",
        ref("BatchResponse"),
        BATCH_ANSWER,
        headers=(*IDS, "x-llm-cache", "x-llm-attempts", "server-timing"),
    )
    | guarded(*BODY_ERRORS),
    openapi_extra=takes("BatchRequest", {"Two requests": BATCH}),
)
async def process_batch(request: Request) -> Response:
    """Each request is checked and answered by itself: a bad one never fails the others. Urgent ones start first."""
    began = time.perf_counter()
    caller = calling(request)
    items = await read_batch(request, trail_of(request.scope), LLMRequest)
    process = partial(edge_of(request).service.process_batch, caller=caller, headers=vendor_headers_of(request))
    results = await unless_caller_leaves(request.scope, request.receive, outcomes_of(items, process))
    total_ms = (time.perf_counter() - began) * 1000
    return json_answer(_batch(results, request), batch_headers(results, total_ms=total_ms))


@router.post(
    "/process/explain",
    operation_id="explain_request",
    summary="Ask who would be asked, and why nobody else",
    responses=answers("The candidates in order, and the reasons.", ref("Explanation"), EXPLANATION)
    | guarded(*BODY_ERRORS, ProviderNotFoundError),
    openapi_extra=_REQUEST,
)
async def explain_request(request: Request) -> Response:
    """Takes the same body as `POST /process`, calls nobody, and counts nothing.

    Names the strategy, who served the conversation before, each candidate with its model and time limit, and for
    every other provider why it would not be tried: disabled, no key, open or cooling until when, what it lacks. A
    request that would be refused at once is answered with that refusal inside.
    """
    caller = calling(request)
    asked = named(await read_model(request, LLMRequest), trail_of(request.scope))
    return json_answer(await edge_of(request).service.explain(asked, caller=caller))


def _batch(results: list[Result], request: Request) -> BatchResponse:
    answered = [_batch_item(index, result, request) for index, result in enumerate(results)]
    failed = sum(item.error is not None for item in answered)
    return BatchResponse(responses=answered, succeeded=len(answered) - failed, failed=failed)


def _batch_item(index: int, result: Result, request: Request) -> BatchItem:
    if isinstance(result, LLMResponse):
        return BatchItem(index=index, response=result)
    problem = problem_of(result, instance=request.url.path, trail=trail_of(request.scope))
    return BatchItem(index=index, error=problem)
