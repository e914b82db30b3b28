"""How is an error of ours said in this dialect?

Source: api/errors, and the SDK's ERROR_CLASSES: its classes go by the status. The dialect has no code for an error:
ours stands in `error.llm_service`, where the vendor will never put a field.
"""

from __future__ import annotations

from typing import Any

from contracts.errors import LLMProviderError

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    415: "invalid_request_error",
    429: "rate_limit_error",
    503: "overloaded_error",
    504: "timeout_error",
}


def encode_error(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    """The status and the error document."""
    # A request that is wrong is a 400 here, whatever is wrong with it.
    status = 400 if error.status == 422 else error.status
    ours: dict[str, Any] = {"error_type": error.error_type}
    if error.provider is not None:
        ours["provider"] = error.provider
    if error.retry_after is not None:
        ours["retry_after"] = round(error.retry_after, 3)
    if error.errors:
        ours["errors"] = [one.model_dump(exclude_none=True) for one in error.errors]
    kind = _TYPES.get(status) or ("invalid_request_error" if status < 500 else "api_error")
    document = {"type": kind, "message": error.detail, "llm_service": ours}
    return status, {"type": "error", "error": document, "request_id": error.request_id}
