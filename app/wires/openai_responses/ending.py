"""What does the status of an answer mean: how it ended, that it failed, or that it is not here?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contracts.chat import FinishReason

COMPLETED = "completed"
INCOMPLETE = "incomplete"
FAILED = "failed"
CANCELLED = "cancelled"
UNFINISHED = ("in_progress", "queued")

# The SDK's IncompleteDetails.
_INCOMPLETE_REASONS = {
    "max_output_tokens": FinishReason.LENGTH,
    "content_filter": FinishReason.CONTENT_FILTER,
}


def incomplete_reason(response: Mapping[str, Any]) -> FinishReason | None:
    """Why an incomplete answer is incomplete; None for a reason that is not known."""
    details = response.get("incomplete_details")
    reason = details.get("reason") if isinstance(details, dict) else None
    return _INCOMPLETE_REASONS.get(reason) if isinstance(reason, str) else None
