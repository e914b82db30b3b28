"""Which part of the service counts the tokens of a request before it is asked?"""

from __future__ import annotations

from collections.abc import Mapping

from app.embedding_service import EmbeddingService
from app.engine.surface_intake import take_in_surface
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.surfaces import SurfaceRequest, TokenCount


class TokenCountService(EmbeddingService):
    """Of what comes in at a drop-in surface."""

    async def count_tokens(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> TokenCount:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            order = take_in_surface(request, caller, now=rooms.clock.now(), config=runtime.config, headers=headers)
            return await rooms.counting.answer(order, runtime)
