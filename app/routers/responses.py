"""OpenAI's responses: its SDKs work here by their base URL alone."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.surfaces.dialects import RESPONSES
from app.surfaces.document.responses import DESCRIBED
from app.surfaces.serving import endpoint_of

_SAYS = """\
What OpenAI's endpoint of that path takes and gives, answered by any provider.

State that is kept between calls (`previous_response_id`, `conversation`) and the vendor's own tools need a provider
of this dialect, which gets the body as it came; for others they are refused by name. What was kept is built on at
the row that keeps it, for the tenant who got it; a process knows that of the answers it gave itself, until it is
restarted: otherwise send the whole conversation. `stream` answers as server-sent events. Closing the connection
cancels the work."""

router = APIRouter(tags=["responses"], default_response_class=Response)

router.add_api_route(
    "/v1/responses",
    endpoint_of(RESPONSES),
    methods=["POST"],
    name="create_response",
    operation_id="create_response",
    summary="Ask a model by OpenAI's responses",
    responses=DESCRIBED.responses,
    openapi_extra=DESCRIBED.request,
    description=_SAYS,
)
