"""Which vendors and models are left alone, why, and until when; and giving one its chance back."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.edge import ADMINISTRATORS_ONLY, ProviderInPath, Service
from app.http.json_answer import json_answer, json_list
from contracts import CircuitBreakerInfo, ProviderNotFoundError

router = APIRouter(tags=["circuit_breakers"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_INFO = example_of(CircuitBreakerInfo)
_CLOSED = {
    "state": "closed",
    "failures": 0,
    "opened_at": None,
    "next_probe_at": None,
    "cooling_until": None,
    "last_error": None,
    "reason": None,
}
_RESET = {**_CLOSED, "provider": "openai", "routes": [{**_CLOSED, "model": "gpt-6-luna"}]}


@router.get(
    "/api/v1/circuit-breakers",
    operation_id="list_circuit_breakers",
    summary="List the circuits",
    responses=answers(
        "The circuits of every provider row, as this process sees them.",
        {"type": "array", "items": ref("CircuitBreakerInfo")},
        [_INFO],
    )
    | guarded(admin=True),
)
async def list_circuit_breakers(service: Service) -> Response:
    """Every provider row with its circuit and those of its models: state, failures, next probe, rest and last error."""
    return json_list(await service.get_circuit_breakers())


@router.post(
    "/api/v1/circuit-breakers/{provider}/reset",
    operation_id="reset_circuit_breaker",
    summary="Close a provider's circuits",
    responses=answers("They are closed.", ref("CircuitBreakerInfo"), _RESET)
    | guarded(ProviderNotFoundError, admin=True),
)
async def reset_circuit_breaker(
    provider: ProviderInPath,
    service: Service,
    model: Annotated[
        str | None, Query(description="Only the circuit of this model there.", min_length=1, max_length=256)
    ] = None,
) -> Response:
    """Closes the circuits and ends the rests of a provider in this process: the next request calls it again."""
    return json_answer(await service.reset_circuit_breaker(provider, model))
