"""Do a caller's headers reach the vendor that knows them, and nobody else?"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from contracts.calls import CALLER_HEADERS
from tests.unit.providers.vendor_double import LIMITS, VendorDouble, call, completion

SENT = {"anthropic-beta": "files-api", "anthropic-version": "2026-10-21", "openai-beta": "assistants=v2"}
MESSAGE = {
    "type": "message",
    "role": "assistant",
    "content": [{"type": "text", "text": "hi"}],
    "stop_reason": "end_turn",
}
OWN = {"anthropic": {"anthropic-beta", "anthropic-version"}, "openai": {"openai-beta"}, "deepseek": set()}


@pytest.mark.parametrize("name", OWN)
async def test_caller_headers_reach_their_own_vendor_only(name: str) -> None:
    """Each vendor gets those that are its own, as they came."""
    vendor = VendorDouble()
    vendor.answers(200, MESSAGE if name == "anthropic" else completion())
    await vendor.row(name).complete(replace(call(), vendor_headers=SENT), model="m", limits=LIMITS)
    (request,) = vendor.requests
    got = {header: request.headers[header] for header in CALLER_HEADERS if header in request.headers}
    assert got == {header: SENT[header] for header in OWN[name]}


async def test_caller_headers_join_the_rows_own() -> None:
    """Beta features of the row stay asked for beside the caller's; the caller's version is the one that counts."""
    vendor = VendorDouble()
    vendor.answers(200, MESSAGE)
    row: Any = vendor.row("anthropic", headers={"anthropic-beta": "context-1m", "anthropic-version": "2023-06-01"})
    await row.complete(replace(call(), vendor_headers=SENT), model="m", limits=LIMITS)
    (request,) = vendor.requests
    assert request.headers["anthropic-beta"] == "context-1m,files-api"
    assert request.headers["anthropic-version"] == "2026-10-21"
