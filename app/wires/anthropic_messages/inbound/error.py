"""How is an error of ours said in this dialect?

Source: api/errors, and the SDK, whose classes go by the status and which asks again after 408, 409, 429 and all above
499. So a request that breaks a rule is a 400 here, and what is overloaded or away a 503: the vendor's own 529 means no
more to its SDK, and nothing to a proxy between. A fault of the caller's that a vendor of the dialect found is said in
the vendor's words, its `details` too. Ours stand in `error.llm_service`, where the vendor will never put a field.

The SDK's tool runner has the vendor keep the conversation, as a thread. By our `details` it learns that nobody does,
and sends the whole of it each time; or that the answer it goes on from is lost, and sends the whole once
(anthropic/lib/threads).
"""

from __future__ import annotations

from typing import Any

from app.wires.anthropic_messages.inbound.fields import DEMANDS, THREAD
from app.wires.inbound import OWN_FIELD
from app.wires.vendor_words import message_for, status_for, words_for
from contracts.calls import Wire
from contracts.errors import LLMProviderError
from contracts.kept_state import NOT_KNOWN
from contracts.vendor_error import VendorError

# 409 is a fault of the caller's, which the SDK would take for a lock and try again.
_STATUSES = {409: 400, 422: 400}
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

_NO_THREADS = {"error_code": "thread_unsupported_request", "unsupported": [THREAD]}
_LOST = {"error_code": "thread_not_found"}


def encode_error(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    """The status and the error document."""
    theirs = words_for(error, Wire.ANTHROPIC_MESSAGES)
    status = status_for(error, theirs) or _STATUSES.get(error.status, error.status)
    kind = theirs.type if theirs is not None else _type(status)
    document = {"type": kind, "message": message_for(error, theirs), **_details(error, theirs)}
    document[OWN_FIELD] = _own(error, theirs)
    return status, {"type": "error", "error": document, "request_id": error.request_id}


def _type(status: int) -> str:
    return _TYPES.get(status) or ("invalid_request_error" if status < 500 else "api_error")


def _details(error: LLMProviderError, theirs: VendorError | None) -> dict[str, Any]:
    if theirs is not None:
        return {} if theirs.details is None else {"details": theirs.details}
    if any(one.message == NOT_KNOWN for one in error.errors):
        return {"details": _LOST}
    wants_thread = any(one.field == THREAD and one.message == DEMANDS[THREAD].message for one in error.errors)
    return {"details": _NO_THREADS} if wants_thread else {}


def _own(error: LLMProviderError, theirs: VendorError | None) -> dict[str, Any]:
    """Which error of ours it is, and all wrong fields; our sentence where the message is the vendor's."""
    ours: dict[str, Any] = {"error_type": error.error_type}
    if theirs is not None:
        ours["detail"] = str(error)
    if error.provider is not None:
        ours["provider"] = error.provider
    if error.retry_after is not None:
        ours["retry_after"] = round(error.retry_after, 3)
    if error.errors:
        ours["errors"] = [one.model_dump(exclude_none=True) for one in error.errors]
    return ours
