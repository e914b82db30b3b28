"""How does each error look at the surfaces? The document of each dialect, made by what writes the real ones."""

from __future__ import annotations

import json
from copy import copy
from typing import Any

from app.http.described import CALL_ERRORS, ErrorForm, Responses, guarded
from app.http.problem_examples import EXAMPLE_ERRORS
from app.surfaces.dialect import Dialect
from app.surfaces.dialect_errors import ERRORS
from app.surfaces.document.pieces import KIND, TEXT, Json, open_object
from contracts import (
    CallerAuthenticationError,
    InternalError,
    InvalidRequestError,
    ServiceNotStartedError,
    ShuttingDownError,
    StoreUnavailableError,
)

_REQUEST_ID = "req_01939f0d7c3a7b0e9f64d2a1b8c05e77"
_JSON = "application/json"
# A rule that the body breaks is a bad request in both.
_STATUSES = {422: 400}
_NO_RETRY = ("x-should-retry",)
_LATER = ("retry-after-ms",)
_ADVICE = {429: _LATER, 500: _NO_RETRY, 502: _NO_RETRY, 503: (*_LATER, *_NO_RETRY), 504: _NO_RETRY}
OPENAI_FORM = ErrorForm(media_type=_JSON, schema="OpenAIError", prefix="openai_", statuses=_STATUSES, advice=_ADVICE)
ANTHROPIC_FORM = ErrorForm(
    media_type=_JSON,
    schema="AnthropicError",
    prefix="anthropic_",
    statuses=_STATUSES,
    headers=("request-id",),
    advice=_ADVICE,
)
_FORMS = {Dialect.OPENAI: OPENAI_FORM, Dialect.ANTHROPIC: ANTHROPIC_FORM}
_SAID = {
    *CALL_ERRORS,
    CallerAuthenticationError,
    InvalidRequestError,
    InternalError,
    ServiceNotStartedError,
    ShuttingDownError,
    StoreUnavailableError,
}


def call_errors(form: ErrorForm) -> Responses:
    """Every error of a model call at a surface."""
    return guarded(*CALL_ERRORS, form=form)


def _example(dialect: Dialect, error: Any) -> Json:
    named = copy(error)
    named.request_id = _REQUEST_ID
    return {"summary": error.title, "value": json.loads(ERRORS[dialect].of_error(named).body)}


ERROR_EXAMPLES: Json = {
    _FORMS[dialect].prefix + error.error_type: _example(dialect, error)
    for dialect in Dialect
    for error in EXAMPLE_ERRORS
    if type(error) in _SAID
}
_OURS: Json = {"type": "object", "additionalProperties": True}
ERROR_SCHEMAS: Json = {
    "OpenAIError": open_object(
        "OpenAIError",
        "An error as OpenAI's SDKs read it; the service's own error_type and every wrong field stand in `llm_service`.",
        required=["error"],
        error=open_object(
            "OpenAIErrorDetail",
            "What went wrong.",
            required=["message", "type", "param", "code", "llm_service"],
            message={"type": "string"},
            type=KIND,
            param=TEXT,
            code=TEXT,
            llm_service=_OURS,
        ),
    ),
    "AnthropicError": open_object(
        "AnthropicError",
        "An error as Anthropic's SDKs read it; the service's own error_type stands in `error.llm_service`.",
        required=["type", "error", "request_id"],
        type={"type": "string", "enum": ["error"]},
        error=open_object(
            "AnthropicErrorDetail",
            "What went wrong.",
            required=["type", "message", "llm_service"],
            type=KIND,
            message={"type": "string"},
            llm_service=_OURS,
        ),
        request_id=TEXT,
    ),
}
