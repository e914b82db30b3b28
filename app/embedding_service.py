"""Which part of the service makes vectors of texts? By the contract's own request, and by a drop-in surface's."""

from __future__ import annotations

from collections.abc import Mapping

from app.administration import Administration
from app.engine.embedding_intake import take_in_texts
from app.engine.surface_intake import take_in_surface
from contracts.caller import IN_PROCESS_CALLER, Caller
from contracts.embeddings import EmbeddingRequest, EmbeddingResponse
from contracts.surfaces import EmbeddingCompletion, SurfaceRequest


class EmbeddingService(Administration):
    """Vectors of different models cannot be compared: no other model stands in unasked."""

    async def embed(
        self,
        request: EmbeddingRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingResponse:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            order = take_in_texts(request, caller, now=rooms.clock.now(), config=runtime.config, headers=headers)
            return await rooms.embeddings.answer(order, runtime)

    async def complete_embeddings(
        self,
        request: SurfaceRequest,
        *,
        caller: Caller = IN_PROCESS_CALLER,
        headers: Mapping[str, str] | None = None,
    ) -> EmbeddingCompletion:
        """See the contract."""
        rooms = self._rooms()
        with rooms.store.snapshots.taken() as runtime:
            order = take_in_surface(request, caller, now=rooms.clock.now(), config=runtime.config, headers=headers)
            return await rooms.embeddings.completion(order, runtime)
