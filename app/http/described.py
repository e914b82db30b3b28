"""How is an endpoint described in `openapi.yaml`? Its body, its answers with headers, and every error it gives."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from app.http.problems import MEDIA_TYPE
from contracts import (
    AuthenticationError,
    CallerAuthenticationError,
    CallerForbiddenError,
    CircuitOpenError,
    ContentPolicyError,
    ContextLengthExceededError,
    InternalError,
    InvalidOutputError,
    InvalidRequestError,
    LLMProviderError,
    LLMTimeoutError,
    MalformedRequestError,
    ModelNotFoundError,
    ProviderDisabledError,
    ProviderNotFoundError,
    ProviderProtocolError,
    ProviderUnavailableError,
    QuotaExceededError,
    RateLimitExceededError,
    RequestTooLargeError,
    ServiceNotStartedError,
    ShuttingDownError,
    StoreUnavailableError,
    UnsupportedMediaTypeError,
    UnsupportedParameterError,
)

Responses = dict[int | str, dict[str, Any]]
Error = type[LLMProviderError]

IDS = ("x-request-id", "x-correlation-id")
MODEL_CALL = (
    *IDS,
    "x-llm-provider",
    "x-llm-model",
    "x-llm-cost-usd",
    "x-llm-cache",
    "x-llm-attempts",
    "server-timing",
)
BODY_ERRORS = (MalformedRequestError, RequestTooLargeError, UnsupportedMediaTypeError)
CALL_ERRORS = (
    *BODY_ERRORS,
    CallerForbiddenError,
    UnsupportedParameterError,
    ContextLengthExceededError,
    ContentPolicyError,
    ProviderNotFoundError,
    ModelNotFoundError,
    RateLimitExceededError,
    QuotaExceededError,
    AuthenticationError,
    ProviderProtocolError,
    InvalidOutputError,
    ProviderUnavailableError,
    CircuitOpenError,
    ProviderDisabledError,
    LLMTimeoutError,
)
_ERROR_HEADERS = {401: ("www-authenticate",), 429: ("retry-after", "x-should-retry"), 503: ("retry-after",)}
_MEANINGS = {
    400: "The request cannot be read, or a vendor refused what it says.",
    401: "No key, a wrong one, or one that has ended.",
    403: "The key does not open this endpoint, or may not use what was asked for.",
    404: "No such provider, model or key.",
    409: "Usage is not recorded: the configuration says so; or the key has ended.",
    412: "Another revision is in force than `If-Match` names.",
    413: "The body is too large.",
    415: "The body is not JSON by its media type.",
    422: "A field is wrong: `errors` names it.",
    429: "A vendor limits its rate, and nothing else can be tried.",
    500: "A defect of this service.",
    502: "A vendor refused the service's key, or its reply cannot be read.",
    503: "Nothing can serve this now.",
    504: "A deadline passed before the answer was whole.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorForm:
    """How an endpoint writes its errors: as what, by which component schema, under which names their examples stand.

    `statuses` are those that it has in place of ours. `headers` come beside those of every error, `advice` beside those
    of one status.
    """

    media_type: str = MEDIA_TYPE
    schema: str = "Problem"
    prefix: str = ""
    statuses: Mapping[int, int] = field(default_factory=dict)
    headers: tuple[str, ...] = ()
    advice: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    def status(self, error: Error) -> int:
        """The status with which `error` is answered."""
        return self.statuses.get(error.status, error.status)


_PROBLEM = ErrorForm()


def example_of(model: type[BaseModel]) -> Any:
    """The first example that a contract gives of itself, as its schema has it: with its keys sorted.

    The schema itself is not made for it: 27 of them were a tenth of what a start cost, and nobody had asked for one.
    """
    extra = cast(dict[str, Any], model.model_config["json_schema_extra"])
    example = extra["example"] if "example" in extra else extra["examples"][0]
    return json.loads(json.dumps(example, sort_keys=True))


def ref(schema: str) -> dict[str, str]:
    """A reference to a component schema."""
    return {"$ref": f"#/components/schemas/{schema}"}


def takes(schema: str, examples: dict[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    """`openapi_extra` of an endpoint that reads its body itself; `examples` is summary → value."""
    content = {media_type: {"schema": ref(schema), "examples": _examples(examples)}}
    return {"requestBody": {"required": True, "content": content}}


def answers(
    description: str, schema: dict[str, Any], example: Any, *, headers: tuple[str, ...] = IDS, status: int = 200
) -> Responses:
    """The good answer of an endpoint."""
    content = {"application/json": {"schema": schema, "example": example}}
    return {status: {"description": description, "headers": _headers(headers), "content": content}}


def streams(description: str, example: str) -> Responses:
    """The good answer of an endpoint that streams server-sent events."""
    headers = tuple(name for name in MODEL_CALL if name not in ("x-llm-cost-usd", "server-timing"))
    content = {"text/event-stream": {"schema": {"type": "string"}, "example": example}}
    return {200: {"description": description, "headers": _headers(headers), "content": content}}


def pages(description: str, media_type: str, example: str) -> Responses:
    """The good answer of an endpoint that gives text."""
    content = {media_type: {"schema": {"type": "string"}, "example": example}}
    return {200: {"description": description, "headers": _headers(IDS), "content": content}}


def refuses(*errors: Error, form: ErrorForm = _PROBLEM) -> Responses:
    """The errors of an endpoint, grouped by status, each with its example."""
    statuses = sorted({form.status(error) for error in errors})
    return {
        status: _refusal(status, [error for error in errors if form.status(error) == status], form)
        for status in statuses
    }


def guarded(*errors: Error, admin: bool = False, form: ErrorForm = _PROBLEM) -> Responses:
    """The errors of an endpoint that needs a key: those of every such endpoint, and `errors`."""
    mine = (CallerForbiddenError,) if admin else ()
    of_all = (InvalidRequestError, InternalError, ServiceNotStartedError, ShuttingDownError, StoreUnavailableError)
    return refuses(CallerAuthenticationError, *mine, *of_all, *errors, form=form)


def probed(*errors: Error) -> Responses:
    """The errors of an endpoint that needs no key."""
    return refuses(InternalError, *errors)


def not_modified() -> Responses:
    """The answer to a caller who has the present state already."""
    return {304: {"description": "The ETag still holds.", "headers": _headers((*IDS, "etag"))}}


def _refusal(status: int, errors: list[Error], form: ErrorForm) -> dict[str, Any]:
    names = list(dict.fromkeys(form.prefix + error.error_type for error in errors))
    examples = {name: {"$ref": f"#/components/examples/{name}"} for name in names}
    return {
        "description": _MEANINGS[status],
        "headers": _headers((*IDS, *_ERROR_HEADERS.get(status, ()), *form.headers, *form.advice.get(status, ()))),
        "content": {form.media_type: {"schema": ref(form.schema), "examples": examples}},
    }


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _examples(examples: dict[str, Any]) -> dict[str, Any]:
    return {
        summary.lower().replace(" ", "_").replace(",", ""): {"summary": summary, "value": value}
        for summary, value in examples.items()
    }
