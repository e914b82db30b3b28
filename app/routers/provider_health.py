"""How a provider fares: what its last calls showed, or a real call to it now."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.disconnect import unless_caller_leaves
from app.http.edge import ADMINISTRATORS_ONLY, ProviderInPath, Service
from app.http.json_answer import json_answer
from contracts import ILLMProviderService, ProviderHealth, ProviderNotFoundError

router = APIRouter(tags=["provider_health"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_HEALTH = example_of(ProviderHealth)
_ERRORS = guarded(ProviderNotFoundError, admin=True)
_TESTED = (
    answers("How the call went; a vendor that fails is reported, not raised.", ref("ProviderHealth"), _HEALTH) | _ERRORS
)
Deep = Annotated[bool, Query(description="Ask for a completion of one token, which the vendor bills.")]


@router.get(
    "/providers/{provider}/health",
    operation_id="get_provider_health",
    summary="Show a provider's last known health",
    responses=answers("What its last calls showed.", ref("ProviderHealth"), _HEALTH) | _ERRORS,
)
async def get_provider_health(provider: ProviderInPath, service: Service) -> Response:
    """Health from the calls that were made; nothing is sent to the vendor."""
    return json_answer(await service.get_provider_health(provider))


@router.post(
    "/providers/{provider}/test", operation_id="test_provider", summary="Call a provider now", responses=_TESTED
)
async def try_provider(request: Request, provider: ProviderInPath, service: Service, deep: Deep = False) -> Response:
    """Asks the vendor for its list of models, or with `deep` for one token."""
    return await _tried(request, provider, service, deep=deep)


@router.post(
    "/api/v1/providers/{provider}/test",
    operation_id="test_listed_provider",
    summary="Call a provider now (the same)",
    responses=_TESTED,
)
async def try_listed_provider(
    request: Request, provider: ProviderInPath, service: Service, deep: Deep = False
) -> Response:
    """The same as `POST /providers/{provider}/test`."""
    return await _tried(request, provider, service, deep=deep)


async def _tried(request: Request, provider: str, service: ILLMProviderService, *, deep: bool) -> Response:
    testing = service.test_provider(provider, deep=deep)
    return json_answer(await unless_caller_leaves(request.scope, request.receive, testing))
