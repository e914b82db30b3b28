"""How is an error of ours said to a caller of this dialect?

OpenAI's SDK picks its exception class by the status alone, asks again after 408, 409, 429 and all above 499, and shows
`type`, `param` and `code` on it. So a request that breaks a rule is a 400 here, as it is with OpenAI (our own endpoints
say 422), and where OpenAI has a code for what happened it is OpenAI's. A fault of the caller's that a vendor of the
dialect found is said in the vendor's words. What is ours stands in `llm_service`.
"""

from __future__ import annotations

from typing import Any

from app.wires.inbound import OWN_FIELD
from app.wires.vendor_words import message_for, status_for, words_for
from contracts.calls import Wire
from contracts.errors import LLMProviderError, QuotaExceededError
from contracts.fault import Fault

# 409 is a fault of the caller's, which the SDK would take for a lock and try again.
_STATUSES = {409: 400, 422: 400}
# As in its own error documents; only where one is spelled in another way than ours.
_CODES = {
    "authentication_required": "invalid_api_key",
    "provider_not_found": "model_not_found",
    "quota_exceeded": "insufficient_quota",
}
_TYPES = {401: "invalid_request_error", 403: "permission_error", 404: "invalid_request_error", 429: "rate_limit_error"}
_SHOWN = ("provider", "request_id", "retry_after")


def encode_error(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    """Status and document. `code` is the vendor's or OpenAI's own where it has one, else our `error_type`."""
    theirs = words_for(error, Wire.OPENAI_CHAT)
    said: dict[str, Any] = {
        "type": _type(error),
        "param": next((wrong.field for wrong in error.errors if wrong.field), None),
        "code": _CODES.get(error.error_type, error.error_type),
    }
    own = _own(error)
    if theirs is not None:
        own["detail"] = str(error)
        said = {"type": theirs.type, "param": theirs.param, "code": theirs.code}
    status = status_for(error, theirs) or _STATUSES.get(error.status, error.status)
    return status, {"error": {"message": message_for(error, theirs), **said, OWN_FIELD: own}}


def _type(error: LLMProviderError) -> str:
    if isinstance(error, QuotaExceededError):
        return "insufficient_quota"
    by_fault = "invalid_request_error" if error.fault is Fault.CALLER else "server_error"
    return _TYPES.get(error.status, by_fault)


def _own(error: LLMProviderError) -> dict[str, Any]:
    """Which error of ours it is, and all wrong fields."""
    shown = {name: getattr(error, name) for name in _SHOWN if getattr(error, name) is not None}
    wrong = [one.model_dump(exclude_none=True) for one in error.errors]
    return {"error_type": error.error_type, **shown, **({"errors": wrong} if wrong else {})}
