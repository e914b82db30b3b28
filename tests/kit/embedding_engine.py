"""The engine, asked for vectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.engine.embedding_intake import take_in_texts
from app.engine.embeddings import EmbeddingCalls
from contracts.caller import IN_PROCESS_CALLER
from contracts.embeddings import EmbeddingRequest, EmbeddingResponse
from contracts.errors import LLMProviderError
from tests.kit.engine import Engine
from tests.kit.fake_provider import FakeProvider


class EmbeddingEngine(Engine):
    """An `Engine` that also makes vectors."""

    def __init__(
        self, *providers: FakeProvider, rows: Mapping[str, Mapping[str, Any]] | None = None, **config: Any
    ) -> None:
        super().__init__(*providers, rows=rows, **config)
        self._embeddings = EmbeddingCalls(self.accounts)

    async def embed(self, *texts: str, **fields: Any) -> EmbeddingResponse:
        """The vectors of `texts`, or of one that is there anyway."""
        request = EmbeddingRequest.model_validate({"input": texts or ("a pear",), **fields})
        with self.snapshots.taken() as runtime:
            order = take_in_texts(request, IN_PROCESS_CALLER, now=self.clock.now(), config=runtime.config)
            return await self._embeddings.answer(order, runtime)

    async def refusal(self, *texts: str, **fields: Any) -> LLMProviderError:
        """The error of a request for vectors that must fail."""
        try:
            await self.embed(*texts, **fields)
        except LLMProviderError as error:
            return error
        msg = "the request was answered"
        raise AssertionError(msg)
