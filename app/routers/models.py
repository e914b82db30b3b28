"""Which models can be named now, what can they do, and what do they cost? In OpenAI's shape, or in Anthropic's."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.http.edge import CallerOfKey, Service
from app.routers.model_pages import asked_page, page_of
from app.routers.model_shapes import model_shape
from app.routers.models_described import ERRORS, LIST_PARAMETERS, LISTED, MODEL_PARAMETERS, SHOWN
from app.wires.json_text import dump_json

router = APIRouter(tags=["models"], default_response_class=Response)


@router.get(
    "/v1/models",
    operation_id="list_models",
    summary="List the models",
    openapi_extra={"parameters": LIST_PARAMETERS},
    responses=LISTED | ERRORS,
)
async def list_models(request: Request, caller: CallerOfKey, service: Service) -> Response:
    """Every model that the caller may name and that a provider can be asked for now: `auto`, the configuration's
    logical names, then each provider's models, each once by its shortest name.
    """
    shape, query = model_shape(request), asked_page(request.query_params)
    models = [info for info in await service.get_models(caller=caller) if shape.can_ask(info)]
    page = page_of(models, query, usual_limit=shape.usual_limit)
    # Some hundred entries take tens of milliseconds, and others are waiting.
    return await asyncio.to_thread(_written, partial(shape.encode_models, page.models, has_more=page.has_more))


@router.get(
    "/v1/models/{model:path}",
    operation_id="get_model",
    summary="Show one model",
    openapi_extra={"parameters": MODEL_PARAMETERS},
    responses=SHOWN | ERRORS,
)
async def get_model(request: Request, caller: CallerOfKey, service: Service) -> Response:
    """One model by any name that a call may use: also `provider/model`, a dated snapshot, or a retired name, which
    is answered by its successor.
    """
    shape = model_shape(request)
    info = await service.get_model(request.path_params["model"], caller=caller)
    return _written(partial(shape.encode_model, info))


def _written(encode: Callable[[], dict[str, Any]]) -> Response:
    return Response(dump_json(encode()), media_type="application/json")
