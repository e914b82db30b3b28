"""What document describes this API? OpenAPI 3.1 from the routes, with the contracts' schemas as its components."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app.http.components import component_schemas
from app.http.problem_examples import problem_examples

_TEXT = {"type": "string"}
_HEADERS: dict[str, tuple[str, dict[str, Any]]] = {
    "x-request-id": ("Id of this request; also in the body.", _TEXT),
    "x-correlation-id": ("The caller's correlation id, or one that was made for it.", _TEXT),
    "x-llm-provider": ("The provider that served.", _TEXT),
    "x-llm-model": ("The model that served.", _TEXT),
    "x-llm-cost-usd": ("What the answer cost, in US dollars; absent when no price is known.", _TEXT),
    "x-llm-cache": (
        "Whether the answer came from the cache.",
        {"type": "string", "enum": ["hit", "miss", "bypass", "coalesced"]},
    ),
    "x-llm-attempts": ("How many calls to vendors it took.", {"type": "integer"}),
    "x-should-retry": ("`false`: the service tried all there is, so trying again at once is pointless.", _TEXT),
    "server-timing": ("Milliseconds: total, upstream, overhead.", _TEXT),
    "retry-after": ("Seconds to wait before trying again, where known.", {"type": "integer"}),
    "www-authenticate": ("How to authenticate.", _TEXT),
    "request-id": ("The same as `x-request-id`, where Anthropic's SDKs look for it.", _TEXT),
    "retry-after-ms": ("`retry-after` to the millisecond, as the SDKs read it.", {"type": "integer"}),
    "etag": ("The revision in force, quoted, for `If-Match` and `If-None-Match`.", _TEXT),
}
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "`Authorization: Bearer <key>`"},
    "api_key": {"type": "apiKey", "in": "header", "name": "x-api-key", "description": "The same key, in a header."},
}
_CORRELATION = {
    "name": "x-correlation-id",
    "in": "header",
    "required": False,
    "description": "Ties this request to the caller's own work; a `correlation_id` in the body goes before it.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[ -~]+$"},
}
PUBLIC = "x-public"
KEY_WELCOME = "a key shows more"
KEY_IGNORED = "no key is looked at"


@dataclass(frozen=True, slots=True, kw_only=True)
class Components:
    """Schemas and examples of routers, by their names, beside those of the contracts."""

    schemas: dict[str, Any] = field(default_factory=dict)
    examples: dict[str, Any] = field(default_factory=dict)


def install_openapi(
    app: FastAPI, routers: Iterable[APIRouter], components: Callable[[], Components] = Components
) -> None:
    """Makes `app.openapi()` our document of `routers` and `components`; built at the first call."""

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _document(app, routers, components())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]  # FastAPI documents this as the way to extend it


def _document(app: FastAPI, routers: Iterable[APIRouter], more: Components) -> dict[str, Any]:
    described = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
        license_info=app.license_info,
    )
    responses: dict[str, Any] = {}
    for route in (route for router in routers for route in router.routes if isinstance(route, APIRoute)):
        for method in route.methods or ():
            _describe(described["paths"][route.path_format][method.lower()], route, responses)
    described["components"] = {
        "schemas": dict(sorted({**component_schemas(), **more.schemas}.items())),
        "responses": dict(sorted(responses.items())),
        "examples": {**problem_examples(), **more.examples},
        "headers": {name: {"description": text, "schema": schema} for name, (text, schema) in _HEADERS.items()},
        "securitySchemes": _SECURITY_SCHEMES,
    }
    return described


def _describe(operation: dict[str, Any], route: APIRoute, responses: dict[str, Any]) -> None:
    """Puts back what the framework dropped (it leaves out nulls, of examples too) or made up."""
    operation["responses"] = {
        str(status): _shared(response, responses) for status, response in sorted(route.responses.items())
    }
    extra = route.openapi_extra or {}
    if "requestBody" in extra:
        operation["requestBody"] = extra["requestBody"]
    public = operation.pop(PUBLIC, None)
    if public is not None:
        # An empty requirement beside the schemes: a key is welcome, and not needed.
        operation["security"] = [{}, *({name: []} for name in _SECURITY_SCHEMES)] if public == KEY_WELCOME else []
    else:
        operation["security"] = [*({name: []} for name in _SECURITY_SCHEMES), {}]
        operation.setdefault("parameters", []).append(_CORRELATION)


def _shared(response: dict[str, Any], responses: dict[str, Any]) -> dict[str, Any]:
    """A response whose examples are components (an error) stands among the components, under the names of those."""
    (content,) = list(response.get("content", {}).values())[:1] or [{}]
    examples = content.get("examples", {})
    if not examples or not all("$ref" in example for example in examples.values()):
        return response
    name = "_or_".join(examples)
    responses[name] = response
    return {"$ref": f"#/components/responses/{name}"}
