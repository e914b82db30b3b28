"""What do Anthropic's headers say of the limits on our key?

`anthropic-ratelimit-{requests,tokens,input-tokens,output-tokens}-{limit,remaining,reset}`; a reset is an RFC 3339 time.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from app.providers.rate_headers import header_count
from contracts.providers import RateLimit

_NAMES = ("requests", "tokens", "input-tokens", "output-tokens")


def read_rate_limits(headers: Mapping[str, str]) -> list[RateLimit]:
    """The limits in `headers` (which finds lower-case names); empty when the vendor says nothing."""
    limits = (_read(headers, name) for name in _NAMES)
    return [limit for limit in limits if limit is not None]


def _read(headers: Mapping[str, str], name: str) -> RateLimit | None:
    values = {what: headers.get(f"anthropic-ratelimit-{name}-{what}") for what in ("limit", "remaining", "reset")}
    limit, remaining = header_count(values["limit"]), header_count(values["remaining"])
    if limit is None and remaining is None:
        return None
    return RateLimit(name=name.replace("-", "_"), limit=limit, remaining=remaining, resets_at=_moment(values["reset"]))


def _moment(text: str | None) -> datetime | None:
    try:
        moment = datetime.fromisoformat((text or "").strip())
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
