"""How is an error said at the drop-in surfaces, so that SDKs raise the right class, and retry what is worth it?

Both vendors' SDKs pick the class by the status, and retry 408, 409, 429 and everything from 500 on, unless
`x-should-retry` tells them otherwise (`_should_retry` of openai 3 and anthropic 2).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from starlette.types import Scope

from app.http.error_dialect import ERROR_DIALECT, ErrorDialect, Said
from app.surfaces.dialect import Dialect, dialect_of
from app.wires import anthropic_messages, openai_chat
from app.wires.inbound import OWN_FIELD
from app.wires.json_text import dump_json
from contracts import (
    LLMProviderError,
    Problem,
    RateLimitExceededError,
    ServiceNotStartedError,
    StoreUnavailableError,
)

_LONGEST_WAIT_MS = 3_600_000
_SHORTEST_WAIT_MS = 100
_RETRIED_FROM = 500
_RETRIED = (408, 409, 429)
_Encode = Callable[[LLMProviderError], tuple[int, dict[str, Any]]]


class DialectErrors:
    """Errors as `encode` writes them, and as `encode_routing` what the framework refuses (an `ErrorDialect`)."""

    def __init__(self, encode: _Encode, encode_routing: Callable[[Problem], dict[str, Any]]) -> None:
        self._encode = encode
        self._encode_routing = encode_routing

    def of_error(self, error: LLMProviderError) -> Said:
        """The vendor's document, and advice for the SDK's own retries."""
        status, document = self._encode(error)
        return Said(status, dump_json(document), _advice(error, status))

    def of_routing(self, problem: Problem) -> Said:
        """The same for what no error of ours stands for."""
        return Said(problem.status, dump_json(self._encode_routing(problem)))


def is_worth_retrying(error: LLMProviderError) -> bool:
    """Whether the same request may succeed when it is sent again.

    Not where the service tried all there is, and not where it knows of nothing that would end the trouble: a provider
    without a key has none in a second either.
    """
    if error.retry_is_pointless:
        return False
    is_limit = isinstance(error, RateLimitExceededError) and error.is_retryable
    passes_by_itself = is_limit or isinstance(error, ServiceNotStartedError | StoreUnavailableError)
    return passes_by_itself or error.retry_after is not None


def _advice(error: LLMProviderError, status: int) -> dict[str, str]:
    """`x-should-retry: false` where the SDK would try again for nothing, and to the millisecond when to come back."""
    headers: dict[str, str] = {}
    if error.retry_after is not None:
        milliseconds = math.ceil(error.retry_after * 1000)
        headers["retry-after-ms"] = str(min(max(_SHORTEST_WAIT_MS, milliseconds), _LONGEST_WAIT_MS))
    if (status in _RETRIED or status >= _RETRIED_FROM) and not is_worth_retrying(error):
        headers["x-should-retry"] = "false"
    return headers


def _openai_routing(problem: Problem) -> dict[str, Any]:
    said = {"message": problem.detail, "type": "invalid_request_error", "param": None, "code": problem.error_type}
    return {"error": {**said, OWN_FIELD: {"error_type": problem.error_type, "request_id": problem.request_id}}}


def _anthropic_routing(problem: Problem) -> dict[str, Any]:
    kind = "not_found_error" if problem.status == HTTPStatus.NOT_FOUND else "invalid_request_error"
    error = {"type": kind, "message": problem.detail, OWN_FIELD: {"error_type": problem.error_type}}
    return {"type": "error", "error": error, "request_id": problem.request_id}


ERRORS: dict[Dialect, ErrorDialect] = {
    Dialect.OPENAI: DialectErrors(openai_chat.encode_error, _openai_routing),
    Dialect.ANTHROPIC: DialectErrors(anthropic_messages.encode_error, _anthropic_routing),
}


def speak_dialect(scope: Scope) -> str | None:
    """Has every error below /v1 said in the dialect of its caller.

    The header in which Anthropic's SDKs look for the request's id, for them; OpenAI's read `x-request-id`, which every
    answer has.
    """
    dialect = dialect_of(scope)
    if dialect is None:
        return None
    scope[ERROR_DIALECT] = ERRORS[dialect]
    return "request-id" if dialect is Dialect.ANTHROPIC else None
