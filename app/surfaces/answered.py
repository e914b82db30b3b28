"""How does a whole answer leave a surface? As the vendor's own bytes, or written in the caller's dialect."""

from __future__ import annotations

from starlette.responses import Response

from app.http.headers import answer_headers
from app.http.whole_answer import WholeAnswer
from app.surfaces.extras import extras_of
from app.surfaces.surface import Asked, Surface
from app.wires.inbound import ReplyNames
from app.wires.json_text import dump_json
from contracts import Completion, LLMResponse


def answer_response(completion: Completion, surface: Surface, asked: Asked) -> Response:
    """The response to a plain call; our extras are in its headers, and in a body of ours too."""
    headers = answer_headers(completion.response)
    if completion.reply.raw is not None:
        return WholeAnswer(completion.reply.raw.encode(), headers)
    response = completion.response
    document = surface.encode(completion.reply, _names(response), asked, extras_of(response))
    return WholeAnswer(dump_json(document), headers)


def _names(response: LLMResponse) -> ReplyNames:
    return ReplyNames(
        request_id=response.request_id, model=response.model, created=int(response.created_at.timestamp())
    )
