"""What this process did since the last reset."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from contracts import LLMServiceStatistics, StatisticsReset

router = APIRouter(tags=["statistics"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])


@router.get(
    "/statistics",
    operation_id="get_statistics",
    summary="Show the statistics",
    responses=answers(
        "Totals, and figures of each provider.",
        ref("LLMServiceStatistics"),
        example_of(LLMServiceStatistics),
    )
    | guarded(admin=True),
)
async def get_statistics(service: Service) -> Response:
    """Requests, tokens, cost and times since the process started or the statistics were reset."""
    return json_answer(await service.get_statistics())


@router.post(
    "/statistics/reset",
    operation_id="reset_statistics",
    summary="Start the statistics anew",
    responses=answers("They begin now.", ref("StatisticsReset"), example_of(StatisticsReset)) | guarded(admin=True),
)
async def reset_statistics(service: Service) -> Response:
    """Sets every figure back; breakers and configuration stay as they are."""
    fresh = await service.reset_statistics()
    return json_answer(StatisticsReset(message="statistics are reset", since=fresh.since))
