"""What happens to a request at a surface? It is read, answered whole or as a stream, and written in its dialect."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable

from fastapi import Request
from starlette.responses import Response

from app.http.disconnect import unless_caller_leaves
from app.http.edge import calling, edge_of
from app.http.sse import answer_stream
from app.http.vendor_headers import vendor_headers_of
from app.surfaces.answered import answer_response
from app.surfaces.asked import read_asked
from app.surfaces.nearest_models import advise
from app.surfaces.streamed import SurfaceEvents
from app.surfaces.surface import Surface
from contracts import ModelNotFoundError


def endpoint_of(surface: Surface) -> Callable[[Request], Awaitable[Response]]:
    """What answers every request at `surface`: the endpoint itself, with no coroutine of a router's around it.

    It raises what reading a request and the service do; a caller who leaves ends the work.
    """

    async def serve(request: Request) -> Response:
        caller = calling(request)
        asked = await read_asked(request, surface, caller)
        headers, edge = vendor_headers_of(request), edge_of(request)
        try:
            if asked.request.is_stream:
                opening = edge.service.complete_stream(asked.request, caller=caller, headers=headers)
                writer = SurfaceEvents(surface, asked, created=int(time.time()))
                return await answer_stream(request, opening, edge.pace, writer)
            work = edge.service.complete(asked.request, caller=caller, headers=headers)
            return answer_response(await unless_caller_leaves(request.scope, request.receive, work), surface, asked)
        except ModelNotFoundError as error:
            await advise(error, asked.request.model, edge.service, caller)
            raise

    return serve
