"""Which error of ours stands for the vendor's reason, for its status, or, where both say too little, for a message?

Sources: google.rpc.Code and google.api.ErrorReason for the names, ai.google.dev "troubleshooting" for what this API
means by them.
"""

from __future__ import annotations

from app.wires.error_classes import (
    BAD_KEY,
    CONTEXT,
    FORBIDDEN,
    INVALID,
    NO_MODEL,
    QUOTA,
    RATE,
    UNAVAILABLE,
    ErrorClass,
)
from contracts.errors import (
    AuthenticationError,
)

_SHUT_OUT = ErrorClass(AuthenticationError, "does not serve the service's project or place")

_REASONS: dict[str, ErrorClass] = {
    "API_KEY_INVALID": BAD_KEY,
    "API_KEY_EXPIRED": BAD_KEY,
    "API_KEY_SERVICE_BLOCKED": BAD_KEY,
    "API_KEY_HTTP_REFERRER_BLOCKED": BAD_KEY,
    "API_KEY_IP_ADDRESS_BLOCKED": BAD_KEY,
    "CREDENTIALS_MISSING": BAD_KEY,
    "ACCESS_TOKEN_TYPE_UNSUPPORTED": BAD_KEY,
    "CONSUMER_INVALID": _SHUT_OUT,
    "CONSUMER_SUSPENDED": _SHUT_OUT,
    "SERVICE_DISABLED": _SHUT_OUT,
    "LOCATION_POLICY_VIOLATED": _SHUT_OUT,
    "BILLING_DISABLED": QUOTA,
}

_STATUS_NAMES: dict[str, ErrorClass] = {
    "INVALID_ARGUMENT": INVALID,
    "OUT_OF_RANGE": INVALID,
    "UNIMPLEMENTED": INVALID,
    "FAILED_PRECONDITION": _SHUT_OUT,
    "UNAUTHENTICATED": BAD_KEY,
    "PERMISSION_DENIED": FORBIDDEN,
    "NOT_FOUND": NO_MODEL,
    "RESOURCE_EXHAUSTED": RATE,
    "CANCELLED": UNAVAILABLE,
    "ABORTED": UNAVAILABLE,
    "UNKNOWN": UNAVAILABLE,
    "INTERNAL": UNAVAILABLE,
    "UNAVAILABLE": UNAVAILABLE,
    "DATA_LOSS": UNAVAILABLE,
    "DEADLINE_EXCEEDED": UNAVAILABLE,
}

STATUSES = {499: UNAVAILABLE}

# The last resort, where one name stands for several things. Lower case, found inside the message.
_MESSAGES: dict[str, tuple[tuple[str, ErrorClass], ...]] = {
    "INVALID_ARGUMENT": (
        ("exceeds the maximum number of tokens", CONTEXT),
        ("api key not valid", BAD_KEY),
        ("api key expired", BAD_KEY),
    ),
    # The free tier is not offered everywhere; the other precondition is the place itself.
    "FAILED_PRECONDITION": (("enable billing", QUOTA),),
    "PERMISSION_DENIED": (("reported as leaked", BAD_KEY), ("access the file", INVALID)),
    "RESOURCE_EXHAUSTED": (("credits are depleted", QUOTA),),
}


def class_of_reason(reason: str) -> ErrorClass | None:
    """The class of a reason that we know."""
    return _REASONS.get(reason)


def class_of_status_name(name: str, message: str | None) -> ErrorClass | None:
    """The class of a status's name, told apart by `message` where it must be."""
    text = (message or "").lower()
    by_message = next((kind for words, kind in _MESSAGES.get(name, ()) if words in text), None)
    return by_message or _STATUS_NAMES.get(name)
