"""Which error of ours stands for a code of the vendor, for a bare status, or, as the last resort, for a message?"""

from __future__ import annotations

from app.wires.error_classes import (
    BAD_KEY,
    CONTENT_POLICY,
    CONTEXT,
    FORBIDDEN,
    INVALID,
    NO_MODEL,
    QUOTA,
    RATE,
    UNAVAILABLE,
    ErrorClass,
)
from contracts.errors import AuthenticationError, InvalidRequestError, RequestTooLargeError

_ON_HOLD = ErrorClass(AuthenticationError, "has disabled the organization of the service's key")
_TOO_LARGE = ErrorClass(RequestTooLargeError, "found the request too large")
# The caller sends the whole conversation then, by himself: its SDK does. To ask others, or again, would not help him.
_NO_THREAD = ErrorClass(InvalidRequestError, "cannot go on with the thread")

# `error.details.error_code` first, then `error.type` (SDK: types/shared).
_CODES: dict[str, ErrorClass] = {
    "contract_spend_limit_reached": QUOTA,
    "enforced_spend_limit_reached": QUOTA,
    "linked_organization_spend_limit_reached": QUOTA,
    "linked_organization_billing_unavailable": QUOTA,
    "organization_on_hold": _ON_HOLD,
    "ramp_limit_exceeded": RATE,
    "request_body_too_large_after_decoding": _TOO_LARGE,
    "thread_already_continued": _NO_THREAD,
    "thread_continue_in_flight": _NO_THREAD,
    "thread_not_found": _NO_THREAD,
    "thread_unsupported_request": _NO_THREAD,
    "authentication_error": BAD_KEY,
    "billing_error": QUOTA,
    "permission_error": FORBIDDEN,
    "not_found_error": NO_MODEL,
    "request_too_large": _TOO_LARGE,
    "rate_limit_error": RATE,
    "timeout_error": UNAVAILABLE,
    "api_error": UNAVAILABLE,
    "overloaded_error": UNAVAILABLE,
    "exceed_context_size_error": CONTEXT,  # llama.cpp
    "unavailable_error": UNAVAILABLE,  # llama.cpp while it loads
    "not_supported_error": INVALID,  # llama.cpp sends it with 501
}

STATUSES = {413: _TOO_LARGE}
# It says less than a status that is itself a fault of the request, of the key or of the model's name.
VAGUE_CODE = "api_error"

# The last resort: `invalid_request_error` is the code of all these. Lower case, at the beginning of the message, for
# further on it may quote the caller.
_MESSAGES: tuple[tuple[str, ErrorClass], ...] = (
    ("prompt is too long", CONTEXT),
    ("input length and `max_tokens` exceed context limit", CONTEXT),
    ("your credit balance is too low", QUOTA),
    ("you have reached your specified api usage limits", QUOTA),
    ("you have reached your specified workspace api usage limits", QUOTA),
    ("output blocked by content filtering policy", CONTENT_POLICY),
)


def class_of_code(code: str) -> ErrorClass | None:
    """The class of a code that tells enough by itself."""
    return _CODES.get(code)


def class_of_message(message: str) -> ErrorClass | None:
    """The class of a message under a code that says no more than `bad request`."""
    text = message.lstrip().lower()
    return next((kind for words, kind in _MESSAGES if text.startswith(words)), None)
