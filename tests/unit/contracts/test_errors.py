"""Is every error what its class says: its status, its fault, its words, and the same after a journey?"""

from __future__ import annotations

import copy
import pickle
from collections.abc import Iterator

import pytest

import contracts
from contracts import (
    Attempt,
    AttemptOutcome,
    AuthenticationError,
    Fault,
    FieldError,
    InvalidRequestError,
    LLMProviderError,
    ProviderUnavailableError,
)
from contracts.calls import Wire
from contracts.vendor_error import VendorError

# contract.md and the tree of errors.py: class, status, error_type, fault, may be tried again on the same route.
TABLE: dict[str, tuple[int, str, Fault, bool]] = {
    "LLMProviderError": (500, "internal_error", Fault.SERVICE, False),
    "InvalidRequestError": (422, "invalid_request", Fault.CALLER, False),
    "MalformedRequestError": (400, "malformed_request", Fault.CALLER, False),
    "RequestTooLargeError": (413, "request_too_large", Fault.CALLER, False),
    "UnsupportedMediaTypeError": (415, "unsupported_media_type", Fault.CALLER, False),
    "ContextLengthExceededError": (400, "context_length_exceeded", Fault.CALLER, False),
    "ContentPolicyError": (400, "content_policy_violation", Fault.CALLER, False),
    "CallerAuthenticationError": (401, "authentication_required", Fault.CALLER, False),
    "CallerForbiddenError": (403, "forbidden", Fault.CALLER, False),
    "ProviderNotFoundError": (404, "provider_not_found", Fault.CALLER, False),
    "ModelNotFoundError": (404, "model_not_found", Fault.CALLER, False),
    "KeyNotFoundError": (404, "key_not_found", Fault.CALLER, False),
    "KeyEndedError": (409, "key_ended", Fault.CALLER, False),
    "ConfigurationError": (422, "invalid_configuration", Fault.CALLER, False),
    "ConfigurationConflictError": (412, "configuration_conflict", Fault.CALLER, False),
    "RateLimitExceededError": (429, "rate_limit_exceeded", Fault.PROVIDER, True),
    "QuotaExceededError": (429, "quota_exceeded", Fault.PROVIDER, False),
    "AuthenticationError": (502, "provider_authentication", Fault.PROVIDER, False),
    "ProviderProtocolError": (502, "provider_protocol", Fault.PROVIDER, False),
    "ProviderUnavailableError": (503, "provider_unavailable", Fault.PROVIDER, True),
    "CircuitOpenError": (503, "circuit_open", Fault.PROVIDER, False),
    "ProviderDisabledError": (503, "provider_disabled", Fault.PROVIDER, False),
    "LLMTimeoutError": (504, "timeout", Fault.PROVIDER, False),
    "ServiceNotStartedError": (503, "service_not_started", Fault.SERVICE, False),
    "ShuttingDownError": (503, "shutting_down", Fault.SERVICE, False),
    "StoreUnavailableError": (503, "store_unavailable", Fault.SERVICE, True),
    "UsageAnalyticsDisabledError": (409, "usage_analytics_disabled", Fault.SERVICE, False),
    "InternalError": (500, "internal_error", Fault.SERVICE, False),
    "InvalidOutputError": (502, "invalid_output", Fault.PROVIDER, False),
    "UnsupportedParameterError": (422, "unsupported_parameter", Fault.CALLER, False),
}
VENDOR_WORDS = "the vendor said: your prompt about cats"


def tree(top: type[LLMProviderError] = LLMProviderError) -> Iterator[type[LLMProviderError]]:
    """`top` and every class of ours below it."""
    if top.__module__.startswith("contracts"):
        yield top
    for below in top.__subclasses__():
        yield from tree(below)


CLASSES = list(tree())


def test_error_table_names_the_whole_tree() -> None:
    """No class is missing here, and none was forgotten in the package."""
    assert {kind.__name__ for kind in CLASSES} == set(TABLE)
    assert all(getattr(contracts, kind.__name__) is kind for kind in CLASSES)


@pytest.mark.parametrize("kind", CLASSES)
def test_error_class_says_what_the_contract_says(kind: type[LLMProviderError]) -> None:
    """Status, error_type, fault and retryability stand on the class."""
    assert (kind.status, kind.error_type, kind.fault, kind.is_retryable) == TABLE[kind.__name__]


def test_error_types_are_told_apart() -> None:
    """Each class has its own error_type and title; the base is the internal error."""
    others = [kind for kind in CLASSES if kind is not LLMProviderError]
    assert len({kind.error_type for kind in others}) == len(others)
    assert len({kind.title for kind in others}) == len(others)


@pytest.mark.parametrize("kind", CLASSES)
def test_error_survives_pickling_and_copying(kind: type[LLMProviderError]) -> None:
    """Whatever it carries arrives on the other side of a process."""
    attempt = Attempt(provider="p", model="m", outcome=AttemptOutcome.FAILED, status=503, duration_ms=1.5)
    error = kind(
        "the fact",
        provider="p",
        model="m",
        retry_after=2.5,
        upstream_status=503,
        vendor_message=VENDOR_WORDS,
        vendor_error=VendorError(wire=Wire.OPENAI_CHAT, type="t", code="c", param="p", details={"a": ("b", 1)}),
        errors=[FieldError(field="f", message="is wrong", hint="mend it")],
        attempts=[attempt],
        request_id="r",
        correlation_id="c",
    )
    error.retry_is_pointless = True
    for other in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):  # noqa: S301 - our own
        assert type(other) is kind
        assert str(other) == "the fact"
        assert vars(other) == vars(error)


def test_refused_key_keeps_what_it_covers() -> None:
    """403 covers one model only, after pickling too."""
    error = AuthenticationError("refused", covers_row=False, provider="p")
    assert pickle.loads(pickle.dumps(error)).covers_row is False  # noqa: S301 - our own
    assert AuthenticationError().covers_row is True


@pytest.mark.parametrize("kind", CLASSES)
def test_error_never_says_the_vendors_words(kind: type[LLMProviderError]) -> None:
    """`str` and `repr` go to logs; only `detail` of the caller's own fault may quote the vendor."""
    error = kind("the fact", vendor_message=VENDOR_WORDS)
    assert "cats" not in f"{error} {error!r}"
    assert ("cats" in error.detail) == (kind.fault is Fault.CALLER)


def test_error_without_detail_says_its_title() -> None:
    """An empty sentence is no sentence."""
    assert str(ProviderUnavailableError()) == "Provider unavailable"
    assert InvalidRequestError(vendor_message="bad field").detail == "Invalid request: bad field"
