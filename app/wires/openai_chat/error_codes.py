"""Which error of ours stands for a vendor's code, for a bare status, or, where there is no code, for a message?"""

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

_CODES: dict[str, ErrorClass] = {
    "context_length_exceeded": CONTEXT,
    "exceed_context_size_error": CONTEXT,  # llama.cpp
    "openrouter.context_length_exceeded": CONTEXT,
    "content_policy_violation": CONTENT_POLICY,
    "content_filter": CONTENT_POLICY,  # Azure
    "moderation_blocked": CONTENT_POLICY,
    "invalid_prompt": CONTENT_POLICY,  # OpenAI: the prompt was flagged
    "openrouter.content_policy_violation": CONTENT_POLICY,
    "openrouter.refusal": CONTENT_POLICY,
    # The SDK's ResponseError: what /responses reports in a reply whose status was 200.
    "bio_policy": CONTENT_POLICY,
    "misalignment_policy_violation": CONTENT_POLICY,
    "image_content_policy_violation": CONTENT_POLICY,
    "invalid_image": INVALID,
    "invalid_image_format": INVALID,
    "invalid_base64_image": INVALID,
    "invalid_image_url": INVALID,
    "invalid_image_mode": INVALID,
    "image_too_large": INVALID,
    "image_too_small": INVALID,
    "image_parse_error": INVALID,
    "image_file_too_large": INVALID,
    "unsupported_image_media_type": INVALID,
    "empty_image_file": INVALID,
    "failed_to_download_image": INVALID,
    "image_file_not_found": INVALID,
    "data_residency_mismatch": FORBIDDEN,
    "invalid_api_key": BAD_KEY,
    "account_deactivated": BAD_KEY,
    "authentication_error": BAD_KEY,  # DeepSeek's and llama.cpp's `type`
    "openrouter.authentication": BAD_KEY,
    "unsupported_country_region_territory": FORBIDDEN,
    "permission_denied": FORBIDDEN,
    "permission_error": FORBIDDEN,
    "openrouter.permission_denied": FORBIDDEN,
    "insufficient_quota": QUOTA,
    "credit_balance_exhausted": QUOTA,
    "billing_hard_limit_reached": QUOTA,
    "billing_not_active": QUOTA,
    "quota_exceeded": QUOTA,
    "openrouter.payment_required": QUOTA,
    "openrouter.token_limit_exceeded": QUOTA,  # a cap that its credit sets
    "rate_limit_exceeded": RATE,
    "rate_limit_error": RATE,
    "rate_limit_reached": RATE,
    "openrouter.rate_limit_exceeded": RATE,
    "model_not_found": NO_MODEL,
    "model_not_available": NO_MODEL,
    "openrouter.not_found": NO_MODEL,
    "not_supported_error": INVALID,  # llama.cpp sends it with 501
    "openrouter.invalid_request": INVALID,
    "openrouter.invalid_prompt": INVALID,  # "a message is invalid", no flag
    "server_error": UNAVAILABLE,
    "internal_error": UNAVAILABLE,
    "internal_server_error": UNAVAILABLE,
    "overloaded": UNAVAILABLE,
    "overloaded_error": UNAVAILABLE,
    "engine_overloaded": UNAVAILABLE,
    "service_unavailable": UNAVAILABLE,
    "unavailable_error": UNAVAILABLE,  # llama.cpp while it loads
    "openrouter.provider_overloaded": UNAVAILABLE,
    "openrouter.provider_unavailable": UNAVAILABLE,
    "openrouter.server": UNAVAILABLE,
    "openrouter.timeout": UNAVAILABLE,
}

# The last resort, for vendors whose code is the same for every 400. Lower case, found inside the message.
_MESSAGES: tuple[tuple[str, ErrorClass], ...] = (
    ("maximum context length is", CONTEXT),  # DeepSeek, vLLM, OpenRouter without error_type
    ("content exists risk", CONTENT_POLICY),  # DeepSeek
    ("model not exist", NO_MODEL),  # DeepSeek
    ("is not a valid model id", NO_MODEL),  # OpenRouter
)


def class_of_code(code: str) -> ErrorClass | None:
    """The class of a code that we know."""
    return _CODES.get(code)


def class_of_message(message: str, status: int) -> ErrorClass | None:
    """The class of a message under a status that says no more than `bad request`."""
    if status not in (400, 422):
        return None
    text = message.lower()
    return next((kind for words, kind in _MESSAGES if words in text), None)
