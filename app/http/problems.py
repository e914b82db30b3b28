"""How does an error look to its caller? As `application/problem+json`, whatever was raised wherever.

Where the scope names another dialect (`error_dialect`), as that has it.

A defect of ours becomes a 500 that names nothing, and one log line with the places it passed, without the exception's
own words, because those may hold a prompt.
"""

from __future__ import annotations

import http
import logging
import math
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import cast

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import Scope

from app.http.error_dialect import Said, error_dialect_of
from app.http.field_errors import refused
from app.http.headers import attempt_headers
from app.http.trail import trail_of
from app.ports.trail import Trail
from contracts import CallerAuthenticationError, FieldError, InternalError, LLMProviderError, Problem
from contracts.field_errors import sentence
from contracts.problem import TYPE_PREFIX
from contracts.problem import problem_of as written

MEDIA_TYPE = "application/problem+json"
_LONGEST_WAIT_SECONDS = 3600
CLIENT_CLOSED_REQUEST = 499
_DETAILS = {
    404: "there is no such endpoint: GET /docs shows all, GET /openapi.json lists them",
    405: "this endpoint does not take that method",
}
_log = logging.getLogger(__name__)


def install_problems(app: FastAPI, routes: Iterable[BaseRoute]) -> None:
    """Makes every error that leaves an endpoint of `app` a problem document; `routes` are all of its endpoints."""
    app.state.endpoints = tuple(route for route in routes if isinstance(route, Route))
    for kind, handler in _HANDLERS.items():
        app.add_exception_handler(kind, handler)


def problem_of(error: LLMProviderError, *, instance: str, trail: Trail) -> Problem:
    """`error` as the document that its caller reads."""
    error.request_id = error.request_id or trail.request_id
    error.correlation_id = error.correlation_id or trail.correlation_id
    return written(error, instance=instance)


def problem_response(error: LLMProviderError, scope: Scope) -> Response:
    """`error` as a whole HTTP answer."""
    trail = trail_of(scope)
    trail.adopt(error.request_id, error.correlation_id)
    problem = problem_of(error, instance=scope["path"], trail=trail)
    dialect = error_dialect_of(scope)
    return _respond(problem, _headers(error), dialect.of_error(error) if dialect else None)


def internal_error() -> InternalError:
    """What a caller learns of a defect."""
    return InternalError("the service made a mistake; its log names this request_id")


def log_defect(defect: BaseException, scope: Scope) -> None:
    """One log line for a defect: its kind and the places it passed, no words of its own."""
    trail = trail_of(scope)
    places = "".join(_places(defect))
    _log.error("request %s (correlation %s) met a defect: %s", trail.request_id, trail.correlation_id, places)


def _places(defect: BaseException) -> list[str]:
    lines: list[str] = []
    link: BaseException | None = defect
    while link is not None and len(lines) < 200:
        lines += [f"{type(link).__module__}.{type(link).__qualname__}\n", *traceback.format_tb(link.__traceback__)]
        link = link.__cause__ or link.__context__
    return lines


async def _known_error(request: Request, error: Exception) -> Response:
    return problem_response(cast("LLMProviderError", error), request.scope)


async def _http_error(request: Request, error: Exception) -> Response:
    refusal = cast("HTTPException", error)
    status = refusal.status_code
    phrase = http.HTTPStatus(status).phrase
    trail = trail_of(request.scope)
    error_type = phrase.lower().replace(" ", "_")
    problem = Problem(
        type=TYPE_PREFIX + error_type,
        title=phrase.capitalize(),
        status=status,
        detail=_detail(request, status, phrase),
        instance=request.scope["path"],
        error_type=error_type,
        correlation_id=trail.correlation_id,
        request_id=trail.request_id,
    )
    headers = {**(refusal.headers or {}), **({"Allow": allowed} if (allowed := _allowed(request, status)) else {})}
    dialect = error_dialect_of(request.scope)
    return _respond(problem, headers, dialect.of_routing(problem) if dialect else None)


def _detail(request: Request, status: int, phrase: str) -> str:
    detail = _DETAILS.get(status, phrase)
    path: str = request.scope["path"]
    # A base URL with a `/v1` too few, or too many.
    near = path.removeprefix("/v1") if path.startswith("/v1/v1/") else f"/v1{path}"
    if status == http.HTTPStatus.NOT_FOUND and any(route.path == near for route in request.app.state.endpoints):
        return f"{detail}. Did you mean {near}?"
    return detail


def _allowed(request: Request, status: int) -> str | None:
    """Every method of the path: the framework names those of the first endpoint there only."""
    if status != http.HTTPStatus.METHOD_NOT_ALLOWED:
        return None
    here = (route for route in request.app.state.endpoints if route.matches(request.scope)[0] is not Match.NONE)
    return ", ".join(sorted({method for route in here for method in route.methods or ()}))


async def _wrong_parameter(request: Request, error: Exception) -> Response:
    wrong = [
        FieldError(
            field=".".join(str(part) for part in fault["loc"][1:]),
            message=sentence(fault["type"], fault.get("ctx", {}), fault["msg"]),
        )
        for fault in cast("RequestValidationError", error).errors()
    ]
    return problem_response(refused(wrong), request.scope)


async def _nobody_there(request: Request, error: Exception) -> Response:
    return Response(status_code=CLIENT_CLOSED_REQUEST)


_HANDLERS: dict[type[Exception], Callable[[Request, Exception], Awaitable[Response]]] = {
    LLMProviderError: _known_error,
    HTTPException: _http_error,
    RequestValidationError: _wrong_parameter,
    ClientDisconnect: _nobody_there,
}
# What is answered as what it is; all else is a defect.
ANSWERED = tuple(_HANDLERS)


def _respond(problem: Problem, headers: Mapping[str, str], said: Said | None) -> Response:
    if said is not None:
        return Response(said.body, said.status, {**headers, **said.headers}, "application/json")
    return Response(problem.model_dump_json(), problem.status, dict(headers), MEDIA_TYPE)


def _headers(error: LLMProviderError) -> dict[str, str]:
    headers = attempt_headers(error)
    if error.retry_after is not None:
        # 0 would ask for a storm, and a day for never coming back.
        headers["retry-after"] = str(min(max(1, math.ceil(error.retry_after)), _LONGEST_WAIT_SECONDS))
    if error.retry_is_pointless:
        headers["x-should-retry"] = "false"
    if isinstance(error, CallerAuthenticationError):
        headers["www-authenticate"] = 'Bearer realm="llm-provider-service"'
    return headers
