"""OpenAI's chat completions: its SDKs work here by their base URL alone."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from app.surfaces.dialects import CHAT_COMPLETIONS
from app.surfaces.document.chat_completions import DESCRIBED
from app.surfaces.serving import endpoint_of

_SAYS = """\
What OpenAI's endpoint of that path takes and gives, answered by any provider.

A provider of the same dialect gets the body as it came, unknown fields too, and its answer comes back as it came.
For any other it is translated: what only that dialect can do is refused by name, what is a hint is left out and
named in `llm_service.warnings`. `stream` answers as server-sent events. Closing the connection cancels the work."""

router = APIRouter(tags=["chat_completions"], default_response_class=Response)

router.add_api_route(
    "/v1/chat/completions",
    endpoint_of(CHAT_COMPLETIONS),
    methods=["POST"],
    name="create_chat_completion",
    operation_id="create_chat_completion",
    summary="Ask a model in OpenAI's words",
    responses=DESCRIBED.responses,
    openapi_extra=DESCRIBED.request,
    description=_SAYS,
)
