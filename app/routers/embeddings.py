"""OpenAI's embeddings: its SDKs work here by their base URL alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.surfaces.document.embeddings import DESCRIBED
from app.surfaces.vectors import serve_vectors

router = APIRouter(tags=["embeddings"], default_response_class=Response)


@router.post(
    "/v1/embeddings",
    operation_id="create_embedding",
    summary="Make vectors of texts, in OpenAI's words",
    responses=DESCRIBED.responses,
    openapi_extra=DESCRIBED.request,
)
async def create_embedding(request: Request) -> Response:
    """What OpenAI's endpoint of that path takes and gives, made by any provider that makes vectors.

    A provider of the same dialect gets the body as it came, and its answer comes back as it came. For any other it is
    translated: lists of tokens are refused by name. Vectors of different models cannot be compared, so without
    `fallback_providers` nobody stands in for the first but who offers the same model.
    """
    return await serve_vectors(request)
