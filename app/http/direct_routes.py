"""Which endpoints are called without the framework's search for them?

Those that want nothing of it but the request. Its routing walks through the routers in their order and matches twice,
solves dependencies that there are none of, and opens three exit stacks: 53 µs a call, and 5 so. The routes stay the
framework's: it describes them, and finds them for every other method.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from inspect import signature

from fastapi.routing import APIRoute
from starlette.requests import Request, empty_receive
from starlette.responses import Response
from starlette.routing import BaseRoute
from starlette.types import Receive, Scope, Send

_METHOD = "POST"
Endpoint = Callable[[Request], Awaitable[Response]]


class DirectRequest(Request):
    """The framework's, made in one step: what that sets for each, and seldom needs, stands in the class."""

    # Set for each; the value that stands here only hides the framework's property.
    receive: Receive = empty_receive
    _stream_consumed = _is_disconnected = False
    _form = None

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.receive = self._receive = receive
        self._send = send


class DirectRoutes:
    """Those of `routes` that are found by their path alone."""

    def __init__(self, routes: Iterable[BaseRoute] = ()) -> None:
        self._routes = {route.path: route for route in routes if isinstance(route, APIRoute) and _is_plain(route)}

    @property
    def paths(self) -> frozenset[str]:
        """Of the endpoints that are called so."""
        return frozenset(self._routes)

    def endpoint_of(self, scope: Scope) -> Endpoint | None:
        """What answers the request that `scope` describes, which gets its route; None: the router knows."""
        route = self._routes.get(scope["path"])
        # Below a root path, what the router goes by is not the path alone.
        if route is None or scope["method"] != _METHOD or scope.get("root_path"):
            return None
        scope["route"] = route
        return route.endpoint


async def handled(request: Request, error: Exception) -> Response:
    """The app's answer to `error`, which is one of `ANSWERED`, by the handlers that the router has."""
    handlers = request.app.exception_handlers
    kind = next(kind for kind in type(error).__mro__ if kind in handlers)
    response: Response = await handlers[kind](request, error)
    # One that is raised again and again would grow by its traces.
    error.__traceback__ = None
    return response


def _is_plain(route: APIRoute) -> bool:
    """Whether its endpoint takes the request and nothing else, and nothing stands before it."""
    wants = [parameter.annotation for parameter in signature(route.endpoint, eval_str=True).parameters.values()]
    return wants == [Request] and route.methods == {_METHOD} and not route.dependencies
