"""What happens to a request for vectors at its surface? It is read, answered, and written as it was asked."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.responses import Response

from app.http.disconnect import unless_caller_leaves
from app.http.edge import calling, edge_of
from app.http.headers import answer_headers
from app.http.vendor_headers import vendor_headers_of
from app.http.whole_answer import WholeAnswer
from app.surfaces.asked import read_asked
from app.surfaces.extras import extras_of
from app.surfaces.nearest_models import advise
from app.surfaces.surface import Asked, Door
from app.wires import openai_embeddings
from app.wires.openai_embeddings.inbound.request import KNOWN_FIELDS
from contracts import EmbeddingCompletion, ModelNotFoundError, Wire

# OpenAI takes 300,000 tokens in a request, in 2048 lists at most, and SDKs send tokens as numbers. They are read in
# some ten milliseconds, since they are all alike.
_MOST_VALUES = 320_000
# Written in some milliseconds.
_MANY_NUMBERS = 20_000

EMBEDDINGS = Door(
    wire=Wire.OPENAI_EMBEDDINGS,
    decode=openai_embeddings.decode_request,
    most_values=_MOST_VALUES,
    known=KNOWN_FIELDS,
)


async def serve_vectors(request: Request) -> Response:
    """The answer to `request`. Raises what reading it and the service do; a caller who leaves ends the work."""
    caller = calling(request)
    asked = await read_asked(request, EMBEDDINGS, caller)
    headers, edge = vendor_headers_of(request), edge_of(request)
    try:
        work = edge.service.complete_embeddings(asked.request, caller=caller, headers=headers)
        completion = await unless_caller_leaves(request.scope, request.receive, work)
    except ModelNotFoundError as error:
        await advise(error, asked.request.model, edge.service, caller)
        raise
    content = await _off_the_loop(completion, asked)
    body = content if isinstance(content, bytes) else content.encode()
    return WholeAnswer(body, answer_headers(completion.account))


def vectors_document(completion: EmbeddingCompletion, asked: Asked) -> str | bytes:
    """The body of the answer: the vendor's own, or the vectors in the form that was asked for, with our extras."""
    if completion.reply.raw is not None:
        return completion.reply.raw
    return openai_embeddings.encode_response(
        completion.reply,
        model=completion.account.model,
        encoding_format=openai_embeddings.wanted_format(asked.body),
        extras=extras_of(completion.account),
    )


async def _off_the_loop(completion: EmbeddingCompletion, asked: Asked) -> str | bytes:
    """Millions of numbers take seconds to write, and others are waiting."""
    if sum(map(len, completion.reply.vectors)) < _MANY_NUMBERS:
        return vectors_document(completion, asked)
    return await asyncio.to_thread(vectors_document, completion, asked)
