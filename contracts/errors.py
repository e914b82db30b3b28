"""Every error a caller can meet, as one tree.

    LLMProviderError
    ├── InvalidRequestError            422  caller
    │   ├── MalformedRequestError      400  caller    not JSON, or a duplicate key
    │   ├── RequestTooLargeError       413  caller
    │   ├── UnsupportedMediaTypeError  415  caller
    │   └── UnsupportedParameterError  422  caller    under `unsupported_parameters: reject`
    ├── ContextLengthExceededError     400  caller
    ├── ContentPolicyError             400  caller
    ├── CallerAuthenticationError      401  caller
    ├── CallerForbiddenError           403  caller
    ├── ProviderNotFoundError          404  caller
    ├── ModelNotFoundError             404  caller
    ├── KeyNotFoundError               404  caller
    ├── KeyEndedError                  409  caller    revoked or expired: it gets no new secret
    ├── ConfigurationError             422  caller
    │   └── ConfigurationConflictError 412  caller
    ├── RateLimitExceededError         429  provider
    │   └── QuotaExceededError         429  provider  billing or quota: waiting a moment does not help
    ├── AuthenticationError            502  provider  a vendor refused OUR key
    ├── ProviderProtocolError          502  provider  unreadable or cut reply
    ├── InvalidOutputError             502  provider  whole, but not of the shape asked for
    ├── ProviderUnavailableError       503  provider
    │   ├── CircuitOpenError           503  provider
    │   └── ProviderDisabledError      503  provider
    ├── LLMTimeoutError                504  provider
    ├── ServiceNotStartedError         503  service
    │   └── ShuttingDownError          503  service
    ├── StoreUnavailableError          503  service   what this endpoint needs of a store cannot be had
    ├── UsageAnalyticsDisabledError    409  service   nothing is recorded that could be reported
    └── InternalError                  500  service

`str(error)` never holds a vendor's own words, a key or a prompt, so it may be logged; `vendor_message` may hold a
caller's text and goes only into the problem document of a caller's own fault.
"""

from __future__ import annotations

from typing import Any

from contracts.error_base import LLMProviderError
from contracts.fault import Fault
from contracts.service_errors import (
    InternalError,
    ServiceNotStartedError,
    ShuttingDownError,
    StoreUnavailableError,
    UsageAnalyticsDisabledError,
)

__all__ = [
    "InternalError",
    "LLMProviderError",
    "ServiceNotStartedError",
    "ShuttingDownError",
    "StoreUnavailableError",
    "UsageAnalyticsDisabledError",
]


class InvalidRequestError(LLMProviderError):
    """The request breaks a rule that its sender can keep; `errors` names the fields."""

    status = 422
    error_type = "invalid_request"
    title = "Invalid request"
    fault = Fault.CALLER


class MalformedRequestError(InvalidRequestError):
    """The body is not JSON, or repeats a key."""

    status = 400
    error_type = "malformed_request"
    title = "Malformed request"


class RequestTooLargeError(InvalidRequestError):
    """The body has more bytes than `max_request_bytes`."""

    status = 413
    error_type = "request_too_large"
    title = "Request too large"


class UnsupportedMediaTypeError(InvalidRequestError):
    """The body's Content-Type is not one that this endpoint reads."""

    status = 415
    error_type = "unsupported_media_type"
    title = "Unsupported media type"


class UnsupportedParameterError(InvalidRequestError):
    """The model does not take a parameter, and `unsupported_parameters: reject` was asked; `errors` names them."""

    error_type = "unsupported_parameter"
    title = "Unsupported parameter"


class ContextLengthExceededError(LLMProviderError):
    """The conversation is longer than the model's context window."""

    status = 400
    error_type = "context_length_exceeded"
    title = "Context length exceeded"
    fault = Fault.CALLER


class ContentPolicyError(LLMProviderError):
    """A vendor refused the content."""

    status = 400
    error_type = "content_policy_violation"
    title = "Content policy violation"
    fault = Fault.CALLER


class CallerAuthenticationError(LLMProviderError):
    """The caller sent no key where one is needed, or a wrong one."""

    status = 401
    error_type = "authentication_required"
    title = "Authentication required"
    fault = Fault.CALLER


class CallerForbiddenError(LLMProviderError):
    """The caller's key is good but does not open this endpoint, or may not use what was asked for."""

    status = 403
    error_type = "forbidden"
    title = "Forbidden"
    fault = Fault.CALLER


class ProviderNotFoundError(LLMProviderError):
    """No provider of that name is configured; the detail lists those that are."""

    status = 404
    error_type = "provider_not_found"
    title = "Provider not found"
    fault = Fault.CALLER


class ModelNotFoundError(LLMProviderError):
    """No provider that may serve this request offers the model."""

    status = 404
    error_type = "model_not_found"
    title = "Model not found"
    fault = Fault.CALLER


class KeyNotFoundError(LLMProviderError):
    """No caller's key has that id."""

    status = 404
    error_type = "key_not_found"
    title = "Key not found"
    fault = Fault.CALLER


class KeyEndedError(LLMProviderError):
    """The caller's key was revoked or has expired, which is for good."""

    status = 409
    error_type = "key_ended"
    title = "Key revoked or expired"
    fault = Fault.CALLER


class ConfigurationError(LLMProviderError):
    """A setting or a configuration patch is wrong; `errors` names the fields."""

    status = 422
    error_type = "invalid_configuration"
    title = "Invalid configuration"
    fault = Fault.CALLER


class ConfigurationConflictError(ConfigurationError):
    """`If-Match` names another revision than the current one."""

    status = 412
    error_type = "configuration_conflict"
    title = "Configuration changed meanwhile"


class RateLimitExceededError(LLMProviderError):
    """A vendor's rate limit, when nothing else can be tried."""

    status = 429
    error_type = "rate_limit_exceeded"
    title = "Rate limit exceeded"
    fault = Fault.PROVIDER
    is_retryable = True


class QuotaExceededError(RateLimitExceededError):
    """A vendor's quota, credit or billing limit: it does not pass by waiting a moment."""

    error_type = "quota_exceeded"
    title = "Vendor quota exceeded"
    is_retryable = False


class AuthenticationError(LLMProviderError):
    """A vendor refused our key. `covers_row`: every model behind that key is refused (401), not this one only (403)."""

    status = 502
    error_type = "provider_authentication"
    title = "Vendor refused the service's key"
    fault = Fault.PROVIDER

    def __init__(self, detail: str = "", *, covers_row: bool = True, **fields: Any) -> None:
        super().__init__(detail, **fields)
        self.covers_row = covers_row


class ProviderProtocolError(LLMProviderError):
    """A vendor's reply was unreadable, or ended before it was whole."""

    status = 502
    error_type = "provider_protocol"
    title = "Unreadable or cut reply from vendor"
    fault = Fault.PROVIDER


class InvalidOutputError(LLMProviderError):
    """The model's answer does not fit the shape that was asked for, and did not after it was asked to mend it."""

    status = 502
    error_type = "invalid_output"
    title = "Answer of the wrong shape"
    fault = Fault.PROVIDER


class ProviderUnavailableError(LLMProviderError):
    """A vendor could not be reached, or answered that it cannot serve."""

    status = 503
    error_type = "provider_unavailable"
    title = "Provider unavailable"
    fault = Fault.PROVIDER
    is_retryable = True


class CircuitOpenError(ProviderUnavailableError):
    """The circuit of this route is open; `retry_after` says when it is probed next."""

    error_type = "circuit_open"
    title = "Circuit open"
    is_retryable = False


class ProviderDisabledError(ProviderUnavailableError):
    """The provider is switched off in the configuration."""

    error_type = "provider_disabled"
    title = "Provider disabled"
    is_retryable = False


class LLMTimeoutError(LLMProviderError):
    """A deadline passed before the answer was whole."""

    status = 504
    error_type = "timeout"
    title = "Timeout"
    fault = Fault.PROVIDER
