"""What do the `details` of an error document add: a reason, a spent quota, a time to wait, refused fields?

Each is a google.rpc message that its `@type` names (error_details.proto).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_DELAY = re.compile(r"(\d{1,9}(?:\.\d{1,9})?)s")
_LONGEST_SECONDS = 86_400.0 * 31
_PER_DAY = "PerDay"
_MOST_FIELDS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorDetails:
    """`retry_after` is in seconds. `is_daily_quota`: one that only the next day gives back."""

    reasons: tuple[str, ...] = ()
    retry_after: float | None = None
    is_daily_quota: bool = False
    fields: tuple[str, ...] = ()


def read_details(details: Any) -> ErrorDetails:
    """What can be read in `details`; what cannot is passed over."""
    found = [one for one in details if isinstance(one, dict)] if isinstance(details, list) else []
    reasons = (one.get("reason") for one in _of_type(found, "ErrorInfo"))
    delays = (_seconds(one.get("retryDelay")) for one in _of_type(found, "RetryInfo"))
    quotas = (one.get("quotaId") for one in _inner(found, "QuotaFailure", "violations"))
    fields = (one.get("field") for one in _inner(found, "BadRequest", "fieldViolations"))
    return ErrorDetails(
        reasons=tuple(reason for reason in reasons if isinstance(reason, str)),
        retry_after=next((delay for delay in delays if delay is not None), None),
        is_daily_quota=any(isinstance(quota, str) and _PER_DAY in quota for quota in quotas),
        fields=tuple(one for one in fields if isinstance(one, str) and one)[:_MOST_FIELDS],
    )


def _of_type(details: list[dict[str, Any]], name: str) -> Iterator[Mapping[str, Any]]:
    return (one for one in details if str(one.get("@type", "")).endswith(f"google.rpc.{name}"))


def _inner(details: list[dict[str, Any]], name: str, field: str) -> Iterator[Mapping[str, Any]]:
    for one in _of_type(details, name):
        entries = one.get(field)
        yield from (entry for entry in (entries if isinstance(entries, list) else []) if isinstance(entry, dict))


def _seconds(text: Any) -> float | None:
    match = _DELAY.fullmatch(text) if isinstance(text, str) else None
    return min(float(match[1]), _LONGEST_SECONDS) if match else None
