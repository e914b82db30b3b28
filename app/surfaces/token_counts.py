"""What happens to a request whose tokens are to be counted? It is read as one that is to be answered, and counted."""

from __future__ import annotations

from functools import partial
from typing import Any

from fastapi import Request
from starlette.responses import Response

from app.http.disconnect import unless_caller_leaves
from app.http.edge import calling, edge_of
from app.http.vendor_headers import vendor_headers_of
from app.http.whole_answer import WholeAnswer
from app.surfaces.asked import read_asked
from app.surfaces.dialects import MESSAGES
from app.surfaces.nearest_models import advise
from app.surfaces.surface import Door
from app.wires.anthropic_messages import decode_request
from app.wires.inbound import OWN_FIELD
from app.wires.json_text import dump_json
from contracts import ModelNotFoundError, TokenCount, Wire

COUNTED_MESSAGES = Door(
    wire=Wire.ANTHROPIC_MESSAGES,
    decode=partial(decode_request, needs_max_tokens=False),
    check=MESSAGES.check,
    known=MESSAGES.known,
    stateless=MESSAGES.stateless,
)


async def serve_count(request: Request) -> Response:
    """The answer to `request`. Raises what reading it and the service do; a caller who leaves ends the work."""
    caller, edge = calling(request), edge_of(request)
    asked = await read_asked(request, COUNTED_MESSAGES, caller)
    try:
        work = edge.service.count_tokens(asked.request, caller=caller, headers=vendor_headers_of(request))
        count = await unless_caller_leaves(request.scope, request.receive, work)
    except ModelNotFoundError as error:
        await advise(error, asked.request.model, edge.service, caller)
        raise
    headers = {"x-llm-provider": count.provider, "x-llm-model": count.model}
    return WholeAnswer(dump_json(count_document(count)), headers)


def count_document(count: TokenCount) -> dict[str, Any]:
    """The body of the answer: Anthropic's, with our own object."""
    own = {
        "request_id": count.request_id,
        "correlation_id": count.correlation_id,
        "provider": count.provider,
        "model": count.model,
        "is_estimated": count.is_estimated,
        "warnings": list(count.warnings),
    }
    return {"input_tokens": count.input_tokens, OWN_FIELD: own}
