"""Who did what to the service, from where, and what changed by it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.responses import Response

from app.http.described import answers, example_of, guarded, ref
from app.http.edge import ADMINISTRATORS_ONLY, Service
from app.http.json_answer import json_answer
from app.http.query import EACH_ONCE
from contracts import AuditPage, AuditQuery, StoreUnavailableError

router = APIRouter(tags=["audit"], default_response_class=Response, dependencies=[ADMINISTRATORS_ONLY])


@router.get(
    "/api/v1/audit",
    operation_id="get_audit",
    summary="Show the audit",
    dependencies=[EACH_ONCE],
    responses=answers("A page of entries.", ref("AuditPage"), example_of(AuditPage))
    | guarded(StoreUnavailableError, admin=True),
)
async def get_audit(service: Service, query: Annotated[AuditQuery, Query()]) -> Response:
    """Administrative actions, the newest first, with what was before and after them; secrets are masked."""
    return json_answer(await service.get_audit(query))
