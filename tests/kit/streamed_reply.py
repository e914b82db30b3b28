"""A vendor's reply that is read piece by piece, closed in every case."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from app.upstream import UpstreamClient


@asynccontextmanager
async def streamed_reply(
    client: UpstreamClient, request: httpx2.Request, *, connect_timeout_seconds: float = 2
) -> AsyncIterator[httpx2.Response]:
    """The reply to `request`, its body unread; leaving, by cancellation too, closes it."""
    response = await client.open(request, provider="openai", connect_timeout_seconds=connect_timeout_seconds)
    try:
        yield response
    finally:
        await response.aclose()
