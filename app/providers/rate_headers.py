"""What do a reply's headers say of the limits on our key?

OpenAI's `x-ratelimit-{limit,remaining,reset}-{requests,tokens}`; a reset is written like `1m0s`, `6ms` or in seconds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

import httpx2

from app.upstream import header_names, sent_headers
from contracts.providers import RateLimit

# Every vendor's names of such headers hold it.
LIMIT_WORD = b"ratelimit"
_NAMES = ("requests", "tokens")
# A limit that is reset later than in a year is none that a vendor means; a date of year 10000 is none at all.
_LONGEST_SECONDS = 366 * 86_400.0
_UNIT_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86_400.0}
_PART = r"(\d{1,9}(?:\.\d{1,9})?)(ms|s|m|h|d)"
_DURATION = re.compile(f"(?:{_PART})+")
_PARTS = re.compile(_PART)
_SECONDS = re.compile(r"\d{1,9}(?:\.\d{1,9})?")


def may_tell_limits(reply: httpx2.Response) -> bool:
    """Whether anything in the head of `reply` may be said of limits."""
    return LIMIT_WORD in header_names(reply)


def limit_headers(reply: httpx2.Response) -> dict[str, str]:
    """The headers of `reply` that may say anything of limits, names in lower case.

    Most replies have none, and of the others httpx2 would make all headers, to be looked through for each of a few.
    """
    if not may_tell_limits(reply):
        return {}
    found: dict[str, str] = {}
    for name, value in sent_headers(reply):
        key = name.lower()
        if LIMIT_WORD in key:
            at, text = key.decode("latin-1"), value.decode("latin-1")
            found[at] = f"{found[at]}, {text}" if at in found else text
    return found


def read_rate_limits(headers: Mapping[str, str], *, now: datetime) -> list[RateLimit]:
    """The limits in `headers` (which finds lower-case names); empty when the vendor says nothing."""
    limits = (_read(headers, name, now) for name in _NAMES)
    return [limit for limit in limits if limit is not None]


def _read(headers: Mapping[str, str], name: str, now: datetime) -> RateLimit | None:
    limit = header_count(headers.get(f"x-ratelimit-limit-{name}"))
    remaining = header_count(headers.get(f"x-ratelimit-remaining-{name}"))
    if limit is None and remaining is None:
        return None
    seconds = _duration_seconds(headers.get(f"x-ratelimit-reset-{name}"))
    resets_at = None if seconds is None or seconds > _LONGEST_SECONDS else now + timedelta(seconds=seconds)
    return RateLimit(name=name, limit=limit, remaining=remaining, resets_at=resets_at)


def header_count(text: str | None) -> int | None:
    """The count in a header's text; None when it holds none."""
    text = (text or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _duration_seconds(text: str | None) -> float | None:
    text = (text or "").strip()
    if _SECONDS.fullmatch(text):
        return float(text)
    if not _DURATION.fullmatch(text):
        return None
    return sum(float(number) * _UNIT_SECONDS[unit] for number, unit in _PARTS.findall(text))
