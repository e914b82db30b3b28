"""Can the numbers of tokens that a vendor reports be true, and which of several holds?"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from contracts.chat import Usage, UsageSource

MOST_TOKENS = 10**10
_NUMBERS = (int, float, Decimal)


def read_count(value: Any) -> int:
    """The whole number in `value`. Raises ValueError for anything that counts no tokens."""
    if type(value) is int and 0 <= value <= MOST_TOKENS:
        return value
    is_number = isinstance(value, int | Decimal) and not isinstance(value, bool)
    if not is_number or not 0 <= value <= MOST_TOKENS or value != int(value):
        msg = "no count"
        raise ValueError(msg)
    return int(value)


def lasting(before: Usage | None, now: Usage | None) -> Usage | None:
    """Which of two counts of one answer holds: the later, unless it is none or has fallen to nothing.

    The earlier is not the last word then, and marked as an estimate: the engine builds on it.
    """
    if before is None:
        return now
    if (
        now is None
        or (before.input_tokens and not now.input_tokens)
        or (before.output_tokens and not now.output_tokens)
    ):
        return replace(before, source=UsageSource.ESTIMATED)
    return now


def take_counts(known: dict[str, Any], told: Mapping[str, Any], *, provisional: Collection[str] = ()) -> bool:
    """Lays what a later event says over what is `known`; whether all of it could be true.

    A number that is no count, or is nothing after something (where that was not `provisional`), leaves the earlier one.
    """
    is_all_true = True
    for name, value in told.items():
        if value is None:
            continue
        if _may_follow(known.get(name), value, may_vanish=name in provisional):
            known[name] = value
        else:
            is_all_true = False
    return is_all_true


def contradicts(total: Any, usage: Usage) -> bool:
    """Whether a vendor's own `total` is another than that of the parts; none says nothing."""
    return bool(total) and total != usage.total_tokens


def _may_follow(before: Any, now: Any, *, may_vanish: bool) -> bool:
    if isinstance(now, bool) or not isinstance(now, _NUMBERS):
        return not isinstance(before, int | Decimal)
    try:
        return read_count(now) > 0 or may_vanish or not before
    except ValueError:
        return False
