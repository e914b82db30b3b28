"""How is an error of ours said to a caller of this dialect?

OpenAI's SDK picks its exception class by the status alone, and shows `type`, `param` and `code` on it. A request that
breaks a rule is a 400 here, `BadRequestError`, as it is with OpenAI; our own endpoints say 422.
"""

from __future__ import annotations

from typing import Any

from contracts.errors import InvalidRequestError, LLMProviderError
from contracts.fault import Fault

_TYPES = {
    400: "invalid_request_error",
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


def encode_error(error: LLMProviderError) -> tuple[int, dict[str, Any]]:
    """Status and document. `code` is our `error_type`; `errors` lists every wrong field."""
    is_rule = isinstance(error, InvalidRequestError) and error.status == InvalidRequestError.status
    status = 400 if is_rule else error.status
    by_fault = "invalid_request_error" if error.fault is Fault.CALLER else "server_error"
    document: dict[str, Any] = {
        "message": error.detail,
        "type": _TYPES.get(status, by_fault),
        "param": next((wrong.field for wrong in error.errors if wrong.field), None),
        "code": error.error_type,
    }
    if error.errors:
        document["errors"] = [wrong.model_dump(exclude_none=True) for wrong in error.errors]
    return status, {"error": document}
