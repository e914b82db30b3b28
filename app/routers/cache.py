"""What does the cache of answers hold, how often does it help, and how is it emptied?"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from contracts import CacheCleared, CacheStats, ProviderNotFoundError, StoreUnavailableError

router = APIRouter(tags=["cache"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])

_STATS = example_of(CacheStats)
_CLEARED = example_of(CacheCleared)


@router.get(
    "/api/v1/cache/stats",
    operation_id="get_cache_stats",
    summary="Show the cache",
    responses=answers("The cache as it stands.", ref("CacheStats"), _STATS) | guarded(admin=True),
)
async def get_cache_stats(service: Service) -> Response:
    """What it holds, and how often it helped. A store that cannot be asked is reported (`state: down`), not raised."""
    return json_answer(await service.get_cache_stats())


@router.post(
    "/api/v1/cache/clear",
    operation_id="clear_cache",
    summary="Empty the cache",
    responses=answers("How many answers went.", ref("CacheCleared"), _CLEARED)
    | guarded(ProviderNotFoundError, StoreUnavailableError, admin=True),
)
async def clear_cache(
    service: Service,
    provider: Annotated[
        str | None,
        Query(description="Only answers of this provider row; `google` is `gemini`.", min_length=1, max_length=64),
    ] = None,
    model: Annotated[str | None, Query(description="Only answers of this model.", min_length=1, max_length=256)] = None,
) -> Response:
    """Takes every answer out, or those of a provider, of a model, or of a model there: they are bought anew."""
    return json_answer(await service.clear_cache(provider=provider, model=model))
