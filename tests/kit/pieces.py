"""What does an open reply of a vendor hold, piece by piece?"""

from __future__ import annotations

from collections.abc import AsyncGenerator

from app.ports import ProviderStream
from contracts.deltas import Piece


async def pieces_of(stream: ProviderStream) -> AsyncGenerator[Piece | None, None]:
    """One after the other, however many came at once; None for a sign of life."""
    async for pieces in stream:
        for piece in pieces or (None,):
            yield piece
