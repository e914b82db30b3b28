"""Was the promise kept? Each judge looks at one thing, and says what is wrong with it in one sentence, or nothing."""

from __future__ import annotations

from tests.chaos.judges_answers import (
    billed,
    counted,
    declined,
    ended,
    failed_in_band,
    not_before,
    not_to_be_retried,
    priced,
    recovered,
    refused,
    retry_after,
    served_by,
    warned,
    whole,
    within,
)
from tests.chaos.judges_attempts import asked_last_by, attempts, backed_off, closed_upstream, gentle, listed, spaced

__all__ = [
    "asked_last_by",
    "attempts",
    "backed_off",
    "billed",
    "closed_upstream",
    "counted",
    "declined",
    "ended",
    "failed_in_band",
    "gentle",
    "listed",
    "not_before",
    "not_to_be_retried",
    "priced",
    "recovered",
    "refused",
    "retry_after",
    "served_by",
    "spaced",
    "warned",
    "whole",
    "within",
]
