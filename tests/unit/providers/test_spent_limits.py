"""Is it known of each model when a limit that its last reply said is used up will be reset?"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from app.ports import Provider
from contracts.errors import RateLimitExceededError
from tests.unit.providers.vendor_double import LIMITS, NOW, SSE, VendorDouble, call, completion, events

SPENT = {"x_ratelimit_remaining_requests": "0", "x_ratelimit_reset_requests": "20s"}


async def after(*replies: dict[str, str], body: Any = None) -> Provider:
    """A row whose model m gave replies with these headers."""
    vendor = VendorDouble()
    row = vendor.row()
    for headers in replies:
        vendor.answers(200, body or completion(), **headers)
        await row.complete(call(), model="m", limits=LIMITS)
        vendor.replies.clear()
    return row


async def test_spent_limit_is_known_until_its_reset() -> None:
    """A good reply may take the last of a limit; other models of the row have their own."""
    row = await after(SPENT)
    assert row.spent_until("m") == NOW + timedelta(seconds=20)
    assert row.spent_until("other") is None


async def test_spent_limits_are_reset_when_the_last_of_them_is() -> None:
    """Of several that are used up the latest reset counts; those with something left do not."""
    tokens = {"x_ratelimit_remaining_tokens": "0", "x_ratelimit_reset_tokens": "50s"}
    assert (await after({**SPENT, **tokens})).spent_until("m") == NOW + timedelta(seconds=50)
    tokens["x_ratelimit_remaining_tokens"] = "7"
    assert (await after({**SPENT, **tokens})).spent_until("m") == NOW + timedelta(seconds=20)


@pytest.mark.parametrize(
    "headers",
    [{}, {"x_ratelimit_remaining_requests": "3"}, {"x_ratelimit_remaining_requests": "0"}],
)
async def test_spent_limit_is_forgotten_with_the_next_reply(headers: dict[str, str]) -> None:
    """The last reply counts: one that has something left, or does not say until when nothing is."""
    assert (await after(headers)).spent_until("m") is None
    assert (await after(SPENT, headers)).spent_until("m") is None


async def test_spent_limit_is_known_from_refusals_and_streams() -> None:
    """Every reply has the headers."""
    vendor = VendorDouble()
    refusing = vendor.row()
    vendor.answers(429, {}, **SPENT)
    with pytest.raises(RateLimitExceededError):
        await refusing.complete(call(), model="m", limits=LIMITS)
    assert refusing.spent_until("m") == NOW + timedelta(seconds=20)
    vendor.replies.clear()
    streaming = vendor.row()
    vendor.streams(events("hi"), headers={**SSE, **{name.replace("_", "-"): value for name, value in SPENT.items()}})
    stream = await streaming.open_stream(call(), model="m", limits=LIMITS)
    await stream.aclose()
    assert streaming.spent_until("m") == NOW + timedelta(seconds=20)


async def test_spent_limit_of_the_model_list_is_of_no_model() -> None:
    """What a call for the list of models reports is not held against any of them."""
    vendor = VendorDouble()
    vendor.answers(200, {"data": [{"id": "m"}]}, **SPENT)
    row = vendor.row()
    await row.list_models(limits=LIMITS)
    assert row.spent_until("m") is None
