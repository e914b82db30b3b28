"""Are the limits in a reply's headers read as they are meant?"""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2
import pytest

from app.providers.rate_headers import limit_headers, read_rate_limits

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.mark.parametrize(
    "text,seconds",
    [
        ("1m0s", 60.0),
        ("6ms", 0.006),
        ("1h2m3.5s", 3723.5),
        ("2d", 172_800.0),
        ("12", 12.0),
        ("0.5", 0.5),
        ("soon", None),
        ("", None),
        ("1x", None),
        ("9" * 30 + "s", None),
        ("999999999d", None),
        (None, None),
    ],
)
def test_reset_is_read_in_every_form(text: str | None, seconds: float | None) -> None:
    """A duration, plain seconds, or nothing that can be read."""
    headers = {"x-ratelimit-limit-tokens": "100", **({} if text is None else {"x-ratelimit-reset-tokens": text})}
    (limit,) = read_rate_limits(headers, now=NOW)
    assert (limit.name, limit.limit, limit.remaining) == ("tokens", 100, None)
    waited = None if limit.resets_at is None else (limit.resets_at - NOW).total_seconds()
    assert waited == seconds


def test_both_limits_are_read() -> None:
    """Requests and tokens are counted apart."""
    headers = {
        "x-ratelimit-limit-requests": "500",
        "x-ratelimit-remaining-requests": "499",
        "x-ratelimit-remaining-tokens": "7",
    }
    assert [(one.name, one.limit, one.remaining) for one in read_rate_limits(headers, now=NOW)] == [
        ("requests", 500, 499),
        ("tokens", None, 7),
    ]


@pytest.mark.parametrize(
    "names,is_so",
    [
        ([b"Date", b"X-RateLimit-Remaining-Tokens"], True),
        ([b"anthropic-ratelimit-requests-limit"], True),
        ([b"content-type", b"x-request-id", b"rate", b"limit"], False),
        ([], False),
    ],
)
def test_limits_are_looked_for_where_a_name_is_of_them(names: list[bytes], is_so: bool) -> None:
    """In whatever case; two names in a row are not one."""
    reply = httpx2.Response(200, headers=[(name, b"1") for name in names])
    assert bool(limit_headers(reply)) is is_so


@pytest.mark.parametrize("text", ["-1", "many", "1" * 20, "٣"])
def test_strange_counts_are_passed_over(text: str) -> None:
    """What is no count is not shown as one."""
    assert read_rate_limits({"x-ratelimit-limit-requests": text}, now=NOW) == []
