"""Anthropic's messages: its SDKs work here by their base URL alone."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from app.surfaces.dialects import MESSAGES
from app.surfaces.document import token_counts
from app.surfaces.document.messages import DESCRIBED
from app.surfaces.serving import endpoint_of
from app.surfaces.token_counts import serve_count

_SAYS = """\
What Anthropic's endpoint of that path takes and gives, answered by any provider.

A provider of the same dialect gets the body as it came, unknown fields too, and its answer comes back as it came.
For any other it is translated: what only that dialect can do is refused by name, what is a hint is left out and
named in `llm_service.warnings`. `stream` answers as server-sent events. Closing the connection cancels the work."""

router = APIRouter(tags=["messages"], default_response_class=Response)

router.add_api_route(
    "/v1/messages",
    endpoint_of(MESSAGES),
    methods=["POST"],
    name="create_message",
    operation_id="create_message",
    summary="Ask a model in Anthropic's words",
    responses=DESCRIBED.responses,
    openapi_extra=DESCRIBED.request,
    description=_SAYS,
)


@router.post(
    "/v1/messages/count_tokens",
    operation_id="count_message_tokens",
    summary="Count the tokens of a message, in Anthropic's words",
    responses=token_counts.DESCRIBED.responses,
    openapi_extra=token_counts.DESCRIBED.request,
)
async def count_message_tokens(request: Request) -> Response:
    """What Anthropic's endpoint of that path takes and gives; nothing is answered, and nothing billed.

    Counted by the provider that would be asked, where its vendor counts (Anthropic, OpenAI, Gemini) or another that
    offers the same model; else estimated, which `llm_service.is_estimated` and a warning say.
    """
    return await serve_count(request)
