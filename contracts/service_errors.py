"""Errors that are the service's own: no caller and no vendor is at fault."""

from __future__ import annotations

from contracts.error_base import LLMProviderError


class ServiceNotStartedError(LLMProviderError):
    """A call arrived before `start()` or after `stop()`."""

    status = 503
    error_type = "service_not_started"
    title = "Service not started"


class ShuttingDownError(ServiceNotStartedError):
    """The service ends: it takes no new calls, and cuts those that do not end in time."""

    error_type = "shutting_down"
    title = "Service shutting down"


class StoreUnavailableError(LLMProviderError):
    """A store of this service (the cache's, the ledger's) cannot be reached; it is used again when it is back."""

    status = 503
    error_type = "store_unavailable"
    title = "Store unavailable"
    is_retryable = True


class UsageAnalyticsDisabledError(LLMProviderError):
    """Usage is not recorded (`enable_usage_analytics: false`), so there is nothing to report."""

    status = 409
    error_type = "usage_analytics_disabled"
    title = "Usage is not recorded"


class InternalError(LLMProviderError):
    """A defect of this service; the detail names nothing of the request."""
