"""How does each error look? One realistic problem document per error, for the examples of `openapi.yaml`."""

from __future__ import annotations

from typing import Any

from app.http.problems import problem_of
from app.ports.trail import Trail
from contracts import (
    Attempt,
    AttemptOutcome,
    AuthenticationError,
    CallerAuthenticationError,
    CallerForbiddenError,
    CircuitOpenError,
    ConfigurationConflictError,
    ConfigurationError,
    ContentPolicyError,
    ContextLengthExceededError,
    FieldError,
    InternalError,
    InvalidOutputError,
    InvalidRequestError,
    KeyEndedError,
    KeyNotFoundError,
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
    UsageAnalyticsDisabledError,
)

_TRAIL = Trail("req_01939f0d7c3a7b0e9f64d2a1b8c05e77", "essay-batch-17")


def _failed(status: int | None, error_type: str, duration_ms: float) -> list[Attempt]:
    return [
        Attempt(
            provider="openai",
            model="gpt-6-luna",
            outcome=AttemptOutcome.FAILED,
            status=status,
            error_type=error_type,
            duration_ms=duration_ms,
        )
    ]


# One realistic error of each kind.
EXAMPLE_ERRORS: tuple[LLMProviderError, ...] = (
    MalformedRequestError(
        "the body is not JSON: Expecting property name enclosed in double quotes at line 3, column 1"
    ),
    ContextLengthExceededError(
        "openai refused the request",
        provider="openai",
        vendor_message="This model's maximum context length is 128000 tokens",
        attempts=_failed(400, "context_length_exceeded", 118.0),
    ),
    ContentPolicyError(
        "openai refused the request",
        provider="openai",
        vendor_message="Your request was rejected by our safety system",
        attempts=_failed(400, "content_policy_violation", 240.2),
    ),
    CallerAuthenticationError("this endpoint needs a key, sent as `Authorization: Bearer <key>` or `x-api-key: <key>`"),
    CallerForbiddenError("this endpoint is for administrators: it needs the admin key"),
    ProviderNotFoundError("no provider is named opnai; configured: openai, deepseek, openrouter, local"),
    ModelNotFoundError(
        "no provider that may serve this request offers gpt-7", attempts=_failed(404, "model_not_found", 95.1)
    ),
    KeyNotFoundError("no key has the id key_01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77"),
    KeyEndedError("the key key_01939f0d-7c3a-7b0e-9f64-d2a1b8c05e77 is revoked: make a new one"),
    ConfigurationConflictError("the configuration is at revision 8, not 7: read it again"),
    UsageAnalyticsDisabledError("usage is not recorded: set enable_usage_analytics to true"),
    RequestTooLargeError("the body is larger than 10000000 bytes (max_request_bytes of the configuration)"),
    UnsupportedMediaTypeError("this endpoint reads application/json, not text/plain"),
    UnsupportedParameterError(
        "openai/gpt-6-sol does not take what was asked: temperature",
        provider="openai",
        errors=[
            FieldError(
                field="temperature", message="temperature was not sent: gpt-6-sol does not take it while it reasons"
            )
        ],
    ),
    InvalidRequestError(
        "temprature: is not a known field (did you mean temperature?)",
        errors=[FieldError(field="temprature", message="is not a known field", hint="did you mean temperature?")],
    ),
    ConfigurationError(
        "max_retries: must be at most 5",
        errors=[FieldError(field="max_retries", message="must be at most 5")],
    ),
    RateLimitExceededError(
        "openai limits its rate",
        provider="openai",
        retry_after=12.0,
        attempts=_failed(429, "rate_limit_exceeded", 87.9),
    ),
    QuotaExceededError(
        "the quota at openai is used up", provider="openai", attempts=_failed(429, "quota_exceeded", 91.4)
    ),
    InternalError("the service made a mistake; its log names this request_id"),
    AuthenticationError(
        "openai refused the service's key: check OPENAI_API_KEY",
        provider="openai",
        attempts=_failed(401, "provider_authentication", 64.0),
    ),
    ProviderProtocolError(
        "openai's reply ended before it was whole",
        provider="openai",
        attempts=_failed(200, "provider_protocol", 3120.7),
    ),
    InvalidOutputError(
        "openai's answer is no valid JSON of the schema: winner must be one of its values",
        provider="openai",
        attempts=_failed(200, "invalid_output", 2210.4),
    ),
    ProviderUnavailableError(
        "openai cannot serve: 503",
        provider="openai",
        retry_after=4.2,
        attempts=_failed(503, "provider_unavailable", 402.0),
    ),
    CircuitOpenError("the circuit of openai/gpt-6-luna is open", provider="openai", retry_after=96.5),
    ProviderDisabledError("openai is disabled", provider="openai"),
    ServiceNotStartedError("the service is starting"),
    ShuttingDownError("the service is shutting down: send requests elsewhere", retry_after=1.0),
    StoreUnavailableError("Redis is not reachable: it gave no answer in 50 ms", retry_after=1.0),
    LLMTimeoutError("openai gave no answer in 30.0 s", provider="openai", attempts=_failed(None, "timeout", 30000.0)),
)


def problem_examples() -> dict[str, Any]:
    """Every example by its `error_type`: what stands under `components/examples`."""
    return {
        error.error_type: {
            "summary": error.title,
            "value": problem_of(error, instance=_place(error), trail=_TRAIL).model_dump(mode="json"),
        }
        for error in EXAMPLE_ERRORS
    }


def _place(error: LLMProviderError) -> str:
    if isinstance(error, ConfigurationError):
        return "/config/update"
    return "/providers/openai/test" if isinstance(error, CallerForbiddenError) else "/process"
